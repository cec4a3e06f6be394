import * as z from 'zod';
import { instant, listRoute, route } from './route.ts';

/** What is printed, and of it every field in the order of today: its words, its size in points, whether it is shown, whether a line stands under it. */
export const DOCUMENTS = ['slip', 'label', 'pick-list', 'sku-label'] as const;
export type PrintDocument = (typeof DOCUMENTS)[number];
/** `must`: paper without it is of no use (a courier's number, the reprint mark), so it cannot be hidden. `fixed`: its place is the paper's. */
export type FieldDefault = { readonly key: string; readonly title: { readonly zh: string; readonly en: string }; readonly zh: string; readonly en: string; readonly size: number; readonly shown: boolean; readonly rule?: true; readonly must?: true; readonly fixed?: true };
const field = (key: string, titleZh: string, titleEn: string, zh: string, en: string, size: number, more: Partial<FieldDefault> = {}): FieldDefault => ({ key, title: { zh: titleZh, en: titleEn }, zh, en, size, shown: true, ...more });
const off = { shown: false } as const;
const NOTES = [field('note1', '自己的话 1', 'Text of your own 1', '', '', 8, off), field('note2', '自己的话 2', 'Text of your own 2', '', '', 8, off)];
/** Paper for labels of goods, as width × height in mm: what rolls are sold in, and any other that a label fits on. */
export const LABEL_PAPERS = ['40x30', '50x30', '60x40'] as const;
const [LEAST_MM, MOST_MM] = [20, 120];
export function labelPaper(text: string): readonly [number, number] | undefined {
  const [, width, height] = /^(\d{2,3})\s*[x×*]\s*(\d{2,3})$/i.exec(text.trim()) ?? [];
  const size = [Number(width), Number(height)] as const;
  return size.every((mm) => mm >= LEAST_MM && mm <= MOST_MM) ? size : undefined;
}
const LANGUAGE = field('language', '印哪种文字（zh、en、both）', 'Language printed (zh, en, both)', 'zh', '', 0, { must: true, fixed: true });

export const FIELDS: Readonly<Record<PrintDocument, readonly FieldDefault[]>> = {
  slip: [
    LANGUAGE, field('logo', '标志（大小是毫米）', 'Logo (size in mm)', '', '', 20, off),
    field('title', '标题', 'Title', '发货单', 'Packing slip', 15), field('courier', '快递和运单号', 'Courier and number', '', '', 13), field('shop', '店铺和仓库', 'Shop and warehouse', '', '', 8), field('orders', '订单号', 'Orders', '订单', 'Orders', 8, { rule: true }),
    field('receiver', '收件人和电话', 'Receiver and phone', '', '', 12), field('address', '地址', 'Address', '', '', 10, { rule: true }),
    field('lines', '货品（文字是赠品的记号）', 'Goods (the words mark a gift)', '【赠】', '[gift] ', 9, { must: true }), field('total', '合计', 'Total', '共 {kinds} 种 {pieces} 件', '{kinds} kinds, {pieces} pieces', 8, { rule: true }),
    field('message', '买家留言', 'Buyer message', '买家留言：', 'Buyer: ', 8), field('memo', '备注', 'Memo', '备注：', 'Memo: ', 8), ...NOTES, field('qr', '包裹二维码（大小是毫米）', 'QR of the parcel (size in mm)', '', '', 18, off),
    field('reprint', '补打记号', 'Reprint mark', '补打 第 {n} 次', 'Reprint no. {n}', 10, { must: true, fixed: true }), field('parcel', '包裹号', 'Parcel', '', '', 7, { fixed: true }), field('printed', '打印时间', 'Printed at', '打印 ', 'Printed ', 7, { fixed: true }),
  ],
  label: [
    LANGUAGE, field('courier', '快递', 'Courier', '', '', 20, { must: true, fixed: true }), field('printed', '打印时间', 'Printed at', '打印 ', 'Printed ', 8, { fixed: true }), field('reprint', '补打记号', 'Reprint mark', '  补打 第 {n} 次', '  Reprint no. {n}', 8, { must: true, fixed: true }), field('number', '运单号和条码', 'Number and bar code', '', '', 12, { must: true, fixed: true }),
    field('route', '三段码或目的地', 'Sorting code or destination', '', '', 18, { must: true, fixed: true }), field('receiver', '收件人', 'Receiver', '收 ', 'To ', 12, { must: true, fixed: true }), field('address', '地址', 'Address', '', '', 11, { must: true, fixed: true }),
    field('logo', '标志（大小是毫米）', 'Logo (size in mm)', '', '', 12, off), field('sender', '寄件方', 'Sender', '寄 ', 'From ', 8), field('orders', '订单号', 'Orders', '订单', 'Orders', 8), field('goods', '货品（文字是赠品的记号）', 'Goods (the words mark a gift)', '赠', ' gift', 9, { rule: true }),
    field('message', '买家留言', 'Buyer message', '买家留言：', 'Buyer: ', 8), field('memo', '备注', 'Memo', '备注：', 'Memo: ', 8), ...NOTES, field('parcel', '包裹号', 'Parcel', '', '', 7, { fixed: true }),
  ],
  'pick-list': [
    LANGUAGE, field('title', '标题', 'Title', '拣货单', 'Pick list', 18, { fixed: true }), field('qr', '波次二维码（大小是磅）', 'QR of the wave (size in points)', '', '', 60, { fixed: true }),
    field('bin', '库位', 'Bin', '库位', 'Bin', 10), field('sku', '货品', 'SKU', '货品', 'SKU', 10), field('name', '名称', 'Name', '名称', 'Name', 10), field('quantity', '件数', 'Pieces', '件数', 'Pieces', 10, { must: true }), field('slots', '分到', 'Slots', '分到（格×件）', 'To slot × pieces', 10),
    field('total', '合计', 'Total', '共 {kinds} 种 {pieces} 件', '{kinds} kinds, {pieces} pieces', 9, { fixed: true }), field('note1', '自己的话', 'Text of your own', '', '', 9, { ...off, fixed: true }),
  ],
  'sku-label': [
    LANGUAGE, field('paper', '纸张（宽×高，毫米，如 40×30、50×30、60×40）', 'Paper (width×height in mm: 40×30, 50×30, 60×40)', '50×30', '', 0, { must: true, fixed: true }), field('logo', '标志（大小是毫米）', 'Logo (size in mm)', '', '', 12, off),
    field('name', '品名', 'Name', '', '', 8), field('barcode', '条码（大小是高，毫米）', 'Bar code (size: its height in mm)', '', '', 9, { must: true }), field('number', '条码的数字', 'Number of the bar code', '', '', 7),
    field('sku', '货品编码', 'SKU', '', '', 6), field('batch', '批次', 'Batch', '批次 ', 'Batch ', 6), field('expires', '到期日', 'Expires', '到期 ', 'Expires ', 6), field('bin', '库位', 'Bin', '库位 ', 'Bin ', 6), field('price', '售价', 'Price', '￥', '￥', 9, off), ...NOTES,
  ],
};

const text = z.string().max(120);
export const TemplateRow = z.object({ id: z.string(), document: z.enum(DOCUMENTS), field: z.string(), title: z.object({ zh: z.string(), en: z.string() }), position: z.number().int(), shown: z.boolean(), zh: text, en: text, size: z.number(), rule: z.boolean(), must: z.boolean().describe('cannot be hidden'), revision: z.number(), changedAt: instant });
/** Cells of rows that are not published yet, so that they can be seen on paper first. */
const Draft = z.object({ id: z.string().max(40), position: z.number().int().min(0).max(999).optional(), shown: z.boolean().optional(), zh: text.optional(), en: text.optional(), size: z.number().int().min(0).max(80).optional(), rule: z.boolean().optional() });
export const printTemplateRoutes = {
  listTemplates: listRoute('print-templates', TemplateRow, 'settings:read', { zh: '单据样式：发货单、面单、拣货单、货品标签上印什么、按什么顺序', en: 'What stands on slips, waybills, pick lists and labels of goods, and in which order' }),
  previewTemplate: route({ name: 'previewTemplate', method: 'POST', path: '/api/v1/print-templates/preview', summary: { zh: '用样例数据看一张，可带没发布的改动', en: 'One page of made-up data, with changes that are not published yet' }, right: 'settings:read', kind: 'pdf', body: z.object({ document: z.enum(DOCUMENTS), draft: z.array(Draft).max(60).default([]) }), response: z.object({}), problems: ['command_refused'] }),
  resetTemplate: route({ name: 'resetTemplate', method: 'POST', path: '/api/v1/print-templates/reset', summary: { zh: '恢复一种单据的原样', en: 'A document as it was at first' }, right: 'settings:write', body: z.object({ document: z.enum(DOCUMENTS) }), response: z.object({ fields: z.number().int() }) }),
  setLogo: route({ name: 'setLogo', method: 'POST', path: '/api/v1/print-templates/logo', summary: { zh: '上传标志（PNG 或 JPEG，300 KB 以内）；不带文件是去掉', en: 'Upload the logo (PNG or JPEG, up to 300 kB); without a file it is taken away' }, right: 'settings:write', kind: 'multipart', response: z.object({ bytes: z.number().int() }), problems: ['command_refused'] }),
};
