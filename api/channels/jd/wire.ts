/** JD's bodies as zod shapes: nearly everything is text. Unknown fields are kept, ids become text, absent texts empty. */
import * as z from 'zod';
import { instantFromLocalText } from '../../contract/values/time.ts';

export const text = z.union([z.string(), z.number(), z.boolean()]).nullish().transform((v) => (v === null || v === undefined ? '' : String(v)));
export const id = z.union([z.string().min(1), z.number()]).transform(String);
export const count = z.union([z.number(), z.string()]).nullish().transform((v) => Number(v ?? 0));
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((v) => v ?? []);
/** An empty object comes as `[]` or `null` from some of JD's own services (real body of 2016). */
export const part = <T extends z.ZodRawShape>(shape: T) => z.preprocess((v) => (v === null || v === undefined || Array.isArray(v) ? {} : v), z.looseObject(shape));

export const WireItem = z.looseObject({ skuId: text, outerSkuId: text, skuName: text, jdPrice: text, itemTotal: count, wareId: text, productNo: text, itemExt: text });
export type WireItem = z.output<typeof WireItem>;
export const WireCoupon = z.looseObject({ skuId: text, couponType: text, couponPrice: text });
export const WireOrder = z.looseObject({
  orderId: id, orderType: text, orderState: text, orderStateRemark: text, payType: text, orderTotalPrice: text, sellerDiscount: text, orderSellerPrice: text, orderPayment: text, freightPrice: text, balanceUsed: text, serviceFee: text, taxFee: text,
  orderStartTime: text, paymentConfirmTime: text, orderEndTime: text, modified: text, outBoundDate: text, pin: text, open_id_buyer: text, xid_buyer: text, orderRemark: text, invoiceInfo: text, venderRemark: text, venderRemarkFlag: text, flag: text, returnOrder: text, storeOrder: text, logisticsId: text, waybill: text,
  consigneeInfo: part({ fullname: text, telephone: text, mobile: text, fullAddress: text, province: text, city: text, county: text, town: text, oaid: text, desen_mobile: text }),
  itemInfoList: list(WireItem), couponDetailList: list(WireCoupon), partialLogisticsInfoModel: list(z.looseObject({ waybillId: text, logicId: text })),
});
export type WireOrder = z.output<typeof WireOrder>;
export const ORDER_FIELDS = 'orderId,venderId,parentOrderId,orderType,orderState,orderStateRemark,payType,orderTotalPrice,sellerDiscount,orderSellerPrice,orderPayment,freightPrice,balanceUsed,serviceFee,taxFee,orderStartTime,paymentConfirmTime,orderEndTime,modified,outBoundDate,pin,open_id_buyer,xid_buyer,orderRemark,invoiceInfo,venderRemark,venderRemarkFlag,returnOrder,storeOrder,idSopShipmenttype,logisticsId,waybill,partialLogisticsInfoModel,consigneeInfo,itemInfoList,couponDetailList';

export const WireApply = z.looseObject({ id, orderId: id, applyTime: text, checkTime: text, applyRefundSum: text, status: text, reason: text });
export type WireApply = z.output<typeof WireApply>;
export const WireService = z.looseObject({ serviceId: id, orderId: id, serviceStatus: text, customerExpect: text, applyTime: text, updateDate: text, skuId: text, skuUuid: text, applyReason: text, refoundAmount: text });
export type WireService = z.output<typeof WireService>;

/** `0001-01-01 00:00:00` and `1970-01-01 00:00:00` mean that there is none. */
export const instant = (value: string): Date | undefined => (/^(0001|1970)-01-01/.test(value) ? undefined : /^\d{13}$/.test(value) ? new Date(Number(value)) : instantFromLocalText(value));
export const isYes = (v: unknown): boolean => v === true || v === 'true' || v === 1 || v === '1';
