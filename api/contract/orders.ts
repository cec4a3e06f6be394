import * as z from 'zod';
import { both, fen, idParams, instant, listRoute, route } from './route.ts';

export const ReviewState = z.enum(['pending', 'passed', 'held', 'cancelled']);
export const HoldRow = z.object({ code: z.string(), zh: z.string(), en: z.string(), how: both.describe('who can clear it, and how'), by: z.string(), itself: z.boolean().describe('ends by itself when its reason is gone'), row: z.string(), version: z.number(), note: z.string(), at: instant });
export const OrderLineRow = z.object({
  platformLineId: z.string(), platformItemId: z.string(), platformSkuId: z.string(), merchantCode: z.string(), title: z.string(), properties: z.string(), skuCode: z.string().nullable(), quantity: z.number().int(),
  unitPriceFen: fen, paidFen: fen, refundState: z.string(), refundFen: fen,
});
export const ParcelBrief = z.object({ id: z.string(), state: z.string(), warehouseCode: z.string(), courierCode: z.string(), trackingNumber: z.string() });
export const OrderRow = z.object({
  id: z.string(), shopId: z.string(), shopName: z.string(), channel: z.string(), platformOrderId: z.string(), platformStatus: z.string(), status: z.string(), reviewState: ReviewState, holds: z.array(HoldRow), holdText: both,
  placedAt: instant, paidAt: instant.optional(), modifiedAt: instant, shipByAt: instant.optional(), shipFromAt: instant.optional().describe('does not leave before this day'), receivedFen: fen.describe('what has come in; of a presale perhaps the deposit only'), paidFen: fen, freightFen: fen, discountFen: fen, commissionFen: fen, lines: z.array(OrderLineRow), lineText: z.string(), pieces: z.number().int(),
  buyerNick: z.string(), buyerMessage: z.string(), sellerMemo: z.string(), sellerFlag: z.number(), receiver: z.object({ name: z.string(), province: z.string(), city: z.string(), district: z.string(), address: z.string() }),
  customerId: z.string(), parcels: z.array(ParcelBrief), warehouse: z.string(), courier: z.string(), tracking: z.string(), tags: z.array(z.string()), gifts: z.array(z.object({ skuCode: z.string(), quantity: z.number() })), stage: z.string(), fulfilledElsewhere: z.boolean(), why: both, linkedText: both, linkedTo: z.string().optional().describe('the order that this one follows: sent again, or exchanged'), revision: z.number(), changedAt: instant,
});
export const WhyAnswer = z.object({ orderId: z.string(), sentence: both, table: z.string(), version: z.number(), rows: z.array(z.object({ row: z.string(), place: z.number(), table: z.string(), version: z.number(), hold: z.string(), zh: z.string(), en: z.string(), note: z.string(), clear: both, lookedText: both, looked: z.record(z.string(), z.unknown()) })), at: instant.optional() });
export const OrdersSummary = z.object({
  decided: z.number(), passedByThemselves: z.number(), passedShare: z.number().describe('rate per 10,000'),
  held: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), count: z.number(), oldestAt: instant })), heldOrders: z.number(), pending: z.number(),
  urgent: z.array(z.object({ id: z.string(), platformOrderId: z.string(), shipByAt: instant, words: both })), toPrint: z.array(z.object({ courierCode: z.string(), count: z.number() })), toShip: z.number(),
  alarms: z.array(z.object({ parcelId: z.string(), words: both })), refusedPushes: z.number(), updatedAt: instant,
});
/** A line as a row of its own: `id` is `<order>:<line>`. */
export const OrderLineListRow = OrderLineRow.extend({ id: z.string(), orderId: z.string(), platformOrderId: z.string(), shopName: z.string(), placedAt: instant, shipped: z.boolean(), reviewState: ReviewState, revision: z.number(), changedAt: instant });
const Piece = z.object({ skuCode: z.string().trim().min(1).max(60), quantity: z.number().int().min(1).max(9_999) });
export const SendAgainInput = z.object({ kind: z.enum(['resend', 'exchange']), lines: z.array(Piece).min(1).max(50), note: z.string().trim().min(1).max(200).describe('why: it is shown with the order') });
export const PulledOrder = z.object({ platformOrderId: z.string(), found: z.enum(['new', 'changed', 'same', 'older', 'not_found']), orderId: z.string().optional(), shopName: z.string().optional(), words: both });
export const orderRoutes = {
  listOrderLines: listRoute('order-lines', OrderLineListRow, 'orders:read', { zh: '订单明细，每页按订单数', en: 'Lines of orders; the limit counts orders' }),
  listOrders: listRoute('orders', OrderRow, 'orders:read', { zh: '订单', en: 'Orders' }, { reviewState: ReviewState.optional(), shopId: z.string().optional() }),
  getOrder: route({ name: 'getOrder', method: 'GET', path: '/api/v1/orders/:id', summary: { zh: '一个订单', en: 'One order' }, right: 'orders:read', params: idParams, response: OrderRow, problems: ['not_found'] }),
  whyOrder: route({ name: 'whyOrder', method: 'GET', path: '/api/v1/orders/:id/why', summary: { zh: '为什么这样判', en: 'Why it was decided so' }, right: 'orders:read', params: idParams, response: WhyAnswer, problems: ['not_found'] }),
  ordersSummary: route({ name: 'ordersSummary', method: 'GET', path: '/api/v1/orders/summary', summary: { zh: '订单概况', en: 'Orders at a glance' }, right: 'orders:read', response: OrdersSummary }),
  releaseOrder: route({ name: 'releaseOrder', method: 'POST', path: '/api/v1/orders/:id/release', summary: { zh: '放行', en: 'Release' }, right: 'orders:write', params: idParams, body: z.object({ note: z.string().max(200).default(''), codes: z.array(z.string().max(60)).max(20).optional().describe('only these reasons; absent: all') }), response: OrderRow, problems: ['not_found', 'command_refused', 'needs_approval'] }),
  pullOrders: route({ name: 'pullOrders', method: 'POST', path: '/api/v1/orders/pull', summary: { zh: '按订单号到平台再拉一次', en: 'Pull orders again by their number' }, right: 'orders:write', body: z.object({ platformOrderIds: z.array(z.string().trim().min(1).max(60)).min(1).max(50), shopId: z.string().max(60).optional() }), response: z.object({ rows: z.array(PulledOrder) }) }),
  sendAgain: route({ name: 'sendAgain', method: 'POST', path: '/api/v1/orders/:id/send-again', summary: { zh: '补发或换货：连着原单的新订单', en: 'Send again or exchange: a new order, linked to the first' }, right: 'orders:write', params: idParams, body: SendAgainInput, response: OrderRow, problems: ['not_found', 'command_refused'] }),
  closeOwnOrder: route({ name: 'closeOwnOrder', method: 'POST', path: '/api/v1/orders/:id/close', summary: { zh: '关闭自有订单', en: 'Close an order of our own' }, right: 'orders:write', params: idParams, body: z.object({}), response: OrderRow, problems: ['not_found', 'command_refused'] }),
  holdOrder: route({ name: 'holdOrder', method: 'POST', path: '/api/v1/orders/:id/hold', summary: { zh: '挂起', en: 'Hold' }, right: 'orders:write', params: idParams, body: z.object({ note: z.string().max(200).default('') }), response: OrderRow, problems: ['not_found', 'command_refused'] }),
};
const PushRow = z.object({ platformOrderId: z.string(), state: z.enum(['waiting', 'accepted', 'refused']), tries: z.number(), words: z.string() });
export const ParcelRow = z.object({
  id: z.string(), shopIds: z.array(z.string()), state: z.string(), warehouseCode: z.string(), courierCode: z.string(), trackingNumber: z.string(), freightFen: fen, weightGrams: z.number(), lines: z.array(z.object({ orderId: z.string(), platformLineId: z.string(), skuCode: z.string(), quantity: z.number(), gift: z.boolean().describe('given by a rule, at no price') })),
  orderText: z.string(), lineText: z.string(), pieces: z.number(), receiver: z.object({ name: z.string(), province: z.string(), city: z.string(), district: z.string() }), pushes: z.array(PushRow), pushText: both, alarm: both.optional(), alarmText: both, shortText: z.string(),
  waybillText: both.describe('why there is no number'), routeState: z.string(), routeText: both, routeAt: instant.optional(), printedAt: instant.optional(), shippedAt: instant.optional(), why: both, revision: z.number(), changedAt: instant,
});
export const AfterSaleRow = z.object({ id: z.string(), shopId: z.string(), shopName: z.string(), lineText: z.string().describe('what it is about; empty: the whole order'), platformRefundId: z.string(), orderId: z.string(), platformOrderId: z.string(), platformLineId: z.string(), state: z.string(), refundFen: fen, reason: z.string(), hasGoodsReturn: z.boolean(), answer: z.string().describe('agree, ask or refuse, as the after-sales table says; empty: not asked for, or not looked at yet'), answerWho: z.string().describe('the role that looks at it'), answerRow: z.string().describe('the row that said so'), requestedAt: instant, modifiedAt: instant, revision: z.number(), changedAt: instant });
const ids = z.object({ ids: z.array(z.string()).min(1).max(500) });
export const parcelRoutes = {
  listParcels: listRoute('parcels', ParcelRow, 'orders:read', { zh: '包裹', en: 'Parcels' }),
  listAfterSales: listRoute('after-sales', AfterSaleRow, 'orders:read', { zh: '售后', en: 'After-sales' }),
  printParcels: route({ name: 'printParcels', method: 'POST', path: '/api/v1/parcels/print', summary: { zh: '打印一批发货单', en: 'Print slips for a batch' }, right: 'parcels:write', kind: 'pdf', body: ids, response: z.object({}), problems: ['batch_refused'] }),
  shipParcels: route({ name: 'shipParcels', method: 'POST', path: '/api/v1/parcels/ship', summary: { zh: '发货', en: 'Ship' }, right: 'parcels:write', body: ids, response: z.object({ shipped: z.number(), parcels: z.array(z.object({ id: z.string(), trackingNumber: z.string() })) }), problems: ['batch_refused'] }),
};
