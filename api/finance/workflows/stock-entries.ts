/**
 * What stock does to the books by itself: openings, counts, scrap, returns, counter-entries, and costs that became known later.
 * Dates are where the stock's reports count them: a period that was closed by then stays as it was printed.
 */
import type { OrderDoc, ParcelDoc } from '../../orders/index.ts';
import { isStocked, type CorrectionDoc, type MovementDoc, type SkuFacts } from '../../stock/index.ts';
import type { Account } from '../domain/accounts.ts';
import { costsOfLines, entry, line, type Entry, type Line } from '../domain/entries.ts';

/** What stands against the inventory: opening stock comes from before, a buyer's return is cost undone, the rest is gain or loss. */
const AGAINST: Readonly<Record<string, Account>> = { opening: '3103', receipt: '2202', 'supplier-return': '2202', return: '6401', shipment: '6401', sample: '6603' };
const against = (kind: string): Account => AGAINST[kind] ?? '6901';
/** These stay inside the inventory, whatever they cost. */
const INTERNAL: ReadonlySet<string> = new Set(['transfer', 'assemble', 'disassemble', 'bin-move']);

export function movementEntry(m: MovementDoc): Entry {
  const costFen = isStocked(m.to) ? m.costFen : -m.costFen;
  return entry(`movement:${m._id}`, `stock.${m.kind}`, m.bookedAt, m.reference, [line('1405', costFen, { skuCode: m.skuCode }), line(against(m.kind), -costFen, { skuCode: m.skuCode })]);
}

export type Sold = { readonly parcels: ReadonlyMap<string, ParcelDoc>; readonly orders: ReadonlyMap<string, OrderDoc>; readonly skus: ReadonlyMap<string, SkuFacts> };
/** One entry per corrected movement; the cost of what was sold goes to the order lines that it was sold on. */
export const correctionEntries = (corrections: readonly CorrectionDoc[], references: ReadonlyMap<string, string>, sold: Sold): Entry[] => corrections.filter((c) => !INTERNAL.has(c.kind)).map((c) => {
  const inventory = (isStocked(c.to) ? c.differenceFen : 0) - (isStocked(c.from) ? c.differenceFen : 0);
  const parcel = c.kind === 'shipment' ? sold.parcels.get(references.get(c.movementId) ?? '') : undefined;
  return entry(`correction:${c._id}`, 'stock.correction', c.bookedAt, c.movementId, [line('1405', inventory, { skuCode: c.skuCode }), ...(parcel ? soldLines(c, -inventory, parcel, sold) : [line(against(c.kind), -inventory, { skuCode: c.skuCode })])]);
});

function soldLines(c: CorrectionDoc, costFen: number, parcel: ParcelDoc, sold: Sold): Line[] {
  const shares = costsOfLines([{ skuCode: c.skuCode, costFen }], parcel.lines.map((l) => takenBy(l.skuCode, l.quantity, sold.skus)));
  const rest = costFen - shares.reduce((n, s) => n + s, 0);
  return [
    ...parcel.lines.map((l, i) => { const o = sold.orders.get(l.orderId); return line('6401', shares[i] ?? 0, { skuCode: l.skuCode, lineId: l.platformLineId, orderId: l.orderId, shopId: o?.shopId ?? '', channel: o?.channel ?? '' }); }),
    line('6401', rest, { skuCode: c.skuCode }),
  ];
}

/** What a line may have taken out of stock: a kit its parts, or itself where it stood made up. */
export function takenBy(skuCode: string, quantity: number, skus: ReadonlyMap<string, SkuFacts>): { skuCode: string; quantity: number }[] {
  const kit = skus.get(skuCode)?.kit ?? [];
  return [{ skuCode, quantity }, ...kit.map((k) => ({ skuCode: k.skuCode, quantity: k.quantity * quantity }))];
}
