import { ok, refuse } from '../../contract/values/result.ts';
import { ChannelFault, type ShopChannel } from '../channel.ts';
import { pullRefunds } from './after-sales.ts';
import { makeClient } from './client.ts';
import { decryptReceiver } from './receiver.ts';
import { fetchOrder, pullOrders } from './orders.ts';
import { pushShipment } from './shipping.ts';
import { pushStock } from './stock.ts';

const DAY_MS = 86_400_000;
/** Taobao and Tmall through the open platform (TOP). */
export const taobao: ShopChannel = {
  channel: 'taobao',
  // The interface takes windows up to one day. Ten minutes of overlap cover orders that the platform shows late.
  windowMs: DAY_MS, overlapMs: 600_000,
  pullOrders, fetchOrder, pullRefunds, pushShipment, pushStock, decryptReceiver,
  refreshToken: async (context) => {
    try {
      return ok(await makeClient(context).refresh());
    } catch (error) {
      if (error instanceof ChannelFault) return refuse(error.refusal);
      throw error;
    }
  },
};
