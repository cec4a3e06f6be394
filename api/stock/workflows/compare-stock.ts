/**
 * Nightly: every figure worked out anew and compared with what the platform itself shows, where it can be asked; what differs is
 * reported and told again. Where a platform cannot be asked, all its listings are told again.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { closeNotice, raiseNotice } from '../../shops/index.ts';
import { Listings, type ListingDoc } from '../store/models.ts';
import { activeShops, figureListings, tellShop, type Waiting } from './push-stock.ts';

export type CompareCounts = { compared: number; drifted: number; told: number; refused: number; later: number };

export async function compareStock(rt: Runtime, waiting: Waiting): Promise<CompareCounts> {
  const counts: CompareCounts = { compared: 0, drifted: 0, told: 0, refused: 0, later: 0 };
  await figureListings(rt, waiting, true);
  for (const shop of await activeShops()) {
    const listings = await Listings.find({ shopId: shop._id, skuCode: { $ne: null }, platformItemId: { $ne: '' }, wanted: { $ne: null } }).lean<ListingDoc[]>();
    const channel = rt.channels.shop(shop.channel);
    if (!channel || listings.length === 0) continue;
    const read = channel.readStock ? await channel.readStock(await rt.channels.contextFor(shop._id), listings.map((l) => ({ platformItemId: l.platformItemId, platformSkuId: l.platformSkuId }))) : undefined;
    const shown = read?.ok ? new Map(read.value.map((r) => [`${r.platformItemId}:${r.platformSkuId}`, r.quantity])) : undefined;
    const drifted: string[] = [];
    const now = rt.clock.now();
    for (const l of listings) {
      const there = shown?.get(`${l.platformItemId}:${l.platformSkuId}`);
      const drifts = shown ? there !== undefined && there !== l.wanted : true;
      if (shown && there !== undefined && there !== l.pushedQuantity) drifted.push(`${l.title} ${l.merchantCode}: ${there} / ${l.wanted}`);
      await Listings.updateOne({ _id: l._id }, { $set: { ...(shown ? { platformQuantity: there ?? null, comparedAt: now } : {}), ...(drifts ? { pushDue: true, nextPushAt: null } : {}) } });
    }
    counts.compared += shown ? listings.length : 0;
    counts.drifted += drifted.length;
    const told = await tellShop(rt, shop._id);
    counts.told += told.pushed;
    counts.refused += told.refused;
    counts.later += told.later;
    if (drifted.length > 0) await raiseNotice(rt, { kind: 'stock_drift', subject: shop.name, words: { zh: `平台库存与应有的不同，已改正 ${told.pushed} 个：${drifted.slice(0, 5).join('；')}`, en: `The platform showed other figures than it should; ${told.pushed} are mended: ${drifted.slice(0, 5).join('; ')}` } });
    else if (shown) await closeNotice(rt, 'stock_drift', shop.name);
  }
  return counts;
}
