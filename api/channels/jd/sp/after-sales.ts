/** After-sales of SP-API: one list by its time of change, of cancellations before shipment and of service orders after it. */
import { fenFromInteger, type Fen } from '../../../contract/values/money.ts';
import type { ChannelContext, IncomingRefund, RefundState, TimeWindow } from '../../channel.ts';
import { fenOfYuan } from '../../transport/fen.ts';
import { closedRows, type ReadPage } from '../../transport/pages.ts';
import { instant } from '../wire.ts';
import { makeSpClient, type SpClient } from './client.ts';
import { pageOf } from './orders.ts';
import { SpAfter } from './wire.ts';

const PAGE_SIZE = 50;
/** The one number that proves that money went back (one client's notes): a service that is done proves nothing. */
const REFUNDED = '20';
const DONE = '100';
/** 取消订单 before shipment (1), as the old gateway's applications; exchanges, repairs and new deliveries move no money. */
const CANCEL = '1';
const WITHOUT_MONEY = new Set(['20', '30', '80']);
const WITH_GOODS = new Set(['10', '20', '30']);
/** Of the states' numbers 100 is known; the words that stand beside each are read. What neither tells is in flight, and a person is told. */
const WORDS: readonly (readonly [RegExp, RefundState])[] = [
  [/拒绝|驳回|不通过|不同意/, 'refused'], [/取消|撤销|撤回|关闭/, 'closed'], [/待收货|待寄|退回|收货|待处理|处理中|待确认/, 'returning'], [/待审核|待申领|审核|申请|待退款|退款中/, 'requested'],
];

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeSpClient(context);
  for await (const rows of closedRows(window, PAGE_SIZE, reader(client))) {
    const refunds: IncomingRefund[] = [];
    for (const row of rows) {
      const { refund, known, flaw } = read(row);
      if (!known) await context.notice({ kind: 'unknown_status', subject: refund.platformStatus, words: `${refund.platformRefundId} ${refund.platformStatus}` });
      if (flaw) await context.notice({ kind: 'unknown_field', subject: refund.platformRefundId, words: flaw });
      refunds.push(refund);
    }
    yield refunds;
  }
}

const reader = (client: SpClient): ReadPage<SpAfter> => async (window, no) => {
  const answer = await client.ask({ verb: 'GET', path: '/sp-aftercare/v0/afs-orders', query: { updateStartTime: window.from.getTime(), updateEndTime: window.to.getTime(), page: no, pageSize: PAGE_SIZE } });
  const { total, rows } = pageOf(answer, no, PAGE_SIZE);
  return { total, rows: SpAfter.array().parse(rows).map((row) => ({ key: `${row.afsOrderId} ${row.afsOrderBaseInfo.modifiedTime}`, at: instant(row.afsOrderBaseInfo.modifiedTime), row })) };
};

type Read = { readonly refund: IncomingRefund; readonly known: boolean; readonly flaw?: string };
export function read(r: SpAfter): Read {
  const { mainStatus, mainStatusDesc, subStatus, subStatusDesc } = r.afsOrderStatusInfo;
  const expect = r.customerApplyInfo.customerExpect;
  const words = [subStatusDesc, mainStatusDesc, r.approveInfo.approveResultDesc].join(' ');
  const paid = r.refundInfo.refundStatus === REFUNDED;
  const named = WORDS.find(([word]) => word.test(words))?.[1];
  // Done, and no money proved: it is under way where money is meant to move, and over where none is.
  const state = paid ? 'refunded' : named === 'refused' || named === 'closed' ? named : mainStatus === DONE ? (WITHOUT_MONEY.has(expect) ? 'closed' : 'returning') : named;
  let flaw: string | undefined;
  const money = (value: string): Fen => fenOfYuan(value, (text) => { flaw = `amount “${text}”`; });
  const asked = money(r.refundInfo.applyRefundAmount);
  const actual = r.refundInfo.actualRefundAmount;
  if (paid && actual === '') flaw = 'refunded, and actualRefundAmount is missing';
  // The only SKU that it is of names the line.
  const line = r.skuInfoList.length === 1 ? r.skuInfoList[0]!.skuUuid : '';
  const createdAt = instant(r.afsOrderBaseInfo.applyTime) ?? instant(r.afsOrderBaseInfo.createTime) ?? new Date(0);
  return {
    known: state !== undefined, ...(flaw ? { flaw } : {}),
    refund: {
      // Named as the old gateway's, whose numbers these are read to be (unknown), so that a shop that changes over has each once.
      platformRefundId: `${expect === CANCEL ? 'apply' : 'service'}-${r.afsOrderId}`, platformOrderId: r.orderId || r.orderInfo.orderId, platformLineId: line, platformStatus: `afs ${mainStatus}/${subStatus} refund ${r.refundInfo.refundStatus}`.trim(), state: state ?? 'requested',
      refundFen: paid && actual !== '' ? money(actual) : asked === 0 && actual !== '' ? money(actual) : asked > 0 ? asked : fenFromInteger(0), reason: r.customerApplyInfo.applyReasonSecondCidDesc || r.customerApplyInfo.applyReasonFirstCidDesc,
      hasGoodsReturn: WITH_GOODS.has(expect), createdAt, modifiedAt: instant(r.afsOrderBaseInfo.modifiedTime) ?? createdAt, raw: JSON.stringify(r),
    },
  };
}
