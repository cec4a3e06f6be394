import { z } from 'zod';
import { both, route } from './route.ts';

const Bad = z.object({ row: z.number(), column: z.string(), code: z.string(), read: z.string(), words: both });
const Counts = z.object({ new: z.number(), changed: z.number(), same: z.number(), bad: z.number() });
export const ImportedFile = z.object({ name: z.string(), kind: z.enum(['orders', 'lines', 'bill', 'skus', 'barcodes', 'opening', 'bins', 'listing-map', 'counts']), format: z.string(), channel: z.string(), shopName: z.string(), rows: z.number(), counts: Counts, bad: z.array(Bad), lacks: z.array(z.string()) });
export const ImportAnswer = z.object({ preview: z.boolean(), files: z.array(ImportedFile) });
export const importRoutes = {
  importFiles: route({
    name: 'importFiles', method: 'POST', path: '/api/v1/imports', summary: { zh: '导入文件；preview=true 只看会写入什么', en: 'Import files; preview=true only shows what would be written' }, right: 'orders:write', kind: 'multipart',
    query: z.object({ preview: z.enum(['true', 'false']).default('false') }), response: ImportAnswer, problems: ['file_refused', 'batch_refused'],
  }),
};
