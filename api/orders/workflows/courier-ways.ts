/** Which couriers can take an order's parcels: those that go to its place, and whose account sends from its warehouse. */
import type { Both } from '../../contract/route.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { courierAccounts, type CourierAccount } from './courier-accounts.ts';
import { loadReach, type KnownReach, type Place } from './courier-reach.ts';

export type Ways = { readonly codes: readonly string[]; readonly reach: KnownReach; readonly accounts: readonly CourierAccount[] };
export async function loadWays(rt: Runtime): Promise<Ways> {
  const [reach, accounts] = await Promise.all([loadReach(rt), courierAccounts(rt)]);
  return { codes: rt.channels.courierCodes, reach, accounts: accounts.filter((a) => a.channel.capabilities.takeWaybills === true) };
}
/** A courier without an account is written by hand, from anywhere. */
function sendsFrom(ways: Ways, courier: string, warehouse: string): boolean {
  const own = ways.accounts.filter((a) => a.couriers.has(courier));
  return warehouse === '' || own.length === 0 || own.some((a) => a.warehouses.size === 0 || a.warehouses.has(warehouse));
}
export const couriersFor = (ways: Ways, place: Place, warehouse: string): string[] => ways.codes.filter((c) => ways.reach.reaches(c, place) && sendsFrom(ways, c, warehouse));
export function wayRefusal(ways: Ways, courier: string, place: Place, warehouse: string): { readonly code: 'courier_not_reaching' | 'courier_not_from_warehouse'; readonly message: Both } | undefined {
  const others = couriersFor(ways, place, warehouse);
  const write = { zh: others.length > 0 ? `可以写：${others.join('、')}。` : '没有快递可以写，先换仓库。', en: others.length > 0 ? `Write one of: ${others.join(', ')}.` : 'No courier can be written; choose another warehouse first.' };
  if (!ways.reach.reaches(courier, place)) return { code: 'courier_not_reaching', message: { zh: `${courier} 说不到 ${place.province}${place.city}${place.district}。${write.zh}`, en: `${courier} says that it does not go to ${place.province} ${place.city} ${place.district}. ${write.en}` } };
  return sendsFrom(ways, courier, warehouse) ? undefined : { code: 'courier_not_from_warehouse', message: { zh: `${courier} 的账户不从 ${warehouse} 发货。${write.zh}`, en: `No account of ${courier} sends from ${warehouse}. ${write.en}` } };
}
