/**
 * Asks the platforms whose messages wait there whether anything has changed.
 * In: the active shops. Out: hints taken, shops that could not be asked. Wrong: a platform without messages for this app is
 * told of once and left alone for a day; nothing is lost, since what changed is pulled every minute whatever messages say.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { channelContextFor } from '../credentials.ts';
import { raiseNotice } from '../notices.ts';
import { Shops, type ShopDoc } from '../store/shops.ts';

const ALONE_MS = 86_400_000;
/** Until when a shop is not asked: its platform has refused. A restart asks once more. */
const leftAlone = new Map<string, number>();

export async function pollHints(rt: Runtime, signal: AbortSignal): Promise<{ hints: number; failed: Record<string, string> }> {
  const shops = await Shops.find({ kind: 'shop', status: 'active', source: 'api' }).lean<ShopDoc[]>();
  const now = rt.clock.now().getTime();
  const asked = shops.filter((s) => rt.channels.shop(s.channel)?.capabilities.pollHints === true && (leftAlone.get(s._id) ?? 0) <= now);
  const answers = await Promise.all(asked.map(async (shop) => ({ shop, ...(await pollShop(rt, shop, signal)) })));
  return { hints: answers.reduce((n, a) => n + a.hints, 0), failed: Object.fromEntries(answers.flatMap(({ shop, words }) => (words === undefined ? [] : [[shop.name, words]]))) };
}

async function pollShop(rt: Runtime, shop: ShopDoc, signal: AbortSignal): Promise<{ hints: number; words?: string }> {
  const heard = await rt.channels.shop(shop.channel)!.pollHints({ ...(await channelContextFor(rt, shop._id)), signal });
  if (heard.ok) return { hints: heard.value.filter((h) => h.kind !== 'other').length };
  const { code, words, platformCode } = heard.refusal;
  rt.log.warn({ shop: shop._id, error: platformCode }, 'messages not taken');
  if (code !== 'retry' && code !== 'rate_limited') {
    leftAlone.set(shop._id, rt.clock.now().getTime() + ALONE_MS);
    await raiseNotice(rt, { kind: 'no_messages', subject: shop.name, words: { zh: `取不到平台消息：${words}。订单仍每分钟拉取，不受影响。`, en: `The platform’s messages could not be taken: ${words}. Orders are pulled every minute all the same.` } });
  }
  return { hints: 0, words };
}
