/** Refunds changed inside a window, from the last page to the first. */
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelContext, IncomingRefund, TimeWindow } from '../channel.ts';
import { makeClient, type Client } from './client.ts';
import { refundStateOf } from './orders.ts';
import { fen, instant, WireRefundPage } from './wire.ts';

const PAGE_SIZE = 100;
const FIELDS = 'refund_id,tid,oid,status,created,modified,refund_fee,reason,has_good_return';

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  const base = { fields: FIELDS, start_modified: localTimeText(window.from), end_modified: localTimeText(window.to), page_size: String(PAGE_SIZE) };
  const first = await page(client, { ...base, page_no: '1', use_has_next: 'false' });
  const pages = Math.ceil((first.total_results ?? 0) / PAGE_SIZE);
  for (let no = pages; no >= 1; no -= 1) yield (no === 1 && pages === 1 ? first : await page(client, { ...base, page_no: String(no), use_has_next: 'true' })).refunds.map(incomingRefund);
}

const page = async (client: Client, query: Readonly<Record<string, string>>) => WireRefundPage.parse(await client.call('taobao.refunds.receive.get', query));
type Wire = Awaited<ReturnType<typeof page>>['refunds'][number];

function incomingRefund(r: Wire): IncomingRefund {
  const modifiedAt = instant(r.modified) ?? new Date(0);
  return {
    platformRefundId: r.refund_id, platformOrderId: r.tid, platformLineId: r.oid, platformStatus: r.status, state: refundStateOf(r.status), refundFen: fen(r.refund_fee, () => undefined), reason: r.reason,
    hasGoodsReturn: r.has_good_return === true, createdAt: instant(r.created) ?? modifiedAt, modifiedAt, raw: JSON.stringify(r),
  };
}
