/**
 * What a person does to parcels before they are on paper: merge, split, take apart, plan anew, cancel; and undoing each.
 * In: parcels, and for a split the lines of each new one. Out: the change, by whose id it can be undone.
 * Wrong: a parcel on paper or gone; orders that may not share a parcel; a split that loses or doubles a line; stock that is short.
 * Nothing is destroyed: a change keeps what was there before it, and its undo puts that back under the same parcel ids.
 */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { release, reserve } from '../../stock/index.ts';
import { audit } from '../../store/audit.ts';
import { assign } from '../domain/planning/assign.ts';
import { portion } from '../domain/planning/portions.ts';
import { Orders, Parcels, PlanChanges, type OrderDoc, type ParcelDoc, type PlanChangeDoc } from '../store/models.ts';
import { loadPolicy, piecesIn } from './plan-policy.ts';

export type Arrange =
  | { readonly kind: 'merge' | 'apart' | 'replan' | 'cancel'; readonly ids: readonly string[] }
  | { readonly kind: 'split'; readonly ids: readonly [string]; readonly groups: readonly (readonly { readonly orderId: string; readonly platformLineId: string }[])[] };
export type ArrangeRefusal = { readonly code: string; readonly message: Both };
export type Arranged = { readonly changeId: string; readonly parcelIds: readonly string[]; readonly effects: readonly Both[] };

const OPEN: ReadonlySet<string> = new Set(['planned', 'reserved', 'waybilled']);
const no = (code: string, zh: string, en: string): Result<never, ArrangeRefusal> => refuse({ code, message: { zh, en } });
class Refused extends Error { readonly refusal: ArrangeRefusal; constructor(refusal: ArrangeRefusal) { super(refusal.code); this.refusal = refusal; } }

/** A refusal inside the transaction undoes what it has done so far. */
async function inOne<T>(rt: Runtime, work: (session: ClientSession) => Promise<Result<T, ArrangeRefusal>>, dryRun = false): Promise<Result<T, ArrangeRefusal>> {
  try {
    return await (dryRun ? rt.transact.dryRun : rt.transact)(async (session) => {
      const done = await work(session);
      if (!done.ok) throw new Refused(done.refusal);
      return done;
    });
  } catch (error) {
    if (error instanceof Refused) return refuse(error.refusal);
    throw error;
  }
}

export async function arrangeParcels(rt: Runtime, input: Arrange, userId: string, dryRun = false): Promise<Result<Arranged, ArrangeRefusal>> {
  const done = await inOne(rt, async (session): Promise<Result<Arranged, ArrangeRefusal>> => {
    const parcels = await Parcels.find({ _id: { $in: [...input.ids] } }).session(session).lean<ParcelDoc[]>();
    const missing = input.ids.find((id) => !parcels.some((p) => p._id === id));
    if (missing) return no('not_found', `没有包裹 ${missing}。`, `There is no parcel ${missing}.`);
    const stuck = parcels.find((p) => !OPEN.has(p.state));
    if (stuck) return no('on_paper', `包裹 ${stuck._id} 已打印、已发货或已取消，不能再改。`, `Parcel ${stuck._id} is on paper, gone or cancelled: it cannot be changed.`);
    if (input.kind !== 'replan' && input.kind !== 'cancel' && parcels.some((p) => p.supplierId)) return no('supplier_ships', '供应商代发的包裹不合不拆。', 'What a supplier ships is neither merged nor split.');
    const orders = await Orders.find({ _id: { $in: parcels.flatMap((p) => p.orderIds) } }).session(session).lean<OrderDoc[]>();
    const made = await WORK[input.kind](rt, session, { input, parcels, orders, userId });
    if (!made.ok) return made;
    const change = await keep(rt, session, { kind: input.kind, userId, parcels, orders });
    return ok({ changeId: change, parcelIds: made.value.map((p) => p._id), effects: [effectOf(input.kind, parcels.length, made.value.length)] });
  }, dryRun);
  if (done.ok && !dryRun) rt.wake('plan-parcels');
  return done;
}

type Work = { readonly input: Arrange; readonly parcels: readonly ParcelDoc[]; readonly orders: readonly OrderDoc[]; readonly userId: string };
type Worker = (rt: Runtime, session: ClientSession, w: Work) => Promise<Result<readonly ParcelDoc[], ArrangeRefusal>>;
const WORK: Readonly<Record<Arrange['kind'], Worker>> = { merge, split, apart: takeApart, replan, cancel };

async function merge(rt: Runtime, session: ClientSession, { parcels, orders }: Work): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> {
  if (parcels.length < 2) return no('too_few', '至少选两个包裹。', 'Choose two parcels or more.');
  if (!parcels[0]!.mergeKey || parcels.some((p) => p.mergeKey !== parcels[0]!.mergeKey)) return no('other_receiver', '买家、店铺或地址不同，不能合单。', 'Buyer, shop or address differ: they cannot share a parcel.');
  if (orders.some((o) => o.cod)) return no('cod', '货到付款的订单不合单。', 'Cash-on-delivery orders are not merged.');
  const refunding = orders.find((o) => o.lines.some((l) => l.refundState === 'requested' || l.refundState === 'returning'));
  if (refunding) return no('refund_in_flight', `订单 ${refunding.platformOrderId} 退款处理中。`, `Order ${refunding.platformOrderId} has a refund in flight.`);
  // Pieces of one line that were in two parcels are one line again.
  const pieces = piecesIn(parcels);
  const lines = parcels.flatMap((p) => p.lines).filter((l, i, all) => all.findIndex((x) => x.orderId === l.orderId && x.platformLineId === l.platformLineId) === i).map((l) => ({ ...l, quantity: pieces.get(`${l.orderId}|${l.platformLineId}`)! }));
  for (const p of parcels) await release(rt, session, p._id);
  const planned = await placed(rt, session, orders, lines);
  if (!planned) return no('short', '没有一个仓库能凑齐，合不成一个包裹。', 'No warehouse has everything: they cannot leave as one parcel.');
  return replace(rt, session, parcels, orders, [{ ...parcels[0]!, ...planned, _id: rt.newId('parcel'), orderIds: orders.map((o) => o._id), shopIds: [...new Set(orders.map((o) => o.shopId))], lines, fixed: true }]);
}

/** One warehouse and courier for all of these lines, as the rules and the stock have it now. */
async function placed(rt: Runtime, session: ClientSession, orders: readonly OrderDoc[], wanted: ParcelDoc['lines']): Promise<Pick<ParcelDoc, 'warehouseCode' | 'courierCode' | 'freightFen' | 'costFen' | 'weightGrams' | 'decision'> | undefined> {
  const policy = await loadPolicy(rt, orders, session);
  const pieces = piecesIn([{ lines: wanted }]);
  const lines = orders.flatMap((o) => policy.linesOf(o)).flatMap((l) => { const n = pieces.get(`${l.orderId}|${l.lineId}`); return n === undefined ? [] : portion(l, n) ?? l; });
  const draft = assign({ ...policy.problem(orders, lines, (w, s) => policy.free.get(s)?.get(w) ?? 0), mayDivide: false })[0]?.drafts[0];
  return draft && { warehouseCode: draft.warehouse, courierCode: draft.courier, freightFen: draft.freightFen, costFen: draft.costFen, weightGrams: draft.lines.reduce((n, l) => n + l.grams, 0), decision: { ...draft.why } };
}

async function split(rt: Runtime, session: ClientSession, { input, parcels, orders }: Work): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> {
  const parcel = parcels[0]!;
  const groups = input.kind === 'split' ? input.groups : [];
  const key = (l: { readonly orderId: string; readonly platformLineId: string }): string => `${l.orderId}|${l.platformLineId}`;
  const asked = groups.flatMap((g) => g.map(key)).sort();
  if (groups.length < 2 || groups.some((g) => g.length === 0)) return no('too_few', '拆单要分成至少两份，每份至少一行。', 'A split has two parts or more, each with a line.');
  if (asked.join() !== parcel.lines.map(key).sort().join()) return no('lines_differ', '每一行都要分到一份里，只能一次。', 'Each line goes into exactly one part.');
  await release(rt, session, parcel._id);
  const made: ParcelDoc[] = [];
  for (const group of groups) {
    const lines = parcel.lines.filter((l) => group.some((g) => key(g) === key(l)));
    const own = orders.filter((o) => lines.some((l) => l.orderId === o._id));
    const planned = await placed(rt, session, own, lines);
    if (!planned) return no('short', '有一份没有仓库能凑齐。', 'No warehouse has everything for one of the parts.');
    const part: ParcelDoc = { ...parcel, ...planned, _id: rt.newId('parcel'), orderIds: own.map((o) => o._id), shopIds: [...new Set(own.map((o) => o.shopId))], lines, fixed: true };
    const held = await hold(rt, session, part);
    if (!held.ok) return held;
    made.push(part);
  }
  return write(rt, session, parcels, orders, made);
}

/** The orders of a merged parcel go their own ways again, and are not merged anew by themselves. */
async function takeApart(rt: Runtime, session: ClientSession, { parcels, orders }: Work): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> {
  const single = parcels.find((p) => p.orderIds.length < 2);
  if (single) return no('not_merged', `包裹 ${single._id} 不是合单。`, `Parcel ${single._id} is not a merged one.`);
  await Orders.updateMany({ _id: { $in: orders.map((o) => o._id) } }, { $set: { apart: true } }, { session });
  return write(rt, session, parcels, orders, []);
}
/** Nothing is decided here: the orders are free, and the planner takes them as they are now. */
function replan(rt: Runtime, session: ClientSession, { parcels, orders }: Work): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> { return write(rt, session, parcels, orders, []); }
/** A cancelled parcel does not come back by itself: its orders wait for a person. */
async function cancel(rt: Runtime, session: ClientSession, { parcels, orders }: Work): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> {
  const at = rt.clock.now();
  for (const o of orders) await Orders.updateOne({ _id: o._id }, { $set: { reviewState: 'held', holds: [...o.holds, { code: 'by_hand', version: 0, row: '', place: 0, note: '', at, looked: {} }] } }, { session });
  return write(rt, session, parcels, orders, []);
}

async function hold(rt: Runtime, session: ClientSession, parcel: ParcelDoc): Promise<Result<void, ArrangeRefusal>> {
  const held = await reserve(rt, session, { parcelId: parcel._id, warehouseCode: parcel.warehouseCode, lines: parcel.lines });
  if (held.ok) { Object.assign(parcel, { state: 'reserved', shortages: [] }); return ok(undefined); }
  const s = held.refusal.short[0]!;
  return no('short', `${s.skuCode} 在 ${parcel.warehouseCode} 只有 ${s.available}，要 ${s.wanted}。`, `${s.skuCode}: ${s.available} at ${parcel.warehouseCode}, ${s.wanted} wanted.`);
}

async function replace(rt: Runtime, session: ClientSession, old: readonly ParcelDoc[], orders: readonly OrderDoc[], made: ParcelDoc[]): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> {
  for (const p of made) {
    const held = await hold(rt, session, p);
    if (!held.ok) return held;
  }
  return write(rt, session, old, orders, made);
}

/** The old parcels give their stock back and are cancelled; the orders point to the new ones. */
async function write(rt: Runtime, session: ClientSession, old: readonly ParcelDoc[], orders: readonly OrderDoc[], made: readonly ParcelDoc[]): Promise<Result<readonly ParcelDoc[], ArrangeRefusal>> {
  const now = rt.clock.now();
  for (const p of old) await release(rt, session, p._id);
  await Parcels.updateMany({ _id: { $in: old.map((p) => p._id) } }, { $set: { state: 'cancelled', shortages: [], changedAt: now }, $inc: { revision: 1 } }, { session });
  if (made.length > 0) await Parcels.insertMany(made.map((p) => ({ ...p, trackingNumber: '', revision: 1, changedAt: now })), { session });
  const gone = new Set(old.map((p) => p._id));
  for (const o of orders) {
    const parcelIds = [...o.parcelIds.filter((id) => !gone.has(id)), ...made.filter((p) => p.orderIds.includes(o._id)).map((p) => p._id)];
    await Orders.updateOne({ _id: o._id }, { $set: { parcelIds, toPlan: made.length === 0, changedAt: now }, $inc: { revision: 1 } }, { session });
  }
  return ok(made);
}

async function keep(rt: Runtime, session: ClientSession, c: { readonly kind: Arrange['kind']; readonly userId: string; readonly parcels: readonly ParcelDoc[]; readonly orders: readonly OrderDoc[] }): Promise<string> {
  const at = rt.clock.now();
  const doc: PlanChangeDoc = {
    _id: rt.newId('change'), kind: c.kind, userId: c.userId, at, undoneAt: null, parcels: [...c.parcels],
    orders: c.orders.map((o) => ({ _id: o._id, parcelIds: o.parcelIds, apart: o.apart ?? false, toPlan: o.toPlan ?? false, reviewState: o.reviewState, holds: o.holds })), revision: 1, changedAt: at,
  };
  await PlanChanges.create([doc], { session });
  await audit(rt, session, c.parcels.map((p) => ({ userId: c.userId, command: c.kind, noun: 'parcels', id: p._id, before: p.state, after: c.kind, batchId: doc._id, at })));
  return doc._id;
}

/** Puts back what was there before a change: the same parcels under their ids, with their stock. */
export async function undoArrange(rt: Runtime, changeId: string, userId: string): Promise<Result<Arranged, ArrangeRefusal>> {
  const done = await inOne(rt, async (session): Promise<Result<Arranged, ArrangeRefusal>> => {
    const change = await PlanChanges.findById(changeId).session(session).lean<PlanChangeDoc>();
    if (!change) return no('not_found', `没有这次改动 ${changeId}。`, `There is no change ${changeId}.`);
    if (change.undoneAt) return no('undone', '这次改动已经撤销过。', 'This change was undone already.');
    const ids = change.orders.map((o) => o._id);
    const now = await Parcels.find({ orderIds: { $in: ids }, state: { $ne: 'cancelled' } }).session(session).lean<ParcelDoc[]>();
    const untouched = new Set(change.orders.flatMap((o) => o.parcelIds).filter((id) => !change.parcels.some((p) => p._id === id)));
    const inTheWay = now.filter((p) => !untouched.has(p._id));
    const stuck = inTheWay.find((p) => !OPEN.has(p.state));
    if (stuck) return no('on_paper', `包裹 ${stuck._id} 已打印或已发货，不能撤销。`, `Parcel ${stuck._id} is on paper or gone: this cannot be undone.`);
    // What the planner has joined since is taken apart and planned anew; what a person has joined is theirs to undo.
    const others = inTheWay.find((p) => p.fixed === true && p.orderIds.some((id) => !ids.includes(id)));
    if (others) return no('changed_since', `包裹 ${others._id} 后来又并入了别的订单，先撤销那一次。`, `Parcel ${others._id} has taken in other orders since: undo that first.`);
    const orders = await Orders.find({ _id: { $in: ids } }).session(session).lean<OrderDoc[]>();
    const bent = orders.find((o) => o.reviewState === 'cancelled' || o.lines.some((l) => l.refundState === 'refunded' && change.parcels.some((p) => p.lines.some((x) => x.orderId === o._id && x.platformLineId === l.platformLineId))));
    if (bent) return no('changed_since', `订单 ${bent.platformOrderId} 后来关闭或退款了，不能撤销。`, `Order ${bent.platformOrderId} was closed or refunded since: this cannot be undone.`);
    return restore(rt, session, change, inTheWay, userId);
  });
  if (done.ok) rt.wake('plan-parcels');
  return done;
}

async function restore(rt: Runtime, session: ClientSession, change: PlanChangeDoc, inTheWay: readonly ParcelDoc[], userId: string): Promise<Result<Arranged, ArrangeRefusal>> {
  const at = rt.clock.now();
  for (const p of inTheWay) await release(rt, session, p._id);
  await Parcels.updateMany({ _id: { $in: inTheWay.map((p) => p._id) } }, { $set: { state: 'cancelled', shortages: [], changedAt: at }, $inc: { revision: 1 } }, { session });
  const own = new Set(change.orders.map((o) => o._id));
  const freed = [...new Set(inTheWay.flatMap((p) => p.orderIds))].filter((id) => !own.has(id));
  if (freed.length > 0) await Orders.updateMany({ _id: { $in: freed } }, { $pull: { parcelIds: { $in: inTheWay.map((p) => p._id) } }, $set: { toPlan: true, changedAt: at }, $inc: { revision: 1 } }, { session });
  for (const p of change.parcels) {
    const { state } = p;
    if (state === 'reserved' || state === 'waybilled') {
      const held = await hold(rt, session, p);
      if (!held.ok) return held;
      p.state = state;
    }
    const { _id, revision: _revision, changedAt: _changedAt, ...rest } = p;
    await Parcels.updateOne({ _id }, { $set: { ...rest, changedAt: at }, $inc: { revision: 1 } }, { session });
  }
  for (const { _id, ...o } of change.orders) await Orders.updateOne({ _id }, { $set: { ...o, changedAt: at }, $inc: { revision: 1 } }, { session });
  await PlanChanges.updateOne({ _id: change._id }, { $set: { undoneAt: at, changedAt: at }, $inc: { revision: 1 } }, { session });
  await audit(rt, session, change.parcels.map((p) => ({ userId, command: `undo-${change.kind}`, noun: 'parcels', id: p._id, before: 'cancelled', after: p.state, batchId: change._id, at })));
  return ok({ changeId: change._id, parcelIds: change.parcels.map((p) => p._id), effects: [{ zh: `撤销${KIND_WORDS[change.kind].zh}，恢复 ${change.parcels.length} 个包裹`, en: `${KIND_WORDS[change.kind].en} undone, ${change.parcels.length} parcels as before` }] });
}

export const KIND_WORDS: Readonly<Record<Arrange['kind'], Both>> = { merge: { zh: '合单', en: 'merge' }, split: { zh: '拆单', en: 'split' }, apart: { zh: '拆开合单', en: 'taking apart' }, replan: { zh: '重新配货', en: 'planning anew' }, cancel: { zh: '取消包裹', en: 'cancelling' } };
const effectOf = (kind: Arrange['kind'], before: number, after: number): Both =>
  after > 0 ? { zh: `${KIND_WORDS[kind].zh}：${before} 个包裹变成 ${after} 个`, en: `${KIND_WORDS[kind].en}: ${before} parcels become ${after}` } : { zh: `${KIND_WORDS[kind].zh}：${before} 个包裹`, en: `${KIND_WORDS[kind].en}: ${before} parcels` };
