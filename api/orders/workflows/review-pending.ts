/**
 * Reviews what waits: the live table decides, and its rows are kept with what they looked at.
 * In: orders with reviewState pending (and held ones whose reason may be gone). Out: passed, held, orders looked at.
 */
import { customerTags } from '../../customers/index.ts';
import { loadTable, type LoadedTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { matchListing, skuFacts, type SkuFacts } from '../../stock/index.ts';
import { holdsOf, reviewInput, waitsForPlatform } from '../domain/review.ts';
import { Orders, type HoldDoc, type OrderDoc } from '../store/models.ts';

const BATCH = 500;
/** Holds that end by themselves when their reason is gone: looked at again on every run. */
const SELF_CLEARING = ['refund_in_flight', 'sku_unmapped', 'presale_unpaid_balance', 'address_incomplete', 'totals_differ', 'unknown_status'];

export async function reviewPending(rt: Runtime): Promise<{ passed: number; held: number; released: number }> {
  const counts = { passed: 0, held: 0, released: 0 };
  const table = await loadTable('order-review');
  for (;;) {
    const orders = await Orders.find({ reviewState: 'pending', status: { $nin: ['unpaid', 'closed'] } }).sort({ paidAt: 1 }).limit(BATCH).lean<OrderDoc[]>();
    const context = await reviewContext(orders);
    for (const order of orders) counts[(await decideOne(rt, order, table, context)) === 'passed' ? 'passed' : 'held'] += 1;
    if (orders.length < BATCH) break;
  }
  const held = await Orders.find({ reviewState: 'held', 'holds.code': { $in: SELF_CLEARING } }).limit(2000).lean<OrderDoc[]>();
  const context = await reviewContext(held);
  for (const order of held) {
    const mapped = await mapAgain(rt, order);
    const after = holdsFor(mapped, table, context);
    if (after.length === 0 && !order.holds.some((h) => h.code === 'by_hand') && !waitsForPlatform(mapped.status)) counts.released += (await save(rt, mapped, [], table)) ? 1 : 0;
    else if (mapped !== order) await save(rt, mapped, [...order.holds.filter((h) => h.code === 'by_hand'), ...after], table);
  }
  return counts;
}

export type ReviewContext = { readonly shops: ReadonlyMap<string, string>; readonly skus: ReadonlyMap<string, SkuFacts>; readonly tags: ReadonlyMap<string, string[]> };
export async function reviewContext(orders: readonly OrderDoc[]): Promise<ReviewContext> {
  const shops = await Shops.find({}).lean();
  return {
    shops: new Map(shops.map((s) => [s._id, s.name])), tags: await customerTags(orders.map((o) => o.customerId).filter(Boolean)),
    skus: await skuFacts(orders.flatMap((o) => o.lines.flatMap((l) => (l.skuCode ? [l.skuCode] : [])))),
  };
}

export function inputOf(order: OrderDoc, context: ReviewContext): ReturnType<typeof reviewInput> {
  const r = order.receiver;
  return reviewInput({
    shopName: context.shops.get(order.shopId) ?? '', status: order.status, province: r.province, city: r.city, district: r.district, shownAddress: r.shownAddress, receiverName: r.shownName, buyerMessage: order.buyerMessage, sellerMemo: order.sellerMemo,
    sellerFlag: order.sellerFlag, paidFen: order.paidFen, freightFen: order.freightFen, presale: order.presale, flaws: order.flaws.map((f) => f.code), tags: context.tags.get(order.customerId) ?? [],
    lines: order.lines.map((l) => ({ skuCode: l.skuCode, quantity: l.quantity, refundState: l.refundState, costFen: (l.skuCode ? context.skus.get(l.skuCode)?.costFen : 0) ?? 0, weightGrams: (l.skuCode ? context.skus.get(l.skuCode)?.weightGrams : 0) ?? 0 })),
  });
}

function holdsFor(order: OrderDoc, table: LoadedTable, context: ReviewContext): Omit<HoldDoc, 'at'>[] {
  return holdsOf(table.decide(inputOf(order, context)), order.released).map((h) => ({ code: h.outcome['hold'] ?? '', version: table.version, row: h.row, place: h.place, note: h.outcome['note'] ?? '', looked: { ...h.looked } }));
}

async function decideOne(rt: Runtime, order: OrderDoc, table: LoadedTable, context: ReviewContext): Promise<'passed' | 'held'> {
  const holds = holdsFor(order, table, context);
  const byHand = order.holds.filter((h) => h.code === 'by_hand');
  const waits = waitsForPlatform(order.status) && holds.length === 0;
  const all = waits ? [{ code: 'presale_unpaid_balance', version: table.version, row: '', place: 0, note: order.platformStatus, looked: { status: order.status } }] : holds;
  await save(rt, order, [...byHand, ...all], table);
  return byHand.length + all.length > 0 ? 'held' : 'passed';
}

/** Saves the decision, if the order is still as it was read. */
async function save(rt: Runtime, order: OrderDoc, holds: readonly (Omit<HoldDoc, 'at'> & { at?: Date })[], table: LoadedTable): Promise<boolean> {
  const now = rt.clock.now();
  const done = await Orders.updateOne(
    { _id: order._id, revision: order.revision },
    { $set: { reviewState: holds.length > 0 ? 'held' : 'passed', holds: holds.map((h) => ({ at: now, ...h })), decision: { table: table.name, version: table.version, at: now, byHand: false }, lines: order.lines, changedAt: now }, $inc: { revision: 1 } },
  );
  return done.modifiedCount === 1;
}

/** Lines that had no SKU are matched again: a person may have mapped the listing meanwhile. */
async function mapAgain(rt: Runtime, order: OrderDoc): Promise<OrderDoc> {
  if (order.lines.every((l) => l.skuCode)) return order;
  const lines = await Promise.all(order.lines.map(async (l) => (l.skuCode ? l : { ...l, skuCode: await matchListing(rt, { shopId: order.shopId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId || l.merchantCode, merchantCode: l.merchantCode, title: l.title }) })));
  return lines.some((l, i) => l.skuCode !== order.lines[i]!.skuCode) ? { ...order, lines } : order;
}
