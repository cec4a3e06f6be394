/** Own fields and their values: what a company added to its nouns. One document a field; one a row that has values. */
import mongoose, { Schema, type ClientSession } from 'mongoose';
import type { OwnField, OwnNoun, OwnType } from '../contract/own-fields.ts';
import type { OwnValue } from '../contract/own-row.ts';
import type { Both } from '../contract/route.ts';
import { lastChanges } from '../store/feed.ts';

export type OwnFieldDoc = {
  _id: string; noun: OwnNoun; key: string; title: Both; type: OwnType; choices: string[]; formula: string; roles: string[]; formerly: Both[]; retired: boolean; madeBy: string; madeAt: Date; revision: number; changedAt: Date;
};
const must = { type: String, required: true };
const mixed = (value: unknown) => ({ type: Schema.Types.Mixed, default: value });
const field = new Schema<OwnFieldDoc>({
  _id: must, noun: must, key: must, title: mixed({}), type: must, choices: { type: [String], default: [] }, formula: { type: String, default: '' }, roles: { type: [String], default: [] }, formerly: { type: [Schema.Types.Mixed], default: [] } as never,
  retired: { type: Boolean, default: false }, madeBy: must, madeAt: { type: Date, required: true }, revision: { type: Number, required: true }, changedAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
field.index({ noun: 1, key: 1 }, { unique: true }).index({ changedAt: 1, _id: 1 });
export const OwnFields = mongoose.model('own-field', field, 'own_fields');

/** `_id` is `noun:row`: written again it is the same document. */
export type OwnValuesDoc = { _id: string; noun: OwnNoun; rowId: string; values: Record<string, OwnValue>; revision: number; changedAt: Date };
const values = new Schema<OwnValuesDoc>({
  _id: must, noun: must, rowId: must, values: mixed({}), revision: { type: Number, required: true }, changedAt: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
values.index({ changedAt: 1, _id: 1 });
export const OwnValues = mongoose.model('own-value', values, 'own_values');

export const ownId = (noun: OwnNoun, rowId: string): string => `${noun}:${rowId}`;
export const asOwnField = (d: OwnFieldDoc): OwnField => ({
  id: d._id, noun: d.noun, key: d.key, title: d.title, type: d.type, choices: [...d.choices], formula: d.formula, roles: [...d.roles], formerly: [...d.formerly], retired: d.retired, madeBy: d.madeBy, madeAt: d.madeAt.toISOString(), revision: d.revision,
});
/** All fields, retired ones too: versions of rules that looked at them are read still. */
export const ownFields = async (session?: ClientSession): Promise<OwnField[]> => (await OwnFields.find({}).sort({ madeAt: 1, _id: 1 }).session(session ?? null).lean<OwnFieldDoc[]>()).map(asOwnField);
export async function typedValues(noun: OwnNoun, rowIds: readonly string[], session?: ClientSession): Promise<Map<string, Record<string, OwnValue>>> {
  if (rowIds.length === 0) return new Map();
  const docs = await OwnValues.find({ _id: { $in: rowIds.map((id) => ownId(noun, id)) } }, { rowId: 1, values: 1 }).session(session ?? null).lean<OwnValuesDoc[]>();
  return new Map(docs.map((d) => [d.rowId, d.values]));
}
export const lastOfOwn = (): Promise<string> => lastChanges(OwnFields, OwnValues);

/** Where the rows of a noun are kept, and the key by which people name one. */
const ROWS: Readonly<Record<OwnNoun, { readonly model: string; readonly key: string }>> = {
  orders: { model: 'order', key: 'platformOrderId' }, parcels: { model: 'parcel', key: '_id' }, skus: { model: 'sku', key: 'code' }, positions: { model: 'position', key: '_id' }, listings: { model: 'listing', key: '_id' }, customers: { model: 'customer', key: '_id' },
  'purchase-orders': { model: 'purchase-order', key: 'number' }, suppliers: { model: 'supplier', key: 'name' }, warehouses: { model: 'warehouse', key: 'code' }, statements: { model: 'statement', key: '_id' },
};
type Rowlike = { _id: string; revision: number; changedAt: Date };
const rowsOf = (noun: OwnNoun) => mongoose.model<Rowlike>(ROWS[noun].model);
/** Ids of rows by the keys that people use; an id is its own key. */
export async function idsByKey(noun: OwnNoun, keys: readonly string[]): Promise<Map<string, string>> {
  const { key } = ROWS[noun];
  const found = await rowsOf(noun).find({ [key]: { $in: [...new Set(keys)] } }, { [key]: 1 }).lean<Record<string, string>[]>();
  return new Map(found.map((d) => [d[key]!, d['_id']!]));
}
export async function revisionsOf(noun: OwnNoun, ids: readonly string[], session: ClientSession): Promise<Map<string, number>> {
  const found = await rowsOf(noun).find({ _id: { $in: [...ids] } }, { revision: 1 }).session(session).lean<Rowlike[]>();
  return new Map(found.map((d) => [d._id, d.revision]));
}
/** A change of an own field is a change of its row: it comes in the list's feed, and conflicts are seen by the row's revision. */
export async function touchRow(noun: OwnNoun, id: string, revision: number, now: Date, session: ClientSession): Promise<boolean> {
  const done = await rowsOf(noun).updateOne({ _id: id, revision }, { $set: { changedAt: now }, $inc: { revision: 1 } }, { session });
  return done.matchedCount === 1;
}
