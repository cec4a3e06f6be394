/** After-sales changed inside a window: at most a day of them is asked for at once. */
import type { ChannelContext, IncomingRefund, TimeWindow } from '../channel.ts';
import { slices } from '../transport/slices.ts';
import { makeClient } from './client.ts';
import { cursorRows } from './cursor.ts';
import { isKnownRefund, refundStateOf } from './states.ts';
import { fen, instant, WireRefund } from './wire.ts';

const DAY_MS = 86_400_000;
/** All of them (9), whatever their negotiation stands at (0), by their time of change (2). */
const LIST = { method: 'open.seller.order.refund.pcursor.list', cursor: 'pcursor', rows: 'refundOrderInfoList', size: 100, also: { type: 9, negotiateStatus: 0, queryType: 2, sort: 2 } } as const;
/** An exchange gives goods for goods: its success is no money back. */
const EXCHANGE = '3';
const RETURN = '1';

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  for (const slice of slices(window, DAY_MS)) {
    // The second in which the window ends is in it: instants are milliseconds here.
    for await (const rows of cursorRows(client, LIST, { from: slice.from, to: new Date(Math.min(slice.to.getTime() + 999, slice.from.getTime() + DAY_MS)) }, (row) => `${String(row['refundId'])} ${String(row['updateTime'])} ${String(row['status'])}`)) {
      const refunds: IncomingRefund[] = [];
      for (const row of rows) {
        const read = WireRefund.safeParse(row);
        if (!read.success) await context.notice({ kind: 'unknown_field', subject: String(row['refundId']), words: read.error.issues.map((i) => i.path.join('.')).join(', ') });
        else {
          if (!isKnownRefund(read.data.status)) await context.notice({ kind: 'unknown_status', subject: read.data.status, words: `${read.data.refundId} ${read.data.status}` });
          refunds.push(incomingRefund(read.data, JSON.stringify(row)));
        }
      }
      yield refunds;
    }
  }
}

function incomingRefund(r: WireRefund, raw: string): IncomingRefund {
  const state = refundStateOf(r.status);
  const createdAt = instant(r.submitTime) ?? new Date(0);
  return {
    // The order is one listing: the refund is of the whole of it.
    platformRefundId: r.refundId, platformOrderId: r.oid, platformLineId: '', platformStatus: r.status, state: r.handlingWay === EXCHANGE && state === 'refunded' ? 'closed' : state, refundFen: fen(r.refundFee, () => undefined), reason: r.refundReasonDesc,
    hasGoodsReturn: r.handlingWay === RETURN || r.handlingWay === EXCHANGE, createdAt, modifiedAt: instant(r.updateTime) ?? createdAt, raw,
  };
}
