import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const whole = { type: Number, required: true };
const stamp = { revision: whole, changedAt: { type: Date, required: true } };
type Stamped = { revision: number; changedAt: Date };

export type SkuDoc = Stamped & {
  _id: string; code: string; name: string; barcode: string; category: string; costFen: number; priceFen: number; weightGrams: number; flags: string[];
  kit: { skuCode: string; quantity: number }[]; supplierId: string; leadTimeDays: number; moq: number; packSize: number; safetyStock: number; active: boolean;
};
const sku = new Schema<SkuDoc>({
  _id: { type: String, required: true }, code: { type: String, required: true }, name: { type: String, required: true }, barcode: text, category: text, costFen: whole, priceFen: whole, weightGrams: whole, flags: [String],
  kit: { type: [{ _id: false, skuCode: String, quantity: Number }], default: [] }, supplierId: text, leadTimeDays: whole, moq: whole, packSize: whole, safetyStock: { type: Number, default: 0 }, active: { type: Boolean, default: true }, ...stamp,
}, options);
sku.index({ code: 1 }, { unique: true }).index(FEED_INDEX);
export const Skus = mongoose.model('sku', sku, 'skus');

export type ListingDoc = Stamped & {
  _id: string; shopId: string; platformItemId: string; platformSkuId: string; merchantCode: string; title: string; skuCode: string | null; mappedBy: 'code' | 'person' | null;
  pushedQuantity: number | null; pushedAt: Date | null; pushWords: string;
};
const listing = new Schema<ListingDoc>({
  _id: { type: String, required: true }, shopId: { type: String, required: true }, platformItemId: text, platformSkuId: text, merchantCode: text, title: text, skuCode: { type: String, default: null }, mappedBy: { type: String, default: null },
  pushedQuantity: { type: Number, default: null }, pushedAt: { type: Date, default: null }, pushWords: text, ...stamp,
}, options);
listing.index({ shopId: 1, platformItemId: 1, platformSkuId: 1 }, { unique: true }).index({ skuCode: 1 }).index(FEED_INDEX);
export const Listings = mongoose.model('listing', listing, 'listings');

export type WarehouseDoc = Stamped & { _id: string; code: string; name: string; priority: number };
const warehouse = new Schema<WarehouseDoc>({ _id: { type: String, required: true }, code: { type: String, required: true }, name: { type: String, required: true }, priority: whole, ...stamp }, options);
warehouse.index({ code: 1 }, { unique: true });
export const Warehouses = mongoose.model('warehouse', warehouse, 'warehouses');

/** Balance of a SKU in a warehouse, kept in the same write as its movements. `_id` is `<warehouse>:<sku>`. */
export type PositionDoc = Stamped & { _id: string; warehouseCode: string; skuCode: string; onHand: number; reserved: number; locked: number; incoming: number; valueFen: number; safetyStock: number };
const position = new Schema<PositionDoc>({
  _id: { type: String, required: true }, warehouseCode: { type: String, required: true }, skuCode: { type: String, required: true }, onHand: whole, reserved: whole, locked: whole, incoming: whole, valueFen: whole, safetyStock: { type: Number, default: 0 }, ...stamp,
}, options);
position.index({ skuCode: 1, warehouseCode: 1 }, { unique: true }).index(FEED_INDEX);
export const Positions = mongoose.model('position', position, 'positions');
export const positionId = (warehouseCode: string, skuCode: string): string => `${warehouseCode}:${skuCode}`;

/** One line of the stock ledger; `key` makes each effect happen once. A place is a warehouse code, or supplier, buyer, opening, count. */
export type MovementDoc = Stamped & { _id: string; key: string; kind: 'opening' | 'receipt' | 'shipment' | 'return' | 'count' | 'transfer'; skuCode: string; from: string; to: string; quantity: number; costFen: number; reference: string; by: string; at: Date; recordedAt: Date };
const movement = new Schema<MovementDoc>({
  _id: { type: String, required: true }, key: { type: String, required: true }, kind: { type: String, required: true }, skuCode: { type: String, required: true }, from: { type: String, required: true }, to: { type: String, required: true }, quantity: whole, costFen: whole,
  reference: text, by: text, at: { type: Date, required: true }, recordedAt: { type: Date, required: true }, ...stamp,
}, options);
movement.index({ key: 1 }, { unique: true }).index({ skuCode: 1, at: 1 }).index({ reference: 1 }).index(FEED_INDEX);
export const Movements = mongoose.model('movement', movement, 'movements');

/** Stock promised to a parcel; `_id` is `<parcel>:<sku>`. */
export type ReservationDoc = { _id: string; parcelId: string; warehouseCode: string; skuCode: string; quantity: number; at: Date };
const reservation = new Schema<ReservationDoc>({ _id: { type: String, required: true }, parcelId: { type: String, required: true }, warehouseCode: { type: String, required: true }, skuCode: { type: String, required: true }, quantity: whole, at: { type: Date, required: true } }, options);
reservation.index({ parcelId: 1 }).index({ warehouseCode: 1, skuCode: 1 });
export const Reservations = mongoose.model('reservation', reservation, 'reservations');
