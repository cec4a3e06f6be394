import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';
import type { Method } from '../domain/cost.ts';
import type { MovementKind } from '../domain/places.ts';
import { PLAIN_RULE, type PushRule, type PushTerm } from '../domain/push-figure.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const whole = { type: Number, required: true };
const stamp = { revision: whole, changedAt: { type: Date, required: true } };
type Stamped = { revision: number; changedAt: Date };

export type SkuDoc = Stamped & {
  _id: string; code: string; name: string; barcode: string; category: string; costFen: number; priceFen: number; weightGrams: number; flags: string[];
  kit: { skuCode: string; quantity: number }[]; supplierId: string; leadTimeDays: number; moq: number; packSize: number; safetyStock: number; active: boolean;
  /** Kept by batch; each piece by its serial number; days from production to expiry, when it expires. */
  wantsBatch: boolean; wantsSerial: boolean; shelfDays: number;
  /** Of a SKU that its supplier ships (flag `dropship`): how many they can still send; null: they say no number. */ supplierLeft?: number | null;
};
const sku = new Schema<SkuDoc>({
  _id: { type: String, required: true }, code: { type: String, required: true }, name: { type: String, required: true }, barcode: text, category: text, costFen: whole, priceFen: whole, weightGrams: whole, flags: [String],
  kit: { type: [{ _id: false, skuCode: String, quantity: Number }], default: [] }, supplierId: text, leadTimeDays: whole, moq: whole, packSize: whole, safetyStock: { type: Number, default: 0 }, active: { type: Boolean, default: true },
  wantsBatch: { type: Boolean, default: false }, wantsSerial: { type: Boolean, default: false }, shelfDays: { type: Number, default: 0 }, supplierLeft: { type: Number, default: null }, ...stamp,
}, options);
sku.index({ code: 1 }, { unique: true }).index({ barcode: 1 }).index(FEED_INDEX);
export const Skus = mongoose.model('sku', sku, 'skus');

/**
 * What a platform calls a SKU, and what it is told: the rule, the figure wanted with its terms, the last push and its answer.
 * `pushDue`: the platform has not taken the wanted figure yet. `platformQuantity`: what the platform itself said when it was compared.
 */
export type ListingDoc = Stamped & {
  _id: string; shopId: string; platformItemId: string; platformSkuId: string; merchantCode: string; title: string; skuCode: string | null; mappedBy: 'code' | 'person' | null;
  pushedQuantity: number | null; pushedAt: Date | null; pushWords: string; rule: PushRule; wanted: number | null; terms: PushTerm[]; pushDue: boolean; nextPushAt: Date | null; platformQuantity: number | null; comparedAt: Date | null;
};
const listing = new Schema<ListingDoc>({
  _id: { type: String, required: true }, shopId: { type: String, required: true }, platformItemId: text, platformSkuId: text, merchantCode: text, title: text, skuCode: { type: String, default: null }, mappedBy: { type: String, default: null },
  pushedQuantity: { type: Number, default: null }, pushedAt: { type: Date, default: null }, pushWords: text, rule: { type: Schema.Types.Mixed, default: () => ({ ...PLAIN_RULE }) } as never, wanted: { type: Number, default: null }, terms: { type: Schema.Types.Mixed, default: [] } as never,
  pushDue: { type: Boolean, default: true }, nextPushAt: { type: Date, default: null }, platformQuantity: { type: Number, default: null }, comparedAt: { type: Date, default: null }, ...stamp,
}, options);
listing.index({ shopId: 1, platformItemId: 1, platformSkuId: 1 }, { unique: true }).index({ skuCode: 1 }).index({ pushDue: 1 }).index(FEED_INDEX);
export const Listings = mongoose.model('listing', listing, 'listings');

/** How far the changes of stock have been told (`_id` "push"), and what a shop's new listings begin with (`_id` the shop). */
export type PushMarkDoc = { _id: string; at: Date; waiting: Record<string, number>; rule: PushRule | null };
const pushMark = new Schema<PushMarkDoc>({ _id: { type: String, required: true }, at: { type: Date, required: true }, waiting: { type: Schema.Types.Mixed, default: {} } as never, rule: { type: Schema.Types.Mixed, default: null } as never }, options);
export const PushMarks = mongoose.model('push-mark', pushMark, 'push_marks');

/** `sellable`: its pieces may be promised and told to shops. Virtual ones hold defects and returns that wait to be looked at. */
export type WarehouseKind = 'own' | 'third_party' | 'platform' | 'virtual';
export type WarehouseDoc = Stamped & { _id: string; code: string; name: string; priority: number; kind: WarehouseKind; sellable: boolean };
const warehouse = new Schema<WarehouseDoc>({
  _id: { type: String, required: true }, code: { type: String, required: true }, name: { type: String, required: true }, priority: whole, kind: { type: String, default: 'own' }, sellable: { type: Boolean, default: true }, ...stamp,
}, options);
warehouse.index({ code: 1 }, { unique: true }).index(FEED_INDEX);
export const Warehouses = mongoose.model('warehouse', warehouse, 'warehouses');

/**
 * Balance of a SKU in a place, kept in the same write as its movements. `_id` is `<place>:<sku>`. `lastAt`, `lastSeq`: the last
 * movement in the ledger's order; what counts for an earlier time is a late entry. `tracked`: some of it lies in a bin or batch.
 */
export type PositionDoc = Stamped & {
  _id: string; warehouseCode: string; skuCode: string; onHand: number; reserved: number; locked: number; incoming: number; inTransit: number; valueFen: number; safetyStock: number;
  layers: { quantity: number; valueFen: number }[] | null; lastAt: Date | null; lastSeq: string; tracked: boolean;
};
const position = new Schema<PositionDoc>({
  _id: { type: String, required: true }, warehouseCode: { type: String, required: true }, skuCode: { type: String, required: true }, onHand: whole, reserved: whole, locked: whole, incoming: whole, inTransit: { type: Number, default: 0 }, valueFen: whole, safetyStock: { type: Number, default: 0 },
  layers: { type: Schema.Types.Mixed, default: null } as never, lastAt: { type: Date, default: null }, lastSeq: text, tracked: { type: Boolean, default: false }, ...stamp,
}, options);
position.index({ skuCode: 1, warehouseCode: 1 }, { unique: true }).index(FEED_INDEX);
export const Positions = mongoose.model('position', position, 'positions');
export const positionId = (warehouseCode: string, skuCode: string): string => `${warehouseCode}:${skuCode}`;
export const freshPosition = { onHand: 0, reserved: 0, locked: 0, incoming: 0, inTransit: 0, valueFen: 0, safetyStock: 0, layers: null, lastAt: null, lastSeq: '', tracked: false };

/** Pieces in a bin, of a batch; either may be empty. */
export type LotPart = { bin: string; batch: string; quantity: number };
/**
 * One line of the stock ledger; `key` makes each effect happen once; never changed but for marks that say what came later.
 * Clocks: `at` is when it counts, `recordedAt` when we learnt of it, `bookedAt` where reports count it: `at`, or the beginning of
 * the open period when its own was closed by then. `costFen` is what was known when it was written; `correctionFen` what
 * late entries made of it since (the sum of its corrections).
 */
export type MovementDoc = Stamped & {
  _id: string; key: string; kind: MovementKind; skuCode: string; from: string; to: string; quantity: number; costFen: number; correctionFen: number; reference: string; reason: string; by: string;
  at: Date; recordedAt: Date; bookedAt: Date; seq: string; counted: number | null; anchor: string; undoes: string; undoneBy: string; weight: number; hintFen: number; taken: LotPart[]; put: LotPart[]; serials: string[];
};
const lots = { type: [{ _id: false, bin: String, batch: String, quantity: Number }], default: [] };
const movement = new Schema<MovementDoc>({
  _id: { type: String, required: true }, key: { type: String, required: true }, kind: { type: String, required: true }, skuCode: { type: String, required: true }, from: { type: String, required: true }, to: { type: String, required: true }, quantity: whole, costFen: whole, correctionFen: { type: Number, default: 0 },
  reference: text, reason: text, by: text, at: { type: Date, required: true }, recordedAt: { type: Date, required: true }, bookedAt: { type: Date, required: true }, seq: { type: String, required: true }, counted: { type: Number, default: null }, anchor: text, undoes: text, undoneBy: text,
  weight: { type: Number, default: 0 }, hintFen: { type: Number, default: 0 }, taken: lots as never, put: lots as never, serials: { type: [String], default: [] }, ...stamp,
}, options);
movement.index({ key: 1 }, { unique: true }).index({ skuCode: 1, at: 1, seq: 1 }).index({ at: 1, seq: 1 }).index({ bookedAt: 1 }).index({ recordedAt: 1 }).index({ reference: 1 }).index({ undoes: 1 }).index(FEED_INDEX);
export const Movements = mongoose.model('movement', movement, 'movements');

/** A movement's cost known better later: the difference, where reports count it, and the late entry that caused it. Append-only. */
export type CorrectionDoc = { _id: string; movementId: string; skuCode: string; from: string; to: string; kind: MovementKind; differenceFen: number; at: Date; bookedAt: Date; recordedAt: Date; cause: string; words: string };
const correction = new Schema<CorrectionDoc>({
  _id: { type: String, required: true }, movementId: { type: String, required: true }, skuCode: { type: String, required: true }, from: { type: String, required: true }, to: { type: String, required: true }, kind: { type: String, required: true }, differenceFen: whole,
  at: { type: Date, required: true }, bookedAt: { type: Date, required: true }, recordedAt: { type: Date, required: true }, cause: { type: String, required: true }, words: text,
}, options);
correction.index({ movementId: 1 }).index({ cause: 1 }).index({ bookedAt: 1 }).index({ recordedAt: 1 });
export const Corrections = mongoose.model('stock-correction', correction, 'stock_corrections');

/** One row per company: how stock is valued, how far the past is closed, what is tolerated. */
export type StockSettingsDoc = { _id: string; costings: { method: Method; since: Date }[]; closedThrough: string; overReceiptRate: number; underReceiptRate: number; recountPieces: number; recountFen: number; expiryDays: number; deadDays: number; webhookUrl: string; revision: number };
const settings = new Schema<StockSettingsDoc>({
  _id: { type: String, required: true }, costings: { type: [{ _id: false, method: String, since: Date }], default: [] } as never, closedThrough: text, overReceiptRate: { type: Number, default: 0 }, underReceiptRate: { type: Number, default: 0 },
  recountPieces: { type: Number, default: 0 }, recountFen: { type: Number, default: 0 }, expiryDays: { type: Number, default: 30 }, deadDays: { type: Number, default: 90 }, webhookUrl: text, revision: { type: Number, default: 1 },
}, options);
export const StockSettings = mongoose.model('stock-settings', settings, 'stock_settings');

/** Stock promised to a parcel; `_id` is `<parcel>:<sku>`. */
export type ReservationDoc = { _id: string; parcelId: string; warehouseCode: string; skuCode: string; quantity: number; at: Date };
const reservation = new Schema<ReservationDoc>({ _id: { type: String, required: true }, parcelId: { type: String, required: true }, warehouseCode: { type: String, required: true }, skuCode: { type: String, required: true }, quantity: whole, at: { type: Date, required: true } }, options);
reservation.index({ parcelId: 1 }).index({ warehouseCode: 1, skuCode: 1 });
export const Reservations = mongoose.model('reservation', reservation, 'reservations');

/** A supplier's pieces promised to a parcel that they ship; `_id` is `<parcel>:<sku>`. `counted`: taken off what they said they can send. */
export type SupplierPromiseDoc = { _id: string; parcelId: string; skuCode: string; quantity: number; counted: boolean; at: Date };
const supplierPromise = new Schema<SupplierPromiseDoc>({ _id: { type: String, required: true }, parcelId: { type: String, required: true }, skuCode: { type: String, required: true }, quantity: whole, counted: Boolean, at: { type: Date, required: true } }, options);
supplierPromise.index({ parcelId: 1 });
export const SupplierPromises = mongoose.model('supplier-promise', supplierPromise, 'supplier_promises');
