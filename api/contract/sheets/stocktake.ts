import { sheet } from './sheet.ts';

export const stocktakeSheet = sheet({
  name: 'stocktake', noun: 'count-lines', title: { zh: '盘点', en: 'Stocktake' }, empty: { zh: '没有开着的盘点单。开一张，再回来录数。', en: 'No stocktake is open. Open one, then come back to count.' },
  order: [{ field: 'number', descending: true }, { field: 'bin' }, { field: 'skuCode' }],
  columns: [
    { key: 'number', field: 'number', kind: 'id', title: { zh: '盘点单', en: 'Stocktake' }, width: 18, frozen: true },
    { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '仓库', en: 'Warehouse' }, width: 9 },
    { key: 'bin', field: 'bin', kind: 'id', title: { zh: '库位', en: 'Bin' }, width: 12 },
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14 },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 26 },
    { key: 'barcode', field: 'barcode', kind: 'id', title: { zh: '条码', en: 'Barcode' }, width: 16 },
    { key: 'batch', field: 'batch', kind: 'id', title: { zh: '批次', en: 'Batch' }, width: 12 },
    { key: 'booked', field: 'booked', kind: 'quantity', title: { zh: '账面', en: 'Booked' }, width: 9 },
    { key: 'counted', field: 'counted', kind: 'quantity', title: { zh: '盘点数', en: 'Counted' }, width: 10, editable: { command: 'enter-count', right: 'stock:write', min: 0, max: 10_000_000 } },
    { key: 'difference', field: 'difference', kind: 'quantity', title: { zh: '差异', en: 'Difference' }, width: 9 },
    { key: 'differenceValue', field: 'differenceFen', kind: 'money', title: { zh: '差异金额', en: 'Value' }, width: 12 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 10, choices: [{ value: 'to_count', zh: '待盘', en: 'to count' }, { value: 'recount', zh: '要复盘', en: 'count again' }, { value: 'counted', zh: '已盘', en: 'counted' }, { value: 'posted', zh: '已过账', en: 'posted' }, { value: 'cancelled', zh: '作废', en: 'cancelled' }] },
  ],
});
