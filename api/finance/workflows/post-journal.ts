/**
 * Books what happened: payments, shipments, refunds, receipts, stock differences. In: waiting events, in order. Out: entries.
 * Idempotent by the key of each fact; what an order has booked already is read in the same transaction.
 */
import type { ClientSession } from 'mongoose';
import { fenFromInteger, shareOut, type Fen } from '../../contract/values/money.ts';
import { Orders, Parcels, Refunds, type OrderDoc, type ParcelDoc, type RefundDoc } from '../../orders/index.ts';
import { Receipts, type ReceiptDoc } from '../../purchasing/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Corrections, Movements, skuFacts, type CorrectionDoc, type MovementDoc, type SkuFacts } from '../../stock/index.ts';
import { drainBatches, type WaitingEvent } from '../../store/outbox.ts';
import { costsOfLines, entry, forfeitEntry, forfeitUndoneEntry, line, paidEntry, refundEntry, shippedEntry, type Entry, type OrderFacts } from '../domain/entries.ts';
import { JournalLines, type JournalLineDoc } from '../store/models.ts';
import { book } from './book.ts';
import { expectCommissions } from './expect-commissions.ts';
import { correctionEntries, movementEntry, takenBy } from './stock-entries.ts';
import { settleCommissions, takeTurns } from './settle-commissions.ts';

type Booked = { paidFen: number; times: number; refundedFen: number; forfeitedFen: number; readonly shippedLines: Set<string>; /** Pieces that left, by line. */ readonly pieces: Map<string, number>; readonly refundedBefore: Map<string, number> };
type Known = { readonly orders: ReadonlyMap<string, OrderDoc>; readonly parcels: ReadonlyMap<string, ParcelDoc>; readonly refunds: ReadonlyMap<string, RefundDoc>; readonly receipts: ReadonlyMap<string, ReceiptDoc>; readonly movements: ReadonlyMap<string, MovementDoc>; readonly corrections: readonly CorrectionDoc[]; readonly corrected: ReadonlyMap<string, string>; readonly booked: Map<string, Booked>; readonly commissions: ReadonlyMap<string, Fen>; readonly skus: ReadonlyMap<string, SkuFacts>; readonly refundsOf: ReadonlyMap<string, RefundDoc[]> };
type Payload = { orderId?: string; refundId?: string; parcelId?: string; receiptId?: string; movementId?: string; cause?: string };

export async function postJournal(rt: Runtime): Promise<{ events: number; entries: number; failed: number }> {
  let entries = 0;
  const done = await drainBatches(rt, 'journal', async (events) => {
    entries += await rt.transact(async (session) => {
      const known = await load(rt, session, events);
      const made = events.flatMap((e) => entriesOf(known, e.payload as Payload));
      const left = made.flatMap((e) => (e.event === 'parcel.shipped' ? e.lines.flatMap((l) => l.orderId || []) : []));
      await takeTurns(session, left);
      const booked = await book(rt, session, made);
      return booked + (await settleCommissions(rt, session, left));
    });
  }, 60);
  return { events: done.handled, entries, failed: done.failed };
}

const mapOf = <T extends { _id: string }>(docs: readonly T[]): Map<string, T> => new Map(docs.map((d) => [d._id, d]));
async function load(rt: Runtime, session: ClientSession, events: readonly WaitingEvent[]): Promise<Known> {
  const payloads = events.map((e) => e.payload as Payload);
  const ids = (key: keyof Payload): string[] => payloads.flatMap((p) => p[key] ?? []);
  const corrections = await Corrections.find({ cause: { $in: ids('cause') } }).lean<CorrectionDoc[]>();
  const corrected = new Map((await Movements.find({ _id: { $in: corrections.map((c) => c.movementId) } }, { reference: 1 }).lean()).map((m) => [m._id, m.reference]));
  const [parcels, refunds, receipts, movements] = await Promise.all([
    Parcels.find({ _id: { $in: [...ids('parcelId'), ...corrected.values()] } }).lean<ParcelDoc[]>(), Refunds.find({ _id: { $in: ids('refundId') } }).lean<RefundDoc[]>(), Receipts.find({ _id: { $in: ids('receiptId') } }).lean<ReceiptDoc[]>(), Movements.find({ _id: { $in: ids('movementId') } }).lean<MovementDoc[]>(),
  ]);
  const orderIds = [...new Set([...ids('orderId'), ...parcels.flatMap((p) => p.orderIds), ...refunds.map((r) => r.orderId).filter(Boolean)])];
  const orders = await Orders.find({ _id: { $in: orderIds } }).lean<OrderDoc[]>();
  const lines = await JournalLines.find({ orderId: { $in: orderIds } }).session(session).lean<JournalLineDoc[]>();
  const booked = new Map(orderIds.map((id) => [id, bookedOf(lines.filter((l) => l.orderId === id))]));
  const all = await Refunds.find({ orderId: { $in: orderIds } }).lean<RefundDoc[]>();
  const refundsOf = new Map(orderIds.map((id) => [id, all.filter((r) => r.orderId === id)]));
  return { orders: mapOf(orders), parcels: mapOf(parcels), refunds: mapOf(refunds), receipts: mapOf(receipts), movements: mapOf(movements), corrections, corrected, booked, refundsOf, commissions: await expectCommissions(orders, rt.clock.now()), skus: await skuFacts([...orders.flatMap((o) => o.lines.flatMap((l) => l.skuCode ?? [])), ...parcels.flatMap((p) => p.lines.map((l) => l.skuCode))]) };
}

function bookedOf(lines: readonly JournalLineDoc[]): Booked {
  const booked: Booked = { paidFen: 0, times: 0, refundedFen: 0, forfeitedFen: 0, shippedLines: new Set(), pieces: new Map(), refundedBefore: new Map() };
  for (const l of lines) {
    if (l.event === 'order.paid' && l.account === '1122') Object.assign(booked, { paidFen: booked.paidFen + l.debitFen - l.creditFen, times: booked.times + 1 });
    if (l.event === 'refund' && l.account === '1122') booked.refundedFen += l.creditFen - l.debitFen;
    if (l.event === 'refund' && l.account === '2204') booked.refundedBefore.set(l.lineId, (booked.refundedBefore.get(l.lineId) ?? 0) + l.debitFen);
    if (l.event === 'deposit.forfeited' && l.account === '2204') booked.forfeitedFen += l.debitFen;
    if (l.account === '6001') booked.shippedLines.add(l.lineId);
    if (l.account === '6001' && l.event === 'parcel.shipped') booked.pieces.set(l.lineId, (booked.pieces.get(l.lineId) ?? 0) + l.quantity);
  }
  return booked;
}

const factsOf = (o: OrderDoc, known: Known): OrderFacts => ({
  id: o._id, shopId: o.shopId, channel: o.channel, paidFen: o.paidFen, freightFen: o.freightFen, commissionFen: known.commissions.get(o._id) ?? o.commissionFen, platformOrderId: o.platformOrderId, lines: o.lines.map((l) => ({ lineId: l.platformLineId, skuCode: l.skuCode ?? '', quantity: l.quantity, paidFen: l.paidFen })),
});

function entriesOf(known: Known, p: Payload): Entry[] {
  const refund = p.refundId ? known.refunds.get(p.refundId) : undefined;
  const parcel = p.parcelId ? known.parcels.get(p.parcelId) : undefined;
  const receipt = p.receiptId ? known.receipts.get(p.receiptId) : undefined;
  const movement = p.movementId ? known.movements.get(p.movementId) : undefined;
  const orderIds = p.orderId ? [p.orderId] : parcel ? parcel.orderIds : refund?.orderId ? [refund.orderId] : [];
  const orders = orderIds.flatMap((id) => known.orders.get(id) ?? []);
  return [
    ...orders.flatMap((o) => orderEntries(known, o)),
    ...(parcel ? parcelEntries(known, parcel, orders) : []),
    ...(refund?.state === 'refunded' && orders[0] ? refundEntries(known, orders[0], refund) : []),
    ...(receipt ? [receiptEntry(receipt)] : []), ...(movement ? [movementEntry(movement)] : []),
    ...(p.cause ? correctionEntries(known.corrections.filter((c) => c.cause === p.cause), known.corrected, known) : []),
  ];
}

/** What an order's own state says: paid, paid differently than booked, shipped before we were connected, closed. */
function orderEntries(known: Known, o: OrderDoc): Entry[] {
  const booked = known.booked.get(o._id)!;
  const facts = factsOf(o, known);
  const made: Entry[] = [];
  const received = receivedOf(o);
  if (received !== undefined && received !== booked.paidFen) {
    made.push(paidEntry(facts, received - booked.paidFen, booked.times === 0 ? o.paidAt ?? o.modifiedAt : o.modifiedAt, `order.paid:${o._id}:${booked.times + 1}`));
    Object.assign(booked, { paidFen: received, times: booked.times + 1 });
  }
  // What still waits to be booked out of our stock is booked with its parcel, or when it is known that none of it was ours.
  if (o.fulfilledElsewhere && o.leftThere !== 'due' && (o.status === 'shipped' || o.status === 'completed') && booked.shippedLines.size === 0) made.push(...shippedElsewhere(known, o, facts, booked));
  if (o.status === 'closed' && booked.paidFen > 0 && booked.shippedLines.size === 0) {
    // Refunds of their own are booked as such; what is closed without one is given back here.
    const stated = (known.refundsOf.get(o._id) ?? []).filter((r) => r.state === 'refunded').reduce((n, r) => n + r.refundFen, 0);
    const rest = booked.paidFen - Math.max(stated, booked.refundedFen) - booked.forfeitedFen;
    if (rest > 0 && o.step?.forfeited) {
      made.push(forfeitEntry(facts, { key: `deposit.forfeited:${o._id}`, at: o.modifiedAt, amountFen: rest }));
      booked.forfeitedFen += rest;
    } else if (rest > 0) {
      made.push(refundEntry(facts, { key: `order.closed:${o._id}`, at: o.modifiedAt, reference: o.platformOrderId, amountFen: rest, lineId: '', skuCode: '', shipped: false }));
      booked.refundedFen += rest;
    }
  }
  return made;
}

/** What has come in: of an order that is paid in two steps, perhaps the deposit only. Undefined: nothing that we know of. */
function receivedOf(o: OrderDoc): number | undefined {
  if (!o.step) return o.paidAt ? o.paidFen : undefined;
  return o.step.receivedFen > 0 ? o.step.receivedFen : undefined;
}
const owed = (booked: Booked, lineId: string, paidFen: number): number => paidFen - (booked.refundedBefore.get(lineId) ?? 0);
/** What the first so many pieces of a line bring of the whole. */
const partUntil = (wholeFen: number, pieces: number, all: number): number => (pieces >= all ? wholeFen : Math.round((wholeFen * pieces) / all));
function leaves(booked: Booked, l: { readonly lineId: string; readonly quantity: number }): void {
  booked.shippedLines.add(l.lineId);
  booked.pieces.set(l.lineId, (booked.pieces.get(l.lineId) ?? 0) + l.quantity);
}
const commissionShares = (o: OrderFacts): number[] => shareOut(fenFromInteger(o.commissionFen), o.lines.some((l) => l.paidFen > 0) ? o.lines.map((l) => Math.max(0, l.paidFen)) : o.lines.map(() => 1));

/** Orders that left before we were connected: revenue and cost are theirs, the goods were never in our inventory. */
function shippedElsewhere(known: Known, o: OrderDoc, facts: OrderFacts, booked: Booked): Entry[] {
  if (facts.lines.length === 0) return [];
  const lines = facts.lines.map((l) => ({ lineId: l.lineId, skuCode: l.skuCode, quantity: l.quantity, revenueFen: owed(booked, l.lineId, l.paidFen), costFen: (known.skus.get(l.skuCode)?.costFen ?? 0) * l.quantity }));
  for (const l of lines) leaves(booked, l);
  return [shippedEntry(facts, { key: `order.shipped:${o._id}`, at: o.shippedAt ?? o.modifiedAt, reference: o.platformOrderId, lines, buyerFreightFen: o.freightFen, commissionFen: facts.commissionFen, courierFen: 0, goods: '3103' })];
}

function parcelEntries(known: Known, parcel: ParcelDoc, orders: readonly OrderDoc[]): Entry[] {
  const costs = costsOfLines(parcel.costs, parcel.lines.map((l) => takenBy(l.skuCode, l.quantity, known.skus)));
  const courier = shareOut(fenFromInteger(parcel.freightFen), orders.map((o) => Math.max(1, o.paidFen)));
  return orders.map((o, n) => {
    const booked = known.booked.get(o._id)!;
    const facts = factsOf(o, known);
    const shares = commissionShares(facts);
    const first = booked.shippedLines.size === 0;
    const mine = parcel.lines.flatMap((l, i) => (l.orderId === o._id ? [{ ...l, costFen: costs[i] ?? 0 }] : []));
    // Of a line whose pieces leave in several parcels each brings its part; together they bring the whole, to the fen.
    const partOf = (m: (typeof mine)[number], wholeFen: number): number => {
      const [before, all] = [booked.pieces.get(m.platformLineId) ?? 0, facts.lines.find((x) => x.lineId === m.platformLineId)?.quantity ?? m.quantity];
      return partUntil(wholeFen, before + m.quantity, all) - partUntil(wholeFen, before, all);
    };
    const lines = mine.map((l) => ({ lineId: l.platformLineId, skuCode: l.skuCode, quantity: l.quantity, revenueFen: partOf(l, owed(booked, l.platformLineId, facts.lines.find((x) => x.lineId === l.platformLineId)?.paidFen ?? 0)), costFen: l.costFen }));
    const commissionFen = mine.reduce((sum, m) => { const i = facts.lines.findIndex((x) => x.lineId === m.platformLineId); return i < 0 ? sum : sum + partOf(m, shares[i]!); }, 0);
    for (const l of lines) leaves(booked, l);
    return shippedEntry(facts, { key: `parcel.shipped:${parcel._id}:${o._id}`, at: parcel.shippedAt ?? parcel.changedAt, reference: parcel._id, lines, buyerFreightFen: first ? o.freightFen : 0, commissionFen, courierFen: courier[n]!, goods: parcel.supplierId ? '2202' : '1405' });
  });
}

function refundEntries(known: Known, o: OrderDoc, r: RefundDoc): Entry[] {
  const booked = known.booked.get(o._id)!;
  const amountFen = Math.min(r.refundFen, booked.paidFen - booked.refundedFen);
  if (amountFen <= 0) return [];
  const of = o.lines.find((l) => l.platformLineId === r.platformLineId);
  const shipped = of ? booked.shippedLines.has(of.platformLineId) : booked.shippedLines.size > 0;
  booked.refundedFen += amountFen;
  if (booked.forfeitedFen > 0) {
    const back = Math.min(amountFen, booked.forfeitedFen);
    booked.forfeitedFen -= back;
    return [forfeitUndoneEntry(factsOf(o, known), { key: `refund:${r._id}`, at: r.modifiedAt, reference: r.platformRefundId, amountFen: back })];
  }
  const given = (key: string, part: number, left: boolean): Entry[] => (part > 0 ? [refundEntry(factsOf(o, known), { key, at: r.modifiedAt, reference: r.platformRefundId, amountFen: part, lineId: r.platformLineId, skuCode: of?.skuCode ?? '', shipped: left })] : []);
  // Of a line that has left in part, what has not left is given back first: it was still owed as goods.
  const whole = of ? owed(booked, of.platformLineId, of.paidFen) : 0;
  const unsent = !shipped ? amountFen : of ? Math.min(amountFen, whole - partUntil(whole, booked.pieces.get(of.platformLineId) ?? of.quantity, of.quantity)) : 0;
  if (unsent > 0) booked.refundedBefore.set(r.platformLineId, (booked.refundedBefore.get(r.platformLineId) ?? 0) + unsent);
  return unsent < amountFen && unsent > 0 ? [...given(`refund:${r._id}:unsent`, unsent, false), ...given(`refund:${r._id}`, amountFen - unsent, true)] : given(`refund:${r._id}`, amountFen, shipped && unsent === 0);
}

function receiptEntry(r: ReceiptDoc): Entry {
  return entry(`receipt:${r._id}`, 'receipt.posted', r.at, r.number, r.lines.flatMap((l) => [line('1405', l.unitCostFen * l.quantity, { skuCode: l.skuCode }), line('2202', -l.unitCostFen * l.quantity, {})]));
}
