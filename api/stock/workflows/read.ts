/** What other pillars and the sheet's functions ask of the stock. */
import { Movements, Positions, type MovementDoc, type PositionDoc } from '../store/models.ts';

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
