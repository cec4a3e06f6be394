import { sheet } from './sheet.ts';

export const purchaseOrdersSheet = sheet({
  name: 'purchase-orders', noun: 'purchase-orders', title: { zh: '采购单', en: 'Purchase orders' }, empty: { zh: '还没有采购单。在采购建议里勾选“下单”后发布。', en: 'No purchase orders yet. Tick “Order” in the suggestions and publish.' },
  columns: [
    { key: 'number', field: 'number', kind: 'id', title: { zh: '采购单号', en: 'Number' }, width: 20, frozen: true },
    { key: 'supplier', field: 'supplierName', kind: 'text', title: { zh: '供应商', en: 'Supplier' }, width: 18 },
    { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '到仓', en: 'Warehouse' }, width: 8 },
    { key: 'lines', field: 'lineText', kind: 'text', title: { zh: '货品', en: 'Goods' }, width: 40 },
    { key: 'pieces', field: 'pieces', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 9 },
    { key: 'received', field: 'receivedPieces', kind: 'quantity', title: { zh: '已到', en: 'Received' }, width: 9 },
    { key: 'amount', field: 'amountFen', kind: 'money', title: { zh: '金额', en: 'Amount' }, width: 12 },
    { key: 'orderedAt', field: 'orderedAt', kind: 'instant', title: { zh: '下单时间', en: 'Ordered at' }, width: 16 },
    { key: 'expected', field: 'expectedDay', kind: 'day', title: { zh: '预计到货', en: 'Expected' }, width: 12 },
    { key: 'arrived', field: 'arrived', kind: 'tick', title: { zh: '全部到货', en: 'All arrived' }, width: 9, editable: { command: 'receive', right: 'purchasing:write' } },
    { key: 'note', field: 'note', kind: 'text', title: { zh: '备注', en: 'Note' }, width: 20, editable: { command: 'set-order', right: 'purchasing:write', maxLength: 200 } },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 12, choices: [{ value: 'ordered', zh: '已下单', en: 'ordered' }, { value: 'partly_received', zh: '部分到货', en: 'partly received' }, { value: 'received', zh: '已到货', en: 'received' }, { value: 'cancelled', zh: '已取消', en: 'cancelled' }] },
  ],
});
