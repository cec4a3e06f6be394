/** Quantities to listings, as full values: increments of these calls are not idempotent. */
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type StockPush } from '../channel.ts';
import { makeClient } from './client.ts';

/** SKUs of one item in one call of taobao.skus.quantity.update. */
const MOST = 20;

export async function pushStock(context: ChannelContext, push: readonly StockPush[]): Promise<Result<{ readonly accepted: number }, ChannelRefusal>> {
  const client = makeClient(context);
  const items = new Map<string, StockPush[]>();
  for (const p of push) items.set(p.platformItemId, [...(items.get(p.platformItemId) ?? []), p]);
  let accepted = 0;
  try {
    for (const [numIid, all] of items) {
      const bare = all.filter((p) => p.platformSkuId === '');
      for (const p of bare) await client.call('taobao.item.quantity.update', { num_iid: numIid, quantity: String(p.quantity), type: '1' });
      const skus = all.filter((p) => p.platformSkuId !== '');
      for (let i = 0; i < skus.length; i += MOST) {
        await client.call('taobao.skus.quantity.update', { num_iid: numIid, skuid_quantities: skus.slice(i, i + MOST).map((p) => `${p.platformSkuId}:${p.quantity}`).join(';'), type: '1' });
      }
      accepted += all.length;
    }
    return ok({ accepted });
  } catch (error) {
    if (error instanceof ChannelFault) return refuse(error.refusal);
    throw error;
  }
}
