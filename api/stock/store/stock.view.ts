import { Shops } from '../../shops/index.ts';
import { unitCost } from '../domain/cost.ts';
import { figureWords } from '../domain/push-figure.ts';
import { stockAsOf, type Moment } from '../workflows/as-of.ts';
import { Listings, Positions, PushMarks, Skus, Warehouses, type ListingDoc, type MovementDoc, type PositionDoc, type PushMarkDoc, type SkuDoc } from './models.ts';
import type { AlertDoc } from './work-models.ts';

type State = 'out' | 'low' | 'ok';
export const availableOf = (p: PositionDoc): number => p.onHand - p.reserved - p.locked;
const stateOf = (p: PositionDoc): State => (availableOf(p) <= 0 ? 'out' : availableOf(p) < p.safetyStock ? 'low' : 'ok');

export async function positionRows(docs: PositionDoc[]) {
  const names = new Map((await Skus.find({ code: { $in: docs.map((d) => d.skuCode) } }).lean<SkuDoc[]>()).map((s) => [s.code, s.name]));
  return docs.map((p) => ({
    id: p._id, warehouseCode: p.warehouseCode, skuCode: p.skuCode, name: names.get(p.skuCode) ?? '', onHand: p.onHand, reserved: p.reserved, locked: p.locked, available: availableOf(p), incoming: p.incoming, inTransit: p.inTransit,
    unitCostFen: unitCost(p) as number, valueFen: p.valueFen, safetyStock: p.safetyStock, state: stateOf(p), counted: null, countReason: '', revision: p.revision, changedAt: p.changedAt.toISOString(),
  }));
}
/** Positions as of the past: what was promised then is no ledger, so it is said to be unknown. */
export async function positionsThen(moment: Moment) {
  const then = await stockAsOf(moment);
  const names = new Map((await Skus.find({}, { code: 1, name: 1 }).lean<SkuDoc[]>()).map((s) => [s.code, s.name]));
  return then.filter((p) => p.onHand !== 0 || p.valueFen !== 0 || p.inTransit !== 0).map((p) => ({
    id: `${p.warehouseCode}:${p.skuCode}`, warehouseCode: p.warehouseCode, skuCode: p.skuCode, name: names.get(p.skuCode) ?? '', onHand: p.onHand, reserved: null, locked: null, available: null, incoming: null, inTransit: p.inTransit,
    unitCostFen: unitCost(p) as number, valueFen: p.valueFen, safetyStock: 0, state: p.onHand > 0 ? ('ok' as const) : ('out' as const), counted: null, countReason: '', revision: 0, changedAt: (moment.asOf ?? moment.asKnownAt ?? new Date(0)).toISOString(),
  }));
}
export const movementRows = (docs: MovementDoc[]) => docs.map((m) => ({
  id: m._id, kind: m.kind, skuCode: m.skuCode, from: m.from, to: m.to, quantity: m.quantity, unitCostFen: unitCost({ onHand: m.quantity, valueFen: m.costFen + m.correctionFen }) as number, costFen: m.costFen + m.correctionFen, firstCostFen: m.costFen, reference: m.reference, reason: m.reason, by: m.by,
  at: m.at.toISOString(), recordedAt: m.recordedAt.toISOString(), bookedAt: m.bookedAt.toISOString(), counted: m.counted, undoes: m.undoes, undoneBy: m.undoneBy, anchor: m.anchor, taken: m.taken.map((l) => ({ ...l })), put: m.put.map((l) => ({ ...l })), serials: [...m.serials], revision: m.revision, changedAt: m.changedAt.toISOString(),
}));
export const skuRows = (docs: SkuDoc[]) => docs.map((s) => ({
  id: s._id, code: s.code, name: s.name, barcode: s.barcode, category: s.category, costFen: s.costFen, priceFen: s.priceFen, weightGrams: s.weightGrams, flags: [...s.flags], kit: s.kit.map((k) => ({ skuCode: k.skuCode, quantity: k.quantity })),
  supplierId: s.supplierId, leadTimeDays: s.leadTimeDays, moq: s.moq, packSize: s.packSize, safetyStock: s.safetyStock, active: s.active, revision: s.revision, changedAt: s.changedAt.toISOString(),
}));
const pushStateOf = (l: ListingDoc): 'unmapped' | 'off' | 'told' | 'waiting' | 'refused' => (l.skuCode === null ? 'unmapped' : l.rule.mode === 'off' ? 'off' : l.pushWords !== '' ? 'refused' : l.pushDue ? 'waiting' : 'told');
export async function listingRows(docs: ListingDoc[]) {
  const shops = new Map((await Shops.find({}, { name: 1 }).lean()).map((s) => [s._id, s.name]));
  return docs.map((l) => ({
    id: l._id, shopId: l.shopId, shopName: shops.get(l.shopId) ?? '', platformItemId: l.platformItemId, platformSkuId: l.platformSkuId, merchantCode: l.merchantCode, title: l.title, skuCode: l.skuCode, mappedBy: l.mappedBy ?? '', rule: { ...l.rule }, wantedQuantity: l.wanted, terms: l.terms.map((t) => ({ ...t })), formula: figureWords({ quantity: l.wanted, terms: l.terms }),
    pushedQuantity: l.pushedQuantity, ...(l.pushedAt ? { pushedAt: l.pushedAt.toISOString() } : {}), pushWords: l.pushWords, pushState: pushStateOf(l), platformQuantity: l.platformQuantity, ...(l.comparedAt ? { comparedAt: l.comparedAt.toISOString() } : {}), revision: l.revision, changedAt: l.changedAt.toISOString(),
  }));
}

/** Sold and not there, as of the last look at the orders: what shops accepted before a push could reach them. */
export async function oversoldNow(free: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const mark = await PushMarks.findById('push').lean<PushMarkDoc>();
  const waiting = Object.entries(mark?.waiting ?? {}).map(([k, n]) => [decodeURIComponent(k), n] as const);
  return new Map(waiting.flatMap(([sku, n]) => { const pieces = n - Math.max(0, free.get(sku) ?? 0); return pieces > 0 ? [[sku, pieces] as const] : []; }));
}

export async function stockSummary() {
  const [positions, houses, skus, unmapped] = await Promise.all([Positions.find({}).lean<PositionDoc[]>(), Warehouses.find({}).sort({ priority: 1 }).lean(), Skus.find({}).lean<SkuDoc[]>(), Listings.countDocuments({ skuCode: null })]);
  const names = new Map(skus.map((s) => [s.code, s.name]));
  const bySku = new Map<string, { available: number; reserved: number; safetyStock: number }>();
  for (const p of positions) {
    const t = bySku.get(p.skuCode) ?? { available: 0, reserved: 0, safetyStock: 0 };
    bySku.set(p.skuCode, { available: t.available + availableOf(p), reserved: t.reserved + p.reserved, safetyStock: t.safetyStock + p.safetyStock });
  }
  const sum = (list: PositionDoc[], value: (p: PositionDoc) => number): number => list.reduce((n, p) => n + value(p), 0);
  const oversold = await oversoldNow(new Map([...bySku].map(([sku, t]) => [sku, t.available])));
  const all = [...bySku].map(([skuCode, t]) => ({ skuCode, name: names.get(skuCode) ?? '', ...t }));
  return {
    out: all.filter((s) => s.available <= 0).map(({ skuCode, name, reserved }) => ({ skuCode, name, reserved })),
    low: all.filter((s) => s.available > 0 && s.available < s.safetyStock).sort((a, b) => a.available / a.safetyStock - b.available / b.safetyStock).map(({ skuCode, name, available, safetyStock }) => ({ skuCode, name, available, safetyStock })),
    oversold: [...oversold].map(([skuCode, pieces]) => ({ skuCode, name: names.get(skuCode) ?? '', pieces })), unmapped, valueFen: sum(positions, (p) => p.valueFen), skus: skus.length,
    warehouses: houses.map((w) => { const own = positions.filter((p) => p.warehouseCode === w.code); return { code: w.code, name: w.name, onHand: sum(own, (p) => p.onHand), reserved: sum(own, (p) => p.reserved), available: sum(own, availableOf), valueFen: sum(own, (p) => p.valueFen) }; }),
  };
}
export const alertRow = (a: AlertDoc) => ({ id: a._id, kind: a.kind, subject: a.subject, zh: a.zh, en: a.en, openedAt: a.openedAt.toISOString(), ...(a.closedAt ? { closedAt: a.closedAt.toISOString() } : {}), revision: a.revision, changedAt: a.changedAt.toISOString() });
