/** Bills as WeChat Pay writes them: a mark before every cell, two lines of summary, UTF-8 with its mark. */
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';

export type PayLine = {
  readonly kind: 'sale' | 'refund' | 'service' | 'withdrawal' | 'transfer'; readonly tradeNo: string; readonly merchantNo: string; readonly refundNo: string; readonly merchantRefundNo?: string;
  /** As the account sees it; the fee is what is kept of a sale, and is above zero. */
  readonly amountFen: number; readonly feeFen: number; readonly at: string; readonly name: string; readonly state?: string;
};
const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
const local = (iso: string): string => new Date(Date.parse(iso) + 28_800_000).toISOString().slice(0, 19).replace('T', ' ');
const marked = (cells: readonly string[]): string => cells.map((c) => `\`${c}`).join(',');
const sum = (lines: readonly PayLine[], of: (l: PayLine) => number): number => lines.reduce((n, l) => n + of(l), 0);
const HEAD = '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';

export function tradeText(lines: readonly PayLine[], mch: string): string {
  const rows = lines.map((l) => {
    const refund = l.kind === 'refund';
    const [paid, back] = refund ? [0, -l.amountFen] : [l.amountFen, 0];
    return marked([local(l.at), 'wx0000000000000001', mch, '0', '', l.tradeNo, l.merchantNo, 'oMASKED00000000000000000001', 'JSAPI', refund ? 'REFUND' : 'SUCCESS', 'OTHERS', 'CNY', yuan(paid), '0.00', refund ? l.refundNo : '0', refund ? (l.merchantRefundNo ?? '') : '0', yuan(back), '0.00', refund ? 'ORIGINAL' : '', refund ? 'SUCCESS' : '', l.name, '', `${yuan(l.feeFen)}000`, '0.60%', yuan(paid), yuan(back), '']);
  });
  const [sales, refunds] = [lines.filter((l) => l.kind === 'sale'), lines.filter((l) => l.kind === 'refund')];
  const foot = marked([String(lines.length), yuan(sum(sales, (l) => l.amountFen)), yuan(-sum(refunds, (l) => l.amountFen)), '0.00', `${yuan(sum(lines, (l) => l.feeFen))}000`, yuan(sum(sales, (l) => l.amountFen)), yuan(-sum(refunds, (l) => l.amountFen))]);
  return `\uFEFF${[HEAD, ...rows, '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额', foot, ''].join('\r\n')}`;
}

const NAMES: Readonly<Record<PayLine['kind'], readonly [name: string, type: string]>> = { sale: ['交易', '交易'], refund: ['退款', '退款'], service: ['技术服务费', '扣除服务费'], withdrawal: ['提现申请', '提现'], transfer: ['商家转账', '转账'] };
export function flowText(lines: readonly PayLine[], mch: string): string {
  let [balance, serial] = [1_000_000, 0];
  type Move = { readonly fen: number; readonly row: string };
  const move = (l: PayLine, fen: number, name: string, type: string): Move => {
    balance += fen;
    serial += 1;
    return { fen, row: marked([local(l.at), l.kind === 'refund' ? l.refundNo : l.tradeNo, `4${local(l.at).slice(0, 10).replaceAll('-', '')}${String(serial).padStart(19, '0')}`, name, type, fen < 0 ? '支出' : '收入', yuan(Math.abs(fen)), yuan(balance), `${mch}API`, l.name, l.kind === 'refund' ? (l.merchantRefundNo ?? '') : l.merchantNo]) };
  };
  const moves = lines.flatMap((l) => [move(l, l.amountFen, ...NAMES[l.kind]), ...(l.feeFen === 0 ? [] : [move(l, -l.feeFen, '扣除交易手续费', '扣除交易手续费')])]);
  const [income, expense] = [moves.filter((m) => m.fen > 0), moves.filter((m) => m.fen < 0)];
  const total = (list: readonly Move[]): string => yuan(Math.abs(list.reduce((n, m) => n + m.fen, 0)));
  return `\uFEFF${['记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号', ...moves.map((m) => m.row), '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额', marked([String(moves.length), String(income.length), total(income), String(expense.length), total(expense)]), ''].join('\r\n')}`;
}
