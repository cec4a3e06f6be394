/** Bodies as the platform sends them: yuan texts, GMT+8 times, long ids as bare numbers, receivers masked. */
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';
import type { WorldOrder } from '../../sandbox/world.ts';

const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
const clock = (at: Date | undefined): string | undefined => (at ? new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ') : undefined);
const masked = (text: string): string => (text === '' ? '' : `${text.slice(0, 1)}${'*'.repeat(Math.max(1, [...text].length - 1))}`);
const REFUND = { requested: 'WAIT_SELLER_AGREE', refunded: 'SUCCESS', refused: 'SELLER_REFUSE_BUYER', withdrawn: 'CLOSED' } as const;
const STATUS = { unpaid: 'WAIT_BUYER_PAY', to_ship: 'WAIT_SELLER_SEND_GOODS', partly_shipped: 'SELLER_CONSIGNED_PART', shipped: 'WAIT_BUYER_CONFIRM_GOODS', finished: 'TRADE_FINISHED', refunded: 'TRADE_CLOSED', cancelled: 'TRADE_CLOSED_BY_TAOBAO', odd: 'WAIT_GROUP_LIVE_CONFIRM' } as const;
/** Between deposit and balance the trade itself counts as not paid. */
export const statusWord = (o: WorldOrder): string => (o.depositOnly && o.state === 'to_ship' ? STATUS.unpaid : STATUS[o.state]);
const step = (o: WorldOrder): Record<string, unknown> => (o.depositFen === 0 ? {} : { step_trade_status: o.forfeited ? 'FRONT_PAID_FRONT_FORFEITED' : o.depositOnly ? 'FRONT_PAID_FINAL_NOPAID' : 'FRONT_PAID_FINAL_PAID', step_paid_fee: yuan(o.depositOnly ? o.depositFen : o.paidFen) });

/** Ids that the platform writes as numbers lose their quotes here, after everything else is text. */
export const asWire = (body: unknown): string => JSON.stringify(body).replace(/"(tid|oid|num_iid)":"(\d+)"/g, '"$1":$2');

export function tradeBody(o: WorldOrder, withOaid: boolean): Record<string, unknown> {
  const r = o.receiver;
  return {
    tid: o.tid, tid_str: o.tid, status: statusWord(o), type: o.depositFen > 0 ? 'step' : 'fixed', ...step(o), created: clock(o.placedAt), pay_time: clock(o.paidAt), modified: clock(o.modifiedAt), consign_time: clock(o.shipments[0]?.at), end_time: clock(o.finishedAt),
    payment: yuan(o.paidFen + o.wrongFen), post_fee: yuan(o.freightFen), discount_fee: '0.00', adjust_fee: '0.00', commission_fee: yuan(o.commissionFen), alipay_no: o.tradeNo, buyer_nick: masked(o.buyerNick), buyer_open_uid: o.buyerOpenUid, buyer_message: o.buyerMessage || undefined, seller_memo: o.sellerMemo || undefined, seller_flag: o.sellerFlag,
    receiver_name: masked(r.name), receiver_mobile: `${r.phone.slice(0, 3)}****${r.phone.slice(-4)}`, receiver_phone: '', receiver_state: r.province, ...(r.city ? { receiver_city: r.city } : {}), receiver_district: r.district, receiver_town: r.town, receiver_address: '******', ...(withOaid ? { oaid: r.oaid } : {}),
    orders: { order: o.lines.map((l) => lineBody(o, l)) },
  };
}

function lineBody(o: WorldOrder, l: WorldOrder['lines'][number]): Record<string, unknown> {
  const refund = o.refunds.findLast((x) => x.oid === l.oid);
  const shipment = o.shipments.find((s) => s.oids.includes(l.oid));
  const single = o.lines.length === 1;
  const listed = l.unitPriceFen * l.quantity;
  // A single line's payment holds the freight and any adjustment; `divide_order_fee` is given on orders of several lines.
  return {
    oid: l.oid, num_iid: l.itemId, sku_id: l.skuId, outer_iid: '', outer_sku_id: l.merchantCode, title: l.title, sku_properties_name: l.properties, price: yuan(l.unitPriceFen), num: l.quantity, total_fee: yuan(listed), discount_fee: yuan(l.discountFen), adjust_fee: yuan(l.paidFen + l.discountFen - listed),
    payment: yuan(l.paidFen + (single ? o.freightFen : 0)), ...(single ? {} : { divide_order_fee: yuan(l.paidFen), part_mjz_discount: '0.00' }), status: refund?.state === 'refunded' ? 'TRADE_CLOSED' : o.state === 'partly_shipped' ? (shipment ? 'WAIT_BUYER_CONFIRM_GOODS' : 'WAIT_SELLER_SEND_GOODS') : statusWord(o),
    refund_status: refund ? REFUND[refund.state] : 'NO_REFUND', ...(refund ? { refund_id: refund.refundId } : {}), ...(shipment ? { invoice_no: shipment.trackingNumber, logistics_company: shipment.courier } : {}),
  };
}

export const refundBodies = (o: WorldOrder): { at: Date; body: Record<string, unknown> }[] => o.refunds.map((r) => ({
  at: r.modifiedAt,
  body: { refund_id: r.refundId, tid: o.tid, oid: r.oid, status: REFUND[r.state], created: clock(r.requestedAt), modified: clock(r.modifiedAt), refund_fee: yuan(r.refundFen), reason: r.reason, has_good_return: r.goodsReturn },
}));

/** Only the fields that were asked for; the platform gives nothing unasked. */
export const onlyFields = (body: Record<string, unknown>, fields: string): Record<string, unknown> => {
  const wanted = new Set(fields.split(',').map((f) => f.trim()));
  return Object.fromEntries(Object.entries(body).filter(([k, v]) => v !== undefined && (wanted.has(k) || k === 'oaid')));
};
