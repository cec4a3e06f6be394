/**
 * Counts each shop's last days once more: the ids that the platform lists as placed against those that we have, and pulls
 * what is missing. In: active shops. Out: ids listed, missing, taken in; ours that the platform does not list; shops that failed.
 * Wrong: a platform's refusal leaves that shop for the next night, and the others are counted. Safe to repeat: ids are keys.
 */
import type { ShopChannel, TimeWindow } from '../../channels/channel.ts';
import { addDays, businessDayOf, startOfDay } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice, Shops, type ShopDoc } from '../../shops/index.ts';
import { Orders } from '../store/models.ts';
import { keepListed } from './count-promises.ts';
import { ingestOrders } from './ingest-orders.ts';

/** Yesterday, and the day before it for what a platform shows late. */
const DAYS_BACK = 2;
const CHUNK = 500;
export type RecountCounts = { listed: number; missing: number; taken: number; unlisted: number; shopsFailed: number };

export async function recountShops(rt: Runtime, signal: AbortSignal): Promise<RecountCounts> {
  const total: RecountCounts = { listed: 0, missing: 0, taken: 0, unlisted: 0, shopsFailed: 0 };
  const today = businessDayOf(rt.clock.now());
  const span = { from: startOfDay(addDays(today, -DAYS_BACK)), to: startOfDay(today) };
  for (const shop of await Shops.find({ kind: 'shop', status: 'active', source: 'api' }).lean<ShopDoc[]>()) {
    const channel = rt.channels.shop(shop.channel);
    if (signal.aborted || channel?.capabilities.listOrders !== true) continue;
    // What lies before the shop's first day was never asked for; what is after the last window is not due yet.
    const from = new Date(Math.max(span.from.getTime(), shop.pullFrom.getTime()));
    const to = new Date(Math.min(span.to.getTime(), shop.pulledTo?.getTime() ?? 0));
    if (from >= to) continue;
    try {
      await recountShop(rt, shop, channel, { from, to }, total);
    } catch (error) {
      total.shopsFailed += 1;
      rt.log.warn({ shop: shop._id, error: error instanceof Error ? error.message : String(error) }, 'shop not counted again');
    }
  }
  return total;
}

async function recountShop(rt: Runtime, shop: ShopDoc, channel: ShopChannel, span: TimeWindow, total: RecountCounts): Promise<void> {
  const theirs = await listedIds(rt, shop, channel, span);
  const ours = await Orders.find({ shopId: shop._id, placedAt: { $gte: span.from, $lt: span.to } }, { platformOrderId: 1 }).lean<{ platformOrderId: string }[]>();
  const missing: string[] = [];
  const all = [...theirs.keys()];
  for (let i = 0; i < all.length; i += CHUNK) {
    const part = all.slice(i, i + CHUNK);
    const known = new Set((await Orders.find({ shopId: shop._id, platformOrderId: { $in: part } }, { platformOrderId: 1 }).lean<{ platformOrderId: string }[]>()).map((o) => o.platformOrderId));
    missing.push(...part.filter((id) => !known.has(id)));
  }
  total.listed += theirs.size;
  total.missing += missing.length;
  total.unlisted += ours.filter((o) => !theirs.has(o.platformOrderId)).length;
  for (const id of missing) total.taken += await take(rt, shop, channel, id);
  await keepDays(rt, shop, span, theirs, ours.map((o) => o.platformOrderId));
  if (missing.length > 0) await raiseNotice(rt, { kind: 'orders_missed', subject: shop.name, words: { zh: `夜间核对补拉了 ${missing.length} 单：${missing.slice(0, 5).join('、')}`, en: `The nightly count found ${missing.length} orders that had been missed: ${missing.slice(0, 5).join(', ')}` } });
}

/** Each listed id with the day that it counts for: of its placing, where the platform says it, else of the list's window. */
async function listedIds(rt: Runtime, shop: ShopDoc, channel: ShopChannel, span: TimeWindow): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const context = await rt.channels.contextFor(shop._id);
  for (let from = span.from.getTime(); from < span.to.getTime(); from += channel.windowMs) {
    const to = Math.min(from + channel.windowMs, span.to.getTime());
    // The last second of a window is the first of the next: it counts where it was placed.
    for await (const batch of channel.listOrders(context, { from: new Date(from), to: new Date(to - 1000) })) for (const o of batch) ids.set(o.platformOrderId, businessDayOf(o.placedAt ?? new Date(from)));
  }
  return ids;
}

/** What was listed, day by day, for the promise ledger; only whole days, since a part says nothing of the rest. */
async function keepDays(rt: Runtime, shop: ShopDoc, span: TimeWindow, theirs: ReadonlyMap<string, string>, ours: readonly string[]): Promise<void> {
  const here = new Map((await Orders.find({ shopId: shop._id, platformOrderId: { $in: [...theirs.keys(), ...ours] } }, { platformOrderId: 1, placedAt: 1 }).lean<{ platformOrderId: string; placedAt: Date }[]>()).map((o) => [o.platformOrderId, businessDayOf(o.placedAt)]));
  const dayOf = (id: string): string => here.get(id) ?? theirs.get(id) ?? '';
  const days = new Map<string, { listed: number; absent: string[]; unlisted: string[] }>();
  for (let day = businessDayOf(span.from); startOfDay(day) < span.to; day = addDays(day, 1)) if (startOfDay(day) >= span.from && startOfDay(addDays(day, 1)) <= span.to) days.set(day, { listed: 0, absent: [], unlisted: [] });
  for (const id of theirs.keys()) {
    const d = days.get(dayOf(id));
    if (!d) continue;
    d.listed += 1;
    if (!here.has(id)) d.absent.push(id);
  }
  for (const id of ours) if (!theirs.has(id)) days.get(dayOf(id))?.unlisted.push(id);
  await keepListed(rt, shop._id, days);
}

/** One order that the platform lists and then refuses to show is left to the next night. */
async function take(rt: Runtime, shop: ShopDoc, channel: ShopChannel, id: string): Promise<number> {
  const one = await channel.fetchOrder(await rt.channels.contextFor(shop._id), id);
  if (!one.ok) {
    rt.log.warn({ shop: shop._id, order: id, code: one.refusal.code }, 'a missed order could not be fetched');
    return 0;
  }
  const counts = await ingestOrders(rt, { shopId: shop._id, channel: shop.channel, source: 'api', orders: [one.value] });
  return counts.new + counts.changed;
}
