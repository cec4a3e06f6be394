/** Meets a platform's limits before it has to state them: a token bucket for each (app, method), and bans that it did state. */
import { ChannelFault } from '../channel.ts';
import { pause } from './throttle.ts';

type Bucket = { tokens: number; at: number; bannedUntil: number };
export type Rate = { readonly perSecond: number; readonly burst: number };
export type Limits = {
  /** Waits for a turn. A ban that lasts longer than `patienceMs` is thrown, so that the work goes back and others get theirs. */
  readonly take: (app: string, method: string, patienceMs: number) => Promise<void>;
  /** The platform said how long this app may not call this method. */
  readonly ban: (app: string, method: string, ms: number) => void;
};

/** One for each platform in this process: shops of one app share its buckets, shops of other apps never wait for them. */
export function makeLimits(rateOf: Rate | ((method: string) => Rate), now: () => number = () => performance.now()): Limits {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (app: string, method: string): { bucket: Bucket; rate: Rate } => {
    const rate = typeof rateOf === 'function' ? rateOf(method) : rateOf;
    const key = `${app} ${method}`;
    const bucket = buckets.get(key) ?? { tokens: rate.burst, at: now(), bannedUntil: 0 };
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
      const wait = Math.max(banned, bucket.tokens < 0 ? (-bucket.tokens * 1000) / rate.perSecond : 0);
      if (wait > 0) await pause(wait);
    },
    ban: (app, method, ms) => {
      const { bucket } = bucketOf(app, method);
      bucket.bannedUntil = Math.max(bucket.bannedUntil, now() + ms);
    },
  };
}
