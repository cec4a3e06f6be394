/**
 * Tells every shop what it may sell: what can be promised over all warehouses, for listings whose number differs from the last
 * one that the platform took. In: active shops. Out: listings pushed, refused, left to the next run.
 * Safe to repeat: full values, not increments. One item a call, so that a listing that is gone does not stop the others.
 */
import type { ChannelRefusal } from '../../channels/channel.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { Listings, type ListingDoc } from '../store/models.ts';
import { availability } from './catalog.ts';

/** A listing that the platform refused is asked for again after an hour. */
const ASK_AGAIN_MS = 3_600_000;
/** Refusals that are about the listing; at any other the shop waits for the next run. */
const OF_LISTING: ReadonlySet<ChannelRefusal['code']> = new Set(['refuse_row', 'unsupported']);
export type StockPushCounts = { pushed: number; refused: number; later: number };
type Wanted = { readonly listing: ListingDoc; readonly quantity: number };

export async function pushStock(rt: Runtime): Promise<StockPushCounts> {
  const counts = { pushed: 0, refused: 0, later: 0 };
  for (const shop of await Shops.find({ kind: 'shop', status: 'active', source: 'api' }).lean()) {
    const items = [...(await wantedByItem(rt, shop._id)).values()];
    for (const [at, item] of items.entries()) {
      const outcome = await tell(rt, shop._id, shop.channel, item);
      counts[outcome] += item.length;
      if (outcome !== 'later') continue;
      counts.later += items.slice(at + 1).flat().length;
      break;
    }
  }
  return counts;
}

async function wantedByItem(rt: Runtime, shopId: string): Promise<Map<string, Wanted[]>> {
  const listings = await Listings.find({ shopId, skuCode: { $ne: null }, platformItemId: { $ne: '' } }).lean<ListingDoc[]>();
  const free = await availability([...new Set(listings.map((l) => l.skuCode!))]);
  const now = rt.clock.now().getTime();
  const items = new Map<string, Wanted[]>();
  for (const listing of listings) {
    const quantity = [...(free.get(listing.skuCode!)?.values() ?? [])].reduce((n, q) => n + Math.max(0, q), 0);
    if (quantity === listing.pushedQuantity || (listing.pushWords !== '' && now - listing.changedAt.getTime() < ASK_AGAIN_MS)) continue;
    items.set(listing.platformItemId, [...(items.get(listing.platformItemId) ?? []), { listing, quantity }]);
  }
  return items;
}

async function tell(rt: Runtime, shopId: string, channelName: string, item: readonly Wanted[]): Promise<keyof StockPushCounts> {
  const channel = rt.channels.shop(channelName);
  if (!channel) return 'later';
  const push = item.map((w) => ({ platformItemId: w.listing.platformItemId, platformSkuId: w.listing.platformSkuId, quantity: w.quantity }));
  const told = await channel.pushStock(await rt.channels.contextFor(shopId), push);
  if (!told.ok && !OF_LISTING.has(told.refusal.code)) return 'later';
  const now = rt.clock.now();
  for (const { listing, quantity } of item) {
    const set = told.ok ? { pushedQuantity: quantity, pushedAt: now, pushWords: '' } : { pushWords: told.refusal.words.slice(0, 300) || told.refusal.code };
    await Listings.updateOne({ _id: listing._id }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } });
  }
  return told.ok ? 'pushed' : 'refused';
}
