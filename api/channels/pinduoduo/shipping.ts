/** Telling the platform that a parcel has left, or has another number (pdd.logistics.online.send). */
import type { ChannelContext, ShipPush, TrackingChange } from '../channel.ts';
import { ChannelFault } from '../channel.ts';
import { makeClient, type Client } from './client.ts';
import { courierIdOf } from './couriers.ts';
import { readWhole } from './orders.ts';
import { WireOrder } from './wire.ts';

type Done = { readonly again: boolean };
const FIRST = '1';
const CHANGE = '2';

/**
 * An order is shipped by its first parcel. Further ones are only shown to the buyer (pdd.order.upload.extra.logistics, type 1:
 * split); they may be told in any order, so whoever comes second is taken as further.
 */
export async function pushShipment(context: ChannelContext, push: ShipPush): Promise<Done> {
  const client = makeClient(context);
  const courier = await courierIdOf(context, client, push.courierCode);
  try {
    await send(client, push, courier, FIRST);
    return { again: false };
  } catch (error) {
    // No code says "shipped already" (unknown): whatever was refused, the order's own numbers say whether it was ours.
    if (!(error instanceof ChannelFault) || error.refusal.code !== 'refuse_row') throw error;
    const order = await shippedOrder(client, push.platformOrderId);
    if (order.numbers.includes(push.trackingNumber)) return { again: true };
    if (!order.shipped || !push.platformLineIds) throw error;
    const track = { shipping_id: courier, tracking_number: push.trackingNumber };
    mustBeDone(await client.call('pdd.order.upload.extra.logistics', { order_sn: push.platformOrderId, extra_track_list: JSON.stringify([track]), extra_track_type: 1 }), 'extra');
    return { again: false };
  }
}

/** Overwrites the number of an order that has left. */
export async function changeTracking(context: ChannelContext, change: TrackingChange): Promise<Done> {
  const client = makeClient(context);
  const order = await shippedOrder(client, change.platformOrderId);
  if (order.numbers[0] === change.trackingNumber) return { again: true };
  if (order.numbers[0] !== change.wasTrackingNumber) throw new ChannelFault({ code: 'refuse_row', platformCode: 'other_number', words: `the order stands at ${order.numbers[0] ?? 'no number'}; numbers of further parcels cannot be changed` });
  await send(client, change, await courierIdOf(context, client, change.courierCode), CHANGE);
  return { again: false };
}

async function send(client: Client, push: ShipPush, courier: string, type: string): Promise<void> {
  mustBeDone(await client.call('pdd.logistics.online.send', { order_sn: push.platformOrderId, logistics_id: courier, tracking_number: push.trackingNumber, redelivery_type: type }), 'send');
}

/** `is_success` may be false inside a success envelope. */
function mustBeDone(answer: Readonly<Record<string, unknown>>, what: string): void {
  const said = answer['is_success'];
  if (said === false || said === 'false' || (what === 'send' && said === undefined)) throw new ChannelFault({ code: 'refuse_row', platformCode: 'not_success', words: JSON.stringify(answer).slice(0, 200) });
}

async function shippedOrder(client: Client, orderSn: string): Promise<{ readonly shipped: boolean; readonly numbers: readonly string[] }> {
  const read = WireOrder.safeParse(await readWhole(client, orderSn));
  if (!read.success) throw new ChannelFault({ code: 'retry', platformCode: 'shape', words: `${orderSn} could not be read` });
  return { shipped: (read.data.order_status ?? 0) >= 2, numbers: [read.data.tracking_number, ...read.data.extra_delivery_list.map((d) => d.tracking_number)].filter((n) => n !== '') };
}
