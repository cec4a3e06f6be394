/** Where a movement may come from and go to: a warehouse's code, goods on the way to one, or outside. Pure. */
export const OUTSIDE = ['supplier', 'buyer', 'opening', 'count', 'loss', 'sample', 'assembly', 'other'] as const;
export type Outside = (typeof OUTSIDE)[number];
const outside: ReadonlySet<string> = new Set(OUTSIDE);
const TRANSIT = 'transit:';

/** A place whose pieces are ours: a warehouse, or the way to one. */
export const isStocked = (place: string): boolean => !outside.has(place);
/** Goods on the way to a warehouse lie in a place of their own, so that they are owned and valued but cannot be promised. */
export const transitTo = (warehouseCode: string): string => `${TRANSIT}${warehouseCode}`;
export const isTransit = (place: string): boolean => place.startsWith(TRANSIT);
export const destinationOf = (place: string): string => place.slice(TRANSIT.length);
export const mayBeWarehouse = (code: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,19}$/.test(code) && !outside.has(code);

export const MOVEMENT_KINDS = ['opening', 'receipt', 'shipment', 'return', 'supplier-return', 'count', 'transfer', 'scrap', 'sample', 'assemble', 'disassemble', 'bin-move', 'other-in', 'other-out'] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];
