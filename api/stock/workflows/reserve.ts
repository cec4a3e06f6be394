/**
 * Promises stock to a parcel, all of it or nothing.
 * In: parcel, warehouse, lines (kits allowed). Out: nothing. Wrong: short, with each SKU's wanted and available pieces.
 * One conditional write per (warehouse, SKU): it succeeds only while onHand − reserved − locked covers the demand.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { demandOf, type Part } from '../domain/demand.ts';
import { positionId, Positions, Reservations, type PositionDoc, type ReservationDoc } from '../store/models.ts';
import { kitsOf } from './catalog.ts';
import { postMovement, type Short } from './post-movement.ts';

export type ReserveRefusal = { readonly short: readonly { readonly skuCode: string; readonly wanted: number; readonly available: number }[] };

export async function reserve(rt: Runtime, session: ClientSession, input: { parcelId: string; warehouseCode: string; lines: readonly Part[] }): Promise<Result<void, ReserveRefusal>> {
  const kits = await kitsOf(input.lines.map((l) => l.skuCode), session);
  const demand = demandOf(input.lines, kits);
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
    for (const t of taking) await Positions.updateOne({ _id: positionId(input.warehouseCode, t.skuCode) }, { $inc: { reserved: -t.quantity, revision: 1 } }, { session });
    return refuse({ short });
  }
  await Reservations.insertMany(demand.map((d): ReservationDoc => ({ _id: `${input.parcelId}:${d.skuCode}`, parcelId: input.parcelId, warehouseCode: input.warehouseCode, skuCode: d.skuCode, quantity: d.quantity, at: now })), { session });
  return ok(undefined);
}

/** Gives a parcel's stock back; a parcel that holds nothing is no error. */
export async function release(rt: Runtime, session: ClientSession, parcelId: string): Promise<number> {
  const held = await Reservations.find({ parcelId }).session(session).lean<ReservationDoc[]>();
  for (const r of held) {
    await Positions.updateOne({ _id: positionId(r.warehouseCode, r.skuCode) }, { $inc: { reserved: -r.quantity, revision: 1 }, $set: { changedAt: rt.clock.now() } }, { session });
  }
  await Reservations.deleteMany({ parcelId }, { session });
  return held.length;
}

/** The parcel leaves: its reservations become movements out. Answers what left, with its cost. */
export async function issueShipment(rt: Runtime, session: ClientSession, input: { parcelId: string; at: Date; by: string }): Promise<Result<{ skuCode: string; quantity: number; costFen: number }[], Short>> {
  const held = await Reservations.find({ parcelId: input.parcelId }).session(session).sort({ skuCode: 1 }).lean<ReservationDoc[]>();
  const gone = [];
  for (const r of held) {
    const moved = await postMovement(rt, session, {
      key: `ship:${input.parcelId}:${r.skuCode}`, kind: 'shipment', skuCode: r.skuCode, from: r.warehouseCode, to: 'buyer', quantity: r.quantity, fromReserved: r.quantity, reference: input.parcelId, by: input.by, at: input.at,
    });
    if (!moved.ok) return moved;
    gone.push({ skuCode: r.skuCode, quantity: r.quantity, costFen: moved.value.costFen });
  }
  await Reservations.deleteMany({ parcelId: input.parcelId }, { session });
  return ok(gone);
}
