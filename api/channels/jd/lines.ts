/** JD gives discounts for the order, and only some for a SKU: what each line's buyer paid is shared out here. */
import { fenFromInteger, minusFen, shareOut, sumFen, timesFen, type Fen } from '../../contract/values/money.ts';
import type { Bearer, IncomingLine } from '../channel.ts';
import type { WireItem, WireOrder } from './wire.ts';

/** Of these JD or the buyer's own means pay (red packets, JD beans, JD coupons, gift cards); all others are the seller's (two clients). */
const BORNE_BY_JD = new Set(['34', '39', '41', '52']);
type Money = (name: string, value: string) => Fen;
type Share = { readonly bearer: Bearer; readonly name: string; readonly parts: readonly Fen[] };

/** `itemExt` is JSON inside a text. Two lines may have one SKU, so `skuUuid` is what tells them apart. */
export function uuidOf(item: Pick<WireItem, 'itemExt'>): string {
  try {
    const ext = JSON.parse(item.itemExt || '{}') as { skuUuid?: unknown };
    return typeof ext.skuUuid === 'string' || typeof ext.skuUuid === 'number' ? String(ext.skuUuid) : '';
  } catch {
    return '';
  }
}

export function linesOf(o: WireOrder, shipped: boolean, money: Money): { readonly lines: IncomingLine[]; readonly goodsFen: Fen; readonly othersFen: Fen } {
  const listed = o.itemInfoList.map((l) => timesFen(money('jdPrice', l.jdPrice), l.itemTotal));
  const coupons = o.couponDetailList.map((c) => ({ type: c.couponType.split('-')[0] ?? '', name: c.couponType, skuId: c.skuId, amountFen: money('couponPrice', c.couponPrice) }));
  const others = coupons.filter((c) => BORNE_BY_JD.has(c.type));
  const own = coupons.filter((c) => !BORNE_BY_JD.has(c.type));
  const sellerOff = money('sellerDiscount', o.sellerDiscount);
  // The order's own figure counts; the coupons only say of which line it is, when they add up to it.
  const ownWhole = sumFen(own.map((c) => c.amountFen)) === sellerOff ? own : sellerOff === 0 ? [] : [{ type: '', name: 'sellerDiscount', skuId: '', amountFen: sellerOff }];
  const shares: Share[] = [];
  const left = [...listed];
  for (const [bearer, list] of [['seller', ownWhole], ['platform', others]] as const) {
    for (const c of [...list].sort((a, b) => Number(b.skuId !== '') - Number(a.skuId !== ''))) shares.push({ bearer, name: c.name, parts: take(left, o.itemInfoList.map((l) => c.skuId === '' || l.skuId === c.skuId), c.amountFen) });
  }
  const lines = o.itemInfoList.map((l, i): IncomingLine => ({
    platformLineId: lineId(o, i), platformItemId: l.wareId || l.skuId, platformSkuId: l.skuId, merchantCode: l.outerSkuId || l.productNo, title: l.skuName, properties: '', quantity: l.itemTotal, unitPriceFen: money('jdPrice', l.jdPrice), paidFen: left[i] ?? fenFromInteger(0),
    discounts: shares.map((s) => ({ bearer: s.bearer, name: s.name, amountFen: s.parts[i] ?? fenFromInteger(0) })).filter((d) => d.amountFen !== 0), refundState: 'none', platformRefundId: '', shipped,
  }));
  return { lines, goodsFen: sumFen(left), othersFen: sumFen(others.map((c) => c.amountFen)) };
}

/** Without a uuid the line's place and SKU name it, as the order's lines do not change. */
export const lineId = (o: Pick<WireOrder, 'itemInfoList'>, index: number): string => uuidOf(o.itemInfoList[index]!) || `${o.itemInfoList[index]!.skuId}-${index + 1}`;

/** Takes an amount off the lines that it is meant for, or off all when it names none of them, by what is left of each; answers each line's part. */
export function take(left: Fen[], meant: readonly boolean[], amountFen: Fen): readonly Fen[] {
  if (left.length === 0) return [];
  const parts = shareOut(amountFen, left.map((f, i) => (meant[i] || !meant.includes(true) ? Math.max(0, f) : 0)));
  parts.forEach((p, i) => { left[i] = minusFen(left[i]!, p); });
  return parts;
}
