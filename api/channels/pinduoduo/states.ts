/** The platform's states in our words (tables of the order and refund pages, read 2026-11). */
import type { PlatformOrderStatus, RefundState } from '../channel.ts';
import type { WireOrder } from './wire.ts';

/** Numbers side by side, as the platform gives them: status, refund, deal, group, review. */
export const platformStatusOf = (o: WireOrder): string => [o.order_status, o.refund_status, o.confirm_status, o.group_status, o.risk_control_status].map((n) => (n === undefined ? '-' : String(n))).join('/');

const tagged = (o: WireOrder, name: string): boolean => o.order_tag_list.some((t) => t.name === name && t.value === 1);
/** A deposit was paid and the balance was not: only step 2 may leave. */
const unpaidStep = (o: WireOrder): boolean => o.trade_type === 1 && o.step_order_info?.step_trade_status !== 2;

/** `unknown` when a number that decides is none that the pages name. */
export function statusOf(o: WireOrder): PlatformOrderStatus {
  const known = (n: number | undefined, from: number, to: number): boolean => n === undefined || (n >= from && n <= to);
  if (!known(o.order_status, 0, 3) || !known(o.confirm_status, 0, 2) || !known(o.group_status, 0, 2) || !known(o.refund_status, 1, 4) || !known(o.risk_control_status, 0, 1)) return 'unknown';
  if (o.confirm_status === 2 || o.group_status === 2) return 'closed';
  if (o.order_status === 3) return 'completed';
  if (o.order_status === 2) return 'shipped';
  if (o.order_status === undefined) return 'unknown';
  if (o.refund_status === 4) return 'closed';
  if (o.confirm_status === 0 && o.pay_time === '') return 'unpaid';
  const waits = o.order_status === 0 || o.confirm_status === 0 || o.group_status === 0 || o.risk_control_status === 1 || (o.gift_order_status === 0 && o.gift_list.length > 0) || tagged(o, 'ship_hold') || unpaidStep(o);
  return waits ? 'paid_not_shippable' : 'to_ship';
}

const AFTER_SALES: Readonly<Record<number, RefundState>> = {
  0: 'none', 2: 'requested', 3: 'requested', 4: 'requested', 5: 'requested', 6: 'refused', 7: 'returning', 8: 'requested', 9: 'closed', 10: 'refunded', 11: 'closed', 12: 'closed', 13: 'closed',
  // Exchange, resend, repair: goods move, the money stays. 16 and 25 succeeded, 17 and 24 did not.
  14: 'requested', 15: 'returning', 16: 'closed', 17: 'closed', 18: 'returning', 21: 'requested', 22: 'returning', 24: 'closed', 25: 'closed', 27: 'returning', 31: 'returning', 32: 'requested', 33: 'requested',
};
/** What the order says when it gives no finer state: 1 none or closed, 2 in after-sale, 3 refunding, 4 refunded. */
const OF_ORDER: Readonly<Record<number, RefundState>> = { 1: 'none', 2: 'requested', 3: 'requested', 4: 'refunded' };

export const isKnownAfterSale = (n: number | undefined): boolean => n !== undefined && n in AFTER_SALES;
/** A state that is not known holds the order, as one in flight does. */
export const afterSaleStateOf = (n: number | undefined): RefundState => (n === undefined ? 'requested' : AFTER_SALES[n] ?? 'requested');

/** The order's own word counts; the finer one only says how it stands while both agree that something is going on. */
export function refundStateOfOrder(o: WireOrder): RefundState {
  const coarse = o.refund_status === undefined ? 'none' : OF_ORDER[o.refund_status] ?? 'requested';
  if (o.after_sales_status === undefined || o.after_sales_status === 0) return coarse;
  const fine = afterSaleStateOf(o.after_sales_status);
  if (coarse === 'none') return fine === 'closed' || fine === 'refused' ? fine : 'none';
  return coarse === 'requested' && fine === 'returning' ? 'returning' : coarse;
}
