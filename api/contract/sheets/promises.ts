import { sheet } from './sheet.ts';

export const promisesSheet = sheet({
  name: 'promises', noun: 'promises', title: { zh: '承诺台账', en: 'Promises' },
  empty: { zh: '还没有订单', en: 'no orders yet' }, order: [{ field: 'day', descending: true }, { field: 'shopName' }],
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '编号', en: 'Id' }, width: 36 },
    { key: 'day', field: 'day', kind: 'day', title: { zh: '日期', en: 'Day' }, width: 12, frozen: true },
    { key: 'shop', field: 'shopName', kind: 'text', title: { zh: '店铺', en: 'Shop' }, width: 18, frozen: true },
    { key: 'platform', field: 'platform', kind: 'quantity', title: { zh: '平台单数', en: 'Platform' }, width: 10 },
    { key: 'source', field: 'source', kind: 'status', title: { zh: '平台数来自', en: 'Counted by' }, width: 12, choices: [{ value: 'recount', zh: '夜间核对', en: 'nightly count' }, { value: 'pull', zh: '实时拉单', en: 'live pull' }] },
    { key: 'ours', field: 'ours', kind: 'quantity', title: { zh: '我们', en: 'Ours' }, width: 8 },
    { key: 'unpaid', field: 'unpaid', kind: 'quantity', title: { zh: '未付款', en: 'Unpaid' }, width: 8 },
    { key: 'waiting', field: 'waiting', kind: 'quantity', title: { zh: '待发', en: 'Waiting' }, width: 8 },
    { key: 'held', field: 'held', kind: 'quantity', title: { zh: '挂起', en: 'Held' }, width: 8 },
    { key: 'holds', field: 'holdText', kind: 'why', title: { zh: '挂起原因', en: 'Held for' }, width: 28 },
    { key: 'shipped', field: 'shipped', kind: 'quantity', title: { zh: '已发', en: 'Shipped' }, width: 8 },
    { key: 'pushed', field: 'pushed', kind: 'quantity', title: { zh: '已回传', en: 'Pushed' }, width: 8 },
    { key: 'refused', field: 'refused', kind: 'quantity', title: { zh: '回传被拒', en: 'Refused' }, width: 10 },
    { key: 'closed', field: 'closed', kind: 'quantity', title: { zh: '关闭', en: 'Closed' }, width: 8 },
    { key: 'elsewhere', field: 'elsewhere', kind: 'quantity', title: { zh: '别处发', en: 'Elsewhere' }, width: 10 },
    { key: 'difference', field: 'difference', kind: 'quantity', title: { zh: '差几单', en: 'Differ' }, width: 8 },
    { key: 'named', field: 'differenceText', kind: 'why', title: { zh: '差在哪', en: 'Which' }, width: 48 },
  ],
});
