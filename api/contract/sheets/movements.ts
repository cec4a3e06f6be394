import { sheet } from './sheet.ts';

export const movementsSheet = sheet({
  name: 'movements', noun: 'movements', title: { zh: '出入库流水', en: 'Movements' }, empty: { zh: '还没有流水。', en: 'No movements yet.' },
  order: [{ field: 'at', descending: true }],
  columns: [
    { key: 'at', field: 'at', kind: 'instant', title: { zh: '业务时间', en: 'Counts for' }, width: 16, frozen: true },
    { key: 'kind', field: 'kind', kind: 'choice', title: { zh: '类型', en: 'Kind' }, width: 10, choices: [
      { value: 'opening', zh: '期初', en: 'opening' }, { value: 'receipt', zh: '采购入库', en: 'receipt' }, { value: 'shipment', zh: '销售出库', en: 'shipment' }, { value: 'return', zh: '退货入库', en: 'return' }, { value: 'supplier-return', zh: '退供应商', en: 'to supplier' }, { value: 'count', zh: '盘点', en: 'count' }, { value: 'transfer', zh: '调拨', en: 'transfer' },
      { value: 'scrap', zh: '报损', en: 'scrap' }, { value: 'sample', zh: '样品', en: 'sample' }, { value: 'assemble', zh: '组装', en: 'assemble' }, { value: 'disassemble', zh: '拆分', en: 'take apart' }, { value: 'bin-move', zh: '移库位', en: 'bin move' }, { value: 'other-in', zh: '其他入库', en: 'other in' }, { value: 'other-out', zh: '其他出库', en: 'other out' },
    ] },
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14 },
    { key: 'from', field: 'from', kind: 'text', title: { zh: '从', en: 'From' }, width: 11 },
    { key: 'to', field: 'to', kind: 'text', title: { zh: '到', en: 'To' }, width: 11 },
    { key: 'quantity', field: 'quantity', kind: 'quantity', title: { zh: '数量', en: 'Quantity' }, width: 9 },
    { key: 'unitCost', field: 'unitCostFen', kind: 'money', title: { zh: '单位成本', en: 'Unit cost' }, width: 10 },
    { key: 'cost', field: 'costFen', kind: 'money', title: { zh: '成本', en: 'Cost' }, width: 12 },
    { key: 'firstCost', field: 'firstCostFen', kind: 'money', title: { zh: '录入时成本', en: 'As first known' }, width: 12 },
    { key: 'counted', field: 'counted', kind: 'quantity', title: { zh: '盘点数', en: 'Counted' }, width: 9 },
    { key: 'reference', field: 'reference', kind: 'id', title: { zh: '单据', en: 'Reference' }, width: 20 },
    { key: 'reason', field: 'reason', kind: 'text', title: { zh: '原因', en: 'Reason' }, width: 18 },
    { key: 'recordedAt', field: 'recordedAt', kind: 'instant', title: { zh: '录入时间', en: 'Recorded' }, width: 16 },
    { key: 'bookedAt', field: 'bookedAt', kind: 'instant', title: { zh: '计入时间', en: 'Booked' }, width: 16 },
    { key: 'by', field: 'by', kind: 'text', title: { zh: '经手', en: 'By' }, width: 12 },
    { key: 'undoneBy', field: 'undoneBy', kind: 'id', title: { zh: '被反冲', en: 'Undone by' }, width: 20 },
  ],
});
export const warehousesSheet = sheet({
  name: 'warehouses', noun: 'warehouses', title: { zh: '仓库', en: 'Warehouses' },
  columns: [
    { key: 'code', field: 'code', kind: 'id', title: { zh: '仓库编码', en: 'Code' }, width: 10, frozen: true },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 18 },
    { key: 'kind', field: 'kind', kind: 'choice', title: { zh: '类型', en: 'Kind' }, width: 10, choices: [{ value: 'own', zh: '自有', en: 'own' }, { value: 'third_party', zh: '第三方', en: 'third party' }, { value: 'platform', zh: '平台仓', en: 'platform' }, { value: 'virtual', zh: '虚拟', en: 'virtual' }] },
    { key: 'sellable', field: 'sellable', kind: 'tick', title: { zh: '可售', en: 'Sells' }, width: 7 },
    { key: 'priority', field: 'priority', kind: 'quantity', title: { zh: '优先', en: 'Priority' }, width: 8 },
  ],
});
