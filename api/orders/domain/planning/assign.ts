/**
 * Which warehouse and courier take an order (or a merge group): the cheapest way to send its lines, as one problem.
 * Cost of a parcel = freight + what the rules add for courier and warehouse + handling; all in fen. Pure.
 * Exact by branch and bound up to `EXACT_NODES` visited nodes; above that, the best found so far is improved line by line.
 */
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
  /** A heavier parcel is broken up; a line is never. */
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

/** Stock that lines have not been given yet, taken and given back while the search goes down and up. */
class Shelf {
  readonly #p: AssignProblem;
  readonly #taken = new Map<string, number>();
  constructor(p: AssignProblem) { this.#p = p; }
  take(warehouse: string, line: PlanLine): boolean {
    if (line.parts.some((x) => this.#p.free(warehouse, x.skuCode) - (this.#taken.get(`${warehouse}|${x.skuCode}`) ?? 0) < x.quantity)) return false;
    this.#add(warehouse, line, 1);
    return true;
  }
  give(warehouse: string, line: PlanLine): void { this.#add(warehouse, line, -1); }
  #add(warehouse: string, line: PlanLine, sign: number): void {
    for (const x of line.parts) this.#taken.set(`${warehouse}|${x.skuCode}`, (this.#taken.get(`${warehouse}|${x.skuCode}`) ?? 0) + sign * x.quantity);
  }
}

/** The cheapest assignments that the stock allows, best first, at most `most`; empty when it allows none. */
export function assign(p: AssignProblem, most = 1): Assignment[] {
  if (p.lines.length === 0) return [];
  const whole = p.houses.flatMap((h) => {
    const shelf = new Shelf(p);
    const priced = p.lines.every((l) => shelf.take(h.code, l)) ? price(p, h, p.lines) : undefined;
    return priced ? [{ where: p.lines.map(() => h.code), ...priced }] : [];
  });
  const best = new Best(most);
  for (const w of whole) best.offer(w.where, w);
  if (p.mayDivide && p.houses.length > 1 && p.lines.length > 1) search(p, best);
  return best.list.map(({ drafts, costFen }) => ({ drafts, costFen }));
}

class Best {
  readonly list: (Priced & { readonly key: string })[] = [];
  readonly #most: number;
  constructor(most: number) { this.#most = most; }
  /** What a new one has to undercut. */
  get bar(): number { return this.list.length < this.#most ? Infinity : this.list.at(-1)!.costFen; }
  offer(where: readonly string[], priced: Priced): boolean {
    const key = where.join();
    if (priced.costFen >= this.bar || this.list.some((b) => b.key === key)) return false;
    this.list.push({ ...priced, key });
    this.list.sort((a, b) => a.costFen - b.costFen);
    this.list.splice(this.#most);
    return true;
  }
}

function search(p: AssignProblem, best: Best): void {
  const floor = new Map(p.houses.map((h) => [h.code, p.least(h.code) + h.extraFen + p.handlingFen]));
  const order = p.lines.map((_, i) => i).sort((a, b) => p.houses.filter((h) => fits(p, h, p.lines[a]!)).length - p.houses.filter((h) => fits(p, h, p.lines[b]!)).length || p.lines[b]!.grams - p.lines[a]!.grams);
  const where: string[] = p.lines.map(() => '');
  const shelf = new Shelf(p);
  let nodes = 0;
  const down = (depth: number, used: ReadonlyMap<string, number>, bound: number): void => {
    nodes += 1;
    if (bound >= best.bar || nodes > EXACT_NODES) return;
    if (depth === order.length) {
      const priced = priceAll(p, where);
      if (priced) best.offer(where, priced);
      return;
    }
    const i = order[depth]!;
    for (const h of p.houses) {
      if (!shelf.take(h.code, p.lines[i]!)) continue;
      where[i] = h.code;
      const opens = used.has(h.code) ? 0 : floor.get(h.code)!;
      down(depth + 1, opens === 0 ? used : new Map([...used, [h.code, 1]]), bound + opens);
      shelf.give(h.code, p.lines[i]!);
    }
  };
  down(0, new Map(), 0);
  if (nodes > EXACT_NODES) improve(p, best);
}
const fits = (p: AssignProblem, h: House, line: PlanLine): boolean => line.parts.every((x) => p.free(h.code, x.skuCode) >= x.quantity);

function priceAll(p: AssignProblem, where: readonly string[]): Priced | undefined {
  const drafts: Draft[] = [];
  let costFen = 0;
  for (const h of p.houses) {
    const lines = p.lines.filter((_, i) => where[i] === h.code);
    if (lines.length === 0) continue;
    const priced = price(p, h, lines);
    if (!priced) return undefined;
    drafts.push(...priced.drafts);
    costFen += priced.costFen;
  }
  return { drafts, costFen };
}

/** Too many lines to look at everything: from a first fit, the move of one line that saves most, until none saves. */
function improve(p: AssignProblem, best: Best): void {
  const where = p.lines.map(() => '');
  const shelf = new Shelf(p);
  for (const [i, line] of p.lines.entries()) {
    const at = p.houses.find((h) => where.includes(h.code) && shelf.take(h.code, line)) ?? p.houses.find((h) => shelf.take(h.code, line));
    if (!at) return;
    where[i] = at.code;
  }
  for (let cost = priceAll(p, where)?.costFen ?? Infinity; ;) {
    let move: { i: number; to: string; cost: number } | undefined;
    for (const [i, line] of p.lines.entries()) for (const h of p.houses) {
      const from = where[i]!;
      if (h.code === from || !shelf.take(h.code, line)) continue;
      where[i] = h.code;
      const now = priceAll(p, where)?.costFen ?? Infinity;
      if (now < (move?.cost ?? cost)) move = { i, to: h.code, cost: now };
      where[i] = from;
      shelf.give(h.code, line);
    }
    const priced = priceAll(p, where);
    if (priced) best.offer(where, priced);
    if (!move) return;
    shelf.give(where[move.i]!, p.lines[move.i]!);
    shelf.take(move.to, p.lines[move.i]!);
    where[move.i] = move.to;
    ({ cost } = move);
  }
}
