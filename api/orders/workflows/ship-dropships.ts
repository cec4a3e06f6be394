/**
 * Parcels that suppliers ship. Sent: the supplier has the list with what to send to whom; from then on a change raises an alarm.
 * Numbered: their courier and tracking number have come back; the parcel has left, the platform is told, the supplier is owed.
 * In: parcels, who asks. Out: what to tell the supplier, or how many have left. Wrong: each parcel that may not, by name; then none.
 */
import type { ClientSession } from 'mongoose';
import { courierNamed } from '../../channels/transport/couriers.ts';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { sentBySupplier, skuFacts, type SkuFacts } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { emitAll } from '../../store/outbox.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { openReceiver, type WholeReceiver } from './open-receiver.ts';
import { pushOf } from './push-moment.ts';
import { mayShip, type RowRefusal } from './ship-parcels.ts';

const courierOf = (text: string): string | undefined => courierNamed('', text.trim(), text);
/** One line of what a supplier is to send. */
export type SupplierLine = { readonly parcelId: string; readonly orderNumbers: string; readonly skuCode: string; readonly name: string; readonly quantity: number; readonly receiverName: string; readonly phone: string; readonly province: string; readonly city: string; readonly district: string; readonly address: string; readonly memo: string };
export type SupplierList = { readonly parcels: readonly string[]; readonly lines: readonly SupplierLine[] };

/** The list as it would be sent now, with whole addresses. Covered ones are opened by their platform, inside its quota. */
export async function listForSupplier(rt: Runtime, supplierId: string, again: readonly string[]): Promise<Result<SupplierList, readonly RowRefusal[]>> {
  const parcels = await Parcels.find({ supplierId, alarm: null, ...(again.length > 0 ? { _id: { $in: [...again] }, state: { $in: ['reserved', 'printed'] } } : { state: 'reserved' }) }).sort({ _id: 1 }).limit(500).lean<ParcelDoc[]>();
  const orders = new Map((await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds) } }).lean<OrderDoc[]>()).map((o) => [o._id, o]));
  const facts = await skuFacts(parcels.flatMap((p) => p.lines.map((l) => l.skuCode)));
  const refused: RowRefusal[] = [];
  const lines: SupplierLine[] = [];
  for (const [i, p] of parcels.entries()) {
    const own = p.orderIds.flatMap((id) => orders.get(id) ?? []);
    const stopped = mayShip(p, own, p._id, i + 1, 'supplier');
    const to = own[0] ? await openReceiver(rt, own[0], { zh: `订单 ${own[0].platformOrderId} 的收件人打了码，平台不给全文。`, en: `The receiver of order ${own[0].platformOrderId} is covered and the platform does not open it.` }) : undefined;
    if (stopped) refused.push(stopped);
    else if (!to?.ok) refused.push({ row: i + 1, id: p._id, code: 'receiver', message: to ? to.refusal.words : { zh: `包裹 ${p._id} 没有订单`, en: `Parcel ${p._id} has no order` } });
    else lines.push(...linesOf(p, own, to.value, facts));
  }
  return refused.length > 0 ? refuse(refused) : ok({ parcels: parcels.map((p) => p._id), lines });
}

function linesOf(p: ParcelDoc, own: readonly OrderDoc[], to: WholeReceiver, facts: ReadonlyMap<string, SkuFacts>): SupplierLine[] {
  const r = own[0]!.receiver;
  const memo = own.flatMap((o) => [o.buyerMessage, o.sellerMemo]).filter(Boolean).join(' / ');
  return p.lines.map((l) => ({ parcelId: p._id, orderNumbers: own.map((o) => o.platformOrderId).join('；'), skuCode: l.skuCode, name: facts.get(l.skuCode)?.name ?? '', quantity: l.quantity, receiverName: to.name, phone: to.phone, province: r.province, city: r.city, district: r.district, address: `${to.town}${to.address}`, memo }));
}

/** The supplier has the list. A parcel that was changed since it was made stays as it is, and is not counted. */
export async function markSent(rt: Runtime, ids: readonly string[], userId: string): Promise<number> {
  return rt.transact(async (session) => {
    const now = rt.clock.now();
    const parcels = await Parcels.find({ _id: { $in: [...ids] }, state: { $in: ['reserved', 'printed'] }, alarm: null }).session(session).lean<ParcelDoc[]>();
    await Parcels.updateMany({ _id: { $in: parcels.map((p) => p._id) } }, { $set: { state: 'printed', changedAt: now }, $push: { prints: now }, $inc: { revision: 1 } }, { session });
    await audit(rt, session, parcels.map((p) => ({ userId, command: 'send-to-supplier', noun: 'dropships', id: p._id, before: p.state, after: 'printed', at: now })));
    return parcels.length;
  });
}

export type Numbered = { readonly row: number; readonly id: string; readonly revision: number; readonly courier: string; readonly trackingNumber: string };
export type NumberRefusal = { readonly row: number; readonly column: string; readonly code: string; readonly message: Both };
/** Tracking numbers came back. Inside the caller's transaction; any refusal refuses all. */
export async function numbersFromSupplier(rt: Runtime, session: ClientSession, list: readonly Numbered[], by: { readonly userId: string; readonly batchId: string }): Promise<Result<{ left: number; owedFen: number }, readonly NumberRefusal[]>> {
  const now = rt.clock.now();
  const parcels = new Map((await Parcels.find({ _id: { $in: list.map((n) => n.id) } }).session(session).lean<ParcelDoc[]>()).map((p) => [p._id, p]));
  const orders = new Map((await Orders.find({ _id: { $in: [...parcels.values()].flatMap((p) => p.orderIds) } }).session(session).lean<OrderDoc[]>()).map((o) => [o._id, o]));
  const facts = await skuFacts([...parcels.values()].flatMap((p) => p.lines.map((l) => l.skuCode)));
  const used = await Parcels.find({ trackingNumber: { $in: list.map((n) => n.trackingNumber) }, state: { $ne: 'cancelled' } }, { trackingNumber: 1 }).session(session).lean<Pick<ParcelDoc, '_id' | 'trackingNumber'>[]>();
  const refusals = list.flatMap((n) => refusalOf(n, list, parcels.get(n.id), (parcels.get(n.id)?.orderIds ?? []).flatMap((id) => orders.get(id) ?? []), used));
  if (refusals.length > 0) return refuse(refusals);
  let owedFen = 0;
  for (const n of list) {
    const p = parcels.get(n.id)!;
    // What the supplier is owed is what the SKU is bought for; their freight is in it.
    const costs = p.lines.map((l) => ({ skuCode: l.skuCode, quantity: l.quantity, costFen: (facts.get(l.skuCode)?.costFen ?? 0) * l.quantity }));
    owedFen += costs.reduce((sum, c) => sum + c.costFen, 0);
    const courierCode = courierOf(n.courier)!;
    await Parcels.updateOne({ _id: p._id, revision: p.revision }, { $set: { state: 'shipped', courierCode, trackingNumber: n.trackingNumber, shippedAt: now, pushes: p.orderIds.map((id) => pushOf(p, orders.get(id)!, now)), pushState: 'waiting', costs, changedAt: now }, $inc: { revision: 1 } }, { session });
    await Orders.updateMany({ _id: { $in: p.orderIds } }, { $set: { shippedAt: now, changedAt: now }, $inc: { revision: 1 } }, { session });
  }
  await sentBySupplier(session, list.map((n) => n.id));
  await emitAll(rt, session, list.map((n) => ({ topic: 'parcel.shipped', key: `parcel.shipped:${n.id}`, payload: { parcelId: n.id } })));
  await audit(rt, session, list.map((n) => ({ userId: by.userId, command: 'ship-by-supplier', noun: 'dropships', id: n.id, before: parcels.get(n.id)!.state, after: n.trackingNumber, batchId: by.batchId, at: now })));
  return ok({ left: list.length, owedFen });
}

function refusalOf(n: Numbered, list: readonly Numbered[], p: ParcelDoc | undefined, own: readonly OrderDoc[], used: readonly Pick<ParcelDoc, '_id' | 'trackingNumber'>[]): NumberRefusal[] {
  const no = (column: string, code: string, zh: string, en: string): NumberRefusal[] => [{ row: n.row, column, code, message: { zh: `第 ${n.row} 行：${zh}`, en: `Row ${n.row}: ${en}` } }];
  if (!p?.supplierId) return no('tracking', 'not_found', `没有代发包裹 ${n.id}`, `there is no drop-ship parcel ${n.id}`);
  if (p.state === 'shipped' || p.state === 'delivered') return no('tracking', 'shipped_already', `已按 ${p.trackingNumber} 发货`, `it has left as ${p.trackingNumber}`);
  if (!/^[A-Za-z0-9-]{6,30}$/.test(n.trackingNumber)) return no('tracking', 'no_number', `“${n.trackingNumber}”不像运单号`, `“${n.trackingNumber}” is no tracking number`);
  if (courierOf(n.courier) === undefined) return no('courier', 'unknown_courier', n.courier ? `不认识快递“${n.courier}”，写代码或名称，如 ZTO、中通` : '还要写快递', n.courier ? `the courier “${n.courier}” is not known: write its code or name, as ZTO` : 'its courier is wanted too');
  if (list.some((x) => x.id !== n.id && x.trackingNumber === n.trackingNumber) || used.some((x) => x._id !== n.id && x.trackingNumber === n.trackingNumber)) return no('tracking', 'number_twice', `运单号 ${n.trackingNumber} 已在别的包裹上`, `${n.trackingNumber} stands on another parcel`);
  const stopped = mayShip(p, own, p._id, n.row, 'supplier');
  return stopped ? [{ row: n.row, column: 'tracking', code: stopped.code, message: stopped.message }] : [];
}
