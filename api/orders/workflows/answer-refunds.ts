/**
 * What the published after-sales table says of each refund that a buyer asks for: may it be agreed to, or who looks at it, by which row.
 * Said once for each change of the refund or of the table, and kept with it. It is told to people: a platform is answered by a person.
 */
import { loadTable } from '../../rules/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Orders, Refunds, type OrderDoc, type RefundAnswer, type RefundDoc } from '../store/models.ts';
import { orderContext, WITHOUT_SEALED } from './order-facts.ts';
import { refundInput } from './try-rules.ts';

const BATCH = 500;
export async function answerRefunds(rt: Runtime): Promise<number> {
  const table = await loadTable('after-sales');
  for (let said = 0; ;) {
    const due = await Refunds.find({ state: 'requested', 'answer.version': { $ne: table.version } }).limit(BATCH).lean<RefundDoc[]>();
    const orders = new Map((await Orders.find({ _id: { $in: due.map((r) => r.orderId).filter(Boolean) } }, WITHOUT_SEALED).lean<OrderDoc[]>()).map((o) => [o._id, o]));
    const at = rt.clock.now();
    const context = await orderContext([...orders.values()], at, table.uses);
    const steps = due.map((r) => {
      const [hit] = table.decide(refundInput(r, orders.get(r.orderId), context));
      // What no row speaks of, a person looks at.
      const answer: RefundAnswer = { answer: hit?.outcome['answer'] ?? 'ask', who: hit?.outcome['who'] ?? '', version: table.version, row: hit?.row ?? '', note: hit?.outcome['note'] ?? '', looked: Object.fromEntries(Object.entries(hit?.looked ?? {}).filter(([, v]) => v !== undefined)), at };
      return { updateOne: { filter: { _id: r._id, revision: r.revision }, update: { $set: { answer, changedAt: at }, $inc: { revision: 1 } } } };
    });
    if (steps.length > 0) await Refunds.bulkWrite(steps);
    said += steps.length;
    if (due.length < BATCH) return said;
  }
}
