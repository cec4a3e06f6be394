/** What the Pinduoduo back office exports: the seller picks the columns, so all go by name; 账务明细. Protocol notes §9, 2026-11. */
import { REFUNDS, STATES, type OrderTable } from '../files/orders.ts';
import type { AfterSalesTable } from '../files/after-sales.ts';
import { KINDS, type SettlementTable } from '../files/settlement.ts';

export const pinduoduoOrders: OrderTable = {
  format: '拼多多订单导出', channel: 'pinduoduo', lacks: ['receiver', 'buyer'], refunds: REFUNDS, states: [[/已发货，?待签收|已发货/, 'shipped'], ...STATES],
  columns: {
    orderId: ['订单号'], status: ['订单状态'], placedAt: ['订单成交时间'], paidAt: ['支付时间'], shippedAt: ['发货时间'], completedAt: ['确认收货时间'], paid: ['用户实付金额(元)'], freight: ['邮费(元)'], price: ['商品总价(元)'], quantity: ['商品数量(件)'], merchantCode: ['商家编码-规格维度', '商家编码-商品维度'], itemId: ['商品id'], skuId: ['样式ID'], title: ['商品'], properties: ['商品规格'],
    sellerDiscount: ['店铺优惠折扣(元)'], platformDiscount: ['平台优惠折扣(元)'], refund: ['售后状态'], buyerMessage: ['买家留言'], sellerMemo: ['商家备注'], province: ['省'], city: ['市'], district: ['区'], town: ['街道/镇'], tradeNo: ['支付ID'],
  },
};
export const pinduoduoLedger: SettlementTable = {
  format: '拼多多账务明细', channel: 'pinduoduo', needs: ['商户订单号', '发生时间', '收入金额(+元)', '支出金额(-元)', '账务类型'], key: ['商户订单号', '发生时间', '账务类型', '收入金额(+元)', '支出金额(-元)'], at: ['发生时间'], orderId: ['商户订单号'], words: ['账务类型'], note: ['备注'], fees: [],
  // An expense is written with and without its sign.
  amount: (fen) => { const [income, expense] = [fen('收入金额(+元)'), fen('支出金额(-元)')]; return income === undefined || expense === undefined ? undefined : income - Math.abs(expense); },
  kinds: KINDS,
};
export const pinduoduoAfterSales: AfterSalesTable = { format: '拼多多售后', channel: 'pinduoduo', refundId: ['售后编号', '售后单编号'], orderId: ['订单编号', '订单号'], lineId: [] };
