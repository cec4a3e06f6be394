/**
 * What the audit proves of the stock: every balance is the sum of its movements, corrections, reservations and locks; every
 * cost is what playing the ledger from its first line gives; what was counted stood after the count.
 */
import { destinationOf, isStocked, isTransit } from '../domain/places.ts';
import { layersBefore, methodAt, type Worth } from '../domain/cost.ts';
import { inOrder, replay, type Entry } from '../domain/replay.ts';
import { Corrections, Movements, positionId, Positions, Reservations, type MovementDoc, type PositionDoc } from '../store/models.ts';
import { entryOf } from './late.ts';
import { readSettings } from './settings.ts';
import { StockLocks } from '../store/work-models.ts';

export type Found = { checked: number; differences: string[] };
type Sums = { onHand: number; valueFen: number; reserved: number; locked: number; inTransit: number };
const ZERO: Sums = { onHand: 0, valueFen: 0, reserved: 0, locked: 0, inTransit: 0 };
/** Read as it is stored, only what is summed: a mongoose document per row would cost four times as much. */
const SUMMED = { _id: 0, skuCode: 1, from: 1, to: 1, quantity: 1, costFen: 1, correctionFen: 1 } as const;

/** Balances summed from the ledger. Inner maps by place and SKU, so that a million rows make no million keys. */
export async function sumLedger(): Promise<Map<string, Map<string, Sums>>> {
  const places = new Map<string, Map<string, Sums>>();
  const at = (place: string, sku: string): Sums => {
    let inner = places.get(place);
    if (!inner) places.set(place, (inner = new Map()));
    let sums = inner.get(sku);
    if (!sums) inner.set(sku, (sums = { ...ZERO }));
    return sums;
  };
  const rows = Movements.collection.find({}, { projection: SUMMED, batchSize: 10_000 });
  for await (const m of rows as unknown as AsyncIterable<Pick<MovementDoc, 'skuCode' | 'from' | 'to' | 'quantity' | 'costFen' | 'correctionFen'>>) {
    const cost = m.costFen + m.correctionFen;
    if (isStocked(m.from)) { const s = at(m.from, m.skuCode); s.onHand -= m.quantity; s.valueFen -= cost; }
    if (isStocked(m.to)) { const s = at(m.to, m.skuCode); s.onHand += m.quantity; s.valueFen += cost; }
  }
  for await (const r of Reservations.find({}).lean().cursor()) at(r.warehouseCode, r.skuCode).reserved += r.quantity;
  for await (const l of StockLocks.find({ released: false }).lean().cursor()) at(l.warehouseCode, l.skuCode).locked += l.quantity;
  for (const [place, inner] of [...places]) if (isTransit(place)) for (const [sku, s] of inner) at(destinationOf(place), sku).inTransit = s.onHand;
  return places;
}

export async function rebuildPositions(): Promise<Found> {
  const [made, kept] = [await sumLedger(), await Positions.find({}).lean<PositionDoc[]>()];
  const differences: string[] = [];
  const known = new Set<string>();
  for (const is of kept) {
    known.add(is._id);
    const shall = made.get(is.warehouseCode)?.get(is.skuCode) ?? ZERO;
    for (const field of ['onHand', 'valueFen', 'reserved', 'locked', 'inTransit'] as const) if (is[field] !== shall[field]) differences.push(`${is._id} ${field}: kept ${is[field]}, rebuilt ${shall[field]}`);
    if (is.onHand - is.reserved - is.locked < 0) differences.push(`${is._id} available is negative`);
    if (is.layers && (is.layers.reduce((n, l) => n + l.quantity, 0) !== is.onHand || is.layers.reduce((n, l) => n + l.valueFen, 0) !== is.valueFen)) differences.push(`${is._id} layers do not add up to the balance`);
  }
  for (const [place, inner] of made) for (const [sku, s] of inner) if (!known.has(positionId(place, sku)) && Object.values(s).some((v) => v !== 0)) differences.push(`${positionId(place, sku)}: no position is kept`);
  return { checked: kept.length, differences };
}

/** Plays the whole ledger, a SKU at a time (assemblies with the SKUs that they join), and compares every cost and every layer. */
export async function checkCosts(): Promise<Found> {
  const settings = await readSettings();
  const corrected = new Map<string, number>();
  for await (const c of Corrections.find({}, { movementId: 1, differenceFen: 1 }).lean().cursor()) corrected.set(c.movementId, (corrected.get(c.movementId) ?? 0) + c.differenceFen);
  const differences: string[] = [];
  let checked = 0;
  for (const group of await skuGroups()) {
    const stored = await Movements.find({ skuCode: { $in: group } }).lean<MovementDoc[]>();
    for (const m of stored) if (m.correctionFen !== (corrected.get(m._id) ?? 0)) differences.push(`${m._id} correction: kept ${m.correctionFen}, corrections say ${corrected.get(m._id) ?? 0}`);
    const entries = stored.map((m) => entryOf(m, false)).sort(inOrder);
    const assemblies = new Map<string, Entry[]>();
    for (const e of entries) if (e.kind === 'assemble' || e.kind === 'disassemble') assemblies.set(e.reference, [...(assemblies.get(e.reference) ?? []), e]);
    const worths = new Map<string, Worth>();
    const played = replay({ entries, worths, methods: settings.costings, assemblies });
    checked += stored.length;
    if (played.violation) differences.push(`${played.violation.entry.id}: ${played.violation.there} there, ${played.violation.wanted} left`);
    for (const c of played.counts) differences.push(`count ${c.anchor.id}: off by ${c.quantity} pieces, ${c.valueFen} fen`);
    for (const e of entries) { const cost = played.costs.get(e.id); if (cost !== undefined && cost !== e.costFen) differences.push(`${e.id} cost: kept ${e.costFen}, played ${cost}`); }
    for (const p of await Positions.find({ skuCode: { $in: group } }).lean<PositionDoc[]>()) {
      const w = worths.get(p._id) ?? { onHand: 0, valueFen: 0, layers: null };
      if (p.layers && methodAt(settings.costings, p.lastAt ?? new Date(0)) === 'fifo' && JSON.stringify(p.layers.map((l) => [l.quantity, l.valueFen])) !== JSON.stringify((w.layers ?? layersBefore(w, [])).map((l) => [l.quantity, l.valueFen]))) differences.push(`${p._id} layers differ from the played ones`);
    }
  }
  return { checked, differences };
}

/** SKUs that assemblies join are played together; all others by themselves. */
async function skuGroups(): Promise<string[][]> {
  const leader = new Map<string, string>();
  const top = (sku: string): string => { let s = sku; while (leader.has(s) && leader.get(s) !== s) s = leader.get(s)!; return s; };
  const byDocument = new Map<string, string>();
  for await (const m of Movements.find({ kind: { $in: ['assemble', 'disassemble'] } }, { reference: 1, skuCode: 1 }).lean().cursor()) {
    const other = byDocument.get(m.reference);
    if (other === undefined) byDocument.set(m.reference, m.skuCode);
    else leader.set(top(m.skuCode), top(other));
  }
  const groups = new Map<string, string[]>();
  for (const sku of await Movements.distinct('skuCode')) groups.set(top(sku), [...(groups.get(top(sku)) ?? []), sku]);
  return [...groups.values()];
}
