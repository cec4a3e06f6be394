import type { Both } from '../../contract/route.ts';
import { Shops } from '../../shops/index.ts';
import { skuFacts } from '../../stock/index.ts';
import { ACCOUNTS, type Account } from '../domain/accounts.ts';
import { JournalLines, Profits, type JournalLineDoc, type MatchDoc, type ProfitDoc, type StatementDoc } from './models.ts';

const shopNames = async (): Promise<Map<string, string>> => new Map((await Shops.find({}).lean()).map((s) => [s._id, s.name]));
const none: Both = { zh: '', en: '' };
export type Money = { salesFen: number; refundFen: number; costFen: number; commissionFen: number; freightFen: number; otherFen: number; profitFen: number };
const FIGURES = ['salesFen', 'refundFen', 'costFen', 'commissionFen', 'freightFen', 'otherFen'] as const;
const profitOf = (p: Omit<Money, 'profitFen'>): number => p.salesFen - p.refundFen - p.costFen - p.commissionFen - p.freightFen - p.otherFen;
/** Sums of rows, with what is left. */
export function moneyOf(rows: readonly Omit<Money, 'profitFen'>[]): Money {
  const sum = { salesFen: 0, refundFen: 0, costFen: 0, commissionFen: 0, freightFen: 0, otherFen: 0 };
  for (const r of rows) for (const f of FIGURES) sum[f] += r[f];
  return { ...sum, profitFen: profitOf(sum) };
}

export async function statementRows(docs: StatementDoc[]) {
  const names = await shopNames();
  return docs.map((s) => ({
    id: s._id, accountId: s.accountId, accountName: names.get(s.accountId) ?? '', channel: s.channel, day: s.day, happenedAt: s.happenedAt.toISOString(), key: s.key, kind: s.kind, platformKind: s.platformKind, tradeNo: s.tradeNo, merchantOrderNo: s.merchantOrderNo, amountFen: s.amountFen, feeFen: s.feeFen, counterparty: s.counterparty, words: s.words,
    state: s.state, class: s.class, orderId: s.orderId, platformOrderId: s.platformOrderId, differenceFen: s.differenceFen, reason: s.reason, note: s.note, revision: s.revision, changedAt: s.changedAt.toISOString(),
  }));
}
export const matchRows = (docs: MatchDoc[]) => docs.map((m) => ({ id: m._id, statementId: m.statementId, orderId: m.orderId, platformOrderId: m.platformOrderId, refundId: m.refundId, rule: m.rule, amountFen: m.amountFen, at: m.at.toISOString(), revision: m.revision, changedAt: m.changedAt.toISOString() }));

export async function journalRows(docs: JournalLineDoc[]) {
  const names = await shopNames();
  return docs.map((l) => ({
    id: l._id, entryId: l.entryId, entryKey: l.entryKey, at: l.at.toISOString(), day: l.day, event: l.event, account: l.account, accountName: ACCOUNTS[l.account as Account] ?? none, debitFen: l.debitFen, creditFen: l.creditFen, shopId: l.shopId, shopName: names.get(l.shopId) ?? '', channel: l.channel, skuCode: l.skuCode, orderId: l.orderId, reference: l.reference,
    revision: l.revision, changedAt: l.changedAt.toISOString(),
  }));
}

export async function profitRows(docs: ProfitDoc[]) {
  const [names, facts] = await Promise.all([shopNames(), skuFacts(docs.map((d) => d.skuCode).filter(Boolean))]);
  return docs.map((p) => {
    const profitFen = profitOf(p);
    return {
      id: p._id, month: p.month, shopId: p.shopId, shopName: names.get(p.shopId) ?? '', channel: p.channel, skuCode: p.skuCode, name: facts.get(p.skuCode)?.name ?? '', quantity: p.quantity, salesFen: p.salesFen, refundFen: p.refundFen, costFen: p.costFen, commissionFen: p.commissionFen, freightFen: p.freightFen, otherFen: p.otherFen, profitFen,
      marginRate: p.salesFen === 0 ? 0 : Math.round((profitFen * 10_000) / p.salesFen), revision: p.revision, changedAt: p.changedAt.toISOString(),
    };
  });
}

/** The lines of the journal that one row of profit is the sum of. */
export async function profitLines(p: ProfitDoc): Promise<JournalLineDoc[]> {
  return JournalLines.find({ shopId: p.shopId, skuCode: p.skuCode, day: { $gte: `${p.month}-01`, $lte: `${p.month}-31` }, account: { $gte: '6' } }).sort({ at: 1, _id: 1 }).limit(2000).lean<JournalLineDoc[]>();
}
export const profitMonths = async (): Promise<string[]> => (await Profits.distinct('month')).sort().reverse();
