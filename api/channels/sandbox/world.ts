/**
 * The sandbox company's world: what its buyers did, as the platforms' stand-ins know it. Driven by a seed: the same seed
 * and the same clock give the same days. Stand-ins read and change it; the service never sees it.
 * Amounts in fen, instants in UTC.
 */
export type WorldLine = {
  readonly oid: string;
  readonly itemId: string;
  readonly skuId: string;
  readonly merchantCode: string;
  readonly title: string;
  readonly properties: string;
  readonly quantity: number;
  readonly unitPriceFen: number;
  readonly discountFen: number;
  readonly paidFen: number;
};
export type WorldRefund = { readonly refundId: string; readonly oid: string; readonly refundFen: number; readonly requestedAt: Date; settledAt?: Date; state: 'requested' | 'refunded' | 'refused'; readonly reason: string };
/** What a test may ask: why a planted order must be held, or undefined for a planted-good one. */
export type PlantedFlaw = { readonly holdCode: string; readonly words: string };
export type WorldShipment = { readonly courier: string; readonly trackingNumber: string; readonly oids: readonly string[]; readonly at: Date };
export type WorldOrder = {
  readonly platform: string;
  readonly tid: string;
  readonly tradeNo: string;
  readonly buyerOpenUid: string;
  readonly buyerNick: string;
  readonly receiver: { readonly name: string; readonly phone: string; readonly province: string; readonly city: string; readonly district: string; readonly town: string; readonly address: string; readonly oaid: string };
  readonly placedAt: Date;
  paidAt?: Date;
  modifiedAt: Date;
  status: string;
  readonly lines: readonly WorldLine[];
  readonly freightFen: number;
  readonly paidFen: number;
  readonly commissionFen: number;
  buyerMessage: string;
  sellerMemo: string;
  sellerFlag: number;
  readonly refunds: WorldRefund[];
  readonly shipments: WorldShipment[];
  readonly planted?: PlantedFlaw;
};
/** Money that reached or left the payment account for one order: what the payment channel's bill is made of. */
export type WorldPayment = {
  readonly tradeNo: string;
  /** As Taobao orders stand in Alipay's ledger: `T200P` + tid. */
  readonly merchantOrderNo: string;
  readonly kind: 'sale' | 'refund' | 'commission';
  readonly refundNo: string;
  readonly at: Date;
  readonly amountFen: number;
  readonly feeFen: number;
  readonly buyerAccount: string;
};
export interface World {
  readonly seed: number;
  now(): Date;
  /** Lets buyers act until `at`: places, pays, edits, asks refunds. */
  advanceTo(at: Date): void;
  orders(): readonly WorldOrder[];
  order(tid: string): WorldOrder | undefined;
  /** Payment lines whose `at` falls in [from, to). */
  payments(from: Date, to: Date): readonly WorldPayment[];
  /** One more paid order, for tests and for the live demo. */
  placeOrder(input?: { readonly merchantCode?: string; readonly quantity?: number; readonly planted?: string }): WorldOrder;
}
