/**
 * Writes one line of the ledger and the positions that it changes, in the caller's transaction.
 * In: the movement with its key. Out: the movement as stored. Wrong: not enough there (nothing is written).
 * The same key again answers the stored movement and changes nothing.
 */
import type { ClientSession } from 'mongoose';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { emit } from '../../store/outbox.ts';
import { costOfIssue } from '../domain/cost.ts';
import { Movements, positionId, Positions, type MovementDoc, type PositionDoc } from '../store/models.ts';

const OUTSIDE = new Set(['supplier', 'buyer', 'opening', 'count']);
/** Receipts and shipments are booked with their purchase and their sale; a transfer changes no value. */
const BOOKED_ELSEWHERE = new Set(['receipt', 'shipment', 'transfer']);
export const isWarehouse = (place: string): boolean => !OUTSIDE.has(place);
export type NewMovement = {
  readonly key: string; readonly kind: MovementDoc['kind']; readonly skuCode: string; readonly from: string; readonly to: string; readonly quantity: number;
  /** Value that enters, in fen; what leaves a warehouse takes its moving average. */
  readonly costFen?: number; readonly reference: string; readonly by: string; readonly at: Date;
  /** Pieces of a reservation that this movement uses up. */
  readonly fromReserved?: number;
};
export type Short = { readonly code: 'short'; readonly skuCode: string; readonly wanted: number; readonly available: number };

export async function postMovement(rt: Runtime, session: ClientSession, m: NewMovement): Promise<Result<MovementDoc, Short>> {
  const again = await Movements.findOne({ key: m.key }).session(session).lean<MovementDoc>();
  if (again) return ok(again);
  const now = rt.clock.now();
  let costFen = m.costFen ?? 0;
  if (isWarehouse(m.from)) {
    const left = await takeOut(session, m, now);
    if (!left.ok) return left;
    costFen = left.value;
  }
  if (isWarehouse(m.to)) await putIn(session, m.to, m.skuCode, m.quantity, costFen, now);
  const stored: MovementDoc = {
    _id: rt.newId('movement'), key: m.key, kind: m.kind, skuCode: m.skuCode, from: m.from, to: m.to, quantity: m.quantity, costFen, reference: m.reference, by: m.by, at: m.at, recordedAt: now, revision: 1, changedAt: now,
  };
  await Movements.create([stored], { session });
  if (!BOOKED_ELSEWHERE.has(m.kind)) await emit(rt, session, { topic: 'stock.adjusted', key: `stock.adjusted:${stored._id}`, payload: { movementId: stored._id } });
  return ok(stored);
}

/** Takes pieces out of a warehouse at their share of its value; never below what is reserved for others. */
async function takeOut(session: ClientSession, m: NewMovement, now: Date): Promise<Result<number, Short>> {
  const position = await Positions.findById(positionId(m.from, m.skuCode)).session(session).lean<PositionDoc>();
  const reserved = m.fromReserved ?? 0;
  const free = position ? position.onHand - position.reserved - position.locked + reserved : 0;
  if (!position || free < m.quantity || position.reserved < reserved) return refuse({ code: 'short', skuCode: m.skuCode, wanted: m.quantity, available: Math.max(0, free) });
  const cost = costOfIssue(position, m.quantity);
  await Positions.updateOne({ _id: position._id, revision: position.revision }, { $inc: { onHand: -m.quantity, reserved: -reserved, valueFen: -cost, revision: 1 }, $set: { changedAt: now } }, { session });
  return ok(cost);
}

async function putIn(session: ClientSession, warehouseCode: string, skuCode: string, quantity: number, costFen: number, now: Date): Promise<void> {
  await Positions.updateOne(
    { _id: positionId(warehouseCode, skuCode) },
    { $inc: { onHand: quantity, valueFen: costFen, revision: 1 }, $set: { changedAt: now }, $setOnInsert: { warehouseCode, skuCode, reserved: 0, locked: 0, incoming: 0, safetyStock: 0 } },
    { upsert: true, session },
  );
}

/** Pieces ordered and not yet here; `change` may be negative. */
export async function changeIncoming(rt: Runtime, session: ClientSession, warehouseCode: string, skuCode: string, change: number): Promise<void> {
  await Positions.updateOne(
    { _id: positionId(warehouseCode, skuCode) },
    { $inc: { incoming: change, revision: 1 }, $set: { changedAt: rt.clock.now() }, $setOnInsert: { warehouseCode, skuCode, onHand: 0, reserved: 0, locked: 0, valueFen: 0, safetyStock: 0 } },
    { upsert: true, session },
  );
}
