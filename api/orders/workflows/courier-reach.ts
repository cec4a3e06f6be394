/**
 * Which courier goes to which place. No table of ours says so, so that the courier is asked once for each district, and what it
 * said is kept for a month. Planning takes another courier where one does not go.
 */
import type { ChannelRefusal, Reach } from '../../channels/channel.ts';
import { DAY_MS } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { Reaches, type ReachDoc } from '../store/waybill-models.ts';
import { cancelParcel } from './bend-parcels.ts';
import { courierAccounts, giverOf, senderOf, stopAccount, stopsAccount, type CourierAccount } from './courier-accounts.ts';

const KEEP_MS = 30 * DAY_MS;
/** Districts asked for in one run of the job. */
const MOST = 60;
export type Place = { readonly province: string; readonly city: string; readonly district: string };
const keyOf = (courier: string, p: Place): string => [courier, p.province, p.city, p.district].join('|');

/** Of a refused number: that the courier does not go there. Couriers say it in words. */
export const saysNoReach = (r: ChannelRefusal): boolean => r.code === 'refuse_row' && (r.platformCode === 'not_served' || /不在服务范围|超出(服务|派送)范围|不可达|not served/.test(r.words));
export async function noteReach(rt: Runtime, courier: string, place: Place, said: Reach): Promise<void> {
  await Reaches.updateOne({ _id: keyOf(courier, place) }, { $set: { reached: said.reached, words: said.words.slice(0, 200), at: rt.clock.now() } }, { upsert: true });
}

export type KnownReach = { readonly reaches: (courier: string, place: Place) => boolean; /** Couriers that may be taken instead. */ readonly others: readonly string[] };
const EVERYWHERE: KnownReach = { reaches: () => true, others: [] };
export async function loadReach(rt: Runtime): Promise<KnownReach> {
  const no = new Set((await Reaches.find({ reached: false, at: { $gte: new Date(rt.clock.now().getTime() - KEEP_MS) } }, { _id: 1 }).lean<Pick<ReachDoc, '_id'>[]>()).map((r) => r._id));
  if (no.size === 0) return EVERYWHERE;
  const others = [...new Set((await courierAccounts(rt)).filter((a) => a.shop.status === 'active' && a.channel.capabilities.takeWaybills === true).flatMap((a) => [...a.couriers]))];
  return { others, reaches: (courier, place) => !no.has(keyOf(courier, place)) };
}

/** Parcels before paper whose courier does not go there are taken apart, and planned with another. */
export async function checkReach(rt: Runtime, accounts: readonly CourierAccount[], signal: AbortSignal): Promise<{ asked: number; replanned: number }> {
  const counts = { asked: 0, replanned: 0 };
  const able = accounts.filter((a) => a.channel.capabilities.takeWaybills === true);
  if (able.length === 0) return counts;
  const parcels = await Parcels.find({ state: 'reserved', alarm: null, trackingNumber: '' }).sort({ _id: -1 }).limit(2_000).lean<ParcelDoc[]>();
  const orders = new Map((await Orders.find({ _id: { $in: parcels.map((p) => p.orderIds[0]!) } }, { receiver: 1 }).lean<Pick<OrderDoc, '_id' | 'receiver'>[]>()).map((o) => [o._id, o.receiver]));
  const places = parcels.flatMap((parcel) => { const r = orders.get(parcel.orderIds[0]!); return r ? [{ parcel, place: { province: r.province, city: r.city, district: r.district } }] : []; });
  const fresh = new Date(rt.clock.now().getTime() - KEEP_MS);
  const known = new Map((await Reaches.find({ _id: { $in: [...new Set(places.map((x) => keyOf(x.parcel.courierCode, x.place)))] }, at: { $gte: fresh } }).lean<ReachDoc[]>()).map((r) => [r._id, r.reached]));
  for (const { parcel, place } of places) {
    const key = keyOf(parcel.courierCode, place);
    const account = giverOf(able, parcel);
    if (!known.has(key) && account?.channel.capabilities.askReach === true && account.shop.status === 'active' && counts.asked < MOST && !signal.aborted) {
      counts.asked += 1;
      const said = await account.channel.askReach(account.context, { courierCode: parcel.courierCode, sender: senderOf(account), receiver: { ...place, town: '', address: '' } });
      if (said.ok) {
        await noteReach(rt, parcel.courierCode, place, said.value);
        known.set(key, said.value.reached);
      } else if (stopsAccount(said.refusal)) await stopAccount(rt, account, said.refusal);
    }
    if (known.get(key) === false) counts.replanned += await takeApart(rt, parcel._id);
  }
  if (counts.replanned > 0) rt.wake('plan-parcels');
  return counts;
}

const takeApart = (rt: Runtime, id: string): Promise<number> => rt.transact(async (session) => {
  const parcel = await Parcels.findOne({ _id: id, state: 'reserved' }).session(session).lean<ParcelDoc>();
  if (parcel) await cancelParcel(rt, session, parcel);
  return parcel ? 1 : 0;
});
