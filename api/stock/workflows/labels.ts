/** What stands on the labels of goods. Wrong: a SKU that does not exist. */
import type { SkuLabel } from '../../printing/sku-labels.ts';
import { fenFromInteger, yuanText } from '../../contract/values/money.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { Skus, type SkuDoc } from '../store/models.ts';
import { Batches, type BatchDoc } from '../store/work-models.ts';
import type { LineRefusal } from './transfers.ts';

export async function skuLabels(asked: readonly { skuCode: string; copies: number; batch: string; bin: string }[]): Promise<Result<SkuLabel[], readonly LineRefusal[]>> {
  const skus = new Map((await Skus.find({ $or: [{ code: { $in: asked.map((l) => l.skuCode) } }, { _id: { $in: asked.map((l) => l.skuCode) } }] }).lean<SkuDoc[]>()).flatMap((s) => [[s._id, s], [s.code, s]] as const));
  const batches = new Map((await Batches.find({ _id: { $in: asked.map((l) => `${skus.get(l.skuCode)?.code ?? ''}|${l.batch}`) } }).lean<BatchDoc[]>()).map((b) => [b._id, b]));
  const refused = asked.flatMap((l, i): LineRefusal[] => (skus.has(l.skuCode) ? [] : [{ row: i + 1, column: 'skuCode', code: 'unknown_sku', message: { zh: `没有货品 ${l.skuCode}。`, en: `There is no SKU ${l.skuCode}.` } }]));
  if (refused.length > 0) return refuse(refused);
  return ok(asked.flatMap((l) => { const s = skus.get(l.skuCode)!; return Array.from({ length: l.copies }, () => ({ skuCode: s.code, name: s.name, barcode: s.barcode, batch: l.batch, expiresOn: batches.get(`${s.code}|${l.batch}`)?.expiresOn ?? '', bin: l.bin, price: yuanText(fenFromInteger(s.priceFen)) })); }));
}
