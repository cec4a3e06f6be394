/** What pillars tell upwards, through the outbox. `key` of an event makes its effect happen once. */
export type EventPayloads = {
  'order.paid': { readonly orderId: string };
  'order.changed': { readonly orderId: string };
  'refund.changed': { readonly refundId: string };
  'parcel.shipped': { readonly parcelId: string };
  'receipt.posted': { readonly receiptId: string };
  /** Stock came or went without a purchase or a sale: opening, count, return. */
  'stock.adjusted': { readonly movementId: string };
  /** A late entry changed what movements cost; `cause` names its corrections. */
  'stock.corrected': { readonly cause: string };
};
export type Topic = keyof EventPayloads;
/** Who listens to what: an event is kept until each of these has handled it. */
export const SUBSCRIBERS: Readonly<Record<Topic, readonly string[]>> = {
  'order.paid': ['journal', 'customers'],
  'order.changed': ['journal', 'customers'],
  'refund.changed': ['journal', 'customers'],
  'parcel.shipped': ['journal'],
  'receipt.posted': ['journal'],
  'stock.adjusted': ['journal'],
  'stock.corrected': ['journal'],
};
