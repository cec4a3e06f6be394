import type { ShopDoc } from '../shops/index.ts';

/** A shop as it is shown: never with its keys. */
export const shopRow = (d: ShopDoc) => ({
  id: d._id, channel: d.channel, name: d.name, status: d.status, ...(d.pausedReason ? { pausedReason: d.pausedReason } : {}), gateway: d.gateway, platformShopId: d.platformShopId,
  source: d.source, ...(d.pulledTo ? { pulledTo: d.pulledTo.toISOString() } : {}), ...(d.authorisedUntil ? { authorisedUntil: d.authorisedUntil.toISOString() } : {}), lastError: d.lastError, pushMoment: d.pushAt ?? 'ship' as const, revision: d.revision, changedAt: d.changedAt.toISOString(),
});
