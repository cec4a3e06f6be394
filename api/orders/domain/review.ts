/** What a review rule sees of an order, and what its hits mean. Pure. */
export type ReviewFacts = {
  readonly shopName: string; readonly status: string; readonly province: string; readonly city: string; readonly district: string; readonly shownAddress: string; readonly receiverName: string;
  readonly buyerMessage: string; readonly sellerMemo: string; readonly sellerFlag: number; readonly paidFen: number; readonly freightFen: number; readonly presale: boolean; readonly flaws: readonly string[]; readonly tags: readonly string[];
  readonly lines: readonly { readonly skuCode: string | null; readonly quantity: number; readonly refundState: string; readonly costFen: number; readonly weightGrams: number }[];
};
type Input = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Enough of an address to find a door: province, district, and a street that is not just a word. Masks count as text. */
export const isAddressComplete = (a: Pick<ReviewFacts, 'province' | 'district' | 'shownAddress'>): boolean => a.province !== '' && a.district !== '' && [...a.shownAddress].length >= 4;

export function reviewInput(f: ReviewFacts): Input {
  const open = f.lines.filter((l) => l.refundState !== 'refunded');
  const sum = (value: (l: ReviewFacts['lines'][number]) => number): number => open.reduce((n, l) => n + value(l) * l.quantity, 0);
  return {
    shop: f.shopName, status: f.status, province: f.province, addressComplete: isAddressComplete(f), receiverName: f.receiverName, buyerMessage: f.buyerMessage, sellerMemo: f.sellerMemo, flag: f.sellerFlag,
    paid: f.paidFen, margin: f.paidFen - f.freightFen - sum((l) => l.costFen), quantity: open.reduce((n, l) => n + l.quantity, 0), weight: sum((l) => l.weightGrams), unmatched: open.filter((l) => l.skuCode === null).length,
    refundInFlight: f.lines.some((l) => l.refundState === 'requested' || l.refundState === 'returning'), balanceUnpaid: f.presale && f.status === 'paid_not_shippable', flaws: f.flaws, tags: f.tags,
  };
}

type HitLike = { readonly row: string; readonly place: number; readonly outcome: Readonly<Record<string, string>>; readonly looked: Readonly<Record<string, unknown>> };
/** Hits that hold; a row without a hold reason lets pass and ends the list. A reason that a person released stays released. */
export function holdsOf(hits: readonly HitLike[], released: readonly string[]): HitLike[] {
  const holds: HitLike[] = [];
  for (const hit of hits) {
    const code = hit.outcome['hold'] ?? '';
    if (code === '') break;
    if (!released.includes(code) && !holds.some((h) => h.outcome['hold'] === code)) holds.push(hit);
  }
  return holds;
}
/** What must not ship by itself even when no rule says so: not payable states. */
export const waitsForPlatform = (status: string): boolean => status === 'paid_not_shippable' || status === 'unpaid';
