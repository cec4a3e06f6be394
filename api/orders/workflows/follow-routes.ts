/**
 * Where parcels are. In: parcels that have left under a courier's number. Out: their steps, kept once each, and the parcel's own
 * state from the newest; a notice for one that stands still or meets a problem, which closes itself when it goes on.
 */
import type { ChannelRefusal, HeardRoutes, IncomingCall, RouteEvent, RouteState } from '../../channels/channel.ts';
import { refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { closeNotice, raiseNotice, Shops, type ShopDoc } from '../../shops/index.ts';
import { ROUTE_RANK, ROUTE_WORDS } from '../domain/route.ts';
import { Parcels, type ParcelDoc } from '../store/models.ts';
import { RouteSteps, Waybills, type RouteDoc, type WaybillDoc } from '../store/waybill-models.ts';
import { courierAccounts, followerOf, stopAccount, stopsAccount, type CourierAccount } from './courier-accounts.ts';

const HOUR_MS = 3_600_000;
/** Asked for so often; seldom when the courier brings the steps by itself. */
const ASK_MS = 2 * HOUR_MS;
const ASK_SUBSCRIBED_MS = 12 * HOUR_MS;
/** Without a step for so long a parcel stands still. */
const STUCK_MS = 48 * HOUR_MS;
/** A parcel of which nothing is heard for so long is not asked for any more. */
const FORGET_MS = 60 * 24 * HOUR_MS;
const MOST = 400;
const AT_ONCE = 6;
const FINAL: ReadonlySet<RouteState> = new Set(['delivered', 'returned']);
export type FollowCounts = { asked: number; steps: number; delivered: number; stuck: number; retry: number };

export async function followRoutes(rt: Runtime, signal: AbortSignal): Promise<FollowCounts> {
  const counts: FollowCounts = { asked: 0, steps: 0, delivered: 0, stuck: 0, retry: 0 };
  const accounts = await courierAccounts(rt);
  const rows = await Waybills.find({ state: 'travelling', nextAt: { $lte: rt.clock.now() } }).sort({ nextAt: 1 }).limit(MOST).lean<WaybillDoc[]>();
  for (let i = 0; i < rows.length && !signal.aborted; i += AT_ONCE) await Promise.all(rows.slice(i, i + AT_ONCE).map((row) => followOne(rt, accounts, row, counts)));
  return counts;
}

async function followOne(rt: Runtime, accounts: readonly CourierAccount[], row: WaybillDoc, counts: FollowCounts): Promise<void> {
  const now = rt.clock.now();
  const later = (ms: number, words = '') => Waybills.updateOne({ _id: row._id, state: 'travelling' }, { $set: { nextAt: new Date(now.getTime() + ms), words, changedAt: now } });
  const follower = followerOf(accounts, row.accountId, row.courierCode);
  if (!follower) return void (await later(24 * HOUR_MS));
  const phone = follower.context.account['senderPhone'] ?? accounts.find((a) => a.shop._id === row.accountId)?.context.account['senderPhone'] ?? '';
  const ask = { courierCode: row.courierCode, trackingNumber: row.trackingNumber, phone };
  counts.asked += 1;
  const subscribed = row.subscribed || (await subscribe(follower, ask));
  if (subscribed && !row.subscribed) await Waybills.updateOne({ _id: row._id }, { $set: { subscribed } });
  const told = await follower.channel.queryRoutes(follower.context, ask);
  if (!told.ok) {
    if (stopsAccount(told.refusal)) await stopAccount(rt, follower, told.refusal);
    counts.retry += 1;
    return void (await later(Math.max(told.refusal.retryAfterMs ?? 0, HOUR_MS / 2), told.refusal.words.slice(0, 300)));
  }
  const fresh = await takeSteps(rt, row, told.value);
  counts.steps += fresh.steps;
  counts.delivered += fresh.delivered ? 1 : 0;
  if (FINAL.has(fresh.state as RouteState)) return;
  const left = (await Parcels.findById(row.parcelId, { shippedAt: 1 }).lean<Pick<ParcelDoc, 'shippedAt'>>())?.shippedAt ?? row.changedAt;
  const since = now.getTime() - Math.max(fresh.at?.getTime() ?? 0, left.getTime());
  if (since > STUCK_MS && !row.stuck) {
    counts.stuck += 1;
    await Waybills.updateOne({ _id: row._id }, { $set: { stuck: true } });
    const hours = Math.floor(since / HOUR_MS);
    await raiseNotice(rt, { kind: 'parcel_stuck', subject: row.parcelId, words: { zh: `${row.courierCode} ${row.trackingNumber} 已 ${hours} 小时没有动静（${fresh.state ? ROUTE_WORDS[fresh.state].zh : '还没有揽收'}）。请催件。`, en: `${row.courierCode} ${row.trackingNumber} has not moved for ${hours} hours (${fresh.state ? ROUTE_WORDS[fresh.state].en : 'not picked up'}). Ask the courier.` } });
  }
  if (since > FORGET_MS) await Waybills.updateOne({ _id: row._id, state: 'travelling' }, { $set: { state: 'done', changedAt: now } });
  else await later(subscribed ? ASK_SUBSCRIBED_MS : ASK_MS);
}

async function subscribe(follower: CourierAccount, ask: Parameters<CourierAccount['channel']['subscribeRoutes']>[1]): Promise<boolean> {
  const address = follower.context.account['callbackUrl'] ?? '';
  if (follower.channel.capabilities.subscribeRoutes !== true || address === '' || !follower.context.account['salt']) return false;
  return (await follower.channel.subscribeRoutes(follower.context, ask, address)).ok;
}

type Fresh = { readonly steps: number; readonly state: RouteState | ''; readonly at: Date | null; readonly delivered: boolean };
/** Steps come twice, late and out of order; what they say together is what the newest says. */
export async function takeSteps(rt: Runtime, row: WaybillDoc, events: readonly RouteEvent[]): Promise<Fresh> {
  const now = rt.clock.now();
  const own = events.filter((e) => e.trackingNumber === row.trackingNumber);
  return rt.transact(async (session): Promise<Fresh> => {
    const saved = own.length === 0 ? undefined : await RouteSteps.bulkWrite(own.map((e) => ({ updateOne: { filter: { _id: `${row.courierCode}:${e.key}` }, update: { $setOnInsert: { parcelId: row.parcelId, trackingNumber: e.trackingNumber, at: e.at, state: e.state, platformState: e.platformState, words: e.words.slice(0, 500), place: e.place.slice(0, 100) } }, upsert: true } })), { session });
    const all = await RouteSteps.find({ parcelId: row.parcelId, trackingNumber: row.trackingNumber }).session(session).lean<RouteDoc[]>();
    const last = all.sort((a, b) => a.at.getTime() - b.at.getTime() || ROUTE_RANK.indexOf(a.state) - ROUTE_RANK.indexOf(b.state)).at(-1);
    const state = last?.state ?? '';
    const steps = saved?.upsertedCount ?? 0;
    if (!last || steps === 0) return { steps, state, at: last?.at ?? null, delivered: false };
    const parcel = await Parcels.findById(row.parcelId).session(session).lean<ParcelDoc>();
    const delivered = state === 'delivered' && parcel?.state === 'shipped';
    await Parcels.updateOne({ _id: row.parcelId }, { $set: { route: { state, at: last.at, words: last.words }, ...(delivered ? { state: 'delivered' } : {}), changedAt: now }, $inc: { revision: 1 } }, { session });
    await Waybills.updateOne({ _id: row._id }, { $set: { routeState: state, routeAt: last.at, stuck: false, changedAt: now, ...(FINAL.has(last.state) && row.state === 'travelling' ? { state: 'done' } : {}) } }, { session });
    return { steps, state, at: last.at, delivered };
  }).then(async (fresh) => {
    if (fresh.steps > 0) await tellOf(rt, row, fresh.state as RouteState);
    return fresh;
  });
}

async function tellOf(rt: Runtime, row: WaybillDoc, state: RouteState): Promise<void> {
  if (row.stuck) await closeNotice(rt, 'parcel_stuck', row.parcelId);
  const bad = state === 'problem' || state === 'returning' || state === 'returned';
  if (!bad) return closeNotice(rt, 'parcel_problem', row.parcelId);
  const last = await RouteSteps.findOne({ parcelId: row.parcelId, state }).sort({ at: -1 }).lean<RouteDoc>();
  await raiseNotice(rt, { kind: 'parcel_problem', subject: row.parcelId, words: { zh: `${row.courierCode} ${row.trackingNumber} ${ROUTE_WORDS[state].zh}：${last?.words ?? ''}`, en: `${row.courierCode} ${row.trackingNumber} ${ROUTE_WORDS[state].en}: ${last?.words ?? ''}` } });
}

/** A courier brings steps: proved by its connector. What it cannot prove is only a reason to ask at once. */
export async function hearRoutes(rt: Runtime, accountId: string, call: IncomingCall): Promise<Result<HeardRoutes, ChannelRefusal>> {
  const shop = await Shops.findOne({ _id: accountId, kind: 'courier', source: 'api' }).lean<ShopDoc>();
  const channel = shop ? rt.channels.courier(shop.channel) : undefined;
  if (!shop || !channel) return refuse({ code: 'refuse_row', platformCode: 'no_account', words: 'no such courier account' });
  const heard = await channel.hearRoutes(await rt.channels.courierContextFor(accountId), call);
  if (!heard.ok) {
    rt.log.warn({ account: accountId, error: heard.refusal.platformCode }, 'route push refused');
    return heard;
  }
  const numbers = [...new Set([...heard.value.events.map((e) => e.trackingNumber), ...heard.value.look])];
  // Of a number that is not ours nothing is kept.
  for (const row of await Waybills.find({ trackingNumber: { $in: numbers }, state: { $in: ['live', 'travelling', 'done'] } }).lean<WaybillDoc[]>()) await takeSteps(rt, row, heard.value.events);
  if (heard.value.look.length > 0) {
    await Waybills.updateMany({ trackingNumber: { $in: [...heard.value.look] }, state: 'travelling' }, { $set: { nextAt: rt.clock.now() } });
    rt.wake('follow-routes');
  }
  return heard;
}

export const routeOf = (parcelId: string): Promise<RouteDoc[]> => RouteSteps.find({ parcelId }).sort({ at: 1 }).limit(500).lean<RouteDoc[]>();
