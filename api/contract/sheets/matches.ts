import { sheet } from './sheet.ts';

export const matchesSheet = sheet({
  name: 'matches', noun: 'matches', title: { zh: '勾对', en: 'Matches' }, empty: { zh: '还没有勾对。有了账单，重新对账后出现。', en: 'Nothing is matched yet. Matches come when bills are reconciled.' },
  order: [{ field: 'at', descending: true }],
  columns: [
    { key: 'statement', field: 'statementId', kind: 'id', title: { zh: '账单行', en: 'Statement line' }, width: 30, frozen: true },
    { key: 'platformOrderId', field: 'platformOrderId', kind: 'id', title: { zh: '订单号', en: 'Order' }, width: 22 },
    { key: 'refund', field: 'refundId', kind: 'id', title: { zh: '售后单', en: 'Refund' }, width: 30 },
    { key: 'amount', field: 'amountFen', kind: 'money', title: { zh: '金额', en: 'Amount' }, width: 12 },
    { key: 'rule', field: 'rule', kind: 'text', title: { zh: '凭什么', en: 'Matched by' }, width: 22 },
    { key: 'at', field: 'at', kind: 'instant', title: { zh: '勾对时间', en: 'Matched at' }, width: 16 },
  ],
});
