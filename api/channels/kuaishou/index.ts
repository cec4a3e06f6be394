import { ok } from '../../contract/values/result.ts';
import { unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { askToken, codeGrant, makeClient } from './client.ts';
import { fetchOrder, listOrders, pullOrders } from './orders.ts';
import { decryptReceiver } from './receiver.ts';
import { changeTracking, listCouriers, pushShipment } from './shipping.ts';

const DAY_MS = 86_400_000;
const AUTHORISE = 'https://open.kwaixiaodian.com/oauth/authorize';
const SCOPES = 'user_base,merchant_order,merchant_refund,merchant_item,merchant_logistics';
const NO_MEMO = 'the platform adds notes and never replaces one: a repeat would stand there twice';
const NO_STOCK = '平台只收增减量，又没有防重键：回执丢了，库存就错，所以不同步 · the platform takes differences only, without a key that makes a repeat harmless: a lost answer would leave its figure wrong';
const NO_MESSAGES = 'how its messages are encrypted is not documented where we could read it; changes are pulled every minute';
const NO_BILL = 'the fields of its settlement call are not documented where we could read them; its settlement export can be imported through a column map';

/** Kuaishou shops (快手小店). */
export const kuaishou: ShopChannel = {
  channel: 'kuaishou',
  capabilities: {
    authorise: true, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, decryptReceiver: true,
    pushMemo: NO_MEMO, pushStock: NO_STOCK, pollHints: NO_MESSAGES, hearCall: NO_MESSAGES, fetchBill: NO_BILL,
  },
  fields: [{ name: 'signSecret', zh: 'Sign Secret（签名密钥）', en: 'Sign secret', needed: true, secret: true }],
  // Orders may be asked for by 7 days, after-sales by one.
  windowMs: DAY_MS, overlapMs: 600_000,
  authoriseUrl: (ask) => ok(`${AUTHORISE}?${new URLSearchParams({ app_id: ask.appKey, redirect_uri: ask.redirectUri, scope: SCOPES, response_type: 'code', state: ask.state }).toString()}`),
  exchangeCode: (context, code) => told(() => askToken(context, context.credentials, codeGrant(code), context.now())),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders, fetchOrder, listOrders, pullRefunds, pushShipment, changeTracking, listCouriers, decryptReceiver,
  pushMemo: async () => unsupported(NO_MEMO), pushStock: async () => unsupported(NO_STOCK), pollHints: async () => unsupported(NO_MESSAGES), hearCall: async () => unsupported(NO_MESSAGES), fetchBill: async () => unsupported(NO_BILL),
};
