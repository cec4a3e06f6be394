/**
 * Waybill numbers. In: parcels that hold their stock. Out: how many got one, and each that did not, with the reason.
 * The account that serves the parcel's courier is asked, with the parcel's own key: a kill between its answer and our save costs no
 * number, since the same key brings the same number. Only where no account is set numbers are of the seller's own series.
 */
import type { ChannelRefusal, TakenWaybill, WaybillAsk } from '../../channels/channel.ts';
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { raiseNotice } from '../../shops/index.ts';
import { Parcels, type ParcelDoc } from '../store/models.ts';
import { Waybills, type WaybillDoc } from '../store/waybill-models.ts';
import { asksFor, courierAccounts, giverOf, stopAccount, stopsAccount, type CourierAccount } from './courier-accounts.ts';
import { noteReach, saysNoReach } from './courier-reach.ts';
import type { RowRefusal } from './ship-parcels.ts';

const WANTS = { trackingNumber: '', state: { $in: ['reserved', 'printed', 'packed'] }, alarm: null, supplierId: null } as const;
/** A courier that is busy is asked again by the job, later and later. */
const LATEST_MS = 3_600_000;
export type Taken = { readonly taken: number; readonly refused: readonly RowRefusal[] };

/** Courier, then digits made from the parcel's id: the same parcel, the same number. */
export const ownNumber = (rt: Runtime, parcel: Pick<ParcelDoc, '_id' | 'courierCode'>): string => {
  const digits = BigInt(`0x${Buffer.from(rt.secrets.fingerprint(`waybill:${parcel._id}`), 'base64url').subarray(0, 6).toString('hex')}`).toString().padStart(15, '0').slice(0, 12);
  return `${parcel.courierCode}${digits}`;
};

export async function takeWaybills(rt: Runtime, ids: readonly string[]): Promise<Taken> {
  const parcels = await Parcels.find({ _id: { $in: [...ids] }, ...WANTS }).lean<ParcelDoc[]>();
  return takeFor(rt, await courierAccounts(rt), parcels, ids);
}

/** For all that hold their stock and want one, as far as couriers have accounts: a batch at a time. */
export async function takeReady(rt: Runtime): Promise<number> {
  const accounts = await courierAccounts(rt);
  if (accounts.length === 0) return 0;
  let taken = 0;
  for (let after = ''; ;) {
    const parcels: ParcelDoc[] = await Parcels.find({ ...WANTS, state: 'reserved', _id: { $gt: after } }).sort({ _id: 1 }).limit(200).lean<ParcelDoc[]>();
    if (parcels.length === 0) return taken;
    after = parcels.at(-1)!._id;
    const served = parcels.filter((p) => giverOf(accounts, p));
    taken += (await takeFor(rt, accounts, served, served.map((p) => p._id))).taken;
  }
}

/** Before parcels leave: those whose courier has an account must have its number. Without accounts nothing is asked. */
export async function numbersToShip(rt: Runtime, ids: readonly string[]): Promise<readonly RowRefusal[]> {
  const accounts = await courierAccounts(rt);
  if (accounts.length === 0) return [];
  const parcels = (await Parcels.find({ _id: { $in: [...ids] }, ...WANTS }).lean<ParcelDoc[]>()).filter((p) => giverOf(accounts, p));
  return (await takeFor(rt, accounts, parcels, ids)).refused;
}

async function takeFor(rt: Runtime, accounts: readonly CourierAccount[], parcels: readonly ParcelDoc[], ids: readonly string[]): Promise<Taken> {
  const refused: RowRefusal[] = [];
  const no = (parcel: ParcelDoc, code: string, words: Both): void => {
    const row = ids.indexOf(parcel._id) + 1;
    refused.push({ row, id: parcel._id, code, message: { zh: `第 ${row} 个包裹：${words.zh}`, en: `Parcel ${row}: ${words.en}` } });
  };
  const byAccount = new Map<CourierAccount, ParcelDoc[]>();
  let taken = 0;
  for (const parcel of parcels) {
    const giver = giverOf(accounts, parcel);
    if (!giver) taken += await save(rt, parcel, ownNumber(rt, parcel));
    else if (giver.shop.status !== 'active') no(parcel, 'account_paused', giver.shop.pausedReason ?? { zh: `快递账户“${giver.shop.name}”已暂停`, en: `the courier account “${giver.shop.name}” is paused` });
    else byAccount.set(giver, [...(byAccount.get(giver) ?? []), parcel]);
  }
  for (const [account, list] of byAccount) taken += await takeFrom(rt, account, list, no);
  return { taken, refused };
}

async function save(rt: Runtime, parcel: ParcelDoc, trackingNumber: string): Promise<number> {
  const done = await Parcels.updateOne({ _id: parcel._id, revision: parcel.revision }, { $set: { trackingNumber, state: parcel.state === 'reserved' ? 'waybilled' : parcel.state, changedAt: rt.clock.now() }, $inc: { revision: 1 } });
  return done.modifiedCount;
}

/** The row that the number will stand in: there before the courier is asked. A round that ended by giving back is followed by the next. */
async function rowsFor(rt: Runtime, account: CourierAccount, parcels: readonly ParcelDoc[]): Promise<Map<string, WaybillDoc>> {
  const now = rt.clock.now();
  const before = await Waybills.find({ parcelId: { $in: parcels.map((p) => p._id) } }).sort({ round: 1 }).lean<WaybillDoc[]>();
  const rows = new Map<string, WaybillDoc>();
  const fresh: WaybillDoc[] = [];
  for (const p of parcels) {
    const last = before.filter((w) => w.parcelId === p._id).at(-1);
    // Another account, or another courier, knows nothing of this key.
    const same = last && last.accountId === account.shop._id && last.courierCode === p.courierCode;
    if (same && (last.state === 'asked' || last.state === 'live' || last.state === 'refused')) rows.set(p._id, last);
    else {
      const round = (last?.round ?? 0) + 1;
      const row: WaybillDoc = { _id: `${p._id}_${round}`, parcelId: p._id, round, accountId: account.shop._id, courierCode: p.courierCode, state: 'asked', trackingNumber: '', print: '', tries: 0, nextAt: now, words: '', subscribed: false, routeState: '', routeAt: null, stuck: false, changedAt: now };
      fresh.push(row);
      rows.set(p._id, row);
    }
  }
  // Two at once make the same rows: the second finds them, and asks with the same keys.
  if (fresh.length > 0) await Waybills.bulkWrite(fresh.map((row) => ({ updateOne: { filter: { _id: row._id }, update: { $setOnInsert: row }, upsert: true } })), { ordered: false });
  const again = [...rows.values()].filter((w) => w.state === 'refused').map((w) => w._id);
  if (again.length > 0) await Waybills.updateMany({ _id: { $in: again }, state: 'refused' }, { $set: { state: 'asked', changedAt: now } });
  return rows;
}

type No = (parcel: ParcelDoc, code: string, words: Both) => void;
async function takeFrom(rt: Runtime, account: CourierAccount, parcels: readonly ParcelDoc[], no: No): Promise<number> {
  const rows = await rowsFor(rt, account, parcels);
  const asks = await asksFor(rt, account, parcels.map((parcel) => ({ key: rows.get(parcel._id)!._id, parcel })));
  const byKey = new Map(parcels.map((p) => [rows.get(p._id)!._id, p]));
  let taken = 0;
  const ready: WaybillAsk[] = [];
  for (const [key, made] of asks) {
    if (made.ok) ready.push(made.value);
    else await refusedBy(rt, account, byKey.get(key)!, key, { code: made.refusal.again ? 'retry' : 'refuse_row', platformCode: 'receiver', words: made.refusal.words.zh }, made.refusal.words, no);
  }
  for (let i = 0; i < ready.length; i += TOGETHER) {
    const part = ready.slice(i, i + TOGETHER);
    // A stopped account is asked no more: what is left waits, each told why.
    const answers: readonly TakenWaybill[] = account.shop.status === 'active' ? await account.channel.takeWaybills(account.context, part) : [];
    const given = new Map(answers.map((t) => [t.key, t.result]));
    taken += await keep(rt, part.flatMap((ask): Kept[] => {
      const result = given.get(ask.key);
      return result?.ok ? [{ parcel: byKey.get(ask.key)!, key: ask.key, trackingNumber: result.value.trackingNumber, print: JSON.stringify(result.value.print) }] : [];
    }));
    for (const ask of part) {
      const [parcel, result] = [byKey.get(ask.key)!, given.get(ask.key)];
      if (!result?.ok) await refusedBy(rt, account, parcel, ask.key, result?.refusal ?? { code: 'retry', platformCode: 'stopped', words: account.shop.lastError }, undefined, no, ask);
    }
  }
  return taken;
}
const TOGETHER = 40;

type Kept = { readonly parcel: Pick<ParcelDoc, '_id' | 'courierCode'>; readonly key: string; readonly trackingNumber: string; readonly print: string };
/** Numbers and parcels in one transaction. A parcel that was cancelled meanwhile leaves its number to be given back. */
export async function keep(rt: Runtime, given: readonly Kept[]): Promise<number> {
  const now = rt.clock.now();
  if (given.length === 0) return 0;
  return rt.transact(async (session) => {
    const rows = new Map((await Waybills.find({ _id: { $in: given.map((g) => g.key) } }).session(session).lean<WaybillDoc[]>()).map((r) => [r._id, r]));
    const parcels = new Map((await Parcels.find({ _id: { $in: given.map((g) => g.parcel._id) }, ...WANTS }).session(session).lean<ParcelDoc[]>()).map((p) => [p._id, p]));
    const open = given.flatMap((g) => { const row = rows.get(g.key); return row && GIVEN.has(row.state) ? [{ ...g, row, there: parcels.get(g.parcel._id) }] : []; });
    if (open.length === 0) return 0;
    await Waybills.bulkWrite(open.map(({ row, trackingNumber, print }) => ({ updateOne: { filter: { _id: row._id, state: row.state }, update: { $set: { state: row.state === 'returning' ? 'returning' as const : 'live' as const, trackingNumber, print: rt.secrets.seal(print), words: '', ...(row.state === 'returning' ? {} : { tries: 0 }), nextAt: now, changedAt: now } } } })), { session });
    const wanting = open.filter(({ row, there, parcel }) => row.state !== 'returning' && there?.courierCode === parcel.courierCode);
    if (wanting.length === 0) return 0;
    const saved = await Parcels.bulkWrite(wanting.map(({ there, trackingNumber }) => ({ updateOne: { filter: { _id: there!._id, revision: there!.revision }, update: { $set: { trackingNumber, state: there!.state === 'reserved' ? 'waybilled' as const : there!.state, changedAt: now }, $inc: { revision: 1 } } } })), { session });
    return saved.modifiedCount;
  });
}
const GIVEN: ReadonlySet<string> = new Set(['asked', 'live', 'refused', 'returning']);

async function refusedBy(rt: Runtime, account: CourierAccount, parcel: ParcelDoc, key: string, refusal: ChannelRefusal, said: Both | undefined, no: No, ask?: WaybillAsk): Promise<void> {
  const final = refusal.code === 'refuse_row' || refusal.code === 'unsupported';
  if (stopsAccount(refusal)) await stopAccount(rt, account, refusal);
  if (ask && saysNoReach(refusal)) await noteReach(rt, ask.courierCode, ask.receiver, { reached: false, words: refusal.words });
  const words = refusal.words.slice(0, 300);
  const row = await Waybills.findOne({ _id: key }).lean<WaybillDoc>();
  const tries = (row?.tries ?? 0) + 1;
  const nextAt = new Date(rt.clock.now().getTime() + Math.max(refusal.retryAfterMs ?? 0, Math.min(LATEST_MS, 30_000 * 2 ** Math.min(tries, 10))));
  await Waybills.updateOne({ _id: key, state: 'asked' }, { $set: { words, tries, nextAt, changedAt: rt.clock.now(), ...(final ? { state: 'refused' } : {}) } });
  // The parcel's row in the sheet says why it has no number.
  if (row?.words !== words) await Parcels.updateOne({ _id: parcel._id }, { $set: { changedAt: rt.clock.now() }, $inc: { revision: 1 } });
  const told = said ?? { zh: `${account.shop.name} 没有给运单号：${words}`, en: `${account.shop.name} gave no number: ${words}` };
  if (final) await raiseNotice(rt, { kind: 'waybill_refused', subject: parcel._id, words: told });
  no(parcel, final ? 'waybill_refused' : 'waybill_waits', told);
}
