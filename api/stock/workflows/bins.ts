/** Bins and batches as such, and the three questions asked of them: where to put, how to walk, what to bring down from bulk. */
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { addDays, businessDay } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { mayBeWarehouse } from '../domain/places.ts';
import { pickFirst, putAway, type Bin, type Shelf } from '../domain/pick.ts';
import { positionId, Positions, Skus, Warehouses, type PositionDoc, type SkuDoc, type WarehouseDoc, type WarehouseKind } from '../store/models.ts';
import { Batches, Bins, Lots, type BinDoc, type LotDoc } from '../store/work-models.ts';
import { abcOf } from './figures.ts';
import { shelvesOf } from './lots.ts';
import type { LineRefusal } from './transfers.ts';

export async function saveWarehouse(rt: Runtime, w: { code: string; name: string; priority: number; kind: WarehouseKind; sellable: boolean }): Promise<Result<WarehouseDoc, Both>> {
  if (!mayBeWarehouse(w.code)) return refuse({ zh: `“${w.code}”不能做仓库编码：字母数字，最长 20 位，且不是保留词。`, en: `“${w.code}” cannot be a warehouse's code: letters and digits, 20 at most, no word of the ledger.` });
  const { code, ...set } = w;
  const now = rt.clock.now();
  const done = await Warehouses.findOneAndUpdate({ code }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 }, $setOnInsert: { _id: rt.newId('warehouse') } }, { upsert: true, returnDocument: 'after' }).lean<WarehouseDoc>();
  return ok(done!);
}

export type BinInput = Omit<BinDoc, '_id' | 'revision' | 'changedAt' | 'active'>;
export async function saveBins(rt: Runtime, bins: readonly BinInput[]): Promise<Result<number, readonly LineRefusal[]>> {
  const houses = new Set((await Warehouses.find({}, { code: 1 }).lean()).map((w) => w.code));
  const refused = bins.flatMap((b, i): LineRefusal[] => (houses.has(b.warehouseCode) ? [] : [{ row: i + 1, column: 'warehouseCode', code: 'unknown_warehouse', message: { zh: `没有仓库 ${b.warehouseCode}。`, en: `There is no warehouse ${b.warehouseCode}.` } }]));
  if (refused.length > 0) return refuse(refused);
  const now = rt.clock.now();
  await Bins.bulkWrite(bins.map((b) => ({ updateOne: { filter: { _id: `${b.warehouseCode}:${b.code}` }, update: { $set: { ...b, active: true, changedAt: now }, $inc: { revision: 1 } }, upsert: true } })));
  return ok(bins.length);
}

export async function saveBatches(rt: Runtime, batches: readonly { skuCode: string; batch: string; producedOn: string; expiresOn: string }[]): Promise<Result<number, readonly LineRefusal[]>> {
  const skus = new Map((await Skus.find({ code: { $in: batches.map((b) => b.skuCode) } }).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  const refused = batches.flatMap((b, i): LineRefusal[] => (skus.has(b.skuCode) ? [] : [{ row: i + 1, column: 'skuCode', code: 'unknown_sku', message: { zh: `没有货品 ${b.skuCode}。`, en: `There is no SKU ${b.skuCode}.` } }]));
  if (refused.length > 0) return refuse(refused);
  const now = rt.clock.now();
  for (const b of batches) {
    const shelf = skus.get(b.skuCode)!.shelfDays;
    const expiresOn = b.expiresOn || (b.producedOn !== '' && shelf > 0 ? addDays(businessDay(b.producedOn), shelf) : '');
    await Batches.updateOne({ _id: `${b.skuCode}|${b.batch}` }, { $set: { ...b, expiresOn, changedAt: now }, $inc: { revision: 1 } }, { upsert: true });
    await Lots.updateMany({ skuCode: b.skuCode, batch: b.batch }, { $set: { expiresOn, changedAt: now }, $inc: { revision: 1 } });
  }
  return ok(batches.length);
}

type Line = { readonly skuCode: string; readonly quantity: number };
export async function suggestPutAway(rt: Runtime, warehouseCode: string, lines: readonly Line[]): Promise<{ skuCode: string; bin: string; quantity: number; why: 'same' | 'class' | 'empty' | 'no_room' }[]> {
  const [bins, lots, abc] = await Promise.all([Bins.find({ warehouseCode, active: true }).lean<BinDoc[]>(), Lots.find({ warehouseCode, quantity: { $gt: 0 } }).lean<LotDoc[]>(), abcOf(rt)]);
  const holds = new Map<string, Map<string, number>>();
  const put = (bin: string, sku: string, n: number): void => { const m = holds.get(bin) ?? new Map<string, number>(); m.set(sku, (m.get(sku) ?? 0) + n); holds.set(bin, m); };
  for (const l of lots) put(l.bin, l.skuCode, l.quantity);
  return lines.flatMap((line) => {
    const facts = bins.map((b): Bin => { const m = holds.get(b.code); return { code: b.code, kind: b.kind, speed: b.speed, capacity: b.capacity, path: b.path, holds: [...(m?.values() ?? [])].reduce((n, q) => n + q, 0), holdsThis: (m?.get(line.skuCode) ?? 0) > 0 }; });
    const plan = putAway(facts, line.quantity, abc.get(line.skuCode) ?? 'C');
    // What is put away by an earlier line takes its room from the next.
    for (const p of plan) put(p.bin, line.skuCode, p.quantity);
    const left = line.quantity - plan.reduce((n, p) => n + p.quantity, 0);
    return [...plan.map((p) => ({ skuCode: line.skuCode, ...p })), ...(left > 0 ? [{ skuCode: line.skuCode, bin: '', quantity: left, why: 'no_room' as const }] : [])];
  });
}

export type PickStep = { bin: string; skuCode: string; batch: string; quantity: number; path: number };
/** One walk for all lines together; what lies nowhere in particular comes last, without a bin. */
export async function pickPath(warehouseCode: string, lines: readonly Line[]): Promise<{ steps: PickStep[]; short: { skuCode: string; quantity: number }[] }> {
  const wanted = new Map<string, number>();
  for (const l of lines) wanted.set(l.skuCode, (wanted.get(l.skuCode) ?? 0) + l.quantity);
  const steps: PickStep[] = [];
  const short: { skuCode: string; quantity: number }[] = [];
  for (const [skuCode, quantity] of wanted) {
    const position = await Positions.findById(positionId(warehouseCode, skuCode)).lean<PositionDoc>();
    const shelves = await shelvesOf(null, warehouseCode, skuCode, position?.onHand ?? 0);
    const parts = pickFirst(shelves, quantity);
    for (const p of parts) steps.push({ ...p, skuCode, path: shelves.find((s) => s.bin === p.bin)?.path ?? 0 });
    const left = quantity - parts.reduce((n, p) => n + p.quantity, 0);
    if (left > 0) short.push({ skuCode, quantity: left });
  }
  return { steps: steps.sort((a, b) => Number(a.bin === '') - Number(b.bin === '') || a.path - b.path || (a.bin < b.bin ? -1 : a.bin > b.bin ? 1 : a.skuCode < b.skuCode ? -1 : 1)), short };
}

/** Promised pieces that no pick bin has in reach come down from bulk, first expired first, to where the SKU is picked from. */
export async function suggestReplenish(warehouseCode: string): Promise<{ skuCode: string; from: string; to: string; batch: string; quantity: number }[]> {
  const bins = new Map((await Bins.find({ warehouseCode, active: true }).lean<BinDoc[]>()).map((b) => [b.code, b]));
  const moves = [];
  for (const p of await Positions.find({ warehouseCode, tracked: true, reserved: { $gt: 0 } }).lean<PositionDoc[]>()) {
    const shelves = await shelvesOf(null, warehouseCode, p.skuCode, p.onHand);
    const reach = (s: Shelf): boolean => !s.bulk;
    const missing = p.reserved - shelves.filter(reach).reduce((n, s) => n + s.quantity, 0);
    const to = shelves.filter((s) => reach(s) && s.bin !== '').sort((a, b) => a.path - b.path)[0]?.bin ?? [...bins.values()].filter((b) => b.kind === 'pick').sort((a, b) => a.path - b.path)[0]?.code ?? '';
    if (missing > 0 && to !== '') for (const part of pickFirst(shelves.filter((s) => s.bulk), missing)) moves.push({ skuCode: p.skuCode, from: part.bin, to, batch: part.batch, quantity: part.quantity });
  }
  return moves;
}
