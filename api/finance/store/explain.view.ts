/** What figures of the books are made of: profit of journal lines, a journal line of the fact that was booked. */
import type { Both } from '../../contract/route.ts';
import { sumOf, term, type Explained, type Explainer, type Explains, type FigurePart, type FigureRow } from '../../contract/why.ts';
import { Orders, Parcels, Refunds, type OrderDoc, type ParcelDoc, type RefundDoc } from '../../orders/index.ts';
import { Receipts, type ReceiptDoc } from '../../purchasing/index.ts';
import { Corrections, Movements, type CorrectionDoc, type MovementDoc } from '../../stock/index.ts';
import { expectCommissions } from '../workflows/expect-commissions.ts';
import { ACCOUNTS, FIGURE_OF, type Account } from '../domain/accounts.ts';
import { journalRows, profitRows, statementRows } from './finance.view.ts';
import { JournalLines, Profits, Statements, type JournalLineDoc, type ProfitDoc, type StatementDoc } from './models.ts';

const none: Both = { zh: '', en: '' };
const EVENTS: Readonly<Record<string, Both>> = { 'order.paid': { zh: '买家付款', en: 'buyer paid' }, 'parcel.shipped': { zh: '发货', en: 'shipped' }, refund: { zh: '退款', en: 'refund' }, 'deposit.forfeited': { zh: '定金没收', en: 'deposit forfeited' }, 'receipt.posted': { zh: '采购到货', en: 'goods received' }, 'commission.difference': { zh: '佣金差额', en: 'commission difference' }, 'stock.correction': { zh: '成本更正', en: 'cost corrected' } };
const eventWords = (event: string): Both => EVENTS[event] ?? (event.startsWith('statement.') ? { zh: '账单', en: 'bill line' } : event.startsWith('stock.') ? { zh: '库存变动', en: 'stock movement' } : { zh: event, en: event });
const accountWords = (account: string): Both => ACCOUNTS[account as Account] ?? { zh: account, en: account };
const net = (l: Pick<JournalLineDoc, 'debitFen' | 'creditFen'>): number => l.debitFen - l.creditFen;

const journalPart = (l: JournalLineDoc, value: number, kind: FigurePart['kind'] = 'money'): FigurePart => {
  const words = eventWords(l.event);
  return { label: { zh: `${l.day} ${words.zh}`, en: `${l.day} ${words.en}` }, words: { zh: l.reference, en: l.reference }, value, kind, ref: { noun: 'journal', id: l._id, field: kind === 'quantity' ? 'quantity' : l.debitFen !== 0 ? 'debitFen' : 'creditFen' } };
};

/** The journal lines of a figure of profit; sales by credit, the others by debit. */
async function linesOfFigure(row: FigureRow, figure: string): Promise<JournalLineDoc[]> {
  const accounts = Object.entries(FIGURE_OF).filter(([, f]) => f === figure).map(([account]) => account);
  const month = String(row['month']);
  return JournalLines.find({ shopId: row['shopId'], skuCode: row['skuCode'], day: { $gte: `${month}-01`, $lte: `${month}-31` }, account: { $in: accounts } } as never).sort({ at: 1, _id: 1 }).lean<JournalLineDoc[]>();
}
const profitFigure: Explainer = async (row, field) => {
  const lines = await linesOfFigure(row, field);
  const names = [...new Set(lines.map((l) => l.account))].map(accountWords);
  const of: Both = { zh: names.map((n) => n.zh).join('、'), en: names.map((n) => n.en).join(', ') };
  return sumOf({ zh: `${String(row['month'])} 记在“${of.zh}”的 ${lines.length} 笔凭证之和。`, en: `The sum of ${lines.length} journal lines of ${String(row['month'])} on ${of.en || 'no account'}.` }, lines.map((l) => journalPart(l, field === 'salesFen' ? -net(l) : net(l))));
};
const profitQuantity: Explainer = async (row) => {
  const lines = (await linesOfFigure(row, 'salesFen')).filter((l) => l.quantity !== 0);
  return sumOf({ zh: `${lines.length} 次发货的件数之和。`, en: `The pieces of ${lines.length} shipments.` }, lines.map((l) => journalPart(l, l.quantity, 'quantity')));
};
const costs = ['refundFen', 'costFen', 'commissionFen', 'freightFen', 'otherFen'] as const;
const profitItself: Explainer = (row) => sumOf({ zh: '利润 = 收入 − 退货 − 成本 − 佣金 − 快递费 − 其他。', en: 'Profit = sales − returns − cost − commission − freight − other.' }, [term(row, 'profit', 'salesFen'), ...costs.map((f) => term(row, 'profit', f, -1))]);
const margin: Explainer = (row) => ({ sentence: { zh: '利润率 = 利润 ÷ 收入；没有收入时为 0。', en: 'Margin = profit over sales; 0 without sales.' }, how: Number(row['salesFen']) === 0 ? 'leaf' : 'quotient', parts: [term(row, 'profit', 'profitFen'), term(row, 'profit', 'salesFen')] });

/** The fact behind a line: what it is, and what it says in fen. */
type Fact = { readonly words: Both; readonly parts: readonly FigurePart[] };
const refPart = (label: Both, noun: string, id: string, field: string, value: number, words: Both = none): FigurePart => ({ label, words, value, kind: 'money', ref: { noun, id, field } });

async function factOf(l: JournalLineDoc, size: number): Promise<Fact | undefined> {
  if (l.event === 'order.paid') return paidFact(l);
  if (l.event === 'parcel.shipped') return shippedFact(l, size);
  if (l.event === 'refund') return refundFact(l);
  if (l.event === 'deposit.forfeited') return { words: { zh: '买家没有付尾款，定金归商家', en: 'the balance was never paid: the deposit is the seller’s' }, parts: [] };
  if (l.event === 'receipt.posted') return receiptFact(l);
  if (l.event === 'stock.correction') {
    const c = await Corrections.findById(l.entryKey.slice('correction:'.length)).lean<CorrectionDoc>();
    return c ? { words: { zh: `后到的成本改了这次变动：${c.words}`, en: `a cost that came later changed this movement: ${c.words}` }, parts: [refPart({ zh: '出入库流水', en: 'Movement' }, 'movements', c.movementId, 'costFen', Math.sign(net(l)) * size)] } : undefined;
  }
  if (l.event.startsWith('stock.')) {
    const m = await Movements.findById(l.entryKey.slice('movement:'.length)).lean<MovementDoc>();
    return m ? { words: { zh: `库存变动 ${m.skuCode} × ${m.quantity}${m.reason ? `（${m.reason}）` : ''}`, en: `a movement of ${m.quantity} × ${m.skuCode}${m.reason ? ` (${m.reason})` : ''}` }, parts: [refPart({ zh: '录入时成本', en: 'Cost as first known' }, 'movements', m._id, 'firstCostFen', m.costFen)] } : undefined;
  }
  const statement = l.event.startsWith('statement.') ? await Statements.findOne({ _id: l.entryKey.slice('statement:'.length) }).lean<StatementDoc>() : null;
  return statement ? { words: { zh: `账单行 ${statement.key}`, en: `bill line ${statement.key}` }, parts: [refPart({ zh: '账单金额', en: 'Amount on the bill' }, 'statements', statement._id, 'amountFen', statement.amountFen)] } : undefined;
}

async function paidFact(l: JournalLineDoc): Promise<Fact | undefined> {
  const order = await Orders.findById(l.orderId).lean<OrderDoc>();
  if (!order) return undefined;
  const number = (key: string): number => Number(key.split(':').at(-1));
  const earlier = (await JournalLines.find({ orderId: l.orderId, account: '1122', event: 'order.paid' }).lean<JournalLineDoc[]>()).filter((x) => number(x.entryKey) < number(l.entryKey));
  // A presale's first payment is its deposit; the balance is what the order pays in all, less that.
  if (order.step && earlier.length === 0 && net(l) !== order.paidFen) return { words: { zh: `订单 ${order.platformOrderId} 的定金`, en: `the deposit of order ${order.platformOrderId}` }, parts: [refPart({ zh: '已收定金', en: 'Deposit received' }, 'orders', order._id, 'receivedFen', Math.abs(net(l)))] };
  return { words: { zh: `订单 ${order.platformOrderId} 的实付${earlier.length > 0 ? '，减去已记的' : ''}`, en: `what order ${order.platformOrderId} paid${earlier.length > 0 ? ', less what was booked' : ''}` }, parts: [refPart({ zh: '订单实付', en: 'Paid' }, 'orders', order._id, 'paidFen', order.paidFen), ...earlier.map((x) => journalPart(x, -net(x)))] };
}

async function shippedFact(l: JournalLineDoc, size: number): Promise<Fact | undefined> {
  const [order, parcel] = await Promise.all([Orders.findById(l.orderId).lean<OrderDoc>(), l.entryKey.startsWith('parcel.shipped:') ? Parcels.findById(l.reference).lean<ParcelDoc>() : null]);
  const line = order?.lines.find((x) => x.platformLineId === l.lineId);
  if ((l.account === '6001' || l.account === '2204') && order && line) {
    const before = await JournalLines.find({ orderId: order._id, account: '2204', event: 'refund', lineId: l.lineId, at: { $lte: l.at } }).lean<JournalLineDoc[]>();
    const paid = refPart({ zh: '这一行的实付', en: 'Paid for the line' }, 'orders', order._id, `lines.${l.lineId}.paidFen`, line.paidFen);
    const back = before.map((x) => journalPart(x, -net(x)));
    const freight = size - line.paidFen - back.reduce((n, p) => n + p.value, 0);
    return { words: { zh: `订单 ${order.platformOrderId} 这一行的收入`, en: `what a line of order ${order.platformOrderId} sold for` }, parts: [paid, ...back, ...(freight === 0 ? [] : [refPart({ zh: '分到的买家运费', en: 'Its share of the freight that the buyer paid' }, 'orders', order._id, 'freightFen', freight)])] };
  }
  if (l.account === '6401' || l.account === '1405' || l.account === '3103' || l.account === '2202') return costFact(l, parcel);
  if (l.account === '6602' || l.account === '2241') return parcel ? { words: { zh: '包裹运费，按订单和行分摊', en: 'the parcel’s freight, shared over orders and lines' }, parts: [refPart({ zh: '包裹运费（分到的）', en: 'Freight of the parcel (this share)' }, 'parcels', parcel._id, 'freightFen', size)] } : undefined;
  if (order?.commissionFen === 0) return { words: { zh: '平台没给佣金，按费率规则估，按行分摊', en: 'the platform named no commission: what the fee table expects, shared over lines' }, parts: [] };
  return order ? { words: { zh: '平台佣金，按行分摊', en: 'the platform’s commission, shared over lines' }, parts: [refPart({ zh: '订单佣金（分到的）', en: 'Commission of the order (this share)' }, 'orders', order._id, 'commissionFen', size)] } : undefined;
}
async function costFact(l: JournalLineDoc, parcel: ParcelDoc | null): Promise<Fact | undefined> {
  if (!parcel) return { words: { zh: '接入前发的货，按货品参考成本', en: 'shipped before we were connected: at the SKU’s reference cost' }, parts: [] };
  if (parcel.supplierId) return { words: { zh: '供应商代发：按货品进价欠供应商', en: 'shipped by its supplier: owed to them at what the SKU is bought for' }, parts: parcel.costs.filter((c) => l.skuCode === '' || c.skuCode === l.skuCode).map((c) => ({ label: { zh: `${c.skuCode} × ${c.quantity}`, en: `${c.quantity} × ${c.skuCode}` }, words: none, value: c.costFen, kind: 'money' as const })) };
  const movements = await Movements.find({ reference: parcel._id, kind: 'shipment' }).lean<MovementDoc[]>();
  return { words: { zh: '包裹出库的成本', en: 'the cost of the goods that left in the parcel' }, parts: movements.map((m) => refPart({ zh: `${m.skuCode} × ${m.quantity}`, en: `${m.quantity} × ${m.skuCode}` }, 'movements', m._id, 'firstCostFen', m.costFen)) };
}
async function refundFact(l: JournalLineDoc): Promise<Fact | undefined> {
  const refund = l.entryKey.startsWith('refund:') ? await Refunds.findById(l.entryKey.slice('refund:'.length)).lean<RefundDoc>() : null;
  return refund ? { words: { zh: `退款单 ${refund.platformRefundId}`, en: `refund ${refund.platformRefundId}` }, parts: [refPart({ zh: '退款金额', en: 'Refunded' }, 'after-sales', refund._id, 'refundFen', refund.refundFen)] } : { words: { zh: '订单关闭，余款退回', en: 'the order was closed and the rest went back' }, parts: [refPart({ zh: '订单实付', en: 'Paid' }, 'orders', l.orderId, 'paidFen', l.debitFen + l.creditFen)] };
}
async function receiptFact(l: JournalLineDoc): Promise<Fact | undefined> {
  const receipt = await Receipts.findById(l.entryKey.slice('receipt:'.length)).lean<ReceiptDoc>();
  if (!receipt) return undefined;
  return { words: { zh: `到货单 ${receipt.number}`, en: `receipt ${receipt.number}` }, parts: receipt.lines.filter((x) => l.skuCode === '' || x.skuCode === l.skuCode).map((x) => refPart({ zh: `${x.skuCode} × ${x.quantity}`, en: `${x.quantity} × ${x.skuCode}` }, 'receipts', receipt._id, `lines.${x.skuCode}.amountFen`, x.quantity * x.unitCostFen)) };
}

/** A line of the journal: the fact, when the fact alone gives the amount; else the lines that it balances with, which always do. */
const journalSide: Explainer = async (row, field) => {
  const l = await JournalLines.findById(row.id).lean<JournalLineDoc>();
  if (!l) return undefined;
  const size = field === 'debitFen' ? l.debitFen : l.creditFen;
  const side: Both = field === 'debitFen' ? { zh: '借', en: 'debit' } : { zh: '贷', en: 'credit' };
  const head: Both = { zh: `${l.day} ${eventWords(l.event).zh}，“${accountWords(l.account).zh}”${side.zh}方`, en: `${l.day} ${eventWords(l.event).en}, ${side.en} of ${accountWords(l.account).en}` };
  if (size === 0) return sumOf({ zh: `${head.zh}：没有金额。`, en: `${head.en}: nothing.` }, []);
  const fact = await factOf(l, size);
  const total = (fact?.parts ?? []).reduce((n, p) => n + p.value, 0);
  if (fact && fact.parts.length > 0 && Math.abs(total) === size) return sumOf({ zh: `${head.zh}：${fact.words.zh}。`, en: `${head.en}: ${fact.words.en}.` }, total === size ? fact.parts : fact.parts.map((p) => ({ ...p, value: -p.value })));
  const others = (await JournalLines.find({ entryId: l.entryId, _id: { $ne: l._id } }).sort({ _id: 1 }).lean<JournalLineDoc[]>()).map((x): FigurePart => ({ ...journalPart(x, field === 'debitFen' ? -net(x) : net(x)), label: accountWords(x.account) }));
  const links = fact?.parts.map((p) => ({ label: p.label, value: p.ref ? `${p.ref.noun} ${p.ref.id}` : '' })) ?? [];
  return sumOf({ zh: `${head.zh}：${fact ? `${fact.words.zh}；` : ''}同一凭证里与它平衡的行。`, en: `${head.en}: ${fact ? `${fact.words.en}; ` : ''}the lines of the entry that it balances with.` }, others, links);
};
const journalQuantity: Explainer = async (row) => {
  const l = await JournalLines.findById(row.id).lean<JournalLineDoc>();
  return l?.orderId ? { sentence: { zh: '这次发货里这一行的件数。', en: 'The pieces of the line in this shipment.' }, how: 'leaf', parts: [] } : undefined;
};

const bill: Explainer = async (row) => {
  const s = await Statements.findById(row.id).lean<StatementDoc>();
  if (!s) return undefined;
  const source = ([['流水号', 'Line', s.key], ['类型', 'Kind', s.platformKind], ['交易号', 'Trade number', s.tradeNo], ['商户订单号', 'Merchant order', s.merchantOrderNo], ['订单号', 'Order', s.platformOrderId], ['备注', 'Note', s.words], ['来自', 'From', s.source]] as const).flatMap(([zh, en, value]) => (value ? [{ label: { zh, en }, value }] : []));
  return { sentence: { zh: `${s.day} 的账单第 ${s.lineNumber} 行，平台这样写。`, en: `Line ${s.lineNumber} of the bill of ${s.day}, as the platform has it.` }, how: 'leaf', parts: [], source };
};
/** The same comparison as domain/reconcile.ts, term by term. */
const difference: Explainer = async (row) => {
  const s = await Statements.findById(row.id).lean<StatementDoc>();
  const order = s?.orderId ? await Orders.findById(s.orderId).lean<OrderDoc>() : null;
  if (!s || !order) return sumOf({ zh: '没有对应的订单，没有差额可算。', en: 'No order is known, so there is nothing to compare.' }, []);
  const amount = (sign: 1 | -1): FigurePart => refPart({ zh: '账单金额', en: 'On the bill' }, 'statements', s._id, 'amountFen', sign * s.amountFen);
  if (s.kind === 'fee' && order.commissionFen === 0) {
    const value = -((await expectCommissions([order], s.happenedAt)).get(order._id) ?? 0);
    return exact(s, sumOf({ zh: '账单扣的佣金 − 费率规则估的佣金。', en: 'The commission that the bill took − what the fee table expects.' }, [amount(-1), ...(value === 0 ? [] : [{ label: { zh: '费率规则估的佣金', en: 'Expected by the fee table' }, words: none, value, kind: 'money' as const }])]));
  }
  if (s.kind === 'fee') return exact(s, sumOf({ zh: '账单扣的佣金 − 订单上的佣金。', en: 'The commission that the bill took − that of the order.' }, [amount(-1), refPart({ zh: '订单佣金', en: 'Commission of the order' }, 'orders', order._id, 'commissionFen', -order.commissionFen)]));
  const refunds = s.kind === 'sale' ? (await Refunds.find({ orderId: order._id, state: 'refunded' }).lean<RefundDoc[]>()).filter((r) => r.modifiedAt <= s.happenedAt) : [];
  return exact(s, sumOf({ zh: '账单金额 − 订单实付 + 收款前已退的。', en: 'On the bill − paid by the order + what had gone back before.' }, [amount(1), refPart({ zh: '订单实付', en: 'Paid' }, 'orders', order._id, 'paidFen', -order.paidFen), ...refunds.map((r) => refPart({ zh: '退款', en: 'Refund' }, 'after-sales', r._id, 'refundFen', r.refundFen))]));
};
/** When the order has changed since the line was judged, the terms of today do not give the figure of then: said, not hidden. */
function exact(s: StatementDoc, e: Explained): Explained {
  const left = s.differenceFen - e.parts.reduce((n, p) => n + p.value, 0);
  return left === 0 ? e : { ...e, parts: [...e.parts, { label: { zh: '对账之后订单又变了', en: 'The order has changed since' }, words: none, value: left, kind: 'money' }] };
}

async function journalRowsWithPieces(ids: readonly string[]): Promise<FigureRow[]> {
  const docs = await JournalLines.find({ _id: { $in: ids } }).lean<JournalLineDoc[]>();
  return (await journalRows(docs)).map((row, i) => ({ ...row, quantity: docs[i]!.quantity }));
}

export const financeWhy: Explains = {
  profit: { rows: async (ids) => profitRows(await Profits.find({ _id: { $in: ids } }).lean<ProfitDoc[]>()), fields: { ...Object.fromEntries(['salesFen', ...costs].map((f) => [f, profitFigure])), quantity: profitQuantity, profitFen: profitItself, marginRate: margin } },
  journal: { rows: journalRowsWithPieces, fields: { debitFen: journalSide, creditFen: journalSide, quantity: journalQuantity } },
  statements: { rows: async (ids) => statementRows(await Statements.find({ _id: { $in: ids } }).lean<StatementDoc[]>()), fields: { amountFen: bill, feeFen: bill, differenceFen: difference } },
};
