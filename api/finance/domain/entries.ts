/** Journal entries as the facts give them. Pure; every entry balances, amounts in whole fen. */
import { fenFromInteger, shareOut } from '../../contract/values/money.ts';
import { invariant } from '../../contract/values/result.ts';
import type { Account } from './accounts.ts';

export type Line = { readonly account: Account; readonly debitFen: number; readonly creditFen: number; readonly shopId: string; readonly channel: string; readonly skuCode: string; readonly orderId: string; readonly lineId: string; readonly quantity: number };
/** `key` is the natural key of the fact: the same fact is booked once. */
export type Entry = { readonly key: string; readonly event: string; readonly at: Date; readonly reference: string; readonly lines: readonly Line[] };
export type OrderFacts = {
  readonly id: string; readonly shopId: string; readonly channel: string; readonly paidFen: number; readonly freightFen: number; readonly commissionFen: number; readonly platformOrderId: string;
  readonly lines: readonly { readonly lineId: string; readonly skuCode: string; readonly quantity: number; readonly paidFen: number }[];
};
type Where = { readonly shopId?: string; readonly channel?: string; readonly skuCode?: string; readonly orderId?: string; readonly lineId?: string; readonly quantity?: number };

export const line = (account: Account, debitFen: number, where: Where = {}): Line => ({
  // A negative debit is written as a credit, so that no amount is below zero.
  account, debitFen: Math.max(0, debitFen), creditFen: Math.max(0, -debitFen), shopId: where.shopId ?? '', channel: where.channel ?? '', skuCode: where.skuCode ?? '', orderId: where.orderId ?? '', lineId: where.lineId ?? '', quantity: where.quantity ?? 0,
});

export function entry(key: string, event: string, at: Date, reference: string, lines: readonly Line[]): Entry {
  const kept = lines.filter((l) => l.debitFen !== 0 || l.creditFen !== 0 || l.quantity !== 0);
  invariant(isBalanced(kept), `entry ${key} balances`);
  return { key, event, at, reference, lines: kept };
}
export const isBalanced = (lines: readonly Pick<Line, 'debitFen' | 'creditFen'>[]): boolean => lines.reduce((n, l) => n + l.debitFen - l.creditFen, 0) === 0;
const of = (o: OrderFacts): Where => ({ shopId: o.shopId, channel: o.channel, orderId: o.id });

/** The buyer paid: the platform owes it, goods are owed. Also for a change of the price: the difference. */
export const paidEntry = (o: OrderFacts, amountFen: number, at: Date, key: string): Entry =>
  entry(key, 'order.paid', at, o.platformOrderId, [line('1122', amountFen, of(o)), line('2204', -amountFen, of(o))]);

export type Shipped = {
  readonly key: string; readonly at: Date; readonly reference: string;
  /** Lines that left, with the part of what was paid for them that is still owed as goods, and what they cost. */
  readonly lines: readonly { readonly lineId: string; readonly skuCode: string; readonly quantity: number; readonly revenueFen: number; readonly costFen: number }[];
  readonly buyerFreightFen: number; readonly commissionFen: number; readonly courierFen: number;
  /** Where the goods came from: our inventory, a supplier who ships them and is owed for them, or what was there before we were connected. */
  readonly goods: '1405' | '2202' | '3103';
};
/** Goods left: revenue, cost, commission and courier are booked together, so that a month's profit is of one piece. */
export function shippedEntry(o: OrderFacts, s: Shipped): Entry {
  const weights = s.lines.map((l) => Math.max(0, l.revenueFen));
  const share = (total: number): number[] => (s.lines.length === 0 ? [] : shareOut(fenFromInteger(total), weights.some((w) => w > 0) ? weights : s.lines.map(() => 1)));
  const [freight, commission, courier] = [share(s.buyerFreightFen), share(s.commissionFen), share(s.courierFen)];
  const lines = s.lines.flatMap((l, i) => {
    const where = { ...of(o), skuCode: l.skuCode, lineId: l.lineId };
    const revenue = l.revenueFen + freight[i]!;
    return [
      line('2204', revenue, { ...of(o), lineId: l.lineId }), line('6001', -revenue, { ...where, quantity: l.quantity }), line('6401', l.costFen, where), line(s.goods, -l.costFen, { skuCode: l.skuCode }),
      line('6601', commission[i]!, where), line('1122', -commission[i]!, of(o)), line('6602', courier[i]!, where), line('2241', -courier[i]!, {}),
    ];
  });
  return entry(s.key, 'parcel.shipped', s.at, s.reference, lines);
}

/** Money goes back: before shipping it was still owed as goods, after it is a return. */
export const refundEntry = (o: OrderFacts, r: { readonly key: string; readonly at: Date; readonly reference: string; readonly amountFen: number; readonly lineId: string; readonly skuCode: string; readonly shipped: boolean }): Entry =>
  entry(r.key, 'refund', r.at, r.reference, [line(r.shipped ? '6002' : '2204', r.amountFen, { ...of(o), lineId: r.lineId, skuCode: r.shipped ? r.skuCode : '' }), line('1122', -r.amountFen, of(o))]);

/** A deposit whose balance was never paid is the seller's: it is owed to nobody any more. Given back after all, it is income undone. */
export const forfeitEntry = (o: OrderFacts, f: { readonly key: string; readonly at: Date; readonly amountFen: number }): Entry =>
  entry(f.key, 'deposit.forfeited', f.at, o.platformOrderId, [line('2204', f.amountFen, of(o)), line('6301', -f.amountFen, of(o))]);
export const forfeitUndoneEntry = (o: OrderFacts, r: { readonly key: string; readonly at: Date; readonly reference: string; readonly amountFen: number }): Entry =>
  entry(r.key, 'refund', r.at, r.reference, [line('6301', r.amountFen, of(o)), line('1122', -r.amountFen, of(o))]);

/** A line's part in an order's commission: what was booked for it so far, and what it sold for. */
export type CommissionPart = { readonly lineId: string; readonly skuCode: string; readonly accruedFen: number; readonly revenueFen: number };
/** What the platform's bill took more (or less) than was booked when the goods left, on the lines that it was booked for. */
export function commissionDifferenceEntry(o: { readonly id: string; readonly shopId: string; readonly channel: string }, d: { readonly key: string; readonly at: Date; readonly reference: string; readonly differenceFen: number; readonly parts: readonly CommissionPart[] }): Entry {
  const where = { shopId: o.shopId, channel: o.channel, orderId: o.id };
  const weights = [d.parts.map((p) => Math.max(0, p.accruedFen)), d.parts.map((p) => Math.max(0, p.revenueFen)), d.parts.map(() => 1)].find((w) => w.some((n) => n > 0)) ?? [];
  const shares = weights.length > 0 ? shareOut(fenFromInteger(d.differenceFen), weights) : [];
  const lines = shares.length > 0 ? d.parts.map((p, i) => line('6601', shares[i]!, { ...where, skuCode: p.skuCode, lineId: p.lineId })) : [line('6601', d.differenceFen, where)];
  return entry(d.key, 'commission.difference', d.at, d.reference, [...lines, line('1122', -d.differenceFen, where)]);
}

/** A component's cost shared over the lines that used it. `parts` says how many pieces of what one line took. */
export function costsOfLines(issued: readonly { readonly skuCode: string; readonly costFen: number }[], parts: readonly (readonly { readonly skuCode: string; readonly quantity: number }[])[]): number[] {
  const costs = parts.map(() => 0);
  for (const one of issued) {
    const weights = parts.map((list) => list.filter((p) => p.skuCode === one.skuCode).reduce((n, p) => n + p.quantity, 0));
    if (!weights.some((w) => w > 0)) continue;
    shareOut(fenFromInteger(one.costFen), weights).forEach((share, i) => { costs[i] = (costs[i] ?? 0) + share; });
  }
  return costs;
}
