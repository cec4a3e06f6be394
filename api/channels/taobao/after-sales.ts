/** Refunds changed inside a window. */
import type { z } from 'zod';
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelContext, IncomingRefund, TimeWindow } from '../channel.ts';
import { makeClient } from './client.ts';
import { isKnownRefund, refundStateOf } from './orders.ts';
import { changedRows, type ReadPage } from '../transport/pages.ts';
import { fen, instant, WireRefundPage, type WireRefund } from './wire.ts';

const PAGE_SIZE = 100;
const FIELDS = 'refund_id,tid,oid,status,created,modified,refund_fee,reason,has_good_return';

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  const read: ReadPage<Wire> = async ({ from, to }, no) => {
    const answer = await client.call('taobao.refunds.receive.get', { fields: FIELDS, start_modified: localTimeText(from), end_modified: localTimeText(to), page_size: String(PAGE_SIZE), page_no: String(no), use_has_next: 'false' });
    const page = WireRefundPage.parse(answer);
    return { total: page.total_results, rows: page.refunds.map((r) => ({ key: `${r.refund_id} ${r.modified}`, at: instant(r.modified), row: r })) };
  };
  for await (const rows of changedRows(window, PAGE_SIZE, read)) {
    for (const r of rows) if (!isKnownRefund(r.status)) await context.notice({ kind: 'unknown_status', subject: r.status, words: `${r.refund_id} ${r.status}` });
    yield rows.map(incomingRefund);
  }
}

type Wire = z.output<typeof WireRefund>;

function incomingRefund(r: Wire): IncomingRefund {
  const modifiedAt = instant(r.modified) ?? new Date(0);
  return {
    platformRefundId: r.refund_id, platformOrderId: r.tid, platformLineId: r.oid, platformStatus: r.status, state: refundStateOf(r.status), refundFen: fen(r.refund_fee, () => undefined), reason: r.reason,
    hasGoodsReturn: r.has_good_return === true, createdAt: instant(r.created) ?? modifiedAt, modifiedAt, raw: JSON.stringify(r),
  };
}
