import { HOLDS } from '../../contract/holds.ts';
import type { TableKind } from './table.ts';

export const ORDER_REVIEW: TableKind = {
  name: 'order-review', title: { zh: '审单规则', en: 'Order review' }, hit: 'all',
  fields: [
    { key: 'shop', type: 'text', zh: '店铺', en: 'Shop' }, { key: 'status', type: 'text', zh: '平台状态', en: 'Platform status' },
    { key: 'province', type: 'text', zh: '省', en: 'Province' }, { key: 'addressComplete', type: 'flag', zh: '地址完整', en: 'Address complete' },
    { key: 'receiverName', type: 'text', zh: '收件人', en: 'Receiver' }, { key: 'buyerMessage', type: 'text', zh: '买家留言', en: 'Buyer message' },
    { key: 'sellerMemo', type: 'text', zh: '卖家备注', en: 'Seller memo' }, { key: 'flag', type: 'number', zh: '旗帜', en: 'Flag' },
    { key: 'paid', type: 'money', zh: '实付', en: 'Paid' }, { key: 'margin', type: 'money', zh: '毛利', en: 'Margin' },
    { key: 'quantity', type: 'number', zh: '件数', en: 'Pieces' }, { key: 'weight', type: 'number', zh: '重量(克)', en: 'Weight (g)' },
    { key: 'unmatched', type: 'number', zh: '未对应行数', en: 'Lines without SKU' }, { key: 'refundInFlight', type: 'flag', zh: '退款中', en: 'Refund in flight' },
    { key: 'balanceUnpaid', type: 'flag', zh: '尾款未付', en: 'Balance unpaid' }, { key: 'flaws', type: 'list', zh: '数据问题', en: 'Flaws' },
    { key: 'tags', type: 'list', zh: '客户标签', en: 'Customer tags' },
  ],
  outcomes: [{ key: 'hold', type: 'choice', zh: '挂起原因', en: 'Hold reason', choices: HOLDS }, { key: 'note', type: 'text', zh: '说明', en: 'Note' }],
};
export const WAREHOUSE: TableKind = {
  name: 'warehouse', title: { zh: '分仓规则', en: 'Warehouse' }, hit: 'all',
  fields: [{ key: 'shop', type: 'text', zh: '店铺', en: 'Shop' }, { key: 'province', type: 'text', zh: '省', en: 'Province' }, { key: 'flags', type: 'list', zh: '货品标记', en: 'SKU flags' }],
  outcomes: [{ key: 'warehouse', type: 'text', zh: '仓库', en: 'Warehouse' }],
};
export const COURIER: TableKind = {
  name: 'courier', title: { zh: '快递规则', en: 'Courier' }, hit: 'first',
  fields: [
    { key: 'warehouse', type: 'text', zh: '仓库', en: 'Warehouse' }, { key: 'province', type: 'text', zh: '省', en: 'Province' }, { key: 'weight', type: 'number', zh: '重量(克)', en: 'Weight (g)' },
    { key: 'paid', type: 'money', zh: '实付', en: 'Paid' }, { key: 'flags', type: 'list', zh: '货品标记', en: 'SKU flags' }, { key: 'sellerMemo', type: 'text', zh: '卖家备注', en: 'Seller memo' },
  ],
  outcomes: [{ key: 'courier', type: 'text', zh: '快递', en: 'Courier' }],
};
export const FREIGHT: TableKind = {
  name: 'freight-price', title: { zh: '运费价格', en: 'Freight price' }, hit: 'first',
  fields: [{ key: 'courier', type: 'text', zh: '快递', en: 'Courier' }, { key: 'warehouse', type: 'text', zh: '仓库', en: 'Warehouse' }, { key: 'province', type: 'text', zh: '省', en: 'Province' }],
  outcomes: [
    { key: 'firstGrams', type: 'number', zh: '首重(克)', en: 'First weight (g)' }, { key: 'first', type: 'money', zh: '首重价', en: 'First price' },
    { key: 'stepGrams', type: 'number', zh: '续重(克)', en: 'Step (g)' }, { key: 'step', type: 'money', zh: '续重价', en: 'Step price' },
  ],
};
export const KINDS: readonly TableKind[] = [ORDER_REVIEW, WAREHOUSE, COURIER, FREIGHT];
export const kindOf = (name: string): TableKind | undefined => KINDS.find((k) => k.name === name);
