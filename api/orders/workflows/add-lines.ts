/**
 * Joins the lines of an item report to their orders. In: lines by order number. Out: orders new, changed, the same.
 * A fuller source is never overwritten; an order that is not there yet is made from its lines, and filled by what comes later.
 */
import type { IncomingLine, PlatformOrderStatus } from '../../channels/channel.ts';
import { fenFromInteger, shareOut } from '../../contract/values/money.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { matchListing } from '../../stock/index.ts';
import { emit } from '../../store/outbox.ts';
import { Orders, type LineDoc, type OrderDoc } from '../store/models.ts';
import type { IngestCounts } from './ingest-orders.ts';

export type ReportLine = { readonly platformOrderId: string; readonly status: PlatformOrderStatus; readonly line: IncomingLine };
type Input = { readonly shopId: string; readonly channel: string; readonly lines: readonly ReportLine[]; readonly dryRun?: boolean; /** Orders of the same upload, which the lines may be for. */ readonly coming?: ReadonlySet<string> };

export async function addLines(rt: Runtime, input: Input): Promise<IngestCounts & { readonly without: readonly string[] }> {
  const counts: IngestCounts = { new: 0, changed: 0, same: 0, older: 0 };
  const groups = new Map<string, ReportLine[]>();
  for (const l of input.lines) groups.set(l.platformOrderId, [...(groups.get(l.platformOrderId) ?? []), l]);
  const without: string[] = [];
  for (const [platformOrderId, lines] of groups) {
    const order = await Orders.findOne({ shopId: input.shopId, platformOrderId }).lean<OrderDoc>();
    if (!order) {
      if (input.coming?.has(platformOrderId)) counts.changed += 1;
      else without.push(platformOrderId);
      continue;
    }
    counts[await join(rt, input, order, lines.map((l) => l.line))] += 1;
  }
  return { ...counts, without };
}

const shown = (lines: readonly LineDoc[]): string => JSON.stringify(lines.map((l) => [l.platformLineId, l.merchantCode, l.quantity, l.paidFen, l.refundState]));

async function join(rt: Runtime, input: Input, order: OrderDoc, lines: readonly IncomingLine[]): Promise<keyof IngestCounts> {
  // What the platform's interface gave is fuller than any report.
  if (order.complete) return 'same';
  const paid = shares(order, lines);
  const made = await Promise.all(lines.map(async (l, i): Promise<LineDoc> => {
    const skuCode = input.dryRun ? null : await matchListing(rt, { shopId: input.shopId, platformItemId: l.platformItemId, platformSkuId: l.platformSkuId || l.merchantCode, merchantCode: l.merchantCode, title: l.title });
    return { ...l, discounts: [], skuCode, paidFen: paid[i]!, refundFen: 0 };
  }));
  if (shown(made) === shown(order.lines)) return 'same';
  if (input.dryRun) return 'changed';
  const open = order.reviewState !== 'cancelled' && !order.fulfilledElsewhere && order.parcelIds.length === 0;
  await rt.transact(async (session) => {
    await Orders.updateOne({ _id: order._id, revision: order.revision }, { $set: { lines: made, changedAt: rt.clock.now(), ...(open ? { reviewState: 'pending' } : {}) }, $inc: { revision: 1 } }, { session });
    await emit(rt, session, { topic: 'order.changed', key: `order.changed:${order._id}`, payload: { orderId: order._id } });
  });
  return 'changed';
}

/** What was paid for each line: as the report says when that adds up, else the order's own sum by list price. */
function shares(order: OrderDoc, lines: readonly IncomingLine[]): number[] {
  const goods = order.paidFen - order.freightFen;
  if (lines.reduce((n, l) => n + l.paidFen, 0) === goods) return lines.map((l) => l.paidFen);
  const weights = lines.map((l) => Math.max(1, l.unitPriceFen * l.quantity));
  return shareOut(fenFromInteger(goods), weights);
}
