import { Skus, type SkuDoc } from './models.ts';
import { Stocktakes, type CountLineDoc, type StocktakeDoc } from './work-models.ts';

export const stocktakeRow = (s: StocktakeDoc) => ({
  id: s._id, number: s.number, kind: s.kind, warehouseCode: s.warehouseCode, blind: s.blind, state: s.state, snapshotAt: s.snapshotAt.toISOString(), note: s.note, by: s.by, approvedBy: s.approvedBy, lines: s.lines, differencePieces: s.differencePieces, differenceFen: s.differenceFen, revision: s.revision, changedAt: s.changedAt.toISOString(),
});
/** A blind count shows what is booked only when it is over. */
export async function countLineRows(docs: CountLineDoc[]) {
  const [takes, skus] = await Promise.all([Stocktakes.find({ _id: { $in: [...new Set(docs.map((d) => d.stocktakeId))] } }).lean<StocktakeDoc[]>(), Skus.find({ code: { $in: docs.map((d) => d.skuCode) } }, { code: 1, name: 1, barcode: 1 }).lean<SkuDoc[]>()]);
  const take = new Map(takes.map((t) => [t._id, t]));
  const sku = new Map(skus.map((s) => [s.code, s]));
  return docs.map((l) => {
    const hidden = take.get(l.stocktakeId)?.blind === true && take.get(l.stocktakeId)?.state === 'open';
    const counted = l.recounted ?? l.counted;
    const difference = counted === null || hidden ? null : counted - l.booked;
    return {
      id: l._id, stocktakeId: l.stocktakeId, number: take.get(l.stocktakeId)?.number ?? '', warehouseCode: l.warehouseCode, skuCode: l.skuCode, name: sku.get(l.skuCode)?.name ?? '', barcode: sku.get(l.skuCode)?.barcode ?? '', bin: l.bin, batch: l.batch, booked: hidden ? null : l.booked, counted: l.state === 'recount' ? null : counted, difference, differenceFen: difference === null ? null : difference * l.unitFen,
      state: l.state, revision: l.revision, changedAt: l.changedAt.toISOString(),
    };
  });
}
