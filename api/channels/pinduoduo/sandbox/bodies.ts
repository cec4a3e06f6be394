/** Bodies as the platform sends them: yuan numbers, GMT+8 times, receivers as ciphertexts and masks. */
import { createHash } from 'node:crypto';
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';
import type { WorldOrder, WorldRefund } from '../../sandbox/world.ts';

type Body = Record<string, unknown>;
const clock = (at: Date | undefined): string => (at ? new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ') : '');
const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
const masked = (text: string): string => (text === '' ? '' : `${text.slice(0, 1)}${'*'.repeat(Math.max(1, [...text].length - 1))}`);
const digest = (text: string, length: number): string => createHash('sha1').update(text).digest('base64url').replace(/[^A-Za-z0-9]/g, 'x').slice(0, length);

/** Text that can be searched has its index behind, a phone has it in front; the same plain text has the same index. */
export const cipherText = (tid: string, plain: string): string => `~AgAA${digest(`${tid}${plain}`, 20)}~${digest(plain, 12)}~1~~`;
export const cipherPhone = (tid: string, plain: string): string => `$${digest(plain, 12)}$AgAA${digest(`${tid}${plain}`, 20)}$1$$`;
export const wireRefundId = (r: WorldRefund): string => r.refundId.replaceAll('-', '');

/** Amounts lose their quotes, and so do ids where the page says LONG; after everything else is text. `lists` gives long ids. */
const AMOUNTS = 'goods_amount|pay_amount|discount_amount|seller_discount|platform_discount|capital_free_discount|order_change_amount|postage|duo_duo_pay_reduction|goods_price|service_fee';
export const asWire = (body: unknown, longIds: boolean): string => {
  const text = JSON.stringify(body).replace(new RegExp(`"(${AMOUNTS})":"(-?\\d+\\.\\d\\d)"`, 'g'), (_all, key: string, value: string) => `"${key}":${String(Number(value))}`);
  return longIds ? text.replace(/"(goods_id|sku_id|id)":"(\d+)"/g, '"$1":$2') : text;
};

const afterSale = (r: WorldRefund): number => ({ requested: r.goodsReturn ? 3 : 2, refunded: 10, refused: 6, withdrawn: 11 })[r.state];
const refundStatus = (o: WorldOrder): number => (o.refunds.some((r) => r.state === 'requested') ? 2 : o.refunds.some((r) => r.state === 'refunded') ? 4 : 1);
const ORDER_STATUS: Readonly<Record<WorldOrder['state'], number>> = { unpaid: 0, to_ship: 1, partly_shipped: 2, shipped: 2, finished: 3, refunded: 1, cancelled: 0, odd: 7 };
export const orderStatus = (o: WorldOrder): number => (o.state === 'refunded' && o.shipments.length > 0 ? 2 : ORDER_STATUS[o.state]);
export const statusWord = (o: WorldOrder): string => `${orderStatus(o)}/${refundStatus(o)}`;

export function orderBody(o: WorldOrder, extra: readonly { readonly shipping_id: string; readonly tracking_number: string }[]): Body {
  const r = o.receiver;
  const line = o.lines[0]!;
  const latest = o.refunds.at(-1);
  const open = orderStatus(o) === 1 || o.state === 'odd';
  const seal = (text: string): string => (open ? text : '');
  const listed = line.unitPriceFen * line.quantity;
  const change = listed - line.discountFen - line.othersFen - line.paidFen;
  return {
    order_sn: o.tid, order_status: orderStatus(o), refund_status: refundStatus(o), after_sales_status: latest ? afterSale(latest) : 0, confirm_status: o.state === 'cancelled' ? 2 : o.paidAt ? 1 : 0, group_status: o.state === 'cancelled' ? 2 : 1, risk_control_status: 0,
    created_time: clock(o.placedAt), pay_time: clock(o.paidAt), confirm_time: clock(o.paidAt), shipping_time: clock(o.shipments[0]?.at), receive_time: clock(o.finishedAt), updated_at: clock(o.modifiedAt), last_ship_time: clock(o.paidAt ? new Date(o.paidAt.getTime() + 172_800_000) : undefined),
    trade_type: o.depositFen > 0 ? 1 : 0, is_pre_sale: o.depositFen > 0 ? 1 : 0, is_lucky_flag: 1, ...(o.depositFen > 0 ? { step_order_info: { advanced_paid_fee: yuan(o.depositFen), step_paid_fee: yuan(o.depositOnly ? o.depositFen : o.paidFen), step_trade_status: o.depositOnly ? 1 : 2 } } : {}),
    goods_amount: yuan(listed - change), discount_amount: yuan(line.discountFen + line.othersFen), seller_discount: yuan(line.discountFen), platform_discount: yuan(line.othersFen), capital_free_discount: '0.00', order_change_amount: yuan(change), duo_duo_pay_reduction: '0.50', postage: yuan(o.freightFen), service_fee_detail: [],
    pay_amount: yuan(o.paidFen + o.wrongFen), pay_no: o.tradeNo, pay_type: 'WEIXIN',
    receiver_name: seal(cipherText(o.tid, r.name)), receiver_phone: seal(cipherPhone(o.tid, r.phone)), receiver_address: seal(cipherText(o.tid, r.address)), address: seal(cipherText(o.tid, `${r.town}${r.address}`)), receiver_name_mask: masked(r.name), receiver_phone_mask: `${r.phone.slice(0, 3)}****${r.phone.slice(-4)}`, receiver_address_mask: masked(r.address), address_mask: masked(r.address),
    province: r.province, city: r.city || r.province, town: r.district, country: '中国', open_address_id: open ? `oa${digest(`${r.name}${r.phone}${r.address}${r.oaid}`, 24)}` : '',
    buyer_memo: o.buyerMessage, remark: o.sellerMemo, ...(o.sellerFlag > 0 ? { remark_tag: o.sellerFlag } : {}), invoice_status: Number(o.tid.slice(-3)) % 20 === 7 ? 1 : 0, logistics_id: o.shipments[0] ? Number(o.shipments[0].courier) || 0 : 0, tracking_number: o.shipments[0]?.trackingNumber ?? '', extra_delivery_list: extra.map((e) => ({ tracking_number: e.tracking_number, logistics_id: Number(e.shipping_id) })),
    item_list: [{ goods_id: line.itemId, sku_id: line.skuId, outer_id: line.merchantCode, outer_goods_id: '', goods_name: line.title, goods_spec: line.properties, goods_price: yuan(line.unitPriceFen), goods_count: line.quantity, goods_img: '' }],
    order_tag_list: [{ name: 'no_trace_delivery', value: 0 }, { name: 'ship_hold', value: 0 }], gift_list: [],
  };
}

export const refundBodies = (o: WorldOrder): { readonly at: Date; readonly body: Body }[] => o.refunds.map((r) => ({
  at: r.modifiedAt,
  body: {
    id: wireRefundId(r), order_sn: o.tid, after_sales_status: afterSale(r), after_sales_type: r.goodsReturn ? 3 : 2, after_sale_reason: r.reason, refund_amount: yuan(r.refundFen), order_amount: yuan(o.paidFen), discount_amount: '0.00', goods_number: String(o.lines[0]!.quantity), goods_name: o.lines[0]!.title, sku_id: o.lines[0]!.skuId, outer_id: o.lines[0]!.merchantCode,
    created_time: clock(r.requestedAt), updated_time: clock(r.modifiedAt), tracking_number: '', shipping_name: '', speed_refund_flag: 0, user_shipping_status: '0',
  },
}));
