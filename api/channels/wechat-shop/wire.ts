/** The platform's bodies as zod shapes. Unknown fields are kept (loose), ids become text, amounts are whole fen, times seconds. */
import * as z from 'zod';

export const id = z.union([z.string().min(1), z.number()]).transform(String);
export const text = z.union([z.string(), z.number(), z.boolean()]).nullish().transform((v) => (v === null || v === undefined ? '' : String(v)));
export const whole = z.union([z.number(), z.string()]).nullish().transform((v) => Math.trunc(Number(v ?? 0)) || 0);
const yes = z.union([z.boolean(), z.number()]).nullish().transform((v) => v === true || v === 1);
export const listOf = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((v) => v ?? []);
/** A part that is not there reads as one in which nothing is said. */
const part = <T extends z.ZodRawShape>(shape: T) => z.preprocess((v) => v ?? {}, z.looseObject(shape));

export const WireProduct = z.looseObject({
  product_id: text, sku_id: text, sku_cnt: whole, sale_price: whole, real_price: whole, estimate_price: whole, change_price: whole, is_change_price: yes, title: text, sku_code: text, out_sku_id: text, is_free_gift: yes, product_unique_id: text, delivery_deadline: whole,
  sku_attrs: listOf(z.looseObject({ attr_key: text, attr_value: text })), on_aftersale_sku_cnt: whole, finish_aftersale_sku_cnt: whole,
  deduction_price: whole, merchant_discounted_price: whole, finder_discounted_price: whole, vip_discounted_price: whole, bulkbuy_discounted_price: whole,
  sku_deliver_info: part({ stock_type: whole, predict_delivery_time: whole }),
});
export const WireAddress = z.looseObject({
  user_name: text, tel_number: text, province_name: text, city_name: text, county_name: text, detail_info: text, house_number: text, hash_code: text, use_tel_number: whole,
  tel_number_ext_info: part({ real_tel_number: text, virtual_tel_number: text }),
});
export type WireAddress = z.output<typeof WireAddress>;
export const WireDelivery = z.looseObject({ waybill_id: text, delivery_id: text, delivery_time: whole, product_infos: listOf(z.looseObject({ product_id: text, sku_id: text, product_cnt: whole })) });
export const WireOrder = z.looseObject({
  order_id: id, status: z.union([z.number(), z.string()]).transform(Number), create_time: whole, update_time: whole, openid: text, unionid: text, is_present: yes,
  order_detail: part({
    product_infos: listOf(WireProduct),
    price_info: part({
      product_price: whole, order_price: z.union([z.number(), z.string()]).nullish(), freight: whole, change_freight: whole, is_change_freight: yes, discounted_price: whole, original_order_price: whole, change_down_price: whole, deduction_price: whole,
      finder_discounted_price: whole, vip_discounted_price: whole, bulkbuy_discounted_price: whole, national_subsidy_discounted_price: whole,
    }),
    pay_info: part({ pay_time: whole, transaction_id: text, payment_method: whole }),
    delivery_info: part({ address_info: z.preprocess((v) => v ?? {}, WireAddress), delivery_product_info: listOf(WireDelivery), ship_done_time: whole, deliver_method: whole, address_under_review: yes }),
    ext_info: part({ customer_notes: text, merchant_notes: text, confirm_receipt_time: whole }),
    settle_info: part({ predict_commission_fee: whole, commission_fee: whole }),
    commission_infos: listOf(z.looseObject({ sku_id: text, nickname: text, type: whole, amount: whole })),
  }),
  aftersale_detail: part({ on_aftersale_order_cnt: whole }),
});
export type WireOrder = z.output<typeof WireOrder>;
export type WireProduct = z.output<typeof WireProduct>;
export const WireOrderIds = z.looseObject({ order_id_list: listOf(id), next_key: text, has_more: yes });
export const WireAfterSaleIds = z.looseObject({ after_sale_order_id_list: listOf(id), next_key: text, has_more: yes });
export const WireAfterSale = z.looseObject({
  after_sale_order_id: id, order_id: id, status: text, type: text, create_time: whole, update_time: whole, reason: text, reason_text: text,
  product_info: part({ product_id: text, sku_id: text, count: whole }), refund_info: part({ amount: whole, refund_reason: text }), return_info: part({ waybill_id: text }),
});

/** Seconds since 1970; 0 and nothing are no time. */
export const instant = (seconds: number): Date | undefined => (seconds > 0 ? new Date(seconds * 1000) : undefined);
