import { sheet } from './sheet.ts';

export const stockSheet = sheet({
  name: 'stock', noun: 'positions', title: { zh: '库存', en: 'Stock' }, empty: { zh: '还没有货品。导入货品，或载入沙箱公司。', en: 'No SKUs yet. Import them, or load the sandbox company.' },
  order: [{ field: 'skuCode' }, { field: 'warehouseCode' }],
  columns: [
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14, frozen: true },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 26 },
    { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '仓库', en: 'Warehouse' }, width: 10 },
    { key: 'onHand', field: 'onHand', kind: 'quantity', title: { zh: '在库', en: 'On hand' }, width: 10 },
    { key: 'reserved', field: 'reserved', kind: 'quantity', title: { zh: '占用', en: 'Reserved' }, width: 10 },
    { key: 'available', field: 'available', kind: 'quantity', title: { zh: '可用', en: 'Available' }, width: 10 },
    { key: 'incoming', field: 'incoming', kind: 'quantity', title: { zh: '在途', en: 'Incoming' }, width: 10 },
    { key: 'counted', field: 'counted', kind: 'quantity', title: { zh: '盘点数', en: 'Counted' }, width: 10, editable: { command: 'count-stock', right: 'stock:write', min: 0, max: 10_000_000 } },
    { key: 'countReason', field: 'countReason', kind: 'text', title: { zh: '盘点原因', en: 'Reason' }, width: 16, editable: { command: 'count-stock', right: 'stock:write', maxLength: 100 } },
    { key: 'safetyStock', field: 'safetyStock', kind: 'quantity', title: { zh: '安全库存', en: 'Safety stock' }, width: 10, editable: { command: 'set-safety', right: 'stock:write', min: 0, max: 1_000_000 } },
    { key: 'unitCost', field: 'unitCostFen', kind: 'money', title: { zh: '单位成本', en: 'Unit cost' }, width: 12 },
    { key: 'value', field: 'valueFen', kind: 'money', title: { zh: '库存金额', en: 'Value' }, width: 14 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 10, choices: [{ value: 'out', zh: '断货', en: 'out' }, { value: 'low', zh: '偏低', en: 'low' }, { value: 'ok', zh: '正常', en: 'ok' }] },
  ],
});
export const skusSheet = sheet({
  name: 'skus', noun: 'skus', title: { zh: '货品', en: 'SKUs' }, order: [{ field: 'code' }],
  columns: [
    { key: 'code', field: 'code', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14, frozen: true },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 28, editable: { command: 'set-sku', right: 'stock:write', required: true, maxLength: 100 } },
    { key: 'category', field: 'category', kind: 'text', title: { zh: '类目', en: 'Category' }, width: 12 },
    { key: 'barcode', field: 'barcode', kind: 'id', title: { zh: '条码', en: 'Barcode' }, width: 16 },
    { key: 'price', field: 'priceFen', kind: 'money', title: { zh: '售价', en: 'Price' }, width: 12 },
    { key: 'cost', field: 'costFen', kind: 'money', title: { zh: '参考成本', en: 'Reference cost' }, width: 12, editable: { command: 'set-sku', right: 'stock:write', required: true, min: 0, max: 100_000_000 } },
    { key: 'weight', field: 'weightGrams', kind: 'quantity', title: { zh: '重量(克)', en: 'Weight (g)' }, width: 10, editable: { command: 'set-sku', right: 'stock:write', min: 0, max: 1_000_000 } },
    { key: 'leadTime', field: 'leadTimeDays', kind: 'quantity', title: { zh: '到货周期(天)', en: 'Lead time (days)' }, width: 12, editable: { command: 'set-sku', right: 'stock:write', min: 0, max: 365 } },
    { key: 'moq', field: 'moq', kind: 'quantity', title: { zh: '起订量', en: 'MOQ' }, width: 10, editable: { command: 'set-sku', right: 'stock:write', min: 1, max: 1_000_000 } },
    { key: 'packSize', field: 'packSize', kind: 'quantity', title: { zh: '箱规', en: 'Pack size' }, width: 10, editable: { command: 'set-sku', right: 'stock:write', min: 1, max: 100_000 } },
  ],
});
