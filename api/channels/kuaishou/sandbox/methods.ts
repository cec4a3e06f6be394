/** The methods that the stand-in knows, each checking its own arguments as the platform does. */
import { happen, type Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { ciphers, orderBody, parcelsOf, refundBody, type Extra } from './bodies.ts';

export type Args = Readonly<Record<string, unknown>>;
export type WireError = { readonly result: number; readonly error_msg: string };
export type MethodAnswer = { readonly data: unknown } | WireError;
/** What the platform keeps beside the orders: parcels that followed the first. */
export type Extras = Map<string, Extra[]>;
export type Ask = { readonly world: World; readonly args: Args; readonly rude: Unfriendly; readonly token: string; readonly extras: Extras };
export const CHANNEL = 'kuaishou';
const DAY = 86_400_000;
const no = (error_msg: string, result = 2001): WireError => ({ result, error_msg });
const text = (args: Args, name: string): string => { const v = args[name]; return typeof v === 'string' || typeof v === 'number' ? String(v) : ''; };
const mine = (world: World, oid: string): WorldOrder | undefined => { const o = world.order(oid); return o?.channel === CHANNEL ? o : undefined; };

type Row = { readonly at: number; readonly id: string; readonly body: unknown };
type Span = { readonly from: number; readonly to: number; readonly size: number };
function spanOf({ world, args }: Ask, widest: number, most: number): Span | WireError {
  const [from, to, size] = [Number(args['beginTime']), Number(args['endTime']), Number(args['pageSize'])];
  if (!(from > 0)) return no('beginTime无效');
  if (!(to > from) || to > world.now().getTime() + 60_000) return no('endTime无效');
  if (to - from > widest) return no('SEARCH TIME RANGE EXPAND LIMIT', 300_019);
  if (from < world.now().getTime() - 90 * DAY) return no('CAN NOT SEARCH BEFORE 90 DAYS', 300_005);
  return size >= 1 && size <= most ? { from, to, size } : no('pageSize无效');
}
/** A cursor stands behind the row that was read last: its time and its id. */
function behind(rows: readonly Row[], cursor: string, { size }: Span, rude: Unfriendly): { readonly page: readonly Row[]; readonly next: string } {
  const [at, id] = cursor === '' ? [0, ''] : [Number(cursor.split('_')[0]), cursor.split('_')[1] ?? ''];
  const sorted = [...rows].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const first = sorted.findIndex((r) => r.at > at || (r.at === at && r.id > id));
  const start = first < 0 ? sorted.length : first;
  const page = sorted.slice(rude.repeat && cursor !== '' ? Math.max(0, start - 1) : start, start + size);
  const last = sorted[start + size - 1];
  return { page, next: start + size < sorted.length && last ? `${last.at}_${last.id}` : 'nomore' };
}

function list(ask: Ask): MethodAnswer {
  const { world, args, rude, extras } = ask;
  const span = spanOf(ask, 7 * DAY, 50);
  if (!('size' in span)) return span;
  if (typeof args['cursor'] !== 'string' || ![1, 2].includes(Number(args['queryType'])) || args['orderViewStatus'] === undefined) return no('参数错误');
  happen(world, rude, CHANNEL, span.from, span.to);
  const by = Number(args['queryType']) === 2 ? 'modifiedAt' : 'placedAt';
  const shown = world.now().getTime() - rude.lateMs;
  const all = world.between(CHANNEL, by, span.from - 1000, span.to).filter((o) => o[by].getTime() >= span.from && o[by].getTime() <= Math.min(span.to, shown));
  const { page, next } = behind(all.map((o) => ({ at: o[by].getTime(), id: o.tid, body: orderBody(o, extras.get(o.tid) ?? []) })), args['cursor'], span, rude);
  return { data: { beginTime: span.from, endTime: span.to, pageSize: span.size, cursor: next, orderList: page.map((r) => r.body) } };
}
function detail({ world, args, rude, token, extras }: Ask): MethodAnswer {
  const order = mine(world, text(args, 'oid'));
  return order ? { data: orderBody(order, extras.get(order.tid) ?? []) } : no(`订单不存在${rude.echo ? ` ${token}` : ''}`);
}
function refunds(ask: Ask): MethodAnswer {
  const span = spanOf(ask, DAY, 100);
  if (!('size' in span)) return span;
  const { world, args, rude } = ask;
  if (![8, 9].includes(Number(args['type'])) || !(Number(args['currentPage']) >= 1) || typeof args['pcursor'] !== 'string') return no('参数错误');
  const rows = world.orders(CHANNEL).flatMap((o) => o.refunds.map((r, i) => ({ at: r.modifiedAt.getTime(), id: `${o.tid}${i}`, body: refundBody(o, r) }))).filter((r) => r.at >= span.from && r.at <= span.to);
  const { page, next } = behind(rows, args['pcursor'], span, rude);
  return { data: { pcursor: next, refundOrderInfoList: page.map((r) => r.body), pageSize: span.size, totalPage: Math.ceil(rows.length / span.size) } };
}

/** The numbers of the platform's page that this stand-in knows. */
const COMPANIES = new Set([2, 3, 4, 6, 8, 9, 11, 14, 53, 109]);
function badParcel(args: Args): WireError | undefined {
  if (!COMPANIES.has(Number(args['expressCode']))) return no('快递公司不存在', 11);
  return /^[A-Za-z0-9]{8,24}$/.test(text(args, 'expressNo')) ? undefined : no('运单号和物流公司不匹配', 11);
}
function deliver({ world, args }: Ask): MethodAnswer {
  const order = mine(world, text(args, 'orderId'));
  if (!order) return no('订单不存在');
  const bad = badParcel(args);
  if (bad) return bad;
  if (order.shipments.some((s) => s.trackingNumber === text(args, 'expressNo'))) return { data: {} };
  if (order.state !== 'to_ship') return no('订单状态不允许发货');
  if (order.refunds.some((r) => r.state === 'requested')) return no('订单存在正在执行的退款');
  world.apply({ do: 'ship', input: { tid: order.tid, courier: text(args, 'expressCode'), trackingNumber: text(args, 'expressNo'), oids: order.lines.map((l) => l.oid) } });
  return { data: {} };
}
function append({ world, args, extras }: Ask): MethodAnswer {
  const order = mine(world, text(args, 'oid'));
  if (!order) return no('订单不存在');
  const bad = badParcel(args);
  if (bad) return bad;
  if (order.state !== 'shipped') return no('订单未发货，不能追加包裹');
  const had = extras.get(order.tid) ?? [];
  if (parcelsOf(order, had).length >= 10) return no('包裹数量超过上限');
  extras.set(order.tid, [...had, { logisticsId: Number(order.tid.slice(-6)) * 10 + 5 + had.length, expressNo: text(args, 'expressNo'), expressCode: Number(args['expressCode']) }]);
  return { data: {} };
}
function renumber({ world, args, extras }: Ask): MethodAnswer {
  const order = mine(world, text(args, 'orderId'));
  if (!order) return no('订单不存在');
  const was = parcelsOf(order, extras.get(order.tid) ?? []).find((p) => String(p.logisticsId) === text(args, 'logisticsId'));
  if (!was) return no('包裹不存在');
  const bad = badParcel(args);
  if (bad) return bad;
  extras.set(order.tid, (extras.get(order.tid) ?? []).map((p) => (p.logisticsId === was.logisticsId ? { ...p, expressNo: text(args, 'expressNo') } : p)));
  world.apply({ do: 'renumber', tid: order.tid, was: was.expressNo, trackingNumber: text(args, 'expressNo') });
  return { data: {} };
}
function decrypt({ world, args }: Ask): MethodAnswer {
  const asked = (args['batchDecryptList'] as { bizId: string; encryptedData: string }[] | undefined) ?? [];
  if (asked.length === 0 || asked.length > 50) return no('批量解密数量无效');
  return { data: asked.map(({ bizId, encryptedData }) => {
    const order = mine(world, String(bizId));
    const found = order && ciphers(order).find((c) => c.text === encryptedData);
    return found ? { bizId, encryptedData, decryptedData: found.plain, errorCode: 0 } : { bizId, encryptedData, decryptedData: '', errorCode: 807_001, errorMsg: '密文无效' };
  }) };
}

export const METHODS: Readonly<Record<string, (ask: Ask) => MethodAnswer>> = {
  'open.order.cursor.list': list, 'open.order.detail': detail, 'open.seller.order.refund.pcursor.list': refunds, 'open.seller.order.goods.deliver': deliver, 'open.seller.order.goods.logistics.append': append, 'open.seller.order.logistics.update': renumber, 'open.order.decrypt.batch': decrypt,
};
