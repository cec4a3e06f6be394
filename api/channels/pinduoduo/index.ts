import { ok } from '../../contract/values/result.ts';
import { unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { fetchBill } from './bills.ts';
import { askToken, makeClient } from './client.ts';
import { listCouriers } from './couriers.ts';
import { fetchOrder, listOrders, pullOrders, WINDOW_MS } from './orders.ts';
import { pollHints } from './messages.ts';
import { decryptReceiver } from './receiver.ts';
import { changeTracking, pushShipment } from './shipping.ts';
import { pushStock } from './stock.ts';

const AUTHORISE = 'https://fuwu.pinduoduo.com/service-market/auth';
const NO_PUSH = 'messages are fetched over a connection of ours (PMC), not brought';

/** Pinduoduo through its open platform (POP). */
export const pinduoduo: ShopChannel = {
  channel: 'pinduoduo',
  capabilities: {
    authorise: true, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, pushMemo: true, pushStock: true, decryptReceiver: true,
    pollHints: true, hearCall: NO_PUSH, fetchBill: true,
  },
  // Lists take half an hour. Five minutes of overlap cover the three for which the platform's own list may lag behind.
  windowMs: WINDOW_MS, overlapMs: 300_000,
  authoriseUrl: (ask) => ok(`${AUTHORISE}?${new URLSearchParams({ response_type: 'code', client_id: ask.appKey, redirect_uri: ask.redirectUri, state: ask.state, view: 'web' }).toString()}`),
  exchangeCode: (context, code) => told(() => askToken(context, context.credentials, { type: 'pdd.pop.auth.token.create', code }, context.now())),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders, fetchOrder, listOrders, pullRefunds,
  pushShipment: (context, push) => told(() => pushShipment(context, push)),
  changeTracking: (context, change) => told(() => changeTracking(context, change)),
  listCouriers: (context) => told(() => listCouriers(context)),
  // Tags 1 to 5 are the colours of our flags; 0 has none, so only the words are sent.
  pushMemo: (context, push) => told(async () => {
    await makeClient(context).call('pdd.order.note.update', { order_sn: push.platformOrderId, note: push.memo, ...(push.flag >= 1 && push.flag <= 5 ? { tag: push.flag, tag_name: TAG_NAMES[push.flag]! } : {}) });
    return { again: false };
  }),
  pushStock: (context, push) => told(() => pushStock(context, push)),
  decryptReceiver: (context, orderSn, token) => told(() => decryptReceiver(context, orderSn, token)),
  pollHints, hearCall: async () => unsupported(NO_PUSH), fetchBill,
};
const TAG_NAMES: Readonly<Record<number, string>> = { 1: '红色', 2: '黄色', 3: '绿色', 4: '蓝色', 5: '紫色' };
