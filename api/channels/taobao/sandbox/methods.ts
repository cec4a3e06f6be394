/** The methods that the stand-in knows, each checking its own arguments as the platform does. */
import type { Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { onlyFields, refundBodies, tradeBody } from './bodies.ts';
import type { WireError } from './gate.ts';

export type MethodAnswer = { readonly key: string; readonly body: Record<string, unknown> } | { readonly error: WireError };
type Ask = { readonly world: World; readonly params: URLSearchParams; readonly rude: Unfriendly };
const CHANNEL = 'taobao';

const missing = (name: string): MethodAnswer => ({ error: { code: 40, msg: 'Missing required arguments', sub_code: `isv.missing-parameter:${name}`, sub_msg: name } });
const invalid = (name: string, why: string): MethodAnswer => ({ error: { code: 41, msg: 'Invalid arguments', sub_code: `isv.invalid-parameter:${name}`, sub_msg: why } });
const DAY_MS = 86_400_000;
const instant = (text: string | null): number => Date.parse(`${(text ?? '').replace(' ', 'T')}+08:00`);

type Window = { readonly from: number; readonly to: number; readonly page: number; readonly size: number; readonly hasNext: boolean };
function windowOf(params: URLSearchParams, limitMs: number): Window | MethodAnswer {
  if (!params.get('fields')) return missing('fields');
  const [from, to] = [instant(params.get('start_modified')), instant(params.get('end_modified'))];
  if (Number.isNaN(from) || Number.isNaN(to)) return missing('start_modified');
  if (to < from || to - from > limitMs) return invalid('end_modified', 'the span between start_modified and end_modified must be within one day');
  const [page, size] = [Number(params.get('page_no') ?? 1), Number(params.get('page_size') ?? 40)];
  if (!(size >= 1 && size <= 100)) return invalid('page_size', 'page_size must be 1 to 100');
  return { from, to, page, size, hasNext: params.get('use_has_next') === 'true' };
}

function listTrades({ world, params, rude }: Ask): MethodAnswer {
  const w = windowOf(params, DAY_MS);
  if (!('page' in w)) return w;
  if (rude.arriving > 0) {
    rude.arriving -= 1;
    world.apply({ do: 'place', input: { channel: CHANNEL } });
  }
  const shown = world.now().getTime() - rude.lateMs;
  // Whole seconds: the platform's times have no more. Newest first.
  const all = world.between(CHANNEL, 'modifiedAt', w.from, w.to).filter((o) => o.modifiedAt.getTime() <= shown).reverse();
  const from = (w.page - 1) * w.size;
  const page = all.slice(rude.repeat && from > 0 ? from - 1 : from, from + w.size);
  const trades = page.length === 0 ? {} : { trades: { trade: page.map((o) => onlyFields(tradeBody(o, false), params.get('fields')!)) } };
  return { key: 'trades_sold_increment_get_response', body: { ...trades, ...(w.hasNext ? { has_next: all.length > from + w.size } : { total_results: all.length }) } };
}

/** By created time, any span of the last three months. */
function listSold({ world, params, rude }: Ask): MethodAnswer {
  if (!params.get('fields')) return missing('fields');
  const [from, to, page, size] = [instant(params.get('start_created')), instant(params.get('end_created')), Number(params.get('page_no') ?? 1), Number(params.get('page_size') ?? 40)];
  if (Number.isNaN(from) || Number.isNaN(to) || to < from) return missing('start_created');
  if (!(size >= 1 && size <= 100)) return invalid('page_size', 'page_size must be 1 to 100');
  const shown = world.now().getTime() - rude.lateMs;
  const all = world.between(CHANNEL, 'placedAt', from, to).filter((o) => o.modifiedAt.getTime() <= shown).reverse();
  const rows = all.slice((page - 1) * size, page * size);
  return { key: 'trades_sold_get_response', body: { ...(rows.length === 0 ? {} : { trades: { trade: rows.map((o) => onlyFields(tradeBody(o, false), params.get('fields')!)) } }), total_results: all.length } };
}

function memo({ world, params }: Ask): MethodAnswer {
  const order = world.order(params.get('tid') ?? '');
  const flag = Number(params.get('flag') ?? 0);
  if (!order || order.channel !== CHANNEL) return { error: { code: 15, msg: 'Remote service error', sub_code: 'isv.trade-not-exist', sub_msg: 'the trade does not exist' } };
  if (!(flag >= 0 && flag <= 5)) return invalid('flag', '0 to 5');
  world.apply({ do: 'memo', tid: order.tid, memo: params.get('reset') === 'true' ? '' : params.get('memo') ?? order.sellerMemo, flag });
  return { key: 'trade_memo_update_response', body: { trade: { tid: order.tid } } };
}

function resend({ world, params }: Ask): MethodAnswer {
  const no = (sub_code: string): MethodAnswer => ({ error: { code: 15, msg: 'Remote service error', sub_code, sub_msg: '' } });
  for (const name of ['tid', 'company_code', 'out_sid']) if (!params.get(name)) return missing(name);
  const order = world.order(params.get('tid')!);
  const oids = params.get('sub_tid')?.split(',');
  const was = order?.shipments.find((s) => !oids || s.oids.some((o) => oids.includes(o)));
  if (!order || !was) return no('isv.logistics-update-company-or-mailno-error:CD19');
  if (was.trackingNumber === params.get('out_sid')) return no('isv.logistics-update-company-or-mailno-error:P07');
  world.apply({ do: 'renumber', tid: order.tid, was: was.trackingNumber, trackingNumber: params.get('out_sid')! });
  return { key: 'logistics_consign_resend_response', body: { shipping: { is_success: true } } };
}

const NAMES: Readonly<Record<string, string>> = { ZTO: '中通快递', YTO: '圆通速递', YUNDA: '韵达快递', SF: '顺丰速运', EMS: 'EMS', JTSD: '极兔速递', STO: '申通快递', HTKY: '百世快递' };
const companies = (): MethodAnswer => ({ key: 'logistics_companies_get_response', body: { logistics_companies: { logistics_company: [...COMPANIES].map((code, i) => ({ id: 500 + i, code, name: NAMES[code], reg_mail_no: '^[A-Za-z0-9]{8,20}$' })) } } });

/** Orders that changed and whose message was not confirmed yet; each change is one message. */
const confirmed = new Set<string>();
const messageId = (o: WorldOrder): string => `${o.tid.slice(-8)}${Math.floor(o.modifiedAt.getTime() / 1000)}`;
function consume({ world, params }: Ask): MethodAnswer {
  const quantity = Number(params.get('quantity') ?? 100);
  if (!(quantity >= 10 && quantity <= 200)) return invalid('quantity', '10 to 200');
  const now = world.now().getTime();
  const waiting = world.between(CHANNEL, 'modifiedAt', now - 3_600_000, now).filter((o) => !confirmed.has(messageId(o))).slice(0, quantity);
  const tmc_message = waiting.map((o) => ({ id: messageId(o), topic: 'taobao_trade_TradeChanged', pub_time: '', user_nick: '云栖', content: `{"tid":${o.tid},"status":"${o.state}"}` }));
  return { key: 'tmc_messages_consume_response', body: tmc_message.length === 0 ? {} : { messages: { tmc_message } } };
}
function confirmMessages({ params }: Ask): MethodAnswer {
  const ids = (params.get('s_message_ids') ?? '').split(',').filter(Boolean);
  if (ids.length === 0 || ids.length > 200) return invalid('s_message_ids', '1 to 200');
  for (const id of ids) confirmed.add(id);
  return { key: 'tmc_messages_confirm_response', body: { is_success: true } };
}

function fullInfo({ world, params, rude }: Ask): MethodAnswer {
  if (!params.get('fields')) return missing('fields');
  const order = world.order(params.get('tid') ?? '');
  if (!order) return { error: { code: 15, msg: 'Remote service error', sub_code: 'isv.trade-not-exist', sub_msg: `the trade does not exist${rude.echo ? ` session=${params.get('session') ?? ''}` : ''}` } };
  const fields = params.get('fields')!;
  const oaid = params.get('include_oaid') === 'true' && ['receiver_name', 'receiver_address', 'receiver_mobile', 'receiver_phone', 'created'].every((f) => fields.split(',').includes(f));
  return { key: 'trade_fullinfo_get_response', body: { trade: onlyFields(tradeBody(order, oaid), fields) } };
}

function listRefunds({ world, params }: Ask): MethodAnswer {
  const w = windowOf(params, 31 * DAY_MS);
  if (!('page' in w)) return w;
  const all = world.orders(CHANNEL).flatMap(refundBodies).filter((r) => Math.floor(r.at.getTime() / 1000) * 1000 >= w.from && r.at.getTime() <= w.to + 999).sort((a, b) => b.at.getTime() - a.at.getTime());
  const page = all.slice((w.page - 1) * w.size, w.page * w.size);
  return { key: 'refunds_receive_get_response', body: { ...(page.length > 0 ? { refunds: { refund: page.map((r) => onlyFields(r.body, params.get('fields')!)) } } : {}), ...(w.hasNext ? { has_next: all.length > w.page * w.size } : { total_results: all.length }) } };
}

const COMPANIES = new Set(['ZTO', 'YTO', 'YUNDA', 'SF', 'EMS', 'JTSD', 'STO', 'HTKY']);
function send({ world, params }: Ask): MethodAnswer {
  const no = (suffix: string, words: string): MethodAnswer => ({ error: { code: 15, msg: 'Remote service error', sub_code: `isv.logistics-offline-service-error:${suffix}`, sub_msg: words } });
  for (const name of ['tid', 'company_code', 'out_sid']) if (!params.get(name)) return name === 'out_sid' ? no('B59', 'number empty') : missing(name);
  const order = world.order(params.get('tid')!);
  if (!order) return no('B01', 'order not found');
  if (!COMPANIES.has(params.get('company_code')!)) return no('B56', 'company missing');
  if (!/^[A-Za-z0-9]{8,20}$/.test(params.get('out_sid')!)) return no('B60', 'number invalid');
  const sub = params.get('sub_tid');
  if ((params.get('is_split') === '1') !== (sub !== null)) return no('CD22', 'is_split and sub_tid go together');
  const oids = sub ? sub.split(',') : order.lines.map((l) => l.oid);
  if (!oids.every((oid) => order.lines.some((l) => l.oid === oid))) return no('B06', 'sub orders must match');
  if (order.state !== 'to_ship' && order.state !== 'partly_shipped') return no('B04', 'wrong order state or already shipped');
  if (order.shipments.some((s) => s.oids.some((oid) => oids.includes(oid)))) return no('B27', 'already has a shipping order');
  world.apply({ do: 'ship', input: { tid: order.tid, courier: params.get('company_code')!, trackingNumber: params.get('out_sid')!, oids } });
  return { key: 'logistics_offline_send_response', body: { shipping: { is_success: true } } };
}

function quantities({ world, params }: Ask): MethodAnswer {
  if (!params.get('num_iid')) return missing('num_iid');
  const pairs = (params.get('skuid_quantities') ?? '').split(';').filter(Boolean).map((p) => p.split(':'));
  if (pairs.length === 0) return missing('skuid_quantities');
  if (pairs.length > 20) return invalid('skuid_quantities', 'at most 20 SKUs');
  if (pairs.some(([, q]) => !/^\d+$/.test(q ?? ''))) return invalid('skuid_quantities', 'quantity must not be negative');
  for (const [sku, q] of pairs) world.apply({ do: 'quantity', sku: sku!, quantity: Number(q) });
  return { key: 'skus_quantity_update_response', body: { item: { num_iid: params.get('num_iid') } } };
}

/** What the shop shows: of a listing that was never told a figure nothing is known here. */
function skusOf({ world, params }: Ask): MethodAnswer {
  const items = (params.get('num_iids') ?? '').split(',').filter(Boolean);
  if (items.length === 0) return missing('num_iids');
  if (items.length > 40) return invalid('num_iids', 'at most 40 items');
  if (!params.get('fields')) return missing('fields');
  const lines = new Map(world.orders(CHANNEL).flatMap((o) => o.lines).filter((l) => items.includes(l.itemId)).map((l) => [l.skuId, l.itemId]));
  const shown = Object.entries(world.quantities()).filter(([sku]) => lines.has(sku));
  return { key: 'item_skus_get_response', body: { ...(shown.length > 0 ? { skus: { sku: shown.map(([sku, quantity]) => ({ sku_id: sku, num_iid: lines.get(sku), quantity })) } } : {}) } };
}

function decrypt({ world, params }: Ask): MethodAnswer {
  const list = JSON.parse(params.get('query_list') ?? '[]') as { tid: string; oaid: string }[];
  if (list.length === 0 || list.length > 20) return invalid('query_list', '1 to 20 queries');
  return {
    key: 'top_oaid_decrypt_response',
    body: { receiver_list: { receiver: list.map(({ tid, oaid }) => {
      const r = world.order(tid)?.receiver;
      return r && r.oaid === oaid ? { tid, oaid, matched: true, name: r.name, mobile: r.phone, state: r.province, city: r.city, district: r.district, town: r.town, address_detail: r.address } : { tid, oaid, matched: false };
    }) } },
  };
}

const METHODS: Readonly<Record<string, (ask: Ask) => MethodAnswer>> = {
  'taobao.trades.sold.get': listSold, 'taobao.trade.memo.update': memo, 'taobao.logistics.consign.resend': resend, 'taobao.logistics.companies.get': companies, 'taobao.tmc.user.permit': () => ({ key: 'tmc_user_permit_response', body: { is_success: true } }), 'taobao.tmc.messages.consume': consume, 'taobao.tmc.messages.confirm': confirmMessages,
  'taobao.trades.sold.increment.get': listTrades, 'taobao.trade.fullinfo.get': fullInfo, 'taobao.refunds.receive.get': listRefunds, 'taobao.logistics.offline.send': send, 'taobao.skus.quantity.update': quantities, 'taobao.item.skus.get': skusOf, 'taobao.top.oaid.decrypt': decrypt,
};
export const answerMethod = (ask: Ask): MethodAnswer => METHODS[ask.params.get('method') ?? '']?.(ask) ?? { error: { code: 22, msg: 'Invalid Method' } };
