/** chart.js, fetched when the first chart is drawn: the pane opens without it. */
import { BarController, BarElement, CategoryScale, Chart, Filler, Legend, LinearScale, LineController, LineElement, PointElement, Title, Tooltip, type ChartDataset } from 'chart.js';
import { COLOURS, type Figures, type Series } from './chart.tsx';

Chart.register(BarController, BarElement, LineController, LineElement, PointElement, CategoryScale, LinearScale, Tooltip, Filler, Title, Legend);
const STROKES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]];
function datasets(series: readonly Series[]): ChartDataset<'bar' | 'line', (number | null)[]>[] {
  return series.map((s, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    if (s.kind === 'bar') return { type: 'bar', label: s.name, data: [...s.values], backgroundColor: colour, borderRadius: 2, maxBarThickness: 18 };
    return { type: 'line', label: s.name, data: [...s.values], borderColor: colour, backgroundColor: `${colour}33`, borderWidth: s.band ? 1 : 2, borderDash: STROKES[i % STROKES.length]!, pointRadius: 0, tension: 0.25, ...(s.band ? { fill: '-1' } : {}) };
  });
}
const inkOf = (element: Element, name: string): string => getComputedStyle(element).getPropertyValue(name).trim() || '#77706B';


export function drawChart(canvas: HTMLCanvasElement, { title, labels, series, lying }: Figures, format: (n: number) => string, /** In a sheet nothing around it says what it is. */ alone = false): Chart {
  const [ink, line] = [inkOf(canvas, '--quiet'), inkOf(canvas, '--line')];
  const whole = series.every((s) => s.values.every((v) => v === null || Number.isInteger(v)));
  const value = { ticks: { maxTicksLimit: 4, ...(whole ? { precision: 0 } : {}), font: { size: 10 }, color: ink, callback: (v: string | number): string => format(Number(v)) }, grid: { color: line } };
  const name = { grid: { display: false }, ticks: { ...(lying ? { autoSkip: false } : { maxTicksLimit: 6, maxRotation: 0 }), font: { size: 10 }, color: ink } };
  return new Chart(canvas, {
    type: 'bar', data: { labels: [...labels], datasets: datasets(series) },
    options: { responsive: true, maintainAspectRatio: false, animation: false, indexAxis: lying ? 'y' : 'x', interaction: { mode: 'index', intersect: false }, plugins: { title: { display: alone, text: title, color: ink, font: { size: 12 } }, legend: { display: alone && series.length > 1, labels: { color: ink, boxWidth: 12, font: { size: 10 } } }, tooltip: { callbacks: { label: (c) => `${c.dataset.label ?? ''} ${format(Number(lying ? c.parsed.x : c.parsed.y))}` } } }, scales: lying ? { x: value, y: name } : { x: name, y: value } },
  });
}
