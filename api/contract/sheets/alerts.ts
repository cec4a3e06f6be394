import { sheet } from './sheet.ts';

export const alertsSheet = sheet({
  name: 'alerts', noun: 'alerts', title: { zh: '库存提醒', en: 'Stock alerts' }, empty: { zh: '没有库存提醒。', en: 'No stock alerts.' },
  order: [{ field: 'openedAt', descending: true }],
  columns: [
    { key: 'kind', field: 'kind', kind: 'status', title: { zh: '类型', en: 'Kind' }, width: 12, frozen: true, choices: [
      { value: 'out_of_stock', zh: '断货', en: 'out' }, { value: 'low_stock', zh: '低于安全库存', en: 'low' }, { value: 'overstock', zh: '积压', en: 'overstock' }, { value: 'oversold', zh: '超卖', en: 'oversold' }, { value: 'dead_stock', zh: '滞销', en: 'dead stock' }, { value: 'expired', zh: '已过期', en: 'expired' }, { value: 'expiring', zh: '临期', en: 'expiring' }, { value: 'negative_margin', zh: '成本高于售价', en: 'below cost' },
      { value: 'unmapped_listing', zh: '商品未对应', en: 'unmapped' }, { value: 'push_refused', zh: '同步被拒', en: 'push refused' }, { value: 'drift', zh: '平台库存不符', en: 'drift' },
    ] },
    { key: 'subject', field: 'subject', kind: 'id', title: { zh: '对象', en: 'Subject' }, width: 22 },
    { key: 'zh', field: 'zh', kind: 'text', title: { zh: '说明', en: 'In Chinese' }, width: 50 },
    { key: 'en', field: 'en', kind: 'text', title: { zh: '英文', en: 'What' }, width: 50 },
    { key: 'openedAt', field: 'openedAt', kind: 'instant', title: { zh: '开始', en: 'Since' }, width: 16 },
    { key: 'closedAt', field: 'closedAt', kind: 'instant', title: { zh: '结束', en: 'Closed' }, width: 16 },
  ],
});
