/** A chart with its table behind it: the picture for the eye, the rows for whoever reads with ears or wants the figures. */
import type { Chart } from 'chart.js';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { figureShort } from '../i18n/words.ts';
import { Act } from '../panes/parts.tsx';
import type { App } from '../panes/store.ts';

/** `band`: drawn as a surface down to the series before it. */
export type Series = { readonly name: string; readonly kind: 'bar' | 'line'; readonly values: readonly (number | null)[]; readonly band?: boolean };
/** What a chart is made of, so that it can be made anew where it stands in a sheet. */
export type LiveChart = { readonly chart: 'days' | 'channels' | 'trend' | 'runOut' | 'repurchase' | 'sellThrough' | 'turnover' | 'forecast'; readonly args: readonly string[] };
export type Figures = { readonly title: string; readonly labels: readonly string[]; readonly series: readonly Series[]; /** Bars that lie: for names instead of days. */ readonly lying?: boolean; readonly format?: (n: number) => string; readonly live?: LiveChart };

/** Okabe and Ito’s colours, told apart by people who see fewer of them; lines differ by their strokes too. */
export const COLOURS = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00'];

export function ChartOf({ app, figures }: { readonly app: App; readonly figures: Figures }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const { title, labels, series, lying, format = (n: number) => figureShort(n, app.lang) } = figures;
  const w = app.words;
  const [scheme, see] = useState(0);
  useEffect(() => {
    const dark = globalThis.matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => see((n) => n + 1);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);
  useEffect(() => {
    let gone = false;
    void import('./draw.ts').then(({ drawChart }) => {
      if (gone || !canvas.current) return;
      chart.current?.destroy();
      chart.current = drawChart(canvas.current, figures, format);
    });
    return () => { gone = true; };
  }, [JSON.stringify([labels, series, lying]), document.documentElement.dataset['theme'], scheme]);
  useEffect(() => () => chart.current?.destroy(), []);
  const shown = (v: number | null | undefined): string => (v === null || v === undefined ? '—' : format(v));
  return (
    <figure class="chart-of">
      <figcaption>{title}{series.length > 1 ? <span class="keys">{series.map((s, i) => <i key={s.name} style={{ borderColor: COLOURS[i % COLOURS.length]! }} class={s.kind}>{s.name}</i>)}</span> : null}</figcaption>
      <div class="chart" style={lying ? { height: `${Math.max(80, labels.length * 22 + 30)}px` } : {}}><canvas ref={canvas} role="img" aria-label={`${title}: ${series.map((s) => `${s.name} ${labels[labels.length - 1] ?? ''} ${shown(s.values.at(-1))}`).join('; ')}`} /></div>
      <div class="under">
        <details><summary>{w('chart.table')}</summary><div class="scroll"><table><caption>{title}</caption><thead><tr><th scope="col" />{series.map((s) => <th scope="col" key={s.name}>{s.name}</th>)}</tr></thead><tbody>{labels.map((l, i) => <tr key={l}><th scope="row">{l}</th>{series.map((s) => <td key={s.name}>{shown(s.values[i])}</td>)}</tr>)}</tbody></table></div></details>
        <Act plain label={w('chart.picture')} run={async () => { const url = chart.current?.toBase64Image('image/png', 1); if (url) await app.desk.port.picture(url.slice(url.indexOf(',') + 1), title); }} />
        {figures.live ? <Act plain label={w('chart.live')} run={async () => (await import('./live.ts')).putChart(app, figures.live!)} /> : null}
      </div>
    </figure>
  );
}
