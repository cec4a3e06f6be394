/** What figures of stock are made of: balances of movements and promises, a pushed figure of its rule, a cost of its corrections. */
import type { Both } from '../../contract/route.ts';
import { fieldOf, sumOf, term, type Explained, type Explainer, type Explains, type FigurePart, type FigureRow } from '../../contract/why.ts';
import { isStocked } from '../domain/places.ts';
import { figureWords, type PushTerm } from '../domain/push-figure.ts';
import { readSettings } from '../workflows/settings.ts';
import { countLineRows } from './count.view.ts';
import { Corrections, Listings, Movements, Positions, Reservations, Skus, type CorrectionDoc, type ListingDoc, type MovementDoc, type PositionDoc, type ReservationDoc, type SkuDoc } from './models.ts';
import { listingRows, movementRows, positionRows, skuRows } from './stock.view.ts';
import { CountLines, StockLocks, type CountLineDoc, type StockLockDoc } from './work-models.ts';

const KINDS: Readonly<Record<string, Both>> = {
  opening: { zh: '期初', en: 'opening' }, receipt: { zh: '入库', en: 'receipt' }, shipment: { zh: '发货', en: 'shipment' }, return: { zh: '退货入库', en: 'return' }, 'supplier-return': { zh: '退供应商', en: 'back to the supplier' }, count: { zh: '盘点', en: 'count' }, transfer: { zh: '调拨', en: 'transfer' },
  scrap: { zh: '报废', en: 'scrap' }, sample: { zh: '样品', en: 'sample' }, assemble: { zh: '组装', en: 'assembled' }, disassemble: { zh: '拆分', en: 'taken apart' }, 'bin-move': { zh: '移库位', en: 'moved' }, 'other-in': { zh: '其他入库', en: 'other in' }, 'other-out': { zh: '其他出库', en: 'other out' },
};
const label = (m: MovementDoc): Both => { const k = KINDS[m.kind] ?? { zh: m.kind, en: m.kind }; const day = m.at.toISOString().slice(0, 10); return { zh: `${day} ${k.zh}`, en: `${day} ${k.en}` }; };

const movedPart = (m: MovementDoc, place: string, field: 'quantity' | 'costFen'): FigurePart => {
  const sign = (m.to === place ? 1 : 0) - (m.from === place ? 1 : 0);
  return { label: label(m), words: { zh: m.reference || m.reason, en: m.reference || m.reason }, value: sign * (field === 'quantity' ? m.quantity : m.costFen + m.correctionFen), kind: field === 'quantity' ? 'quantity' : 'money', ref: { noun: 'movements', id: m._id, field } };
};
const movementsOf = (row: FigureRow): Promise<MovementDoc[]> => Movements.find({ skuCode: row['skuCode'], $or: [{ from: row['warehouseCode'] }, { to: row['warehouseCode'] }] } as never).sort({ at: 1, seq: 1 }).lean<MovementDoc[]>();
const balance = (field: 'quantity' | 'costFen'): Explainer => async (row) => {
  const place = String(row['warehouseCode']);
  const moved = await movementsOf(row);
  return sumOf({ zh: `${moved.length} 笔出入库流水之和：进为正，出为负${field === 'costFen' ? '，含后来更正的成本' : ''}。`, en: `The sum of ${moved.length} movements: in counts up, out counts down${field === 'costFen' ? ', costs as corrected since' : ''}.` }, moved.map((m) => movedPart(m, place, field)));
};
const reserved: Explainer = async (row) => {
  const docs = await Reservations.find({ warehouseCode: row['warehouseCode'], skuCode: row['skuCode'] } as never).lean<ReservationDoc[]>();
  return sumOf({ zh: `${docs.length} 个包裹占用。`, en: `Promised to ${docs.length} parcels.` }, docs.map((d) => ({ label: { zh: '包裹', en: 'Parcel' }, words: { zh: d.parcelId, en: d.parcelId }, value: d.quantity, kind: 'quantity', ref: { noun: 'parcels', id: d.parcelId, field: 'pieces' } })));
};
const locked: Explainer = async (row) => {
  const docs = await StockLocks.find({ warehouseCode: row['warehouseCode'], skuCode: row['skuCode'], released: false } as never).lean<StockLockDoc[]>();
  return sumOf({ zh: `${docs.length} 次锁定。`, en: `${docs.length} locks.` }, docs.map((d) => ({ label: { zh: '锁定', en: 'Locked' }, words: { zh: `${d.reason} · ${d.by}`, en: `${d.reason} · ${d.by}` }, value: d.quantity, kind: 'quantity' })));
};
const available: Explainer = (row) => sumOf({ zh: '可用 = 在库 − 占用 − 锁定。', en: 'Available = on hand − reserved − locked.' }, [term(row, 'positions', 'onHand'), term(row, 'positions', 'reserved', -1), term(row, 'positions', 'locked', -1)]);
const unitCost: Explainer = (row) => ({ sentence: { zh: '单位成本 = 库存金额 ÷ 在库。', en: 'Unit cost = value over pieces on hand.' }, how: Number(row['onHand']) > 0 ? 'quotient' : 'leaf', parts: [term(row, 'positions', 'valueFen'), term(row, 'positions', 'onHand')] });

const movementCost: Explainer = async (row) => {
  const later = await Corrections.find({ movementId: row.id }).sort({ recordedAt: 1 }).lean<CorrectionDoc[]>();
  return sumOf({ zh: later.length > 0 ? `录入时的成本，加上后来的 ${later.length} 次更正。` : '录入时的成本，后来没有更正。', en: later.length > 0 ? `The cost as first known, and ${later.length} corrections since.` : 'The cost as first known; nothing has corrected it.' }, [
    term(row, 'movements', 'firstCostFen'), ...later.map((c): FigurePart => ({ label: { zh: `${c.recordedAt.toISOString().slice(0, 10)} 更正`, en: `${c.recordedAt.toISOString().slice(0, 10)} corrected` }, words: { zh: c.words || c.cause, en: c.words || c.cause }, value: c.differenceFen, kind: 'money', ...(c.cause.startsWith('mov_') ? { ref: { noun: 'movements', id: c.cause, field: 'costFen' } } : {}) })),
  ]);
};
const firstCost: Explainer = async (row) => {
  const m = await Movements.findById(row.id).lean<MovementDoc>();
  if (!m) return undefined;
  const enters = !isStocked(m.from);
  const method = (await readSettings()).costings.filter((c) => c.since <= m.at).at(-1)?.method ?? 'average';
  const words: Both = enters ? { zh: `入库时给出的成本（${m.reference || m.reason || m.by}）。`, en: `The cost that it came in with (${m.reference || m.reason || m.by}).` } : method === 'fifo' ? { zh: '先进先出：当时最早几层的成本。', en: 'First in, first out: the cost of the oldest layers then.' } : { zh: '移动平均：当时的平均成本 × 件数。', en: 'Moving average: the average of that moment times the pieces.' };
  return { sentence: words, how: 'leaf', parts: [] };
};
const recorded: Explainer = (row) => ({ sentence: { zh: `${String(row['by'])} 于 ${String(row['recordedAt']).slice(0, 16).replace('T', ' ')} 录入${row['reference'] ? `，单据 ${String(row['reference'])}` : ''}。`, en: `Recorded by ${String(row['by'])} at ${String(row['recordedAt']).slice(0, 16).replace('T', ' ')}${row['reference'] ? `, for ${String(row['reference'])}` : ''}.` }, how: 'leaf', parts: [], source: row['reason'] ? [{ label: { zh: '原因', en: 'Reason' }, value: String(row['reason']) }] : [] });

const STEPS: Readonly<Record<PushTerm['term'], Both>> = { available: { zh: '可用', en: 'available' }, waiting: { zh: '减已卖待占用', en: 'less sold, not yet promised' }, keepBack: { zh: '减预留', en: 'less kept back' }, offBelow: { zh: '不足即停售', en: 'off below' }, share: { zh: '乘分配比例', en: 'times its share' }, cap: { zh: '封顶', en: 'at most' }, presale: { zh: '加预售', en: 'plus presale' }, presold: { zh: '减预售已卖', en: 'less presale sold' }, fixed: { zh: '固定数', en: 'fixed' } };
const RULE: Readonly<Partial<Record<PushTerm['term'], string>>> = { keepBack: 'rule.keepBack', offBelow: 'rule.offBelow', share: 'rule.shareRate', cap: 'rule.cap', presale: 'rule.presale', fixed: 'rule.fixed' };
const wanted: Explainer = async (row) => {
  const terms = (row['terms'] as PushTerm[] | undefined) ?? [];
  const places = terms.some((t) => t.term === 'available') ? await Positions.find({ skuCode: row['skuCode'] } as never).lean<PositionDoc[]>() : [];
  const words = figureWords({ quantity: row['wantedQuantity'] as number | null, terms });
  const there = places.map((p) => ({ label: { zh: `现在 ${p.warehouseCode} 可用`, en: `available in ${p.warehouseCode} now` }, value: String(p.onHand - p.reserved - p.locked) }));
  return { sentence: { zh: `${words.zh}。`, en: `${words.en}.` }, how: terms.length > 0 ? 'steps' : 'leaf', parts: terms.map((t): FigurePart => ({ label: STEPS[t.term], words: { zh: String(t.value), en: String(t.value) }, value: Math.max(0, t.result), kind: 'quantity', ...(RULE[t.term] ? { ref: { noun: 'listings', id: row.id, field: RULE[t.term]! } } : {}) })), source: there };
};
const pushed: Explainer = (row) => ({ sentence: row['pushedAt'] ? { zh: `${String(row['pushedAt']).slice(0, 16).replace('T', ' ')}（UTC）同步，平台已收。`, en: `Told at ${String(row['pushedAt']).slice(0, 16).replace('T', ' ')} UTC, and taken.` } : { zh: '还没有同步过。', en: 'Not told yet.' }, how: 'leaf', parts: [], source: row['pushWords'] ? [{ label: { zh: '平台的话', en: 'Answer' }, value: String(row['pushWords']) }] : [] });

const counted: Explainer = (row) => (row['difference'] === null ? undefined : sumOf({ zh: '差异 = 盘点数 − 账面（快照时）。', en: 'Difference = counted − booked at the snapshot.' }, [term(row, 'count-lines', 'counted'), term(row, 'count-lines', 'booked', -1)]));
const countedValue: Explainer = async (row): Promise<Explained | undefined> => {
  const line = await CountLines.findById(row.id).lean<CountLineDoc>();
  if (!line || fieldOf(row, 'difference') === null) return undefined;
  return { sentence: { zh: '差异 × 快照时的单位成本。', en: 'The difference times the unit cost at the snapshot.' }, how: 'product', parts: [term(row, 'count-lines', 'difference'), { label: { zh: '单位成本', en: 'Unit cost' }, words: { zh: '', en: '' }, value: line.unitFen, kind: 'money' }] };
};

export const stockWhy: Explains = {
  positions: {
    rows: async (ids) => positionRows(await Positions.find({ _id: { $in: ids } }).lean<PositionDoc[]>()),
    fields: { onHand: balance('quantity'), valueFen: balance('costFen'), reserved, locked, available, unitCostFen: unitCost },
  },
  movements: { rows: async (ids) => movementRows(await Movements.find({ _id: { $in: ids } }).lean<MovementDoc[]>()), fields: { quantity: recorded, costFen: movementCost, firstCostFen: firstCost } },
  listings: { rows: async (ids) => listingRows(await Listings.find({ _id: { $in: ids } }).lean<ListingDoc[]>()), fields: { wantedQuantity: wanted, pushedQuantity: pushed } },
  'count-lines': { rows: async (ids) => countLineRows(await CountLines.find({ _id: { $in: ids } }).lean<CountLineDoc[]>()), fields: { difference: counted, differenceFen: countedValue } },
  skus: { rows: async (ids) => skuRows(await Skus.find({ _id: { $in: ids } }).lean<SkuDoc[]>()), fields: {} },
};
