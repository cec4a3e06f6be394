import mongoose, { Schema } from 'mongoose';

const must = { type: String, required: true };
const whole = { type: Number, required: true };
/** A gift that an order has been given, by its rule. */
export type GiftGrantDoc = { _id: string; rule: string; orderId: string; buyer: string; skuCode: string; quantity: number; at: Date };
const grant = new Schema<GiftGrantDoc>({ _id: must, rule: must, orderId: must, buyer: must, skuCode: must, quantity: whole, at: { type: Date, required: true } }, { strict: 'throw', versionKey: false, autoIndex: false });
grant.index({ orderId: 1 }).index({ rule: 1, buyer: 1 });
export const GiftGrants = mongoose.model('gift-grant', grant, 'gift_grants');

/** What a rule has given in all: the sum of its grants, kept so that two reviews at once meet on it. */
export type GiftCountDoc = { _id: string; orders: number; pieces: number };
const counted = new Schema<GiftCountDoc>({ _id: must, orders: whole, pieces: whole }, { strict: 'throw', versionKey: false, autoIndex: false });
export const GiftCounts = mongoose.model('gift-count', counted, 'gift_counts');
