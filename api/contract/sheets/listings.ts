import { sheet } from './sheet.ts';

const rule = { command: 'set-push-rule', right: 'stock:write' } as const;
/** One row a listing: what it is mapped to, its one push rule, the formula with its values, the last push and the platform's answer. */
export const listingsSheet = sheet({
  name: 'listings', noun: 'listings', title: { zh: '平台商品', en: 'Listings' }, empty: { zh: '还没有平台商品。连接店铺并拉单后，或导入商品对应表后出现。', en: 'No listings yet. They appear when a shop’s orders are pulled, or a listing map is imported.' },
  order: [{ field: 'shopName' }, { field: 'title' }],
  columns: [
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 16, frozen: true },
    { key: 'title', field: 'title', kind: 'text', title: { zh: '商品', en: 'Listing' }, width: 28 },
    { key: 'merchantCode', field: 'merchantCode', kind: 'id', title: { zh: '商家编码', en: 'Merchant code' }, width: 14 },
    { key: 'itemId', field: 'platformItemId', kind: 'id', title: { zh: '平台商品号', en: 'Item' }, width: 16 },
    { key: 'platformSku', field: 'platformSkuId', kind: 'id', title: { zh: '平台规格号', en: 'Platform SKU' }, width: 16 },
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14, names: 'skus', editable: { command: 'map-listing', right: 'stock:write', maxLength: 60 } },
    { key: 'mode', field: 'rule.mode', kind: 'choice', title: { zh: '同步', en: 'Push' }, width: 8, editable: { ...rule, required: true }, choices: [{ value: 'auto', zh: '自动', en: 'auto' }, { value: 'fixed', zh: '固定', en: 'fixed' }, { value: 'off', zh: '不同步', en: 'off' }] },
    { key: 'share', field: 'rule.shareRate', kind: 'rate', title: { zh: '分配比例', en: 'Share' }, width: 10, editable: { ...rule, required: true, min: 0, max: 10_000 } },
    { key: 'keepBack', field: 'rule.keepBack', kind: 'quantity', title: { zh: '预留', en: 'Kept back' }, width: 8, editable: { ...rule, required: true, min: 0, max: 10_000_000 } },
    { key: 'offBelow', field: 'rule.offBelow', kind: 'quantity', title: { zh: '不足停售', en: 'Off below' }, width: 9, editable: { ...rule, required: true, min: 0, max: 10_000_000 } },
    { key: 'cap', field: 'rule.cap', kind: 'quantity', title: { zh: '封顶', en: 'At most' }, width: 8, editable: { ...rule, min: 0, max: 10_000_000 } },
    { key: 'fixed', field: 'rule.fixed', kind: 'quantity', title: { zh: '固定数', en: 'Fixed' }, width: 8, editable: { ...rule, required: true, min: 0, max: 10_000_000 } },
    { key: 'presale', field: 'rule.presale', kind: 'quantity', title: { zh: '预售数', en: 'Presale' }, width: 8, editable: { ...rule, required: true, min: 0, max: 10_000_000 } },
    { key: 'wanted', field: 'wantedQuantity', kind: 'quantity', title: { zh: '应有', en: 'Wanted' }, width: 8 },
    { key: 'formula', field: 'formula', kind: 'why', title: { zh: '怎么算的', en: 'How' }, width: 40 },
    { key: 'pushed', field: 'pushedQuantity', kind: 'quantity', title: { zh: '平台已收', en: 'Taken' }, width: 8 },
    { key: 'pushedAt', field: 'pushedAt', kind: 'instant', title: { zh: '上次同步', en: 'Last push' }, width: 16 },
    { key: 'platformQuantity', field: 'platformQuantity', kind: 'quantity', title: { zh: '平台显示', en: 'Shown there' }, width: 9 },
    { key: 'answer', field: 'pushWords', kind: 'text', title: { zh: '平台的话', en: 'Answer' }, width: 24 },
    { key: 'state', field: 'pushState', kind: 'status', title: { zh: '状态', en: 'State' }, width: 10, choices: [{ value: 'unmapped', zh: '未对应', en: 'unmapped' }, { value: 'off', zh: '不同步', en: 'off' }, { value: 'told', zh: '已同步', en: 'told' }, { value: 'waiting', zh: '待同步', en: 'waiting' }, { value: 'refused', zh: '被拒', en: 'refused' }] },
  ],
});
