/**
 * Orders out of any table, by a list that says under which names a column may stand. Platforms give such lists in their own
 * folder; a person gives one for a table that nobody knows. Amounts of an order that stand on each of its rows count once.
 */
import { fenFromInteger, fenFromYuanText, shareOut, sumFen, type Fen } from '../../contract/values/money.ts';
import type { Bearer, FileProblem, IncomingLine, IncomingOrder, PlatformOrderStatus, ReadFile, RefundState } from '../channel.ts';
import { fileInstant, idProblem, plainName, problem, type Table, type TableRow } from './table.ts';

/** What can be read out of a row of an order table. */
export const ORDER_FIELDS = [
  'orderId', 'lineId', 'status', 'placedAt', 'paidAt', 'shippedAt', 'completedAt', 'paid', 'freight', 'linePaid', 'price', 'quantity', 'merchantCode', 'itemId', 'skuId', 'title', 'properties',
  'sellerDiscount', 'platformDiscount', 'influencerDiscount', 'refund', 'buyer', 'buyerMessage', 'sellerMemo', 'receiverName', 'receiverPhone', 'province', 'city', 'district', 'town', 'address', 'tradeNo',
] as const;
export type OrderField = (typeof ORDER_FIELDS)[number];
export type OrderColumns = Readonly<Partial<Record<OrderField, readonly string[]>>>;
export type OrderTable = {
  readonly format: string; readonly channel: string; readonly columns: OrderColumns;
  /** Words of the platform, the first that fits counts. */
  readonly states: readonly (readonly [RegExp, PlatformOrderStatus])[];
  readonly refunds: readonly (readonly [RegExp, RefundState])[];
  readonly lacks: readonly string[];
};
/** Without these a table gives no orders. */
export const NEEDED: readonly OrderField[] = ['orderId', 'status', 'paid', 'quantity'];
export const STATES: OrderTable['states'] = [[/待付款|待支付|未付款/, 'unpaid'], [/部分发货/, 'partly_shipped'], [/待发货|待出库|等待出库|备货中/, 'to_ship'], [/已发货|待收货|等待确认收货|配送中/, 'shipped'], [/已完成|完成|交易成功|已收货|已签收/, 'completed'], [/取消|关闭|删除|已退款/, 'closed']];
export const REFUNDS: OrderTable['refunds'] = [[/^$|^无|没有申请|售后取消|^-$/, 'none'], [/退款成功|已退款|全额退款/, 'refunded'], [/关闭|取消|撤销/, 'closed'], [/拒绝/, 'refused'], [/退货/, 'returning'], [/./, 'requested']];

export const hasAll = (table: Table, spec: Pick<OrderTable, 'columns'>, fields: readonly OrderField[] = NEEDED): boolean =>
  fields.every((f) => spec.columns[f]?.some((name) => table.names.includes(plainName(name))) === true);

type Reading = { readonly spec: OrderTable; readonly bad: FileProblem[] };
const textOf = ({ spec }: Reading, row: TableRow, field: OrderField): string => row.cell(...(spec.columns[field] ?? []));
/** The name under which the field stands in this table, for what is told of a bad cell. */
const nameOf = ({ spec }: Reading, field: OrderField): string => spec.columns[field]?.[0] ?? field;
function fenOf(r: Reading, row: TableRow, field: OrderField): Fen {
  const text = textOf(r, row, field).replace(/[¥￥,元\s]/g, '');
  const read = fenFromYuanText(text === '' ? '0' : text);
  if (read.ok) return read.value;
  r.bad.push(problem(row.row, nameOf(r, field), 'not_an_amount', text, `“${text}”不是金额`, `“${text}” is not an amount`));
  return fenFromInteger(0);
}

export function readOrderTable(table: Table, spec: OrderTable): ReadFile {
  const r: Reading = { spec, bad: [] };
  const groups = new Map<string, TableRow[]>();
  for (const row of table.rows) {
    const id = textOf(r, row, 'orderId');
    if (id === '' || /合计|总计|汇总/.test(id)) continue;
    const wrong = (['orderId', 'lineId', 'tradeNo'] as const).map((f) => (spec.columns[f] ?? []).map((name) => idProblem(row, name)).find(Boolean)).find(Boolean);
    if (wrong) r.bad.push(wrong);
    else groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  const orders = [...groups].flatMap(([id, rows]) => orderOf(r, id, rows) ?? []);
  return { kind: 'orders', format: spec.format, channel: spec.channel, orders, lacks: spec.lacks, bad: r.bad };
}

/** An order number that begins with its day (PDD: 6 digits) tells when it was placed, where the column is empty. */
const dayIn = (id: string): Date | undefined => { const m = /^(\d{2})(\d{2})(\d{2})-\d+$/.exec(id); return m ? fileInstant(`20${m[1]}-${m[2]}-${m[3]}`) : undefined; };

function orderOf(r: Reading, id: string, rows: readonly TableRow[]): IncomingOrder | undefined {
  const first = rows[0]!;
  const at = (field: OrderField): Date | undefined => fileInstant(textOf(r, first, field));
  const placedAt = at('placedAt') ?? at('paidAt') ?? dayIn(id);
  if (!placedAt) {
    const text = textOf(r, first, 'placedAt');
    r.bad.push(problem(first.row, nameOf(r, 'placedAt'), 'not_a_time', text, `“${text}”不是时间`, `“${text}” is not a time`));
    return undefined;
  }
  const statusText = textOf(r, first, 'status');
  const status = r.spec.states.find(([word]) => word.test(statusText))?.[1] ?? 'unknown';
  const freightFen = fenOf(r, first, 'freight');
  const perLine = r.spec.columns.linePaid !== undefined;
  const drafts = rows.map((row, i) => lineOf(r, id, row, i, status));
  const stated = perLine ? sumFen([...rows.map((row) => fenOf(r, row, 'linePaid')), freightFen]) : fenOf(r, first, 'paid');
  const paid = perLine ? rows.map((row) => fenOf(r, row, 'linePaid')) : shareOut(fenFromInteger(stated - freightFen), drafts.map((l) => Math.max(1, l.unitPriceFen * l.quantity)));
  const lines = drafts.map((l, i): IncomingLine => ({ ...l, paidFen: paid[i]! }));
  const [paidAt, shippedAt, completedAt] = [at('paidAt') ?? (status === 'unpaid' || status === 'closed' ? undefined : placedAt), at('shippedAt'), at('completedAt')];
  const modifiedAt = new Date(Math.max(...[placedAt, paidAt, shippedAt, completedAt].flatMap((t) => (t ? [t.getTime()] : []))));
  const [name, text] = [textOf(r, first, 'receiverName'), (f: OrderField): string => textOf(r, first, f).replace(/^null$/i, '')];
  const masked = name === '' || /[*＊#$]/.test(`${name}${text('receiverPhone')}${text('address')}${text('province')}`);
  return {
    platformOrderId: id, platformStatus: statusText, status, placedAt, modifiedAt, ...(paidAt ? { paidAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}), paidFen: stated, freightFen, discountFen: sumFen(lines.flatMap((l) => l.discounts.map((d) => d.amountFen))),
    paymentTradeNo: text('tradeNo'), cod: false, presale: false, buyerKey: text('buyer'), buyerNick: text('buyer'), buyerMessage: text('buyerMessage'), sellerMemo: text('sellerMemo'), sellerFlag: 0,
    receiver: { name, phone: text('receiverPhone'), province: text('province'), city: text('city'), district: text('district'), town: text('town'), address: text('address'), token: '', masked }, lines,
    flaws: status === 'unknown' ? [{ code: 'unknown_status', words: statusText }] : [], complete: false, raw: JSON.stringify({ id, rows: rows.map((x) => x.row), status: statusText }),
  };
}

const BEARERS: readonly (readonly [OrderField, Bearer])[] = [['sellerDiscount', 'seller'], ['platformDiscount', 'platform'], ['influencerDiscount', 'influencer']];
function lineOf(r: Reading, id: string, row: TableRow, index: number, status: PlatformOrderStatus): IncomingLine {
  const count = textOf(r, row, 'quantity');
  const quantity = Number(count);
  if (!Number.isSafeInteger(quantity) || quantity < 1) r.bad.push(problem(row.row, nameOf(r, 'quantity'), 'not_whole', count, `“${count}”不是整数`, `“${count}” is not a whole number`));
  const text = (f: OrderField): string => textOf(r, row, f).replace(/^null$/i, '');
  const refundText = text('refund');
  return {
    platformLineId: text('lineId') || `${id}-${index + 1}`, platformItemId: text('itemId'), platformSkuId: text('skuId') || text('merchantCode') || text('properties') || text('title'), merchantCode: text('merchantCode'), title: text('title'), properties: text('properties'), quantity: Math.max(1, quantity || 1), unitPriceFen: fenOf(r, row, 'price'), paidFen: fenFromInteger(0),
    discounts: BEARERS.flatMap(([field, bearer]) => { const amountFen = fenOf(r, row, field); return amountFen === 0 ? [] : [{ bearer, name: nameOf(r, field), amountFen }]; }),
    refundState: r.spec.columns.refund ? r.spec.refunds.find(([word]) => word.test(refundText))?.[1] ?? 'none' : 'none', platformRefundId: '', shipped: status === 'shipped' || status === 'completed',
  };
}
