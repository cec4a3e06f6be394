/**
 * Gives passed orders a warehouse, a courier and their stock.
 * In: passed orders without a parcel; parcels that waited for stock. Out: planned, reserved, short.
 * The first warehouse of the table's rows that covers the whole order takes it; when none does, the order is split where each
 * warehouse can cover whole lines; what nobody has waits as a short parcel at the first warehouse and is tried again.
 */
import type { ClientSession } from 'mongoose';
import { loadTable, type LoadedTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { availability, reserve, skuFacts, type SkuFacts } from '../../stock/index.ts';
import { freightOf } from '../domain/freight.ts';
import { openLines } from '../domain/ingest.ts';
import { Orders, Parcels, type LineDoc, type OrderDoc, type ParcelDoc } from '../store/models.ts';

const BATCH = 300;
const RETRY_MS = 60_000;
type Tables = { readonly warehouse: LoadedTable; readonly courier: LoadedTable; readonly freight: LoadedTable };
type PlannedLine = ParcelDoc['lines'][number];
export type PlanCounts = { planned: number; reserved: number; short: number };

export async function planParcels(rt: Runtime): Promise<PlanCounts> {
  const counts: PlanCounts = { planned: 0, reserved: 0, short: 0 };
  const tables: Tables = { warehouse: await loadTable('warehouse'), courier: await loadTable('courier'), freight: await loadTable('freight-price') };
  for (;;) {
    const orders = await Orders.find({ reviewState: 'passed', parcelIds: { $size: 0 }, fulfilledElsewhere: false, status: { $in: ['to_ship', 'partly_shipped'] } }).sort({ paidAt: 1 }).limit(BATCH).lean<OrderDoc[]>();
    const facts = await skuFacts(orders.flatMap((o) => o.lines.flatMap((l) => (l.skuCode ? [l.skuCode] : []))));
    let done = 0;
    for (const order of orders) {
      const states = await planOne(rt, order, tables, facts);
      done += states.length;
      for (const s of states) { counts.planned += 1; counts[s === 'reserved' ? 'reserved' : 'short'] += 1; }
    }
    if (orders.length < BATCH || done === 0) break;
  }
  counts.reserved += await retryShort(rt);
  return counts;
}

async function planOne(rt: Runtime, order: OrderDoc, tables: Tables, facts: ReadonlyMap<string, SkuFacts>): Promise<('reserved' | 'planned')[]> {
  return rt.transact(async (session) => {
    const now = await Orders.findOne({ _id: order._id, revision: order.revision, reviewState: 'passed', parcelIds: { $size: 0 } }).session(session).lean<OrderDoc>();
    const lines = now ? openLines(now.lines as (LineDoc & { refundState: 'none' })[]).filter((l) => l.skuCode) : [];
    if (!now || lines.length === 0) return [];
    const groups = await sharedOut(session, now, lines, tables, facts);
    const parcels = groups.map((g) => draft(rt, now, g.lines, g.warehouse, tables, facts));
    for (const parcel of parcels) await secure(rt, session, parcel);
    await Parcels.insertMany(parcels, { session });
    await Orders.updateOne({ _id: now._id }, { $set: { parcelIds: parcels.map((p) => p._id), changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
    return parcels.map((p) => (p.state === 'reserved' ? 'reserved' : 'planned'));
  });
}

async function secure(rt: Runtime, session: ClientSession, parcel: ParcelDoc): Promise<void> {
  const held = await reserve(rt, session, { parcelId: parcel._id, warehouseCode: parcel.warehouseCode, lines: parcel.lines });
  if (held.ok) Object.assign(parcel, { state: 'reserved', shortages: [] });
  else Object.assign(parcel, { shortages: [...held.refusal.short], tryAt: new Date(rt.clock.now().getTime() + RETRY_MS) });
}

type Group = { readonly warehouse: string; readonly row: string; readonly lines: readonly LineDoc[] };
async function sharedOut(session: ClientSession, order: OrderDoc, lines: readonly LineDoc[], tables: Tables, facts: ReadonlyMap<string, SkuFacts>): Promise<Group[]> {
  const flags = [...new Set(lines.flatMap((l) => facts.get(l.skuCode!)?.flags ?? []))];
  const hits = tables.warehouse.decide({ shop: order.shopId, province: order.receiver.province, flags });
  const ranked = order.chosenWarehouse ? [{ code: order.chosenWarehouse, row: 'by hand' }] : hits.map((h) => ({ code: h.outcome['warehouse'] ?? '', row: `${tables.warehouse.name} ${tables.warehouse.version} ${h.row}` }));
  const free = await availability([...new Set(lines.map((l) => l.skuCode!))], session);
  const demand = (list: readonly LineDoc[]): Map<string, number> => list.reduce((m, l) => m.set(l.skuCode!, (m.get(l.skuCode!) ?? 0) + l.quantity), new Map<string, number>());
  const covers = (warehouse: string, list: readonly LineDoc[]): boolean => [...demand(list)].every(([sku, n]) => (free.get(sku)?.get(warehouse) ?? 0) >= n);
  const whole = ranked.find((w) => covers(w.code, lines));
  if (whole) return [{ warehouse: whole.code, row: whole.row, lines }];
  const groups = new Map<string, { warehouse: string; row: string; lines: LineDoc[] }>();
  const first = ranked[0] ?? { code: 'HZ', row: 'none' };
  for (const line of lines) {
    const at = ranked.find((w) => covers(w.code, [...(groups.get(w.code)?.lines ?? []), line])) ?? first;
    const group = groups.get(at.code) ?? { warehouse: at.code, row: at.row, lines: [] };
    group.lines.push(line);
    groups.set(at.code, group);
  }
  return [...groups.values()];
}

function draft(rt: Runtime, order: OrderDoc, lines: readonly LineDoc[], warehouse: string, tables: Tables, facts: ReadonlyMap<string, SkuFacts>): ParcelDoc {
  const now = rt.clock.now();
  const weightGrams = lines.reduce((n, l) => n + (facts.get(l.skuCode!)?.weightGrams ?? 0) * l.quantity, 0);
  const input = { warehouse, province: order.receiver.province, weight: weightGrams, paid: order.paidFen, flags: [...new Set(lines.flatMap((l) => facts.get(l.skuCode!)?.flags ?? []))], sellerMemo: order.sellerMemo };
  const hit = tables.courier.decide(input)[0];
  const courierCode = order.chosenCourier || (hit?.outcome['courier'] ?? 'ZTO');
  const price = tables.freight.decide({ courier: courierCode, warehouse, province: order.receiver.province })[0];
  return {
    _id: rt.newId('parcel'), orderIds: [order._id], shopIds: [order.shopId], lines: lines.map((l): PlannedLine => ({ orderId: order._id, platformLineId: l.platformLineId, skuCode: l.skuCode!, quantity: l.quantity })), warehouseCode: warehouse, courierCode, state: 'planned',
    trackingNumber: '', freightFen: freightOf(price?.outcome, weightGrams), weightGrams, shortages: [], pushes: [], pushState: 'none', alarm: null, prints: [], shippedAt: null,
    decision: { warehouse: order.chosenWarehouse ? 'by hand' : `${tables.warehouse.name} v${tables.warehouse.version}`, courier: order.chosenCourier ? 'by hand' : `${tables.courier.name} v${tables.courier.version} ${hit?.row ?? ''}` }, tryAt: now, costs: [], revision: 1, changedAt: now,
  };
}

/** Parcels that were short, tried again when their time has come, oldest first. */
async function retryShort(rt: Runtime): Promise<number> {
  const now = rt.clock.now();
  let reserved = 0;
  for (const { _id } of await Parcels.find({ state: 'planned', tryAt: { $lte: now } }).sort({ tryAt: 1 }).limit(500).lean<ParcelDoc[]>()) {
    reserved += await rt.transact(async (session) => {
      const parcel = await Parcels.findOne({ _id, state: 'planned' }).session(session).lean<ParcelDoc>();
      if (!parcel) return 0;
      await secure(rt, session, parcel);
      await Parcels.updateOne({ _id }, { $set: { state: parcel.state, shortages: parcel.shortages, tryAt: parcel.tryAt, changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
      return parcel.state === 'reserved' ? 1 : 0;
    });
  }
  return reserved;
}
