/** Telling JD that a parcel has left, whole or in part, changing its number, and what its refusals mean. */
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type PlatformCourier, type ShipPush, type TrackingChange } from '../channel.ts';
import { courierAt, listedCourier } from '../transport/couriers.ts';
import { told } from '../transport/told.ts';
import { at, businessRefusal, makeClient, whenSaid, type Answer, type Client } from './client.ts';
import { lineId } from './lines.ts';
import { getOrder } from './orders.ts';

/** Shipped already, or being shipped at this moment: the order itself says whether it was ours. */
const ALREADY = new Set(['10400001', '70']);

async function carriers(client: Client): Promise<readonly PlatformCourier[]> {
  const answer = await client.call('360buy.delivery.logistics.get', {});
  const list = (at(answer, 'logistics_companies')?.['logistics_list'] as Answer[] | undefined) ?? [];
  return list.map((c) => listedCourier('jd', String(c['logistics_id']), String(c['logistics_name'])));
}
export const listCouriers = (context: ChannelContext): Promise<Result<readonly PlatformCourier[], ChannelRefusal>> => told(() => carriers(makeClient(context)));

/** Our courier as JD numbers it; `listed` is asked only where the number is not known. */
export async function carrierId(ours: string, listed: () => Promise<readonly PlatformCourier[]>): Promise<string> {
  const known = courierAt('jd', ours) ?? (/^\d+$/.test(ours) ? ours : (await listed()).find((c) => c.ourCode === ours)?.code);
  if (!known) throw new ChannelFault({ code: 'refuse_row', platformCode: 'carrier', words: `JD lists no carrier for ${ours}` });
  return known;
}

export const pushShipment = (context: ChannelContext, push: ShipPush): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const carrier = await carrierId(push.courierCode, () => carriers(client));
  try {
    return await (push.platformLineIds || push.quantities ? shipPart(client, push, carrier) : shipWhole(client, push, carrier));
  } catch (error) {
    // There is no request id: whether a refused repeat was ours is seen at the order's own numbers.
    if (error instanceof ChannelFault && ALREADY.has(error.refusal.platformCode) && (await hasNumber(client, push.platformOrderId, push.trackingNumber))) return { again: true };
    throw error;
  }
});

type Done = { readonly again: boolean };
async function shipWhole(client: Client, push: ShipPush, carrier: string): Promise<Done> {
  await client.call('jingdong.pop.order.shipment', { orderId: push.platformOrderId, logiCoprId: carrier, logiNo: push.trackingNumber }, (a) => businessRefusal(at(a, 'sopjosshipment_result')));
  return { again: false };
}

async function shipPart(client: Client, push: ShipPush, carrier: string): Promise<Done> {
  const { wire } = await getOrder(client, push.platformOrderId);
  // A repeat must not ship the same pieces twice: the order lists the numbers that it knows.
  if (numbersOf(wire).includes(push.trackingNumber)) return { again: true };
  const wanted = new Set(push.platformLineIds ?? Object.keys(push.quantities ?? {}));
  const goods = wire.itemInfoList.flatMap((item, i) => (wanted.has(lineId(wire, i)) ? [{ skuId: item.skuId, skuUuid: lineId(wire, i), num: push.quantities?.[lineId(wire, i)] ?? item.itemTotal }] : []));
  if (goods.length !== wanted.size) throw new ChannelFault({ code: 'refuse_row', platformCode: 'lines', words: 'the order has not all of these lines' });
  await client.call('jingdong.pop.order.partial.outship', { request: {
    belongType: 200, data: [{ orderIds: [push.platformOrderId], deliveryType: 5, deliveryNumberDtoList: [{ deliveryId: carrier, deliveryNums: [push.trackingNumber], partialShipmentGoodsList: goods }] }],
  } }, (a) => businessRefusal(at(a, 'partial_outship_result') ?? at(a, 'result') ?? at(a, 'response')));
  return { again: false };
}

/** Numbers stand joined: `|` between carriers, `,` inside one; those of parts of the order in a list of their own. */
const numbersOf = (o: { readonly waybill: string; readonly partialLogisticsInfoModel: readonly { readonly waybillId: string }[] }): string[] =>
  [...o.waybill.split(/[|,]/), ...o.partialLogisticsInfoModel.flatMap((p) => p.waybillId.split(','))].map((n) => n.trim()).filter((n) => n !== '');
const hasNumber = async (client: Client, orderId: string, number: string): Promise<boolean> => numbersOf((await getOrder(client, orderId)).wire).includes(number);

/** Only after shipment (API document); the old name is the only one that is known. */
export const changeTracking = (context: ChannelContext, change: TrackingChange): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const numbers = numbersOf((await getOrder(client, change.platformOrderId)).wire);
  if (numbers.includes(change.trackingNumber) && !numbers.includes(change.wasTrackingNumber)) return { again: true };
  const carrier = await carrierId(change.courierCode, () => carriers(client));
  const waybill = [...new Set(numbers.map((n) => (n === change.wasTrackingNumber ? change.trackingNumber : n)))].join(',') || change.trackingNumber;
  await client.call('360buy.order.sop.waybill.update', { order_id: change.platformOrderId, logistics_id: carrier, waybill, trade_no: `${change.platformOrderId}${change.trackingNumber}` }, (a) => whenSaid(at(a, 'result') ?? at(a, 'order_sop_waybill_update') ?? a));
  return { again: false };
});
