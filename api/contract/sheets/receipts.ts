import { sheet } from './sheet.ts';

export const receiptsSheet = sheet({
  name: 'receipts', noun: 'receipts', title: { zh: '入库单', en: 'Receipts' }, empty: { zh: '还没有到货。', en: 'Nothing has come in yet.' },
  order: [{ field: 'at', descending: true }],
  columns: [
    { key: 'number', field: 'number', kind: 'id', title: { zh: '采购单号', en: 'Number' }, width: 18, frozen: true },
    { key: 'supplier', field: 'supplierName', kind: 'text', title: { zh: '供应商', en: 'Supplier' }, width: 18 },
    { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '仓库', en: 'Warehouse' }, width: 9 },
    { key: 'lines', field: 'lineText', kind: 'text', title: { zh: '货品', en: 'Goods' }, width: 34 },
    { key: 'pieces', field: 'pieces', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 9 },
    { key: 'amount', field: 'amountFen', kind: 'money', title: { zh: '金额', en: 'Amount' }, width: 12 },
    { key: 'at', field: 'at', kind: 'instant', title: { zh: '到货时间', en: 'Came in' }, width: 16 },
    { key: 'by', field: 'by', kind: 'text', title: { zh: '收货人', en: 'Received by' }, width: 14 },
  ],
});
