import { sheet } from './sheet.ts';

export const suggestionsSheet = sheet({
  name: 'suggestions', noun: 'suggestions', title: { zh: '采购建议', en: 'Suggestions' }, empty: { zh: '还没有建议。有了 90 天订单和库存后，点“重新计算”。', en: 'No suggestions yet. Once there are orders and stock, choose “Work out again”.' },
  // What runs out soonest stands on top.
  order: [{ field: 'daysLeft' }, { field: 'skuCode' }],
  columns: [
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14, frozen: true },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 26 },
    { key: 'chosen', field: 'chosen', kind: 'tick', title: { zh: '下单', en: 'Order' }, width: 7, editable: { command: 'order', right: 'purchasing:write' } },
    { key: 'quantity', field: 'quantity', kind: 'quantity', title: { zh: '采购数', en: 'Quantity' }, width: 10, editable: { command: 'order', right: 'purchasing:write', min: 0, max: 1_000_000 } },
    { key: 'suggested', field: 'suggested', kind: 'quantity', title: { zh: '建议数', en: 'Suggested' }, width: 10 },
    { key: 'supplier', field: 'supplierName', kind: 'text', title: { zh: '供应商', en: 'Supplier' }, width: 18, list: { by: ['skuCode'] }, editable: { command: 'order', right: 'purchasing:write', maxLength: 80 } },
    { key: 'unitCost', field: 'unitCostFen', kind: 'money', title: { zh: '单价', en: 'Unit cost' }, width: 10, editable: { command: 'order', right: 'purchasing:write', required: true, min: 0, max: 100_000_000 } },
    { key: 'amount', field: 'amountFen', kind: 'money', title: { zh: '金额', en: 'Amount' }, width: 12 },
    { key: 'daysLeft', field: 'daysLeft', kind: 'quantity', title: { zh: '还能卖几天', en: 'Days left' }, width: 11 },
    { key: 'available', field: 'available', kind: 'quantity', title: { zh: '可用', en: 'Available' }, width: 9 },
    { key: 'incoming', field: 'incoming', kind: 'quantity', title: { zh: '在途', en: 'Incoming' }, width: 9 },
    { key: 'sold', field: 'parts.soldPieces', kind: 'quantity', title: { zh: '90 天销量', en: 'Sold, 90 d' }, width: 10 },
    { key: 'demandInLead', field: 'parts.demandInLead', kind: 'text', title: { zh: '到货前需求', en: 'Lead demand' }, width: 11 },
    { key: 'safety', field: 'parts.safetyStock', kind: 'quantity', title: { zh: '安全库存', en: 'Safety stock' }, width: 10 },
    { key: 'reorderPoint', field: 'parts.reorderPoint', kind: 'quantity', title: { zh: '补货点', en: 'Reorder point' }, width: 10 },
    { key: 'target', field: 'parts.target', kind: 'quantity', title: { zh: '补到', en: 'Up to' }, width: 9 },
    { key: 'packSize', field: 'parts.packSize', kind: 'quantity', title: { zh: '每箱', en: 'Pack' }, width: 7 },
    { key: 'moq', field: 'parts.moq', kind: 'quantity', title: { zh: '起订', en: 'MOQ' }, width: 7 },
    { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '到仓', en: 'Warehouse' }, width: 8 },
    { key: 'note', field: 'note', kind: 'text', title: { zh: '备注', en: 'Note' }, width: 20, editable: { command: 'order', right: 'purchasing:write', maxLength: 200 } },
    { key: 'why', field: 'why', kind: 'why', title: { zh: '为什么', en: 'Why' }, width: 40 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 10, choices: [{ value: 'urgent', zh: '紧急', en: 'urgent' }, { value: 'buy', zh: '该买', en: 'to buy' }, { value: 'enough', zh: '够用', en: 'enough' }, { value: 'ordered', zh: '已下单', en: 'ordered' }] },
  ],
});
