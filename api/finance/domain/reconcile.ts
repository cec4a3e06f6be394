/** What a line of a payment account's bill is: matched to an order, classified, or open with its reason. Pure. */
import type { Both } from '../../contract/route.ts';

export type BillFacts = { readonly kind: string; readonly amountFen: number; readonly tradeNo: string; readonly platformOrderId: string; readonly merchantOrderNo: string; readonly happenedAt: Date };
export type Payable = { readonly id: string; readonly shopId: string; readonly channel: string; readonly platformOrderId: string; readonly paidFen: number; /** Of an order that was paid in two steps. */ readonly depositFen?: number; readonly commissionFen: number; readonly refunds: readonly { readonly id: string; readonly refundFen: number; readonly state: string; readonly settledAt: Date }[] };
export type Verdict =
  | { readonly state: 'matched'; readonly class: 'sale' | 'refund' | 'commission'; readonly rule: string; readonly order: Payable; readonly refundId: string; readonly differenceFen: number }
  | { readonly state: 'classified'; readonly class: string }
  | { readonly state: 'open'; readonly class: ''; readonly reason: Both; readonly orderId: string; readonly differenceFen: number };

/** Classes a person may give; each leads to an account. */
export const CLASSES = { fee: '6603', withdrawal: '1002', transfer: '1002', other_income: '6603', brought_forward: '3103' } as const;
export type Class = keyof typeof CLASSES;
const open = (zh: string, en: string, orderId = '', differenceFen = 0): Verdict => ({ state: 'open', class: '', reason: { zh, en }, orderId, differenceFen });

export function judge(line: BillFacts, order: Payable | undefined): Verdict {
  if (line.kind === 'withdrawal') return { state: 'classified', class: 'withdrawal' };
  const rule = line.platformOrderId ? 'order number' : 'trade number';
  if (line.kind === 'fee') {
    if (order) return { state: 'matched', class: 'commission', rule, order, refundId: '', differenceFen: -line.amountFen - order.commissionFen };
    // A fee that names an order waits for it: the bill may come before the order does.
    return line.platformOrderId || line.merchantOrderNo ? open('找不到这笔费用对应的订单', 'no order is found for this fee') : { state: 'classified', class: 'fee' };
  }
  if (line.kind === 'sale') {
    if (!order) return open('找不到这笔收款对应的订单', 'no order is found for this payment');
    // What went back before the money came is not in it; what goes back later is a line of its own.
    const before = order.refunds.filter((r) => r.state === 'refunded' && r.settledAt <= line.happenedAt);
    const expected = order.paidFen - before.reduce((n, r) => n + r.refundFen, 0);
    // A presale's deposit and balance come as one line or as two.
    const parts = order.depositFen ? [order.depositFen, order.paidFen - order.depositFen] : [];
    const differenceFen = parts.includes(line.amountFen) ? 0 : line.amountFen - expected;
    return differenceFen === 0 ? { state: 'matched', class: 'sale', rule, order, refundId: '', differenceFen: 0 } : open('收款与订单实付（减退款）不等', 'the payment differs from what the order says (less refunds)', order.id, differenceFen);
  }
  if (line.kind === 'refund') {
    const refund = order?.refunds.find((r) => r.refundFen === -line.amountFen && r.state === 'refunded');
    if (!order) return open('找不到这笔退款对应的订单', 'no order is found for this refund');
    return refund ? { state: 'matched', class: 'refund', rule, order, refundId: refund.id, differenceFen: 0 } : open('订单没有这个金额的退款', 'the order has no refund of this amount', order.id);
  }
  return open('类型要人来定', 'a person has to say what this is');
}
