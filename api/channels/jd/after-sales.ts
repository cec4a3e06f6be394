/**
 * Refunds. Before shipment: applications, which have no time of change, so they are asked for by both of their times, and the
 * withdrawn ones of the last weeks once more. After shipment: service orders by their time of change.
 */
import { localTimeText } from '../../contract/values/time.ts';
import { fenFromInteger, type Fen } from '../../contract/values/money.ts';
import type { ChannelContext, IncomingRefund, RefundState, TimeWindow } from '../channel.ts';
import { closedRows, type ReadPage } from '../transport/pages.ts';
import { fenOfYuan } from '../transport/fen.ts';
import { at, businessRefusal, makeClient, type Answer, type Client } from './client.ts';
import { instant, WireApply, WireService } from './wire.ts';

const PAGE_SIZE = 50;
const WITHDRAWN = '11';
const WITHDRAWN_SPAN_MS = 30 * 86_400_000;
/** What a status that is not listed means: the refund is in flight, the order waits, and a person is told. */
const APPLY: Readonly<Record<string, RefundState>> = {
  '0': 'requested', '1': 'requested', '2': 'refused', '3': 'refunded', '4': 'requested', '5': 'requested', '6': 'refunded', '7': 'requested', '8': 'refused', '9': 'refunded', '10': 'requested', '11': 'closed',
};
const SERVICE: Readonly<Record<string, RefundState>> = {
  '10000': 'requested', '10001': 'requested', '10002': 'requested', '10004': 'refused', '10005': 'returning', '10006': 'returning', '10007': 'returning', '10009': 'returning', '10010': 'returning', '10011': 'closed', '10012': 'requested', '10041': 'returning',
};

export async function* pullRefunds(context: ChannelContext, window: TimeWindow): AsyncGenerator<readonly IncomingRefund[]> {
  const client = makeClient(context);
  const [from, to] = [localTimeText(window.from), localTimeText(window.to)];
  const withdrawnFrom = localTimeText(new Date(window.to.getTime() - WITHDRAWN_SPAN_MS));
  for (const filter of [{ applyTimeStart: from, applyTimeEnd: to }, { checkTimeStart: from, checkTimeEnd: to }, { status: WITHDRAWN, applyTimeStart: withdrawnFrom, applyTimeEnd: to }]) {
    for await (const rows of closedRows(window, PAGE_SIZE, applications(client, filter))) yield await incoming(context, rows.map(applied));
  }
  // A service order answers no shop but the one that asks for it: without the seller's number there is none.
  if (client.venderId === '') return;
  for await (const rows of closedRows(window, PAGE_SIZE, services(client, window))) yield await incoming(context, await Promise.all(rows.map((r) => served(client, r))));
}

const applications = (client: Client, filter: Readonly<Record<string, string>>): ReadPage<WireApply> => async (_window, no) => {
  const answer = await client.call('jingdong.pop.afs.soa.refundapply.queryPageList', { ...filter, pageIndex: no, pageSize: PAGE_SIZE }, (a) => businessRefusal(at(a, 'queryResult')));
  const result = at(answer, 'queryResult');
  const rows = WireApply.array().parse(result?.['result'] ?? []);
  return { total: Number(result?.['totalCount'] ?? rows.length), rows: rows.map((r) => ({ key: `${r.id} ${r.status}`, at: undefined, row: r })) };
};
const services = (client: Client, window: TimeWindow): ReadPage<WireService> => async (_window, no) => {
  const answer = await client.call('jingdong.asc.sync.list', { buId: client.venderId, operatePin: 'suanpan', operateNick: 'suanpan', updateTimeBegin: localTimeText(window.from), updateTimeEnd: localTimeText(window.to), pageNumber: no, pageSize: PAGE_SIZE });
  const result = answer['pageResult'] as Answer | undefined;
  const rows = WireService.array().parse(result?.['data'] ?? []);
  return { total: Number(result?.['totalCount'] ?? rows.length), rows: rows.map((r) => ({ key: `${r.serviceId} ${r.updateDate}`, at: undefined, row: r })) };
};

type Read = { readonly refund: IncomingRefund; readonly known: boolean };
async function incoming(context: ChannelContext, rows: readonly Read[]): Promise<readonly IncomingRefund[]> {
  for (const { refund, known } of rows) if (!known) await context.notice({ kind: 'unknown_status', subject: refund.platformStatus, words: `${refund.platformRefundId} ${refund.platformStatus}` });
  return rows.map((r) => r.refund);
}

/** `applyRefundSum` is in fen, whatever its type says (three clients). */
function applied(r: WireApply): Read {
  const createdAt = instant(r.applyTime) ?? new Date(0);
  // A withdrawal has no time of its own: it comes after the application, at the least.
  const modifiedAt = new Date(Math.max(createdAt.getTime(), instant(r.checkTime)?.getTime() ?? 0) + (r.status === WITHDRAWN ? 1000 : 0));
  const refundFen = /^-?\d+(\.0+)?$/.test(r.applyRefundSum) ? fenFromInteger(Number(r.applyRefundSum)) : fenFromInteger(0);
  return { known: r.status in APPLY, refund: { platformRefundId: `apply-${r.id}`, platformOrderId: r.orderId, platformLineId: '', platformStatus: `apply ${r.status}`, state: APPLY[r.status] ?? 'requested', refundFen, reason: r.reason, hasGoodsReturn: false, createdAt, modifiedAt, raw: JSON.stringify(r) } };
}

/** Whether money went back is said by another call: a service that is done proves nothing. Its amount is in yuan. */
async function served(client: Client, r: WireService): Promise<Read> {
  const answer = await client.call('jingdong.asc.serviceAndRefund.view', { buId: client.venderId, operatePin: 'suanpan', operateNick: 'suanpan', orderId: r.orderId, pageNumber: 1, pageSize: PAGE_SIZE });
  const data = ((answer['pageResult'] as Answer | undefined)?.['data'] as Answer[] | undefined) ?? [];
  const mine = data.find((d) => String((d['sameOrderServiceBill'] as Answer | undefined)?.['serviceId'] ?? '') === r.serviceId);
  const paid = mine !== undefined && String(mine['status']) === '13';
  const amount = (text: unknown): Fen => fenOfYuan(text === undefined || text === null ? '' : String(text), () => undefined);
  const [createdAt, changed] = [instant(r.applyTime) ?? new Date(0), instant(r.updateDate)];
  return {
    known: r.serviceStatus in SERVICE,
    refund: {
      platformRefundId: `service-${r.serviceId}`, platformOrderId: r.orderId, platformLineId: r.skuUuid, platformStatus: `service ${r.serviceStatus}`, state: paid ? 'refunded' : SERVICE[r.serviceStatus] ?? 'requested', refundFen: amount(mine?.['refoundAmount'] ?? r.refoundAmount), reason: r.applyReason,
      hasGoodsReturn: r.customerExpect === '10' || r.customerExpect === '20', createdAt, modifiedAt: changed ?? createdAt, raw: JSON.stringify(r),
    },
  };
}
