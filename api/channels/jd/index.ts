import { refuse, ok } from '../../contract/values/result.ts';
import { unsupported, type ChannelContext, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import * as oldRefunds from './after-sales.ts';
import { askToken, makeClient } from './client.ts';
import * as oldMemo from './memo.ts';
import * as oldOrders from './orders.ts';
import * as oldReceiver from './receiver.ts';
import * as oldShipping from './shipping.ts';
import * as oldStock from './stock.ts';
import * as spRefunds from './sp/after-sales.ts';
import { fetchBill } from './sp/bills.ts';
import { speaksSp } from './sp/client.ts';
import * as spMemo from './sp/memo.ts';
import * as spOrders from './sp/orders.ts';
import * as spReceiver from './sp/receiver.ts';
import * as spShipping from './sp/shipping.ts';
import * as spStock from './sp/stock.ts';

const DAY_MS = 86_400_000;
const NO_PUSH = 'topics and signatures of JD’s message queue are not published: it is polled';
const AUTHORISE = 'https://open-oauth.jd.com/oauth2/to_login';

type Spoken = Pick<ShopChannel, 'pullOrders' | 'fetchOrder' | 'listOrders' | 'pullRefunds' | 'pushShipment' | 'changeTracking' | 'listCouriers' | 'pushMemo' | 'pushStock' | 'decryptReceiver'>;
const routerjson: Spoken = { ...oldRefunds, ...oldMemo, ...oldOrders, ...oldReceiver, ...oldShipping, ...oldStock };
const spApi: Spoken = { ...spRefunds, ...spMemo, ...spOrders, ...spReceiver, ...spShipping, ...spStock };
/** Which of its two gateways a shop speaks is said by its address: a path that ends on `/rest` is SP-API, any other and none is routerjson. */
const by = (context: ChannelContext): Spoken => (speaksSp(context.gateway) ? spApi : routerjson);

/** JD's merchant platform (POP) through either of its gateways. */
export const jd: ShopChannel = {
  channel: 'jd',
  capabilities: {
    authorise: true, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, pushMemo: true, pushStock: true, decryptReceiver: true,
    pollHints: NO_PUSH, hearCall: NO_PUSH, fetchBill: true,
  },
  // The search takes a month; a day keeps a window's pages below JD's ceiling in all but the busiest shops, whose windows are halved.
  windowMs: DAY_MS, overlapMs: 600_000,
  authoriseUrl: ({ appKey, redirectUri, state }) => (appKey === '' ? refuse({ code: 'refuse_row', platformCode: 'app_key', words: 'no app key' }) : ok(`${AUTHORISE}?${new URLSearchParams({ app_key: appKey, response_type: 'code', redirect_uri: redirectUri, state, scope: 'snsapi_base' }).toString()}`)),
  exchangeCode: (context, code) => told(() => askToken(context, context.credentials, 'access_token', { grant_type: 'authorization_code', code }, context.now())),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders: (context, window) => by(context).pullOrders(context, window), fetchOrder: (context, id) => by(context).fetchOrder(context, id), listOrders: (context, window) => by(context).listOrders(context, window), pullRefunds: (context, window) => by(context).pullRefunds(context, window),
  pushShipment: (context, push) => by(context).pushShipment(context, push), changeTracking: (context, change) => by(context).changeTracking(context, change), listCouriers: (context) => by(context).listCouriers(context), pushMemo: (context, push) => by(context).pushMemo(context, push),
  pushStock: (context, push) => by(context).pushStock(context, push), decryptReceiver: (context, id, token) => by(context).decryptReceiver(context, id, token),
  pollHints: async () => unsupported(NO_PUSH), hearCall: async () => unsupported(NO_PUSH), fetchBill,
};
