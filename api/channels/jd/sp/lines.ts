/** Lines of an SP-API order, and who bears what was taken off. */
import { fenFromInteger, minusFen, sumFen, timesFen, type Fen } from '../../../contract/values/money.ts';
import type { Bearer, IncomingLine } from '../../channel.ts';
import { take, uuidOf } from '../lines.ts';
import type { SpOrder } from './wire.ts';

type Money = (name: string, value: string) => Fen;
type Off = { readonly bearer: Bearer; readonly name: string; readonly amountFen: Fen };

/** As on the old gateway, so that an order's lines keep their ids when its shop changes over. */
export function lineId(o: Pick<SpOrder, 'skuItemInfoList'>, index: number): string {
  const item = o.skuItemInfoList[index]!;
  return item.skuUuid || uuidOf(item) || `${item.skuId}-${index + 1}`;
}

export const offOf = (o: SpOrder, money: Money): readonly [seller: Off, others: Off] => [
  { bearer: 'seller', name: 'totalSellerDiscountAmount', amountFen: money('totalSellerDiscountAmount', o.sellerTradePriceInfo.totalSellerDiscountAmount) },
  { bearer: 'platform', name: 'payDiscountAmount', amountFen: money('payDiscountAmount', o.paymentInfo.payDiscountAmount) },
];
/** Which line a discount is of stands in the detail only; an order of one line needs none to know. */
export const needsDetail = (o: SpOrder): boolean => o.skuItemInfoList.length > 1 && o.paymentDetailList.length === 0 && [o.sellerTradePriceInfo.totalSellerDiscountAmount, o.paymentInfo.payDiscountAmount].some((v) => Number(v) !== 0);

export function spLines(o: SpOrder, shipped: boolean, money: Money): { readonly lines: IncomingLine[]; readonly listedFen: Fen; readonly goodsFen: Fen } {
  const prices = o.skuItemInfoList.map((l) => money('jdPrice', l.jdPrice));
  const left = o.skuItemInfoList.map((l, i) => timesFen(prices[i]!, l.num));
  const listedFen = sumFen(left);
  const both = offOf(o, money);
  const said = saidShares(o, both, money);
  const shares = both.map((off, n) => {
    const parts = said?.[n] ?? take([...left], [], off.amountFen);
    parts.forEach((p, i) => { left[i] = minusFen(left[i]!, p); });
    return { ...off, parts };
  });
  const gone = goneOf(o);
  const lines = o.skuItemInfoList.map((l, i): IncomingLine => ({
    platformLineId: lineId(o, i), platformItemId: l.productId || l.skuId, platformSkuId: l.skuId, merchantCode: l.outerSkuId || l.productNo, title: l.skuName, properties: l.skuSpec, quantity: l.num, unitPriceFen: prices[i]!, paidFen: left[i]!,
    discounts: shares.map((s) => ({ bearer: s.bearer, name: s.name, amountFen: s.parts[i]! })).filter((d) => d.amountFen !== 0), refundState: 'none', platformRefundId: '', shipped: shipped || (gone.get(lineId(o, i)) ?? 0) >= l.num,
  }));
  return { lines, listedFen, goodsFen: sumFen(left) };
}

/** Pieces of each line that have left in parts of the order. */
function goneOf(o: SpOrder): Map<string, number> {
  const gone = new Map<string, number>();
  for (const s of o.transportInfo.partialShipmentList) for (const g of s.skuList) gone.set(g.skuUuid, (gone.get(g.skuUuid) ?? 0) + g.num);
  return gone;
}

/**
 * What the detail says of each line. Which number means which bearer is not published (unknown), so the amounts must prove it:
 * the numbers whose amounts add up to the seller's figure are the seller's, if the rest adds up to the other one and there is
 * no second way. Otherwise nothing is taken from there, and both figures are shared out over the lines.
 */
function saidShares(o: SpOrder, [seller, others]: readonly [Off, Off], money: Money): readonly [readonly Fen[], readonly Fen[]] | undefined {
  const byBearer = new Map<string, Fen[]>();
  for (const row of o.paymentDetailList) {
    const at = o.skuItemInfoList.findIndex((l, i) => (row.skuUuid === '' ? l.skuId === row.skuId : lineId(o, i) === row.skuUuid));
    if (at < 0) return undefined;
    for (const a of row.amountExpandList) {
      for (const c of a.orderCostAmountList.length > 0 ? a.orderCostAmountList : [{ bearer: '', bearAmount: a.amount }]) {
        const parts = byBearer.get(c.bearer) ?? o.skuItemInfoList.map(() => fenFromInteger(0));
        parts[at] = sumFen([parts[at]!, money('bearAmount', c.bearAmount)]);
        byBearer.set(c.bearer, parts);
      }
    }
  }
  const bearers = [...byBearer].filter(([, parts]) => parts.some((p) => p !== 0)).map(([, parts]) => parts);
  if (bearers.length > 6) return undefined;
  const sumOf = (of: readonly (readonly Fen[])[]): readonly Fen[] => o.skuItemInfoList.map((_l, i) => sumFen(of.map((p) => p[i]!)));
  const ways = Array.from({ length: 2 ** bearers.length }, (_x, mask) => [bearers.filter((_b, i) => (mask >> i) % 2 === 1), bearers.filter((_b, i) => (mask >> i) % 2 === 0)].map(sumOf) as [readonly Fen[], readonly Fen[]])
    .filter(([mine, rest]) => sumFen(mine) === seller.amountFen && sumFen(rest) === others.amountFen);
  return ways.length === 1 ? ways[0] : undefined;
}
