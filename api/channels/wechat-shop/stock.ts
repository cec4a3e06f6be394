/** Quantities of listings, set as full values (type 3): adding and taking away have no key that would make a repeat harmless. */
import type { ChannelContext, StockPush } from '../channel.ts';
import { ChannelFault } from '../channel.ts';
import { inParallel } from '../transport/throttle.ts';
import { makeClient } from './client.ts';

const PARALLEL = 4;
const SET = 3;

export async function pushStock(context: ChannelContext, push: readonly StockPush[]): Promise<{ readonly accepted: number }> {
  const client = makeClient(context);
  await inParallel(push, PARALLEL, async (p) => {
    if (p.platformSkuId === '') throw new ChannelFault({ code: 'refuse_row', platformCode: 'no_sku', words: `${p.platformItemId} names no SKU` });
    await client.call('/channels/ec/product/stock/update', { product_id: p.platformItemId, sku_id: p.platformSkuId, diff_type: SET, num: p.quantity });
  });
  return { accepted: push.length };
}
