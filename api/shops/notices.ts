import type { Both } from '../contract/route.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Notices } from './store/shops.ts';

/** Raises a notice; the same kind and subject again only counts up and opens it anew. */
export async function raiseNotice(rt: Runtime, notice: { kind: string; subject: string; words: Both }): Promise<void> {
  const now = rt.clock.now();
  await Notices.updateOne(
    { kind: notice.kind, subject: notice.subject },
    { $set: { words: notice.words, at: now, changedAt: now, closedAt: null }, $inc: { count: 1, revision: 1 }, $setOnInsert: { _id: rt.newId('notice') } },
    { upsert: true },
  );
}

export async function closeNotice(rt: Runtime, kind: string, subject: string): Promise<void> {
  const now = rt.clock.now();
  await Notices.updateOne({ kind, subject, closedAt: null }, { $set: { closedAt: now, changedAt: now }, $inc: { revision: 1 } });
}
