/** What a person decides about an order: hold, release, memo, warehouse, courier. Each inside the caller's transaction. */
import type { ClientSession } from 'mongoose';
import { holdText } from '../../contract/holds.ts';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { LoadedTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { isGone, isOnPaper } from '../domain/parcel.ts';
import { mayRelease, releaseMark } from '../domain/review.ts';
import { roleText } from '../domain/why.ts';
import { HandDecisions } from '../store/hand-decisions.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { cancelParcel } from './bend-parcels.ts';
import { loadWays, wayRefusal, type Ways } from './courier-ways.ts';
import { judge, orderContext, type Judged } from './order-facts.ts';
import { endOf, liveReview, usesOf } from './review-pending.ts';

export type Change = { readonly review?: string; /** Only these reasons are ended; absent: all. */ readonly codes?: readonly string[] | undefined; readonly memo?: string | null; readonly warehouse?: string | null; readonly courier?: string | null; readonly note?: string };
export type ChangeRefusal = { readonly column: string; readonly code: string; readonly message: Both };
const no = (column: string, code: string, zh: string, en: string): Result<never, ChangeRefusal> => refuse({ column, code, message: { zh, en } });
const WAREHOUSES = new Set(['HZ', 'GZ', 'CD']);

/** `user` is who asks: holds are ended by whom the release table names. Absent for the product's own changes. */
export type Known = { readonly warehouses: ReadonlySet<string>; /** Asked for once a batch. */ readonly ways?: () => Promise<Ways>; readonly user?: { readonly userId: string; readonly name: string; readonly role: string } };

/** Applies one person's change to one order; parcels before paper are planned anew, parcels on paper refuse. */
export async function changeOrder(rt: Runtime, session: ClientSession, id: string, change: Change, known: Known = { warehouses: WAREHOUSES }): Promise<Result<Both[], ChangeRefusal>> {
  const order = await Orders.findById(id).session(session).lean<OrderDoc>();
  if (!order) return no('id', 'not_found', `没有订单 ${id}。`, `There is no order ${id}.`);
  const parcels = await Parcels.find({ _id: { $in: order.parcelIds } }).session(session).lean<ParcelDoc[]>();
  const now = rt.clock.now();
  const set: Record<string, unknown> = {};
  const effects: Both[] = [];
  let replan = false;
  // Held by the rules already: a person may still say that it stays, whatever the rules find later.
  const staysByHand = change.review === 'held' && !order.holds.some((h) => h.code === 'by_hand');
  if (change.review !== undefined && (change.review !== order.reviewState || staysByHand)) {
    const seen = await seenOf(rt, order);
    const decided = review(order, { ...change, user: known.user, release: seen.release, judged: seen.judged }, now);
    if (!decided.ok) return decided;
    if (known.user) await HandDecisions.create([{ _id: rt.newId('decision'), orderId: order._id, at: now, by: known.user.userId, pass: decided.value.reviewState === 'passed', codes: order.holds.map((h) => h.code), paidFen: order.paidFen, input: seen.judged.input }], { session });
    Object.assign(set, decided.value);
    replan = change.review === 'held';
    const stays = decided.value.reviewState === 'held' && !replan;
    effects.push(stays ? { zh: `${order.platformOrderId} 去掉部分挂起原因`, en: `${order.platformOrderId}: some reasons ended` } : replan ? { zh: `挂起 ${order.platformOrderId}`, en: `${order.platformOrderId} held` } : { zh: `放行 ${order.platformOrderId}`, en: `${order.platformOrderId} released` });
  }
  if (change.memo !== undefined) Object.assign(set, { sellerMemo: change.memo ?? '', ...(order.reviewState === 'held' ? { reviewState: 'pending' } : {}) });
  for (const [column, field, allowed] of [['warehouse', 'chosenWarehouse', known.warehouses], ['courier', 'chosenCourier', new Set(rt.channels.courierCodes)]] as const) {
    const value = change[column];
    if (value === undefined) continue;
    if (value && !allowed.has(value)) return no(column, 'unknown_code', `没有 ${value}。可以写：${[...allowed].join('、')}。`, `There is no ${value}. Write one of: ${[...allowed].join(', ')}.`);
    set[field] = value ?? '';
    replan = true;
  }
  const courier = String(set['chosenCourier'] ?? order.chosenCourier);
  if (courier && (change.courier !== undefined || change.warehouse !== undefined)) {
    const wrong = wayRefusal(await (known.ways ?? (() => loadWays(rt)))(), courier, order.receiver, String(set['chosenWarehouse'] ?? order.chosenWarehouse));
    if (wrong) return refuse({ column: change.courier !== undefined ? 'courier' : 'warehouse', ...wrong });
  }
  if (replan) {
    const stuck = parcels.find((p) => isOnPaper(p.state) || isGone(p.state));
    if (stuck) return no(change.warehouse !== undefined ? 'warehouse' : change.courier !== undefined ? 'courier' : 'review', 'on_paper', '发货单已打印或已发货，不能再改。', 'The slip is printed, or the parcel has left: it cannot be changed.');
    for (const p of parcels) if (p.state !== 'cancelled') await cancelParcel(rt, session, p);
  }
  await Orders.updateOne({ _id: id }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } }, { session });
  return ok(effects);
}

type Asked = Change & { readonly user: Known['user']; readonly release: LoadedTable; readonly judged: Judged };
/** What the rules see of it now: who may end its holds, and what the finder will learn from. */
async function seenOf(rt: Runtime, order: OrderDoc): Promise<{ readonly release: LoadedTable; readonly judged: Judged }> {
  const tables = await liveReview();
  const context = await orderContext([order], rt.clock.now(), usesOf(tables));
  return { release: tables.release, judged: judge(order, context, tables, order.released) };
}

function review(order: OrderDoc, change: Asked, now: Date): Result<{ reviewState: string } & Record<string, unknown>, ChangeRefusal> {
  if (order.reviewState === 'cancelled' || order.fulfilledElsewhere) return no('review', 'wrong_state', '订单已取消或平台已发货，不能再审。', 'The order is cancelled or shipped already.');
  if (change.review === 'passed') return releaseHolds(order, change, now);
  if (change.review === 'held') return ok({ reviewState: 'held', holds: [...order.holds, { code: 'by_hand', version: 0, row: '', place: 0, note: change.note ?? '', at: now, looked: {}, by: 'anyone', itself: false }] });
  if (change.review === 'pending') return ok({ reviewState: 'pending', released: [] });
  return no('review', 'wrong_state', '取消要在平台上做。', 'Cancel on the platform.');
}

/** Ends all holds, or some. Each is remembered with what its row looked at: when that changes, the reason counts again. */
function releaseHolds(order: OrderDoc, change: Asked, now: Date): Result<{ reviewState: string } & Record<string, unknown>, ChangeRefusal> {
  const ended = order.holds.filter((h) => !change.codes || change.codes.includes(h.code));
  const left = order.holds.filter((h) => !ended.includes(h));
  const role = change.user?.role;
  const stuck = role === undefined ? undefined : ended.map((h) => ({ h, end: endOf(change.release, h, change.judged, now) })).find(({ end }) => !mayRelease(end.by, role));
  if (stuck) return no('review', 'not_yours_to_release', `“${holdText(stuck.h.code).zh}”要${roleText(stuck.end.by).zh}放行。`, `“${holdText(stuck.h.code).en}” is released by ${roleText(stuck.end.by).en}.`);
  const released = [...new Set([...order.released, ...ended.map((h) => releaseMark(h.code, h.looked))])];
  if (left.length > 0) return ok({ reviewState: 'held', holds: left, released });
  if (order.status !== 'to_ship' && order.status !== 'partly_shipped') return no('review', 'not_shippable', `平台状态“${order.platformStatus}”还不能发货。`, `The platform’s state “${order.platformStatus}” does not allow shipping.`);
  if (order.lines.some((l) => l.skuCode === null && l.refundState !== 'refunded')) return no('review', 'sku_unmapped', '还有货品没有对应，先在商品表对应。', 'A line has no SKU yet: map the listing first.');
  const decision = { table: order.decision?.table ?? 'order-review', version: order.decision?.version ?? 0, at: now, byHand: true, ...(change.user ? { by: change.user.name } : {}), note: change.note ?? '', looked: Object.assign({}, ...ended.map((h) => h.looked)) as Record<string, unknown>, was: ended.map((h) => h.code) };
  return ok({ reviewState: 'passed', holds: [], released, decision });
}
