/** The door of the purchasing pillar. */
export { forecastSeries } from './domain/forecast.ts';
export { dropshipsSheetCommands, suppliersSheetCommands, supplySheetCommands } from './dropship-sheet.ts';
export { purchaseOrdersSheetCommands, suggestionsSheetCommands } from './sheet.ts';
export { PurchaseOrders, Receipts, type PurchaseOrderDoc, type ReceiptDoc } from './store/models.ts';
export { upsertSuppliers } from './workflows/order-goods.ts';
export { suggestPurchases } from './workflows/suggest-purchases.ts';
export { purchasingWhy } from './store/explain.view.ts';
export { lastBought, receivedFrom, suggestedOf } from './store/purchasing.view.ts';
