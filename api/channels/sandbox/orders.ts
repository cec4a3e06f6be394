/** One order of a made-up buyer: what is in it, what it costs, and what is wrong with it when it is planted. */
import { SKUS, type CompanySku } from './company.ts';
import { makePerson } from './people.ts';
import type { Random } from './random.ts';
import type { PlaceInput, WorldLine, WorldOrder } from './world.ts';

export const COMMISSION_PER_10K = 500;
/** Planted flaws and the hold that each must lead to. */
export const PLANTED = ['refund_in_flight', 'buyer_asks_change', 'seller_memo_stop', 'address_incomplete', 'hold_remote', 'sku_unmapped', 'quantity_unusual', 'amount_unusual', 'price_floor', 'presale_unpaid_balance', 'totals_differ', 'unknown_status'] as const;
const MESSAGES = ['', '', '', '', '', '请尽快发货', '送人的，包装好一点', '麻烦放驿站', '谢谢老板'];
const MEMOS = ['', '', '', '', '', '', '送小样', '老客户，多放一包试喝'];
const bySku = new Map(SKUS.map((s, i) => [s.code, { sku: s, itemId: String(680_000_000_000 + i * 37), skuId: String(5_100_000_000_000 + i * 113) }]));
const listingOf = (code: string): { sku: CompanySku | undefined; itemId: string; skuId: string } => bySku.get(code) ?? { sku: undefined, itemId: '689999999999', skuId: '5199999999999' };

export function lineOf(tid: string, index: number, code: string, quantity: number, discountFen: number, paidFen?: number): WorldLine {
  const { sku, itemId, skuId } = listingOf(code);
  const unit = sku?.priceFen ?? 8_800;
  return { oid: index === 0 ? tid : `${tid.slice(0, -2)}${String(index).padStart(2, '0')}`, itemId, skuId, merchantCode: code, title: sku?.name ?? '冬至限定礼盒（新品）', properties: '规格:默认', quantity, unitPriceFen: unit, discountFen, paidFen: paidFen ?? unit * quantity - discountFen };
}

/** Single-line orders have oid = tid; on others the sub orders have ids of their own. */
function linesOf(tid: string, random: Random): WorldLine[] {
  const kinds = random.chance(0.22) ? 2 + random.int(2) : 1;
  const codes = new Set<string>();
  while (codes.size < kinds) codes.add(random.weighted(SKUS).code);
  const chosen = [...codes].map((code) => {
    const quantity = random.chance(0.12) ? 2 + random.int(2) : 1;
    const unit = listingOf(code).sku!.priceFen;
    return { code, quantity, discount: random.chance(0.3) ? Math.min(Math.round((unit * quantity) / 10), 3_000) : 0 };
  });
  return chosen.map((c, i) => lineOf(tid, kinds === 1 ? 0 : i + 1, c.code, c.quantity, c.discount));
}

export type Draft = { -readonly [K in keyof WorldOrder]: WorldOrder[K] };

/** A paid or unpaid order at `placedAt`; `number` makes its ids. */
export function draftOrder(random: Random, number: number, placedAt: Date, input: PlaceInput = {}): Draft {
  // 19 digits, as the platform's: above 2^53, so that whoever reads them as numbers loses them.
  const tid = `29${String(601_000_000_000_000_00n + BigInt(number) * 7_919n)}`.padEnd(19, '0').slice(0, 19);
  const person = makePerson(random, number % 900);
  const lines = input.merchantCode ? [lineOf(tid, 0, input.merchantCode, input.quantity ?? 1, 0)] : linesOf(tid, random);
  const draft: Draft = {
    tid, tradeNo: `2026${String(number).padStart(10, '0')}${String(random.int(1e9)).padStart(14, '0')}`, buyerOpenUid: person.openUid, buyerNick: person.nick, receiver: person.receiver, placedAt, modifiedAt: placedAt, status: 'WAIT_BUYER_PAY', stepStatus: '', lines,
    freightFen: random.chance(0.15) ? 600 : 0, paidFen: 0, commissionFen: 0, wrongFen: 0, buyerMessage: random.pick(MESSAGES), sellerMemo: random.pick(MEMOS), sellerFlag: 0, refunds: [], shipments: [],
  };
  if (input.planted) plant(draft, input.planted);
  const goods = draft.lines.reduce((n, l) => n + l.paidFen, 0);
  draft.paidFen = goods + draft.freightFen;
  draft.commissionFen = Math.round((goods * COMMISSION_PER_10K) / 10_000);
  return draft;
}

function plant(o: Draft, code: string): void {
  o.planted = { holdCode: code };
  if (code === 'buyer_asks_change') o.buyerMessage = '拍错了，麻烦改地址到公司';
  else if (code === 'seller_memo_stop') o.sellerMemo = '客户要等一起发，先不发';
  else if (code === 'address_incomplete') o.receiver = { ...o.receiver, district: '', city: '杭州市' };
  else if (code === 'hold_remote') Object.assign(o, { receiver: { ...o.receiver, province: '新疆维吾尔自治区', city: '喀什地区', district: '喀什市' }, lines: [lineOf(o.tid, 0, 'CZ-06', 2, 0)] });
  else if (code === 'sku_unmapped') o.lines = [lineOf(o.tid, 0, `NEW-${o.tid.slice(-3)}`, 1, 0)];
  else if (code === 'quantity_unusual') o.lines = [lineOf(o.tid, 0, 'DZ-01', 60, 0)];
  else if (code === 'amount_unusual') o.lines = [lineOf(o.tid, 0, 'LJ-250', 15, 0)];
  else if (code === 'price_floor') o.lines = [lineOf(o.tid, 0, 'CH-01', 1, 0, 990)];
  else if (code === 'presale_unpaid_balance') o.stepStatus = 'FRONT_PAID_FINAL_NOPAID';
  else if (code === 'totals_differ') o.wrongFen = 100;
}
