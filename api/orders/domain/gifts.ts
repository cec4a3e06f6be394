/**
 * Which gifts go with which order: what rules wish for it, less what a rule has given already. Pure.
 * Of the rows of one tier only the first that fits counts. A rule may give to the first N orders only, so many pieces in all, and so
 * many to one buyer. An order that is looked at again keeps its place in the queue: what it had is not counted against it.
 */
export type GiftMissed = { readonly skuCode: string; readonly rule: string; readonly reason: 'first' | 'most' | 'buyer' | 'unknown_sku'; readonly limit: number };
export type Gift = { readonly skuCode: string; readonly quantity: number; /** Table and row. */ readonly rule?: string; /** The order goes without it rather than wait for it. */ readonly mayLack?: boolean };
export type GiftWish = Gift & { readonly first?: number; readonly most?: number; readonly perBuyer?: number };
type Hit = { readonly row: string; readonly outcome: Readonly<Record<string, string>> };

const limit = <K extends string>(key: K, text: string | undefined): Partial<Record<K, number>> => (text ? ({ [key]: Number(text) } as Partial<Record<K, number>>) : {});
export function wishesOf(hits: readonly Hit[]): GiftWish[] {
  const tiers = new Set<string>();
  return hits.flatMap(({ row, outcome: o }): GiftWish[] => {
    if (!o['gift'] || (o['tier'] && tiers.has(o['tier']))) return [];
    if (o['tier']) tiers.add(o['tier']);
    return [{ skuCode: o['gift'], quantity: Number(o['pieces'] || 1), rule: `gift:${row}`, ...(o['ifShort'] === 'leave_out' ? { mayLack: true } : {}), ...limit('first', o['firstOrders']), ...limit('most', o['most']), ...limit('perBuyer', o['perBuyer']) }];
  });
}

/** A gift is a line of a parcel like any other; its id says by which rule it is there. */
export const giftLineId = (g: Gift): string => `gift/${g.rule ?? ''}/${g.skuCode}`;
export const isGiftLine = (lineId: string): boolean => lineId.startsWith('gift/');
export const sameGifts = (a: readonly Gift[], b: readonly Gift[]): boolean => a.length === b.length && a.every((g) => b.some((x) => giftLineId(x) === giftLineId(g) && x.quantity === g.quantity));

export type Asking = { readonly orderId: string; readonly buyer: string; readonly wishes: readonly GiftWish[] };
export type Grant = { readonly rule: string; readonly orderId: string; readonly buyer: string; readonly skuCode: string; readonly quantity: number };
export type Given = { readonly gifts: Gift[]; readonly missed: GiftMissed[] };
type Counts = { orders: number; pieces: number };
/** What rules have given so far; changed as orders are served, in the order in which they are given. */
export type GiftBook = { readonly rules: Map<string, Counts>; /** `rule|buyer` → pieces. */ readonly buyers: Map<string, number>; readonly grants: ReadonlyMap<string, readonly Grant[]>; readonly known: (skuCode: string) => boolean };

export function allot(book: GiftBook, asking: readonly Asking[]): Map<string, Given> {
  return new Map(asking.map((a) => {
    const had = book.grants.get(a.orderId) ?? [];
    for (const g of had) count(book, g, -1);
    const gifts: Gift[] = [];
    const missed: GiftMissed[] = [];
    for (const w of a.wishes) {
      const rule = w.rule ?? '';
      const left = room(book, w, rule, a.buyer);
      if (left.pieces <= 0) { missed.push({ skuCode: w.skuCode, rule, reason: left.reason, limit: left.limit }); continue; }
      const gift: Gift = { skuCode: w.skuCode, quantity: Math.min(w.quantity, left.pieces), rule, ...(w.mayLack ? { mayLack: true } : {}) };
      gifts.push(gift);
      count(book, { rule, orderId: a.orderId, buyer: a.buyer, skuCode: w.skuCode, quantity: gift.quantity }, 1);
    }
    return [a.orderId, { gifts, missed }];
  }));
}

function room(book: GiftBook, w: GiftWish, rule: string, buyer: string): { pieces: number; reason: GiftMissed['reason']; limit: number } {
  if (!book.known(w.skuCode)) return { pieces: 0, reason: 'unknown_sku', limit: 0 };
  const c = book.rules.get(rule) ?? { orders: 0, pieces: 0 };
  if (w.first !== undefined && c.orders >= w.first) return { pieces: 0, reason: 'first', limit: w.first };
  const most = w.most === undefined ? Infinity : w.most - c.pieces;
  const own = w.perBuyer === undefined ? Infinity : w.perBuyer - (book.buyers.get(`${rule}|${buyer}`) ?? 0);
  return most < own ? { pieces: most, reason: 'most', limit: w.most ?? 0 } : { pieces: own, reason: 'buyer', limit: w.perBuyer ?? 0 };
}

function count(book: GiftBook, g: Grant, sign: 1 | -1): void {
  const c = book.rules.get(g.rule) ?? { orders: 0, pieces: 0 };
  book.rules.set(g.rule, { orders: c.orders + sign, pieces: c.pieces + sign * g.quantity });
  const at = `${g.rule}|${g.buyer}`;
  book.buyers.set(at, (book.buyers.get(at) ?? 0) + sign * g.quantity);
}
