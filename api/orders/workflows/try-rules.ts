/**
 * Tries a draft of the review table on past orders, and publishes or rolls back a table.
 * In: rows and a period. Out: how many would pass, and each order whose decision differs, with the rows that decide.
 * Wrong: cells that cannot be read; somebody published meanwhile.
 */
import { problem, type Problem } from '../../contract/problems.ts';
import { addDays, startOfDay, type BusinessDay } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { compileTable, kindOf, liveRows, publishVersion, rowProblems, versionRows, type Compiled, type Row } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { holdsOf, waitsForPlatform } from '../domain/review.ts';
import { Orders, type OrderDoc } from '../store/models.ts';
import { inputOf, reviewContext } from './review-pending.ts';

const BATCH = 1000;
const CHANGES_SHOWN = 500;
type Change = { orderId: string; platformOrderId: string; paidFen: number; before: string[]; after: string[]; rowBefore: string; rowAfter: string };
export type Trial = { version: number; orders: number; passed: number; passedShare: number; livePassed: number; changed: number; changedPaidFen: number; changes: Change[] };

export async function tryTable(table: string, rows: readonly Row[], from: BusinessDay, to: BusinessDay): Promise<Result<Trial, Problem>> {
  const kind = kindOf(table);
  if (!kind) return refuse(problem('not_found', { noun: 'table', id: table }));
  const draft = compileTable(kind, rows);
  if (!draft.ok) return refuse(rowProblems(draft.refusal));
  if (table !== 'order-review') return refuse(problem('batch_refused', { count: 0 }, [{ code: 'unsupported', message: { zh: '只有审单规则可以拿过去的订单试算。', en: 'Only the order review table can be tried on past orders.' } }]));
  const live = await liveRows(table);
  const current = compileTable(kind, live.rows);
  if (!current.ok) return refuse(rowProblems(current.refusal));
  return ok(await compare(live.version, current.value, draft.value, from, to));
}

async function compare(version: number, live: Compiled, draft: Compiled, from: BusinessDay, to: BusinessDay): Promise<Trial> {
  const trial: Trial = { version, orders: 0, passed: 0, passedShare: 0, livePassed: 0, changed: 0, changedPaidFen: 0, changes: [] };
  const filter = { paidAt: { $gte: startOfDay(from), $lt: startOfDay(addDays(to, 1)) }, status: { $nin: ['unpaid', 'closed'] } };
  const cursor = Orders.find(filter).sort({ paidAt: 1 }).lean<OrderDoc[]>().cursor();
  for (let batch: OrderDoc[] = []; ;) {
    const next = (await cursor.next()) as OrderDoc | null;
    if (next) batch.push(next);
    if (batch.length >= BATCH || (!next && batch.length > 0)) {
      await compareBatch(trial, live, draft, batch);
      batch = [];
    }
    if (!next) break;
  }
  trial.passedShare = trial.orders === 0 ? 0 : Math.round((trial.passed * 10_000) / trial.orders);
  return trial;
}

async function compareBatch(trial: Trial, live: Compiled, draft: Compiled, orders: readonly OrderDoc[]): Promise<void> {
  const context = await reviewContext(orders);
  for (const order of orders) {
    const input = inputOf(order, context);
    const [before, after] = [holdsOf(live.decide(input), []), holdsOf(draft.decide(input), [])];
    const codes = (hits: typeof before): string[] => hits.map((h) => h.outcome['hold'] ?? '');
    trial.orders += 1;
    if (after.length === 0 && !waitsForPlatform(order.status)) trial.passed += 1;
    if (before.length === 0 && !waitsForPlatform(order.status)) trial.livePassed += 1;
    if (codes(before).join() === codes(after).join()) continue;
    trial.changed += 1;
    trial.changedPaidFen += order.paidFen;
    if (trial.changes.length < CHANGES_SHOWN) {
      trial.changes.push({ orderId: order._id, platformOrderId: order.platformOrderId, paidFen: order.paidFen, before: codes(before), after: codes(after), rowBefore: before[0]?.row ?? '', rowAfter: after[0]?.row ?? '' });
    }
  }
}

type PublishInput = { readonly table: string; readonly rows: readonly Row[]; readonly base: number; readonly note: string; readonly waitingToo: boolean; readonly userId: string };
/** Publishes, and when asked sends held orders back to review by the new version. */
export async function publishTable(rt: Runtime, input: PublishInput): Promise<Result<{ version: number; reviewedAgain: number }, Problem>> {
  const published = await rt.transact(async (session) => {
    const done = await publishVersion(rt, session, input);
    if (!done.ok || !input.waitingToo || input.table !== 'order-review') return { done, again: 0 };
    const sent = await Orders.updateMany({ reviewState: 'held', 'holds.code': { $ne: 'by_hand' } }, { $set: { reviewState: 'pending', changedAt: rt.clock.now() }, $inc: { revision: 1 } }, { session });
    return { done, again: sent.modifiedCount };
  });
  rt.wake('review-orders');
  return published.done.ok ? ok({ version: published.done.value, reviewedAgain: published.again }) : published.done;
}

/** The rows of an earlier version become the next one, so that history is only added to. */
export async function rollBackTable(rt: Runtime, table: string, version: number, userId: string): Promise<Result<{ version: number; reviewedAgain: number }, Problem>> {
  const rows = await versionRows(table, version);
  if (!rows) return refuse(problem('not_found', { noun: 'version', id: `${table} ${version}` }));
  return publishTable(rt, { table, rows, base: (await liveRows(table)).version, note: `rollback ${version}`, waitingToo: true, userId });
}
