export { demandOf, type Part } from './domain/demand.ts';
export { skusSheetCommands, stockSheetCommands } from './sheet.ts';
export { Listings, type ListingDoc } from './store/models.ts';
export { availability, matchListing, openStock, skuFacts, upsertSkus, upsertWarehouses, warehouses, type SkuFacts, type SkuInput } from './workflows/catalog.ts';
export { changeIncoming, postMovement } from './workflows/post-movement.ts';
export { rebuildPositions } from './workflows/rebuild.ts';
export { issueShipment, release, reserve } from './workflows/reserve.ts';
export { stockOf, movementsOf } from './workflows/read.ts';
