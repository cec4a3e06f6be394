/** Takes in refunds: keyed (shop, refund id), newer only; the order's line follows, and the parcel bends. */
import type { ClientSession } from 'mongoose';
import type { IncomingRefund, RefundState } from '../../channels/channel.ts';
import { fenFromInteger, shareOut } from '../../contract/values/money.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { demandOf, dropReturn, expectReturn, skuFacts } from '../../stock/index.ts';
import { emit } from '../../store/outbox.ts';
import { Orders, Parcels, Refunds, type LineDoc, type OrderDoc, type ParcelDoc, type RefundDoc } from '../store/models.ts';
import { bendParcels, handedOver } from './bend-parcels.ts';
import { checkGifts } from './check-gifts.ts';

export async function ingestRefunds(rt: Runtime, shopId: string, refunds: readonly IncomingRefund[]): Promise<number> {
  let changed = 0;
  const paidBack: string[] = [];
  for (const r of refunds) {
    const done = await ingestOne(rt, shopId, r);
    if (done === undefined) continue;
    changed += 1;
    if (done && r.state === 'refunded') paidBack.push(done);
  }
  if (paidBack.length > 0) await checkGifts(rt, paidBack);
  return changed;
}

/** Refunds that came before their order are its own as soon as it is here. */
export async function adoptRefunds(rt: Runtime): Promise<number> {
  const alone = await Refunds.find({ orderId: '' }).lean<RefundDoc[]>();
  if (alone.length === 0) return 0;
  let adopted = 0;
  for (const shopId of new Set(alone.map((r) => r.shopId))) {
    const refunds = alone.filter((r) => r.shopId === shopId);
    const here = new Set((await Orders.find({ shopId, platformOrderId: { $in: refunds.map((r) => r.platformOrderId) } }, { platformOrderId: 1 }).lean<Pick<OrderDoc, 'platformOrderId'>[]>()).map((o) => o.platformOrderId));
    adopted += await ingestRefunds(rt, shopId, refunds.filter((r) => here.has(r.platformOrderId)).map((r) => ({ ...r, state: r.state as RefundState, refundFen: fenFromInteger(r.refundFen), createdAt: r.requestedAt, raw: '' })));
  }
  return adopted;
}

/** Platforms' times have whole seconds: within one, what is read later is the newer when it differs. */
const same = (before: RefundDoc, r: IncomingRefund): boolean => before.state === r.state && before.platformStatus === r.platformStatus && before.refundFen === r.refundFen && before.hasGoodsReturn === r.hasGoodsReturn;

/** The order that it is for, or nothing new. */
function ingestOne(rt: Runtime, shopId: string, r: IncomingRefund): Promise<string | undefined> {
  return rt.transact(async (session) => {
    const now = rt.clock.now();
    const before = await Refunds.findOne({ shopId, platformRefundId: r.platformRefundId }).session(session).lean<RefundDoc>();
    const repeat = before !== null && (before.modifiedAt > r.modifiedAt || (before.modifiedAt.getTime() === r.modifiedAt.getTime() && same(before, r)));
    if (repeat && before.orderId) return undefined;
    const order = await Orders.findOne({ shopId, platformOrderId: r.platformOrderId }).session(session).lean<OrderDoc>();
    // Read again because its order was missing, and is still: nothing is new.
    if (repeat && !order) return undefined;
    const doc: RefundDoc = {
      _id: before?._id ?? rt.newId('refund'), shopId, platformRefundId: r.platformRefundId, platformOrderId: r.platformOrderId, orderId: order?._id ?? '', platformLineId: r.platformLineId, platformStatus: r.platformStatus, state: r.state, refundFen: r.refundFen, reason: r.reason,
      hasGoodsReturn: r.hasGoodsReturn, requestedAt: r.createdAt, modifiedAt: r.modifiedAt, revision: (before?.revision ?? 0) + 1, changedAt: now,
      // One that is asked for anew is answered anew.
      ...(before?.answer && r.state !== 'requested' ? { answer: before.answer } : {}),
    };
    await Refunds.replaceOne({ _id: doc._id }, doc, { upsert: true, session });
    if (order) {
      const lines = refundedLines(order.lines, r);
      const open = order.reviewState !== 'cancelled' && !order.fulfilledElsewhere && !(await handedOver(session, [order])).has(order._id);
      await Orders.updateOne({ _id: order._id }, { $set: { lines, changedAt: now, ...(open ? { reviewState: 'pending' } : {}) }, $inc: { revision: 1 } }, { session });
      await bendParcels(rt, session, order, { ...order, lines });
      await goodsBack(rt, session, doc, order);
    }
    await emit(rt, session, { topic: 'refund.changed', key: `refund.changed:${doc._id}`, payload: { refundId: doc._id } });
    return doc.orderId;
  });
}

/** Goods on their way back are expected in the returns warehouse, at what they left for; a refund that ends without them is not. */
async function goodsBack(rt: Runtime, session: ClientSession, r: RefundDoc, order: OrderDoc): Promise<void> {
  if (r.state === 'closed' || r.state === 'refused') return dropReturn(rt, session, r._id);
  if (!r.hasGoodsReturn || (r.state !== 'returning' && r.state !== 'refunded')) return;
  const parcels = await Parcels.find({ orderIds: order._id, state: { $in: ['shipped', 'delivered', 'returned'] } }).session(session).lean<ParcelDoc[]>();
  const left = parcels.flatMap((p) => p.lines.filter((l) => l.orderId === order._id && (r.platformLineId === '' || l.platformLineId === r.platformLineId)));
  if (left.length === 0) return;
  const costs = parcels.flatMap((p) => p.costs);
  const facts = await skuFacts(left.map((l) => l.skuCode));
  // A kit that stood made up left as itself, another as its parts.
  const parts = demandOf(left, (code) => (costs.some((c) => c.skuCode === code) ? [] : facts.get(code)?.kit ?? []));
  await expectReturn(rt, session, { refundId: r._id, reference: r.platformRefundId, words: `${r.platformOrderId} ${r.reason}`.trim(), lines: parts.map((p) => { const c = costs.find((x) => x.skuCode === p.skuCode); return { skuCode: p.skuCode, quantity: p.quantity, unitCostFen: c && c.quantity > 0 ? Math.round(c.costFen / c.quantity) : undefined }; }) });
}

/** A refund of the whole order (no line named) is shared over its lines by what was paid for them. */
function refundedLines(lines: readonly LineDoc[], r: IncomingRefund): LineDoc[] {
  const shares = r.platformLineId === '' && lines.length > 0 ? shareOut(r.refundFen, lines.map((l) => Math.max(0, l.paidFen))) : [];
  return lines.map((l, i) => (r.platformLineId !== '' && l.platformLineId !== r.platformLineId ? l : { ...l, refundState: r.state, refundFen: r.state === 'refunded' ? shares[i] ?? r.refundFen : l.refundFen, platformRefundId: r.platformRefundId }));
}
