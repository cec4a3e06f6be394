/**
 * The ledger played again from an instant, in the order in which its movements count: what each one costs, what stands after
 * each, and the first that could not have happened. Pure; used for what is entered late, and by the audit.
 *
 * Order: `at`, then `seq`. A counter-entry and a correction of a count carry `<seq>~…`, so they stand right behind their own.
 * A count is an anchor: what was counted stands after it; its difference is what gives way.
 */
import { fenFromInteger, shareOut } from '../../contract/values/money.ts';
import { methodAt, putInto, takeFrom, unitCost, type Methods, type Worth } from './cost.ts';
import { isStocked } from './places.ts';

export type Entry = {
  readonly id: string; readonly seq: string; readonly at: Date; readonly kind: string; readonly skuCode: string; readonly from: string; readonly to: string; readonly quantity: number;
  /** What it costs as the books have it now, corrections included; what enters from outside keeps it. */
  readonly costFen: number;
  /** Pieces counted: this is an anchor. */
  readonly counted: number | null;
  /** The count that this one corrects. */
  readonly anchor: string;
  readonly undoes: string; readonly undone: boolean; readonly reference: string;
  /** Share in what a taken-apart kit was worth; and the unit cost of a count that finds pieces where none were. */
  readonly weight: number; readonly hintFen: number;
};
export type Violation = { readonly entry: Entry; readonly place: string; readonly wanted: number; readonly there: number };
/** What a count has to be changed by, so that what was counted still stands after it. */
export type CountChange = { readonly anchor: Entry; readonly place: string; readonly quantity: number; readonly valueFen: number };
export type Replayed = { readonly costs: ReadonlyMap<string, number>; readonly counts: readonly CountChange[]; readonly violation?: Violation };
export type ReplayInput = { readonly entries: readonly Entry[]; readonly worths: Map<string, Worth>; readonly methods: Methods; /** All movements of assemblies that touch the entries, by reference. */ readonly assemblies: ReadonlyMap<string, readonly Entry[]> };

export const nodeOf = (place: string, skuCode: string): string => `${place}:${skuCode}`;
export const inOrder = (a: Pick<Entry, 'at' | 'seq'>, b: Pick<Entry, 'at' | 'seq'>): number => a.at.getTime() - b.at.getTime() || (a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0);
/** Its own effect on a place: pieces and value. */
export const effectOn = (e: Pick<Entry, 'from' | 'to' | 'quantity' | 'costFen'>, place: string): { quantity: number; valueFen: number } => {
  const sign = (e.to === place ? 1 : 0) - (e.from === place ? 1 : 0);
  return { quantity: sign * e.quantity, valueFen: sign * e.costFen };
};

const isAssembly = (kind: string): boolean => kind === 'assemble' || kind === 'disassemble';

export function replay({ entries, worths, methods, assemblies }: ReplayInput): Replayed {
  const costs = new Map<string, number>();
  const counts: CountChange[] = [];
  const worth = (place: string, sku: string): Worth => {
    const key = nodeOf(place, sku);
    let w = worths.get(key);
    if (!w) worths.set(key, (w = { onHand: 0, valueFen: 0, layers: null }));
    return w;
  };
  for (let i = 0; i < entries.length; i += 1) {
    const e = entries[i]!;
    if (e.undone || e.undoes !== '' || e.anchor !== '') continue;
    const method = methodAt(methods, e.at);
    if (e.counted !== null) {
      const own = entries.filter((x, n) => n >= i && n < i + 400 && x.anchor === e.id && x.undoes === '' && !x.undone);
      counts.push(...countAt(e, own, worth(isStocked(e.to) ? e.to : e.from, e.skuCode), method));
      continue;
    }
    if (e.from === e.to) continue;
    let cost = e.costFen;
    if (isStocked(e.from)) {
      const w = worth(e.from, e.skuCode);
      if (w.onHand < e.quantity) return { costs, counts, violation: { entry: e, place: e.from, wanted: e.quantity, there: w.onHand } };
      cost = takeFrom(w, e.quantity, method);
    } else if (isAssembly(e.kind)) cost = assembledCost(e, assemblies.get(e.reference) ?? [e], costs);
    if (isStocked(e.to)) putInto(worth(e.to, e.skuCode), e.quantity, cost, method);
    costs.set(e.id, cost);
  }
  return { costs, counts };
}

/** What was counted stands after it. Found pieces are worth what the others are; what is missing leaves at its cost. */
function countAt(anchor: Entry, corrections: readonly Entry[], w: Worth, method: 'average' | 'fifo'): CountChange[] {
  const place = isStocked(anchor.to) ? anchor.to : anchor.from;
  const booked = [anchor, ...corrections].map((e) => effectOn(e, place));
  const change = (anchor.counted ?? 0) - w.onHand;
  const before = w.valueFen;
  if (change < 0) takeFrom(w, -change, method);
  else if (change > 0) putInto(w, change, change * (w.onHand > 0 ? unitCost(w) : anchor.hintFen), method);
  const quantity = change - booked.reduce((n, b) => n + b.quantity, 0);
  const valueFen = w.valueFen - before - booked.reduce((n, b) => n + b.valueFen, 0);
  return quantity === 0 && valueFen === 0 ? [] : [{ anchor, place, quantity, valueFen }];
}

/** What comes out of an assembly is worth what went in; several parts share it by their weights. */
export function assembledCost(e: Entry, document: readonly Entry[], costs: ReadonlyMap<string, number>): number {
  const live = document.filter((x) => x.undoes === '' && !x.undone);
  const worthIn = live.filter((x) => isStocked(x.from)).reduce((n, x) => n + (costs.get(x.id) ?? x.costFen), 0);
  const made = live.filter((x) => isStocked(x.to));
  const shares = shareOut(fenFromInteger(worthIn), made.map((x) => Math.max(1, x.weight)));
  return shares[made.findIndex((x) => x.id === e.id)] ?? 0;
}
