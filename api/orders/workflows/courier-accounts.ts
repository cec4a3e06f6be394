/** Which account gives a parcel its number, who sends it, and to whom it goes: what a courier is asked with. */
import type { ChannelRefusal, CourierChannel, CourierContext, WaybillAddress, WaybillAsk } from '../../channels/channel.ts';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { pauseShop, Shops, type ShopDoc } from '../../shops/index.ts';
import { skuFacts } from '../../stock/index.ts';
import { Orders, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { keptReceiver, openReceiver } from './open-receiver.ts';

export type CourierAccount = { readonly shop: ShopDoc; readonly channel: CourierChannel; readonly context: CourierContext; readonly couriers: ReadonlySet<string>; readonly warehouses: ReadonlySet<string> };
const listed = (text: string | undefined): string[] => (text ?? '').split(/[,，、;；\s]+/).map((x) => x.trim()).filter(Boolean);

/** All courier accounts, paused ones too: a parcel of theirs waits and gets no number from elsewhere. */
export async function courierAccounts(rt: Runtime): Promise<CourierAccount[]> {
  const shops = await Shops.find({ kind: 'courier', source: 'api' }).sort({ _id: 1 }).lean<ShopDoc[]>();
  return Promise.all(shops.flatMap((shop) => {
    const channel = rt.channels.courier(shop.channel);
    return channel ? [accountOf(rt, shop, channel)] : [];
  }));
}
async function accountOf(rt: Runtime, shop: ShopDoc, channel: CourierChannel): Promise<CourierAccount> {
  const context = await rt.channels.courierContextFor(shop._id);
  const named = listed(context.account['couriers']);
  return { shop, channel, context, couriers: new Set(named.length > 0 ? named.filter((c) => channel.couriers.includes(c)) : channel.couriers), warehouses: new Set(listed(context.account['warehouses'])) };
}

type Wanted = Pick<ParcelDoc, 'courierCode' | 'warehouseCode'>;
/** The account for a parcel: one that names its warehouse before one for all; one for this courier alone before one for many. */
export function giverOf(accounts: readonly CourierAccount[], parcel: Wanted): CourierAccount | undefined {
  const fit = accounts.filter((a) => a.channel.capabilities.takeWaybills === true && a.couriers.has(parcel.courierCode) && (a.warehouses.size === 0 || a.warehouses.has(parcel.warehouseCode)));
  const rank = (a: CourierAccount): number => (a.shop.status === 'active' ? 0 : 4) + (a.warehouses.has(parcel.warehouseCode) ? 0 : 2) + (a.couriers.size === 1 ? 0 : 1);
  return [...fit].sort((a, b) => rank(a) - rank(b))[0];
}
/** Who can say where a parcel is: the account that gave the number, else one that follows parcels. */
export const followerOf = (accounts: readonly CourierAccount[], giver: string, courierCode: string): CourierAccount | undefined => {
  const fit = accounts.filter((a) => a.shop.status === 'active' && a.channel.capabilities.queryRoutes === true && a.couriers.has(courierCode));
  return fit.find((a) => a.shop._id === giver) ?? fit[0];
};

export const senderOf = ({ context: { account: a } }: CourierAccount): WaybillAddress => ({ name: a['senderName'] ?? '', phone: a['senderPhone'] ?? '', province: a['senderProvince'] ?? '', city: a['senderCity'] ?? '', district: a['senderDistrict'] ?? '', town: '', address: a['senderAddress'] ?? '' });

/** A refusal that says something of the account, and not of the parcel, stops the account until a person has looked. */
export const stopsAccount = (refusal: ChannelRefusal): boolean => refusal.code === 'ask_person' || refusal.code === 'pause_shop';
export async function stopAccount(rt: Runtime, account: CourierAccount, refusal: ChannelRefusal): Promise<void> {
  if (account.shop.status !== 'active') return;
  await pauseShop(rt, account.shop, refusal);
  account.shop.status = 'paused';
}

type Words = { readonly words: Both; readonly again: boolean };
type Receiver = WaybillAsk['receiver'];
/** A courier that opens the platform's tokens itself is given the covered one. */
async function receiverOf(rt: Runtime, order: OrderDoc, account: CourierAccount): Promise<Result<Receiver, Words>> {
  const { masked, token } = order.receiver;
  if (masked && token !== '' && account.channel.opensTokensOf?.includes(order.channel)) return ok({ ...keptReceiver(rt, order), token, masked });
  const opened = await openReceiver(rt, order, { zh: `订单 ${order.platformOrderId} 的收件人打了码，平台不给全文，快递不收。`, en: `The receiver of order ${order.platformOrderId} is covered and the platform does not open it: no courier takes it so.` });
  return opened.ok ? ok({ ...opened.value, token, masked: false }) : opened;
}

export type Asked = { readonly ask: WaybillAsk; readonly place: Receiver };
/** What to ask for each of these parcels, all of one account; or why one cannot be asked for. */
export async function asksFor(rt: Runtime, account: CourierAccount, list: readonly { readonly key: string; readonly parcel: ParcelDoc }[]): Promise<Map<string, Result<WaybillAsk, Words>>> {
  const orders = new Map((await Orders.find({ _id: { $in: list.flatMap((x) => x.parcel.orderIds) } }).lean<OrderDoc[]>()).map((o) => [o._id, o]));
  const facts = await skuFacts(list.flatMap((x) => x.parcel.lines.map((l) => l.skuCode)));
  const made = new Map<string, Result<WaybillAsk, Words>>();
  const sender = senderOf(account);
  const one = async ({ key, parcel }: { key: string; parcel: ParcelDoc }): Promise<Result<WaybillAsk, Words>> => {
    const own = parcel.orderIds.flatMap((id) => orders.get(id) ?? []);
    const first = own[0];
    if (!first) return refuse({ again: false, words: { zh: `包裹 ${parcel._id} 没有订单`, en: `Parcel ${parcel._id} has no order` } });
    const receiver = await receiverOf(rt, first, account);
    if (!receiver.ok) return receiver;
    return ok({
      key, courierCode: parcel.courierCode, sender, receiver: receiver.value, goods: parcel.lines.map((l) => ({ name: facts.get(l.skuCode)?.name || l.skuCode, quantity: l.quantity })), weightGrams: parcel.weightGrams, channel: first.channel, platformOrderIds: own.map((o) => o.platformOrderId),
    });
  };
  // A few at once: each may be a call to the selling platform, which has limits of its own.
  for (let i = 0; i < list.length; i += OPEN_AT_ONCE) await Promise.all(list.slice(i, i + OPEN_AT_ONCE).map(async (x) => made.set(x.key, await one(x))));
  return made;
}
const OPEN_AT_ONCE = 8;
