/** Counts a customer's orders and refunds anew after each change of them. In: waiting events. Out: customers counted. */
import { Customers, setFigures } from '../../customers/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { drain } from '../../store/outbox.ts';
import { Orders, Refunds, type OrderDoc, type RefundDoc } from '../store/models.ts';

const LIMIT = 4000;

/** Events are gathered first, so that a customer with many changes is counted once; counting twice gives the same. */
export async function countCustomers(rt: Runtime): Promise<{ customers: number; events: number }> {
  const waiting = new Set<string>();
  const counted = new Set<string>();
  const { handled } = await drain(rt, 'customers', async (event) => {
    const id = await customerOf(event.payload);
    if (!id || counted.has(id)) return;
    await countOne(rt, id);
    counted.add(id);
    waiting.add(id);
  }, LIMIT);
  return { customers: waiting.size, events: handled };
}

async function customerOf(payload: object): Promise<string | undefined> {
  const { orderId, refundId } = payload as { orderId?: string; refundId?: string };
  const of = orderId ?? (refundId ? (await Refunds.findById(refundId).lean<RefundDoc>())?.orderId : undefined);
  return of ? (await Orders.findById(of, { customerId: 1 }).lean<Pick<OrderDoc, 'customerId'>>())?.customerId : undefined;
}

async function countOne(rt: Runtime, customerId: string): Promise<void> {
  const figures = await figuresOf(customerId);
  if (figures) await setFigures(rt, customerId, figures);
}

/** The figures as orders and refunds say them (what is sent again was bought once); undefined for a customer without orders. */
async function figuresOf(customerId: string) {
  const orders = await Orders.find({ customerId, linkedTo: null }, { paidFen: 1, paidAt: 1, placedAt: 1, status: 1 }).lean<OrderDoc[]>();
  if (orders.length === 0) return undefined;
  const refunds = await Refunds.find({ orderId: { $in: orders.map((o) => o._id) } }).lean<RefundDoc[]>();
  const paid = orders.filter((o) => o.paidAt);
  const times = orders.map((o) => o.placedAt.getTime());
  return {
    orders: paid.length, paidFen: paid.reduce((n, o) => n + o.paidFen, 0), refunds: refunds.length, refundFen: refunds.filter((r) => r.state === 'refunded').reduce((n, r) => n + r.refundFen, 0),
    firstAt: new Date(Math.min(...times)), lastAt: new Date(Math.max(...times)),
  };
}

/** For the audit: each customer's figures against the orders, when no event waits for it. */
export async function checkCustomers(): Promise<{ checked: number; differences: string[] }> {
  const differences: string[] = [];
  let checked = 0;
  for await (const c of Customers.find({}).lean().cursor()) {
    const truth = await figuresOf(c._id);
    checked += 1;
    if (truth && (truth.orders !== c.orders || truth.paidFen !== c.paidFen || truth.refunds !== c.refunds || truth.refundFen !== c.refundFen)) differences.push(`customer ${c._id}: kept ${c.orders}/${c.paidFen}, orders say ${truth.orders}/${truth.paidFen}`);
  }
  return { checked, differences };
}
