/** Orders of one window, each read whole, in our units. */
import { localTimeText } from '../../contract/values/time.ts';
import { fenFromInteger, minusFen, negateFen, sumFen, timesFen, type Fen } from '../../contract/values/money.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingLine, type IncomingOrder, type ListedOrder, type PlatformOrderStatus, type RefundState, type TimeWindow } from '../channel.ts';
import { inParallel } from '../transport/throttle.ts';
import { makeClient, type Client } from './client.ts';
import { changedRows, closedRows, type ReadPage } from '../transport/pages.ts';
import { fen, instant, TRADE_FIELDS, WireTrade, WireTradePage } from './wire.ts';

const PAGE_SIZE = 50;
/** An answer takes about a tenth of a second, and some two hundred a second are allowed: fewer at once would leave most of that unused. */
const PARALLEL = 16;
const TYPES = 'fixed,guarantee_trade,auto_delivery,ec,cod,step,fenxiao,nopaid,pre_auth_type,o2o_offlinetrade,eticket';
/** The platform's shipping promise when an order states none of its own. */
const SHIP_WITHIN_HOURS = 48;

const STATUS: Readonly<Record<string, PlatformOrderStatus>> = {
  TRADE_NO_CREATE_PAY: 'unpaid', WAIT_BUYER_PAY: 'unpaid', PAY_PENDING: 'unpaid', WAIT_PRE_AUTH_CONFIRM: 'unpaid', PAID_FORBID_CONSIGN: 'paid_not_shippable', WAIT_SELLER_SEND_GOODS: 'to_ship', SELLER_CONSIGNED_PART: 'partly_shipped',
  WAIT_BUYER_CONFIRM_GOODS: 'shipped', TRADE_BUYER_SIGNED: 'shipped', TRADE_FINISHED: 'completed', TRADE_CLOSED: 'closed', TRADE_CLOSED_BY_TAOBAO: 'closed',
};
const REFUND: Readonly<Record<string, RefundState>> = {
  '': 'none', NO_REFUND: 'none', WAIT_SELLER_AGREE: 'requested', WAIT_BUYER_RETURN_GOODS: 'returning', WAIT_SELLER_CONFIRM_GOODS: 'returning', SELLER_REFUSE_BUYER: 'refused', CLOSED: 'closed', SUCCESS: 'refunded',
  // Exchanges: the line waits for goods, so it is not to be shipped as it is.
  WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS: 'returning', EXCHANGE_TRANSFORM_TO_REFUND: 'requested', WAIT_SELLER_CONSIGN_GOODS: 'returning',
};
export const isKnownRefund = (word: string): boolean => word in REFUND;
/** A refund state that is not known holds the order, as one in flight does. */
export const refundStateOf = (word: string): RefundState => REFUND[word] ?? 'requested';

/** The list gives part of an order only, so each one that it names is then read whole. */
export async function* pullOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<string> = async ({ from, to }, no) => {
    const answer = await client.call('taobao.trades.sold.increment.get', { fields: 'tid,tid_str,status,modified', type: TYPES, start_modified: localTimeText(from), end_modified: localTimeText(to), page_size: String(PAGE_SIZE), page_no: String(no), use_has_next: 'false' });
    const page = WireTradePage.parse(answer);
    return { total: page.total_results, rows: page.trades.map((t) => ({ key: `${t.tid} ${t.modified}`, at: instant(t.modified), row: t.tid_str || t.tid })) };
  };
  for await (const tids of changedRows(window, PAGE_SIZE, read)) {
    const orders = await inParallel(tids, PARALLEL, (tid) => readOne(client, context, tid));
    yield orders.filter((o) => o !== undefined);
  }
}

/** All orders placed inside the window, by their ids alone (by created time, the last three months). */
export async function* listOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly ListedOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<ListedOrder> = async ({ from, to }, no) => {
    const answer = await client.call('taobao.trades.sold.get', { fields: 'tid,tid_str,created,modified', type: TYPES, start_created: localTimeText(from), end_created: localTimeText(to), page_size: String(PAGE_SIZE), page_no: String(no), use_has_next: 'false' });
    const page = WireTradePage.parse(answer);
    return { total: page.total_results, rows: page.trades.map((t) => ({ key: t.tid, at: undefined, row: { platformOrderId: t.tid_str || t.tid } })) };
  };
  yield* closedRows(window, PAGE_SIZE, read);
}

/** An order that the list names and the platform then refuses is told of, and does not stop the others. */
async function readOne(client: Client, context: ChannelContext, tid: string): Promise<IncomingOrder | undefined> {
  try {
    return await fetchWith(client, context, tid);
  } catch (error) {
    if (!(error instanceof ChannelFault) || error.refusal.code !== 'refuse_row') throw error;
    await context.notice({ kind: 'unknown_field', subject: tid, words: error.refusal.words });
    return undefined;
  }
}

async function fetchWith(client: Client, context: ChannelContext, tid: string): Promise<IncomingOrder> {
  const answer = await client.call('taobao.trade.fullinfo.get', { tid, fields: TRADE_FIELDS, include_oaid: 'true' });
  const read = WireTrade.safeParse(answer['trade']);
  if (!read.success) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: `${tid}: ${read.error.issues.map((i) => i.path.join('.')).join(', ')}` });
  const order = incomingOrder(read.data, JSON.stringify(answer['trade']));
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${tid} ${order.platformStatus}` });
  return order;
}

export async function fetchOrder(context: ChannelContext, tid: string): Promise<Result<IncomingOrder, ChannelRefusal>> {
  try {
    return ok(await fetchWith(makeClient(context), context, tid));
  } catch (error) {
    if (error instanceof ChannelFault) return refuse(error.refusal);
    throw error;
  }
}

/**
 * A step order (定金预售) waits for its balance. Between the two payments the trade's own status is still that of an unpaid one
 * (a public client's state table, read 2026-11); only both paid may leave. A forfeited deposit ends the order.
 */
function withStep(known: PlatformOrderStatus | undefined, t: WireTrade): PlatformOrderStatus | undefined {
  if (t.step_trade_status === '' || t.step_trade_status === 'FRONT_PAID_FINAL_PAID') return known;
  if (t.step_trade_status === 'FRONT_PAID_FRONT_FORFEITED') return known === undefined ? undefined : 'closed';
  if (t.step_trade_status === 'FRONT_PAID_FINAL_NOPAID') return known === 'unpaid' || known === 'to_ship' ? 'paid_not_shippable' : known;
  return known === 'to_ship' ? 'paid_not_shippable' : known;
}
/** `step_paid_fee` is what was paid so far over the steps (API documents of the trade, read 2026-11). */
function stepOf(t: WireTrade, paidFen: Fen, money: (name: string, value: string) => Fen): Pick<IncomingOrder, 'step'> {
  if (t.step_trade_status === '') return {};
  const nothing = t.step_trade_status === 'FRONT_NOPAID_FINAL_NOPAID';
  const received = t.step_trade_status === 'FRONT_PAID_FINAL_PAID' ? paidFen : nothing ? fenFromInteger(0) : money('step_paid_fee', t.step_paid_fee);
  return { step: { receivedFen: received, forfeited: t.step_trade_status === 'FRONT_PAID_FRONT_FORFEITED' } };
}

export function incomingOrder(t: WireTrade, raw: string): IncomingOrder {
  const flaws: { code: 'totals_differ' | 'unknown_status' | 'missing_field'; words: string }[] = [];
  const money = (name: string, value: string): Fen => fen(value, (read) => flaws.push({ code: 'missing_field', words: `${name} “${read}”` }));
  const known = STATUS[t.status];
  if (!known) flaws.push({ code: 'unknown_status', words: t.status });
  const status = withStep(known, t) ?? 'unknown';
  const [paidFen, freightFen] = [money('payment', t.payment), money('post_fee', t.post_fee)];
  const lines = t.orders.map((l) => incomingLine(l, t, { paidFen, freightFen }, money));
  const refunded = lines.some((l) => l.refundState !== 'none');
  const sum = sumFen([...lines.map((l) => l.paidFen), freightFen]);
  // After a refund the platform's line payments are not reliable (API document, 2026-04), so only untouched orders must add up.
  const only = t.orders.length === 1 && t.orders[0]!.payment !== '' ? money('line payment', t.orders[0]!.payment) : paidFen;
  if (!refunded && status !== 'closed' && only !== paidFen) flaws.push({ code: 'totals_differ', words: `the line says ${only} fen, the order ${paidFen} fen` });
  else if (!refunded && status !== 'closed' && sum !== paidFen) flaws.push({ code: 'totals_differ', words: `lines and freight ${sum} fen, paid ${paidFen} fen` });
  for (const field of ['created', 'modified'] as const) if (!instant(t[field])) flaws.push({ code: 'missing_field', words: `${field} “${t[field]}”` });
  // Nothing said is not nothing paid.
  if (t.payment === '') flaws.push({ code: 'missing_field', words: 'payment' });
  if (t.orders.length === 0) flaws.push({ code: 'missing_field', words: 'orders' });
  const listed = sumFen(t.orders.map((l) => timesFen(money('price', l.price), l.num)));
  const modifiedAt = instant(t.modified) ?? new Date(0);
  const paidAt = instant(t.pay_time);
  return {
    platformOrderId: t.tid_str || t.tid, platformStatus: t.status, status, placedAt: instant(t.created) ?? modifiedAt, modifiedAt, ...times(t, paidAt, status),
    paidFen, freightFen, discountFen: fenFromInteger(Math.max(0, listed - sumFen(lines.map((l) => l.paidFen)))), ...(t.commission_fee === '' ? {} : { commissionFen: money('commission_fee', t.commission_fee) }), paymentTradeNo: t.alipay_no,
    cod: t.type === 'cod', presale: t.type === 'step' || t.step_trade_status !== '', ...stepOf(t, paidFen, money), buyerKey: t.buyer_open_uid || t.buyer_nick, buyerNick: t.buyer_nick, buyerMessage: t.buyer_message, sellerMemo: t.seller_memo, sellerFlag: t.seller_flag,
    receiver: receiverOf(t), lines, flaws, complete: true, raw,
  };
}

function times(t: WireTrade, paidAt: Date | undefined, status: PlatformOrderStatus) {
  const [shippedAt, completedAt] = [instant(t.consign_time), status === 'completed' ? instant(t.end_time) : undefined];
  const hours = t.consign_interval > 0 ? t.consign_interval : SHIP_WITHIN_HOURS;
  return {
    ...(paidAt ? { paidAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}),
    ...(paidAt && (status === 'to_ship' || status === 'partly_shipped') ? { shipByAt: new Date(paidAt.getTime() + hours * 3_600_000) } : {}),
  };
}

/** Counties governed by a province have no city: the district stands in for it (API document, 2026-04). */
const receiverOf = (t: WireTrade): IncomingOrder['receiver'] => ({
  name: t.receiver_name, phone: t.receiver_mobile || t.receiver_phone, province: t.receiver_state, city: t.receiver_city || t.receiver_district, district: t.receiver_district, town: t.receiver_town, address: t.receiver_address,
  token: t.oaid, masked: `${t.receiver_name}${t.receiver_mobile}${t.receiver_address}`.includes('*'),
});

const SHIPPED_LINE = new Set(['WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED']);
type Money = (name: string, value: string) => Fen;
/** A line's share without freight: on a single-line order the payment minus freight, else the share after order discounts. */
function incomingLine(l: WireTrade['orders'][number], t: WireTrade, of: { paidFen: Fen; freightFen: Fen }, money: Money): IncomingLine {
  const divided = l.divide_order_fee === '' ? minusFen(money('payment', l.payment), money('part_mjz_discount', l.part_mjz_discount)) : money('divide_order_fee', l.divide_order_fee);
  const paidFen = t.orders.length === 1 ? fenFromInteger(Math.max(0, of.paidFen - of.freightFen)) : divided;
  // A price that the seller changed by hand stands in `adjust_fee`, negative when it went down.
  const discounts = [{ name: 'discount_fee', amountFen: money('discount_fee', l.discount_fee) }, { name: 'adjust_fee', amountFen: negateFen(money('adjust_fee', l.adjust_fee)) }, { name: 'part_mjz_discount', amountFen: money('part_mjz_discount', l.part_mjz_discount) }].filter((d) => d.amountFen !== 0);
  return {
    platformLineId: l.oid_str || l.oid, platformItemId: l.num_iid, platformSkuId: l.sku_id, merchantCode: l.outer_sku_id || l.outer_iid, title: l.title, properties: l.sku_properties_name, quantity: l.num, unitPriceFen: money('price', l.price), paidFen,
    discounts: discounts.map((d) => ({ bearer: 'seller' as const, ...d })), refundState: refundStateOf(l.refund_status), platformRefundId: l.refund_id === '0' ? '' : l.refund_id, shipped: SHIPPED_LINE.has(l.status),
  };
}
