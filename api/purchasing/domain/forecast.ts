/**
 * Forecasts of demand per period, each by a named simple method. Pure.
 *   mean          shorter than two cycles: the mean of what there is
 *   seasonal-ses  day series: weekday indices (ratio to the mean) over simple exponential smoothing (Brown 1956; Gardner 1985)
 *   ses           week series: simple exponential smoothing
 *   sba           mostly zero: Croston's sizes and intervals with the Syntetos–Boylan correction (1 − α/2) (IJF 2005)
 * Quantiles are those of the method's own one-step errors over the series.
 */
export type Frequency = 'day' | 'week';
export type ForecastResult = { readonly mean: number[]; readonly p50: number[]; readonly p90: number[]; readonly method: string; /** Standard deviation of the one-step errors. */ readonly deviation: number };

const SMOOTHING = 0.2;
const CROSTON_SMOOTHING = 0.1;
const MOSTLY_ZERO = 0.6;
const average = (list: readonly number[]): number => (list.length === 0 ? 0 : list.reduce((a, b) => a + b, 0) / list.length);
const atLeastZero = (n: number): number => Math.max(0, n);

export function forecastSeries(values: readonly number[], frequency: Frequency, horizon: number): ForecastResult {
  // Before the first sale there was no demand to learn from.
  const from = values.findIndex((v) => v > 0);
  const known = from < 0 ? [] : values.slice(from);
  const cycle = frequency === 'day' ? 7 : 1;
  if (known.length === 0) return flat(0, horizon, [], 'mean');
  if (known.length < Math.max(8, cycle * 2)) return flat(average(known), horizon, known.map((v) => v - average(known)), 'mean');
  if (known.filter((v) => v === 0).length / known.length > MOSTLY_ZERO) return croston(known, horizon);
  return frequency === 'day' ? seasonal(known, horizon, cycle) : smooth(known, horizon);
}

function withErrors(mean: readonly number[], errors: readonly number[], method: string): ForecastResult {
  const sorted = [...errors].sort((a, b) => a - b);
  const quantile = (q: number): number => (sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!);
  const [q50, q90] = [quantile(0.5), quantile(0.9)];
  const p50 = mean.map((m) => atLeastZero(m + q50));
  const deviation = Math.sqrt(average(errors.map((e) => e * e)));
  return { mean: [...mean], p50, p90: mean.map((m, i) => Math.max(p50[i]!, m + q90)), method, deviation };
}
const flat = (level: number, horizon: number, errors: readonly number[], method: string): ForecastResult => withErrors(new Array<number>(horizon).fill(atLeastZero(level)), errors, method);

function ses(values: readonly number[]): { level: number; errors: number[] } {
  let level = average(values.slice(0, Math.min(values.length, 14)));
  const errors: number[] = [];
  for (const v of values) {
    errors.push(v - level);
    level += SMOOTHING * (v - level);
  }
  return { level, errors };
}
function smooth(values: readonly number[], horizon: number): ForecastResult {
  const { level, errors } = ses(values);
  return flat(level, horizon, errors, 'ses');
}

/** Weekday indices from all whole weeks, drawn toward 1 where there are few of them; then the level without them is smoothed. */
function seasonal(values: readonly number[], horizon: number, cycle: number): ForecastResult {
  const overall = average(values);
  const weeks = values.length / cycle;
  const index = Array.from({ length: cycle }, (_, d) => {
    const raw = overall === 0 ? 1 : average(values.filter((_v, i) => i % cycle === d)) / overall;
    return Math.max(0.1, (raw * weeks + 2) / (weeks + 2));
  });
  const { level, errors } = ses(values.map((v, i) => v / index[i % cycle]!));
  const mean = Array.from({ length: horizon }, (_, h) => atLeastZero(level * index[(values.length + h) % cycle]!));
  return withErrors(mean, errors.map((e, i) => e * index[i % cycle]!), 'seasonal-ses');
}

function croston(values: readonly number[], horizon: number): ForecastResult {
  const hits = values.flatMap((v, i) => (v > 0 ? [i] : []));
  let size = values[hits[0]!]!;
  let interval = values.length / hits.length;
  for (const [n, i] of hits.entries()) {
    size += CROSTON_SMOOTHING * (values[i]! - size);
    if (n > 0) interval += CROSTON_SMOOTHING * (i - hits[n - 1]! - interval);
  }
  const level = ((1 - CROSTON_SMOOTHING / 2) * size) / Math.max(1, interval);
  return flat(level, horizon, values.map((v) => v - level), 'sba');
}
