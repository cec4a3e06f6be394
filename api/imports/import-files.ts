/**
 * Takes in a seller's files: orders, item lines, bills. All of an upload or nothing: one bad cell refuses it, and names itself.
 * In: files. Out: per file what it is and how many rows are new, changed, the same, bad. Twice the same changes nothing.
 */
import { readByMap, readFiles } from '../channels/files/index.ts';
import type { FileProblem, IncomingRefund, ReadFile } from '../channels/channel.ts';
import { problem, type Problem } from '../contract/problems.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import type { Right } from '../contract/route.ts';
import { storeBill } from '../finance/index.ts';
import { savedMap } from './column-maps.ts';
import type { UploadedFile } from '../http/bind.ts';
import { addLines, ingestOrders, ingestRefunds, Refunds } from '../orders/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { fileShop, Shops, type ShopDoc } from '../shops/index.ts';
import { importList, LIST_KINDS, readStockList, type ListKind, type StockList } from '../stock/index.ts';

type Counts = { new: number; changed: number; same: number; bad: number };
export type Imported = { name: string; kind: ReadFile['kind'] | ListKind | 'unknown'; format: string; channel: string; shopName: string; rows: number; counts: Counts; bad: FileProblem[]; lacks: string[]; headers?: string[]; choose?: Choice[] };
/** One of several shops or accounts that a file may be of. */
type Choice = { id: string; name: string };
type Read = { readonly name: string; readonly file: ReadFile };
/** What each kind of file changes asks for the right to change it; the seller's own lists are stock. */
const NEEDS = { orders: 'orders:write', lines: 'orders:write', refunds: 'orders:write', bill: 'finance:write' } as const;
/** Orders before their lines, lines before bills: each finds what it belongs to. */
const ORDER: readonly ReadFile['kind'][] = ['orders', 'lines', 'refunds', 'bill'];

export async function importFiles(rt: Runtime, files: readonly UploadedFile[], preview: boolean, userId = 'system', rights?: ReadonlySet<Right>, chosen: readonly string[] = []): Promise<Result<Imported[], Problem>> {
  if (files.length === 0) return refuse(problem('file_refused', { zh: '没有收到文件。', en: 'no file came.' }));
  const read: Read[] = [];
  const strange: Imported[] = [];
  const lists: { name: string; list: StockList }[] = [];
  for (const f of files) {
    const [first, ...more] = await readFiles(f.name, f.bytes);
    for (const one of more) if (one.file.kind !== 'unknown') read.push({ name: one.name, file: one.file });
    const found = first!.file;
    const map = found.kind === 'unknown' ? await savedMap(found.headers) : undefined;
    const file = (map && (await readByMap(f.name, f.bytes, map))) ?? found;
    const list = file.kind === 'unknown' ? await readStockList(f.name, f.bytes) : undefined;
    if (list) { lists.push({ name: f.name, list }); continue; }
    if (file.kind === 'unknown' && preview && file.headers.length > 0) {
      strange.push({ name: f.name, kind: 'unknown', format: '', channel: '', shopName: '', rows: 0, counts: { new: 0, changed: 0, same: 0, bad: 1 }, bad: [{ row: 0, column: '', code: 'unknown_table', read: '', words: { zh: file.zh, en: file.en } }], lacks: [], headers: [...file.headers] });
      continue;
    }
    if (file.kind === 'unknown') return refuse(problem('file_refused', { zh: `${f.name}：${file.zh}`, en: `${f.name}: ${file.en}` }));
    read.push({ name: first!.name, file });
  }
  const lacking = rights && [...new Set([...read.map((r) => NEEDS[r.file.kind as keyof typeof NEEDS]), ...(lists.length > 0 ? ['stock:write' as const] : []), ...(strange.length > 0 ? ['orders:write' as const] : [])])].find((r) => !rights.has(r));
  if (lacking) return refuse(problem('no_right', { right: lacking }));
  read.sort((a, b) => ORDER.indexOf(a.file.kind) - ORDER.indexOf(b.file.kind));
  const bad = read.flatMap((r) => r.file.bad.map((b) => ({ row: b.row, column: b.column, code: b.code, message: { zh: `${r.name} ${b.words.zh}`, en: `${r.name} ${b.words.en}` } })));
  if (bad.length > 0 && !preview) return refuse(problem('batch_refused', { count: bad.length }, bad));
  const places = await placesOf(read.map((r) => channelOf(r.file)), chosen);
  const open = preview ? undefined : read.find((r) => places.get(channelOf(r.file))?.choose);
  if (open) return refuse(problem('file_refused', whose(open.name, places.get(channelOf(open.file))!.choose!)));
  const coming = new Set(read.flatMap((r) => (r.file.kind === 'orders' ? r.file.orders.map((o) => o.platformOrderId) : [])));
  const answers: Imported[] = [...strange];
  const own = await importLists(rt, lists, preview, userId);
  if (!own.ok) return own;
  answers.push(...own.value);
  for (const r of read) answers.push(await importOne(rt, r, preview, coming, places.get(channelOf(r.file))!));
  if (!preview) for (const job of ['review-orders', 'count-customers', 'post-journal', 'reconcile-bills', 'push-stock']) rt.wake(job);
  return ok(answers);
}

/** The seller's own lists, SKUs before what names them. A list is taken whole; a bad one stops those behind it. */
async function importLists(rt: Runtime, lists: readonly { name: string; list: StockList }[], preview: boolean, by: string): Promise<Result<Imported[], Problem>> {
  const answers: Imported[] = [];
  for (const { name, list } of [...lists].sort((a, b) => LIST_KINDS.indexOf(a.list.kind) - LIST_KINDS.indexOf(b.list.kind))) {
    const done = await importList(rt, list, { preview, by });
    if (done.bad.length > 0 && !preview) return refuse(problem('batch_refused', { count: done.bad.length }, done.bad.map((b) => ({ row: b.row, column: b.column, code: b.code, message: { zh: `${name} ${b.words.zh}`, en: `${name} ${b.words.en}` } }))));
    answers.push({ name, kind: list.kind, format: list.format, channel: '', shopName: '', rows: done.rows, counts: done.counts, bad: done.bad, lacks: [] });
  }
  return ok(answers);
}

const channelOf = (file: ReadFile): string => (file.kind === 'bill' ? file.bill.channel : file.channel);
type Place = { readonly shop?: Pick<ShopDoc, '_id' | 'name'>; readonly choose?: Choice[] };
/** Whose a channel's files are: of its only shop or account, of the one that was named, of one that is made for files; else it is asked. */
async function placesOf(channels: readonly string[], chosen: readonly string[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const channel of new Set(channels)) {
    const found = await Shops.find({ channel }).sort({ _id: 1 }).lean<ShopDoc[]>();
    const one = found.length === 1 ? found[0] : found.find((s) => chosen.includes(s._id));
    places.set(channel, one ? { shop: one } : found.length === 0 ? {} : { choose: found.map((s) => ({ id: s._id, name: s.name })) });
  }
  return places;
}
const whose = (name: string, choose: readonly Choice[]): { zh: string; en: string } => ({ zh: `${name} 可能属于 ${choose.map((c) => c.name).join('、')}：先选是哪一个。`, en: `${name} may be of ${choose.map((c) => c.name).join(', ')}: choose which first.` });

async function importOne(rt: Runtime, { name, file }: Read, dryRun: boolean, coming: ReadonlySet<string>, place: Place): Promise<Imported> {
  const channel = channelOf(file);
  // A preview makes nothing, not even the shop that the file would be for.
  const shop = place.shop ?? (dryRun ? { _id: 'none', name: '' } : await fileShop(rt, channel));
  const base = { name, kind: file.kind, format: file.format, channel, shopName: shop.name, bad: [...file.bad], lacks: file.kind === 'orders' ? [...file.lacks] : [], ...(place.choose ? { choose: place.choose } : {}) };
  const counted = (rows: number, c: { new: number; changed: number; same: number; older?: number }, bad: number): Imported => ({ ...base, rows, counts: { new: c.new, changed: c.changed, same: c.same + (c.older ?? 0), bad } });
  if (file.kind === 'orders') return counted(file.orders.length, await ingestOrders(rt, { shopId: shop._id, channel, source: 'file', orders: file.orders, dryRun }), file.bad.length);
  if (file.kind === 'bill') return counted(file.bill.lines.length, await storeBill(rt, { accountId: shop._id, bill: file.bill, source: 'file', dryRun }), file.bad.length);
  if (file.kind === 'refunds') return counted(file.refunds.length, await takeRefunds(rt, shop._id, file.refunds, dryRun), file.bad.length);
  const done = await addLines(rt, { shopId: shop._id, channel, lines: file.lines, dryRun, coming });
  const orphans = done.without.map((id): FileProblem => {
    const row = file.lines.find((l) => l.platformOrderId === id)?.row ?? 0;
    return { row, column: '主订单编号', code: 'no_order', read: id, words: { zh: `第 ${row} 行：还没有订单 ${id}，先导入订单报表`, en: `Row ${row}: there is no order ${id} yet; import the order report first` } };
  });
  return { ...counted(file.lines.length, done, file.bad.length + orphans.length), bad: [...file.bad, ...orphans] };
}

async function takeRefunds(rt: Runtime, shopId: string, refunds: readonly IncomingRefund[], dryRun: boolean): Promise<{ new: number; changed: number; same: number }> {
  const known = new Map((await Refunds.find({ shopId, platformRefundId: { $in: refunds.map((r) => r.platformRefundId) } }).lean()).map((r) => [r.platformRefundId, r]));
  const fresh = refunds.filter((r) => !known.has(r.platformRefundId));
  // Not newer, and in the same state: there is nothing to take in.
  const changed = refunds.filter((r) => { const k = known.get(r.platformRefundId); return k !== undefined && (r.modifiedAt > k.modifiedAt || (k.state !== r.state && r.modifiedAt.getTime() === k.modifiedAt.getTime())); });
  if (!dryRun) await ingestRefunds(rt, shopId, [...fresh, ...changed]);
  return { new: fresh.length, changed: changed.length, same: refunds.length - fresh.length - changed.length };
}
