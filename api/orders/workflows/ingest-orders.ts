/**
 * Takes in orders, from a platform or a file.
 * In:  incoming orders of one shop. Out: how many were new, changed, the same, older.
 * Wrong: nothing is dropped; an order that does not add up is kept with its flaw and held by review.
 * The raw body is saved first, keyed (shop, id, modified time, hash). Platform fields never overwrite what a person decided.
 */
import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { IncomingOrder } from '../../channels/channel.ts';
import { resolveCustomers } from '../../customers/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { matchListings } from '../../stock/index.ts';
import { insertAll, insertNew } from '../../store/bulk.ts';
import { emitAll, type NewEvent } from '../../store/outbox.ts';
import { checksOf } from '../domain/plausible.ts';
import { isShippedThere, needsReview, reviewHash, standing, type Standing } from '../domain/ingest.ts';
import { Orders, Raws, type LineDoc, type OrderDoc, type RawDoc, type ReceiverDoc } from '../store/models.ts';
import { bendParcels, handedOver } from './bend-parcels.ts';
import { takeBackGifts } from './give-gifts.ts';
import { leftByUs, markLeftThere } from './left-there.ts';
import { decideFresh, liveReview } from './review-pending.ts';

export type IngestCounts = { new: number; changed: number; same: number; older: number };
export type IngestInput = { readonly shopId: string; readonly channel: string; readonly source: 'api' | 'file'; readonly orders: readonly IncomingOrder[]; readonly dryRun?: boolean; /** New orders are reviewed on their way in, where the next review needs nothing else. */ readonly review?: boolean };

export const hashOf = (o: IncomingOrder): string => createHash('sha256').update(JSON.stringify({ ...o, raw: '' })).digest('base64url').slice(0, 24);

/** Orders of one transaction: more save little, and lock more. A round trip costs as much as an order or two. */
const CHUNK = 200;
type Incoming = { readonly order: IncomingOrder; readonly hash: string };

export async function ingestOrders(rt: Runtime, input: IngestInput): Promise<IngestCounts> {
  const counts: IngestCounts = { new: 0, changed: 0, same: 0, older: 0 };
  const chunks = chunksOf(input.orders);
  let next = chunks.length > 0 ? prepared(rt, input, chunks[0]!) : undefined;
  for (let i = 0; next; i += 1) {
    const ready: Ready = await next;
    // While one chunk is written, the next is made ready; an order that is there twice stands in two chunks, and is asked about again then.
    next = i + 1 < chunks.length ? prepared(rt, input, chunks[i + 1]!) : undefined;
    next?.catch(() => undefined);
    for (const found of await ingestChunk(rt, input, ready)) counts[found] += 1;
  }
  return counts;
}

/** Runs of orders in which none is there twice: a page that repeats an order asks about it after the first was taken in. */
function chunksOf(orders: readonly IncomingOrder[]): Incoming[][] {
  const chunks: Incoming[][] = [];
  let [open, seen]: [Incoming[], Set<string>] = [[], new Set()];
  for (const order of orders) {
    if (open.length === CHUNK || seen.has(order.platformOrderId)) {
      chunks.push(open);
      [open, seen] = [[], new Set()];
    }
    open.push({ order, hash: hashOf(order) });
    seen.add(order.platformOrderId);
  }
  return open.length > 0 ? [...chunks, open] : chunks;
}

const known = async (input: IngestInput, chunk: readonly Incoming[], session: ClientSession | null): Promise<Map<string, OrderDoc>> =>
  new Map((await Orders.find({ shopId: input.shopId, platformOrderId: { $in: chunk.map((c) => c.order.platformOrderId) } }).session(session).lean<OrderDoc[]>()).map((o) => [o.platformOrderId, o]));
const standingOf = (before: ReadonlyMap<string, OrderDoc>, { order, hash }: Incoming): Standing => standing(before.get(order.platformOrderId), { modifiedAt: order.modifiedAt, hash, complete: order.complete });
const isNews = (s: Standing): boolean => s === 'new' || s === 'changed';

type Ready = { readonly chunk: readonly Incoming[]; readonly found: readonly Standing[]; readonly news: readonly Incoming[]; readonly skuOf: Known['skuOf'] };
async function prepared(rt: Runtime, input: IngestInput, chunk: readonly Incoming[]): Promise<Ready> {
  const there = await known(input, chunk, null);
  const found = chunk.map((c) => standingOf(there, c));
  const news = chunk.filter((_, i) => isNews(found[i]!));
  if (input.dryRun || news.length === 0) return { chunk, found, news: [], skuOf: () => null };
  // Listings are matched outside the transaction: matching is idempotent by itself.
  const [skuOf] = await Promise.all([matchLines(rt, input.shopId, news), keepRaws(rt, input, news)]);
  return { chunk, found, news, skuOf };
}

async function ingestChunk(rt: Runtime, input: IngestInput, { chunk, found, news, skuOf }: Ready): Promise<readonly Standing[]> {
  if (news.length === 0) return found;
  const save = (part: readonly Incoming[]): Promise<Standing[]> => rt.transact(async (session) => {
    const before = await known(input, part, session);
    const again = part.map((c) => standingOf(before, c));
    await write(rt, session, { input, skuOf, before }, part.filter((_, i) => isNews(again[i]!)));
    return again;
  });
  let again: Standing[];
  try {
    again = await save(news);
  } catch (error) {
    if (news.length === 1) throw error;
    // One order that cannot be saved must not stop the others: it fails by itself.
    again = [];
    for (const one of news) again.push(...(await save([one])));
  }
  const after = new Map(news.map((c, i) => [c, again[i]!]));
  return chunk.map((c, i) => after.get(c) ?? found[i]!);
}

async function keepRaws(rt: Runtime, input: IngestInput, chunk: readonly Incoming[]): Promise<void> {
  const at = rt.clock.now();
  await insertNew(Raws, chunk.map(({ order, hash }): RawDoc => ({ _id: rt.newId('raw'), shopId: input.shopId, kind: 'order', platformId: order.platformOrderId, modifiedAt: order.modifiedAt, hash, sealed: rt.secrets.seal(order.raw), at })));
}

/** The SKU of each line; a listing that many orders name is asked for once. */
async function matchLines(rt: Runtime, shopId: string, chunk: readonly Incoming[]): Promise<(line: IncomingOrder['lines'][number]) => string | null> {
  const keyOf = (l: IncomingOrder['lines'][number]): string => JSON.stringify([l.platformItemId, l.platformSkuId || l.merchantCode, l.merchantCode]);
  const asked = new Map(chunk.flatMap((c) => c.order.lines.map((l) => [keyOf(l), l] as const)));
  const found = await matchListings(rt, shopId, [...asked.values()].map((l) => ({ platformItemId: l.platformItemId, platformSkuId: l.platformSkuId || l.merchantCode, merchantCode: l.merchantCode, title: l.title })));
  const skus = new Map([...asked.keys()].map((key, i) => [key, found[i]!]));
  return (l) => skus.get(keyOf(l)) ?? null;
}

type Known = { readonly input: IngestInput; readonly skuOf: (line: IncomingOrder['lines'][number]) => string | null; readonly before: ReadonlyMap<string, OrderDoc> };
async function write(rt: Runtime, session: ClientSession, { input, skuOf, before }: Known, chunk: readonly Incoming[]): Promise<void> {
  if (chunk.length === 0) return;
  const { ids: customers, fresh: unknown } = await resolveCustomers(rt, session, chunk.map(({ order: o }) => ({ channel: input.channel, buyerKey: o.buyerKey, buyerNick: o.buyerNick, at: o.placedAt })));
  const gone = await handedOver(session, chunk.flatMap((c) => before.get(c.order.platformOrderId) ?? []));
  const made = chunk.map(({ order, hash }, i) => {
    const old = before.get(order.platformOrderId);
    return { order, old, doc: bent(orderDoc(rt, input, order, { hash, skuOf, old, customerId: old?.customerId || (customers[i] ?? '') }), old, old !== undefined && gone.has(old._id)) };
  });
  const ours = await leftByUs(session, made.flatMap(({ old, doc }) => (old && turnedShipped(old, doc) ? [old] : [])));
  await markLeftThere(made.map(({ order, old, doc }) => ({ doc, turned: turnedShipped(old, doc) && !ours.has(doc._id), held: (old?.parcelIds.length ?? 0) > 0, since: order.shippedAt ?? (old ? order.modifiedAt : order.paidAt ?? order.placedAt) })));
  await insertAll(Orders, await reviewed(rt, input, made.flatMap(({ old, doc }) => (old ? [] : [doc])), unknown), session);
  if (made.some(({ old }) => old)) await Orders.bulkWrite(made.flatMap(({ old, doc }) => (old ? [{ replaceOne: { filter: { _id: doc._id }, replacement: doc } }] : [])), { session });
  for (const { old, doc } of made) if (old) await bendParcels(rt, session, old, doc);
  await takeBackGifts(rt, session, made.flatMap(({ old, doc }) => (old && doc.reviewState === 'cancelled' && old.reviewState !== 'cancelled' && !gone.has(old._id) ? [old] : [])));
  const said = ({ order, old, doc }: typeof made[number]): NewEvent[] => [
    ...(order.paidAt && !old?.paidAt ? [{ topic: 'order.paid' as const, key: `order.paid:${doc._id}`, payload: { orderId: doc._id } }] : []), { topic: 'order.changed', key: `order.changed:${doc._id}`, payload: { orderId: doc._id } },
  ];
  await emitAll(rt, session, made.filter((m) => m.old).flatMap(said), made.filter((m) => !m.old).flatMap(said));
}

async function reviewed(rt: Runtime, input: IngestInput, fresh: readonly OrderDoc[], unknown: ReadonlySet<string>): Promise<readonly OrderDoc[]> {
  const counts = new Map<string, number>();
  for (const o of fresh) counts.set(o.customerId, (counts.get(o.customerId) ?? 0) + 1);
  // Of two orders of one buyer the second has a history already.
  const alone = input.review ? fresh.filter((o) => o.customerId === '' || (unknown.has(o.customerId) && counts.get(o.customerId) === 1)) : [];
  if (alone.length === 0) return fresh;
  const decided = await decideFresh(rt, await liveReview(), alone);
  const after = new Map(alone.map((o, i) => [o, decided[i]!]));
  return fresh.map((o) => after.get(o) ?? o);
}

const turnedShipped = (old: OrderDoc | undefined, doc: OrderDoc): boolean => isShippedThere(doc.status as IncomingOrder['status']) && !(old && isShippedThere(old.status as IncomingOrder['status']));

type Made = { readonly hash: string; readonly skuOf: Known['skuOf']; readonly old: OrderDoc | undefined; readonly customerId: string };
function orderDoc(rt: Runtime, input: IngestInput, o: IncomingOrder, { hash, skuOf, old, customerId }: Made): OrderDoc {
  // A source without lines (an order report) leaves those that another has given.
  const lines = o.lines.length === 0 && old ? old.lines : o.lines.map((l): LineDoc => lineDoc(l, skuOf(l), old, o.refundsUnsaid === true));
  return {
    _id: old?._id ?? rt.newId('order'), shopId: input.shopId, channel: input.channel, platformOrderId: o.platformOrderId, platformStatus: o.platformStatus, status: o.status, placedAt: o.placedAt, paidAt: o.paidAt ?? null, modifiedAt: o.modifiedAt, shipByAt: o.shipByAt ?? null,
    shippedAt: o.shippedAt ?? old?.shippedAt ?? null, paidFen: o.paidFen, freightFen: o.freightFen, discountFen: o.discountFen, commissionFen: o.commissionFen ?? old?.commissionFen ?? 0, paymentTradeNo: o.paymentTradeNo || old?.paymentTradeNo || '', cod: o.cod, presale: o.presale,
    sealedBuyer: rt.secrets.seal(JSON.stringify({ key: o.buyerKey, nick: o.buyerNick })), buyerMark: o.buyerKey ? rt.secrets.fingerprint(`buyer:${input.channel}:${o.buyerKey}`) : '', shownBuyer: shorten(o.buyerNick), buyerMessage: o.buyerMessage, sellerMemo: o.sellerMemo, sellerFlag: o.sellerFlag, invoiceWanted: o.invoiceWanted ?? false,
    receiver: receiverDoc(rt, o, old), lines, customerId, flaws: o.flaws.map((f) => ({ code: f.code, words: f.words })), complete: o.complete || (old?.complete ?? false), hash, changedAt: rt.clock.now(), revision: (old?.revision ?? 0) + 1,
    reviewState: old?.reviewState ?? 'pending', holds: old?.holds ?? [], decision: old?.decision ?? null, released: old?.released ?? [], parcelIds: old?.parcelIds ?? [], chosenWarehouse: old?.chosenWarehouse ?? '', chosenCourier: old?.chosenCourier ?? '', toPlan: old?.toPlan ?? false, apart: old?.apart ?? false, ...(old?.toldEarly ? { toldEarly: true } : {}), ...(old?.leftThere ? { leftThere: old.leftThere } : {}), ...(old?.divided ? { divided: old.divided } : {}), ...(old?.linkedTo ? { linkedTo: old.linkedTo } : {}), ...(old?.flagDue ? { flagDue: true } : {}), ...(old?.flagTold ? { flagTold: old.flagTold } : {}), ruled: old?.ruled ?? null,
    ...stepDoc(o, old), ...(o.shipFromAt ? { shipFromAt: o.shipFromAt } : {}), ...(old?.laterAt ? { laterAt: old.laterAt } : {}),
    fulfilledElsewhere: old ? old.fulfilledElsewhere || (isShippedThere(o.status) && old.parcelIds.length === 0) : isShippedThere(o.status),
  };
}

/** The deposit stays known after the balance has come: bills bring the two apart. */
function stepDoc(o: IncomingOrder, old: OrderDoc | undefined): Pick<OrderDoc, 'step'> {
  if (!o.step) return old?.step && !o.complete ? { step: old.step } : {};
  const { receivedFen, forfeited } = o.step;
  return { step: { receivedFen, forfeited, depositFen: o.step.depositFen ?? (old?.step?.depositFen || (receivedFen < o.paidFen ? receivedFen : 0)) } };
}

const facts = (o: OrderDoc) => ({ ...o, status: o.status as IncomingOrder['status'], paidFen: o.paidFen as IncomingOrder['paidFen'], address: o.receiver.mark || `${o.receiver.province}${o.receiver.city}${o.receiver.district}${o.receiver.shownAddress}` });

/** What the change does to the review: a closed order is cancelled, a changed one is looked at anew. */
function bent(fresh: OrderDoc, before: OrderDoc | undefined, gone: boolean): OrderDoc {
  if (fresh.status === 'closed') return { ...fresh, reviewState: 'cancelled', holds: [] };
  if (fresh.fulfilledElsewhere) return { ...fresh, reviewState: 'passed', holds: [] };
  // What the courier has is not reviewed any more.
  if (before && !gone && needsReview({ status: fresh.status as IncomingOrder['status'] }) && reviewHash(facts(before)) !== reviewHash(facts(fresh))) return { ...fresh, reviewState: 'pending' };
  return fresh;
}

function lineDoc(l: IncomingOrder['lines'][number], skuCode: string | null, before: OrderDoc | undefined, refundsUnsaid: boolean): LineDoc {
  const old = before?.lines.find((x) => x.platformLineId === l.platformLineId);
  return {
    platformLineId: l.platformLineId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId, merchantCode: l.merchantCode, title: l.title, properties: l.properties, skuCode: skuCode ?? old?.skuCode ?? null, quantity: l.quantity, unitPriceFen: l.unitPriceFen, paidFen: l.paidFen,
    discounts: l.discounts.map((d) => ({ bearer: d.bearer, name: d.name, amountFen: d.amountFen })), refundState: refundsUnsaid ? old?.refundState ?? 'none' : l.refundState, refundFen: old?.refundFen ?? 0, platformRefundId: refundsUnsaid ? old?.platformRefundId ?? '' : l.platformRefundId, shipped: l.shipped, ...(l.shipFromAt ? { shipFromAt: l.shipFromAt } : {}),
  };
}

/** Names, phones and addresses stay sealed; what is shown is cut short even where a platform sends it whole. */
function receiverDoc(rt: Runtime, o: IncomingOrder, before: OrderDoc | undefined): ReceiverDoc {
  const r = o.receiver;
  if (before && !o.complete && r.province === '') return before.receiver;
  const whole = `${r.province}|${r.city}|${r.district}|${r.town}|${r.address}|${r.name}|${r.phone}`;
  return {
    sealed: rt.secrets.seal(JSON.stringify(r)), shownName: r.masked ? r.name : shorten(r.name), province: r.province, city: r.city, district: r.district, shownAddress: r.masked ? `${r.town}${r.address}` : `${r.town}${r.address.slice(0, 4)}***`,
    checks: checksOf(r, o.buyerMessage), token: r.token, masked: r.masked, mark: r.province === '' ? '' : rt.secrets.fingerprint(`receiver:${r.token || whole}`),
  };
}
const shorten = (name: string): string => (name.length <= 1 ? name : `${name.slice(0, 1)}${'*'.repeat(Math.min(3, name.length - 1))}`);
