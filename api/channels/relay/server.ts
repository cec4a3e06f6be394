/**
 * The relay: for a host inside a platform's own cloud, whose gateways answer orders and receivers to such hosts only. It
 * passes calls on unchanged and answers back unchanged, for callers that prove to know its key, and to the platforms'
 * gateways alone. It keeps nothing but the nonces of the last minutes, in memory, and logs no body, no query and no header.
 */
import { createServer as plainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as tlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ANSWERED, answerProof, callProof, CARRIED, RELAY, sameProof } from '../transport/relay-proof.ts';
import { GATEWAYS, upstreamOf, type Gateway } from './gateways.ts';

export type RelayOptions = {
  readonly key: string; readonly port: number; readonly host?: string; readonly now: () => Date; readonly log: (line: Readonly<Record<string, unknown>>) => void;
  readonly tls?: { readonly cert: string; readonly key: string }; readonly gateways?: readonly Gateway[];
};
export type Relay = { readonly port: number; readonly stop: () => Promise<void> };

/** Proofs are taken this long before and after their time; a nonce is remembered for twice as long. */
const SKEW_MS = 300_000;
const BODY_LIMIT = 8 * 1024 * 1024;
const TIMEOUT_MS = 25_000;
const MOST_NONCES = 500_000;
type Fault = 'not_proved' | 'used' | 'not_a_gateway' | 'too_large' | 'unreachable' | 'redirected' | 'busy';
const STATUS: Readonly<Record<Fault, number>> = { not_proved: 401, used: 401, not_a_gateway: 403, too_large: 413, unreachable: 502, redirected: 502, busy: 503 };
type Call = { readonly method: string; readonly target: string; readonly nonce: string; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };
type Answer = { readonly status: number; readonly fault: Fault | ''; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array };
const fault = (name: Fault): Answer => ({ status: STATUS[name], fault: name, headers: {}, body: new Uint8Array() });

export async function startRelay(o: RelayOptions): Promise<Relay> {
  const used = new Map<string, number>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const from = performance.now();
    const url = new URL(request.url ?? '/', 'http://relay');
    const upstream = upstreamOf(o.gateways ?? GATEWAYS, url);
    const body = await bodyOf(request);
    const nonce = one(request, RELAY.nonce);
    const call: Call = { method: request.method ?? '', target: request.url ?? '/', nonce, headers: carried(request), body: body ?? Buffer.alloc(0) };
    const refusal = body === undefined ? 'too_large' : notProved(o, used, request, call) ?? (upstream ? undefined : 'not_a_gateway');
    const answer = refusal ? fault(refusal) : await passOn(upstream!, call);
    // Who did not prove to know the key is told nothing that the key signed.
    const proved = refusal !== 'not_proved' && refusal !== 'used' && refusal !== 'too_large';
    response.writeHead(answer.status, { ...answer.headers, ...(answer.fault ? { [RELAY.fault]: answer.fault } : {}), ...(proved ? { [RELAY.proof]: answerProof(o.key, { nonce, ...answer }) } : {}) });
    response.end(answer.body);
    o.log({ at: o.now().toISOString(), method: call.method, host: upstream?.host ?? '', path: (upstream?.pathname ?? '').replace(/\d{6,}/g, '…'), status: answer.status, fault: answer.fault, ms: Math.round(performance.now() - from), bytesIn: call.body.length, bytesOut: answer.body.length });
  };
  const serve = (request: IncomingMessage, response: ServerResponse): void => void handle(request, response).catch(() => response.destroy());
  const server = o.tls ? tlsServer({ cert: o.tls.cert, key: o.tls.key, minVersion: 'TLSv1.2' }, serve) : plainServer(serve);
  // The platform's own Date is passed on, and connectors take their clock from it.
  server.on('request', (_request, response: ServerResponse) => { response.sendDate = false; });
  server.requestTimeout = TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(o.port, o.host ?? '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    },
  };
}

const one = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};
const carried = (request: IncomingMessage): Record<string, string> => Object.fromEntries(Object.keys(request.headers).filter((k) => CARRIED.test(k)).map((k) => [k, one(request, k)]));

function notProved(o: RelayOptions, used: Map<string, number>, request: IncomingMessage, call: Call): Fault | undefined {
  const at = one(request, RELAY.at);
  const now = o.now().getTime();
  if (!/^\d{13}$/.test(at) || Math.abs(Number(at) - now) > SKEW_MS || call.nonce.length < 20) return 'not_proved';
  if (!sameProof(one(request, RELAY.proof), callProof(o.key, { ...call, at }))) return 'not_proved';
  for (const [nonce, until] of used) {
    if (until > now && used.size < MOST_NONCES) break;
    if (until > now) return 'busy';
    used.delete(nonce);
  }
  if (used.has(call.nonce)) return 'used';
  used.set(call.nonce, now + 2 * SKEW_MS);
  return undefined;
}

async function passOn(url: URL, call: Call): Promise<Answer> {
  try {
    const response = await fetch(url, { method: call.method, headers: call.headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...(call.method === 'GET' || call.method === 'HEAD' ? {} : { body: new Uint8Array(call.body) }) });
    if (response.status >= 300 && response.status < 400) return fault('redirected');
    const headers = Object.fromEntries(ANSWERED.flatMap((name) => { const value = response.headers.get(name); return value === null ? [] : [[name, value]]; }));
    return { status: response.status, fault: '', headers, body: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    return fault('unreachable');
  }
}

/** Undefined when it is too large; the rest is read and dropped, so that the caller hears the answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= BODY_LIMIT) chunks.push(chunk as Buffer);
  }
  return size <= BODY_LIMIT ? Buffer.concat(chunks) : undefined;
}
