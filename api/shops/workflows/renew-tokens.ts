/**
 * Renews tokens ahead of their end, so that no pull meets an ended one.
 * In: active shops whose token is about to end. Out: renewed, told of, paused.
 * Wrong: a refusal while the old token still holds is told of; after its end it pauses the shop; no answer is tried again.
 */
import type { ChannelRefusal } from '../../channels/channel.ts';
import { localTimeText } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { channelContextFor } from '../credentials.ts';
import { raiseNotice } from '../notices.ts';
import { pauseShop } from '../pause.ts';
import { Notices, Shops, type ShopDoc } from '../store/shops.ts';

/** The job runs every ten minutes: three tries before the end. */
const AHEAD_MS = 30 * 60_000;
/** A token that only the seller can renew is told of a week before. */
const TELL_AHEAD_MS = 7 * 86_400_000;
export type RenewCounts = { renewed: number; told: number; paused: number; retry: number };

export async function renewTokens(rt: Runtime, signal: AbortSignal): Promise<RenewCounts> {
  const counts: RenewCounts = { renewed: 0, told: 0, paused: 0, retry: 0 };
  const now = rt.clock.now();
  const due = await Shops.find({ kind: 'shop', status: 'active', source: 'api', authorisedUntil: { $ne: null, $lte: new Date(now.getTime() + TELL_AHEAD_MS) } }).lean<ShopDoc[]>();
  for (const shop of due) {
    if (signal.aborted) break;
    const what = await renewOne(rt, shop, now);
    if (what) counts[what] += 1;
  }
  return counts;
}

async function renewOne(rt: Runtime, shop: ShopDoc, now: Date): Promise<keyof RenewCounts | undefined> {
  const channel = rt.channels.shop(shop.channel);
  const until = shop.authorisedUntil;
  if (!channel || !until) return undefined;
  const context = await channelContextFor(rt, shop._id);
  const byItself = channel.capabilities.refreshToken === true && (channel.keysAlone === true || context.credentials.refreshToken !== '');
  if (!byItself) return until <= now ? stopped(rt, shop, { code: 'pause_shop', platformCode: 'token_ended', words: 'the token has ended and cannot be renewed' }) : tell(rt, shop, until, '');
  if (until.getTime() - now.getTime() > AHEAD_MS) return undefined;
  const fresh = await channel.refreshToken(context);
  if (fresh.ok) return 'renewed';
  if (fresh.refusal.code !== 'pause_shop' && fresh.refusal.code !== 'ask_person') return 'retry';
  return until <= now ? stopped(rt, shop, fresh.refusal) : tell(rt, shop, until, fresh.refusal.words);
}

async function stopped(rt: Runtime, shop: ShopDoc, refusal: ChannelRefusal): Promise<'paused'> {
  await pauseShop(rt, shop, refusal);
  return 'paused';
}

/** Once: a notice that is open already is not raised again by every run. */
async function tell(rt: Runtime, shop: ShopDoc, until: Date, words: string): Promise<'told' | undefined> {
  if (await Notices.exists({ kind: 'token_expiring', subject: shop.name, closedAt: null })) return undefined;
  const at = localTimeText(until).slice(0, 16);
  await raiseNotice(rt, {
    kind: 'token_expiring', subject: shop.name,
    words: { zh: `店铺授权到 ${at} 为止，不能自动续期${words ? `：${words}` : ''}。请在此之前重新授权。`, en: `The shop’s authorisation ends at ${at} and is not renewed by itself${words ? `: ${words}` : ''}. Authorise again before that.` },
  });
  return 'told';
}
