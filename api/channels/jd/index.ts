import { refuse, ok } from '../../contract/values/result.ts';
import { unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { askToken, makeClient } from './client.ts';
import { pushMemo } from './memo.ts';
import { fetchOrder, listOrders, pullOrders } from './orders.ts';
import { decryptReceiver } from './receiver.ts';
import { changeTracking, listCouriers, pushShipment } from './shipping.ts';
import { pushStock } from './stock.ts';

const DAY_MS = 86_400_000;
const NO_PUSH = 'topics and signatures of JD’s message queue are not published: it is polled';
const NO_BILL = 'the wallet’s daily bill comes as a file from the seller’s pages: import it';
const AUTHORISE = 'https://open-oauth.jd.com/oauth2/to_login';

/** JD's merchant platform (POP) through its routerjson gateway. */
export const jd: ShopChannel = {
  channel: 'jd',
  capabilities: {
    authorise: true, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, pushMemo: true, pushStock: true, decryptReceiver: true,
    pollHints: NO_PUSH, hearCall: NO_PUSH, fetchBill: NO_BILL,
  },
  // The search takes a month; a day keeps a window's pages below JD's ceiling in all but the busiest shops, whose windows are halved.
  windowMs: DAY_MS, overlapMs: 600_000,
  authoriseUrl: ({ appKey, redirectUri, state }) => (appKey === '' ? refuse({ code: 'refuse_row', platformCode: 'app_key', words: 'no app key' }) : ok(`${AUTHORISE}?${new URLSearchParams({ app_key: appKey, response_type: 'code', redirect_uri: redirectUri, state, scope: 'snsapi_base' }).toString()}`)),
  exchangeCode: (context, code) => told(() => askToken(context, context.credentials, 'access_token', { grant_type: 'authorization_code', code }, context.now())),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders, fetchOrder, listOrders, pullRefunds, pushShipment, changeTracking, listCouriers, pushMemo, pushStock, decryptReceiver,
  pollHints: async () => unsupported(NO_PUSH), hearCall: async () => unsupported(NO_PUSH), fetchBill: async () => unsupported(NO_BILL),
};
