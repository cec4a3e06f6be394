/** Which orders go into one parcel: same buyer, same door, nothing that forbids it. Pure. */
export type MergeFacts = {
  readonly orderId: string;
  /** Shop group, buyer's identity and address (or the platform's ciphertext id), joined; empty: never merged. */
  readonly key: string;
  readonly paidAt: number; readonly cod: boolean; readonly waits: boolean; readonly apart: boolean;
  /** What the merge rules allow for it. */
  readonly windowMs: number; readonly mostGrams: number;
  readonly courier: string; readonly warehouse: string; readonly grams: number; readonly paidFen: number; readonly pieces: number;
};
/** Beyond these a person would look at the parcel in any company. */
export type MergeLimits = { readonly paidFen: number; readonly pieces: number };
export const MERGE_LIMITS: MergeLimits = { paidFen: 1_000_000, pieces: 60 };

/** Orders in groups, each group in the order of payment; an order that may not be merged stands alone. */
export function mergeGroups<T extends MergeFacts>(orders: readonly T[], limits: MergeLimits = MERGE_LIMITS): T[][] {
  const groups: T[][] = [];
  const open = new Map<string, T[][]>();
  for (const o of [...orders].sort((a, b) => a.paidAt - b.paidAt || (a.orderId < b.orderId ? -1 : 1))) {
    const alone = o.key === '' || o.cod || o.waits || o.apart;
    const group = alone ? undefined : open.get(o.key)?.find((g) => fitsInto(g, o, limits));
    if (group) { group.push(o); continue; }
    const made = [o];
    groups.push(made);
    if (!alone) open.set(o.key, [...(open.get(o.key) ?? []), made]);
  }
  return groups;
}

function fitsInto(group: readonly MergeFacts[], o: MergeFacts, limits: MergeLimits): boolean {
  const sum = (of: (x: MergeFacts) => number): number => group.reduce((n, x) => n + of(x), of(o));
  const least = (of: (x: MergeFacts) => number): number => Math.min(of(o), ...group.map(of));
  return o.paidAt - group[0]!.paidAt <= least((x) => x.windowMs) && sum((x) => x.grams) <= least((x) => x.mostGrams) && sum((x) => x.paidFen) <= limits.paidFen && sum((x) => x.pieces) <= limits.pieces
    && group.every((x) => agree(x.courier, o.courier) && agree(x.warehouse, o.warehouse));
}
const agree = (a: string, b: string): boolean => a === '' || b === '' || a === b;
