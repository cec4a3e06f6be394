/** After-sales changed inside a window (pdd.refund.list.increment.get). */
import type { z } from 'zod';
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelContext, IncomingRefund, TimeWindow } from '../channel.ts';
import { closedRows, type ReadPage } from '../transport/pages.ts';
import { fenOfYuan } from '../transport/fen.ts';
import { makeClient } from './client.ts';
import { endedSlices, lineIdOf, WINDOW_MS } from './orders.ts';
import { afterSaleStateOf, isKnownAfterSale } from './states.ts';
import { instant, WireRefund, WireRefundPage } from './wire.ts';

const PAGE_SIZE = 100;
/** No value for "all states" is documented: 1 is what the official sample and three ERPs send for it. In requests 1 is also every type. */
const EVERY = { after_sales_status: 1, after_sales_type: 1 } as const;

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  const read: ReadPage<Readonly<Record<string, unknown>>> = async ({ from, to }, no) => {
    const page = WireRefundPage.parse(await client.call('pdd.refund.list.increment.get', { ...EVERY, start_updated_at: localTimeText(from), end_updated_at: localTimeText(to), page: no, page_size: PAGE_SIZE }));
    return { total: page.total_count, rows: page.refund_list.map((r) => ({ key: `${r.id} ${r.updated_time}`, at: instant(r.updated_time), row: r })) };
  };
  const seen = new Set<string>();
  for (const slice of endedSlices(client, window, WINDOW_MS)) {
    for await (const rows of closedRows(slice, PAGE_SIZE, read, seen)) {
      const refunds: IncomingRefund[] = [];
      for (const row of rows) {
        const r = WireRefund.safeParse(row);
        if (!r.success) await context.notice({ kind: 'unknown_field', subject: String(row['id']), words: r.error.issues.map((i) => i.path.join('.')).join(', ') });
        else {
          if (!isKnownAfterSale(r.data.after_sales_status)) await context.notice({ kind: 'unknown_status', subject: String(r.data.after_sales_status), words: `${r.data.id} ${String(r.data.after_sales_status)}` });
          refunds.push(incomingRefund(r.data, JSON.stringify(row)));
        }
      }
      yield refunds;
    }
  }
}

/**
 * Whether the type in the list is numbered as in the request (2 refund only, 3 with return) or as in the detail (1, 2) is not
 * documented (unknown): a return number, or a state in which goods move, says it in both.
 */
function incomingRefund(r: z.output<typeof WireRefund>, raw: string): IncomingRefund {
  const modifiedAt = instant(r.updated_time) ?? new Date(0);
  const state = afterSaleStateOf(r.after_sales_status);
  return {
    platformRefundId: r.id, platformOrderId: r.order_sn, platformLineId: lineIdOf(r.order_sn, r.sku_id), platformStatus: r.after_sales_status === undefined ? '' : String(r.after_sales_status), state,
    refundFen: fenOfYuan(r.refund_amount, () => undefined), reason: r.after_sale_reason, hasGoodsReturn: r.tracking_number !== '' || state === 'returning' || r.after_sales_status === 3 || (r.after_sales_type ?? 0) >= 3,
    createdAt: instant(r.created_time) ?? modifiedAt, modifiedAt, raw,
  };
}
