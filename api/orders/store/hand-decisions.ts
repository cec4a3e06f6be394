import mongoose, { Schema } from 'mongoose';

/** What a person decided about an order, with what the rules saw of it then: what the rule finder learns from. Masked texts only. */
export type HandDecisionDoc = { _id: string; orderId: string; at: Date; by: string; pass: boolean; codes: string[]; paidFen: number; input: Record<string, unknown> };
const schema = new Schema<HandDecisionDoc>({
  _id: { type: String, required: true }, orderId: { type: String, required: true }, at: { type: Date, required: true }, by: { type: String, required: true }, pass: { type: Boolean, required: true }, codes: { type: [String], default: [] }, paidFen: { type: Number, required: true }, input: { type: Schema.Types.Mixed, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
schema.index({ at: 1 }).index({ orderId: 1 });
export const HandDecisions = mongoose.model('handDecision', schema, 'hand_decisions');
