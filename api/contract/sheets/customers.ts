import { sheet } from './sheet.ts';

export const customersSheet = sheet({
  name: 'customers', noun: 'customers', title: { zh: '客户', en: 'Customers' },
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '客户号', en: 'Customer' }, width: 30, frozen: true },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '昵称', en: 'Nick' }, width: 16 },
    { key: 'orders', field: 'orders', kind: 'quantity', title: { zh: '订单数', en: 'Orders' }, width: 8 },
    { key: 'paid', field: 'paidFen', kind: 'money', title: { zh: '累计实付', en: 'Paid' }, width: 12 },
    { key: 'refunds', field: 'refunds', kind: 'quantity', title: { zh: '退款数', en: 'Refunds' }, width: 8 },
    { key: 'refund', field: 'refundFen', kind: 'money', title: { zh: '累计退款', en: 'Refunded' }, width: 12 },
    { key: 'firstAt', field: 'firstAt', kind: 'instant', title: { zh: '首单', en: 'First order' }, width: 16 },
    { key: 'lastAt', field: 'lastAt', kind: 'instant', title: { zh: '最近', en: 'Last order' }, width: 16 },
    { key: 'tags', field: 'tagText', kind: 'text', title: { zh: '标签', en: 'Tags' }, width: 18, editable: { command: 'set-customer', right: 'customers:write', maxLength: 200 } },
    { key: 'blacklisted', field: 'blacklisted', kind: 'tick', title: { zh: '黑名单', en: 'Blacklisted' }, width: 8, editable: { command: 'set-customer', right: 'customers:write' } },
    { key: 'note', field: 'note', kind: 'text', title: { zh: '备注', en: 'Note' }, width: 24, editable: { command: 'set-customer', right: 'customers:write', maxLength: 500 } },
  ],
});
