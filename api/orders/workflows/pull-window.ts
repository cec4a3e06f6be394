/** Pulls one window of one shop: orders, then refunds. Throws the channel's fault; what came before it is kept. */
import { ahead, gathered } from '../../runtime/ahead.ts';
import type { TimeWindow } from '../../channels/channel.ts';
import { invariant } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ShopDoc } from '../../shops/index.ts';
import { ingestOrders } from './ingest-orders.ts';
import { ingestRefunds } from './ingest-refunds.ts';

/** Pages are small; so many orders are taken in at once. */
const TOGETHER = 400;

export async function pullWindow(rt: Runtime, shop: ShopDoc, window: TimeWindow): Promise<{ orders: number; changed: number; refunds: number }> {
  const channel = rt.channels.shop(shop.channel);
  invariant(channel, `a connector for ${shop.channel}`);
  const context = await rt.channels.contextFor(shop._id);
  const total = { orders: 0, changed: 0, refunds: 0 };
  for await (const batch of ahead(gathered(channel.pullOrders(context, window), TOGETHER))) {
    const counts = await ingestOrders(rt, { shopId: shop._id, channel: shop.channel, source: 'api', orders: batch, review: true });
    total.orders += counts.new;
    total.changed += counts.changed;
  }
  for await (const batch of channel.pullRefunds(context, window)) total.refunds += await ingestRefunds(rt, shop._id, batch);
  return total;
}
