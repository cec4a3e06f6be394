import { ChannelFault, unsupported, type ShopChannel } from '../channel.ts';
import { told } from '../transport/told.ts';
import { pullRefunds } from './after-sales.ts';
import { makeClient } from './client.ts';
import { fetchOrder, listOrders, pullOrders, readWhole, receiverOf } from './orders.ts';
import { hearCall } from './push.ts';
import { changeTracking, listCouriers, pushShipment } from './shipping.ts';
import { pushStock } from './stock.ts';
import { WireAddress } from './wire.ts';

const DAY_MS = 86_400_000;
const OWN_KEYS = 'a shop of its own needs no seller’s yes: app id and secret are enough';
const NO_POLL = 'the platform brings its messages to us; none wait there';
const NO_BILL = 'the platform’s ledger is read by the payment channel';

/** WeChat shop (微信小店) with the shop's own app id and secret. */
export const wechatShop: ShopChannel = {
  channel: 'wechat-shop', keysAlone: true, noFlags: true,
  capabilities: {
    authorise: OWN_KEYS, refreshToken: true, pullOrders: true, fetchOrder: true, listOrders: true, pullRefunds: true, pushShipment: true, pushPartialShipment: true, changeTracking: true, listCouriers: true, pushMemo: true, pushStock: true, decryptReceiver: true,
    pollHints: NO_POLL, hearCall: true, fetchBill: NO_BILL,
  },
  // Orders may be asked for by seven days, after-sales by one.
  windowMs: DAY_MS, overlapMs: 300_000,
  authoriseUrl: () => unsupported(OWN_KEYS), exchangeCode: async () => unsupported(OWN_KEYS),
  refreshToken: (context) => told(() => makeClient(context).refresh()),
  pullOrders, fetchOrder, listOrders, pullRefunds,
  pushShipment: (context, push) => told(() => pushShipment(context, push)),
  changeTracking: (context, change) => told(() => changeTracking(context, change)),
  listCouriers: (context) => told(() => listCouriers(context)),
  // The platform has words and no flags.
  pushMemo: (context, push) => told(async () => {
    await makeClient(context).call('/channels/ec/order/merchantnotes/update', { order_id: push.platformOrderId, merchant_notes: push.memo });
    return { again: false };
  }),
  pushStock: (context, push) => told(() => pushStock(context, push)),
  // Counted by the platform, its quota not published (unknown): asked for when a label is made, and kept nowhere here.
  decryptReceiver: (context, orderId, token) => told(async () => {
    const client = makeClient(context);
    // A call that is counted is not spent on a receiver that has changed since it was read.
    const now = (await readWhole(client, orderId)).order.order_detail.delivery_info.address_info.hash_code;
    if (token !== '' && now !== token) throw new ChannelFault({ code: 'refuse_row', platformCode: 'not_matched', words: 'the receiver has changed: the order must be read again' });
    const body = await client.call('/channels/ec/order/sensitiveinfo/decode', { order_id: orderId });
    const address = WireAddress.parse(body['address_info'] ?? {});
    const virtual = body['virtual_number_info'] as { readonly virtual_number?: string; readonly extension?: string } | undefined;
    const plain = receiverOf(address, false);
    return { ...plain, phone: virtual?.virtual_number ? `${virtual.virtual_number}${virtual.extension ? `-${virtual.extension}` : ''}` : plain.phone, token: plain.token || token };
  }),
  pollHints: async () => unsupported(NO_POLL), hearCall: async (context, call) => hearCall(context, call), fetchBill: async () => unsupported(NO_BILL),
};
