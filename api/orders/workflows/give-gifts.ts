/**
 * Gives reviewed orders their gifts, within what each rule may give. In: orders with what the rules wish for them, oldest payment
 * first. Out: what each gets, and what it does not, with the reason. In the caller's transaction: grants and counts are written with
 * the order, so that a rule never gives more than it may, and an order that loses its gift gives it back.
 */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { skuFacts } from '../../stock/index.ts';
import { allot, type Asking, type GiftWish, type Given, type Grant } from '../domain/gifts.ts';
import { GiftCounts, GiftGrants, type GiftGrantDoc } from '../store/gifts.ts';
import type { OrderDoc } from '../store/models.ts';

type Wishing = { readonly order: Pick<OrderDoc, '_id' | 'customerId' | 'buyerMark' | 'ruled'>; readonly wishes: readonly GiftWish[] };
/** Somebody whom no platform names is a buyer of this one order. */
const buyerOf = (o: Wishing['order']): string => o.customerId || o.buyerMark || o._id;
const keyOf = (g: Pick<Grant, 'rule' | 'skuCode' | 'orderId'>): string => `${g.rule}|${g.skuCode}|${g.orderId}`;

export async function giveGifts(rt: Runtime, session: ClientSession, list: readonly Wishing[]): Promise<ReadonlyMap<string, Given>> {
  const due = list.filter(({ order, wishes }) => wishes.length > 0 || (order.ruled?.gifts.length ?? 0) > 0);
  if (due.length === 0) return new Map();
  const asking = due.map(({ order, wishes }): Asking => ({ orderId: order._id, buyer: buyerOf(order), wishes }));
  const had = await GiftGrants.find({ orderId: { $in: asking.map((a) => a.orderId) } }).session(session).lean<GiftGrantDoc[]>();
  const rules = [...new Set([...asking.flatMap((a) => a.wishes.map((w) => w.rule ?? '')), ...had.map((g) => g.rule)])];
  const limited = [...new Set(asking.flatMap((a) => a.wishes.flatMap((w) => (w.perBuyer === undefined ? [] : [w.rule ?? '']))))];
  const [counts, own, facts] = await Promise.all([
    GiftCounts.find({ _id: { $in: rules } }).session(session).lean(),
    limited.length === 0 ? [] : GiftGrants.find({ rule: { $in: limited }, buyer: { $in: [...new Set(asking.map((a) => a.buyer))] } }).session(session).lean<GiftGrantDoc[]>(),
    skuFacts([...new Set(asking.flatMap((a) => a.wishes.map((w) => w.skuCode)))]),
  ]);
  const buyers = new Map<string, number>();
  for (const g of own) buyers.set(`${g.rule}|${g.buyer}`, (buyers.get(`${g.rule}|${g.buyer}`) ?? 0) + g.quantity);
  const grants = new Map(asking.map((a) => [a.orderId, had.filter((g) => g.orderId === a.orderId)]));
  const given = allot({ rules: new Map(counts.map((c) => [c._id, { orders: c.orders, pieces: c.pieces }])), buyers, grants, known: (sku) => facts.has(sku) }, asking);
  await keep(rt, session, had, asking.flatMap((a) => given.get(a.orderId)!.gifts.map((g): Grant => ({ rule: g.rule ?? '', orderId: a.orderId, buyer: a.buyer, skuCode: g.skuCode, quantity: g.quantity }))));
  return given;
}

/** Writes what is different: grants, and the counts that are their sums. */
async function keep(rt: Runtime, session: ClientSession, before: readonly Grant[], after: readonly Grant[]): Promise<void> {
  const at = rt.clock.now();
  const was = new Map(before.map((g) => [keyOf(g), g]));
  const is = new Map(after.map((g) => [keyOf(g), g]));
  const gone = before.filter((g) => is.get(keyOf(g))?.quantity !== g.quantity);
  const fresh = after.filter((g) => was.get(keyOf(g))?.quantity !== g.quantity);
  if (gone.length + fresh.length === 0) return;
  const sums = new Map<string, { orders: number; pieces: number }>();
  for (const [list, sign] of [[gone, -1], [fresh, 1]] as const) for (const g of list) {
    const c = sums.get(g.rule) ?? { orders: 0, pieces: 0 };
    sums.set(g.rule, { orders: c.orders + sign, pieces: c.pieces + sign * g.quantity });
  }
  if (gone.length > 0) await GiftGrants.deleteMany({ _id: { $in: gone.map(keyOf) } }, { session });
  if (fresh.length > 0) await GiftGrants.insertMany(fresh.map((g): GiftGrantDoc => ({ _id: keyOf(g), ...g, at })), { session });
  await GiftCounts.bulkWrite([...sums].map(([_id, { orders, pieces }]) => ({ updateOne: { filter: { _id }, update: { $inc: { orders, pieces } }, upsert: true } })), { session });
}

/** Orders that were closed before anything left: what they were to be given is free for others. */
export async function takeBackGifts(rt: Runtime, session: ClientSession, orders: readonly Wishing['order'][]): Promise<void> {
  await giveGifts(rt, session, orders.map((order) => ({ order, wishes: [] })));
}
