/** Functions of money and of what to buy: margin, fees, what is owed, forecasts, and profit if something were otherwise. */
import { fenFromInteger, yuanForCell } from '../contract/values/money.ts';
import { addDays, businessDayOf } from '../contract/values/time.ts';
import { accountBalance, moneyOfShop, payableTo, type ShopMoney } from '../finance/index.ts';
import { salesByDay } from '../orders/index.ts';
import { forecastSeries, suggestedOf } from '../purchasing/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { lastCosts, skuFacts } from '../stock/index.ts';
import { daysAt, fault, monthOf, notAMonth, text, unknownShop, unknownSku, type Call, type Result } from './arguments.ts';

export type Work = (calls: readonly Call[], rt: Runtime) => Promise<Result[]>;
const yuan = (fen: number): Result => ({ value: yuanForCell(fenFromInteger(fen)) });
const HISTORY_DAYS = 90;

export const price: Work = async (calls) => {
  const facts = await skuFacts([...new Set(calls.map((c) => text(c, 0)))]);
  return calls.map((call) => { const found = facts.get(text(call, 0)); return found ? yuan(found.priceFen) : unknownSku(text(call, 0)); });
};
export const lastCost: Work = async (calls) => {
  const codes = [...new Set(calls.map((c) => text(c, 0)))];
  const [facts, costs] = await Promise.all([skuFacts(codes), lastCosts(codes)]);
  return calls.map((call) => {
    const code = text(call, 0);
    const fen = costs.get(code);
    return !facts.has(code) ? unknownSku(code) : fen === undefined ? fault('no_figure', `${code} 还没有入过库`, `${code} has never been received`) : yuan(fen);
  });
};
export const suggestion: Work = async (calls) => {
  const codes = [...new Set(calls.map((c) => text(c, 0)))];
  const [facts, wanted] = await Promise.all([skuFacts(codes), suggestedOf(codes)]);
  return calls.map((call) => { const code = text(call, 0); return facts.has(code) ? { value: wanted.get(code) ?? 0 } : unknownSku(code); });
};

/** Profit figures of a shop's month, each asked once. */
async function ofMonths(calls: readonly Call[], at: { readonly shop: number; readonly month: number }, tell: (money: ShopMoney, call: Call) => Result): Promise<Result[]> {
  const kept = new Map<string, Promise<ShopMoney | undefined>>();
  return Promise.all(calls.map(async (call) => {
    const [shop, month] = [text(call, at.shop), monthOf(call.args[at.month])];
    if (!month) return notAMonth;
    const key = `${shop}|${month}`;
    if (!kept.has(key)) kept.set(key, moneyOfShop({ shop, month }));
    const money = await kept.get(key);
    return money ? tell(money, call) : unknownShop(shop);
  }));
}
export const margin: Work = (calls) => ofMonths(calls, { shop: 0, month: 1 }, (m) => (m.salesFen === 0 ? fault('no_figure', '这个月没有收入', 'nothing was sold in this month') : { value: m.profitFen / m.salesFen }));
export const fee: Work = (calls) => ofMonths(calls, { shop: 0, month: 1 }, (m) => yuan(m.commissionFen + m.otherFen));

/**
 * Profit if one thing were otherwise by a share (0.05: five percent more), all else as it was. A changed price moves sales and
 * returns, and the commission with them, since platforms take a share of the price; the pieces sold stay, which is said in its help.
 */
const CHANGES: Readonly<Record<string, (m: ShopMoney, share: number) => number>> = {
  price: (m, s) => (m.salesFen - m.refundFen - m.commissionFen) * s, cost: (m, s) => -m.costFen * s, commission: (m, s) => -m.commissionFen * s, freight: (m, s) => -m.freightFen * s, fee: (m, s) => -m.otherFen * s, refund: (m, s) => -m.refundFen * s,
};
const NAMES: Readonly<Record<string, string>> = { 价格: 'price', 售价: 'price', 成本: 'cost', 佣金: 'commission', 运费: 'freight', 快递费: 'freight', 费用: 'fee', 退货: 'refund' };
export const whatIf: Work = (calls) => ofMonths(calls, { shop: 2, month: 3 }, (m, call) => {
  const what = text(call, 0);
  const change = CHANGES[NAMES[what] ?? what.toLowerCase()];
  const share = Number(call.args[1]);
  if (!change) return fault('unknown_change', `不会算“${what}”：写 价格、成本、佣金、运费、费用、退货`, `cannot change “${what}”: write price, cost, commission, freight, fee or refund`);
  if (!Number.isFinite(share) || Math.abs(share) > 10) return fault('not_a_share', '变动写成比例，如 0.05 或 5%', 'write the change as a share, like 0.05 or 5%');
  return yuan(m.profitFen + Math.round(change(m, share)));
});

export const receivable: Work = async (calls) => {
  const kept = new Map<string, number | undefined>();
  for (const shop of new Set(calls.map((c) => text(c, 0)))) kept.set(shop, await accountBalance('1122', shop));
  return calls.map((call) => { const fen = kept.get(text(call, 0)); return fen === undefined ? unknownShop(text(call, 0)) : yuan(fen); });
};
export const payable: Work = async (calls) => {
  const kept = new Map<string, number | undefined>();
  for (const to of new Set(calls.map((c) => text(c, 0)))) kept.set(to, await payableTo(to));
  return calls.map((call) => { const [to, fen] = [text(call, 0), kept.get(text(call, 0))]; return fen === undefined ? fault('unknown_supplier', `没有供应商 ${to}；快递写 快递`, `there is no supplier ${to}; write “courier” for the couriers`) : yuan(fen); });
};

/** Pieces that the next days are expected to take; `p90`: what nine of ten such spans stay below day by day; `daily`: a row a day. */
export const forecast: Work = async (calls, rt) => {
  const codes = [...new Set(calls.map((c) => text(c, 0)))];
  const today = businessDayOf(rt.clock.now());
  const from = addDays(today, -HISTORY_DAYS);
  const [facts, sold] = await Promise.all([skuFacts(codes), salesByDay({ from, to: addDays(today, -1), skuCodes: codes })]);
  const place = new Map(Array.from({ length: HISTORY_DAYS }, (_, i) => [String(addDays(from, i)), i]));
  const series = new Map(codes.map((code) => [code, new Array<number>(HISTORY_DAYS).fill(0)]));
  for (const f of sold) { const own = series.get(f.skuCode); const i = place.get(f.day); if (own && i !== undefined) own[i] = (own[i] ?? 0) + f.quantity; }
  return calls.map((call): Result => {
    const code = text(call, 0);
    const days = daysAt(call, 1, { usual: 30, most: 180 });
    const form = text(call, 2).toLowerCase() || 'mean';
    if (!facts.has(code)) return unknownSku(code);
    if (days === undefined) return fault('not_a_span', '天数写 1 到 180', 'write 1 to 180 days');
    if (!['mean', 'p50', 'p90', 'daily'].includes(form)) return fault('unknown_form', `写 mean、p50、p90 或 daily，不是 ${form}`, `write mean, p50, p90 or daily, not ${form}`);
    const found = forecastSeries(series.get(code)!, 'day', days);
    const rounded = (n: number): number => Math.round(n * 10) / 10;
    if (form === 'daily') return { value: found.mean.map((n, i) => [addDays(today, i) as string, rounded(n), rounded(found.p50[i]!), rounded(found.p90[i]!)]) };
    return { value: rounded(found[form as 'mean' | 'p50' | 'p90'].reduce((n, v) => n + v, 0)) };
  });
};
