/**
 * The trade bill of WeChat Pay: header without marks, cells that start with a back-tick, a summary at the end. Refund rows hold
 * a positive refund and stand beside the sale's own numbers. Columns by name (facts: format page of 2024-11, samples).
 */
import { fenFromInteger, fenFromYuanText, negateFen, yuanText, type Fen } from '../../contract/values/money.ts';
import { businessDayOf, instantFromLocalText } from '../../contract/values/time.ts';
import type { Bill, BillLine, FileProblem } from '../channel.ts';

export type BillRead = { readonly bill: Bill; readonly bad: readonly FileProblem[] };
export const isWechatBill = (text: string): boolean => /^\uFEFF?交易时间,公众账号ID,商户号/.test(text);

const problem = (row: number, column: string, code: string, read: string, zh: string, en: string): FileProblem => ({ row, column, code, read, words: { zh: `第 ${row} 行 ${column}：${zh}`, en: `Row ${row}, ${column}: ${en}` } });
/** Data cells are parted by `,` and a back-tick; a goods name may hold commas of its own. */
const cellsOf = (line: string): string[] => (line.startsWith('`') ? line.slice(1).split(',`') : line.split(',')).map((c) => c.trim());
/** Fees come with five decimals: rounded to the fen, half away from zero. */
function feeFen(text: string): Fen | undefined {
  const m = /^(-?)(\d+)(?:\.(\d{0,5}))?$/.exec(text === '' ? '0' : text);
  if (!m) return undefined;
  const units = Number(m[2]) * 100_000 + Number((m[3] ?? '').padEnd(5, '0'));
  const fen = Math.floor((units + 500) / 1000);
  return fenFromInteger(m[1] && fen !== 0 ? -fen : fen);
}

export function readWechatBill(text: string): BillRead {
  const all = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = cellsOf(all[0] ?? '');
  const lines: BillLine[] = [];
  const bad: FileProblem[] = [];
  let account = '';
  let summary: ((name: string) => string) | undefined;
  for (let i = 1; i < all.length; i += 1) {
    if (all[i]!.trim() === '') continue;
    if (/^`?总交易单数/.test(all[i]!)) {
      const heads = cellsOf(all[i]!);
      const values = cellsOf(all[i + 1] ?? '');
      summary = (name) => values[heads.indexOf(name)] ?? '';
      break;
    }
    const cells = cellsOf(all[i]!);
    const cell = (...asked: readonly string[]): string => asked.map((n) => cells[names.indexOf(n)] ?? '').find((c) => c !== '') ?? '';
    account = cell('商户号') || account;
    const read = lineOf(cell, i + 1);
    if ('code' in read) bad.push(read);
    else lines.push(read);
  }
  const bill: Bill = { channel: 'wechat-pay', kind: 'trade', account, day: lines[0] ? businessDayOf(lines[0].happenedAt) : '', lines };
  return { bill, bad: [...bad, ...summaryProblems(lines, summary)] };
}

function lineOf(cell: (...names: readonly string[]) => string, row: number): BillLine | FileProblem {
  for (const name of ['微信订单号', '商户订单号', '微信退款单号']) if (/^\d+(\.\d+)?E\+?\d+$/i.test(cell(name))) return problem(row, name, 'id_as_float', cell(name), `“${cell(name)}”是表格软件改坏的编号，请重新下载原文件`, `“${cell(name)}” was damaged by a spreadsheet: download the file again`);
  const at = instantFromLocalText(cell('交易时间'));
  if (!at) return problem(row, '交易时间', 'not_a_time', cell('交易时间'), `“${cell('交易时间')}”不是时间`, `“${cell('交易时间')}” is not a time`);
  const refund = cell('交易状态') === 'REFUND' || cell('交易状态') === 'REVOKED';
  const column = refund ? '退款金额' : '应结订单金额';
  const amount = fenFromYuanText(cell(column, refund ? '退款金额' : '总金额') || '0');
  if (!amount.ok) return problem(row, column, 'not_an_amount', cell(column), `“${cell(column)}”不是金额`, `“${cell(column)}” is not an amount`);
  const fee = feeFen(cell('手续费'));
  if (fee === undefined) return problem(row, '手续费', 'not_an_amount', cell('手续费'), `“${cell('手续费')}”不是金额`, `“${cell('手续费')}” is not an amount`);
  const refundNo = refund ? cell('微信退款单号') : '';
  return {
    key: refund ? `refund|${refundNo}` : `sale|${cell('微信订单号')}`, lineNumber: row, kind: refund ? 'refund' : 'sale', platformKind: cell('交易状态'), tradeNo: cell('微信订单号'), merchantOrderNo: cell('商户订单号'), platformOrderId: '', refundNo, happenedAt: at,
    amountFen: refund ? negateFen(amount.value) : amount.value, feeFen: negateFen(fee), counterparty: '', note: cell('商品名称'),
  };
}

/** What the summary states must be what was read, or the file was cut. */
function summaryProblems(lines: readonly BillLine[], summary: ((name: string) => string) | undefined): FileProblem[] {
  if (!summary) return lines.length === 0 ? [] : [problem(0, '总交易单数', 'no_summary', '', '文件末尾没有汇总，可能没下完整', 'the summary at the end is missing: the file may be cut')];
  const found: FileProblem[] = [];
  const check = (name: string, mine: number): void => {
    const read = fenFromYuanText(summary(name) || '0');
    if (!read.ok || read.value !== mine) found.push(problem(0, name, 'footer_differs', summary(name), `汇总写 ${summary(name)} 元，逐行加起来是 ${yuanText(fenFromInteger(mine))} 元：文件被截断或改过，请重新下载`, `the summary states ${summary(name)} yuan; the rows come to ${yuanText(fenFromInteger(mine))} yuan: the file was cut or edited, download it again`));
  };
  if (Number(summary('总交易单数')) !== lines.length) found.push(problem(0, '总交易单数', 'footer_differs', summary('总交易单数'), `汇总写 ${summary('总交易单数')} 笔，读到 ${lines.length} 笔`, `the summary states ${summary('总交易单数')} rows; ${lines.length} were read`));
  check('应结订单总金额', lines.filter((l) => l.kind === 'sale').reduce((n, l) => n + l.amountFen, 0));
  check('退款总金额', -lines.filter((l) => l.kind === 'refund').reduce((n, l) => n + l.amountFen, 0));
  return found;
}
