/**
 * Parcels leave: tracking number, stock out with its cost, and a push waiting per order.
 * In: parcel ids. Out: how many left, with their numbers. Wrong: a parcel that may not leave, each named; then none does.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { invariant, ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { issueShipments } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { updateAll } from '../../store/bulk.ts';
import { emitAll } from '../../store/outbox.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { pushOf } from './push-moment.ts';
import { numbersToShip, ownNumber } from './waybills.ts';

export type RowRefusal = { readonly row: number; readonly id: string; readonly code: string; readonly message: Both };
const MAY_SHIP = new Set(['waybilled', 'printed', 'packed', 'reserved']);

/** What is asked of an order whose parcel leaves. */
const LEAVING = { shopId: 1, platformOrderId: 1, reviewState: 1, status: 1, parcelIds: 1, 'lines.platformLineId': 1, 'lines.refundState': 1 } as const;
type Leaving = Pick<OrderDoc, '_id' | 'shopId' | 'platformOrderId' | 'reviewState' | 'status' | 'parcelIds'> & { lines: Pick<OrderDoc['lines'][number], 'platformLineId' | 'refundState'>[] };

/** The scan gate: what has changed since its slip, is refunded, or holds no stock, does not leave. */
export function mayShip(parcel: ParcelDoc | undefined, orders: readonly Leaving[], id: string, row: number, by?: 'supplier'): RowRefusal | undefined {
  const no = (code: string, zh: string, en: string): RowRefusal => ({ row, id, code, message: { zh: `第 ${row} 个包裹：${zh}`, en: `Parcel ${row}: ${en}` } });
  if (!parcel) return no('not_found', `没有 ${id}`, `there is no ${id}`);
  if (parcel.supplierId && !by) return no('supplier_ships', '供应商代发，填回运单号就算发货', 'its supplier ships it: it has left when their tracking number is entered');
  if (!MAY_SHIP.has(parcel.state)) return no('wrong_state', parcel.state === 'planned' ? '缺货，还没占到库存' : '状态不能发货', parcel.state === 'planned' ? 'it is short of stock' : `it cannot ship from ${parcel.state}`);
  if (parcel.alarm) return no('alarm', parcel.alarm.zh, parcel.alarm.en);
  const stopped = orders.find((o) => o.reviewState !== 'passed' || o.status === 'closed' || o.lines.some((l) => parcel.lines.some((p) => p.platformLineId === l.platformLineId) && ['requested', 'returning', 'refunded'].includes(l.refundState)));
  return stopped ? no('order_stopped', `订单 ${stopped.platformOrderId} 没有通过审单或有退款`, `order ${stopped.platformOrderId} is not passed or has a refund`) : undefined;
}

class Refused extends Error { readonly rows: readonly RowRefusal[]; constructor(rows: readonly RowRefusal[]) { super('refused'); this.rows = rows; } }

export async function shipParcels(rt: Runtime, ids: readonly string[], userId: string): Promise<Result<{ id: string; trackingNumber: string }[], readonly RowRefusal[]>> {
  const waiting = await numbersToShip(rt, ids);
  if (waiting.length > 0) return refuse(waiting);
  try {
    const shipped = await rt.transact(async (session) => {
      const parcels = await Parcels.find({ _id: { $in: ids } }).session(session).batchSize(1_000).lean<ParcelDoc[]>();
      const orders = await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds) } }, LEAVING).session(session).batchSize(1_000).lean<Leaving[]>();
      const [byId, orderOf] = [new Map(parcels.map((p) => [p._id, p])), new Map(orders.map((o) => [o._id, o]))];
      const refused = ids.flatMap((id, i) => { const p = byId.get(id); return mayShip(p, p?.orderIds.flatMap((o) => orderOf.get(o) ?? []) ?? [], id, i + 1) ?? []; });
      if (refused.length > 0) throw new Refused(refused);
      return shipAll(rt, session, parcels, orders, userId);
    });
    rt.wake('push-shipments');
    rt.wake('post-journal');
    return ok(shipped);
  } catch (error) {
    if (error instanceof Refused) return refuse(error.rows);
    throw error;
  }
}

async function shipAll(rt: Runtime, session: ClientSession, parcels: readonly ParcelDoc[], orders: readonly Leaving[], userId: string): Promise<{ id: string; trackingNumber: string }[]> {
  const now = rt.clock.now();
  const byId = new Map(orders.map((o) => [o._id, o]));
  const issued = await issueShipments(rt, session, { parcels: parcels.map((p) => ({ parcelId: p._id, ...(p.serials ? { serials: p.serials } : {}) })), at: now, by: userId });
  if (!issued.ok) throw new Refused([{ row: 0, id: issued.refusal.parcelId, code: issued.refusal.code, message: { zh: issued.refusal.zh, en: issued.refusal.en } }]);
  const gone = parcels.map((parcel) => ({ parcel, trackingNumber: parcel.trackingNumber || ownNumber(rt, parcel), costs: issued.value.get(parcel._id) ?? [], ...(parcel.pushes.length > 0 ? { pushes: parcel.pushes, pushState: parcel.pushState } : { pushes: parcel.orderIds.map((id) => pushOf(parcel, byId.get(id)!, now)), pushState: 'waiting' }) }));
  const saved = await updateAll<ParcelDoc>(Parcels, gone.map(({ parcel, trackingNumber, costs, pushes, pushState }) => ({
    filter: { _id: parcel._id, revision: parcel.revision }, update: { $set: { state: 'shipped', trackingNumber, shippedAt: now, pushes, pushState, costs, changedAt: now }, $inc: { revision: 1 } },
  })), session);
  invariant(saved === gone.length, 'parcels read in this transaction are as they were read');
  await Orders.updateMany({ _id: { $in: [...byId.keys()] } }, { $set: { shippedAt: now, changedAt: now }, $inc: { revision: 1 } }, { session });
  await emitAll(rt, session, gone.map(({ parcel }) => ({ topic: 'parcel.shipped', key: `parcel.shipped:${parcel._id}`, payload: { parcelId: parcel._id } })));
  await audit(rt, session, gone.map(({ parcel }) => ({ userId, command: 'ship', noun: 'parcels', id: parcel._id, before: parcel.state, after: 'shipped', at: now })));
  return gone.map(({ parcel, trackingNumber }) => ({ id: parcel._id, trackingNumber }));
}
