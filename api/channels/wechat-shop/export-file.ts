/** What the WeChat shop's back office exports. No sample is public: the names are the ones that its pages show, as alternatives; others go by a column map. */
import { REFUNDS, STATES, type OrderTable } from '../files/orders.ts';
import type { AfterSalesTable } from '../files/after-sales.ts';
import { KINDS, type SettlementTable } from '../files/settlement.ts';

export const wechatShopOrders: OrderTable = {
  format: '微信小店订单导出', channel: 'wechat-shop', lacks: ['line ids'], refunds: REFUNDS, states: STATES,
  columns: {
    orderId: ['订单号', '订单编号'], status: ['订单状态'], placedAt: ['订单下单时间', '下单时间', '订单创建时间'], paidAt: ['支付时间', '付款时间'], shippedAt: ['发货时间'], completedAt: ['确认收货时间', '订单完成时间'], paid: ['订单实际支付金额', '实际支付金额', '订单实付金额'], freight: ['运费', '订单运费'], price: ['商品价格', '商品单价'], quantity: ['商品数量'],
    merchantCode: ['SKU编码(自定义)', '商家编码', '商品编码(自定义)'], itemId: ['商品编码(平台)', '商品ID'], skuId: ['SKU编码(平台)', 'SKUID'], title: ['商品名称'], properties: ['商品属性', '商品规格'], refund: ['商品售后', '售后状态'], buyerMessage: ['买家备注', '用户备注'], sellerMemo: ['商家备注'],
    receiverName: ['收件人姓名', '收货人'], receiverPhone: ['收件人手机', '收货人手机'], province: ['省'], city: ['市'], district: ['区'], address: ['收件人地址', '详细地址'], tradeNo: ['支付单号', '微信支付单号'],
  },
};
export const wechatShopFlow: SettlementTable = {
  format: '微信小店资金流水', channel: 'wechat-shop', needs: ['流水单号', '收支类型', '金额'], key: ['流水单号'], at: ['记账时间', '入账时间', '时间'], orderId: ['订单号', '关联订单号'], words: ['动账类型', '业务类型', '资金类型'], note: ['备注'], fees: [], kinds: KINDS,
  amount: (fen, row) => { const n = fen('金额'); const way = row.cell('收支类型'); return n === undefined || !/收入|支出/.test(way) ? undefined : /支出/.test(way) ? -Math.abs(n) : Math.abs(n); },
};
export const wechatShopAfterSales: AfterSalesTable = { format: '微信小店售后', channel: 'wechat-shop', refundId: ['售后单号', '售后单编号'], orderId: ['订单号', '订单编号'], lineId: [] };
