/** The door of the orders pillar. */
export { Orders, Parcels, Refunds, type LineDoc, type OrderDoc, type ParcelDoc, type RefundDoc } from './store/models.ts';
export { ordersSheetCommands } from './sheet.ts';
export { addLines } from './workflows/add-lines.ts';
export { checkCustomers, countCustomers } from './workflows/count-customers.ts';
export { ingestOrders, type IngestCounts, type IngestInput } from './workflows/ingest-orders.ts';
export { ingestRefunds } from './workflows/ingest-refunds.ts';
export { planParcels } from './workflows/plan-parcels.ts';
export { pushShipments } from './workflows/push-shipments.ts';
export { reviewPending } from './workflows/review-pending.ts';
export { salesByDay, type SalesFigure } from './workflows/sales.ts';
export { shipParcels } from './workflows/ship-parcels.ts';
export { syncChannels } from './workflows/sync-channels.ts';
export { compareShops, openDemand, tellShops } from './workflows/tell-shops.ts';
export { inputOf, orderContext } from './workflows/order-facts.ts';
export { recountShops } from './workflows/recount-shops.ts';
export { ordersWhy } from './store/explain.view.ts';
