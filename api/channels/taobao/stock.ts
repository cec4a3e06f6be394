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

/** Items of one call of taobao.item.skus.get (known from the platform's API list; the limit of 40 is the reading taken). */
const ITEMS = 40;
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);

/** What the platform shows, per SKU; an item without SKUs is not asked for. */
export async function readStock(context: ChannelContext, listings: readonly Omit<StockPush, 'quantity'>[]): Promise<Result<readonly StockPush[], ChannelRefusal>> {
  const client = makeClient(context);
  const items = [...new Set(listings.filter((l) => l.platformSkuId !== '').map((l) => l.platformItemId))];
  const read: StockPush[] = [];
  try {
    for (let i = 0; i < items.length; i += ITEMS) {
      const answer = await client.call('taobao.item.skus.get', { num_iids: items.slice(i, i + ITEMS).join(','), fields: 'sku_id,num_iid,quantity' });
      for (const s of list((answer['skus'] as Record<string, unknown> | undefined)?.['sku'])) read.push({ platformItemId: String(s['num_iid']), platformSkuId: String(s['sku_id']), quantity: Number(s['quantity']) });
    }
    return ok(read);
  } catch (error) {
    if (error instanceof ChannelFault) return refuse(error.refusal);
    throw error;
  }
}
