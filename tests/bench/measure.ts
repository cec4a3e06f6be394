/** One measure: ours beside a floor (the least that anybody must do) or a peer, in the same run. */
export type Measure = { readonly name: string; readonly unit: string; readonly ours: number; readonly beside: number; readonly besideName: string };
/** `alone`: run only when it is named; it takes long. */
export type Bench = { readonly name: string; readonly alone?: true; readonly run: () => Promise<readonly Measure[]> };

/** Runs a second of the work per figure; answers the median of `times` rates per second. */
export async function ratePerSecond(work: () => number | Promise<number>, times = 5, eachMs = 400): Promise<number> {
  const rates: number[] = [];
  await work();
  for (let i = 0; i < times; i += 1) {
    const from = performance.now();
    let done = 0;
    while (performance.now() - from < eachMs) done += await work();
    rates.push((done * 1000) / (performance.now() - from));
  }
  return rates.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

export const line = (m: Measure): string => {
  const number = (n: number): string => (n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(3));
  return `${m.name.padEnd(44)} ours ${number(m.ours)} ${m.unit}   ${m.besideName} ${number(m.beside)} ${m.unit}   ratio ${(m.ours / m.beside).toPrecision(3)}`;
};
