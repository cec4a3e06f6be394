/**
 * Promises stock to a parcel, all of it or nothing.
 * In: parcel, warehouse, lines (kits allowed). Out: nothing. Wrong: short, with each SKU's wanted and available pieces.
 * One conditional write per (warehouse, SKU): it succeeds only while onHand − reserved − locked covers the demand.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { insertAll } from '../../store/bulk.ts';
import { demandOf, type Part } from '../domain/demand.ts';
import { positionId, Positions, Reservations, type PositionDoc, type ReservationDoc } from '../store/models.ts';
import { kitsOf } from './catalog.ts';
import { isSupplierPlace, promiseFromSupplier, releaseFromSupplier } from './supplier-stock.ts';

export type ReserveRefusal = { readonly short: readonly { readonly skuCode: string; readonly wanted: number; readonly available: number }[] };

export async function reserve(rt: Runtime, session: ClientSession, input: { parcelId: string; warehouseCode: string; lines: readonly Part[] }): Promise<Result<void, ReserveRefusal>> {
  if (isSupplierPlace(input.warehouseCode)) return promiseFromSupplier(rt, session, input);
  const demand = await demandAt(session, input.warehouseCode, input.lines);
  const held = await Reservations.find({ parcelId: input.parcelId }).session(session).lean<ReservationDoc[]>();
  if (held.length > 0) return ok(undefined);
  const short = [];
  const taking: Part[] = [];
  const now = rt.clock.now();
  for (const { skuCode, quantity } of demand) {
    const taken = await Positions.updateOne(
      { _id: positionId(input.warehouseCode, skuCode), $expr: { $gte: [{ $subtract: ['$onHand', { $add: ['$reserved', '$locked'] }] }, quantity] } },
      { $inc: { reserved: quantity, revision: 1 }, $set: { changedAt: now } }, { session },
    );
    if (taken.modifiedCount === 1) {
      taking.push({ skuCode, quantity });
      continue;
    }
    const there = await Positions.findById(positionId(input.warehouseCode, skuCode)).session(session).lean<PositionDoc>();
    short.push({ skuCode, wanted: quantity, available: there ? Math.max(0, there.onHand - there.reserved - there.locked) : 0 });
  }
  if (short.length > 0) {
    // The caller's transaction may go on to commit (a short parcel is kept), so what was taken is given back here.
    for (const t of taking) await Positions.updateOne({ _id: positionId(input.warehouseCode, t.skuCode) }, { $inc: { reserved: -t.quantity, revision: 1 }, $set: { changedAt: now } }, { session });
    return refuse({ short });
  }
  await insertAll(Reservations, demand.map((d): ReservationDoc => ({ _id: `${input.parcelId}:${d.skuCode}`, parcelId: input.parcelId, warehouseCode: input.warehouseCode, skuCode: d.skuCode, quantity: d.quantity, at: now })), session);
  return ok(undefined);
}

export type ReserveInput = { readonly parcelId: string; readonly warehouseCode: string; readonly lines: readonly Part[] };
/**
 * The same for many parcels at once, in as many writes as there are (warehouse, SKU) among them. False: something is short; then
 * the caller gives its transaction up and asks parcel by parcel, which names what is missing.
 */
export async function reserveAll(rt: Runtime, session: ClientSession, list: readonly ReserveInput[]): Promise<boolean> {
  const kits = await kitsOf(list.flatMap((p) => p.lines.map((l) => l.skuCode)), session);
  const now = rt.clock.now();
  const sums = new Map<string, number>();
  const rows: ReservationDoc[] = [];
  for (const p of list) {
    // Kits that stand made up are looked at parcel by parcel.
    const demand = p.lines.some((l) => kits(l.skuCode).length > 0) ? await demandAt(session, p.warehouseCode, p.lines) : demandOf(p.lines, kits);
    for (const d of demand) {
      const at = positionId(p.warehouseCode, d.skuCode);
      sums.set(at, (sums.get(at) ?? 0) + d.quantity);
      rows.push({ _id: `${p.parcelId}:${d.skuCode}`, parcelId: p.parcelId, warehouseCode: p.warehouseCode, skuCode: d.skuCode, quantity: d.quantity, at: now });
    }
  }
  if (rows.length === 0) return true;
  const done = await Positions.bulkWrite([...sums].map(([_id, quantity]) => ({ updateOne: { filter: { _id, $expr: { $gte: [{ $subtract: ['$onHand', { $add: ['$reserved', '$locked'] }] }, quantity] } }, update: { $inc: { reserved: quantity, revision: 1 }, $set: { changedAt: now } } } })), { session });
  if (done.modifiedCount !== sums.size) return false;
  await insertAll(Reservations, rows, session);
  return true;
}

/** One demand for all lines: kits that stand made up in the warehouse are taken as they are, the others opened into their parts. */
async function demandAt(session: ClientSession, warehouseCode: string, lines: readonly Part[]): Promise<Part[]> {
  const kits = await kitsOf(lines.map((l) => l.skuCode), session);
  const whole = new Map<string, number>();
  const wanted = demandOf(lines.filter((l) => kits(l.skuCode).length > 0), () => []);
  if (wanted.length > 0) for (const p of await Positions.find({ warehouseCode, skuCode: { $in: wanted.map((w) => w.skuCode) } }).session(session).lean<PositionDoc[]>()) whole.set(p.skuCode, Math.max(0, p.onHand - p.reserved - p.locked));
  const asKits = wanted.flatMap((w) => { const n = Math.min(w.quantity, whole.get(w.skuCode) ?? 0); return n > 0 ? [{ skuCode: w.skuCode, quantity: n }] : []; });
  const rest = wanted.map((w) => ({ skuCode: w.skuCode, quantity: w.quantity - (asKits.find((k) => k.skuCode === w.skuCode)?.quantity ?? 0) })).filter((w) => w.quantity > 0);
  const opened = demandOf([...lines.filter((l) => kits(l.skuCode).length === 0), ...rest], kits);
  return demandOf([...opened, ...asKits], () => []);
}

/** Gives a parcel's stock back; a parcel that holds nothing is no error. */
export async function release(rt: Runtime, session: ClientSession, parcelId: string): Promise<number> {
  const held = await Reservations.find({ parcelId }).session(session).lean<ReservationDoc[]>();
  for (const r of held) {
    await Positions.updateOne({ _id: positionId(r.warehouseCode, r.skuCode) }, { $inc: { reserved: -r.quantity, revision: 1 }, $set: { changedAt: rt.clock.now() } }, { session });
  }
  if (held.length === 0) return releaseFromSupplier(rt, session, parcelId);
  await Reservations.deleteMany({ parcelId }, { session });
  return held.length;
}
