import type { Runtime } from '../runtime/runtime.ts';
import { Windows, type WindowDoc } from './store/shops.ts';

const LEASE_MS = 120_000;
/** After this many failures of one window its tries slow down, doubling up to half an hour. */
const PATIENT_TRIES = 3;

type Span = { readonly job: string; readonly shopId: string; readonly startAt: Date; readonly windowMs: number; readonly now: Date; readonly owner: string };

/**
 * Takes the next window of a shop: the one that was cut off or refused, else the one after the last done, up to now.
 * Undefined when nothing is due or another instance holds it. Windows follow one another without a gap, oldest first;
 * the unique (job, shop, sequence) lets only one instance make each.
 */
export async function takeWindow(rt: Runtime, span: Span): Promise<WindowDoc | undefined> {
  const last = await Windows.findOne({ job: span.job, shopId: span.shopId }).sort({ sequence: -1 }).lean();
  if (last && last.state === 'open') return takeOver(last, span);
  const from = last ? last.to : span.startAt;
  if (from >= span.now) return undefined;
  const to = new Date(Math.min(from.getTime() + span.windowMs, span.now.getTime()));
  const fresh: WindowDoc = {
    _id: rt.newId('window'), job: span.job, shopId: span.shopId, sequence: (last?.sequence ?? 0) + 1, from, to, state: 'open',
    owner: span.owner, leaseUntil: new Date(span.now.getTime() + LEASE_MS), tries: 1, error: '',
  };
  try {
    await Windows.create(fresh);
    return fresh;
  } catch (error) {
    if ((error as { code?: number }).code === 11_000) return undefined;
    throw error;
  }
}

async function takeOver(open: WindowDoc, span: Span): Promise<WindowDoc | undefined> {
  const mine = { owner: span.owner, leaseUntil: new Date(span.now.getTime() + LEASE_MS) };
  const taken = await Windows.findOneAndUpdate(
    { _id: open._id, state: 'open', leaseUntil: { $lte: span.now } }, { $set: mine, $inc: { tries: 1 } }, { returnDocument: 'after' },
  ).lean();
  return taken ?? undefined;
}

/** Windows that were cut off may be taken at once: only where this process has the store to itself. */
export const freeWindows = (now: Date): Promise<unknown> => Windows.updateMany({ state: 'open', leaseUntil: { $gt: now } }, { $set: { leaseUntil: now } });

export const keepWindow = (window: WindowDoc, now: Date): Promise<unknown> =>
  Windows.updateOne({ _id: window._id, owner: window.owner, state: 'open' }, { $set: { leaseUntil: new Date(now.getTime() + LEASE_MS) } });

export const finishWindow = (window: WindowDoc, counts: Record<string, number>, now: Date): Promise<unknown> =>
  Windows.updateOne({ _id: window._id, owner: window.owner }, { $set: { state: 'done', counts, doneAt: now, error: '' } });

/** Gives a window back for another try, at once or later when it failed often or the platform named a time. */
export const giveBackWindow = (window: WindowDoc, words: string, now: Date, retryAfterMs = 0): Promise<unknown> => {
  const slow = window.tries > PATIENT_TRIES ? Math.min(1_800_000, 1000 * 2 ** Math.min(window.tries, 11)) : 0;
  return Windows.updateOne({ _id: window._id, owner: window.owner }, { $set: { leaseUntil: new Date(now.getTime() + Math.max(slow, retryAfterMs)), error: words.slice(0, 500) } });
};

/** Done windows older than a week say nothing any more, but for the last of each shop, which is the watermark. */
export async function sweepWindows(job: string, shopId: string, now: Date): Promise<void> {
  const last = await Windows.findOne({ job, shopId, state: 'done' }).sort({ sequence: -1 }).lean();
  if (last) await Windows.deleteMany({ job, shopId, state: 'done', sequence: { $lt: last.sequence }, doneAt: { $lt: new Date(now.getTime() - 7 * 86_400_000) } });
}
