/** The states of a parcel and the moves between them, as one table. Pure. */
export const PARCEL_MOVES = {
  planned: ['reserved', 'cancelled'],
  reserved: ['waybilled', 'planned', 'cancelled'],
  waybilled: ['printed', 'reserved', 'cancelled'],
  printed: ['packed', 'shipped', 'cancelled'],
  packed: ['shipped', 'cancelled'],
  shipped: ['delivered', 'returned'],
  delivered: ['returned'],
  cancelled: [],
  returned: [],
} as const satisfies Record<string, readonly string[]>;
export type ParcelState = keyof typeof PARCEL_MOVES;
export const canMove = (from: ParcelState, to: ParcelState): boolean => (PARCEL_MOVES[from] as readonly string[]).includes(to);
/** Before these it may be taken apart without anybody noticing; after, paper has to be thrown away. */
export const isOnPaper = (state: ParcelState): boolean => state === 'printed' || state === 'packed';
export const isGone = (state: ParcelState): boolean => state === 'shipped' || state === 'delivered' || state === 'returned';
