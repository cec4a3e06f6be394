/**
 * What the outside world looks like from inside: one shape for every shop, payment channel and courier.
 * Terms: a *shop channel* is a connector to one platform; a *window* is a span of platform-modified time that is pulled
 * once; an *incoming order* is a platform's order in our units (fen, grams, UTC), with the platform's own body kept raw.
 */
import type { Fen } from '../contract/values/money.ts';
import type { Result } from '../contract/values/result.ts';

/** What a platform's refusal asks us to do. `words` are the platform's own. */
export type ChannelRefusal = {
  readonly code: 'retry' | 'rate_limited' | 'refresh_token' | 'pause_shop' | 'refuse_row' | 'ask_person' | 'unsupported';
  readonly platformCode: string;
  readonly words: string;
  /** Wait this long before the next try (rate limits, bans). */
  readonly retryAfterMs?: number;
};

export type Credentials = {
  readonly appKey: string;
  readonly appSecret: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt?: Date;
  readonly platformShopId?: string;
  /** Where the platform signs and covers the messages that it brings us: as entered at its console. */
  readonly pushToken?: string;
  readonly pushAesKey?: string;
  /** The key of the relay that the shop's gateway names. */
  readonly relayKey?: string;
  /** What a platform asks for beyond these, by the names of its connector's `fields`. */
  readonly extra?: Readonly<Record<string, string>>;
};

/** What a connector may use of our side; handed in by runtime/compose. */
export type ChannelContext = {
  readonly credentials: Credentials;
  /** Empty: the platform's own address. */
  readonly gateway: string;
  /** Where the gateway is a relay of our own: what both sides prove themselves with. */
  readonly relay?: { readonly key: string; readonly now: () => Date };
  readonly now: () => Date;
  /** Called when the platform gave new tokens: kept before they are used. */
  readonly saveCredentials: (fresh: Credentials) => Promise<void>;
  readonly notice: (notice: ChannelNotice) => Promise<void>;
  /** The tokens as they are kept now: another process, or the job, may have renewed them meanwhile. */
  readonly latest?: () => Promise<Credentials>;
  /** Runs a renewal while nobody else renews the tokens of this shop: a refresh token holds once. */
  readonly alone?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Names the bucket for rate limits: app key. */
  readonly signal?: AbortSignal;
};

export type ChannelNotice = { readonly kind: 'unknown_status' | 'unknown_field' | 'totals_differ' | 'token_expiring' | 'rate_limited' | 'clock_skew'; readonly subject: string; readonly words: string };

/** Our own reading of an order's state on the platform; `unknown` keeps the platform's word and raises a notice. */
export type PlatformOrderStatus = 'unpaid' | 'paid_not_shippable' | 'to_ship' | 'partly_shipped' | 'shipped' | 'completed' | 'closed' | 'unknown';

export type Bearer = 'seller' | 'platform' | 'influencer';
export type RefundState = 'none' | 'requested' | 'returning' | 'refused' | 'refunded' | 'closed';

export type IncomingLine = {
  readonly platformLineId: string;
  readonly platformItemId: string;
  readonly platformSkuId: string;
  /** The merchant's code at the platform (outer_sku_id, else outer_iid); empty when the seller set none. */
  readonly merchantCode: string;
  readonly title: string;
  readonly properties: string;
  readonly quantity: number;
  readonly unitPriceFen: Fen;
  /** The buyer's share for this line after all discounts, without freight. Lines + freight = paidFen of the order. */
  readonly paidFen: Fen;
  readonly discounts: readonly { readonly bearer: Bearer; readonly name: string; readonly amountFen: Fen }[];
  readonly refundState: RefundState;
  readonly platformRefundId: string;
  readonly shipped: boolean;
  /** A presale line's own day: it does not leave before. */
  readonly shipFromAt?: Date;
};
/** A presale that is paid in two steps: what has come in so far, of it the deposit, and whether that is the seller's since the balance never came. */
export type PaidInSteps = { readonly receivedFen: Fen; readonly depositFen?: Fen; readonly forfeited: boolean };

/** Receiver as the platform gives it: often masked. `token` is the platform's own ciphertext id (oaid, open_address_id …). */
export type IncomingReceiver = {
  readonly name: string;
  readonly phone: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly town: string;
  readonly address: string;
  readonly token: string;
  readonly masked: boolean;
};

export type IncomingOrder = {
  readonly platformOrderId: string;
  readonly platformStatus: string;
  readonly status: PlatformOrderStatus;
  readonly placedAt: Date;
  readonly paidAt?: Date;
  readonly modifiedAt: Date;
  readonly shipByAt?: Date;
  /** The day before which the order does not leave: a presale's date, a delivery that was booked. */
  readonly shipFromAt?: Date;
  readonly shippedAt?: Date;
  readonly completedAt?: Date;
  readonly paidFen: Fen;
  readonly freightFen: Fen;
  readonly discountFen: Fen;
  readonly commissionFen?: Fen;
  /** The payment channel's trade number, when the platform gives it (支付宝交易号). */
  readonly paymentTradeNo: string;
  readonly cod: boolean;
  readonly presale: boolean;
  /** The buyer asked the platform for an invoice; absent: the platform does not say. */
  readonly invoiceWanted?: boolean;
  /** Absent: paid at once. `paidFen` is what the buyer pays in all. */
  readonly step?: PaidInSteps;
  readonly buyerKey: string;
  readonly buyerNick: string;
  readonly buyerMessage: string;
  readonly sellerMemo: string;
  readonly sellerFlag: number;
  readonly receiver: IncomingReceiver;
  readonly lines: readonly IncomingLine[];
  /** What does not add up or is unknown, each in a few words; such an order is kept and held. */
  readonly flaws: readonly { readonly code: 'totals_differ' | 'unknown_status' | 'missing_field'; readonly words: string }[];
  /** The body says nothing of refunds: what refund records have said of the lines stays. */
  readonly refundsUnsaid?: true;
  /** False when the source (a file) cannot give lines or receiver; a fuller source fills them later. */
  readonly complete: boolean;
  /** The platform's own body, as text. */
  readonly raw: string;
};

export type IncomingRefund = {
  readonly platformRefundId: string;
  readonly platformOrderId: string;
  /** Empty: the refund is of the whole order. */
  readonly platformLineId: string;
  readonly platformStatus: string;
  readonly state: RefundState;
  readonly refundFen: Fen;
  readonly reason: string;
  readonly hasGoodsReturn: boolean;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly raw: string;
};

export type TimeWindow = { readonly from: Date; readonly to: Date };

export type ShipPush = {
  readonly platformOrderId: string;
  readonly courierCode: string;
  readonly trackingNumber: string;
  /** Set when the order leaves in several parcels: only these lines are in this one. */
  readonly platformLineIds?: readonly string[];
  /** How many pieces of each line are in this parcel; absent: the whole line. */
  readonly quantities?: Readonly<Record<string, number>>;
};
/** Another tracking number for a parcel of which the platform was told already. */
export type TrackingChange = ShipPush & { readonly wasTrackingNumber: string; readonly wasCourierCode?: string };
export type StockPush = { readonly platformItemId: string; readonly platformSkuId: string; readonly quantity: number };
/** Flags as our sheets number them: 0 none or grey, 1 red, 2 yellow, 3 green, 4 blue, 5 purple. */
export type MemoPush = { readonly platformOrderId: string; readonly memo: string; readonly flag: number };
/** A courier as the platform calls it; `ourCode` when it is one that we know. */
export type PlatformCourier = { readonly code: string; readonly name: string; readonly ourCode?: string };
/** An order that was placed (or paid) inside a day, for the nightly re-count. */
export type ListedOrder = { readonly platformOrderId: string; readonly placedAt?: Date };
/** What a message of a platform points at: only a reason to look earlier, never the truth. */
export type Hint = { readonly key: string; readonly kind: 'order' | 'refund' | 'authorisation' | 'other'; readonly platformId: string; readonly topic: string };
/** A call from the platform, as it came in; header names in lower case. */
export type IncomingCall = { readonly method: string; readonly path: string; readonly query: Readonly<Record<string, string>>; readonly headers: Readonly<Record<string, string>>; readonly body: string };
/** What the call said, and what must be answered so that the platform takes it as received. */
export type HeardCall = { readonly hints: readonly Hint[]; readonly answer: { readonly status: number; readonly type: string; readonly body: string } };
export type AuthoriseAsk = { readonly appKey: string; readonly redirectUri: string; readonly state: string };

/** What a connector may be able to do. Each is declared: `true`, or the reason in words why the platform or we cannot. */
export const CAPABILITIES = [
  'authorise', 'refreshToken', 'pullOrders', 'fetchOrder', 'listOrders', 'pullRefunds', 'pushShipment', 'pushPartialShipment', 'changeTracking', 'listCouriers', 'pushMemo', 'pushStock', 'decryptReceiver', 'pollHints', 'hearCall', 'fetchBill',
] as const;
export type Capability = (typeof CAPABILITIES)[number];
export type Capabilities = Readonly<Record<Capability, true | string>>;
type Told<T> = Promise<Result<T, ChannelRefusal>>;

/** A platform that sells. An operation that a platform lacks answers `unsupported` aloud, as its capabilities declare. */
export interface ShopChannel {
  readonly channel: string;
  readonly capabilities: Capabilities;
  /** App key and secret are enough: the connector asks for its token by itself, and no seller has to say yes. */
  readonly keysAlone?: true;
  /** What this platform's shops are connected with beyond key, secret and tokens. */
  readonly fields?: readonly AccountField[];
  /** The platform keeps a memo's words and has no flags: an order of it always stands at 0. */
  readonly noFlags?: true;
  /** The widest window that the platform accepts, and the span by which windows overlap. */
  readonly windowMs: number;
  readonly overlapMs: number;
  /** Where the seller says yes, in a browser. */
  authoriseUrl(ask: AuthoriseAsk): Result<string, ChannelRefusal>;
  /** The code that came back, for tokens; the context holds the app's own key and secret. */
  exchangeCode(context: ChannelContext, code: string, redirectUri: string): Told<Credentials>;
  refreshToken(context: ChannelContext): Told<Credentials>;
  /** All orders changed inside the window, in batches; ends after the last batch. Throws `ChannelFault` on a refusal. */
  pullOrders(context: ChannelContext, window: TimeWindow): AsyncIterable<readonly IncomingOrder[]>;
  fetchOrder(context: ChannelContext, platformOrderId: string): Told<IncomingOrder>;
  /** The ids of all orders placed inside the window (or paid, where a platform lists by that only), for the re-count. Throws `ChannelFault`. */
  listOrders(context: ChannelContext, window: TimeWindow): AsyncIterable<readonly ListedOrder[]>;
  pullRefunds(context: ChannelContext, window: TimeWindow): AsyncIterable<readonly IncomingRefund[]>;
  /** Tells the platform that a parcel has left. A repeat of the same is success (`again: true`). */
  pushShipment(context: ChannelContext, push: ShipPush): Told<{ readonly again: boolean }>;
  changeTracking(context: ChannelContext, change: TrackingChange): Told<{ readonly again: boolean }>;
  listCouriers(context: ChannelContext): Told<readonly PlatformCourier[]>;
  pushMemo(context: ChannelContext, push: MemoPush): Told<{ readonly again: boolean }>;
  pushStock(context: ChannelContext, push: readonly StockPush[]): Told<{ readonly accepted: number }>;
  /** What the platform itself shows as available, where it can be asked; listings that it does not know are left out. */
  readStock?(context: ChannelContext, listings: readonly Omit<StockPush, 'quantity'>[]): Told<readonly StockPush[]>;
  /** Full receiver for a label, inside the platform's quota. */
  decryptReceiver(context: ChannelContext, platformOrderId: string, token: string): Told<IncomingReceiver>;
  /** Messages that wait at the platform, taken and confirmed. */
  pollHints(context: ChannelContext): Told<readonly Hint[]>;
  /** A message that the platform brings us; refused when its signature is not the platform's. */
  hearCall(context: ChannelContext, call: IncomingCall): Told<HeardCall>;
  /** The shop's own settlement of one day, where the platform pays out itself. */
  fetchBill(context: ChannelContext, day: string): Told<Bill | 'empty'>;
}

/** What an operation answers that its connector does not have. */
export const unsupported = (words: string): Result<never, ChannelRefusal> => ({ ok: false, refusal: { code: 'unsupported', platformCode: 'unsupported', words } });

/** One line of a payment channel's bill, in fen; `amountFen` is signed as the account sees it (income positive). */
export type BillLine = {
  /** Natural key inside the account: trade no, kind and refund request, joined. */
  readonly key: string;
  readonly lineNumber: number;
  readonly kind: 'sale' | 'refund' | 'fee' | 'transfer' | 'withdrawal' | 'other';
  readonly platformKind: string;
  readonly tradeNo: string;
  readonly merchantOrderNo: string;
  /** The platform's order that the merchant number names, when it names one; else empty. */
  readonly platformOrderId: string;
  readonly refundNo: string;
  readonly happenedAt: Date;
  readonly amountFen: Fen;
  /** Fee of this line as charged by the channel: negative when charged, positive when given back. */
  readonly feeFen: Fen;
  readonly counterparty: string;
  readonly note: string;
};

export type Bill = {
  /** The payment channel, or the shop channel whose own settlement it is. */
  readonly channel: string;
  readonly kind: 'trade' | 'ledger';
  readonly account: string;
  readonly day: string;
  readonly lines: readonly BillLine[];
};

export type BillKind = Bill['kind'];
/** One field of a payment account, as the person who connects it sees it. */
export type AccountField = { readonly name: string; readonly needed: boolean; readonly secret: boolean; readonly zh: string; readonly en: string };
/** A single refund or transfer, asked for by the merchant's own number. `tradeNo`: the payment that the refund belongs to. */
export type PaymentAsk = { readonly kind: 'refund' | 'transfer'; readonly number: string; readonly tradeNo?: string };
export type PaymentFact = {
  readonly kind: PaymentAsk['kind']; readonly number: string; readonly platformNumber: string; readonly state: 'done' | 'under_way' | 'failed' | 'closed' | 'unknown'; readonly platformState: string;
  readonly amountFen: Fen; readonly happenedAt?: Date; readonly words: string;
};

export interface PaymentChannel {
  readonly channel: string;
  readonly accountFields: readonly AccountField[];
  /** The bills that a day has. The first carries the money; another adds only what the first does not have. */
  readonly billKinds: readonly BillKind[];
  /** How far back the platform keeps its bills. */
  readonly historyDays: number;
  /** One bill of one day, or `empty` when nothing happened that day. */
  fetchBill(context: PaymentContext, day: string, kind: BillKind): Promise<Result<Bill | 'empty', ChannelRefusal>>;
  queryPayment(context: PaymentContext, ask: PaymentAsk): Promise<Result<PaymentFact, ChannelRefusal>>;
}
export type PaymentContext = {
  /** Fields differ per payment channel, see its `accountFields`. */
  readonly account: Readonly<Record<string, string>>;
  readonly gateway: string;
  readonly now: () => Date;
};

/** Where a parcel comes from or goes to. Texts are whole here: a courier prints them. */
export type WaybillAddress = { readonly name: string; readonly phone: string; readonly province: string; readonly city: string; readonly district: string; readonly town: string; readonly address: string };
/** One parcel that wants a number. `key` is the parcel's own: asked again with it, the same number comes back. */
export type WaybillAsk = {
  readonly key: string;
  /** Ours (see transport/couriers.ts); the connector has the platform's. */
  readonly courierCode: string;
  readonly sender: WaybillAddress;
  /** `token`: the selling platform's ciphertext of a masked receiver. */
  readonly receiver: WaybillAddress & { readonly token: string; readonly masked: boolean };
  readonly goods: readonly { readonly name: string; readonly quantity: number }[];
  readonly weightGrams: number;
  /** The selling platform and its order numbers. */
  readonly channel: string;
  readonly platformOrderIds: readonly string[];
};
/** What a label needs beside addresses. `sealed` is the platform's own print data, unchanged, for its print client. */
export type PrintData = { readonly sortingCode: string; readonly bulkPen: string; readonly gatherPlace: string; readonly qr: string; readonly sealed: string };
export type Waybill = { readonly key: string; readonly trackingNumber: string; readonly print: PrintData; /** The number was there before this call. */ readonly again: boolean };
export type TakenWaybill = { readonly key: string; readonly result: Result<Waybill, ChannelRefusal> };
export type WaybillName = { readonly key: string; readonly courierCode: string; readonly trackingNumber: string };
/** How far a parcel is, over all couriers; `unknown` keeps the courier's word and counts as under way. */
export type RouteState = 'accepted' | 'picked_up' | 'in_transit' | 'delivering' | 'delivered' | 'problem' | 'returning' | 'returned' | 'unknown';
/** One step of a parcel. `key` names it for good: told twice, it is one. */
export type RouteEvent = { readonly key: string; readonly trackingNumber: string; readonly at: Date; readonly state: RouteState; readonly platformState: string; readonly words: string; readonly place: string };
export type RouteAsk = { readonly courierCode: string; readonly trackingNumber: string; /** Some couriers show routes only to who knows its end. */ readonly phone: string };
/** Proved by the connector. `events` are the courier's word; `look` are numbers of which a call that cannot be proved said something: they are asked for. */
export type HeardRoutes = { readonly events: readonly RouteEvent[]; readonly look: readonly string[]; readonly answer: HeardCall['answer'] };
export type ReachAsk = { readonly courierCode: string; readonly sender: WaybillAddress; readonly receiver: Pick<WaybillAddress, 'province' | 'city' | 'district' | 'town' | 'address'> };
export type Reach = { readonly reached: boolean; readonly words: string };

export const COURIER_CAPABILITIES = ['takeWaybills', 'findWaybill', 'updateWaybill', 'cancelWaybill', 'queryRoutes', 'subscribeRoutes', 'hearRoutes', 'askReach'] as const;
export type CourierCapability = (typeof COURIER_CAPABILITIES)[number];
/** An account with a courier, or with a platform that speaks for several. */
export interface CourierChannel {
  readonly channel: string;
  readonly capabilities: Readonly<Record<CourierCapability, true | string>>;
  readonly accountFields: readonly AccountField[];
  /** Our codes of the couriers that it can speak for; an account may name fewer. */
  readonly couriers: readonly string[];
  /** How many asks one call takes. */
  readonly batch: number;
  /** Selling platforms whose masked receivers it takes as they are, by their token: nobody has to open them. */
  readonly opensTokensOf?: readonly string[];
  /** Numbers for parcels of one courier, each with its own answer: one that is refused does not stop the others. */
  takeWaybills(context: CourierContext, asks: readonly WaybillAsk[]): Promise<readonly TakenWaybill[]>;
  /** The number that a key was given, without giving one. */
  findWaybill(context: CourierContext, name: WaybillName): Told<Waybill | 'none'>;
  /** What changed of a parcel whose number stays. */
  updateWaybill(context: CourierContext, ask: WaybillAsk, trackingNumber: string): Told<Waybill>;
  /** Gives a number back. One that is given back already is success (`again`). */
  cancelWaybill(context: CourierContext, name: WaybillName): Told<{ readonly again: boolean }>;
  queryRoutes(context: CourierContext, ask: RouteAsk): Told<readonly RouteEvent[]>;
  /** Asks that steps be brought to `address`; twice is once. */
  subscribeRoutes(context: CourierContext, ask: RouteAsk, address: string): Told<{ readonly again: boolean }>;
  hearRoutes(context: CourierContext, call: IncomingCall): Told<HeardRoutes>;
  askReach(context: CourierContext, ask: ReachAsk): Told<Reach>;
}
export type CourierContext = PaymentContext & {
  readonly notice: (notice: ChannelNotice) => Promise<void>;
  /** As of a shop: where the gateway is a relay of our own. */
  readonly relay?: NonNullable<ChannelContext['relay']>;
};

/** Thrown by the pulling iterators, whose values are batches, when the platform refuses. */
export class ChannelFault extends Error {
  readonly refusal: ChannelRefusal;
  constructor(refusal: ChannelRefusal) {
    super(`${refusal.code} ${refusal.platformCode}: ${refusal.words}`);
    this.name = 'ChannelFault';
    this.refusal = refusal;
  }
}

/** What a file holds once read: exactly one of these, with every bad cell named. */
export type FileProblem = { readonly row: number; readonly column: string; readonly code: string; readonly read: string; readonly words: { readonly zh: string; readonly en: string } };
export type ReadFile =
  | { readonly kind: 'orders'; readonly format: string; readonly channel: string; readonly orders: readonly IncomingOrder[]; readonly lacks: readonly string[]; readonly bad: readonly FileProblem[] }
  | { readonly kind: 'lines'; readonly format: string; readonly channel: string; readonly lines: readonly { readonly platformOrderId: string; readonly status: PlatformOrderStatus; readonly line: IncomingLine; readonly row: number }[]; readonly bad: readonly FileProblem[] }
  | { readonly kind: 'refunds'; readonly format: string; readonly channel: string; readonly refunds: readonly IncomingRefund[]; readonly bad: readonly FileProblem[] }
  | { readonly kind: 'bill'; readonly format: string; readonly bill: Bill; readonly bad: readonly FileProblem[] };
