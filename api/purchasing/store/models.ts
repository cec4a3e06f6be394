import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';
import type { Parts } from '../domain/suggest.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const must = { type: String, required: true };
const whole = { type: Number, required: true };
const date = { type: Date, required: true };
const mixed = Schema.Types.Mixed;
const stamp = { revision: whole, changedAt: date };
type Stamped = { revision: number; changedAt: Date };

export type SupplierDoc = Stamped & { _id: string; name: string; leadTimeDays: number; contact: string; active: boolean };
const supplier = new Schema<SupplierDoc>({ _id: must, name: must, leadTimeDays: whole, contact: text, active: { type: Boolean, default: true }, ...stamp }, options);
supplier.index({ name: 1 }, { unique: true }).index(FEED_INDEX);
export const Suppliers = mongoose.model('supplier', supplier, 'suppliers');

/** The suggestion of one SKU; `_id` is `sug:<sku>`, renewed each day. `quantity`, `chosen`, `note` are the buyer's. */
export type SuggestionDoc = Stamped & { _id: string; skuCode: string; supplierId: string; warehouseCode: string; day: string; parts: Parts; quantity: number; chosen: boolean; note: string; unitCostFen: number; orderedIn: string };
const suggestion = new Schema<SuggestionDoc>({ _id: must, skuCode: must, supplierId: text, warehouseCode: must, day: must, parts: { type: mixed, required: true } as never, quantity: whole, chosen: Boolean, note: text, unitCostFen: whole, orderedIn: text, ...stamp }, options);
suggestion.index(FEED_INDEX);
export const Suggestions = mongoose.model('suggestion', suggestion, 'suggestions');

export type PurchaseOrderDoc = Stamped & {
  _id: string; key: string; number: string; supplierId: string; warehouseCode: string; state: 'ordered' | 'partly_received' | 'received' | 'cancelled'; lines: { skuCode: string; quantity: number; received: number; unitCostFen: number }[]; orderedAt: Date; expectedDay: string; note: string; by: string;
};
const order = new Schema<PurchaseOrderDoc>({ _id: must, key: must, number: must, supplierId: text, warehouseCode: must, state: must, lines: { type: [mixed], required: true } as never, orderedAt: date, expectedDay: must, note: text, by: text, ...stamp }, options);
order.index({ key: 1 }, { unique: true }).index({ state: 1 }).index(FEED_INDEX);
export const PurchaseOrders = mongoose.model('purchase-order', order, 'purchase_orders');

export type ReceiptDoc = Stamped & { _id: string; key: string; purchaseOrderId: string; number: string; supplierId: string; warehouseCode: string; lines: { skuCode: string; quantity: number; unitCostFen: number }[]; at: Date; by: string };
const receipt = new Schema<ReceiptDoc>({ _id: must, key: must, purchaseOrderId: must, number: must, supplierId: text, warehouseCode: must, lines: { type: [mixed], required: true } as never, at: date, by: text, ...stamp }, options);
receipt.index({ key: 1 }, { unique: true }).index({ purchaseOrderId: 1 }).index(FEED_INDEX);
export const Receipts = mongoose.model('receipt', receipt, 'receipts');
