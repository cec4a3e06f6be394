/**
 * What a platform's stand-in is to the sandbox, and the plumbing that all of them need: faults, bodies, tokens. The protocol
 * itself is each stand-in's own reading; nothing of it is here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PlatformProfile } from './profile.ts';
import type { World, WorldOrder } from './world.ts';

/** Rudeness that a test switches on. Of each `…Every`: every so many calls; 0 is never. */
export type Unfriendly = {
  /** An order shows in the lists only so long after its change. */
  lateMs: number;
  /** A page begins with the last row of the page before. */
  repeat: boolean;
  /** So many of the next list calls find one order more. */
  arriving: number;
  /** So many of the next list calls find that an order of theirs has just changed. */
  touching: number;
  /** A refusal repeats the caller's token. */
  echo: boolean;
  /** The service is busy: nothing was done. The connection is cut before anything was done; after it was done; an error page after it was done. */
  busyEvery: number; cutEvery: number; cutAfterEvery: number; brokenAfterEvery: number;
  /** So many of the next calls are cut after they were done. */
  cutAfterNext: number;
  /** The answer takes so long. */
  slowEvery: number; slowMs: number;
  /** The call is banned for a second. `perSecond`: calls of one method in one second, above which it is banned. */
  banEvery: number; perSecond: number;
  /** The day's count of receivers that may be opened is used up. */
  quotaUsed: boolean;
  /** Fields of every object in another order; a field that no document has. */
  shuffle: boolean; newField: boolean;
};
export const FRIENDLY: Unfriendly = {
  lateMs: 0, repeat: false, arriving: 0, touching: 0, echo: false, busyEvery: 0, cutEvery: 0, cutAfterEvery: 0, brokenAfterEvery: 0, cutAfterNext: 0, slowEvery: 0, slowMs: 0, banEvery: 0, perSecond: 400, quotaUsed: false, shuffle: false, newField: false,
};

export type Tokens = { access: string; refresh: string; expiresAt: number };
export type Frame = { readonly world: World; readonly dataDir: string; readonly onTokens: (tokens: Tokens) => void };
/** A stand-in at work. `handle` answers false for a path that is not its own. */
export type Mounted = {
  readonly handle: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;
  /** A connection that lasts, where the platform has one; answers false for an address that is not its own. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => boolean;
  /** What a shop or an account is connected with, the address included. */
  readonly keys: (origin: string) => Readonly<Record<string, string>>;
  /** The platform's own word for the state of an order. */
  readonly statusOf?: (order: WorldOrder) => string;
  readonly rude?: Unfriendly;
  /** How often each method was called. */
  readonly calls?: Readonly<Record<string, number>>;
  readonly tokens?: TokenKeeper;
};
/** One line of platforms.ts: a shop has a profile, a payment account has none. */
export type StandIn = { readonly channel: string; readonly profile?: PlatformProfile; readonly mount: (frame: Frame) => Mounted };

export type Fault = 'none' | 'busy' | 'cut' | 'cut_after' | 'broken_after' | 'banned';
export type Faults = { readonly rude: Unfriendly; readonly calls: Record<string, number>; readonly next: (method: string) => Promise<Fault>; readonly count: () => number };

/** Counts calls and says which of them go wrong, and how. */
export function makeFaults(): Faults {
  const rude: Unfriendly = { ...FRIENDLY };
  const calls: Record<string, number> = {};
  let count = 0;
  let second = { at: 0, calls: new Map<string, number>() };
  const tooMany = (method: string): boolean => {
    const at = Math.floor(performance.now() / 1000);
    if (second.at !== at) second = { at, calls: new Map() };
    const n = (second.calls.get(method) ?? 0) + 1;
    second.calls.set(method, n);
    return n > rude.perSecond;
  };
  const due = (every: number): boolean => every > 0 && count % every === 0;
  return {
    rude, calls, count: () => count,
    next: async (method) => {
      count += 1;
      calls[method] = (calls[method] ?? 0) + 1;
      if (due(rude.slowEvery)) await new Promise((resolve) => { setTimeout(resolve, rude.slowMs); });
      if (tooMany(method) || due(rude.banEvery)) return 'banned';
      if (due(rude.busyEvery)) return 'busy';
      if (due(rude.cutEvery)) return 'cut';
      if (due(rude.cutAfterEvery) || rude.cutAfterNext-- > 0) return 'cut_after';
      return due(rude.brokenAfterEvery) ? 'broken_after' : 'none';
    },
  };
}

/** A platform's tokens: ended, renewed, and kept over a restart of the stand-ins. */
export type TokenKeeper = { readonly valid: (access: string) => boolean; readonly current: () => Tokens; readonly renew: () => Tokens; readonly expire: () => void; readonly revoke: () => void; readonly restore: (tokens: Tokens) => void };
export function makeTokens(frame: Frame, prefix: string, seconds = 86_400): TokenKeeper {
  const until = (): number => frame.world.now().getTime() + seconds * 1000;
  let tokens: Tokens = { access: `${prefix}-access-0`, refresh: `${prefix}-refresh-0`, expiresAt: until() };
  return {
    valid: (access) => access === tokens.access && tokens.expiresAt > frame.world.now().getTime(),
    current: () => tokens,
    renew: () => {
      const n = Number(tokens.refresh.split('-').at(-1)) + 1;
      tokens = { access: `${prefix}-access-${n}`, refresh: `${prefix}-refresh-${n}`, expiresAt: until() };
      frame.onTokens(tokens);
      return tokens;
    },
    expire: () => { tokens = { ...tokens, expiresAt: 0 }; },
    // The seller took the authorisation back: neither token is worth anything any more.
    revoke: () => { tokens = { access: `${prefix}-gone-${Number(tokens.refresh.split('-').at(-1))}`, refresh: `${prefix}-gone-${Number(tokens.refresh.split('-').at(-1))}`, expiresAt: 0 }; },
    restore: (kept) => { tokens = kept; },
  };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
/** Answers with the world's time in the Date header, as a platform's clock would stand there. */
export function say(response: ServerResponse, world: World, text: string, status = 200, type = 'application/json;charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, date: world.now().toUTCString() });
  response.end(text);
}

/** The body as a rude platform would write it: fields in another order, and one that nobody knows. */
export function rudely<T>(body: T, rude: Unfriendly): T {
  if (!rude.shuffle && !rude.newField) return body;
  const turn = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(turn);
    if (typeof v !== 'object' || v === null || v instanceof Date) return v;
    const pairs = Object.entries(v).map(([k, x]) => [k, turn(x)] as const);
    return Object.fromEntries([...(rude.newField ? [['brand_new_field', '2027'] as const] : []), ...(rude.shuffle ? pairs.reverse() : pairs)]);
  };
  return turn(body) as T;
}

/** While a list is being read, orders come, and one of those inside it changes. */
export function happen(world: World, rude: Unfriendly, channel: string, from: number, to: number): void {
  if (rude.arriving > 0) {
    rude.arriving -= 1;
    world.apply({ do: 'place', input: { channel } });
  }
  if (rude.touching <= 0) return;
  rude.touching -= 1;
  const inside = world.between(channel, 'modifiedAt', from, to).filter((o) => o.state === 'to_ship');
  const one = inside[rude.touching % Math.max(1, inside.length)];
  if (one) world.apply({ do: 'memo', tid: one.tid, memo: `改 ${rude.touching}`, flag: 1 });
}
