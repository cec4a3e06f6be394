/** Spreads calls of one key (an app key) evenly, so that a platform's limit is met before it has to say so. */
type Bucket = { tokens: number; at: number };
export type Throttle = (key: string) => Promise<void>;

/** A token bucket: at most `perSecond` calls a second on average, `burst` at once. */
export function makeThrottle(perSecond: number, burst: number, now: () => number = () => performance.now()): Throttle {
  const buckets = new Map<string, Bucket>();
  return async (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) * perSecond) / 1000);
    bucket.at = at;
    bucket.tokens -= 1;
    buckets.set(key, bucket);
    if (bucket.tokens < 0) await pause((-bucket.tokens * 1000) / perSecond);
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Works through `items` with at most `width` at once, keeping their order in the answer. */
export async function inParallel<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = new Array<R>(items.length);
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, async () => {
    for (let i = next++; i < items.length; i = next++) answers[i] = await work(items[i]!);
  }));
  return answers;
}
