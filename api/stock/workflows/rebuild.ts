/** Rebuilds every position from the ledger and the reservations, and names each difference. */
import { Movements, Positions, Reservations, type PositionDoc } from '../store/models.ts';
import { isWarehouse } from './post-movement.ts';

export async function rebuildPositions(): Promise<{ checked: number; differences: string[] }> {
  const made = new Map<string, { onHand: number; valueFen: number; reserved: number }>();
  const at = (warehouse: string, sku: string) => {
    const key = `${warehouse}:${sku}`;
    let p = made.get(key);
    if (!p) made.set(key, (p = { onHand: 0, valueFen: 0, reserved: 0 }));
    return p;
  };
  for await (const m of Movements.find({}).sort({ _id: 1 }).lean().cursor()) {
    if (isWarehouse(m.from)) { const p = at(m.from, m.skuCode); p.onHand -= m.quantity; p.valueFen -= m.costFen; }
    if (isWarehouse(m.to)) { const p = at(m.to, m.skuCode); p.onHand += m.quantity; p.valueFen += m.costFen; }
  }
  for await (const r of Reservations.find({}).lean().cursor()) at(r.warehouseCode, r.skuCode).reserved += r.quantity;
  const kept = await Positions.find({}).lean<PositionDoc[]>();
  const differences: string[] = [];
  const zero = { onHand: 0, valueFen: 0, reserved: 0 };
  for (const id of new Set([...made.keys(), ...kept.map((k) => k._id)])) {
    const [is, shall] = [kept.find((k) => k._id === id) ?? zero, made.get(id) ?? zero];
    for (const field of ['onHand', 'valueFen', 'reserved'] as const) if (is[field] !== shall[field]) differences.push(`${id} ${field}: kept ${is[field]}, rebuilt ${shall[field]}`);
    if (is.onHand - is.reserved < 0) differences.push(`${id} available is negative`);
  }
  return { checked: kept.length, differences };
}
