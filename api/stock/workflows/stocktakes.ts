/**
 * Stocktakes: opened over a warehouse, its bins or the SKUs that a cycle asks for; counted on a sheet; recounted where it is far
 * off; approved by who may; posted as counts of the instant of the snapshot, so that what moves meanwhile is netted by itself.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { businessDayOf } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { unitCost } from '../domain/cost.ts';
import { Positions, Skus, Warehouses, type PositionDoc, type SkuDoc } from '../store/models.ts';
import { CountLines, Stocktakes, type CountLineDoc, type StocktakeDoc } from '../store/work-models.ts';
import { countStock } from './adjust.ts';
import { abcOf } from './figures.ts';
import { lotsOf } from './lots.ts';
import { readSettings } from './settings.ts';
import type { LineRefusal } from './transfers.ts';

export type StocktakeInput = { readonly key: string; readonly kind: StocktakeDoc['kind']; readonly warehouseCode: string; readonly blind: boolean; readonly bins?: readonly string[] | undefined; readonly classes?: readonly ('A' | 'B' | 'C')[] | undefined; readonly skuCodes?: readonly string[] | undefined; readonly note: string; readonly by: string };
type Refused = Both & { readonly code: string };
const no = (code: string, zh: string, en: string): Result<never, Refused> => refuse({ code, zh, en });

export async function openStocktake(rt: Runtime, session: ClientSession, input: StocktakeInput): Promise<Result<StocktakeDoc, Refused>> {
  const again = await Stocktakes.findOne({ key: input.key }).session(session).lean<StocktakeDoc>();
  if (again) return ok(again);
  if (!(await Warehouses.exists({ code: input.warehouseCode }).session(session))) return no('unknown_warehouse', `没有仓库 ${input.warehouseCode}。`, `There is no warehouse ${input.warehouseCode}.`);
  const now = rt.clock.now();
  const positions = await Positions.find({ warehouseCode: input.warehouseCode }).session(session).lean<PositionDoc[]>();
  const wanted = await chosen(rt, input, positions);
  const id = rt.newId('stocktake');
  const lines = await linesOf(session, input, wanted, id, now);
  if (lines.length === 0) return no('nothing', '没有要盘的货品。', 'There is nothing to count.');
  const doc: StocktakeDoc = { _id: id, key: input.key, number: `ST${businessDayOf(now).replaceAll('-', '')}-${id.slice(-5)}`, kind: input.kind, warehouseCode: input.warehouseCode, blind: input.blind, state: 'open', snapshotAt: now, note: input.note, by: input.by, approvedBy: '', lines: lines.length, differencePieces: 0, differenceFen: 0, revision: 1, changedAt: now };
  await Stocktakes.create([doc], { session });
  await CountLines.insertMany(lines, { session });
  await audit(rt, session, [{ userId: input.by, command: 'open-stocktake', noun: 'stocktakes', id, before: null, after: { kind: input.kind, lines: lines.length }, at: now }]);
  return ok(doc);
}

/** A full count takes all; a cycle takes the classes of turnover that are due; a list takes what it names. */
async function chosen(rt: Runtime, input: StocktakeInput, positions: readonly PositionDoc[]): Promise<PositionDoc[]> {
  if (input.kind === 'cycle') {
    const classes = new Set(input.classes ?? ['A']);
    const abc = await abcOf(rt);
    return positions.filter((p) => classes.has(abc.get(p.skuCode) ?? 'C'));
  }
  const codes = input.skuCodes ? new Set(input.skuCodes) : undefined;
  return positions.filter((p) => !codes || codes.has(p.skuCode));
}

/** One line per SKU; where bins or batches are kept, one per bin and batch, so that a person walks the shelves once. */
async function linesOf(session: ClientSession, input: StocktakeInput, positions: readonly PositionDoc[], stocktakeId: string, now: Date): Promise<CountLineDoc[]> {
  const bins = input.bins ? new Set(input.bins) : undefined;
  const lines: CountLineDoc[] = [];
  for (const p of positions) {
    const parts = p.tracked ? await lotsOf(session, p) : [{ bin: '', batch: '', quantity: p.onHand }];
    const own = parts.filter((part) => !bins || bins.has(part.bin));
    const elsewhere = p.onHand - own.reduce((n, part) => n + part.quantity, 0);
    for (const part of own) {
      lines.push({ _id: `${stocktakeId}:${p.skuCode}:${part.bin}:${part.batch}`, stocktakeId, warehouseCode: p.warehouseCode, skuCode: p.skuCode, bin: part.bin, batch: part.batch, booked: part.quantity, elsewhere, unitFen: unitCost(p), counted: null, recounted: null, state: 'to_count', revision: 1, changedAt: now });
    }
  }
  return lines;
}

/** Far from what is booked, by pieces or by money: it is counted a second time before anybody may approve it. */
const farOff = (line: CountLineDoc, counted: number, s: { recountPieces: number; recountFen: number }): boolean => {
  const off = Math.abs(counted - line.booked);
  return (s.recountPieces > 0 && off > s.recountPieces) || (s.recountFen > 0 && off * line.unitFen > s.recountFen);
};

/** Counted pieces by line; the second count of a line that was far off settles it. */
export async function enterCounts(rt: Runtime, session: ClientSession, lines: readonly { readonly id: string; readonly counted: number; readonly row: number }[]): Promise<Result<{ recount: number }, readonly LineRefusal[]>> {
  const settings = await readSettings(session);
  const docs = new Map((await CountLines.find({ _id: { $in: lines.map((l) => l.id) } }).session(session).lean<CountLineDoc[]>()).map((d) => [d._id, d]));
  const takes = new Map((await Stocktakes.find({ _id: { $in: [...new Set([...docs.values()].map((d) => d.stocktakeId))] } }).session(session).lean<StocktakeDoc[]>()).map((t) => [t._id, t]));
  const refused: LineRefusal[] = [];
  const now = rt.clock.now();
  let recount = 0;
  for (const l of lines) {
    const doc = docs.get(l.id);
    if (!doc || takes.get(doc.stocktakeId)?.state !== 'open') { refused.push({ row: l.row, column: 'counted', code: doc ? 'closed' : 'not_found', message: { zh: doc ? '这张盘点单已经结束。' : `没有盘点行 ${l.id}。`, en: doc ? 'This stocktake is closed.' : `There is no count line ${l.id}.` } }); continue; }
    const second = doc.state === 'recount';
    const state: CountLineDoc['state'] = !second && farOff(doc, l.counted, settings) ? 'recount' : 'counted';
    if (state === 'recount') recount += 1;
    await CountLines.updateOne({ _id: doc._id }, { $set: { ...(second ? { recounted: l.counted } : { counted: l.counted, recounted: null }), state, changedAt: now }, $inc: { revision: 1 } }, { session });
  }
  return refused.length > 0 ? refuse(refused) : ok({ recount });
}

export const countedOf = (l: Pick<CountLineDoc, 'counted' | 'recounted'>): number | null => l.recounted ?? l.counted;

/** Posts the differences as counts of the snapshot's instant. Lines that nobody counted stay as booked, and are named. */
export async function approveStocktake(rt: Runtime, session: ClientSession, input: { id: string; by: string }): Promise<Result<{ doc: StocktakeDoc; uncounted: number }, readonly LineRefusal[]>> {
  const doc = await Stocktakes.findById(input.id).session(session).lean<StocktakeDoc>();
  const one = (code: string, zh: string, en: string): Result<never, readonly LineRefusal[]> => refuse([{ row: 0, column: 'state', code, message: { zh, en } }]);
  if (!doc) return one('not_found', '没有这张盘点单。', 'There is no such stocktake.');
  if (doc.state === 'posted') return ok({ doc, uncounted: 0 });
  if (doc.state === 'cancelled') return one('cancelled', '盘点单已作废。', 'The stocktake is cancelled.');
  const lines = await CountLines.find({ stocktakeId: doc._id }).sort({ _id: 1 }).session(session).lean<CountLineDoc[]>();
  const again = lines.filter((l) => l.state === 'recount').length;
  if (again > 0) return one('recount', `还有 ${again} 行差异大，要复盘。`, `${again} lines are far off and want a second count.`);
  const counted = lines.filter((l) => countedOf(l) !== null);
  const bySku = new Map<string, CountLineDoc[]>();
  for (const l of lines) bySku.set(l.skuCode, [...(bySku.get(l.skuCode) ?? []), l]);
  const total = { pieces: 0, valueFen: 0 };
  const refused: LineRefusal[] = [];
  for (const [skuCode, own] of [...bySku].filter(([, own]) => own.some((l) => countedOf(l) !== null))) {
    const onHand = own.reduce((n, l) => n + (countedOf(l) ?? l.booked), own[0]!.elsewhere);
    const done = await countStock(rt, session, { key: doc._id, reason: doc.number, by: input.by, at: doc.snapshotAt, reference: doc._id, lines: [{ warehouseCode: doc.warehouseCode, skuCode, onHand, row: 0 }], lots: own.flatMap((l) => { const c = countedOf(l); return c === null || (l.bin === '' && l.batch === '') || c === l.booked ? [] : [{ bin: l.bin, batch: l.batch, change: c - l.booked }]; }) });
    if (done.ok) { total.pieces += done.value.pieces; total.valueFen += done.value.valueFen; }
    else refused.push(...done.refusal.map((r) => ({ ...r, column: 'counted' })));
  }
  if (refused.length > 0) return refuse(refused);
  const now = rt.clock.now();
  const set = { state: 'posted' as const, approvedBy: input.by, differencePieces: total.pieces, differenceFen: total.valueFen, changedAt: now };
  await Stocktakes.updateOne({ _id: doc._id, revision: doc.revision }, { $set: set, $inc: { revision: 1 } }, { session });
  await CountLines.updateMany({ stocktakeId: doc._id }, { $set: { state: 'posted', changedAt: now }, $inc: { revision: 1 } }, { session });
  await audit(rt, session, [{ userId: input.by, command: 'approve-stocktake', noun: 'stocktakes', id: doc._id, before: 'open', after: { pieces: total.pieces, valueFen: total.valueFen, counted: counted.length }, at: now }]);
  return ok({ doc: { ...doc, ...set, revision: doc.revision + 1 }, uncounted: lines.length - counted.length });
}

export async function cancelStocktake(rt: Runtime, session: ClientSession, input: { id: string; by: string }): Promise<StocktakeDoc | undefined> {
  const doc = await Stocktakes.findById(input.id).session(session).lean<StocktakeDoc>();
  if (!doc || doc.state !== 'open') return doc ?? undefined;
  const now = rt.clock.now();
  await Stocktakes.updateOne({ _id: doc._id }, { $set: { state: 'cancelled', changedAt: now }, $inc: { revision: 1 } }, { session });
  await CountLines.updateMany({ stocktakeId: doc._id }, { $set: { state: 'cancelled', changedAt: now }, $inc: { revision: 1 } }, { session });
  await audit(rt, session, [{ userId: input.by, command: 'cancel-stocktake', noun: 'stocktakes', id: doc._id, before: 'open', after: 'cancelled', at: now }]);
  return { ...doc, state: 'cancelled', revision: doc.revision + 1 };
}

export type SkuNames = ReadonlyMap<string, string>;
export const namesOf = async (codes: readonly string[]): Promise<SkuNames> => new Map((await Skus.find({ code: { $in: [...codes] } }, { code: 1, name: 1 }).lean<SkuDoc[]>()).map((s) => [s.code, s.name]));
