/** The platform's bodies as zod shapes. Unknown fields are kept (loose), ids become text, absent texts empty. */
import * as z from 'zod';
import { instantFromLocalText } from '../../contract/values/time.ts';

export const id = z.union([z.string().min(1), z.number()]).transform(String);
/** Numbers become text digit for digit: `11.01` is the shortest text of its double. */
export const text = z.union([z.string(), z.number(), z.boolean()]).nullish().transform((v) => (v === null || v === undefined ? '' : String(v)));
export const count = z.union([z.number(), z.string()]).nullish().transform((v) => Number(v ?? 0) || 0);
/** Undefined when the platform says nothing: 0 is a state of its own. */
const state = z.union([z.number(), z.string()]).nullish().transform((v) => (v === null || v === undefined || v === '' ? undefined : Number(v)));
export const listOf = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((v) => v ?? []);

export const WireItem = z.looseObject({ goods_id: text, sku_id: text, outer_id: text, outer_goods_id: text, goods_name: text, goods_spec: text, goods_price: text, goods_count: count });
export const WireOrder = z.looseObject({
  order_sn: id, order_status: state, refund_status: state, after_sales_status: state, confirm_status: state, group_status: state, risk_control_status: state, gift_order_status: state,
  created_time: text, pay_time: text, confirm_time: text, shipping_time: text, receive_time: text, updated_at: text, last_ship_time: text, pre_sale_time: text, is_pre_sale: state, trade_type: state,
  step_order_info: z.looseObject({ step_trade_status: state, advanced_paid_fee: text, step_paid_fee: text }).nullish(),
  goods_amount: text, pay_amount: text, discount_amount: text, seller_discount: text, platform_discount: text, capital_free_discount: text, order_change_amount: text, postage: text,
  service_fee_detail: listOf(z.looseObject({ service_fee: text, service_name: text })),
  receiver_name: text, receiver_phone: text, receiver_address: text, address: text, receiver_name_mask: text, receiver_phone_mask: text, receiver_address_mask: text, address_mask: text,
  province: text, city: text, town: text, open_address_id: text, open_address_id_2: text,
  buyer_memo: text, remark: text, remark_tag: state, invoice_status: state, pay_no: text, logistics_id: text, tracking_number: text,
  item_list: listOf(WireItem), gift_list: listOf(WireItem), extra_delivery_list: listOf(z.looseObject({ tracking_number: text, logistics_id: text })), order_tag_list: listOf(z.looseObject({ name: text, value: state })),
});
export type WireOrder = z.output<typeof WireOrder>;
export type WireItem = z.output<typeof WireItem>;
const total = z.union([z.number(), z.string()]).transform(Number).optional();
/** Rows are read one by one, so that a broken one does not stop the others. */
export const WireOrderPage = z.looseObject({ total_count: total, order_sn_list: listOf(z.looseObject({ order_sn: id, updated_at: text })) });
export const WireDealPage = z.looseObject({ total_count: total, order_list: listOf(z.looseObject({ order_sn: id, created_time: text, confirm_time: text })) });
export const WireRefund = z.looseObject({
  id, order_sn: id, after_sales_status: state, after_sales_type: state, after_sale_reason: text, refund_amount: text, sku_id: text, created_time: text, updated_time: text, tracking_number: text,
});
export const WireRefundPage = z.looseObject({ total_count: total, refund_list: listOf(z.looseObject({ id, updated_time: text })) });

/** Times are `yyyy-MM-dd HH:mm:ss` in GMT+8; those of refunds are also seen as seconds or milliseconds since 1970. */
export function instant(value: string): Date | undefined {
  if (/^\d{10}$/.test(value)) return new Date(Number(value) * 1000);
  if (/^\d{13}$/.test(value)) return new Date(Number(value));
  return instantFromLocalText(value);
}
