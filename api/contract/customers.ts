import * as z from 'zod';
import { both, fen, idParams, instant, listRoute, route } from './route.ts';

export const CustomerRow = z.object({
  id: z.string(), name: z.string(), channels: z.array(z.string()), orders: z.number(), paidFen: fen, refunds: z.number(), refundFen: fen, firstAt: instant, lastAt: instant,
  tags: z.array(z.string()), tagText: z.string(), blacklisted: z.boolean(), note: z.string(), revision: z.number(), changedAt: instant,
});
export const TimelineAnswer = z.object({ customer: CustomerRow, events: z.array(z.object({ at: instant, kind: z.enum(['order', 'refund', 'parcel']), id: z.string(), words: both, amountFen: fen.optional() })) });
export const customerRoutes = {
  listCustomers: listRoute('customers', CustomerRow, 'customers:read', { zh: '客户', en: 'Customers' }),
  customerTimeline: route({ name: 'customerTimeline', method: 'GET', path: '/api/v1/customers/:id/timeline', summary: { zh: '一个客户的往来', en: 'What happened with a customer' }, right: 'customers:read', params: idParams, response: TimelineAnswer, problems: ['not_found'] }),
};
