/**
 * The promise ledger: per shop and business day (of placing), how many orders the platform has, and where each of them is with us.
 * In: the days in which something changed since the last count. Out: days counted, and how many of them differ.
 * The platform's number is what it listed at the nightly re-count; until then, what it has said to us: each body is kept before
 * anything is done with it, so an order that was said and is not here is named within a minute.
 */
import { addDays, businessDay, businessDayOf, startOfDay } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { closeNotice, raiseNotice, Shops } from '../../shops/index.ts';
import { isGone } from '../domain/parcel.ts';
import { Orders, Parcels, Raws, type OrderDoc, type ParcelDoc, type RawDoc } from '../store/models.ts';
import { PromiseMarks, Promises, type PromiseDoc } from '../store/promises.ts';

/** Said bodies that are looked at: older ones were counted by the nightly count. */
const LOOK_BACK_MS = 2 * 86_400_000;
/** A body is kept a moment before its order. */
const GRACE_MS = 20_000;
const OVERLAP_MS = 60_000;
const NAMED = 200;
type Key = { readonly shopId: string; readonly day: string };
const idOf = (k: Key): string => `${k.shopId}|${k.day}`;
export type PromiseCounts = { days: number; differ: number };

export async function countPromises(rt: Runtime): Promise<PromiseCounts> {
  const startedAt = rt.clock.now();
  const absent = await saidAndAbsent(rt);
  const keys = new Map<string, Key>([...(await changedDays()), ...absent.map((a) => a.key)].map((k) => [idOf(k), k]));
  // A difference is looked at until it is gone.
  for (const p of await Promises.find({ 'differences.0': { $exists: true } }, { shopId: 1, day: 1 }).lean()) keys.set(p._id, p);
  let differ = 0;
  for (const key of keys.values()) if (await countDay(rt, key, absent.filter((a) => idOf(a.key) === idOf(key)).map((a) => a.id))) differ += 1;
  await PromiseMarks.updateOne({ _id: 'counted' }, { $set: { at: startedAt } }, { upsert: true });
  return { days: keys.size, differ };
}

/** Days whose orders or parcels changed since they were counted last. */
async function changedDays(): Promise<Key[]> {
  const last = await PromiseMarks.findById('counted').lean();
  const since = last ? new Date(last.at.getTime() - OVERLAP_MS) : new Date(0);
  const parcels = await Parcels.find({ changedAt: { $gte: since } }, { orderIds: 1 }).lean<Pick<ParcelDoc, '_id' | 'orderIds'>[]>();
  const orders = await Orders.find({ $or: [{ changedAt: { $gte: since } }, { _id: { $in: [...new Set(parcels.flatMap((p) => p.orderIds))] } }] }, { shopId: 1, placedAt: 1 }).lean<Pick<OrderDoc, '_id' | 'shopId' | 'placedAt'>[]>();
  return orders.map((o) => ({ shopId: o.shopId, day: businessDayOf(o.placedAt) }));
}

/** Orders whose bodies a platform has given us and that are not here. Their day is that of the body: no other is known. */
async function saidAndAbsent(rt: Runtime): Promise<{ key: Key; id: string }[]> {
  const now = rt.clock.now().getTime();
  const said = await Raws.find({ kind: 'order', at: { $gte: new Date(now - LOOK_BACK_MS), $lt: new Date(now - GRACE_MS) } }, { shopId: 1, platformId: 1, modifiedAt: 1 }).lean<Pick<RawDoc, '_id' | 'shopId' | 'platformId' | 'modifiedAt'>[]>();
  const latest = new Map(said.map((r) => [`${r.shopId}|${r.platformId}`, r]));
  const list = [...latest.values()];
  const gone: { key: Key; id: string }[] = [];
  for (let i = 0; i < list.length; i += 500) {
    const part = list.slice(i, i + 500);
    const here = new Set((await Orders.find({ platformOrderId: { $in: part.map((r) => r.platformId) } }, { shopId: 1, platformOrderId: 1 }).lean<Pick<OrderDoc, '_id' | 'shopId' | 'platformOrderId'>[]>()).map((o) => `${o.shopId}|${o.platformOrderId}`));
    for (const r of part) if (!here.has(`${r.shopId}|${r.platformId}`)) gone.push({ key: { shopId: r.shopId, day: businessDayOf(r.modifiedAt) }, id: r.platformId });
  }
  return gone;
}

type Place = 'unpaid' | 'waiting' | 'held' | 'shipped' | 'closed' | 'elsewhere';
/** Each order stands in exactly one place. */
function placeOf(o: Pick<OrderDoc, 'status' | 'reviewState' | 'fulfilledElsewhere'>, parcels: readonly Pick<ParcelDoc, 'state'>[]): Place {
  if (parcels.length > 0 && parcels.every((p) => isGone(p.state))) return 'shipped';
  if (o.status === 'closed') return 'closed';
  if (o.fulfilledElsewhere) return 'elsewhere';
  if (o.status === 'unpaid') return 'unpaid';
  return o.reviewState === 'held' ? 'held' : 'waiting';
}

type Light = Pick<OrderDoc, '_id' | 'platformOrderId' | 'status' | 'reviewState' | 'fulfilledElsewhere' | 'parcelIds' | 'holds'>;
async function countDay(rt: Runtime, key: Key, absentNow: readonly string[]): Promise<boolean> {
  const from = startOfDay(businessDay(key.day));
  const orders = await Orders.find({ shopId: key.shopId, placedAt: { $gte: from, $lt: startOfDay(addDays(businessDay(key.day), 1)) } }, { platformOrderId: 1, status: 1, reviewState: 1, fulfilledElsewhere: 1, parcelIds: 1, holds: 1 }).lean<Light[]>();
  const parcels = new Map((await Parcels.find({ _id: { $in: orders.flatMap((o) => o.parcelIds) }, state: { $ne: 'cancelled' } }, { state: 1, pushes: 1 }).lean<Pick<ParcelDoc, '_id' | 'state' | 'pushes'>[]>()).map((p) => [p._id, p]));
  const before = await Promises.findById(idOf(key)).lean<PromiseDoc>();
  const counts: Record<Place, number> = { unpaid: 0, waiting: 0, held: 0, shipped: 0, closed: 0, elsewhere: 0 };
  const holds = new Map<string, number>();
  const refused: string[] = [];
  let pushed = 0;
  for (const o of orders) {
    const own = o.parcelIds.flatMap((id) => parcels.get(id) ?? []);
    const place = placeOf(o, own);
    counts[place] += 1;
    if (place === 'held') for (const h of o.holds) holds.set(h.code, (holds.get(h.code) ?? 0) + 1);
    const pushes = own.flatMap((p) => p.pushes.filter((x) => x.platformOrderId === o.platformOrderId));
    if (pushes.some((x) => x.state === 'refused')) refused.push(o.platformOrderId);
    else if (pushes.length > 0 && pushes.every((x) => x.state === 'accepted')) pushed += 1;
  }
  const here = new Set(orders.map((o) => o.platformOrderId));
  const notHere = [...new Set([...(before?.absent ?? []), ...absentNow])].filter((id) => !here.has(id));
  const unlisted = (before?.unlisted ?? []).filter((id) => here.has(id));
  const differences = [{ kind: 'not_here' as const, ids: notHere }, { kind: 'not_there' as const, ids: unlisted }, { kind: 'refused' as const, ids: refused }].filter((d) => d.ids.length > 0).map((d) => ({ kind: d.kind, ids: d.ids.sort().slice(0, NAMED) }));
  const row = { shopId: key.shopId, day: key.day, platform: before?.listed ?? orders.length + notHere.length, ours: orders.length, ...counts, holds: [...holds].sort((a, b) => b[1] - a[1]).map(([code, count]) => ({ code, count })), pushed, refused: refused.length, differences };
  await write(rt, key, row, before);
  return differences.length > 0;
}

type Row = Omit<PromiseDoc, '_id' | 'revision' | 'changedAt' | 'listed' | 'listedAt' | 'absent' | 'unlisted'>;
async function write(rt: Runtime, key: Key, row: Row, before: PromiseDoc | null): Promise<void> {
  if (before && JSON.stringify(Object.keys(row).map((k) => before[k as keyof Row])) === JSON.stringify(Object.values(row))) return;
  await Promises.updateOne({ _id: idOf(key) }, { $set: { ...row, changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { upsert: true });
  const apart = row.differences.filter((d) => d.kind !== 'refused');
  const subject = `${(await Shops.findById(key.shopId, { name: 1 }).lean())?.name ?? key.shopId} ${key.day}`;
  if (apart.length === 0) { if (before?.differences.length) await closeNotice(rt, 'promises_differ', subject); return; }
  const ids = apart.flatMap((d) => d.ids).slice(0, 5).join('、');
  await raiseNotice(rt, { kind: 'promises_differ', subject, words: { zh: `${subject}：平台与我们对不上的订单 ${ids}`, en: `${subject}: orders on which the platform and we differ: ${ids}` } });
}

/** What the platform listed of a shop's days, at the nightly re-count: kept, and compared from then on. */
export async function keepListed(rt: Runtime, shopId: string, days: ReadonlyMap<string, { readonly listed: number; readonly absent: readonly string[]; readonly unlisted: readonly string[] }>): Promise<void> {
  const now = rt.clock.now();
  for (const [day, d] of days) await Promises.updateOne({ _id: idOf({ shopId, day }) }, { $set: { shopId, day, listed: d.listed, listedAt: now, absent: [...d.absent], unlisted: [...d.unlisted], changedAt: now }, $inc: { revision: 1 } }, { upsert: true });
  for (const day of days.keys()) await countDay(rt, { shopId, day }, []);
}
