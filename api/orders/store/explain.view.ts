/** What figures of orders, parcels, refunds and customers are made of, down to the platform's own line and the rule's row. */
import { noteWords } from '../../contract/decision-tables/note-words.ts';
import { tableKind } from '../../contract/decision-tables/index.ts';
import type { Both } from '../../contract/route.ts';
import { ruleNoun } from '../../contract/sheets/rules.ts';
import { addDays, businessDay, businessDayOf, startOfDay } from '../../contract/values/time.ts';
import { fieldOf, sumOf, type Explained, type Explainer, type Explains, type FigurePart, type FigureRow } from '../../contract/why.ts';
import { Customers, customerRow, type CustomerDoc } from '../../customers/index.ts';
import { kindNow } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { skuFacts } from '../../stock/index.ts';
import { Orders, Parcels, Refunds, type LineDoc, type OrderDoc, type ParcelDoc, type RefundDoc } from './models.ts';
import { orderLineRows, orderRows, parcelRows, refundRows } from './orders.view.ts';
import { platformWords } from './platform-words.ts';
import { whyOf } from './why.view.ts';

/** Ids of ours have no colon; a line's own may have. */
const orderOfLine = (id: string): string => id.slice(0, id.indexOf(':'));
const none: Both = { zh: '', en: '' };
const orderOf = (row: FigureRow): Promise<OrderDoc | null> => Orders.findById(row.id).lean<OrderDoc>();
const linePart = (o: OrderDoc, l: LineDoc, value: number, field: string, kind: FigurePart['kind'] = 'money'): FigurePart => ({ label: { zh: l.title || l.skuCode || l.platformLineId, en: l.title || l.skuCode || l.platformLineId }, words: { zh: `${l.skuCode ?? '未对应'} × ${l.quantity}`, en: `${l.quantity} × ${l.skuCode ?? 'not mapped'}` }, value, kind, ref: { noun: 'orders', id: o._id, field: `lines.${l.platformLineId}.${field}` } });
/** What is left is named as what it is: the platform's own total says more or less than its parts. */
const rest = (total: number, parts: readonly FigurePart[], label: Both): FigurePart[] => { const value = total - parts.reduce((n, p) => n + p.value, 0); return value === 0 ? [] : [{ label, words: none, value, kind: 'money' }]; };

const paid: Explainer = async (row) => {
  const o = await orderOf(row);
  if (!o) return undefined;
  const lines = o.lines.map((l) => linePart(o, l, l.paidFen, 'paidFen'));
  const freight: FigurePart[] = o.freightFen !== 0 && lines.reduce((n, p) => n + p.value, 0) !== o.paidFen ? [{ label: { zh: '运费', en: 'Freight' }, words: none, value: o.freightFen, kind: 'money', ref: { noun: 'orders', id: o._id, field: 'freightFen' } }] : [];
  return sumOf({ zh: `${o.lines.length} 行实付${freight.length > 0 ? '加运费' : ''}。`, en: `What ${o.lines.length} lines paid${freight.length > 0 ? ', and freight' : ''}.` }, [...lines, ...freight, ...rest(o.paidFen, [...lines, ...freight], { zh: '平台总数与各行之差', en: 'The platform’s total differs from its lines' })], o.flaws.map((f) => ({ label: { zh: '对不上', en: 'Does not add up' }, value: f.words })));
};
const discount: Explainer = async (row) => {
  const o = await orderOf(row);
  if (!o) return undefined;
  const own = (l: LineDoc): number => l.unitPriceFen * l.quantity - l.paidFen;
  const parts = o.lines.filter((l) => own(l) !== 0).map((l) => linePart(o, l, own(l), 'unitPriceFen'));
  return sumOf({ zh: '各行标价减实付。', en: 'The price of each line less what it paid.' }, [...parts, ...rest(o.discountFen, parts, { zh: '整单优惠与各行之差', en: 'Of the order as a whole' })]);
};
const lineFigure = (rt: Runtime): Explainer => async (row, field) => {
  const o = await orderOf(row);
  const [, lineId = '', of = ''] = /^lines\.(.+)\.([A-Za-z]+)$/.exec(field) ?? [];
  const l = o?.lines.find((x) => x.platformLineId === lineId);
  if (!o || !l) return undefined;
  const source = await platformWords(rt, 'order', o.shopId, o.platformOrderId);
  if (of !== 'paidFen') return { sentence: { zh: `平台订单 ${o.platformOrderId} 第 ${o.lines.indexOf(l) + 1} 行这样写。`, en: `So says line ${o.lines.indexOf(l) + 1} of the platform’s order ${o.platformOrderId}.` }, how: 'leaf', parts: [], source };
  const price: FigurePart = { label: { zh: '单价 × 件数', en: 'Price × pieces' }, words: { zh: `× ${l.quantity}`, en: `× ${l.quantity}` }, value: l.unitPriceFen * l.quantity, kind: 'money', ref: { noun: 'orders', id: o._id, field: `lines.${lineId}.unitPriceFen` } };
  const BEARERS: Readonly<Record<string, Both>> = { seller: { zh: '商家承担', en: 'borne by the seller' }, platform: { zh: '平台承担', en: 'borne by the platform' }, influencer: { zh: '达人承担', en: 'borne by the influencer' } };
  const parts = [price, ...l.discounts.map((d): FigurePart => ({ label: { zh: d.name || '优惠', en: d.name || 'discount' }, words: BEARERS[d.bearer] ?? { zh: d.bearer, en: d.bearer }, value: -d.amountFen, kind: 'money' }))];
  const left = rest(l.paidFen, parts, { zh: '平台分摊', en: 'Divided by the platform' });
  return sumOf({ zh: `单价 × 件数，减优惠；平台订单 ${o.platformOrderId}。`, en: `Price times pieces, less discounts; order ${o.platformOrderId} of the platform.` }, [...parts, ...left], source);
};
const platformSays = (rt: Runtime): Explainer => async (row) => {
  const o = await orderOf(row);
  return o ? { sentence: { zh: `平台订单 ${o.platformOrderId} 这样写。`, en: `So says the platform’s order ${o.platformOrderId}.` }, how: 'leaf', parts: [], source: await platformWords(rt, 'order', o.shopId, o.platformOrderId) } : undefined;
};
const orderPieces: Explainer = async (row) => {
  const o = await orderOf(row);
  return o ? sumOf({ zh: '各行件数之和。', en: 'The pieces of its lines.' }, o.lines.map((l) => linePart(o, l, l.quantity, 'quantity', 'quantity'))) : undefined;
};
/** Held or passed: each row that said so, and what it saw. */
const decided: Explainer = async (row) => {
  const o = await orderOf(row);
  if (!o) return undefined;
  const why = whyOf(o, await kindNow('order-review'));
  const table = why.table || 'order-review';
  return { sentence: why.sentence, how: 'leaf', parts: why.rows.filter((r) => r.row).map((r): FigurePart => ({ label: { zh: `第 ${r.place} 行 ${r.row}：${r.zh}`, en: `row ${r.place} ${r.row}: ${r.en}` }, words: { zh: [r.note, r.lookedText.zh, r.clear.zh].filter(Boolean).join('；'), en: [noteWords(r.note).en, r.lookedText.en, r.clear.en].filter(Boolean).join('; ') }, value: r.place, kind: 'text', ref: { noun: ruleNoun(table), id: r.row, field: 'place' } })) };
};

const parcelOf = (row: FigureRow): Promise<ParcelDoc | null> => Parcels.findById(row.id).lean<ParcelDoc>();
const parcelPieces: Explainer = async (row) => {
  const p = await parcelOf(row);
  return p ? sumOf({ zh: '包裹各行件数之和。', en: 'The pieces of its lines.' }, p.lines.map((l): FigurePart => ({ label: { zh: l.skuCode, en: l.skuCode }, words: { zh: l.orderId, en: l.orderId }, value: l.quantity, kind: 'quantity', ref: { noun: 'orders', id: l.orderId, field: `lines.${l.platformLineId}.quantity` } }))) : undefined;
};
const weight: Explainer = async (row) => {
  const p = await parcelOf(row);
  if (!p) return undefined;
  const facts = await skuFacts(p.lines.map((l) => l.skuCode));
  const parts = p.lines.map((l): FigurePart => ({ label: { zh: `${l.skuCode} × ${l.quantity}`, en: `${l.quantity} × ${l.skuCode}` }, words: none, value: (facts.get(l.skuCode)?.weightGrams ?? 0) * l.quantity, kind: 'quantity' }));
  return sumOf({ zh: '货品重量 × 件数（克）。', en: 'Weight of each SKU times its pieces (g).' }, [...parts, ...rest(p.weightGrams, parts, { zh: '计划之后货品重量改过', en: 'The SKUs’ weights have changed since it was planned' }).map((x) => ({ ...x, kind: 'quantity' as const }))]);
};
const freight: Explainer = async (row) => {
  const p = await parcelOf(row);
  if (!p) return undefined;
  const table = /^(\S+) v(\d+) (\S+)/.exec(p.decision.courier);
  const price = tableKind('freight-price');
  return { sentence: { zh: `${p.courierCode} 从 ${p.warehouseCode} 发，按“${price?.title.zh ?? ''}”计 ${p.weightGrams} 克；快递由 ${p.decision.courier} 选出，仓库由 ${p.decision.warehouse} 选出。`, en: `${p.courierCode} from ${p.warehouseCode}, ${p.weightGrams} g by the table of ${price?.title.en ?? ''}; the courier was chosen by ${p.decision.courier}, the warehouse by ${p.decision.warehouse}.` }, how: 'leaf', parts: table ? [{ label: { zh: `选快递的规则 ${table[3]}`, en: `rule ${table[3]} chose the courier` }, words: { zh: `版本 ${table[2]}`, en: `version ${table[2]}` }, value: 0, kind: 'text', ref: { noun: ruleNoun(table[1]!), id: table[3]!, field: 'place' } }] : [] };
};
const refunded = (rt: Runtime): Explainer => async (row) => {
  const r = await Refunds.findById(row.id).lean<RefundDoc>();
  return r ? { sentence: { zh: `平台退款单 ${r.platformRefundId}：${r.reason || r.platformStatus}。`, en: `Refund ${r.platformRefundId} of the platform: ${r.reason || r.platformStatus}.` }, how: 'leaf', parts: r.orderId ? [{ label: { zh: '它的订单', en: 'Its order' }, words: { zh: r.platformOrderId, en: r.platformOrderId }, value: 0, kind: 'money', ref: { noun: 'orders', id: r.orderId, field: 'paidFen' } }] : [], source: await platformWords(rt, 'refund', r.shopId, r.platformRefundId) } : undefined;
};

const customerOrders: Explainer = async (row, field) => {
  const orders = (await Orders.find({ customerId: row.id }).sort({ placedAt: 1 }).lean<OrderDoc[]>()).filter((o) => o.paidAt);
  return sumOf({ zh: `付过款的 ${orders.length} 单。`, en: `${orders.length} orders that were paid.` }, orders.map((o): FigurePart => ({ label: { zh: `${businessDayOf(o.placedAt)} 订单`, en: `order of ${businessDayOf(o.placedAt)}` }, words: { zh: o.platformOrderId, en: o.platformOrderId }, value: field === 'orders' ? 1 : o.paidFen, kind: field === 'orders' ? 'quantity' : 'money', ref: { noun: 'orders', id: o._id, field: 'paidFen' } })));
};
const customerRefunds: Explainer = async (row, field) => {
  const orders = await Orders.find({ customerId: row.id }, { _id: 1 }).lean();
  const refunds = (await Refunds.find({ orderId: { $in: orders.map((o) => o._id) } }).lean<RefundDoc[]>()).filter((r) => field === 'refunds' || r.state === 'refunded');
  return sumOf({ zh: field === 'refunds' ? `${refunds.length} 张退款单，不论结果。` : `${refunds.length} 张已退的退款单。`, en: field === 'refunds' ? `${refunds.length} refunds, whatever became of them.` : `${refunds.length} refunds that were paid.` }, refunds.map((r): FigurePart => ({ label: { zh: r.reason || '退款', en: r.reason || 'refund' }, words: { zh: r.platformRefundId, en: r.platformRefundId }, value: field === 'refunds' ? 1 : r.refundFen, kind: field === 'refunds' ? 'quantity' : 'money', ref: { noun: 'after-sales', id: r._id, field: 'refundFen' } })));
};

/** Pieces of a SKU sold on a day; `sales` is no list but a figure of others (a suggestion): its id is `<sku>|<shop, or empty>|<day>`. */
async function salesOf(id: string): Promise<{ row: FigureRow; parts: FigurePart[] }> {
  const [skuCode = '', shopId = '', day = ''] = id.split('|');
  const from = startOfDay(businessDay(day));
  const orders = await Orders.find({ paidAt: { $gte: from, $lt: startOfDay(addDays(businessDay(day), 1)) }, status: { $nin: ['unpaid', 'closed'] }, 'lines.skuCode': skuCode, ...(shopId ? { shopId } : {}) }).lean<OrderDoc[]>();
  const parts = orders.flatMap((o) => o.lines.filter((l) => l.skuCode === skuCode).map((l): FigurePart => ({ ...linePart(o, l, l.quantity, 'quantity', 'quantity'), label: { zh: o.platformOrderId, en: o.platformOrderId } })));
  return { row: { id, quantity: parts.reduce((n, p) => n + p.value, 0) }, parts };
}


export const ordersWhy = (rt: Runtime): Explains => ({
  orders: {
    rows: async (ids) => orderRows(await Orders.find({ _id: { $in: ids } }).lean<OrderDoc[]>()),
    fields: { paidFen: paid, discountFen: discount, pieces: orderPieces, holdText: decided, why: decided, reviewState: decided, stage: decided, freightFen: platformSays(rt), commissionFen: platformSays(rt), 'lines.*': lineFigure(rt), '*': platformSays(rt) },
  },
  parcels: { rows: async (ids) => parcelRows(await Parcels.find({ _id: { $in: ids } }).lean<ParcelDoc[]>()), fields: { pieces: parcelPieces, weightGrams: weight, freightFen: freight } },
  'order-lines': { rows: async (ids) => (await orderLineRows(await Orders.find({ _id: { $in: ids.map(orderOfLine) } }).lean<OrderDoc[]>())).filter((r) => ids.includes(r.id)), fields: { '*': (row, field) => lineFigure(rt)({ ...row, id: orderOfLine(row.id) }, `lines.${String(row['platformLineId'])}.${field}`) } },
  'after-sales': { rows: async (ids) => refundRows(await Refunds.find({ _id: { $in: ids } }).lean<RefundDoc[]>()), fields: { refundFen: refunded(rt), '*': refunded(rt) } },
  customers: { rows: async (ids) => (await Customers.find({ _id: { $in: ids } }).lean<CustomerDoc[]>()).map(customerRow), fields: { orders: customerOrders, paidFen: customerOrders, refunds: customerRefunds, refundFen: customerRefunds } },
  sales: { rows: (ids) => Promise.all(ids.map(async (id) => (await salesOf(id)).row)), fields: { quantity: async (row): Promise<Explained> => { const { parts } = await salesOf(row.id); return sumOf({ zh: `那天 ${parts.length} 行订单的件数。`, en: `The pieces of ${parts.length} order lines of that day.` }, parts); } } },
  movements: {
    fields: {
      quantity: async (row) => {
        const p = row['kind'] === 'shipment' ? await Parcels.findById(String(row['reference'])).lean<ParcelDoc>() : null;
        if (!p) return undefined;
        const facts = await skuFacts(p.lines.map((l) => l.skuCode));
        const parts = p.lines.flatMap((l): FigurePart[] => {
          const own = l.skuCode === row['skuCode'] ? l.quantity : (facts.get(l.skuCode)?.kit ?? []).filter((k) => k.skuCode === row['skuCode']).reduce((n, k) => n + k.quantity * l.quantity, 0);
          return own === 0 ? [] : [{ label: { zh: `${l.skuCode} × ${l.quantity}`, en: `${l.quantity} × ${l.skuCode}` }, words: { zh: l.orderId, en: l.orderId }, value: own, kind: 'quantity', ref: { noun: 'parcels', id: p._id, field: 'pieces' } }];
        });
        return parts.reduce((n, x) => n + x.value, 0) === fieldOf(row, 'quantity') ? sumOf({ zh: `包裹 ${p._id} 里的件数。`, en: `The pieces in parcel ${p._id}.` }, parts) : undefined;
      },
    },
  },
});
