/**
 * The seller's own lists, as CSV or workbook: SKUs, barcodes, opening stock, bins, listing maps, counts that come back from paper.
 * What a list is, its header says. All of it or nothing; a preview says of each row whether it is new, changed, the same or bad.
 */
import { readTable, type Table, type TableRow } from '../../channels/files/table.ts';
import type { FileProblem } from '../../channels/channel.ts';
import { fenFromYuanText } from '../../contract/values/money.ts';
import { instantFromLocalText } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { mayBeWarehouse } from '../domain/places.ts';
import { Listings, Movements, Skus, Warehouses, type ListingDoc, type MovementDoc, type SkuDoc } from '../store/models.ts';
import { Bins, CountLines, Stocktakes, type BinDoc, type CountLineDoc, type StocktakeDoc } from '../store/work-models.ts';
import { saveBins } from './bins.ts';
import { postMovement } from './post-movement.ts';
import { enterCounts } from './stocktakes.ts';

export const LIST_KINDS = ['skus', 'barcodes', 'opening', 'bins', 'listing-map', 'counts'] as const;
export type ListKind = (typeof LIST_KINDS)[number];
export type StockList = { readonly kind: ListKind; readonly format: string; readonly table: Table };
type Counts = { new: number; changed: number; same: number; bad: number };
export type ListDone = { readonly rows: number; readonly counts: Counts; readonly bad: FileProblem[] };
/** One row, judged: what it would do, and the doing of it. */
type Judged = { readonly standing: 'new' | 'changed' | 'same'; readonly write?: () => Promise<void> };
type Judge = (row: TableRow, seen: Set<string>) => Judged | FileProblem[];

const SKU = ['货品编码', '商家编码', 'SKU', 'SKU编码', 'Merchant code'] as const;
const WAREHOUSE = ['仓库', '仓库编码', 'Warehouse'] as const;
const BIN = ['库位', 'Bin'] as const;
const COUNTED = ['盘点数', 'Counted'] as const;
const ITEM = ['平台商品号', '商品ID', '宝贝ID', 'Item'] as const;
const FORMATS: Readonly<Record<ListKind, string>> = { skus: '货品表', barcodes: '条码表', opening: '期初库存', bins: '库位表', 'listing-map': '商品对应表', counts: '盘点表' };

export async function readStockList(name: string, bytes: Uint8Array): Promise<StockList | undefined> {
  const table = await readTable(name, bytes, 2).catch(() => undefined);
  if (!table) return undefined;
  const has = (...names: readonly string[]): boolean => names.some((n) => table.names.includes(n.replace(/\s/g, '')));
  const kind: ListKind | undefined = has('盘点单', 'Stocktake') && has(...COUNTED) ? 'counts' : has('店铺', 'Shop') && has(...ITEM) && has(...SKU) ? 'listing-map'
    : has(...BIN) && has(...WAREHOUSE) && !has('数量', '期初数量', 'Quantity') ? 'bins' : has(...SKU) && has(...WAREHOUSE) && has('数量', '期初数量', 'Quantity') ? 'opening'
      : has(...SKU) && has('名称', '货品名称', 'Name') ? 'skus' : has(...SKU) && has('条码', 'Barcode') ? 'barcodes' : undefined;
  return kind ? { kind, format: FORMATS[kind], table } : undefined;
}

const bad = (row: number, column: string, code: string, read: string, zh: string, en: string): FileProblem => ({ row, column, code, read, words: { zh: `第 ${row} 行 ${column}：${zh}`, en: `Row ${row}, ${column}: ${en}` } });
const isBad = (j: Judged | FileProblem[]): j is FileProblem[] => Array.isArray(j);

export async function importList(rt: Runtime, list: StockList, given: { preview: boolean; by: string }): Promise<ListDone> {
  const judge = await JUDGES[list.kind](rt, given.by);
  const seen = new Set<string>();
  const judged = list.table.rows.map((row) => judge(row, seen));
  const wrong = judged.filter(isBad).flat();
  const fine = judged.filter((j): j is Judged => !isBad(j));
  const counts: Counts = { new: 0, changed: 0, same: 0, bad: judged.length - fine.length };
  for (const j of fine) counts[j.standing] += 1;
  if (!given.preview && wrong.length === 0) for (const j of fine) if (j.standing !== 'same') await j.write?.();
  return { rows: judged.length, counts, bad: wrong };
}

class Reader {
  readonly problems: FileProblem[] = [];
  readonly row: TableRow;
  constructor(row: TableRow) { this.row = row; }
  text(...names: readonly string[]): string { return this.row.cell(...names); }
  must(...names: readonly string[]): string {
    const text = this.text(...names);
    if (text === '') this.problems.push(bad(this.row.row, names[0]!, 'required', '', '不能为空', 'must not be empty'));
    return text;
  }
  whole(fallback: number, ...names: readonly string[]): number {
    const text = this.text(...names).replaceAll(',', '');
    if (text === '') return fallback;
    const n = Number(text);
    if (!Number.isSafeInteger(n) || n < 0) this.problems.push(bad(this.row.row, names[0]!, 'not_whole', text, `“${text}”不是非负整数`, `“${text}” is not a whole number from 0`));
    return n;
  }
  money(fallback: number, ...names: readonly string[]): number {
    const text = this.text(...names).replace(/[¥￥]|元$/g, '');
    if (text === '') return fallback;
    const read = fenFromYuanText(text);
    if (!read.ok) { this.problems.push(bad(this.row.row, names[0]!, read.refusal.code, text, `“${text}”不是金额`, `“${text}” is no amount`)); return fallback; }
    return read.value;
  }
  tick(...names: readonly string[]): boolean { return /^(是|1|true|y|yes|√|✓|☑)$/i.test(this.text(...names)); }
  once(seen: Set<string>, key: string, column: string): void {
    if (seen.has(key)) this.problems.push(bad(this.row.row, column, 'row_twice', key, `“${key}”出现了两次`, `“${key}” comes twice`));
    seen.add(key);
  }
}

const JUDGES: Readonly<Record<ListKind, (rt: Runtime, by: string) => Promise<Judge>>> = { skus: judgeSkus, barcodes: judgeBarcodes, opening: judgeOpening, bins: judgeBins, 'listing-map': judgeListings, counts: judgeCounts };
const unknownSku = (r: Reader, code: string): void => void r.problems.push(bad(r.row.row, '货品编码', 'unknown_sku', code, `没有货品 ${code}`, `there is no SKU ${code}`));

async function judgeSkus(rt: Runtime): Promise<Judge> {
  const known = new Map((await Skus.find({}).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  return (row, seen) => {
    const r = new Reader(row);
    const code = r.must(...SKU);
    r.once(seen, code, '货品编码');
    const before = known.get(code);
    const set = {
      name: r.must('名称', '货品名称', 'Name'), barcode: r.text('条码', 'Barcode') || (before?.barcode ?? ''), category: r.text('类目', '分类', 'Category') || (before?.category ?? ''), costFen: r.money(before?.costFen ?? 0, '参考成本', '成本', 'Reference cost', 'Cost'), priceFen: r.money(before?.priceFen ?? 0, '售价', 'Price'), weightGrams: r.whole(before?.weightGrams ?? 0, '重量(克)', '重量', 'Weight(g)'),
      leadTimeDays: r.whole(before?.leadTimeDays ?? 7, '到货周期(天)', '到货周期', 'Leadtime(days)'), moq: r.whole(before?.moq ?? 1, '起订量', 'MOQ'), packSize: r.whole(before?.packSize ?? 1, '箱规', 'Packsize'), safetyStock: r.whole(before?.safetyStock ?? 0, '安全库存', 'Safetystock'), shelfDays: r.whole(before?.shelfDays ?? 0, '保质期(天)', '保质期', 'Shelfdays'),
      wantsBatch: r.tick('按批次', 'Bybatch') || (before?.wantsBatch ?? false), wantsSerial: r.tick('按序列号', 'Byserial') || (before?.wantsSerial ?? false),
    };
    if (r.problems.length > 0) return r.problems;
    if (before && (Object.keys(set) as (keyof typeof set)[]).every((k) => before[k] === set[k])) return { standing: 'same' };
    return { standing: before ? 'changed' : 'new', write: async () => { await Skus.updateOne({ code }, { $set: { ...set, changedAt: rt.clock.now() }, $inc: { revision: 1 }, $setOnInsert: { _id: rt.newId('sku'), flags: [], kit: [], supplierId: '', active: true } }, { upsert: true }); } };
  };
}

async function judgeBarcodes(rt: Runtime): Promise<Judge> {
  const known = new Map((await Skus.find({}).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  const owner = new Map([...known.values()].filter((s) => s.barcode !== '').map((s) => [s.barcode, s.code]));
  return (row, seen) => {
    const r = new Reader(row);
    const [code, barcode] = [r.must(...SKU), r.must('条码', 'Barcode')];
    if (!known.has(code)) unknownSku(r, code);
    r.once(seen, barcode, '条码');
    if (owner.has(barcode) && owner.get(barcode) !== code) r.problems.push(bad(row.row, '条码', 'barcode_taken', barcode, `条码 ${barcode} 已经是 ${owner.get(barcode)} 的`, `${barcode} is the barcode of ${owner.get(barcode)}`));
    if (r.problems.length > 0) return r.problems;
    const before = known.get(code)!.barcode;
    return before === barcode ? { standing: 'same' } : { standing: before === '' ? 'new' : 'changed', write: async () => { await Skus.updateOne({ code }, { $set: { barcode, changedAt: rt.clock.now() }, $inc: { revision: 1 } }); } };
  };
}

/** Opening stock is entered once per warehouse and SKU; what was wrong is put right by a count. */
async function judgeOpening(rt: Runtime, by: string): Promise<Judge> {
  const known = new Map((await Skus.find({}).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  const houses = new Map((await Warehouses.find({}).lean()).flatMap((w) => [[w.code, w.code], [w.name, w.code]]));
  const opened = new Map((await Movements.find({ kind: 'opening' }).lean<MovementDoc[]>()).map((m) => [m.key, m]));
  return (row, seen) => {
    const r = new Reader(row);
    const [code, house] = [r.must(...SKU), r.must(...WAREHOUSE)];
    const warehouse = houses.get(house);
    if (!known.has(code)) unknownSku(r, code);
    if (!warehouse && house !== '') r.problems.push(bad(row.row, '仓库', 'unknown_warehouse', house, `没有仓库 ${house}`, `there is no warehouse ${house}`));
    if (known.get(code)?.kit.length) r.problems.push(bad(row.row, '货品编码', 'is_kit', code, `${code} 是组合装，填它的组成件`, `${code} is a kit: give its parts`));
    const quantity = r.whole(0, '期初数量', '数量', 'Quantity');
    const unitFen = r.money(known.get(code)?.costFen ?? 0, '单位成本', '成本', 'Unit cost');
    const dayText = r.text('日期', 'Day');
    const at = dayText === '' ? rt.clock.now() : instantFromLocalText(dayText);
    if (!at || at > rt.clock.now()) r.problems.push(bad(row.row, '日期', 'not_a_day', dayText, `“${dayText}”不是过去的日期`, `“${dayText}” is no day of the past`));
    r.once(seen, `${warehouse}:${code}`, '货品编码');
    const key = `opening:${warehouse}:${code}`;
    const before = opened.get(key);
    if (before && (before.quantity !== quantity || before.costFen !== unitFen * quantity)) r.problems.push(bad(row.row, '数量', 'opened_already', String(quantity), `期初已录过 ${before.quantity} 件；要改用盘点`, `opened already with ${before.quantity} pieces; put it right by a count`));
    if (r.problems.length > 0) return r.problems;
    if (before || quantity === 0) return { standing: 'same' };
    return { standing: 'new', write: async () => { await rt.transact((session) => postMovement(rt, session, { key, kind: 'opening', skuCode: code, from: 'opening', to: warehouse!, quantity, costFen: unitFen * quantity, reference: 'opening', by, at: at! })); } };
  };
}

async function judgeBins(rt: Runtime): Promise<Judge> {
  const houses = new Map((await Warehouses.find({}).lean()).flatMap((w) => [[w.code, w.code], [w.name, w.code]]));
  const known = new Map((await Bins.find({}).lean<BinDoc[]>()).map((b) => [b._id, b]));
  const KIND: Readonly<Record<string, BinDoc['kind']>> = { 拣货: 'pick', pick: 'pick', 存储: 'bulk', bulk: 'bulk', 待检: 'inspect', inspect: 'inspect' };
  return (row, seen) => {
    const r = new Reader(row);
    const [house, code] = [r.must(...WAREHOUSE), r.must(...BIN)];
    const warehouseCode = houses.get(house);
    if (!warehouseCode || !mayBeWarehouse(warehouseCode)) r.problems.push(bad(row.row, '仓库', 'unknown_warehouse', house, `没有仓库 ${house}`, `there is no warehouse ${house}`));
    const kindText = r.text('类型', 'Kind');
    const kind = kindText === '' ? 'pick' : KIND[kindText];
    if (!kind) r.problems.push(bad(row.row, '类型', 'not_a_choice', kindText, `“${kindText}”不是 拣货、存储、待检`, `“${kindText}” is not pick, bulk or inspect`));
    const speed = (r.text('速度', 'Speed') || 'C').toUpperCase();
    if (!/^[ABC]$/.test(speed)) r.problems.push(bad(row.row, '速度', 'not_a_choice', speed, '写 A、B 或 C', 'write A, B or C'));
    const capacity = r.whole(0, '容量', 'Capacity');
    r.once(seen, `${warehouseCode}:${code}`, '库位');
    if (r.problems.length > 0) return r.problems;
    const bin = { warehouseCode: warehouseCode!, code, zone: r.text('区', '库区', 'Zone'), aisle: r.text('排', '巷道', 'Aisle'), shelf: r.text('架', '货架', 'Shelf'), level: r.text('层', 'Level'), kind: kind!, speed: speed as BinDoc['speed'], capacity: capacity === 0 ? null : capacity, path: r.whole(0, '路径', 'Path') };
    const before = known.get(`${warehouseCode}:${code}`);
    if (before && (Object.keys(bin) as (keyof typeof bin)[]).every((k) => before[k] === bin[k])) return { standing: 'same' };
    return { standing: before ? 'changed' : 'new', write: async () => { await saveBins(rt, [bin]); } };
  };
}

async function judgeListings(rt: Runtime, by: string): Promise<Judge> {
  const [shops, skus, listings] = [new Map((await Shops.find({ kind: 'shop' }).lean()).flatMap((s) => [[s.name, s._id], [s._id, s._id]])), new Set((await Skus.find({}, { code: 1 }).lean()).map((s) => s.code)), new Map((await Listings.find({}).lean<ListingDoc[]>()).map((l) => [`${l.shopId}|${l.platformItemId}|${l.platformSkuId}`, l]))];
  return (row, seen) => {
    const r = new Reader(row);
    const [shop, platformItemId, platformSkuId, code] = [r.must('店铺', 'Shop'), r.must(...ITEM), r.text('平台规格号', '规格ID', 'SKUID', 'Platform SKU'), r.must(...SKU)];
    const shopId = shops.get(shop);
    if (!shopId && shop !== '') r.problems.push(bad(row.row, '店铺', 'unknown_shop', shop, `没有店铺 ${shop}`, `there is no shop ${shop}`));
    if (code !== '' && !skus.has(code)) unknownSku(r, code);
    for (const [column, id] of [['平台商品号', platformItemId], ['平台规格号', platformSkuId]] as const) if (/^\d+(\.\d+)?E\+?\d+$/i.test(id)) r.problems.push(bad(row.row, column, 'id_as_float', id, `“${id}”被表格软件改坏了，位数已丢`, `“${id}” was damaged by a spreadsheet; its digits are lost`));
    const key = `${shopId}|${platformItemId}|${platformSkuId}`;
    r.once(seen, key, '平台商品号');
    if (r.problems.length > 0) return r.problems;
    const before = listings.get(key);
    if (before?.skuCode === code) return { standing: 'same' };
    const now = rt.clock.now();
    return { standing: before ? 'changed' : 'new', write: async () => { await Listings.updateOne({ shopId: shopId!, platformItemId, platformSkuId }, { $set: { skuCode: code, mappedBy: 'person', pushDue: true, nextPushAt: null, changedAt: now }, $inc: { revision: 1 }, $setOnInsert: { _id: rt.newId('listing'), merchantCode: code, title: r.text('商品', '标题', 'Listing') || code } }, { upsert: true }); rt.log.debug({ by, key }, 'listing mapped by file'); } };
  };
}

async function judgeCounts(rt: Runtime): Promise<Judge> {
  const open = await Stocktakes.find({ state: 'open' }).lean<StocktakeDoc[]>();
  const lines = await CountLines.find({ stocktakeId: { $in: open.map((s) => s._id) } }).lean<CountLineDoc[]>();
  const number = new Map(open.map((s) => [s._id, s.number]));
  const byKey = new Map(lines.map((l) => [`${number.get(l.stocktakeId)}|${l.skuCode}|${l.bin}|${l.batch}`, l]));
  return (row, seen) => {
    const r = new Reader(row);
    const key = `${r.must('盘点单', 'Stocktake')}|${r.must(...SKU)}|${r.text(...BIN)}|${r.text('批次', 'Batch')}`;
    r.once(seen, key, '货品编码');
    const line = byKey.get(key);
    if (!line) r.problems.push(bad(row.row, '盘点单', 'not_found', key, '开着的盘点单里没有这一行', 'no open stocktake has this line'));
    const counted = r.whole(-1, ...COUNTED);
    if (r.problems.length > 0) return r.problems;
    if (counted === -1 || counted === (line!.recounted ?? line!.counted)) return { standing: 'same' };
    return { standing: line!.counted === null ? 'new' : 'changed', write: async () => { await rt.transact((session) => enterCounts(rt, session, [{ id: line!._id, counted, row: row.row }])); } };
  };
}
