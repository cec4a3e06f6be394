import { REFUND_STATES, ROLES } from '../decision-tables/index.ts';
import { sheet, type Choice } from './sheet.ts';

const STATES: readonly Choice[] = [{ value: 'none', zh: '没有', en: 'none' }, ...REFUND_STATES];
// The table that answers them has the name of after-sales.
export const afterSalesSheet = sheet({
  name: 'refunds', noun: 'after-sales', title: { zh: '售后', en: 'After-sales' }, empty: { zh: '没有售后单。', en: 'No refunds and returns.' },
  order: [{ field: 'requestedAt', descending: true }],
  columns: [
    { key: 'platformRefundId', field: 'platformRefundId', kind: 'id', title: { zh: '售后单号', en: 'Refund' }, width: 22, frozen: true },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 14 },
    { key: 'platformOrderId', field: 'platformOrderId', kind: 'id', title: { zh: '订单号', en: 'Order' }, width: 22 },
    { key: 'goods', field: 'lineText', kind: 'text', title: { zh: '货品', en: 'Goods' }, width: 30 },
    { key: 'refund', field: 'refundFen', kind: 'money', title: { zh: '退款金额', en: 'Refund amount' }, width: 12 },
    { key: 'goodsReturn', field: 'hasGoodsReturn', kind: 'tick', title: { zh: '要退货', en: 'Goods come back' }, width: 9 },
    { key: 'reason', field: 'reason', kind: 'text', title: { zh: '原因', en: 'Reason' }, width: 26 },
    { key: 'answer', field: 'answer', kind: 'status', title: { zh: '处理', en: 'Answer' }, width: 10, choices: [{ value: 'agree', zh: '可以同意', en: 'may be agreed to' }, { value: 'ask', zh: '要人看', en: 'a person looks' }, { value: 'refuse', zh: '拒绝', en: 'refuse' }] },
    { key: 'answerWho', field: 'answerWho', kind: 'status', title: { zh: '谁看', en: 'Who' }, width: 10, choices: ROLES },
    { key: 'answerRow', field: 'answerRow', kind: 'text', title: { zh: '依据的规则', en: 'By rule' }, width: 10 },
    { key: 'requestedAt', field: 'requestedAt', kind: 'instant', title: { zh: '申请时间', en: 'Asked at' }, width: 16 },
    { key: 'modifiedAt', field: 'modifiedAt', kind: 'instant', title: { zh: '最近变动', en: 'Last change' }, width: 16 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 10, choices: STATES },
  ],
});
/** What an order is made of: one row a listing in it, with what became of it. */
export const orderLinesSheet = sheet({
  name: 'order-lines', noun: 'order-lines', title: { zh: '订单明细', en: 'Order lines' }, empty: { zh: '还没有订单。连接店铺、导入文件，或载入沙箱公司。', en: 'No orders yet. Connect a shop, import files, or load the sandbox company.' },
  order: [{ field: 'placedAt', descending: true }, { field: 'id' }],
  columns: [
    { key: 'platformOrderId', field: 'platformOrderId', kind: 'id', title: { zh: '订单号', en: 'Order' }, width: 22, frozen: true },
    { key: 'line', field: 'platformLineId', kind: 'id', title: { zh: '子订单号', en: 'Line' }, width: 22 },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 14 },
    { key: 'placedAt', field: 'placedAt', kind: 'instant', title: { zh: '下单时间', en: 'Placed at' }, width: 16 },
    { key: 'title', field: 'title', kind: 'text', title: { zh: '商品', en: 'Listing' }, width: 28 },
    { key: 'properties', field: 'properties', kind: 'text', title: { zh: '规格', en: 'Properties' }, width: 18 },
    { key: 'merchantCode', field: 'merchantCode', kind: 'id', title: { zh: '商家编码', en: 'Merchant code' }, width: 14 },
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14 },
    { key: 'quantity', field: 'quantity', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 8 },
    { key: 'unitPrice', field: 'unitPriceFen', kind: 'money', title: { zh: '单价', en: 'Price' }, width: 10 },
    { key: 'paid', field: 'paidFen', kind: 'money', title: { zh: '实付', en: 'Paid' }, width: 12 },
    { key: 'refund', field: 'refundFen', kind: 'money', title: { zh: '已退', en: 'Refunded' }, width: 12 },
    { key: 'refundState', field: 'refundState', kind: 'status', title: { zh: '售后', en: 'After-sales' }, width: 10, choices: STATES },
    { key: 'shipped', field: 'shipped', kind: 'tick', title: { zh: '平台已发', en: 'Shipped there' }, width: 9 },
    { key: 'review', field: 'reviewState', kind: 'status', title: { zh: '审单', en: 'Review' }, width: 10, choices: [{ value: 'pending', zh: '待审', en: 'pending' }, { value: 'passed', zh: '已通过', en: 'passed' }, { value: 'held', zh: '挂起', en: 'held' }, { value: 'cancelled', zh: '已取消', en: 'cancelled' }] },
  ],
});
