import { sheet } from './sheet.ts';

const from = { command: 'ship-by-supplier', right: 'parcels:write' } as const;
export const dropshipsSheet = sheet({
  name: 'dropships', noun: 'dropships', title: { zh: '代发', en: 'Drop-ship' }, empty: { zh: '没有代发包裹。在“供货”表勾选代发，订单来了就在这里。', en: 'No drop-ship parcels. Tick a SKU in the Supply sheet, and its orders come here.' },
  order: [{ field: 'state' }, { field: 'supplierName' }, { field: 'id' }],
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '包裹号', en: 'Parcel' }, width: 32, frozen: true },
    { key: 'supplier', field: 'supplierName', kind: 'text', title: { zh: '供应商', en: 'Supplier' }, width: 18 },
    { key: 'orders', field: 'orderText', kind: 'id', title: { zh: '订单号', en: 'Orders' }, width: 22 },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 14 },
    { key: 'lines', field: 'lineText', kind: 'text', title: { zh: '货品', en: 'Goods' }, width: 34 },
    { key: 'pieces', field: 'pieces', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 8 },
    { key: 'courier', field: 'courier', kind: 'text', title: { zh: '快递', en: 'Courier' }, width: 10, list: { by: [] }, editable: { ...from, maxLength: 20 } },
    { key: 'tracking', field: 'tracking', kind: 'id', title: { zh: '运单号', en: 'Tracking number' }, width: 20, editable: { ...from, maxLength: 30 } },
    { key: 'receiver', field: 'receiverName', kind: 'text', title: { zh: '收件人', en: 'Receiver' }, width: 10 },
    { key: 'phone', field: 'phone', kind: 'id', title: { zh: '电话', en: 'Phone' }, width: 14 },
    { key: 'province', field: 'province', kind: 'text', title: { zh: '省', en: 'Province' }, width: 10 },
    { key: 'city', field: 'city', kind: 'text', title: { zh: '市', en: 'City' }, width: 10 },
    { key: 'district', field: 'district', kind: 'text', title: { zh: '区县', en: 'District' }, width: 10 },
    { key: 'address', field: 'address', kind: 'text', title: { zh: '地址', en: 'Address' }, width: 30 },
    { key: 'memo', field: 'memo', kind: 'text', title: { zh: '留言与备注', en: 'Message and memo' }, width: 24 },
    { key: 'cost', field: 'costFen', kind: 'money', title: { zh: '应付供应商', en: 'Owed to supplier' }, width: 12 },
    { key: 'short', field: 'shortText', kind: 'text', title: { zh: '缺货', en: 'Short' }, width: 16 },
    { key: 'alarm', field: 'alarmText', kind: 'why', title: { zh: '警报', en: 'Alarm' }, width: 24 },
    { key: 'push', field: 'pushText', kind: 'why', title: { zh: '回传', en: 'Push' }, width: 14 },
    { key: 'sentAt', field: 'sentAt', kind: 'instant', title: { zh: '发给供应商', en: 'Sent to supplier' }, width: 16 },
    { key: 'shippedAt', field: 'shippedAt', kind: 'instant', title: { zh: '发货时间', en: 'Shipped at' }, width: 16 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 14, choices: [
      { value: 'planned', zh: '供应商缺货', en: 'supplier is short' }, { value: 'reserved', zh: '待发给供应商', en: 'to be sent to them' }, { value: 'printed', zh: '供应商处理中', en: 'with the supplier' }, { value: 'shipped', zh: '已发货', en: 'shipped' },
      { value: 'delivered', zh: '已签收', en: 'delivered' }, { value: 'returned', zh: '已退回', en: 'returned' }, { value: 'cancelled', zh: '已取消', en: 'cancelled' },
    ] },
  ],
});

const supply = { command: 'set-supply', right: 'purchasing:write' } as const;
export const supplySheet = sheet({
  name: 'supply', noun: 'supply', title: { zh: '供货', en: 'Supply' }, empty: { zh: '还没有货品。导入货品，或载入沙箱公司。', en: 'No SKUs yet. Import them, or load the sandbox company.' },
  order: [{ field: 'code' }],
  columns: [
    { key: 'code', field: 'code', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14, frozen: true },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 28 },
    { key: 'supplier', field: 'supplierName', kind: 'text', title: { zh: '供应商', en: 'Supplier' }, width: 20, list: { by: [] }, editable: { ...supply, maxLength: 80 } },
    { key: 'dropship', field: 'dropship', kind: 'tick', title: { zh: '代发', en: 'Drop-ship' }, width: 9, editable: supply },
    { key: 'left', field: 'left', kind: 'quantity', title: { zh: '供应商还能发', en: 'They can send' }, width: 13, editable: { ...supply, min: 0, max: 10_000_000 } },
    { key: 'cost', field: 'costFen', kind: 'money', title: { zh: '进价', en: 'Bought for' }, width: 12 },
  ],
});

const supplier = { command: 'set-supplier', right: 'purchasing:write' } as const;
export const suppliersSheet = sheet({
  name: 'suppliers', noun: 'suppliers', title: { zh: '供应商', en: 'Suppliers' }, order: [{ field: 'name' }],
  columns: [
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 24, frozen: true },
    { key: 'contact', field: 'contact', kind: 'text', title: { zh: '邮箱或联系人', en: 'Mail or contact' }, width: 28, editable: { ...supplier, maxLength: 120 } },
    { key: 'leadTime', field: 'leadTimeDays', kind: 'quantity', title: { zh: '到货周期(天)', en: 'Lead time (days)' }, width: 14, editable: { ...supplier, required: true, min: 0, max: 365 } },
    { key: 'active', field: 'active', kind: 'tick', title: { zh: '在用', en: 'Active' }, width: 8 },
  ],
});
