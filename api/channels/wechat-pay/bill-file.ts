/**
 * WeChat Pay's bills as tables: trade bill (ALL, SUCCESS, REFUND, the 24 columns of before) and fund flow. Header without marks,
 * cells that start with a back-tick, a summary of two lines at the end. Columns by name. Format pages of 2024-11 and 2024-12, samples.
 */
import { parse } from 'csv-parse/sync';
import { fenFromInteger, fenFromYuanText, negateFen, yuanText, type Fen } from '../../contract/values/money.ts';
import { businessDayOf, instantFromLocalText } from '../../contract/values/time.ts';
import type { Bill, BillLine, FileProblem } from '../channel.ts';

export type BillRead = { readonly bill: Bill; readonly bad: readonly FileProblem[] };
type Matrix = readonly (readonly string[])[];
const clean = (cell: string): string => cell.replace(/^\uFEFF/, '').replace(/\t/g, '').trim().replace(/^`/, '').trim();
/** Half and full width of parentheses both occur. */
const plainName = (name: string): string => clean(name).replace(/（/g, '(').replace(/）/g, ')').replace(/\(元\)$/, '');
const first = (matrix: Matrix): readonly string[] => (matrix[0] ?? []).map(plainName);
export const isTradeBill = (m: Matrix): boolean => ['交易时间', '微信订单号', '商户订单号', '交易状态'].every((n) => first(m).includes(n));
export const isFundFlow = (m: Matrix): boolean => ['记账时间', '资金流水单号', '收支类型'].every((n) => first(m).includes(n));
export const isWechatBill = (m: Matrix): boolean => isTradeBill(m) || isFundFlow(m);
/** The wallet's own export of a person, which is no merchant's bill. */
export const isPersonalExport = (text: string): boolean => /微信支付账单明细/.test(text.slice(0, 400)) || /交易时间,交易类型,交易对方,商品,收\/支/.test(text.slice(0, 4000));

/** Data cells are parted by `,` and a back-tick, since a goods name may hold commas; a file saved again by a spreadsheet is plain CSV. */
export function wechatMatrix(text: string): string[][] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/).map((line) => {
    if (line.startsWith('`')) return line.slice(1).split(',`').map((c) => c.trim());
    return line.trim() === '' ? [] : (parse(line, { relax_quotes: true, relax_column_count: true }) as string[][])[0] ?? [];
  });
}

const problem = (row: number, column: string, code: string, read: string, zh: string, en: string): FileProblem => ({ row, column, code, read, words: { zh: `第 ${row} 行 ${column}：${zh}`, en: `Row ${row}, ${column}: ${en}` } });
/** Fees come with five decimals: rounded to the fen, half away from zero. */
function feeFen(text: string): Fen | undefined {
  const m = /^(-?)(\d+)(?:\.(\d{0,5}))?$/.exec(text === '' ? '0' : text);
  if (!m) return undefined;
  const units = Number(m[2]) * 100_000 + Number((m[3] ?? '').padEnd(5, '0'));
  const fen = Math.floor((units + 500) / 1000);
  return fenFromInteger(m[1] && fen !== 0 ? -fen : fen);
}

type Cell = (...names: readonly string[]) => string;
type Cells = { readonly rows: readonly { readonly row: number; readonly cell: Cell }[]; readonly summary?: Cell; readonly names: ReadonlySet<string> };
function cellsOf(matrix: Matrix): Cells {
  const names = first(matrix);
  const cellIn = (heads: readonly string[], values: readonly string[]): Cell => (...asked) => asked.map((n) => clean(values[heads.indexOf(n)] ?? '')).find((c) => c !== '') ?? '';
  const rows = [];
  for (let i = 1; i < matrix.length; i += 1) {
    const line = matrix[i]!;
    if (line.every((c) => c.trim() === '')) continue;
    if (/^(总交易单数|资金流水总笔数)$/.test(clean(line[0] ?? ''))) return { rows, summary: cellIn(line.map(plainName), matrix[i + 1] ?? []), names: new Set(line.map(plainName)) };
    rows.push({ row: i + 1, cell: cellIn(names, line) });
  }
  return { rows, names: new Set() };
}

export function readWechatBill(matrix: Matrix): BillRead {
  const flow = isFundFlow(matrix);
  const cells = cellsOf(matrix);
  const lines: BillLine[] = [];
  const bad: FileProblem[] = [];
  let account = '';
  for (const { row, cell } of cells.rows) {
    account = cell('商户号') || account;
    const read = flow ? flowLine(cell, row) : tradeLine(cell, row);
    if ('code' in read) bad.push(read);
    else lines.push(read);
  }
  const bill: Bill = { channel: 'wechat-pay', kind: flow ? 'ledger' : 'trade', account, day: lines[0] ? businessDayOf(lines[0].happenedAt) : '', lines };
  return { bill, bad: [...bad, ...(cells.summary ? (flow ? flowSummary : tradeSummary)(lines, cells.summary, cells.names) : cells.rows.length > 0 ? [noSummary(flow)] : [])] };
}
const noSummary = (flow: boolean): FileProblem => problem(0, flow ? '资金流水总笔数' : '总交易单数', 'no_summary', '', '文件末尾没有汇总，可能没下完整', 'the summary at the end is missing: the file may be cut');

function checked(cell: Cell, row: number, ids: readonly string[], time: string): FileProblem | Date {
  for (const name of ids) if (/^\d+(\.\d+)?E\+\d+$/i.test(cell(name))) return problem(row, name, 'id_as_float', cell(name), `“${cell(name)}”是表格软件改坏的编号，请重新下载原文件`, `“${cell(name)}” was damaged by a spreadsheet: download the file again`);
  if (cell(ids[0]!) === '') return problem(row, ids[0]!, 'missing', '', '没有编号', 'no id');
  return instantFromLocalText(cell(time)) ?? problem(row, time, 'not_a_time', cell(time), `“${cell(time)}”不是时间`, `“${cell(time)}” is not a time`);
}
const amountProblem = (row: number, column: string, text: string): FileProblem => problem(row, column, 'not_an_amount', text, `“${text}”不是金额`, `“${text}” is not an amount`);

function tradeLine(cell: Cell, row: number): BillLine | FileProblem {
  const at = checked(cell, row, ['微信订单号', '商户订单号', '微信退款单号', '商户退款单号'], '交易时间');
  if ('code' in at) return at;
  const refund = cell('交易状态') === 'REFUND' || cell('交易状态') === 'REVOKED';
  const column = refund ? '退款金额' : '应结订单金额';
  const amount = fenFromYuanText(cell(column, refund ? '退款金额' : '总金额') || '0');
  if (!amount.ok) return amountProblem(row, column, cell(column));
  const fee = feeFen(cell('手续费'));
  if (fee === undefined) return amountProblem(row, '手续费', cell('手续费'));
  const refundNo = refund ? cell('微信退款单号') : '';
  return {
    key: refund ? `refund|${refundNo}` : `sale|${cell('微信订单号')}`, lineNumber: row, kind: refund ? 'refund' : 'sale', platformKind: cell('交易状态'), tradeNo: cell('微信订单号'), merchantOrderNo: cell('商户订单号'), platformOrderId: '', refundNo, happenedAt: at,
    amountFen: refund ? negateFen(amount.value) : amount.value, feeFen: negateFen(fee), counterparty: '', note: cell('商品名称'),
  };
}

/** Business names are an open list (by configuration): what is not named here stays `other` and is shown in its own words. */
const FLOW_KINDS: readonly [RegExp, BillLine['kind']][] = [[/手续费|服务费/, 'fee'], [/退款/, 'refund'], [/提现/, 'withdrawal'], [/付款|转账|红包/, 'transfer'], [/交易|收款/, 'sale']];
function flowLine(cell: Cell, row: number): BillLine | FileProblem {
  const at = checked(cell, row, ['资金流水单号', '微信支付业务单号', '业务凭证号'], '记账时间');
  if ('code' in at) return at;
  const amount = fenFromYuanText(cell('收支金额') || '0');
  if (!amount.ok) return amountProblem(row, '收支金额', cell('收支金额'));
  const way = cell('收支类型');
  if (way !== '收入' && way !== '支出') return problem(row, '收支类型', 'not_a_direction', way, `“${way}”不是收入或支出`, `“${way}” is neither income nor expense`);
  const platformKind = [cell('业务名称'), cell('业务类型')].filter((w, i, all) => w !== '' && all.indexOf(w) === i).join(' ');
  const kind = FLOW_KINDS.find(([word]) => word.test(platformKind))?.[1] ?? 'other';
  const number = cell('微信支付业务单号');
  return {
    key: `flow|${cell('资金流水单号')}`, lineNumber: row, kind, platformKind, tradeNo: kind === 'refund' ? '' : number, merchantOrderNo: cell('业务凭证号'), platformOrderId: '', refundNo: kind === 'refund' ? number : '', happenedAt: at,
    amountFen: way === '支出' ? negateFen(amount.value) : amount.value, feeFen: fenFromInteger(0), counterparty: cell('资金变更提交申请人'), note: cell('备注'),
  };
}

const differs = (name: string, stated: string, found: string, unit: { zh: string; en: string }): FileProblem =>
  problem(0, name, 'footer_differs', stated, `汇总写 ${stated} ${unit.zh}，逐行加起来是 ${found} ${unit.zh}：文件被截断或改过，请重新下载`, `the summary states ${stated} ${unit.en}; the rows come to ${found} ${unit.en}: the file was cut or edited, download it again`);
function checksOf(summary: Cell, names: ReadonlySet<string>): { readonly found: FileProblem[]; readonly sum: (name: string, mine: number) => void; readonly count: (name: string, mine: number) => void } {
  const found: FileProblem[] = [];
  return {
    found,
    // A summary of before lacks some columns: what it does not state is not compared.
    sum: (name, mine) => {
      const read = fenFromYuanText(summary(name) || '0');
      if (names.has(name) && (!read.ok || read.value !== mine)) found.push(differs(name, summary(name), yuanText(fenFromInteger(mine)), { zh: '元', en: 'yuan' }));
    },
    count: (name, mine) => { if (names.has(name) && Number(summary(name)) !== mine) found.push(differs(name, summary(name), String(mine), { zh: '笔', en: 'rows' })); },
  };
}
const total = (lines: readonly BillLine[]): number => lines.reduce((n, l) => n + l.amountFen, 0);

/** What the summary states must be what was read, or the file was cut. */
function tradeSummary(lines: readonly BillLine[], summary: Cell, names: ReadonlySet<string>): FileProblem[] {
  const { found, sum, count } = checksOf(summary, names);
  const [sales, refunds] = [lines.filter((l) => l.kind === 'sale'), lines.filter((l) => l.kind === 'refund')];
  count('总交易单数', lines.length);
  sum('应结订单总金额', total(sales));
  sum('总交易额', total(sales));
  sum('退款总金额', -total(refunds));
  sum('总退款金额', -total(refunds));
  return found;
}
function flowSummary(lines: readonly BillLine[], summary: Cell, names: ReadonlySet<string>): FileProblem[] {
  const { found, sum, count } = checksOf(summary, names);
  const [income, expense] = [lines.filter((l) => l.amountFen > 0), lines.filter((l) => l.amountFen < 0)];
  sum('收入金额', total(income));
  sum('支出金额', -total(expense));
  count('资金流水总笔数', lines.length);
  return found;
}
