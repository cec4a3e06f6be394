/**
 * Undo by counter-entry: what was written stays, another movement at the same instant takes it back, and the ledger is played
 * again from there. A count is undone with its corrections, an assembly with all its parts.
 * In: a movement. Out: what changed. Wrong: undone already; itself an undo; a transfer's step; a later movement that needs it (named).
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { effectOn } from '../domain/replay.ts';
import { isStocked } from '../domain/places.ts';
import { Movements, type LotPart, type MovementDoc } from '../store/models.ts';
import { Transfers } from '../store/work-models.ts';
import { postLate, type LateDone } from './late.ts';
import { postMovement, type MovementRefusal, type NewMovement } from './post-movement.ts';

type UndoRefusal = Both & { readonly code: 'not_found' | 'undone' | 'is_undo' | 'of_transfer' | MovementRefusal['code'] };
const no = (code: UndoRefusal['code'], zh: string, en: string): Result<never, UndoRefusal> => refuse({ code, zh, en });

export async function undoMovement(rt: Runtime, session: ClientSession, input: { movementId: string; by: string; reason: string }): Promise<Result<LateDone, UndoRefusal>> {
  const asked = await Movements.findById(input.movementId).session(session).lean<MovementDoc>();
  const m = asked?.anchor ? await Movements.findById(asked.anchor).session(session).lean<MovementDoc>() : asked;
  if (!m) return no('not_found', `没有流水 ${input.movementId}。`, `There is no movement ${input.movementId}.`);
  if (m.undoneBy !== '') return no('undone', `${m._id} 已经被 ${m.undoneBy} 反冲。`, `${m._id} is undone already, by ${m.undoneBy}.`);
  if (m.undoes !== '') return no('is_undo', '反冲不能再反冲，重新录入即可。', 'A counter-entry is not undone: enter the movement again.');
  // A step of a transfer is taken back by the transfer, so that its paper and the ledger say the same.
  if (await Transfers.exists({ _id: m.reference }).session(session)) return no('of_transfer', '这是调拨单的一步：在途的撤回调拨单，收了的反向调拨。', 'This is a step of a transfer: cancel what is on the way, send back what has arrived.');
  if (m.kind === 'shipment') return returnOf(rt, session, m, input);
  const group = await groupOf(session, m);
  const common = { by: input.by, reason: input.reason };
  const movements = m.kind === 'count' ? [netOf(m, group, common)] : group.map((g) => counterOf(g, common));
  return postLate(rt, session, { movements, undone: group.map((g) => g._id), by: input.by, words: input.reason });
}

/** What has left with a parcel does not come back into the past: it returns now, at what it cost. */
async function returnOf(rt: Runtime, session: ClientSession, m: MovementDoc, input: { by: string; reason: string }): Promise<Result<LateDone, UndoRefusal>> {
  const back = await postMovement(rt, session, { key: `undo:${m._id}`, kind: 'return', skuCode: m.skuCode, from: 'buyer', to: m.from, quantity: m.quantity, costFen: m.costFen + m.correctionFen, reference: m.reference, reason: input.reason, by: input.by, at: rt.clock.now(), put: turned(m.taken), serials: m.serials });
  return back.ok ? ok({ movements: [back.value], corrections: [], positions: [] }) : back;
}

async function groupOf(session: ClientSession, m: MovementDoc): Promise<MovementDoc[]> {
  if (m.kind === 'count') return [m, ...(await Movements.find({ skuCode: m.skuCode, anchor: m._id }).session(session).lean<MovementDoc[]>())];
  if (m.kind === 'assemble' || m.kind === 'disassemble') return Movements.find({ reference: m.reference, kind: m.kind, undoes: '' }).session(session).lean<MovementDoc[]>();
  return [m];
}

const turned = (parts: readonly LotPart[]): LotPart[] => parts.map((p) => ({ ...p }));
const counterOf = (m: MovementDoc, common: { by: string; reason: string }): NewMovement => ({
  key: `undo:${m._id}`, kind: m.kind, skuCode: m.skuCode, from: m.to, to: m.from, quantity: m.quantity, costFen: m.costFen + m.correctionFen, reference: m.reference, at: m.at, undoes: m._id, seq: m.seq, weight: m.weight, taken: turned(m.put), put: turned(m.taken), serials: m.serials, ...common,
});

function netOf(m: MovementDoc, group: readonly MovementDoc[], common: { by: string; reason: string }): NewMovement {
  const place = isStocked(m.to) ? m.to : m.from;
  const net = group.map((g) => effectOn({ ...g, costFen: g.costFen + g.correctionFen }, place)).reduce((a, b) => ({ quantity: a.quantity + b.quantity, valueFen: a.valueFen + b.valueFen }), { quantity: 0, valueFen: 0 });
  const out = net.quantity >= 0;
  return { key: `undo:${m._id}`, kind: 'count', skuCode: m.skuCode, from: out ? place : 'count', to: out ? 'count' : place, quantity: Math.abs(net.quantity), costFen: out ? net.valueFen : -net.valueFen, reference: m.reference, at: m.at, undoes: m._id, seq: m.seq, ...common };
}
