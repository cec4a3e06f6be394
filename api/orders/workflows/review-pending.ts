/**
 * Reviews what waits: the live tables decide, and their rows are kept with what they looked at.
 * In: orders with reviewState pending, and held ones whose reason may be gone. Out: passed, held, released.
 * A held order is asked again by the version that held it, so that a publish "from now on" leaves it as it is.
 */
import type { ClientSession } from 'mongoose';
import { businessDayOf } from '../../contract/values/time.ts';
import { loadTable, loadVersion, type LoadedTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { matchListing } from '../../stock/index.ts';
import { nextDue, waitsUntil } from '../domain/due.ts';
import type { Given } from '../domain/gifts.ts';
import { waitsForPlatform, type HitLike } from '../domain/review.ts';
import { answerRefunds } from './answer-refunds.ts';
import { adoptRefunds } from './ingest-refunds.ts';
import { takesParts } from './plan-policy.ts';
import { updateAll } from '../../store/bulk.ts';
import { Orders, type HoldDoc, type OrderDoc } from '../store/models.ts';
import { giveGifts } from './give-gifts.ts';
import { judge, orderContext, WITHOUT_SEALED, type Judged, type OrderContext } from './order-facts.ts';

const BATCH = 500;
/** Decisions that are saved in one transaction. */
const TOGETHER = 500;
export type LiveTables = { readonly review: LoadedTable; readonly tag: LoadedTable; readonly gift: LoadedTable; readonly release: LoadedTable };
export const liveReview = async (): Promise<LiveTables> => {
  const [review, tag, gift, release] = await Promise.all([loadTable('order-review'), loadTable('tag'), loadTable('gift'), loadTable('hold-release')]);
  return { review, tag, gift, release };
};
export const usesOf = (t: LiveTables): ReadonlySet<string> => new Set([t.review, t.tag, t.gift, t.release].flatMap((x) => [...x.uses]));

export async function reviewPending(rt: Runtime): Promise<{ passed: number; held: number; released: number }> {
  const counts = { passed: 0, held: 0, released: 0 };
  const tables = await liveReview();
  await adoptRefunds(rt);
  while (await reviewRound(rt, tables, counts));
  counts.released = await releaseGone(rt, tables);
  await wakeDue(rt);
  await answerRefunds(rt);
  return counts;
}

/** True: there were several batches, so that some may have been passed over between them. */
async function reviewRound(rt: Runtime, tables: LiveTables, counts: { passed: number; held: number }): Promise<boolean> {
  let batches = 0;
  for (let [done, next] = [BATCH, pendingOrders(0)]; done === BATCH; batches += 1) {
    const orders = await next;
    // Read while these are decided and saved: until then they are pending too.
    next = orders.length === BATCH ? pendingOrders(BATCH) : Promise.resolve([]);
    next.catch(() => undefined);
    const context = await orderContext(orders, rt.clock.now(), usesOf(tables));
    const decided = orders.map((order) => decideOne(rt, order, tables, context));
    const saved = await saveAll(rt, decided);
    decided.forEach((d, i) => { if (saved[i]) counts[d.holds.length > 0 ? 'held' : 'passed'] += 1; });
    done = saved.filter(Boolean).length;
  }
  return batches > 1;
}

const NOT_REVIEWED = ['unpaid', 'closed'];
const pendingOrders = async (after: number): Promise<OrderDoc[]> => Orders.find({ reviewState: 'pending', status: { $nin: NOT_REVIEWED } }, WITHOUT_SEALED).sort({ paidAt: 1 }).skip(after).limit(BATCH).batchSize(BATCH).lean<OrderDoc[]>();

type Hold = Omit<HoldDoc, 'at'>;
const holdOf = (hit: HitLike, version: number): Hold => ({ code: hit.outcome['hold'] ?? '', version, row: hit.row, place: hit.place, note: hit.outcome['note'] ?? '', looked: defined(hit.looked) });
const defined = (looked: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(looked).filter(([, v]) => v !== undefined));
const HOUR = 3_600_000;

/** What no row found but the platform or the calendar says, is over when they say so. */
const OWN: ReadonlySet<string> = new Set(['presale_not_due', 'platform_waits']);
/** Who may end a hold, and whether it ends by itself, as the release table says for this order now. */
export function endOf(release: Pick<LoadedTable, 'decide'>, hold: { readonly code: string; readonly at?: Date }, judged: Pick<Judged, 'input'>, now: Date): { readonly by: string; readonly itself: boolean; readonly note: string } {
  const hit = release.decide({ ...judged.input, hold: hold.code, heldHours: hold.at ? (now.getTime() - hold.at.getTime()) / HOUR : 0 })[0];
  return { by: hit?.outcome['by'] || 'anyone', itself: hit?.outcome['itself'] === 'yes' || OWN.has(hold.code), note: hit?.outcome['note'] ?? '' };
}

/** Reasons that the rules find, and the platform's own; each once. */
function reasonsOf(order: OrderDoc, judged: Judged, version: number, at: { readonly now: Date; readonly mayDivide: boolean }): Hold[] {
  const found = judged.holds.map((h) => holdOf(h, version));
  const add = (code: string, note: string, looked: Record<string, unknown>): void => void (found.some((h) => h.code === code) || found.push({ code, version, row: '', place: 0, note, looked }));
  // A person cannot let go what the platform would refuse; a day that is still to come they can.
  if (waitsForPlatform(order.status)) { if (order.presale || found.length === 0) add(order.presale ? 'presale_unpaid_balance' : 'platform_waits', order.platformStatus, { status: order.status }); return found; }
  const until = waitsUntil(order, at.now, at.mayDivide);
  if (until) add('presale_not_due', businessDayOf(until), { shipFrom: businessDayOf(until) });
  return found;
}

function decideOne(rt: Runtime, order: OrderDoc, tables: LiveTables, context: OrderContext): Decided {
  const judged = judge(order, context, tables, order.released);
  const byHand = order.holds.filter((h) => h.code === 'by_hand');
  const holds = [...byHand, ...reasonsOf(order, judged, tables.review.version, { now: context.now, mayDivide: takesParts(rt, order.channel) })].map((h) => withEnd(h, order, judged, tables, context.now));
  return { order, mapped: false, holds, judged, version: tables.review.version, uses: tables.review.uses, byItself: false };
}

function withEnd(hold: Hold & { at?: Date }, order: OrderDoc, judged: Judged, tables: LiveTables, now: Date): HoldDoc {
  // A reason that stands since an earlier look keeps its hour: it is how long the order has waited.
  const at = hold.at ?? order.holds.find((h) => h.code === hold.code)?.at ?? now;
  const { by, itself } = endOf(tables.release, { code: hold.code, at }, judged, now);
  return { ...hold, at, by, itself };
}

/**
 * Orders on their way in, decided before they are written for the first time: what they would get from the next review, without being
 * read and written again for it. Only those of buyers whom nobody knew, since no history of theirs has to be read. Gifts are counted
 * as they are given, and own fields are read from what is stored: an order with either waits for the job.
 */
export async function decideFresh(rt: Runtime, tables: LiveTables, orders: readonly OrderDoc[]): Promise<readonly OrderDoc[]> {
  const uses = usesOf(tables);
  const due = orders.filter((o) => o.reviewState === 'pending' && !NOT_REVIEWED.includes(o.status));
  if (due.length === 0) return orders;
  // Nobody has said or bought anything under a customer's id that was made a moment ago.
  const context = await orderContext(due.map((o) => ({ ...o, customerId: '' })), rt.clock.now(), uses);
  if (context.own.size > 0) return orders;
  const made = new Map(due.flatMap((order) => {
    const d = decideOne(rt, order, tables, context);
    return d.judged.ruled.gifts.length > 0 ? [] : [[order, { ...order, ...decisionOf(rt, d, undefined) }] as const];
  }));
  return orders.map((o) => made.get(o) ?? o);
}

type Decided = { readonly order: OrderDoc; /** Its lines have got their SKUs meanwhile. */ readonly mapped: boolean; readonly holds: readonly HoldDoc[]; readonly judged: Judged; readonly version: number; readonly uses: ReadonlySet<string>; readonly byItself: boolean };
/** Saves decisions with their gifts, each if its order is still as it was read. */
async function saveAll(rt: Runtime, list: readonly Decided[]): Promise<boolean[]> {
  const saved: boolean[] = [];
  for (let i = 0; i < list.length; i += TOGETHER) {
    const part = list.slice(i, i + TOGETHER);
    const all = await rt.transact((session) => saveSome(rt, session, part)).catch((error: unknown) => { if (error instanceof Moved) return undefined; throw error; });
    saved.push(...(all ? part.map(() => true) : await rt.transact(async (session) => {
      const there = new Map((await Orders.find({ _id: { $in: part.map((d) => d.order._id) } }, { revision: 1 }).session(session).lean()).map((o) => [o._id, o.revision]));
      const same = part.map((d) => there.get(d.order._id) === d.order.revision);
      await saveSome(rt, session, part.filter((_, k) => same[k]));
      return same;
    })));
  }
  return saved;
}

class Moved extends Error {}
/** All of them, or (when one is not as it was read any more) none. */
async function saveSome(rt: Runtime, session: ClientSession, due: readonly Decided[]): Promise<true> {
  const given = await giveGifts(rt, session, due.map((d) => ({ order: d.order, wishes: d.judged.ruled.gifts })));
  const found = await updateAll<OrderDoc>(Orders, due.map((d) => ({ filter: { _id: d.order._id, revision: d.order.revision }, update: { $set: decisionOf(rt, d, given.get(d.order._id)), $inc: { revision: 1 } } })), session);
  if (found !== due.length) throw new Moved();
  return true;
}

function decisionOf(rt: Runtime, d: Decided, given: Given | undefined): Omit<Partial<OrderDoc>, 'laterAt'> & { laterAt?: Date | null } {
  const now = rt.clock.now();
  const looked = d.judged.hits.length > 0 ? Object.assign({}, ...d.judged.hits.map((h) => defined(h.looked))) as Record<string, unknown> : defined(Object.fromEntries([...d.uses].map((key) => [key, d.judged.input[key]])));
  const pass = d.judged.passRow;
  const decision = { table: 'order-review', version: d.version, at: now, byHand: false, looked, ...(pass ? { row: pass.row, place: pass.place } : {}), ...(d.byItself ? { byItself: true, was: d.order.holds.map((h) => h.code) } : {}) };
  const { courier, warehouse, flag, tags } = d.judged.ruled;
  const ruled = { courier, warehouse, flag, tags: [...tags], gifts: given?.gifts ?? [], ...(given?.missed.length ? { missed: given.missed } : {}) };
  return { reviewState: d.holds.length > 0 ? 'held' : 'passed', ...(d.holds.length === 0 && d.order.parcelIds.length === 0 && d.order.status !== 'shipped' ? { toPlan: true } : {}), holds: [...d.holds], decision, ruled, ...(flag !== '' && flag !== String(d.order.sellerFlag) && flag !== d.order.flagTold?.flag ? { flagDue: true } : {}), ...(d.mapped ? { lines: d.order.lines } : {}), ...laterOf(d, now), changedAt: now };
}
/** Lines of a presale whose day is still to come are planned on it; a part of the order that has left already does not hold them back. */
function laterOf(d: Decided, now: Date): { laterAt?: Date | null; toPlan?: true } {
  if (d.holds.length > 0) return {};
  const next = nextDue(d.order, now);
  return { ...(next ? { laterAt: next } : d.order.laterAt ? { laterAt: null } : {}), ...(d.order.laterAt && d.order.laterAt <= now ? { toPlan: true } : {}) };
}
/** Orders of which some lines have left or are planned, and others have come to their day. */
async function wakeDue(rt: Runtime): Promise<void> {
  const now = rt.clock.now();
  for (const o of await Orders.find({ laterAt: { $lte: now }, reviewState: 'passed' }).limit(BATCH).lean<OrderDoc[]>()) {
    await Orders.updateOne({ _id: o._id, revision: o.revision }, { $set: { laterAt: nextDue(o, now) ?? null, toPlan: true, changedAt: now }, $inc: { revision: 1 } });
  }
}

/** Held orders whose reasons are gone: each reason that may end by itself does; the last one lets the order go. */
async function releaseGone(rt: Runtime, live: LiveTables): Promise<number> {
  let released = 0;
  for (let after = ''; ;) {
    const held = await Orders.find({ reviewState: 'held', _id: { $gt: after } }).sort({ _id: 1 }).limit(BATCH).lean<OrderDoc[]>();
    if (held.length === 0) return released;
    after = held.at(-1)!._id;
    const versions = new Map<number, LoadedTable>();
    for (const v of new Set(held.map((o) => o.decision?.version ?? live.review.version))) versions.set(v, (await loadVersion('order-review', v)) ?? live.review);
    const uses = new Set([...usesOf(live), ...[...versions.values()].flatMap((v) => [...v.uses])]);
    const mapped = await Promise.all(held.map((o) => mapAgain(rt, o)));
    const context = await orderContext(mapped, rt.clock.now(), uses);
    const again = mapped.flatMap((order, i) => askAgain(rt, order, order !== held[i], { ...live, review: versions.get(order.decision?.version ?? live.review.version)! }, context) ?? []);
    const saved = await saveAll(rt, again);
    released += again.filter((d, i) => saved[i] && d.holds.length === 0).length;
  }
}

/** Undefined: nothing about it is different. */
function askAgain(rt: Runtime, order: OrderDoc, mapped: boolean, tables: LiveTables, context: OrderContext): Decided | undefined {
  const judged = judge(order, context, tables, order.released);
  const found = reasonsOf(order, judged, tables.review.version, { now: context.now, mayDivide: takesParts(rt, order.channel) });
  // A reason that is gone stays until a person looks, unless the release table lets it end by itself.
  const stays = order.holds.filter((h) => h.code === 'by_hand' || (!found.some((f) => f.code === h.code) && !endOf(tables.release, h, judged, context.now).itself));
  const holds = [...stays, ...found.filter((f) => !stays.some((s) => s.code === f.code))].map((h) => withEnd(h, order, judged, tables, context.now));
  const same = holds.length === order.holds.length && holds.every((h) => order.holds.some((o) => o.code === h.code && o.row === h.row));
  return same && !mapped ? undefined : { order, mapped, holds, judged, version: tables.review.version, uses: tables.review.uses, byItself: true };
}

/** Lines that had no SKU are matched again: a person may have mapped the listing meanwhile. */
async function mapAgain(rt: Runtime, order: OrderDoc): Promise<OrderDoc> {
  if (order.lines.every((l) => l.skuCode)) return order;
  const lines = await Promise.all(order.lines.map(async (l) => (l.skuCode ? l : { ...l, skuCode: await matchListing(rt, { shopId: order.shopId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId || l.merchantCode, merchantCode: l.merchantCode, title: l.title }) })));
  return lines.some((l, i) => l.skuCode !== order.lines[i]!.skuCode) ? { ...order, lines } : order;
}
