/**
 * When a platform is told that a parcel has left: when its paper is printed, its box checked, weighed, or handed to the courier.
 * Set per shop. A moment that comes while the parcel has no number yet is passed over; the next one, at the latest the hand-over,
 * tells. Told once: a parcel that has its pushes gets no others.
 */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { audit } from '../../store/audit.ts';
import { isGiftLine } from '../domain/gifts.ts';
import { Orders, type OrderDoc, type ParcelDoc, type PushDoc } from '../store/models.ts';

export const MOMENTS = ['print', 'check', 'weigh', 'ship'] as const;
export type Moment = (typeof MOMENTS)[number];

/** What the platform is to be told of one order in the parcel; its lines are named when the order leaves in several. */
export function pushOf(parcel: Pick<ParcelDoc, 'lines'>, order: Pick<OrderDoc, '_id' | 'shopId' | 'platformOrderId' | 'parcelIds'> & { readonly lines: readonly Pick<OrderDoc['lines'][number], 'refundState'>[] }, now: Date): PushDoc {
  const mine = parcel.lines.filter((l) => l.orderId === order._id && !isGiftLine(l.platformLineId)).map((l) => l.platformLineId);
  // The platform knows nothing of gifts: a parcel of nothing else is not told of.
  if (mine.length === 0) return { shopId: order.shopId, platformOrderId: order.platformOrderId, lineIds: [], state: 'accepted', tries: 0, nextAt: now, words: 'gifts' };
  const split = mine.length < order.lines.filter((l) => l.refundState !== 'refunded').length || order.parcelIds.length > 1;
  return { shopId: order.shopId, platformOrderId: order.platformOrderId, lineIds: split ? mine : [], state: 'waiting', tries: 0, nextAt: now, words: '' };
}

/** What parcels have to say at this moment, by their ids; their orders are marked as told of before they left. */
export async function pushesBefore(session: ClientSession, parcels: readonly ParcelDoc[], moment: Exclude<Moment, 'ship'>, now: Date): Promise<Map<string, Pick<ParcelDoc, 'pushes' | 'pushState'>>> {
  const early = await Shops.find({ pushAt: { $in: MOMENTS.slice(0, MOMENTS.indexOf(moment) + 1) } }, { _id: 1 }).session(session).lean();
  const told = new Set(early.map((s) => s._id));
  const due = parcels.filter((p) => p.pushes.length === 0 && p.trackingNumber !== '' && p.shopIds.every((id) => told.has(id)));
  if (due.length === 0) return new Map();
  const ids = due.flatMap((p) => p.orderIds);
  const orders = new Map((await Orders.find({ _id: { $in: ids } }).session(session).lean<OrderDoc[]>()).map((o) => [o._id, o]));
  await Orders.updateMany({ _id: { $in: ids } }, { $set: { toldEarly: true, changedAt: now }, $inc: { revision: 1 } }, { session });
  return new Map(due.map((p) => [p._id, { pushes: p.orderIds.map((id) => pushOf(p, orders.get(id)!, now)), pushState: 'waiting' as const }]));
}

export async function setPushMoment(rt: Runtime, shopId: string, moment: Moment, userId: string): Promise<boolean> {
  return rt.transact(async (session) => {
    const now = rt.clock.now();
    const before = await Shops.findOneAndUpdate({ _id: shopId, kind: 'shop' }, { $set: { pushAt: moment, changedAt: now }, $inc: { revision: 1 } }, { session }).lean();
    if (before) await audit(rt, session, [{ userId, command: 'set-push-moment', noun: 'shops', id: shopId, before: before.pushAt ?? 'ship', after: moment, at: now }]);
    return before !== null;
  });
}
