/** Quantities of listings, as full values: an increment has no key that would make a repeat harmless. */
import type { ChannelContext, StockPush } from '../channel.ts';
import { ChannelFault } from '../channel.ts';
import { inParallel } from '../transport/throttle.ts';
import { makeClient } from './client.ts';

const PARALLEL = 4;
const FULL = 1;

export async function pushStock(context: ChannelContext, push: readonly StockPush[]): Promise<{ readonly accepted: number }> {
  const client = makeClient(context);
  await inParallel(push, PARALLEL, async (p) => {
    // A quantity belongs to a SKU here; an item without one is told by the merchant's code, which we do not send blindly.
    if (p.platformSkuId === '') throw new ChannelFault({ code: 'refuse_row', platformCode: 'no_sku', words: `${p.platformItemId} names no SKU` });
    const answer = await client.call('pdd.goods.quantity.update', { goods_id: p.platformItemId, sku_id: p.platformSkuId, quantity: p.quantity, update_type: FULL });
    if (answer['is_success'] === false) throw new ChannelFault({ code: 'refuse_row', platformCode: 'not_success', words: `${p.platformItemId} ${p.platformSkuId}: ${JSON.stringify(answer).slice(0, 200)}` });
  });
  return { accepted: push.length };
}
