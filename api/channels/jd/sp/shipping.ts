/** Telling SP-API that a parcel has left, whole or in part, and changing its number. */
import type { Result } from '../../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type PlatformCourier, type ShipPush, type TrackingChange } from '../../channel.ts';
import { listedCourier } from '../../transport/couriers.ts';
import { pause } from '../../transport/throttle.ts';
import { told } from '../../transport/told.ts';
import { carrierId } from '../shipping.ts';
import { listed, makeSpClient, type SpClient } from './client.ts';
import { lineId } from './lines.ts';
import { getOrder } from './orders.ts';
import type { SpOrder } from './wire.ts';

/** 整单出库, 分批次出库, 补发, 虚拟: the documents count these four up and give no numbers (unknown). Counted as they stand, from 1. */
const WHOLE = 1;
const PARTS = 2;
const SENDS = 5;
const PATH = '/sp-order/v0/orders/{orderId}/shipments';
type Done = { readonly again: boolean };

async function carriers(client: SpClient): Promise<readonly PlatformCourier[]> {
  const { data } = await client.ask({ verb: 'GET', path: '/sp-order/v0/carriers' });
  return (listed(data) as readonly Readonly<Record<string, unknown>>[]).map((c) => listedCourier('jd', String(c['id'] ?? ''), String(c['providerName'] ?? '')));
}
export const listCouriers = (context: ChannelContext): Promise<Result<readonly PlatformCourier[], ChannelRefusal>> => told(() => carriers(makeSpClient(context)));

/** `companyId` is read as the carrier's number, which both gateways list. */
const companyOf = (client: SpClient, ours: string): Promise<string> => carrierId(ours, () => carriers(client));

/** As on the old gateway numbers stand joined: `|` between carriers, `,` inside one; those of parts in a list of their own. */
const numbersOf = (o: SpOrder): string[] => [...o.transportInfo.waybillCode.split(/[|,]/), ...o.transportInfo.partialShipmentList.flatMap((s) => s.waybillCode.split(','))].map((n) => n.trim()).filter((n) => n !== '');

export const pushShipment = (context: ChannelContext, push: ShipPush): Promise<Result<Done, ChannelRefusal>> => told(async () => {
  const client = makeSpClient(context);
  const companyId = await companyOf(client, push.courierCode);
  const part = push.platformLineIds ?? (push.quantities ? Object.keys(push.quantities) : undefined);
  for (let sent = 0; ; sent += 1) {
    // There is no request id, and pieces that were told twice would leave twice: a part is looked for before it is sent, and whatever is sent again too.
    const order = part || sent > 0 ? (await getOrder(client, push.platformOrderId)).wire : undefined;
    if (order && numbersOf(order).includes(push.trackingNumber)) return { again: true };
    const goods = part && order ? { outboundGoodsFacetDTOList: goodsOf(order, part, push.quantities) } : {};
    try {
      await client.ask({ verb: 'POST', path: PATH, in: { orderId: push.platformOrderId }, once: true, body: { orderShipmentDTO: { shipmentType: part ? PARTS : WHOLE, packageInfoList: [{ companyId, waybillCode: push.trackingNumber, ...goods }] } } });
      return { again: false };
    } catch (error) {
      if (!(error instanceof ChannelFault)) throw error;
      if (error.refusal.code === 'retry' && sent + 1 < SENDS) {
        await pause(80 * 2 ** sent);
        continue;
      }
      // Which code says "shipped already" is not published: the order's own numbers say whether it was ours.
      if ((error.refusal.code === 'refuse_row' || error.refusal.code === 'retry') && numbersOf((await getOrder(client, push.platformOrderId)).wire).includes(push.trackingNumber)) return { again: true };
      throw error;
    }
  }
});

type Goods = { readonly skuId: number | string; readonly skuUuid: string; readonly skuNum: number };
function goodsOf(o: SpOrder, lines: readonly string[], quantities: ShipPush['quantities']): Goods[] {
  const wanted = new Set(lines);
  const goods = o.skuItemInfoList.flatMap((item, i) => (wanted.has(lineId(o, i)) ? [{ skuId: numeric(item.skuId), skuUuid: lineId(o, i), skuNum: quantities?.[lineId(o, i)] ?? item.num }] : []));
  if (goods.length !== wanted.size) throw new ChannelFault({ code: 'refuse_row', platformCode: 'lines', words: 'the order has not all of these lines' });
  return goods;
}
/** Ids are numbers in what SP-API is sent; one that a double does not hold stays text. */
export const numeric = (id: string): number | string => (Number.isSafeInteger(Number(id)) ? Number(id) : id);

/** Only after shipment. A part is named by its own number; a whole order's goods are given with it, as the documents ask. */
export const changeTracking = (context: ChannelContext, change: TrackingChange): Promise<Result<Done, ChannelRefusal>> => told(async () => {
  const client = makeSpClient(context);
  const { wire } = await getOrder(client, change.platformOrderId);
  const numbers = numbersOf(wire);
  if (numbers.includes(change.trackingNumber) && !numbers.includes(change.wasTrackingNumber)) return { again: true };
  const companyId = await companyOf(client, change.courierCode);
  const part = wire.transportInfo.partialShipmentList.find((s) => s.waybillCode.split(',').includes(change.wasTrackingNumber));
  const swap = (joined: readonly string[]): string => [...new Set(joined.map((n) => (n === change.wasTrackingNumber ? change.trackingNumber : n)))].join(',') || change.trackingNumber;
  const goods = part ? part.skuList.map((g) => ({ skuId: numeric(g.skuId), skuUuid: g.skuUuid, skuNum: g.num })) : goodsOf(wire, wire.skuItemInfoList.map((_l, i) => lineId(wire, i)), undefined);
  const packages = [{ ...(part ? { shipmentId: numeric(part.shipmentId) } : {}), companyId, waybillCode: part ? swap(part.waybillCode.split(',')) : swap(numbers), outboundGoodsFacetDTOList: goods }];
  await client.ask({ verb: 'PUT', path: PATH, in: { orderId: change.platformOrderId }, body: { orderShipmentDTO: { shipmentType: part ? PARTS : WHOLE, packageInfoList: packages } } });
  return { again: false };
});
