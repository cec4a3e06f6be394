/** Charts that were put in a sheet and follow their data: drawn anew after a refresh, in their place, with their rows in a sheet of their own. */
import { inert } from '../../api/contract/values/csv.ts';
import type { Cell } from '../excel/port.ts';
import { figureShort } from '../i18n/words.ts';
import type { App } from '../panes/store.ts';
import type { Figures, LiveChart } from './chart.tsx';
import { byDay, channelProfit, forecastOf, platformTrend, repurchase, runOut, turning } from './figures.ts';

const KEPT = 'suanpan.charts';
/** After a refresh others often follow: charts are drawn once for all of them. */
const WAIT_MS = 400;
const [WIDTH, HEIGHT] = [460, 220];
type Kept = { readonly name: string; readonly live: LiveChart };

/** The same figures as the pane had, asked for anew. */
const MADE: Readonly<Record<LiveChart['chart'], (app: App, args: readonly string[]) => Promise<Figures>>> = {
  days: async (app) => byDay(app, (await app.client.call('financeSummary')).days), channels: async (app) => channelProfit(app, (await app.client.call('financeSummary')).shops),
  trend: async (app) => { const { shops, months } = await app.client.call('financeSummary'); return platformTrend(app, shops, months); }, runOut: async (app) => runOut(app, (await app.client.call('purchasingSummary')).urgent),
  repurchase: async (app) => repurchase(app, (await app.client.list('customers', undefined, 5_000)).rows as never), sellThrough: async (app, skus) => (await turning(app, skus)).sellThrough, turnover: async (app, skus) => (await turning(app, skus)).turnover,
  forecast: (app, [sku = '']) => forecastOf(app, sku),
};
const format = (app: App, f: Figures): ((n: number) => string) => f.format ?? ((n) => figureShort(n, app.lang));
/** What a screen reader says of the picture: its last values, and where all of them are. */
export const saidOf = (app: App, f: Figures): string => `${f.title}: ${f.series.map((s) => `${s.name} ${f.labels.at(-1) ?? ''} ${s.values.at(-1) === null || s.values.at(-1) === undefined ? '—' : format(app, f)(s.values.at(-1)!)}`).join('; ')}. ${app.words('chart.rowsIn', { sheet: app.words('chart.data') })}`;
/** A shop may be called like a formula, or begin with the sign that a sheet takes away; the first column is text anyway. */
const plain = (text: string): string => (text.startsWith("'") ? `'${text}` : inert(text));
/** Tables one below the other, each with its title and an empty row after it. */
export const tablesOf = (all: readonly Figures[]): Cell[][] => all.flatMap((f): Cell[][] => [[f.title], ['', ...f.series.map((s) => plain(s.name))], ...f.labels.map((label, i): Cell[] => [label, ...f.series.map((s) => s.values[i] ?? '')]), []]);

async function pictureOf(app: App, figures: Figures): Promise<string> {
  const { drawChart } = await import('./draw.ts');
  const box = Object.assign(document.createElement('div'), { className: 'pane' });
  Object.assign(box.style, { position: 'fixed', left: '-9999px', width: `${WIDTH}px`, height: `${HEIGHT}px` });
  const canvas = document.createElement('canvas');
  box.append(canvas);
  document.body.append(box);
  try {
    const chart = drawChart(canvas, figures, format(app, figures), true);
    const url = chart.toBase64Image('image/png', 1);
    chart.destroy();
    return url.slice(url.indexOf(',') + 1);
  } finally {
    box.remove();
  }
}
/** The rows of all charts; what stood below and beside is taken away, and their titles stay texts. */
async function writeTables(app: App, all: readonly Figures[]): Promise<void> {
  const { port } = app.desk;
  const title = app.words('chart.data');
  await port.ensureSheet(title);
  const [old, made] = [await port.extent(title), tablesOf(all)];
  const [rows, columns] = [Math.max(made.length, old ? old.row + old.rows : 0), Math.max(1, ...made.map((l) => l.length), old ? old.column + old.columns : 0)];
  if (rows === 0) return;
  await port.formatRows(title, [{ column: 0, title: '', width: 18, format: '@' }], 0, rows);
  await port.write(title, [{ row: 0, column: 0, values: Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_x, c) => made[r]?.[c] ?? '')) }]);
}

const shown = new Map<string, string>();
/** Draws anew what has changed, and forgets charts whose picture somebody took away. */
export async function followCharts(app: App): Promise<void> {
  const { port } = app.desk;
  const kept = (await port.setting<Kept[]>(KEPT)) ?? [];
  if (kept.length === 0) return;
  const there: { readonly chart: Kept; readonly figures: Figures }[] = [];
  const gone = new Set<string>();
  let changed = false;
  for (const chart of kept) {
    // Not reached, or not for this person's eyes: the picture stays as it is.
    const figures = await MADE[chart.live.chart](app, chart.live.args).catch(() => undefined);
    if (!figures) continue;
    const mark = JSON.stringify([figures.title, figures.labels, figures.series]);
    if (shown.get(chart.name) !== mark) {
      changed = true;
      if (!(await port.changePicture(chart.name, await pictureOf(app, figures), saidOf(app, figures)))) { gone.add(chart.name); shown.delete(chart.name); continue; }
      shown.set(chart.name, mark);
    }
    there.push({ chart, figures });
  }
  if (!changed) return;
  if (gone.size > 0) await port.saveSetting(KEPT, kept.filter((k) => !gone.has(k.name)));
  await writeTables(app, there.map((t) => t.figures));
}
/** Puts a chart at the selected cell; from then on it follows. */
export async function putChart(app: App, live: LiveChart): Promise<void> {
  const { port } = app.desk;
  const figures = await MADE[live.chart](app, live.args);
  const name = `suanpan ${live.chart} ${Date.now().toString(36)}`;
  await port.picture(await pictureOf(app, figures), saidOf(app, figures), name);
  await port.saveSetting(KEPT, [...((await port.setting<Kept[]>(KEPT)) ?? []), { name, live }]);
  await followCharts(app);
}
/** After each refresh, and once when the workbook was opened. */
export function followRefreshes(app: App): void {
  let told = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  app.desk.listen(() => {
    const now = JSON.stringify(Object.values(app.desk.state.refreshed).map((r) => r.at));
    if (now === told || app.desk.state.busy !== '') return;
    told = now;
    clearTimeout(timer);
    timer = setTimeout(() => void followCharts(app).catch((error: unknown) => console.error(error)), WAIT_MS);
  });
}
