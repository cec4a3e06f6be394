/** What a rule sees of an order, and what the rows that fit mean for it. Pure. */
import type { GiftWish } from './gifts.ts';

export type LineFacts = { readonly skuCode: string | null; readonly quantity: number; readonly refundState: string; readonly costFen: number; readonly weightGrams: number; readonly category: string; readonly flags: readonly string[] };
export type ReviewFacts = {
  readonly shopName: string; readonly channel: string; readonly status: string; readonly province: string; readonly city: string; readonly district: string; readonly shownAddress: string; readonly receiverName: string;
  readonly checks: { readonly phone: boolean; readonly house: boolean; readonly test: boolean } | undefined; readonly buyerMessage: string; readonly sellerMemo: string; readonly sellerFlag: number;
  readonly paidFen: number; readonly freightFen: number; readonly discountFen: number; readonly cod: boolean; readonly invoiceWanted: boolean; readonly presale: boolean; readonly flaws: readonly string[]; readonly tags: readonly string[]; readonly orderTags: readonly string[];
  readonly buyer: { readonly orders: number; readonly refunds: number }; readonly stock: 'enough' | 'short' | 'none' | undefined; readonly paidAt: Date | null; readonly shipByAt: Date | null; readonly now: Date; readonly dayOf: (at: Date) => number; readonly lines: readonly LineFacts[];
};
export type Input = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
const HOUR = 3_600_000;
const BLACK = ['黑名单', 'blacklisted'];

/** Enough of an address to find a door: province, district, and a street that is not just a word. Masks count as text. */
export const isAddressComplete = (a: Pick<ReviewFacts, 'province' | 'district' | 'shownAddress'>): boolean => a.province !== '' && a.district !== '' && [...a.shownAddress].length >= 4;
const per10k = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.round((part * 10_000) / whole));

/** Every field of the vocabulary, from one order. Refunded lines are gone: they neither weigh nor cost. */
export function reviewInput(f: ReviewFacts): Input {
  const open = f.lines.filter((l) => l.refundState !== 'refunded');
  const sum = (value: (l: LineFacts) => number): number => open.reduce((n, l) => n + value(l) * l.quantity, 0);
  const unique = (list: readonly string[]): string[] => [...new Set(list.filter((t) => t !== ''))];
  return {
    shop: f.shopName, channel: f.channel, status: f.status, tags: f.tags, orderTags: f.orderTags, buyerOrders: f.buyer.orders, buyerRefunds: f.buyer.refunds, refundShare: per10k(f.buyer.refunds, f.buyer.orders), blacklisted: f.tags.some((t) => BLACK.includes(t)),
    receiverName: f.receiverName, phoneValid: f.checks?.phone ?? true, province: f.province, city: f.city, district: f.district, address: f.shownAddress, addressComplete: isAddressComplete(f), houseNumber: f.checks?.house ?? true, testOrder: f.checks?.test ?? false,
    buyerMessage: f.buyerMessage, sellerMemo: f.sellerMemo, flag: String(f.sellerFlag), paid: f.paidFen, freight: f.freightFen, discountShare: per10k(f.discountFen, f.paidFen + f.discountFen), margin: f.paidFen - f.freightFen - sum((l) => l.costFen),
    lineCount: open.length, quantity: open.reduce((n, l) => n + l.quantity, 0), weight: sum((l) => l.weightGrams), skus: unique(open.map((l) => l.skuCode ?? '')), categories: unique(open.map((l) => l.category)), flags: unique(open.flatMap((l) => l.flags)),
    unmatched: open.filter((l) => l.skuCode === null).length, stock: f.stock, paidDay: f.paidAt ? f.dayOf(f.paidAt) : undefined, paidHours: f.paidAt ? (f.now.getTime() - f.paidAt.getTime()) / HOUR : undefined,
    shipInHours: f.shipByAt ? (f.shipByAt.getTime() - f.now.getTime()) / HOUR : undefined, presale: f.presale, presaleShipDay: f.presale && f.shipByAt ? f.dayOf(f.shipByAt) : undefined, balanceUnpaid: f.presale && f.status === 'paid_not_shippable',
    refundInFlight: f.lines.some((l) => l.refundState === 'requested' || l.refundState === 'returning'), cod: f.cod, invoice: f.invoiceWanted || /发票|开票|invoice/i.test(`${f.buyerMessage} ${f.sellerMemo}`), flaws: f.flaws,
  };
}

export type HitLike = { readonly row: string; readonly place: number; readonly outcome: Readonly<Record<string, string>>; readonly looked: Readonly<Record<string, unknown>> };
/** A mark of what a row looked at: a release by hand stands as long as that is the same. */
export function lookedMark(looked: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(Object.entries(looked).sort(([a], [b]) => (a < b ? -1 : 1)));
  let [h, g] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    h = Math.imul(h ^ text.charCodeAt(i), 2_654_435_761);
    g = Math.imul(g ^ text.charCodeAt(i), 1_597_334_677);
  }
  return ((h >>> 0).toString(36) + (g >>> 0).toString(36)).slice(0, 12);
}
export const releaseMark = (code: string, looked: Readonly<Record<string, unknown>>): string => `${code}:${lookedMark(looked)}`;
const isReleased = (released: readonly string[], code: string, looked: Readonly<Record<string, unknown>>): boolean => released.length > 0 && (released.includes(code) || released.includes(releaseMark(code, looked)));

export type Ruled = { readonly courier: string; readonly warehouse: string; readonly flag: string; readonly tags: readonly string[]; readonly gifts: readonly GiftWish[] };
export type Verdict = { readonly holds: readonly HitLike[]; readonly ruled: Ruled; readonly passRow: HitLike | undefined };
/** All rows that fit, in order: reasons to hold, each once; what else they set, the first word counting; a row that says pass ends the list. */
export function verdictOf(hits: readonly HitLike[], released: readonly string[], before: { readonly tags: readonly string[]; readonly gifts: Ruled['gifts'] } = { tags: [], gifts: [] }): Verdict {
  const holds: HitLike[] = [];
  const ruled = { courier: '', warehouse: '', flag: '', tags: [...before.tags], gifts: [...before.gifts] };
  let passRow: HitLike | undefined;
  for (const hit of hits) {
    const { hold = '', setCourier = '', setWarehouse = '', setFlag = '', addTag = '', addGift = '' } = hit.outcome;
    ruled.courier ||= setCourier;
    ruled.warehouse ||= setWarehouse;
    ruled.flag ||= setFlag;
    for (const tag of addTag.split(/[,，、]/)) if (tag.trim() && !ruled.tags.includes(tag.trim())) ruled.tags.push(tag.trim());
    ruled.gifts.push(...giftsOf(addGift).map((g) => ({ ...g, rule: `order-review:${hit.row}` })));
    if (hold === 'pass') { passRow = hit; break; }
    if (hold !== '' && !isReleased(released, hold, hit.looked) && !holds.some((h) => h.outcome['hold'] === hold)) holds.push(hit);
  }
  return { holds, ruled, passRow };
}
export const holdsOf = (hits: readonly HitLike[], released: readonly string[]): readonly HitLike[] => verdictOf(hits, released).holds;
/** `GIFT-1*2,GIFT-2` → pieces by SKU. */
export const giftsOf = (text: string): { skuCode: string; quantity: number }[] => text.split(/[,，、]/).map((t) => /^\s*(\S+?)(?:\s*[*×xX]\s*(\d{1,3}))?\s*$/.exec(t)).flatMap((m) => (m?.[1] ? [{ skuCode: m[1], quantity: Number(m[2] ?? 1) }] : []));

/** What must not ship by itself even when no rule says so: not payable states. */
export const waitsForPlatform = (status: string): boolean => status === 'paid_not_shippable' || status === 'unpaid';
/** The owner may release anything; a reviewer also what service may. */
export const mayRelease = (by: string, role: string): boolean => by === 'anyone' || by === '' || role === 'owner' || role === by || (role === 'reviewer' && by === 'service');
