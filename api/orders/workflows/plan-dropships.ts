/**
 * Lines that a supplier ships become parcels of their own, one an order and supplier, without warehouse, courier or stock of ours.
 * In: passed orders with such lines that no parcel has; parcels that waited for the supplier. Out: how many were made, how many got
 * their pieces. Runs before our own planning, which takes the rest of the order. A platform that takes one parcel only is respected.
 */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { dropshipped, reserve, skuFacts, supplierPlace, type SkuFacts } from '../../stock/index.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { dueNow, takesParts } from './plan-policy.ts';

const BATCH = 300;
const OPEN = { reviewState: 'passed', fulfilledElsewhere: false, status: { $in: ['to_ship', 'partly_shipped'] } } as const;
type Wanted = ReturnType<typeof dueNow>;

export async function planDropships(rt: Runtime): Promise<{ made: number; reserved: number }> {
  const counts = { made: 0, reserved: 0 };
  const suppliers = await dropshipped();
  counts.reserved += await waitedFor(rt);
  if (suppliers.size === 0) return counts;
  const codes = [...suppliers.keys()];
  for (let after = ''; ;) {
    const orders = await Orders.find({ ...OPEN, _id: { $gt: after }, $or: [{ 'lines.skuCode': { $in: codes } }, { 'ruled.gifts.skuCode': { $in: codes } }] }).sort({ _id: 1 }).limit(BATCH).lean<OrderDoc[]>();
    if (orders.length === 0) return counts;
    after = orders.at(-1)!._id;
    const parcels = await Parcels.find({ orderIds: { $in: orders.map((o) => o._id) }, state: { $ne: 'cancelled' } }, { lines: 1 }).lean<Pick<ParcelDoc, 'lines'>[]>();
    const taken = new Set(parcels.flatMap((p) => p.lines.map((l) => `${l.orderId}|${l.platformLineId}`)));
    const facts = await skuFacts(codes);
    for (const order of orders) {
      const left = dueNow(order, rt.clock.now()).filter((w) => !taken.has(`${order._id}|${w.lineId}`));
      const theirs = left.filter((w) => suppliers.has(w.skuCode));
      if (theirs.length === 0) continue;
      const done = await planOne(rt, order, { theirs, ours: left.length - theirs.length, shared: taken.size > 0 && order.parcelIds.length > 0, suppliers, facts });
      counts.made += done.made;
      counts.reserved += done.reserved;
    }
  }
}

type Asked = { readonly theirs: Wanted; readonly ours: number; readonly shared: boolean; readonly suppliers: ReadonlyMap<string, string>; readonly facts: ReadonlyMap<string, SkuFacts> };
async function planOne(rt: Runtime, order: OrderDoc, { theirs, ours, shared, suppliers, facts }: Asked): Promise<{ made: number; reserved: number }> {
  const bySupplier = new Map<string, Wanted[number][]>();
  for (const w of theirs) bySupplier.set(suppliers.get(w.skuCode)!, [...(bySupplier.get(suppliers.get(w.skuCode)!) ?? []), w]);
  const divided = bySupplier.size > 1 || ours > 0 || shared;
  const mayDivide = takesParts(rt, order.channel) || order.released.some((r) => r.split(':')[0] === 'cannot_split');
  const now = rt.clock.now();
  return rt.transact(async (session) => {
    if ((await Orders.countDocuments({ _id: order._id, revision: order.revision, reviewState: 'passed' }).session(session)) === 0) return { made: 0, reserved: 0 };
    if (divided && !mayDivide) {
      await Orders.updateOne({ _id: order._id }, { $set: { reviewState: 'held', holds: [...order.holds, { code: 'cannot_split', version: 0, row: '', place: 0, note: '', at: now, looked: {} }], changedAt: now }, $inc: { revision: 1 } }, { session });
      return { made: 0, reserved: 0 };
    }
    const parcels = [...bySupplier].map(([supplierId, lines]) => draft(rt, order, supplierId, lines, facts));
    for (const p of parcels) await hold(rt, session, p);
    await Parcels.insertMany(parcels, { session });
    // What of the order is ours to send is planned next.
    await Orders.updateOne({ _id: order._id }, { $set: { parcelIds: [...order.parcelIds, ...parcels.map((p) => p._id)], toPlan: ours > 0, changedAt: now }, $inc: { revision: 1 } }, { session });
    return { made: parcels.length, reserved: parcels.filter((p) => p.state === 'reserved').length };
  });
}

function draft(rt: Runtime, order: OrderDoc, supplierId: string, lines: readonly Wanted[number][], facts: ReadonlyMap<string, SkuFacts>): ParcelDoc {
  const now = rt.clock.now();
  return {
    _id: rt.newId('parcel'), orderIds: [order._id], shopIds: [order.shopId], lines: lines.map((l) => ({ orderId: order._id, platformLineId: l.lineId, skuCode: l.skuCode, quantity: l.quantity })), warehouseCode: supplierPlace(supplierId), courierCode: '', state: 'planned', trackingNumber: '', freightFen: 0,
    weightGrams: lines.reduce((n, l) => n + (facts.get(l.skuCode)?.weightGrams ?? 0) * l.quantity, 0), shortages: [], pushes: [], pushState: 'none', alarm: null, prints: [], shippedAt: null, decision: { warehouse: 'shipped by its supplier', courier: 'the supplier’s own' }, tryAt: now, costs: [], mergeKey: '', costFen: 0, fixed: true, supplierId, revision: 1, changedAt: now,
  };
}

async function hold(rt: Runtime, session: ClientSession, p: ParcelDoc): Promise<void> {
  const held = await reserve(rt, session, { parcelId: p._id, warehouseCode: p.warehouseCode, lines: p.lines });
  Object.assign(p, held.ok ? { state: 'reserved', shortages: [] } : { state: 'planned', shortages: [...held.refusal.short] });
}

/** Parcels for which the supplier had too little: they may say more by now. The oldest first. */
async function waitedFor(rt: Runtime): Promise<number> {
  let reserved = 0;
  for (const waiting of await Parcels.find({ supplierId: { $gt: '' }, state: 'planned' }).sort({ _id: 1 }).limit(BATCH).lean<ParcelDoc[]>()) {
    reserved += await rt.transact(async (session) => {
      const p = { ...waiting };
      await hold(rt, session, p);
      if (p.state !== 'reserved') return 0;
      const done = await Parcels.updateOne({ _id: p._id, revision: p.revision, state: 'planned' }, { $set: { state: p.state, shortages: [], changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
      if (done.modifiedCount === 0) await session.abortTransaction();
      return done.modifiedCount;
    });
  }
  return reserved;
}
