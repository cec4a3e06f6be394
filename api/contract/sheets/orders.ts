import { sheet, type Choice } from './sheet.ts';

export const REVIEW_STATES: readonly Choice[] = [{ value: 'pending', zh: '待审', en: 'pending' }, { value: 'passed', zh: '已通过', en: 'passed' }, { value: 'held', zh: '挂起', en: 'held' }, { value: 'cancelled', zh: '已取消', en: 'cancelled' }];
export const PARCEL_STATES: readonly Choice[] = [
  { value: 'planned', zh: '缺货待配', en: 'waiting for stock' }, { value: 'reserved', zh: '已占库存', en: 'reserved' }, { value: 'waybilled', zh: '已取面单', en: 'waybilled' }, { value: 'printed', zh: '已打印', en: 'printed' },
  { value: 'packed', zh: '已打包', en: 'packed' }, { value: 'shipped', zh: '已发货', en: 'shipped' }, { value: 'delivered', zh: '已签收', en: 'delivered' }, { value: 'cancelled', zh: '已取消', en: 'cancelled' }, { value: 'returned', zh: '已退回', en: 'returned' },
];
const STAGES: readonly Choice[] = [...PARCEL_STATES, ...REVIEW_STATES, { value: 'elsewhere', zh: '平台已发', en: 'shipped before' }, { value: 'unpaid', zh: '未付款', en: 'unpaid' }, { value: 'closed', zh: '已关闭', en: 'closed' }, { value: 'unplanned', zh: '待配货', en: 'to be planned' }];

export const ordersSheet = sheet({
  name: 'orders', noun: 'orders', title: { zh: '订单', en: 'Orders' }, empty: { zh: '还没有订单。连接店铺、导入文件，或载入沙箱公司。', en: 'No orders yet. Connect a shop, import files, or load the sandbox company.' },
  order: [{ field: 'paidAt', descending: true }, { field: 'placedAt', descending: true }],
  columns: [
    { key: 'platformOrderId', field: 'platformOrderId', kind: 'id', title: { zh: '订单号', en: 'Order' }, width: 25, frozen: true },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 14 },
    { key: 'review', field: 'reviewState', kind: 'choice', title: { zh: '审单', en: 'Review' }, width: 10, choices: REVIEW_STATES, editable: { command: 'review', right: 'orders:write', required: true } },
    { key: 'holds', field: 'holdText', kind: 'why', title: { zh: '挂起原因', en: 'Held for' }, width: 22 },
    { key: 'paidAt', field: 'paidAt', kind: 'instant', title: { zh: '付款时间', en: 'Paid at' }, width: 16 },
    { key: 'shipBy', field: 'shipByAt', kind: 'instant', title: { zh: '最晚发货', en: 'Ship by' }, width: 16 },
    { key: 'shipFrom', field: 'shipFromAt', kind: 'instant', title: { zh: '不早于', en: 'Not before' }, width: 16 },
    { key: 'lines', field: 'lineText', kind: 'text', title: { zh: '货品', en: 'Goods' }, width: 34 },
    { key: 'pieces', field: 'pieces', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 8 },
    { key: 'paid', field: 'paidFen', kind: 'money', title: { zh: '实付', en: 'Paid' }, width: 12 },
    { key: 'received', field: 'receivedFen', kind: 'money', title: { zh: '已收', en: 'Received' }, width: 12 },
    { key: 'freight', field: 'freightFen', kind: 'money', title: { zh: '运费', en: 'Freight' }, width: 10 },
    { key: 'discount', field: 'discountFen', kind: 'money', title: { zh: '优惠', en: 'Discount' }, width: 10 },
    { key: 'buyer', field: 'buyerNick', kind: 'text', title: { zh: '买家', en: 'Buyer' }, width: 12 },
    { key: 'province', field: 'receiver.province', kind: 'text', title: { zh: '省', en: 'Province' }, width: 10 },
    { key: 'city', field: 'receiver.city', kind: 'text', title: { zh: '市', en: 'City' }, width: 10 },
    { key: 'district', field: 'receiver.district', kind: 'text', title: { zh: '区县', en: 'District' }, width: 10 },
    { key: 'message', field: 'buyerMessage', kind: 'text', title: { zh: '买家留言', en: 'Buyer message' }, width: 24 },
    { key: 'memo', field: 'sellerMemo', kind: 'text', title: { zh: '卖家备注', en: 'Memo' }, width: 24, editable: { command: 'set-memo', right: 'orders:write', maxLength: 500 } },
    { key: 'warehouse', field: 'warehouse', kind: 'text', title: { zh: '仓库', en: 'Warehouse' }, width: 8, list: { by: [] }, editable: { command: 'set-warehouse', right: 'orders:write', maxLength: 10 } },
    { key: 'courier', field: 'courier', kind: 'text', title: { zh: '快递', en: 'Courier' }, width: 8, list: { by: ['warehouse', 'province', 'city', 'district'] }, editable: { command: 'set-courier', right: 'orders:write', maxLength: 10 } },
    { key: 'tracking', field: 'tracking', kind: 'id', title: { zh: '运单号', en: 'Tracking number' }, width: 18 },
    { key: 'why', field: 'why', kind: 'why', title: { zh: '为什么', en: 'Why' }, width: 30 },
    { key: 'linked', field: 'linkedText', kind: 'why', title: { zh: '关联原单', en: 'Follows' }, width: 20 },
    { key: 'stage', field: 'stage', kind: 'status', title: { zh: '状态', en: 'State' }, width: 12, choices: STAGES },
  ],
});
export const parcelsSheet = sheet({
  name: 'parcels', noun: 'parcels', title: { zh: '包裹', en: 'Parcels' }, order: [{ field: 'id', descending: true }],
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '包裹号', en: 'Parcel' }, width: 32, frozen: true },
    { key: 'orders', field: 'orderText', kind: 'id', title: { zh: '订单号', en: 'Orders' }, width: 22 },
    { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '仓库', en: 'Warehouse' }, width: 8 },
    { key: 'courier', field: 'courierCode', kind: 'text', title: { zh: '快递', en: 'Courier' }, width: 8 },
    { key: 'tracking', field: 'trackingNumber', kind: 'id', title: { zh: '运单号', en: 'Tracking number' }, width: 18 },
    { key: 'lines', field: 'lineText', kind: 'text', title: { zh: '货品', en: 'Goods' }, width: 34 },
    { key: 'pieces', field: 'pieces', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 8 },
    { key: 'weight', field: 'weightGrams', kind: 'quantity', title: { zh: '重量(克)', en: 'Weight (g)' }, width: 10 },
    { key: 'freight', field: 'freightFen', kind: 'money', title: { zh: '预估运费', en: 'Freight' }, width: 10 },
    { key: 'short', field: 'shortText', kind: 'text', title: { zh: '缺货', en: 'Short' }, width: 18 },
    { key: 'push', field: 'pushText', kind: 'why', title: { zh: '回传', en: 'Push' }, width: 16 },
    { key: 'waybill', field: 'waybillText', kind: 'why', title: { zh: '没有运单号', en: 'No number' }, width: 20 },
    { key: 'route', field: 'routeText', kind: 'why', title: { zh: '物流', en: 'Route' }, width: 24 },
    { key: 'alarm', field: 'alarmText', kind: 'why', title: { zh: '警报', en: 'Alarm' }, width: 24 },
    { key: 'shippedAt', field: 'shippedAt', kind: 'instant', title: { zh: '发货时间', en: 'Shipped at' }, width: 16 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 12, choices: PARCEL_STATES },
  ],
});
