/** Rows of stock work beside the ledger: locks, transfers, counts, bins, batches, rules. */
import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const must = { type: String, required: true };
const whole = { type: Number, required: true };
const date = { type: Date, required: true };
const stamp = { revision: whole, changedAt: date };
type Stamped = { revision: number; changedAt: Date };

/** Pieces kept from being promised, with the reason; `locked` of a position is the sum of those not released. */
export type StockLockDoc = Stamped & { _id: string; key: string; warehouseCode: string; skuCode: string; quantity: number; reason: string; by: string; at: Date; released: boolean };
const lock = new Schema<StockLockDoc>({ _id: must, key: must, warehouseCode: must, skuCode: must, quantity: whole, reason: text, by: text, at: date, released: { type: Boolean, default: false }, ...stamp }, options);
lock.index({ key: 1 }, { unique: true }).index({ released: 1 }).index(FEED_INDEX);
export const StockLocks = mongoose.model('stock-lock', lock, 'stock_locks');

/** A cost that became known later and went to receipts: freight, duty, a supplier's corrected price. Undone by another with the signs turned. */
export type LateCostDoc = Stamped & { _id: string; key: string; kind: 'landed' | 'price'; amountFen: number; spreadBy: 'value' | 'weight' | 'quantity' | 'given'; shares: { movementId: string; skuCode: string; differenceFen: number }[]; words: string; by: string; at: Date; undoes: string; undoneBy: string };
const lateCost = new Schema<LateCostDoc>({ _id: must, key: must, kind: must, amountFen: whole, spreadBy: must, shares: { type: [{ _id: false, movementId: String, skuCode: String, differenceFen: Number }], default: [] } as never, words: text, by: text, at: date, undoes: text, undoneBy: text, ...stamp }, options);
lateCost.index({ key: 1 }, { unique: true }).index(FEED_INDEX);
export const LateCosts = mongoose.model('late-cost', lateCost, 'late_costs');

/** Goods that go from one warehouse to another: out at the one, on the way, in at the other; what does not arrive is lost with a reason. */
export type TransferDoc = Stamped & { _id: string; key: string; from: string; to: string; state: 'on_the_way' | 'partly_received' | 'received' | 'cancelled'; lines: { skuCode: string; quantity: number; received: number; lost: number }[]; note: string; by: string; at: Date };
const transfer = new Schema<TransferDoc>({ _id: must, key: must, from: must, to: must, state: must, lines: { type: [{ _id: false, skuCode: String, quantity: Number, received: Number, lost: Number }], default: [] } as never, note: text, by: text, at: date, ...stamp }, options);
transfer.index({ key: 1 }, { unique: true }).index({ state: 1 }).index(FEED_INDEX);
export const Transfers = mongoose.model('transfer', transfer, 'transfers');

/** A place in a warehouse. `path` is its turn when a person walks; `kind`: picked from, kept in bulk, or waiting to be looked at. */
export type BinDoc = Stamped & { _id: string; warehouseCode: string; code: string; zone: string; aisle: string; shelf: string; level: string; kind: 'pick' | 'bulk' | 'inspect'; speed: 'A' | 'B' | 'C'; capacity: number | null; path: number; active: boolean };
const bin = new Schema<BinDoc>({ _id: must, warehouseCode: must, code: must, zone: text, aisle: text, shelf: text, level: text, kind: { type: String, default: 'pick' }, speed: { type: String, default: 'C' }, capacity: { type: Number, default: null }, path: { type: Number, default: 0 }, active: { type: Boolean, default: true }, ...stamp }, options);
bin.index({ warehouseCode: 1, code: 1 }, { unique: true }).index(FEED_INDEX);
export const Bins = mongoose.model('bin', bin, 'bins');

/** `_id` is `<sku>|<batch>`. */
export type BatchDoc = Stamped & { _id: string; skuCode: string; batch: string; producedOn: string; expiresOn: string };
const batch = new Schema<BatchDoc>({ _id: must, skuCode: must, batch: must, producedOn: text, expiresOn: text, ...stamp }, options);
batch.index({ expiresOn: 1 }).index(FEED_INDEX);
export const Batches = mongoose.model('batch', batch, 'batches');

/** Pieces in a bin or of a batch; what lies nowhere in particular is not here. A projection of the movements' parts. */
export type LotDoc = { _id: string; warehouseCode: string; skuCode: string; bin: string; batch: string; quantity: number; expiresOn: string; revision: number; changedAt: Date };
const lot = new Schema<LotDoc>({ _id: must, warehouseCode: must, skuCode: must, bin: text, batch: text, quantity: whole, expiresOn: text, ...stamp }, options);
lot.index({ warehouseCode: 1, skuCode: 1 }).index({ warehouseCode: 1, bin: 1 }).index({ expiresOn: 1 }).index(FEED_INDEX);
export const Lots = mongoose.model('lot', lot, 'lots');
export const lotId = (place: string, skuCode: string, part: { bin: string; batch: string }): string => `${place}|${skuCode}|${part.bin}|${part.batch}`;

/** One piece with a number of its own; `place` is where it is now, or where it went. */
export type SerialDoc = Stamped & { _id: string; skuCode: string; serial: string; place: string; movementId: string; batch: string };
const serial = new Schema<SerialDoc>({ _id: must, skuCode: must, serial: must, place: must, movementId: must, batch: text, ...stamp }, options);
serial.index({ serial: 1 }).index({ skuCode: 1, place: 1 }).index(FEED_INDEX);
export const Serials = mongoose.model('serial', serial, 'serials');

export type StocktakeDoc = Stamped & { _id: string; key: string; number: string; kind: 'full' | 'cycle' | 'list' | 'bins'; warehouseCode: string; blind: boolean; state: 'open' | 'posted' | 'cancelled'; snapshotAt: Date; note: string; by: string; approvedBy: string; lines: number; differencePieces: number; differenceFen: number };
const stocktake = new Schema<StocktakeDoc>({ _id: must, key: must, number: must, kind: must, warehouseCode: must, blind: Boolean, state: must, snapshotAt: date, note: text, by: text, approvedBy: text, lines: whole, differencePieces: whole, differenceFen: whole, ...stamp }, options);
stocktake.index({ key: 1 }, { unique: true }).index(FEED_INDEX);
export const Stocktakes = mongoose.model('stocktake', stocktake, 'stocktakes');

/** One line to count. `booked` is what the books had at the snapshot; `elsewhere` what they had in bins that are not counted now. */
export type CountLineDoc = Stamped & { _id: string; stocktakeId: string; warehouseCode: string; skuCode: string; bin: string; batch: string; booked: number; elsewhere: number; unitFen: number; counted: number | null; recounted: number | null; state: 'to_count' | 'recount' | 'counted' | 'posted' | 'cancelled' };
const countLine = new Schema<CountLineDoc>({ _id: must, stocktakeId: must, warehouseCode: must, skuCode: must, bin: text, batch: text, booked: whole, elsewhere: whole, unitFen: whole, counted: { type: Number, default: null }, recounted: { type: Number, default: null }, state: must, ...stamp }, options);
countLine.index({ stocktakeId: 1 }).index(FEED_INDEX);
export const CountLines = mongoose.model('count-line', countLine, 'count_lines');

export const ALERT_KINDS = ['out_of_stock', 'low_stock', 'overstock', 'oversold', 'dead_stock', 'expired', 'expiring', 'negative_margin', 'unmapped_listing', 'push_refused', 'drift'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
/** `_id` is `<kind>:<subject>`: the same cause is the same alert. Open while `closedAt` is null; `told`: the webhook has taken it. */
export type AlertDoc = Stamped & { _id: string; kind: AlertKind; subject: string; zh: string; en: string; openedAt: Date; closedAt: Date | null; told: boolean };
const alert = new Schema<AlertDoc>({ _id: must, kind: must, subject: must, zh: must, en: must, openedAt: date, closedAt: { type: Date, default: null }, told: { type: Boolean, default: false }, ...stamp }, options);
alert.index({ closedAt: 1, told: 1 }).index(FEED_INDEX);
export const Alerts = mongoose.model('stock-alert', alert, 'stock_alerts');

/** Goods that come in by themselves; `keys` are the receipts that it has had. */
export type InboundDoc = Stamped & { _id: string; key: string; number: string; source: 'return' | 'manual'; warehouseCode: string; reference: string; note: string; by: string; blind: boolean; state: 'open' | 'done' | 'cancelled'; keys: string[]; at: Date; lines: { skuCode: string; expected: number; received: number; unitCostFen: number }[] };
const inbound = new Schema<InboundDoc>({ _id: must, key: must, number: must, source: must, warehouseCode: must, reference: text, note: text, by: text, blind: Boolean, state: must, keys: [String], at: date, lines: { type: [{ _id: false, skuCode: String, expected: Number, received: Number, unitCostFen: Number }], default: [] } as never, ...stamp }, options);
inbound.index({ key: 1 }, { unique: true }).index({ state: 1 }).index(FEED_INDEX);
export const Inbounds = mongoose.model('inbound', inbound, 'inbounds');
