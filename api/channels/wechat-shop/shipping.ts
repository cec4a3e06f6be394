/** Telling the platform that a parcel has left, or has another number. No call has a key, so the order is read before each. */
import type { ChannelContext, PlatformCourier, ShipPush, TrackingChange } from '../channel.ts';
import { ChannelFault } from '../channel.ts';
import { isOurCourier, listedCourier } from '../transport/couriers.ts';
import { makeClient, type Client } from './client.ts';
import { lineIdsOf, readWhole } from './orders.ts';
import { listOf, text, type WireOrder } from './wire.ts';
import * as z from 'zod';

type Done = { readonly again: boolean };
type Sent = { readonly product_id: string; readonly sku_id: string; readonly product_cnt: number };
const OWN_COURIER = 1;
/** The platform's word for smaller couriers, which it does not list. */
const OTHER = 'OTHER';
const refused = (platformCode: string, words: string): ChannelFault => new ChannelFault({ code: 'refuse_row', platformCode, words });

export async function pushShipment(context: ChannelContext, push: ShipPush): Promise<Done> {
  const client = makeClient(context);
  const courier = await courierIdOf(context, client, push.courierCode);
  const { order } = await readWhole(client, push.platformOrderId);
  if (order.order_detail.delivery_info.delivery_product_info.some((d) => d.waybill_id === push.trackingNumber)) return { again: true };
  const product_infos = goodsOf(order, push);
  if (product_infos.length === 0) throw refused('shipped_already', 'all of it has left already, under another number');
  const delivery = { delivery_id: courier, waybill_id: push.trackingNumber, deliver_type: OWN_COURIER, product_infos };
  try {
    await client.call('/channels/ec/order/delivery/send', { order_id: push.platformOrderId, delivery_list: [delivery] });
    return { again: false };
  } catch (error) {
    // A try before this one may have had its effect although it was not answered.
    if (!(error instanceof ChannelFault) || error.refusal.code !== 'refuse_row') throw error;
    const after = await readWhole(client, push.platformOrderId);
    if (after.order.order_detail.delivery_info.delivery_product_info.some((d) => d.waybill_id === push.trackingNumber)) return { again: true };
    throw error;
  }
}

/** Every product is named, each with its count: a missing one is refused. Without lines it is all that has not left yet. */
function goodsOf(order: WireOrder, push: ShipPush): Sent[] {
  const left = new Map<string, number>();
  const key = (p: { readonly product_id: string; readonly sku_id: string }): string => `${p.product_id} ${p.sku_id}`;
  for (const d of order.order_detail.delivery_info.delivery_product_info) for (const p of d.product_infos) left.set(key(p), (left.get(key(p)) ?? 0) + p.product_cnt);
  const ids = lineIdsOf(order);
  const wanted = new Map<string, Sent>();
  for (const [i, p] of order.order_detail.product_infos.entries()) {
    const lineId = ids[i]!;
    const gone = Math.min(p.sku_cnt, left.get(key(p)) ?? 0);
    left.set(key(p), (left.get(key(p)) ?? 0) - gone);
    if (push.platformLineIds && !push.platformLineIds.includes(lineId)) continue;
    const count = Math.min(push.quantities?.[lineId] ?? p.sku_cnt, p.sku_cnt - gone);
    if (count > 0) wanted.set(key(p), { product_id: p.product_id, sku_id: p.sku_id, product_cnt: count + (wanted.get(key(p))?.product_cnt ?? 0) });
  }
  const unknown = (push.platformLineIds ?? []).filter((x) => !ids.includes(x));
  if (unknown.length > 0) throw refused('line_not_found', `the order has no line ${unknown.join(', ')}`);
  return [...wanted.values()];
}

/** The whole list of parcels is given anew, with the one number replaced. */
export async function changeTracking(context: ChannelContext, change: TrackingChange): Promise<Done> {
  const client = makeClient(context);
  const { order } = await readWhole(client, change.platformOrderId);
  const parcels = order.order_detail.delivery_info.delivery_product_info;
  if (parcels.some((d) => d.waybill_id === change.trackingNumber)) return { again: true };
  if (!parcels.some((d) => d.waybill_id === change.wasTrackingNumber)) throw refused('no_such_parcel', `no parcel of the order has ${change.wasTrackingNumber}`);
  const delivery_id = await courierIdOf(context, client, change.courierCode);
  const delivery_list = parcels.map((d) => ({
    ...(d.waybill_id === change.wasTrackingNumber ? { delivery_id, waybill_id: change.trackingNumber } : { delivery_id: d.delivery_id, waybill_id: d.waybill_id }),
    deliver_type: OWN_COURIER, product_infos: d.product_infos.map((p) => ({ product_id: p.product_id, sku_id: p.sku_id, product_cnt: p.product_cnt })),
  }));
  await client.call('/channels/ec/order/deliveryinfo/update', { order_id: change.platformOrderId, delivery_list });
  return { again: false };
}

const List = z.looseObject({ company_list: listOf(z.looseObject({ delivery_id: text, delivery_name: text })) });
const KEEP_MS = 86_400_000;
const kept = new Map<string, { readonly at: number; readonly list: readonly PlatformCourier[] }>();

async function couriersOf(context: ChannelContext, client: Client): Promise<readonly PlatformCourier[]> {
  const now = context.now().getTime();
  const known = kept.get(context.gateway);
  if (known && Math.abs(now - known.at) < KEEP_MS) return known.list;
  const answer = List.parse(await client.call('/channels/ec/order/deliverycompanylist/get', {}));
  const list = answer.company_list.map((c) => listedCourier('wechat-shop', c.delivery_id, c.delivery_name));
  if (list.length > 0) kept.set(context.gateway, { at: now, list });
  return list;
}
export const listCouriers = (context: ChannelContext): Promise<readonly PlatformCourier[]> => couriersOf(context, makeClient(context));
async function courierIdOf(context: ChannelContext, client: Client, ourCode: string): Promise<string> {
  const found = (await couriersOf(context, client)).find((c) => c.ourCode === ourCode || c.code === ourCode);
  if (found) return found.code;
  if (isOurCourier(ourCode)) return OTHER;
  throw refused('courier_not_listed', `neither the platform nor we know a courier ${ourCode}`);
}
