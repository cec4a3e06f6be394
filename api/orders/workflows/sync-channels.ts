/**
 * Pulls what changed in every active shop since the last done window, oldest first.
 * In:  the shops. Out: windows done, orders new and changed, refunds, shops that failed.
 * Wrong: a platform's refusal pauses the shop, slows the window down, or is tried again, as its table of errors says.
 */
import { ChannelFault, type ChannelRefusal } from '../../channels/channel.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { finishWindow, giveBackWindow, keepWindow, pauseShop, Shops, sweepWindows, takeWindow, type ShopDoc } from '../../shops/index.ts';
import { pullWindow } from './pull-window.ts';

const JOB = 'pull-orders';
/** Windows of one shop in one run: the catch-up is bounded, so that other shops get their turn. */
const WINDOWS_PER_RUN = 120;
const KEEP_MS = 20_000;

export type SyncCounts = { windows: number; orders: number; changed: number; refunds: number; shopsFailed: number; shops: Record<string, Record<string, number>> };

export async function syncChannels(rt: Runtime, signal: AbortSignal): Promise<SyncCounts> {
  const counts: SyncCounts = { windows: 0, orders: 0, changed: 0, refunds: 0, shopsFailed: 0, shops: {} };
  const shops = await Shops.find({ kind: 'shop', status: 'active', source: 'api' }).lean();
  const answers = await Promise.all(shops.map(async (shop) => ({ shop, ...(await syncShop(rt, shop, signal)) })));
  for (const { shop, failed, ...one } of answers) {
    counts.windows += one.windows;
    counts.orders += one.orders;
    counts.changed += one.changed;
    counts.refunds += one.refunds;
    if (failed) counts.shopsFailed += 1;
    counts.shops[shop.name] = one;
  }
  return counts;
}

/** Pulls these shops only, without counting. */
export async function syncShops(rt: Runtime, shopIds: readonly string[], signal: AbortSignal): Promise<void> {
  const shops = await Shops.find({ _id: { $in: [...shopIds] }, kind: 'shop', status: 'active', source: 'api' }).lean();
  await Promise.all(shops.map((shop) => syncShop(rt, shop, signal)));
}

type ShopCounts = { windows: number; orders: number; changed: number; refunds: number; failed: boolean };

async function syncShop(rt: Runtime, shop: ShopDoc, signal: AbortSignal): Promise<ShopCounts> {
  const total: ShopCounts = { windows: 0, orders: 0, changed: 0, refunds: 0, failed: false };
  const channel = rt.channels.shop(shop.channel);
  if (!channel) return { ...total, failed: true };
  const owner = rt.newId('run');
  for (let i = 0; i < WINDOWS_PER_RUN && !signal.aborted; i += 1) {
    const now = rt.clock.now();
    const window = await takeWindow(rt, { job: JOB, shopId: shop._id, startAt: shop.pullFrom, windowMs: channel.windowMs - channel.overlapMs, now, owner });
    if (!window) break;
    const kept = setInterval(() => void keepWindow(window, rt.clock.now()), KEEP_MS);
    try {
      const one = await pullWindow(rt, shop, { from: new Date(window.from.getTime() - channel.overlapMs), to: window.to });
      await finishWindow(window, one, rt.clock.now());
      await Shops.updateOne({ _id: shop._id }, { $set: { pulledTo: window.to, lastError: '', changedAt: rt.clock.now() }, $inc: { revision: 1 } });
      total.windows += 1;
      total.orders += one.orders;
      total.changed += one.changed;
      total.refunds += one.refunds;
    } catch (error) {
      await failedWindow(rt, shop, error, (words, after) => giveBackWindow(window, words, rt.clock.now(), after));
      return { ...total, failed: true };
    } finally {
      clearInterval(kept);
    }
    if (window.to >= now) break;
  }
  await sweepWindows(JOB, shop._id, rt.clock.now());
  return total;
}

async function failedWindow(rt: Runtime, shop: ShopDoc, error: unknown, giveBack: (words: string, retryAfterMs: number) => Promise<unknown>): Promise<void> {
  const refusal: ChannelRefusal | undefined = error instanceof ChannelFault ? error.refusal : undefined;
  const words = error instanceof Error ? error.message : String(error);
  await giveBack(words, refusal?.retryAfterMs ?? 0);
  rt.log.warn({ shop: shop._id, error: words }, 'window not pulled');
  const now = rt.clock.now();
  if (refusal?.code === 'pause_shop' || refusal?.code === 'ask_person') {
    return pauseShop(rt, shop, refusal);
  }
  await Shops.updateOne({ _id: shop._id }, { $set: { lastError: words.slice(0, 500), changedAt: now }, $inc: { revision: 1 } });
}
