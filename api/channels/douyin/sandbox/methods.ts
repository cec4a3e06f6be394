/** The calls that the stand-in knows, each checking its own arguments as the platform does. */
import { happen, type Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { afterSaleBody, ciphers, orderBody, refundId } from './bodies.ts';

export type Args = Readonly<Record<string, unknown>>;
export type Ask = { readonly world: World; readonly args: Args; readonly rude: Unfriendly; readonly token: string; readonly done: Map<string, unknown> };
export type WireError = { readonly code: number; readonly sub_code: string; readonly sub_msg: string };
export type CallAnswer = { readonly data: unknown } | WireError;
const CHANNEL = 'douyin';
const wrong = (sub_msg: string): WireError => ({ code: 40004, sub_code: 'isv.parameter-invalid', sub_msg });
const failed = (number: number, sub_msg: string): WireError => ({ code: 50002, sub_code: `isv.business-failed:${number}`, sub_msg });
const mine = (world: World, id: unknown): WorldOrder | undefined => (world.order(String(id))?.channel === CHANNEL ? world.order(String(id)) : undefined);
const COMPANIES = [['zhongtong', '中通快递'], ['yuantong', '圆通快递'], ['yunda', '韵达快递'], ['shunfeng', '顺丰速运'], ['ems', 'EMS'], ['jtexpress', '极兔速递'], ['shentong', '申通快递']].map(([code, name], i) => ({ id: i + 7, name, code }));

function search({ world, args, rude }: Ask): CallAnswer {
  const [by, page, size] = [String(args['order_by'] ?? 'create_time'), Number(args['page']), Number(args['size'])];
  if (!(size >= 1 && size <= 100) || !(page >= 0)) return wrong('page 从 0 起，size 1 到 100');
  const field = by === 'update_time' ? 'modifiedAt' : 'placedAt';
  const [from, to] = [Number(args[`${by}_start`]) * 1000, Number(args[`${by}_end`]) * 1000];
  if (Number.isNaN(from) || Number.isNaN(to) || to < from) return wrong('时间范围不对');
  happen(world, rude, CHANNEL, from, to);
  const shown = world.now().getTime() - rude.lateMs;
  const oldest = world.now().getTime() - 90 * 86_400_000;
  const all = world.between(CHANNEL, field, from, to).filter((o) => o[field].getTime() <= shown && o.placedAt.getTime() >= oldest);
  const sorted = args['order_asc'] === true ? all : [...all].reverse();
  const rows = sorted.slice(rude.repeat && page > 0 ? page * size - 1 : page * size, (page + 1) * size);
  // Counts come as text now and then.
  return { data: { total: rude.newField ? String(all.length) : all.length, page, size, shop_order_list: rows.map(orderBody) } };
}
function detail({ world, args, rude, token }: Ask): CallAnswer {
  const order = mine(world, args['shop_order_id']);
  return order ? { data: { shop_order_detail: orderBody(order) } } : failed(2011, `订单不存在${rude.echo ? ` ${token}` : ''}`);
}

function refusedToShip(order: WorldOrder | undefined, args: Args): WireError | undefined {
  if (!order) return failed(2011, '订单不存在');
  if (!COMPANIES.some((c) => c.code === args['company_code'])) return failed(2020, '物流公司不存在');
  if (!/^[A-Za-z0-9]{8,24}$/.test(String(args['logistics_code'] ?? ''))) return failed(2021, '运单号不合法');
  if (order.refunds.some((r) => r.state === 'requested') && args['is_reject_refund'] !== true) return failed(2030, '订单有售后，不能发货');
  return order.state === 'to_ship' || order.state === 'partly_shipped' ? undefined : failed(2031, '订单状态不能发货');
}
function ship({ world, args }: Ask): CallAnswer {
  const order = mine(world, args['order_id']);
  const refused = refusedToShip(order, args);
  if (refused || !order) return refused ?? failed(2011, '订单不存在');
  world.apply({ do: 'ship', input: { tid: order.tid, courier: String(args['company_code']), trackingNumber: String(args['logistics_code']), oids: order.lines.map((l) => l.oid) } });
  return { data: { pack_id: `${order.tid}-1` } };
}
function shipPart({ world, args, done }: Ask): CallAnswer {
  const key = String(args['request_id'] ?? '');
  if (key === '') return { code: 40002, sub_code: 'isv.parameter-missing', sub_msg: 'request_id' };
  if (done.has(key)) return { data: done.get(key) };
  const order = mine(world, (args['order_id_list'] as unknown[] | undefined)?.[0]);
  const refused = refusedToShip(order, args);
  if (refused || !order) return refused ?? failed(2011, '订单不存在');
  const parts = (args['shipped_order_info'] as { shipped_order_id: string; shipped_num: number }[] | undefined) ?? [];
  for (const p of parts) {
    const line = order.lines.find((l) => l.oid === p.shipped_order_id);
    const gone = order.shipments.reduce((n, s) => n + (s.oids.includes(p.shipped_order_id) ? s.quantities?.[p.shipped_order_id] ?? line?.quantity ?? 0 : 0), 0);
    if (!line || !(p.shipped_num > 0) || p.shipped_num > line.quantity - gone) return failed(2032, '发货数量不对');
  }
  const quantities = Object.fromEntries(parts.map((p) => [p.shipped_order_id, p.shipped_num]));
  world.apply({ do: 'ship', input: { tid: order.tid, courier: String(args['company_code']), trackingNumber: String(args['logistics_code']), oids: Object.keys(quantities), quantities } });
  const data = { pack_id: `${order.tid}-${order.shipments.length}` };
  done.set(key, data);
  return { data };
}
function renumber({ world, args }: Ask): CallAnswer {
  const order = mine(world, args['order_id']);
  const at = Number(/-(\d+)$/.exec(String(args['pack_id'] ?? ''))?.[1] ?? 0) - 1;
  const was = order?.shipments[at];
  if (!order || !was) return failed(2040, '包裹不存在');
  world.apply({ do: 'renumber', tid: order.tid, was: was.trackingNumber, trackingNumber: String(args['logistics_code']) });
  return { data: {} };
}

function memo({ world, args }: Ask): CallAnswer {
  const order = mine(world, args['order_id']);
  const star = Number(args['star']);
  if (!order) return failed(2011, '订单不存在');
  if (!(star >= 0 && star <= 5)) return wrong('star 0 到 5');
  world.apply({ do: 'memo', tid: order.tid, memo: String(args['remark'] ?? ''), flag: args['is_add_star'] === 'true' ? star : order.sellerFlag });
  return { data: {} };
}
function stock({ world, args }: Ask): CallAnswer {
  const quantity = args['stock_num'];
  if (args['incremental'] === true) return { code: 40002, sub_code: 'isv.parameter-missing', sub_msg: 'idempotent_id' };
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 0) return wrong('stock_num');
  world.apply({ do: 'quantity', sku: String(args['sku_id']), quantity });
  return { data: {} };
}

function afterSales({ world, args }: Ask): CallAnswer {
  const [page, size] = [Number(args['page']), Number(args['size'])];
  if (!(size >= 1 && size <= 100) || page * size > 50_000) return wrong('page * size');
  const [from, to] = [Number(args['update_start_time']), Number(args['update_end_time'])];
  if (!(to > from)) return wrong('时间范围不对');
  const all = world.orders(CHANNEL).flatMap((o) => o.refunds.map((r) => ({ at: Math.floor(r.modifiedAt.getTime() / 1000), body: afterSaleBody(o, r) }))).filter((x) => x.at >= from && x.at < to).sort((a, b) => a.at - b.at);
  // Without the order that was asked for, rows are lost: the platform says so.
  const kept = JSON.stringify(args['order_by']) === '["update_time asc"]' ? all : all.filter((_, i) => i % 2 === 0);
  return { data: { items: kept.slice(page * size, (page + 1) * size).map((x) => x.body), total: kept.length, has_more: kept.length > (page + 1) * size, page, size } };
}
function afterSale({ world, args }: Ask): CallAnswer {
  for (const o of world.orders(CHANNEL)) for (const r of o.refunds) if (refundId(o, r) === String(args['after_sale_id'])) return { data: { process_info: { after_sale_info: { after_sale_id: refundId(o, r), real_refund_amount: r.state === 'refunded' ? r.refundFen : 0, refund_time: Math.floor(r.modifiedAt.getTime() / 1000) } } } };
  return failed(3011, '售后单不存在');
}

function decrypt({ world, args, rude }: Ask): CallAnswer {
  if (rude.quotaUsed) return failed(300_004, '店铺解密额度不足');
  const asked = (args['cipher_infos'] as { auth_id: string; cipher_text: string }[] | undefined) ?? [];
  if (asked.length === 0 || asked.length > 50) return wrong('cipher_infos 1 到 50');
  return { data: { decrypt_infos: asked.map(({ auth_id, cipher_text }) => {
    const order = mine(world, auth_id);
    const found = order && ciphers(order).find((c) => c.text === cipher_text);
    return found ? { auth_id, cipher_text, decrypt_text: found.plain, data_type: found.type, is_virtual_tel: false, err_no: 0, err_msg: '' } : { auth_id, cipher_text, decrypt_text: '', err_no: 300_008, err_msg: '密文与授权单号不匹配' };
  }) } };
}

/** One row an order: what its buyer's confirmation moved, with what was taken off. The cursor is an index, and small pages show that it is used. */
function settled({ world, args }: Ask): CallAnswer {
  const [from, to, size] = [Date.parse(`${String(args['start_time']).replace(' ', 'T')}+08:00`), Date.parse(`${String(args['end_time']).replace(' ', 'T')}+08:00`), Number(args['size'])];
  if (!(size >= 1 && size <= 100) || !(to > from) || to - from > 7 * 86_400_000) return wrong('start_time end_time size');
  const moved = world.payments(new Date(from), new Date(to + 1000), 'wallet').filter((p) => p.channel === CHANNEL && p.kind === 'sale');
  const start = Number(args['start_index'] ?? 0);
  const local = (at: Date): string => new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ');
  const rows = moved.slice(start, start + Math.min(size, 2)).map((p) => {
    const order = world.order(p.tid)!;
    return { settle_time: local(p.at), request_no: `72${p.tid.slice(-16)}`, shop_order_id: p.tid, order_id: order.lines[0]!.oid, trade_type: 0, flow_type_desc: '订单结算', total_amount: p.amountFen, real_pay_amount: order.paidFen, settle_amount: p.amountFen - order.commissionFen, platform_service_fee: -order.commissionFen, commission: 0, total_income: p.amountFen, total_outcome: -order.commissionFen, goods_count: order.lines.length, remark: '' };
  });
  const next = start + rows.length;
  return { data: { code: '100000', code_msg: 'success', data: rows, is_end: next >= moved.length ? 1 : 0, next_start_index: String(next), next_start_time: String(args['start_time']), size: rows.length } };
}

export const CALLS: Readonly<Record<string, (ask: Ask) => CallAnswer>> = {
  '/order/searchList': search, '/order/orderDetail': detail, '/order/logisticsCompanyList': () => ({ data: COMPANIES }), '/order/logisticsAdd': ship, '/order/logisticsAddSinglePack': shipPart, '/order/logisticsEditByPack': renumber, '/order/addOrderRemark': memo,
  '/sku/syncStock': stock, '/afterSale/List': afterSales, '/afterSale/Detail': afterSale, '/order/batchDecrypt': decrypt, '/order/getSettleBillDetailV3': settled,
};
