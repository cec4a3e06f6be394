import mongoose, { Schema } from 'mongoose';
import type { RouteState } from '../../channels/channel.ts';
import type { Both } from '../../contract/route.ts';
import { FEED_INDEX } from '../../store/feed.ts';
import type { Gift, GiftMissed } from '../domain/gifts.ts';
import type { ParcelState } from '../domain/parcel.ts';

const options = { strict: 'throw', versionKey: false, autoIndex: false, minimize: false } as const;
const text = { type: String, default: '' };
const must = { type: String, required: true };
const whole = { type: Number, required: true };
const stamp = { revision: whole, changedAt: { type: Date, required: true } };
type Stamped = { revision: number; changedAt: Date };
const mixed = Schema.Types.Mixed;

/** `by`: who may end it; `itself`: it ends when its reason is gone. */
export type HoldDoc = { code: string; version: number; row: string; place: number; note: string; at: Date; looked: Record<string, unknown>; by?: string; itself?: boolean };
/** Which rows decided, and what they looked at; of a person's decision, who and why. */
export type DecisionDoc = { table: string; version: number; at: Date; byHand: boolean; by?: string; note?: string; row?: string; place?: number; looked?: Record<string, unknown>; byItself?: boolean; was?: string[] };
/** What rules have set; empty where they said nothing. */
export type RuledDoc = { courier: string; warehouse: string; flag: string; tags: string[]; gifts: Gift[]; missed?: GiftMissed[] };
export type LineDoc = {
  platformLineId: string; platformItemId: string; platformSkuId: string; merchantCode: string; title: string; properties: string; skuCode: string | null; quantity: number; unitPriceFen: number; paidFen: number;
  discounts: { bearer: string; name: string; amountFen: number }[]; refundState: string; refundFen: number; platformRefundId: string; shipped: boolean; /** A presale line's own day. */ shipFromAt?: Date;
};
/** Receiver: masked words to show; the platform's full answer sealed; `mark` is the keyed mark by which parcels may merge. */
export type ReceiverDoc = { sealed: string; shownName: string; province: string; city: string; district: string; shownAddress: string; token: string; masked: boolean; mark: string; /** Made from the whole text when it came in. */ checks?: { phone: boolean; house: boolean; test: boolean } };
/** The order that this one follows: its buyer is sent something once more, or something else instead. */
export type LinkedDoc = { kind: 'resend' | 'exchange'; orderId: string; platformOrderId: string; shopId: string; channel: string };
export type OrderDoc = Stamped & {
  _id: string; shopId: string; channel: string; platformOrderId: string; platformStatus: string; status: string; reviewState: 'pending' | 'passed' | 'held' | 'cancelled'; holds: HoldDoc[];
  decision: DecisionDoc | null; /** Reasons that a person ended, each with a mark of what its row looked at. */ released: string[]; ruled?: RuledDoc | null;
  placedAt: Date; paidAt: Date | null; modifiedAt: Date; shipByAt: Date | null; shippedAt: Date | null; paidFen: number; freightFen: number; discountFen: number; commissionFen: number; paymentTradeNo: string; cod: boolean; presale: boolean;
  sealedBuyer: string; buyerMark: string; shownBuyer: string; buyerMessage: string; sellerMemo: string; sellerFlag: number; invoiceWanted?: boolean; receiver: ReceiverDoc; lines: LineDoc[]; customerId: string; flaws: { code: string; words: string }[];
  fulfilledElsewhere: boolean; complete: boolean; parcelIds: string[]; chosenWarehouse: string; chosenCourier: string; hash: string;
  /** Paid in two steps: what has come in, of it the deposit. */ step?: { receivedFen: number; depositFen: number; forfeited: boolean };
  /** Does not leave before this day; when the next of its lines that wait for theirs is due. */ shipFromAt?: Date; laterAt?: Date | null;
  /** Lines are to be planned: review has passed it, or what it had was taken apart; also while other parcels of it are on their way. */ toPlan?: boolean;
  /** A rule's flag that the platform is still to be told; what it was told last, and its words where it refused. */ flagDue?: boolean; flagTold?: { flag: string; words: string };
  /** Taken out of a merged parcel by a person: it is not merged again by itself. */ apart?: boolean;
  /** Its platform was told before its parcel left: what the platform calls shipped may still be here. */ toldEarly?: boolean;
  /** Shipped in the platform's own pages while we were connected: its goods are to be booked out, are booked out, or our stock had them not; none of them was ours. */ leftThere?: 'due' | 'booked' | 'short' | 'none';
  linkedTo?: LinkedDoc | null;
  /** Lines whose pieces leave in several parcels: a platform calls such a line shipped with its first piece. */ divided?: string[];
};
const order = new Schema<OrderDoc>({
  _id: must, shopId: must, channel: must, platformOrderId: must, platformStatus: text, status: must, reviewState: must, holds: { type: [mixed], default: [] } as never, decision: { type: mixed, default: null }, released: { type: [String], default: [] }, ruled: { type: mixed, default: null },
  placedAt: { type: Date, required: true }, paidAt: { type: Date, default: null }, modifiedAt: { type: Date, required: true }, shipByAt: { type: Date, default: null }, shippedAt: { type: Date, default: null },
  paidFen: whole, freightFen: whole, discountFen: whole, commissionFen: whole, paymentTradeNo: text, cod: Boolean, presale: Boolean, sealedBuyer: text, buyerMark: text, shownBuyer: text, buyerMessage: text, sellerMemo: text, sellerFlag: { type: Number, default: 0 }, invoiceWanted: Boolean,
  receiver: { type: mixed, required: true }, lines: { type: [mixed], required: true } as never, customerId: text, flaws: { type: [mixed], default: [] } as never, fulfilledElsewhere: Boolean, complete: Boolean, parcelIds: { type: [String], default: [] },
  chosenWarehouse: text, chosenCourier: text, hash: text, toPlan: Boolean, flagDue: Boolean, flagTold: mixed, apart: Boolean, toldEarly: Boolean, leftThere: String, linkedTo: mixed, divided: { type: [String], default: undefined }, step: mixed, shipFromAt: Date, laterAt: Date, ...stamp,
}, options);
order.index({ shopId: 1, platformOrderId: 1 }, { unique: true }).index({ toPlan: 1, reviewState: 1, paidAt: 1 }).index({ flagDue: 1 }, { sparse: true }).index({ laterAt: 1 }, { sparse: true }).index({ leftThere: 1 }, { sparse: true }).index({ 'linkedTo.orderId': 1 }, { sparse: true }).index({ reviewState: 1, paidAt: 1 }).index({ paidAt: 1 }).index({ customerId: 1 }).index({ paymentTradeNo: 1 }).index({ platformOrderId: 1 }).index({ status: 1, fulfilledElsewhere: 1 }).index(FEED_INDEX);
export const Orders = mongoose.model('order', order, 'orders');

export type PushDoc = { shopId: string; platformOrderId: string; lineIds: string[]; state: 'waiting' | 'accepted' | 'refused'; tries: number; nextAt: Date; words: string };
export type ParcelDoc = Stamped & {
  _id: string; orderIds: string[]; shopIds: string[]; lines: { orderId: string; platformLineId: string; skuCode: string; quantity: number }[]; warehouseCode: string; courierCode: string; state: ParcelState; trackingNumber: string;
  freightFen: number; weightGrams: number; shortages: { skuCode: string; wanted: number; available: number }[]; pushes: PushDoc[]; pushState: 'none' | 'waiting' | 'done'; alarm: Both | null; prints: Date[]; shippedAt: Date | null;
  decision: { warehouse: string; courier: string }; tryAt: Date; costs: { skuCode: string; quantity: number; costFen: number }[];
  /** What it may be merged by, and what the plan counted it at (freight, extras, handling). */ mergeKey?: string; costFen?: number;
  /** Made by a person's hand: planning leaves it as it is. */ fixed?: boolean;
  /** Its supplier packs and sends it; nothing of ours moves. */ supplierId?: string;
  /** The wave that it is picked in, and its place in it (from 1). */ waveId?: string; slot?: number; /** What the scale said. */ weighedGrams?: number;
  /** Numbers of the pieces in the box, by SKU, where a SKU wants them. */ serials?: Record<string, string[]>;
  /** Where its courier says that it is. */ route?: { state: RouteState; at: Date; words: string } | null;
};
const parcel = new Schema<ParcelDoc>({
  _id: must, orderIds: { type: [String], required: true }, shopIds: { type: [String], required: true }, lines: { type: [mixed], required: true } as never, warehouseCode: text, courierCode: text, state: must, trackingNumber: text, freightFen: whole, weightGrams: whole,
  shortages: { type: [mixed], default: [] } as never, pushes: { type: [mixed], default: [] } as never, pushState: must, alarm: { type: mixed, default: null }, prints: { type: [Date], default: [] }, shippedAt: { type: Date, default: null }, decision: { type: mixed, required: true },
  tryAt: { type: Date, required: true }, costs: { type: [mixed], default: [] } as never, mergeKey: text, costFen: { type: Number, default: 0 }, fixed: Boolean, waveId: text, slot: Number, weighedGrams: Number, serials: mixed,
  route: mixed, supplierId: String, ...stamp,
}, options);
parcel.index({ supplierId: 1, state: 1 }, { sparse: true }).index({ orderIds: 1 }).index({ waveId: 1 }).index({ state: 1, tryAt: 1 }).index({ mergeKey: 1, state: 1 }).index({ pushState: 1 }).index({ trackingNumber: 1 }).index(FEED_INDEX);
export const Parcels = mongoose.model('parcel', parcel, 'parcels');

/** What the after-sales table says of a refund that is asked for. */
export type RefundAnswer = { answer: string; who: string; version: number; row: string; note: string; looked: Record<string, unknown>; at: Date };
export type RefundDoc = Stamped & { _id: string; shopId: string; platformRefundId: string; platformOrderId: string; orderId: string; platformLineId: string; platformStatus: string; state: string; refundFen: number; reason: string; hasGoodsReturn: boolean; requestedAt: Date; modifiedAt: Date; answer?: RefundAnswer };
const refund = new Schema<RefundDoc>({
  _id: must, shopId: must, platformRefundId: must, platformOrderId: must, orderId: text, platformLineId: text, platformStatus: text, state: must, refundFen: whole, reason: text, hasGoodsReturn: Boolean, requestedAt: { type: Date, required: true }, modifiedAt: { type: Date, required: true }, answer: mixed, ...stamp,
}, options);
refund.index({ shopId: 1, platformRefundId: 1 }, { unique: true }).index({ orderId: 1 }).index({ shopId: 1, platformOrderId: 1 }).index({ state: 1 }).index(FEED_INDEX);
export const Refunds = mongoose.model('refund', refund, 'refunds');

/** What a platform said, as it said it, sealed; kept before anything is done with it. */
export type RawDoc = { _id: string; shopId: string; kind: 'order' | 'refund'; platformId: string; modifiedAt: Date; hash: string; sealed: string; at: Date };
const raw = new Schema<RawDoc>({ _id: must, shopId: must, kind: must, platformId: must, modifiedAt: { type: Date, required: true }, hash: must, sealed: must, at: { type: Date, required: true } }, options);
raw.index({ shopId: 1, kind: 1, platformId: 1, modifiedAt: 1, hash: 1 }, { unique: true }).index({ at: 1 });
export const Raws = mongoose.model('raw', raw, 'raw_payloads');

/** What a person did to parcels before they were on paper, with what was there before it: by this it is undone. */
export type PlanChangeDoc = Stamped & {
  _id: string; kind: 'merge' | 'split' | 'apart' | 'replan' | 'cancel'; userId: string; at: Date; undoneAt: Date | null; parcels: ParcelDoc[];
  orders: Pick<OrderDoc, '_id' | 'parcelIds' | 'apart' | 'toPlan' | 'reviewState' | 'holds'>[];
};
const planChange = new Schema<PlanChangeDoc>({ _id: must, kind: must, userId: must, at: { type: Date, required: true }, undoneAt: { type: Date, default: null }, parcels: { type: [mixed], required: true } as never, orders: { type: [mixed], required: true } as never, ...stamp }, options);
planChange.index(FEED_INDEX);
export const PlanChanges = mongoose.model('plan-change', planChange, 'plan_changes');

/** Parcels that are picked together: of one warehouse and courier, in the order in which they are printed. */
export type WaveDoc = Stamped & { _id: string; number: string; warehouseCode: string; courierCode: string; kind: 'single' | 'mixed'; parcelIds: string[]; at: Date; by: string };
const wave = new Schema<WaveDoc>({ _id: must, number: must, warehouseCode: must, courierCode: text, kind: must, parcelIds: { type: [String], required: true }, at: { type: Date, required: true }, by: must, ...stamp }, options);
wave.index(FEED_INDEX);
export const Waves = mongoose.model('wave', wave, 'waves');

/** One look at a packed parcel: what was scanned, what was wrong and caught, how long it took. */
export type PackCheckDoc = { _id: string; parcelId: string; by: string; at: Date; ms: number; passed: boolean; caught: { code: string; kind: string; wanted: number; scanned: number }[] };
const packCheck = new Schema<PackCheckDoc>({ _id: must, parcelId: must, by: must, at: { type: Date, required: true }, ms: { type: Number, default: 0 }, passed: Boolean, caught: { type: [mixed], default: [] } as never }, options);
packCheck.index({ parcelId: 1 }).index({ at: 1 });
export const PackChecks = mongoose.model('pack-check', packCheck, 'pack_checks');
