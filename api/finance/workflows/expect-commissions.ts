/**
 * What each order's platform will take: what it names itself, else what the fee table says of the goods that were paid for.
 * In: orders. Out: fen by order. An estimate: the bill has the last word, and its difference is booked (settle-commissions).
 */
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';
import { inputOf, orderContext, type OrderDoc } from '../../orders/index.ts';
import { kindOf, loadTable, outcomeNumber } from '../../rules/index.ts';

const FEE = kindOf('fee')!;
const OWN = 'own_';
const read = (key: 'rate' | 'fixed', text: string | undefined): number => (text ? outcomeNumber(FEE.outcomes.find((o) => o.key === key)!, text) : 0);

/** Rates are of the goods: what the buyer paid for freight is passed on. */
export async function expectCommissions(orders: readonly OrderDoc[], now: Date): Promise<ReadonlyMap<string, Fen>> {
  const named = new Map(orders.map((o) => [o._id, fenFromInteger(o.commissionFen)]));
  const silent = orders.filter((o) => o.commissionFen === 0 && o.paidFen > 0);
  if (silent.length === 0) return named;
  const table = await loadTable('fee');
  // Of what an order has anyway nothing is asked for; own fields are.
  const context = await orderContext(silent, now, new Set([...table.uses].filter((u) => u.startsWith(OWN))));
  for (const o of silent) {
    const outcome = table.decide(inputOf(o, context))[0]?.outcome;
    if (outcome) named.set(o._id, fenFromInteger(Math.min(o.paidFen, Math.round((Math.max(0, o.paidFen - o.freightFen) * read('rate', outcome['rate'])) / 10_000) + read('fixed', outcome['fixed']))));
  }
  return named;
}
