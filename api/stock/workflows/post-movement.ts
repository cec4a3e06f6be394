/**
 * One line of the stock ledger, with the balances that follow from it in the same write.
 * In: a movement with the time that it counts for. Out: the stored line. Wrong: not enough there, promised to others, a time
 * that has not come, or (counting for the past) a later movement that could then not have happened: it is named.
 * What counts for now is put behind the last movement of its places; what counts for earlier is played into the ledger (late.ts).
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { emit } from '../../store/outbox.ts';
import { methodAt, putInto, takeFrom, type Worth } from '../domain/cost.ts';
import { destinationOf, isStocked, isTransit } from '../domain/places.ts';
import { freshPosition, Movements, positionId, Positions, type LotPart, type MovementDoc, type PositionDoc } from '../store/models.ts';
import { moveLots } from './lots.ts';
import { postLate } from './late.ts';
import { openStart, readSettings, settingsNow } from './settings.ts';

/** Nearer to now than this is now: no clock of two processes is told apart from a late entry. */
export const LIVE_MS = 60_000;
/** Receipts and shipments are booked with their purchase and their sale; what stays ours changes no account. */
const BOOKED_ELSEWHERE: ReadonlySet<string> = new Set(['receipt', 'shipment', 'transfer', 'assemble', 'disassemble', 'bin-move']);

export type NewMovement = {
  readonly key: string; readonly kind: MovementDoc['kind']; readonly skuCode: string; readonly from: string; readonly to: string; readonly quantity: number;
  /** Value that enters, in fen; what leaves a warehouse takes its own cost. */
  readonly costFen?: number; readonly reference: string; readonly reason?: string; readonly by: string; readonly at: Date;
  /** Pieces of a reservation that this movement uses up. */
  readonly fromReserved?: number;
  /** A count: what stands after it, and what a piece is worth when none was there. */
  readonly counted?: number; readonly hintFen?: number;
  readonly weight?: number; readonly taken?: readonly LotPart[]; readonly put?: readonly LotPart[]; readonly serials?: readonly string[];
  /** Counts for just this instant, however near to now. */
  readonly exact?: boolean;
  /** Only within the ledger: the movement that this one undoes, and the place in the order right behind it. */
  readonly undoes?: string; readonly seq?: string;
};
export type MovementRefusal = Both & { readonly code: 'short' | 'promised' | 'breaks_later' | 'in_the_future' | 'too_far_back' | 'lots' | 'serials'; readonly skuCode: string; readonly wanted: number; readonly available: number; readonly movementId?: string };

export const short = (skuCode: string, wanted: number, available: number): MovementRefusal => ({
  code: 'short', skuCode, wanted, available, zh: `${skuCode} 要 ${wanted} 件，可用 ${available} 件。`, en: `${skuCode}: ${wanted} wanted, ${available} available.`,
});

export function draftOf(rt: Runtime, m: NewMovement, now: Date, bookedAt: Date): MovementDoc {
  const _id = rt.newId('movement');
  return {
    _id, key: m.key, kind: m.kind, skuCode: m.skuCode, from: m.from, to: m.to, quantity: m.quantity, costFen: m.costFen ?? 0, correctionFen: 0, reference: m.reference, reason: m.reason ?? '', by: m.by, at: m.at, recordedAt: now, bookedAt, seq: m.seq === undefined ? _id : `${m.seq}~${_id}`,
    counted: m.counted ?? null, anchor: '', undoes: m.undoes ?? '', undoneBy: '', weight: m.weight ?? 0, hintFen: m.hintFen ?? 0, taken: [...(m.taken ?? [])], put: [...(m.put ?? [])], serials: [...(m.serials ?? [])], revision: 1, changedAt: now,
  };
}

export async function postMovement(rt: Runtime, session: ClientSession, m: NewMovement): Promise<Result<MovementDoc, MovementRefusal>> {
  const again = await Movements.findOne({ key: m.key }).session(session).lean<MovementDoc>();
  if (again) return ok(again);
  const now = rt.clock.now();
  if (m.at.getTime() > now.getTime() + LIVE_MS) return refuse({ code: 'in_the_future', skuCode: m.skuCode, wanted: m.quantity, available: 0, zh: '时间还没到。', en: 'That time has not come yet.' });
  const [from, to] = [await positionAt(session, m.from, m.skuCode), m.to === m.from ? undefined : await positionAt(session, m.to, m.skuCode)];
  const earlier = m.exact === true || m.at.getTime() < now.getTime() - LIVE_MS;
  if (earlier && [from, to].some((p) => p?.lastAt && p.lastAt > m.at)) {
    const late = await postLate(rt, session, { movements: [m], by: m.by, words: m.reason ?? m.kind });
    return late.ok ? ok(late.value.movements[0]!) : late;
  }
  const bookedFrom = earlier ? openStart(await readSettings(session)) : m.at;
  const draft = draftOf(rt, m, now, m.at);
  const at = behind(draft, [from, to]);
  const stored = { ...draft, at, bookedAt: at > bookedFrom ? at : bookedFrom };
  const posted = await settle(rt, session, stored, { from, to, reserved: m.fromReserved ?? 0 });
  if (!posted.ok) return posted;
  await Movements.create([stored], { session });
  await tell(rt, session, stored);
  return ok(stored);
}

const positionAt = async (session: ClientSession, place: string, skuCode: string): Promise<PositionDoc | undefined> =>
  (isStocked(place) ? ((await Positions.findById(positionId(place, skuCode)).session(session).lean<PositionDoc>()) ?? undefined) : undefined);

/** The instant at which it stands behind everything that its places have: a clock that lags, or an id that sorts lower, is moved on. */
export function behind(draft: MovementDoc, positions: readonly (PositionDoc | undefined)[]): Date {
  let at = draft.at;
  for (const p of positions) {
    if (!p?.lastAt || p.lastAt < at) continue;
    at = p.lastAt > at || draft.seq <= p.lastSeq ? new Date(p.lastAt.getTime() + (draft.seq <= p.lastSeq ? 1 : 0)) : at;
  }
  return at;
}

type Ends = { readonly from: PositionDoc | undefined; readonly to: PositionDoc | undefined; readonly reserved: number };
/** Writes both balances and fills in what the movement cost. */
async function settle(rt: Runtime, session: ClientSession, m: MovementDoc, { from, to, reserved }: Ends): Promise<Result<void, MovementRefusal>> {
  const method = methodAt((await settingsNow(rt)).costings, m.at);
  const free = from ? from.onHand - from.reserved - from.locked + reserved : 0;
  if (isStocked(m.from) && (free < m.quantity || (from?.reserved ?? 0) < reserved)) return refuse(short(m.skuCode, m.quantity, Math.max(0, free)));
  const lots = await moveLots(rt, session, m, { from, to });
  if (!lots.ok) return lots;
  if (m.from === m.to) return ok(undefined);
  if (from) {
    const w: Worth = { onHand: from.onHand, valueFen: from.valueFen, layers: from.layers };
    if (m.quantity > 0) m.costFen = takeFrom(w, m.quantity, method);
    await savePosition(session, m, m.from, { w, reserved: -reserved, tracked: lots.value.from });
  }
  if (isStocked(m.to)) {
    const w: Worth = { onHand: to?.onHand ?? 0, valueFen: to?.valueFen ?? 0, layers: to?.layers ?? null };
    if (m.quantity > 0) putInto(w, m.quantity, m.costFen, method);
    await savePosition(session, m, m.to, { w, reserved: 0, tracked: lots.value.to });
  }
  return ok(undefined);
}

type Change = { readonly w: Worth; readonly reserved: number; readonly tracked: boolean };
async function savePosition(session: ClientSession, m: MovementDoc, place: string, { w, reserved, tracked }: Change): Promise<void> {
  const set = { onHand: w.onHand, valueFen: w.valueFen, layers: w.layers, lastAt: m.at, lastSeq: m.seq, tracked, changedAt: m.changedAt };
  const { onHand: _o, valueFen: _v, layers: _l, lastAt: _a, lastSeq: _s, tracked: _t, reserved: _r, ...rest } = freshPosition;
  await Positions.updateOne(
    { _id: positionId(place, m.skuCode) },
    { $set: set, $inc: { revision: 1, reserved }, $setOnInsert: { warehouseCode: place, skuCode: m.skuCode, ...rest } }, { upsert: true, session },
  );
  if (isTransit(place)) await changeField(session, destinationOf(place), m, 'inTransit', m.to === place ? m.quantity : -m.quantity);
}

/** A figure of a position that is no movement of its own. */
async function changeField(session: ClientSession, warehouseCode: string, m: Pick<MovementDoc, 'skuCode' | 'changedAt'>, field: 'inTransit' | 'incoming' | 'locked', change: number): Promise<void> {
  const { [field]: _f, ...rest } = freshPosition;
  await Positions.updateOne(
    { _id: positionId(warehouseCode, m.skuCode) },
    { $inc: { [field]: change, revision: 1 }, $set: { changedAt: m.changedAt }, $setOnInsert: { warehouseCode, skuCode: m.skuCode, ...rest } }, { upsert: true, session },
  );
}
/** Pieces ordered and not yet here; `change` may be negative. */
export const changeIncoming = (rt: Runtime, session: ClientSession, warehouseCode: string, skuCode: string, change: number): Promise<void> => changeField(session, warehouseCode, { skuCode, changedAt: rt.clock.now() }, 'incoming', change);
export const changeLocked = (rt: Runtime, session: ClientSession, warehouseCode: string, skuCode: string, change: number): Promise<void> => changeField(session, warehouseCode, { skuCode, changedAt: rt.clock.now() }, 'locked', change);

/** Says upwards what no other event tells. */
export async function tell(rt: Runtime, session: ClientSession, m: MovementDoc): Promise<void> {
  if ((BOOKED_ELSEWHERE.has(m.kind) && m.undoes === '') || m.costFen === 0) return;
  if (m.kind === 'transfer' || m.kind === 'assemble' || m.kind === 'disassemble') return;
  await emit(rt, session, { topic: 'stock.adjusted', key: `stock.adjusted:${m._id}`, payload: { movementId: m._id } });
}
