/** Douyin's orders in our units. The search gives them whole; who bears each discount stands on every line. */
import { fenFromInteger, minusFen, sumFen, timesFen, type Fen } from '../../contract/values/money.ts';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type Bearer, type ChannelContext, type ChannelRefusal, type IncomingLine, type IncomingOrder, type ListedOrder, type PlatformOrderStatus, type TimeWindow } from '../channel.ts';
import { boundedRows, eachRead, type ReadPage } from '../transport/pages.ts';
import { told } from '../transport/told.ts';
import { lineRefundOf } from './after-sales.ts';
import { makeClient, type Answer, type Client } from './client.ts';
import { flagOf } from './memo.ts';
import { fen, instant, WireOrder, type WireLine } from './wire.ts';

const PAGE_SIZE = 100;
/** How deep pages go is not published (unknown): windows with more than fifty of them are halved. */
const CEILING = 50 * PAGE_SIZE;
const STATUS: Readonly<Record<string, PlatformOrderStatus>> = { '1': 'unpaid', '105': 'paid_not_shippable', '2': 'to_ship', '101': 'partly_shipped', '3': 'shipped', '4': 'closed', '5': 'completed' };

const second = (at: Date): number => Math.floor(at.getTime() / 1000);
async function page(client: Client, by: 'update_time' | 'create_time', window: TimeWindow, no: number): Promise<{ total: number; rows: Answer[] }> {
  // Pages count from 0 here. Oldest first, so that what changes leaves for the end.
  const data = await client.call('/order/searchList', { [`${by}_start`]: second(window.from), [`${by}_end`]: second(window.to), order_by: by, order_asc: true, page: no - 1, size: PAGE_SIZE });
  return { total: Number(data['total'] ?? 0), rows: (data['shop_order_list'] as Answer[] | null | undefined) ?? [] };
}

export async function* pullOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<Answer> = async (w, no) => {
    const { total, rows } = await page(client, 'update_time', w, no);
    return { total, rows: rows.map((r) => ({ key: `${String(r['order_id'])} ${String(r['update_time'])}`, at: undefined, row: r })) };
  };
  yield* eachRead(boundedRows(window, PAGE_SIZE, CEILING, read), (raw) => readOrder(context, raw));
}

/** A body that is no order at all is told of, and does not stop the others. */
async function readOrder(context: ChannelContext, raw: Answer): Promise<IncomingOrder | undefined> {
  const read = WireOrder.safeParse(raw);
  if (!read.success) {
    await context.notice({ kind: 'unknown_field', subject: String(raw['order_id']), words: read.error.issues.map((i) => i.path.join('.')).join(', ') });
    return undefined;
  }
  const order = incomingOrder(read.data, JSON.stringify(raw));
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${order.platformOrderId} ${order.platformStatus} ${read.data.order_status_desc}` });
  return order;
}

export async function* listOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly ListedOrder[]> {
  const client = makeClient(context);
  const read: ReadPage<ListedOrder> = async (w, no) => {
    const { total, rows } = await page(client, 'create_time', w, no);
    return { total, rows: rows.map((r) => ({ key: String(r['order_id']), at: undefined, row: { platformOrderId: String(r['order_id']), placedAt: new Date(Number(r['create_time']) * 1000) } })) };
  };
  yield* boundedRows(window, PAGE_SIZE, CEILING, read);
}

export async function getOrder(client: Client, orderId: string): Promise<{ readonly wire: WireOrder; readonly raw: Answer }> {
  const raw = ((await client.call('/order/orderDetail', { shop_order_id: orderId }))['shop_order_detail'] ?? {}) as Answer;
  const read = WireOrder.safeParse(raw);
  if (!read.success) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: `${orderId}: ${read.error.issues.map((i) => i.path.join('.')).join(', ')}` });
  return { wire: read.data, raw };
}
export const fetchOrder = (context: ChannelContext, orderId: string): Promise<Result<IncomingOrder, ChannelRefusal>> => told(async () => {
  const { wire, raw } = await getOrder(makeClient(context), orderId);
  const order = incomingOrder(wire, JSON.stringify(raw));
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${orderId} ${order.platformStatus}` });
  return order;
});

type Money = (name: string, value: number | undefined) => Fen;
export function incomingOrder(o: WireOrder, raw: string): IncomingOrder {
  const flaws: { code: 'totals_differ' | 'unknown_status' | 'missing_field'; words: string }[] = [];
  const money: Money = (name, value) => fen(value, () => flaws.push({ code: 'missing_field', words: `${name} “${value}”` }));
  const known = STATUS[o.order_status];
  if (!known) flaws.push({ code: 'unknown_status', words: o.order_status });
  const waits = o.order_phase_list.some((p) => p.pay_success !== true);
  const status = known === 'to_ship' && waits ? 'paid_not_shippable' : known === 'unpaid' && waits && o.order_phase_list.some((p) => p.pay_success === true) ? 'paid_not_shippable' : known ?? 'unknown';
  const [payable, freightFen, payOff] = [money('pay_amount', o.pay_amount), money('post_amount', o.post_amount), money('promotion_pay_amount', o.promotion_pay_amount)];
  // What the buyer paid: the payable less what the way of paying took off (one source).
  const paidFen = minusFen(payable, payOff);
  const stated = sumFen(o.sku_order_list.map((l) => money('line pay_amount', l.pay_amount)));
  // Whether a line's `pay_amount` holds its share of the freight is not documented: the sum over the lines shows it.
  const withFreight = freightFen !== 0 && stated === payable;
  const lines = o.sku_order_list.map((l) => incomingLine(l, withFreight, status, money));
  const sum = sumFen([...lines.map((l) => l.paidFen), freightFen]);
  if (sum !== paidFen) flaws.push({ code: 'totals_differ', words: `lines and freight ${sum} fen, paid ${paidFen} fen` });
  for (const field of ['create_time', 'update_time', 'pay_amount'] as const) if (o[field] === undefined) flaws.push({ code: 'missing_field', words: field });
  if (o.sku_order_list.length === 0) flaws.push({ code: 'missing_field', words: 'sku_order_list' });
  const modifiedAt = instant(o.update_time) ?? new Date(0);
  const [paidAt, shipByAt, shippedAt, completedAt] = [instant(o.pay_time), instant(o.exp_ship_time), instant(o.ship_time), instant(o.finish_time)];
  return {
    platformOrderId: o.order_id, platformStatus: o.order_status, status, placedAt: instant(o.create_time) ?? modifiedAt, modifiedAt, ...(paidAt ? { paidAt } : {}), ...(shipByAt && (status === 'to_ship' || status === 'partly_shipped') ? { shipByAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}),
    paidFen, freightFen, discountFen: sumFen(lines.flatMap((l) => l.discounts.map((d) => d.amountFen))), paymentTradeNo: o.channel_payment_no, cod: o.pay_type === '0', presale: o.sku_order_list.some((l) => (l.pre_sale_type ?? 0) !== 0) || o.order_phase_list.length > 0, ...stepOf(o, paidFen, money), ...bookedDay(o),
    buyerKey: o.doudian_open_id || o.open_id, buyerNick: o.mask_post_receiver, buyerMessage: o.buyer_words, sellerMemo: o.seller_words, sellerFlag: flagOf(o.seller_remark_stars ?? 0), receiver: receiverOf(o), lines, flaws, complete: true, raw,
  };
}

/**
 * Phases of a deposit presale (定金预售阶段单: two a line, each with whether it is paid and what the buyer pays in it in fen;
 * public clients' shapes, read 2026-11). Until each is paid the order waits, whatever its own number says.
 */
function stepOf(o: WireOrder, paidFen: Fen, money: Money): Pick<IncomingOrder, 'step'> {
  const phases = o.order_phase_list;
  if (phases.length === 0) return {};
  const paid = sumFen(phases.filter((p) => p.pay_success === true).map((p) => money('phase_pay_amount', p.phase_pay_amount)));
  const deposit = sumFen(phases.filter((p) => p.current_phase === 1).map((p) => money('phase_pay_amount', p.phase_pay_amount)));
  return { step: { depositFen: deposit, receivedFen: phases.every((p) => p.pay_success === true) ? paidFen : paid, forfeited: false } };
}
/** A delivery that the buyer has booked (预约发货) does not leave before its day. */
const bookedDay = (o: WireOrder): Pick<IncomingOrder, 'shipFromAt'> => { const at = instant(o.appointment_ship_time); return at ? { shipFromAt: at } : {}; };

function incomingLine(l: WireLine, withFreight: boolean, orderStatus: PlatformOrderStatus, money: Money): IncomingLine {
  const listed = l.sum_amount === undefined ? timesFen(money('origin_amount', l.origin_amount), l.item_num ?? 0) : money('sum_amount', l.sum_amount);
  const paidFen = fenFromInteger(money('pay_amount', l.pay_amount) - (withFreight ? money('post_amount', l.post_amount) : 0) - money('promotion_pay_amount', l.promotion_pay_amount));
  const borne: { bearer: Bearer; name: string; amountFen: Fen }[] = [
    { bearer: 'seller', name: 'promotion_shop_amount', amountFen: money('promotion_shop_amount', l.promotion_shop_amount) }, { bearer: 'platform', name: 'promotion_platform_amount', amountFen: money('promotion_platform_amount', l.promotion_platform_amount) },
    { bearer: 'influencer', name: 'promotion_talent_amount', amountFen: money('promotion_talent_amount', l.promotion_talent_amount) }, { bearer: 'platform', name: 'promotion_pay_amount', amountFen: money('promotion_pay_amount', l.promotion_pay_amount) },
  ];
  // What nobody else bears and no promotion names is a price that the seller changed by hand.
  const rest = minusFen(minusFen(listed, paidFen), sumFen(borne.map((d) => d.amountFen)));
  const shipped = STATUS[l.order_status] ?? orderStatus;
  return {
    platformLineId: l.order_id, platformItemId: l.product_id_str || l.product_id, platformSkuId: l.sku_id, merchantCode: l.code || l.out_sku_id, title: l.product_name, properties: l.spec.map((s) => `${s.name}:${s.value}`).join(';'), quantity: l.item_num ?? 0, unitPriceFen: money('origin_amount', l.origin_amount), paidFen,
    discounts: [...borne, { bearer: 'seller' as const, name: 'modify_amount', amountFen: rest }].filter((d) => d.amountFen !== 0), refundState: lineRefundOf(l.after_sale_info), platformRefundId: '', shipped: shipped === 'shipped' || shipped === 'completed',
  };
}

/** Masked texts to show; the three ciphertexts together are what a label asks with. Towns here are districts, streets are towns. */
function receiverOf(o: WireOrder): IncomingOrder['receiver'] {
  const a = o.post_addr;
  return { name: o.mask_post_receiver, phone: o.mask_post_tel, province: a.province, city: a.city || a.town, district: a.town, town: a.street, address: o.mask_post_addr.detail, token: [o.encrypt_post_receiver, o.encrypt_post_tel, a.encrypt_detail].filter((c) => c !== '').join(' '), masked: true };
}
