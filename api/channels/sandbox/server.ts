/**
 * The stand-ins of all platforms in one HTTP server on loopback, over one world. What was done to the world from outside is
 * kept in a journal, so that a stand-in that is started again knows it: the days before are made from the seed.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { alipayStandIn, ALIPAY_APP, makeKeys, type AlipayKeys } from '../alipay/sandbox/stand-in.ts';
import { FRIENDLY, SANDBOX_APP, taobaoStandIn, type StandIn, type Tokens, type Unfriendly } from '../taobao/sandbox/stand-in.ts';
import { SandboxWorld } from './make-world.ts';
import type { PlaceInput, ShipInput } from './world.ts';

export type SandboxOptions = { readonly seed: number; readonly port: number; readonly dataDir: string; readonly since: Date; readonly live: boolean; readonly historyPerDay?: number; readonly openPerDay?: number };
type Noted = { readonly do: 'ship'; readonly input: ShipInput } | { readonly do: 'place'; readonly input: PlaceInput } | { readonly do: 'confirm' | 'refund'; readonly tid: string } | { readonly do: 'tokens'; readonly tokens: Tokens } | { readonly do: 'quantity'; readonly sku: string; readonly quantity: number } | { readonly do: 'clock'; readonly offsetMs: number };
type Entry = { readonly at: string } & Noted;
export type SandboxServer = { readonly port: number; readonly stop: () => Promise<void> };

export async function startSandbox(o: SandboxOptions): Promise<SandboxServer> {
  mkdirSync(o.dataDir, { recursive: true });
  const journal = join(o.dataDir, 'journal.jsonl');
  const entries = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').flatMap(readEntry) : [];
  const { seed, since, live } = o;
  // While the journal is read the clock stands still between entries, so that everything happens at its own millisecond.
  let replaying = false;
  const world = new SandboxWorld({ seed, since, live, clock: () => (replaying ? 0 : Date.now()), ...(o.historyPerDay === undefined ? {} : { historyPerDay: o.historyPerDay }), ...(o.openPerDay === undefined ? {} : { openPerDay: o.openPerDay }) });
  const note = (entry: Noted, at = world.now()): void => {
    if (!replaying) appendFileSync(journal, `${JSON.stringify({ at: at.toISOString(), ...entry })}\n`);
  };
  const taobao = taobaoStandIn(world, { onShip: (input) => { world.ship(input); note({ do: 'ship', input }, world.order(input.tid)?.shipments.at(-1)?.at); }, onTokens: (tokens) => note({ do: 'tokens', tokens }) });
  const keys = keysOf(o.dataDir);
  const alipay = alipayStandIn(world, keys);
  let offsetMs = 0;
  replaying = true;
  for (const entry of entries) {
    if (entry.do === 'clock') offsetMs = entry.offsetMs;
    world.setClock(new Date(entry.at));
    world.advanceTo(new Date(entry.at));
    replay(world, taobao, entry);
  }
  replaying = false;
  world.setClock(new Date(Date.now() + offsetMs));
  world.advanceTo(world.now());
  const control = controls(world, taobao, keys, note);
  const server = createServer((request, response) => {
    void (async () => {
      if (!(await taobao.handle(request, response)) && !(await alipay(request, response)) && !(await control(request, response))) response.writeHead(404).end();
    })().catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(o.port, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    },
  };
}

/** A line cut off by a kill is left out: what it told of had not been answered. */
function readEntry(line: string): Entry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

function replay(world: SandboxWorld, taobao: StandIn, entry: Entry): void {
  if (entry.do === 'ship') world.ship(entry.input);
  else if (entry.do === 'place') world.placeOrder(entry.input);
  else if (entry.do === 'confirm') world.confirm(entry.tid);
  else if (entry.do === 'refund') world.requestRefund(entry.tid);
  else if (entry.do === 'tokens') taobao.restoreTokens(entry.tokens);
  else if (entry.do === 'quantity') world.setQuantity(entry.sku, entry.quantity);
}

function keysOf(dataDir: string): AlipayKeys {
  const file = join(dataDir, 'alipay-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as AlipayKeys;
  const keys = makeKeys();
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

type Note = (entry: Noted, at?: Date) => void;
/** What tests and the demo may ask of the stand-ins themselves; no platform has these. */
function controls(world: SandboxWorld, taobao: StandIn, keys: AlipayKeys, note: Note): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const say = (response: ServerResponse, body: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'sandbox'}`);
    const name = /^\/__sandbox\/([a-z-]+)$/.exec(url.pathname)?.[1];
    if (!name) return false;
    const body = request.method === 'POST' ? await jsonOf(request) : {};
    world.advanceTo(world.now());
    if (name === 'truth') say(response, { now: world.now(), orders: world.orders(), quantities: world.quantities(), calls: taobao.calls });
    else if (name === 'payments') say(response, { payments: world.payments(new Date(0), world.now()) });
    else if (name === 'keys') say(response, { taobao: { ...SANDBOX_APP, gateway: `${url.origin}/taobao/router/rest` }, alipay: { gateway: `${url.origin}/alipay/gateway.do`, appId: ALIPAY_APP.appId, privateKey: keys.merchantPrivateKey, alipayPublicKey: keys.alipayPublicKey } });
    else if (name === 'orders') {
      const order = world.placeOrder(body as PlaceInput);
      note({ do: 'place', input: body as PlaceInput }, order.placedAt);
      say(response, order);
    } else if (name === 'confirm' || name === 'refund') {
      const tid = String(body['tid']);
      if (name === 'confirm') world.confirm(tid);
      else world.requestRefund(tid);
      note({ do: name, tid });
      say(response, world.order(tid) ?? null);
    } else if (name === 'clock') {
      world.setClock(new Date(String(body['to'])));
      world.advanceTo(world.now());
      note({ do: 'clock', offsetMs: world.offset() });
      say(response, { now: world.now() });
    } else if (name === 'unfriendly') say(response, Object.assign(taobao.rude, FRIENDLY, body as Partial<Unfriendly>));
    else if (name === 'expire-tokens') {
      taobao.expireTokens();
      say(response, {});
    } else return false;
    return true;
  };
}

async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>);
}
