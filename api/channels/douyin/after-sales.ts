/** After-sales changed inside a window. What was really given back is said by the detail alone. */
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';
import type { ChannelContext, IncomingRefund, RefundState, TimeWindow } from '../channel.ts';
import { boundedRows, type ReadPage } from '../transport/pages.ts';
import { makeClient, type Answer, type Client } from './client.ts';
import { fen, instant, WireAfterSale } from './wire.ts';

const PAGE_SIZE = 100;
/** `page * size` may not pass 50,000 (one source). */
const CEILING = 49_000;
const STATE: Readonly<Record<string, RefundState>> = {
  '0': 'none', '6': 'requested', '7': 'returning', '8': 'returning', '11': 'returning', '12': 'refunded', '13': 'returning', '14': 'closed', '27': 'refused', '28': 'closed', '29': 'refused', '51': 'closed', '53': 'closed',
};
const REFUNDED = '3';
/** Success of the application is not yet money: the refund has a state of its own. What is not known holds the order. */
function stateOf(status: string, refundStatus: string): RefundState {
  const state = status === '' ? 'none' : STATE[status] ?? 'requested';
  return state === 'refunded' && refundStatus !== '' && refundStatus !== REFUNDED ? 'requested' : state;
}
export const lineRefundOf = (info: { readonly after_sale_status: string; readonly refund_status: string }): RefundState => stateOf(info.after_sale_status, info.refund_status);

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  const read: ReadPage<WireAfterSale> = async (w, no) => {
    // The end is exclusive here, and without this order polling loses rows (warning of the platform's own page).
    const data = await client.call('/afterSale/List', { update_start_time: Math.floor(w.from.getTime() / 1000), update_end_time: Math.floor(w.to.getTime() / 1000) + 1, order_by: ['update_time asc'], page: no - 1, size: PAGE_SIZE });
    const rows = WireAfterSale.array().parse(data['items'] ?? []);
    return { total: Number(data['total'] ?? rows.length), rows: rows.map((r) => ({ key: `${r.aftersale_info.aftersale_id} ${r.aftersale_info.update_time}`, at: undefined, row: r })) };
  };
  for await (const rows of boundedRows(window, PAGE_SIZE, CEILING, read)) {
    const refunds: IncomingRefund[] = [];
    for (const r of rows) {
      const { aftersale_status: status, aftersale_id: subject } = r.aftersale_info;
      if (!(status in STATE)) await context.notice({ kind: 'unknown_status', subject: status, words: `${subject} ${status}` });
      refunds.push(await incoming(client, r));
    }
    yield refunds;
  }
}

async function incoming(client: Client, r: WireAfterSale): Promise<IncomingRefund> {
  const a = r.aftersale_info;
  const state = stateOf(a.aftersale_status, a.refund_status);
  const asked = fen(a.refund_amount, () => undefined);
  const createdAt = instant(a.apply_time) ?? new Date(0);
  return {
    platformRefundId: a.aftersale_id, platformOrderId: r.order_info.shop_order_id, platformLineId: r.order_info.related_order_info[0]?.sku_order_id ?? a.related_id, platformStatus: a.aftersale_status, state, refundFen: state === 'refunded' ? await givenBack(client, a.aftersale_id, asked) : asked,
    reason: r.text_part.reason_text || a.reason, hasGoodsReturn: a.aftersale_type === '0' || a.aftersale_type === '3', createdAt, modifiedAt: instant(a.update_time) ?? createdAt, raw: JSON.stringify(r),
  };
}

/** The list says what was asked for; the detail what was paid back, once it was. Its id is a 64-bit number there. */
async function givenBack(client: Client, afterSaleId: string, asked: Fen): Promise<Fen> {
  const data = await client.call('/afterSale/Detail', { after_sale_id: BigInt(afterSaleId), need_operation_record: false });
  const info = ((data['process_info'] as Answer | undefined)?.['after_sale_info'] ?? {}) as Answer;
  const real = Number(info['real_refund_amount']);
  return info['real_refund_amount'] !== undefined && Number.isSafeInteger(real) ? fenFromInteger(real) : asked;
}
