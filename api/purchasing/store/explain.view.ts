/** What figures of purchasing are made of: a suggestion of its formula, down to the days that were sold; a purchase order of its lines. */
import type { Both } from '../../contract/route.ts';
import { addDays, businessDay } from '../../contract/values/time.ts';
import { sumOf, term, type Explained, type Explainer, type Explains, type FigurePart, type FigureRow } from '../../contract/why.ts';
import { salesByDay } from '../../orders/index.ts';
import { skuFacts, stockOf } from '../../stock/index.ts';
import { PurchaseOrders, Receipts, Suggestions, type PurchaseOrderDoc, type ReceiptDoc, type SuggestionDoc } from './models.ts';
import { purchaseOrderRows, receiptRows, suggestionRows } from './purchasing.view.ts';

const none: Both = { zh: '', en: '' };
const of = (row: FigureRow): Promise<SuggestionDoc | null> => Suggestions.findById(row.id).lean<SuggestionDoc>();
const step = (zh: string, en: string, value: number, words: Both = none, field?: string, id = ''): FigurePart => ({ label: { zh, en }, words, value, kind: 'quantity', ...(field ? { ref: { noun: 'suggestions', id, field } } : {}) });

/** Each line of the formula of domain/suggest.ts, the figure after it at the right. */
const suggested: Explainer = async (row) => {
  const d = await of(row);
  if (!d) return undefined;
  const p = d.parts;
  const there = p.available + p.incoming;
  return {
    sentence: p.quantity === 0 ? { zh: `可用加在途 ${there}，高于补货点 ${p.reorderPoint}，不用买。`, en: `Available and incoming, ${there}, are above the reorder point of ${p.reorderPoint}: nothing to buy.` } : { zh: `可用加在途 ${there}，不高于补货点 ${p.reorderPoint}：补到 ${p.target}，缺 ${p.rawQuantity}，凑整箱和起订量得 ${p.quantity}。`, en: `Available and incoming, ${there}, are at or below the reorder point of ${p.reorderPoint}: up to ${p.target}, short of ${p.rawQuantity}, in whole packs and at least the MOQ: ${p.quantity}.` },
    how: 'steps', parts: [
      step('补到', 'Up to', p.target, none, 'parts.target', row.id), step('减可用', 'less available', p.target - p.available, none, 'available', row.id), step('减在途', 'less incoming', p.target - there, none, 'incoming', row.id), step('缺', 'short', p.rawQuantity, { zh: `补货点 ${p.reorderPoint}`, en: `reorder point ${p.reorderPoint}` }, 'parts.reorderPoint', row.id),
      step('凑整箱、起订', 'whole packs, MOQ', p.quantity, { zh: `每箱 ${p.packSize}，起订 ${p.moq}`, en: `packs of ${p.packSize}, MOQ ${p.moq}` }),
    ],
  };
};
const target: Explainer = async (row) => { const d = await of(row); return d ? { sentence: { zh: `到货加复查 ${d.parts.leadTimeDays + d.parts.reviewDays} 天的需求 ${d.parts.demandToTarget} + 安全库存 ${d.parts.safetyStock}，向上取整。`, en: `Demand of ${d.parts.leadTimeDays + d.parts.reviewDays} days of lead time and review, ${d.parts.demandToTarget}, + safety stock ${d.parts.safetyStock}, rounded up.` }, how: 'steps', parts: [step('需求', 'Demand', d.parts.demandToTarget, none, 'parts.demandToTarget', row.id), step('加安全库存', 'with safety stock', d.parts.target, none, 'parts.safetyStock', row.id)] } : undefined; };
const reorder: Explainer = async (row) => { const d = await of(row); return d ? { sentence: { zh: `到货 ${d.parts.leadTimeDays} 天的需求 ${d.parts.demandInLead} + 安全库存 ${d.parts.safetyStock}，向上取整。`, en: `Demand of ${d.parts.leadTimeDays} days of lead time, ${d.parts.demandInLead}, + safety stock ${d.parts.safetyStock}, rounded up.` }, how: 'steps', parts: [step('到货前需求', 'Demand in the lead time', d.parts.demandInLead, none, 'parts.demandInLead', row.id), step('加安全库存', 'with safety stock', d.parts.reorderPoint, none, 'parts.safetyStock', row.id)] } : undefined; };
const safety: Explainer = async (row) => { const d = await of(row); return d ? { sentence: { zh: `货品设的 ${d.parts.ownSafety} 与统计的 ${d.parts.statisticalSafety}（1.645 × 日偏差 ${d.parts.deviationPerDay} × √${d.parts.leadTimeDays + d.parts.reviewDays}），取大。`, en: `The greater of the SKU’s own ${d.parts.ownSafety} and the statistical ${d.parts.statisticalSafety} (1.645 × ${d.parts.deviationPerDay} a day × √${d.parts.leadTimeDays + d.parts.reviewDays}).` }, how: 'steps', parts: [step('货品设的', 'Its own', d.parts.ownSafety), step('取大', 'the greater', d.parts.safetyStock)] } : undefined; };
const demand: Explainer = async (row) => { const d = await of(row); return d ? { sentence: { zh: `${d.parts.method} 按 ${d.parts.salesDays} 天销量预测，平均每天 ${d.parts.meanPerDay}。`, en: `${d.parts.method}, from ${d.parts.salesDays} days of sales: ${d.parts.meanPerDay} a day.` }, how: 'leaf', parts: [step('销量', 'Sold', d.parts.soldPieces, none, 'parts.soldPieces', row.id)] } : undefined; };
/** The days before the suggestion's own, as many as it looked at. */
const sold: Explainer = async (row) => {
  const d = await of(row);
  if (!d) return undefined;
  const day = businessDay(d.day);
  // A part of a kit is sold with each kit, as the suggestion counts it.
  const facts = await skuFacts();
  const pieces = new Map([...facts.values()].flatMap((f) => (f.code === d.skuCode && f.kit.length === 0 ? [[f.code, 1] as const] : f.kit.filter((k) => k.skuCode === d.skuCode).map((k) => [f.code, k.quantity] as const))));
  const figures = await salesByDay({ from: addDays(day, -d.parts.salesDays), to: addDays(day, -1), skuCodes: [...pieces.keys()] });
  const days = new Map<string, { skuCode: string; day: string; n: number; each: number }>();
  for (const f of figures) {
    const each = pieces.get(f.skuCode) ?? 1;
    const key = `${f.day}|${f.skuCode}`;
    days.set(key, { skuCode: f.skuCode, day: f.day, each, n: (days.get(key)?.n ?? 0) + f.quantity * each });
  }
  const parts = [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).map((x): FigurePart => ({ label: { zh: x.day, en: x.day }, words: x.skuCode === d.skuCode ? none : { zh: `套装 ${x.skuCode}，每套 ${x.each}`, en: `in kit ${x.skuCode}, ${x.each} each` }, value: x.n, kind: 'quantity', ref: { noun: 'sales', id: `${x.skuCode}||${x.day}`, field: 'quantity' } }));
  const left = d.parts.soldPieces - parts.reduce((n, p) => n + p.value, 0);
  return sumOf({ zh: `${d.parts.salesDays} 天里 ${parts.length} 天有销量。`, en: `Sold on ${parts.length} of ${d.parts.salesDays} days.` }, [...parts, ...(left === 0 ? [] : [step('算出建议之后订单又变了', 'Orders have changed since it was worked out', left)])]);
};
const incoming = async (skuCode: unknown, warehouseCode?: unknown): Promise<FigurePart[]> => (await PurchaseOrders.find({ state: { $in: ['ordered', 'partly_received'] }, ...(warehouseCode ? { warehouseCode } : {}) } as never).lean<PurchaseOrderDoc[]>()).flatMap((o) => o.lines.filter((l) => l.skuCode === skuCode && l.quantity > l.received).map((l): FigurePart => ({ label: { zh: `采购单 ${o.number}`, en: `purchase order ${o.number}` }, words: { zh: `订 ${l.quantity} 到 ${l.received}，预计 ${o.expectedDay}`, en: `${l.quantity} ordered, ${l.received} here, expected ${o.expectedDay}` }, value: l.quantity - l.received, kind: 'quantity', ref: { noun: 'purchase-orders', id: o._id, field: 'pieces' } })));
const thenAndNow = (value: number, parts: readonly FigurePart[]): FigurePart[] => { const left = value - parts.reduce((n, p) => n + p.value, 0); return left === 0 ? [...parts] : [...parts, step('算出之后又变了', 'Changed since it was worked out', left)]; };
const suggestionIncoming: Explainer = async (row) => { const d = await of(row); return d ? sumOf({ zh: '已下单未到的件数。', en: 'Ordered and not here yet.' }, thenAndNow(d.parts.incoming, await incoming(d.skuCode))) : undefined; };
const suggestionAvailable: Explainer = async (row) => {
  const d = await of(row);
  if (!d) return undefined;
  const parts = (await stockOf([d.skuCode])).map((x): FigurePart => ({ label: { zh: `仓库 ${x.warehouseCode}`, en: `warehouse ${x.warehouseCode}` }, words: none, value: x.available, kind: 'quantity', ref: { noun: 'positions', id: `${x.warehouseCode}:${x.skuCode}`, field: 'available' } }));
  return sumOf({ zh: '各仓可用之和。', en: 'What is available in all warehouses.' }, thenAndNow(d.parts.available, parts));
};
const amount: Explainer = (row) => ({ sentence: { zh: '采购数 × 单价。', en: 'Quantity times unit cost.' }, how: 'product', parts: [term(row, 'suggestions', 'quantity'), term(row, 'suggestions', 'unitCostFen')] });

const orderLines = (value: (l: PurchaseOrderDoc['lines'][number]) => number, kind: FigurePart['kind'], words: Both): Explainer => async (row): Promise<Explained | undefined> => {
  const o = await PurchaseOrders.findById(row.id).lean<PurchaseOrderDoc>();
  return o ? sumOf(words, o.lines.map((l) => ({ label: { zh: `${l.skuCode} × ${l.quantity}`, en: `${l.quantity} × ${l.skuCode}` }, words: none, value: value(l), kind }))) : undefined;
};
const received: Explainer = async (row) => {
  const receipts = await Receipts.find({ purchaseOrderId: row.id }).sort({ at: 1 }).lean<ReceiptDoc[]>();
  return sumOf({ zh: `${receipts.length} 次到货。`, en: `${receipts.length} receipts.` }, receipts.flatMap((r) => r.lines.map((l): FigurePart => ({ label: { zh: `${r.number} ${l.skuCode}`, en: `${r.number} ${l.skuCode}` }, words: { zh: r.by, en: r.by }, value: l.quantity, kind: 'quantity', ref: { noun: 'receipts', id: r._id, field: `lines.${l.skuCode}.quantity` } }))));
};
const receiptAmount: Explainer = async (row) => {
  const r = await Receipts.findById(row.id).lean<ReceiptDoc>();
  return r ? sumOf({ zh: '件数 × 单价之和。', en: 'Pieces times unit cost.' }, r.lines.map((l): FigurePart => ({ label: { zh: `${l.skuCode} × ${l.quantity}`, en: `${l.quantity} × ${l.skuCode}` }, words: none, value: l.quantity * l.unitCostFen, kind: 'money', ref: { noun: 'receipts', id: r._id, field: `lines.${l.skuCode}.amountFen` } }))) : undefined;
};
const receiptLine: Explainer = async (row, field) => {
  const r = await Receipts.findById(row.id).lean<ReceiptDoc>();
  const l = r?.lines.find((x) => field.startsWith(`lines.${x.skuCode}.`));
  if (!r || !l) return undefined;
  const words: Both = { zh: `到货单 ${r.number}，${r.by} 收货`, en: `receipt ${r.number}, taken in by ${r.by}` };
  return field.endsWith('.amountFen') ? { sentence: words, how: 'product', parts: [step('件数', 'Pieces', l.quantity), { label: { zh: '单价', en: 'Unit cost' }, words: none, value: l.unitCostFen, kind: 'money', ref: { noun: 'purchase-orders', id: r.purchaseOrderId, field: 'amountFen' } }] } : { sentence: words, how: 'leaf', parts: [] };
};

export const purchasingWhy: Explains = {
  suggestions: {
    rows: async (ids) => suggestionRows(await Suggestions.find({ _id: { $in: ids } }).lean<SuggestionDoc[]>()),
    fields: { suggested, amountFen: amount, available: suggestionAvailable, incoming: suggestionIncoming, 'parts.soldPieces': sold, 'parts.target': target, 'parts.reorderPoint': reorder, 'parts.safetyStock': safety, 'parts.demandInLead': demand, 'parts.demandToTarget': demand },
  },
  'purchase-orders': {
    rows: async (ids) => purchaseOrderRows(await PurchaseOrders.find({ _id: { $in: ids } }).lean<PurchaseOrderDoc[]>()),
    fields: { amountFen: orderLines((l) => l.quantity * l.unitCostFen, 'money', { zh: '件数 × 单价之和。', en: 'Pieces times unit cost.' }), pieces: orderLines((l) => l.quantity, 'quantity', { zh: '各行件数。', en: 'The pieces of its lines.' }), receivedPieces: received },
  },
  receipts: { rows: async (ids) => (await receiptRows(await Receipts.find({ _id: { $in: ids } }).lean<ReceiptDoc[]>())).map((r) => ({ ...r, lines: r.lines.map((l) => ({ ...l, amountFen: l.quantity * l.unitCostFen })) })), fields: { amountFen: receiptAmount, 'lines.*': receiptLine } },
  positions: { fields: { incoming: async (row) => sumOf({ zh: '已下单未到的件数。', en: 'Ordered and not here yet.' }, thenAndNow(Number(row['incoming']), await incoming(row['skuCode'], row['warehouseCode']))) } },
};
