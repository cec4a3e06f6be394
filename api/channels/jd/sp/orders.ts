/** SP-API's orders in our units: the same orders as the old gateway's, by other names. */
import { fenFromInteger, minusFen, sumFen, type Fen } from '../../../contract/values/money.ts';
import type { Result } from '../../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingOrder, type ListedOrder, type PlatformOrderStatus, type TimeWindow } from '../../channel.ts';
import { boundedRows, eachRead, type Page, type ReadPage } from '../../transport/pages.ts';
import { fenOfYuan } from '../../transport/fen.ts';
import { told } from '../../transport/told.ts';
import type { Answer } from '../client.ts';
import { receiverOf, SHIP_WITHIN_HOURS, STATUS } from '../orders.ts';
import { instant, isYes } from '../wire.ts';
import { makeSpClient, type Envelope, type SpClient } from './client.ts';
import { needsDetail, offOf, spLines } from './lines.ts';
import { ORDER_SCOPE, SpOrder } from './wire.ts';

/** Neither a page's most rows nor a ceiling of pages is published (unknown): fewer than elsewhere, and a window that holds more is halved. */
const PAGE_SIZE = 50;
const CEILING = 200 * PAGE_SIZE;
/** The words of states are read as the old gateway's, and its word for all of them as taken here too (unknown). */
const ALL_STATES = 'ALL';
/** `sortBy` names the time that the window speaks of: there is no other parameter that could (unknown, and proved by what comes). */
type By = 'modifiedTime' | 'createdTime';

const isRow = (v: unknown): v is Answer => typeof v === 'object' && v !== null && !Array.isArray(v);
/** What left the window while it was read makes it shorter: a page beyond its end may be its last one once more. Any other page than the one asked for is a fault. */
export function pageOf({ data, paging }: Envelope, no: number, size: number): { readonly total: number; readonly rows: readonly Answer[] } {
  const fault = (words: string): ChannelFault => new ChannelFault({ code: 'retry', platformCode: 'no_result', words });
  if (!paging || paging['totalItems'] === undefined) throw fault('the answer holds no count of rows');
  const total = Number(paging['totalItems']);
  if (paging['currentPage'] !== undefined && Number(paging['currentPage']) !== no && no <= Math.ceil(total / size)) throw fault('another page came than was asked for');
  if (!Array.isArray(data) && total > 0) throw fault('the answer holds no rows');
  return { total, rows: Array.isArray(data) ? data.filter(isRow) : [] };
}

const reader = (client: SpClient, by: By, scopeSet: string): ReadPage<Answer> => async (window, no): Promise<Page<Answer>> => {
  const answer = await client.ask({ verb: 'GET', path: '/sp-order/v0/orders', query: { startTime: window.from.getTime(), endTime: window.to.getTime(), orderStatus: ALL_STATES, sortBy: by, sortOrder: 'asc', page: no, pageSize: PAGE_SIZE, scopeSet } });
  const { total, rows } = pageOf(answer, no, PAGE_SIZE);
  const times = rows.map((r) => Number(r[by] ?? 0));
  // An order may change while it is listed; most of a page does not.
  const outside = times.filter((t) => t > 0 && (t < window.from.getTime() - 1000 || t > window.to.getTime() + 60_000)).length;
  if (outside >= 3 && outside * 2 > rows.length) throw new ChannelFault({ code: 'ask_person', platformCode: 'window', words: `JD's window goes by another time than ${by}: use the routerjson gateway` });
  return { total, rows: rows.map((row, i) => ({ key: `${String(row['orderId'])} ${String(times[i])}`, at: times[i]! > 0 ? new Date(times[i]!) : undefined, row })) };
};

export async function* pullOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingOrder[]> {
  const client = makeSpClient(context);
  yield* eachRead(boundedRows(window, PAGE_SIZE, CEILING, reader(client, 'modifiedTime', ORDER_SCOPE)), (row) => readOrder(context, client, row));
}

/** A body that is no order at all is told of, and does not stop the others. */
async function readOrder(context: ChannelContext, client: SpClient, row: Answer): Promise<IncomingOrder | undefined> {
  const read = SpOrder.safeParse(row);
  if (!read.success) {
    await context.notice({ kind: 'unknown_field', subject: String(row['orderId']), words: read.error.issues.map((i) => i.path.join('.')).join(', ') });
    return undefined;
  }
  const whole = needsDetail(read.data) ? await getOrder(client, read.data.orderId) : { wire: read.data, raw: JSON.stringify(row) };
  return noticed(context, whole);
}
type Whole = { readonly wire: SpOrder; readonly raw: string };
async function noticed(context: ChannelContext, { wire, raw }: Whole): Promise<IncomingOrder> {
  const order = incomingOrder(wire, raw);
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${wire.orderId} ${order.platformStatus} ${wire.orderStatusDesc}` });
  return order;
}

/** All orders placed inside the window, by their ids alone. */
export async function* listOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly ListedOrder[]> {
  for await (const rows of boundedRows(window, PAGE_SIZE, CEILING, reader(makeSpClient(context), 'createdTime', 'orderId,createdTime'))) {
    yield rows.map((r) => {
      const placedAt = instant(String(r['createdTime'] ?? ''));
      return { platformOrderId: String(r['orderId']), ...(placedAt ? { placedAt } : {}) };
    });
  }
}

export async function getOrder(client: SpClient, orderId: string, scopeSet = ORDER_SCOPE): Promise<Whole> {
  const { data } = await client.ask({ verb: 'GET', path: '/sp-order/v0/orders/{orderId}', in: { orderId }, query: { scopeSet } });
  const read = SpOrder.safeParse(data);
  if (!read.success || read.data.orderId !== orderId) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: `${orderId}: ${read.success ? `order ${read.data.orderId} came` : read.error.issues.map((i) => i.path.join('.')).join(', ')}` });
  return { wire: read.data, raw: JSON.stringify(data) };
}
export const fetchOrder = (context: ChannelContext, orderId: string): Promise<Result<IncomingOrder, ChannelRefusal>> => told(async () => noticed(context, await getOrder(makeSpClient(context), orderId)));

type Flaws = { code: 'totals_differ' | 'unknown_status' | 'missing_field'; words: string }[];
/** A presale whose deposit is paid and whose balance is not: its times say so (what its numbers mean is unknown). */
const balanceOpen = (o: SpOrder): boolean => isYes(o.orderFlag.preSaleOrder) && instantMs(o.stepPaymentInfo.bargainTime) !== undefined && instantMs(o.stepPaymentInfo.balanceTime) === undefined && Number(o.stepPaymentInfo.payBalancePlan) > 0;
/** Milliseconds; 0 and what is missing mean that there is none. */
const instantMs = (value: string): Date | undefined => (/^0?$|^-/.test(value) ? undefined : instant(value));

function statusOf(o: SpOrder, flaws: Flaws): PlatformOrderStatus {
  const known = STATUS[o.orderStatus];
  if (!known) {
    flaws.push({ code: 'unknown_status', words: o.orderStatus });
    return 'unknown';
  }
  if ((known === 'to_ship' || known === 'unpaid') && balanceOpen(o)) return 'paid_not_shippable';
  // JD's own warehouse ships what stands in it (eclp 京仓, clps 云仓): such an order is not ours to send.
  if (known === 'to_ship' && (isYes(o.orderFlag.eclpOrder) || isYes(o.orderFlag.clpsOrder))) return 'paid_not_shippable';
  return known === 'to_ship' && o.transportInfo.partialShipmentList.length > 0 ? 'partly_shipped' : known;
}

export function incomingOrder(o: SpOrder, raw: string): IncomingOrder {
  const flaws: Flaws = [];
  const money = (name: string, value: string): Fen => fenOfYuan(value, (read) => flaws.push({ code: 'missing_field', words: `${name} “${read}”` }));
  const status = statusOf(o, flaws);
  const { lines, listedFen, goodsFen } = spLines(o, status === 'shipped' || status === 'completed', money);
  const { paidFen, freightFen } = paidOf(o, listedFen, money, flaws);
  for (const [name, value] of [['createdTime', o.createdTime], ['modifiedTime', o.modifiedTime], ['shouldPayAmount', o.paymentInfo.shouldPayAmount]] as const) if (value === '') flaws.push({ code: 'missing_field', words: name });
  if (lines.length === 0) flaws.push({ code: 'missing_field', words: 'skuItemInfoList' });
  const [c, modifiedAt] = [o.consigneeInfo, instantMs(o.modifiedTime) ?? new Date(0)];
  return {
    platformOrderId: o.orderId, platformStatus: o.orderStatus, status, placedAt: instantMs(o.createdTime) ?? modifiedAt, modifiedAt, ...times(o, status), paidFen, freightFen, discountFen: fenFromInteger(Math.max(0, listedFen - goodsFen)), paymentTradeNo: '',
    cod: o.paymentInfo.paymentType === '1' || /货到付款/.test(o.paymentInfo.paymentTypeDesc), presale: isYes(o.orderFlag.preSaleOrder), ...invoiceOf(o), ...stepOf(o, paidFen, money),
    buyerKey: o.xidBuyer || o.buyerPin, buyerNick: o.buyerPin, buyerMessage: o.buyerRemark.remark, sellerMemo: o.venderRemarkInfo.remark, sellerFlag: Number(o.venderRemarkInfo.flagId || 0) || 0,
    receiver: receiverOf({ name: c.fullName, mobile: c.mobile, telephone: c.telephone, province: c.provinceName, city: c.cityName, county: c.countyName, town: c.townName, address: c.fullAddress, oaid: c.oaid }), lines, flaws, refundsUnsaid: true, complete: true, raw,
  };
}

/**
 * What the buyer pays: goods less both discounts, with freight, services and tax. Whether it stands in `actualPayAmount` (实付) or
 * in `shouldPayAmount` (应付) when a balance or cash on delivery pays a part is not published: the one that fits the sum is it.
 */
function paidOf(o: SpOrder, listedFen: Fen, money: (name: string, value: string) => Fen, flaws: Flaws): { readonly paidFen: Fen; readonly freightFen: Fen } {
  const { paymentInfo: p, sellerTradePriceInfo: s } = o;
  const freightFen = sumFen([money('freightFee', p.freightFee), money('serviceFee', p.serviceFeeInfo.serviceFee), money('taxFee', p.taxInfo.taxFee)]);
  const [original, net, actual, should] = [money('totalOriginalPriceAmount', s.totalOriginalPriceAmount), money('totalSellerReceivableAmount', s.totalSellerReceivableAmount), money('actualPayAmount', p.actualPayAmount), money('shouldPayAmount', p.shouldPayAmount)];
  const [seller, others] = offOf(o, money).map((d) => d.amountFen) as [Fen, Fen];
  const due = sumFen([net, fenFromInteger(-others), freightFen]);
  const paidFen = actual === due ? actual : should === due ? should : actual !== 0 ? actual : should;
  if (listedFen !== original) flaws.push({ code: 'totals_differ', words: `lines ${listedFen} fen, totalOriginalPriceAmount ${original} fen` });
  else if (minusFen(original, seller) !== net) flaws.push({ code: 'totals_differ', words: `totalOriginalPriceAmount less totalSellerDiscountAmount ${minusFen(original, seller)} fen, totalSellerReceivableAmount ${net} fen` });
  else if (paidFen !== due) flaws.push({ code: 'totals_differ', words: `goods ${minusFen(net, others)} fen and freight ${freightFen} fen, actualPayAmount ${actual} fen, shouldPayAmount ${should} fen` });
  return { paidFen, freightFen };
}

/** Numbers as in the old gateway's `invoiceEasyInfo`: 0 is none (unknown whether they are the same; the words beside win). */
function invoiceOf(o: SpOrder): Pick<IncomingOrder, 'invoiceWanted'> {
  const { invoiceType, invoiceTypeDesc } = o.invoiceInfo;
  if (invoiceType === '' && invoiceTypeDesc === '') return {};
  return { invoiceWanted: !/不需要|不开/.test(invoiceTypeDesc) && invoiceType !== '0' };
}

/** Deposit and balance, each with what was really paid and when. Whether a deposit whose balance never came is given back is not said. */
function stepOf(o: SpOrder, paidFen: Fen, money: (name: string, value: string) => Fen): Pick<IncomingOrder, 'step'> {
  const s = o.stepPaymentInfo;
  if (!isYes(o.orderFlag.preSaleOrder) || !(Number(s.payBalancePlan) > 0)) return {};
  const deposit = instantMs(s.bargainTime) ? money('payBargainReal', s.payBargainReal || s.payBargainPlan) : fenFromInteger(0);
  return { step: { receivedFen: instantMs(s.balanceTime) ? paidFen : deposit, ...(deposit > 0 ? { depositFen: deposit } : {}), forfeited: false } };
}

function times(o: SpOrder, status: PlatformOrderStatus) {
  const [paidAt, shippedAt, completedAt, promised] = [instantMs(o.paymentInfo.paymentConfirmTime), instantMs(o.outboundTime), status === 'completed' ? instantMs(o.finishedTime) : undefined, instantMs(o.promiseCalendarInfo.promisePickTime)];
  const open = status === 'to_ship' || status === 'partly_shipped';
  return {
    ...(paidAt ? { paidAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}),
    ...(open && (promised || paidAt) ? { shipByAt: promised ?? new Date(paidAt!.getTime() + SHIP_WITHIN_HOURS * 3_600_000) } : {}),
  };
}
