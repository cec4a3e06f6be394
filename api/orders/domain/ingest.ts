/** What an incoming order is to us: new, changed, the same, or older than what we have. Pure. */
import type { IncomingLine, IncomingOrder, PlatformOrderStatus } from '../../channels/channel.ts';

export type Known = { readonly modifiedAt: Date; readonly hash: string; readonly complete: boolean };
export type Standing = 'new' | 'changed' | 'same' | 'older';

export function standing(known: Known | undefined, incoming: { readonly modifiedAt: Date; readonly hash: string; readonly complete: boolean }): Standing {
  if (!known) return 'new';
  // A fuller source fills what a thinner one left out, whatever its time.
  if (!known.complete && incoming.complete) return 'changed';
  if (known.complete && !incoming.complete) return known.hash === incoming.hash ? 'same' : 'older';
  if (incoming.modifiedAt < known.modifiedAt) return 'older';
  return incoming.hash === known.hash ? 'same' : 'changed';
}

const SHIPPED: ReadonlySet<PlatformOrderStatus> = new Set(['shipped', 'completed']);
export const isShippedThere = (status: PlatformOrderStatus): boolean => SHIPPED.has(status);
export const REVIEWABLE: ReadonlySet<PlatformOrderStatus> = new Set(['to_ship', 'partly_shipped', 'paid_not_shippable', 'unknown']);
export const needsReview = (o: Pick<IncomingOrder, 'status'>): boolean => REVIEWABLE.has(o.status);
/** Lines that are still to be sent: not shipped, and not refunded. */
export const openLines = <L extends Pick<IncomingLine, 'refundState' | 'shipped'>>(lines: readonly L[]): L[] => lines.filter((l) => !l.shipped && l.refundState !== 'refunded');
/** A change of these after review asks for a new one. */
export const reviewHash = (o: Pick<IncomingOrder, 'status' | 'buyerMessage' | 'sellerMemo' | 'sellerFlag' | 'paidFen'> & { readonly shipFromAt?: Date | undefined; readonly invoiceWanted?: boolean | undefined; readonly lines: readonly { readonly platformLineId: string; readonly quantity: number; readonly refundState: string; readonly shipFromAt?: Date | undefined }[]; readonly address: string }): string =>
  JSON.stringify([o.status, o.buyerMessage, o.sellerMemo, o.sellerFlag, o.paidFen, o.address, o.lines.map((l) => [l.platformLineId, l.quantity, l.refundState, ...(l.shipFromAt ? [l.shipFromAt] : [])]), ...(o.shipFromAt ? [o.shipFromAt] : []), ...(o.invoiceWanted ? ['invoice'] : [])]);
