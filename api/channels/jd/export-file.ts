/** What the JD back office exports: orders (one row a SKU, the order's amounts on each), daily and settled bills, after-sales. Protocol notes §10, 2026-11. */
import { REFUNDS, STATES, type OrderTable } from '../files/orders.ts';
import type { AfterSalesTable } from '../files/after-sales.ts';
import { KINDS, type SettlementTable } from '../files/settlement.ts';

export const jdOrders: OrderTable = {
  format: '京东订单导出', channel: 'jd', lacks: ['line ids', 'discounts'], refunds: REFUNDS,
  states: [[/删除|取消/, 'closed'], [/暂停/, 'paid_not_shippable'], ...STATES],
  columns: {
    orderId: ['订单号'], status: ['订单状态'], placedAt: ['下单时间'], paidAt: ['付款确认时间'], completedAt: ['订单完成时间'], paid: ['应付金额'], freight: ['运费金额'], price: ['京东价'], quantity: ['订购数量'], merchantCode: ['货号', '商家SKUID'], itemId: ['商品ID'], skuId: ['商品ID'], title: ['商品名称'],
    buyer: ['下单帐号', '下单账号'], buyerMessage: ['订单备注'], sellerMemo: ['商家备注'], receiverName: ['客户姓名'], receiverPhone: ['联系电话'], address: ['客户地址'],
  },
};
export const jdBill: SettlementTable = {
  format: '京东账单', channel: 'jd', needs: ['订单编号', '单据编号', '单据类型', '费用项', '金额'], key: ['订单编号', '单据编号', '商品编号', '费用项', '金额', '费用结算时间'], keyed: { amount: '金额', time: '费用结算时间' }, at: ['费用结算时间', '费用计费时间', '费用发生时间'], orderId: ['订单编号'], words: ['费用项'], note: ['钱包结算备注', '备注'], fees: [],
  // Signed; the direction stands beside it and wins.
  amount: (fen, row) => { const n = fen('金额'); const way = row.cell('收支方向'); return n === undefined ? undefined : way === '' ? n : /支出/.test(way) ? -Math.abs(n) : Math.abs(n); },
  kinds: [[/^货款退|退货/, 'refund'], [/货款/, 'sale'], ...KINDS],
};
/** The wallet's own sheet: what moved, with the order in the remark. The daily bill tells of the same money item by item. */
export const jdWallet: SettlementTable = {
  format: '京东钱包流水', channel: 'jd', needs: ['账户代码', '日期', '收入金额(元)', '支出金额(元)', '交易备注'], key: ['账户代码', '日期', '商户订单号', '收入金额(元)', '支出金额(元)', '账户余额(元)', '交易备注'], at: ['日期'], orderId: [], words: ['交易备注'], note: ['交易备注'], fees: [], tells: 'trade',
  orderIn: (row) => /订单号\D{0,3}(\d{6,})/.exec(row.cell('交易备注'))?.[1] ?? '',
  amount: (fen) => { const [income, expense] = [fen('收入金额(元)'), fen('支出金额(元)')]; return income === undefined || expense === undefined ? undefined : income - Math.abs(expense); },
  kinds: [[/退货|退款/, 'refund'], [/货款|结算/, 'sale'], ...KINDS],
};
export const jdAfterSales: AfterSalesTable = { format: '京东售后', channel: 'jd', refundId: ['服务单号', '退款单号'], orderId: ['订单号', '订单编号'], lineId: [] };
