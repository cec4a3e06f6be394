/** SP-API's bodies as zod shapes. Field names are those of JD's generated SDK and of its documents' own schemas (README); unknown fields are kept. */
import * as z from 'zod';
import { count, id, part, text } from '../wire.ts';
import { listed } from './client.ts';

/** The documents write lists as `{ skuListItem: {…} }`, JD's SDK and a client as plain lists: both are read. */
const items = <T extends z.ZodType>(item: T) => z.preprocess((v) => [...listed(v)], z.array(item));

export const SpSku = z.looseObject({ skuId: text, outerSkuId: text, skuUuid: text, skuName: text, skuSpec: text, productId: text, productNo: text, num: count, jdPrice: text, itemExt: text });
export type SpSku = z.output<typeof SpSku>;
const Cost = z.looseObject({ bearer: text, bearAmount: text });
const Amount = z.looseObject({ type: text, typeName: text, amount: text, orderCostAmountList: items(Cost) });
const Shipment = z.looseObject({ shipmentId: text, logisticsId: text, waybillCode: text, skuList: items(z.looseObject({ skuUuid: text, skuId: text, num: count })) });
export const SpOrder = z.looseObject({
  orderId: id, orderType: text, orderStatus: text, orderStatusDesc: text, createdTime: text, modifiedTime: text, outboundTime: text, finishedTime: text, buyerPin: text, xidBuyer: text,
  buyerRemark: part({ remark: text }), venderRemarkInfo: part({ flagId: text, remark: text }), invoiceInfo: part({ invoiceType: text, invoiceTypeDesc: text }), promiseCalendarInfo: part({ promisePickTime: text }),
  consigneeInfo: part({ fullName: text, telephone: text, mobile: text, fullAddress: text, provinceName: text, cityName: text, countyName: text, townName: text, oaid: text }),
  paymentInfo: part({ paymentType: text, paymentTypeDesc: text, paymentConfirmTime: text, shouldPayAmount: text, actualPayAmount: text, payDiscountAmount: text, freightFee: text, serviceFeeInfo: part({ serviceFee: text }), taxInfo: part({ taxFee: text }) }),
  sellerTradePriceInfo: part({ totalOriginalPriceAmount: text, totalSellerDiscountAmount: text, totalSellerReceivableAmount: text }),
  stepPaymentInfo: part({ payBargainPlan: text, payBargainReal: text, payBalancePlan: text, payBalanceReal: text, bargainTime: text, balanceTime: text }),
  orderFlag: part({ preSaleOrder: text, partialShipment: text, eclpOrder: text, clpsOrder: text }),
  transportInfo: part({ logisticsId: text, waybillCode: text, partialShipmentList: items(Shipment) }),
  skuItemInfoList: items(SpSku), paymentDetailList: items(z.looseObject({ skuUuid: text, skuId: text, amountExpandList: items(Amount) })),
});
export type SpOrder = z.output<typeof SpOrder>;
/** What is not named is not given; the parts of an order are named by their own names (as a client names those of an after-sale). */
export const ORDER_SCOPE = 'orderId,venderId,parentOrderId,rootOrderId,orderSource,orderType,orderStatus,orderStatusDesc,createdTime,modifiedTime,outboundTime,finishedTime,buyerPin,xidBuyer,orderExt,appointmentCalendar,buyerRemark,consigneeInfo,finalConsigneeInfo,globalInfo,invoiceInfo,jdFulfillmentInfo,paymentDetailList,paymentInfo,promiseCalendarInfo,sellerTradePriceInfo,skuItemInfoList,stepPaymentInfo,transportInfo,venderRemarkInfo,orderFlag,venderStoreInfo,specialStatusReasonInfo';

export const SpAfter = z.looseObject({
  afsOrderId: id, orderId: text, orderInfo: part({ orderId: text }), skuInfoList: items(z.looseObject({ skuUuid: text, skuId: text, skuNum: count })), afsOrderBaseInfo: part({ buId: text, applyTime: text, createTime: text, modifiedTime: text }),
  afsOrderStatusInfo: part({ mainStatus: text, mainStatusDesc: text, subStatus: text, subStatusDesc: text }), customerApplyInfo: part({ customerExpect: text, customerExpectDesc: text, applyReasonFirstCidDesc: text, applyReasonSecondCidDesc: text }),
  approveInfo: part({ approveResultDesc: text }), refundInfo: part({ refundStatus: text, refundStatusDesc: text, applyRefundAmount: text, actualRefundAmount: text }),
});
export type SpAfter = z.output<typeof SpAfter>;

export const SpBillRow = z.looseObject({
  orderId: text, detailNo: text, rfBusiType: text, rfBusiTypeDesc: text, skuId: text, outTradeNo: text, feeName: text, bal: text, direction: text, happenTime: text, deliveredTime: text, finishTime: text, remark: text, settlementStatusDesc: text, venderId: text,
});
export type SpBillRow = z.output<typeof SpBillRow>;
