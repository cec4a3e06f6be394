/**
 * What stood at an instant, as it is known now or as it was known then. Every figure comes from the one ledger: today's balances
 * less what counts for later or was recorded later. `asOf` looks at `bookedAt`, so a closed period stays as it was printed.
 */
import { isBusinessDay, addDays, startOfDay } from '../../contract/values/time.ts';
import { destinationOf, isStocked, isTransit } from '../domain/places.ts';
import { Corrections, Movements, positionId, Positions, type CorrectionDoc, type MovementDoc, type PositionDoc } from '../store/models.ts';

export type Moment = { readonly asOf?: Date | undefined; readonly asKnownAt?: Date | undefined };
export type StockThen = { readonly warehouseCode: string; readonly skuCode: string; onHand: number; valueFen: number; inTransit: number };

/** A day stands for its last instant; an instant for itself. */
export const momentOf = (text: string): Date => (isBusinessDay(text) ? new Date(startOfDay(addDays(text, 1)).getTime() - 1) : new Date(text));

/** What is left out of today's figures: what counts for later than `asOf`, and what was recorded later than `asKnownAt`. */
export function outsideOf({ asOf, asKnownAt }: Moment): Record<string, unknown> | undefined {
  const parts = [...(asOf ? [{ bookedAt: { $gt: asOf } }] : []), ...(asKnownAt ? [{ recordedAt: { $gt: asKnownAt } }] : [])];
  return parts.length === 0 ? undefined : parts.length === 1 ? parts[0] : { $or: parts };
}

export async function stockAsOf(moment: Moment, skuCodes?: readonly string[]): Promise<StockThen[]> {
  const own = skuCodes ? { skuCode: { $in: [...skuCodes] } } : {};
  const positions = await Positions.find(own, { warehouseCode: 1, skuCode: 1, onHand: 1, valueFen: 1, inTransit: 1 }).lean<PositionDoc[]>();
  const then = new Map<string, StockThen>(positions.map((p) => [p._id, { warehouseCode: p.warehouseCode, skuCode: p.skuCode, onHand: p.onHand, valueFen: p.valueFen, inTransit: p.inTransit }]));
  const outside = outsideOf(moment);
  if (!outside) return [...then.values()];
  const filter = { ...own, ...outside };
  const less = (place: string, skuCode: string, quantity: number, valueFen: number): void => {
    if (!isStocked(place)) return;
    const id = positionId(place, skuCode);
    let row = then.get(id);
    if (!row) then.set(id, (row = { warehouseCode: place, skuCode, onHand: 0, valueFen: 0, inTransit: 0 }));
    row.onHand -= quantity;
    row.valueFen -= valueFen;
    const to = isTransit(place) ? then.get(positionId(destinationOf(place), skuCode)) : undefined;
    if (to) to.inTransit -= quantity;
  };
  const fields = { projection: { _id: 0, skuCode: 1, from: 1, to: 1, quantity: 1, costFen: 1 }, batchSize: 5_000 };
  for await (const m of Movements.collection.find(filter, fields) as unknown as AsyncIterable<MovementDoc>) {
    less(m.to, m.skuCode, m.quantity, m.costFen);
    less(m.from, m.skuCode, -m.quantity, -m.costFen);
  }
  // A correction has clocks of its own: it may be left out where its movement is not.
  for (const c of await Corrections.find(filter).lean<CorrectionDoc[]>()) {
    less(c.to, c.skuCode, 0, c.differenceFen);
    less(c.from, c.skuCode, 0, -c.differenceFen);
  }
  return [...then.values()];
}
