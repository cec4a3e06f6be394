import type { Both } from '../../contract/route.ts';
import type { BusinessDay } from '../../contract/values/time.ts';
import { skuFacts } from '../../stock/index.ts';
import { lastChanges } from '../../store/feed.ts';
import { PurchaseOrders, Receipts, Suggestions, Suppliers, type PurchaseOrderDoc, type ReceiptDoc, type SuggestionDoc, type SupplierDoc } from './models.ts';

const supplierNames = async (): Promise<Map<string, string>> => new Map((await Suppliers.find({}).lean<SupplierDoc[]>()).map((s) => [s._id, s.name]));
const daysLeft = (d: SuggestionDoc): number | null => (d.parts.meanPerDay > 0 ? Math.max(0, Math.floor(d.parts.available / d.parts.meanPerDay)) : null);
/** Urgent: what is there and on its way does not last until new goods could arrive. */
const stateOf = (d: SuggestionDoc): 'urgent' | 'buy' | 'enough' | 'ordered' => (d.orderedIn ? 'ordered' : d.parts.quantity === 0 ? 'enough' : d.parts.available + d.parts.incoming <= d.parts.demandInLead ? 'urgent' : 'buy');

function why(p: SuggestionDoc['parts']): Both {
  return {
    zh: `90 天卖 ${p.soldPieces} 件，${p.method} 预测每天 ${p.meanPerDay}；到货 ${p.leadTimeDays} 天要 ${p.demandInLead}，安全库存 ${p.safetyStock}，补货点 ${p.reorderPoint}；可用 ${p.available} + 在途 ${p.incoming}，补到 ${p.target}，缺 ${p.rawQuantity}，按每箱 ${p.packSize}、起订 ${p.moq} 取 ${p.quantity}`,
    en: `${p.soldPieces} sold in 90 days, ${p.method} expects ${p.meanPerDay} a day; ${p.demandInLead} in ${p.leadTimeDays} days of lead time, safety stock ${p.safetyStock}, reorder point ${p.reorderPoint}; available ${p.available} + incoming ${p.incoming}, up to ${p.target}, short ${p.rawQuantity}, in packs of ${p.packSize} and at least ${p.moq}: ${p.quantity}`,
  };
}

export async function suggestionRows(docs: SuggestionDoc[]) {
  const [names, facts] = await Promise.all([supplierNames(), skuFacts(docs.map((d) => d.skuCode))]);
  return docs.map((d) => ({
    id: d._id, skuCode: d.skuCode, name: facts.get(d.skuCode)?.name ?? '', supplierId: d.supplierId, supplierName: names.get(d.supplierId) ?? '', warehouseCode: d.warehouseCode, day: d.day, available: d.parts.available, incoming: d.parts.incoming, daysLeft: daysLeft(d), suggested: d.parts.quantity, quantity: d.quantity, chosen: d.chosen,
    unitCostFen: d.unitCostFen, amountFen: d.unitCostFen * d.quantity, note: d.note, state: stateOf(d), parts: { ...d.parts }, why: why(d.parts), revision: d.revision, changedAt: d.changedAt.toISOString(),
  }));
}
export const supplierRows = (docs: SupplierDoc[]) => docs.map((s) => ({ id: s._id, name: s.name, leadTimeDays: s.leadTimeDays, contact: s.contact, active: s.active, revision: s.revision, changedAt: s.changedAt.toISOString() }));

export async function purchaseOrderRows(docs: PurchaseOrderDoc[]) {
  const [names, facts] = await Promise.all([supplierNames(), skuFacts(docs.flatMap((d) => d.lines.map((l) => l.skuCode)))]);
  return docs.map((d) => ({
    id: d._id, number: d.number, supplierId: d.supplierId, supplierName: names.get(d.supplierId) ?? '', warehouseCode: d.warehouseCode, state: d.state, lines: d.lines.map((l) => ({ ...l, name: facts.get(l.skuCode)?.name ?? '' })), lineText: d.lines.map((l) => `${l.skuCode}×${l.quantity}`).join('；'),
    pieces: d.lines.reduce((n, l) => n + l.quantity, 0), receivedPieces: d.lines.reduce((n, l) => n + l.received, 0), amountFen: d.lines.reduce((n, l) => n + l.quantity * l.unitCostFen, 0), orderedAt: d.orderedAt.toISOString(), expectedDay: d.expectedDay, arrived: d.state === 'received', note: d.note, revision: d.revision, changedAt: d.changedAt.toISOString(),
  }));
}
export async function receiptRows(docs: ReceiptDoc[]) {
  const names = await supplierNames();
  return docs.map((r) => receiptRow(r, names.get(r.supplierId) ?? ''));
}
const receiptRow = (r: ReceiptDoc, supplierName: string) => ({
  supplierName, lineText: r.lines.map((l) => `${l.skuCode}×${l.quantity}`).join('；'), pieces: r.lines.reduce((n, l) => n + l.quantity, 0),
  id: r._id, purchaseOrderId: r.purchaseOrderId, number: r.number, supplierId: r.supplierId, warehouseCode: r.warehouseCode, lines: r.lines.map((l) => ({ ...l })), amountFen: r.lines.reduce((n, l) => n + l.quantity * l.unitCostFen, 0), at: r.at.toISOString(), by: r.by, revision: r.revision, changedAt: r.changedAt.toISOString(),
});

/** What a buyer asks first: what runs out, what it costs, who supplies it, what is late. */
export async function purchasingSummary(today: BusinessDay) {
  const [rows, open, names] = await Promise.all([Suggestions.find({}).lean<SuggestionDoc[]>().then(suggestionRows), PurchaseOrders.find({ state: { $in: ['ordered', 'partly_received'] } }).lean<PurchaseOrderDoc[]>(), supplierNames()]);
  const buy = rows.filter((r) => r.state === 'buy' || r.state === 'urgent');
  const suppliers = new Map<string, { supplierId: string; name: string; skus: number; amountFen: number }>();
  for (const r of buy) {
    const s = suppliers.get(r.supplierId) ?? { supplierId: r.supplierId, name: r.supplierName, skus: 0, amountFen: 0 };
    suppliers.set(r.supplierId, { ...s, skus: s.skus + 1, amountFen: s.amountFen + r.amountFen });
  }
  const at = rows.map((r) => r.changedAt).sort().at(-1);
  return {
    urgent: buy.filter((r) => r.state === 'urgent').sort((a, b) => (a.daysLeft ?? 999) - (b.daysLeft ?? 999)).slice(0, 8).map((r) => ({ skuCode: r.skuCode, name: r.name, daysLeft: r.daysLeft, quantity: r.quantity })), toBuy: buy.length, toBuyFen: buy.reduce((n, r) => n + r.amountFen, 0),
    suppliers: [...suppliers.values()].sort((a, b) => b.amountFen - a.amountFen), openOrders: open.length, openFen: open.reduce((n, o) => n + o.lines.reduce((m, l) => m + (l.quantity - l.received) * l.unitCostFen, 0), 0),
    late: open.filter((o) => o.expectedDay < today).map((o) => ({ id: o._id, number: o.number, supplierName: names.get(o.supplierId) ?? '', expectedDay: o.expectedDay })), ...(at ? { suggestedAt: at } : {}),
  };
}

export const lastBought = (): Promise<string> => lastChanges(Suggestions, PurchaseOrders, Receipts);
/** Suggested pieces by SKU. */
export const suggestedOf = async (codes: readonly string[]): Promise<Map<string, number>> => new Map((await Suggestions.find({ skuCode: { $in: [...codes] } }).lean<SuggestionDoc[]>()).map((d) => [d.skuCode, d.parts.quantity]));
/** What was received from a supplier, by its name or id, fen; undefined when nobody is called so. */
export async function receivedFrom(name: string): Promise<number | undefined> {
  const supplier = (await Suppliers.find({}).lean<SupplierDoc[]>()).find((s) => s._id === name || s.name === name);
  if (!supplier) return undefined;
  return (await Receipts.find({ supplierId: supplier._id }).lean<ReceiptDoc[]>()).reduce((n, r) => n + r.lines.reduce((m, l) => m + l.quantity * l.unitCostFen, 0), 0);
}
