/** One order of a made-up buyer: what is in it, what it costs, and what is wrong with it when it is planted. */
import { SKUS, type CompanySku } from './company.ts';
import { makePerson } from './people.ts';
import type { PlatformProfile } from './profile.ts';
import type { Random } from './random.ts';
import type { PlaceInput, WorldBearer, WorldLine, WorldOrder } from './world.ts';

const MESSAGES = ['', '', '', '', '', '请尽快发货', '送人的，包装好一点', '麻烦放驿站', '谢谢老板'];
const MEMOS = ['', '', '', '', '', '', '送小样', '老客户，多放一包试喝'];
const bySku = new Map(SKUS.map((sku, index) => [sku.code, { sku, index }]));
/** A listing that the company's lists do not have. */
const UNLISTED = 999;
const listingOf = (code: string): { sku: CompanySku | undefined; index: number } => bySku.get(code) ?? { sku: undefined, index: UNLISTED };

type Part = { readonly code: string; readonly quantity: number; readonly discountFen: number; readonly paidFen?: number };
function lineOf(profile: PlatformProfile, tid: string, index: number, lines: number, part: Part, others: { fen: number; by: WorldBearer } = { fen: 0, by: 'platform' }): WorldLine {
  const { sku, index: listing } = listingOf(part.code);
  const unit = sku?.priceFen ?? 8_800;
  return {
    oid: profile.lineId(tid, index, lines, profile.skuId(listing)), itemId: profile.itemId(listing), skuId: profile.skuId(listing), merchantCode: part.code, title: sku?.name ?? '冬至限定礼盒（新品）', properties: '规格:默认', quantity: part.quantity, unitPriceFen: unit, discountFen: part.discountFen,
    othersFen: others.fen, othersBy: others.by, paidFen: part.paidFen ?? unit * part.quantity - part.discountFen - others.fen,
  };
}

function partsOf(random: Random): Part[] {
  const kinds = random.chance(0.22) ? 2 + random.int(2) : 1;
  const codes = new Set<string>();
  while (codes.size < kinds) codes.add(random.weighted(SKUS).code);
  return [...codes].map((code) => {
    const quantity = random.chance(0.12) ? 2 + random.int(2) : 1;
    const unit = listingOf(code).sku!.priceFen;
    return { code, quantity, discountFen: random.chance(0.3) ? Math.min(Math.round((unit * quantity) / 10), 3_000) : 0 };
  });
}

/** A coupon of the platform's or the streamer's on some orders: a twentieth of the line, odd fen and all. */
function othersOf(profile: PlatformProfile, random: Random, part: Part): { fen: number; by: WorldBearer } {
  for (const { by, chance } of profile.others) if (random.chance(chance)) return { by, fen: Math.min(1_500, Math.floor((listingOf(part.code).sku?.priceFen ?? 0) * part.quantity * 0.05) + 1) };
  return { fen: 0, by: 'platform' };
}

export type Draft = { -readonly [K in keyof WorldOrder]: WorldOrder[K] };

/** A paid or unpaid order at `placedAt`; `number` makes its ids. */
export function draftOrder(profile: PlatformProfile, random: Random, number: number, placedAt: Date, input: PlaceInput = {}): Draft {
  const tid = profile.orderId(number);
  const person = makePerson(random, number % 900);
  const parts: Part[] = input.merchantCode ? [{ code: input.merchantCode, quantity: input.quantity ?? 1, discountFen: 0 }] : partsOf(random).slice(0, profile.oneLine ? 1 : undefined);
  const lines = parts.map((p, i) => lineOf(profile, tid, i, parts.length, p, input.merchantCode || (profile.othersOnSingleLines && parts.length > 1) ? undefined : othersOf(profile, random, p)));
  const draft: Draft = {
    channel: profile.channel, tid, tradeNo: `2026${String(number).padStart(10, '0')}${String(random.int(1e9)).padStart(14, '0')}`, buyerOpenUid: person.openUid, buyerNick: person.nick, receiver: person.receiver, placedAt, modifiedAt: placedAt, state: 'unpaid', depositOnly: false, depositFen: 0, lines,
    freightFen: random.chance(0.15) ? 600 : 0, paidFen: 0, commissionFen: 0, wrongFen: 0, buyerMessage: random.pick(MESSAGES), sellerMemo: random.pick(MEMOS), sellerFlag: 0, refunds: [], shipments: [],
  };
  if (input.planted) plant(profile, draft, input.planted);
  const goods = draft.lines.reduce((n, l) => n + l.paidFen, 0);
  draft.paidFen = goods + draft.freightFen;
  if (draft.depositOnly) draft.depositFen = Math.floor(draft.paidFen / 10);
  draft.commissionFen = Math.round((goods * profile.commissionPer10k) / 10_000);
  return draft;
}

function plant(profile: PlatformProfile, o: Draft, code: string): void {
  const one = (part: Part): WorldLine[] => [lineOf(profile, o.tid, 0, 1, part)];
  o.planted = { holdCode: code };
  if (code === 'buyer_asks_change') o.buyerMessage = '拍错了，麻烦改地址到公司';
  else if (code === 'seller_memo_stop') o.sellerMemo = '客户要等一起发，先不发';
  else if (code === 'address_incomplete') o.receiver = { ...o.receiver, district: '', city: '杭州市' };
  else if (code === 'hold_remote') Object.assign(o, { receiver: { ...o.receiver, province: '新疆维吾尔自治区', city: '喀什地区', district: '喀什市' }, lines: one({ code: 'CZ-06', quantity: 2, discountFen: 0 }) });
  else if (code === 'sku_unmapped') o.lines = one({ code: `NEW-${o.tid.slice(-3)}`, quantity: 1, discountFen: 0 });
  else if (code === 'quantity_unusual') o.lines = one({ code: 'DZ-01', quantity: 60, discountFen: 0 });
  else if (code === 'amount_unusual') o.lines = one({ code: 'LJ-250', quantity: 15, discountFen: 0 });
  else if (code === 'price_floor') o.lines = one({ code: 'CH-01', quantity: 1, discountFen: 0, paidFen: 990 });
  else if (code === 'presale_unpaid_balance') o.depositOnly = true;
  else if (code === 'totals_differ') o.wrongFen = 100;
}
