/** The order export of the Douyin shop back office: one row a sub-order; receivers are encrypted; `-` is empty. */
import { fenFromInteger, fenFromYuanText, minusFen, sumFen, type Fen } from '../../contract/values/money.ts';
import type { FileProblem, IncomingLine, IncomingOrder, PlatformOrderStatus, ReadFile, RefundState } from '../channel.ts';
import type { AfterSalesTable } from '../files/after-sales.ts';
import { KINDS, type SettlementTable } from '../files/settlement.ts';
import { fileInstant, idProblem, problem, type Table, type TableRow } from '../files/table.ts';

export const isDouyinExport = (t: Table): boolean => ['主订单编号', '子订单编号', '选购商品'].every((n) => t.names.includes(n));

const STATUS: readonly [RegExp, PlatformOrderStatus][] = [[/待支付|待付款/, 'unpaid'], [/部分发货/, 'partly_shipped'], [/待发货|备货中|待备货/, 'to_ship'], [/已发货|待收货/, 'shipped'], [/已完成|已签收/, 'completed'], [/已关闭|已取消/, 'closed']];
const statusOf = (text: string): PlatformOrderStatus => STATUS.find(([word]) => word.test(text))?.[1] ?? 'unknown';
const refundOf = (text: string): RefundState => (text === '' ? 'none' : /退款成功|已全额退款/.test(text) ? 'refunded' : /关闭|取消/.test(text) ? 'closed' : /拒绝/.test(text) ? 'refused' : /退货/.test(text) ? 'returning' : 'requested');

export function readDouyinExport(table: Table): ReadFile {
  const bad: FileProblem[] = [];
  const groups = new Map<string, TableRow[]>();
  for (const row of table.rows) {
    const id = row.cell('主订单编号');
    if (id === '' || /合计|总计/.test(id)) continue;
    const wrong = idProblem(row, '主订单编号') ?? idProblem(row, '子订单编号');
    if (wrong) bad.push(wrong);
    else groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  const orders = [...groups].flatMap(([id, rows]) => orderOf(id, rows, bad) ?? []);
  return { kind: 'orders', format: '抖店订单导出', channel: 'douyin', orders, lacks: ['receiver', 'buyer'], bad };
}

function orderOf(id: string, rows: readonly TableRow[], bad: FileProblem[]): IncomingOrder | undefined {
  const fen = (row: TableRow, name: string): Fen => {
    const text = row.cell(name);
    const read = fenFromYuanText(text === '' ? '0' : text.replaceAll(',', ''));
    if (read.ok) return read.value;
    bad.push(problem(row.row, name, 'not_an_amount', text, `“${text}”不是金额`, `“${text}” is not an amount`));
    return fenFromInteger(0);
  };
  const first = rows[0]!;
  const placedAt = fileInstant(first.cell('订单提交时间'));
  if (!placedAt) {
    bad.push(problem(first.row, '订单提交时间', 'not_a_time', first.cell('订单提交时间'), '不是时间', 'is not a time'));
    return undefined;
  }
  const lines = rows.map((row): IncomingLine => lineOf(row, fen));
  const freightFen = sumFen(rows.map((r) => fen(r, '运费')));
  const times = rows.flatMap((r) => ['订单提交时间', '发货时间', '订单完成时间'].flatMap((n) => fileInstant(r.cell(n)) ?? []));
  const status = together(rows.map((r) => statusOf(r.cell('订单状态'))));
  const shippedAt = fileInstant(first.cell('发货时间'));
  return {
    platformOrderId: id, platformStatus: first.cell('订单状态'), status, placedAt, ...(status === 'unpaid' ? {} : { paidAt: placedAt }), ...(shippedAt ? { shippedAt } : {}), modifiedAt: new Date(Math.max(...times.map((t) => t.getTime()))), paidFen: sumFen([...lines.map((l) => l.paidFen), freightFen]), freightFen,
    discountFen: sumFen(lines.flatMap((l) => l.discounts.map((d) => d.amountFen))), paymentTradeNo: '', cod: false, presale: false, buyerKey: '', buyerNick: '', buyerMessage: '', sellerMemo: first.cell('商家备注'), sellerFlag: 0,
    receiver: { name: '', phone: '', province: '', city: '', district: '', town: '', address: '', token: '', masked: true }, lines, flaws: status === 'unknown' ? [{ code: 'unknown_status', words: first.cell('订单状态') }] : [], complete: false, raw: JSON.stringify({ id, rows: rows.map((r) => r.row) }),
  };
}

/** 订单应付金额 is read as what the buyer pays with freight in it (not documented: unknown), so freight is taken out of the line. */
function lineOf(row: TableRow, fen: (row: TableRow, name: string) => Fen): IncomingLine {
  const quantity = Math.max(1, Number(row.cell('商品数量')) || 1);
  const paidFen = minusFen(fen(row, '订单应付金额'), fen(row, '运费'));
  const discounts = ([['platform', '平台实际承担优惠金额'], ['seller', '商家实际承担优惠金额'], ['influencer', '达人实际承担优惠金额']] as const).map(([bearer, name]) => ({ bearer, name, amountFen: fen(row, name) })).filter((d) => d.amountFen !== 0);
  const listed = sumFen([paidFen, ...discounts.map((d) => d.amountFen)]);
  return {
    platformLineId: row.cell('子订单编号'), platformItemId: '', platformSkuId: row.cell('商家编码') || `${row.cell('选购商品')} ${row.cell('商品规格')}`, merchantCode: row.cell('商家编码'), title: row.cell('选购商品'), properties: row.cell('商品规格'), quantity, unitPriceFen: fenFromInteger(Math.round(listed / quantity)), paidFen, discounts,
    refundState: refundOf(row.cell('售后状态')), platformRefundId: '', shipped: row.cell('发货时间') !== '',
  };
}
function together(all: readonly PlatformOrderStatus[]): PlatformOrderStatus {
  const open = all.filter((s) => s !== 'closed');
  if (open.length === 0) return 'closed';
  if (open.every((s) => s === open[0])) return open[0]!;
  return open.includes('unknown') ? 'unknown' : open.includes('to_ship') ? 'partly_shipped' : 'shipped';
}

/** 动账明细: the amount is what moved; what the platform took off a payment stands in columns of its own. */
export const douyinSettlement: SettlementTable = {
  format: '抖店动账明细', channel: 'douyin', needs: ['动账时间', '动账方向', '动账金额', '订单号'], key: ['动帐流水号', '动账流水号'], at: ['动账时间'], orderId: ['订单号'], words: ['动账场景', '计费类型'], note: ['备注'], fees: ['平台服务费', '佣金', '招商服务费', '站外推广费'], kinds: KINDS,
  amount: (fen, row) => { const n = fen('动账金额'); const way = row.cell('动账方向'); return n === undefined || !/入账|收入|出账|支出/.test(way) ? undefined : /出账|支出/.test(way) ? -Math.abs(n) : Math.abs(n); },
};
export const douyinAfterSales: AfterSalesTable = { format: '抖店售后', channel: 'douyin', refundId: ['售后单号', '售后编号'], orderId: ['订单号', '主订单编号', '主订单号'], lineId: ['商品单号', '子订单编号', '子订单号'] };
