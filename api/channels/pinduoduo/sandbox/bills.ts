/** The day's ledger as the stand-in writes it: GB18030, full-width brackets, expenses with their sign, a total at the end. */
import iconv from 'iconv-lite';
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';
import type { World, WorldPayment } from '../../sandbox/world.ts';

const DAY_MS = 86_400_000;
const local = (at: Date): string => new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ');
const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
export function ledgerOf(world: World, day: string): Buffer {
  const from = new Date(`${day}T00:00:00+08:00`);
  const rows = world.payments(from, new Date(from.getTime() + DAY_MS), 'wallet').filter((p) => p.channel === 'pinduoduo');
  const line = (p: WorldPayment): string => [p.tid, local(p.at), p.amountFen > 0 ? yuan(p.amountFen) : '', p.amountFen < 0 ? yuan(p.amountFen) : '', p.kind === 'sale' ? '交易收入' : p.kind === 'refund' ? '退款' : '技术服务费', ''].join(',');
  const sum = (sign: 1 | -1): number => rows.reduce((n, p) => n + (Math.sign(p.amountFen) === sign ? p.amountFen : 0), 0);
  return iconv.encode(['#账务明细', '商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注', ...rows.map(line), `合计,,${yuan(sum(1))},${yuan(sum(-1))},,`].join('\r\n'), 'gb18030');
}
