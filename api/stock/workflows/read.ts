/** What other pillars and the sheet's functions ask of the stock. */
import { lastChanges } from '../../store/feed.ts';
import { Movements, Positions, Skus, Warehouses, type MovementDoc, type PositionDoc } from '../store/models.ts';

export type StockFigure = { readonly skuCode: string; readonly warehouseCode: string; readonly onHand: number; readonly reserved: number; readonly available: number; readonly incoming: number; readonly safetyStock: number };
export async function stockOf(codes?: readonly string[]): Promise<StockFigure[]> {
  const docs = await Positions.find(codes ? { skuCode: { $in: [...codes] } } : {}).lean<PositionDoc[]>();
  return docs.map((p) => ({ skuCode: p.skuCode, warehouseCode: p.warehouseCode, onHand: p.onHand, reserved: p.reserved, available: p.onHand - p.reserved - p.locked, incoming: p.incoming, safetyStock: p.safetyStock }));
}
/** Movements of one reference (a parcel, a receipt). */
export const movementsOf = (reference: string): Promise<MovementDoc[]> => Movements.find({ reference }).lean<MovementDoc[]>();
/** What all stock is worth, in fen: what the inventory account must say. */
export async function stockValue(): Promise<number> {
  const [sum] = await Positions.aggregate<{ valueFen: number }>([{ $group: { _id: null, valueFen: { $sum: '$valueFen' } } }]);
  return sum?.valueFen ?? 0;
}
export const lastOfStock = (): Promise<string> => lastChanges(Positions, Movements);
export const lastOfCatalog = (): Promise<string> => lastChanges(Skus, Warehouses);
/** What a piece cost when it last came in from outside, fen; SKUs that never came are not in it. */
export async function lastCosts(codes: readonly string[]): Promise<Map<string, number>> {
  const rows = await Movements.aggregate<{ _id: string; quantity: number; costFen: number; correctionFen: number }>([{ $match: { skuCode: { $in: [...codes] }, kind: { $in: ['receipt', 'opening'] }, undoneBy: '', undoes: '', quantity: { $gt: 0 } } }, { $sort: { at: 1, seq: 1 } }, { $group: { _id: '$skuCode', quantity: { $last: '$quantity' }, costFen: { $last: '$costFen' }, correctionFen: { $last: '$correctionFen' } } }]);
  return new Map(rows.map((r) => [r._id, Math.round((r.costFen + r.correctionFen) / r.quantity)]));
}

/** The first moment that the ledger knows of: before it nothing of ours was counted. Null: nothing was ever entered. */
export const ledgerBegan = async (): Promise<Date | null> => (await Movements.findOne({}, { at: 1 }).sort({ at: 1 }).lean<Pick<MovementDoc, 'at'>>())?.at ?? null;
