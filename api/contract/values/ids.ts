/** Our ids: the noun's prefix and a ULID (`ord_01J…`). Theirs: the platform's own text, never a number. */
export const PREFIXES = {
  shop: 'shp', order: 'ord', parcel: 'pcl', refund: 'rfd', sku: 'sku', listing: 'lst', warehouse: 'whs', movement: 'mov',
  position: 'pos', reservation: 'rsv', supplier: 'sup', suggestion: 'sug', purchaseOrder: 'po', receipt: 'rct', statement: 'stm', match: 'mat',
  journal: 'jnl', customer: 'cus', identity: 'idn', ruleTable: 'rul', decision: 'dec', event: 'evt', audit: 'aud', ownField: 'fld', run: 'run', window: 'win',
  notice: 'ntc', user: 'usr', token: 'tok', batch: 'bat', import: 'imp', afterSale: 'afs', alert: 'alt', wave: 'wav', raw: 'raw', change: 'chg', packCheck: 'pck', command: 'cmd',
  lateCost: 'lct', transfer: 'trf', stocktake: 'stk', inbound: 'inb', lock: 'lck',
} as const;
export type Noun = keyof typeof PREFIXES;
export type Id<N extends Noun = Noun> = string & { readonly __noun: N };
export type ShopId = Id<'shop'>;
export type OrderId = Id<'order'>;
export type ParcelId = Id<'parcel'>;
export type CustomerId = Id<'customer'>;
/** A merchant's own SKU code (merchant code, 商家编码). Compared as written, after trimming. */
export type SkuCode = string & { readonly __kind: 'skuCode' };
export const skuCode = (text: string): SkuCode => text.trim() as SkuCode;
/** An id that a platform gave: digits or text, never a number (18 digits do not fit a double). */
export type PlatformId = string & { readonly __kind: 'platformId' };
export const platformId = (text: string): PlatformId => text as PlatformId;
