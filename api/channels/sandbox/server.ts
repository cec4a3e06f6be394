/**
 * The stand-ins of all platforms in one HTTP server on loopback, over one world. What was done to the world from outside is
 * kept in a journal, so that a stand-in that is started again knows it: the days before are made from the seed.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SandboxWorld } from './make-world.ts';
import { standIns } from './platforms.ts';
import { bodyOf, FRIENDLY, type Mounted, type Tokens, type Unfriendly } from './stand-in.ts';
import type { Deed, PlaceInput, WorldOrder } from './world.ts';

export type SandboxOptions = {
  readonly seed: number; readonly port: number; readonly dataDir: string; readonly since: Date; readonly live: boolean; readonly historyPerDay?: number; readonly openPerDay?: number; readonly livePerDay?: number; readonly peak?: boolean;
  /** How many times as fast as ours the world's clock goes. */
  readonly speed?: number;
};
type Noted = Deed | { readonly do: 'tokens'; readonly channel?: string; readonly tokens: Tokens } | { readonly do: 'clock'; readonly offsetMs: number };
type Entry = { readonly at: string } & Noted;
type All = ReadonlyMap<string, Mounted>;
export type SandboxServer = { readonly port: number; readonly stop: () => Promise<void> };

export async function startSandbox(o: SandboxOptions): Promise<SandboxServer> {
  mkdirSync(o.dataDir, { recursive: true });
  const journal = join(o.dataDir, 'journal.jsonl');
  const entries = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').flatMap(readEntry) : [];
  const { seed, since, live, port, dataDir, speed = 1, ...load } = o;
  // While the journal is read the clock stands still between entries, so that everything happens at its own millisecond.
  let replaying = true;
  const clock = (): number => (replaying ? 0 : since.getTime() + (Date.now() - since.getTime()) * speed);
  const note = (entry: Noted, at: Date): void => {
    if (!replaying) appendFileSync(journal, `${JSON.stringify({ at: at.toISOString(), ...entry })}\n`);
  };
  const world = new SandboxWorld({ seed, since, live, platforms: standIns.flatMap((s) => (s.profile ? [s.profile] : [])), clock, journal: note, ...load });
  world.setClock(new Date());
  const all: All = new Map(standIns.map((s) => [s.channel, s.mount({ world, dataDir, onTokens: (tokens) => note({ do: 'tokens', channel: s.channel, tokens }, world.now()) })]));
  let offsetMs = 0;
  for (const entry of entries) {
    if (entry.do === 'clock') offsetMs = entry.offsetMs;
    world.setClock(new Date(entry.at));
    world.advanceTo(new Date(entry.at));
    if (entry.do === 'tokens') all.get(entry.channel ?? 'taobao')?.tokens?.restore(entry.tokens);
    else if (entry.do !== 'clock') world.apply(entry);
  }
  replaying = false;
  world.setClock(new Date(clock() + offsetMs));
  world.advanceTo(world.now());
  const control = controls(world, all, note);
  const server = createServer((request, response) => {
    void answer(request, response, [...all.values()].map((m) => m.handle), control).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    if (![...all.values()].some((m) => m.upgrade?.(request, socket, head, url))) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(port, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, handlers: readonly Mounted['handle'][], control: Mounted['handle']): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'sandbox'}`);
  for (const handle of [...handlers, control]) if (await handle(request, response, url)) return;
  response.writeHead(404).end();
}

/** A line cut off by a kill is left out: what it told of had not been answered. */
function readEntry(line: string): Entry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

type Body = Readonly<Record<string, unknown>>;
const DEEDS: ReadonlySet<string> = new Set(['confirm', 'refund', 'refund-done', 'refund-withdrawn', 'address', 'remark', 'balance', 'forfeit']);
/** What tests and the demo may ask of the stand-ins themselves; no platform has these. */
function controls(world: SandboxWorld, all: All, note: (entry: Noted, at: Date) => void): Mounted['handle'] {
  /** The named platform's, or the first's, or everybody's for `*`. */
  const those = (body: Body): readonly Mounted[] => {
    const named = body['channel'];
    return named === '*' ? [...all.values()] : [all.get(typeof named === 'string' ? named : standIns[0]!.channel)].filter((m) => m !== undefined);
  };
  const shown = (o: WorldOrder | undefined): unknown => (o ? { ...o, status: all.get(o.channel)?.statusOf?.(o) ?? o.state } : null);
  const asks: Readonly<Record<string, (body: Body, origin: string) => unknown>> = {
    truth: () => ({ now: world.now(), orders: world.orders().map(shown), quantities: world.quantities(), calls: Object.assign({}, ...[...all.values()].map((m) => m.calls ?? {})) as unknown }),
    waybills: () => ({ waybills: world.couriers().all() }),
    scan: (body) => {
      world.apply({ do: 'courier', deed: { what: 'scan', number: String(body['number']), ...(typeof body['fate'] === 'string' ? { fate: body['fate'] as 'problem' } : {}) } });
      return {};
    },
    payments: () => ({ payments: world.payments(new Date(0), world.now()) }),
    keys: (_body, origin) => Object.fromEntries([...all].map(([channel, m]) => [channel, m.keys(origin)])),
    shops: () => standIns.flatMap((s) => (s.profile ? [{ channel: s.channel, name: s.profile.shopName, historyDays: s.profile.historyDays }] : [])),
    orders: (body) => shown(world.apply({ do: 'place', input: body as PlaceInput })),
    clock: (body) => {
      world.setClock(new Date(String(body['to'])));
      world.advanceTo(world.now());
      note({ do: 'clock', offsetMs: world.offset() }, world.now());
      return { now: world.now() };
    },
    unfriendly: (body) => {
      const { channel: _channel, ...rude } = body;
      for (const m of those(body)) if (m.rude) Object.assign(m.rude, FRIENDLY, rude as Partial<Unfriendly>);
      return those(body)[0]?.rude ?? {};
    },
    'expire-tokens': (body) => {
      for (const m of those(body)) m.tokens?.expire();
      return {};
    },
    'revoke-tokens': (body) => {
      for (const m of those(body)) m.tokens?.revoke();
      return {};
    },
  };
  return async (request, response, url) => {
    const name = /^\/__sandbox\/([a-z-]+)$/.exec(url.pathname)?.[1] ?? '';
    const ask = asks[name] ?? (DEEDS.has(name) ? (body: Body) => shown(world.apply({ do: name as 'confirm', tid: String(body['tid']) })) : undefined);
    if (!ask) return false;
    const text = request.method === 'POST' ? await bodyOf(request) : '';
    world.advanceTo(world.now());
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ask(text === '' ? {} : (JSON.parse(text) as Body), url.origin)));
    return true;
  };
}
