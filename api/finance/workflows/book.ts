/** Writes entries and what follows from them (balances, profit) in the caller's transaction; a key that is there is left alone. */
import type { ClientSession } from 'mongoose';
import { businessDayOf } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { FIGURE_OF } from '../domain/accounts.ts';
import type { Entry, Line } from '../domain/entries.ts';
import { Balances, Entries, JournalLines, Profits, type EntryDoc, type JournalLineDoc, type ProfitFigures } from '../store/models.ts';

export async function book(rt: Runtime, session: ClientSession, entries: readonly Entry[]): Promise<number> {
  const keys = entries.map((e) => e.key);
  const there = new Set((await Entries.find({ key: { $in: keys } }, { key: 1 }).session(session).lean()).map((e) => e.key));
  const fresh = entries.filter((e, i) => !there.has(e.key) && e.lines.length > 0 && keys.indexOf(e.key) === i);
  if (fresh.length === 0) return 0;
  const now = rt.clock.now();
  const heads: EntryDoc[] = [];
  const lines: JournalLineDoc[] = [];
  for (const e of fresh) {
    const head: EntryDoc = { _id: rt.newId('journal'), key: e.key, event: e.event, at: e.at, day: businessDayOf(e.at), reference: e.reference, recordedAt: now };
    heads.push(head);
    e.lines.forEach((l, i) => lines.push({ ...l, _id: `${head._id}:${i + 1}`, entryId: head._id, entryKey: e.key, event: e.event, at: e.at, day: head.day, reference: e.reference, revision: 1, changedAt: now }));
  }
  await Entries.insertMany(heads, { session });
  await JournalLines.insertMany(lines, { session });
  await addUp(session, lines, now);
  return fresh.length;
}

/** Balances and profit are kept in the same write as the lines that they sum up. */
async function addUp(session: ClientSession, lines: readonly JournalLineDoc[], now: Date): Promise<void> {
  const balances = new Map<string, { debitFen: number; creditFen: number }>();
  const profits = new Map<string, { where: { shopId: string; channel: string; skuCode: string; month: string }; add: ProfitFigures }>();
  for (const l of lines) {
    const b = balances.get(l.account) ?? { debitFen: 0, creditFen: 0 };
    balances.set(l.account, { debitFen: b.debitFen + l.debitFen, creditFen: b.creditFen + l.creditFen });
    const figure = FIGURE_OF[l.account as Line['account']];
    if (!figure) continue;
    const where = { shopId: l.shopId, channel: l.channel, skuCode: l.skuCode, month: l.day.slice(0, 7) };
    const id = profitId(where);
    const p = profits.get(id) ?? { where, add: { quantity: 0, salesFen: 0, refundFen: 0, costFen: 0, commissionFen: 0, freightFen: 0, otherFen: 0 } };
    p.add[figure] += (figure === 'salesFen' ? -1 : 1) * (l.debitFen - l.creditFen);
    if (figure === 'salesFen') p.add.quantity += l.quantity;
    profits.set(id, p);
  }
  await Balances.bulkWrite([...balances].map(([_id, add]) => ({ updateOne: { filter: { _id }, update: { $inc: add }, upsert: true } })), { session });
  if (profits.size > 0) await Profits.bulkWrite([...profits].map(([_id, p]) => ({ updateOne: { filter: { _id }, update: { $inc: { ...p.add, revision: 1 }, $set: { changedAt: now }, $setOnInsert: p.where }, upsert: true } })), { session });
}
export const profitId = (p: { shopId: string; skuCode: string; month: string }): string => `${p.shopId || '-'}:${p.skuCode || '-'}:${p.month}`;
