import type { BusinessDay } from '../../contract/values/time.ts';
import { Shops, type ShopDoc } from '../../shops/index.ts';
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
    BillDays.aggregate<{ _id: string; totalFen: number }>([{ $group: { _id: '$accountId', totalFen: { $sum: '$totalFen' } } }]), Shops.find({ kind: 'payment' }).lean<ShopDoc[]>(),
  ]);
  return [...grouped(standings, (s) => s._id.account)].map(([accountId, own]) => {
    const shop = shops.find((s) => s._id === accountId);
    const of = (state: Standing['_id']['state']): { n: number; totalFen: number } => own.find((s) => s._id.state === state) ?? { n: 0, totalFen: 0 };
    const totalFen = own.reduce((n, s) => n + s.totalFen, 0);
    const stated = days.find((d) => d._id === accountId)?.totalFen;
    return {
      accountId, name: shop?.name ?? accountId, channel: shop?.channel ?? '', fromDay: own.map((s) => s.from).sort()[0] ?? '', toDay: own.map((s) => s.to).sort().at(-1) ?? '', lines: own.reduce((n, s) => n + s.n, 0), totalFen,
      matchedFen: of('matched').totalFen, classifiedFen: of('classified').totalFen, openFen: of('open').totalFen, matched: of('matched').n, classified: of('classified').n, open: of('open').n,
      // Proved: the parts make the whole, and the whole is what the bills stated.
      proved: of('matched').totalFen + of('classified').totalFen + of('open').totalFen === totalFen && (stated === undefined || stated === totalFen),
    };
  });
}

/** Profit of a shop in a month, for a cell: the shop by id or name; empty is all shops. Fen. */
export async function profitOfShop(input: { readonly shop: string; readonly month: string }): Promise<number | undefined> {
  const shops = await Shops.find({ kind: 'shop' }).lean<ShopDoc[]>();
  const found = input.shop === '' ? shops : shops.filter((s) => s._id === input.shop || s.name === input.shop);
  if (found.length === 0) return undefined;
  return moneyOf(await Profits.find({ month: input.month, shopId: { $in: found.map((s) => s._id) } }).lean<ProfitDoc[]>()).profitFen;
}
