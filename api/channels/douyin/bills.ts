/** The shop's own settlement of one day (order.getSettleBillDetailV3): what reached its wallet, and what was taken off on the way. */
import { fenFromInteger } from '../../contract/values/money.ts';
import { instantFromLocalText } from '../../contract/values/time.ts';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type Bill, type BillLine, type ChannelContext, type ChannelRefusal } from '../channel.ts';
import { keyed } from '../files/settlement.ts';
import { told } from '../transport/told.ts';
import { makeClient, type Answer } from './client.ts';
import { WireSettled } from './wire.ts';

const PAGE_SIZE = 100;
const SUCCESS = '100000';
/** By the time of settlement, as the account sees it. */
const BY_SETTLEMENT = '0';
/** So many pages of one day are more than any shop has: the cursor is then not moving. */
const MOST_PAGES = 20_000;

export const fetchBill = (context: ChannelContext, day: string): Promise<Result<Bill | 'empty', ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const rows: WireSettled[] = [];
  let [startTime, startIndex] = [`${day} 00:00:00`, ''];
  for (let page = 0; ; page += 1) {
    const data = await client.call('/order/getSettleBillDetailV3', { start_time: startTime, end_time: `${day} 23:59:59`, time_type: BY_SETTLEMENT, size: PAGE_SIZE, ...(startIndex ? { start_index: startIndex } : {}) });
    // Success is said a second time inside, by another number.
    if (data['code'] !== undefined && String(data['code']) !== SUCCESS) throw new ChannelFault({ code: 'refuse_row', platformCode: String(data['code']), words: String(data['code_msg'] ?? data['code']) });
    rows.push(...WireSettled.array().parse((data['data'] as Answer[] | null | undefined) ?? []));
    if (String(data['is_end']) === '1') break;
    const [nextTime, nextIndex] = [String(data['next_start_time'] ?? ''), String(data['next_start_index'] ?? '')];
    if (page >= MOST_PAGES || nextIndex === '' || nextIndex === startIndex) throw new ChannelFault({ code: 'retry', platformCode: 'cursor', words: 'the settlement says that more follows, and not where' });
    [startTime, startIndex] = [nextTime || startTime, nextIndex];
  }
  return rows.length === 0 ? 'empty' : { channel: 'douyin', kind: 'ledger', account: context.credentials.platformShopId ?? '', day, lines: keyed(rows.map((r, i) => lineOf(r, i + 1, day))) };
});

const FEES = ['platform_service_fee', 'commission', 'good_learn_channel_fee', 'colonel_service_fee', 'channel_promotion_fee', 'other_sharing_amount'] as const;
/** 0 is a settlement; 1 to 3 are refunds after it, on whichever way. Which sign fees and refunds have is not documented: both are read. */
function lineOf(r: WireSettled, lineNumber: number, day: string): BillLine {
  const refund = r.trade_type !== '0';
  const net = refund ? -Math.abs(r.settle_amount) : r.settle_amount;
  const fees = refund ? 0 : FEES.reduce((n, name) => n + Math.abs(r[name]), 0);
  return {
    // As the key of the same movement in the seller's file (动账流水号), so that the two are one.
    key: `|${r.request_no}`, lineNumber, kind: refund ? 'refund' : 'sale', platformKind: r.flow_type_desc || r.trade_type, tradeNo: '', merchantOrderNo: r.shop_order_id, platformOrderId: r.shop_order_id, refundNo: '',
    happenedAt: instantFromLocalText(r.settle_time) ?? instantFromLocalText(`${day} 00:00:00`)!, amountFen: fenFromInteger(net + fees), feeFen: fenFromInteger(fees === 0 ? 0 : -fees), counterparty: '', note: r.remark,
  };
}
