/** Settlements of a platform's own wallet: one row a movement, found by its flow number; signs come from the direction, never from the text alone. */
import { fenFromInteger, fenFromYuanText, yuanText, type Fen } from '../../contract/values/money.ts';
import { businessDayOf, localTimeText } from '../../contract/values/time.ts';
import type { BillLine, FileProblem, ReadFile } from '../channel.ts';
import { fileInstant, idProblem, plainName, problem, type Table, type TableRow } from './table.ts';

export type SettlementTable = {
  readonly format: string; readonly channel: string; readonly needs: readonly string[]; readonly key: readonly string[]; readonly at: readonly string[]; readonly orderId: readonly string[]; readonly words: readonly string[]; readonly note: readonly string[];
  /** Columns of the key that hold the amount and its time: written as the platform's own file writes them, whatever a spreadsheet or an API made of them. */
  readonly keyed?: { readonly amount: string; readonly time: string };
  /** Where no column of its own names the order. */
  readonly orderIn?: (row: TableRow) => string;
  /** `trade`: another table of the same account tells of the same money more exactly. */
  readonly tells?: 'trade';
  /** The signed amount of a row, or undefined when its cells are no amounts. */
  readonly amount: (fen: (...names: readonly string[]) => number | undefined, row: TableRow) => number | undefined;
  /** Columns that were taken off inside the amount. */
  readonly fees: readonly string[];
  readonly kinds: readonly (readonly [RegExp, BillLine['kind']])[];
};
export const isSettlement = (t: Table, spec: SettlementTable): boolean => spec.needs.every((n) => t.names.includes(plainName(n)));
export const KINDS: SettlementTable['kinds'] = [[/退款|退货/, 'refund'], [/提现/, 'withdrawal'], [/货款|结算|交易收入|订单/, 'sale'], [/佣金|服务费|手续费|推广|扣款|费$/, 'fee'], [/转账|充值/, 'transfer']];

export function readSettlement(table: Table, spec: SettlementTable): ReadFile {
  const bad: FileProblem[] = [];
  const lines: BillLine[] = [];
  for (const row of table.rows) {
    if (row.cell(...spec.at) === '' || /合计|总计/.test(row.cell(...spec.key) + row.cell(...spec.orderId))) continue;
    const read = lineOf(row, spec);
    if ('column' in read) { bad.push(read); continue; }
    lines.push(read);
  }
  return { kind: 'bill', format: spec.format, bill: { channel: spec.channel, kind: spec.tells ?? 'ledger', account: '', day: lines[0] ? businessDayOf(lines[0].happenedAt) : '', lines: keyed(lines) }, bad };
}
/** Rows that are alike in everything that could tell them apart are counted, so that the same bill gives the same keys. */
export function keyed(lines: readonly BillLine[]): BillLine[] {
  const seen = new Map<string, number>();
  return lines.map((l) => {
    const n = (seen.get(l.key) ?? 0) + 1;
    seen.set(l.key, n);
    return n === 1 ? l : { ...l, key: `${l.key}|${n}` };
  });
}

function lineOf(row: TableRow, spec: SettlementTable): BillLine | FileProblem {
  for (const name of [...spec.key, ...spec.orderId]) {
    const wrong = idProblem(row, name);
    if (wrong) return wrong;
  }
  const happenedAt = fileInstant(row.cell(...spec.at));
  if (!happenedAt) return problem(row.row, spec.at[0]!, 'not_a_time', row.cell(...spec.at), '不是时间', 'is not a time');
  let wrong: string | undefined;
  const fen = (...names: readonly string[]): Fen | undefined => {
    const text = row.cell(...names).replace(/[¥￥,]/g, '');
    const read = fenFromYuanText(text === '' ? '0' : text);
    if (!read.ok) wrong = names[0];
    return read.ok ? read.value : undefined;
  };
  const netFen = spec.amount(fen, row);
  const feesFen = spec.fees.reduce((n, name) => n + Math.abs(fen(name) ?? 0), 0);
  if (netFen === undefined || wrong) return problem(row.row, wrong ?? spec.needs[0]!, 'not_an_amount', wrong ? row.cell(wrong) : '', '不是金额或没有收支方向', 'is not an amount, or has no direction');
  const platformKind = row.cell(...spec.words);
  const kind = spec.kinds.find(([word]) => word.test(platformKind))?.[1] ?? 'other';
  const orderId = spec.orderIn?.(row) ?? row.cell(...spec.orderId);
  return {
    key: spec.key.map((k) => keyPart(row, spec, k, netFen)).join('|'), lineNumber: row.row, kind, platformKind, tradeNo: '', merchantOrderNo: orderId, platformOrderId: orderId, refundNo: '', happenedAt, amountFen: fenFromInteger(kind === 'sale' ? netFen + feesFen : netFen), feeFen: fenFromInteger(kind === 'sale' ? -feesFen : 0), counterparty: '', note: row.cell(...spec.note),
  };
}
function keyPart(row: TableRow, spec: SettlementTable, name: string, netFen: number): string {
  if (name === spec.keyed?.amount) return yuanText(fenFromInteger(netFen));
  const at = name === spec.keyed?.time ? fileInstant(row.cell(name)) : undefined;
  return at ? localTimeText(at) : row.cell(name);
}
