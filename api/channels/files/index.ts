/** Finds out what a seller's file is, and reads it. A zip is read member by member. */
import { unzipSync } from 'fflate';
import type { ReadFile } from '../channel.ts';
import { isAlipayBill, readAlipayBill } from '../alipay/bill-file.ts';
import { isDouyinExport, readDouyinExport } from '../douyin/export-file.ts';
import { isItemExport, isOrderExport, readItemExport, readOrderExport } from '../taobao/export-file.ts';
import { decodeText } from '../transport/text.ts';
import { isFundFlow, isWechatBill, readWechatBill, wechatMatrix } from '../wechat-pay/bill-file.ts';
import { readTable } from './table.ts';

export type Unknown = { readonly kind: 'unknown'; readonly zh: string; readonly en: string };

export async function readFile(name: string, bytes: Uint8Array): Promise<ReadFile | Unknown> {
  if (/\.zip$/i.test(name)) return readZip(bytes);
  const workbook = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const text = workbook ? '' : decodeText(bytes);
  if (isAlipayBill(text)) return { kind: 'bill', format: /账务流水号,/.test(text) ? '支付宝账务明细' : '支付宝业务明细', ...readAlipayBill(text) };
  const wechat = /^\uFEFF?(交易时间|记账时间),/.test(text) ? wechatMatrix(text) : [];
  if (isWechatBill(wechat)) return { kind: 'bill', format: isFundFlow(wechat) ? '微信支付资金账单' : '微信支付交易账单', ...readWechatBill(wechat) };
  const table = await readTable(name, bytes).catch(() => undefined);
  if (!table) return unknown('看不出表头', 'no header is found');
  if (isDouyinExport(table)) return readDouyinExport(table);
  if (isItemExport(table)) return readItemExport(table);
  if (isOrderExport(table)) return readOrderExport(table);
  const seen = table.names.filter(Boolean).slice(0, 8).join('、');
  return unknown(`不认识这种表，表头是：${seen}`, `this kind of table is not known; its header: ${seen}`);
}
const unknown = (zh: string, en: string): Unknown => ({ kind: 'unknown', zh: `${zh}。可以导入：淘宝订单报表与宝贝报表、抖店订单导出、支付宝业务或账务明细、微信支付交易账单。`, en: `${en}. What can be imported: Taobao order and item reports, Douyin order exports, Alipay bills, WeChat Pay trade bills.` });

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
