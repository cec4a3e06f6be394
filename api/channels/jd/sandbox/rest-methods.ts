/** The calls of SP-API that the stand-in knows, each checking its own arguments as JD does. */
import { happen, type Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { oaidOf, stateWord } from './bodies.ts';
import { CARRIERS } from './methods.ts';
import { afterBody, billRow, restOrder, scoped } from './rest-bodies.ts';

export type RestAsk = { readonly world: World; readonly query: URLSearchParams; readonly body: Readonly<Record<string, unknown>>; readonly orderId: string; readonly rude: Unfriendly; readonly token: string };
export type RestError = { readonly code: string; readonly message: string; readonly details?: string };
export type RestAnswer = { readonly data?: unknown; readonly paginationData?: Record<string, unknown>; readonly success?: boolean; readonly errorList?: readonly RestError[] };
const CHANNEL = 'jd';
const VENDER = '18003';
const DAY_MS = 86_400_000;
const no = (code: string, message: string): RestAnswer => ({ success: false, errorList: [{ code, message, details: '' }] });
const mine = (world: World, id: string): WorldOrder | undefined => (world.order(id)?.channel === CHANNEL ? world.order(id) : undefined);
const pages = (all: readonly unknown[], page: number, size: number, skip = 0): RestAnswer => {
  const at = Math.max(0, (page - 1) * size - skip);
  return { data: all.slice(at, (page - 1) * size + size - skip), paginationData: { totalItems: all.length, totalPages: Math.ceil(all.length / size), pageSize: size, currentPage: page, hasNextPage: page * size < all.length } };
};

function list({ world, query, rude }: RestAsk): RestAnswer {
  const [from, to, page, size] = ['startTime', 'endTime', 'page', 'pageSize'].map((k) => Number(query.get(k) ?? Number.NaN)) as [number, number, number, number];
  const [states, by, order, scope] = ['orderStatus', 'sortBy', 'sortOrder', 'scopeSet'].map((k) => query.get(k) ?? '') as [string, string, string, string];
  if (states === '' || (by !== 'modifiedTime' && by !== 'createdTime') || (order !== 'asc' && order !== 'desc')) return no('10201001002', 'orderStatus、sortBy、sortOrder 不能为空');
  if (scope === '') return no('10201001017', 'scopeSet 不能为空');
  if (!(from > 1e12) || !(to >= from) || to - from > 31 * DAY_MS) return no('10201001005', '查询时间间隔不能超过一个月');
  if (!(size >= 1 && size <= 100) || !(page >= 1)) return no('10201001008', 'page 或 pageSize 不对');
  happen(world, rude, CHANNEL, from, to);
  const at = by === 'modifiedTime' ? 'modifiedAt' : 'placedAt';
  const shown = world.now().getTime() - rude.lateMs;
  const all = world.between(CHANNEL, at, from, to).filter((o) => o.paidAt !== undefined && o[at].getTime() <= shown && (states === 'ALL' || states.split(',').includes(stateWord(o))));
  const sorted = order === 'desc' ? [...all].reverse() : all;
  if ((page - 1) * size >= sorted.length && page > 1) return { ...pages(sorted, page, size), data: [] };
  return pages(sorted.map((o) => scoped(restOrder(o), scope, ['paymentDetailList'])), page, size, rude.repeat && page > 1 ? 1 : 0);
}
function get({ world, query, orderId, rude, token }: RestAsk): RestAnswer {
  const order = mine(world, orderId);
  if (!order) return no('10201001018', `订单不存在${rude.echo ? ` ${token}` : ''}`);
  return (query.get('scopeSet') ?? '') === '' ? no('10201001017', 'scopeSet 不能为空') : { data: scoped(restOrder(order), query.get('scopeSet')!) };
}

type Goods = { readonly skuId?: unknown; readonly skuUuid?: string; readonly skuNum?: number };
type Package = { readonly shipmentId?: number; readonly companyId?: string; readonly waybillCode?: string; readonly outboundGoodsFacetDTOList?: readonly Goods[] };
const shipmentOf = (body: RestAsk['body']): { readonly shipmentType?: number; readonly packageInfoList?: readonly Package[] } => (body['orderShipmentDTO'] ?? {}) as { shipmentType?: number; packageInfoList?: Package[] };
function wrongPackage(p: Package): RestAnswer | undefined {
  if (!CARRIERS.some((c) => String(c.logistics_id) === p.companyId)) return no('10202011003', '承运商不在商家的承运商列表中');
  return /^[A-Za-z0-9]{8,24}$/.test(p.waybillCode ?? '') ? undefined : no('10202011004', '运单号不合法');
}
function ship({ world, body, orderId }: RestAsk): RestAnswer {
  const { shipmentType, packageInfoList = [] } = shipmentOf(body);
  const order = mine(world, orderId);
  if (!order) return no('10202011001', '订单不存在');
  if ((shipmentType !== 1 && shipmentType !== 2) || packageInfoList.length === 0) return no('10202011002', '发货类型或包裹不对');
  if (stateWord(order) === 'LOCKED') return no('10202011009', '订单已锁定');
  if (order.state !== 'to_ship' && order.state !== 'partly_shipped') return no('10202011005', '订单已出库');
  for (const p of packageInfoList) {
    const wrong = wrongPackage(p) ?? (shipmentType === 2 ? wrongGoods(order, p) : undefined);
    if (wrong) return wrong;
    const quantities = Object.fromEntries((p.outboundGoodsFacetDTOList ?? []).map((g) => [g.skuUuid!, g.skuNum!]));
    world.apply({ do: 'ship', input: { tid: order.tid, courier: p.companyId!, trackingNumber: p.waybillCode!, ...(shipmentType === 1 ? { oids: order.lines.map((l) => l.oid) } : { oids: Object.keys(quantities), quantities }) } });
  }
  return { data: { venderId: Number(VENDER), orderId: Number(orderId) } };
}
function wrongGoods(order: WorldOrder, p: Package): RestAnswer | undefined {
  const goods = p.outboundGoodsFacetDTOList ?? [];
  for (const g of goods) {
    const line = order.lines.find((l) => l.oid === g.skuUuid && Number(l.skuId) === g.skuId);
    const gone = order.shipments.reduce((n, s) => n + (s.oids.includes(g.skuUuid ?? '') ? s.quantities?.[g.skuUuid!] ?? line?.quantity ?? 0 : 0), 0);
    if (!line || !((g.skuNum ?? 0) > 0) || g.skuNum! > line.quantity - gone) return no('10202011010', '商品或数量不正确');
  }
  return goods.length === 0 ? no('10202011010', '分批次出库要有商品') : undefined;
}
function renumber({ world, body, orderId }: RestAsk): RestAnswer {
  const { shipmentType, packageInfoList = [] } = shipmentOf(body);
  const [order, p] = [mine(world, orderId), packageInfoList[0]];
  if (!order || order.shipments.length === 0) return no('10202011006', '订单状态不允许修改运单号');
  if (!p || (p.outboundGoodsFacetDTOList ?? []).length === 0) return no('1020010002', '参数缺失');
  const was = shipmentType === 2 ? order.shipments[(p.shipmentId ?? 0) - 1] : order.shipments[0];
  if (!was) return no('10202011008', '批次不存在');
  const wrong = wrongPackage({ ...p, waybillCode: (p.waybillCode ?? '').split(',')[0]! });
  if (wrong) return wrong;
  const fresh = (p.waybillCode ?? '').split(',').find((n) => !order.shipments.some((s) => s.trackingNumber === n));
  if (fresh) world.apply({ do: 'renumber', tid: order.tid, was: was.trackingNumber, trackingNumber: fresh });
  return { data: { venderId: Number(VENDER), orderId: Number(orderId) } };
}

function memo({ world, body, orderId }: RestAsk): RestAnswer {
  const { remark, flagId } = (body['orderVenderRemarkDTO'] ?? {}) as { remark?: string; flagId?: number };
  if (!mine(world, orderId) || remark === undefined || !((flagId ?? 0) >= 0 && (flagId ?? 0) <= 5)) return no('10201011001', '订单不存在或备注不对');
  world.apply({ do: 'memo', tid: orderId, memo: remark, flag: flagId ?? 0 });
  return { data: { venderId: Number(VENDER), orderId: Number(orderId), remark, flagId } };
}
function stock({ world, body }: RestAsk): RestAnswer {
  const all = (body['putSkuStockList'] ?? []) as readonly { readonly skuId: unknown; readonly stockNum?: number }[];
  if (body['updateModel'] !== 'fullStockIn' || !body['stockRfID'] || all.length === 0 || all.length > 30) return no('10110001001', '参数不正确，一次 1 到 30 个 SKU');
  const good = all.filter((s) => typeof s.skuId === 'number' && Number.isInteger(s.stockNum) && s.stockNum! >= 0);
  for (const s of good) world.apply({ do: 'quantity', sku: String(s.skuId), quantity: s.stockNum! });
  const bad = all.filter((s) => !good.includes(s));
  return { data: good.map((s) => ({ skuId: s.skuId })), ...(bad.length > 0 ? { errorList: bad.map((s) => ({ code: '10110001004', message: 'SKU 不存在或库存数不对', details: String(s.skuId) })) } : {}) };
}

function afterSales({ world, query }: RestAsk): RestAnswer {
  const [from, to, page, size] = ['updateStartTime', 'updateEndTime', 'page', 'pageSize'].map((k) => Number(query.get(k) ?? Number.NaN)) as [number, number, number, number];
  if (!(to >= from) || !(size >= 1 && size <= 50) || !(page >= 1)) return no('10301001001', '参数不正确');
  const within = (at: Date): boolean => { const t = Math.floor(at.getTime() / 1000) * 1000; return t >= from - 999 && t <= to; };
  return pages(world.orders(CHANNEL).flatMap((o) => o.refunds.filter((r) => within(r.modifiedAt)).map((r) => afterBody(o, r))), page, size);
}
function addresses({ world, query }: RestAsk): RestAnswer {
  for (const name of ['receiptType', 'sceneType', 'expiration', 'appName', 'dcryptOrderOaidList']) if ((query.get(name) ?? '') === '') return no('10212001001', `${name} 不能为空`);
  return { data: query.get('dcryptOrderOaidList')!.split(',').flatMap((entry) => {
    const [orderId = '', oaid = ''] = entry.split(':');
    const order = mine(world, orderId);
    if (!order || oaidOf(order) !== oaid) return [];
    const r = order.receiver;
    return [{ orderId: Number(orderId), oaid, customerName: r.name, customerMobilePhone: r.phone, address: r.address, privacyProtection: false, customerPhone: '', expiration: 3600 }];
  }) };
}

/** At most so many rows in one answer, whatever was asked for. */
const BILL_PAGE = 20;
function bills({ world, query }: RestAsk): RestAnswer {
  const [from, to, type] = [Number(query.get('startTime')), Number(query.get('endTime')), query.get('type')];
  if (query.get('venderId') !== VENDER) return no('10803001002', 'venderId 不对');
  if ((type !== '1' && type !== '2') || !(from > 1e12) || !(to >= from)) return no('10803001001', '参数不正确');
  const month = (t: number): string => new Date(t + 28_800_000).toISOString().slice(0, 7);
  if (month(from) !== month(to)) return no('10803001006', '时间范围不支持跨月');
  const settled = world.payments(new Date(from), new Date(to + 1), 'wallet').filter((p) => p.channel === CHANNEL).map((p) => billRow(world.order(p.tid)!, p));
  const waiting = world.orders(CHANNEL).filter((o) => o.state === 'shipped' && o.modifiedAt.getTime() >= from && o.modifiedAt.getTime() <= to).slice(0, 3).map((o) => billRow(o, undefined));
  const [all, at] = [[...waiting, ...settled], Number(/^c(\d+)$/.exec(query.get('cursor') ?? '')?.[1] ?? 0)];
  const next = at + BILL_PAGE;
  return { data: all.slice(at, next), paginationData: { totalItems: all.length, pageSize: BILL_PAGE, ...(next < all.length ? { nextCursor: `c${next}` } : {}) } };
}

type Route = { readonly verb: string; readonly path: RegExp; readonly name: string; readonly answer: (ask: RestAsk) => RestAnswer };
const route = (verb: string, path: RegExp, name: string, answer: Route['answer']): Route => ({ verb, path, name, answer });
export const ROUTES: readonly Route[] = [
  route('GET', /^\/sp-order\/v0\/orders$/, 'listOrders', list), route('GET', /^\/sp-order\/v0\/orders\/(\w+)$/, 'getOrder', get), route('POST', /^\/sp-order\/v0\/orders\/(\w+)\/shipments$/, 'postOrderShipment', ship), route('PUT', /^\/sp-order\/v0\/orders\/(\w+)\/shipments$/, 'putOrderShipment', renumber),
  route('GET', /^\/sp-order\/v0\/carriers$/, 'listCarriers', () => ({ data: CARRIERS.map((c) => ({ id: c.logistics_id, providerCode: '', providerName: c.logistics_name, providerType: 1, operationType: 1 })) })),
  route('PUT', /^\/sp-order\/v0\/orders\/(\w+)\/vender-remarks$/, 'putOrderVenderRemark', memo), route('PUT', /^\/sp-product\/v0\/sku-stocks\/batch$/, 'batchPutSkuStock', stock), route('GET', /^\/sp-aftercare\/v0\/afs-orders$/, 'listAfsOrders', afterSales),
  route('GET', /^\/sp-order\/v0\/order-oaid-addresses$/, 'listOrderOaidAddresses', addresses), route('GET', /^\/sp-finance\/v0\/bills$/, 'listBills', bills),
];
