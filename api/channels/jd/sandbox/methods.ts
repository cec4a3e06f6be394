/** The methods of routerjson that the stand-in knows, each checking its own arguments as JD does. */
import { happen, type Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';
import { applyBody, moneyBody, oaidOf, onlyFields, orderBody, serviceBody, stateWord } from './bodies.ts';

export type Args = Readonly<Record<string, unknown>>;
export type Ask = { readonly world: World; readonly args: Args; readonly rude: Unfriendly };
export type MethodAnswer = { readonly key: string; readonly body: Record<string, unknown> } | { readonly error: readonly [code: string, words: string] };
const CHANNEL = 'jd';
const VENDER = '18003';
const DAY_MS = 86_400_000;
const text = (args: Args, key: string): string => (args[key] === undefined || args[key] === null ? '' : String(args[key]));
const instant = (t: string): number => Date.parse(`${t.replace(' ', 'T')}+08:00`);
const missing = (name: string): MethodAnswer => ({ error: ['60', `参数 ${name} 缺失`] });
const fine = { success: true, numberCode: 0, chineseErrCode: '成功', englishErrCode: 'success' };
const refused = (errorCode: string, chineseErrCode: string) => ({ success: false, errorCode, chineseErrCode, englishErrCode: '' });
const mine = (world: World, id: string): WorldOrder | undefined => (world.order(id)?.channel === CHANNEL ? world.order(id) : undefined);

function search({ world, args, rude }: Ask): MethodAnswer {
  for (const name of ['start_date', 'end_date', 'order_state', 'optional_fields', 'page', 'page_size']) if (text(args, name) === '') return name === 'optional_fields' ? { error: ['68', 'optional_fields 无效'] } : missing(name);
  const [from, to, page, size] = [instant(text(args, 'start_date')), instant(text(args, 'end_date')), Number(args['page']), Number(args['page_size'])];
  const result = (body: Record<string, unknown>): MethodAnswer => ({ key: 'jingdong_pop_order_search_responce', body: { searchorderinfo_result: body } });
  if (Number.isNaN(from) || to < from || to - from > 31 * DAY_MS) return result({ apiResult: { ...refused('10100005', '查询时间间隔不能超过一个月'), numberCode: 10100005 } });
  if (!(size >= 1 && size <= 100) || page < 1) return result({ apiResult: { ...refused('10100006', 'page_size 必须在 1 到 100 之间'), numberCode: 10100006 } });
  if (page > 300) return result({ apiResult: fine, orderTotal: 0, orderInfoList: [] });
  happen(world, rude, CHANNEL, from, to);
  const by = text(args, 'dateType') === '1' ? 'placedAt' : 'modifiedAt';
  const shown = world.now().getTime() - rude.lateMs;
  const states = text(args, 'order_state').split(',');
  const all = world.between(CHANNEL, by, from, to).filter((o) => o.paidAt !== undefined && o[by].getTime() <= shown && (states.includes('ALL') || states.includes(stateWord(o))));
  const sorted = text(args, 'sortType') === '1' ? [...all].reverse() : all;
  const at = (page - 1) * size;
  const rows = sorted.slice(rude.repeat && at > 0 ? at - 1 : at, at + size);
  // Nothing found: the list is missing altogether, now and then.
  return result({ apiResult: fine, orderTotal: all.length, ...(all.length === 0 && rude.newField ? {} : { orderInfoList: rows.map((o) => onlyFields(orderBody(o), text(args, 'optional_fields'))) }) });
}

function get({ world, args, rude }: Ask): MethodAnswer {
  if (text(args, 'optional_fields') === '') return { error: ['68', 'optional_fields 无效'] };
  const order = mine(world, text(args, 'order_id'));
  const apiResult = order ? fine : { success: false, numberCode: 10300001, chineseErrCode: `订单不存在${rude.echo ? ` ${text(args, '__token')}` : ''}` };
  return { key: 'jingdong_pop_order_get_responce', body: { orderDetailInfo: { apiResult, ...(order ? { orderInfo: onlyFields(orderBody(order), text(args, 'optional_fields')) } : {}) } } };
}

function ship({ world, args }: Ask): MethodAnswer {
  const answer = (result: Record<string, unknown>): MethodAnswer => ({ key: 'jingdong_pop_order_shipment_responce', body: { sopjosshipment_result: result } });
  for (const name of ['orderId', 'logiCoprId', 'logiNo']) if (text(args, name) === '') return missing(name);
  const order = mine(world, text(args, 'orderId'));
  if (!order) return answer(refused('10400002', '订单不存在'));
  if (!CARRIERS.some((c) => String(c.logistics_id) === text(args, 'logiCoprId'))) return answer(refused('10400010', '承运商不在商家的承运商列表中'));
  if (!/^[A-Za-z0-9]{8,24}$/.test(text(args, 'logiNo'))) return answer(refused('10400011', '运单号不合法'));
  if (stateWord(order) === 'LOCKED') return answer(refused('10400009', '订单已锁定'));
  if (order.state !== 'to_ship' && order.state !== 'partly_shipped') return answer(refused('10400001', '订单已出库'));
  world.apply({ do: 'ship', input: { tid: order.tid, courier: text(args, 'logiCoprId'), trackingNumber: text(args, 'logiNo'), oids: order.lines.map((l) => l.oid) } });
  return answer({ success: 'true', errorCode: '0', chineseErrCode: 'SOP订单 订单出库成功', englishErrCode: '' });
}

type Goods = { readonly skuId: string; readonly skuUuid: string; readonly num: number };
type Numbered = { readonly deliveryId: string; readonly deliveryNums: readonly string[]; readonly partialShipmentGoodsList: readonly Goods[] };
function shipPart({ world, args }: Ask): MethodAnswer {
  const answer = (result: Record<string, unknown>): MethodAnswer => ({ key: 'jingdong_pop_order_partial_outship_responce', body: { partial_outship_result: result } });
  const request = args['request'] as { readonly belongType?: number; readonly data?: readonly { readonly orderIds: readonly string[]; readonly deliveryType: number; readonly deliveryNumberDtoList: readonly Numbered[] }[] } | undefined;
  const entry = request?.data?.[0];
  const order = entry ? mine(world, String(entry.orderIds[0])) : undefined;
  if (!request || request.belongType !== 200 || !entry || entry.deliveryType !== 5) return missing('request');
  if (!order) return answer(refused('10400002', '订单不存在'));
  if (stateWord(order) === 'LOCKED') return answer(refused('10400009', '订单已锁定'));
  if (order.state !== 'to_ship' && order.state !== 'partly_shipped') return answer(refused('10400001', '订单已出库'));
  for (const d of entry.deliveryNumberDtoList) {
    for (const g of d.partialShipmentGoodsList) {
      const line = order.lines.find((l) => l.oid === String(g.skuUuid) && l.skuId === String(g.skuId));
      const gone = order.shipments.reduce((n, s) => n + (s.oids.includes(String(g.skuUuid)) ? s.quantities?.[String(g.skuUuid)] ?? line?.quantity ?? 0 : 0), 0);
      if (!line || !(g.num > 0) || g.num > line.quantity - gone) return answer(refused('10400015', '商品或数量不正确'));
    }
    const quantities = Object.fromEntries(d.partialShipmentGoodsList.map((g) => [String(g.skuUuid), g.num]));
    world.apply({ do: 'ship', input: { tid: order.tid, courier: String(d.deliveryId), trackingNumber: d.deliveryNums[0] ?? '', oids: Object.keys(quantities), quantities } });
  }
  return answer({ success: true, errorCode: '0', chineseErrCode: '', englishErrCode: '' });
}

function renumber({ world, args }: Ask): MethodAnswer {
  const answer = (result: Record<string, unknown>): MethodAnswer => ({ key: 'order_sop_waybill_update_response', body: { code: '0', result } });
  for (const name of ['order_id', 'logistics_id', 'waybill', 'trade_no']) if (text(args, name) === '') return missing(name);
  const order = mine(world, text(args, 'order_id'));
  if (!order || order.state !== 'shipped') return answer(refused('10400014', '订单状态不允许修改运单号'));
  const numbers = text(args, 'waybill').split(/[|,]/);
  const [gone, fresh] = [order.shipments.filter((s) => !numbers.includes(s.trackingNumber)), numbers.filter((n) => !order.shipments.some((s) => s.trackingNumber === n))];
  gone.forEach((s, i) => fresh[i] && world.apply({ do: 'renumber', tid: order.tid, was: s.trackingNumber, trackingNumber: fresh[i] }));
  return answer({ success: true, errorCode: '0' });
}

export const CARRIERS = [[463, '圆通快递'], [465, '邮政EMS'], [467, '顺丰快递'], [470, '申通快递'], [1327, '韵达快递'], [1499, '中通速递'], [2087, '京东快递'], [773574, '极兔速递']].map(([logistics_id, logistics_name], i) => ({ logistics_id, logistics_name, logistics_remark: '', sequence: String(i), agree_flag: 1, is_cod: false }));
const carriers = (): MethodAnswer => ({ key: 'delivery_logistics_get_response', body: { code: '0', logistics_companies: { vender_id: VENDER, logistics_list: CARRIERS } } });

function memo({ world, args }: Ask): MethodAnswer {
  const order = mine(world, text(args, 'orderId'));
  const flag = Number(args['flag']);
  if (order && flag >= 0 && flag <= 5) world.apply({ do: 'memo', tid: order.tid, memo: text(args, 'remark'), flag });
  return { key: 'jingdong_pop_order_modifyVenderRemark_responce', body: { modifyvenderremark_result: order && flag >= 0 && flag <= 5 ? fine : refused('10500001', '订单不存在或旗帜不对') } };
}

function stock({ world, args }: Ask): MethodAnswer {
  const req = args['req'] as { readonly updateModel?: string; readonly stockRfId?: string; readonly skuStocks?: readonly { readonly skuId: string; readonly stockNum: number }[] } | undefined;
  if (!req?.stockRfId || req.updateModel !== 'fullStockIn' || !req.skuStocks?.length) return missing('req');
  if (req.skuStocks.length > 30) return { error: ['61', '一次最多 30 个 SKU'] };
  const updateStockResult = req.skuStocks.map(({ skuId, stockNum }) => {
    const ok = Number.isInteger(stockNum) && stockNum >= 0 && !String(skuId).endsWith('gone');
    if (ok) world.apply({ do: 'quantity', sku: String(skuId), quantity: stockNum });
    return { data: String(skuId), success: ok, message: ok ? '' : 'SKU 不存在或库存数不对' };
  });
  return { key: 'jingdong_ware_stock_sku_set_responce', body: { returnType: { success: true, obj: { updateStockResult } } } };
}

function applications({ world, args }: Ask): MethodAnswer {
  const [page, size] = [Number(args['pageIndex']), Number(args['pageSize'])];
  if (!(size >= 1 && size <= 50) || !(page >= 1 && page <= 100)) return { error: ['61', 'pageIndex 1 到 100，pageSize 1 到 50'] };
  const within = (value: unknown, start: string, end: string): boolean => {
    if (text(args, start) === '') return true;
    const at = typeof value === 'string' ? instant(value) : Number.NaN;
    return at >= instant(text(args, start)) && at <= instant(text(args, end));
  };
  const all = world.orders(CHANNEL).flatMap((o) => o.refunds.filter((r) => !r.goodsReturn).map((r) => applyBody(o, r))).filter((b) => within(b['applyTime'], 'applyTimeStart', 'applyTimeEnd') && within(b['checkTime'], 'checkTimeStart', 'checkTimeEnd') && (text(args, 'status') === '' || String(b['status']) === text(args, 'status')));
  return { key: 'jingdong_pop_afs_soa_refundapply_queryPageList_responce', body: { queryResult: { success: true, totalCount: all.length, result: all.slice((page - 1) * size, page * size) } } };
}
function services({ world, args }: Ask): MethodAnswer {
  if (text(args, 'buId') !== VENDER || text(args, 'operatePin') === '') return { error: ['71', '商家编号不对'] };
  const [from, to, page, size] = [instant(text(args, 'updateTimeBegin')), instant(text(args, 'updateTimeEnd')), Number(args['pageNumber']), Number(args['pageSize'])];
  const all = world.orders(CHANNEL).flatMap((o) => o.refunds.filter((r) => r.goodsReturn).map((r) => ({ at: Math.floor(r.modifiedAt.getTime() / 1000) * 1000, body: serviceBody(o, r) }))).filter((s) => s.at >= from && s.at <= to);
  return { key: 'jingdong_asc_sync_list_responce', body: { pageResult: { totalCount: all.length, data: all.slice((page - 1) * size, page * size).map((s) => s.body) } } };
}
function serviceMoney({ world, args }: Ask): MethodAnswer {
  const order = mine(world, text(args, 'orderId'));
  const data = order ? order.refunds.filter((r) => r.goodsReturn).map((r) => moneyBody(order, r)) : [];
  return { key: 'jingdong_asc_serviceAndRefund_view_responce', body: { pageResult: { totalCount: data.length, data } } };
}

function decrypt({ world, args }: Ask): MethodAnswer {
  const asked = (args['getReceiverInfoListReqVO'] as { readonly orderInfos?: readonly { readonly orderId: string; readonly oaid: string }[] } | undefined)?.orderInfos ?? [];
  const data = asked.map(({ orderId, oaid }) => {
    const order = mine(world, orderId);
    if (!order || oaidOf(order) !== oaid) return { orderId, matched: false };
    const r = order.receiver;
    return { orderId, matched: true, fullname: r.name, mobile: r.phone, province: r.province, city: r.city, county: r.district, town: r.town, fullAddress: r.address };
  });
  return { key: 'jingdong_jos_order_oaid_decrypt_responce', body: { response: { success: true, data } } };
}

export const METHODS: Readonly<Record<string, (ask: Ask) => MethodAnswer>> = {
  'jingdong.pop.order.search': search, 'jingdong.pop.order.get': get, 'jingdong.pop.order.shipment': ship, 'jingdong.pop.order.partial.outship': shipPart, '360buy.order.sop.waybill.update': renumber, '360buy.delivery.logistics.get': carriers, 'jingdong.pop.order.modifyVenderRemark': memo,
  'jingdong.ware.stock.sku.set': stock, 'jingdong.pop.afs.soa.refundapply.queryPageList': applications, 'jingdong.asc.sync.list': services, 'jingdong.asc.serviceAndRefund.view': serviceMoney, 'jingdong.jos.order.oaid.decrypt': decrypt,
};
