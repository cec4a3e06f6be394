/** What a person decides about an order: hold, release, memo, warehouse, courier. Each inside the caller's transaction. */
import type { ClientSession } from 'mongoose';
import type { Both } from '../../contract/route.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { isGone, isOnPaper } from '../domain/parcel.ts';
import { Orders, Parcels, type OrderDoc, type ParcelDoc } from '../store/models.ts';
import { cancelParcel } from './bend-parcels.ts';

export type Change = { readonly review?: string; readonly memo?: string | null; readonly warehouse?: string | null; readonly courier?: string | null; readonly note?: string };
export type ChangeRefusal = { readonly column: string; readonly code: string; readonly message: Both };
const no = (column: string, code: string, zh: string, en: string): Result<never, ChangeRefusal> => refuse({ column, code, message: { zh, en } });
const WAREHOUSES = new Set(['HZ', 'GZ', 'CD']);
const COURIERS = new Set(['ZTO', 'YTO', 'YUNDA', 'SF', 'JT', 'EMS']);

/** Applies one person's change to one order; parcels before paper are planned anew, parcels on paper refuse. */
export async function changeOrder(rt: Runtime, session: ClientSession, id: string, change: Change, known: { readonly warehouses: ReadonlySet<string> } = { warehouses: WAREHOUSES }): Promise<Result<Both[], ChangeRefusal>> {
  const order = await Orders.findById(id).session(session).lean<OrderDoc>();
  if (!order) return no('id', 'not_found', `没有订单 ${id}。`, `There is no order ${id}.`);
  const parcels = await Parcels.find({ _id: { $in: order.parcelIds } }).session(session).lean<ParcelDoc[]>();
  const now = rt.clock.now();
  const set: Record<string, unknown> = {};
  const effects: Both[] = [];
  let replan = false;
  if (change.review !== undefined && change.review !== order.reviewState) {
    const decided = review(order, change, now);
    if (!decided.ok) return decided;
    Object.assign(set, decided.value);
    replan = decided.value.reviewState === 'held';
    effects.push(replan ? { zh: `挂起 ${order.platformOrderId}`, en: `${order.platformOrderId} held` } : { zh: `放行 ${order.platformOrderId}`, en: `${order.platformOrderId} released` });
  }
  if (change.memo !== undefined) Object.assign(set, { sellerMemo: change.memo ?? '', ...(order.reviewState === 'held' ? { reviewState: 'pending' } : {}) });
  for (const [column, field, allowed] of [['warehouse', 'chosenWarehouse', known.warehouses], ['courier', 'chosenCourier', COURIERS]] as const) {
    const value = change[column];
    if (value === undefined) continue;
    if (value && !allowed.has(value)) return no(column, 'unknown_code', `没有 ${value}。可以写：${[...allowed].join('、')}。`, `There is no ${value}. Write one of: ${[...allowed].join(', ')}.`);
    set[field] = value ?? '';
    replan = true;
  }
  if (replan) {
    const stuck = parcels.find((p) => isOnPaper(p.state) || isGone(p.state));
    if (stuck) return no(change.warehouse !== undefined ? 'warehouse' : change.courier !== undefined ? 'courier' : 'review', 'on_paper', '发货单已打印或已发货，不能再改。', 'The slip is printed, or the parcel has left: it cannot be changed.');
    for (const p of parcels) if (p.state !== 'cancelled') await cancelParcel(rt, session, p);
  }
  await Orders.updateOne({ _id: id }, { $set: { ...set, changedAt: now }, $inc: { revision: 1 } }, { session });
  return ok(effects);
}

function review(order: OrderDoc, change: Change, now: Date): Result<{ reviewState: string } & Record<string, unknown>, ChangeRefusal> {
  if (order.reviewState === 'cancelled' || order.fulfilledElsewhere) return no('review', 'wrong_state', '订单已取消或平台已发货，不能再审。', 'The order is cancelled or shipped already.');
  if (change.review === 'passed') {
    if (order.status !== 'to_ship' && order.status !== 'partly_shipped') return no('review', 'not_shippable', `平台状态“${order.platformStatus}”还不能发货。`, `The platform’s state “${order.platformStatus}” does not allow shipping.`);
    if (order.lines.some((l) => l.skuCode === null && l.refundState !== 'refunded')) return no('review', 'sku_unmapped', '还有货品没有对应，先在商品表对应。', 'A line has no SKU yet: map the listing first.');
    return ok({ reviewState: 'passed', holds: [], released: [...new Set([...order.released, ...order.holds.map((h) => h.code)])], decision: { table: order.decision?.table ?? 'order-review', version: order.decision?.version ?? 0, at: now, byHand: true } });
  }
  if (change.review === 'held') return ok({ reviewState: 'held', holds: [...order.holds, { code: 'by_hand', version: 0, row: '', place: 0, note: change.note ?? '', at: now, looked: {} }] });
  if (change.review === 'pending') return ok({ reviewState: 'pending', released: [] });
  return no('review', 'wrong_state', '取消要在平台上做。', 'Cancel on the platform.');
}
