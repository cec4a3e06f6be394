/** Telling Kuaishou that a parcel has left, further parcels of the same order, changing a number, and its couriers. */
import { ok, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type PlatformCourier, type ShipPush, type TrackingChange } from '../channel.ts';
import { listedCourier } from '../transport/couriers.ts';
import { told } from '../transport/told.ts';
import { makeClient, longId } from './client.ts';
import { getOrder } from './orders.ts';
import type { WireOrder } from './wire.ts';

/** The platform's page of numbers (changed 2025-05, read 2026-11), as far as they are couriers of ours; no call lists them. */
const NUMBERS: readonly (readonly [string, string])[] = [
  ['2', 'EMS'], ['3', '申通快递'], ['4', '顺丰速运'], ['6', '圆通速递'], ['8', '邮政快递包裹'], ['9', '中通快递'], ['11', '韵达快递'], ['14', '京东快递'], ['53', '德邦快递'], ['109', '极兔速递'],
];
const COURIERS: readonly PlatformCourier[] = NUMBERS.map(([code, name]) => listedCourier('', code, name));
export const listCouriers = async (): Promise<Result<readonly PlatformCourier[], ChannelRefusal>> => ok(COURIERS);

function numberOf(ours: string): number {
  const found = COURIERS.find((c) => c.ourCode === ours);
  if (!found) throw new ChannelFault({ code: 'refuse_row', platformCode: 'expressCode', words: `the platform has no number for ${ours}` });
  return Number(found.code);
}
const parcelOf = (o: WireOrder, number: string): WireOrder['orderLogisticsInfo'][number] | undefined => o.orderLogisticsInfo.find((p) => p.expressNo === number);

/** The first parcel of an order is its delivery; the pieces that follow it are added to it, which the platform allows only then. */
export const pushShipment = (context: ChannelContext, push: ShipPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const parcel = { expressCode: numberOf(push.courierCode), expressNo: push.trackingNumber };
  const pieces = push.platformLineIds !== undefined || push.quantities !== undefined;
  const before = pieces ? (await getOrder(client, push.platformOrderId)).wire : undefined;
  if (before && parcelOf(before, push.trackingNumber)) return { again: true };
  try {
    if (before && before.orderLogisticsInfo.length > 0) await client.call('open.seller.order.goods.logistics.append', { oid: longId(push.platformOrderId), ...parcel });
    else await client.call('open.seller.order.goods.deliver', { orderId: longId(push.platformOrderId), ...parcel });
    return { again: false };
  } catch (error) {
    // The same number again is said to be success since 2024-11; where it is refused all the same, the order's own parcels tell.
    if (error instanceof ChannelFault && error.refusal.code === 'refuse_row' && parcelOf((await getOrder(client, push.platformOrderId)).wire, push.trackingNumber)) return { again: true };
    throw error;
  }
});

export const changeTracking = (context: ChannelContext, change: TrackingChange): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const { wire } = await getOrder(client, change.platformOrderId);
  const parcel = parcelOf(wire, change.wasTrackingNumber);
  if (!parcel && parcelOf(wire, change.trackingNumber)) return { again: true };
  if (!parcel) throw new ChannelFault({ code: 'refuse_row', platformCode: 'logistics', words: `the order has no parcel ${change.wasTrackingNumber}` });
  await client.call('open.seller.order.logistics.update', { orderId: longId(change.platformOrderId), expressCode: numberOf(change.courierCode), expressNo: change.trackingNumber, logisticsId: longId(parcel.logisticsId) });
  return { again: false };
});
