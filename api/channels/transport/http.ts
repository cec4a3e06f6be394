import { ANSWERED, answerProof, callProof, CARRIED, newNonce, RELAY, sameProof } from './relay-proof.ts';

/** One HTTP exchange with a platform: bounded in time and size, and silent about secrets when it fails. */
export type Reply = { readonly status: number; readonly text: string; readonly bytes: Uint8Array; readonly headers: Headers };
export type Ask = { readonly url: string; readonly method?: 'GET' | 'POST' | 'PUT'; readonly form?: Readonly<Record<string, string>>; readonly headers?: Readonly<Record<string, string>>; readonly body?: string; readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined; readonly relay?: RelayKey | undefined };
/** Through a relay: what it is proved with, and the time that its proofs are of. */
export type RelayKey = { readonly key: string; readonly now: () => Date };

const TIMEOUT_MS = 20_000;
/** A connection that failed, timed out or was cut off: nothing is known of what the platform did. */
export class ConnectionFault extends Error {
  constructor(url: string, cause: unknown) {
    super(`no answer from ${new URL(url).host}: ${cause instanceof Error ? cause.message : String(cause)}`);
    this.name = 'ConnectionFault';
  }
}

/** A relay that does not take our proof, or whose own does not hold. `unreachable` is the platform behind it. */
export class RelayFault extends ConnectionFault {
  readonly code: string;
  constructor(url: string, code: string) {
    super(url, new Error(`relay: ${code}`));
    this.name = 'RelayFault';
    this.code = code;
  }
}

export async function exchange(ask: Ask): Promise<Reply> {
  const timeout = AbortSignal.timeout(ask.timeoutMs ?? TIMEOUT_MS);
  const body = ask.form ? new URLSearchParams(ask.form).toString() : ask.body;
  const method = ask.method ?? (body === undefined ? 'GET' : 'POST');
  const headers = { ...(ask.form ? { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' } : {}), ...ask.headers };
  const proof = ask.relay ? proofFor(ask.relay, ask.url, method, headers, body ?? '') : undefined;
  try {
    const response = await fetch(ask.url, {
      method, ...(proof ? { redirect: 'manual' as const } : {}), signal: ask.signal ? AbortSignal.any([timeout, ask.signal]) : timeout,
      // What is proved goes as it was proved, in lower case: a name in both cases would be sent as one with two values.
      headers: proof?.headers ?? headers, ...(body === undefined ? {} : { body }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (proof && ask.relay) checkAnswer(ask, ask.relay.key, proof.nonce, response, bytes);
    return { status: response.status, bytes, text: new TextDecoder().decode(bytes), headers: response.headers };
  } catch (error) {
    throw error instanceof RelayFault ? error : new ConnectionFault(ask.url, error);
  }
}

function proofFor(relay: RelayKey, address: string, method: string, given: Readonly<Record<string, string>>, body: string): { readonly nonce: string; readonly headers: Readonly<Record<string, string>> } {
  const url = new URL(address);
  const headers = Object.fromEntries(Object.entries({ accept: '*/*', ...given }).map(([k, v]) => [k.toLowerCase(), v] as const).filter(([k]) => CARRIED.test(k)));
  const [at, nonce] = [String(relay.now().getTime()), newNonce()];
  return { nonce, headers: { ...headers, [RELAY.at]: at, [RELAY.nonce]: nonce, [RELAY.proof]: callProof(relay.key, { method, target: `${url.pathname}${url.search}`, at, nonce, headers, body }) } };
}

/** Only what the relay vouches for is an answer; what stands between us (a proxy's error page) is no more than no answer. */
function checkAnswer(ask: Ask, key: string, nonce: string, response: Response, bytes: Uint8Array): void {
  const fault = response.headers.get(RELAY.fault) ?? '';
  const headers = Object.fromEntries(ANSWERED.flatMap((name) => { const value = response.headers.get(name); return value === null ? [] : [[name, value] as const]; }));
  const proof = response.headers.get(RELAY.proof);
  if (proof === null) throw new RelayFault(ask.url, fault === 'not_proved' || fault === 'used' || fault === 'too_large' ? fault : 'unreachable');
  if (!sameProof(proof, answerProof(key, { nonce, status: response.status, fault, headers, body: bytes }))) throw new RelayFault(ask.url, 'answer_not_proved');
  if (fault) throw new RelayFault(ask.url, fault);
}
