/**
 * Gives passed orders a warehouse, a courier and their stock, in waves of orders that compete for it.
 * In: passed orders with lines that no parcel has; parcels that waited for stock; open parcels that a new order may join.
 * Out: parcels that hold all their stock, or one short parcel per order (or merge group) with its reason: never half of each.
 */
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { release, reserve, reserveAll } from '../../stock/index.ts';
import { assign, type Assignment, type Draft, type PlanLine } from '../domain/planning/assign.ts';
import { giftLineId } from '../domain/gifts.ts';
import { mergeGroups } from '../domain/planning/merge.ts';
import { portion } from '../domain/planning/portions.ts';
import { solveWave, WAITS } from '../domain/planning/wave.ts';
import { insertAll, updateAll } from '../../store/bulk.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { planDropships } from './plan-dropships.ts';
import { loadPolicy, mergeKeyOf, piecesIn, type Policy } from './plan-policy.ts';

const WAVE = 500;
const RETRY_MS = 60_000;
const OPTIONS = 4;
/** Groups that are saved in one transaction. */
const TOGETHER = 250;
/** So few are not halved further when a transaction of many did not go through. */
const HALVED = 10;
/** Waiting costs more than any way of sending; the older order more, so that it is served first. */
const WAIT_FEN = 1_000_000;
/** A promised gift is worth more than any way of sending it. */
const LACK_FEN = 100_000;
const OPEN = ['planned', 'reserved'] as const;
export type PlanCounts = { planned: number; reserved: number; short: number };
type Group = { readonly orders: readonly OrderDoc[]; readonly lines: readonly PlanLine[]; readonly parcels: readonly ParcelDoc[] };

export async function planParcels(rt: Runtime): Promise<PlanCounts> {
  const supplied = await planDropships(rt);
  const counts: PlanCounts = { planned: supplied.made, reserved: supplied.reserved, short: Math.max(0, supplied.made - supplied.reserved) };
  for (;;) {
    const groups = await nextWave(rt);
    if (groups.orders.length === 0) return counts;
    const done = await planWave(rt, groups.orders, groups.parcels, counts);
    if (!groups.full || done === 0) return counts;
  }
}

const WANTED = { reviewState: 'passed', fulfilledElsewhere: false } as const;
const OPEN_THERE = ['to_ship', 'partly_shipped'];
/** Planning opens no seal, and does not ask what a decision looked at or what a line is called. */
const PLANNED = { 'receiver.sealed': 0, sealedBuyer: 0, 'decision.looked': 0, 'lines.title': 0, 'lines.properties': 0, 'lines.discounts': 0, hash: 0 } as const;
/** Oldest payment first. Those that are marked are found by an index; the others (passed by hand) are looked for when no marked ones are left. */
async function freshOrders(): Promise<OrderDoc[]> {
  const marked = await Orders.find({ ...WANTED, toPlan: true, $or: [{ status: { $in: OPEN_THERE } }, { status: 'shipped', toldEarly: true }, { status: 'shipped', 'divided.0': { $exists: true } }] }, PLANNED).sort({ paidAt: 1 }).limit(WAVE).batchSize(WAVE).lean<OrderDoc[]>();
  if (marked.length === WAVE) return marked;
  const others = await Orders.find({ ...WANTED, status: { $in: OPEN_THERE }, parcelIds: { $size: 0 }, toPlan: { $ne: true } }, PLANNED).sort({ paidAt: 1 }).limit(WAVE - marked.length).lean<OrderDoc[]>();
  return [...marked, ...others].sort((a, b) => (a.paidAt ?? a.placedAt).getTime() - (b.paidAt ?? b.placedAt).getTime());
}

/** Orders that want planning now, with the open parcels that they could share. */
async function nextWave(rt: Runtime): Promise<{ orders: OrderDoc[]; parcels: ParcelDoc[]; full: boolean }> {
  const fresh = await freshOrders();
  const due = await Parcels.find({ state: 'planned', tryAt: { $lte: rt.clock.now() }, supplierId: null }).sort({ tryAt: 1 }).limit(WAVE).lean<ParcelDoc[]>();
  const keys = [...new Set(fresh.map(mergeKeyOf).filter(Boolean))];
  const joinable = keys.length === 0 ? [] : await Parcels.find({ mergeKey: { $in: keys }, state: { $in: [...OPEN] }, fixed: { $ne: true } }).lean<ParcelDoc[]>();
  const parcels = [...new Map([...due, ...joinable].map((p) => [p._id, p])).values()];
  const there = new Set(fresh.map((o) => o._id));
  const others = await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds).filter((id) => !there.has(id)) } }, PLANNED).lean<OrderDoc[]>();
  return { orders: [...fresh, ...others], parcels, full: fresh.length === WAVE };
}

async function planWave(rt: Runtime, orders: readonly OrderDoc[], parcels: readonly ParcelDoc[], counts: PlanCounts): Promise<number> {
  const policy = await loadPolicy(rt, orders);
  const groups = await groupsOf(policy, orders, parcels);
  const { free, capacity } = shelves(policy, groups);
  const options = groups.map((g) => waysOf(policy, g, (w, s) => free(g, w, s)));
  const { choice } = solveWave({ orders: groups.map((g, i) => ({ waitFen: WAIT_FEN + age(rt, g), options: options[i]!.map((a) => ({ costFen: a.costFen, uses: usesOf(a) })) })), capacity });
  const planned = groups.map((group, i): Planned => ({ group, assignment: choice[i] === WAITS ? undefined : options[i]![choice[i]!] }));
  let done = 0;
  const count = (group: Group, states: readonly Done[]): void => {
    done += states.length;
    for (const state of states) {
      counts.planned += group.parcels.some((p) => p.state === 'planned' && state.id === p._id) ? 0 : 1;
      counts[state.reserved ? 'reserved' : 'short'] += 1;
    }
  };
  const plain = planned.filter((p) => p.assignment && p.group.parcels.length === 0);
  const others = planned.filter((p) => !plain.includes(p));
  for (let i = 0; i < plain.length; i += TOGETHER) {
    const part = plain.slice(i, i + TOGETHER);
    const states = await commitPlain(rt, part);
    states.forEach((s, k) => { if (s) count(part[k]!.group, s); else others.push(part[k]!); });
  }
  for (const { group, assignment } of others) count(group, await commit(rt, policy, group, assignment));
  return done;
}

/** The ways to send a group; one that leaves out a gift that may be lacking counts as dearer, so that it is the last resort before waiting. */
function waysOf(policy: Policy, g: Group, free: (warehouse: string, sku: string) => number): Assignment[] {
  const all = assign(policy.problem(g.orders, g.lines, free), OPTIONS);
  const lacking = new Set(g.orders.flatMap((o) => (o.ruled?.gifts ?? []).filter((x) => x.mayLack).map((x) => `${o._id}|${giftLineId(x)}`)));
  const without = g.lines.filter((l) => !lacking.has(`${l.orderId}|${l.lineId}`));
  return without.length === g.lines.length || without.length === 0 ? all : [...all, ...assign(policy.problem(g.orders, without, free), 1).map((a) => ({ ...a, costFen: a.costFen + LACK_FEN }))];
}

type Planned = { readonly group: Group; readonly assignment: Assignment | undefined };
class Contended extends Error {}
/**
 * New parcels of many groups in one transaction. When somebody took stock or changed an order meanwhile, the halves are tried, and
 * so on; what is undefined in the answer has to be asked by itself.
 */
async function commitPlain(rt: Runtime, list: readonly Planned[]): Promise<(readonly Done[] | undefined)[]> {
  const now = rt.clock.now();
  try {
    return await rt.transact(async (session) => {
      const made = list.map(({ group, assignment }) => assignment!.drafts.map((d): ParcelDoc => ({ ...draftParcel(rt, group, d, undefined), state: 'reserved' })));
      const parcels = made.flat();
      const orders = list.flatMap(({ group }, i) => group.orders.map((o) => ({ filter: { _id: o._id, revision: o.revision, reviewState: 'passed' as const }, update: { $set: { parcelIds: [...o.parcelIds, ...made[i]!.filter((p) => p.orderIds.includes(o._id)).map((p) => p._id)], toPlan: false, changedAt: now }, ...markDivided(o, made[i]!), $inc: { revision: 1 } } })));
      if ((await updateAll<OrderDoc>(Orders, orders, session)) !== orders.length) throw new Contended();
      if (!(await reserveAll(rt, session, parcels.map((p) => ({ parcelId: p._id, warehouseCode: p.warehouseCode, lines: p.lines }))))) throw new Contended();
      await insertAll(Parcels, parcels, session);
      return made.map((own) => own.map((p) => ({ id: p._id, reserved: true })));
    });
  } catch (error) {
    if (!(error instanceof Contended)) throw error;
    if (list.length <= HALVED) return list.map(() => undefined);
    const half = list.length >> 1;
    return [...(await commitPlain(rt, list.slice(0, half))), ...(await commitPlain(rt, list.slice(half)))];
  }
}
/** Lines of which these parcels hold only some of the pieces. */
function markDivided(o: OrderDoc, parcels: readonly ParcelDoc[]): { $addToSet?: { divided: { $each: string[] } } } {
  const cut = o.lines.filter((l) => parcels.some((p) => p.lines.some((x) => x.orderId === o._id && x.platformLineId === l.platformLineId && x.quantity < l.quantity))).map((l) => l.platformLineId);
  return cut.length > 0 ? { $addToSet: { divided: { $each: cut } } } : {};
}
const age = (rt: Runtime, g: Group): number => Math.max(0, Math.round((rt.clock.now().getTime() - (g.orders[0]!.paidAt ?? g.orders[0]!.placedAt).getTime()) / 60_000));

async function groupsOf(policy: Policy, orders: readonly OrderDoc[], parcels: readonly ParcelDoc[]): Promise<Group[]> {
  const taken = await Parcels.find({ _id: { $in: orders.flatMap((o) => o.parcelIds) }, state: { $ne: 'cancelled' } }).lean<ParcelDoc[]>();
  const joining = new Set(parcels.map((p) => p._id));
  const gone = piecesIn(taken.filter((p) => !joining.has(p._id)));
  const linesOf = (o: OrderDoc): PlanLine[] => policy.linesOf(o).flatMap((l) => {
    const left = l.quantity - (gone.get(`${l.orderId}|${l.lineId}`) ?? 0);
    return left > 0 ? portion(l, left) ?? [] : [];
  });
  return mergeGroups(orders.map((order) => ({ ...policy.mergeFacts(order), order }))).flatMap((members) => {
    const ids = new Set(members.map((m) => m.orderId));
    const own = parcels.filter((p) => p.orderIds.some((id) => ids.has(id)));
    // A parcel is taken whole or left: one that carries an order of another group stays as it is.
    if (own.some((p) => p.orderIds.some((id) => !ids.has(id)))) return members.map((m): Group => ({ orders: [m.order], lines: [], parcels: [] }));
    return [{ orders: members.map((m) => m.order), lines: members.flatMap((m) => linesOf(m.order)), parcels: own }];
  }).filter((g) => g.lines.length > 0);
}

/** What is free for a group: what anybody may take, and what its own open parcels hold already. */
function shelves(policy: Policy, groups: readonly Group[]): { free: (g: Group, warehouse: string, sku: string) => number; capacity: Map<string, number> } {
  const capacity = new Map<string, number>();
  for (const [sku, houses] of policy.free) for (const [warehouse, n] of houses) capacity.set(`${warehouse}|${sku}`, n);
  const own = new Map<Group, Map<string, number>>();
  for (const g of groups) {
    const held = new Map<string, number>();
    for (const p of g.parcels.filter((x) => x.state === 'reserved')) for (const x of p.lines) {
      const line = g.lines.find((l) => l.lineId === x.platformLineId && l.orderId === x.orderId);
      for (const part of (line && portion(line, x.quantity))?.parts ?? []) {
        const at = `${p.warehouseCode}|${part.skuCode}`;
        held.set(at, (held.get(at) ?? 0) + part.quantity);
        capacity.set(at, (capacity.get(at) ?? 0) + part.quantity);
      }
    }
    own.set(g, held);
  }
  return { capacity, free: (g, warehouse, sku) => (policy.free.get(sku)?.get(warehouse) ?? 0) + (own.get(g)?.get(`${warehouse}|${sku}`) ?? 0) };
}

function usesOf(a: Assignment): Map<string, number> {
  const uses = new Map<string, number>();
  for (const d of a.drafts) for (const part of d.lines.flatMap((l) => l.parts)) uses.set(`${d.warehouse}|${part.skuCode}`, (uses.get(`${d.warehouse}|${part.skuCode}`) ?? 0) + part.quantity);
  return uses;
}

type Done = { readonly id: string; readonly reserved: boolean };
/** One group, in one transaction: what it had open is replaced by what was planned, if nobody changed it meanwhile. */
async function commit(rt: Runtime, policy: Policy, group: Group, assignment: Assignment | undefined): Promise<Done[]> {
  return rt.transact(async (session) => {
    const now = rt.clock.now();
    const same = await Orders.countDocuments({ $or: group.orders.map((o) => ({ _id: o._id, revision: o.revision, reviewState: 'passed' })) }).session(session);
    const open = await Parcels.find({ _id: { $in: group.parcels.map((p) => p._id) }, state: { $in: [...OPEN] } }).session(session).lean<ParcelDoc[]>();
    if (same !== group.orders.length || open.length !== group.parcels.length) return [];
    const waiting = open.length === 1 && open[0]!.state === 'planned' ? open[0] : undefined;
    for (const p of open) await release(rt, session, p._id);
    const drafts = assignment?.drafts ?? [shortDraft(policy, group)];
    // The short parcel that waited for just this keeps its name: people have seen it.
    const stays = waiting && drafts.length === 1 && waiting.lines.length === group.lines.length;
    const parcels = drafts.map((d, i) => draftParcel(rt, group, d, stays && i === 0 ? waiting : undefined));
    // What no courier takes to its door holds no stock; what is short names it, where it would be sent from.
    const reserved = drafts.every((d) => d.courier !== '') && (await secure(rt, session, parcels));
    for (const p of parcels) await Parcels.replaceOne({ _id: p._id }, p, { upsert: true, session });
    const replaced = open.filter((p) => !parcels.some((x) => x._id === p._id)).map((p) => p._id);
    if (replaced.length > 0) await Parcels.updateMany({ _id: { $in: replaced } }, { $set: { state: 'cancelled', shortages: [], changedAt: now }, $inc: { revision: 1 } }, { session });
    for (const o of group.orders) {
      const ids = [...o.parcelIds.filter((id) => !replaced.includes(id)), ...parcels.filter((p) => p.orderIds.includes(o._id) && !o.parcelIds.includes(p._id)).map((p) => p._id)];
      await Orders.updateOne({ _id: o._id, revision: o.revision }, { $set: { parcelIds: ids, toPlan: false, changedAt: now }, ...markDivided(o, parcels), $inc: { revision: 1 } }, { session });
    }
    return parcels.map((p) => ({ id: p._id, reserved }));
  });
}

/** All parcels of the group hold their stock, or none does. */
async function secure(rt: Runtime, session: ClientSession, parcels: ParcelDoc[]): Promise<boolean> {
  const done: string[] = [];
  for (const p of parcels) {
    const held = await reserve(rt, session, { parcelId: p._id, warehouseCode: p.warehouseCode, lines: p.lines });
    if (held.ok) { done.push(p._id); continue; }
    for (const id of done) await release(rt, session, id);
    for (const x of parcels) Object.assign(x, { state: 'planned', shortages: x === p ? [...held.refusal.short] : [] });
    return false;
  }
  for (const p of parcels) Object.assign(p, { state: 'reserved', shortages: [] });
  return true;
}

function shortDraft(policy: Policy, group: Group): Draft {
  const problem = policy.problem(group.orders, group.lines, () => 0);
  const house = problem.houses[0]!;
  const offer = problem.offer(house.code, group.lines.reduce((n, l) => n + l.grams, 0), '');
  return { warehouse: house.code, courier: offer?.courier ?? '', freightFen: offer?.freightFen ?? 0, costFen: 0, lines: group.lines, why: { warehouse: house.why, courier: offer?.why ?? 'no courier reaches the address' } };
}

function draftParcel(rt: Runtime, group: Group, d: Draft, there: ParcelDoc | undefined): ParcelDoc {
  const now = rt.clock.now();
  const orderIds = group.orders.map((o) => o._id).filter((id) => d.lines.some((l) => l.orderId === id));
  const own = group.orders.filter((o) => orderIds.includes(o._id));
  return {
    _id: there?._id ?? rt.newId('parcel'), orderIds, shopIds: [...new Set(own.map((o) => o.shopId))], lines: d.lines.map((l) => ({ orderId: l.orderId, platformLineId: l.lineId, skuCode: l.skuCode, quantity: l.quantity })), warehouseCode: d.warehouse, courierCode: d.courier, state: 'planned',
    trackingNumber: '', freightFen: d.freightFen, weightGrams: d.lines.reduce((n, l) => n + l.grams, 0), shortages: [], pushes: [], pushState: 'none', alarm: null, prints: [], shippedAt: null, decision: { ...d.why }, tryAt: new Date(now.getTime() + RETRY_MS), costs: [],
    mergeKey: mergeKeyOf(own[0]!), costFen: d.costFen, waveId: '', revision: (there?.revision ?? 0) + 1, changedAt: now,
  };
}
