/** Classes of SKUs. Pure. */
export type Class = 'A' | 'B' | 'C';

/** A: the first 80 % of the value, B: up to 95 %, C: the rest and all that did not sell. Ties by code. */
export function classesOf(values: ReadonlyMap<string, number>): Map<string, Class> {
  const sorted = [...values].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const total = sorted.reduce((n, [, v]) => n + Math.max(0, v), 0);
  const classes = new Map<string, Class>();
  let before = 0;
  for (const [code, value] of sorted) {
    classes.set(code, value <= 0 || total === 0 ? 'C' : before * 100 < total * 80 ? 'A' : before * 100 < total * 95 ? 'B' : 'C');
    before += Math.max(0, value);
  }
  return classes;
}

/** How evenly it sells: the deviation of the weeks against their mean. X below one half, Y below one, Z above; null when it did not sell. */
export function evenness(weeks: readonly number[]): 'X' | 'Y' | 'Z' | null {
  const mean = weeks.reduce((n, w) => n + w, 0) / Math.max(1, weeks.length);
  if (weeks.length < 4 || mean <= 0) return null;
  const deviation = Math.sqrt(weeks.reduce((n, w) => n + (w - mean) ** 2, 0) / weeks.length) / mean;
  return deviation < 0.5 ? 'X' : deviation < 1 ? 'Y' : 'Z';
}
