/** Douyin's bodies as zod shapes: fen and seconds as whole numbers, ids as text or 64-bit numbers. Unknown fields are kept. */
import * as z from 'zod';
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';

const text = z.union([z.string(), z.number()]).nullish().transform((v) => (v === null || v === undefined ? '' : String(v)));
export const id = z.union([z.string().min(1), z.number()]).transform(String);
/** A number that may come as text; absent is not zero, where that counts. */
const whole = z.union([z.number(), z.string()]).nullish().transform((v) => (v === null || v === undefined || v === '' ? undefined : Number(v)));
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((v) => v ?? []);
const named = z.looseObject({ name: text }).nullish().transform((v) => v?.name ?? '');
const part = <T extends z.ZodRawShape>(shape: T) => z.preprocess((v) => v ?? {}, z.looseObject(shape));

export const WireLine = z.looseObject({
  order_id: id, product_id: text, product_id_str: text, sku_id: text, out_sku_id: text, code: text, product_name: text, spec: list(z.looseObject({ name: text, value: text })), item_num: whole, origin_amount: whole, sum_amount: whole, pay_amount: whole, post_amount: whole,
  promotion_shop_amount: whole, promotion_platform_amount: whole, promotion_talent_amount: whole, promotion_pay_amount: whole, order_status: text, pre_sale_type: whole, after_sale_info: part({ after_sale_status: text, after_sale_type: text, refund_status: text }), ship_time: whole,
});
export type WireLine = z.output<typeof WireLine>;
export const WireOrder = z.looseObject({
  order_id: id, order_status: text, order_status_desc: text, order_type: text, pay_type: text, channel_payment_no: text, create_time: whole, update_time: whole, pay_time: whole, exp_ship_time: whole, appointment_ship_time: whole, ship_time: whole, finish_time: whole,
  order_phase_list: list(z.looseObject({ current_phase: whole, pay_success: z.boolean().nullish(), phase_pay_amount: whole, phase_post_amount: whole })),
  pay_amount: whole, post_amount: whole, promotion_pay_amount: whole, buyer_words: text, seller_words: text, seller_remark_stars: whole, doudian_open_id: text, open_id: text, encrypt_post_tel: text, encrypt_post_receiver: text, mask_post_tel: text, mask_post_receiver: text,
  post_addr: part({ province: named, city: named, town: named, street: named, encrypt_detail: text }), mask_post_addr: part({ detail: text }),
  logistics_info: list(z.looseObject({ tracking_no: text, company: text, delivery_id: text, product_info: list(z.looseObject({ sku_order_id: text, product_count: whole })) })), sku_order_list: list(WireLine),
});
export type WireOrder = z.output<typeof WireOrder>;
export const WireAfterSale = z.looseObject({
  aftersale_info: z.looseObject({ aftersale_id: id, aftersale_type: text, aftersale_status: text, refund_status: text, refund_amount: whole, apply_time: whole, update_time: whole, related_id: text, reason: text }),
  order_info: part({ shop_order_id: text, related_order_info: list(z.looseObject({ sku_order_id: text })) }), text_part: part({ reason_text: text }),
});
const fenOrNone = whole.transform((v) => v ?? 0).refine(Number.isSafeInteger, 'is no whole number of fen');
/** Amounts in fen; one row a sub-order. */
export const WireSettled = z.looseObject({
  settle_time: text, request_no: id, shop_order_id: text, order_id: text, trade_type: text, flow_type_desc: text, settle_amount: fenOrNone, platform_service_fee: fenOrNone, commission: fenOrNone, good_learn_channel_fee: fenOrNone, colonel_service_fee: fenOrNone, channel_promotion_fee: fenOrNone, other_sharing_amount: fenOrNone, remark: text,
});
export type WireSettled = z.output<typeof WireSettled>;
export type WireAfterSale = z.output<typeof WireAfterSale>;

/** Fen that are no whole number are told to `flaw` and count as nothing. */
export function fen(value: number | undefined, flaw: () => void): Fen {
  if (value === undefined) return fenFromInteger(0);
  if (Number.isSafeInteger(value)) return fenFromInteger(value);
  flaw();
  return fenFromInteger(0);
}
export const instant = (seconds: number | undefined): Date | undefined => (seconds !== undefined && seconds > 0 ? new Date(seconds * 1000) : undefined);
