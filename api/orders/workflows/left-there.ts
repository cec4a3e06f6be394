/**
 * Goods that left in the platform's own pages, past us: someone shipped the order in the seller's back office while we were
 * connected. They are gone from the shelf, so they are booked out, as a parcel that has left and that no platform is told of.
 * In: orders marked when they came in (domain/ingest.ts). Out: how many were booked, how many our stock could not cover.
 * From the warehouse that held them for the order; else the one that the order is meant for, else the first that has them all.
 * What is on paper waits until its parcel is taken off the line: the slip in the warehouse may still be packed.
 */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice, Shops } from '../../shops/index.ts';
import { availability, dropshipped, isStocked, issueShipment, ledgerBegan, reserve, warehouses } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { emit } from '../../store/outbox.ts';
import { isGone } from '../domain/parcel.ts';
import { Orders, Parcels, type LineDoc, type OrderDoc, type ParcelDoc } from '../store/models.ts';

const BATCH = 200;
export type LeftThereCounts = { booked: number; short: number };
type Piece = { readonly platformLineId: string; readonly skuCode: string; readonly quantity: number };
type Told = { readonly booked: Map<string, string[]>; readonly short: Map<string, string[]> };
class Refused extends Error {}

/** Turned shipped on the platform without us, after the stock ledger began: only then were the goods ever counted on a shelf of ours. */
export async function markLeftThere(list: readonly { readonly doc: OrderDoc; readonly turned: boolean; readonly held: boolean; readonly since: Date }[]): Promise<void> {
  const turned = list.filter((x) => x.turned);
  if (turned.length === 0) return;
  const began = await ledgerBegan();
  for (const { doc, held, since } of turned) if (held || (began !== null && since >= began)) doc.leftThere = 'due';
}

/** Orders of which a parcel is with the courier, or its platform was told so by us: what they call shipped is ours. */
export async function leftByUs(session: ClientSession, orders: readonly OrderDoc[]): Promise<Set<string>> {
  const planned = orders.filter((o) => o.parcelIds.length > 0);
  const parcels = planned.length === 0 ? [] : await Parcels.find({ _id: { $in: planned.flatMap((o) => o.parcelIds) } }, { orderIds: 1, state: 1, pushes: 1 }).session(session).lean<Pick<ParcelDoc, 'orderIds' | 'state' | 'pushes'>[]>();
  return new Set([...orders.filter((o) => o.toldEarly).map((o) => o._id), ...parcels.filter((p) => isGone(p.state) || p.pushes.length > 0).flatMap((p) => p.orderIds)]);
}

export async function bookLeftThere(rt: Runtime): Promise<LeftThereCounts> {
  const told: Told = { booked: new Map(), short: new Map() };
  const counts: LeftThereCounts = { booked: 0, short: 0 };
  for (let after = ''; ;) {
    const orders = await Orders.find({ leftThere: 'due', parcelIds: { $size: 0 }, _id: { $gt: after } }).sort({ _id: 1 }).limit(BATCH).lean<OrderDoc[]>();
    if (orders.length === 0) break;
    after = orders.at(-1)!._id;
    const theirs = await dropshipped();
    for (const order of orders) {
      const done = await bookOne(rt, order, theirs);
      if (done === 'waits') continue;
      if (done === 'booked' || done === 'short') counts[done] += 1;
      if (done !== 'nothing') told[done].set(order.shopId, [...(told[done].get(order.shopId) ?? []), order.platformOrderId]);
    }
  }
  await tell(rt, told);
  return counts;
}

/** A line whose SKU is not known yet waits: what left cannot be said. */
const isKnown = (l: LineDoc): boolean => l.skuCode !== null;
async function bookOne(rt: Runtime, order: OrderDoc, theirs: ReadonlyMap<string, string>): Promise<'booked' | 'short' | 'nothing' | 'waits'> {
  if (order.lines.length === 0 || !order.lines.every(isKnown)) return 'waits';
  const pieces = order.lines.filter((l) => l.refundState !== 'refunded' && !theirs.has(l.skuCode!)).map((l): Piece => ({ platformLineId: l.platformLineId, skuCode: l.skuCode!, quantity: l.quantity }));
  if (pieces.length === 0) return (await close(rt, order, 'none')) ? 'nothing' : 'waits';
  for (const place of await placesFor(order, pieces)) {
    const done = await rt.transact((session) => book(rt, session, order, { place, pieces })).catch((error: unknown) => { if (error instanceof Refused) return 'refused' as const; throw error; });
    if (done !== 'refused') return done;
  }
  return (await close(rt, order, 'short')) ? 'short' : 'waits';
}

/** Warehouses to try, the likeliest first. */
async function placesFor(order: OrderDoc, pieces: readonly Piece[]): Promise<string[]> {
  const held = await Parcels.findOne({ orderIds: order._id, state: 'cancelled' }, { warehouseCode: 1 }).sort({ changedAt: -1 }).lean<Pick<ParcelDoc, 'warehouseCode'>>();
  const free = await availability(pieces.map((p) => p.skuCode));
  const wanted = new Map<string, number>();
  for (const p of pieces) wanted.set(p.skuCode, (wanted.get(p.skuCode) ?? 0) + p.quantity);
  const covers = (place: string): boolean => [...wanted].every(([code, quantity]) => (free.get(code)?.get(place) ?? 0) >= quantity);
  const likely = [held?.warehouseCode ?? '', order.chosenWarehouse, order.ruled?.warehouse ?? '', ...(await warehouses()).map((w) => w.code)];
  return [...new Set(likely)].filter((place) => place !== '' && isStocked(place) && covers(place));
}

type Where = { readonly place: string; readonly pieces: readonly Piece[] };
async function book(rt: Runtime, session: ClientSession, order: OrderDoc, { place, pieces }: Where): Promise<'booked' | 'waits'> {
  const now = rt.clock.now();
  const parcel = gone(rt, order, { place, pieces });
  const claimed = await Orders.updateOne({ _id: order._id, revision: order.revision }, { $set: { parcelIds: [parcel._id], fulfilledElsewhere: false, leftThere: 'booked', reviewState: 'passed', holds: [], toPlan: false, shippedAt: parcel.shippedAt, changedAt: now }, $inc: { revision: 1 } }, { session });
  if (claimed.modifiedCount === 0) return 'waits';
  const held = await reserve(rt, session, { parcelId: parcel._id, warehouseCode: place, lines: pieces });
  if (!held.ok) throw new Refused();
  // The ledger moves when we learn of it: what was counted or promised since stays as it was said.
  const issued = await issueShipment(rt, session, { parcelId: parcel._id, at: now, by: 'system' });
  if (!issued.ok) throw new Refused();
  await Parcels.create([{ ...parcel, costs: issued.value.map((l) => ({ ...l })) }], { session });
  await emit(rt, session, { topic: 'parcel.shipped', key: `parcel.shipped:${parcel._id}`, payload: { parcelId: parcel._id } });
  await audit(rt, session, [{ userId: 'system', command: 'left-there', noun: 'parcels', id: parcel._id, before: '', after: 'shipped', at: now }]);
  return 'booked';
}

const gone = (rt: Runtime, order: OrderDoc, { place, pieces }: Where): ParcelDoc => {
  const now = rt.clock.now();
  return {
    _id: rt.newId('parcel'), orderIds: [order._id], shopIds: [order.shopId], lines: pieces.map((p) => ({ orderId: order._id, ...p })), warehouseCode: place, courierCode: '', state: 'shipped', trackingNumber: '', freightFen: 0, weightGrams: 0, shortages: [], pushes: [], pushState: 'done', alarm: null, prints: [],
    shippedAt: order.shippedAt ?? order.modifiedAt, decision: { warehouse: 'left in the platform’s own pages', courier: 'unknown to us' }, tryAt: now, costs: [], mergeKey: '', costFen: 0, fixed: true, waveId: '', revision: 1, changedAt: now,
  };
};

/** Nothing of ours moves: it was a supplier's, or our stock has not what left. */
async function close(rt: Runtime, order: OrderDoc, as: 'none' | 'short'): Promise<boolean> {
  return rt.transact(async (session) => {
    const now = rt.clock.now();
    const done = await Orders.updateOne({ _id: order._id, revision: order.revision }, { $set: { fulfilledElsewhere: true, leftThere: as, reviewState: 'passed', holds: [], toPlan: false, changedAt: now }, $inc: { revision: 1 } }, { session });
    if (done.modifiedCount === 1) await emit(rt, session, { topic: 'order.changed', key: `order.changed:${order._id}`, payload: { orderId: order._id } });
    return done.modifiedCount === 1;
  });
}

async function tell(rt: Runtime, told: Told): Promise<void> {
  const names = new Map((await Shops.find({}, { name: 1 }).lean()).map((s) => [s._id, s.name]));
  const some = (ids: readonly string[]): string => ids.slice(0, 5).join('、');
  for (const [shopId, ids] of told.booked) await raiseNotice(rt, { kind: 'left_there', subject: names.get(shopId) ?? shopId, words: { zh: `${ids.length} 单在平台后台发了货，库存已扣：${some(ids)}`, en: `${ids.length} orders were shipped in the platform’s own pages; their stock is booked out: ${some(ids)}` } });
  for (const [shopId, ids] of told.short) await raiseNotice(rt, { kind: 'left_there_short', subject: names.get(shopId) ?? shopId, words: { zh: `${ids.length} 单在平台后台发了货，我们的库存不够扣，请盘点：${some(ids)}`, en: `${ids.length} orders were shipped in the platform’s own pages, and our stock has not what left: count it. ${some(ids)}` } });
}
