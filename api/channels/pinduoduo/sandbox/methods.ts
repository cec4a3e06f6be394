/** The methods that the stand-in knows, each checking its own arguments as the platform does. */
import type { Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { cipherPhone, cipherText, orderBody, orderStatus, refundBodies } from './bodies.ts';
import type { WireError } from './gate.ts';

type Body = Record<string, unknown>;
/** `key` is the envelope; without one the fields stand at the root. `longIds`: ids go as bare numbers. */
export type MethodAnswer = { readonly key?: string; readonly body: Body; readonly longIds?: boolean } | { readonly error: WireError };
/** What the platform keeps beside the orders: parcels shown to the buyer after the first. */
export type Extras = Map<string, { shipping_id: string; tracking_number: string }[]>;
export type Ask = { readonly world: World; readonly params: URLSearchParams; readonly rude: Unfriendly; readonly extras: Extras };
export const CHANNEL = 'pinduoduo';
const HALF_HOUR = 1_800_000;

const business = (words: string, sub: string | null = null): MethodAnswer => ({ error: { error_code: 50001, error_msg: '业务服务错误', sub_msg: words, sub_code: sub } });
const argument = (name: string): MethodAnswer => ({ error: { error_code: 10000, error_msg: `参数错误:${name}` } });
const instant = (text: string | null): number => Date.parse(`${(text ?? '').replace(' ', 'T')}+08:00`);
const second = (at: Date): number => Math.floor(at.getTime() / 1000) * 1000;

type Window = { readonly from: number; readonly to: number; readonly page: number; readonly size: number; readonly hasNext: boolean };
function windowOf(params: URLSearchParams, start: string, end: string, widest: number): Window | MethodAnswer {
  const [from, to] = [instant(params.get(start)), instant(params.get(end))];
  if (Number.isNaN(from) || Number.isNaN(to)) return argument(start);
  if (to < from || to - from > widest) return business(`${end}与${start}的时间间隔超过限制`);
  const [page, size] = [Number(params.get('page') ?? 1), Number(params.get('page_size') ?? 100)];
  if (!(page >= 1) || !(size >= 1 && size <= 100)) return argument('page_size');
  return { from, to, page, size, hasNext: params.get('use_has_next') === 'true' };
}
/** Which way the list is sorted is not documented: both are seen, by the rudeness of the day. */
function pageOf<T>(w: Window, all: readonly T[], rude: Unfriendly): { readonly rows: readonly T[]; readonly tail: Body } {
  const sorted = rude.shuffle ? all : [...all].reverse();
  const from = (w.page - 1) * w.size;
  return { rows: sorted.slice(rude.repeat && from > 0 ? from - 1 : from, from + w.size), tail: w.hasNext ? { has_next: all.length > from + w.size } : { total_count: all.length } };
}
/** Only what was paid is a deal, and only deals are listed. */
const listed = (o: WorldOrder): boolean => o.paidAt !== undefined;
const seen = (o: WorldOrder, ask: Ask): Body => orderBody(o, ask.extras.get(o.tid) ?? []);

function happen({ world, rude }: Ask, w: Window): void {
  if (rude.arriving > 0) {
    rude.arriving -= 1;
    world.apply({ do: 'place', input: { channel: CHANNEL } });
  }
  if (rude.touching <= 0) return;
  const inside = world.between(CHANNEL, 'modifiedAt', w.from, w.to).filter(listed);
  const one = inside[Math.floor(inside.length / 3)];
  if (!one) return;
  rude.touching -= 1;
  world.apply({ do: 'memo', tid: one.tid, memo: one.sellerMemo, flag: one.sellerFlag });
}

function listChanges(ask: Ask): MethodAnswer {
  const { params, world, rude } = ask;
  const w = windowOf(params, 'start_updated_at', 'end_updated_at', HALF_HOUR);
  if (!('page' in w)) return w;
  for (const name of ['order_status', 'refund_status', 'is_lucky_flag']) if (!params.get(name)) return argument(name);
  happen(ask, w);
  const shown = world.now().getTime() - rude.lateMs;
  const [status, refund] = [Number(params.get('order_status')), Number(params.get('refund_status'))];
  const all = world.between(CHANNEL, 'modifiedAt', w.from, w.to).filter((o) => listed(o) && o.modifiedAt.getTime() <= shown && (status === 5 || orderStatus(o) === status) && (refund === 5 || (refund === 1 && o.refunds.length === 0)));
  const { rows, tail } = pageOf(w, all, rude);
  return { key: 'order_sn_increment_get_response', longIds: true, body: { order_sn_list: rows.map((o) => seen(o, ask)), ...tail } };
}

function listDeals(ask: Ask): MethodAnswer {
  const w = windowOf(ask.params, 'start_confirm_at', 'end_confirm_at', 86_400_000);
  if (!('page' in w)) return w;
  const all = ask.world.orders(CHANNEL).filter((o) => o.paidAt && second(o.paidAt) >= w.from && second(o.paidAt) <= w.to);
  const { rows, tail } = pageOf(w, all, ask.rude);
  return { key: 'order_list_get_response', body: { order_list: rows.map((o) => seen(o, ask)), ...tail } };
}

function information(ask: Ask): MethodAnswer {
  const o = ask.world.order(ask.params.get('order_sn') ?? '');
  if (o?.channel !== CHANNEL || !listed(o)) return business(`订单不存在${ask.rude.echo ? ` ${ask.params.get('access_token') ?? ''}` : ''}`, '20011');
  return { key: 'order_info_get_response', body: { order_info: seen(o, ask) } };
}

function listRefunds(ask: Ask): MethodAnswer {
  const w = windowOf(ask.params, 'start_updated_at', 'end_updated_at', HALF_HOUR);
  if (!('page' in w)) return w;
  for (const name of ['after_sales_status', 'after_sales_type']) if (!ask.params.get(name)) return argument(name);
  if (ask.params.has('use_has_next')) return argument('use_has_next');
  const all = ask.world.orders(CHANNEL).flatMap(refundBodies).filter((r) => second(r.at) >= w.from && second(r.at) <= w.to).sort((a, b) => a.at.getTime() - b.at.getTime());
  const { rows, tail } = pageOf(w, all, ask.rude);
  return { key: 'refund_increment_get_response', longIds: true, body: { refund_list: rows.map((r) => r.body), ...tail } };
}

/** Numbers of the platform's own; one of them is no longer taken. */
const COMPANIES = [
  { id: 115, logistics_company: '中通快递', code: 'ZTO', available: 1 }, { id: 85, logistics_company: '圆通快递', code: 'YTO', available: 1 }, { id: 121, logistics_company: '韵达快递', code: 'YUNDA', available: 1 }, { id: 44, logistics_company: '顺丰快递', code: 'SF', available: 1 },
  { id: 118, logistics_company: 'EMS', code: 'EMS', available: 1 }, { id: 384, logistics_company: '极兔速递', code: 'JTSD', available: 1 }, { id: 3, logistics_company: '百世快递', code: 'HT', available: 0 },
] as const;
const NUMBER = /^[A-Za-z0-9]{8,20}$/;

function send({ world, params }: Ask): MethodAnswer {
  for (const name of ['order_sn', 'logistics_id', 'tracking_number']) if (!params.get(name)) return argument(name);
  const o = world.order(params.get('order_sn')!);
  const number = params.get('tracking_number')!;
  if (o?.channel !== CHANNEL) return business('订单不存在', '20011');
  if (!COMPANIES.some((c) => String(c.id) === params.get('logistics_id') && c.available === 1)) return business('物流公司不可用');
  if (!NUMBER.test(number)) return business('运单号格式错误');
  if ((params.get('redelivery_type') ?? '1') === '2') {
    if (orderStatus(o) !== 2) return business('订单状态不允许修改运单号');
    world.apply({ do: 'renumber', tid: o.tid, was: o.shipments[0]!.trackingNumber, trackingNumber: number });
  } else {
    if (o.state !== 'to_ship') return business('订单已发货或者状态不允许发货');
    world.apply({ do: 'ship', input: { tid: o.tid, courier: params.get('logistics_id')!, trackingNumber: number, oids: o.lines.map((l) => l.oid) } });
  }
  return { key: 'logistics_online_send_response', body: { is_success: true } };
}

function extraTracks({ world, params, extras }: Ask): MethodAnswer {
  const o = world.order(params.get('order_sn') ?? '');
  const list = JSON.parse(params.get('extra_track_list') ?? '[]') as { shipping_id: string; tracking_number: string }[];
  if (o?.channel !== CHANNEL || orderStatus(o) !== 2) return business('订单未发货');
  if (list.length === 0 || list.some((t) => !NUMBER.test(t.tracking_number) || !COMPANIES.some((c) => String(c.id) === t.shipping_id))) return argument('extra_track_list');
  if (!['1', '2', '3'].includes(params.get('extra_track_type') ?? '')) return argument('extra_track_type');
  const known = extras.get(o.tid) ?? [];
  if (list.some((t) => known.some((k) => k.tracking_number === t.tracking_number))) return business('运单号已存在');
  extras.set(o.tid, [...known, ...list]);
  return { key: 'order_upload_extra_logistics_response', body: { is_success: true } };
}

function note({ world, params }: Ask): MethodAnswer {
  const o = world.order(params.get('order_sn') ?? '');
  if (o?.channel !== CHANNEL) return business('订单不存在', '20011');
  if (params.get('note') === null) return argument('note');
  world.apply({ do: 'memo', tid: o.tid, memo: params.get('note')!, flag: Number(params.get('tag') ?? o.sellerFlag) });
  return { key: 'response', body: { success: true } };
}

function quantity({ world, params }: Ask): MethodAnswer {
  if (!params.get('goods_id')) return argument('goods_id');
  if (!params.get('sku_id') && !params.get('outer_id')) return argument('sku_id');
  if (!/^\d+$/.test(params.get('quantity') ?? '')) return argument('quantity');
  if ((params.get('update_type') ?? '1') !== '1') return business('促销位商品不可增量');
  world.apply({ do: 'quantity', sku: params.get('sku_id')!, quantity: Number(params.get('quantity')) });
  return { key: 'goods_quantity_update_response', body: { is_success: true } };
}

function decrypt({ world, params }: Ask): MethodAnswer {
  const list = JSON.parse(params.get('data_list') ?? '[]') as { data_tag: string; encrypted_data: string }[];
  if (list.length === 0 || list.length > 100) return argument('data_list');
  const open = ({ data_tag, encrypted_data }: (typeof list)[number]): Body => {
    const r = world.order(data_tag)?.receiver;
    const known = r ? [[cipherText(data_tag, r.name), r.name, 5], [cipherPhone(data_tag, r.phone), r.phone, 6], [cipherText(data_tag, r.address), r.address, 8], [cipherText(data_tag, `${r.town}${r.address}`), `${r.town}${r.address}`, 7]] as const : [];
    const found = known.find(([cipher]) => cipher === encrypted_data);
    return found ? { data_tag, data_type: found[2], encrypted_data, decrypted_data: found[1], error_code: 0, error_msg: '' } : { data_tag, encrypted_data, decrypted_data: '', error_code: 1, error_msg: '密文与订单不符' };
  };
  return { key: 'open_decrypt_batch_response', body: { data_decrypt_list: list.map(open) } };
}

export const WITHOUT_TOKEN = new Set(['pdd.logistics.companies.get', 'pdd.pop.auth.token.create', 'pdd.pop.auth.token.refresh']);
const METHODS: Readonly<Record<string, (ask: Ask) => MethodAnswer>> = {
  'pdd.order.number.list.increment.get': listChanges, 'pdd.order.list.get': listDeals, 'pdd.order.information.get': information, 'pdd.refund.list.increment.get': listRefunds, 'pdd.logistics.online.send': send, 'pdd.order.upload.extra.logistics': extraTracks,
  'pdd.logistics.companies.get': () => ({ key: 'logistics_companies_get_response', body: { logistics_companies: COMPANIES.map((c) => ({ ...c })) } }), 'pdd.order.note.update': note, 'pdd.goods.quantity.update': quantity, 'pdd.open.decrypt.batch': decrypt,
};
export const answerMethod = (ask: Ask): MethodAnswer => METHODS[ask.params.get('type') ?? '']?.(ask) ?? { error: { error_code: 10017, error_msg: 'type不正确' } };
