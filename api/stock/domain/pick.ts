/** Which pieces leave first, and where goods are put away. Pure. */
export type Shelf = { readonly bin: string; readonly batch: string; readonly quantity: number; /** Empty: never. */ readonly expiresOn: string; readonly bulk: boolean; readonly path: number };
export type Part = { bin: string; batch: string; quantity: number };

/** First expired, first out; then pick bins before bulk ones, each by its place on the path; what lies nowhere comes last. */
export const pickOrder = (a: Shelf, b: Shelf): number =>
  (a.expiresOn || '9999-12-31').localeCompare(b.expiresOn || '9999-12-31') || Number(a.bulk) - Number(b.bulk) || Number(a.bin === '') - Number(b.bin === '') || a.path - b.path || (a.bin < b.bin ? -1 : a.bin > b.bin ? 1 : a.batch < b.batch ? -1 : 1);

/** As many pieces as are there, at most `quantity`, in the order in which they leave. */
export function pickFirst(shelves: readonly Shelf[], quantity: number): Part[] {
  const parts: Part[] = [];
  let left = quantity;
  for (const s of [...shelves].sort(pickOrder)) {
    if (left <= 0) break;
    const taken = Math.min(left, s.quantity);
    if (taken > 0) parts.push({ bin: s.bin, batch: s.batch, quantity: taken });
    left -= taken;
  }
  return parts;
}

export type Bin = { readonly code: string; readonly kind: 'pick' | 'bulk' | 'inspect'; readonly speed: 'A' | 'B' | 'C'; readonly capacity: number | null; readonly path: number; readonly holds: number; readonly holdsThis: boolean };
/** Where to put pieces: beside the same SKU, else in empty bins of its speed class, else in any empty one; pick bins first. */
export function putAway(bins: readonly Bin[], quantity: number, speed: 'A' | 'B' | 'C'): { bin: string; quantity: number; why: 'same' | 'class' | 'empty' }[] {
  const why = (b: Bin): 'same' | 'class' | 'empty' | undefined => (b.kind === 'inspect' ? undefined : b.holdsThis ? 'same' : b.holds > 0 ? undefined : b.speed === speed ? 'class' : 'empty');
  const rank = { same: 0, class: 1, empty: 2 } as const;
  const fit = bins.flatMap((b) => { const w = why(b); return w ? [{ b, w }] : []; }).sort((x, y) => rank[x.w] - rank[y.w] || Number(x.b.kind === 'bulk') - Number(y.b.kind === 'bulk') || x.b.path - y.b.path || (x.b.code < y.b.code ? -1 : 1));
  const plan: { bin: string; quantity: number; why: 'same' | 'class' | 'empty' }[] = [];
  let left = quantity;
  for (const { b, w } of fit) {
    if (left <= 0) break;
    const room = b.capacity === null ? left : Math.max(0, b.capacity - b.holds);
    const put = Math.min(left, room);
    if (put > 0) plan.push({ bin: b.code, quantity: put, why: w });
    left -= put;
  }
  return plan;
}
