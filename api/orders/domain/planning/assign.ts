/**
 * Which warehouse and courier take an order (or a merge group): the cheapest way to send its lines, as one problem.
 * Cost of a parcel = freight + what the rules add for courier and warehouse + handling; all in fen. Pure.
 * Exact by branch and bound up to `EXACT_NODES` visited nodes; above that, the best found so far is improved line by line.
 * Lines stay whole where they can (portions.ts): one is divided by pieces when it is heavier than a parcel may be, and, where no plan
 * of whole lines is there, by what the warehouses have.
 */
import { byStock, byWeight, together } from './portions.ts';

export type PlanLine = {
  readonly orderId: string; readonly lineId: string; readonly skuCode: string; readonly quantity: number; readonly grams: number;
  /** Lines of different kinds never share a parcel (cold apart, oversize apart); empty for ordinary goods. */
  readonly kind: string;
  /** Pieces that are really stocked, kits opened. */
  readonly parts: readonly { readonly skuCode: string; readonly quantity: number }[];
};
export type Offer = { readonly courier: string; readonly freightFen: number; readonly extraFen: number; readonly why: string };
export type House = { readonly code: string; readonly extraFen: number; readonly why: string };
export type Draft = { readonly warehouse: string; readonly courier: string; readonly freightFen: number; readonly costFen: number; readonly lines: readonly PlanLine[]; readonly why: { readonly warehouse: string; readonly courier: string } };
export type Assignment = { readonly drafts: readonly Draft[]; readonly costFen: number };
export type AssignProblem = {
  readonly lines: readonly PlanLine[];
  readonly houses: readonly House[];
  readonly free: (warehouse: string, skuCode: string) => number;
  /** The cheapest courier for a parcel, or undefined when none reaches the address. */
  readonly offer: (warehouse: string, grams: number, kind: string) => Offer | undefined;
  /** What no parcel from there can cost less than, without handling: the bound of the search. */
  readonly least: (warehouse: string) => number;
  readonly handlingFen: number;
  /** A heavier parcel is broken up, between lines or, where one line is too heavy, between its pieces. */
  readonly mostGrams: number;
  /** False when the platform takes one parcel only: then everything leaves from one warehouse, in one. */
  readonly mayDivide: boolean;
};
const EXACT_NODES = 20_000;

type Priced = { readonly drafts: Draft[]; readonly costFen: number };

/** Lines of one kind from one warehouse, in as few boxes as the weight allows: heaviest first, into the first box with room. */
function boxes(lines: readonly PlanLine[], mostGrams: number): PlanLine[][] {
  const made: { grams: number; lines: PlanLine[] }[] = [];
  for (const line of [...lines].sort((a, b) => b.grams - a.grams)) {
    const box = made.find((b) => b.grams + line.grams <= mostGrams);
    if (box) { box.lines.push(line); box.grams += line.grams; } else made.push({ grams: line.grams, lines: [line] });
  }
  // As they stood in the order, so that the same plan is the same to the byte.
  return made.map((b) => lines.filter((l) => b.lines.includes(l)));
}

function price(p: AssignProblem, house: House, lines: readonly PlanLine[]): Priced | undefined {
  const drafts: Draft[] = [];
  let costFen = 0;
  const kinds = p.mayDivide ? [...new Set(lines.map((l) => l.kind))] : [[...new Set(lines.map((l) => l.kind))].sort().at(-1) ?? ''];
  for (const kind of kinds) {
    const own = p.mayDivide ? lines.filter((l) => l.kind === kind) : lines;
    for (const box of p.mayDivide ? boxes(own, p.mostGrams) : [own]) {
      const offer = p.offer(house.code, box.reduce((n, l) => n + l.grams, 0), kind);
      if (!offer) return undefined;
      const cost = offer.freightFen + offer.extraFen + house.extraFen + p.handlingFen;
      drafts.push({ warehouse: house.code, courier: offer.courier, freightFen: offer.freightFen, costFen: cost, lines: box, why: { warehouse: house.why, courier: offer.why } });
      costFen += cost;
    }
  }
  return { drafts, costFen };
}

/** The cheapest assignments that the stock allows, best first, at most `most`; empty when it allows none. */
export function assign(p: AssignProblem, most = 1): Assignment[] {
  const whole = p.mayDivide ? { ...p, lines: byWeight(p.lines, p.mostGrams) } : p;
  const found = placed(whole, most);
  if (found.length > 0 || !p.mayDivide || p.houses.length < 2) return found;
  const cut = byStock(whole);
  return cut ? placed({ ...p, lines: cut.lines }, most, cut.where) : [];
}

/** `start`: a way that the stock allows, where one is known: the house of each line. */
function placed(p: AssignProblem, most: number, start?: readonly number[]): Assignment[] {
  if (p.lines.length === 0) return [];
  const grid = new Grid(p);
  const best = new Best(most);
  for (let h = 0; h < p.houses.length; h += 1) if (grid.holdsAll(h)) best.offer(p.lines.map(() => h), grid.whole(h));
  if (start) best.offer(start, costAll(p, start));
  if (p.mayDivide && p.houses.length > 1 && p.lines.length > 1) search(p, grid, best);
  return best.list.map(({ where, costFen }) => ({ drafts: draftsOf(p, where), costFen }));
}

class Best {
  readonly list: { readonly where: readonly number[]; readonly costFen: number }[] = [];
  readonly #most: number;
  constructor(most: number) { this.#most = most; }
  /** What a new one has to undercut. */
  get bar(): number { return this.list.length < this.#most ? Infinity : this.list.at(-1)!.costFen; }
  /** `where` is copied when it is kept. */
  offer(where: ArrayLike<number>, costFen: number): void {
    if (costFen >= this.bar || this.list.some((b) => b.where.every((h, i) => h === where[i]))) return;
    let at = this.list.length;
    while (at > 0 && this.list[at - 1]!.costFen > costFen) at -= 1;
    this.list.splice(at, 0, { where: Array.from(where), costFen });
    if (this.list.length > this.#most) this.list.pop();
  }
}

/** Up to so many lines, what a house's share of them costs is kept by the set of lines. */
const MOST_KEPT = 10;
/** The problem in flat arrays: what is free, what each line takes, and what sets of lines cost that were asked for. */
class Grid {
  readonly #p: AssignProblem;
  readonly #free: Float64Array;
  /** Of each line: SKU and pieces in turn. */
  readonly #parts: readonly (readonly number[])[];
  readonly #skus: number;
  readonly #grams: number;
  readonly #oneKind: boolean;
  readonly #kept: Float64Array | undefined;
  constructor(p: AssignProblem) {
    this.#p = p;
    const index = new Map<string, number>();
    this.#parts = p.lines.map((l) => l.parts.flatMap((x) => {
      const s = index.get(x.skuCode) ?? index.size;
      index.set(x.skuCode, s);
      return [s, x.quantity];
    }));
    this.#skus = index.size;
    this.#free = new Float64Array(p.houses.length * this.#skus);
    for (const [code, s] of index) for (let h = 0; h < p.houses.length; h += 1) this.#free[h * this.#skus + s] = p.free(p.houses[h]!.code, code);
    this.#grams = p.lines.reduce((n, l) => n + l.grams, 0);
    this.#oneKind = p.lines.every((l) => l.kind === p.lines[0]!.kind);
    this.#kept = p.mayDivide && p.lines.length <= MOST_KEPT ? new Float64Array(p.houses.length << p.lines.length).fill(-1) : undefined;
  }
  holds(h: number, i: number): boolean {
    const parts = this.#parts[i]!;
    for (let u = 0; u < parts.length; u += 2) if (this.#free[h * this.#skus + parts[u]!]! < parts[u + 1]!) return false;
    return true;
  }
  /** Takes a line's pieces, if they are there. Parts of one SKU that come twice in a line are looked at one by one, as before. */
  take(h: number, i: number): boolean {
    if (!this.holds(h, i)) return false;
    this.#add(h, i, -1);
    return true;
  }
  give(h: number, i: number): void { this.#add(h, i, 1); }
  #add(h: number, i: number, sign: number): void {
    const parts = this.#parts[i]!;
    for (let u = 0; u < parts.length; u += 2) this.#free[h * this.#skus + parts[u]!] = this.#free[h * this.#skus + parts[u]!]! + sign * parts[u + 1]!;
  }
  holdsAll(h: number): boolean {
    let n = 0;
    while (n < this.#parts.length && this.take(h, n)) n += 1;
    const all = n === this.#parts.length;
    while (n > 0) this.give(h, n -= 1);
    return all;
  }
  whole(h: number): number { return this.#kept ? this.cost(h, (1 << this.#p.lines.length) - 1) : costOf(this.#p, this.#p.houses[h]!, this.#p.lines); }
  /** What the lines of a set (bit i: line i) cost from there; infinite where no courier takes them. */
  cost(h: number, set: number): number {
    const at = (h << this.#p.lines.length) + set;
    const known = this.#kept![at]!;
    if (known >= 0) return known;
    const made = this.#oneKind && this.#grams <= this.#p.mostGrams ? this.#oneBox(h, set) : costOf(this.#p, this.#p.houses[h]!, this.#p.lines.filter((_, i) => ((set >> i) & 1) === 1));
    this.#kept![at] = made;
    return made;
  }
  #oneBox(h: number, set: number): number {
    const { lines, houses, handlingFen } = this.#p;
    let grams = 0;
    for (let i = 0; i < lines.length; i += 1) if ((set >> i) & 1) grams += lines[i]!.grams;
    const offer = this.#p.offer(houses[h]!.code, grams, lines[0]!.kind);
    return offer ? offer.freightFen + offer.extraFen + houses[h]!.extraFen + handlingFen : Infinity;
  }
  get keeps(): boolean { return this.#kept !== undefined; }
}
const costOf = (p: AssignProblem, house: House, lines: readonly PlanLine[]): number => price(p, house, lines)?.costFen ?? Infinity;

function search(p: AssignProblem, grid: Grid, best: Best): void {
  const [count, houses] = [p.lines.length, p.houses.length];
  const floor = p.houses.map((h) => p.least(h.code) + h.extraFen + p.handlingFen);
  const places = p.lines.map((_, i) => { let n = 0; for (let h = 0; h < houses; h += 1) if (grid.holds(h, i)) n += 1; return n; });
  if (places.includes(0)) return;
  const order = p.lines.map((_, i) => i).sort((a, b) => places[a]! - places[b]! || p.lines[b]!.grams - p.lines[a]!.grams);
  const where = new Int32Array(count);
  const sets = new Int32Array(houses);
  let nodes = 0;
  const leaf = (): void => {
    let cost = 0;
    if (grid.keeps) { for (let h = 0; h < houses; h += 1) if (sets[h] !== 0) cost += grid.cost(h, sets[h]!); } else cost = costAll(p, where);
    if (cost < best.bar) best.offer(where, cost);
  };
  const down = (depth: number, bound: number): void => {
    nodes += 1;
    if (bound >= best.bar || nodes > EXACT_NODES) return;
    if (depth === count) { leaf(); return; }
    const i = order[depth]!;
    for (let h = 0; h < houses; h += 1) {
      if (!grid.take(h, i)) continue;
      where[i] = h;
      const was = used[h]!;
      used[h] = was + 1;
      sets[h] = sets[h]! | (1 << i);
      down(depth + 1, was === 0 ? bound + floor[h]! : bound);
      sets[h] = sets[h]! & ~(1 << i);
      used[h] = was;
      grid.give(h, i);
    }
  };
  const used = new Int32Array(houses);
  down(0, 0);
  if (nodes > EXACT_NODES) improve(p, grid, best);
}

const shareOf = (p: AssignProblem, where: ArrayLike<number>, h: number): PlanLine[] => p.lines.filter((_, i) => where[i] === h);
const costAll = (p: AssignProblem, where: ArrayLike<number>): number => p.houses.reduce((n, house, h) => { const lines = shareOf(p, where, h); return lines.length === 0 ? n : n + costOf(p, house, lines); }, 0);
const draftsOf = (p: AssignProblem, where: ArrayLike<number>): Draft[] => p.houses.flatMap((house, h) => { const lines = shareOf(p, where, h); return lines.length === 0 ? [] : price(p, house, lines)!.drafts.map((d) => ({ ...d, lines: together(d.lines) })); });

/** Too many lines to look at everything: from a first fit, the move of one line that saves most, until none saves. */
function improve(p: AssignProblem, grid: Grid, best: Best): void {
  const where = p.lines.map(() => -1);
  const all = p.houses.map((_, h) => h);
  const taken: number[] = [];
  const done = (): void => { for (const i of taken) grid.give(where[i]!, i); };
  for (let i = 0; i < where.length; i += 1) {
    const at = all.find((h) => where.includes(h) && grid.take(h, i)) ?? all.find((h) => grid.take(h, i));
    if (at === undefined) { done(); return; }
    where[i] = at;
    taken.push(i);
  }
  for (let cost = costAll(p, where); ;) {
    let move: { i: number; to: number; cost: number } | undefined;
    for (let i = 0; i < where.length; i += 1) for (const h of all) {
      const from = where[i]!;
      if (h === from || !grid.take(h, i)) continue;
      where[i] = h;
      const now = costAll(p, where);
      if (now < (move?.cost ?? cost)) move = { i, to: h, cost: now };
      where[i] = from;
      grid.give(h, i);
    }
    const reached = costAll(p, where);
    if (reached < Infinity) best.offer(where, reached);
    if (!move) { done(); return; }
    grid.give(where[move.i]!, move.i);
    grid.take(move.to, move.i);
    where[move.i] = move.to;
    ({ cost } = move);
  }
}
