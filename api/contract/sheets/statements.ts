import { sheet } from './sheet.ts';

export const CLASS_CHOICES = [{ value: 'fee', zh: '手续费', en: 'fee' }, { value: 'withdrawal', zh: '提现', en: 'withdrawal' }, { value: 'transfer', zh: '转账', en: 'transfer' }, { value: 'other_income', zh: '其他收支', en: 'other' }, { value: 'brought_forward', zh: '接入前的订单', en: 'order of before' }] as const;
const ALL = [...CLASS_CHOICES, { value: 'sale', zh: '收款', en: 'sale' }, { value: 'refund', zh: '退款', en: 'refund' }, { value: 'commission', zh: '佣金', en: 'commission' }] as const;

export const statementsSheet = sheet({
  name: 'statements', noun: 'statements', title: { zh: '对账', en: 'Reconciliation' }, empty: { zh: '还没有账单。连接支付宝，或导入账单文件。', en: 'No bills yet. Connect a payment account, or import a bill.' },
  // Open lines first, then the newest.
  order: [{ field: 'state', descending: true }, { field: 'happenedAt', descending: true }],
  columns: [
    { key: 'key', field: 'key', kind: 'id', title: { zh: '账务流水号', en: 'Line' }, width: 26, frozen: true },
    { key: 'account', field: 'accountName', kind: 'text', title: { zh: '账户', en: 'Account' }, width: 18 },
    { key: 'happenedAt', field: 'happenedAt', kind: 'instant', title: { zh: '时间', en: 'Time' }, width: 16 },
    { key: 'amount', field: 'amountFen', kind: 'money', title: { zh: '金额', en: 'Amount' }, width: 12 },
    { key: 'fee', field: 'feeFen', kind: 'money', title: { zh: '手续费', en: 'Fee' }, width: 10 },
    { key: 'kind', field: 'platformKind', kind: 'text', title: { zh: '类型', en: 'Kind' }, width: 12 },
    { key: 'class', field: 'class', kind: 'choice', title: { zh: '归类', en: 'Class' }, width: 14, choices: ALL, editable: { command: 'classify', right: 'finance:write' } },
    { key: 'order', field: 'platformOrderId', kind: 'id', title: { zh: '订单号', en: 'Order' }, width: 22 },
    { key: 'difference', field: 'differenceFen', kind: 'money', title: { zh: '差额', en: 'Difference' }, width: 10 },
    { key: 'tradeNo', field: 'tradeNo', kind: 'id', title: { zh: '交易号', en: 'Trade no.' }, width: 30 },
    { key: 'merchantOrderNo', field: 'merchantOrderNo', kind: 'id', title: { zh: '商户订单号', en: 'Merchant order' }, width: 24 },
    { key: 'counterparty', field: 'counterparty', kind: 'text', title: { zh: '对方', en: 'Counterparty' }, width: 16 },
    { key: 'words', field: 'words', kind: 'text', title: { zh: '账单备注', en: 'Bill note' }, width: 20 },
    { key: 'note', field: 'note', kind: 'text', title: { zh: '我的备注', en: 'Our note' }, width: 20, editable: { command: 'classify', right: 'finance:write', maxLength: 200 } },
    { key: 'reason', field: 'reason', kind: 'why', title: { zh: '未对上的原因', en: 'Why it is open' }, width: 26 },
    { key: 'state', field: 'state', kind: 'status', title: { zh: '状态', en: 'State' }, width: 10, choices: [{ value: 'matched', zh: '已对上', en: 'matched' }, { value: 'classified', zh: '已归类', en: 'classified' }, { value: 'open', zh: '未对上', en: 'open' }] },
  ],
});
