/** The seller's own exports (千牛): order report and item report. Headers change over the years, so columns go by name (README). */
import { fenFromInteger, fenFromYuanText, type Fen } from '../../contract/values/money.ts';
import type { FileProblem, IncomingLine, IncomingOrder, PlatformOrderStatus, ReadFile, RefundState } from '../channel.ts';
import type { AfterSalesTable } from '../files/after-sales.ts';
import { fileInstant, idProblem, problem, type Table, type TableRow } from '../files/table.ts';

const has = (table: Table, ...names: readonly string[]): boolean => names.every((n) => table.names.includes(n));
export const isOrderExport = (t: Table): boolean => has(t, '订单编号', '订单状态', '订单创建时间') && !has(t, '子订单编号') && !has(t, '主订单编号', '购买数量') && (has(t, '总金额') || has(t, '买家实付金额'));
export const isItemExport = (t: Table): boolean => has(t, '购买数量') && (has(t, '主订单编号') || has(t, '订单编号', '商家编码')) && !has(t, '选购商品');

const STATUS: readonly [RegExp, PlatformOrderStatus][] = [[/等待买家付款/, 'unpaid'], [/部分发货/, 'partly_shipped'], [/买家已付款,等待卖家发货|待发货/, 'to_ship'], [/卖家已发货/, 'shipped'], [/交易成功/, 'completed'], [/交易关闭/, 'closed']];
const statusOf = (text: string): PlatformOrderStatus => STATUS.find(([word]) => word.test(text.replace('，', ',')))?.[1] ?? 'unknown';
const refundOf = (text: string): RefundState => (text === '' || /没有申请|无退款/.test(text) ? 'none' : /成功|完成/.test(text) ? 'refunded' : /关闭/.test(text) ? 'closed' : /拒绝/.test(text) ? 'refused' : /退货/.test(text) ? 'returning' : 'requested');

type Money = { readonly fen: (row: TableRow, ...names: readonly string[]) => Fen; readonly bad: FileProblem[] };
function moneyReader(): Money {
  const bad: FileProblem[] = [];
  return {
    bad,
    fen: (row, ...names) => {
      const text = row.cell(...names);
      if (text === '' || /^[^\d.-]+$/.test(text)) return fenFromInteger(0);
      const read = fenFromYuanText(text.replaceAll(',', ''));
      if (read.ok) return read.value;
      bad.push(problem(row.row, names[0]!, 'not_an_amount', text, `“${text}”不是金额`, `“${text}” is not an amount`));
      return fenFromInteger(0);
    },
  };
}
/** The exports' address is one text: province, city, district, then the street, parted by blanks. */
function addressOf(text: string): Pick<IncomingOrder['receiver'], 'province' | 'city' | 'district' | 'town' | 'address'> {
  const parts = text.split(/\s+/).filter(Boolean);
  return { province: parts[0] ?? '', city: parts[1] ?? '', district: parts[2] ?? '', town: '', address: parts.slice(3).join(' ') };
}

export function readOrderExport(table: Table): ReadFile {
  const money = moneyReader();
  const bad: FileProblem[] = money.bad;
  const orders: IncomingOrder[] = [];
  for (const row of table.rows) {
    const id = row.cell('订单编号');
    if (id === '' || /合计|总计/.test(id)) continue;
    const wrong = idProblem(row, '订单编号') ?? idProblem(row, '支付单号');
    const placedAt = fileInstant(row.cell('订单创建时间'));
    if (wrong) bad.push(wrong);
    else if (!placedAt) bad.push(problem(row.row, '订单创建时间', 'not_a_time', row.cell('订单创建时间'), '不是时间', 'is not a time'));
    else orders.push(orderOf(row, id, placedAt, money));
  }
  return { kind: 'orders', format: '淘宝订单报表', channel: 'taobao', orders, lacks: ['lines'], bad };
}
function orderOf(row: TableRow, id: string, placedAt: Date, money: Money): IncomingOrder {
  const status = statusOf(row.cell('订单状态'));
  const at = (name: string): Date | undefined => fileInstant(row.cell(name));
  const [paidAt, completedAt, shippedAt] = [at('订单付款时间'), at('确认收货时间'), at('发货时间')];
  const times = [placedAt, paidAt, completedAt, shippedAt].filter((t) => t !== undefined);
  const paidFen = money.fen(row, '买家实际支付金额', '买家实付金额', '总金额');
  return {
    platformOrderId: id, platformStatus: row.cell('订单状态'), status, placedAt, ...(paidAt ? { paidAt } : {}), ...(completedAt ? { completedAt } : {}), ...(shippedAt ? { shippedAt } : {}), modifiedAt: new Date(Math.max(...times.map((t) => t.getTime()))), paidFen, freightFen: money.fen(row, '买家应付邮费'), discountFen: fenFromInteger(0),
    paymentTradeNo: row.cell('支付单号'), cod: /货到付款/.test(row.cell('支付详情')), presale: row.cell('分阶段订单信息') !== '', buyerKey: row.cell('买家会员名'), buyerNick: row.cell('买家会员名'), buyerMessage: row.cell('买家留言').replace(/^null$/i, ''), sellerMemo: row.cell('订单备注', '商家备注').replace(/^null$/i, ''), sellerFlag: 0,
    receiver: { name: row.cell('收货人姓名'), phone: row.cell('联系手机', '联系电话'), ...addressOf(row.cell('修改后的收货地址', '收货地址')), token: '', masked: row.cell('收货人姓名').includes('*') },
    lines: [], flaws: status === 'unknown' ? [{ code: 'unknown_status', words: row.cell('订单状态') }] : [], complete: false, raw: JSON.stringify({ row: row.row, id, status: row.cell('订单状态') }),
  };
}

export function readItemExport(table: Table): ReadFile {
  const money = moneyReader();
  const bad: FileProblem[] = money.bad;
  const lines: { platformOrderId: string; status: PlatformOrderStatus; line: IncomingLine; row: number }[] = [];
  const main = table.names.includes('主订单编号') ? '主订单编号' : '订单编号';
  const counts = new Map<string, number>();
  for (const row of table.rows) {
    const id = row.cell(main);
    if (id === '' || /合计|总计/.test(id)) continue;
    const wrong = idProblem(row, main) ?? idProblem(row, '子订单编号');
    const quantity = Number(row.cell('购买数量'));
    if (wrong) bad.push(wrong);
    else if (!Number.isSafeInteger(quantity) || quantity < 1) bad.push(problem(row.row, '购买数量', 'not_whole', row.cell('购买数量'), '不是整数', 'is not a whole number'));
    else {
      const n = (counts.get(id) ?? 0) + 1;
      counts.set(id, n);
      lines.push({ platformOrderId: id, status: statusOf(row.cell('订单状态')), row: row.row, line: lineOf(row, id, n, quantity, money) });
    }
  }
  return { kind: 'lines', format: '淘宝宝贝报表', channel: 'taobao', lines, bad };
}
/** Old reports give no sub-order number: the order's number and the line's place stand in for it. */
function lineOf(row: TableRow, id: string, place: number, quantity: number, money: Money): IncomingLine {
  const unitPriceFen = money.fen(row, '商品价格', '价格');
  return {
    platformLineId: row.cell('子订单编号') || `${id}-${place}`, platformItemId: row.cell('商品ID'), platformSkuId: row.cell('外部系统编号', '商家编码') || row.cell('商品属性'), merchantCode: row.cell('外部系统编号', '商家编码').replace(/^null$/i, ''), title: row.cell('商品标题', '标题'), properties: row.cell('商品属性'), quantity, unitPriceFen,
    paidFen: money.fen(row, '买家实付金额', '买家应付货款'), discounts: [], refundState: refundOf(row.cell('退款状态')), platformRefundId: '', shipped: /卖家已发货|交易成功/.test(row.cell('订单状态')),
  };
}
export const taobaoAfterSales: AfterSalesTable = { format: '淘宝退款报表', channel: 'taobao', refundId: ['退款编号'], orderId: ['订单编号', '主订单编号'], lineId: ['子订单编号'] };
