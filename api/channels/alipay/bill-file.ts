/**
 * Alipay's bill files: 业务明细 (trade, 25 columns) and 账务明细 (ledger, 12 columns). Comment lines start with #, cells end
 * with a tab, parentheses come in both widths; columns are found by name. Facts: protocol notes of 2026-11, samples T1 to T3.
 */
import { parse } from 'csv-parse/sync';
import { fenFromInteger, fenFromYuanText, yuanText, type Fen } from '../../contract/values/money.ts';
import { businessDayOf, instantFromLocalText } from '../../contract/values/time.ts';
import type { Bill, BillLine, FileProblem } from '../channel.ts';

export type BillRead = { readonly bill: Bill; readonly bad: readonly FileProblem[] };
type Cell = (name: string) => string;
const plainName = (name: string): string => name.trim().replace(/（/g, '(').replace(/）/g, ')').replace(/\s/g, '');
const trim = (cell: string): string => cell.replace(/^[`']|\t/g, '').trim();

/** True for the text of a detail bill of either kind (and not for its summary). */
export const isAlipayBill = (text: string): boolean => /^#支付宝(业务|账务)明细查询/m.test(text.slice(0, 400)) && /^(支付宝交易号|账务流水号),/m.test(text.slice(0, 4000));

export function readAlipayBill(text: string): BillRead {
  const ledger = /^账务流水号,/m.test(text);
  const account = /#账号：\[(\d+)\]/.exec(text)?.[1]?.replace(/0156$/, '') ?? '';
  const all = text.split(/\r?\n/);
  const head = all.findIndex((l) => /^(支付宝交易号|账务流水号),/.test(l));
  const names = (all[head] ?? '').split(',').map(plainName);
  const lines: BillLine[] = [];
  const bad: FileProblem[] = [];
  for (let i = head + 1; i < all.length; i += 1) {
    const line = all[i]!;
    if (line.startsWith('#') || line.trim() === '') continue;
    const cells = (parse(line, { relax_quotes: true, relax_column_count: true }) as string[][])[0] ?? [];
    const cell: Cell = (name) => trim(cells[names.indexOf(name)] ?? '');
    const one = ledger ? ledgerLine(cell, i + 1) : tradeLine(cell, i + 1);
    if ('code' in one) bad.push(one);
    else lines.push(one);
  }
  const from = /起始日期：\[(\d{4})年(\d{2})月(\d{2})日/.exec(text);
  const day = from ? `${from[1]}-${from[2]}-${from[3]}` : lines[0] ? businessDayOf(lines[0].happenedAt) : '';
  return { bill: { channel: 'alipay', kind: ledger ? 'ledger' : 'trade', account, day, lines }, bad: [...bad, ...footerProblems(text, lines, ledger)] };
}

const problem = (row: number, column: string, code: string, read: string, zh: string, en: string): FileProblem => ({ row, column, code, read, words: { zh: `第 ${row} 行 ${column}：${zh}`, en: `Row ${row}, ${column}: ${en}` } });
const SCIENTIFIC = /^\d(\.\d+)?E\+\d+$/i;
function checked(cell: Cell, row: number, ids: readonly string[], amounts: readonly string[], time: string): FileProblem | { readonly fen: readonly Fen[]; readonly at: Date } {
  for (const name of ids) if (SCIENTIFIC.test(cell(name))) return problem(row, name, 'id_as_float', cell(name), `“${cell(name)}”是表格软件改坏的编号，请重新下载原文件`, `“${cell(name)}” was damaged by a spreadsheet: download the file again`);
  if (cell(ids[0]!) === '') return problem(row, ids[0]!, 'missing', '', '没有编号', 'no id');
  const fen: Fen[] = [];
  for (const name of amounts) {
    const read = fenFromYuanText(cell(name) === '' ? '0' : cell(name));
    if (!read.ok) return problem(row, name, 'not_an_amount', cell(name), `“${cell(name)}”不是金额`, `“${cell(name)}” is not an amount`);
    fen.push(read.value);
  }
  const at = instantFromLocalText(cell(time));
  return at ? { fen, at } : problem(row, time, 'not_a_time', cell(time), `“${cell(time)}”不是时间`, `“${cell(time)}” is not a time`);
}

/** An order of the Taobao platform stands as `T200P` and its number (seen in samples of account bills). */
const orderIn = (merchantOrderNo: string): string => /^T\d{2,4}P(\d{15,20})$/.exec(merchantOrderNo)?.[1] ?? '';

/** Kinds of the ledger are an open list (unknown): what is not named here stays `other` and is shown in its own words. */
const LEDGER_KINDS: readonly [RegExp, BillLine['kind']][] = [[/退款/, 'refund'], [/在线支付|交易(付款|分账)?$|收款/, 'sale'], [/收费|服务费|佣金|手续费/, 'fee'], [/提现/, 'withdrawal'], [/转账/, 'transfer']];

function ledgerLine(cell: Cell, row: number): BillLine | FileProblem {
  const read = checked(cell, row, ['账务流水号', '业务流水号', '商户订单号'], ['收入金额(+元)', '支出金额(-元)'], '发生时间');
  if ('code' in read) return read;
  const [income = 0, expense = 0] = read.fen;
  const platformKind = cell('业务类型');
  const kind = LEDGER_KINDS.find(([word]) => word.test(platformKind))?.[1] ?? 'other';
  return {
    key: cell('账务流水号'), lineNumber: row, kind, platformKind, tradeNo: cell('业务流水号'), merchantOrderNo: cell('商户订单号'), platformOrderId: orderIn(cell('商户订单号')), refundNo: '', happenedAt: read.at,
    // The sign of an expense is not documented (unknown): it counts as an outflow whichever way it is written.
    amountFen: fenFromInteger(income - Math.abs(expense)), feeFen: fenFromInteger(0), counterparty: cell('对方账号'), note: [cell('商品名称'), cell('备注')].filter(Boolean).join(' '),
  };
}

function tradeLine(cell: Cell, row: number): BillLine | FileProblem {
  const read = checked(cell, row, ['支付宝交易号', '商户订单号'], ['商家实收(元)', '服务费(元)'], '完成时间');
  if ('code' in read) return read;
  const platformKind = cell('业务类型');
  const refundNo = cell('退款批次号/请求号');
  return {
    key: `${cell('支付宝交易号')}|${platformKind}|${refundNo}`, lineNumber: row, kind: platformKind === '退款' ? 'refund' : platformKind === '交易' ? 'sale' : 'other', platformKind, tradeNo: cell('支付宝交易号'), merchantOrderNo: cell('商户订单号'), platformOrderId: orderIn(cell('商户订单号')), refundNo, happenedAt: read.at,
    amountFen: read.fen[0]!, feeFen: read.fen[1]!, counterparty: cell('对方账户'), note: [cell('商品名称'), cell('备注')].filter(Boolean).join(' '),
  };
}

type Sum = { readonly lines: number | string; readonly yuan: string };
const footerProblem = (word: string, read: string, stated: Sum, found: Sum): FileProblem =>
  problem(0, word, 'footer_differs', read, `文件末尾写 ${stated.lines} 笔 ${stated.yuan} 元，逐行加起来是 ${found.lines} 笔 ${found.yuan} 元：文件被截断或改过，请重新下载`, `the footer states ${stated.lines} lines, ${stated.yuan} yuan; the rows come to ${found.lines} lines, ${found.yuan} yuan: the file was cut or edited, download it again`);

/** The footer states counts and sums: a bill that does not reach them was cut. */
function footerProblems(text: string, lines: readonly BillLine[], ledger: boolean): FileProblem[] {
  const problems: FileProblem[] = [];
  if (!/^#-+(业务|账务)明细列表结束|^#(支出|收入|交易|退款)合计/m.test(text)) problems.push(problem(0, ledger ? '支出合计' : '交易合计', 'no_summary', '', '文件末尾没有合计，可能没下完整', 'the totals at the foot are missing: the file may be cut'));
  const check = (word: string, mine: readonly BillLine[], pattern: RegExp): void => {
    const found = pattern.exec(text);
    if (!found) return;
    const stated = fenFromYuanText(found[2]!);
    const sum = mine.reduce((n, l) => n + l.amountFen, 0);
    if (Number(found[1]) !== mine.length || !stated.ok || Math.abs(stated.value) !== Math.abs(sum)) problems.push(footerProblem(word, found[0], { lines: found[1]!, yuan: found[2]! }, { lines: mine.length, yuan: yuanText(fenFromInteger(sum)) }));
  };
  if (ledger) {
    check('支出合计', lines.filter((l) => l.amountFen < 0), /#支出合计：(\d+)笔，共(-?[\d.]+)元/);
    check('收入合计', lines.filter((l) => l.amountFen > 0), /#收入合计：(\d+)笔，共(-?[\d.]+)元/);
  } else {
    check('交易合计', lines.filter((l) => l.kind === 'sale'), /#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元/);
    check('退款合计', lines.filter((l) => l.kind === 'refund'), /#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元/);
  }
  return problems;
}
