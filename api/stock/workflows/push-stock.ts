/**
 * Tells every shop what it may sell. First the figures (`figureListings`): for what has changed since the last look, the wanted
 * figure of each listing with its terms. Then the telling (`tellShop`): listings whose figure the platform has not taken.
 * In: pieces sold and not yet promised, per SKU. Out: listings pushed, refused, left to the next run.
 * Safe to repeat: full values, not increments. One item a call, so that a listing that is gone does not stop the others.
 */
import type { ChannelRefusal } from '../../channels/channel.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops, type ShopDoc } from '../../shops/index.ts';
import { pushFigure, type Supply } from '../domain/push-figure.ts';
import { Listings, Positions, PushMarks, Skus, type ListingDoc, type PushMarkDoc, type SkuDoc } from '../store/models.ts';
import { availability, kitsOf } from './catalog.ts';
import { DROPSHIP, isDropshipped } from './supplier-stock.ts';

/** A listing that the platform refused is asked for again after an hour. */
const ASK_AGAIN_MS = 3_600_000;
/** A transaction may commit after a later stamp was read: the look goes back so far. */
const OVERLAP_MS = 10_000;
/** Refusals that are about the listing; at any other the shop waits for the next run. */
const OF_LISTING: ReadonlySet<ChannelRefusal['code']> = new Set(['refuse_row', 'unsupported']);
export type StockPushCounts = { pushed: number; refused: number; later: number };
export type Waiting = ReadonlyMap<string, number>;

/** Shops that can be told at all: one that is fed by files has no door, one that is paused waits. */
export const activeShops = (): Promise<ShopDoc[]> => Shops.find({ kind: 'shop', status: 'active', source: 'api' }).lean<ShopDoc[]>();

const activeIds = async (): Promise<string[]> => (await activeShops()).map((s) => s._id);

/** Works out what has changed and marks what is to be told. Answers the shops that have something to hear. */
export async function figureListings(rt: Runtime, waiting: Waiting, all = false): Promise<string[]> {
  const now = rt.clock.now();
  const mark = await PushMarks.findById('push').lean<PushMarkDoc>();
  const changed = all || !mark ? undefined : await changedSkus(mark, waiting);
  const due = { pushDue: true, $or: [{ nextPushAt: null }, { nextPushAt: { $lte: now } }] };
  const which = changed ? { $or: [{ skuCode: { $in: changed } }, due] } : {};
  const listings = await Listings.find({ ...which, skuCode: { $ne: null }, platformItemId: { $ne: '' } }).lean<ListingDoc[]>();
  const supply = await suppliesOf([...new Set(listings.map((l) => l.skuCode!))], waiting);
  const writes = listings.flatMap((l) => {
    const { quantity, terms } = pushFigure(l.rule, supply.get(l.skuCode!) ?? { available: 0, waiting: 0 });
    const open = quantity !== null && quantity !== l.pushedQuantity;
    if (quantity === l.wanted && open === l.pushDue && JSON.stringify(terms) === JSON.stringify(l.terms)) return [];
    return [{ updateOne: { filter: { _id: l._id }, update: { $set: { wanted: quantity, terms, pushDue: open, ...(quantity !== l.wanted ? { nextPushAt: null } : {}), changedAt: now }, $inc: { revision: 1 } } } }];
  });
  if (writes.length > 0) await Listings.bulkWrite(writes as never);
  // Only now: a run that is cut off before looks again.
  await PushMarks.updateOne({ _id: 'push' }, { $set: { at: now, waiting: Object.fromEntries([...waiting].map(([k, v]) => [encodeURIComponent(k).replaceAll('.', '%2E'), v])) } }, { upsert: true });
  const told = await activeIds();
  return (await Listings.distinct('shopId', { ...due, platformItemId: { $ne: '' } })).filter((id) => told.includes(id));
}

/** From when on a change may not have been looked at yet; undefined before the first look. */
export async function lastLook(): Promise<Date | undefined> {
  const mark = await PushMarks.findById('push', { at: 1 }).lean<PushMarkDoc>();
  return mark ? new Date(mark.at.getTime() - OVERLAP_MS) : undefined;
}
/** Whether stock moved since then, or a listing still waits to be told. */
export async function anythingToTell(rt: Runtime, since: Date): Promise<boolean> {
  const due = { pushDue: true, skuCode: { $ne: null }, platformItemId: { $ne: '' }, shopId: { $in: await activeIds() }, $or: [{ nextPushAt: null }, { nextPushAt: { $lte: rt.clock.now() } }] };
  return (await Positions.exists({ changedAt: { $gte: since } })) !== null || (await Skus.exists({ flags: DROPSHIP, changedAt: { $gte: since } })) !== null || (await Listings.exists(due)) !== null;
}

async function changedSkus(mark: PushMarkDoc, waiting: Waiting): Promise<string[]> {
  const moved = await Positions.distinct('skuCode', { changedAt: { $gte: new Date(mark.at.getTime() - OVERLAP_MS) } });
  const before = new Map(Object.entries(mark.waiting ?? {}).map(([k, v]) => [decodeURIComponent(k), v]));
  const asked = [...new Set([...before.keys(), ...waiting.keys()])].filter((sku) => before.get(sku) !== waiting.get(sku));
  const supplied = await Skus.distinct('code', { flags: DROPSHIP, changedAt: { $gte: new Date(mark.at.getTime() - OVERLAP_MS) } });
  const changed = [...new Set([...moved, ...asked, ...supplied])];
  const kits = changed.length === 0 ? [] : await Skus.find({ 'kit.skuCode': { $in: changed } }, { code: 1 }).lean<SkuDoc[]>();
  return [...changed, ...kits.map((k) => k.code)];
}

/** Pieces that can be promised over all warehouses, and how many of them are sold already; of a kit, what its parts allow. */
export async function suppliesOf(codes: readonly string[], waiting: Waiting): Promise<Map<string, Supply>> {
  const kit = await kitsOf(codes);
  const free = await availability([...new Set(codes.flatMap((c) => [c, ...kit(c).map((p) => p.skuCode)]))]);
  const total = (code: string): number => [...(free.get(code)?.values() ?? [])].reduce((n, q) => n + Math.max(0, q), 0);
  const suppliers = new Map((await Skus.find({ code: { $in: [...codes] }, flags: DROPSHIP }, { code: 1, supplierLeft: 1, supplierId: 1, flags: 1 }).lean<SkuDoc[]>()).filter(isDropshipped).map((s) => [s.code, s.supplierLeft ?? 0]));
  return new Map(codes.map((code) => {
    const parts = kit(code);
    // What its supplier ships is as much as they say that they can still send.
    if (suppliers.has(code)) return [code, { available: suppliers.get(code)!, waiting: waiting.get(code) ?? 0 }];
    if (parts.length === 0) return [code, { available: total(code), waiting: waiting.get(code) ?? 0 }];
    // What waits is of no warehouse yet: a kit has what each part still allows over all of them.
    const available = total(code);
    const left = Math.min(...parts.map((p) => Math.floor((total(p.skuCode) - (waiting.get(p.skuCode) ?? 0)) / p.quantity)));
    const whole = available - Math.min(...parts.map((p) => Math.floor(total(p.skuCode) / p.quantity)));
    return [code, { available, waiting: Math.max(0, available - (left + Math.max(0, whole))) }];
  }));
}

/** Tells one shop what it has not taken yet, item by item. */
export async function tellShop(rt: Runtime, shopId: string): Promise<StockPushCounts> {
  const counts = { pushed: 0, refused: 0, later: 0 };
  const shop = await Shops.findById(shopId).lean<ShopDoc>();
  const now = rt.clock.now();
  const due = await Listings.find({ shopId, pushDue: true, wanted: { $ne: null }, skuCode: { $ne: null }, platformItemId: { $ne: '' }, $or: [{ nextPushAt: null }, { nextPushAt: { $lte: now } }] }).lean<ListingDoc[]>();
  const items = new Map<string, ListingDoc[]>();
  for (const l of due) items.set(l.platformItemId, [...(items.get(l.platformItemId) ?? []), l]);
  const waiting = [...items.values()];
  for (const [at, item] of waiting.entries()) {
    const outcome = shop ? await tell(rt, shopId, shop.channel, item) : 'later';
    counts[outcome] += item.length;
    if (outcome !== 'later') continue;
    counts.later += waiting.slice(at + 1).flat().length;
    break;
  }
  return counts;
}

async function tell(rt: Runtime, shopId: string, channelName: string, item: readonly ListingDoc[]): Promise<keyof StockPushCounts> {
  const channel = rt.channels.shop(channelName);
  if (!channel) return 'later';
  const told = await channel.pushStock(await rt.channels.contextFor(shopId), item.map((l) => ({ platformItemId: l.platformItemId, platformSkuId: l.platformSkuId, quantity: l.wanted! })));
  if (!told.ok && !OF_LISTING.has(told.refusal.code)) return 'later';
  const now = rt.clock.now();
  for (const l of item) {
    const set = told.ok ? { pushedQuantity: l.wanted, pushedAt: now, pushWords: '', nextPushAt: null, platformQuantity: l.wanted } : { pushWords: told.refusal.words.slice(0, 300) || told.refusal.code, nextPushAt: new Date(now.getTime() + ASK_AGAIN_MS) };
    await Listings.updateOne({ _id: l._id }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } });
    // A figure that changed meanwhile stays due.
    if (told.ok) await Listings.updateOne({ _id: l._id, wanted: l.wanted }, { $set: { pushDue: false } });
  }
  return told.ok ? 'pushed' : 'refused';
}
