/** Meets a platform's limits before it has to state them: a token bucket for each (app, method), and bans that it did state. */
import { ChannelFault } from '../channel.ts';
import { pause } from './throttle.ts';

type Bucket = { tokens: number; at: number; bannedUntil: number; calls: number; waitedMs: number };
export type Rate = { readonly perSecond: number; readonly burst: number };
export type Limits = {
  /** Waits for a turn. A ban that lasts longer than `patienceMs` is thrown, so that the work goes back and others get theirs. */
  readonly take: (app: string, method: string, patienceMs: number) => Promise<void>;
  /** The platform said how long this app may not call this method. */
  readonly ban: (app: string, method: string, ms: number) => void;
};

/** What was asked of one bucket: how many calls, and how long all of them together waited for their turn. */
export type Spent = { readonly app: string; readonly method: string; readonly rate: Rate; readonly calls: number; readonly waitedMs: number };
const all: (() => Spent[])[] = [];
/** Every bucket of this process. */
export const spentOfLimits = (): Spent[] => all.flatMap((one) => one());

/** One for each platform in this process: shops of one app share its buckets, shops of other apps never wait for them. */
export function makeLimits(rateOf: Rate | ((method: string) => Rate), now: () => number = () => performance.now()): Limits {
  const buckets = new Map<string, Bucket>();
  const rateFor = (method: string): Rate => (typeof rateOf === 'function' ? rateOf(method) : rateOf);
  all.push(() => [...buckets].map(([key, { calls, waitedMs }]) => {
    const [app = '', method = ''] = key.split(' ');
    return { app, method, rate: rateFor(method), calls, waitedMs };
  }));
  const bucketOf = (app: string, method: string): { bucket: Bucket; rate: Rate } => {
    const rate = rateFor(method);
    const key = `${app} ${method}`;
    const bucket = buckets.get(key) ?? { tokens: rate.burst, at: now(), bannedUntil: 0, calls: 0, waitedMs: 0 };
    buckets.set(key, bucket);
    return { bucket, rate };
  };
  return {
    take: async (app, method, patienceMs) => {
      const { bucket, rate } = bucketOf(app, method);
      const at = now();
      const banned = bucket.bannedUntil - at;
      if (banned > patienceMs) throw new ChannelFault({ code: 'rate_limited', platformCode: 'banned', words: `${method} waits for the end of the platform's ban`, retryAfterMs: Math.ceil(banned) });
      bucket.tokens = Math.min(rate.burst, bucket.tokens + ((at - bucket.at) * rate.perSecond) / 1000) - 1;
      bucket.at = at;
      bucket.calls += 1;
      const wait = Math.max(banned, bucket.tokens < 0 ? (-bucket.tokens * 1000) / rate.perSecond : 0);
      bucket.waitedMs += wait;
      if (wait > 0) await pause(wait);
    },
    ban: (app, method, ms) => {
      const { bucket } = bucketOf(app, method);
      bucket.bannedUntil = Math.max(bucket.bannedUntil, now() + ms);
    },
  };
}
