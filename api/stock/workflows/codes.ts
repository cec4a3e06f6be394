/** What SKUs are called and scanned by. */
import { Skus, type SkuDoc } from '../store/models.ts';

/** Name and barcode of these SKUs, or of all. */
export async function skuCodes(codes?: readonly string[]): Promise<Map<string, { readonly name: string; readonly barcode: string }>> {
  const found = await Skus.find(codes ? { code: { $in: [...codes] } } : {}, { code: 1, name: 1, barcode: 1 }).lean<SkuDoc[]>();
  return new Map(found.map((s) => [s.code, { name: s.name, barcode: s.barcode }]));
}

/** The SKU of each code that a scanner read: its own code, or its barcode. */
export async function skusScanned(scanned: readonly string[]): Promise<Map<string, string>> {
  const found = await Skus.find({ $or: [{ code: { $in: [...scanned] } }, { barcode: { $in: scanned.filter((c) => c !== '') } }] }, { code: 1, barcode: 1 }).lean<SkuDoc[]>();
  return new Map(found.flatMap((s) => [...(s.barcode ? [[s.barcode, s.code] as const] : []), [s.code, s.code] as const]));
}
