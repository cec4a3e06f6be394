/** What was scanned into a box against what belongs in it. Pure. */
export type Wanted = { readonly skuCode: string; readonly barcode: string; readonly quantity: number };
export type Scanned = { readonly code: string; readonly quantity: number; readonly serials?: readonly string[] | undefined };
export type Caught = { readonly code: string; readonly kind: 'unknown' | 'wrong' | 'missing' | 'extra' | 'serial_missing' | 'serial_absent' | 'serial_twice'; readonly wanted: number; readonly scanned: number };

/**
 * Every difference, named: `unknown` no SKU has this code, `wrong` it belongs in another box, `missing` and `extra` a number that
 * differs. Barcode and SKU code count alike. Empty: the box is right.
 */
export function packDifferences(wanted: readonly Wanted[], scanned: readonly Scanned[], skuOf: (code: string) => string | undefined): Caught[] {
  const had = new Map<string, number>();
  const caught: Caught[] = [];
  for (const s of scanned) {
    const sku = wanted.find((w) => w.skuCode === s.code || (w.barcode !== '' && w.barcode === s.code))?.skuCode ?? skuOf(s.code);
    if (sku === undefined) caught.push({ code: s.code, kind: 'unknown', wanted: 0, scanned: s.quantity });
    else had.set(sku, (had.get(sku) ?? 0) + s.quantity);
  }
  for (const [sku, n] of had) if (!wanted.some((w) => w.skuCode === sku)) caught.push({ code: sku, kind: 'wrong', wanted: 0, scanned: n });
  for (const w of wanted) {
    const n = had.get(w.skuCode) ?? 0;
    if (n !== w.quantity) caught.push({ code: w.skuCode, kind: n < w.quantity ? 'missing' : 'extra', wanted: w.quantity, scanned: n });
  }
  return caught;
}
