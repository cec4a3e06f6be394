/** Makes the world move: buyers come by the minute, and what follows stands in a queue by time. */
import { draftOrder, PLANTED, type Draft } from './orders.ts';
import { randomOf, type Random } from './random.ts';
import type { PlaceInput, ShipInput, World, WorldOrder, WorldPayment } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HISTORY_DAYS = 89;
/** Orders paid within this span before the start are still to be shipped: by us. */
const OPEN_HOURS = 36;
const UNKNOWN_STATUS = 'WAIT_GROUP_LIVE_CONFIRM';
/** Share of a day's buyers by the hour in China, 0 to 23. */
const HOURS = [3, 2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 6, 6, 6, 6, 6, 6, 6, 6, 7, 9, 10, 9, 6];
const HOURS_SUM = HOURS.reduce((a, b) => a + b, 0);

export type WorldOptions = { readonly seed: number; readonly since: Date; readonly live: boolean; readonly clock: () => number; readonly offsetMs?: number; readonly historyPerDay?: number; readonly openPerDay?: number };
/** The lines that the buyer still waits for. */
const unrefunded = (o: Draft): string[] => o.lines.filter((l) => !o.refunds.some((r) => r.oid === l.oid && r.state === 'refunded')).map((l) => l.oid);
type Due = { readonly at: number; readonly run: () => void };

export class SandboxWorld implements World {
  readonly since: Date;
  readonly #o: Required<WorldOptions>;
  readonly #orders = new Map<string, Draft>();
  readonly #payments: WorldPayment[] = [];
  readonly #queue: Due[] = [];
  readonly #quantities: Record<string, number> = {};
  #minute: number;
  #number = 0;
  #plantedNext = 0;
  #placed = 0;
  #offset: number;

  constructor(options: WorldOptions) {
    this.#o = { offsetMs: 0, historyPerDay: 14, openPerDay: 115, ...options };
    this.since = options.since;
    this.#offset = this.#o.offsetMs;
    this.#minute = Math.floor((options.since.getTime() - HISTORY_DAYS * DAY) / MINUTE);
  }
  now(): Date { return new Date(this.#o.clock() + this.#offset); }
  setClock(to: Date): void { this.#offset = to.getTime() - this.#o.clock(); }
  offset(): number { return this.#offset; }
  orders(): readonly WorldOrder[] { return [...this.#orders.values()]; }
  order(tid: string): WorldOrder | undefined { return this.#orders.get(tid); }
  quantities(): Readonly<Record<string, number>> { return this.#quantities; }
  setQuantity(skuId: string, quantity: number): void { this.#quantities[skuId] = quantity; }
  payments(from: Date, to: Date): readonly WorldPayment[] { return this.#payments.filter((p) => p.at >= from && p.at < to).sort((a, b) => a.at.getTime() - b.at.getTime()); }

  advanceTo(at: Date): void {
    const until = Math.floor(at.getTime() / MINUTE);
    for (; this.#minute < until; this.#minute += 1) {
      this.#settle(this.#minute * MINUTE);
      this.#buyersOf(this.#minute);
    }
    this.#settle(at.getTime());
  }

  #settle(until: number): void {
    while (this.#queue.length > 0 && this.#queue[0]!.at <= until) this.#queue.shift()!.run();
  }
  #later(at: number, run: () => void): void {
    let i = this.#queue.length;
    while (i > 0 && this.#queue[i - 1]!.at > at) i -= 1;
    this.#queue.splice(i, 0, { at, run });
  }

  #perDay(minute: number): number {
    const at = minute * MINUTE;
    const since = this.since.getTime();
    if (at >= since) return this.#o.live ? 360 : 0;
    if (at >= since - OPEN_HOURS * HOUR) return this.#o.openPerDay;
    const weekday = new Date(at + 8 * HOUR).getUTCDay();
    const trend = 0.8 + (0.4 * (at - (since - HISTORY_DAYS * DAY))) / (HISTORY_DAYS * DAY);
    return this.#o.historyPerDay * trend * (weekday === 0 || weekday === 6 ? 1.3 : 0.9);
  }

  #buyersOf(minute: number): void {
    const random = randomOf(this.#o.seed ^ Math.imul(minute, 2_654_435_761));
    const hour = new Date(minute * MINUTE + 8 * HOUR).getUTCHours();
    const share = minute * MINUTE >= this.since.getTime() ? 1 / 1440 : HOURS[hour]! / HOURS_SUM / 60;
    if (random.chance(this.#perDay(minute) * share)) this.#buyer(random, new Date(minute * MINUTE + random.int(60) * 1000));
  }

  #buyer(random: Random, placedAt: Date): void {
    const open = placedAt.getTime() >= this.since.getTime() - OPEN_HOURS * HOUR;
    // One in eleven of the orders that are ours to ship is planted with a flaw, each kind in turn: all twelve in a morning.
    const planted = open && this.#number % 11 === 0 ? PLANTED[this.#plantedNext++ % PLANTED.length] : undefined;
    this.#number += 1;
    const order = draftOrder(random, this.#number, placedAt, planted ? { planted } : {});
    this.#orders.set(order.tid, order);
    if (!planted && random.chance(0.03)) return this.#later(placedAt.getTime() + DAY, () => this.#set(order, 'TRADE_CLOSED_BY_TAOBAO', placedAt.getTime() + DAY));
    const paid = placedAt.getTime() + (5 + random.int(110)) * 1000;
    this.#later(paid, () => this.#pay(order, paid));
    if (!open) this.#pastOf(random, order, paid);
  }

  #pay(order: Draft, at: number, refundAfterMs = 20 * MINUTE): void {
    order.paidAt = new Date(at);
    const code = order.planted?.holdCode;
    this.#set(order, code === 'unknown_status' ? UNKNOWN_STATUS : 'WAIT_SELLER_SEND_GOODS', at);
    if (code !== 'refund_in_flight') return;
    const asked = at + refundAfterMs;
    this.#later(asked, () => this.#refund(order, asked, '不想要了', false));
  }

  /** Orders of before: the shop shipped them itself, most were confirmed, some came back. */
  #pastOf(random: Random, order: Draft, paid: number): void {
    const fate = random.next();
    if (fate < 0.02) {
      this.#later(paid + 2 * HOUR, () => this.#refund(order, paid + 2 * HOUR, '拍错了', false));
      this.#later(paid + 9 * HOUR, () => this.#settleRefund(order, paid + 9 * HOUR));
      if (order.lines.length === 1) return;
    }
    // Lines that were refunded stay here; the others leave after that.
    const wait = fate < 0.02 ? 9 * HOUR : 0;
    const shipped = paid + wait + (4 + random.int(20)) * HOUR;
    this.#later(shipped, () => this.#shipped(order, { courier: 'ZTO', trackingNumber: `7533${String(random.int(1e10)).padStart(10, '0')}`, oids: unrefunded(order), tid: order.tid }, shipped, 'shop'));
    if (fate >= 0.02 && fate < 0.04) {
      this.#later(shipped + 3 * DAY, () => this.#refund(order, shipped + 3 * DAY, '茶味不合口味', true));
      this.#later(shipped + 7 * DAY, () => this.#settleRefund(order, shipped + 7 * DAY));
    }
    const confirmed = shipped + (3 + random.int(7)) * DAY + random.int(24) * HOUR;
    this.#later(confirmed, () => this.#finish(order, confirmed));
  }

  #set(order: Draft, status: string, at: number): void {
    order.status = status;
    order.modifiedAt = new Date(Math.max(at, order.modifiedAt.getTime()));
  }
  #refund(order: Draft, at: number, reason: string, goodsReturn: boolean): void {
    const line = order.lines[0]!;
    order.refunds.push({ refundId: `1${order.tid.slice(0, 17)}`, oid: line.oid, refundFen: line.paidFen, requestedAt: new Date(at), modifiedAt: new Date(at), state: 'requested', reason, goodsReturn });
    this.#set(order, order.status, at);
  }
  #settleRefund(order: Draft, at: number): void {
    for (const r of order.refunds) Object.assign(r, { state: 'refunded', modifiedAt: new Date(at) });
    if (order.lines.every((l) => order.refunds.some((r) => r.oid === l.oid))) return this.#set(order, 'TRADE_CLOSED', at);
    this.#set(order, order.status, at);
  }
  /** The buyer's confirmation moves the money: what was not refunded, less the commission. */
  #finish(order: Draft, at: number): void {
    if (order.status !== 'WAIT_BUYER_CONFIRM_GOODS') return;
    if (order.refunds.some((r) => r.state === 'requested')) return this.#later(at + DAY, () => this.#finish(order, at + DAY));
    order.finishedAt = new Date(at);
    this.#set(order, 'TRADE_FINISHED', at);
    const back = order.refunds.reduce((n, r) => n + (r.state === 'refunded' ? r.refundFen : 0), 0);
    const line = { tradeNo: order.tradeNo, merchantOrderNo: `T200P${order.tid}`, refundNo: '', at: new Date(at), buyerAccount: `${order.receiver.phone.slice(0, 3)}****${order.receiver.phone.slice(-4)}` };
    this.#payments.push({ ...line, kind: 'sale', amountFen: order.paidFen - back });
    if (order.commissionFen > 0) this.#payments.push({ ...line, kind: 'commission', amountFen: -order.commissionFen });
  }
  #shipped(order: Draft, input: ShipInput, at: number, by: 'shop' | 'api'): void {
    if (order.status !== 'WAIT_SELLER_SEND_GOODS' && order.status !== 'SELLER_CONSIGNED_PART') return;
    order.shipments.push({ courier: input.courier, trackingNumber: input.trackingNumber, oids: input.oids, at: new Date(at), by });
    const gone = new Set(order.shipments.flatMap((s) => s.oids));
    this.#set(order, unrefunded(order).every((oid) => gone.has(oid)) ? 'WAIT_BUYER_CONFIRM_GOODS' : 'SELLER_CONSIGNED_PART', at);
  }

  placeOrder(input: PlaceInput): WorldOrder {
    this.#placed += 1;
    const at = this.now();
    const order = draftOrder(randomOf(this.#o.seed ^ Math.imul(this.#placed, 97_777)), 5_000_000 + this.#placed, at, { ...input, merchantCode: input.merchantCode ?? (input.planted ? undefined : 'LJ-100') });
    this.#orders.set(order.tid, order);
    this.#pay(order, at.getTime(), 0);
    this.#settle(at.getTime());
    return order;
  }
  ship(input: ShipInput): void {
    const order = this.#orders.get(input.tid);
    if (!order) return;
    const at = this.now().getTime();
    this.#shipped(order, input, at, 'api');
    if (order.status === 'WAIT_BUYER_CONFIRM_GOODS') this.#later(at + 6 * DAY, () => this.#finish(order, at + 6 * DAY));
  }
  confirm(tid: string): void {
    const order = this.#orders.get(tid);
    if (order) this.#finish(order, this.now().getTime());
  }
  requestRefund(tid: string): void {
    const order = this.#orders.get(tid);
    if (order) this.#refund(order, this.now().getTime(), '不想要了', false);
  }
}
