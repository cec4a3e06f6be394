import { sheet } from './sheet.ts';

const WAREHOUSE = { key: 'warehouse', field: 'warehouseCode', kind: 'text', title: { zh: '仓库', en: 'Warehouse' }, width: 10 } as const;
/** What lies where: pieces by bin and batch; what lies nowhere in particular is in the stock sheet alone. */
export const lotsSheet = sheet({
  name: 'lots', noun: 'lots', title: { zh: '库位批次', en: 'Bins and batches' }, empty: { zh: '没有按库位或批次放的货。', en: 'Nothing lies in bins or batches.' },
  order: [{ field: 'warehouseCode' }, { field: 'skuCode' }, { field: 'expiresOn' }],
  columns: [
    { key: 'sku', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 16, frozen: true },
    WAREHOUSE,
    { key: 'bin', field: 'bin', kind: 'text', title: { zh: '库位', en: 'Bin' }, width: 12 },
    { key: 'batch', field: 'batch', kind: 'text', title: { zh: '批次', en: 'Batch' }, width: 16 },
    { key: 'quantity', field: 'quantity', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 10 },
    { key: 'expiresOn', field: 'expiresOn', kind: 'text', title: { zh: '到期', en: 'Expires' }, width: 12 },
  ],
});
export const batchesSheet = sheet({
  name: 'batches', noun: 'batches', title: { zh: '批次', en: 'Batches' }, empty: { zh: '没有批次。', en: 'No batches.' },
  order: [{ field: 'expiresOn' }],
  columns: [
    { key: 'sku', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 16, frozen: true },
    { key: 'batch', field: 'batch', kind: 'text', title: { zh: '批次', en: 'Batch' }, width: 16 },
    { key: 'producedOn', field: 'producedOn', kind: 'text', title: { zh: '生产日期', en: 'Produced' }, width: 12 },
    { key: 'expiresOn', field: 'expiresOn', kind: 'text', title: { zh: '到期', en: 'Expires' }, width: 12 },
  ],
});
export const binsSheet = sheet({
  name: 'bins', noun: 'bins', title: { zh: '库位', en: 'Bins' }, empty: { zh: '没有库位。导入一张库位表就有了。', en: 'No bins. Import a list of them.' },
  order: [{ field: 'warehouseCode' }, { field: 'path' }],
  columns: [
    { key: 'code', field: 'code', kind: 'id', title: { zh: '库位', en: 'Bin' }, width: 12, frozen: true },
    WAREHOUSE,
    { key: 'zone', field: 'zone', kind: 'text', title: { zh: '区', en: 'Zone' }, width: 8 },
    { key: 'aisle', field: 'aisle', kind: 'text', title: { zh: '通道', en: 'Aisle' }, width: 8 },
    { key: 'shelf', field: 'shelf', kind: 'text', title: { zh: '货架', en: 'Shelf' }, width: 8 },
    { key: 'level', field: 'level', kind: 'text', title: { zh: '层', en: 'Level' }, width: 8 },
    { key: 'kind', field: 'kind', kind: 'status', title: { zh: '用途', en: 'Kind' }, width: 10, choices: [{ value: 'pick', zh: '拣货', en: 'pick' }, { value: 'bulk', zh: '存储', en: 'bulk' }, { value: 'inspect', zh: '待检', en: 'inspect' }] },
    { key: 'speed', field: 'speed', kind: 'text', title: { zh: '快慢', en: 'Speed' }, width: 8 },
    { key: 'capacity', field: 'capacity', kind: 'quantity', title: { zh: '容量', en: 'Capacity' }, width: 10 },
    { key: 'path', field: 'path', kind: 'quantity', title: { zh: '顺序', en: 'Path' }, width: 8 },
  ],
});
