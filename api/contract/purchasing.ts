import * as z from 'zod';
import { both, day, fen, idParams, instant, listRoute, route } from './route.ts';

/** Every part of the sum behind a suggestion; pieces, but for what says otherwise. */
export const SuggestionParts = z.object({
  salesDays: z.number().int(), soldPieces: z.number(), method: z.string(), meanPerDay: z.number().describe('pieces a day'), forecastP90: z.number().describe('pieces a day that nine of ten days stay below'), leadTimeDays: z.number(), reviewDays: z.number(), demandInLead: z.number(), demandToTarget: z.number(), deviationPerDay: z.number().describe('standard deviation of the forecast’s error, pieces a day'),
  serviceLevel: z.number().describe('rate per 10,000'), statisticalSafety: z.number(), ownSafety: z.number(), safetyStock: z.number(), reorderPoint: z.number(), available: z.number(), incoming: z.number(), target: z.number(), rawQuantity: z.number(), moq: z.number(), packSize: z.number(), quantity: z.number(),
});
export const SuggestionRow = z.object({
  id: z.string(), skuCode: z.string(), name: z.string(), supplierId: z.string(), supplierName: z.string(), warehouseCode: z.string(), day, available: z.number(), incoming: z.number(), daysLeft: z.number().nullable().describe('days until what is there is sold'), suggested: z.number(), quantity: z.number(), chosen: z.boolean(),
  unitCostFen: fen, amountFen: fen, note: z.string(), state: z.enum(['urgent', 'buy', 'enough', 'ordered']), parts: SuggestionParts, why: both, revision: z.number(), changedAt: instant,
});
export const SupplierRow = z.object({ id: z.string(), name: z.string(), leadTimeDays: z.number(), contact: z.string(), active: z.boolean(), revision: z.number(), changedAt: instant });
const OrderLine = z.object({ skuCode: z.string(), name: z.string(), quantity: z.number().int(), received: z.number().int(), unitCostFen: fen });
export const PurchaseOrderRow = z.object({
  id: z.string(), number: z.string(), supplierId: z.string(), supplierName: z.string(), warehouseCode: z.string(), state: z.enum(['ordered', 'partly_received', 'received', 'cancelled']), lines: z.array(OrderLine), lineText: z.string(), pieces: z.number(), receivedPieces: z.number(), amountFen: fen,
  orderedAt: instant, expectedDay: day, arrived: z.boolean(), note: z.string(), revision: z.number(), changedAt: instant,
});
export const ReceiptRow = z.object({ id: z.string(), purchaseOrderId: z.string(), number: z.string(), supplierId: z.string(), warehouseCode: z.string(), lines: z.array(z.object({ skuCode: z.string(), quantity: z.number(), unitCostFen: fen })), supplierName: z.string(), lineText: z.string(), pieces: z.number(), amountFen: fen, at: instant, by: z.string(), revision: z.number(), changedAt: instant });
export const PurchasingSummary = z.object({
  urgent: z.array(z.object({ skuCode: z.string(), name: z.string(), daysLeft: z.number().nullable(), quantity: z.number() })), toBuy: z.number(), toBuyFen: fen, suppliers: z.array(z.object({ supplierId: z.string(), name: z.string(), skus: z.number(), amountFen: fen })),
  openOrders: z.number(), openFen: fen, late: z.array(z.object({ id: z.string(), number: z.string(), supplierName: z.string(), expectedDay: day })), suggestedAt: instant.optional(),
});
export const Series = z.object({ key: z.string().max(200), start: day, values: z.array(z.number().min(0).max(1e9)).min(1).max(5000) });
export const ForecastBody = z.object({ series: z.array(Series).min(1).max(1000), freq: z.enum(['day', 'week']), horizon: z.number().int().min(1).max(366) });
export const Forecast = z.object({ key: z.string(), mean: z.array(z.number()), p50: z.array(z.number()), p90: z.array(z.number()), method: z.string() });
export const ReceiptBody = z.object({ key: z.string().min(4).max(80), lines: z.array(z.object({ skuCode: z.string(), quantity: z.number().int().min(1).max(1e7), unitCostFen: z.number().int().min(0).optional(), bin: z.string().trim().max(40).optional(), batch: z.string().trim().max(60).optional().describe('one line a batch, for SKUs that are kept by batch'), serials: z.array(z.string().trim().min(1).max(60)).max(10_000).optional() })).min(1).max(500) });

export const purchasingRoutes = {
  listSuggestions: listRoute('suggestions', SuggestionRow, 'purchasing:read', { zh: '采购建议', en: 'Purchase suggestions' }),
  listSuppliers: listRoute('suppliers', SupplierRow, 'purchasing:read', { zh: '供应商', en: 'Suppliers' }),
  listPurchaseOrders: listRoute('purchase-orders', PurchaseOrderRow, 'purchasing:read', { zh: '采购单', en: 'Purchase orders' }),
  listReceipts: listRoute('receipts', ReceiptRow, 'purchasing:read', { zh: '到货', en: 'Receipts' }),
  purchasingSummary: route({ name: 'purchasingSummary', method: 'GET', path: '/api/v1/purchasing/summary', summary: { zh: '采购概况', en: 'Purchasing at a glance' }, right: 'purchasing:read', response: PurchasingSummary }),
  forecast: route({ name: 'forecast', method: 'POST', path: '/api/v1/purchasing/forecasts', summary: { zh: '预测若干序列', en: 'Forecast series' }, right: 'purchasing:read', body: ForecastBody, response: z.array(Forecast) }),
  receive: route({ name: 'receive', method: 'POST', path: '/api/v1/purchase-orders/:id/receipts', summary: { zh: '登记到货：入库并记账', en: 'Post a receipt: stock in, and booked' }, right: 'purchasing:write', params: idParams, body: ReceiptBody, response: ReceiptRow, problems: ['not_found', 'batch_refused'] }),
  cancelPurchaseOrder: route({ name: 'cancelPurchaseOrder', method: 'POST', path: '/api/v1/purchase-orders/:id/cancel', summary: { zh: '取消采购单：未到的不再等', en: 'Cancel a purchase order: what has not come is not waited for' }, right: 'purchasing:write', params: idParams, response: PurchaseOrderRow, problems: ['not_found', 'command_refused'] }),
};
