/**
 * Tells platforms the flags that rules have put on orders, once each. The platform takes words and flag together, so the memo is
 * read again right before: what the seller wrote meanwhile stays. Platforms without flags are not told.
 * In: orders whose rule's flag is not yet the platform's. Out: accepted, refused (kept with the platform's words), to be tried again.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { Shops } from '../../shops/index.ts';
import { Orders, type OrderDoc } from '../store/models.ts';

const MOST = 200;
export type FlagCounts = { accepted: number; refused: number; retry: number };

export async function pushFlags(rt: Runtime): Promise<FlagCounts> {
  const counts: FlagCounts = { accepted: 0, refused: 0, retry: 0 };
  const shops = new Map((await Shops.find({}).lean()).map((s) => [s._id, s]));
  for (const order of await Orders.find({ flagDue: true }, { shopId: 1, platformOrderId: 1, channel: 1, ruled: 1 }).sort({ changedAt: 1 }).limit(MOST).lean<OrderDoc[]>()) {
    const [shop, channel, flag] = [shops.get(order.shopId), rt.channels.shop(order.channel), order.ruled?.flag ?? ''];
    // Orders from files, and platforms without flags, have nobody to tell.
    if (!shop || shop.source === 'file' || !channel?.capabilities.pushMemo || channel.noFlags || flag === '') { await Orders.updateOne({ _id: order._id }, { $unset: { flagDue: 1 } }); continue; }
    if (shop.status !== 'active') continue;
    const answer = await tell(rt, order, Number(flag));
    counts[answer.state] += 1;
    if (answer.state === 'retry') continue;
    // A rule that says another flag meanwhile is told on the next run.
    await Orders.updateOne({ _id: order._id, 'ruled.flag': flag }, { $unset: { flagDue: 1 }, $set: { flagTold: { flag, words: answer.words }, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
  }
  return counts;
}

async function tell(rt: Runtime, order: OrderDoc, flag: number): Promise<{ readonly state: keyof FlagCounts; readonly words: string }> {
  const channel = rt.channels.shop(order.channel)!;
  try {
    const context = await rt.channels.contextFor(order.shopId);
    const now = await channel.fetchOrder(context, order.platformOrderId);
    if (now.ok && now.value.sellerFlag === flag) return { state: 'accepted', words: '' };
    const told = now.ok ? await channel.pushMemo(context, { platformOrderId: order.platformOrderId, memo: now.value.sellerMemo, flag }) : now;
    if (told.ok) return { state: 'accepted', words: '' };
    const { code, words } = told.refusal;
    return { state: code === 'ask_person' || code === 'retry' || code === 'rate_limited' || code === 'refresh_token' || code === 'pause_shop' ? 'retry' : 'refused', words };
  } catch (error) {
    return { state: 'retry', words: error instanceof Error ? error.message : String(error) };
  }
}
