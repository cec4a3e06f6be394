/**
 * Goods that come in other than on a purchase order: a buyer's return, a delivery without a paper, anything by hand. What is
 * expected is written down first, or nothing is (blind); then it is counted in, over and short within the company's tolerance.
 * In: expected and received lines. Out: the inbound, its movements. Wrong: outside the tolerance, unless a person says why.
 */
import type { ClientSession } from 'mongoose';
import { businessDayOf } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { Skus, Warehouses, type SkuDoc } from '../store/models.ts';
import { Inbounds, type InboundDoc } from '../store/work-models.ts';
import { postByHand } from './hand-movements.ts';
import { readSettings } from './settings.ts';
import type { LineRefusal } from './transfers.ts';

export type InboundInput = { readonly key: string; readonly source: InboundDoc['source']; readonly warehouseCode: string; readonly reference: string; readonly note: string; readonly by: string; readonly blind: boolean; readonly lines: readonly { readonly skuCode: string; readonly expected: number; readonly unitCostFen?: number | undefined }[] };
const no = (row: number, column: string, code: string, zh: string, en: string): LineRefusal => ({ row, column, code, message: { zh, en } });

export async function openInbound(rt: Runtime, session: ClientSession, input: InboundInput): Promise<Result<InboundDoc, readonly LineRefusal[]>> {
  const again = await Inbounds.findOne({ key: input.key }).session(session).lean<InboundDoc>();
  if (again) return ok(again);
  const skus = new Map((await Skus.find({ code: { $in: input.lines.map((l) => l.skuCode) } }).session(session).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  const refused = input.lines.flatMap((l, i) => (skus.has(l.skuCode) ? [] : [no(i + 1, 'skuCode', 'unknown_sku', `没有货品 ${l.skuCode}。`, `There is no SKU ${l.skuCode}.`)]));
  if (!(await Warehouses.exists({ code: input.warehouseCode }).session(session))) refused.push(no(0, 'warehouseCode', 'unknown_warehouse', `没有仓库 ${input.warehouseCode}。`, `There is no warehouse ${input.warehouseCode}.`));
  if (refused.length > 0) return refuse(refused);
  const now = rt.clock.now();
  const id = rt.newId('inbound');
  const doc: InboundDoc = { _id: id, key: input.key, number: `IN${businessDayOf(now).replaceAll('-', '')}-${id.slice(-5)}`, source: input.source, warehouseCode: input.warehouseCode, reference: input.reference, note: input.note, by: input.by, blind: input.blind, state: 'open', keys: [], at: now, revision: 1, changedAt: now, lines: input.lines.map((l) => ({ skuCode: l.skuCode, expected: l.expected, received: 0, unitCostFen: l.unitCostFen ?? skus.get(l.skuCode)!.costFen })) };
  await Inbounds.create([doc], { session });
  await audit(rt, session, [{ userId: input.by, command: 'open-inbound', noun: 'inbounds', id, before: null, after: { lines: doc.lines.length, source: doc.source }, at: now }]);
  return ok(doc);
}

/** The most, and the least, that are taken without a word: the expected pieces and the company's tolerance, in whole pieces. */
export const allowed = (expected: number, s: { overReceiptRate: number; underReceiptRate: number }): { least: number; most: number } => ({ most: expected + Math.floor((expected * s.overReceiptRate) / 10_000), least: expected - Math.floor((expected * s.underReceiptRate) / 10_000) });

type Received = { readonly skuCode: string; readonly quantity: number; readonly bin?: string | undefined; readonly batch?: string | undefined; readonly serials?: readonly string[] | undefined };
export async function receiveInbound(rt: Runtime, session: ClientSession, input: { id: string; key: string; by: string; reason: string; close: boolean; lines: readonly Received[] }): Promise<Result<InboundDoc, readonly LineRefusal[]>> {
  const doc = await Inbounds.findById(input.id).session(session).lean<InboundDoc>();
  if (!doc) return refuse([no(0, 'id', 'not_found', '没有这张入库单。', 'There is no such inbound.')]);
  if (doc.state === 'cancelled') return refuse([no(0, 'id', 'cancelled', `入库单 ${doc.number} 已取消：买家不退了。货还是来了，就另开一张。`, `${doc.number} is cancelled: the buyer keeps the goods. If they came after all, open another.`)]);
  if (doc.state !== 'open' || doc.keys.includes(input.key)) return ok(doc);
  const settings = await readSettings(session);
  const skus = new Map((await Skus.find({ code: { $in: input.lines.map((l) => l.skuCode) } }).session(session).lean<SkuDoc[]>()).map((s) => [s.code, s]));
  const refused: LineRefusal[] = [];
  const lines = doc.lines.map((l) => ({ ...l }));
  for (const [i, r] of input.lines.entries()) {
    const sku = skus.get(r.skuCode);
    let line = lines.find((l) => l.skuCode === r.skuCode);
    if (!sku) { refused.push(no(i + 1, 'skuCode', 'unknown_sku', `没有货品 ${r.skuCode}。`, `There is no SKU ${r.skuCode}.`)); continue; }
    if (sku.wantsBatch && !r.batch) refused.push(no(i + 1, 'batch', 'batch_missing', `${r.skuCode} 按批次管理，写上批次。`, `${r.skuCode} is kept by batch: name it.`));
    if (!line) {
      if (!doc.blind && input.reason === '') { refused.push(no(i + 1, 'skuCode', 'not_expected', `单上没有 ${r.skuCode}；写明原因才能收。`, `${r.skuCode} is not expected; say why it is taken.`)); continue; }
      lines.push((line = { skuCode: r.skuCode, expected: 0, received: 0, unitCostFen: sku.costFen }));
    }
    line.received += r.quantity;
    if (!doc.blind && line.expected > 0 && line.received > allowed(line.expected, settings).most && input.reason === '') refused.push(no(i + 1, 'quantity', 'over', `${r.skuCode} 应收 ${line.expected}，共收 ${line.received}，超过容差；写明原因才能收。`, `${r.skuCode}: ${line.expected} expected, ${line.received} received, over the tolerance; say why.`));
  }
  if (input.close && !doc.blind && input.reason === '') for (const l of lines) if (l.received < allowed(l.expected, settings).least) refused.push(no(0, 'received', 'short', `${l.skuCode} 应收 ${l.expected}，只收 ${l.received}，超过容差；写明原因才能结单。`, `${l.skuCode}: ${l.expected} expected, only ${l.received} received, below the tolerance; say why.`));
  if (refused.length > 0) return refuse(refused);
  const posted = input.lines.length === 0 ? ok([]) : await postByHand(rt, session, { key: `${doc._id}:${input.key}`, kind: doc.source === 'return' ? 'return' : 'other-in', at: rt.clock.now(), reason: input.reason || doc.note || doc.number, reference: doc._id, by: input.by, lines: input.lines.map((l) => ({ ...l, warehouseCode: doc.warehouseCode, unitCostFen: lines.find((x) => x.skuCode === l.skuCode)!.unitCostFen })) });
  if (!posted.ok) return posted;
  const now = rt.clock.now();
  const state: InboundDoc['state'] = input.close || (!doc.blind && lines.every((l) => l.received >= l.expected)) ? 'done' : 'open';
  const set = { lines, state, keys: [...doc.keys, input.key], changedAt: now };
  await Inbounds.updateOne({ _id: doc._id, revision: doc.revision }, { $set: set, $inc: { revision: 1 } }, { session });
  await audit(rt, session, [{ userId: input.by, command: 'receive-inbound', noun: 'inbounds', id: doc._id, before: null, after: { lines: input.lines, reason: input.reason }, at: now }]);
  return ok({ ...doc, ...set, revision: doc.revision + 1 });
}
