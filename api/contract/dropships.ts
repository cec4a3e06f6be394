import * as z from 'zod';
import { both, fen, instant, listRoute, route } from './route.ts';

const count = z.number().int();
export const DropshipRow = z.object({
  id: z.string().describe('the parcel'), supplierId: z.string(), supplierName: z.string(), orderText: z.string(), shopName: z.string(), lineText: z.string(), pieces: count, receiverName: z.string().describe('masked for who may not read personal data'), phone: z.string(), province: z.string(), city: z.string(), district: z.string(), address: z.string(), memo: z.string(),
  courier: z.string(), tracking: z.string(), costFen: fen.describe('what the supplier is owed for it'), state: z.string(), shortText: z.string(), pushText: both, alarmText: both, sentAt: instant.optional(), shippedAt: instant.optional(), revision: z.number(), changedAt: instant,
});
export const SupplyRow = z.object({ id: z.string().describe('the SKU'), code: z.string(), name: z.string(), supplierId: z.string(), supplierName: z.string(), dropship: z.boolean().describe('its supplier ships it'), left: count.nullable().describe('how many the supplier can still send; null: they say no number'), costFen: fen, revision: z.number(), changedAt: instant });
const Send = z.object({ supplierId: z.string().min(1).max(60), again: z.array(z.string().min(1).max(60)).max(500).default([]).describe('these parcels once more; empty: all that were not sent yet') });
export const DropshipSummary = z.object({ mail: z.boolean().describe('a mail server is set'), suppliers: z.array(z.object({ supplierId: z.string(), name: z.string(), contact: z.string(), toSend: count, sent: count.describe('with the supplier, no number yet'), short: count, stopped: count })) });

export const dropshipRoutes = {
  listDropships: listRoute('dropships', DropshipRow, 'orders:read', { zh: '代发：供应商替我们发的包裹', en: 'Drop-ship: parcels that suppliers send for us' }),
  listSupply: listRoute('supply', SupplyRow, 'purchasing:read', { zh: '谁供货、谁代发、还能发几件', en: 'Who supplies what, who ships it, how many they can still send' }),
  dropshipSummary: route({ name: 'dropshipSummary', method: 'GET', path: '/api/v1/dropships/summary', summary: { zh: '代发概况', en: 'Drop-ship at a glance' }, right: 'orders:read', response: DropshipSummary }),
  sendDropships: route({
    name: 'sendDropships', method: 'POST', path: '/api/v1/dropships/send', summary: { zh: '发给供应商的代发单，文件带收件人全文；发出后再改会报警', en: 'The list for a supplier as a file, with whole addresses; what changes after it raises an alarm' }, right: 'personal:read', kind: 'pdf',
    body: Send.extend({ format: z.enum(['xlsx', 'csv']).default('xlsx') }), response: z.object({}), problems: ['not_found', 'batch_refused', 'command_refused'],
  }),
  mailDropships: route({
    name: 'mailDropships', method: 'POST', path: '/api/v1/dropships/mail', summary: { zh: '同一张代发单，寄到供应商的邮箱', en: 'The same list, mailed to the supplier' }, right: 'personal:read',
    body: Send, response: z.object({ parcels: count, to: z.string() }), problems: ['not_found', 'batch_refused', 'command_refused'],
  }),
};
