/** Bodies as the platform sends them: fen, seconds, masked receivers, long ids as bare numbers. */
import { createHash } from 'node:crypto';
import type { WorldOrder, WorldRefund } from '../../sandbox/world.ts';

type Body = Record<string, unknown>;
const seconds = (at: Date | undefined): number => (at ? Math.floor(at.getTime() / 1000) : 0);
const masked = (text: string): string => (text === '' ? '' : `${text.slice(0, 1)}${'*'.repeat(Math.max(1, [...text].length - 1))}`);
const STATUS: Readonly<Record<WorldOrder['state'], number>> = { unpaid: 10, to_ship: 20, partly_shipped: 21, shipped: 30, finished: 100, refunded: 200, cancelled: 250, odd: 77 };
export const statusOf = (o: WorldOrder): number => STATUS[o.state];
export const hashCode = (o: WorldOrder): string => createHash('md5').update(`${o.buyerOpenUid}${o.receiver.address}${o.receiver.oaid}`).digest('hex');

/** Ids that the platform writes as numbers lose their quotes here, after everything else is text. */
export const asWire = (body: unknown): string => JSON.stringify(body).replace(/"(order_id|product_id|sku_id)":"(\d+)"/g, '"$1":$2');

export const addressOf = (o: WorldOrder, plain: boolean): Body => {
  const r = o.receiver;
  return {
    user_name: plain ? r.name : masked(r.name), tel_number: plain ? r.phone : `${r.phone.slice(0, 3)}****${r.phone.slice(-4)}`, postal_code: '', province_name: r.province, city_name: r.city, county_name: r.district, detail_info: plain ? `${r.town}${r.address}` : masked(r.address), house_number: '', national_code: '', use_tel_number: 0, hash_code: hashCode(o),
    tel_number_ext_info: { real_tel_number: '', virtual_tel_number: '', virtual_tel_expire_time: 0, get_virtual_tel_cnt: 0 },
  };
};

export function orderBody(o: WorldOrder): Body {
  const sum = (of: (l: WorldOrder['lines'][number]) => number): number => o.lines.reduce((n, l) => n + of(l), 0);
  const listed = sum((l) => l.unitPriceFen * l.quantity);
  const [seller, influencer, platform] = [sum((l) => l.discountFen), sum((l) => (l.othersBy === 'influencer' ? l.othersFen : 0)), sum((l) => (l.othersBy === 'platform' ? l.othersFen : 0))];
  const paid = sum((l) => l.paidFen);
  return {
    order_id: o.tid, status: statusOf(o), create_time: seconds(o.placedAt), update_time: seconds(o.modifiedAt), openid: o.buyerOpenUid, is_present: false,
    order_detail: {
      product_infos: o.lines.map((l) => lineBody(o, l)),
      price_info: {
        product_price: listed, order_price: paid + o.freightFen + o.wrongFen, freight: o.freightFen, discounted_price: seller, is_discounted: seller > 0, original_order_price: listed + o.freightFen, change_down_price: listed - seller - influencer - platform - paid, deduction_price: 0,
        merchant_discounted_price: seller, finder_discounted_price: influencer, vip_discounted_price: platform, merchant_receieve_price: paid + influencer + platform + o.freightFen, estimate_product_price: paid,
      },
      pay_info: o.paidAt ? { prepay_id: 'wx2611', prepay_time: seconds(o.placedAt), pay_time: seconds(o.paidAt), transaction_id: o.tradeNo, payment_method: 1 } : {},
      delivery_info: {
        address_info: addressOf(o, false), deliver_method: 0, ship_done_time: o.state === 'shipped' || o.state === 'finished' ? seconds(o.shipments.at(-1)?.at) : 0,
        delivery_product_info: o.shipments.map((s) => ({
          waybill_id: s.trackingNumber, delivery_id: s.courier, delivery_name: s.courier, delivery_time: seconds(s.at), deliver_type: 1,
          product_infos: o.lines.filter((l) => s.oids.includes(l.oid)).map((l) => ({ product_id: l.itemId, sku_id: l.skuId, product_cnt: s.quantities?.[l.oid] ?? l.quantity })),
        })),
      },
      ext_info: { customer_notes: o.buyerMessage, merchant_notes: o.sellerMemo, confirm_receipt_time: seconds(o.finishedAt), order_scene: 2 },
      settle_info: { predict_commission_fee: o.commissionFen, ...(o.state === 'finished' ? { commission_fee: o.commissionFen } : {}) },
      commission_infos: o.lines.filter((l) => l.othersBy === 'influencer' && l.othersFen > 0).map((l) => ({ sku_id: l.skuId, nickname: '茶姐', type: 0, status: 1, amount: Math.round(l.paidFen / 10) })),
    },
    aftersale_detail: { on_aftersale_order_cnt: o.refunds.filter((r) => r.state === 'requested').length, aftersale_order_list: o.refunds.map((r) => ({ aftersale_order_id: r.refundId })) },
  };
}

function lineBody(o: WorldOrder, l: WorldOrder['lines'][number]): Body {
  const of = o.refunds.filter((r) => r.oid === l.oid);
  const others = (by: string): number => (l.othersBy === by ? l.othersFen : 0);
  return {
    product_id: l.itemId, sku_id: l.skuId, sku_cnt: l.quantity, sale_price: l.unitPriceFen, market_price: l.unitPriceFen, real_price: l.paidFen, estimate_price: l.paidFen, is_discounted: l.discountFen > 0, title: l.title, sku_code: l.merchantCode, out_sku_id: '', sku_attrs: [{ attr_key: '规格', attr_value: '默认' }],
    on_aftersale_sku_cnt: of.some((r) => r.state === 'requested') ? l.quantity : 0, finish_aftersale_sku_cnt: of.some((r) => r.state === 'refunded') ? l.quantity : 0, delivery_deadline: o.paidAt ? seconds(o.paidAt) + 172_800 : 0, merchant_discounted_price: l.discountFen, finder_discounted_price: others('influencer'), vip_discounted_price: others('platform'), product_unique_id: `u${l.oid.slice(-6)}`, sku_deliver_info: { stock_type: 0 },
  };
}

const REFUND = { requested: 'MERCHANT_PROCESSING', refunded: 'MERCHANT_REFUND_SUCCESS', refused: 'MERCHANT_REJECT_REFUND', withdrawn: 'USER_CANCELD' } as const;
export const refundBody = (o: WorldOrder, r: WorldRefund): Body => {
  const line = o.lines.find((l) => l.oid === r.oid)!;
  const status = r.state === 'refunded' && r.goodsReturn ? 'MERCHANT_RETURN_SUCCESS' : REFUND[r.state];
  return {
    after_sale_order_id: r.refundId, status, order_id: o.tid, openid: o.buyerOpenUid, type: r.goodsReturn ? 'RETURN' : 'REFUND', product_info: { product_id: line.itemId, sku_id: line.skuId, count: line.quantity }, refund_info: { amount: r.refundFen, refund_reason: 'OTHER' },
    reason: 'OTHER', reason_text: r.reason, create_time: seconds(r.requestedAt), update_time: seconds(r.modifiedAt),
  };
};
