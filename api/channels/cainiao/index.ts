import { unsupported, type CourierChannel } from '../channel.ts';
import { COURIERS_FIELD, SENDER_FIELDS } from '../transport/account.ts';
import { couriersAt } from '../transport/couriers.ts';
import { BATCH, cancelWaybill, OWN_TOKENS, takeWaybills, updateWaybill } from './waybills.ts';

const NO_FIND = 'no call finds a number by its parcel: asked for again with the same key, the same number comes';
const NO_ROUTES = 'the e-waybill interface knows no routes: a tracking account follows these parcels';
const NO_REACH = 'no call asks for reach alone: it shows when a number is asked for';
/** Cainiao's e-waybills, for the couriers whose numbers a seller gets through it. */
export const cainiao: CourierChannel = {
  channel: 'cainiao', couriers: couriersAt('cainiao'), batch: BATCH, opensTokensOf: [OWN_TOKENS],
  capabilities: { takeWaybills: true, findWaybill: NO_FIND, updateWaybill: true, cancelWaybill: true, queryRoutes: NO_ROUTES, subscribeRoutes: NO_ROUTES, hearRoutes: NO_ROUTES, askReach: NO_REACH },
  accountFields: [
    { name: 'token', needed: true, secret: true, zh: '授权码（logistic_provider_id）', en: 'Authorisation code (logistic_provider_id)' }, { name: 'appSecret', needed: true, secret: true, zh: '应用密钥 appSecret', en: 'App secret' },
    { name: 'templateUrl', needed: false, secret: false, zh: '云打印模板地址', en: 'Address of the print template' }, COURIERS_FIELD, ...SENDER_FIELDS,
  ],
  takeWaybills, updateWaybill, cancelWaybill,
  findWaybill: async () => unsupported(NO_FIND), queryRoutes: async () => unsupported(NO_ROUTES), subscribeRoutes: async () => unsupported(NO_ROUTES), hearRoutes: async () => unsupported(NO_ROUTES), askReach: async () => unsupported(NO_REACH),
};
