/**
 * What becomes of numbers: given back when their parcel is cancelled or wants none, followed when it has left.
 * In: rows of numbers against their parcels. Out: counts. The row is its own outbox: it was there before the number, it says what is
 * owed, and a courier that does not answer is asked again, later and later; at last it stands among the notices with its words.
 */
import type { ChannelRefusal } from '../../channels/channel.ts';
import { DAY_MS } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { closeNotice, raiseNotice } from '../../shops/index.ts';
import { isGone } from '../domain/parcel.ts';
import { Parcels, type ParcelDoc } from '../store/models.ts';
import { Waybills, type WaybillDoc } from '../store/waybill-models.ts';
import { asksFor, courierAccounts, stopAccount, stopsAccount, type CourierAccount } from './courier-accounts.ts';
import { checkReach } from './courier-reach.ts';
import { keep, takeWaybills } from './waybills.ts';

const MAX_TRIES = 12;
const PAGE = 500;
const FIRST_LOOK_MS = 3_600_000;
export type WaybillCounts = { taken: number; returned: number; kept: number; retry: number; asked: number; replanned: number };

export async function syncWaybills(rt: Runtime, signal: AbortSignal): Promise<WaybillCounts> {
  const counts: WaybillCounts = { taken: 0, returned: 0, kept: 0, retry: 0, asked: 0, replanned: 0 };
  const accounts = await courierAccounts(rt);
  if (accounts.length === 0 && !(await Waybills.exists({ state: { $in: ['asked', 'live', 'returning'] } }))) return counts;
  Object.assign(counts, await checkReach(rt, accounts, signal));
  await compare(rt);
  counts.taken += await askAgain(rt);
  for (const row of await Waybills.find({ state: 'returning', nextAt: { $lte: rt.clock.now() } }).sort({ nextAt: 1 }).limit(PAGE).lean<WaybillDoc[]>()) {
    if (signal.aborted) break;
    const what = await giveBack(rt, accounts, row);
    if (what) counts[what] += 1;
  }
  await takeOffReturned(rt);
  return counts;
}

/** Every open row against its parcel: what the parcel's state asks of its number. */
async function compare(rt: Runtime): Promise<void> {
  for (let after = ''; ;) {
    const rows: WaybillDoc[] = await Waybills.find({ state: { $in: ['asked', 'live', 'refused', 'returning'] }, _id: { $gt: after } }).sort({ _id: 1 }).limit(PAGE).lean<WaybillDoc[]>();
    if (rows.length === 0) return;
    after = rows.at(-1)!._id;
    const parcels = new Map((await Parcels.find({ _id: { $in: rows.map((r) => r.parcelId) } }).lean<ParcelDoc[]>()).map((p) => [p._id, p]));
    for (const row of rows) await compareOne(rt, row, parcels.get(row.parcelId));
  }
}

async function compareOne(rt: Runtime, row: WaybillDoc, parcel: ParcelDoc | undefined): Promise<void> {
  const now = rt.clock.now();
  const to = (set: Partial<WaybillDoc>) => Waybills.updateOne({ _id: row._id, state: row.state }, { $set: { ...set, changedAt: now } });
  const gone = !parcel || parcel.state === 'cancelled';
  if (row.state !== 'asked' || gone) await closeIfOver(rt, row, parcel);
  // A person who undid the cancelling has the parcel back, with its number, before it was given away.
  if (row.state === 'returning' && row.tries === 0 && !gone && row.trackingNumber !== '' && parcel.trackingNumber === row.trackingNumber) await to({ state: isGone(parcel.state) ? 'travelling' : 'live' });
  else if (row.state === 'returning') return;
  else if (row.state === 'refused') { if (gone || isGone(parcel.state)) await to({ state: 'returned' }); }
  else if (gone || parcel.courierCode !== row.courierCode || (row.state === 'live' && parcel.trackingNumber !== '' && parcel.trackingNumber !== row.trackingNumber)) await to({ state: 'returning', nextAt: now, tries: 0 });
  else if (row.state === 'live' && isGone(parcel.state)) await to({ state: 'travelling', nextAt: new Date((parcel.shippedAt ?? now).getTime() + FIRST_LOOK_MS), tries: 0, words: '' });
  // Shipped under a number of another make while the courier was being asked: what it may have given is not used.
  else if (row.state === 'asked' && (isGone(parcel.state) || parcel.trackingNumber !== '')) await to({ state: 'returning', nextAt: now, tries: 0 });
}
async function closeIfOver(rt: Runtime, row: WaybillDoc, parcel: ParcelDoc | undefined): Promise<void> {
  if (row.state === 'live' || !parcel || parcel.state === 'cancelled') await closeNotice(rt, 'waybill_refused', row.parcelId);
}

/** Asked for, and never saved: a kill, or a courier that was busy. The same key brings the same number. */
async function askAgain(rt: Runtime): Promise<number> {
  const rows = await Waybills.find({ state: 'asked', nextAt: { $lte: rt.clock.now() } }).sort({ nextAt: 1 }).limit(PAGE).lean<WaybillDoc[]>();
  return rows.length === 0 ? 0 : (await takeWaybills(rt, rows.map((r) => r.parcelId))).taken;
}

async function giveBack(rt: Runtime, accounts: readonly CourierAccount[], row: WaybillDoc): Promise<'returned' | 'kept' | 'retry' | undefined> {
  const account = accounts.find((a) => a.shop._id === row.accountId);
  if (!account) return ended(rt, row, 'kept', '快递账户已经没有了 / the courier account is gone');
  if (account.shop.status !== 'active') return undefined;
  // Begun: from here on nobody takes the row back, and no other instance does it too.
  const mine = await Waybills.updateOne({ _id: row._id, state: 'returning', tries: row.tries }, { $inc: { tries: 1 }, $set: { nextAt: new Date(rt.clock.now().getTime() + 60_000) } });
  if (mine.modifiedCount === 0) return undefined;
  const found = await numberOf(rt, account, row);
  if ('refusal' in found) return refusedBack(rt, account, row, found.refusal);
  if (found.nothing) return ended(rt, row, 'returned', '');
  const told = await account.channel.cancelWaybill(account.context, { key: row._id, courierCode: row.courierCode, trackingNumber: found.number });
  return told.ok ? ended(rt, row, 'returned', '') : refusedBack(rt, account, row, told.refusal);
}

type Found = { readonly number: string; readonly nothing: boolean } | { readonly refusal: ChannelRefusal };
/** A number whose answer was lost: a courier that takes keys needs none; of another it is asked for once more by its key. */
async function numberOf(rt: Runtime, account: CourierAccount, row: WaybillDoc): Promise<Found> {
  if (row.trackingNumber !== '' || account.channel.capabilities.findWaybill === true) return { number: row.trackingNumber, nothing: false };
  const parcel = await Parcels.findById(row.parcelId).lean<ParcelDoc>();
  if (!parcel) return { number: '', nothing: true };
  const made = (await asksFor(rt, account, [{ key: row._id, parcel: { ...parcel, courierCode: row.courierCode } }])).get(row._id);
  if (!made?.ok) return made?.refusal.again === false ? { number: '', nothing: true } : { refusal: { code: 'retry', platformCode: 'receiver', words: made?.refusal.words.en ?? 'nothing to ask with' } };
  const result = (await account.channel.takeWaybills(account.context, [made.value]))[0]?.result;
  if (!result) return { refusal: { code: 'retry', platformCode: 'no_answer', words: 'no answer' } };
  // Refused now, with the same words as then: nothing was given.
  if (!result.ok) return result.refusal.code === 'refuse_row' ? { number: '', nothing: true } : { refusal: result.refusal };
  await keep(rt, [{ parcel, key: row._id, trackingNumber: result.value.trackingNumber, print: JSON.stringify(result.value.print) }]);
  return { number: result.value.trackingNumber, nothing: false };
}

async function refusedBack(rt: Runtime, account: CourierAccount, row: WaybillDoc, refusal: ChannelRefusal): Promise<'kept' | 'retry'> {
  if (stopsAccount(refusal)) await stopAccount(rt, account, refusal);
  const tries = row.tries + 1;
  const words = refusal.words.slice(0, 300);
  if (refusal.code === 'refuse_row' || refusal.code === 'unsupported' || tries >= MAX_TRIES) return ended(rt, row, 'kept', words);
  const afterMs = Math.max(refusal.retryAfterMs ?? 0, Math.min(3_600_000, 5_000 * 2 ** tries));
  await Waybills.updateOne({ _id: row._id, state: 'returning' }, { $set: { words, nextAt: new Date(rt.clock.now().getTime() + afterMs), changedAt: rt.clock.now() } });
  return 'retry';
}

async function ended<S extends 'returned' | 'kept'>(rt: Runtime, row: WaybillDoc, state: S, words: string): Promise<S> {
  await Waybills.updateOne({ _id: row._id, state: 'returning' }, { $set: { state, words, changedAt: rt.clock.now() } });
  if (state === 'kept') await raiseNotice(rt, { kind: 'waybill_not_returned', subject: row.trackingNumber || row._id, words: { zh: `运单号没有退成：${words}。请在快递后台处理，免得计费。`, en: `The number could not be given back: ${words}. See to it at the courier, so that it is not charged.` } });
  return state;
}

/** A parcel that came back by undoing, with a number that was given away meanwhile, wants another. */
async function takeOffReturned(rt: Runtime): Promise<void> {
  const now = rt.clock.now();
  const rows = await Waybills.find({ state: 'returned', trackingNumber: { $ne: '' }, changedAt: { $gte: new Date(now.getTime() - 2 * DAY_MS) } }).limit(PAGE * 4).lean<WaybillDoc[]>();
  if (rows.length === 0) return;
  for (const parcel of await Parcels.find({ trackingNumber: { $in: rows.map((r) => r.trackingNumber) }, state: { $in: ['waybilled', 'printed', 'packed'] } }).lean<ParcelDoc[]>()) {
    // On paper it is stopped: the label names a number that its courier does not know any more.
    const paper = parcel.state !== 'waybilled';
    const alarm = { zh: '运单号已退回快递：撤回包裹，撕掉面单', en: 'the number was given back to the courier: pull the parcel back, throw its label away' };
    await Parcels.updateOne({ _id: parcel._id, revision: parcel.revision }, { $set: { ...(paper ? { alarm } : { trackingNumber: '', state: 'reserved' }), changedAt: now }, $inc: { revision: 1 } });
  }
}
