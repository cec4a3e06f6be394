/** After-sales out of a platform's table: refund, order, amount, state. Column names are the ones that back offices show (samples: none, so names are alternatives). */
import { fenFromInteger, fenFromYuanText } from '../../contract/values/money.ts';
import type { FileProblem, IncomingRefund, ReadFile } from '../channel.ts';
import { REFUNDS } from './orders.ts';
import { fileInstant, idProblem, plainName, problem, type Table, type TableRow } from './table.ts';

export type AfterSalesTable = { readonly format: string; readonly channel: string; readonly refundId: readonly string[]; readonly orderId: readonly string[]; readonly lineId: readonly string[] };
const AMOUNT = ['退款金额', '买家退款金额', '实退金额', '退款总金额', '申请退款金额'];
const STATE = ['退款状态', '售后状态', '服务单状态', '状态'];
const ASKED = ['申请时间', '退款申请时间', '售后申请时间', '退款的申请时间'];
const CHANGED = ['退款完结时间', '退款成功时间', '售后完结时间', '更新时间', '最近修改时间', '完结时间'];
const REASON = ['退款原因', '买家退款原因', '售后原因', '申请原因', '问题描述'];
const KIND = ['售后类型', '退款类型', '服务类型', '是否需要退货'];
const has = (t: Table, names: readonly string[]): boolean => names.some((n) => t.names.includes(plainName(n)));
export const isAfterSales = (t: Table, spec: AfterSalesTable): boolean => has(t, spec.refundId) && has(t, spec.orderId) && has(t, AMOUNT) && has(t, STATE);

export function readAfterSales(table: Table, spec: AfterSalesTable): ReadFile {
  const bad: FileProblem[] = [];
  const refunds: IncomingRefund[] = [];
  for (const row of table.rows) {
    if (row.cell(...spec.refundId) === '' || /合计|总计/.test(row.cell(...spec.refundId))) continue;
    const read = refundOf(row, spec);
    if ('column' in read) bad.push(read);
    else refunds.push(read);
  }
  return { kind: 'refunds', format: spec.format, channel: spec.channel, refunds, bad };
}

function refundOf(row: TableRow, spec: AfterSalesTable): IncomingRefund | FileProblem {
  for (const name of [...spec.refundId, ...spec.orderId, ...spec.lineId]) {
    const wrong = idProblem(row, name);
    if (wrong) return wrong;
  }
  const amount = fenFromYuanText(row.cell(...AMOUNT).replace(/[¥￥,]/g, '') || '0');
  if (!amount.ok) return problem(row.row, AMOUNT[0]!, 'not_an_amount', row.cell(...AMOUNT), '不是金额', 'is not an amount');
  const createdAt = fileInstant(row.cell(...ASKED));
  if (!createdAt) return problem(row.row, ASKED[0]!, 'not_a_time', row.cell(...ASKED), '不是时间', 'is not a time');
  const state = row.cell(...STATE);
  return {
    platformRefundId: row.cell(...spec.refundId), platformOrderId: row.cell(...spec.orderId), platformLineId: row.cell(...spec.lineId), platformStatus: state, state: REFUNDS.find(([word]) => word.test(state))?.[1] ?? 'requested', refundFen: fenFromInteger(Math.abs(amount.value)), reason: row.cell(...REASON),
    hasGoodsReturn: /退货|^是$|换货/.test(row.cell(...KIND)), createdAt, modifiedAt: fileInstant(row.cell(...CHANGED)) ?? createdAt, raw: JSON.stringify({ row: row.row, state }),
  };
}
