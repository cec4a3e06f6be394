/** Finds out what a seller's file is, and reads it. A zip is read member by member. */
import { unzipSync } from 'fflate';
import type { ReadFile } from '../channel.ts';
import { isAlipayBill, readAlipayBill } from '../alipay/bill-file.ts';
import { douyinAfterSales, douyinSettlement, isDouyinExport, readDouyinExport } from '../douyin/export-file.ts';
import { isItemExport, isOrderExport, readItemExport, readOrderExport, taobaoAfterSales } from '../taobao/export-file.ts';
import { decodeText } from '../transport/text.ts';
import { isFundFlow, isPersonalExport, isWechatBill, readWechatBill, wechatMatrix } from '../wechat-pay/bill-file.ts';
import { jdAfterSales, jdBill, jdOrders, jdWallet } from '../jd/export-file.ts';
import { pinduoduoAfterSales, pinduoduoLedger, pinduoduoOrders } from '../pinduoduo/export-file.ts';
import { wechatShopAfterSales, wechatShopFlow, wechatShopOrders } from '../wechat-shop/export-file.ts';
import { isAfterSales, readAfterSales, type AfterSalesTable } from './after-sales.ts';
import { hasAll, readOrderTable, REFUNDS, STATES, type OrderTable } from './orders.ts';
import { ownOrders } from './own.ts';
import { isSettlement, readSettlement, type SettlementTable } from './settlement.ts';
import { isWorkbook, matrixOf, readTable, sheetsOf, tableOf, type Table } from './table.ts';

export type Unknown = { readonly kind: 'unknown'; readonly zh: string; readonly en: string; readonly headers: readonly string[] };

export { NEEDED, ORDER_FIELDS, type OrderField } from './orders.ts';
export type ColumnMap = Pick<OrderTable, 'channel' | 'format' | 'columns'>;

/** One line a kind of table; found by header, never by the file's name. */
const ORDERS: readonly OrderTable[] = [ownOrders, jdOrders, pinduoduoOrders, wechatShopOrders];
const AFTER_SALES: readonly AfterSalesTable[] = [taobaoAfterSales, douyinAfterSales, jdAfterSales, pinduoduoAfterSales, wechatShopAfterSales];
const SETTLEMENTS: readonly SettlementTable[] = [douyinSettlement, jdBill, jdWallet, pinduoduoLedger, wechatShopFlow];

/** A workbook with several tables (Qianniu's, joined by the order's number) is several files; what else is in it is named. */
export async function readFiles(name: string, bytes: Uint8Array): Promise<{ readonly name: string; readonly file: ReadFile | Unknown }[]> {
  const sheets = isWorkbook(name, bytes) ? await sheetsOf(bytes).catch(() => []) : [];
  const read = sheets.length < 2 ? [] : sheets.map(({ sheet, matrix }) => { const table = tableOf(matrix); return { sheet, file: table && readKnown(table) }; });
  const known = read.flatMap(({ sheet, file }) => (file ? [{ name: `${name} · ${sheet}`, file }] : []));
  if (known.length === 0) return [{ name, file: await readFile(name, bytes) }];
  const others = read.flatMap(({ sheet, file }) => (file ? [] : [`sheet ${sheet}`]));
  return known.map((k, i) => (i === 0 && k.file.kind === 'orders' ? { ...k, file: { ...k.file, lacks: [...k.file.lacks, ...others] } } : k));
}

export async function readFile(name: string, bytes: Uint8Array): Promise<ReadFile | Unknown> {
  if (/\.zip$/i.test(name)) return readZip(bytes);
  const matrix = isWorkbook(name, bytes) ? await matrixOf(name, bytes).catch(() => []) : undefined;
  const text = matrix ? matrix.map((l) => l.map(quoted).join(',')).join('\n') : decodeText(bytes);
  if (isAlipayBill(text)) return { kind: 'bill', format: /账务流水号,/.test(text) ? '支付宝账务明细' : '支付宝业务明细', ...readAlipayBill(text) };
  const wechat = matrix ?? (/^\uFEFF?"?(交易时间|记账时间)"?,/.test(text) ? wechatMatrix(text) : []);
  if (isWechatBill(wechat)) return { kind: 'bill', format: isFundFlow(wechat) ? '微信支付资金账单' : '微信支付交易账单', ...readWechatBill(wechat) };
  if (isPersonalExport(text) || /支付宝.{0,12}(交易记录明细查询|交易明细)/.test(text.slice(0, 2000))) return unknown('这是个人账单，不是商户账单', 'this is a person’s own record, not a merchant’s bill');
  const table = await readTable(name, bytes).catch(() => undefined);
  if (!table) return unknown('看不出表头', 'no header is found');
  return readKnown(table) ?? unknown(`不认识这种表，表头是：${table.names.filter(Boolean).slice(0, 8).join('、')}`, `this kind of table is not known; its header: ${table.names.filter(Boolean).slice(0, 8).join(', ')}`, table.names.filter(Boolean));
}
function readKnown(table: Table): ReadFile | undefined {
  const settlement = SETTLEMENTS.find((s) => isSettlement(table, s));
  if (settlement) return readSettlement(table, settlement);
  const afterSales = AFTER_SALES.find((s) => isAfterSales(table, s));
  if (afterSales) return readAfterSales(table, afterSales);
  if (isDouyinExport(table)) return readDouyinExport(table);
  if (isItemExport(table)) return readItemExport(table);
  if (isOrderExport(table)) return readOrderExport(table);
  const orders = ORDERS.find((s) => hasAll(table, s));
  return orders ? readOrderTable(table, orders) : undefined;
}
/** A table that a person has explained. */
export async function readByMap(name: string, bytes: Uint8Array, map: ColumnMap): Promise<ReadFile | undefined> {
  const table = await readTable(name, bytes).catch(() => undefined);
  return table && readOrderTable(table, { ...map, states: STATES, refunds: REFUNDS, lacks: [...(map.columns.lineId ? [] : ['line ids']), ...(map.columns.address ? [] : ['receiver'])] });
}
const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const unknown = (zh: string, en: string, headers: readonly string[] = []): Unknown => ({
  kind: 'unknown', headers, zh: `${zh}。可以导入：淘宝、京东、抖店、拼多多、微信小店的订单、售后和结算导出，支付宝与微信支付的账单；其他订单表可以先告诉系统每列是什么。`,
  en: `${en}. What can be imported: order, after-sales and settlement exports of Taobao, JD, Douyin, Pinduoduo and the WeChat shop, bills of Alipay and WeChat Pay; of other order tables the columns can be named first.`,
});

/** Of a bill's zip the detail is read; the summary beside it says nothing more. */
async function readZip(bytes: Uint8Array): Promise<ReadFile | Unknown> {
  let found: ReadFile | Unknown = unknown('压缩包里没有能读的文件', 'the archive holds nothing that can be read');
  try {
    for (const [name, member] of Object.entries(unzipSync(bytes))) {
      const read = await readFile(name.replace(/\.zip$/i, ''), member);
      if (read.kind !== 'unknown') found = read;
    }
  } catch {
    return unknown('压缩包打不开', 'the archive cannot be opened');
  }
  return found;
}
