/** Bodies as Douyin sends them: whole fen, seconds, ids of products as 64-bit numbers, receivers masked and as ciphertext. */
import { createHash } from 'node:crypto';
import type { WorldLine, WorldOrder, WorldRefund } from '../../sandbox/world.ts';

const seconds = (at: Date | undefined): number => (at ? Math.floor(at.getTime() / 1000) : 0);
const STATUS = { unpaid: 1, to_ship: 2, partly_shipped: 101, shipped: 3, finished: 5, refunded: 4, cancelled: 4, odd: 107 } as const;
export const statusOf = (o: WorldOrder): number => (o.depositOnly && o.state === 'to_ship' ? 105 : STATUS[o.state]);
const masked = (text: string): string => (text === '' ? '' : `${text.slice(0, 1)}${'*'.repeat(Math.max(1, [...text].length - 1))}`);
/** Its own ciphertext for each order and field; the field's kind stands in it only for the stand-in to know. */
const cipher = (o: WorldOrder, kind: string, plain: string): string => `##${createHash('sha256').update(`${o.tid} ${kind} ${plain}`).digest('base64url')}##`;
export const ciphers = (o: WorldOrder) => [{ type: 2, plain: o.receiver.name }, { type: 3, plain: o.receiver.phone }, { type: 1, plain: o.receiver.address }].map(({ type, plain }) => ({ type, plain, text: cipher(o, String(type), plain) }));
/** Product ids stand as bare numbers, longer than a double holds. */
export const asWire = (body: unknown): string => JSON.stringify(body).replace(/"(product_id|sku_id|after_sale_id)":"(\d+)"/g, '"$1":$2');

const listed = (l: WorldLine): number => l.unitPriceFen * l.quantity;
const shopOff = (l: WorldLine): number => listed(l) - l.othersFen - l.paidFen;
const by = (l: WorldLine, who: string): number => (l.othersBy === who ? l.othersFen : 0);
const AFTER = { requested: 6, refunded: 12, refused: 27, withdrawn: 51 } as const;
const REFUND = { requested: 1, refunded: 3, refused: 4, withdrawn: 4 } as const;
export const refundId = (o: WorldOrder, r: WorldRefund): string => String(7_100_000_000_000_000_000n + (BigInt(o.tid) % 10_000_000_000_000n) * 10n + BigInt(o.refunds.indexOf(r)));

function lineBody(o: WorldOrder, l: WorldLine, freight: number): Record<string, unknown> {
  const refund = o.refunds.findLast((r) => r.oid === l.oid);
  const shipment = o.shipments.some((s) => s.oids.includes(l.oid));
  return {
    order_id: l.oid, parent_order_id: o.tid, product_id: l.itemId, product_id_str: l.itemId, sku_id: l.skuId, out_sku_id: '', code: l.merchantCode, product_name: l.title, spec: [{ name: '规格', value: '默认' }], item_num: l.quantity, origin_amount: l.unitPriceFen, sum_amount: listed(l), order_amount: listed(l),
    pay_amount: l.paidFen + freight, post_amount: freight, promotion_shop_amount: shopOff(l), promotion_platform_amount: by(l, 'platform'), promotion_talent_amount: by(l, 'influencer'), promotion_pay_amount: 0, order_status: o.state === 'partly_shipped' ? (shipment ? 3 : 2) : statusOf(o), pre_sale_type: o.depositFen > 0 ? 1 : 0,
    author_id: by(l, 'influencer') > 0 ? 4_001 : 0, after_sale_info: refund ? { after_sale_status: AFTER[refund.state], after_sale_type: refund.goodsReturn ? 0 : 2, refund_status: REFUND[refund.state] } : { after_sale_status: 0, after_sale_type: 0, refund_status: 0 },
  };
}

/** Two phases a line: the deposit is shared out over the lines, the last one takes what is left; the freight is paid with the balance. */
function phases(o: WorldOrder): Record<string, unknown>[] {
  if (o.depositFen === 0) return [];
  return o.lines.flatMap((l, i) => {
    const share = (n: number): number => Math.floor((o.depositFen * n) / o.lines.length);
    const deposit = share(i + 1) - share(i);
    const phase = (no: number, fen: number, paid: boolean) => ({ phase_order_id: `${l.oid}${no}`, total_phase: 2, current_phase: no, pay_success: paid, sku_order_id: l.oid, phase_pay_amount: fen, phase_post_amount: no === 2 && i === 0 ? o.freightFen : 0 });
    return [phase(1, deposit, true), phase(2, l.paidFen - deposit + (i === 0 ? o.freightFen : 0), !o.depositOnly)];
  });
}

export function orderBody(o: WorldOrder): Record<string, unknown> {
  const r = o.receiver;
  const [name, phone, address] = ciphers(o).map((c) => c.text);
  const sum = (of: (l: WorldLine) => number): number => o.lines.reduce((n, l) => n + of(l), 0);
  return {
    order_id: o.tid, shop_id: 4_463_798, shop_name: '云栖茶事', order_status: statusOf(o), order_status_desc: '', main_status: statusOf(o), order_type: 0, pay_type: 2, channel_payment_no: o.tradeNo, create_time: seconds(o.placedAt), update_time: seconds(o.modifiedAt), pay_time: seconds(o.paidAt), exp_ship_time: o.paidAt ? seconds(o.paidAt) + 172_800 : 0, ship_time: seconds(o.shipments[0]?.at), finish_time: seconds(o.finishedAt),
    order_amount: sum(listed) + o.freightFen, pay_amount: o.paidFen + o.wrongFen, post_amount: o.freightFen, promotion_amount: sum(shopOff) + sum((l) => l.othersFen), promotion_shop_amount: sum(shopOff), promotion_platform_amount: sum((l) => by(l, 'platform')), promotion_talent_amount: sum((l) => by(l, 'influencer')), promotion_pay_amount: 0,
    order_phase_list: phases(o), buyer_words: o.buyerMessage, seller_words: o.sellerMemo, seller_remark_stars: o.sellerFlag, doudian_open_id: `1@#${o.buyerOpenUid}`, encrypt_post_tel: phone, encrypt_post_receiver: name, mask_post_tel: `${r.phone.slice(0, 3)}****${r.phone.slice(-4)}`, mask_post_receiver: masked(r.name),
    post_addr: { province: { name: r.province, id: '1' }, city: { name: r.city, id: '1' }, town: { name: r.district, id: '1' }, street: { name: r.town, id: '1' }, encrypt_detail: address }, mask_post_addr: { detail: `${r.address.slice(0, 2)}******` },
    logistics_info: o.shipments.map((s, i) => ({ tracking_no: s.trackingNumber, company: s.courier, company_name: '', ship_time: seconds(s.at), delivery_id: `${o.tid}-${i + 1}`, product_info: s.oids.map((oid) => ({ sku_order_id: oid, product_count: s.quantities?.[oid] ?? o.lines.find((l) => l.oid === oid)?.quantity ?? 0 })) })),
    // The freight stands on the first line of some orders, and on none of others.
    sku_order_list: o.lines.map((l, i) => lineBody(o, l, i === 0 && Number(o.tid.slice(-4)) % 2 === 0 ? o.freightFen : 0)),
  };
}

export const afterSaleBody = (o: WorldOrder, r: WorldRefund): Record<string, unknown> => ({
  aftersale_info: { aftersale_id: refundId(o, r), aftersale_type: r.goodsReturn ? 0 : 2, aftersale_status: AFTER[r.state], refund_status: REFUND[r.state], refund_amount: r.refundFen, apply_time: seconds(r.requestedAt), update_time: seconds(r.modifiedAt), related_id: r.oid },
  order_info: { shop_order_id: o.tid, related_order_info: [{ sku_order_id: r.oid }] }, text_part: { reason_text: r.reason }, seller_logs: [],
});
