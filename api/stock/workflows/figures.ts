/**
 * Figures of the stock over a span of days that ends on any day, as known now or then: turnover days, sell-through, ageing, ABC and
 * XYZ, days out of stock, sales lost to it. All from the one ledger: today's balances, walked back day by day.
 * Sold: shipments less what buyers sent back. ABC by the cost of what was sold; XYZ by how evenly it was sold, week by week.
 */
import { addDays, businessDay, businessDayOf, daysBetween, startOfDay, type BusinessDay } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { classesOf, evenness, type Class } from '../domain/classes.ts';
import { isStocked, isTransit } from '../domain/places.ts';
import { Corrections, Movements, Positions, Skus, type CorrectionDoc, type MovementDoc, type PositionDoc, type SkuDoc } from '../store/models.ts';

export const AGE_DAYS = [30, 60, 90, 180] as const;
const LONGEST = 180;
export type FigureAsk = { readonly day: BusinessDay; readonly asKnownAt?: Date | undefined; readonly days: number; readonly warehouse?: string | undefined; readonly by: 'sku' | 'category' | 'warehouse' };
/** A SKU in a warehouse, day by day: index 0 is the last day. */
type Track = { readonly skuCode: string; readonly place: string; readonly onHand: Float64Array; readonly value: Float64Array; readonly soldPieces: Float64Array; readonly soldFen: Float64Array; readonly arrived: Float64Array };
export type FigureRow = {
  key: string; name: string; skus: number; onHand: number; valueFen: number; soldPieces: number; soldCostFen: number; averageValueFen: number; turnoverDays: number | null; sellThroughRate: number; soldSkus: number; movingRate: number;
  ageing: { toDays: number | null; pieces: number; valueFen: number }[]; abc: Class | null; xyz: 'X' | 'Y' | 'Z' | null; stockOutDays: number; lostPieces: number; lostFen: number;
};

async function tracks({ day, asKnownAt, days, warehouse }: Omit<FigureAsk, 'by'>): Promise<Track[]> {
  const length = Math.max(days, LONGEST) + 1;
  const end = startOfDay(addDays(day, 1));
  const from = startOfDay(addDays(day, 1 - length));
  const all = new Map<string, Track>();
  const track = (place: string, skuCode: string): Track => {
    const id = `${place}:${skuCode}`;
    let t = all.get(id);
    if (!t) { const row = (): Float64Array => new Float64Array(length); all.set(id, (t = { skuCode, place, onHand: row(), value: row(), soldPieces: row(), soldFen: row(), arrived: row() })); }
    return t;
  };
  const mine = (place: string): boolean => isStocked(place) && (!warehouse || place === warehouse);
  // `onHand` and `value` first hold what changed on the day; index 0 also what stands, less all that came after the last day.
  for (const p of await Positions.find(warehouse ? { warehouseCode: warehouse } : {}).lean<PositionDoc[]>()) { const t = track(p.warehouseCode, p.skuCode); t.onHand[0]! += p.onHand; t.value[0]! += p.valueFen; }
  const move = (t: Track, at: Date, known: boolean, quantity: number, valueFen: number): number | undefined => {
    if (!known || at >= end) { t.onHand[0]! -= quantity; t.value[0]! -= valueFen; return undefined; }
    const index = daysBetween(businessDayOf(at), day);
    if (index < 0 || index >= length) return undefined;
    return index;
  };
  const changes = new Map<Track, { onHand: Float64Array; value: Float64Array }>();
  const change = (t: Track, index: number, quantity: number, valueFen: number): void => {
    let c = changes.get(t);
    if (!c) changes.set(t, (c = { onHand: new Float64Array(length), value: new Float64Array(length) }));
    c.onHand[index]! += quantity;
    c.value[index]! += valueFen;
  };
  const filter = { $or: [{ bookedAt: { $gte: from } }, ...(asKnownAt ? [{ recordedAt: { $gt: asKnownAt } }] : [])] };
  const fields = { projection: { _id: 0, skuCode: 1, from: 1, to: 1, kind: 1, quantity: 1, costFen: 1, bookedAt: 1, recordedAt: 1 }, batchSize: 5_000 };
  for await (const m of Movements.collection.find(filter, fields) as unknown as AsyncIterable<MovementDoc>) {
    const known = !asKnownAt || m.recordedAt <= asKnownAt;
    for (const [place, sign] of [[m.from, -1], [m.to, 1]] as const) {
      if (!mine(place) || m.from === m.to) continue;
      const t = track(place, m.skuCode);
      const index = move(t, m.bookedAt, known, sign * m.quantity, sign * m.costFen);
      if (index === undefined) continue;
      change(t, index, sign * m.quantity, sign * m.costFen);
      if (m.kind === 'shipment' || m.kind === 'return') { t.soldPieces[index]! -= sign * m.quantity; t.soldFen[index]! -= sign * m.costFen; }
      else if (sign === 1 && !isStocked(m.from)) t.arrived[index]! += m.quantity;
    }
  }
  for (const c of await Corrections.find(filter).lean<CorrectionDoc[]>()) for (const [place, sign] of [[c.from, -1], [c.to, 1]] as const) {
    if (!mine(place)) continue;
    const t = track(place, c.skuCode);
    const index = move(t, c.bookedAt, !asKnownAt || c.recordedAt <= asKnownAt, 0, sign * c.differenceFen);
    if (index === undefined) continue;
    change(t, index, 0, sign * c.differenceFen);
    if (c.kind === 'shipment' || c.kind === 'return') t.soldFen[index]! -= sign * c.differenceFen;
  }
  for (const t of all.values()) for (let i = 1; i < length; i += 1) {
    t.onHand[i] = t.onHand[i - 1]! - (changes.get(t)?.onHand[i - 1] ?? 0);
    t.value[i] = t.value[i - 1]! - (changes.get(t)?.value[i - 1] ?? 0);
  }
  return [...all.values()];
}

export async function stockFigures(rt: Runtime, ask: FigureAsk): Promise<FigureRow[]> {
  const [found, skus] = await Promise.all([tracks(ask), Skus.find({}).lean<SkuDoc[]>()]);
  const facts = new Map(skus.map((s) => [s.code, s]));
  const bySku = new Map<string, Track[]>();
  for (const t of found) bySku.set(t.skuCode, [...(bySku.get(t.skuCode) ?? []), t]);
  const single = new Map([...bySku].map(([code, own]) => [code, sumOf(own, ask.days)]));
  const abc = classesOf(new Map([...single].map(([code, s]) => [code, s.soldFen])));
  const groups = new Map<string, Track[]>();
  for (const t of found) { const key = ask.by === 'sku' ? t.skuCode : ask.by === 'warehouse' ? t.place : facts.get(t.skuCode)?.category || '—'; groups.set(key, [...(groups.get(key) ?? []), t]); }
  return [...groups].map(([key, own]) => rowOf(ask, key, own, { facts, abc })).filter((r) => r.onHand !== 0 || r.soldPieces !== 0 || r.valueFen !== 0 || r.stockOutDays > 0).sort((a, b) => b.valueFen - a.valueFen || (a.key < b.key ? -1 : 1));
}

type Sums = { soldPieces: number; soldFen: number; averageFen: number; onHand: number; valueFen: number };
function sumOf(own: readonly Track[], days: number): Sums {
  const s: Sums = { soldPieces: 0, soldFen: 0, averageFen: 0, onHand: 0, valueFen: 0 };
  for (const t of own) {
    s.onHand += t.onHand[0]!;
    s.valueFen += t.value[0]!;
    for (let i = 0; i < days; i += 1) { s.soldPieces += t.soldPieces[i]!; s.soldFen += t.soldFen[i]!; s.averageFen += t.value[i]!; }
  }
  return { ...s, averageFen: Math.round(s.averageFen / days) };
}

function rowOf(ask: FigureAsk, key: string, own: readonly Track[], { facts, abc }: { facts: ReadonlyMap<string, SkuDoc>; abc: ReadonlyMap<string, Class> }): FigureRow {
  const s = sumOf(own, ask.days);
  const bySku = new Map<string, Track[]>();
  for (const t of own) bySku.set(t.skuCode, [...(bySku.get(t.skuCode) ?? []), t]);
  const out = [...bySku].map(([code, list]) => outOf(list, ask.days, facts.get(code)));
  const kept = [...bySku].filter(([, list]) => list.some((t) => t.onHand[0]! > 0) || sumOf(list, ask.days).soldPieces > 0);
  const soldSkus = kept.filter(([, list]) => sumOf(list, ask.days).soldPieces > 0).length;
  return {
    key, name: ask.by === 'sku' ? facts.get(key)?.name ?? '' : key, skus: kept.length, onHand: s.onHand, valueFen: s.valueFen, soldPieces: s.soldPieces, soldCostFen: s.soldFen, averageValueFen: s.averageFen,
    turnoverDays: s.soldFen > 0 ? Math.round((s.averageFen * ask.days * 10) / s.soldFen) / 10 : null,
    sellThroughRate: s.soldPieces + s.onHand > 0 ? Math.round((Math.max(0, s.soldPieces) * 10_000) / (Math.max(0, s.soldPieces) + s.onHand)) : 0, soldSkus, movingRate: kept.length > 0 ? Math.round((soldSkus * 10_000) / kept.length) : 0,
    ageing: ageingOf(own), abc: ask.by === 'sku' ? abc.get(key) ?? 'C' : null, xyz: ask.by === 'sku' ? evenness(weeksOf(own, ask.days)) : null, stockOutDays: out.reduce((n, o) => n + o.days, 0), lostPieces: out.reduce((n, o) => n + o.pieces, 0), lostFen: out.reduce((n, o) => n + o.fen, 0),
  };
}

const weeksOf = (own: readonly Track[], days: number): number[] => Array.from({ length: Math.floor(days / 7) }, (_, w) => own.reduce((n, t) => { for (let i = w * 7; i < w * 7 + 7; i += 1) n += t.soldPieces[i]!; return n; }, 0));

/** Days that ended with nothing to sell anywhere, and what would have sold on them as on the days with stock. */
function outOf(own: readonly Track[], days: number, sku: SkuDoc | undefined): { days: number; pieces: number; fen: number } {
  const sellable = own.filter((t) => !isTransit(t.place));
  let [outDays, sold, inDays] = [0, 0, 0];
  for (let i = 0; i < days; i += 1) {
    const there = sellable.reduce((n, t) => n + t.onHand[i]!, 0);
    const today = own.reduce((n, t) => n + t.soldPieces[i]!, 0);
    if (there <= 0 && today <= 0) { outDays += 1; continue; }
    inDays += 1;
    sold += today;
  }
  if (sold <= 0 || outDays === 0) return { days: sold > 0 ? outDays : 0, pieces: 0, fen: 0 };
  const pieces = Math.round((sold * outDays) / inDays);
  return { days: outDays, pieces, fen: pieces * (sku?.priceFen ?? 0) };
}

/** What is there came last: arrivals are walked back until they explain it; what is older than half a year is in the last bucket. */
function ageingOf(own: readonly Track[]): FigureRow['ageing'] {
  const buckets = [...AGE_DAYS.map((toDays) => ({ toDays: toDays as number | null, pieces: 0, valueFen: 0 })), { toDays: null, pieces: 0, valueFen: 0 }];
  const bySku = new Map<string, Track[]>();
  for (const t of own) bySku.set(t.skuCode, [...(bySku.get(t.skuCode) ?? []), t]);
  for (const list of bySku.values()) {
    const onHand = list.reduce((n, t) => n + t.onHand[0]!, 0);
    const value = list.reduce((n, t) => n + t.value[0]!, 0);
    let left = onHand;
    for (let i = 0; i < LONGEST && left > 0; i += 1) {
      const taken = Math.min(left, list.reduce((n, t) => n + t.arrived[i]!, 0));
      if (taken <= 0) continue;
      const b = buckets.find((x) => x.toDays === null || i < x.toDays)!;
      b.pieces += taken;
      b.valueFen += Math.round((value * taken) / onHand);
      left -= taken;
    }
    if (left > 0) { buckets.at(-1)!.pieces += left; buckets.at(-1)!.valueFen += Math.round((value * left) / onHand); }
  }
  return buckets;
}

/** Classes by the cost of what was sold in ninety days. */
export async function abcOf(rt: Runtime): Promise<Map<string, Class>> {
  const rows = await tracks({ day: businessDay(businessDayOf(rt.clock.now())), days: 90 });
  const sold = new Map<string, number>();
  for (const t of rows) sold.set(t.skuCode, (sold.get(t.skuCode) ?? 0) + sumOf([t], 90).soldFen);
  return classesOf(sold);
}
