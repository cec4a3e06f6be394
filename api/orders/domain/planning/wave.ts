/**
 * Many orders that want the same stock, planned together: each takes one of its possible plans, or waits, so that the sum of
 * costs is least while no (warehouse, SKU) gives more than it has. Pure, and the same answer for the same wave.
 * Method: only stock that cannot serve all who could want it is looked at. Prices on it by subgradient (Lagrangian relaxation:
 * Fisher 1981, "The Lagrangian relaxation method for solving integer programming problems") give a first choice and a bound below
 * which no plan can be. From there plans are changed by forcing one order to an option and letting those in its way find other
 * places (an ejection chain; Glover 1996), accepted by simulated annealing (Kirkpatrick et al. 1983), until the bound is met or the steps are done.
 * Short and cool runs come first: where the bound says that little can be left, they are all; the farther from it, the longer.
 */
import { Pool } from './pool.ts';

export type WaveOption = { readonly costFen: number; readonly uses: ReadonlyMap<string, number> };
export type WaveOrder = { readonly options: readonly WaveOption[]; /** What it costs that the order waits. */ readonly waitFen: number };
export type Wave = { readonly orders: readonly WaveOrder[]; readonly capacity: ReadonlyMap<string, number> };
export const WAITS = -1;
const ROUNDS = 120;
const LEAST_STEPS = 3_000;
const MOST_STEPS = 150_000;
const STAGES = 25;
/** How long a chain may be in which one makes room for another, and how many places are looked at for one that waits. */
const DEEP = 4;
const TRIES = 1_000;
/**
 * Each run begins at the best so far: steps for one contested order (some 2 µs each), how hot, in mean differences of an order's
 * options, how much the price of stock counts, and how near to the bound, as a share of it, is near enough to end with it.
 * The bound itself lies one or two per cent below what is possible where little is scarce, and farther where much is: one order
 * that waits is then seen as a part of one. With few (`few`) who wait there is little that longer runs could find.
 */
const FEW_WAIT = 0.02;
type Run = { readonly steps: number; readonly hot: number; readonly share: number; readonly enough: number; readonly few?: true };
const RUNS: readonly Run[] = [
  { steps: 45, hot: 0.5, share: 1, enough: 0.035 }, { steps: 90, hot: 1, share: 0.5, enough: 0.09, few: true },
  { steps: 700, hot: 3, share: 0.3, enough: 0.05 }, { steps: 700, hot: 1.5, share: 1, enough: 0.05 }, { steps: 700, hot: 2, share: 0.5, enough: 0 },
];
/** Where it ends: differences of a few fen are not climbed any more. */
const COLD_FEN = 15;

/** The option of each order, or `WAITS`. */
export function solveWave(wave: Wave): { choice: number[]; costFen: number } {
  const pool = new Pool(wave.orders, scarceOf(wave));
  const choice = pool.contested.length === 0 ? pool.best() : contest(pool);
  return { choice, costFen: costOf(wave, choice) };
}

const optionCost = (o: WaveOrder, c: number): number => (c === WAITS ? o.waitFen : o.options[c]!.costFen);
export const costOf = (wave: Wave, choice: readonly number[]): number => choice.reduce((n, c, i) => n + optionCost(wave.orders[i]!, c), 0);
export function feasible(wave: Wave, choice: readonly number[]): boolean {
  const used = new Map<string, number>();
  choice.forEach((c, i) => { if (c !== WAITS) for (const [r, n] of wave.orders[i]!.options[c]!.uses) used.set(r, (used.get(r) ?? 0) + n); });
  return [...used].every(([r, n]) => n <= (wave.capacity.get(r) ?? 0));
}

/** Stock that is less than what all orders together could take of it, with what there is. */
function scarceOf(wave: Wave): Map<string, number> {
  const most = new Map<string, number>();
  for (const o of wave.orders) {
    const own = new Map<string, number>();
    for (const x of o.options) for (const [r, n] of x.uses) own.set(r, Math.max(own.get(r) ?? 0, n));
    for (const [r, n] of own) most.set(r, (most.get(r) ?? 0) + n);
  }
  return new Map([...most].flatMap(([r, n]) => { const there = wave.capacity.get(r) ?? 0; return n > there ? [[r, there] as const] : []; }));
}

function contest(pool: Pool): number[] {
  const prices = new Float64Array(pool.capacity.length);
  pool.fill(prices);
  pool.polish();
  pool.keep();
  let bound = -Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { lower, over } = pool.relaxed(prices);
    bound = Math.max(bound, lower);
    if (pool.leastCost - bound < 1) return pool.best();
    const norm = over.reduce((n, d, r) => n + (d > 0 || prices[r]! > 0 ? d * d : 0), 0);
    if (norm === 0) break;
    const step = ((pool.leastCost - lower) * (round < ROUNDS / 2 ? 1 : 0.3)) / norm;
    for (let r = 0; r < prices.length; r += 1) prices[r] = Math.max(0, prices[r]! + step * over[r]!);
    if (round % 40 !== 39) continue;
    pool.fill(prices);
    pool.polish();
    pool.keep();
  }
  for (const run of RUNS) {
    anneal(pool, bound, prices, run);
    pool.rescue(DEEP, TRIES);
    pool.polish();
    pool.keep();
    if (pool.leastCost - bound < Math.max(1, bound * run.enough) || (run.few && pool.waiting <= FEW_WAIT * pool.contested.length)) break;
  }
  return pool.best();
}

/** Colder and colder, by stages; the price of stock counts less and less, so that the end is about costs alone. */
function anneal(pool: Pool, bound: number, prices: Float64Array, run: Run): void {
  const steps = Math.min(MOST_STEPS, Math.max(LEAST_STEPS, run.steps * pool.contested.length)) / STAGES;
  const hot = Math.max(COLD_FEN * 2, pool.spread * run.hot);
  pool.back();
  for (let stage = 0; stage < STAGES; stage += 1) {
    const done = stage / (STAGES - 1);
    const heat = hot * (COLD_FEN / hot) ** done;
    pool.value(prices, run.share * Math.max(0, 1 - done * 1.25));
    for (let step = 0; step < steps; step += 1) {
      const gain = pool.force();
      if (gain < 0 && Math.exp(gain / heat) < pool.chance()) { pool.undo(); continue; }
      pool.keep();
    }
    if (pool.leastCost - bound < 1) return;
  }
  pool.back();
  pool.polish();
  pool.keep();
}
