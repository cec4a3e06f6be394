import { createHash } from 'node:crypto';
import mongoose, { Schema } from 'mongoose';
import type { Clock } from '../runtime/clock.ts';

type KeyDoc = { _id: string; bodyHash: string; status: number; body: unknown; at: Date };
const schema = new Schema<KeyDoc>({
  _id: { type: String, required: true }, bodyHash: { type: String, required: true }, status: { type: Number, required: true },
  body: Schema.Types.Mixed, at: { type: Date, required: true },
}, { strict: 'throw', versionKey: false, autoIndex: false });
schema.index({ at: 1 }, { expireAfterSeconds: 7 * 86_400 });
export const IdempotencyKeys = mongoose.model('idempotencyKey', schema, 'idempotency_keys');

export type Earlier = { kind: 'first' } | { kind: 'same'; status: number; body: unknown } | { kind: 'mismatch' } | { kind: 'in_progress' };
/** A claim older than this was cut off; the same request may then be worked on again (its effects are keyed by themselves). */
const STALE_MS = 60_000;

export const keyOf = (userId: string, route: string, key: string): string => `${userId}|${route}|${key}`;
export const bodyHashOf = (body: unknown): string => createHash('sha256').update(JSON.stringify(body ?? null)).digest('base64url');

/** Claims a key for one request, or says what an earlier request under it answered. */
export async function claim(clock: Clock, id: string, bodyHash: string): Promise<Earlier> {
  const now = clock.now();
  try {
    await IdempotencyKeys.create({ _id: id, bodyHash, status: 0, body: null, at: now });
    return { kind: 'first' };
  } catch (error) {
    if ((error as { code?: number }).code !== 11_000) throw error;
  }
  const kept = await IdempotencyKeys.findById(id).lean();
  if (!kept) return { kind: 'in_progress' };
  if (kept.bodyHash !== bodyHash) return { kind: 'mismatch' };
  if (kept.status !== 0) return { kind: 'same', status: kept.status, body: kept.body };
  const taken = await IdempotencyKeys.updateOne({ _id: id, status: 0, at: { $lt: new Date(now.getTime() - STALE_MS) } }, { $set: { at: now } });
  return taken.modifiedCount === 1 ? { kind: 'first' } : { kind: 'in_progress' };
}

/** Keeps a success for repeats; a refusal is let go, so that the mended request may use the key again. */
export async function settle(id: string, status: number, body: unknown): Promise<void> {
  if (status < 300) await IdempotencyKeys.updateOne({ _id: id }, { $set: { status, body } });
  else await IdempotencyKeys.deleteOne({ _id: id, status: 0 });
}
