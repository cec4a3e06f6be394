import { sheet } from './sheet.ts';

export const profitSheet = sheet({
  name: 'profit', noun: 'profit', title: { zh: '利润', en: 'Profit' }, empty: { zh: '还没有记账。发货后利润会出现在这里。', en: 'Nothing is booked yet. Profit appears here once something has shipped.' },
  order: [{ field: 'month', descending: true }, { field: 'profitFen', descending: true }],
  columns: [
    { key: 'month', field: 'month', kind: 'text', title: { zh: '月份', en: 'Month' }, width: 10, frozen: true },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 18 },
    { key: 'skuCode', field: 'skuCode', kind: 'id', title: { zh: '货品编码', en: 'SKU' }, width: 14 },
    { key: 'name', field: 'name', kind: 'text', title: { zh: '名称', en: 'Name' }, width: 26 },
    { key: 'quantity', field: 'quantity', kind: 'quantity', title: { zh: '件数', en: 'Pieces' }, width: 9 },
    { key: 'sales', field: 'salesFen', kind: 'money', title: { zh: '收入', en: 'Sales' }, width: 13 },
    { key: 'refund', field: 'refundFen', kind: 'money', title: { zh: '退货', en: 'Returns' }, width: 12 },
    { key: 'cost', field: 'costFen', kind: 'money', title: { zh: '成本', en: 'Cost' }, width: 13 },
    { key: 'commission', field: 'commissionFen', kind: 'money', title: { zh: '佣金', en: 'Commission' }, width: 12 },
    { key: 'freight', field: 'freightFen', kind: 'money', title: { zh: '快递费', en: 'Freight' }, width: 12 },
    { key: 'other', field: 'otherFen', kind: 'money', title: { zh: '其他', en: 'Other' }, width: 11 },
    { key: 'profit', field: 'profitFen', kind: 'money', title: { zh: '利润', en: 'Profit' }, width: 13 },
    { key: 'margin', field: 'marginRate', kind: 'rate', title: { zh: '利润率', en: 'Margin' }, width: 9 },
    { key: 'channel', field: 'channel', kind: 'text', title: { zh: '渠道', en: 'Channel' }, width: 10 },
  ],
});
