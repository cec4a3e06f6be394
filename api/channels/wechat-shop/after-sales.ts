/** After-sales changed inside a window: ids by cursor, each then read whole. */
import type { z } from 'zod';
import { fenFromInteger } from '../../contract/values/money.ts';
import { ChannelFault, type ChannelContext, type IncomingRefund, type RefundState, type TimeWindow } from '../channel.ts';
import { inParallel } from '../transport/throttle.ts';
import { makeClient, type Client } from './client.ts';
import { idsOf, type ReadIds } from './ids.ts';
import { lineIdOf } from './orders.ts';
import { instant, WireAfterSale, WireAfterSaleIds } from './wire.ts';

const DAY_MS = 86_400_000;
const PARALLEL = 6;
/** Money is back at MERCHANT_REFUND_SUCCESS and MERCHANT_RETURN_SUCCESS, and nowhere else. USER_CANCELD is the platform's spelling. */
const STATE: Readonly<Record<string, RefundState>> = {
  USER_CANCELD: 'closed', USER_CANCELED: 'closed', RETURN_CLOSED: 'closed', MERCHANT_FAIL: 'closed', MERCHANT_PROCESSING: 'requested', PLATFORM_REFUNDING: 'requested', PLATFORM_REFUND_FAIL: 'requested', MERCHANT_OVERDUE_REFUND: 'requested', MERCHANT_REFUND_RETRY_FAIL: 'requested', USER_WAIT_CONFIRM: 'requested', USER_WAIT_CONFIRM_UPDATE: 'requested', USER_WAIT_HANDLE_MERCHANT_AFTER_SALE: 'requested',
  MERCHANT_REJECT_REFUND: 'refused', MERCHANT_REJECT_RETURN: 'refused', USER_WAIT_RETURN: 'returning', MERCHANT_WAIT_RECEIPT: 'returning', MERCHANT_REFUND_SUCCESS: 'refunded', MERCHANT_RETURN_SUCCESS: 'refunded',
};

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  const read: ReadIds = async ({ from, to }, nextKey) => {
    const page = WireAfterSaleIds.parse(await client.call('/channels/ec/aftersale/getaftersalelist', { begin_update_time: Math.floor(from.getTime() / 1000), end_update_time: Math.floor(to.getTime() / 1000), next_key: nextKey }));
    return { ids: page.after_sale_order_id_list, nextKey: page.next_key, more: page.has_more };
  };
  for await (const ids of idsOf(client, window, DAY_MS, read)) {
    const refunds = await inParallel(ids, PARALLEL, (id) => readOne(client, context, id));
    yield refunds.filter((r) => r !== undefined);
  }
}

async function readOne(client: Client, context: ChannelContext, id: string): Promise<IncomingRefund | undefined> {
  try {
    const body = (await client.call('/channels/ec/aftersale/getaftersaleorder', { after_sale_order_id: id }))['after_sale_order'];
    const read = WireAfterSale.safeParse(body);
    if (!read.success) throw new ChannelFault({ code: 'refuse_row', platformCode: 'shape', words: `${id}: ${read.error.issues.map((i) => i.path.join('.')).join(', ')}` });
    if (!(read.data.status in STATE)) await context.notice({ kind: 'unknown_status', subject: read.data.status, words: `${id} ${read.data.status}` });
    return incomingRefund(read.data, JSON.stringify(body));
  } catch (error) {
    if (!(error instanceof ChannelFault) || error.refusal.code !== 'refuse_row') throw error;
    await context.notice({ kind: 'unknown_field', subject: id, words: error.refusal.words });
    return undefined;
  }
}

/** A state that is not known holds the order, as one in flight does. */
function incomingRefund(r: z.output<typeof WireAfterSale>, raw: string): IncomingRefund {
  const modifiedAt = instant(r.update_time) ?? new Date(0);
  return {
    platformRefundId: r.after_sale_order_id, platformOrderId: r.order_id, platformLineId: lineIdOf(r.order_id, r.product_info.sku_id), platformStatus: r.status, state: STATE[r.status] ?? 'requested', refundFen: fenFromInteger(r.refund_info.amount),
    reason: r.reason_text || r.reason, hasGoodsReturn: r.type !== 'REFUND', createdAt: instant(r.create_time) ?? modifiedAt, modifiedAt, raw,
  };
}
