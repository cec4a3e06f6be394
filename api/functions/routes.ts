/** Custom functions of the sheet, many calls at a time: one look at stock, one at sales, one per shop and month at profit. */
import { FUNCTION_NAMES, functionRoutes } from '../contract/functions.ts';
import { REVIEW_STATES } from '../contract/sheets/orders.ts';
import { fenFromInteger, yuanForCell } from '../contract/values/money.ts';
import { businessDayOf } from '../contract/values/time.ts';
import { ok } from '../contract/values/result.ts';
import { moneyOfShop } from '../finance/index.ts';
import type { Right } from '../contract/route.ts';
import { bind, type Bound } from '../http/bind.ts';
import { Orders, salesByDay, type SalesFigure } from '../orders/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Shops } from '../shops/index.ts';
import { dayOf, fault, monthOf, notAMonth, text, unknownShop, unknownSku, type Call, type Result } from './arguments.ts';
import { fee, forecast, lastCost, margin, payable, price, receivable, suggestion, whatIf, type Work } from './money.ts';
import { ownFunction } from './own.ts';
import { sequenceOf } from './sequence.ts';
import { availability, momentOf, skuCodes, skuFacts, stockAsOf, stockFigures, warehouses } from '../stock/index.ts';

/** With a day (and a day of knowledge) it is what lay there at the end of that day; without, what can be promised now. */
async function stock(calls: readonly Call[]): Promise<Result[]> {
  const past = (c: Call): boolean => text(c, 2) !== '' || text(c, 3) !== '';
  const answers = new Map<Call, Result>();
  const present = calls.filter((c) => !past(c));
  (await stockPresent(present)).forEach((r, i) => answers.set(present[i]!, r));
  await stockPast(calls.filter(past), answers);
  return calls.map((c) => answers.get(c)!);
}

/** One walk through the ledger per pair of days that is asked for. */
async function stockPast(calls: readonly Call[], answers: Map<Call, Result>): Promise<void> {
  const facts = await skuFacts([...new Set(calls.map((c) => text(c, 0)))]);
  const groups = new Map<string, Call[]>();
  for (const c of calls) {
    const days = [c.args[2], c.args[3]].map((a) => (a === null || a === undefined || a === '' ? '' : dayOf(a)));
    if (days.includes(undefined)) answers.set(c, fault('not_a_day', '日期写成 2026-11-01 这样的', 'write days like 2026-11-01'));
    else if (!facts.has(text(c, 0))) answers.set(c, fault('unknown_sku', `没有货品 ${text(c, 0)}`, `there is no SKU ${text(c, 0)}`));
    else groups.set(days.join('|'), [...(groups.get(days.join('|')) ?? []), c]);
  }
  for (const [days, own] of groups) {
    const [asOf, asKnownAt] = days.split('|').map((d) => (d === '' ? undefined : momentOf(d)));
    const parts = [...new Set(own.flatMap((c) => [text(c, 0), ...facts.get(text(c, 0))!.kit.map((k) => k.skuCode)]))];
    const then = (await stockAsOf({ asOf, asKnownAt }, parts)).filter((s) => !s.warehouseCode.startsWith('transit:'));
    const there = (code: string, warehouse: string): number => then.filter((s) => s.skuCode === code && (!warehouse || s.warehouseCode === warehouse)).reduce((n, s) => n + s.onHand, 0);
    for (const c of own) {
      const [code, warehouse] = [text(c, 0), text(c, 1)];
      const { kit } = facts.get(code)!;
      answers.set(c, { value: there(code, warehouse) + (kit.length === 0 ? 0 : Math.max(0, Math.min(...kit.map((k) => Math.floor(there(k.skuCode, warehouse) / k.quantity))))) });
    }
  }
}

async function stockPresent(calls: readonly Call[]): Promise<Result[]> {
  const codes = [...new Set(calls.map((c) => text(c, 0)))];
  const [facts, free] = await Promise.all([skuFacts(codes), availability(codes)]);
  return calls.map((call) => {
    const code = text(call, 0);
    if (!facts.has(code)) return fault('unknown_sku', `没有货品 ${code}`, `there is no SKU ${code}`);
    const warehouse = text(call, 1);
    const per = free.get(code) ?? new Map<string, number>();
    if (warehouse && !per.has(warehouse)) return fault('unknown_warehouse', `没有仓库 ${warehouse}`, `there is no warehouse ${warehouse}`);
    return { value: warehouse ? per.get(warehouse)! : [...per.values()].reduce((n, q) => n + q, 0) };
  });
}

async function sales(calls: readonly Call[]): Promise<Result[]> {
  const asked = calls.map((call) => ({ code: text(call, 0), from: dayOf(call.args[1]), to: dayOf(call.args[2]), shop: text(call, 3) }));
  const days = asked.flatMap((a) => (a.from && a.to && a.from <= a.to ? [a.from, a.to] : [])).sort();
  const codes = [...new Set(asked.map((a) => a.code))];
  const [facts, shops, figures] = await Promise.all([skuFacts(codes), Shops.find({}).lean(), days.length === 0 ? [] : salesByDay({ from: days[0]!, to: days.at(-1)!, skuCodes: codes })]);
  const bySku = new Map<string, SalesFigure[]>(codes.map((code) => [code, []]));
  for (const f of figures) bySku.get(f.skuCode)?.push(f);
  return asked.map(({ code, from, to, shop: name }) => {
    if (!facts.has(code)) return fault('unknown_sku', `没有货品 ${code}`, `there is no SKU ${code}`);
    if (!from || !to) return fault('not_a_day', '日期写成 2026-11-01 这样的', 'write days like 2026-11-01');
    if (from > to) return fault('days_reversed', `开始 ${from} 在结束 ${to} 之后`, `the start ${from} is after the end ${to}`);
    const shop = name ? shops.find((s) => s._id === name || s.name === name) : undefined;
    if (name && !shop) return fault('unknown_shop', `没有店铺 ${name}`, `there is no shop ${name}`);
    return { value: bySku.get(code)!.filter((f) => f.day >= from && f.day <= to && (!shop || f.shopId === shop._id)).reduce((n, f) => n + f.quantity, 0) };
  });
}

async function profit(calls: readonly Call[]): Promise<Result[]> {
  const kept = new Map<string, ReturnType<typeof moneyOfShop>>();
  return Promise.all(calls.map(async (call) => {
    const [shop, month] = [text(call, 0), monthOf(call.args[1])];
    if (!month) return notAMonth;
    const key = `${shop}|${month}`;
    if (!kept.has(key)) kept.set(key, moneyOfShop({ shop, month }));
    const money = await kept.get(key);
    return money ? { value: yuanForCell(fenFromInteger(money.profitFen)) } : unknownShop(shop);
  }));
}

/** Orders in a state of review (its value, or its word in either language), of all shops or of one. */
async function orders(calls: readonly Call[]): Promise<Result[]> {
  const shops = await Shops.find({}).lean();
  const counts = await Orders.aggregate<{ _id: { state: string; shop: string }; n: number }>([{ $group: { _id: { state: '$reviewState', shop: '$shopId' }, n: { $sum: 1 } } }]);
  return calls.map((call) => {
    const [asked, name] = [text(call, 0), text(call, 1)];
    const state = REVIEW_STATES.find((c) => c.value === asked || c.zh === asked || c.en === asked.toLowerCase());
    if (asked && !state) return fault('unknown_state', `没有状态 ${asked}：${REVIEW_STATES.map((c) => c.zh).join('、')}`, `there is no state ${asked}: ${REVIEW_STATES.map((c) => c.en).join(', ')}`);
    const shop = name ? shops.find((s) => s._id === name || s.name === name) : undefined;
    if (name && !shop) return fault('unknown_shop', `没有店铺 ${name}`, `there is no shop ${name}`);
    return { value: counts.filter((c) => (!state || c._id.state === state.value) && (!shop || c._id.shop === shop._id)).reduce((n, c) => n + c.n, 0) };
  });
}
async function cost(calls: readonly Call[]): Promise<Result[]> {
  const facts = await skuFacts([...new Set(calls.map((c) => text(c, 0)))]);
  return calls.map((call) => { const found = facts.get(text(call, 0)); return found ? { value: yuanForCell(fenFromInteger(found.costFen)) } : unknownSku(text(call, 0)); });
}
/** Pieces on hand at the end of a day: STOCK with the day first, and never of now. */
const asOf = (calls: readonly Call[]): Promise<Result[]> => stock(calls.map((c) => ({ name: c.name, args: [c.args[0] ?? null, c.args[2] ?? null, c.args[1] ?? '?', null] })));
const DAYS = 30;
const figures = (pick: (row: Awaited<ReturnType<typeof stockFigures>>[number]) => number | null) => async (calls: readonly Call[], rt: Runtime): Promise<Result[]> => {
  const facts = await skuFacts([...new Set(calls.map((c) => text(c, 0)))]);
  const spans = new Map<number, ReadonlyMap<string, Awaited<ReturnType<typeof stockFigures>>[number]>>();
  const daysOf = (call: Call): number => (call.args[1] === null || call.args[1] === undefined ? DAYS : Number(call.args[1]));
  const whole = (days: number): boolean => Number.isInteger(days) && days >= 1 && days <= 180;
  for (const days of new Set(calls.map(daysOf).filter(whole))) spans.set(days, new Map((await stockFigures(rt, { day: businessDayOf(rt.clock.now()), days, by: 'sku' })).map((r) => [r.key, r])));
  return calls.map((call) => {
    const [code, days] = [text(call, 0), daysOf(call)];
    if (!facts.has(code)) return unknownSku(code);
    if (!whole(days)) return fault('not_a_span', '天数写 1 到 180', 'write 1 to 180 days');
    const row = spans.get(days)!.get(code);
    const value = row ? pick(row) : null;
    return value === null ? fault('no_figure', `${code} 这段时间没有库存和销售`, `${code} had neither stock nor sales in this time`) : { value };
  });
};
/** Lists that spill: codes and names. */
async function list(calls: readonly Call[]): Promise<Result[]> {
  const kinds: Readonly<Record<string, () => Promise<string[][]>>> = {
    skus: async () => [...(await skuCodes())].map(([code, s]) => [code, s.name]).sort(), warehouses: async () => (await warehouses()).map((w) => [w.code, w.name]), shops: async () => (await Shops.find({}).lean()).map((s) => [s._id, s.name]),
  };
  return Promise.all(calls.map(async (call): Promise<Result> => {
    const rows = await kinds[text(call, 0).toLowerCase()]?.();
    if (!rows) return fault('unknown_list', `没有清单 ${text(call, 0)}：skus、warehouses、shops`, `there is no list ${text(call, 0)}: skus, warehouses, shops`);
    return { value: rows.length > 0 ? rows : [['']] };
  }));
}

type Name = Call['name'];
const WORK: Readonly<Record<Exclude<Name, 'FIELD'>, Work>> = { STOCK: stock, SALES: sales, PROFIT: profit, ORDERS: orders, COST: cost, ASOF: asOf, SELLTHROUGH: figures((r) => r.sellThroughRate / 10_000), TURNOVERDAYS: figures((r) => r.turnoverDays), LIST: list, PRICE: price, MARGIN: margin, RECEIVABLE: receivable, PAYABLE: payable, FORECAST: forecast, SUGGEST: suggestion, LASTCOST: lastCost, FEE: fee, WHATIF: whatIf };
const NEEDS: Readonly<Record<Exclude<Name, 'FIELD'>, Right>> = { STOCK: 'stock:read', SALES: 'orders:read', PROFIT: 'finance:read', ORDERS: 'orders:read', COST: 'finance:read', ASOF: 'stock:read', SELLTHROUGH: 'stock:read', TURNOVERDAYS: 'stock:read', LIST: 'stock:read', PRICE: 'stock:read', MARGIN: 'finance:read', RECEIVABLE: 'finance:read', PAYABLE: 'finance:read', FORECAST: 'orders:read', SUGGEST: 'purchasing:read', LASTCOST: 'finance:read', FEE: 'finance:read', WHATIF: 'finance:read' };

export const functionsBound = (rt: Runtime): Bound[] => [
  bind(functionRoutes.functionSequence, async () => ok(await sequenceOf(rt))),
  bind(functionRoutes.callFunctions, async ({ body, user }) => {
    // Read before the figures: what changes meanwhile makes the next look at the sequence another one.
    const sequence = await sequenceOf(rt);
    const results = new Array<Result>(body.calls.length);
    for (const name of FUNCTION_NAMES) {
      const at = body.calls.flatMap((c, i) => (c.name === name ? [i] : []));
      if (at.length === 0) continue;
      const answers = name === 'FIELD' ? await ownFunction(rt, at.map((i) => body.calls[i]!), user) : user.rights.has(NEEDS[name]) ? await WORK[name](at.map((i) => body.calls[i]!), rt) : at.map(() => fault('no_right', '没有权限看这个数', 'no right to see this figure'));
      at.forEach((i, n) => { results[i] = answers[n]!; });
    }
    return ok({ results, sequence });
  }),
];
