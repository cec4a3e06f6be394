/** When lines of a presale may leave: on the company's day that was named, not before. Pure. */
import { businessDayOf, startOfDay } from '../../contract/values/time.ts';

type Dated = { readonly shipFromAt?: Date };
type Waiting = { readonly shipFromAt?: Date; readonly released: readonly string[]; readonly lines: readonly (Dated & { readonly shipped: boolean; readonly refundState: string })[] };

/** The first instant of the day from which a line may leave; undefined: at once. */
export function dueOf(order: Waiting, line: Dated): Date | undefined {
  const named = line.shipFromAt ?? order.shipFromAt;
  return named && !order.released.some((r) => r.split(':')[0] === 'presale_not_due') ? startOfDay(businessDayOf(named)) : undefined;
}
export const isDue = (order: Waiting, line: Dated, now: Date): boolean => { const at = dueOf(order, line); return at === undefined || at <= now; };

/** Days of the open lines that are still to come, earliest first. */
const daysAhead = (order: Waiting, now: Date): Date[] => order.lines.filter((l) => !l.shipped && l.refundState !== 'refunded').flatMap((l) => { const at = dueOf(order, l); return at && at > now ? [at] : []; }).sort((a, b) => a.getTime() - b.getTime());
export const nextDue = (order: Waiting, now: Date): Date | undefined => daysAhead(order, now)[0];
/** What the whole order waits for: where it may be divided the first line's day, where it may not the last line's. */
export function waitsUntil(order: Waiting, now: Date, mayDivide: boolean): Date | undefined {
  const open = order.lines.filter((l) => !l.shipped && l.refundState !== 'refunded').length;
  const ahead = daysAhead(order, now);
  return mayDivide ? (ahead.length === open ? ahead[0] : undefined) : ahead.at(-1);
}
