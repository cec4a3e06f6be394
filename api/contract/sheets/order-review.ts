import { HOLDS } from '../holds.ts';
import { sheet, type Column } from './sheet.ts';

const condition = (key: string, zh: string, en: string, width = 14): Column => ({ key, field: `cells.${key}`, kind: 'text', title: { zh, en }, width, editable: { command: 'set-rule', right: 'rules:write', maxLength: 2000 } });

/** The review table itself: one row a rule; publishing it makes a new version. */
export const orderReviewSheet = sheet({
  name: 'order-review', noun: 'review-rules', title: { zh: '审单规则', en: 'Order review' },
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '规则', en: 'Rule' }, width: 8, frozen: true },
    { key: 'enabled', field: 'enabled', kind: 'tick', title: { zh: '启用', en: 'On' }, width: 6, editable: { command: 'set-rule', right: 'rules:write' } },
    { key: 'hold', field: 'cells.hold', kind: 'choice', title: { zh: '挂起原因', en: 'Hold reason' }, width: 18, choices: HOLDS, editable: { command: 'set-rule', right: 'rules:write', required: true } },
    condition('note', '说明', 'Note', 24), condition('shop', '店铺', 'Shop'), condition('province', '省', 'Province', 18), condition('addressComplete', '地址完整', 'Address complete'),
    condition('receiverName', '收件人', 'Receiver'), condition('buyerMessage', '买家留言', 'Buyer message', 24), condition('sellerMemo', '卖家备注', 'Seller memo', 20), condition('flag', '旗帜', 'Flag', 8),
    condition('paid', '实付', 'Paid'), condition('margin', '毛利', 'Margin'), condition('quantity', '件数', 'Pieces', 10), condition('weight', '重量(克)', 'Weight (g)'), condition('unmatched', '未对应行数', 'Lines without SKU'),
    condition('refundInFlight', '退款中', 'Refund in flight'), condition('balanceUnpaid', '尾款未付', 'Balance unpaid'), condition('flaws', '数据问题', 'Flaws'), condition('tags', '客户标签', 'Customer tags'), condition('status', '平台状态', 'Platform status'),
    { key: 'version', field: 'version', kind: 'quantity', title: { zh: '版本', en: 'Version' }, width: 8 },
  ],
});
