/** How a platform differs from the others in the sandbox company's world: its ids, its buyers, what can go wrong there. */
import type { PaysBy, WorldBearer } from './world.ts';

/** Planted flaws and the hold that each must lead to. */
export const PLANTED = ['refund_in_flight', 'buyer_asks_change', 'seller_memo_stop', 'address_incomplete', 'hold_remote', 'sku_unmapped', 'quantity_unusual', 'amount_unusual', 'price_floor', 'presale_unpaid_balance', 'totals_differ', 'unknown_status'] as const;
export type Planted = (typeof PLANTED)[number];

export type PlatformProfile = {
  readonly channel: string;
  readonly shopName: string;
  /** Buyers beside those of the first shop (1 is as many), and for how many days the shop has been open. */
  readonly share: number;
  readonly historyDays: number;
  /** Ids as the platform's look; `number` is the order's place in the shop's life. */
  readonly orderId: (number: number) => string;
  /** `lines`: how many the order has; `index` counts from 0. */
  readonly lineId: (orderId: string, index: number, lines: number, skuId: string) => string;
  /** Where an order holds one listing only. */
  readonly oneLine?: true;
  readonly itemId: (index: number) => string;
  readonly skuId: (index: number) => string;
  readonly commissionPer10k: number;
  readonly planted: readonly Planted[];
  readonly pays: PaysBy;
  /** The merchant's number in the payment account's ledger. */
  readonly merchantOrderNo: (orderId: string) => string;
  /** Who else takes off something for the buyer, and how often. */
  readonly others: readonly { readonly by: WorldBearer; readonly chance: number }[];
  /** Where the platform says such discounts for the whole order only: given to orders of one line, so that the world knows whose they are. */
  readonly othersOnSingleLines?: true;
};
