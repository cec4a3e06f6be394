/**
 * Gifts are asked about again when money goes back after the parcel has left: what the order would not be given any more is on its
 * way or with the buyer. In: orders with a finished refund. Out: a notice each, that says what to ask back. Nothing is moved.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice } from '../../shops/index.ts';
import { giftLineId, type Gift } from '../domain/gifts.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { isGone } from '../domain/parcel.ts';
import { judge, orderContext } from './order-facts.ts';
import { liveReview, usesOf } from './review-pending.ts';

export async function checkGifts(rt: Runtime, orderIds: readonly string[]): Promise<number> {
  const orders = await Orders.find({ _id: { $in: [...orderIds] }, 'ruled.gifts.0': { $exists: true } }).lean<OrderDoc[]>();
  if (orders.length === 0) return 0;
  const tables = await liveReview();
  const [context, parcels] = await Promise.all([orderContext(orders, rt.clock.now(), usesOf(tables)), Parcels.find({ _id: { $in: orders.flatMap((o) => o.parcelIds) } }).lean<ParcelDoc[]>()]);
  let noted = 0;
  for (const order of orders) {
    const sent = new Set(parcels.filter((p) => isGone(p.state)).flatMap((p) => p.lines.filter((l) => l.orderId === order._id).map((l) => l.platformLineId)));
    const due = judge(order, context, tables, order.released).ruled.gifts;
    const kept = (order.ruled?.gifts ?? []).filter((g: Gift) => sent.has(giftLineId(g)) && !due.some((d) => giftLineId(d) === giftLineId(g)));
    if (kept.length === 0) continue;
    const list = kept.map((g) => `${g.skuCode}×${g.quantity}`).join('、');
    await raiseNotice(rt, { kind: 'gift_not_due', subject: order.platformOrderId, words: { zh: `订单 ${order.platformOrderId} 退款后不够送赠品，赠品 ${list} 已发出：退货时一并收回`, en: `After its refund order ${order.platformOrderId} is below what its gift asks for; ${list} has left already: ask for it back with the return` } });
    noted += 1;
  }
  return noted;
}
