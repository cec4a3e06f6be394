/**
 * Many parcels leave at once: their reservations become movements out, in as many writes as there are balances among them.
 * In: parcels, with the serial numbers that were scanned. Out: what left of each, with its cost. Wrong: what a single one would say.
 * SKUs with serial numbers, and places whose pieces lie in bins or batches, go one by one: each piece is named there.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { insertAll } from '../../store/bulk.ts';
import { methodAt, takeFrom, type Methods, type Worth } from '../domain/cost.ts';
import { Movements, positionId, Positions, Reservations, Skus, type MovementDoc, type PositionDoc, type ReservationDoc, type SkuDoc } from '../store/models.ts';
import { behind, draftOf, LIVE_MS, postMovement, short, type MovementRefusal, type NewMovement } from './post-movement.ts';
import { settingsNow } from './settings.ts';

export type Leaving = { readonly parcelId: string; /** Scanned at the packing table, by SKU, where a SKU wants them. */ readonly serials?: Readonly<Record<string, readonly string[]>> };
export type Left = { readonly skuCode: string; readonly quantity: number; readonly costFen: number };

export async function issueShipments(rt: Runtime, session: ClientSession, input: { readonly parcels: readonly Leaving[]; readonly at: Date; readonly by: string }): Promise<Result<Map<string, Left[]>, MovementRefusal & { readonly parcelId: string }>> {
  const all = await Reservations.find({ parcelId: { $in: input.parcels.map((p) => p.parcelId) } }).session(session).sort({ parcelId: 1, skuCode: 1 }).batchSize(5_000).lean<ReservationDoc[]>();
  const held = await notYetLeft(rt, session, all);
  const serials = new Map(input.parcels.map((p) => [p.parcelId, p.serials ?? {}]));
  const left = new Map<string, Left[]>(input.parcels.map((p) => [p.parcelId, []]));
  const said = (r: ReservationDoc, costFen: number): unknown => left.get(r.parcelId)?.push({ skuCode: r.skuCode, quantity: r.quantity, costFen });
  const movement = (r: ReservationDoc): NewMovement => ({ key: keyOf(r), kind: 'shipment', skuCode: r.skuCode, from: r.warehouseCode, to: 'buyer', quantity: r.quantity, fromReserved: r.quantity, serials: serials.get(r.parcelId)?.[r.skuCode] ?? [], reference: r.parcelId, by: input.by, at: input.at });
  const shelf = await plainShelves(rt, session, held, input.at);
  const made: MovementDoc[] = [];
  const methods = (await settingsNow(rt)).costings;
  for (const r of held) {
    const p = shelf.get(positionId(r.warehouseCode, r.skuCode));
    if (p) {
      const free = p.doc.onHand - p.doc.reserved - p.doc.locked + r.quantity;
      if (free < r.quantity || p.doc.reserved < r.quantity) return refuse({ ...short(r.skuCode, r.quantity, Math.max(0, free)), parcelId: r.parcelId });
      const m = takenFrom(rt, p, movement(r), methods);
      made.push(m);
      said(r, m.costFen);
      continue;
    }
    const moved = await postMovement(rt, session, movement(r));
    if (!moved.ok) return refuse({ ...moved.refusal, parcelId: r.parcelId });
    said(r, moved.value.costFen);
  }
  if (made.length > 0) {
    await Positions.bulkWrite([...shelf.values()].filter((p) => p.used > 0).map(({ doc, used }) => ({ updateOne: {
      filter: { _id: positionId(doc.warehouseCode, doc.skuCode) }, update: { $set: { onHand: doc.onHand, valueFen: doc.valueFen, layers: doc.layers, lastAt: doc.lastAt, lastSeq: doc.lastSeq, changedAt: doc.changedAt }, $inc: { revision: 1, reserved: -used } },
    } })), { session });
    await insertAll(Movements, made, session);
  }
  await Reservations.deleteMany({ _id: { $in: all.map((r) => r._id) } }, { session });
  return ok(left);
}

const keyOf = (r: ReservationDoc): string => `ship:${r.parcelId}:${r.skuCode}`;
/** A parcel leaves once: what was promised to one that has left is free again, and nothing moves twice. */
async function notYetLeft(rt: Runtime, session: ClientSession, all: readonly ReservationDoc[]): Promise<ReservationDoc[]> {
  const gone = new Set((await Movements.find({ key: { $in: all.map(keyOf) } }, { key: 1 }).session(session).lean<{ key: string }[]>()).map((m) => m.key));
  for (const r of all.filter((one) => gone.has(keyOf(one)))) {
    await Positions.updateOne({ _id: positionId(r.warehouseCode, r.skuCode) }, { $inc: { reserved: -r.quantity, revision: 1 }, $set: { changedAt: rt.clock.now() } }, { session });
  }
  return all.filter((r) => !gone.has(keyOf(r)));
}

type Shelf = { readonly doc: PositionDoc; used: number };
/** Balances that a movement out changes by numbers alone: no bins, no batches, no serial numbers, nothing later in the ledger. */
async function plainShelves(rt: Runtime, session: ClientSession, held: readonly ReservationDoc[], at: Date): Promise<Map<string, Shelf>> {
  const now = rt.clock.now();
  if (Math.abs(at.getTime() - now.getTime()) > LIVE_MS) return new Map();
  const [positions, skus] = await Promise.all([
    Positions.find({ _id: { $in: [...new Set(held.map((r) => positionId(r.warehouseCode, r.skuCode)))] } }).session(session).lean<PositionDoc[]>(),
    Skus.find({ code: { $in: [...new Set(held.map((r) => r.skuCode))] }, wantsSerial: true }, { code: 1 }).session(session).lean<SkuDoc[]>(),
  ]);
  const numbered = new Set(skus.map((s) => s.code));
  return new Map(positions.filter((p) => !p.tracked && !numbered.has(p.skuCode)).map((doc) => [positionId(doc.warehouseCode, doc.skuCode), { doc, used: 0 }]));
}

function takenFrom(rt: Runtime, p: Shelf, m: NewMovement, methods: Methods): MovementDoc {
  const draft = draftOf(rt, m, rt.clock.now(), m.at);
  const at = behind(draft, [p.doc]);
  const w: Worth = { onHand: p.doc.onHand, valueFen: p.doc.valueFen, layers: p.doc.layers };
  const costFen = takeFrom(w, m.quantity, methodAt(methods, at));
  Object.assign(p.doc, { onHand: w.onHand, valueFen: w.valueFen, layers: w.layers, reserved: p.doc.reserved - m.quantity, lastAt: at, lastSeq: draft.seq, changedAt: draft.changedAt });
  p.used += m.quantity;
  return { ...draft, at, bookedAt: at > m.at ? at : m.at, costFen };
}

/** One parcel leaves. */
export async function issueShipment(rt: Runtime, session: ClientSession, input: Leaving & { readonly at: Date; readonly by: string }): Promise<Result<Left[], MovementRefusal>> {
  const done = await issueShipments(rt, session, { parcels: [input], at: input.at, by: input.by });
  return done.ok ? ok(done.value.get(input.parcelId) ?? []) : done;
}
