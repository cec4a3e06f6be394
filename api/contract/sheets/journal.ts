import { sheet } from './sheet.ts';

export const journalSheet = sheet({
  name: 'journal', noun: 'journal', title: { zh: '凭证', en: 'Journal' }, order: [{ field: 'at', descending: true }, { field: 'id' }],
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '凭证行', en: 'Line' }, width: 34, frozen: true },
    { key: 'day', field: 'day', kind: 'day', title: { zh: '日期', en: 'Day' }, width: 11 },
    { key: 'event', field: 'event', kind: 'text', title: { zh: '事件', en: 'Event' }, width: 16 },
    { key: 'account', field: 'account', kind: 'id', title: { zh: '科目', en: 'Account' }, width: 8 },
    { key: 'accountName', field: 'accountName', kind: 'why', title: { zh: '科目名称', en: 'Account name' }, width: 18 },
    { key: 'debit', field: 'debitFen', kind: 'money', title: { zh: '借', en: 'Debit' }, width: 12 },
    { key: 'credit', field: 'creditFen', kind: 'money', title: { zh: '贷', en: 'Credit' }, width: 12 },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 16 },
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14 },
    { key: 'reference', field: 'reference', kind: 'id', title: { zh: '依据', en: 'Reference' }, width: 30 },
  ],
});
