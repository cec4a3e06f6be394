/**
 * A change that comes after planning bends the flow. Before paper: the parcel is taken apart and its stock given back, and
 * review and planning start again. On paper: it is stopped with an alarm that names the slip to throw away. Gone: only noted.
 */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { release } from '../../stock/index.ts';
import { isGone, isOnPaper } from '../domain/parcel.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';

const refundsOf = (o: OrderDoc): string => o.lines.map((l) => `${l.platformLineId}:${l.refundState === 'requested' || l.refundState === 'returning' || l.refundState === 'refunded' ? l.refundState : ''}`).join();
const linesOf = (o: OrderDoc): string => o.lines.map((l) => `${l.platformLineId}×${l.quantity}@${l.shipFromAt?.getTime() ?? ''}`).join() + (o.shipFromAt?.getTime() ?? '');
const addressOf = (o: OrderDoc): string => o.receiver.mark;

export async function bendParcels(rt: Runtime, session: ClientSession, before: OrderDoc, after: OrderDoc): Promise<void> {
  if (after.parcelIds.length === 0) return;
  if (after.status === 'completed' && before.status !== 'completed') await Parcels.updateMany({ orderIds: after._id, state: 'shipped' }, { $set: { state: 'delivered', changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
  const closed = after.status === 'closed' && before.status !== 'closed';
  const refund = refundsOf(before) !== refundsOf(after);
  const moved = addressOf(before) !== addressOf(after) || before.sellerMemo !== after.sellerMemo || before.buyerMessage !== after.buyerMessage || linesOf(before) !== linesOf(after);
  const left = after.leftThere === 'due' && before.leftThere !== 'due';
  if (!closed && !refund && !moved && !left) return;
  const words = left ? { zh: '已在平台后台发货', en: 'it was shipped in the platform’s own pages' } : closed ? { zh: '订单已关闭', en: 'the order was closed' } : refund ? { zh: '有退款', en: 'a refund came' } : { zh: '地址、备注或货品改了', en: 'address, memo or goods changed' };
  await bendFor(rt, session, after._id, words);
}
/** Each parcel of an order, by how far it is. */
export async function bendFor(rt: Runtime, session: ClientSession, orderId: string, words: { readonly zh: string; readonly en: string }): Promise<void> {
  for (const parcel of await Parcels.find({ orderIds: orderId }).session(session).lean<ParcelDoc[]>()) await bendOne(rt, session, parcel, words);
}

/** All of its parcels are with the courier: what changes now is after-sales, not review. */
export async function handedOver(session: ClientSession, orders: readonly Pick<OrderDoc, '_id' | 'parcelIds'>[]): Promise<Set<string>> {
  const planned = orders.filter((o) => o.parcelIds.length > 0);
  if (planned.length === 0) return new Set();
  const parcels = await Parcels.find({ _id: { $in: planned.flatMap((o) => o.parcelIds) }, state: { $ne: 'cancelled' } }, { orderIds: 1, state: 1 }).session(session).lean<Pick<ParcelDoc, 'orderIds' | 'state'>[]>();
  return new Set(planned.flatMap((o) => { const own = parcels.filter((p) => p.orderIds.includes(o._id)); return own.length > 0 && own.every((p) => isGone(p.state)) ? [o._id] : []; }));
}

async function bendOne(rt: Runtime, session: ClientSession, parcel: ParcelDoc, words: { zh: string; en: string }): Promise<void> {
  if (parcel.state === 'cancelled' || isGone(parcel.state)) return;
  const now = rt.clock.now();
  if (isOnPaper(parcel.state)) {
    const alarm = parcel.supplierId ? { zh: `${words.zh}：告诉供应商不要发`, en: `${words.en}: tell the supplier not to send it` } : { zh: `${words.zh}：拦下包裹，撕掉发货单`, en: `${words.en}: stop the parcel, throw the slip away` };
    await Parcels.updateOne({ _id: parcel._id }, { $set: { alarm, changedAt: now }, $inc: { revision: 1 } }, { session });
    return;
  }
  await cancelParcel(rt, session, parcel);
}

/** Takes a parcel apart: stock is given back, its orders are free to be planned anew. */
export async function cancelParcel(rt: Runtime, session: ClientSession, parcel: ParcelDoc): Promise<void> {
  const now = rt.clock.now();
  await release(rt, session, parcel._id);
  await Parcels.updateOne({ _id: parcel._id, state: parcel.state }, { $set: { state: 'cancelled', alarm: null, shortages: [], ...(parcel.pushState === 'waiting' ? { pushState: 'done' } : {}), changedAt: now }, $inc: { revision: 1 } }, { session });
  await Orders.updateMany({ _id: { $in: parcel.orderIds } }, { $pull: { parcelIds: parcel._id }, $set: { toPlan: true, changedAt: now }, $inc: { revision: 1 } }, { session });
}
