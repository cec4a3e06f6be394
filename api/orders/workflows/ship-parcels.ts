/**
 * Parcels leave: tracking number, stock out with its cost, and a push waiting per order.
 * In: parcel ids. Out: how many left, with their numbers. Wrong: a parcel that may not leave, each named; then none does.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { issueShipment } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { emit } from '../../store/outbox.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc, type PushDoc } from '../store/models.ts';
import { ownNumber } from './waybills.ts';

export type RowRefusal = { readonly row: number; readonly id: string; readonly code: string; readonly message: Both };
const MAY_SHIP = new Set(['waybilled', 'printed', 'packed', 'reserved']);

/** The scan gate: what has changed since its slip, is refunded, or holds no stock, does not leave. */
function mayShip(parcel: ParcelDoc | undefined, orders: readonly OrderDoc[], id: string, row: number): RowRefusal | undefined {
  const no = (code: string, zh: string, en: string): RowRefusal => ({ row, id, code, message: { zh: `第 ${row} 个包裹：${zh}`, en: `Parcel ${row}: ${en}` } });
  if (!parcel) return no('not_found', `没有 ${id}`, `there is no ${id}`);
  if (!MAY_SHIP.has(parcel.state)) return no('wrong_state', parcel.state === 'planned' ? '缺货，还没占到库存' : '状态不能发货', parcel.state === 'planned' ? 'it is short of stock' : `it cannot ship from ${parcel.state}`);
  if (parcel.alarm) return no('alarm', parcel.alarm.zh, parcel.alarm.en);
  const stopped = orders.find((o) => o.reviewState !== 'passed' || o.status === 'closed' || o.lines.some((l) => parcel.lines.some((p) => p.platformLineId === l.platformLineId) && ['requested', 'returning', 'refunded'].includes(l.refundState)));
  return stopped ? no('order_stopped', `订单 ${stopped.platformOrderId} 没有通过审单或有退款`, `order ${stopped.platformOrderId} is not passed or has a refund`) : undefined;
}

class Refused extends Error { readonly rows: readonly RowRefusal[]; constructor(rows: readonly RowRefusal[]) { super('refused'); this.rows = rows; } }

export async function shipParcels(rt: Runtime, ids: readonly string[], userId: string): Promise<Result<{ id: string; trackingNumber: string }[], readonly RowRefusal[]>> {
  try {
    const shipped = await rt.transact(async (session) => {
      const parcels = await Parcels.find({ _id: { $in: ids } }).session(session).lean<ParcelDoc[]>();
      const orders = await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds) } }).session(session).lean<OrderDoc[]>();
      const refused = ids.flatMap((id, i) => { const p = parcels.find((x) => x._id === id); return mayShip(p, orders.filter((o) => p?.orderIds.includes(o._id)), id, i + 1) ?? []; });
      if (refused.length > 0) throw new Refused(refused);
      const done = [];
      for (const parcel of parcels) done.push(await shipOne(rt, session, parcel, orders, userId));
      return done;
    });
    rt.wake('push-shipments');
    rt.wake('post-journal');
    return ok(shipped);
  } catch (error) {
    if (error instanceof Refused) return refuse(error.rows);
    throw error;
  }
}

async function shipOne(rt: Runtime, session: ClientSession, parcel: ParcelDoc, orders: readonly OrderDoc[], userId: string): Promise<{ id: string; trackingNumber: string }> {
  const now = rt.clock.now();
  const issued = await issueShipment(rt, session, { parcelId: parcel._id, at: now, by: userId });
  if (!issued.ok) throw new Refused([{ row: 0, id: parcel._id, code: 'short', message: { zh: `${issued.refusal.skuCode} 库存不足`, en: `${issued.refusal.skuCode} is short` } }]);
  const trackingNumber = parcel.trackingNumber || ownNumber(rt, parcel);
  const pushes = parcel.orderIds.map((orderId): PushDoc => {
    const order = orders.find((o) => o._id === orderId)!;
    const mine = parcel.lines.filter((l) => l.orderId === orderId).map((l) => l.platformLineId);
    const split = mine.length < order.lines.filter((l) => l.refundState !== 'refunded').length || order.parcelIds.length > 1;
    return { shopId: order.shopId, platformOrderId: order.platformOrderId, lineIds: split ? mine : [], state: 'waiting', tries: 0, nextAt: now, words: '' };
  });
  await Parcels.updateOne({ _id: parcel._id, revision: parcel.revision }, { $set: { state: 'shipped', trackingNumber, shippedAt: now, pushes, pushState: 'waiting', costs: issued.value, changedAt: now }, $inc: { revision: 1 } }, { session });
  await Orders.updateMany({ _id: { $in: parcel.orderIds } }, { $set: { shippedAt: now, changedAt: now }, $inc: { revision: 1 } }, { session });
  await emit(rt, session, { topic: 'parcel.shipped', key: `parcel.shipped:${parcel._id}`, payload: { parcelId: parcel._id } });
  await audit(rt, session, [{ userId, command: 'ship', noun: 'parcels', id: parcel._id, before: parcel.state, after: 'shipped', at: now }]);
  return { id: parcel._id, trackingNumber };
}
