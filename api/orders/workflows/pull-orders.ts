/**
 * Pulls orders again by their number: what a buyer asks about and the sheet does not show, or shows as it was.
 * In: platform numbers, and the shop where it is known. Out: of each, what it brought and from which shop. Wrong: no shop has it,
 * or its platform refused, in its words; the others are taken all the same. An order that we have is asked for at its own shop.
 */
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops, type ShopDoc } from '../../shops/index.ts';
import { Orders } from '../store/models.ts';
import { ingestOrders } from './ingest-orders.ts';

export type Pulled = { readonly platformOrderId: string; readonly found: 'new' | 'changed' | 'same' | 'older' | 'not_found'; readonly orderId?: string; readonly shopName?: string; readonly words: Both };
const WORDS: Readonly<Record<Exclude<Pulled['found'], 'not_found'>, Both>> = {
  new: { zh: '新拉到', en: 'pulled' }, changed: { zh: '有变化，已更新', en: 'changed, and brought up to date' }, same: { zh: '没有变化', en: 'as we have it' }, older: { zh: '我们的更新', en: 'ours is newer' },
};

export async function pullOrders(rt: Runtime, numbers: readonly string[], shopId?: string): Promise<Pulled[]> {
  const shops = (await Shops.find({ kind: 'shop', status: 'active', source: 'api', ...(shopId ? { _id: shopId } : {}) }).lean<ShopDoc[]>()).filter((s) => rt.channels.shop(s.channel));
  const known = new Map((await Orders.find({ platformOrderId: { $in: [...numbers] } }, { platformOrderId: 1, shopId: 1 }).lean<{ platformOrderId: string; shopId: string }[]>()).map((o) => [o.platformOrderId, o.shopId]));
  const done: Pulled[] = [];
  for (const number of new Set(numbers)) {
    const own = shops.filter((s) => s._id === known.get(number));
    done.push(await pullOne(rt, number, own.length > 0 ? own : shops));
  }
  return done;
}

async function pullOne(rt: Runtime, number: string, shops: readonly ShopDoc[]): Promise<Pulled> {
  const refused: string[] = [];
  for (const shop of shops) {
    const one = await rt.channels.shop(shop.channel)!.fetchOrder(await rt.channels.contextFor(shop._id), number);
    if (!one.ok) { refused.push(`${shop.name}: ${one.refusal.words}`); continue; }
    // A platform may answer with its whole order for the number of a part.
    const { platformOrderId } = one.value;
    const counts = await ingestOrders(rt, { shopId: shop._id, channel: shop.channel, source: 'api', orders: [one.value], review: true });
    const found = (['new', 'changed', 'older', 'same'] as const).find((k) => counts[k] > 0) ?? 'same';
    if (found === 'new' || found === 'changed') for (const job of ['review-orders', 'plan-parcels']) rt.wake(job);
    const here = await Orders.findOne({ shopId: shop._id, platformOrderId }, { _id: 1 }).lean<{ _id: string }>();
    return { platformOrderId, found, ...(here ? { orderId: here._id } : {}), shopName: shop.name, words: WORDS[found] };
  }
  const said = refused.slice(0, 3).join('；').slice(0, 300);
  return { platformOrderId: number, found: 'not_found', words: shops.length === 0 ? { zh: '没有可以问的店铺', en: 'there is no shop to ask' } : { zh: `没有店铺给出它：${said}`, en: `no shop gives it: ${said}` } };
}
