/**
 * Tells every shop what it may sell: what can be promised over all warehouses, whole, for listings whose number differs from
 * the last one that the platform took. In: active shops. Out: pushed, refused. Safe to repeat: full values, not increments.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { Listings, type ListingDoc } from '../store/models.ts';
import { availability } from './catalog.ts';

const BATCH = 200;

export async function pushStock(rt: Runtime): Promise<{ pushed: number; refused: number }> {
  const counts = { pushed: 0, refused: 0 };
  for (const shop of await Shops.find({ kind: 'shop', status: 'active', source: 'api' }).lean()) {
    const channel = rt.channels.shop(shop.channel);
    if (!channel) continue;
    const listings = await Listings.find({ shopId: shop._id, skuCode: { $ne: null }, platformItemId: { $ne: '' } }).lean<ListingDoc[]>();
    const free = await availability([...new Set(listings.map((l) => l.skuCode!))]);
    const wanted = listings.map((l) => ({ listing: l, quantity: Math.max(0, [...(free.get(l.skuCode!)?.values() ?? [])].reduce((n, q) => n + Math.max(0, q), 0)) })).filter((w) => w.quantity !== w.listing.pushedQuantity);
    for (let i = 0; i < wanted.length; i += BATCH) {
      const batch = wanted.slice(i, i + BATCH);
      const told = await channel.pushStock(await rt.channels.contextFor(shop._id), batch.map((w) => ({ platformItemId: w.listing.platformItemId, platformSkuId: w.listing.platformSkuId, quantity: w.quantity })));
      const now = rt.clock.now();
      for (const w of batch) await Listings.updateOne({ _id: w.listing._id }, { $set: { ...(told.ok ? { pushedQuantity: w.quantity, pushedAt: now, pushWords: '' } : { pushWords: told.refusal.words }), changedAt: now }, $inc: { revision: 1 } });
      counts[told.ok ? 'pushed' : 'refused'] += batch.length;
      if (!told.ok) break;
    }
  }
  return counts;
}
