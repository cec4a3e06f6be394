/**
 * Stock to the shops, and what only orders know of it: pieces that are sold and not yet promised to a parcel. A shop's orders are
 * pulled right before it is told, since a full figure told over an order that we do not know would give its pieces back.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { anythingToTell, compareStock, demandOf, figureListings, lastLook, skuFacts, tellShop, type CompareCounts, type StockPushCounts } from '../../stock/index.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { piecesIn, wantedOf } from './plan-policy.ts';
import { syncShops } from './sync-channels.ts';

/** Pieces per SKU (kits opened) of paid orders that are still ours to send and that no parcel holds stock for. */
export async function openDemand(): Promise<Map<string, number>> {
  const orders = await Orders.find({ status: { $in: ['to_ship', 'partly_shipped', 'paid_not_shippable'] }, fulfilledElsewhere: false, reviewState: { $ne: 'cancelled' } }, { lines: 1, parcelIds: 1, ruled: 1, toldEarly: 1, divided: 1 }).lean<OrderDoc[]>();
  const held = await Parcels.find({ _id: { $in: orders.flatMap((o) => o.parcelIds) }, state: { $nin: ['planned', 'cancelled'] } }, { lines: 1 }).lean<ParcelDoc[]>();
  const served = piecesIn(held);
  const lines = orders.flatMap((o) => wantedOf(o).map((w) => ({ ...w, quantity: w.quantity - (served.get(`${o._id}|${w.lineId}`) ?? 0) })).filter((w) => w.quantity > 0));
  const facts = await skuFacts(lines.map((l) => l.skuCode));
  return new Map(demandOf(lines, (code) => facts.get(code)?.kit ?? []).map((p) => [p.skuCode, p.quantity]));
}

export async function tellShops(rt: Runtime, signal: AbortSignal): Promise<StockPushCounts> {
  const counts = { pushed: 0, refused: 0, later: 0 };
  // Most ticks find that nothing has happened: then no order is read.
  const since = await lastLook();
  if (since && !(await Orders.exists({ changedAt: { $gte: since } })) && !(await anythingToTell(rt, since))) return counts;
  const shops = await figureListings(rt, await openDemand());
  if (shops.length === 0) return counts;
  await syncShops(rt, shops, signal);
  for (const shopId of await figureListings(rt, await openDemand())) {
    const told = await tellShop(rt, shopId);
    for (const key of ['pushed', 'refused', 'later'] as const) counts[key] += told[key];
  }
  return counts;
}

export async function compareShops(rt: Runtime): Promise<CompareCounts> {
  return compareStock(rt, await openDemand());
}
