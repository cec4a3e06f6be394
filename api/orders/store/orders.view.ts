import { holdText } from '../../contract/holds.ts';
import type { Both } from '../../contract/route.ts';
import { kindNow } from '../../rules/index.ts';
import { Shops } from '../../shops/index.ts';
import { dueOf } from '../domain/due.ts';
import { isGiftLine } from '../domain/gifts.ts';
import { clearText, linkText, whySentence } from '../domain/why.ts';
import { ROUTE_WORDS } from '../domain/route.ts';
import { Waybills, type WaybillDoc } from './waybill-models.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc, type RefundDoc } from './models.ts';

const iso = (d: Date | null | undefined): string | undefined => d?.toISOString();
const maybe = <K extends string>(key: K, d: Date | null | undefined): Partial<Record<K, string>> => (d ? ({ [key]: d.toISOString() } as Partial<Record<K, string>>) : {});
const joined = (list: readonly Both[], mark = '、'): Both => ({ zh: list.map((t) => t.zh).join(mark), en: list.map((t) => t.en).join(', ') });

function stageOf(o: OrderDoc, parcels: readonly ParcelDoc[]): string {
  if (o.status === 'closed') return 'closed';
  if (o.fulfilledElsewhere) return 'elsewhere';
  if (o.status === 'unpaid') return 'unpaid';
  if (parcels.length > 0) return parcels.map((p) => p.state).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0]!;
  return o.reviewState === 'passed' ? 'unplanned' : o.reviewState;
}
const ORDER = ['planned', 'reserved', 'waybilled', 'printed', 'packed', 'shipped', 'delivered', 'returned', 'cancelled'];

const firstDay = (o: OrderDoc): Date | undefined => o.lines.flatMap((l) => dueOf({ ...o, released: [] }, l) ?? []).sort((a, b) => a.getTime() - b.getTime())[0];

export async function orderRows(docs: OrderDoc[]) {
  const [kind, shops, parcels] = await Promise.all([kindNow('order-review'), Shops.find({}).lean(), Parcels.find({ _id: { $in: docs.flatMap((d) => d.parcelIds) } }).lean<ParcelDoc[]>()]);
  const byId = new Map(parcels.map((p) => [p._id, p]));
  return docs.map((o) => {
    const own = o.parcelIds.flatMap((id) => byId.get(id) ?? []);
    return {
      id: o._id, shopId: o.shopId, shopName: shops.find((s) => s._id === o.shopId)?.name ?? '', channel: o.channel, platformOrderId: o.platformOrderId, platformStatus: o.platformStatus, status: o.status, reviewState: o.reviewState,
      holds: o.holds.map((h) => ({ code: h.code, zh: holdText(h.code).zh, en: holdText(h.code).en, how: clearText(h), by: h.by ?? 'anyone', itself: h.itself ?? false, row: h.row, version: h.version, note: h.note, at: h.at.toISOString() })),
      holdText: joined(o.holds.map((h) => ({ zh: holdText(h.code).zh, en: holdText(h.code).en }))), placedAt: o.placedAt.toISOString(), ...maybe('paidAt', o.paidAt), modifiedAt: o.modifiedAt.toISOString(), ...maybe('shipByAt', o.shipByAt), ...maybe('shipFromAt', firstDay(o)), receivedFen: o.step ? o.step.receivedFen : o.paidAt ? o.paidFen : 0,
      paidFen: o.paidFen, freightFen: o.freightFen, discountFen: o.discountFen, commissionFen: o.commissionFen,
      lines: o.lines.map((l) => ({ platformLineId: l.platformLineId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId, merchantCode: l.merchantCode, title: l.title, properties: l.properties, skuCode: l.skuCode, quantity: l.quantity, unitPriceFen: l.unitPriceFen, paidFen: l.paidFen, refundState: l.refundState, refundFen: l.refundFen })),
      lineText: o.lines.map((l) => `${l.skuCode ?? l.title}×${l.quantity}`).join('；'), pieces: o.lines.reduce((n, l) => n + l.quantity, 0), buyerNick: o.shownBuyer, buyerMessage: o.buyerMessage, sellerMemo: o.sellerMemo, sellerFlag: o.sellerFlag,
      receiver: { name: o.receiver.shownName, province: o.receiver.province, city: o.receiver.city, district: o.receiver.district, address: o.receiver.shownAddress }, customerId: o.customerId,
      parcels: own.map((p) => ({ id: p._id, state: p.state, warehouseCode: p.warehouseCode, courierCode: p.courierCode, trackingNumber: p.trackingNumber })),
      warehouse: o.chosenWarehouse || [...new Set(own.map((p) => p.warehouseCode))].join('+'), courier: o.chosenCourier || [...new Set(own.map((p) => p.courierCode))].join('+'), tracking: own.map((p) => p.trackingNumber).filter(Boolean).join('；'),
      tags: o.ruled?.tags ?? [], gifts: (o.ruled?.gifts ?? []).map((g) => ({ skuCode: g.skuCode, quantity: g.quantity })), stage: stageOf(o, own), fulfilledElsewhere: o.fulfilledElsewhere, why: whySentence(o, kind), linkedText: o.linkedTo ? linkText(o.linkedTo) : { zh: '', en: '' }, ...(o.linkedTo ? { linkedTo: o.linkedTo.orderId } : {}), revision: o.revision, changedAt: o.changedAt.toISOString(),
    };
  });
}

export async function parcelRows(docs: ParcelDoc[]) {
  const waits = new Map((await Waybills.find({ parcelId: { $in: docs.filter((d) => d.trackingNumber === '').map((d) => d._id) }, state: { $in: ['asked', 'refused'] } }).lean<WaybillDoc[]>()).map((w) => [w.parcelId, w.words]));
  const orders = await Orders.find({ _id: { $in: docs.flatMap((d) => d.orderIds) } }).lean<OrderDoc[]>();
  return docs.map((p) => {
    const own = orders.filter((o) => p.orderIds.includes(o._id));
    const r = own[0]?.receiver;
    const words = { waiting: { zh: '待回传', en: 'waiting' }, accepted: { zh: '已回传', en: 'accepted' }, refused: { zh: '被拒', en: 'refused' } } as const;
    return {
      id: p._id, shopIds: [...p.shopIds], state: p.state, warehouseCode: p.warehouseCode, courierCode: p.courierCode, trackingNumber: p.trackingNumber, freightFen: p.freightFen, weightGrams: p.weightGrams, lines: p.lines.map((l) => ({ ...l, gift: isGiftLine(l.platformLineId) })),
      orderText: own.map((o) => o.platformOrderId).join('；'), lineText: p.lines.map((l) => `${l.skuCode}×${l.quantity}${isGiftLine(l.platformLineId) ? '(赠 gift)' : ''}`).join('；'), pieces: p.lines.reduce((n, l) => n + l.quantity, 0), receiver: { name: r?.shownName ?? '', province: r?.province ?? '', city: r?.city ?? '', district: r?.district ?? '' },
      pushes: p.pushes.map((x) => ({ platformOrderId: x.platformOrderId, state: x.state, tries: x.tries, words: x.words })), pushText: joined(p.pushes.map((x) => words[x.state]), '；'), ...(p.alarm ? { alarm: p.alarm } : {}), alarmText: p.alarm ?? { zh: '', en: '' },
      shortText: p.shortages.map((s) => `${s.skuCode} ${s.available}/${s.wanted}`).join('；'), waybillText: { zh: waits.get(p._id) ?? '', en: waits.get(p._id) ?? '' }, routeState: p.route?.state ?? '', routeText: p.route ? { zh: `${ROUTE_WORDS[p.route.state].zh} ${p.route.words}`, en: `${ROUTE_WORDS[p.route.state].en} ${p.route.words}` } : { zh: '', en: '' }, ...maybe('routeAt', p.route?.at),
      ...maybe('printedAt', p.prints.at(-1)), ...maybe('shippedAt', p.shippedAt),
      why: { zh: `仓库 ${p.warehouseCode}（${p.decision.warehouse}），快递 ${p.courierCode}（${p.decision.courier}）`, en: `warehouse ${p.warehouseCode} (${p.decision.warehouse}), courier ${p.courierCode} (${p.decision.courier})` }, revision: p.revision, changedAt: p.changedAt.toISOString(),
    };
  });
}

export async function refundRows(docs: RefundDoc[]) {
  const [shops, orders] = await Promise.all([Shops.find({}, { name: 1 }).lean(), Orders.find({ _id: { $in: docs.map((d) => d.orderId).filter(Boolean) } }, { lines: 1 }).lean<Pick<OrderDoc, '_id' | 'lines'>[]>()]);
  const [names, lines] = [new Map(shops.map((s) => [s._id, s.name])), new Map(orders.map((o) => [o._id, o.lines]))];
  const goods = (r: RefundDoc): string => (lines.get(r.orderId) ?? []).filter((l) => l.platformLineId === r.platformLineId).map((l) => `${l.skuCode ?? l.title}×${l.quantity}`).join('；');
  return docs.map((r) => refundRow(r, names.get(r.shopId) ?? '', goods(r)));
}
/** What changes is the order: its lines come together, and again with each change of it. */
export async function orderLineRows(docs: OrderDoc[]) {
  const names = new Map((await Shops.find({}, { name: 1 }).lean()).map((s) => [s._id, s.name]));
  return docs.flatMap((o) => o.lines.map((l) => ({
    id: `${o._id}:${l.platformLineId}`, orderId: o._id, platformOrderId: o.platformOrderId, shopName: names.get(o.shopId) ?? '', placedAt: o.placedAt.toISOString(), platformLineId: l.platformLineId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId, merchantCode: l.merchantCode, title: l.title, properties: l.properties, skuCode: l.skuCode,
    quantity: l.quantity, unitPriceFen: l.unitPriceFen, paidFen: l.paidFen, refundState: l.refundState, refundFen: l.refundFen, shipped: l.shipped, reviewState: o.reviewState, revision: o.revision, changedAt: o.changedAt.toISOString(),
  })));
}
const refundRow = (r: RefundDoc, shopName: string, lineText: string) => ({
  id: r._id, shopId: r.shopId, shopName, lineText, platformRefundId: r.platformRefundId, orderId: r.orderId, platformOrderId: r.platformOrderId, platformLineId: r.platformLineId, state: r.state, refundFen: r.refundFen, reason: r.reason, hasGoodsReturn: r.hasGoodsReturn, answer: r.answer?.answer ?? '', answerWho: r.answer?.who ?? '', answerRow: r.answer?.row ?? '',
  requestedAt: r.requestedAt.toISOString(), modifiedAt: r.modifiedAt.toISOString(), revision: r.revision, changedAt: r.changedAt.toISOString(),
});
export { iso };
