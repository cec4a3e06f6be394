import type { BusinessDay } from '../../contract/values/time.ts';
import { receivedFrom } from '../../purchasing/index.ts';
import { Shops, type ShopDoc } from '../../shops/index.ts';
import { lastChanges } from '../../store/feed.ts';
import { moneyOf, profitMonths, profitRows } from './finance.view.ts';
import { Balances, BillDays, JournalLines, Profits, Statements, type ProfitDoc } from './models.ts';

type DaySum = { _id: { day: string; account: string }; debitFen: number; creditFen: number };
const monthBefore = (month: string): string => {
  const [y, m] = month.split('-').map(Number) as [number, number];
  return m === 1 ? `${y - 1}-12` : `${y}-${String(m - 1).padStart(2, '0')}`;
};
function grouped<T, K extends string>(rows: readonly T[], key: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

/** What finance asks first: what was earned and where, what loses money, whether the account is reconciled to the fen. */
export async function financeSummary(today: BusinessDay, asked: string | undefined) {
  const months = await profitMonths();
  const month = asked ?? months[0] ?? today.slice(0, 7);
  const [docs, before, days, accounts, balances] = await Promise.all([Profits.find({ month }).lean<ProfitDoc[]>(), Profits.find({ month: monthBefore(month) }).lean<ProfitDoc[]>(), daysOf(month), accountsOf(), Balances.find({}).lean()]);
  const rows = await profitRows(docs);
  const skus = [...grouped(rows.filter((r) => r.skuCode), (r) => r.skuCode)].map(([skuCode, own]) => ({ skuCode, name: own[0]!.name, quantity: own.reduce((n, r) => n + r.quantity, 0), ...moneyOf(own) })).sort((a, b) => b.profitFen - a.profitFen);
  return {
    month, months, total: moneyOf(rows), before: moneyOf(before), days, shops: [...grouped(rows.filter((r) => r.shopId), (r) => r.shopId)].map(([shopId, own]) => ({ shopId, shopName: own[0]!.shopName, ...moneyOf(own) })), skus: skus.slice(0, 12),
    losing: skus.filter((s) => s.profitFen < 0).reverse().slice(0, 6).map((s) => ({ skuCode: s.skuCode, name: s.name, profitFen: s.profitFen })), accounts, balanced: balances.reduce((n, b) => n + b.debitFen - b.creditFen, 0) === 0,
  };
}

async function daysOf(month: string) {
  const sums = await JournalLines.aggregate<DaySum>([{ $match: { day: { $gte: `${month}-01`, $lte: `${month}-31` }, account: { $gte: '6' } } }, { $group: { _id: { day: '$day', account: '$account' }, debitFen: { $sum: '$debitFen' }, creditFen: { $sum: '$creditFen' } } }]);
  return [...grouped(sums, (s) => s._id.day)].map(([day, own]) => ({ day, salesFen: own.filter((s) => s._id.account === '6001').reduce((n, s) => n + s.creditFen - s.debitFen, 0), profitFen: own.reduce((n, s) => n + s.creditFen - s.debitFen, 0) })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

type Standing = { _id: { account: string; state: 'matched' | 'classified' | 'open' }; n: number; totalFen: number; from: string; to: string };
async function accountsOf() {
  const [standings, days, shops] = await Promise.all([
    Statements.aggregate<Standing>([{ $group: { _id: { account: '$accountId', state: '$state' }, n: { $sum: 1 }, totalFen: { $sum: '$amountFen' }, from: { $min: '$day' }, to: { $max: '$day' } } }]),
    statedAndKept(), Shops.find({}).lean<ShopDoc[]>(),
  ]);
  return [...grouped(standings, (s) => s._id.account)].map(([accountId, own]) => {
    const shop = shops.find((s) => s._id === accountId);
    const of = (state: Standing['_id']['state']): { n: number; totalFen: number } => own.find((s) => s._id.state === state) ?? { n: 0, totalFen: 0 };
    const totalFen = own.reduce((n, s) => n + s.totalFen, 0);
    return {
      accountId, name: shop?.name ?? accountId, channel: shop?.channel ?? '', fromDay: own.map((s) => s.from).sort()[0] ?? '', toDay: own.map((s) => s.to).sort().at(-1) ?? '', lines: own.reduce((n, s) => n + s.n, 0), totalFen,
      matchedFen: of('matched').totalFen, classifiedFen: of('classified').totalFen, openFen: of('open').totalFen, matched: of('matched').n, classified: of('classified').n, open: of('open').n,
      // Proved: the parts make the whole, and the whole is what the bills stated.
      proved: of('matched').totalFen + of('classified').totalFen + of('open').totalFen === totalFen && days.every((d) => d.accountId !== accountId || d.statedFen === d.keptFen),
    };
  });
}

export type ShopMoney = ReturnType<typeof moneyOf>;
const shopsNamed = async (name: string): Promise<string[] | undefined> => {
  const shops = await Shops.find({ kind: 'shop' }).lean<ShopDoc[]>();
  const found = name === '' ? shops : shops.filter((s) => s._id === name || s.name === name);
  return found.length === 0 ? undefined : found.map((s) => s._id);
};
/** Per account and kind of bill: what the bills stated, and what is kept of them. A second kind of bill adds what the first has not, and is proved by its lines' keys. */
async function statedAndKept(): Promise<{ readonly accountId: string; readonly statedFen: number; readonly keptFen: number }[]> {
  type Sum = { _id: { a: string; k: string }; totalFen: number };
  const [stated, kept] = await Promise.all([
    BillDays.aggregate<Sum>([{ $match: { kind: { $ne: '' } } }, { $group: { _id: { a: '$accountId', k: '$kind' }, totalFen: { $sum: '$totalFen' } } }]),
    Statements.aggregate<Sum>([{ $group: { _id: { a: '$accountId', k: '$billKind' }, totalFen: { $sum: '$amountFen' } } }]),
  ]);
  return stated.map((s) => ({ accountId: s._id.a, statedFen: s.totalFen, keptFen: kept.find((k) => k._id.a === s._id.a && k._id.k === s._id.k)?.totalFen ?? 0 }));
}
/** The figures of a shop in a month, for cells: the shop by id or name; empty is all shops. Fen. */
export async function moneyOfShop(input: { readonly shop: string; readonly month: string }): Promise<ShopMoney | undefined> {
  const shops = await shopsNamed(input.shop);
  return shops && moneyOf(await Profits.find({ month: input.month, shopId: { $in: shops } }).lean<ProfitDoc[]>());
}
/** Balance of an account (debit less credit), of all shops or of one. Fen. */
export async function accountBalance(account: string, shop: string): Promise<number | undefined> {
  if (shop === '') { const b = await Balances.findById(account).lean(); return b ? b.debitFen - b.creditFen : 0; }
  const shops = await shopsNamed(shop);
  if (!shops) return undefined;
  const [sum] = await JournalLines.aggregate<{ n: number }>([{ $match: { account, shopId: { $in: shops } } }, { $group: { _id: null, n: { $sum: { $subtract: ['$debitFen', '$creditFen'] } } } }]);
  return sum?.n ?? 0;
}
/** What is owed: to all suppliers, to the couriers, or to one supplier for what came from it (payments to suppliers are not kept here). Fen. */
export async function payableTo(name: string): Promise<number | undefined> {
  const owed = async (account: string): Promise<number> => { const b = await accountBalance(account, ''); return b === undefined || b === 0 ? 0 : -b; };
  return name === '' ? owed('2202') : name === '快递' || name.toLowerCase() === 'courier' ? owed('2241') : receivedFrom(name);
}
export const lastBooked = (): Promise<string> => lastChanges(JournalLines);
