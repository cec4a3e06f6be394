/**
 * A message that a platform brings: proved by the connector, then only a reason to look earlier. What it says is never taken
 * as the truth, so that one that comes twice, late, out of order or not at all changes nothing but the time of the next pull.
 */
import type { ChannelRefusal, HeardCall, IncomingCall } from '../../channels/channel.ts';
import { refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { channelContextFor } from '../credentials.ts';
import { Shops, type ShopDoc } from '../store/shops.ts';

export async function hearMessage(rt: Runtime, shopId: string, call: IncomingCall): Promise<Result<HeardCall, ChannelRefusal>> {
  const shop = await Shops.findOne({ _id: shopId, kind: 'shop', source: 'api' }).lean<ShopDoc>();
  const channel = shop ? rt.channels.shop(shop.channel) : undefined;
  if (!shop || !channel) return refuse({ code: 'refuse_row', platformCode: 'no_shop', words: 'no such shop' });
  const heard = await channel.hearCall(await channelContextFor(rt, shopId), call);
  if (!heard.ok) rt.log.warn({ shop: shopId, error: heard.refusal.platformCode }, 'message refused');
  else if (heard.value.hints.length > 0 && shop.status === 'active') rt.wake('sync-channels');
  return heard;
}
