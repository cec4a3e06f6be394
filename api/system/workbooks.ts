import mongoose, { Schema } from 'mongoose';
import { gunzipSync, gzipSync } from 'node:zlib';
import { problem, type Problem } from '../contract/problems.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** A person's autosaved workbook of the browser desk: gzip of JSON, in parts that stay far below a document's 16 MB. */
type PartDoc = { _id: string; userId: string; revision: number; part: number; parts: number; bytes: Buffer; at: Date };
const schema = new Schema<PartDoc>({
  _id: { type: String, required: true }, userId: { type: String, required: true }, revision: { type: Number, required: true }, part: { type: Number, required: true },
  parts: { type: Number, required: true }, bytes: { type: Buffer, required: true }, at: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
schema.index({ userId: 1, revision: -1, part: 1 });
export const WorkbookParts = mongoose.model('workbookPart', schema, 'workbook_parts');

const PART_BYTES = 4 * 1024 * 1024;
const LIMIT_BYTES = 48 * 1024 * 1024;

export async function saveWorkbook(rt: Runtime, userId: string, snapshot: unknown): Promise<Result<{ revision: number }, Problem>> {
  const zipped = gzipSync(JSON.stringify(snapshot ?? null), { level: 1 });
  if (zipped.length > LIMIT_BYTES) return refuse(problem('too_large', { limit: '48 MB' }));
  const last = await WorkbookParts.findOne({ userId }).sort({ revision: -1 }).lean();
  const revision = (last?.revision ?? 0) + 1;
  const parts = Math.max(1, Math.ceil(zipped.length / PART_BYTES));
  const docs = Array.from({ length: parts }, (_, part): PartDoc => ({
    _id: `${userId}:${revision}:${part}`, userId, revision, part, parts, bytes: zipped.subarray(part * PART_BYTES, (part + 1) * PART_BYTES), at: rt.clock.now(),
  }));
  await WorkbookParts.insertMany(docs);
  await WorkbookParts.deleteMany({ userId, revision: { $lt: revision - 1 } });
  return ok({ revision });
}

/** The newest workbook whose parts are all there; a person who has none yet has an empty one. */
export async function readWorkbook(userId: string): Promise<Result<{ revision: number; snapshot: unknown }, Problem>> {
  const docs = await WorkbookParts.find({ userId }).sort({ revision: -1, part: 1 }).lean();
  for (const revision of new Set(docs.map((d) => d.revision))) {
    const parts = docs.filter((d) => d.revision === revision);
    if (parts.length !== parts[0]!.parts) continue;
    const bytes = Buffer.concat(parts.map((p) => Buffer.from((p.bytes as unknown as { buffer: Uint8Array }).buffer ?? p.bytes)));
    return ok({ revision, snapshot: JSON.parse(gunzipSync(bytes).toString('utf8')) as unknown });
  }
  return ok({ revision: 0, snapshot: {} });
}
