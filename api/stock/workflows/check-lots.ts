/** What the audit proves of bins, batches and serial numbers: each is the sum of the movements' own parts. */
import { isStocked } from '../domain/places.ts';
import { Movements, Positions, type MovementDoc, type PositionDoc } from '../store/models.ts';
import { lotId, Lots, Serials, type LotDoc, type SerialDoc } from '../store/work-models.ts';
import type { Found } from './rebuild.ts';

export async function checkLots(): Promise<Found> {
  const made = new Map<string, number>();
  const serials = new Map<string, { at: Date; seq: string; place: string }>();
  const add = (place: string, m: MovementDoc, part: { bin: string; batch: string; quantity: number }, sign: number): void => {
    if (part.bin !== '' || part.batch !== '') made.set(lotId(place, m.skuCode, part), (made.get(lotId(place, m.skuCode, part)) ?? 0) + sign * part.quantity);
  };
  for await (const m of Movements.find({ $or: [{ 'taken.0': { $exists: true } }, { 'put.0': { $exists: true } }, { 'serials.0': { $exists: true } }] }).sort({ _id: 1 }).lean<MovementDoc[]>().cursor()) {
    const counted = m.kind === 'count' ? (isStocked(m.to) ? m.to : m.from) : undefined;
    for (const p of m.taken) add(counted ?? m.from, m, p, -1);
    for (const p of m.put) add(counted ?? m.to, m, p, 1);
    for (const s of m.serials) serials.set(`${m.skuCode}|${s}`, { at: m.at, seq: m.seq, place: m.to });
  }
  const kept = await Lots.find({}).lean<LotDoc[]>();
  const differences = kept.flatMap((l) => ((made.get(l._id) ?? 0) === l.quantity ? [] : [`lot ${l._id}: kept ${l.quantity}, movements say ${made.get(l._id) ?? 0}`]));
  for (const [id, n] of made) if (n !== 0 && !kept.some((l) => l._id === id)) differences.push(`lot ${id}: not kept, movements say ${n}`);
  for (const s of await Serials.find({}).lean<SerialDoc[]>()) if (serials.get(s._id)?.place !== s.place) differences.push(`serial ${s._id}: kept at ${s.place}, movements say ${serials.get(s._id)?.place ?? 'nowhere'}`);
  const held = new Map<string, number>();
  for (const l of kept) held.set(`${l.warehouseCode}:${l.skuCode}`, (held.get(`${l.warehouseCode}:${l.skuCode}`) ?? 0) + l.quantity);
  for (const p of await Positions.find({ _id: { $in: [...held.keys()] } }).lean<PositionDoc[]>()) if ((held.get(p._id) ?? 0) > p.onHand) differences.push(`${p._id}: bins hold ${held.get(p._id)}, on hand ${p.onHand}`);
  return { checked: kept.length, differences };
}
