/** The chart of accounts (numbers as in the Chinese accounting standard for small enterprises, extended below). Pure. */
export const ACCOUNTS = {
  '1002': { zh: '银行存款', en: 'Bank' },
  '1012': { zh: '支付账户', en: 'Payment account' },
  '1122': { zh: '应收平台款', en: 'Receivable from platforms' },
  '1405': { zh: '库存商品', en: 'Inventory' },
  '2202': { zh: '应付供应商', en: 'Payable to suppliers' },
  '2204': { zh: '合同负债', en: 'Paid, not yet shipped' },
  '2241': { zh: '应付快递费', en: 'Payable to couriers' },
  '3103': { zh: '接入前结转', en: 'Brought forward' },
  '6001': { zh: '主营业务收入', en: 'Sales' },
  '6002': { zh: '销售退回', en: 'Returns' },
  '6301': { zh: '营业外收入', en: 'Other income' },
  '6401': { zh: '主营业务成本', en: 'Cost of goods' },
  '6601': { zh: '平台佣金', en: 'Commission' },
  '6602': { zh: '快递费', en: 'Freight' },
  '6603': { zh: '支付与其他费用', en: 'Fees and other' },
  '6901': { zh: '盘盈盘亏', en: 'Stocktake differences' },
} as const;
export type Account = keyof typeof ACCOUNTS;

/** Figures of profit, and the account that each is the balance of; sales by credit, the others by debit. */
export const FIGURE_OF: Readonly<Partial<Record<Account, 'salesFen' | 'refundFen' | 'costFen' | 'commissionFen' | 'freightFen' | 'otherFen'>>> = { '6001': 'salesFen', '6002': 'refundFen', '6401': 'costFen', '6601': 'commissionFen', '6602': 'freightFen', '6301': 'otherFen', '6603': 'otherFen', '6901': 'otherFen' };
