/**
 * Tries a draft of a table on what a period brought: orders, refunds, stock, commands. Nothing is written.
 * In: rows and a period. Out: how many would pass, what changes against the live version and by how much money, each changed
 * order with the row that decided and the one that would; and the same for the orders that wait now.
 * Wrong: cells that cannot be read.
 */
import { problem, type Problem } from '../../contract/problems.ts';
import { addDays, startOfDay, type BusinessDay } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { askedCommands, compileTable, kindNow, liveRows, loadTable, rowProblems, type Compiled, type Row, type TableKind } from '../../rules/index.ts';
import { ahead } from '../../runtime/ahead.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { ownOfStock, skuFacts, stockOf } from '../../stock/index.ts';
import { Orders, Refunds, type OrderDoc, type RefundDoc } from '../store/models.ts';
import { seenOrders, type SeenOrder } from '../store/seen-orders.ts';
import { inputOf, knownOfAll, orderContext, WITHOUT_SEALED, type OrderContext } from './order-facts.ts';
import { orderSides, plainSide, REVIEWED, type Neighbours, type Side } from './trial-sides.ts';

const BATCH = 500;
const CHANGES_SHOWN = 500;
type Shown = { words: { zh: string; en: string }; rows: string[]; holds: string[] };
type Change = { orderId: string; platformOrderId: string; paidFen: number; before: string[]; after: string[]; rowBefore: string; rowAfter: string; was: Shown; is: Shown };
type Sums = { orders: number; changed: number; released: number; releasedFen: number; held: number; heldFen: number };
export type Trial = Sums & { version: number; passed: number; passedShare: number; livePassed: number; changedPaidFen: number; freightFen: number; waiting: Sums; changes: Change[] };
export type TryInput = { readonly table: string; readonly rows: readonly Row[]; readonly from: BusinessDay; readonly to: BusinessDay; readonly runId?: string | undefined };

/** How far runs are that somebody asks about; the newest few. */
const progress = new Map<string, { done: number; total: number }>();
export const trialProgress = (runId: string): { done: number; total: number } | undefined => progress.get(runId);
function follow(runId: string | undefined, total: number): (done: number) => void {
  if (!runId) return () => undefined;
  if (progress.size > 50) progress.delete(progress.keys().next().value!);
  progress.set(runId, { done: 0, total });
  return (done) => { progress.set(runId, { done, total }); };
}

type Two = { readonly kind: TableKind; readonly live: Compiled; readonly draft: Compiled; readonly neighbours: Neighbours; readonly uses: ReadonlySet<string> };
const nothing = (): Sums => ({ orders: 0, changed: 0, released: 0, releasedFen: 0, held: 0, heldFen: 0 });

export async function tryTable(rt: Runtime, input: TryInput): Promise<Result<Trial, Problem>> {
  const kind = await kindNow(input.table);
  if (!kind) return refuse(problem('not_found', { noun: 'table', id: input.table }));
  const draft = compileTable(kind, input.rows);
  if (!draft.ok) return refuse(rowProblems(draft.refusal));
  const there = await liveRows(input.table);
  const live = compileTable(kind, there.rows);
  if (!live.ok) return refuse(rowProblems(live.refusal));
  const names = ['order-review', 'tag', 'gift', 'warehouse', 'courier'] as const;
  const tables = await Promise.all(names.map((n) => loadTable(n)));
  const two: Two = { kind, live: live.value, draft: draft.value, neighbours: Object.fromEntries(names.map((n, i) => [n, tables[i]!])) as Neighbours, uses: new Set([...live.value.uses, ...draft.value.uses, ...tables.flatMap((t) => [...t.uses])]) };
  const trial: Trial = { ...nothing(), version: there.version, passed: 0, passedShare: 0, livePassed: 0, changedPaidFen: 0, freightFen: 0, waiting: nothing(), changes: [] };
  const span = { $gte: startOfDay(input.from), $lt: startOfDay(addDays(input.to, 1)) };
  if (input.table === 'stock-alert') await tryOnStock(trial, two);
  else if (input.table === 'approval') await tryOnCommands(trial, two, span);
  else if (input.table === 'after-sales') await tryOnRefunds(trial, two, span, rt.clock.now());
  else await tryOnOrders(trial, two, { span, runId: input.runId, now: rt.clock.now() });
  trial.passedShare = trial.orders === 0 ? 0 : Math.round((trial.passed * 10_000) / trial.orders);
  return ok(trial);
}

type Span = { readonly $gte: Date; readonly $lt: Date };
async function tryOnOrders(trial: Trial, two: Two, { span, runId, now }: { readonly span: Span; readonly runId: string | undefined; readonly now: Date }): Promise<void> {
  const past = { paidAt: span, status: { $nin: ['unpaid', 'closed'] }, ...(two.kind.name === 'hold-release' ? { reviewState: 'held' as const } : {}) };
  const tell = follow(runId, runId ? await Orders.countDocuments(past) : 0);
  const known = await knownOfAll(two.uses);
  const contextOf = (orders: SeenOrder[]): Promise<OrderContext> => orderContext(orders, now, two.uses, known);
  await inBatches(past, contextOf, (orders, context) => {
    for (const order of orders) compare(trial, trial, order, sides(two, order, context));
    tell(trial.orders);
  });
  await inBatches({ reviewState: { $in: ['pending', 'held'] }, status: { $nin: ['unpaid', 'closed'] } }, contextOf, (orders, context) => {
    for (const order of orders) compare(undefined, trial.waiting, order, waitingSides(two, order, context));
  });
}
const sides = (two: Two, order: SeenOrder, context: OrderContext): readonly [Side, Side] => orderSides([two.live, two.draft], { table: two.kind.name, order, context, live: two.neighbours });

/** An order that waits is compared with how it stands, whichever version held it; one that a person holds stays held. */
function waitingSides(two: Two, order: SeenOrder, context: OrderContext): readonly [Side, Side] {
  const [live, draft] = sides(two, order, context);
  if (!REVIEWED.has(two.kind.name) || order.reviewState !== 'held') return [live, draft];
  const held = order.holds.map((h) => h.code);
  const was: Side = { ...live, holds: held, passed: false, key: held.join() };
  return order.holds.some((h) => h.code === 'by_hand') ? [was, was] : [was, { ...draft, key: draft.holds.join() }];
}

/** While a batch is decided the store reads the next one's buyers and the orders after it. */
async function inBatches(filter: Record<string, unknown>, contextOf: (orders: SeenOrder[]) => Promise<OrderContext>, work: (orders: SeenOrder[], context: OrderContext) => void): Promise<void> {
  for await (const { batch, context } of ahead(withContext(ahead(seenOrders(filter, BATCH)), contextOf))) work(batch, context);
}
async function* withContext(batches: AsyncIterable<SeenOrder[]>, contextOf: (orders: SeenOrder[]) => Promise<OrderContext>): AsyncGenerator<{ readonly batch: SeenOrder[]; readonly context: OrderContext }> {
  for await (const batch of batches) yield { batch, context: await contextOf(batch) };
}

type Subject = { readonly _id: string; readonly platformOrderId: string; readonly paidFen: number };
function compare(trial: Trial | undefined, sums: Sums, subject: Subject, [was, is]: readonly [Side, Side]): void {
  sums.orders += 1;
  if (trial && is.passed) trial.passed += 1;
  if (trial && was.passed) trial.livePassed += 1;
  if (was.key === is.key) return;
  sums.changed += 1;
  if (is.passed && !was.passed) { sums.released += 1; sums.releasedFen += subject.paidFen; }
  if (was.passed && !is.passed) { sums.held += 1; sums.heldFen += subject.paidFen; }
  if (!trial) return;
  trial.changedPaidFen += subject.paidFen;
  trial.freightFen += is.freightFen - was.freightFen;
  if (trial.changes.length >= CHANGES_SHOWN) return;
  const shown = (s: Side): Shown => ({ words: s.words, rows: [...s.rows], holds: [...s.holds] });
  const named = (s: Side): string[] => (s.holds.length > 0 ? [...s.holds] : s.rows.length > 0 && !was.holds.length && !is.holds.length ? [s.words.en] : []);
  trial.changes.push({ orderId: subject._id, platformOrderId: subject.platformOrderId, paidFen: subject.paidFen, before: named(was), after: named(is), rowBefore: was.rows[0] ?? '', rowAfter: is.rows[0] ?? '', was: shown(was), is: shown(is) });
}
const both = (two: Two, input: Record<string, string | number | boolean | readonly string[] | undefined>): readonly [Side, Side] => [plainSide(two.kind, two.live.decide(input)), plainSide(two.kind, two.draft.decide(input))];

async function tryOnRefunds(trial: Trial, two: Two, span: Span, now: Date): Promise<void> {
  const refunds = await Refunds.find({ requestedAt: span }).lean<RefundDoc[]>();
  const orders = new Map((await Orders.find({ _id: { $in: refunds.map((r) => r.orderId) } }, WITHOUT_SEALED).lean<OrderDoc[]>()).map((o) => [o._id, o]));
  const context = await orderContext([...orders.values()], now, two.uses);
  for (const r of refunds) compare(trial, trial, { _id: r._id, platformOrderId: r.platformOrderId, paidFen: r.refundFen }, both(two, refundInput(r, orders.get(r.orderId), context)));
}
/** What the after-sales table sees of a refund. */
export const refundInput = (r: RefundDoc, order: OrderDoc | undefined, context: OrderContext) => ({
  ...(order ? inputOf(order, context) : {}), refund: r.refundFen, refundState: r.state, goodsReturn: r.hasGoodsReturn, reason: r.reason, shipped: Boolean(order && (order.shippedAt ?? order.lines.some((l) => l.platformLineId === r.platformLineId && l.shipped))),
});
async function tryOnStock(trial: Trial, two: Two): Promise<void> {
  const [facts, ownOf] = [await skuFacts(), await ownOfStock(two.uses)];
  for (const p of await stockOf()) {
    const s = facts.get(p.skuCode);
    const input = { ...ownOf(p.skuCode, p.warehouseCode), sku: p.skuCode, category: s?.category ?? '', warehouse: p.warehouseCode, flags: s?.flags ?? [], available: p.available, belowSafety: Math.max(0, p.safetyStock - p.available), incoming: p.incoming, locked: p.onHand - p.reserved - p.available, value: (s?.costFen ?? 0) * p.onHand };
    compare(trial, trial, { _id: `${p.warehouseCode}:${p.skuCode}`, platformOrderId: `${p.warehouseCode} ${p.skuCode}`, paidFen: 0 }, both(two, input));
  }
}
async function tryOnCommands(trial: Trial, two: Two, span: Span): Promise<void> {
  for (const c of await askedCommands(span.$gte, span.$lt)) compare(trial, trial, { _id: c._id, platformOrderId: c.command, paidFen: c.amountFen }, both(two, { command: c.command, role: c.role, amount: c.amountFen, quantity: c.quantity }));
}
