/**
 * Many orders that want the same stock, planned together: each takes one of its possible plans, or waits, so that the sum of
 * costs is least while no (warehouse, SKU) gives more than it has. Pure.
 * Method: prices on scarce stock by subgradient (Lagrangian relaxation: Fisher 1981, "The Lagrangian relaxation method for
 * solving integer programming problems"), each priced choice repaired to a feasible one, the best of them improved by moves and
 * by giving way to a neighbour. A wave in which nothing is scarce is answered by every order's own best at once.
 */
export type WaveOption = { readonly costFen: number; readonly uses: ReadonlyMap<string, number> };
export type WaveOrder = { readonly options: readonly WaveOption[]; /** What it costs that the order waits. */ readonly waitFen: number };
export type Wave = { readonly orders: readonly WaveOrder[]; readonly capacity: ReadonlyMap<string, number> };
export const WAITS = -1;
const ROUNDS = 120;

/** The option of each order, or `WAITS`. */
export function solveWave(wave: Wave): { choice: number[]; costFen: number } {
  const first = wave.orders.map((o) => (o.options.length === 0 ? WAITS : cheapest(o, new Map())));
  if (feasible(wave, first)) return { choice: first, costFen: costOf(wave, first) };
  const prices = new Map<string, number>();
  let best = improved(wave, repaired(wave, first, prices));
  let bestCost = costOf(wave, best);
  for (let round = 0; round < ROUNDS; round += 1) {
    const choice = wave.orders.map((o) => cheapest(o, prices));
    const used = usage(wave, choice);
    const lower = choice.reduce((n, c, i) => n + priced(wave.orders[i]!, c, prices), 0) - [...prices].reduce((n, [r, price]) => n + price * (wave.capacity.get(r) ?? 0), 0);
    const over = [...used].map(([r, n]) => [r, n - (wave.capacity.get(r) ?? 0)] as const).filter(([r, n]) => n > 0 || (prices.get(r) ?? 0) > 0);
    const norm = over.reduce((n, [, d]) => n + d * d, 0);
    if (norm === 0 || bestCost - lower < 1) break;
    const step = ((bestCost - lower) * (round < ROUNDS / 2 ? 1 : 0.4)) / norm;
    for (const [r, d] of over) prices.set(r, Math.max(0, (prices.get(r) ?? 0) + step * d));
    if (round % 4 !== 3) continue;
    const tried = improved(wave, repaired(wave, wave.orders.map((o) => cheapest(o, prices)), prices));
    const cost = costOf(wave, tried);
    if (cost < bestCost) [best, bestCost] = [tried, cost];
  }
  return { choice: best, costFen: bestCost };
}

const optionCost = (o: WaveOrder, c: number): number => (c === WAITS ? o.waitFen : o.options[c]!.costFen);
export const costOf = (wave: Wave, choice: readonly number[]): number => choice.reduce((n, c, i) => n + optionCost(wave.orders[i]!, c), 0);
function priced(o: WaveOrder, c: number, prices: ReadonlyMap<string, number>): number {
  let cost = optionCost(o, c);
  if (c !== WAITS && prices.size > 0) for (const [r, n] of o.options[c]!.uses) cost += n * (prices.get(r) ?? 0);
  return cost;
}
function cheapest(o: WaveOrder, prices: ReadonlyMap<string, number>): number {
  let [best, least] = [WAITS, o.waitFen];
  for (let c = 0; c < o.options.length; c += 1) {
    const cost = priced(o, c, prices);
    if (cost < least) [best, least] = [c, cost];
  }
  return best;
}
function usage(wave: Wave, choice: readonly number[]): Map<string, number> {
  const used = new Map<string, number>();
  choice.forEach((c, i) => { if (c !== WAITS) for (const [r, n] of wave.orders[i]!.options[c]!.uses) used.set(r, (used.get(r) ?? 0) + n); });
  return used;
}
export const feasible = (wave: Wave, choice: readonly number[]): boolean => [...usage(wave, choice)].every(([r, n]) => n <= (wave.capacity.get(r) ?? 0));

const room = (wave: Wave, used: ReadonlyMap<string, number>, o: WaveOption): boolean => {
  for (const [r, n] of o.uses) if ((used.get(r) ?? 0) + n > (wave.capacity.get(r) ?? 0)) return false;
  return true;
};
const add = (used: Map<string, number>, o: WaveOption | undefined, sign: number): void => {
  if (o) for (const [r, n] of o.uses) used.set(r, (used.get(r) ?? 0) + sign * n);
};

/** Those that lose most by not getting their choice are served first; the others take what is left, or wait. */
function repaired(wave: Wave, choice: readonly number[], prices: ReadonlyMap<string, number>): number[] {
  const loss = choice.map((c, i) => {
    const o = wave.orders[i]!;
    const others = o.options.map((_, k) => (k === c ? Infinity : priced(o, k, prices)));
    return Math.min(o.waitFen, ...others) - priced(o, c, prices);
  });
  const used = new Map<string, number>();
  const made = choice.map(() => WAITS);
  for (const i of choice.map((_, k) => k).sort((a, b) => loss[b]! - loss[a]! || a - b)) {
    const o = wave.orders[i]!;
    const at = o.options.map((x, k) => [k, x] as const).filter(([, x]) => x.costFen < o.waitFen && room(wave, used, x)).sort((a, b) => a[1].costFen - b[1].costFen)[0];
    if (!at) continue;
    made[i] = at[0];
    add(used, at[1], 1);
  }
  return made;
}

/** Moves to something cheaper, alone or by making one neighbour move to its next best, until nothing is gained. */
function improved(wave: Wave, start: readonly number[]): number[] {
  const choice = [...start];
  const used = usage(wave, choice);
  const at = (i: number): WaveOption | undefined => wave.orders[i]!.options[choice[i]!];
  const users = new Map<string, Set<number>>();
  const put = (i: number, c: number): void => {
    for (const r of at(i)?.uses.keys() ?? []) users.get(r)?.delete(i);
    add(used, at(i), -1);
    choice[i] = c;
    add(used, at(i), 1);
    for (const r of at(i)?.uses.keys() ?? []) users.set(r, (users.get(r) ?? new Set()).add(i));
  };
  choice.forEach((c, i) => put(i, c));
  for (let moved = true, passes = 0; moved && passes < 12; passes += 1) {
    moved = false;
    for (let i = 0; i < choice.length; i += 1) if (better(wave, choice, used, users, put, i)) moved = true;
  }
  return choice;
}

type Put = (i: number, c: number) => void;
function better(wave: Wave, choice: readonly number[], used: ReadonlyMap<string, number>, users: ReadonlyMap<string, ReadonlySet<number>>, put: Put, i: number): boolean {
  const o = wave.orders[i]!;
  const was = choice[i]!;
  const now = optionCost(o, was);
  const wanted = o.options.map((x, k) => [k, now - x.costFen] as const).filter(([, gain]) => gain > 0).sort((a, b) => b[1] - a[1]);
  for (const [k, gain] of wanted) {
    put(i, WAITS);
    const x = o.options[k]!;
    if (room(wave, used, x)) { put(i, k); return true; }
    const tight = [...x.uses].find(([r, n]) => (used.get(r) ?? 0) + n > (wave.capacity.get(r) ?? 0))![0];
    for (const j of [...(users.get(tight) ?? [])]) {
      const other = wave.orders[j]!;
      const before = choice[j]!;
      const paid = optionCost(other, before);
      put(j, WAITS);
      if (room(wave, used, x)) {
        put(i, k);
        const next = other.options.map((y, n) => [n, y] as const).filter(([, y]) => room(wave, used, y)).sort((a, b) => a[1].costFen - b[1].costFen)[0];
        const cost = Math.min(other.waitFen, next?.[1].costFen ?? Infinity);
        if (cost - paid < gain) { put(j, next && next[1].costFen <= other.waitFen ? next[0] : WAITS); return true; }
        put(i, WAITS);
      }
      put(j, before);
    }
    put(i, was);
  }
  return false;
}
