/** The platform's bodies as zod shapes. Unknown fields are kept (loose), ids become text, absent texts empty. */
import * as z from 'zod';
import { fenFromInteger, fenFromYuanText, type Fen } from '../../contract/values/money.ts';
import { instantFromLocalText } from '../../contract/values/time.ts';

export const id = z.union([z.string(), z.number()]).transform(String);
const text = z.union([z.string(), z.number()]).nullish().transform((v) => (v === null || v === undefined ? '' : String(v)));
const count = z.union([z.number(), z.string()]).nullish().transform((v) => Number(v ?? 0));
/** `{ trade: [...] }`, `{ trade: {...} }`, `{}` or nothing: all are lists. */
const listOf = <T extends z.ZodType>(key: string, item: T) => z.preprocess((v) => {
  const inner = typeof v === 'object' && v !== null ? (v as Record<string, unknown>)[key] ?? (Array.isArray(v) ? v : undefined) : undefined;
  return inner === undefined ? [] : Array.isArray(inner) ? inner : [inner];
}, z.array(item));

export const WireLine = z.looseObject({
  oid: id, oid_str: text, num_iid: text, sku_id: text, outer_iid: text, outer_sku_id: text, title: text, sku_properties_name: text, price: text, num: count, total_fee: text, payment: text, discount_fee: text, adjust_fee: text,
  divide_order_fee: text, part_mjz_discount: text, status: text, refund_status: text, refund_id: text, invoice_no: text, consign_time: text,
});
export const WireTrade = z.looseObject({
  tid: id, tid_str: text, status: text, type: text, created: text, pay_time: text, modified: text, consign_time: text, end_time: text, payment: text, post_fee: text, discount_fee: text, adjust_fee: text, commission_fee: text,
  alipay_no: text, step_trade_status: text, step_paid_fee: text, buyer_nick: text, buyer_open_uid: text, buyer_message: text, seller_memo: text, seller_flag: count, consign_interval: count,
  receiver_name: text, receiver_mobile: text, receiver_phone: text, receiver_state: text, receiver_city: text, receiver_district: text, receiver_town: text, receiver_address: text, oaid: text, orders: listOf('order', WireLine),
});
export type WireTrade = z.output<typeof WireTrade>;
export const WireTradeBrief = z.looseObject({ tid: id, tid_str: text, modified: text });
export const WireTradePage = z.looseObject({ total_results: z.union([z.number(), z.string()]).transform(Number).optional(), has_next: z.boolean().optional(), trades: listOf('trade', WireTradeBrief) });
export const WireRefund = z.looseObject({ refund_id: id, tid: id, oid: id, status: text, created: text, modified: text, refund_fee: text, reason: text, has_good_return: z.boolean().nullish() });
export const WireRefundPage = z.looseObject({ total_results: z.union([z.number(), z.string()]).transform(Number).optional(), refunds: listOf('refund', WireRefund) });

export const TRADE_FIELDS = 'tid,tid_str,status,type,created,pay_time,modified,consign_time,end_time,payment,post_fee,discount_fee,adjust_fee,commission_fee,alipay_no,step_trade_status,step_paid_fee,buyer_nick,buyer_open_uid,buyer_message,seller_memo,seller_flag,consign_interval,receiver_name,receiver_mobile,receiver_phone,receiver_state,receiver_city,receiver_district,receiver_town,receiver_address,orders';

/** Yuan text to fen; empty is nothing, and what cannot be read is told to `flaw` and counts as nothing. */
export function fen(value: string, flaw: (read: string) => void): Fen {
  if (value === '') return fenFromInteger(0);
  const read = fenFromYuanText(value);
  if (read.ok) return read.value;
  flaw(value);
  return fenFromInteger(0);
}
/** Platform times are `yyyy-MM-dd HH:mm:ss` in GMT+8. */
export const instant = (value: string): Date | undefined => instantFromLocalText(value);
