/**
 * A supplier's list goes out: as a file for the person who asks, or by mail where a mail server is set.
 * In: supplier, parcels to send once more. Out: the file. Wrong: nothing to send, an address that no platform opens, no mail server.
 * The list is marked as sent after it was made (or taken by the mail server): a crash between sends it twice, never not at all.
 */
import ExcelJS from 'exceljs';
import type { Both } from '../../contract/route.ts';
import { csvText, inert } from '../../contract/values/csv.ts';
import { localTimeText } from '../../contract/values/time.ts';
import { problem, type Problem } from '../../contract/problems.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { listForSupplier, markSent, type SupplierLine } from '../../orders/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Suppliers, type SupplierDoc } from '../store/models.ts';

type Format = 'xlsx' | 'csv';
type Column = Both & { readonly width: number; readonly of?: (l: SupplierLine) => string | number };
/** The two last are theirs to fill in. */
const COLUMNS: readonly Column[] = [
  { zh: '包裹号', en: 'Parcel', width: 32, of: (l) => l.parcelId }, { zh: '订单号', en: 'Order', width: 24, of: (l) => l.orderNumbers }, { zh: '货品编码', en: 'SKU', width: 16, of: (l) => l.skuCode }, { zh: '名称', en: 'Name', width: 28, of: (l) => l.name }, { zh: '件数', en: 'Pieces', width: 8, of: (l) => l.quantity },
  { zh: '收件人', en: 'Receiver', width: 12, of: (l) => l.receiverName }, { zh: '电话', en: 'Phone', width: 16, of: (l) => l.phone }, { zh: '省', en: 'Province', width: 10, of: (l) => l.province }, { zh: '市', en: 'City', width: 10, of: (l) => l.city }, { zh: '区县', en: 'District', width: 10, of: (l) => l.district }, { zh: '地址', en: 'Address', width: 36, of: (l) => l.address },
  { zh: '留言与备注', en: 'Message and memo', width: 24, of: (l) => l.memo }, { zh: '快递', en: 'Courier', width: 10 }, { zh: '运单号', en: 'Tracking number', width: 22 },
];

async function fileOf(lines: readonly SupplierLine[], format: Format, lang: 'zh' | 'en'): Promise<Uint8Array> {
  const rows = lines.map((l) => COLUMNS.map((c) => { const v = c.of?.(l) ?? ''; return typeof v === 'number' ? v : inert(v); }));
  if (format === 'csv') return new TextEncoder().encode(csvText([COLUMNS.map((c) => c[lang]), ...rows]));
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet(lang === 'zh' ? '代发单' : 'Drop-ship', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = COLUMNS.map((c) => ({ header: c[lang], width: c.width, style: { numFmt: c.en === 'Pieces' ? '0' : '@' } }));
  for (const row of rows) sheet.addRow(row);
  sheet.getRow(1).font = { bold: true };
  return new Uint8Array(await book.xlsx.writeBuffer());
}

type Made = { readonly supplier: SupplierDoc; readonly parcels: readonly string[]; readonly bytes: Uint8Array; readonly filename: string };
async function make(rt: Runtime, input: { readonly supplierId: string; readonly again: readonly string[]; readonly format: Format; readonly lang: 'zh' | 'en' }): Promise<Result<Made, Problem>> {
  const supplier = await Suppliers.findById(input.supplierId).lean<SupplierDoc>();
  if (!supplier) return refuse(problem('not_found', { noun: 'supplier', id: input.supplierId }));
  const list = await listForSupplier(rt, supplier._id, input.again);
  if (!list.ok) return refuse(problem('batch_refused', { count: list.refusal.length }, list.refusal.map((r) => ({ row: r.row, column: 'id', code: r.code, message: r.message, id: r.id }))));
  if (list.value.parcels.length === 0) return refuse(problem('command_refused', { zh: `${supplier.name} 没有要发的包裹。`, en: `There is nothing to send to ${supplier.name}.` }));
  const day = localTimeText(rt.clock.now()).slice(0, 16).replaceAll(/[-: ]/g, '');
  return ok({ supplier, parcels: list.value.parcels, bytes: await fileOf(list.value.lines, input.format, input.lang), filename: `${input.lang === 'zh' ? '代发单' : 'drop-ship'}-${supplier.name}-${day}.${input.format}` });
}

export async function sendDropships(rt: Runtime, input: Parameters<typeof make>[1], userId: string): Promise<Result<Made, Problem>> {
  const made = await make(rt, input);
  if (made.ok) await markSent(rt, made.value.parcels, userId);
  return made;
}

const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
export async function mailDropships(rt: Runtime, input: Omit<Parameters<typeof make>[1], 'format'>, userId: string): Promise<Result<{ parcels: number; to: string }, Problem>> {
  const no = (zh: string, en: string): Result<never, Problem> => refuse(problem('command_refused', { zh, en }));
  if (rt.config.smtpUrl === '') return no('没有设置邮件服务器（环境变量 SMTP_URL、MAIL_FROM）。下载代发单，自己发给供应商。', 'No mail server is set (environment: SMTP_URL, MAIL_FROM). Download the list and send it yourself.');
  const made = await make(rt, { ...input, format: 'xlsx' });
  if (!made.ok) return made;
  const { supplier, parcels, bytes, filename } = made.value;
  const to = supplier.contact.trim();
  if (!MAIL.test(to)) return no(`供应商 ${supplier.name} 没有邮箱，在“供应商”表里填。`, `Supplier ${supplier.name} has no mail address: enter it in the Suppliers sheet.`);
  try {
    const { createTransport } = await import('nodemailer');
    await createTransport(rt.config.smtpUrl).sendMail({ from: rt.config.mailFrom, to, subject: filename.replace(/\.xlsx$/, ''), text: input.lang === 'zh' ? `${parcels.length} 个包裹，请发货后把快递和运单号填在表里寄回。` : `${parcels.length} parcels. Please send the list back with courier and tracking number filled in.`, attachments: [{ filename, content: Buffer.from(bytes) }] });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return no(`邮件没有发出：${words}`, `The mail was not sent: ${words}`);
  }
  return ok({ parcels: await markSent(rt, parcels, userId), to });
}
