/** The orders of a wave that contest scarce stock, in flat arrays, with what each has now; changed step by step, and back. */
type Option = { readonly cost: number; /** Its cost with what its stock is worth: what the search goes by. */ worth: number; /** Its place among the order's own options. */ readonly index: number; readonly from: readonly number[]; readonly pieces: readonly number[] };
type Given = { readonly options: readonly { readonly costFen: number; readonly uses: ReadonlyMap<string, number> }[]; readonly waitFen: number };
const NONE = -1;
/** How often a step begins with an order that waits. */
const WAITING_FIRST = 0.3;
/** Orders that one option may send off. */
const MOST_SENT = 2;

export class Pool {
  readonly capacity: Int32Array;
  /** Orders of which no option is free of scarce stock and best. */
  readonly contested: readonly number[];
  /** How far the costs of one order's options lie apart, in the mean: what a change may well cost. */
  readonly spread: number;
  cost = 0;
  #worth = 0;
  leastCost = Infinity;
  readonly #orders: readonly (readonly Option[])[];
  readonly #waits: readonly number[];
  readonly #left: Int32Array;
  /** The option that each order has, by its place in the sorted list; and the best that was found. */
  readonly #at: Int16Array;
  #kept: Int16Array;
  /** Who has of each stock, and who could want it. */
  readonly #users: number[][];
  readonly #wanting: readonly (readonly number[])[];
  readonly #log: number[] = [];
  #seed = 20_261_125;

  constructor(orders: readonly Given[], scarce: ReadonlyMap<string, number>) {
    const index = new Map([...scarce.keys()].map((r, i) => [r, i]));
    this.capacity = Int32Array.from(scarce.values());
    this.#left = Int32Array.from(this.capacity);
    this.#waits = orders.map((o) => o.waitFen);
    // Cheapest first; what costs more than waiting, or more than an option that takes nothing scarce, is never taken.
    this.#orders = orders.map((o) => {
      const all = o.options.map((x, i): Option => { const uses = [...x.uses].filter(([r]) => index.has(r)); return { cost: x.costFen, worth: x.costFen, index: i, from: uses.map(([r]) => index.get(r)!), pieces: uses.map(([, n]) => n) }; })
        .filter((x) => x.cost < o.waitFen && x.pieces.every((n, k) => n <= this.capacity[x.from[k]!]!)).sort((a, b) => a.cost - b.cost || a.index - b.index);
      const free = all.findIndex((x) => x.from.length === 0);
      return free === -1 ? all : all.slice(0, free + 1);
    });
    this.contested = this.#orders.flatMap((list, i) => (list.length > 0 && list[0]!.from.length > 0 ? [i] : []));
    this.#at = Int16Array.from(this.#orders, () => NONE);
    this.#users = Array.from(this.capacity, () => []);
    const wanting: Set<number>[] = Array.from(this.capacity, () => new Set());
    for (const i of this.contested) for (const x of this.#orders[i]!) for (const r of x.from) wanting[r]!.add(i);
    this.#wanting = wanting.map((set) => [...set]);
    this.cost = this.#waits.reduce((n, w) => n + w, 0);
    for (const [i, list] of this.#orders.entries()) if (list[0]?.from.length === 0) this.#put(i, 0);
    const spreads = this.contested.map((i) => this.#orders[i]!.at(-1)!.cost - this.#orders[i]![0]!.cost);
    this.spread = spreads.reduce((n, x) => n + x, 0) / Math.max(1, spreads.length);
    this.#kept = this.#at.slice();
    if (this.contested.length === 0) this.leastCost = this.cost;
  }

  /** Between 0 and 1, the same row of numbers every time (Lehmer, as in Park and Miller 1988). */
  chance(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
  #below(n: number): number { return Math.floor(this.chance() * n); }

  #costOf(i: number, k: number): number { return k === NONE ? this.#waits[i]! : this.#orders[i]![k]!.cost; }
  #put(i: number, k: number): void {
    const was = this.#at[i]!;
    if (was !== NONE) {
      const { from, pieces } = this.#orders[i]![was]!;
      for (let u = 0; u < from.length; u += 1) {
        const r = from[u]!;
        this.#left[r] = this.#left[r]! + pieces[u]!;
        const users = this.#users[r]!;
        users[users.indexOf(i)] = users.at(-1)!;
        users.pop();
      }
    }
    this.#at[i] = k;
    if (k !== NONE) {
      const { from, pieces } = this.#orders[i]![k]!;
      for (let u = 0; u < from.length; u += 1) {
        const r = from[u]!;
        this.#left[r] = this.#left[r]! - pieces[u]!;
        this.#users[r]!.push(i);
      }
    }
    this.cost += this.#costOf(i, k) - this.#costOf(i, was);
    this.#worth += this.#worthOf(i, k) - this.#worthOf(i, was);
  }
  #worthOf(i: number, k: number): number { return k === NONE ? this.#waits[i]! : this.#orders[i]![k]!.worth; }
  /** From here on each piece of stock counts as this share of its price: who leaves it to others is preferred. */
  value(prices: Float64Array, share: number): void {
    for (const i of this.contested) for (const x of this.#orders[i]!) x.worth = x.cost + share * (priced(x, prices) - x.cost);
    this.#worth = this.#at.reduce((n, k, i) => n + this.#worthOf(i, k), 0);
  }
  #leastWorth(i: number): number {
    let [best, least] = [NONE, Infinity];
    const list = this.#orders[i]!;
    for (let k = 0; k < list.length; k += 1) if (list[k]!.worth < least && this.#fits(i, k)) [best, least] = [k, list[k]!.worth];
    return best;
  }
  #move(i: number, k: number): void {
    this.#log.push(i, this.#at[i]!);
    this.#put(i, k);
  }
  #fits(i: number, k: number): boolean {
    const { from, pieces } = this.#orders[i]![k]!;
    for (let u = 0; u < from.length; u += 1) if (this.#left[from[u]!]! < pieces[u]!) return false;
    return true;
  }
  /** The cheapest that fits for an order that has nothing; below `most` places in its list. */
  #first(i: number, most: number): number {
    for (let k = 0; k < most; k += 1) if (this.#fits(i, k)) return k;
    return NONE;
  }

  /** Every order takes what is cheapest at these prices: what that costs at least, and how much of each stock is asked too much. */
  relaxed(prices: Float64Array): { lower: number; over: Float64Array } {
    const over = Float64Array.from(this.capacity, (c) => -c);
    let lower = 0;
    const chosen = new Set(this.contested);
    for (let i = 0; i < this.#at.length; i += 1) {
      if (!chosen.has(i)) { lower += this.#costOf(i, this.#at[i]!); continue; }
      let [best, least] = [NONE, this.#waits[i]!];
      const list = this.#orders[i]!;
      for (let k = 0; k < list.length; k += 1) { const cost = priced(list[k]!, prices); if (cost < least) [best, least] = [k, cost]; }
      lower += least;
      if (best !== NONE) { const { from, pieces } = list[best]!; for (let u = 0; u < from.length; u += 1) over[from[u]!] = over[from[u]!]! + pieces[u]!; }
    }
    for (let r = 0; r < prices.length; r += 1) lower -= prices[r]! * this.capacity[r]!;
    return { lower, over };
  }

  /** Anew: who would lose most by not being served at these prices comes first. */
  fill(prices: Float64Array): void {
    const gain = new Map(this.contested.map((i) => { const list = this.#orders[i]!; const least = Math.min(...list.map((x) => priced(x, prices))); return [i, this.#waits[i]! - least] as const; }));
    for (const i of this.contested) this.#put(i, NONE);
    for (const i of [...this.contested].sort((a, b) => gain.get(b)! - gain.get(a)! || a - b)) {
      let [best, least] = [NONE, Infinity];
      const list = this.#orders[i]!;
      for (let k = 0; k < list.length; k += 1) { const cost = priced(list[k]!, prices); if (cost < least && this.#fits(i, k)) [best, least] = [k, cost]; }
      this.#put(i, best);
    }
    this.#log.length = 0;
  }

  /** Whoever can have something cheaper takes it, until nobody can. */
  polish(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const i of this.contested) {
        const was = this.#at[i]!;
        if (was === 0) continue;
        this.#put(i, NONE);
        const now = this.#first(i, was === NONE ? this.#orders[i]!.length : was);
        this.#put(i, now === NONE ? was : now);
        moved ||= now !== NONE;
      }
    }
    this.#log.length = 0;
  }

  /** One order gets one of its options; those in its way, and then whoever waits for what is left, find the cheapest place there is. Answers what is saved. */
  force(): number {
    this.#log.length = 0;
    const before = this.#worth;
    const i = this.#someone();
    const list = this.#orders[i]!;
    const k = this.#below(list.length);
    if (k === this.#at[i]) return 0;
    this.#move(i, NONE);
    const { from, pieces } = list[k]!;
    const ousted: number[] = [];
    for (let u = 0; u < from.length; u += 1) {
      const users = this.#users[from[u]!]!;
      while (this.#left[from[u]!]! < pieces[u]!) {
        const j = users[this.#below(users.length)]!;
        this.#move(j, NONE);
        ousted.push(j);
      }
    }
    this.#move(i, k);
    for (const j of ousted) { const at = this.#leastWorth(j); if (at !== NONE) this.#move(j, at); }
    this.#hand();
    return before - this.#worth;
  }
  /** Who waits is asked more often than who is served, and who has what is best for it least. */
  #someone(): number {
    const { length } = this.contested;
    let p = this.#below(length);
    if (this.chance() < WAITING_FIRST) for (let tries = 0; tries < length && this.#at[this.contested[p]!] !== NONE; tries += 1) p = p + 1 === length ? 0 : p + 1;
    else for (let tries = 0; tries < 2 && this.#at[this.contested[p]!] === 0; tries += 1) p = this.#below(length);
    return this.contested[p]!;
  }
  /** What this step has set free goes to who waits for it, or has something dearer. */
  #hand(): void {
    const moves = this.#log.length;
    for (let m = 0; m < moves; m += 2) {
      const was = this.#log[m + 1]!;
      if (was === NONE) continue;
      for (const r of this.#orders[this.#log[m]!]![was]!.from) {
        if (this.#left[r]! <= 0) continue;
        const wanting = this.#wanting[r]!;
        const start = this.#below(wanting.length);
        for (let w = 0; w < wanting.length && this.#left[r]! > 0; w += 1) {
          const j = wanting[(start + w) % wanting.length]!;
          if (this.#at[j] !== NONE) continue;
          const at = this.#leastWorth(j);
          if (at !== NONE) this.#move(j, at);
        }
      }
    }
  }
  /**
   * Looks for a place for each order that waits: it takes one's stock, that one finds another or takes a third's, and so on; `tries`
   * places are looked at for each at most. What comes of it is kept where it costs less.
   */
  rescue(depth: number, tries: number): void {
    for (const i of this.contested) {
      if (this.#at[i] !== NONE) continue;
      this.#log.length = 0;
      const before = this.cost;
      const left = { tries };
      if (!this.#serve(i, depth, new Set([i]), left) || this.cost >= before) this.undo();
    }
    this.#log.length = 0;
  }
  #serve(i: number, depth: number, moved: Set<number>, left: { tries: number }): boolean {
    const list = this.#orders[i]!;
    const free = this.#first(i, list.length);
    if (free !== NONE) { this.#move(i, free); return true; }
    if (depth === 0) return false;
    for (let k = 0; k < list.length; k += 1) if (this.#clear(i, k, depth, moved, left, [])) return true;
    return false;
  }
  /** Room for one order's option: those in its way are sent off one after another, until it fits and each of them is served. */
  #clear(i: number, k: number, depth: number, moved: Set<number>, left: { tries: number }, sent: readonly number[]): boolean {
    const { from, pieces } = this.#orders[i]![k]!;
    const lacking = from.findIndex((r, u) => this.#left[r]! < pieces[u]!);
    const mark = this.#log.length;
    if (lacking === -1) {
      this.#move(i, k);
      if (sent.every((j) => this.#serve(j, depth - 1, moved, left))) return true;
      this.undo(mark);
      return false;
    }
    if (sent.length === MOST_SENT) return false;
    for (const j of [...this.#users[from[lacking]!]!]) {
      if (moved.has(j) || left.tries <= 0) continue;
      left.tries -= 1;
      this.#move(j, NONE);
      moved.add(j);
      if (this.#clear(i, k, depth, moved, left, [...sent, j])) return true;
      moved.delete(j);
      this.undo(mark);
    }
    return false;
  }
  /** Back to where the log was that long. */
  undo(mark = 0): void {
    for (let m = this.#log.length - 2; m >= mark; m -= 2) this.#put(this.#log[m]!, this.#log[m + 1]!);
    this.#log.length = mark;
  }

  keep(): void {
    if (this.cost >= this.leastCost) return;
    this.leastCost = this.cost;
    this.#kept = this.#at.slice();
  }
  /** Contested orders that wait, at the best that was found. */
  get waiting(): number { return this.contested.filter((i) => this.#kept[i] === NONE).length; }
  /** As it was at its best. */
  back(): void {
    for (let i = 0; i < this.#kept.length; i += 1) if (this.#at[i] !== this.#kept[i]) this.#put(i, NONE);
    for (let i = 0; i < this.#kept.length; i += 1) if (this.#at[i] !== this.#kept[i]) this.#put(i, this.#kept[i]!);
    this.#log.length = 0;
  }
  /** The best that was found, as places among the options that were given. */
  best(): number[] {
    return Array.from(this.#kept, (k, i) => (k === NONE ? NONE : this.#orders[i]![k]!.index));
  }
}

function priced(x: Option, prices: Float64Array): number {
  let { cost } = x;
  for (let u = 0; u < x.from.length; u += 1) cost += x.pieces[u]! * prices[x.from[u]!]!;
  return cost;
}
