/** Lines divided by pieces, and put together again. Pure. A portion keeps its line's name; pieces, grams and parts add up to the line's. */
import type { AssignProblem, PlanLine } from './assign.ts';

/** Up to so many pieces each is placed by itself, so that the best division is found; above, each line fills one warehouse after another. */
const EXACT_PIECES = 8;

/** So many pieces of a line; undefined where it cannot be divided evenly (parts that are not the same for each piece). */
export function portion(line: PlanLine, quantity: number): PlanLine | undefined {
  if (quantity === line.quantity) return line;
  if (line.grams % line.quantity !== 0 || line.parts.some((p) => p.quantity % line.quantity !== 0)) return undefined;
  return { ...line, quantity, grams: (line.grams / line.quantity) * quantity, parts: line.parts.map((p) => ({ ...p, quantity: (p.quantity / line.quantity) * quantity })) };
}
/** A line in portions of the given sizes; undefined as above. */
function inPortions(line: PlanLine, sizes: readonly number[]): PlanLine[] | undefined {
  const made = sizes.flatMap((n) => portion(line, n) ?? []);
  return made.length === sizes.length ? made : undefined;
}
const runs = (total: number, most: number): number[] => Array.from({ length: Math.ceil(total / most) }, (_, i) => Math.min(most, total - i * most));

/** Lines that are heavier than a parcel may be, in portions that are not; a piece that is heavier by itself goes alone. */
export const byWeight = (lines: readonly PlanLine[], mostGrams: number): readonly PlanLine[] => (lines.every((l) => l.grams <= mostGrams) ? lines : lines.flatMap((l) => (l.grams <= mostGrams ? [l] : inPortions(l, runs(l.quantity, Math.max(1, Math.floor((mostGrams * l.quantity) / l.grams)))) ?? [l])));

/**
 * Lines in portions that the warehouses have, and where each portion may come from; undefined where all of them together have too little.
 * Each line takes all of its pieces where one warehouse has them, else as many as there are from the one with most, and so on.
 */
export function byStock(p: Pick<AssignProblem, 'lines' | 'houses' | 'free'>): { readonly lines: readonly PlanLine[]; readonly where: readonly number[] } | undefined {
  const left = new Map<string, number>();
  const free = (h: number, sku: string): number => left.get(`${h}|${sku}`) ?? p.free(p.houses[h]!.code, sku);
  const pieces = (h: number, l: PlanLine): number => Math.min(l.quantity, ...l.parts.map((x) => Math.floor((free(h, x.skuCode) * l.quantity) / x.quantity)));
  const lines: PlanLine[] = [];
  const where: number[] = [];
  const alone = p.lines.reduce((n, l) => n + l.quantity, 0) <= EXACT_PIECES;
  for (const line of p.lines) {
    for (let wanted = line.quantity; wanted > 0;) {
      const rest = portion(line, wanted);
      if (!rest) return undefined;
      const [h, most] = p.houses.map((_, i) => [i, pieces(i, rest)] as const).reduce((a, b) => (b[1] > a[1] ? b : a));
      if (most <= 0) return undefined;
      const made = inPortions(line, alone ? Array.from({ length: most }, () => 1) : [most]);
      if (!made) return undefined;
      for (const x of made) {
        lines.push(x);
        where.push(h);
        for (const part of x.parts) left.set(`${h}|${part.skuCode}`, free(h, part.skuCode) - part.quantity);
      }
      wanted -= most;
    }
  }
  return { lines, where };
}

/** Portions of one line that came to stand in one parcel, as one line again. */
export function together(lines: readonly PlanLine[]): PlanLine[] {
  const made = new Map<string, PlanLine>();
  for (const l of lines) {
    const key = `${l.orderId}|${l.lineId}`;
    const there = made.get(key);
    made.set(key, there ? { ...there, quantity: there.quantity + l.quantity, grams: there.grams + l.grams, parts: there.parts.map((x, i) => ({ ...x, quantity: x.quantity + l.parts[i]!.quantity })) } : l);
  }
  return [...made.values()];
}
