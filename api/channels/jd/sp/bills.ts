/**
 * The shop's settlement of one day (listBills): the rows of the daily bill that sellers export, by the names that JD's earlier bill
 * call had for the same columns (one client maps them one to one). Each is read as that file's row, so that it has its key.
 * JD gives bills through SP-API only: a shop on the old gateway asks here too, with the same key and token.
 */
import { addDays, businessDay, localTimeText, startOfDay } from '../../../contract/values/time.ts';
import type { Result } from '../../../contract/values/result.ts';
import { ChannelFault, type Bill, type ChannelContext, type ChannelRefusal } from '../../channel.ts';
import { readSettlement } from '../../files/settlement.ts';
import type { TableRow } from '../../files/table.ts';
import { told } from '../../transport/told.ts';
import { jdBill } from '../export-file.ts';
import { instant } from '../wire.ts';
import { listed, makeSpClient, type SpClient } from './client.ts';
import { SpBillRow } from './wire.ts';

/** Needed, and its numbers are not published: a client of the earlier call asks for a day's bill with 2. */
const TYPE = 2;
const PAGE_SIZE = 100;
/** More than any day has: the cursor is then not moving. */
const MOST_PAGES = 20_000;
/** The same client's table of documents, and its reading of `direction`: 1 is income, all else expense. */
const DOCUMENTS: Readonly<Record<string, string>> = { 1001: '订单', 1002: '售后服务单', 1003: '取消退款单', 1102: '非销售单' };

const refused = (code: ChannelRefusal['code'], platformCode: string, words: string): ChannelFault => new ChannelFault({ code, platformCode, words });
export const fetchBill = (context: ChannelContext, day: string): Promise<Result<Bill | 'empty', ChannelRefusal>> => told(async () => {
  const client = makeSpClient(context);
  if (client.venderId === '') throw refused('ask_person', 'vender_id', 'JD asks for the seller’s number (商家编号) with a bill: enter it as the shop’s number');
  const from = startOfDay(businessDay(day));
  const to = new Date(startOfDay(addDays(businessDay(day), 1)).getTime() - 1);
  // What is not settled yet comes on the day when it is; whether it is, its time says (the state lags behind on big days).
  const rows = (await allRows(client, from, to)).filter((r) => instant(r.finishTime) !== undefined && r.finishTime !== '0');
  const outside = rows.filter((r) => instant(r.finishTime)! < from || instant(r.finishTime)! > to).length;
  if (outside >= 3 && outside * 2 > rows.length) throw refused('ask_person', 'window', 'JD’s window goes by another time than that of settlement: import the daily bill as a file');
  if (rows.length === 0) return 'empty';
  const read = readSettlement({ names: jdBill.needs, rows: rows.map((r, i) => asFileRow(r, i + 1)) }, jdBill);
  if (read.kind !== 'bill' || read.bad.length > 0) throw refused('ask_person', 'bill_rows', read.kind === 'bill' ? read.bad[0]!.words.zh : 'the bill could not be read');
  return { ...read.bill, account: client.venderId, day };
});

async function allRows(client: SpClient, from: Date, to: Date): Promise<SpBillRow[]> {
  const rows: SpBillRow[] = [];
  for (let page = 0, cursor = ''; ; page += 1) {
    const { data, paging } = await client.ask({ verb: 'GET', path: '/sp-finance/v0/bills', query: { type: TYPE, venderId: client.venderId, startTime: from.getTime(), endTime: to.getTime(), pageSize: PAGE_SIZE, cursor } });
    const here = SpBillRow.array().parse([...listed(data)]);
    rows.push(...here);
    const next = String(paging?.['nextCursor'] ?? '');
    if (next === '' || here.length === 0) {
      const total = Number(paging?.['totalItems'] ?? rows.length);
      // Whether the count is of the page or of the day is not said: rows of a whole day must not be fewer than it.
      if (rows.length < total) throw refused('retry', 'rows', `the bill says ${total} rows, and gave ${rows.length}`);
      return rows;
    }
    if (page >= MOST_PAGES || next === cursor) throw refused('retry', 'cursor', 'the bill says that more follows, and not where');
    cursor = next;
  }
}

function asFileRow(r: SpBillRow, row: number): TableRow {
  const time = (ms: string): string => { const at = instant(ms); return at && ms !== '0' ? localTimeText(at) : ''; };
  const cells: Readonly<Record<string, string>> = {
    订单编号: r.orderId, 单据编号: r.detailNo, 单据类型: r.rfBusiTypeDesc || (DOCUMENTS[r.rfBusiType] ?? r.rfBusiType), 商品编号: r.skuId, 商户订单号: r.outTradeNo, 费用项: r.feeName, 金额: r.bal, 收支方向: r.direction === '' ? '' : r.direction === '1' ? '收入' : '支出',
    费用发生时间: time(r.happenTime), 费用结算时间: time(r.finishTime), 钱包结算备注: r.remark,
  };
  return { row, cell: (...names) => names.map((n) => cells[n] ?? '').find((text) => text !== '' && text !== '-') ?? '' };
}
