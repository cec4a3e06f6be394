/**
 * Takes in orders, from a platform or a file.
 * In:  incoming orders of one shop. Out: how many were new, changed, the same, older.
 * Wrong: nothing is dropped; an order that does not add up is kept with its flaw and held by review.
 * The raw body is saved first, keyed (shop, id, modified time, hash). Platform fields never overwrite what a person decided.
 */
import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { IncomingOrder } from '../../channels/channel.ts';
import { resolveCustomer } from '../../customers/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { matchListing } from '../../stock/index.ts';
import { emit } from '../../store/outbox.ts';
import { isShippedThere, needsReview, reviewHash, standing, type Standing } from '../domain/ingest.ts';
import { Orders, Raws, type LineDoc, type OrderDoc, type ReceiverDoc } from '../store/models.ts';
import { bendParcels } from './bend-parcels.ts';

export type IngestCounts = { new: number; changed: number; same: number; older: number };
export type IngestInput = { readonly shopId: string; readonly channel: string; readonly source: 'api' | 'file'; readonly orders: readonly IncomingOrder[]; readonly dryRun?: boolean };

export const hashOf = (o: IncomingOrder): string => createHash('sha256').update(JSON.stringify({ ...o, raw: '' })).digest('base64url').slice(0, 24);

export async function ingestOrders(rt: Runtime, input: IngestInput): Promise<IngestCounts> {
  const counts: IngestCounts = { new: 0, changed: 0, same: 0, older: 0 };
  for (const incoming of input.orders) counts[await ingestOne(rt, input, incoming)] += 1;
  return counts;
}

async function ingestOne(rt: Runtime, input: IngestInput, incoming: IncomingOrder): Promise<Standing> {
  const hash = hashOf(incoming);
  const where = { shopId: input.shopId, platformOrderId: incoming.platformOrderId };
  const known = await Orders.findOne(where).lean<OrderDoc>();
  const found = standing(known ?? undefined, { modifiedAt: incoming.modifiedAt, hash, complete: incoming.complete });
  if (input.dryRun || found === 'same' || found === 'older') return found;
  await keepRaw(rt, input, incoming, hash);
  // Listings are matched outside the transaction: matching is idempotent by itself.
  const skus = new Map<string, string | null>();
  for (const l of incoming.lines) {
    skus.set(l.platformLineId, await matchListing(rt, { shopId: input.shopId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId || l.merchantCode, merchantCode: l.merchantCode, title: l.title }));
  }
  return rt.transact(async (session) => {
    const before = await Orders.findOne(where).session(session).lean<OrderDoc>();
    const again = standing(before ?? undefined, { modifiedAt: incoming.modifiedAt, hash, complete: incoming.complete });
    if (again === 'same' || again === 'older') return again;
    await write(rt, session, input, incoming, hash, skus, before ?? undefined);
    return again;
  });
}

async function keepRaw(rt: Runtime, input: IngestInput, incoming: IncomingOrder, hash: string): Promise<void> {
  await Raws.updateOne(
    { shopId: input.shopId, kind: 'order', platformId: incoming.platformOrderId, modifiedAt: incoming.modifiedAt, hash },
    { $setOnInsert: { _id: rt.newId('raw'), sealed: rt.secrets.seal(incoming.raw), at: rt.clock.now() } }, { upsert: true },
  );
}

async function write(rt: Runtime, session: ClientSession, input: IngestInput, o: IncomingOrder, hash: string, skus: ReadonlyMap<string, string | null>, before: OrderDoc | undefined): Promise<void> {
  const now = rt.clock.now();
  const customerId = before?.customerId || ((await resolveCustomer(rt, session, { channel: input.channel, buyerKey: o.buyerKey, buyerNick: o.buyerNick, at: o.placedAt })) ?? '');
  const id = before?._id ?? rt.newId('order');
  // A source without lines (an order report) leaves those that another has given.
  const lines = o.lines.length === 0 && before ? before.lines : o.lines.map((l): LineDoc => lineDoc(l, skus.get(l.platformLineId) ?? null, before));
  const fresh: OrderDoc = {
    _id: id, shopId: input.shopId, channel: input.channel, platformOrderId: o.platformOrderId, platformStatus: o.platformStatus, status: o.status, placedAt: o.placedAt, paidAt: o.paidAt ?? null, modifiedAt: o.modifiedAt, shipByAt: o.shipByAt ?? null,
    shippedAt: o.shippedAt ?? before?.shippedAt ?? null, paidFen: o.paidFen, freightFen: o.freightFen, discountFen: o.discountFen, commissionFen: o.commissionFen ?? before?.commissionFen ?? 0, paymentTradeNo: o.paymentTradeNo || before?.paymentTradeNo || '', cod: o.cod, presale: o.presale,
    sealedBuyer: rt.secrets.seal(JSON.stringify({ key: o.buyerKey, nick: o.buyerNick })), buyerMark: o.buyerKey ? rt.secrets.fingerprint(`buyer:${input.channel}:${o.buyerKey}`) : '', shownBuyer: shorten(o.buyerNick), buyerMessage: o.buyerMessage, sellerMemo: o.sellerMemo, sellerFlag: o.sellerFlag,
    receiver: receiverDoc(rt, o, before), lines, customerId, flaws: o.flaws.map((f) => ({ code: f.code, words: f.words })), complete: o.complete || (before?.complete ?? false), hash, changedAt: now, revision: (before?.revision ?? 0) + 1,
    reviewState: before?.reviewState ?? 'pending', holds: before?.holds ?? [], decision: before?.decision ?? null, released: before?.released ?? [], parcelIds: before?.parcelIds ?? [], chosenWarehouse: before?.chosenWarehouse ?? '', chosenCourier: before?.chosenCourier ?? '',
    fulfilledElsewhere: before ? before.fulfilledElsewhere || (isShippedThere(o.status) && before.parcelIds.length === 0) : isShippedThere(o.status),
  };
  await Orders.replaceOne({ _id: id }, bent(fresh, before), { upsert: true, session });
  if (before) await bendParcels(rt, session, before, fresh);
  if (o.paidAt && !before?.paidAt) await emit(rt, session, { topic: 'order.paid', key: `order.paid:${id}`, payload: { orderId: id } });
  await emit(rt, session, { topic: 'order.changed', key: `order.changed:${id}`, payload: { orderId: id } });
}

const facts = (o: OrderDoc) => ({ ...o, status: o.status as IncomingOrder['status'], paidFen: o.paidFen as IncomingOrder['paidFen'], address: o.receiver.mark || `${o.receiver.province}${o.receiver.city}${o.receiver.district}${o.receiver.shownAddress}` });

/** What the change does to the review: a closed order is cancelled, a changed one is looked at anew. */
function bent(fresh: OrderDoc, before: OrderDoc | undefined): OrderDoc {
  if (fresh.status === 'closed') return { ...fresh, reviewState: 'cancelled', holds: [] };
  if (fresh.fulfilledElsewhere) return { ...fresh, reviewState: 'passed', holds: [] };
  if (before && needsReview({ status: fresh.status as IncomingOrder['status'] }) && reviewHash(facts(before)) !== reviewHash(facts(fresh))) return { ...fresh, reviewState: 'pending' };
  return fresh;
}

function lineDoc(l: IncomingOrder['lines'][number], skuCode: string | null, before: OrderDoc | undefined): LineDoc {
  const old = before?.lines.find((x) => x.platformLineId === l.platformLineId);
  return {
    platformLineId: l.platformLineId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId, merchantCode: l.merchantCode, title: l.title, properties: l.properties, skuCode: skuCode ?? old?.skuCode ?? null, quantity: l.quantity, unitPriceFen: l.unitPriceFen, paidFen: l.paidFen,
    discounts: l.discounts.map((d) => ({ bearer: d.bearer, name: d.name, amountFen: d.amountFen })), refundState: l.refundState, refundFen: old?.refundFen ?? 0, platformRefundId: l.platformRefundId, shipped: l.shipped,
  };
}

/** Names, phones and addresses stay sealed; what is shown is cut short even where a platform sends it whole. */
function receiverDoc(rt: Runtime, o: IncomingOrder, before: OrderDoc | undefined): ReceiverDoc {
  const r = o.receiver;
  if (before && !o.complete && r.province === '') return before.receiver;
  const whole = `${r.province}|${r.city}|${r.district}|${r.town}|${r.address}|${r.name}|${r.phone}`;
  return {
    sealed: rt.secrets.seal(JSON.stringify(r)), shownName: r.masked ? r.name : shorten(r.name), province: r.province, city: r.city, district: r.district, shownAddress: r.masked ? `${r.town}${r.address}` : `${r.town}${r.address.slice(0, 4)}***`,
    token: r.token, masked: r.masked, mark: r.province === '' ? '' : rt.secrets.fingerprint(`receiver:${r.token || whole}`),
  };
}
const shorten = (name: string): string => (name.length <= 1 ? name : `${name.slice(0, 1)}${'*'.repeat(Math.min(3, name.length - 1))}`);
