/**
 * Waves: parcels of one warehouse and courier that are picked, printed and packed together.
 * In: which parcels (all that are ready, or those of a courier or warehouse), and how many at most. Out: the waves made.
 * Parcels with one and the same SKU make waves of their own, biggest first: they are packed without looking.
 */
import { localTimeText } from '../../contract/values/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { PickListView, PickLine } from '../../printing/pick-list.ts';
import { demandOf, pickPath, skuFacts, warehouses } from '../../stock/index.ts';
import { isGiftLine } from '../domain/gifts.ts';
import { Parcels, Waves, type ParcelDoc, type WaveDoc } from '../store/models.ts';

/** Fewer of one SKU are not worth a round of their own. */
const LEAST_SINGLE = 3;
export type WaveInput = { readonly warehouse?: string; readonly courier?: string; readonly most: number };

const soleSku = (p: ParcelDoc): string => (p.lines.length === 1 ? `${p.lines[0]!.skuCode}×${p.lines[0]!.quantity}` : '');
const grouped = <T>(list: readonly T[], by: (x: T) => string): Map<string, T[]> => list.reduce((m, x) => m.set(by(x), [...(m.get(by(x)) ?? []), x]), new Map<string, T[]>());

/** Ready parcels in groups that make sense to a picker. Pure; `most` cuts a group into several waves. */
export function groupForWaves(parcels: readonly ParcelDoc[], most: number): { kind: 'single' | 'mixed'; parcels: ParcelDoc[] }[] {
  const made: { kind: 'single' | 'mixed'; parcels: ParcelDoc[] }[] = [];
  for (const route of grouped(parcels, (p) => `${p.warehouseCode}|${p.courierCode}`).values()) {
    const singles = [...grouped(route.filter((p) => soleSku(p) !== ''), soleSku)].filter(([, list]) => list.length >= LEAST_SINGLE).sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
    const alone = new Set(singles.flatMap(([, list]) => list.map((p) => p._id)));
    // Mixed parcels that share SKUs stand near each other, so that a picker walks once.
    const mixed = route.filter((p) => !alone.has(p._id)).sort((a, b) => (soleSku(a) || 'z') < (soleSku(b) || 'z') ? -1 : (soleSku(a) || 'z') > (soleSku(b) || 'z') ? 1 : a._id < b._id ? -1 : 1);
    for (const [kind, list] of [...singles.map(([, l]) => ['single', l] as const), ['mixed', mixed] as const]) for (let i = 0; i < list.length; i += most) made.push({ kind, parcels: list.slice(i, i + most) });
  }
  return made;
}

export async function makeWaves(rt: Runtime, input: WaveInput, userId: string): Promise<WaveDoc[]> {
  return rt.transact(async (session) => {
    const ready = await Parcels.find({ state: { $in: ['reserved', 'waybilled'] }, alarm: null, waveId: { $in: ['', null] }, supplierId: null, ...(input.warehouse ? { warehouseCode: input.warehouse } : {}), ...(input.courier ? { courierCode: input.courier } : {}) }).sort({ _id: 1 }).limit(5_000).session(session).lean<ParcelDoc[]>();
    const now = rt.clock.now();
    const day = localTimeText(now).slice(5, 10).replace('-', '');
    const before = await Waves.countDocuments({ number: { $regex: `^${day}-` } }).session(session);
    const waves = groupForWaves(ready, input.most).map((g, i): WaveDoc => ({ _id: rt.newId('wave'), number: `${day}-${before + i + 1}`, warehouseCode: g.parcels[0]!.warehouseCode, courierCode: g.parcels[0]!.courierCode, kind: g.kind, parcelIds: g.parcels.map((p) => p._id), at: now, by: userId, revision: 1, changedAt: now }));
    if (waves.length === 0) return [];
    await Waves.insertMany(waves, { session });
    await Parcels.bulkWrite(waves.flatMap((w) => w.parcelIds.map((_id, i) => ({ updateOne: { filter: { _id }, update: { $set: { waveId: w._id, slot: i + 1, changedAt: now }, $inc: { revision: 1 } } } }))), { session });
    return waves;
  });
}

/** Takes pieces for the first slots that still want some: one SKU may be fetched from several bins. */
function fillSlots(slots: { slot: number; quantity: number }[], quantity: number): { slot: number; quantity: number }[] {
  const filled: { slot: number; quantity: number }[] = [];
  for (let left = quantity; left > 0 && slots.length > 0;) {
    const first = slots[0]!;
    const taken = Math.min(left, first.quantity);
    filled.push({ slot: first.slot, quantity: taken });
    left -= taken;
    first.quantity -= taken;
    if (first.quantity === 0) slots.shift();
  }
  return filled;
}

/** What to fetch for a wave, in the order of the bins, and into which slot each piece goes. */
export async function pickListOf(rt: Runtime, waveId: string): Promise<PickListView | undefined> {
  const wave = await Waves.findById(waveId).lean<WaveDoc>();
  if (!wave) return undefined;
  const parcels = (await Parcels.find({ waveId, state: { $ne: 'cancelled' } }).sort({ slot: 1 }).lean<ParcelDoc[]>()).filter((p) => !p.alarm);
  const facts = await skuFacts(parcels.flatMap((p) => p.lines.map((l) => l.skuCode)));
  const gifts = new Map(demandOf(parcels.flatMap((p) => p.lines.filter((l) => isGiftLine(l.platformLineId))), (sku) => facts.get(sku)?.kit ?? []).map((g) => [g.skuCode, g.quantity]));
  const wanted = new Map<string, { quantity: number; slots: { slot: number; quantity: number }[] }>();
  for (const p of parcels) for (const part of demandOf(p.lines, (sku) => facts.get(sku)?.kit ?? [])) {
    const w = wanted.get(part.skuCode) ?? { quantity: 0, slots: [] };
    w.quantity += part.quantity;
    w.slots.push({ slot: p.slot ?? 0, quantity: part.quantity });
    wanted.set(part.skuCode, w);
  }
  const [names, houses, walk] = await Promise.all([skuFacts([...wanted.keys()]), warehouses(), pickPath(wave.warehouseCode, [...wanted].map(([skuCode, w]) => ({ skuCode, quantity: w.quantity })))]);
  // What the bins do not know of is still to be fetched: it stands last, without a place.
  const steps = [...walk.steps, ...walk.short.map((x) => ({ ...x, bin: '', batch: '' }))];
  const giftsAt = (sku: string, quantity: number): number => { const n = Math.min(quantity, gifts.get(sku) ?? 0); gifts.set(sku, (gifts.get(sku) ?? 0) - n); return n; };
  const lines = steps.map((step): PickLine => ({ bin: [step.bin, step.batch].filter(Boolean).join(' '), skuCode: step.skuCode, name: names.get(step.skuCode)?.name ?? '', quantity: step.quantity, gifts: giftsAt(step.skuCode, step.quantity), slots: fillSlots(wanted.get(step.skuCode)!.slots, step.quantity) }));
  return { waveId, title: `${wave.number} ${wave.courierCode} ${wave.kind === 'single' ? '单品波次' : '混合波次'}`, warehouseName: houses.find((h) => h.code === wave.warehouseCode)?.name ?? wave.warehouseCode, parcels: parcels.length, lines, printedAt: rt.clock.now() };
}
