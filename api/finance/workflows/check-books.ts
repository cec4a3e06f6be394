/** What the audit proves of the books. */
import type { Runtime } from '../../runtime/runtime.ts';
import { stockValue } from '../../stock/index.ts';
import { Outbox } from '../../store/outbox.ts';
import { FIGURE_OF, type Account } from '../domain/accounts.ts';
import { Balances, BillDays, JournalLines, Profits, Statements, type JournalLineDoc, type ProfitDoc } from '../store/models.ts';
import { profitId } from './book.ts';

type Found = { checked: number; differences: string[] };

/** Every entry balances; account balances are the sums of their lines. */
export async function checkJournal(): Promise<Found> {
  const differences: string[] = [];
  const entries = new Map<string, number>();
  const accounts = new Map<string, { debitFen: number; creditFen: number }>();
  for await (const l of JournalLines.find({}).lean<JournalLineDoc[]>().cursor()) {
    entries.set(l.entryId, (entries.get(l.entryId) ?? 0) + l.debitFen - l.creditFen);
    const a = accounts.get(l.account) ?? { debitFen: 0, creditFen: 0 };
    accounts.set(l.account, { debitFen: a.debitFen + l.debitFen, creditFen: a.creditFen + l.creditFen });
  }
  for (const [id, rest] of entries) if (rest !== 0) differences.push(`entry ${id} is off by ${rest} fen`);
  for (const b of await Balances.find({}).lean()) {
    const truth = accounts.get(b._id) ?? { debitFen: 0, creditFen: 0 };
    if (truth.debitFen !== b.debitFen || truth.creditFen !== b.creditFen) differences.push(`account ${b._id}: kept ${b.debitFen}/${b.creditFen}, lines say ${truth.debitFen}/${truth.creditFen}`);
  }
  return { checked: entries.size, differences };
}

export async function checkProfit(): Promise<Found> {
  const made = new Map<string, Record<string, number>>();
  for await (const l of JournalLines.find({ account: { $in: Object.keys(FIGURE_OF) } }).lean<JournalLineDoc[]>().cursor()) {
    const figure = FIGURE_OF[l.account as Account]!;
    const id = profitId({ shopId: l.shopId, skuCode: l.skuCode, month: l.day.slice(0, 7) });
    const row = made.get(id) ?? {};
    row[figure] = (row[figure] ?? 0) + (figure === 'salesFen' ? -1 : 1) * (l.debitFen - l.creditFen);
    made.set(id, row);
  }
  const kept = await Profits.find({}).lean<ProfitDoc[]>();
  const differences = kept.flatMap((p) => Object.values(FIGURE_OF).flatMap((f) => ((made.get(p._id)?.[f] ?? 0) === p[f] ? [] : [`profit ${p._id} ${f}: kept ${p[f]}, journal says ${made.get(p._id)?.[f] ?? 0}`])));
  return { checked: kept.length, differences: [...new Set(differences)] };
}

/** Inventory in the books is what the stock ledger is worth, once every event is booked. */
export async function checkInventory(rt: Runtime): Promise<Found> {
  const waiting = await Outbox.countDocuments({ pending: 'journal' });
  if (waiting > 0) rt.log.info({ waiting }, 'events wait to be booked; inventory is compared after them');
  const [books, stock] = await Promise.all([Balances.findById('1405').lean(), stockValue()]);
  const value = (books?.debitFen ?? 0) - (books?.creditFen ?? 0);
  return { checked: 1, differences: waiting === 0 && value !== stock ? [`inventory: books ${value} fen, stock ${stock} fen`] : [] };
}

/** The payment account in the books is the sum of the lines that are said what they are; every bill's lines are all there. */
export async function checkStatements(): Promise<Found> {
  const [books, sums, days] = await Promise.all([
    Balances.findById('1012').lean(),
    Statements.aggregate<{ _id: string; totalFen: number }>([{ $group: { _id: '$state', totalFen: { $sum: { $add: ['$amountFen', '$feeFen'] } } } }]),
    BillDays.find({}).lean(),
  ]);
  const booked = sums.filter((s) => s._id !== 'open').reduce((n, s) => n + s.totalFen, 0);
  const value = (books?.debitFen ?? 0) - (books?.creditFen ?? 0);
  const differences = value === booked ? [] : [`payment accounts: books ${value} fen, statements ${booked} fen`];
  const perDay = new Map((await Statements.aggregate<{ _id: { a: string; d: string }; n: number }>([{ $group: { _id: { a: '$accountId', d: '$day' }, n: { $sum: 1 } } }])).map((d) => [`${d._id.a}:${d._id.d}`, d.n]));
  // The bill that carries the money is all there; a day's second kind of bill adds what the first does not have, and keys hold each once.
  for (const d of days) if ((perDay.get(`${d.accountId}:${d.day}`) ?? 0) < d.lines) differences.push(`bill of ${d.day}: ${d.lines} lines came, ${perDay.get(`${d.accountId}:${d.day}`) ?? 0} are kept`);
  return { checked: days.length, differences };
}
