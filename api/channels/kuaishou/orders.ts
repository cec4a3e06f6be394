/** Kuaishou's orders in our units. An order is one listing; the list gives it whole. */
import { fenFromInteger, minusFen, sumFen, timesFen, type Fen } from '../../contract/values/money.ts';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type IncomingLine, type IncomingOrder, type ListedOrder, type PlatformOrderStatus, type RefundState, type TimeWindow } from '../channel.ts';
import { eachRead } from '../transport/pages.ts';
import { told } from '../transport/told.ts';
import { refundStateOf } from './states.ts';
import { makeClient, longId, type Answer, type Client } from './client.ts';
import { cursorRows } from './cursor.ts';
import { fen, instant, WireOrder } from './wire.ts';

/** At most 50 rows a page, and 7 days a window. */
const LIST = { method: 'open.order.cursor.list', cursor: 'cursor', rows: 'orderList', size: 50 } as const;
/** Every order, oldest first; which of 1 and 2 is that is told both ways (unknown), and the cursor makes either whole. */
const ALL = { orderViewStatus: 1, sort: 2, cpsType: 0 } as const;
const BY_CREATION = 1;
const BY_CHANGE = 2;
const STATUS: Readonly<Record<string, PlatformOrderStatus>> = { '10': 'unpaid', '30': 'to_ship', '40': 'shipped', '50': 'shipped', '70': 'completed', '80': 'closed' };

const base = (row: Answer): Answer => (row['orderBaseInfo'] ?? {}) as Answer;
export async function* pullOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingOrder[]> {
  const rows = cursorRows(makeClient(context), { ...LIST, also: { ...ALL, queryType: BY_CHANGE } }, window, (row) => `${String(base(row)['oid'])} ${String(base(row)['updateTime'])}`);
  yield* eachRead(rows, (raw) => readOrder(context, raw));
}
export async function* listOrders(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly ListedOrder[]> {
  const rows = cursorRows(makeClient(context), { ...LIST, also: { ...ALL, queryType: BY_CREATION } }, window, (row) => String(base(row)['oid']));
  for await (const page of rows) yield page.map((row) => ({ platformOrderId: String(base(row)['oid']), placedAt: new Date(Number(base(row)['createTime'])) }));
}

/** A body that is no order at all is told of, and does not stop the others. */
async function readOrder(context: ChannelContext, raw: Answer): Promise<IncomingOrder | undefined> {
  const read = WireOrder.safeParse(raw);
  if (!read.success) {
    await context.notice({ kind: 'unknown_field', subject: String(base(raw)['oid']), words: read.error.issues.map((i) => i.path.join('.')).join(', ') });
    return undefined;
  }
  return spoken(context, incomingOrder(read.data, JSON.stringify(raw)));
}
async function spoken(context: ChannelContext, order: IncomingOrder): Promise<IncomingOrder> {
  if (order.status === 'unknown') await context.notice({ kind: 'unknown_status', subject: order.platformStatus, words: `${order.platformOrderId} ${order.platformStatus}` });
  return order;
}

export async function getOrder(client: Client, oid: string): Promise<{ readonly wire: WireOrder; readonly raw: Answer }> {
  const raw = await client.call('open.order.detail', { oid: longId(oid) });
  const read = WireOrder.safeParse(raw);
  if (!read.success) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: `${oid}: ${read.error.issues.map((i) => i.path.join('.')).join(', ')}` });
  return { wire: read.data, raw };
}
export const fetchOrder = (context: ChannelContext, oid: string): Promise<Result<IncomingOrder, ChannelRefusal>> => told(async () => {
  const { wire, raw } = await getOrder(makeClient(context), oid);
  return spoken(context, incomingOrder(wire, JSON.stringify(raw)));
});

type Flaw = IncomingOrder['flaws'][number];
export function incomingOrder(o: WireOrder, raw: string): IncomingOrder {
  const [b, item] = [o.orderBaseInfo, o.orderItemInfo];
  const flaws: Flaw[] = [];
  const money = (name: string, value: number | undefined): Fen => fen(value, () => flaws.push({ code: 'missing_field', words: `${name} “${value}”` }));
  // A reason against delivery, or a risk under review, holds an order that is paid (page of the shipping call).
  const known = STATUS[b.status] === 'to_ship' && ((b.disableDeliveryReasonCode !== '' && b.disableDeliveryReasonCode !== '0') || (b.riskCode ?? 0) !== 0) ? 'paid_not_shippable' : STATUS[b.status];
  if (!known) flaws.push({ code: 'unknown_status', words: b.status });
  const status = known ?? 'unknown';
  const [total, discount, freightFen] = [money('totalFee', b.totalFee), money('discountFee', b.discountFee), money('expressFee', b.expressFee)];
  const listed = timesFen(money('price', item.price), item.num ?? 0);
  const paidFen = paidOf({ listed, total, discount, freight: freightFen }, flaws);
  for (const name of ['createTime', 'updateTime', 'totalFee'] as const) if (b[name] === undefined) flaws.push({ code: 'missing_field', words: name });
  if (item.num === undefined) flaws.push({ code: 'missing_field', words: 'orderItemInfo' });
  const modifiedAt = instant(b.updateTime) ?? new Date(0);
  const [paidAt, shippedAt, completedAt, shipByAt] = [instant(b.payTime), instant(b.sendTime), status === 'completed' ? instant(b.recvTime) : undefined, instant(b.validPromiseShipmentTimeStamp)];
  const lines: IncomingLine[] = item.num === undefined ? [] : [{
    platformLineId: item.orderItemId || b.oid, platformItemId: item.itemId, platformSkuId: item.skuId, merchantCode: item.skuNick, title: item.itemTitle, properties: item.skuDesc, quantity: item.num, unitPriceFen: money('price', item.price), paidFen: minusFen(paidFen, freightFen),
    // Whether platform or streamer bears a part of it stands in another call only (open.seller.order.fee.detail), whose amounts are not documented (unknown): taken as the seller's, so that no income is invented.
    discounts: discount === 0 ? [] : [{ bearer: 'seller', name: 'discountFee', amountFen: discount }], refundState: refundOf(o), platformRefundId: o.orderRefundList.at(-1)?.refundId ?? '', shipped: status === 'shipped' || status === 'completed',
  }];
  return {
    platformOrderId: b.oid, platformStatus: b.status, status, placedAt: instant(b.createTime) ?? modifiedAt, modifiedAt, ...(paidAt ? { paidAt } : {}), ...(shippedAt ? { shippedAt } : {}), ...(completedAt ? { completedAt } : {}), ...(shipByAt && status === 'to_ship' ? { shipByAt } : {}),
    paidFen, freightFen, discountFen: discount, paymentTradeNo: '', cod: false, presale: (b.preSale ?? 0) === 1, buyerKey: b.buyerOpenId, buyerNick: b.buyerNick, buyerMessage: b.remark,
    // Notes are only ever added: what the shop last wrote is its memo.
    sellerMemo: o.orderNote.orderNoteInfo.at(-1)?.note ?? '', sellerFlag: 0, receiver: receiverOf(o), lines, flaws, complete: true, raw,
  };
}
const refundOf = (o: WireOrder): RefundState => { const last = o.orderRefundList.at(-1); return last ? refundStateOf(last.refundStatus) : 'none'; };

type Sums = { readonly listed: Fen; readonly total: Fen; readonly discount: Fen; readonly freight: Fen };
/** Public clients read `totalFee` both ways, with the discount taken off and before it (unknown): the goods' own price says which. */
function paidOf({ listed, total, discount, freight }: Sums, flaws: Flaw[]): Fen {
  const after = minusFen(sumFen([listed, freight]), discount);
  if (total === after) return total;
  if (total === sumFen([listed, freight])) return minusFen(total, discount);
  flaws.push({ code: 'totals_differ', words: `goods ${listed} − discount ${discount} + freight ${freight} fen, totalFee ${total} fen` });
  return fenFromInteger(total);
}
/** Masked texts to show; the three ciphertexts together are what a label asks with. */
function receiverOf({ orderAddress: a }: WireOrder): IncomingOrder['receiver'] {
  return { name: a.desensitiseConsignee, phone: a.desensitiseMobile, province: a.province, city: a.city, district: a.district, town: a.town, address: a.desensitiseAddress, token: [a.encryptedConsignee, a.encryptedMobile, a.encryptedAddress].filter((c) => c !== '').join(' '), masked: true };
}
