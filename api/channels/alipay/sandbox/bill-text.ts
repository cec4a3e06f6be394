/** A day's bills as the platform writes them: comment lines round the table, tabs after texts, totals at the foot. */
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';
import type { WorldPayment } from '../../sandbox/world.ts';

export type Pay = Pick<WorldPayment, 'tradeNo' | 'merchantOrderNo' | 'kind' | 'refundNo' | 'amountFen' | 'at' | 'buyerAccount'>;
export const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
export const local = (at: Date): string => new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ');
const dayText = (day: string): string => day.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$1年$2月$3日');
const rule = (words: string): string => `#-----------------------------------------${words}----------------------------------------`;
const sum = (list: readonly Pay[]): string => yuan(list.reduce((n, p) => n + p.amountFen, 0));
const head = (what: string, pid: string, day: string): string[] => [`#支付宝${what}明细查询`, `#账号：[${pid}0156]`, `#起始日期：[${dayText(day)} 00:00:00]   终止日期：[${dayText(day)} 23:59:59]`, rule(`${what}明细列表`)];
const foot = (what: string, totals: readonly string[], now: Date): string[] => [rule(`${what}明细列表结束`), ...totals, `#导出时间：[${local(now)}]`, ''];

/** Newest first, with a running balance. */
export function ledgerText(day: string, payments: readonly Pay[], pid: string, now: Date): string {
  let balance = 1_000_000;
  const rows = payments.map((p, i) => {
    balance += p.amountFen;
    const words = { sale: ['在线支付', '订单货款'], refund: ['退款', '交易退款'], commission: ['收费', '天猫佣金（类目）'] }[p.kind];
    const serial = `${day.replaceAll('-', '')}${p.merchantOrderNo.slice(-10)}${p.kind === 'sale' ? '1' : p.kind === 'refund' ? '2' : '3'}${String(i).padStart(3, '0')}`;
    return `${serial}\t,${p.tradeNo}\t,${p.merchantOrderNo}\t,${words[1]},${local(p.at)},${p.buyerAccount}\t,${yuan(Math.max(0, p.amountFen))},${yuan(Math.min(0, p.amountFen))},${yuan(balance)},支付宝,${words[0]},`;
  }).reverse();
  const [income, expense] = [payments.filter((p) => p.amountFen > 0), payments.filter((p) => p.amountFen < 0)];
  return [...head('账务', pid, day), '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注', ...rows,
    ...foot('账务', [`#支出合计：${expense.length}笔，共${sum(expense)}元`, `#收入合计：${income.length}笔，共${sum(income)}元`], now)].join('\r\n');
}

/** Sales and refunds only; commission of the platform is no trade. */
export function tradeText(day: string, payments: readonly Pay[], pid: string, now: Date): string {
  const rows = payments.map((p) => [`${p.tradeNo}\t`, `${p.merchantOrderNo}\t`, p.kind === 'refund' ? '退款' : '交易', '订单货款', local(p.at), local(p.at), '\t', '\t', '\t', '\t', `${p.buyerAccount}\t`, yuan(p.amountFen), yuan(p.amountFen), '0.00', '0.00', '0.00', '0.00', '0.00', '', '0.00\t', '0.00', `${p.refundNo}\t`, '0.00', '0.00', ''].join(','));
  const [sales, refunds] = [payments.filter((p) => p.kind === 'sale'), payments.filter((p) => p.kind === 'refund')];
  return [...head('业务', pid, day), '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注', ...rows,
    ...foot('业务', [`#交易合计：${sales.length}笔，商家实收共${sum(sales)}元，商家优惠共0.00元`, `#退款合计：${refunds.length}笔，商家实收退款共${sum(refunds)}元，商家优惠退款共0.00元`], now)].join('\r\n');
}
