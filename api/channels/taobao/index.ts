import { ok } from '../../contract/values/result.ts';
import { unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { askToken, makeClient } from './client.ts';
import { pushMemo } from './memo.ts';
import { pollHints } from './messages.ts';
import { decryptReceiver } from './receiver.ts';
import { fetchOrder, listOrders, pullOrders } from './orders.ts';
import { changeTracking, listCouriers, pushShipment } from './shipping.ts';
import { pushStock, readStock } from './stock.ts';

const DAY_MS = 86_400_000;
const HEARS_NOT = 'messages are fetched, not brought';
const NO_BILL = 'buyers pay through Alipay: its account has the bill';
const AUTHORISE = 'https://oauth.taobao.com/authorize';
/** Taobao and Tmall through the open platform (TOP). */
export const taobao: ShopChannel = {
  channel: 'taobao',
  capabilities: {
    authorise: true, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, pushMemo: true, pushStock: true, decryptReceiver: true, pollHints: true,
    hearCall: HEARS_NOT, fetchBill: NO_BILL,
  },
  // The interface takes windows up to one day. Ten minutes of overlap cover orders that the platform shows late.
  windowMs: DAY_MS, overlapMs: 600_000,
  authoriseUrl: ({ appKey, redirectUri, state }) => ok(`${AUTHORISE}?${new URLSearchParams({ response_type: 'code', client_id: appKey, redirect_uri: redirectUri, state, view: 'web' }).toString()}`),
  exchangeCode: (context, code, redirectUri) => told(() => askToken(context, context.credentials, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, view: 'web' }, context.now())),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders, fetchOrder, listOrders, pullRefunds, pushShipment, changeTracking, listCouriers, pushMemo, pushStock, readStock, decryptReceiver, pollHints,
  hearCall: async () => unsupported(HEARS_NOT), fetchBill: async () => unsupported(NO_BILL),
};
