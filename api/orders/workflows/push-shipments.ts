/**
 * Tells platforms which parcels have left, once per (parcel, order). A repeat that the platform knows already is success.
 * In: pushes that wait and whose time has come. Out: accepted, refused, to be tried again.
 */
import type { Runtime } from '../../runtime/runtime.ts';
import { pauseShop, raiseNotice, Shops, type ShopDoc } from '../../shops/index.ts';
import { Parcels, type ParcelDoc, type PushDoc } from '../store/models.ts';

const MAX_TRIES = 12;
export type PushCounts = { accepted: number; refused: number; retry: number };

export async function pushShipments(rt: Runtime): Promise<PushCounts> {
  const counts: PushCounts = { accepted: 0, refused: 0, retry: 0 };
  const shops = new Map((await Shops.find({}).lean()).map((s) => [s._id, s]));
  // Told early and stopped since: whoever takes it off the line decides.
  for (const parcel of await Parcels.find({ pushState: 'waiting', $or: [{ alarm: null }, { shippedAt: { $ne: null } }] }).sort({ shippedAt: 1 }).limit(1000).lean<ParcelDoc[]>()) {
    for (const [index, push] of parcel.pushes.entries()) {
      if (push.state !== 'waiting' || push.nextAt > rt.clock.now()) continue;
      const shop = shops.get(push.shopId);
      // Orders from files have nobody to tell.
      const answer = !shop || shop.source === 'file' ? { state: 'accepted' as const, words: 'file' } : shop.status === 'active' ? await tell(rt, shop, parcel, push, parcel.orderIds[index] ?? '') : undefined;
      if (!answer) continue;
      const next = answered(push, answer, rt.clock.now());
      counts[next.state === 'accepted' ? 'accepted' : next.state === 'refused' ? 'refused' : 'retry'] += 1;
      await Parcels.updateOne({ _id: parcel._id }, { $set: { [`pushes.${index}`]: next, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
      if (next.state === 'refused') await raiseNotice(rt, { kind: 'push_refused', subject: push.platformOrderId, words: { zh: `平台没有接受发货：${next.words}`, en: `The platform refused the shipment: ${next.words}` } });
    }
    await Parcels.updateOne({ _id: parcel._id, pushes: { $not: { $elemMatch: { state: 'waiting' } } } }, { $set: { pushState: 'done' } });
  }
  return counts;
}

type Answer = { readonly state: 'accepted' | 'refused'; readonly words: string } | { readonly state: 'waiting'; readonly words: string; readonly afterMs: number };

/** What of the order is in this parcel, to the piece, when it leaves in several. */
function partOf(parcel: ParcelDoc, push: PushDoc, orderId: string): { platformLineIds?: readonly string[]; quantities?: Readonly<Record<string, number>> } {
  if (push.lineIds.length === 0) return {};
  const quantities: Record<string, number> = {};
  for (const l of parcel.lines) if (l.orderId === orderId && push.lineIds.includes(l.platformLineId)) quantities[l.platformLineId] = (quantities[l.platformLineId] ?? 0) + l.quantity;
  return { platformLineIds: push.lineIds, quantities };
}

/** The number under which the platform was told of this order early, by a parcel that was taken off the line since. */
async function toldBefore(parcel: ParcelDoc, push: PushDoc, orderId: string): Promise<Pick<ParcelDoc, 'courierCode' | 'trackingNumber'> | undefined> {
  const old = await Parcels.findOne({ orderIds: orderId, state: 'cancelled', pushes: { $elemMatch: { platformOrderId: push.platformOrderId, state: 'accepted' } } }, { courierCode: 1, trackingNumber: 1 }).sort({ changedAt: -1 }).lean<ParcelDoc>();
  return old && old.trackingNumber !== '' && old.trackingNumber !== parcel.trackingNumber ? old : undefined;
}

async function tell(rt: Runtime, shop: ShopDoc, parcel: ParcelDoc, push: PushDoc, orderId: string): Promise<Answer | undefined> {
  const channel = rt.channels.shop(shop.channel);
  if (!channel) return undefined;
  try {
    const context = await rt.channels.contextFor(push.shopId);
    const before = await toldBefore(parcel, push, orderId);
    const told = before && channel.capabilities.changeTracking === true ? await channel.changeTracking(context, { platformOrderId: push.platformOrderId, courierCode: parcel.courierCode, trackingNumber: parcel.trackingNumber, wasCourierCode: before.courierCode, wasTrackingNumber: before.trackingNumber }) : await channel.pushShipment(context, { platformOrderId: push.platformOrderId, courierCode: parcel.courierCode, trackingNumber: parcel.trackingNumber, ...partOf(parcel, push, orderId) });
    if (told.ok) return { state: 'accepted', words: told.value.again ? 'again' : '' };
    const { code, words, retryAfterMs } = told.refusal;
    if (code === 'pause_shop') {
      // Nothing is wrong with the parcel: it waits, untouched, until the shop is authorised again.
      await pauseShop(rt, shop, told.refusal);
      shop.status = 'paused';
      return undefined;
    }
    return code === 'ask_person' || code === 'retry' || code === 'rate_limited' || code === 'refresh_token' ? { state: 'waiting', words, afterMs: retryAfterMs ?? 0 } : { state: 'refused', words };
  } catch (error) {
    return { state: 'waiting', words: error instanceof Error ? error.message : String(error), afterMs: 0 };
  }
}

function answered(push: PushDoc, answer: Answer, now: Date): PushDoc {
  const tries = push.tries + 1;
  const words = answer.words.slice(0, 300);
  if (answer.state !== 'waiting') return { ...push, state: answer.state, tries, words };
  if (tries >= MAX_TRIES) return { ...push, state: 'refused', tries, words };
  return { ...push, tries, words, nextAt: new Date(now.getTime() + Math.max(answer.afterMs, Math.min(3_600_000, 2_000 * 2 ** tries))) };
}
