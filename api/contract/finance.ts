import * as z from 'zod';
import { both, day, fen, idParams, instant, listRoute, route } from './route.ts';

export const StatementRow = z.object({
  id: z.string(), accountId: z.string(), accountName: z.string(), channel: z.string(), day, happenedAt: instant, key: z.string(), kind: z.string(), platformKind: z.string(), tradeNo: z.string(), merchantOrderNo: z.string(), amountFen: fen, feeFen: fen, counterparty: z.string(), words: z.string(),
  state: z.enum(['matched', 'classified', 'open']), class: z.string(), orderId: z.string(), platformOrderId: z.string(), differenceFen: fen, reason: both, note: z.string(), revision: z.number(), changedAt: instant,
});
export const MatchRow = z.object({ id: z.string(), statementId: z.string(), orderId: z.string(), platformOrderId: z.string(), refundId: z.string(), rule: z.string(), amountFen: fen, at: instant, revision: z.number(), changedAt: instant });
export const JournalRow = z.object({
  id: z.string(), entryId: z.string(), entryKey: z.string(), at: instant, day, event: z.string(), account: z.string(), accountName: both, debitFen: fen, creditFen: fen, shopId: z.string(), shopName: z.string(), channel: z.string(), skuCode: z.string(), orderId: z.string(), reference: z.string(), revision: z.number(), changedAt: instant,
});
export const ProfitRow = z.object({
  id: z.string(), month: z.string(), shopId: z.string(), shopName: z.string(), channel: z.string(), skuCode: z.string(), name: z.string(), quantity: z.number(), salesFen: fen, refundFen: fen, costFen: fen, commissionFen: fen, freightFen: fen, otherFen: fen, profitFen: fen, marginRate: z.number().describe('rate per 10,000'), revision: z.number(), changedAt: instant,
});
const Money = z.object({ salesFen: fen, refundFen: fen, costFen: fen, commissionFen: fen, freightFen: fen, otherFen: fen, profitFen: fen });
export const FinanceSummary = z.object({
  month: z.string(), months: z.array(z.string()), total: Money, before: Money, days: z.array(z.object({ day, salesFen: fen, profitFen: fen })), shops: z.array(Money.extend({ shopId: z.string(), shopName: z.string() })), skus: z.array(Money.extend({ skuCode: z.string(), name: z.string(), quantity: z.number() })), losing: z.array(z.object({ skuCode: z.string(), name: z.string(), profitFen: fen })),
  accounts: z.array(z.object({ accountId: z.string(), name: z.string(), channel: z.string(), fromDay: z.string(), toDay: z.string(), lines: z.number(), totalFen: fen, matchedFen: fen, classifiedFen: fen, openFen: fen, matched: z.number(), classified: z.number(), open: z.number(), proved: z.boolean() })), balanced: z.boolean(),
});
export const PaymentQuery = z.object({ accountId: z.string().max(60), kind: z.enum(['refund', 'transfer']), number: z.string().min(1).max(64).describe('the merchant’s own number of the refund or transfer'), tradeNo: z.string().max(64).optional().describe('the trade that the refund belongs to; Alipay needs it') });
export const PaymentAnswer = z.object({ kind: z.enum(['refund', 'transfer']), number: z.string(), platformNumber: z.string(), state: z.enum(['done', 'under_way', 'failed', 'closed', 'unknown']), platformState: z.string(), amountFen: fen, happenedAt: instant.optional(), words: z.string() });
export const financeRoutes = {
  queryPayment: route({ name: 'queryPayment', method: 'POST', path: '/api/v1/payments/query', summary: { zh: '向支付渠道查一笔退款或转账', en: 'Ask a payment channel for one refund or transfer' }, right: 'finance:read', body: PaymentQuery, response: PaymentAnswer, problems: ['not_found', 'channel_refused'] }),
  listStatements: listRoute('statements', StatementRow, 'finance:read', { zh: '账单明细', en: 'Statement lines' }),
  listMatches: listRoute('matches', MatchRow, 'finance:read', { zh: '对账匹配', en: 'Matches' }),
  listJournal: listRoute('journal', JournalRow, 'finance:read', { zh: '凭证', en: 'Journal' }),
  listProfit: listRoute('profit', ProfitRow, 'finance:read', { zh: '利润', en: 'Profit' }),
  financeSummary: route({ name: 'financeSummary', method: 'GET', path: '/api/v1/finance/summary', summary: { zh: '财务概况', en: 'Finance at a glance' }, right: 'finance:read', query: z.object({ month: z.string().regex(/^\d{4}-\d{2}$/).optional() }), response: FinanceSummary }),
  whyProfit: route({ name: 'whyProfit', method: 'GET', path: '/api/v1/profit/:id/why', summary: { zh: '这个数由哪些凭证组成', en: 'The journal lines behind a figure' }, right: 'finance:read', params: idParams, response: z.object({ row: ProfitRow, lines: z.array(JournalRow) }), problems: ['not_found'] }),
};
