/**
 * The sandbox company's world: what its buyers did, as the platforms' stand-ins know it. The same seed and the same start
 * give the same days. Stand-ins read and change it; the service never sees it. Amounts in fen, instants in UTC.
 */
export type WorldLine = {
  readonly oid: string; readonly itemId: string; readonly skuId: string; readonly merchantCode: string; readonly title: string; readonly properties: string; readonly quantity: number; readonly unitPriceFen: number; readonly discountFen: number; readonly paidFen: number;
};
export type WorldRefund = { readonly refundId: string; readonly oid: string; readonly refundFen: number; readonly requestedAt: Date; modifiedAt: Date; state: 'requested' | 'refunded' | 'refused'; readonly reason: string; readonly goodsReturn: boolean };
/** What a test may ask: why a planted order must be held. */
export type PlantedFlaw = { readonly holdCode: string };
export type WorldShipment = { readonly courier: string; readonly trackingNumber: string; readonly oids: readonly string[]; readonly at: Date; readonly by: 'shop' | 'api' };
export type WorldOrder = {
  readonly tid: string; readonly tradeNo: string; readonly buyerOpenUid: string; readonly buyerNick: string;
  readonly receiver: { readonly name: string; readonly phone: string; readonly province: string; readonly city: string; readonly district: string; readonly town: string; readonly address: string; readonly oaid: string };
  readonly placedAt: Date; paidAt?: Date; finishedAt?: Date; modifiedAt: Date; status: string; stepStatus: string; readonly lines: readonly WorldLine[]; readonly freightFen: number; readonly paidFen: number; readonly commissionFen: number;
  /** Added to what the platform says was paid: a planted order whose amounts do not add up. */
  readonly wrongFen: number; readonly buyerMessage: string; readonly sellerMemo: string; readonly sellerFlag: number; readonly refunds: WorldRefund[]; readonly shipments: WorldShipment[]; readonly planted?: PlantedFlaw;
};
/** Money that reached or left the payment account for one order: what the payment channel's bill is made of. */
export type WorldPayment = {
  readonly tradeNo: string;
  /** As Taobao orders stand in Alipay's ledger: `T200P` + tid. */
  readonly merchantOrderNo: string;
  readonly kind: 'sale' | 'refund' | 'commission'; readonly refundNo: string; readonly at: Date; readonly amountFen: number; readonly buyerAccount: string;
};
export type PlaceInput = { readonly merchantCode?: string | undefined; readonly quantity?: number | undefined; readonly planted?: string | undefined };
export type ShipInput = { readonly tid: string; readonly courier: string; readonly trackingNumber: string; readonly oids: readonly string[] };
export interface World {
  readonly since: Date;
  now(): Date;
  /** Lets buyers act until `at`: places, pays, ships what the shop shipped itself, asks refunds, confirms. */
  advanceTo(at: Date): void;
  orders(): readonly WorldOrder[];
  order(tid: string): WorldOrder | undefined;
  /** Payment lines whose `at` falls in [from, to). */
  payments(from: Date, to: Date): readonly WorldPayment[];
  /** One more paid order, for tests and for the live demo. */
  placeOrder(input: PlaceInput): WorldOrder;
  ship(input: ShipInput): void;
  /** The buyer confirms: the money reaches the seller. */
  confirm(tid: string): void;
  requestRefund(tid: string): void;
  /** The world's clock stands at `to` now and goes on from there. */
  setClock(to: Date): void;
  setQuantity(skuId: string, quantity: number): void;
  quantities(): Readonly<Record<string, number>>;
}
