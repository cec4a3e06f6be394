/** One order is one demand: the same SKU on two lines, or in two kits, is asked for once, as a sum. Pure. */
export type Part = { readonly skuCode: string; readonly quantity: number };
export type KitOf = (skuCode: string) => readonly Part[];

/** Pieces that are really stocked, kits opened (also nested), summed per SKU, in the order of the SKU code. */
export function demandOf(lines: readonly Part[], kitOf: KitOf, depth = 0): Part[] {
  const total = new Map<string, number>();
  for (const line of lines) {
    const parts = depth < 5 ? kitOf(line.skuCode) : [];
    const opened = parts.length === 0 ? [line] : demandOf(parts.map((p) => ({ skuCode: p.skuCode, quantity: p.quantity * line.quantity })), kitOf, depth + 1);
    for (const p of opened) total.set(p.skuCode, (total.get(p.skuCode) ?? 0) + p.quantity);
  }
  return [...total].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([skuCode, quantity]) => ({ skuCode, quantity }));
}

/** How many of a kit can be made: the least over its parts. */
export const kitAvailability = (parts: readonly Part[], availableOf: (skuCode: string) => number): number =>
  parts.length === 0 ? 0 : Math.max(0, Math.min(...parts.map((p) => Math.floor(availableOf(p.skuCode) / p.quantity))));
