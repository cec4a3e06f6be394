/**
 * The sandbox company's world: what its buyers did on every platform, as the platforms' stand-ins know it. The same seed and
 * the same start give the same days. Stand-ins read and change it; the service never sees it. Amounts in fen, instants in UTC.
 */

import type { CourierBook, BookDeed } from './couriers.ts';

/** The world's own states; each stand-in has its platform's word for them. `odd`: paid, in a state that no table has. */
export type WorldState = 'unpaid' | 'to_ship' | 'partly_shipped' | 'shipped' | 'finished' | 'refunded' | 'cancelled' | 'odd';
export type WorldBearer = 'platform' | 'influencer';
export type WorldLine = {
  readonly oid: string; readonly itemId: string; readonly skuId: string; readonly merchantCode: string; readonly title: string; readonly properties: string; readonly quantity: number; readonly unitPriceFen: number;
  /** What the seller takes off, for the whole line. */
  readonly discountFen: number;
  /** What others take off for the buyer: the platform (a coupon, a subsidy) or the person who streams. */
  readonly othersFen: number; readonly othersBy: WorldBearer;
  /** What the buyer paid for the line, without freight. */
  readonly paidFen: number;
};
export type WorldRefund = { readonly refundId: string; readonly oid: string; readonly refundFen: number; readonly requestedAt: Date; modifiedAt: Date; state: 'requested' | 'refunded' | 'refused' | 'withdrawn'; readonly reason: string; readonly goodsReturn: boolean };
/** What a test may ask: why a planted order must be held. */
export type PlantedFlaw = { readonly holdCode: string };
export type WorldShipment = { readonly courier: string; trackingNumber: string; readonly oids: readonly string[]; readonly at: Date; readonly by: 'shop' | 'api'; readonly quantities?: Readonly<Record<string, number>> };
export type WorldReceiver = { readonly name: string; readonly phone: string; readonly province: string; readonly city: string; readonly district: string; readonly town: string; readonly address: string; readonly oaid: string };
export type WorldOrder = {
  readonly channel: string; readonly tid: string; readonly tradeNo: string; readonly buyerOpenUid: string; readonly buyerNick: string; receiver: WorldReceiver;
  readonly placedAt: Date; paidAt?: Date; finishedAt?: Date; modifiedAt: Date; state: WorldState;
  /** A pre-sale in two steps: of what it costs, `depositFen` is paid at first; `depositOnly` until the balance is. */
  depositOnly: boolean; readonly depositFen: number; forfeited?: boolean;
  readonly lines: readonly WorldLine[]; readonly freightFen: number; readonly paidFen: number; readonly commissionFen: number;
  /** Added to what the platform says was paid: a planted order whose amounts do not add up. */
  readonly wrongFen: number; buyerMessage: string; sellerMemo: string; sellerFlag: number; readonly refunds: WorldRefund[]; readonly shipments: WorldShipment[]; readonly planted?: PlantedFlaw;
};
/** Where the money of a platform's buyers goes: a payment account of the seller's, or the platform's own wallet. */
export type PaysBy = 'alipay' | 'wechat-pay' | 'wallet';
/** Money that reached or left the payment account for one order: what the payment channel's bill is made of. */
export type WorldPayment = {
  readonly channel: string; readonly by: PaysBy; readonly tid: string; readonly tradeNo: string;
  /** The merchant's number as it stands in the account's ledger; it names the order. */
  readonly merchantOrderNo: string;
  readonly kind: 'sale' | 'refund' | 'commission'; readonly refundNo: string; readonly at: Date; readonly amountFen: number; readonly buyerAccount: string;
};
export type PlaceInput = { readonly channel?: string | undefined; readonly merchantCode?: string | undefined; readonly quantity?: number | undefined; readonly planted?: string | undefined };
export type ShipInput = { readonly tid: string; readonly courier: string; readonly trackingNumber: string; readonly oids: readonly string[]; readonly quantities?: Readonly<Record<string, number>> };
/** What is done to the world from outside: by a shop through a stand-in, or by a test. All of it is kept in the journal. */
export type Deed =
  | { readonly do: 'place'; readonly input: PlaceInput }
  | { readonly do: 'ship'; readonly input: ShipInput }
  | { readonly do: 'renumber'; readonly tid: string; readonly was: string; readonly trackingNumber: string }
  | { readonly do: 'memo'; readonly tid: string; readonly memo: string; readonly flag: number }
  /** What couriers were told or did. */
  | { readonly do: 'courier'; readonly deed: BookDeed }
  | { readonly do: 'quantity'; readonly sku: string; readonly quantity: number }
  /** The buyer's deeds, and the platform's. */
  | { readonly do: 'confirm' | 'refund' | 'refund-done' | 'refund-withdrawn' | 'address' | 'remark' | 'balance' | 'forfeit'; readonly tid: string };
export interface World {
  readonly since: Date;
  now(): Date;
  /** Lets buyers act until `at`: places, pays, ships what the shop shipped itself, asks refunds, confirms. */
  advanceTo(at: Date): void;
  /** All orders, or those of one platform. */
  orders(channel?: string): readonly WorldOrder[];
  order(tid: string): WorldOrder | undefined;
  /** One platform's orders whose time of change (or of placing) falls in [from, to] by whole seconds, oldest first. */
  between(channel: string, by: 'modifiedAt' | 'placedAt', from: number, to: number): readonly WorldOrder[];
  /** Payment lines of one account, or of all, whose `at` falls in [from, to). */
  payments(from: Date, to: Date, by?: PaysBy): readonly WorldPayment[];
  /** Does it, and keeps it in the journal. `place` answers the order. */
  apply(deed: Deed): WorldOrder | undefined;
  quantities(): Readonly<Record<string, number>>;
  /** Waybills that couriers gave, and where their parcels are. */
  couriers(): CourierBook;
}
