/** Numbered pieces at the packing table: a piece is scanned by its own number, beside its SKU's code or in its place. Pure. */
import type { Caught, Scanned, Wanted } from './pack-check.ts';

export type Numbered = { readonly scanned: readonly Scanned[]; readonly serials: Readonly<Record<string, string[]>>; readonly caught: readonly Caught[] };
/**
 * In: what belongs in the box, which of it is numbered, what was scanned, and which SKU each number in this warehouse is of. Out:
 * the scan with numbers counted as pieces, the numbers by SKU, and what is wrong with them: `serial_missing` pieces without a
 * number, `serial_absent` a number that is not in this warehouse, `serial_twice` one that was scanned more than once.
 */
export function numberPieces(wanted: readonly Wanted[], numbered: ReadonlySet<string>, scanned: readonly Scanned[], skuOfSerial: ReadonlyMap<string, readonly string[]>): Numbered {
  const serials: Record<string, string[]> = {};
  const caught: Caught[] = [];
  const plain: Scanned[] = [];
  const take = (skuCode: string, serial: string): void => {
    const own = (serials[skuCode] ??= []);
    if (own.includes(serial)) caught.push({ code: serial, kind: 'serial_twice', wanted: 1, scanned: 2 });
    else if (!skuOfSerial.get(serial)?.includes(skuCode)) caught.push({ code: serial, kind: 'serial_absent', wanted: 0, scanned: 1 });
    else own.push(serial);
  };
  const itself = (code: string): string | undefined => wanted.find((w) => w.skuCode === code || (w.barcode !== '' && w.barcode === code))?.skuCode;
  for (const s of scanned) {
    const sku = itself(s.code);
    if (sku !== undefined && numbered.has(sku)) {
      for (const serial of s.serials ?? []) take(sku, serial);
      plain.push(s);
      continue;
    }
    // The number alone is a scan of its piece.
    const piece = sku === undefined ? wanted.find((w) => numbered.has(w.skuCode) && skuOfSerial.get(s.code)?.includes(w.skuCode))?.skuCode : undefined;
    if (piece === undefined) { plain.push(s); continue; }
    take(piece, s.code);
    plain.push({ code: piece, quantity: s.quantity });
  }
  for (const w of wanted) {
    const there = serials[w.skuCode]?.length ?? 0;
    if (numbered.has(w.skuCode) && there !== w.quantity) caught.push({ code: w.skuCode, kind: 'serial_missing', wanted: w.quantity, scanned: there });
  }
  return { scanned: plain, serials, caught };
}
