/**
 * Says of every bill line what it is, and books it. In: open lines. Out: matched, classified, still open.
 * An open line is looked at again on every run: its order or refund may have come meanwhile.
 */
import type { ClientSession } from 'mongoose';
import { Orders, Refunds, type OrderDoc, type RefundDoc } from '../../orders/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { entry, line, type Entry } from '../domain/entries.ts';
import { CLASSES, judge, type Class, type Payable, type Verdict } from '../domain/reconcile.ts';
import { Matches, Statements, type StatementDoc } from '../store/models.ts';
import { book } from './book.ts';
import { expectCommissions } from './expect-commissions.ts';
import { settleCommissions, takeTurns } from './settle-commissions.ts';

const BATCH = 100;

export async function reconcileBills(rt: Runtime): Promise<{ matched: number; classified: number; open: number }> {
  const counts = { matched: 0, classified: 0, open: 0 };
  for (let after = ''; ;) {
    const lines = await Statements.find({ state: 'open', _id: { $gt: after } }).sort({ _id: 1 }).limit(BATCH).lean<StatementDoc[]>();
    if (lines.length === 0) return counts;
    after = lines.at(-1)!._id;
    const orders = await payables(rt, lines);
    const judged = lines.map((s) => ({ s, verdict: judge(s, orders(s)) }));
    for (const { verdict } of judged) counts[verdict.state] += 1;
    await rt.transact((session) => save(rt, session, judged));
  }
}

/** Orders by the number that the line names, else by the payment's trade number. */
async function payables(rt: Runtime, lines: readonly StatementDoc[]): Promise<(s: StatementDoc) => Payable | undefined> {
  const numbers = lines.flatMap((l) => [l.platformOrderId, l.merchantOrderNo]).filter(Boolean);
  const trades = lines.map((l) => l.tradeNo).filter(Boolean);
  const orders = await Orders.find({ $or: [{ platformOrderId: { $in: numbers } }, { paymentTradeNo: { $in: trades } }] }).lean<OrderDoc[]>();
  const refunds = await Refunds.find({ orderId: { $in: orders.map((o) => o._id) } }).lean<RefundDoc[]>();
  const commissions = await expectCommissions(orders, rt.clock.now());
  const payable = (o: OrderDoc | undefined): Payable | undefined => {
    if (!o) return undefined;
    const own = refunds.filter((r) => r.orderId === o._id);
    return { id: o._id, shopId: o.shopId, channel: o.channel, platformOrderId: o.platformOrderId, paidFen: o.paidFen, ...(o.step?.depositFen ? { depositFen: o.step.depositFen } : {}), commissionFen: commissions.get(o._id) ?? 0, refunds: own.map((r) => ({ id: r._id, refundFen: r.refundFen, state: r.state, settledAt: r.modifiedAt })) };
  };
  const byNumber = new Map(orders.map((o) => [o.platformOrderId, o]));
  const byTrade = new Map(orders.filter((o) => o.paymentTradeNo).map((o) => [o.paymentTradeNo, o]));
  return (s) => payable((s.platformOrderId ? byNumber.get(s.platformOrderId) : undefined) ?? byNumber.get(s.merchantOrderNo) ?? byTrade.get(s.tradeNo));
}

async function save(rt: Runtime, session: ClientSession, judged: readonly { readonly s: StatementDoc; readonly verdict: Verdict }[]): Promise<void> {
  const now = rt.clock.now();
  const news = judged.filter(({ s, verdict }) => !(verdict.state === 'open' && s.judged && s.reason.en === verdict.reason.en && s.differenceFen === verdict.differenceFen));
  if (news.length === 0) return;
  await Statements.bulkWrite(news.map(({ s, verdict }) => ({ updateOne: { filter: { _id: s._id, state: 'open' }, update: { $set: { ...shown(verdict), judged: true, booked: verdict.state !== 'open', changedAt: now }, $inc: { revision: 1 } } } })), { session });
  const matches = news.flatMap(({ s, verdict }) => (verdict.state === 'matched' ? [{ _id: rt.newId('match'), statementId: s._id, orderId: verdict.order.id, platformOrderId: verdict.order.platformOrderId, refundId: verdict.refundId, rule: verdict.rule, amountFen: s.amountFen, at: now, revision: 1, changedAt: now }] : []));
  if (matches.length > 0) await Matches.bulkWrite(matches.map((m) => ({ updateOne: { filter: { statementId: m.statementId }, update: { $setOnInsert: m }, upsert: true } })), { session });
  const closed = news.filter((n) => n.verdict.state !== 'open');
  const commissions = closed.flatMap((c) => (c.verdict.state === 'matched' && c.verdict.class === 'commission' ? [c.verdict.order.id] : []));
  await takeTurns(session, commissions);
  await book(rt, session, closed.map(({ s, verdict }) => statementEntry(s, verdict.class, verdict.state === 'matched' ? verdict.order : undefined)));
  await settleCommissions(rt, session, commissions);
}

const shown = (v: Verdict): Partial<StatementDoc> =>
  v.state === 'open' ? { state: 'open', reason: v.reason, orderId: v.orderId, differenceFen: v.differenceFen } : v.state === 'matched' ? { state: 'matched', class: v.class, orderId: v.order.id, differenceFen: v.differenceFen, reason: { zh: '', en: '' } } : { state: 'classified', class: v.class, reason: { zh: '', en: '' } };

/** The account moved by the line and its fee; the other side says what it was. A matched line settles what the platform owes for its order. */
export function statementEntry(s: StatementDoc, cls: string, order: Pick<Payable, 'id' | 'shopId' | 'channel'> | undefined): Entry {
  const where = order ? { shopId: order.shopId, channel: order.channel, orderId: order.id } : { channel: s.channel };
  const account = [line('1012', s.amountFen + s.feeFen, { channel: s.channel }), line('6603', -s.feeFen, where)];
  const other = line(cls === 'sale' || cls === 'refund' || cls === 'commission' ? '1122' : CLASSES[cls as Class] ?? '6603', -s.amountFen, where);
  return entry(`statement:${s._id}`, `statement.${cls}`, s.happenedAt, s.key, [...account, other]);
}
