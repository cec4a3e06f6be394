import mongoose, { Schema } from 'mongoose';
import type { Row } from '../domain/table.ts';

/** One published version of a table; never changed after. */
export type VersionDoc = { _id: string; table: string; version: number; rows: Row[]; at: Date; by: string; note: string };
const versionSchema = new Schema<VersionDoc>({
  _id: { type: String, required: true }, table: { type: String, required: true }, version: { type: Number, required: true }, rows: { type: [Schema.Types.Mixed], required: true } as never,
  at: { type: Date, required: true }, by: { type: String, required: true }, note: { type: String, default: '' },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
versionSchema.index({ table: 1, version: -1 }, { unique: true });
export const Versions = mongoose.model('ruleVersion', versionSchema, 'rule_versions');
