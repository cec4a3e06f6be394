import mongoose, { Schema, type ClientSession } from 'mongoose';
import type { Runtime } from '../runtime/runtime.ts';
import { insertAll } from './bulk.ts';

/** Who changed what, when, from what to what. Never holds personal data: commands hand in masked values. */
export type AuditEntry = {
  readonly userId: string; readonly command: string; readonly noun: string; readonly id: string;
  readonly before: unknown; readonly after: unknown; readonly batchId?: string; readonly at: Date;
};
type AuditDoc = { _id: string; userId: string; command: string; noun: string; rowId: string; before: unknown; after: unknown; batchId: string; at: Date };
const schema = new Schema<AuditDoc>({
  _id: { type: String, required: true }, userId: { type: String, required: true }, command: { type: String, required: true }, noun: { type: String, required: true },
  rowId: { type: String, required: true }, before: Schema.Types.Mixed, after: Schema.Types.Mixed, batchId: { type: String, default: '' }, at: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
schema.index({ noun: 1, rowId: 1, at: -1 });
schema.index({ batchId: 1 }, { sparse: true });
export const Audit = mongoose.model('audit', schema, 'audit');

export async function audit(rt: Runtime, session: ClientSession, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await insertAll(Audit, entries.map((e): AuditDoc => ({
    _id: rt.newId('audit'), userId: e.userId, command: e.command, noun: e.noun, rowId: e.id, before: e.before, after: e.after, batchId: e.batchId ?? '', at: e.at,
  })), session);
}

/** The last change of a row: who and when, for a conflict's text. */
export async function lastChange(noun: string, id: string, session?: ClientSession): Promise<{ by: string; at: Date } | undefined> {
  const found = await Audit.findOne({ noun, rowId: id }).sort({ at: -1 }).session(session ?? null).lean();
  return found ? { by: found.userId, at: found.at } : undefined;
}
