/**
 * Compares, per order, the commission booked when its goods left with what the platform's bill has taken, and books the difference.
 * In: orders of which one of the two has just been booked in this transaction. The bill may come before the shipment is booked
 * (it only settles then, and is no cost yet) or after it; whichever is second sees both, since both take the order's turn.
 */
import type { ClientSession } from 'mongoose';
import { Orders, type OrderDoc } from '../../orders/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { commissionDifferenceEntry, type CommissionPart, type Entry } from '../domain/entries.ts';
import { JournalLines, OrderTurns, type JournalLineDoc } from '../store/models.ts';
import { book } from './book.ts';

export async function takeTurns(session: ClientSession, orderIds: readonly string[]): Promise<void> {
  const ids = [...new Set(orderIds)].sort();
  if (ids.length > 0) await OrderTurns.bulkWrite(ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { turn: 1 } }, upsert: true } })), { session });
}

export async function settleCommissions(rt: Runtime, session: ClientSession, orderIds: readonly string[]): Promise<number> {
  const ids = [...new Set(orderIds)];
  if (ids.length === 0) return 0;
  const lines = await JournalLines.find({ orderId: { $in: ids }, account: { $in: ['1122', '6001', '6601'] } }).session(session).lean<JournalLineDoc[]>();
  const orders = await Orders.find({ _id: { $in: ids } }).lean<OrderDoc[]>();
  return book(rt, session, orders.flatMap((o) => differenceOf(o, lines.filter((l) => l.orderId === o._id))));
}

function differenceOf(o: OrderDoc, lines: readonly JournalLineDoc[]): Entry[] {
  const settling = lines.filter((l) => l.event === 'statement.commission' && l.account === '1122');
  const parts = partsOf(lines);
  const left = new Set(parts.map((p) => p.lineId));
  // Until every line has left, more commission is still to be booked: there is nothing to compare yet.
  const whole = o.status === 'closed' || o.lines.every((l) => left.has(l.platformLineId) || l.refundState === 'refunded');
  if (settling.length === 0 || !whole) return [];
  const differenceFen = settling.reduce((n, l) => n + l.debitFen - l.creditFen, 0) - parts.reduce((n, p) => n + p.accruedFen, 0);
  if (differenceFen === 0) return [];
  const before = new Set(lines.filter((l) => l.event === 'commission.difference').map((l) => l.entryId)).size;
  const at = new Date(Math.max(...lines.filter((l) => l.event !== 'order.paid').map((l) => l.at.getTime())));
  return [commissionDifferenceEntry({ id: o._id, shopId: o.shopId, channel: o.channel }, { key: `commission.difference:${o._id}:${before + 1}`, at, reference: o.platformOrderId, differenceFen, parts })];
}

function partsOf(lines: readonly JournalLineDoc[]): CommissionPart[] {
  const parts = new Map<string, CommissionPart>();
  for (const l of lines) {
    if (l.account === '1122') continue;
    const p = parts.get(l.lineId) ?? { lineId: l.lineId, skuCode: l.skuCode, accruedFen: 0, revenueFen: 0 };
    parts.set(l.lineId, l.account === '6601' ? { ...p, accruedFen: p.accruedFen + l.debitFen - l.creditFen } : { ...p, revenueFen: p.revenueFen + l.creditFen - l.debitFen });
  }
  return [...parts.values()];
}
