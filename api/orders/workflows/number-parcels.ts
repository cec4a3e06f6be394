/**
 * Numbers by a person's hand: taken, given back before paper, or their courier told of a new weight or receiver.
 * In: parcel ids. Out: how many. Wrong: each that cannot, by name; what can be done of the others is done.
 */
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { audit } from '../../store/audit.ts';
import { Parcels, type ParcelDoc } from '../store/models.ts';
import { Waybills, type WaybillDoc } from '../store/waybill-models.ts';
import { asksFor, courierAccounts, stopAccount, stopsAccount } from './courier-accounts.ts';
import type { RowRefusal } from './ship-parcels.ts';
import { takeWaybills } from './waybills.ts';

type Told = { readonly code: string; readonly words: Both } | undefined;
const no = (code: string, zh: string, en: string): Told => ({ code, words: { zh, en } });

export async function numberParcels(rt: Runtime, input: { readonly ids: readonly string[]; readonly do: 'take' | 'return' | 'update' }, userId: string): Promise<{ readonly done: number; readonly refused: readonly RowRefusal[] }> {
  if (input.do === 'take') {
    const { taken, refused } = await takeWaybills(rt, input.ids);
    return { done: taken, refused };
  }
  const refused: RowRefusal[] = [];
  for (const [i, id] of input.ids.entries()) {
    const told = input.do === 'return' ? await giveUp(rt, id, userId) : await tellCourier(rt, id);
    if (told) refused.push({ row: i + 1, id, code: told.code, message: { zh: `第 ${i + 1} 个包裹：${told.words.zh}`, en: `Parcel ${i + 1}: ${told.words.en}` } });
  }
  if (input.do === 'return') rt.wake('sync-waybills');
  return { done: input.ids.length - refused.length, refused };
}

/** The parcel is without a number again; what is owed to the courier stands in the row. */
const giveUp = (rt: Runtime, id: string, userId: string): Promise<Told> => rt.transact(async (session): Promise<Told> => {
  const now = rt.clock.now();
  const parcel = await Parcels.findById(id).session(session).lean<ParcelDoc>();
  if (!parcel) return no('not_found', `没有包裹 ${id}`, `there is no parcel ${id}`);
  if (parcel.state !== 'waybilled') return no('wrong_state', '还没有运单号，或面单已打印（先撤回包裹）', 'it has no number, or its label is printed (pull it back first)');
  await Waybills.updateOne({ parcelId: id, trackingNumber: parcel.trackingNumber, state: 'live' }, { $set: { state: 'returning', tries: 0, nextAt: now, changedAt: now } }, { session });
  await Parcels.updateOne({ _id: id, revision: parcel.revision }, { $set: { trackingNumber: '', state: 'reserved', changedAt: now }, $inc: { revision: 1 } }, { session });
  await audit(rt, session, [{ userId, command: 'return-waybill', noun: 'parcels', id, before: parcel.trackingNumber, after: '', at: now }]);
  return undefined;
});

async function tellCourier(rt: Runtime, id: string): Promise<Told> {
  const parcel = await Parcels.findById(id).lean<ParcelDoc>();
  const row = parcel ? await Waybills.findOne({ parcelId: id, state: 'live', trackingNumber: parcel.trackingNumber }).lean<WaybillDoc>() : null;
  if (!parcel || !row) return no('wrong_state', '没有快递给的运单号，或已发货', 'it has no courier’s number, or has left');
  const account = (await courierAccounts(rt)).find((a) => a.shop._id === row.accountId);
  if (!account || account.shop.status !== 'active') return no('account_paused', '快递账户已暂停', 'its courier account is paused');
  const made = (await asksFor(rt, account, [{ key: row._id, parcel }])).get(row._id)!;
  if (!made.ok) return { code: 'receiver', words: made.refusal.words };
  const told = await account.channel.updateWaybill(account.context, made.value, row.trackingNumber);
  if (!told.ok) {
    if (stopsAccount(told.refusal)) await stopAccount(rt, account, told.refusal);
    return no(told.refusal.code, `${account.shop.name} 没有更新：${told.refusal.words}`, `${account.shop.name} changed nothing: ${told.refusal.words}`);
  }
  await Waybills.updateOne({ _id: row._id, state: 'live' }, { $set: { print: rt.secrets.seal(JSON.stringify(told.value.print)), changedAt: rt.clock.now() } });
  return undefined;
}
