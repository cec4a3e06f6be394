import { unsupported, type CourierChannel } from '../channel.ts';
import { SENDER_FIELDS } from '../transport/account.ts';
import { couriersAt } from '../transport/couriers.ts';
import { askReach, hearRoutes, queryRoutes } from './routes.ts';
import { cancelWaybill, findWaybill, takeWaybills } from './waybills.ts';

const NO_UPDATE = 'SF changes no receiver under a number that is given: it is given back and another is taken';
const NO_SUBSCRIBE = 'SF pushes the routes of an account’s own orders to the address that is entered at its console';
/** SF Express through its open platform (丰桥). */
export const sf: CourierChannel = {
  channel: 'sf', couriers: couriersAt('sf'), batch: 20,
  capabilities: { takeWaybills: true, findWaybill: true, updateWaybill: NO_UPDATE, cancelWaybill: true, queryRoutes: true, subscribeRoutes: NO_SUBSCRIBE, hearRoutes: true, askReach: true },
  accountFields: [
    { name: 'partnerId', needed: true, secret: false, zh: '顾客编码 partnerID', en: 'Customer code (partnerID)' }, { name: 'checkword', needed: true, secret: true, zh: '校验码 checkword', en: 'Checkword' },
    { name: 'monthlyCard', needed: false, secret: false, zh: '月结卡号', en: 'Monthly account' }, { name: 'expressTypeId', needed: false, secret: false, zh: '产品代码（默认 2 标快）', en: 'Product code (2, standard, when empty)' },
    { name: 'digestMode', needed: false, secret: false, zh: '签名方式 standard / simple / sm3（默认 standard）', en: 'Digest: standard, simple or sm3 (standard when empty)' }, { name: 'pushKey', needed: false, secret: true, zh: '路由推送地址里的口令（推送地址后加 ?key=口令）', en: 'Secret in the push address (?key=… behind it)' },
    ...SENDER_FIELDS,
  ],
  takeWaybills, findWaybill, cancelWaybill, queryRoutes, hearRoutes, askReach,
  updateWaybill: async () => unsupported(NO_UPDATE), subscribeRoutes: async () => unsupported(NO_SUBSCRIBE),
};
