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
