import { unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { askToken, codeGrant, makeClient } from './client.ts';
import { fetchBill } from './bills.ts';
import { pushMemo } from './memo.ts';
import { hearCall } from './messages.ts';
import { fetchOrder, listOrders, pullOrders } from './orders.ts';
import { decryptReceiver } from './receiver.ts';
import { changeTracking, listCouriers, pushShipment } from './shipping.ts';
import { pushStock } from './stock.ts';

const DAY_MS = 86_400_000;
const AUTHORISE = 'the address needs the number of the app’s listing in the service market: an app of the seller’s own takes its tokens by the shop’s number';
const NO_POLL = 'messages are brought, not fetched';

/** Douyin shops (抖店). */
export const douyin: ShopChannel = {
  channel: 'douyin',
  capabilities: {
    authorise: AUTHORISE, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, pushMemo: true, pushStock: true, decryptReceiver: true,
    pollHints: NO_POLL, hearCall: true, fetchBill: true,
  },
  // The widest window is not published (unknown): short overlapping ones are advised.
  windowMs: DAY_MS, overlapMs: 600_000,
  authoriseUrl: () => unsupported(AUTHORISE), exchangeCode: (context, code) => told(() => askToken(context, context.credentials, codeGrant(code), context.now())),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders, fetchOrder, listOrders, pullRefunds, pushShipment, changeTracking, listCouriers, pushMemo, pushStock, decryptReceiver, hearCall,
  pollHints: async () => unsupported(NO_POLL), fetchBill,
};
