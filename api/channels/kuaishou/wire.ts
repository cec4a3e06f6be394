/** Kuaishou's bodies as zod shapes: fen and milliseconds as whole numbers, 64-bit ids as text. Unknown fields are kept. */
import * as z from 'zod';
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';

const text = z.union([z.string(), z.number()]).nullish().transform((v) => (v === null || v === undefined ? '' : String(v)));
const id = z.union([z.string().min(1), z.number()]).transform(String);
/** A number that may come as text; absent is not zero, where that counts. */
const whole = z.union([z.number(), z.string()]).nullish().transform((v) => (v === null || v === undefined || v === '' ? undefined : Number(v)));
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((v) => v ?? []);
const part = <T extends z.ZodRawShape>(shape: T) => z.preprocess((v) => v ?? {}, z.looseObject(shape));

export const WireOrder = z.looseObject({
  orderBaseInfo: z.looseObject({
    oid: id, status: text, createTime: whole, payTime: whole, updateTime: whole, sendTime: whole, recvTime: whole, validPromiseShipmentTimeStamp: whole, totalFee: whole, discountFee: whole, expressFee: whole, buyerOpenId: text, buyerNick: text, remark: text, preSale: whole,
    disableDeliveryReasonCode: text, riskCode: whole,
  }),
  orderItemInfo: part({ orderItemId: text, itemId: text, skuId: text, relItemId: text, relSkuId: text, skuNick: text, itemTitle: text, skuDesc: text, num: whole, price: whole, discountFee: whole }),
  orderAddress: part({ province: text, city: text, district: text, town: text, encryptedConsignee: text, encryptedMobile: text, encryptedAddress: text, desensitiseConsignee: text, desensitiseMobile: text, desensitiseAddress: text }),
  orderLogisticsInfo: list(z.looseObject({ logisticsId: text, expressNo: text, expressCode: text })),
  orderNote: part({ orderNoteInfo: list(z.looseObject({ note: text })) }),
  orderRefundList: list(z.looseObject({ refundId: text, refundStatus: text })),
});
export type WireOrder = z.output<typeof WireOrder>;
export const WireRefund = z.looseObject({ refundId: id, oid: id, status: text, handlingWay: text, refundFee: whole, refundReasonDesc: text, submitTime: whole, updateTime: whole });
export type WireRefund = z.output<typeof WireRefund>;

/** Fen that are no whole number are told to `flaw` and count as nothing. */
export function fen(value: number | undefined, flaw: () => void): Fen {
  if (value !== undefined && Number.isSafeInteger(value)) return fenFromInteger(value);
  if (value !== undefined) flaw();
  return fenFromInteger(0);
}
export const instant = (ms: number | undefined): Date | undefined => (ms !== undefined && ms > 0 ? new Date(ms) : undefined);
