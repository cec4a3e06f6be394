import { financeRoutes } from '../contract/finance.ts';
import { problem } from '../contract/problems.ts';
import { businessDayOf } from '../contract/values/time.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Shops } from '../shops/index.ts';
import { feed } from '../store/feed.ts';
import { journalRows, matchRows, profitLines, profitRows, statementRows } from './store/finance.view.ts';
import { JournalLines, Matches, Profits, Statements, type JournalLineDoc, type MatchDoc, type ProfitDoc, type StatementDoc } from './store/models.ts';
import { financeSummary } from './store/summary.view.ts';

export const financeBound = (rt: Runtime): Bound[] => [
  bind(financeRoutes.listStatements, ({ query }) => feed(Statements, { ...query, now: rt.clock.now() }, (d: StatementDoc[]) => statementRows(d))),
  bind(financeRoutes.listMatches, ({ query }) => feed(Matches, { ...query, now: rt.clock.now() }, (d: MatchDoc[]) => matchRows(d))),
  bind(financeRoutes.listJournal, ({ query }) => feed(JournalLines, { ...query, now: rt.clock.now() }, (d: JournalLineDoc[]) => journalRows(d))),
  bind(financeRoutes.listProfit, ({ query }) => feed(Profits, { ...query, now: rt.clock.now() }, (d: ProfitDoc[]) => profitRows(d))),
  bind(financeRoutes.financeSummary, async ({ query }) => ok(await financeSummary(businessDayOf(rt.clock.now()), query.month))),
  bind(financeRoutes.whyProfit, async ({ params }) => {
    const doc = await Profits.findById(params.id).lean<ProfitDoc>();
    if (!doc) return refuse(problem('not_found', { noun: 'profit', id: params.id }));
    const [row] = await profitRows([doc]);
    return ok({ row: row!, lines: await journalRows(await profitLines(doc)) });
  }),
  bind(financeRoutes.queryPayment, async ({ body }) => {
    const account = await Shops.findById(body.accountId).lean();
    const channel = account ? rt.channels.payment(account.channel) : undefined;
    if (!account || !channel) return refuse(problem('not_found', { noun: 'account', id: body.accountId }));
    const asked = await channel.queryPayment(await rt.channels.paymentContextFor(account._id), { kind: body.kind, number: body.number, ...(body.tradeNo ? { tradeNo: body.tradeNo } : {}) });
    if (!asked.ok) return refuse(problem('channel_refused', { words: asked.refusal.words }));
    const { happenedAt, ...fact } = asked.value;
    return ok({ ...fact, ...(happenedAt ? { happenedAt: happenedAt.toISOString() } : {}) });
  }),
];
