/** JD's orders in our units. The search gives them whole, so that no order needs a call of its own. */
import { localTimeText } from '../../contract/values/time.ts';
import { fenFromInteger, minusFen, sumFen, timesFen, type Fen } from '../../contract/values/money.ts';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingOrder, type ListedOrder, type PlatformOrderStatus, type TimeWindow } from '../channel.ts';
import { boundedRows, eachRead, type ReadPage } from '../transport/pages.ts';
import { told } from '../transport/told.ts';
import { fenOfYuan } from '../transport/fen.ts';
import { at, businessRefusal, makeClient, type Answer, type Client } from './client.ts';
import { linesOf } from './lines.ts';
import { instant, ORDER_FIELDS, WireOrder } from './wire.ts';

const PAGE_SIZE = 100;
/** Pages beyond about 300 are not given (client report; the exact ceiling is unknown). */
const CEILING = 290 * PAGE_SIZE;
/** Not a list of states: one that is not known yet must come too. */
const STATES = 'ALL';
/** JD's promise when an order states none of its own. */
export const SHIP_WITHIN_HOURS = 48;

export const STATUS: Readonly<Record<string, PlatformOrderStatus>> = {
  NOT_PAY: 'unpaid', WAIT_SELLER_STOCK_OUT: 'to_ship', DengDaiChuKu: 'to_ship', WAIT_SELLER_DELIVERY: 'paid_not_shippable', DengDaiFaHuo: 'paid_not_shippable', WAIT_GOODS_RECEIVE_CONFIRM: 'shipped', DengDaiQueRenShouHuo: 'shipped', DELIVERY_RETURN: 'shipped', PeiSongTuiHuo: 'shipped',
  FINISHED_L: 'completed', WanCheng: 'completed', TRADE_CANCELED: 'closed', LOCKED: 'paid_not_shippable', SuoDing: 'paid_not_shippable', PAUSE: 'paid_not_shippable', POP_ORDER_PAUSE: 'paid_not_shippable', ZanTing: 'paid_not_shippable', WAIT_SEND_CODE: 'paid_not_shippable',
};

type Listed = { readonly raw: unknown; readonly id: string; readonly modified: string };
async function searchPage(client: Client, window: TimeWindow, no: number, over: Readonly<Record<string, string>>): Promise<{ total: number; rows: Answer[] }> {
  const answer = await client.call('jingdong.pop.order.search', { start_date: localTimeText(window.from), end_date: localTimeText(window.to), order_state: STATES, page: String(no), page_size: String(PAGE_SIZE), ...over }, (a) => businessRefusal(at(a, 'searchorderinfo_result', 'apiResult')));
  const result = at(answer, 'searchorderinfo_result');
  return { total: Number(result?.['orderTotal'] ?? 0), rows: (result?.['orderInfoList'] as Answer[] | null | undefined) ?? [] };
}

export async function* pullOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<Listed> = async (w, no) => {
    const { total, rows } = await searchPage(client, w, no, { optional_fields: ORDER_FIELDS, sortType: '0', dateType: '0' });
    return { total, rows: rows.map((raw) => ({ key: `${String(raw['orderId'])} ${String(raw['modified'])}`, at: instant(String(raw['modified'] ?? '')), row: { raw, id: String(raw['orderId']), modified: String(raw['modified']) } })) };
  };
  yield* eachRead(boundedRows(window, PAGE_SIZE, CEILING, read), ({ raw, id }) => readOrder(context, raw, id));
}

/** A body that is no order at all is told of, and does not stop the others. */
async function readOrder(context: ChannelContext, raw: unknown, id: string): Promise<IncomingOrder | undefined> {
  const read = WireOrder.safeParse(raw);
  if (!read.success) {
    await context.notice({ kind: 'unknown_field', subject: id, words: read.error.issues.map((i) => i.path.join('.')).join(', ') });
    return undefined;
  }
  const order = incomingOrder(read.data, JSON.stringify(raw));
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${id} ${order.platformStatus} ${read.data.orderStateRemark}` });
  return order;
}

/** All orders placed inside the window, by their ids alone. */
export async function* listOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly ListedOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<ListedOrder> = async (w, no) => {
    const { total, rows } = await searchPage(client, w, no, { optional_fields: 'orderId,orderStartTime', sortType: '0', dateType: '1' });
    return { total, rows: rows.map((r) => ({ key: String(r['orderId']), at: undefined, row: placed(r) })) };
  };
  yield* boundedRows(window, PAGE_SIZE, CEILING, read);
}
function placed(r: Answer): ListedOrder {
  const placedAt = instant(String(r['orderStartTime'] ?? ''));
  return { platformOrderId: String(r['orderId']), ...(placedAt ? { placedAt } : {}) };
}

export async function getOrder(client: Client, orderId: string): Promise<{ readonly wire: WireOrder; readonly raw: string }> {
  const answer = await client.call('jingdong.pop.order.get', { order_id: orderId, optional_fields: ORDER_FIELDS }, (a) => businessRefusal(at(a, 'orderDetailInfo', 'apiResult')));
  const detail = at(answer, 'orderDetailInfo');
  const read = WireOrder.safeParse(detail?.['orderInfo']);
  if (!read.success) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: `${orderId}: ${read.error.issues.map((i) => i.path.join('.')).join(', ')}` });
  return { wire: read.data, raw: JSON.stringify(detail?.['orderInfo']) };
}
export const fetchOrder = (context: ChannelContext, orderId: string): Promise<Result<IncomingOrder, ChannelRefusal>> => told(async () => {
  const { wire, raw } = await getOrder(makeClient(context), orderId);
  const order = incomingOrder(wire, raw);
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${orderId} ${order.platformStatus}` });
  return order;
});

type Flaws = { code: 'totals_differ' | 'unknown_status' | 'missing_field'; words: string }[];
function statusOf(o: WireOrder, flaws: Flaws): PlatformOrderStatus {
  const known = STATUS[o.orderState];
  if (!known) {
    flaws.push({ code: 'unknown_status', words: o.orderState });
    return 'unknown';
  }
  // JD's own warehouse ships what stands in it (京仓, 云仓): such an order is not ours to send.
  if (known === 'to_ship' && o.storeOrder !== '') return 'paid_not_shippable';
  return known === 'to_ship' && o.partialLogisticsInfoModel.length > 0 ? 'partly_shipped' : known;
}

export function incomingOrder(o: WireOrder, raw: string): IncomingOrder {
  const flaws: Flaws = [];
  const money = (name: string, value: string): Fen => fenOfYuan(value, (read) => flaws.push({ code: 'missing_field', words: `${name} “${read}”` }));
  const status = statusOf(o, flaws);
  const [payable, balance, freight, service, tax] = [money('orderPayment', o.orderPayment), money('balanceUsed', o.balanceUsed), money('freightPrice', o.freightPrice), money('serviceFee', o.serviceFee), money('taxFee', o.taxFee)];
  // What the buyer really paid: payable plus what came from the JD balance (three clients). Tax and services travel with the freight, not with the goods.
  const paidFen = sumFen([payable, balance]);
  const freightFen = sumFen([freight, service, tax]);
  const { lines, goodsFen, othersFen } = linesOf(o, status === 'shipped' || status === 'completed', money);
  const [listed, sellerOff, net] = [money('orderTotalPrice', o.orderTotalPrice), money('sellerDiscount', o.sellerDiscount), money('orderSellerPrice', o.orderSellerPrice)];
  const sum = sumFen(o.itemInfoList.map((l) => timesFen(money('jdPrice', l.jdPrice), l.itemTotal)));
  if (sum !== listed) flaws.push({ code: 'totals_differ', words: `lines ${sum} fen, orderTotalPrice ${listed} fen` });
  else if (minusFen(listed, sellerOff) !== net) flaws.push({ code: 'totals_differ', words: `orderTotalPrice less sellerDiscount ${minusFen(listed, sellerOff)} fen, orderSellerPrice ${net} fen` });
  else if (sumFen([net, fenFromInteger(-othersFen), freightFen]) !== paidFen) flaws.push({ code: 'totals_differ', words: `goods ${minusFen(net, othersFen)} fen and freight ${freightFen} fen, paid ${paidFen} fen` });
  for (const field of ['orderStartTime', 'modified', 'orderPayment'] as const) if (o[field] === '') flaws.push({ code: 'missing_field', words: field });
  if (o.itemInfoList.length === 0) flaws.push({ code: 'missing_field', words: 'itemInfoList' });
  const modifiedAt = instant(o.modified) ?? new Date(0);
  return {
    platformOrderId: o.orderId, platformStatus: o.orderState, status, placedAt: instant(o.orderStartTime) ?? modifiedAt, modifiedAt, ...times(o, status), paidFen, freightFen, discountFen: fenFromInteger(Math.max(0, listed - goodsFen)), paymentTradeNo: '',
    cod: o.payType.startsWith('1-'), presale: false, ...invoiceOf(o), buyerKey: o.open_id_buyer || o.xid_buyer || o.pin, buyerNick: o.pin, buyerMessage: o.orderRemark, sellerMemo: o.venderRemark, sellerFlag: Number(o.venderRemarkFlag || o.flag || 0) || 0,
    receiver: receiverOf({ ...o.consigneeInfo, name: o.consigneeInfo.fullname, address: o.consigneeInfo.fullAddress }), lines, flaws, refundsUnsaid: true, complete: true, raw,
  };
}

/** `不需要开具发票`, or its kind, title and content (facts of the order call). */
const invoiceOf = (o: WireOrder): Pick<IncomingOrder, 'invoiceWanted'> => (o.invoiceInfo === '' ? {} : { invoiceWanted: !o.invoiceInfo.startsWith('不需要') });

function times(o: WireOrder, status: PlatformOrderStatus) {
  const [paidAt, shippedAt, completedAt] = [instant(o.paymentConfirmTime), instant(o.outBoundDate), status === 'completed' ? instant(o.orderEndTime) : undefined];
  return {
    ...(paidAt ? { paidAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}),
    ...(paidAt && (status === 'to_ship' || status === 'partly_shipped') ? { shipByAt: new Date(paidAt.getTime() + SHIP_WITHIN_HOURS * 3_600_000) } : {}),
  };
}

const MUNICIPALITY = /^(北京|天津|上海|重庆)市?$/;
export type Place = { readonly name: string; readonly mobile: string; readonly telephone: string; readonly province: string; readonly city: string; readonly county: string; readonly town: string; readonly address: string; readonly oaid: string };
/** Name and address are ciphertext, phones masked; `oaid` stands for all of them. Municipalities come one level up: 重庆, 区, 镇. */
export function receiverOf(c: Place): IncomingOrder['receiver'] {
  const shifted = MUNICIPALITY.test(c.province) && !MUNICIPALITY.test(c.city);
  const [city, district, town] = shifted ? [`${c.province.replace(/市$/, '')}市`, c.city, c.county] : [c.city, c.county, c.town];
  return { name: c.name, phone: c.mobile || c.telephone, province: c.province, city: city || district, district, town, address: c.address, token: c.oaid, masked: true };
}
