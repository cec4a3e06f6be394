/**
 * What counts for the past: movements entered late, counts of earlier, counter-entries, costs known later. The ledger of the
 * SKUs concerned is played again from there (domain/replay.ts) in the caller's transaction, so no figure is ever half done.
 * In: movements, cost differences, or movements to undo. Out: what was written, what changed. Wrong: a later movement that
 * could then not have happened (named), pieces that are promised, more than can be played again at once.
 * What was written stays: later costs are corrections, a count's difference is a correction of the count, and in a closed
 * period nothing moves: the difference is booked at the beginning of the open one.
 */
import type { ClientSession } from 'mongoose';
import { localTimeText } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { emit } from '../../store/outbox.ts';
import { layersBefore, methodAt, type Layer, type Worth } from '../domain/cost.ts';
import { destinationOf, isStocked, isTransit } from '../domain/places.ts';
import { assembledCost, effectOn, inOrder, nodeOf, replay, type CountChange, type Entry, type Replayed, type Violation } from '../domain/replay.ts';
import { Corrections, freshPosition, Movements, positionId, Positions, type CorrectionDoc, type MovementDoc, type PositionDoc, type StockSettingsDoc } from '../store/models.ts';
import { lateLots } from './lots.ts';
import { draftOf, tell, type MovementRefusal, type NewMovement } from './post-movement.ts';
import { openStart, readSettings } from './settings.ts';

/** Movements that one late entry may play again: more is asked of a night, not of a request. */
const MOST = 200_000;
export type LateChange = {
  readonly movements?: readonly NewMovement[];
  /** Cost known later: the difference to what enters with a movement. */
  readonly costs?: readonly { readonly movementId: string; readonly differenceFen: number }[];
  /** Movements that are undone by `movements`, which name them. */
  readonly undone?: readonly string[];
  readonly by: string; readonly words: string;
};
export type LateDone = {
  readonly movements: MovementDoc[]; readonly corrections: CorrectionDoc[];
  readonly positions: readonly { readonly warehouseCode: string; readonly skuCode: string; readonly onHand: readonly [number, number]; readonly valueFen: readonly [number, number] }[];
};

export async function postLate(rt: Runtime, session: ClientSession, change: LateChange): Promise<Result<LateDone, MovementRefusal>> {
  const now = rt.clock.now();
  const settings = await readSettings(session);
  const open = openStart(settings);
  const drafts = (change.movements ?? []).map((m) => draftOf(rt, m, now, m.at > open ? m.at : open));
  const targets = change.costs && change.costs.length > 0 ? await Movements.find({ _id: { $in: change.costs.map((c) => c.movementId) } }).session(session).lean<MovementDoc[]>() : [];
  const start = new Date(Math.min(...[...drafts, ...targets].map((m) => m.at.getTime())));
  const skus = new Set([...drafts, ...targets].map((m) => m.skuCode));
  const made: Made = { drafts, change, now, open };
  for (;;) {
    const loaded = await load(session, [...skus], start, made, settings);
    if (loaded.entries.length > MOST) return refuse({ code: 'too_far_back', skuCode: [...skus][0] ?? '', wanted: 0, available: 0, zh: `这之后有 ${loaded.entries.length} 条流水，太多，不能一次重算。`, en: `${loaded.entries.length} movements follow: too many to play again at once.` });
    const played = replay({ entries: loaded.entries, worths: loaded.worths, methods: settings.costings, assemblies: loaded.assemblies });
    if (played.violation) return refuse(broken(played.violation, new Set(drafts.map((d) => d._id))));
    const further = spill(loaded, played, skus);
    if (further.length === 0) return write(rt, session, made, loaded, played);
    for (const sku of further) skus.add(sku);
  }
}

type Made = { readonly drafts: MovementDoc[]; readonly change: LateChange; readonly now: Date; readonly open: Date };
type Loaded = { readonly stored: readonly MovementDoc[]; readonly positions: readonly PositionDoc[]; readonly entries: Entry[]; readonly worths: Map<string, Worth>; readonly assemblies: Map<string, Entry[]> };

export const entryOf = (m: MovementDoc, undone: boolean, differenceFen = 0): Entry => ({
  id: m._id, seq: m.seq, at: m.at, kind: m.kind, skuCode: m.skuCode, from: m.from, to: m.to, quantity: m.quantity, costFen: m.costFen + m.correctionFen + differenceFen, counted: m.counted, anchor: m.anchor, undoes: m.undoes, undone: undone || m.undoneBy !== '', reference: m.reference, weight: m.weight, hintFen: m.hintFen,
});

async function load(session: ClientSession, skus: readonly string[], start: Date, { drafts, change }: Made, settings: StockSettingsDoc): Promise<Loaded> {
  const stored = await Movements.find({ skuCode: { $in: skus }, at: { $gte: start } }).session(session).limit(MOST + 1).lean<MovementDoc[]>();
  const positions = await Positions.find({ skuCode: { $in: skus } }).session(session).lean<PositionDoc[]>();
  const worths = new Map<string, Worth>(positions.map((p) => [p._id, { onHand: p.onHand, valueFen: p.valueFen, layers: null }]));
  for (const m of stored) for (const place of [m.from, m.to]) {
    const w = worths.get(nodeOf(place, m.skuCode));
    if (!w) continue;
    const own = effectOn({ ...m, costFen: m.costFen + m.correctionFen }, place);
    w.onHand -= own.quantity;
    w.valueFen -= own.valueFen;
  }
  if (methodAt(settings.costings, start) === 'fifo') for (const p of positions) worths.get(p._id)!.layers = layersBefore(worths.get(p._id)!, await arrivals(session, p, start, settings, worths.get(p._id)!.onHand));
  const undone = new Set(change.undone ?? []);
  const costs = new Map((change.costs ?? []).map((c) => [c.movementId, c.differenceFen]));
  const entries = [...stored.map((m) => entryOf(m, undone.has(m._id), costs.get(m._id))), ...drafts.map((d) => entryOf(d, false))].sort(inOrder);
  const references = [...new Set(entries.filter((e) => e.kind === 'assemble' || e.kind === 'disassemble').map((e) => e.reference))];
  const documents = references.length === 0 ? [] : await Movements.find({ reference: { $in: references } }).session(session).lean<MovementDoc[]>();
  const assemblies = new Map<string, Entry[]>();
  for (const e of [...documents.map((m) => entryOf(m, undone.has(m._id))), ...drafts.filter((d) => references.includes(d.reference)).map((d) => entryOf(d, false))].sort(inOrder)) assemblies.set(e.reference, [...(assemblies.get(e.reference) ?? []), e]);
  return { stored, positions, entries, worths, assemblies };
}

/** What came into a place before an instant, latest first, as far back as it takes to explain what stood there. */
async function arrivals(session: ClientSession, p: PositionDoc, start: Date, settings: StockSettingsDoc, onHand: number): Promise<Layer[]> {
  const since = settings.costings.findLast((c) => c.since <= start)?.since ?? new Date(0);
  const found: Layer[] = [];
  let sum = 0;
  const groups = new Map<string, { quantity: number; valueFen: number }>();
  for (let before = start; sum < onHand;) {
    const page = await Movements.find({ skuCode: p.skuCode, at: { $lt: before, $gte: since }, $or: [{ to: p.warehouseCode }, { from: p.warehouseCode, kind: 'count' }] }).sort({ at: -1, seq: -1 }).limit(300).session(session).lean<MovementDoc[]>();
    // A page may end within one instant: that instant is read again, whole, with the next.
    const whole = page.length < 300 ? page : page.filter((m) => m.at.getTime() !== page.at(-1)!.at.getTime());
    for (const m of whole) {
      if (m.undoes !== '' || m.undoneBy !== '' || m.from === m.to) continue;
      const own = effectOn({ ...m, costFen: m.costFen + m.correctionFen }, p.warehouseCode);
      if (m.anchor !== '') { const g = groups.get(m.anchor) ?? { quantity: 0, valueFen: 0 }; groups.set(m.anchor, { quantity: g.quantity + own.quantity, valueFen: g.valueFen + own.valueFen }); continue; }
      const with_ = groups.get(m._id) ?? { quantity: 0, valueFen: 0 };
      const layer = { quantity: own.quantity + with_.quantity, valueFen: own.valueFen + with_.valueFen };
      if (layer.quantity > 0) { found.push(layer); sum += layer.quantity; }
    }
    if (page.length < 300 || whole.length === 0) break;
    before = whole.at(-1)!.at;
  }
  return found;
}

/** SKUs that an assembly carries a changed cost into. */
function spill(loaded: Loaded, played: Replayed, skus: ReadonlySet<string>): string[] {
  const further = new Set<string>();
  for (const document of loaded.assemblies.values()) for (const e of document) {
    if (!skus.has(e.skuCode) && isStocked(e.to) && e.undoes === '' && !e.undone && assembledCost(e, document, played.costs) !== e.costFen) further.add(e.skuCode);
  }
  return [...further];
}

function broken(v: Violation, own: ReadonlySet<string>): MovementRefusal {
  const { entry: e } = v;
  const base = { skuCode: e.skuCode, wanted: v.wanted, available: v.there, movementId: e.id };
  const at = localTimeText(e.at);
  if (own.has(e.id)) return { ...base, code: 'short', zh: `${at} 时 ${v.place} 只有 ${v.there} 件 ${e.skuCode}，出不了 ${v.wanted} 件。`, en: `At ${at} ${v.place} held ${v.there} of ${e.skuCode}: ${v.wanted} could not leave.` };
  return { ...base, code: 'breaks_later', zh: `这样一来，${at} 的流水 ${e.id}（${e.kind} ${e.reference}，${e.quantity} 件）就不够出：那时 ${v.place} 只剩 ${v.there} 件 ${e.skuCode}。`, en: `Then movement ${e.id} of ${at} (${e.kind} ${e.reference}, ${e.quantity} pieces) could not have happened: ${v.place} would have held ${v.there} of ${e.skuCode}.` };
}

async function write(rt: Runtime, session: ClientSession, made: Made, loaded: Loaded, played: Replayed): Promise<Result<LateDone, MovementRefusal>> {
  const { drafts, change, now, open } = made;
  const cause = drafts[0]?._id ?? rt.newId('movement');
  const own = new Map(drafts.map((d) => [d._id, d]));
  for (const d of drafts) if (d.counted === null && d.undoes === '') d.costFen = played.costs.get(d._id) ?? d.costFen;
  const corrections: CorrectionDoc[] = [];
  const correct = (m: MovementDoc, differenceFen: number): void => {
    if (differenceFen !== 0) corrections.push({ _id: rt.newId('movement'), movementId: m._id, skuCode: m.skuCode, from: m.from, to: m.to, kind: m.kind, differenceFen, at: m.at, bookedAt: m.at > open ? m.at : open, recordedAt: now, cause, words: change.words.slice(0, 200) });
  };
  const byId = new Map(loaded.stored.map((m) => [m._id, m]));
  const given = new Map((change.costs ?? []).map((c) => [c.movementId, c.differenceFen]));
  for (const m of loaded.stored) correct(m, (played.costs.get(m._id) ?? m.costFen + m.correctionFen + (given.get(m._id) ?? 0)) - m.costFen - m.correctionFen);
  const counts = played.counts.flatMap((c): MovementDoc[] => {
    const draft = own.get(c.anchor.id);
    if (draft) { Object.assign(draft, sides(c)); return []; }
    if (c.quantity === 0) { correct(byId.get(c.anchor.id)!, c.anchor.to === c.place ? c.valueFen : -c.valueFen); return []; }
    return [{ ...draftOf(rt, { key: `count-correction:${c.anchor.id}:${cause}`, kind: 'count', skuCode: c.anchor.skuCode, from: '', to: '', quantity: 0, reference: c.anchor.reference, reason: change.words, by: change.by, at: c.anchor.at, seq: c.anchor.seq }, now, c.anchor.at > open ? c.anchor.at : open), ...sides(c), anchor: c.anchor.id }];
  });
  const positions = await settlePositions(session, loaded, [...drafts, ...counts], now);
  if (!positions.ok) return positions;
  const lots = await lateLots(rt, session, [...drafts, ...counts]);
  if (!lots.ok) return lots;
  await Movements.insertMany([...drafts, ...counts], { session });
  const marks = (change.undone ?? []).map((id) => ({ updateOne: { filter: { _id: id }, update: { $set: { undoneBy: drafts.find((d) => d.undoes === id)?._id ?? cause, changedAt: now }, $inc: { revision: 1 } } } }));
  const recost = corrections.map((c) => ({ updateOne: { filter: { _id: c.movementId }, update: { $inc: { correctionFen: c.differenceFen, revision: 1 }, $set: { changedAt: now } } } }));
  if (marks.length + recost.length > 0) await Movements.bulkWrite([...marks, ...recost], { session });
  if (corrections.length > 0) {
    await Corrections.insertMany(corrections, { session });
    await emit(rt, session, { topic: 'stock.corrected', key: `stock.corrected:${cause}`, payload: { cause } });
  }
  for (const m of [...drafts, ...counts]) await tell(rt, session, m);
  return ok({ movements: [...drafts, ...counts], corrections, positions: positions.value });
}

/** From and to of what a count changes: found pieces come from it, missing ones go to it. */
const sides = (c: CountChange): Pick<MovementDoc, 'from' | 'to' | 'quantity' | 'costFen'> =>
  (c.quantity >= 0 ? { from: 'count', to: c.place, quantity: c.quantity, costFen: c.valueFen } : { from: c.place, to: 'count', quantity: -c.quantity, costFen: -c.valueFen });

async function settlePositions(session: ClientSession, loaded: Loaded, fresh: readonly MovementDoc[], now: Date): Promise<Result<LateDone['positions'], MovementRefusal>> {
  const before = new Map(loaded.positions.map((p) => [p._id, p]));
  const transit = new Map<string, number>();
  const changed: { warehouseCode: string; skuCode: string; onHand: [number, number]; valueFen: [number, number] }[] = [];
  for (const [id, w] of loaded.worths) {
    const p = before.get(id);
    const last = fresh.filter((m) => nodeOf(m.from, m.skuCode) === id || nodeOf(m.to, m.skuCode) === id).sort(inOrder).at(-1);
    if (p && !last && p.onHand === w.onHand && p.valueFen === w.valueFen) continue;
    const [warehouseCode, skuCode] = p ? [p.warehouseCode, p.skuCode] : [last!.to === 'count' || !isStocked(last!.to) ? last!.from : last!.to, last!.skuCode];
    const free = w.onHand - (p?.reserved ?? 0) - (p?.locked ?? 0);
    if (free < 0 && w.onHand < (p?.onHand ?? 0)) return refuse({ code: 'promised', skuCode, wanted: (p?.onHand ?? 0) - w.onHand, available: Math.max(0, (p?.onHand ?? 0) - (p?.reserved ?? 0) - (p?.locked ?? 0)), zh: `${warehouseCode} 的 ${skuCode} 会只剩 ${w.onHand} 件，少于已占用的 ${(p?.reserved ?? 0) + (p?.locked ?? 0)} 件。先释放订单。`, en: `${warehouseCode} would hold ${w.onHand} of ${skuCode}, less than the ${(p?.reserved ?? 0) + (p?.locked ?? 0)} promised. Release orders first.` });
    const later = last && (!p?.lastAt || inOrder(last, { at: p.lastAt, seq: p.lastSeq }) > 0) ? { lastAt: last.at, lastSeq: last.seq } : {};
    const { onHand: _o, valueFen: _v, layers: _l, lastAt: _a, lastSeq: _s, ...rest } = freshPosition;
    await Positions.updateOne({ _id: id }, { $set: { onHand: w.onHand, valueFen: w.valueFen, layers: w.layers, ...later, changedAt: now }, $inc: { revision: 1 }, $setOnInsert: { warehouseCode, skuCode, ...rest } }, { upsert: true, session });
    changed.push({ warehouseCode, skuCode, onHand: [p?.onHand ?? 0, w.onHand], valueFen: [p?.valueFen ?? 0, w.valueFen] });
    if (isTransit(warehouseCode) && w.onHand !== (p?.onHand ?? 0)) transit.set(positionId(destinationOf(warehouseCode), skuCode), w.onHand - (p?.onHand ?? 0));
  }
  for (const [id, change] of transit) await Positions.updateOne({ _id: id }, { $inc: { inTransit: change, revision: 1 }, $set: { changedAt: now } }, { session });
  return ok(changed);
}
