import mongoose, { Schema } from 'mongoose';

/** Who runs a job now. A lease that is not kept up ends by itself, so a killed process holds nothing for long. */
type LeaseDoc = { _id: string; owner: string; until: Date };
const leaseSchema = new Schema<LeaseDoc>({ _id: { type: String, required: true }, owner: { type: String, required: true }, until: { type: Date, required: true } }, { strict: 'throw', versionKey: false, autoIndex: false });
export const Leases = mongoose.model('lease', leaseSchema, 'leases');

export type RunDoc = { _id: string; job: string; startedAt: Date; finishedAt?: Date; outcome: 'running' | 'done' | 'failed'; result?: Record<string, unknown>; error?: string };
const runSchema = new Schema<RunDoc>({
  _id: { type: String, required: true }, job: { type: String, required: true }, startedAt: { type: Date, required: true }, finishedAt: { type: Date },
  outcome: { type: String, required: true }, result: { type: Schema.Types.Mixed }, error: { type: String },
}, { strict: 'throw', versionKey: false, autoIndex: false });
runSchema.index({ job: 1, startedAt: -1 });
runSchema.index({ startedAt: 1 }, { expireAfterSeconds: 14 * 86_400 });
export const Runs = mongoose.model('jobRun', runSchema, 'job_runs');

export const LEASE_MS = 30_000;

/** True when this owner now holds the job. */
export async function takeLease(job: string, owner: string, now: Date): Promise<boolean> {
  const until = new Date(now.getTime() + LEASE_MS);
  try {
    const taken = await Leases.updateOne({ _id: job, $or: [{ until: { $lte: now } }, { owner }] }, { $set: { owner, until } }, { upsert: true });
    return taken.matchedCount === 1 || taken.upsertedCount === 1;
  } catch (error) {
    // The upsert met a live lease of another owner: the same _id.
    if ((error as { code?: number }).code === 11_000) return false;
    throw error;
  }
}
export const keepLease = (job: string, owner: string, now: Date): Promise<unknown> => Leases.updateOne({ _id: job, owner }, { $set: { until: new Date(now.getTime() + LEASE_MS) } });
/** Ends every lease: only for a store that this process has to itself, where a holder of before can only be dead. */
export const endLeases = (): Promise<unknown> => Leases.deleteMany({});
export const dropLease = (job: string, owner: string): Promise<unknown> => Leases.deleteOne({ _id: job, owner });
