/** Orders of one window, in our units. The list by time of change gives whole orders, so none is asked for again. */
import { localTimeText } from '../../contract/values/time.ts';
import { fenFromInteger, minusFen, shareOut, sumFen, timesFen, type Fen } from '../../contract/values/money.ts';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type Bearer, type ChannelContext, type ChannelRefusal, type IncomingLine, type IncomingOrder, type ListedOrder, type TimeWindow } from '../channel.ts';
import { closedRows, eachRead, type ReadPage } from '../transport/pages.ts';
import { slices } from '../transport/slices.ts';
import { told } from '../transport/told.ts';
import { isCipher, searchIndex } from './cipher.ts';
import { fenOfYuan } from '../transport/fen.ts';
import { makeClient, type Client } from './client.ts';
import { platformStatusOf, refundStateOfOrder, statusOf } from './states.ts';
import { instant, WireDealPage, WireOrder, WireOrderPage, type WireItem } from './wire.ts';

export const WINDOW_MS = 1_800_000;
const DAY_MS = 86_400_000;
const PAGE_SIZE = 100;
/** All states: of the order, of its refunds, and of lotteries. */
const EVERY = { order_status: 5, refund_status: 5 } as const;

/** A window's end may not lie ahead of the platform's clock: only what has ended can be walked without loss. */
export function* endedSlices(client: Client, window: TimeWindow, widestMs: number): Generator<TimeWindow> {
  yield* slices({ from: window.from, to: new Date(Math.min(window.to.getTime(), client.now().getTime())) }, widestMs);
}

/** The page says to walk backwards from the last page, which needs the total: `use_has_next` would leave it out. */
export async function* pullOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<Readonly<Record<string, unknown>>> = async ({ from, to }, no) => {
    const answer = await client.call('pdd.order.number.list.increment.get', { ...EVERY, is_lucky_flag: 0, start_updated_at: localTimeText(from), end_updated_at: localTimeText(to), page: no, page_size: PAGE_SIZE, use_has_next: 'false' });
    const page = WireOrderPage.parse(answer);
    return { total: page.total_count, rows: page.order_sn_list.map((o) => ({ key: `${o.order_sn} ${o.updated_at}`, at: instant(o.updated_at), row: o })) };
  };
  const seen = new Set<string>();
  for (const slice of endedSlices(client, window, WINDOW_MS)) yield* eachRead(closedRows(slice, PAGE_SIZE, read, seen), (row) => readOrder(context, row));
}

/** An order that cannot be read is told of, and does not stop the others. */
async function readOrder(context: ChannelContext, row: Readonly<Record<string, unknown>>): Promise<IncomingOrder | undefined> {
  try {
    return await orderOf(context, row);
  } catch (error) {
    if (!(error instanceof ChannelFault) || error.refusal.code !== 'refuse_row') throw error;
    await context.notice({ kind: 'unknown_field', subject: String(row['order_sn']), words: error.refusal.words });
    return undefined;
  }
}

async function orderOf(context: ChannelContext, row: unknown): Promise<IncomingOrder> {
  const read = WireOrder.safeParse(row);
  if (!read.success) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: read.error.issues.map((i) => i.path.join('.')).join(', ') });
  const order = incomingOrder(read.data, JSON.stringify(row));
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${order.platformOrderId} ${order.platformStatus}` });
  for (const flaw of order.flaws) if (flaw.code === 'totals_differ') await context.notice({ kind: 'totals_differ', subject: order.platformOrderId, words: flaw.words });
  return order;
}

export const readWhole = async (client: Client, orderSn: string): Promise<unknown> => (await client.call('pdd.order.information.get', { order_sn: orderSn }))['order_info'];

export const fetchOrder = (context: ChannelContext, orderSn: string): Promise<Result<IncomingOrder, ChannelRefusal>> => told(async () => orderOf(context, await readWhole(makeClient(context), orderSn)));

/** By the time of the deal: the only list that the platform has beside that of changes (at most 24 hours of it). */
export async function* listOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly ListedOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<ListedOrder> = async ({ from, to }, no) => {
    const page = WireDealPage.parse(await client.call('pdd.order.list.get', { ...EVERY, start_confirm_at: localTimeText(from), end_confirm_at: localTimeText(to), page: no, page_size: PAGE_SIZE, use_has_next: 'false' }));
    return { total: page.total_count, rows: page.order_list.map((o) => {
      const placedAt = instant(o.created_time) ?? instant(o.confirm_time);
      return { key: o.order_sn, at: placedAt, row: { platformOrderId: o.order_sn, ...(placedAt ? { placedAt } : {}) } };
    }) };
  };
  const seen = new Set<string>();
  for (const slice of endedSlices(client, window, DAY_MS)) yield* closedRows(slice, PAGE_SIZE, read, seen);
}

type Flaw = IncomingOrder['flaws'][number];
type Money = (name: string, value: string) => Fen;
export const lineIdOf = (orderSn: string, skuId: string): string => (skuId === '' ? orderSn : `${orderSn}-${skuId}`);

export function incomingOrder(o: WireOrder, raw: string): IncomingOrder {
  const flaws: Flaw[] = [];
  const money: Money = (name, value) => fenOfYuan(value, (read) => flaws.push({ code: 'missing_field', words: `${name} “${read}”` }));
  const status = statusOf(o);
  const platformStatus = platformStatusOf(o);
  if (status === 'unknown') flaws.push({ code: 'unknown_status', words: platformStatus });
  const sums = sumsOf(o, money, flaws);
  const lines = linesOf(o, sums, money);
  for (const field of ['created_time', 'updated_at', 'pay_amount'] as const) if (o[field] === '' || (field !== 'pay_amount' && !instant(o[field]))) flaws.push({ code: 'missing_field', words: `${field} “${o[field]}”` });
  if (o.item_list.length === 0) flaws.push({ code: 'missing_field', words: 'item_list' });
  const modifiedAt = instant(o.updated_at) ?? new Date(0);
  const [paidAt, shippedAt, completedAt, shipByAt] = [instant(o.pay_time), instant(o.shipping_time), status === 'completed' ? instant(o.receive_time) : undefined, instant(o.last_ship_time)];
  return {
    platformOrderId: o.order_sn, platformStatus, status, placedAt: instant(o.created_time) ?? instant(o.confirm_time) ?? modifiedAt, modifiedAt,
    ...(paidAt ? { paidAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}), ...(shipByAt && (status === 'to_ship' || status === 'paid_not_shippable') ? { shipByAt } : {}),
    paidFen: sums.paid, freightFen: sums.freight, discountFen: sums.discount, paymentTradeNo: isCipher(o.pay_no) ? '' : o.pay_no, cod: false, presale: o.trade_type === 1 || o.is_pre_sale === 1, ...stepOf(o, sums.paid, money), ...presaleDay(o), ...(o.invoice_status === undefined ? {} : { invoiceWanted: o.invoice_status === 1 }),
    // The platform names no buyer: the phone's index is the one thing that two orders of one person share.
    buyerKey: searchIndex(o.receiver_phone), buyerNick: '', buyerMessage: o.buyer_memo, sellerMemo: o.remark, sellerFlag: o.remark_tag ?? 0,
    receiver: receiverOf(o), lines, flaws, complete: true, raw,
  };
}

/** A deposit order: 0 nothing paid, 1 the deposit, 2 both; `advanced_paid_fee` is the deposit, `step_paid_fee` all that was paid so far (pages of the order calls, read 2026-11). */
function stepOf(o: WireOrder, paidFen: Fen, money: Money): Pick<IncomingOrder, 'step'> {
  const s = o.step_order_info;
  if (o.trade_type !== 1 || !s) return {};
  const depositFen = money('advanced_paid_fee', s.advanced_paid_fee);
  const soFar = money('step_paid_fee', s.step_paid_fee);
  return { step: { depositFen, receivedFen: s.step_trade_status === 2 ? paidFen : s.step_trade_status === 1 ? (soFar > 0 ? soFar : depositFen) : fenFromInteger(0), forfeited: false } };
}
/** `pre_sale_time` (预售时间) is read as the day from which the goods leave; no page says more (unknown). On that day itself nothing is late by either reading. */
const presaleDay = (o: WireOrder): Pick<IncomingOrder, 'shipFromAt'> => { const at = o.is_pre_sale === 1 ? instant(o.pre_sale_time) : undefined; return at ? { shipFromAt: at } : {}; };

/** Masks are shown; the ciphertexts stay in the raw body. `open_address_id` is the platform's own word for "may go in one parcel". */
function receiverOf(o: WireOrder): IncomingOrder['receiver'] {
  const indexes = [o.receiver_phone, o.receiver_name, o.receiver_address || o.address].map(searchIndex);
  return {
    name: o.receiver_name_mask, phone: o.receiver_phone_mask, province: o.province, city: o.city, district: o.town, town: '', address: o.receiver_address_mask || o.address_mask,
    token: o.open_address_id || o.open_address_id_2 || (indexes.every((i) => i !== '') ? indexes.join('|') : ''), masked: true,
  };
}

type Sums = { readonly paid: Fen; readonly goods: Fen; readonly freight: Fen; readonly discount: Fen; readonly parts: readonly { readonly bearer: Bearer; readonly name: string; readonly amountFen: Fen }[] };
/**
 * goods_amount = price × count − order_change_amount; discount_amount = platform + seller + captain's; pay_amount =
 * goods_amount − discount_amount + postage + service fees (order pages, read 2026-11). Services are delivery to the room and
 * the like: they are counted with the freight.
 */
function sumsOf(o: WireOrder, money: Money, flaws: Flaw[]): Sums {
  const differ = (words: string): void => void flaws.push({ code: 'totals_differ', words });
  const [goods, discount, paid, change] = [money('goods_amount', o.goods_amount), money('discount_amount', o.discount_amount), money('pay_amount', o.pay_amount), money('order_change_amount', o.order_change_amount)];
  const freight = sumFen([money('postage', o.postage), ...o.service_fee_detail.map((s) => money(s.service_name || 'service_fee', s.service_fee))]);
  const parts = [
    { bearer: 'seller' as const, name: 'seller_discount', amountFen: money('seller_discount', o.seller_discount) }, { bearer: 'platform' as const, name: 'platform_discount', amountFen: money('platform_discount', o.platform_discount) },
    // Who pays for the free order of a group's captain is not documented (unknown): taken as the seller's, so that no income is invented.
    { bearer: 'seller' as const, name: 'capital_free_discount', amountFen: money('capital_free_discount', o.capital_free_discount) }, { bearer: 'seller' as const, name: 'order_change_amount', amountFen: change },
  ].filter((d) => d.amountFen !== 0);
  const listed = sumFen(o.item_list.map((i) => timesFen(money('goods_price', i.goods_price), i.goods_count)));
  const borne = sumFen(parts.filter((p) => p.name !== 'order_change_amount').map((p) => p.amountFen));
  if (minusFen(listed, change) !== goods) differ(`prices ${listed} less ${change} fen, goods_amount ${goods} fen`);
  if (borne !== discount) differ(`discounts ${borne} fen, discount_amount ${discount} fen`);
  if (goods - discount + freight !== paid) differ(`goods ${goods} − discounts ${discount} + postage and services ${freight} fen, pay_amount ${paid} fen`);
  return { paid, goods, freight, discount: fenFromInteger(Math.max(0, discount + change)), parts };
}

/** Amounts belong to the order: they are shared out by price, so that lines and freight are what was paid. Gifts that go along cost nothing. */
function linesOf(o: WireOrder, sums: Sums, money: Money): IncomingLine[] {
  const items = o.item_list;
  const weights = items.map((i) => Math.max(0, money('goods_price', i.goods_price) * i.goods_count));
  const paid = items.length > 0 ? shareOut(minusFen(sums.paid, sums.freight), weights) : [];
  const shares = sums.parts.map((part) => ({ ...part, shares: items.length > 0 ? shareOut(part.amountFen, weights) : [] }));
  const used = new Map<string, number>();
  const line = (i: WireItem, id: string, price: Fen, paidFen: Fen, discounts: IncomingLine['discounts']): IncomingLine => {
    const times = (used.get(id) ?? 0) + 1;
    used.set(id, times);
    return {
      platformLineId: times === 1 ? id : `${id}-${times}`, platformItemId: i.goods_id, platformSkuId: i.sku_id, merchantCode: i.outer_id || i.outer_goods_id, title: i.goods_name, properties: i.goods_spec, quantity: i.goods_count, unitPriceFen: price, paidFen, discounts,
      refundState: refundStateOfOrder(o), platformRefundId: '', shipped: (o.order_status ?? 0) >= 2,
    };
  };
  const bought = items.map((i, at) => line(i, lineIdOf(o.order_sn, i.sku_id), money('goods_price', i.goods_price), paid[at]!, shares.map(({ bearer, name, shares: each }) => ({ bearer, name, amountFen: each[at]! })).filter((d) => d.amountFen !== 0)));
  // 2: the gift goes along; 1: it is an order of its own.
  const gifts = o.gift_order_status === 2 ? o.gift_list.map((i) => line(i, lineIdOf(`${o.order_sn}-gift`, i.sku_id), fenFromInteger(0), fenFromInteger(0), [])) : [];
  return [...bought, ...gifts];
}
