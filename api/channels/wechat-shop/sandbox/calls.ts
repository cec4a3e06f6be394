/** The calls that the stand-in knows, each checking its own arguments as the platform does. */
import type { Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { addressOf, orderBody, refundBody } from './bodies.ts';

type Body = Readonly<Record<string, unknown>>;
export type CallAnswer = { readonly body: Body; readonly longIds?: boolean } | { readonly errcode: number; readonly errmsg: string };
export type Ask = { readonly world: World; readonly body: Body; readonly rude: Unfriendly };
export const CHANNEL = 'wechat-shop';
const WEEK = 604_800;
const DAY = 86_400;

const wrong = (errmsg: string, errcode = 40097): CallAnswer => ({ errcode, errmsg });
const whole = (v: unknown): number | undefined => (typeof v === 'number' && Number.isInteger(v) ? v : undefined);
const text = (v: unknown): string => (typeof v === 'string' ? v : '');
const ordersOf = (v: unknown): readonly Body[] => (Array.isArray(v) ? (v as Body[]) : []);

/** The cursor is a place in the list as it is now: what leaves the list moves everything behind it. */
function page(all: readonly string[], key: string, size: number, rude: Unfriendly): { readonly ids: readonly string[]; readonly next_key: string; readonly has_more: boolean } | undefined {
  const at = key === '' ? 0 : Number(/^at:(\d+)$/.exec(Buffer.from(key, 'base64url').toString('utf8'))?.[1] ?? NaN);
  if (!Number.isInteger(at) || at < 0) return undefined;
  const from = rude.repeat && at > 0 ? at - 1 : at;
  const end = at + size;
  const more = all.length > end;
  return { ids: all.slice(from, end), next_key: more ? Buffer.from(`at:${end}`).toString('base64url') : '', has_more: more };
}

function happen({ world, rude }: Ask, from: number, to: number): void {
  if (rude.arriving > 0) {
    rude.arriving -= 1;
    world.apply({ do: 'place', input: { channel: CHANNEL } });
  }
  if (rude.touching <= 0) return;
  const one = world.between(CHANNEL, 'modifiedAt', from * 1000, to * 1000)[0];
  if (!one) return;
  rude.touching -= 1;
  world.apply({ do: 'memo', tid: one.tid, memo: one.sellerMemo, flag: 0 });
}

function listOrders(ask: Ask): CallAnswer {
  const { world, body, rude } = ask;
  const ranges = (['update_time_range', 'create_time_range'] as const).filter((k) => body[k] !== undefined);
  if (ranges.length === 0) return wrong('create_time_range and update_time_range cannot both be empty');
  const size = whole(body['page_size']) ?? 0;
  if (size < 1 || size > 100) return wrong('page_size should be in [1,100]');
  let rows: readonly WorldOrder[] | undefined;
  for (const name of ranges) {
    const range = body[name] as Body;
    const [from, to] = [whole(range['start_time']), whole(range['end_time'])];
    if (from === undefined || to === undefined || to < from || to - from > WEEK) return wrong(`${name} should be within 7 days`);
    happen(ask, from, to);
    const shown = world.now().getTime() - rude.lateMs;
    const found = world.between(CHANNEL, name === 'update_time_range' ? 'modifiedAt' : 'placedAt', from * 1000, to * 1000).filter((o) => o.modifiedAt.getTime() <= shown);
    const before = rows;
    rows = before ? found.filter((o) => before.includes(o)) : found;
  }
  const cut = page(rows!.map((o) => o.tid), text(body['next_key']), size, rude);
  return cut ? { body: { order_id_list: cut.ids, next_key: cut.next_key, has_more: cut.has_more } } : wrong('invalid next_key');
}

const orderOf = ({ world, body }: Ask): WorldOrder | undefined => {
  const found = world.order(text(body['order_id']));
  return found?.channel === CHANNEL ? found : undefined;
};
const NOT_FOUND: CallAnswer = { errcode: 100002, errmsg: 'order not exist' };
const getOrder = (ask: Ask): CallAnswer => {
  const o = orderOf(ask);
  return o ? { body: { order: orderBody(o) }, longIds: true } : NOT_FOUND;
};

function listAfterSales({ world, body, rude }: Ask): CallAnswer {
  const [from, to] = [whole(body['begin_update_time']), whole(body['end_update_time'])];
  if (from === undefined || to === undefined || to < from) return wrong('begin_update_time and end_update_time are a pair');
  if (to - from > DAY) return { errcode: 10020004, errmsg: 'time range over 24 hours' };
  const all = world.orders(CHANNEL).flatMap((o) => o.refunds).filter((r) => Math.floor(r.modifiedAt.getTime() / 1000) >= from && Math.floor(r.modifiedAt.getTime() / 1000) <= to).sort((a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime());
  const cut = page(all.map((r) => r.refundId), text(body['next_key']), 50, rude);
  return cut ? { body: { after_sale_order_id_list: cut.ids, next_key: cut.next_key, has_more: cut.has_more } } : wrong('invalid next_key');
}
function getAfterSale({ world, body }: Ask): CallAnswer {
  for (const o of world.orders(CHANNEL)) for (const r of o.refunds) if (r.refundId === body['after_sale_order_id']) return { body: { after_sale_order: refundBody(o, r) }, longIds: true };
  return wrong('after sale order not exist', 100002);
}

const COMPANIES = [['ZTO', '中通快递'], ['YTO', '圆通速递'], ['YUNDA', '韵达速递'], ['SF', '顺丰速运'], ['EMS', 'EMS'], ['JTSD', '极兔速递'], ['STO', '申通快递'], ['OTHER', '其他']] as const;
const NUMBER = /^[A-Za-z0-9]{8,20}$/;
type Parcel = { readonly courier: string; readonly number: string; readonly goods: ReadonlyMap<string, number> };

/** Reads a delivery list as the platform would; a refusal names the field. */
function parcelsOf(o: WorldOrder, list: readonly Body[]): Parcel[] | CallAnswer {
  if (list.length === 0) return wrong('delivery_list is empty');
  const parcels: Parcel[] = [];
  for (const d of list) {
    const [courier, number] = [text(d['delivery_id']), text(d['waybill_id'])];
    if (!COMPANIES.some(([id]) => id === courier)) return wrong('invalid delivery_id');
    if (!NUMBER.test(number)) return wrong('invalid waybill_id');
    if (d['deliver_type'] !== 1) return wrong('invalid deliver_type');
    const goods = new Map<string, number>();
    for (const p of ordersOf(d['product_infos'])) {
      const line = o.lines.find((l) => l.itemId === String(p['product_id']) && l.skuId === String(p['sku_id']));
      const count = whole(p['product_cnt']) ?? 0;
      if (!line || count < 1) return wrong('invalid product_id or product_cnt');
      goods.set(line.oid, (goods.get(line.oid) ?? 0) + count);
    }
    if (goods.size === 0) return wrong('product_infos is empty');
    parcels.push({ courier, number, goods });
  }
  return parcels;
}

function send(ask: Ask): CallAnswer {
  const o = orderOf(ask);
  if (!o) return NOT_FOUND;
  const parcels = parcelsOf(o, ordersOf(ask.body['delivery_list']));
  if (!Array.isArray(parcels)) return parcels;
  if (o.state !== 'to_ship' && o.state !== 'partly_shipped') return wrong('order status not allow to deliver', 100004);
  const gone = (oid: string): number => o.shipments.reduce((n, s) => n + (s.oids.includes(oid) ? s.quantities?.[oid] ?? o.lines.find((l) => l.oid === oid)!.quantity : 0), 0);
  for (const p of parcels) for (const [oid, count] of p.goods) if (gone(oid) + count > o.lines.find((l) => l.oid === oid)!.quantity) return wrong('product_cnt exceeds what is to be delivered', 100005);
  for (const p of parcels) ask.world.apply({ do: 'ship', input: { tid: o.tid, courier: p.courier, trackingNumber: p.number, oids: [...p.goods.keys()], quantities: Object.fromEntries(p.goods) } });
  return { body: {} };
}

function changeDelivery(ask: Ask): CallAnswer {
  const o = orderOf(ask);
  if (!o) return NOT_FOUND;
  const parcels = parcelsOf(o, ordersOf(ask.body['delivery_list']));
  if (!Array.isArray(parcels)) return parcels;
  if (parcels.length !== o.shipments.length) return wrong('delivery_list must hold every parcel of the order');
  for (const [i, p] of parcels.entries()) if (o.shipments[i]!.trackingNumber !== p.number) ask.world.apply({ do: 'renumber', tid: o.tid, was: o.shipments[i]!.trackingNumber, trackingNumber: p.number });
  return { body: {} };
}

function notes(ask: Ask): CallAnswer {
  const o = orderOf(ask);
  if (!o) return NOT_FOUND;
  ask.world.apply({ do: 'memo', tid: o.tid, memo: text(ask.body['merchant_notes']), flag: 0 });
  return { body: {} };
}

function stock({ world, body }: Ask): CallAnswer {
  const num = whole(body['num']);
  if (text(body['product_id']) === '' || text(body['sku_id']) === '' || num === undefined || num < 0) return wrong('invalid product_id, sku_id or num', 10020051);
  const before = world.quantities()[text(body['sku_id'])] ?? 0;
  const after = body['diff_type'] === 3 ? num : body['diff_type'] === 1 ? before + num : body['diff_type'] === 2 ? before - num : undefined;
  if (after === undefined) return wrong('invalid diff_type', 10020051);
  if (after < 0) return { errcode: 10020219, errmsg: 'stock not enough' };
  world.apply({ do: 'quantity', sku: text(body['sku_id']), quantity: after });
  return { body: {} };
}

const decode = (ask: Ask): CallAnswer => {
  const o = orderOf(ask);
  return o ? { body: { address_info: addressOf(o, true) } } : NOT_FOUND;
};

const CALLS: Readonly<Record<string, (ask: Ask) => CallAnswer>> = {
  '/channels/ec/order/list/get': listOrders, '/channels/ec/order/get': getOrder, '/channels/ec/aftersale/getaftersalelist': listAfterSales, '/channels/ec/aftersale/getaftersaleorder': getAfterSale, '/channels/ec/order/delivery/send': send, '/channels/ec/order/deliveryinfo/update': changeDelivery,
  '/channels/ec/order/deliverycompanylist/get': () => ({ body: { company_list: COMPANIES.map(([delivery_id, delivery_name]) => ({ delivery_id, delivery_name })) } }), '/channels/ec/order/merchantnotes/update': notes, '/channels/ec/product/stock/update': stock, '/channels/ec/order/sensitiveinfo/decode': decode,
};
export const answerCall = (path: string, ask: Ask): CallAnswer | undefined => CALLS[path]?.(ask);
