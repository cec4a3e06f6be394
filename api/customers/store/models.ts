import mongoose, { Schema } from 'mongoose';
import { FEED_INDEX } from '../../store/feed.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
/** A person, as far as shops let us know them. Figures are projections of orders and refunds. */
export type CustomerDoc = {
  _id: string; shownName: string; channels: string[]; orders: number; paidFen: number; refunds: number; refundFen: number; firstAt: Date; lastAt: Date; tags: string[]; blacklisted: boolean; note: string; revision: number; changedAt: Date;
};
const customer = new Schema<CustomerDoc>({
  _id: { type: String, required: true }, shownName: { type: String, default: '' }, channels: [String], orders: { type: Number, default: 0 }, paidFen: { type: Number, default: 0 }, refunds: { type: Number, default: 0 }, refundFen: { type: Number, default: 0 },
  firstAt: { type: Date, required: true }, lastAt: { type: Date, required: true }, tags: [String], blacklisted: { type: Boolean, default: false }, note: { type: String, default: '' }, revision: { type: Number, required: true }, changedAt: { type: Date, required: true },
}, options);
customer.index(FEED_INDEX);
export const Customers = mongoose.model('customer', customer, 'customers');

/** One key by which a platform knows a person; `_id` is a keyed mark of it, so nothing personal is at rest. */
export type IdentityDoc = { _id: string; customerId: string; kind: 'buyer'; channel: string; at: Date };
const identity = new Schema<IdentityDoc>({ _id: { type: String, required: true }, customerId: { type: String, required: true }, kind: { type: String, required: true }, channel: { type: String, required: true }, at: { type: Date, required: true } }, options);
identity.index({ customerId: 1 });
export const Identities = mongoose.model('identity', identity, 'identities');
