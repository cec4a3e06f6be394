/** Makes the world move: buyers come by the minute, and what follows stands in a queue by time. */
import { buyersOf, DAY, fatesOf, HISTORY_DAYS, HOUR, MINUTE, OPEN_HOURS, type Fate, type Load } from './buyers.ts';
import { CourierBook } from './couriers.ts';
import { draftOrder, type Draft } from './orders.ts';
import type { PlatformProfile } from './profile.ts';
import { randomOf, type Random } from './random.ts';
import type { Deed, PaysBy, PlaceInput, ShipInput, World, WorldOrder, WorldPayment } from './world.ts';

export type WorldOptions = {
  readonly seed: number; readonly since: Date; readonly live: boolean; readonly clock: () => number; readonly platforms: readonly PlatformProfile[];
  readonly offsetMs?: number; readonly historyPerDay?: number; readonly openPerDay?: number; readonly livePerDay?: number; readonly peak?: boolean;
  /** Told of each deed after it is done, with the moment at which it was done. */
  readonly journal?: (deed: Deed, at: Date) => void;
};
/** The lines that the buyer still waits for. */
const unrefunded = (o: Draft): string[] => o.lines.filter((l) => !o.refunds.some((r) => r.oid === l.oid && r.state === 'refunded')).map((l) => l.oid);
const second = (at: Date): number => Math.floor(at.getTime() / 1000) * 1000;
type Due = { readonly at: number; readonly run: () => void };
type Sorted = { stale: boolean; rows: Draft[] };

export class SandboxWorld implements World {
  readonly since: Date;
  readonly #o: WorldOptions;
  readonly #load: Load;
  readonly #profiles: ReadonlyMap<string, PlatformProfile>;
  readonly #orders = new Map<string, Draft>();
  readonly #byChannel = new Map<string, { readonly modifiedAt: Sorted; readonly placedAt: Sorted; number: number; plantedNext: number }>();
  readonly #payments: WorldPayment[] = [];
  readonly #queue: Due[] = [];
  readonly #quantities: Record<string, number> = {};
  readonly #couriers = new CourierBook();
  #minute: number;
  #placed = 0;
  #offset: number;

  constructor(options: WorldOptions) {
    this.#o = options;
    const { seed, live, historyPerDay = 14, openPerDay = 115, livePerDay = 360, peak = false } = options;
    this.#load = { seed, live, since: options.since.getTime(), historyPerDay, openPerDay, livePerDay, peak };
    this.#profiles = new Map(options.platforms.map((p) => [p.channel, p]));
    for (const p of options.platforms) this.#byChannel.set(p.channel, { modifiedAt: { stale: false, rows: [] }, placedAt: { stale: false, rows: [] }, number: 0, plantedNext: 0 });
    this.since = options.since;
    this.#offset = options.offsetMs ?? 0;
    this.#minute = Math.floor((options.since.getTime() - HISTORY_DAYS * DAY) / MINUTE);
  }
  now(): Date { return new Date(this.#o.clock() + this.#offset); }
  setClock(to: Date): void { this.#offset = to.getTime() - this.#o.clock(); }
  offset(): number { return this.#offset; }
  orders(channel?: string): readonly WorldOrder[] { return channel === undefined ? [...this.#orders.values()] : this.#sorted(channel, 'placedAt'); }
  order(tid: string): WorldOrder | undefined { return this.#orders.get(tid); }
  quantities(): Readonly<Record<string, number>> { return this.#quantities; }
  couriers(): CourierBook { return this.#couriers; }
  payments(from: Date, to: Date, by?: PaysBy): readonly WorldPayment[] { return this.#payments.filter((p) => p.at >= from && p.at < to && (by === undefined || p.by === by)).sort((a, b) => a.at.getTime() - b.at.getTime()); }

  #sorted(channel: string, by: 'modifiedAt' | 'placedAt'): readonly Draft[] {
    const list = this.#byChannel.get(channel)?.[by] ?? { stale: false, rows: [] };
    if (list.stale) list.rows.sort((a, b) => a[by].getTime() - b[by].getTime() || (a.tid < b.tid ? -1 : 1));
    list.stale = false;
    return list.rows;
  }
  between(channel: string, by: 'modifiedAt' | 'placedAt', from: number, to: number): readonly WorldOrder[] {
    const rows = this.#sorted(channel, by);
    const firstAt = (limit: number): number => {
      let [low, high] = [0, rows.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (second(rows[middle]![by]) < limit) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return rows.slice(firstAt(from), firstAt(to + 1));
  }

  advanceTo(at: Date): void {
    const until = Math.floor(at.getTime() / MINUTE);
    for (; this.#minute < until; this.#minute += 1) {
      this.#settle(this.#minute * MINUTE);
      this.#o.platforms.forEach((profile, i) => {
        for (const buyer of buyersOf(this.#load, profile, i === 0, this.#minute)) this.#buyer(profile, buyer.random, buyer.at);
      });
    }
    this.#settle(at.getTime());
  }

  #settle(until: number): void {
    while (this.#queue.length > 0 && this.#queue[0]!.at <= until) this.#queue.shift()!.run();
  }
  #later(at: number, run: () => void): void {
    let [low, high] = [0, this.#queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#queue[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, { at, run });
  }
  #keep(order: Draft): void {
    this.#orders.set(order.tid, order);
    const lists = this.#byChannel.get(order.channel)!;
    for (const list of [lists.modifiedAt, lists.placedAt]) {
      list.rows.push(order);
      list.stale = true;
    }
  }

  #buyer(profile: PlatformProfile, random: Random, placedAt: Date): void {
    const open = placedAt.getTime() >= this.#load.since - OPEN_HOURS * HOUR;
    const lists = this.#byChannel.get(profile.channel)!;
    // One in eleven of the orders that are ours to ship is planted with a flaw, each kind in turn: all twelve in a morning.
    const planted = open && lists.number % 11 === 0 ? profile.planted[lists.plantedNext++ % profile.planted.length] : undefined;
    lists.number += 1;
    const order = draftOrder(profile, random, lists.number, placedAt, planted ? { planted } : {});
    this.#keep(order);
    if (!planted && random.chance(0.03)) return this.#later(placedAt.getTime() + DAY, () => this.#set(order, 'cancelled', placedAt.getTime() + DAY));
    const paid = placedAt.getTime() + (5 + random.int(110)) * 1000;
    this.#later(paid, () => this.#pay(order, paid));
    if (!open) return this.#pastOf(random, order, paid);
    if (placedAt >= this.since && !planted) for (const fate of fatesOf(random)) this.#fate(order, fate, paid + fate.after * MINUTE);
  }

  #pay(order: Draft, at: number, refundAfterMs = 20 * MINUTE): void {
    order.paidAt = new Date(at);
    const code = order.planted?.holdCode;
    this.#set(order, code === 'unknown_status' ? 'odd' : 'to_ship', at);
    if (code !== 'refund_in_flight') return;
    const asked = at + refundAfterMs;
    this.#later(asked, () => this.#refund(order, asked, '不想要了', false));
  }
  #fate(order: Draft, fate: Fate, at: number): void {
    this.#later(at, () => (fate.deed === 'touch' ? this.#set(order, order.state, at) : this.#buyersDeed(order, fate.deed, at)));
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

  #set(order: Draft, state: WorldOrder['state'], at: number): void {
    order.state = state;
    order.modifiedAt = new Date(Math.max(at, order.modifiedAt.getTime()));
    const lists = this.#byChannel.get(order.channel)!;
    lists.modifiedAt.stale = true;
  }
  #refund(order: Draft, at: number, reason: string, goodsReturn: boolean): void {
    const line = order.lines[0]!;
    if (order.state === 'unpaid' || order.state === 'cancelled' || order.refunds.some((r) => r.oid === line.oid && r.state !== 'withdrawn')) return;
    order.refunds.push({ refundId: `${order.refunds.length + 1}${order.tid.slice(-17)}`, oid: line.oid, refundFen: line.paidFen, requestedAt: new Date(at), modifiedAt: new Date(at), state: 'requested', reason, goodsReturn });
    this.#set(order, order.state, at);
  }
  #settleRefund(order: Draft, at: number): void {
    for (const r of order.refunds) if (r.state === 'requested') Object.assign(r, { state: 'refunded', modifiedAt: new Date(at) });
    const all = order.lines.every((l) => order.refunds.some((r) => r.oid === l.oid && r.state === 'refunded'));
    this.#set(order, all ? 'refunded' : order.state, at);
  }
  /** The buyer's confirmation moves the money: what was not refunded, less the commission. */
  #finish(order: Draft, at: number): void {
    if (order.state !== 'shipped') return;
    if (order.refunds.some((r) => r.state === 'requested')) return this.#later(at + DAY, () => this.#finish(order, at + DAY));
    order.finishedAt = new Date(at);
    this.#set(order, 'finished', at);
    const profile = this.#profiles.get(order.channel)!;
    const back = order.refunds.reduce((n, r) => n + (r.state === 'refunded' ? r.refundFen : 0), 0);
    const { phone } = order.receiver;
    const line = { channel: order.channel, by: profile.pays, tid: order.tid, tradeNo: order.tradeNo, merchantOrderNo: profile.merchantOrderNo(order.tid), refundNo: '', at: new Date(at), buyerAccount: `${phone.slice(0, 3)}****${phone.slice(-4)}` };
    this.#payments.push({ ...line, kind: 'sale', amountFen: order.paidFen - back });
    if (order.commissionFen > 0) this.#payments.push({ ...line, kind: 'commission', amountFen: -order.commissionFen });
  }
  #shipped(order: Draft, input: ShipInput, at: number, by: 'shop' | 'api'): void {
    if (order.state !== 'to_ship' && order.state !== 'partly_shipped') return;
    order.shipments.push({ courier: input.courier, trackingNumber: input.trackingNumber, oids: input.oids, at: new Date(at), by, ...(input.quantities ? { quantities: input.quantities } : {}) });
    this.#set(order, unrefunded(order).every((oid) => allGone(order, oid)) ? 'shipped' : 'partly_shipped', at);
  }
  #buyersDeed(order: Draft, deed: 'confirm' | 'refund' | 'refund-done' | 'refund-withdrawn' | 'address' | 'remark' | 'balance' | 'forfeit', at: number): void {
    const open = order.state === 'to_ship' || order.state === 'partly_shipped';
    if (deed === 'confirm') this.#finish(order, at);
    else if (deed === 'refund') this.#refund(order, at, '不想要了', false);
    else if (deed === 'refund-done') this.#settleRefund(order, at);
    else if (deed === 'refund-withdrawn') {
      for (const r of order.refunds) if (r.state === 'requested') Object.assign(r, { state: 'withdrawn', modifiedAt: new Date(at) });
      this.#set(order, order.state, at);
    } else if (deed === 'address' && open) {
      order.receiver = { ...order.receiver, address: `新址路 ${(at / 1000) % 400} 号`, oaid: `${order.receiver.oaid}n` };
      this.#set(order, order.state, at);
    } else if (deed === 'balance' && order.depositOnly && open) {
      order.depositOnly = false;
      this.#set(order, order.state, at);
    } else if (deed === 'forfeit' && order.depositOnly && open) {
      order.forfeited = true;
      this.#set(order, 'cancelled', at);
    } else if (deed === 'remark' && open) {
      order.buyerMessage = `${order.buyerMessage} 请今天发`.trim();
      this.#set(order, order.state, at);
    }
  }

  apply(deed: Deed): WorldOrder | undefined {
    const at = this.now();
    const order = this.#do(deed, at.getTime());
    this.#o.journal?.(deed, at);
    return order;
  }
  #do(deed: Deed, at: number): WorldOrder | undefined {
    if (deed.do === 'place') return this.#place(deed.input, at);
    if (deed.do === 'courier') return void this.#couriers.apply(deed.deed, at);
    if (deed.do === 'quantity') return void (this.#quantities[deed.sku] = deed.quantity);
    const order = this.#orders.get(deed.do === 'ship' ? deed.input.tid : deed.tid);
    if (!order) return undefined;
    if (deed.do === 'ship') {
      this.#shipped(order, deed.input, at, 'api');
      // What its shop says has left is in the courier's hands a little later.
      this.#couriers.apply({ what: 'scan', number: deed.input.trackingNumber }, at + 30 * MINUTE);
      if (order.state === 'shipped') this.#later(at + 6 * DAY, () => this.#finish(order, at + 6 * DAY));
    } else if (deed.do === 'renumber') {
      for (const s of order.shipments) if (s.trackingNumber === deed.was) s.trackingNumber = deed.trackingNumber;
      this.#set(order, order.state, at);
    } else if (deed.do === 'memo') {
      Object.assign(order, { sellerMemo: deed.memo, sellerFlag: deed.flag });
      this.#set(order, order.state, at);
    } else this.#buyersDeed(order, deed.do, at);
    return order;
  }
  #place(input: PlaceInput, at: number): WorldOrder {
    this.#placed += 1;
    const profile = this.#profiles.get(input.channel ?? this.#o.platforms[0]!.channel) ?? this.#o.platforms[0]!;
    const order = draftOrder(profile, randomOf(this.#load.seed ^ Math.imul(this.#placed, 97_777)), 5_000_000 + this.#placed, new Date(at), { ...input, merchantCode: input.merchantCode ?? (input.planted ? undefined : 'LJ-100') });
    this.#keep(order);
    this.#pay(order, at, 0);
    this.#settle(at);
    return order;
  }
}

/** All pieces of a line have left, over all its parcels; a parcel without quantities took the whole line. */
function allGone(order: Draft, oid: string): boolean {
  const parcels = order.shipments.filter((s) => s.oids.includes(oid));
  const wanted = order.lines.find((l) => l.oid === oid)?.quantity ?? 0;
  return parcels.some((s) => s.quantities === undefined) || parcels.reduce((n, s) => n + (s.quantities?.[oid] ?? 0), 0) >= wanted;
}
