/** What rules see of orders: gathered for many at once, and only what some rule looks at. In: orders, field names. Out: one input an order. */
import { customerTags } from '../../customers/index.ts';
import { businessDayOf, COMPANY_ZONE } from '../../contract/values/time.ts';
import { dayNumber, type LoadedTable } from '../../rules/index.ts';
import { Shops } from '../../shops/index.ts';
import { availability, isDropshipped, skuFacts, type SkuFacts } from '../../stock/index.ts';
import { wishesOf, type GiftWish } from '../domain/gifts.ts';
import { ownInputs } from './own-inputs.ts';
import { reviewInput, verdictOf, type HitLike, type Input, type Verdict } from '../domain/review.ts';
import { Orders, Refunds, type OrderDoc } from '../store/models.ts';
import type { SeenOrder } from '../store/seen-orders.ts';

/** All that a decision about an order may need; sealed personal data is left where it is. */
export const WITHOUT_SEALED = { 'receiver.sealed': 0, sealedBuyer: 0, 'receiver.token': 0 } as const;
export type Buyer = { readonly paid: readonly number[]; readonly refunds: number };
export type OrderContext = {
  readonly now: Date; readonly shops: ReadonlyMap<string, string>; readonly skus: ReadonlyMap<string, SkuFacts>; readonly tags: ReadonlyMap<string, string[]>; readonly buyers: ReadonlyMap<string, Buyer>; readonly stock: ReadonlyMap<string, number> | undefined;
  /** Own fields that rules look at, by order. */
  readonly own: ReadonlyMap<string, Input>;
};
const HISTORY = ['buyerOrders', 'buyerRefunds', 'refundShare'];

/** What a run over many batches has read already; it sees each shop, SKU, buyer and balance once. */
export type Known = { readonly shops: OrderContext['shops']; readonly skus: OrderContext['skus']; readonly tags: Map<string, string[]>; readonly buyers: Map<string, Buyer>; stock?: ReadonlyMap<string, number> };
export async function knownOfAll(uses: ReadonlySet<string>): Promise<Known> {
  const [shops, skus] = await Promise.all([Shops.find({}).lean(), skuFacts()]);
  return { shops: new Map(shops.map((s) => [s._id, s.name])), skus, tags: new Map(), buyers: new Map(), ...(uses.has('stock') ? { stock: await freeOf([...skus.keys()]) } : {}) };
}
const freeOf = async (codes: readonly string[]): Promise<ReadonlyMap<string, number>> => new Map([...(await availability(codes))].map(([code, houses]) => [code, [...houses.values()].reduce((a, b) => a + Math.max(0, b), 0)]));

export async function orderContext(orders: readonly SeenOrder[], now: Date, uses: ReadonlySet<string>, known?: Known): Promise<OrderContext> {
  const customers = [...new Set(orders.map((o) => o.customerId).filter((id) => id && !known?.tags.has(id)))];
  const codes = known ? [] : [...new Set(orders.flatMap((o) => o.lines.flatMap((l) => (l.skuCode ? [l.skuCode] : []))))];
  const [shops, skus, tags, buyers, own, stock] = await Promise.all([
    known?.shops ?? Shops.find({}).lean().then((list) => new Map(list.map((s) => [s._id, s.name]))), known?.skus ?? skuFacts(codes), customerTags(customers),
    HISTORY.some((f) => uses.has(f)) ? buyersOf(customers) : new Map<string, Buyer>(), ownInputs(orders, uses),
    known ? known.stock : uses.has('stock') ? freeOf(codes) : undefined,
  ]);
  if (known) {
    for (const id of customers) { known.tags.set(id, tags.get(id) ?? []); const buyer = buyers.get(id); if (buyer) known.buyers.set(id, buyer); }
    return { now, shops, skus, tags: known.tags, buyers: known.buyers, stock, own };
  }
  return { now, shops, skus, tags, buyers, stock, own };
}

/** When each customer paid, and how many refunds came of it. */
async function buyersOf(customers: readonly string[]): Promise<Map<string, Buyer>> {
  if (customers.length === 0) return new Map();
  const own = await Orders.collection.find<Pick<OrderDoc, '_id' | 'customerId' | 'paidAt'>>({ customerId: { $in: [...customers] }, paidAt: { $ne: null } }, { projection: { customerId: 1, paidAt: 1 }, batchSize: 5_000 }).toArray();
  const owner = new Map(own.map((o) => [o._id, o.customerId]));
  const refunds = await Refunds.find({ orderId: { $in: [...owner.keys()] } }, { orderId: 1 }).lean<{ orderId: string }[]>();
  const made = new Map<string, { paid: number[]; refunds: number }>();
  const of = (id: string): { paid: number[]; refunds: number } => { const there = made.get(id) ?? { paid: [], refunds: 0 }; made.set(id, there); return there; };
  for (const o of own) of(o.customerId).paid.push(o.paidAt!.getTime());
  for (const r of refunds) of(owner.get(r.orderId)!).refunds += 1;
  return made;
}

function stockOf(order: SeenOrder, stock: ReadonlyMap<string, number> | undefined, skus: OrderContext['skus']): 'enough' | 'short' | 'none' | undefined {
  if (!stock) return undefined;
  const wanted = new Map<string, number>();
  for (const l of order.lines) if (l.skuCode && !isDropshipped(skus.get(l.skuCode)) && l.refundState !== 'refunded' && !l.shipped) wanted.set(l.skuCode, (wanted.get(l.skuCode) ?? 0) + l.quantity);
  // What is promised to its parcels is its own.
  if (wanted.size === 0 || order.parcelIds.length > 0) return 'enough';
  const free = [...wanted].map(([code, n]) => [stock.get(code) ?? 0, n] as const);
  return free.every(([f, n]) => f >= n) ? 'enough' : free.every(([f]) => f === 0) ? 'none' : 'short';
}

/** Formatting a day costs more than all the rest, and days come in hours: one look-up an hour. */
const days = new Map<number, number>();
function dayOf(at: Date): number {
  const hour = Math.floor(at.getTime() / 3_600_000);
  const known = days.get(hour);
  if (known !== undefined) return known;
  const day = dayNumber(businessDayOf(at, COMPANY_ZONE)) ?? 0;
  if (days.size > 10_000) days.clear();
  days.set(hour, day);
  return day;
}

/** A decided order is seen as of its decision; one that waits, as of now. */
const seenAt = (order: SeenOrder, now: Date): Date => (order.reviewState === 'pending' || order.reviewState === 'held' || !order.decision ? now : order.decision.at);

export function inputOf(order: SeenOrder, c: OrderContext, orderTags: readonly string[] = order.ruled?.tags ?? []): Input {
  const r = order.receiver;
  const buyer = c.buyers.get(order.customerId);
  const at = (order.paidAt ?? order.placedAt).getTime();
  const own = c.own.get(order._id);
  const input = reviewInput({
    shopName: c.shops.get(order.shopId) ?? '', channel: order.channel, status: order.status, province: r.province, city: r.city, district: r.district, shownAddress: r.shownAddress, receiverName: r.shownName, checks: r.checks, buyerMessage: order.buyerMessage, sellerMemo: order.sellerMemo,
    sellerFlag: order.sellerFlag, paidFen: order.paidFen, freightFen: order.freightFen, discountFen: order.discountFen, cod: order.cod, invoiceWanted: order.invoiceWanted ?? false, presale: order.presale, flaws: order.flaws.map((f) => f.code), tags: c.tags.get(order.customerId) ?? [], orderTags,
    buyer: { orders: buyer?.paid.filter((p) => p < at).length ?? 0, refunds: buyer?.refunds ?? 0 }, stock: stockOf(order, c.stock, c.skus), paidAt: order.paidAt, shipByAt: order.shipByAt, now: seenAt(order, c.now), dayOf,
    lines: order.lines.map((l) => { const s = l.skuCode ? c.skus.get(l.skuCode) : undefined; return { skuCode: l.skuCode, quantity: l.quantity, refundState: l.refundState, costFen: s?.costFen ?? 0, weightGrams: s?.weightGrams ?? 0, category: s?.category ?? '', flags: s?.flags ?? [] }; }),
  });
  return own ? { ...input, ...own } : input;
}

export type ReviewTables = { readonly review: Pick<LoadedTable, 'decide'>; readonly tag: Pick<LoadedTable, 'decide'>; readonly gift: Pick<LoadedTable, 'decide'> };
export type Judged = Verdict & { readonly input: Input; readonly hits: readonly HitLike[] };
/** Tags first, then review, which sees them; gifts beside. The same for a real review and for a dry run. */
export function judge(order: SeenOrder, context: OrderContext, tables: ReviewTables, released: readonly string[]): Judged {
  const plain = inputOf(order, context, []);
  const tags = tagsOf(tables.tag.decide(plain));
  const input = tags.length === 0 ? plain : { ...plain, orderTags: tags };
  const hits = tables.review.decide(input);
  return { ...verdictOf(hits, released, { tags, gifts: giftsFor(order, tables.gift, input) }), input, hits };
}
export const tagsOf = (hits: readonly HitLike[]): string[] => [...new Set(hits.map((h) => h.outcome['tag'] ?? '').filter(Boolean))];
/** A tier is reached by what the buyer keeps: money that went back does not count. */
export const giftInput = (order: Pick<SeenOrder, 'paidFen' | 'lines'>, input: Input): Input => {
  const back = order.lines.reduce((n, l) => n + (l.refundState === 'refunded' ? l.refundFen : 0), 0);
  return back === 0 ? input : { ...input, paid: order.paidFen - back };
};
/** Nothing is given away with an order that has nothing left to send. */
export const giftsFor = (order: Pick<SeenOrder, 'paidFen' | 'lines'>, gift: Pick<LoadedTable, 'decide'>, input: Input): GiftWish[] =>
  (order.lines.every((l) => l.refundState === 'refunded') ? [] : wishesOf(gift.decide(giftInput(order, input))));
