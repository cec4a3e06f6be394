/** How many buyers come in a minute, and what becomes of an order after it is paid. The same seed, the same fates. */
import type { PlatformProfile } from './profile.ts';
import { randomOf, type Random } from './random.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const HISTORY_DAYS = 89;
/** Orders paid within this span before the start are still to be shipped: by us. */
export const OPEN_HOURS = 36;
/** Share of a day's buyers by the hour in China, 0 to 23. */
const HOURS = [3, 2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 6, 6, 6, 6, 6, 6, 6, 6, 7, 9, 10, 9, 6];
/** Double eleven: a quarter of the day in its first hour, when the pre-sales' balances are due, and a second peak before the end. */
const PEAK_HOURS = [45, 14, 6, 4, 3, 2, 3, 4, 6, 8, 9, 8, 7, 6, 6, 6, 6, 6, 6, 7, 9, 11, 12, 16];
const PEAK_TIMES = 20;
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

export type Load = { readonly seed: number; readonly since: number; readonly live: boolean; readonly historyPerDay: number; readonly openPerDay: number; readonly livePerDay: number; readonly peak: boolean };

function perDay(o: Load, profile: PlatformProfile, at: number): number {
  if (at >= o.since) return o.live ? o.livePerDay * profile.share * (o.peak ? PEAK_TIMES : 1) : 0;
  if (at < o.since - profile.historyDays * DAY) return 0;
  if (at >= o.since - OPEN_HOURS * HOUR) return o.openPerDay * profile.share;
  const weekday = new Date(at + 8 * HOUR).getUTCDay();
  const trend = 0.8 + (0.4 * (at - (o.since - HISTORY_DAYS * DAY))) / (HISTORY_DAYS * DAY);
  return o.historyPerDay * profile.share * trend * (weekday === 0 || weekday === 6 ? 1.3 : 0.9);
}

/** Live buyers of an ordinary day come evenly, so that a demo has some at any hour. */
function shareOf(o: Load, at: number): number {
  const hour = new Date(at + 8 * HOUR).getUTCHours();
  if (at < o.since) return HOURS[hour]! / sum(HOURS) / 60;
  return o.peak ? PEAK_HOURS[hour]! / sum(PEAK_HOURS) / 60 : 1 / 1440;
}

const mark = (channel: string): number => [...channel].reduce((n, c) => Math.imul(n, 31) + c.charCodeAt(0), 0);

/** The buyers of one minute on one platform: each with a random of its own, and its moment. */
export function buyersOf(o: Load, profile: PlatformProfile, first: boolean, minute: number): { random: Random; at: Date }[] {
  const at = minute * MINUTE;
  const random = randomOf(o.seed ^ Math.imul(minute, 2_654_435_761) ^ (first ? 0 : mark(profile.channel)));
  const wanted = perDay(o, profile, at) * shareOf(o, at);
  const count = Math.floor(wanted) + (random.chance(wanted % 1) ? 1 : 0);
  return Array.from({ length: count }, () => ({ random, at: new Date(at + random.int(60) * 1000) }));
}

/** What may happen to an order of the live days, in minutes after its payment. Half of it happens before anybody can ship. */
export type Fate = { readonly after: number; readonly deed: 'refund' | 'refund-done' | 'refund-withdrawn' | 'address' | 'remark' | 'touch' };
export function fatesOf(random: Random): Fate[] {
  const soon = 2 + random.int(90);
  const pick = random.next();
  if (pick < 0.03) return [{ after: soon, deed: 'refund' }, { after: soon + 60 + random.int(240), deed: 'refund-done' }];
  if (pick < 0.045) return [{ after: soon, deed: 'refund' }, { after: soon + 30, deed: 'refund-withdrawn' }];
  if (pick < 0.065) return [{ after: soon, deed: 'address' }];
  if (pick < 0.09) return [{ after: soon, deed: 'remark' }];
  // The platform counts a change in which nothing is to be seen.
  return pick < 0.12 ? [{ after: soon, deed: 'touch' }, { after: soon, deed: 'touch' }] : [];
}
