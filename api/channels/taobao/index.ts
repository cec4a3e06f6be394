import { unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { makeClient } from './client.ts';
import { decryptReceiver } from './receiver.ts';
import { fetchOrder, pullOrders } from './orders.ts';
import { pushShipment } from './shipping.ts';
import { pushStock, readStock } from './stock.ts';

const DAY_MS = 86_400_000;
const LATER = 'not in this connector';
/** Taobao and Tmall through the open platform (TOP). */
export const taobao: ShopChannel = {
  channel: 'taobao',
  capabilities: {
    authorise: LATER, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: LATER, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: LATER, listCouriers: LATER,
    pushMemo: LATER, pushStock: true, decryptReceiver: true, pollHints: LATER, hearCall: LATER, fetchBill: 'buyers pay through Alipay: its account has the bill',
  },
  // The interface takes windows up to one day. Ten minutes of overlap cover orders that the platform shows late.
  windowMs: DAY_MS, overlapMs: 600_000,
  pullOrders, fetchOrder, pullRefunds, pushShipment, pushStock, readStock, decryptReceiver,
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  authoriseUrl: () => unsupported(LATER), exchangeCode: async () => unsupported(LATER), changeTracking: async () => unsupported(LATER), listCouriers: async () => unsupported(LATER), pushMemo: async () => unsupported(LATER),
  pollHints: async () => unsupported(LATER), hearCall: async () => unsupported(LATER), fetchBill: async () => unsupported(LATER),
  async *listOrders() { yield []; },
};
