import { BarController, BarElement, CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

Chart.register(BarController, BarElement, LineController, LineElement, PointElement, CategoryScale, LinearScale, Tooltip);
export type DayFigure = { readonly day: string; readonly sales: number; readonly profit: number };

/** Sales as bars, profit as a line, one point a day; amounts in yuan. */
export function DaysChart({ days, names }: { readonly days: readonly DayFigure[]; readonly names: { readonly sales: string; readonly profit: string } }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  useEffect(() => {
    if (!canvas.current) return;
    chart.current ??= new Chart(canvas.current, {
      data: { labels: [], datasets: [{ type: 'bar', label: names.sales, data: [], backgroundColor: '#D9CFC6', borderRadius: 2 }, { type: 'line', label: names.profit, data: [], borderColor: '#C8402B', backgroundColor: '#C8402B', borderWidth: 2, pointRadius: 0, tension: 0.25 }] },
      options: { responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: 'index', intersect: false }, plugins: { legend: { display: false } }, scales: { x: { grid: { display: false }, ticks: { maxTicksLimit: 6, font: { size: 10 } } }, y: { ticks: { maxTicksLimit: 4, font: { size: 10 } }, grid: { color: '#EEE8E3' } } } },
    });
    chart.current.data.labels = days.map((d) => d.day.slice(5));
    chart.current.data.datasets[0]!.data = days.map((d) => d.sales);
    chart.current.data.datasets[1]!.data = days.map((d) => d.profit);
    chart.current.update();
  }, [days]);
  useEffect(() => () => chart.current?.destroy(), []);
  return <div class="chart"><canvas ref={canvas} role="img" aria-label={`${names.sales}, ${names.profit}`} /></div>;
}
