/** Column maps: what a person said once of a table that nobody knew, found again by its header. */
import mongoose, { Schema } from 'mongoose';
import { ORDER_FIELDS, type ColumnMap, type OrderField } from '../channels/files/index.ts';

type MapDoc = { _id: string; channel: string; format: string; columns: Record<string, string>; by: string; at: Date };
const schema = new Schema<MapDoc>({ _id: { type: String, required: true }, channel: { type: String, required: true }, format: { type: String, required: true }, columns: { type: Schema.Types.Mixed, required: true }, by: { type: String, required: true }, at: { type: Date, required: true } }, { strict: 'throw', versionKey: false, autoIndex: false, minimize: false });
const ColumnMaps = mongoose.model('column-map', schema, 'column_maps');

/** A header is its names, in any order. */
const keyOf = (headers: readonly string[]): string => JSON.stringify([...headers].sort());
export async function savedMap(headers: readonly string[]): Promise<ColumnMap | undefined> {
  const found = headers.length === 0 ? undefined : await ColumnMaps.findById(keyOf(headers)).lean<MapDoc>();
  if (!found) return undefined;
  return { channel: found.channel, format: found.format, columns: Object.fromEntries(ORDER_FIELDS.flatMap((f: OrderField) => (found.columns[f] ? [[f, [found.columns[f]]]] : []))) };
}
export const saveMap = (headers: readonly string[], map: Omit<MapDoc, '_id'>): Promise<unknown> => ColumnMaps.replaceOne({ _id: keyOf(headers) }, { _id: keyOf(headers), ...map }, { upsert: true });
