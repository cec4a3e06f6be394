import { unsupported, type CourierChannel } from '../channel.ts';
import { COURIERS_FIELD } from '../transport/account.ts';
import { couriersAt } from '../transport/couriers.ts';
import { hearRoutes, queryRoutes, subscribeRoutes } from './routes.ts';

const NO_WAYBILLS = 'this account follows parcels; numbers come from the couriers’ own accounts';
const NO_REACH = 'reach is asked of the courier that takes the parcel';
/** Kuaidi100: where the parcels of all couriers are. */
export const kuaidi100: CourierChannel = {
  channel: 'kuaidi100', couriers: couriersAt('kuaidi100'), batch: 1,
  capabilities: { takeWaybills: NO_WAYBILLS, findWaybill: NO_WAYBILLS, updateWaybill: NO_WAYBILLS, cancelWaybill: NO_WAYBILLS, queryRoutes: true, subscribeRoutes: true, hearRoutes: true, askReach: NO_REACH },
  accountFields: [
    { name: 'customer', needed: true, secret: false, zh: '客户编号 customer', en: 'Customer' }, { name: 'key', needed: true, secret: true, zh: '授权 key', en: 'Key' },
    { name: 'salt', needed: false, secret: true, zh: '推送签名串 salt（不填就不订阅，只查询）', en: 'Salt of pushes (empty: routes are asked for, not pushed)' }, { name: 'callbackUrl', needed: false, secret: false, zh: '推送到我们的地址（https://域名/api/v1/couriers/…/routes；不填就只查询）', en: 'Our address for pushes (empty: routes are only asked for)' }, COURIERS_FIELD,
  ],
  queryRoutes, subscribeRoutes, hearRoutes,
  takeWaybills: async (_context, asks) => asks.map((a) => ({ key: a.key, result: unsupported(NO_WAYBILLS) })), findWaybill: async () => unsupported(NO_WAYBILLS), updateWaybill: async () => unsupported(NO_WAYBILLS), cancelWaybill: async () => unsupported(NO_WAYBILLS), askReach: async () => unsupported(NO_REACH),
};
