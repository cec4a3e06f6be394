/** The figures of the charts, asked of the service in one request a chart. Amounts in yuan. */
import type { FUNCTION_NAMES } from '../../api/contract/functions.ts';
import { fenFromInteger, yuanForCell } from '../../api/contract/values/money.ts';
import type { App } from '../panes/store.ts';
import type { Figures } from './chart.tsx';

type Name = (typeof FUNCTION_NAMES)[number];
const DAY_MS = 86_400_000;
const SALES_DAYS = 56;
const AHEAD = 28;
const yuan = (fen: number): number => yuanForCell(fenFromInteger(fen));
const dayOf = (offset: number): string => new Date(Date.now() + 28_800_000 + offset * DAY_MS).toISOString().slice(0, 10);

/** The same functions as in cells; what is not known has no bar. */
async function values(app: App, calls: readonly { readonly name: Name; readonly args: readonly (string | number)[] }[]): Promise<(number | null)[]> {
  if (calls.length === 0) return [];
  const { results } = await app.client.call('callFunctions', { body: { calls: calls.map((c) => ({ name: c.name, args: [...c.args] })) } });
  return results.map((r) => ('value' in r && typeof r.value === 'number' ? r.value : null));
}
/** Profit of each shop over the months. */
export async function platformTrend(app: App, shops: readonly { readonly shopName: string }[], months: readonly string[]): Promise<Figures> {
  const shown = months.slice(0, 6).reverse();
  const names = shops.slice(0, 6).map((s) => s.shopName);
  const found = await values(app, names.flatMap((shop) => shown.map((month) => ({ name: 'PROFIT' as const, args: [shop, month] }))));
  return { live: { chart: 'trend', args: [] }, title: app.words('chart.trend'), labels: shown, series: names.map((name, i) => ({ name, kind: 'line', values: found.slice(i * shown.length, (i + 1) * shown.length) })) };
}
export function channelProfit(app: App, shops: readonly { readonly shopName: string; readonly salesFen: number; readonly profitFen: number }[]): Figures {
  return { live: { chart: 'channels', args: [] }, title: app.words('chart.channels'), lying: true, labels: shops.map((s) => s.shopName), series: [{ name: app.words('profit.sales'), kind: 'bar', values: shops.map((s) => yuan(s.salesFen)) }, { name: app.words('profit.profit'), kind: 'bar', values: shops.map((s) => yuan(s.profitFen)) }] };
}
/** How much of what there was has been sold in thirty days, and for how many days the rest lasts. */
export async function turning(app: App, skus: readonly string[]): Promise<{ readonly sellThrough: Figures; readonly turnover: Figures }> {
  const found = await values(app, skus.flatMap((sku) => [{ name: 'SELLTHROUGH' as const, args: [sku] }, { name: 'TURNOVERDAYS' as const, args: [sku] }]));
  const percent = (n: number): string => `${(n * 100).toLocaleString('en-US', { maximumFractionDigits: 0 })}%`;
  const days = (n: number): string => n.toLocaleString('en-US', { maximumFractionDigits: 0 });
  return {
    sellThrough: { live: { chart: 'sellThrough', args: [...skus] }, title: app.words('chart.sellThrough'), lying: true, labels: skus, format: percent, series: [{ name: app.words('chart.sellThrough'), kind: 'bar', values: skus.map((_, i) => found[i * 2] ?? null) }] },
    turnover: { live: { chart: 'turnover', args: [...skus] }, title: app.words('chart.turnover'), lying: true, labels: skus, format: days, series: [{ name: app.words('chart.turnover'), kind: 'bar', values: skus.map((_, i) => found[i * 2 + 1] ?? null) }] },
  };
}
/** Sales of a SKU by week, and what is expected of the next four, with the amount that is not passed in nine of ten cases. */
export async function forecastOf(app: App, sku: string): Promise<Figures> {
  const starts = Array.from({ length: SALES_DAYS / 7 }, (_, i) => -SALES_DAYS + i * 7);
  const sold = await values(app, starts.map((at) => ({ name: 'SALES' as const, args: [sku, dayOf(at), dayOf(at + 6)] })));
  const [ahead] = await app.client.call('forecast', { body: { freq: 'week', horizon: AHEAD / 7, series: [{ key: sku, start: dayOf(-SALES_DAYS), values: sold.map((v) => Math.max(0, v ?? 0)) }] } });
  const weeks = ahead?.mean.length ?? 0;
  const gap = (n: number): null[] => Array.from({ length: n }, () => null);
  const lead = gap(sold.length);
  const w = app.words;
  return {
    live: { chart: 'forecast', args: [sku] }, title: w('chart.forecast', { sku }), labels: [...starts, ...Array.from({ length: weeks }, (_, i) => i * 7)].map((at) => dayOf(at).slice(5)), format: (n) => n.toLocaleString('en-US', { maximumFractionDigits: 0 }),
    series: [{ name: w('chart.sold'), kind: 'bar', values: [...sold, ...gap(weeks)] }, { name: w('chart.expected'), kind: 'line', values: [...lead, ...(ahead?.mean ?? [])] }, { name: w('chart.most'), kind: 'line', band: true, values: [...lead, ...(ahead?.p90 ?? [])] }],
  };
}
/** When stock ends, by days left: the soonest on top. */
export const runOut = (app: App, rows: readonly { readonly skuCode: string; readonly daysLeft: number | null }[]): Figures => {
  const known = rows.filter((r): r is { skuCode: string; daysLeft: number } => r.daysLeft !== null).slice(0, 8);
  return { live: { chart: 'runOut', args: [] }, title: app.words('chart.runOut'), lying: true, labels: known.map((r) => r.skuCode), format: (n) => n.toLocaleString('en-US', { maximumFractionDigits: 0 }), series: [{ name: app.words('chart.runOut'), kind: 'bar', values: known.map((r) => r.daysLeft) }] };
};
/** How many customers came once, twice, and more often. */
export function repurchase(app: App, customers: readonly { readonly orders: number }[]): Figures {
  const bins = ['1', '2', '3', '4', '5+'];
  return { live: { chart: 'repurchase', args: [] }, title: app.words('chart.repurchase'), labels: bins, format: (n) => n.toLocaleString('en-US', { maximumFractionDigits: 0 }), series: [{ name: app.words('nav.customers'), kind: 'bar', values: bins.map((_, i) => customers.filter((c) => (i === 4 ? c.orders >= 5 : c.orders === i + 1)).length) }] };
}
export const byDay = (app: App, days: readonly { readonly day: string; readonly salesFen: number; readonly profitFen: number }[]): Figures => ({
  live: { chart: 'days', args: [] }, title: app.words('profit.days'), labels: days.map((d) => d.day.slice(5)), series: [{ name: app.words('profit.sales'), kind: 'bar', values: days.map((d) => yuan(d.salesFen)) }, { name: app.words('profit.profit'), kind: 'line', values: days.map((d) => yuan(d.profitFen)) }],
});
