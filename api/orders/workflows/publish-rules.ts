/**
 * Publishes or rolls back a table; when asked, for the orders that wait too.
 * In: rows, the version that they began with. Out: the new version, how many orders are reviewed again.
 * Wrong: cells that cannot be read; cells that somebody else changed meanwhile.
 */
import { problem, type Problem } from '../../contract/problems.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { dropDraft, liveRows, publishVersion, versionRows, type Publish, type Published } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Orders } from '../store/models.ts';

/** Tables whose word an order that is held, or was not planned yet, can be asked again by. */
const REVIEWED: ReadonlySet<string> = new Set(['order-review', 'tag', 'gift', 'hold-release']);
export type PublishDone = Published & { readonly reviewedAgain: number };

export async function publishTable(rt: Runtime, input: Publish & { readonly waitingToo: boolean }): Promise<Result<PublishDone, Problem>> {
  const published = await rt.transact(async (session): Promise<Result<PublishDone, Problem>> => {
    const done = await publishVersion(rt, session, input);
    if (!done.ok) return done;
    if (!input.waitingToo || !REVIEWED.has(input.table)) return ok({ ...done.value, reviewedAgain: 0 });
    const sent = await Orders.updateMany({ reviewState: 'held', 'holds.code': { $ne: 'by_hand' } }, { $set: { reviewState: 'pending', changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
    return ok({ ...done.value, reviewedAgain: sent.modifiedCount });
  });
  if (!published.ok) return published;
  await dropDraft(input.table, input.userId);
  rt.wake('review-orders');
  return published;
}

/** The rows of an earlier version become the next one, so that history is only added to. */
export async function rollBackTable(rt: Runtime, input: { readonly table: string; readonly version: number; readonly waitingToo: boolean; readonly userId: string }): Promise<Result<PublishDone, Problem>> {
  const { table, version } = input;
  const [rows, live] = await Promise.all([versionRows(table, version), liveRows(table)]);
  if (!rows) return refuse(problem('not_found', { noun: 'version', id: `${table} ${version}` }));
  if (live.version === version) return ok({ version, merged: false, changedRows: 0, reviewedAgain: 0 });
  return publishTable(rt, { table, rows, base: live.version, note: `rollback ${version}`, waitingToo: input.waitingToo, userId: input.userId });
}
