/** Telling Douyin that a parcel has left, whole or in part, changing its number, and its couriers. */
import { createHash } from 'node:crypto';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type PlatformCourier, type ShipPush, type TrackingChange } from '../channel.ts';
import { listedCourier } from '../transport/couriers.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Answer, type Client } from './client.ts';
import { getOrder } from './orders.ts';
import type { WireOrder } from './wire.ts';

async function couriers(client: Client): Promise<readonly PlatformCourier[]> {
  const data = await client.call('/order/logisticsCompanyList', {});
  const list = (Array.isArray(data) ? (data as Answer[]) : ((data['list'] ?? []) as Answer[]));
  return list.map((c) => listedCourier('douyin', String(c['code']), String(c['name'])));
}
export const listCouriers = (context: ChannelContext): Promise<Result<readonly PlatformCourier[], ChannelRefusal>> => told(() => couriers(makeClient(context)));

async function companyOf(client: Client, ours: string): Promise<string> {
  const found = (await couriers(client)).find((c) => c.ourCode === ours || c.code === ours);
  if (!found) throw new ChannelFault({ code: 'refuse_row', platformCode: 'company', words: `the platform lists no courier for ${ours}` });
  return found.code;
}

export const pushShipment = (context: ChannelContext, push: ShipPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const company = await companyOf(client, push.courierCode);
  try {
    if (push.platformLineIds || push.quantities) await shipPart(client, push, company);
    else await client.call('/order/logisticsAdd', { order_id: push.platformOrderId, company_code: company, logistics_code: push.trackingNumber });
    return { again: false };
  } catch (error) {
    // The whole order's call has no request id: whether a refused repeat was ours is seen at the order's own parcels.
    if (error instanceof ChannelFault && error.refusal.code === 'refuse_row' && packOf((await getOrder(client, push.platformOrderId)).wire, push.trackingNumber)) return { again: true };
    throw error;
  }
});

/** `request_id` makes a repeat answer what the first did. */
async function shipPart(client: Client, push: ShipPush, company: string): Promise<void> {
  const { wire } = await getOrder(client, push.platformOrderId);
  const wanted = push.platformLineIds ?? Object.keys(push.quantities ?? {});
  const parts = wanted.map((lineId) => ({ shipped_order_id: lineId, shipped_num: push.quantities?.[lineId] ?? wire.sku_order_list.find((l) => l.order_id === lineId)?.item_num ?? 0 }));
  if (parts.some((p) => p.shipped_num <= 0)) throw new ChannelFault({ code: 'refuse_row', platformCode: 'lines', words: 'the order has not all of these lines' });
  const request_id = createHash('sha256').update(`${push.platformOrderId} ${push.trackingNumber}`).digest('hex').slice(0, 32);
  await client.call('/order/logisticsAddSinglePack', { order_id_list: [push.platformOrderId], shipped_order_info: parts, company_code: company, logistics_code: push.trackingNumber, request_id });
}

const packOf = (o: WireOrder, number: string): WireOrder['logistics_info'][number] | undefined => o.logistics_info.find((p) => p.tracking_no === number);

export const changeTracking = (context: ChannelContext, change: TrackingChange): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const { wire } = await getOrder(client, change.platformOrderId);
  const pack = packOf(wire, change.wasTrackingNumber);
  if (!pack && packOf(wire, change.trackingNumber)) return { again: true };
  if (!pack) throw new ChannelFault({ code: 'refuse_row', platformCode: 'pack', words: `the order has no parcel ${change.wasTrackingNumber}` });
  await client.call('/order/logisticsEditByPack', { order_id: change.platformOrderId, pack_id: pack.delivery_id, company_code: await companyOf(client, change.courierCode), logistics_code: change.trackingNumber });
  return { again: false };
});
