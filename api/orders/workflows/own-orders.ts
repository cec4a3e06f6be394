/**
 * Orders of our own: what an order's buyer is sent once more (re-send) or instead (exchange). In: an order that has left, pieces,
 * a note. Out: a new order in the shop of own orders, linked to the first, that is planned and sent like any other and of which no
 * platform is told. Wrong: the first has not left (change it instead), a SKU that is not there.
 * The receiver is the first order's, sealed as it was; where it is covered, the first order's platform opens it.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { ownShop } from '../../shops/index.ts';
import { skuFacts } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { emit } from '../../store/outbox.ts';
import { isGone } from '../domain/parcel.ts';
import { Orders, Parcels, type LineDoc, type LinkedDoc, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { bendParcels } from './bend-parcels.ts';

export const OWN = 'own';
export type SendAgain = { readonly kind: LinkedDoc['kind']; readonly lines: readonly { readonly skuCode: string; readonly quantity: number }[]; readonly note: string };
type OwnRefusal = Both & { readonly code: 'not_found' | 'not_left' | 'unknown_sku' | 'not_own' | 'left' };
const no = (code: OwnRefusal['code'], zh: string, en: string): Result<never, OwnRefusal> => refuse({ code, zh, en });
type By = { readonly userId: string; readonly name: string };

export async function sendAgain(rt: Runtime, orderId: string, asked: SendAgain, by: By): Promise<Result<string, OwnRefusal>> {
  const facts = await skuFacts(asked.lines.map((l) => l.skuCode));
  const unknown = asked.lines.find((l) => !facts.has(l.skuCode));
  if (unknown) return no('unknown_sku', `没有货品 ${unknown.skuCode}。`, `There is no SKU ${unknown.skuCode}.`);
  const shop = await ownShop(rt);
  const done = await rt.transact(async (session): Promise<Result<string, OwnRefusal>> => {
    const first = await Orders.findById(orderId).session(session).lean<OrderDoc>();
    if (!first) return no('not_found', '没有这个订单。', 'There is no such order.');
    const left = first.fulfilledElsewhere || (await Parcels.find({ orderIds: orderId, state: { $ne: 'cancelled' } }, { state: 1 }).session(session).lean<Pick<ParcelDoc, 'state'>[]>()).some((p) => isGone(p.state));
    if (!left) return no('not_left', '还没有发货：直接改订单。', 'It has not left yet: change the order itself.');
    // Of an order that was itself sent again, the chain begins where its buyer bought.
    const link: LinkedDoc = { kind: asked.kind, ...(first.linkedTo ? originOf(first.linkedTo) : { orderId: first._id, platformOrderId: first.platformOrderId, shopId: first.shopId, channel: first.channel }) };
    const nth = (await Orders.countDocuments({ 'linkedTo.orderId': link.orderId }).session(session)) + 1;
    const order = ownOrder(rt, first, { asked, by, link, shopId: shop._id, number: `${link.platformOrderId}-${asked.kind === 'exchange' ? 'H' : 'B'}${nth}`, names: new Map([...facts].map(([code, f]) => [code, f.name])) });
    await Orders.create([order], { session });
    await emit(rt, session, { topic: 'order.changed', key: `order.changed:${order._id}`, payload: { orderId: order._id } });
    await audit(rt, session, [{ userId: by.userId, command: asked.kind, noun: 'orders', id: orderId, before: '', after: { orderId: order._id, lines: asked.lines, note: asked.note }, at: rt.clock.now() }]);
    return ok(order._id);
  });
  if (done.ok) rt.wake('plan-parcels');
  return done;
}
const originOf = ({ orderId, platformOrderId, shopId, channel }: LinkedDoc): Omit<LinkedDoc, 'kind'> => ({ orderId, platformOrderId, shopId, channel });

type New = { readonly asked: SendAgain; readonly by: By; readonly link: LinkedDoc; readonly shopId: string; readonly number: string; readonly names: ReadonlyMap<string, string> };
function ownOrder(rt: Runtime, first: OrderDoc, { asked, by, link, shopId, number, names }: New): OrderDoc {
  const now = rt.clock.now();
  const lines = asked.lines.map((l, i): LineDoc => ({
    platformLineId: `${number}-${i + 1}`, platformItemId: '', platformSkuId: l.skuCode, merchantCode: l.skuCode, title: names.get(l.skuCode) ?? l.skuCode, properties: '', skuCode: l.skuCode, quantity: l.quantity, unitPriceFen: 0, paidFen: 0, discounts: [], refundState: 'none', refundFen: 0, platformRefundId: '', shipped: false,
  }));
  return {
    _id: rt.newId('order'), shopId, channel: OWN, platformOrderId: number, platformStatus: OWN, status: 'to_ship', placedAt: now, paidAt: now, modifiedAt: now, shipByAt: null, shippedAt: null, paidFen: 0, freightFen: 0, discountFen: 0, commissionFen: 0, paymentTradeNo: '', cod: false, presale: false,
    sealedBuyer: first.sealedBuyer, buyerMark: first.buyerMark, shownBuyer: first.shownBuyer, buyerMessage: '', sellerMemo: asked.note, sellerFlag: 0, receiver: first.receiver, lines, customerId: first.customerId, flaws: [], fulfilledElsewhere: false, complete: true, parcelIds: [], chosenWarehouse: '', chosenCourier: '', hash: '',
    // A person asked for it: there is nothing left to review.
    reviewState: 'passed', holds: [], decision: { table: 'order-review', version: 0, at: now, byHand: true, by: by.name, note: asked.note }, released: [], ruled: null, toPlan: true, linkedTo: link, revision: 1, changedAt: now,
  };
}

/** Takes back what no platform can cancel. Wrong: it is a platform's order, or it has left. */
export async function closeOwnOrder(rt: Runtime, orderId: string, by: By): Promise<Result<void, OwnRefusal>> {
  return rt.transact(async (session: ClientSession): Promise<Result<void, OwnRefusal>> => {
    const order = await Orders.findById(orderId).session(session).lean<OrderDoc>();
    if (!order) return no('not_found', '没有这个订单。', 'There is no such order.');
    if (order.channel !== OWN) return no('not_own', '平台的订单要在平台上关闭。', 'A platform’s order is closed on its platform.');
    if (order.status === 'closed') return ok(undefined);
    if ((await Parcels.find({ orderIds: orderId, state: { $ne: 'cancelled' } }, { state: 1 }).session(session).lean<Pick<ParcelDoc, 'state'>[]>()).some((p) => isGone(p.state))) return no('left', '已经发货，不能关闭。', 'It has left: it cannot be closed.');
    const now = rt.clock.now();
    await Orders.updateOne({ _id: orderId }, { $set: { status: 'closed', reviewState: 'cancelled', holds: [], toPlan: false, modifiedAt: now, changedAt: now }, $inc: { revision: 1 } }, { session });
    await bendParcels(rt, session, order, { ...order, status: 'closed' });
    await emit(rt, session, { topic: 'order.changed', key: `order.changed:${orderId}`, payload: { orderId } });
    await audit(rt, session, [{ userId: by.userId, command: 'close', noun: 'orders', id: orderId, before: order.status, after: 'closed', at: now }]);
    return ok(undefined);
  });
}
