/** Pieces that are kept from being promised: a quality question, a campaign. In: pieces and reason. Wrong: more than is available. */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { positionId, Positions, type PositionDoc } from '../store/models.ts';
import { StockLocks, type StockLockDoc } from '../store/work-models.ts';
import { changeLocked, short } from './post-movement.ts';

export async function lockStock(rt: Runtime, session: ClientSession, input: { key: string; warehouseCode: string; skuCode: string; quantity: number; reason: string; by: string }): Promise<Result<StockLockDoc, Both>> {
  const again = await StockLocks.findOne({ key: input.key }).session(session).lean<StockLockDoc>();
  if (again) return ok(again);
  const p = await Positions.findById(positionId(input.warehouseCode, input.skuCode)).session(session).lean<PositionDoc>();
  const free = p ? p.onHand - p.reserved - p.locked : 0;
  if (free < input.quantity) return refuse(short(input.skuCode, input.quantity, Math.max(0, free)));
  const now = rt.clock.now();
  const doc: StockLockDoc = { ...input, _id: rt.newId('lock'), at: now, released: false, revision: 1, changedAt: now };
  await changeLocked(rt, session, input.warehouseCode, input.skuCode, input.quantity);
  await StockLocks.create([doc], { session });
  return ok(doc);
}

export async function releaseLock(rt: Runtime, session: ClientSession, id: string): Promise<StockLockDoc | undefined> {
  const doc = await StockLocks.findById(id).session(session).lean<StockLockDoc>();
  if (!doc || doc.released) return doc ?? undefined;
  const now = rt.clock.now();
  await changeLocked(rt, session, doc.warehouseCode, doc.skuCode, -doc.quantity);
  await StockLocks.updateOne({ _id: id }, { $set: { released: true, changedAt: now }, $inc: { revision: 1 } }, { session });
  return { ...doc, released: true, revision: doc.revision + 1, changedAt: now };
}
