import mongoose, { Schema } from 'mongoose';
import type { Row } from '../domain/table.ts';

/** A row knows the version in which it last changed, so that two people's edits of different rows do not meet. */
export type KeptRow = Row & { readonly since?: number };
/** One published version of a table; never changed after. */
export type VersionDoc = { _id: string; table: string; version: number; rows: KeptRow[]; at: Date; by: string; note: string; merged?: boolean };
const versionSchema = new Schema<VersionDoc>({
  _id: { type: String, required: true }, table: { type: String, required: true }, version: { type: Number, required: true }, rows: { type: [Schema.Types.Mixed], required: true } as never,
  at: { type: Date, required: true }, by: { type: String, required: true }, note: { type: String, default: '' }, merged: { type: Boolean, default: false },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
versionSchema.index({ table: 1, version: -1 }, { unique: true });
export const Versions = mongoose.model('ruleVersion', versionSchema, 'rule_versions');

/** What a person is working on, over the version that it was begun with: one a table and person. */
export type DraftDoc = { _id: string; table: string; userId: string; base: number; rows: Row[]; at: Date };
const draftSchema = new Schema<DraftDoc>({
  _id: { type: String, required: true }, table: { type: String, required: true }, userId: { type: String, required: true }, base: { type: Number, required: true }, rows: { type: [Schema.Types.Mixed], required: true } as never, at: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
draftSchema.index({ table: 1 });
export const Drafts = mongoose.model('ruleDraft', draftSchema, 'rule_drafts');
