import * as z from 'zod';
import { both, route } from './route.ts';
import { ShopChannelName } from './system.ts';

const Bad = z.object({ row: z.number(), column: z.string(), code: z.string(), read: z.string(), words: both });
const Counts = z.object({ new: z.number(), changed: z.number(), same: z.number(), bad: z.number() });
export const ImportedFile = z.object({ name: z.string(), kind: z.enum(['orders', 'lines', 'refunds', 'bill', 'unknown', 'skus', 'barcodes', 'opening', 'bins', 'listing-map', 'counts']), format: z.string(), channel: z.string(), shopName: z.string(), rows: z.number(), counts: Counts, bad: z.array(Bad), lacks: z.array(z.string()), headers: z.array(z.string()).optional().describe('of a table that is not known: what a column map can name'), choose: z.array(z.object({ id: z.string(), name: z.string() })).optional().describe('the shops or accounts that the file may be of: one has to be named with `shop`') });
export const ImportAnswer = z.object({ preview: z.boolean(), files: z.array(ImportedFile) });
export const ORDER_FIELD_NAMES = [
  'orderId', 'lineId', 'status', 'placedAt', 'paidAt', 'shippedAt', 'completedAt', 'paid', 'freight', 'linePaid', 'price', 'quantity', 'merchantCode', 'itemId', 'skuId', 'title', 'properties',
  'sellerDiscount', 'platformDiscount', 'influencerDiscount', 'refund', 'buyer', 'buyerMessage', 'sellerMemo', 'receiverName', 'receiverPhone', 'province', 'city', 'district', 'town', 'address', 'tradeNo',
] as const;
export const ColumnMapInput = z.object({
  channel: ShopChannelName, format: z.string().trim().min(1).max(60), headers: z.array(z.string().max(200)).min(3).max(400).describe('as the preview of the file gave them'),
  columns: z.partialRecord(z.enum(ORDER_FIELD_NAMES), z.string().max(200)).describe('our field → the column of the file; orderId, status, paid and quantity are needed'),
});
export const importRoutes = {
  saveColumnMap: route({ name: 'saveColumnMap', method: 'POST', path: '/api/v1/imports/maps', summary: { zh: '记住一种不认识的订单表的列', en: 'Keep the columns of an order table that is not known' }, right: 'orders:write', body: ColumnMapInput, response: z.object({ saved: z.boolean() }), problems: ['command_refused'] }),
  importFiles: route({
    name: 'importFiles', method: 'POST', path: '/api/v1/imports', summary: { zh: '导入文件；preview=true 只看会写入什么', en: 'Import files; preview=true only shows what would be written. What a file holds asks for its right: orders:write, finance:write, stock:write' }, right: 'signed-in', kind: 'multipart',
    query: z.object({ preview: z.enum(['true', 'false']).default('false'), shop: z.string().max(200).optional().describe('ids of the shops or accounts that files of their channels are of, comma between') }), response: ImportAnswer, problems: ['file_refused', 'batch_refused', 'no_right'],
  }),
};
