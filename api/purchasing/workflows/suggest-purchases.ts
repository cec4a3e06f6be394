/**
 * One suggestion per stocked SKU from 90 days of sales. In: sales by day (kits opened), stock, terms. Out: SKUs, how many to buy.
 * Run again on the same day it keeps what the buyer chose; a new day starts anew. A row that a buyer publishes at the same
 * moment is left to the next run.
 */
import { addDays, businessDayOf, daysBetween, type BusinessDay } from '../../contract/values/time.ts';
import { salesByDay } from '../../orders/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { demandOf, skuFacts, stockOf, warehouses, type SkuFacts } from '../../stock/index.ts';
import { suggest, type Parts } from '../domain/suggest.ts';
import { Suggestions, type SuggestionDoc } from '../store/models.ts';

const HISTORY_DAYS = 90;
type Facts = ReadonlyMap<string, SkuFacts>;
type Stock = { available: number; incoming: number; safetyStock: number };

/** Pieces of each stocked SKU sold on each of the days; a kit counts as its parts. */
async function demandByDay(from: BusinessDay, to: BusinessDay, facts: Facts): Promise<Map<string, number[]>> {
  const days = daysBetween(from, to) + 1;
  const demand = new Map<string, number[]>();
  for (const sale of await salesByDay({ from, to })) {
    const at = daysBetween(from, sale.day);
    for (const part of demandOf([sale], (code) => facts.get(code)?.kit ?? [])) {
      const series = demand.get(part.skuCode) ?? new Array<number>(days).fill(0);
      series[at] = (series[at] ?? 0) + part.quantity;
      demand.set(part.skuCode, series);
    }
  }
  return demand;
}

/** What is there of each SKU, over all warehouses. */
async function stockBySku(): Promise<Map<string, Stock>> {
  const stock = new Map<string, Stock>();
  for (const s of await stockOf()) {
    const sum = stock.get(s.skuCode) ?? { available: 0, incoming: 0, safetyStock: 0 };
    stock.set(s.skuCode, { available: sum.available + s.available, incoming: sum.incoming + s.incoming, safetyStock: sum.safetyStock + s.safetyStock });
  }
  return stock;
}

export async function suggestPurchases(rt: Runtime): Promise<{ skus: number; toBuy: number }> {
  const today = businessDayOf(rt.clock.now());
  // Today is not over: the last whole day is yesterday.
  const facts = await skuFacts();
  const [demand, stock, houses, docs] = await Promise.all([demandByDay(addDays(today, -HISTORY_DAYS), addDays(today, -1), facts), stockBySku(), warehouses(), Suggestions.find({}).lean<SuggestionDoc[]>()]);
  const known = new Map(docs.map((d) => [d.skuCode, d]));
  const counts = { skus: 0, toBuy: 0 };
  for (const sku of facts.values()) {
    if (sku.kit.length > 0) continue;
    const own = stock.get(sku.code) ?? { available: 0, incoming: 0, safetyStock: 0 };
    const parts = suggest({ sales: demand.get(sku.code) ?? new Array<number>(HISTORY_DAYS).fill(0), leadTimeDays: sku.leadTimeDays, available: own.available, incoming: own.incoming, ownSafety: own.safetyStock, moq: sku.moq, packSize: sku.packSize });
    counts.skus += 1;
    if (parts.quantity > 0) counts.toBuy += 1;
    await save(rt, sku, parts, known.get(sku.code), { today, warehouseCode: houses[0]?.code ?? '' });
  }
  return counts;
}

async function save(rt: Runtime, sku: SkuFacts, parts: Parts, before: SuggestionDoc | undefined, at: { today: BusinessDay; warehouseCode: string }): Promise<void> {
  const sameDay = before?.day === at.today;
  if (sameDay && same(before.parts, parts)) return;
  const fresh = { supplierId: sku.supplierId, unitCostFen: sku.costFen, quantity: parts.quantity, chosen: false, note: '', orderedIn: '' };
  const kept = sameDay ? { supplierId: before.supplierId, unitCostFen: before.unitCostFen, quantity: before.chosen || before.quantity !== before.parts.quantity ? before.quantity : parts.quantity, chosen: before.chosen, note: before.note, orderedIn: before.orderedIn } : fresh;
  const set = { skuCode: sku.code, warehouseCode: at.warehouseCode, day: at.today, parts, ...kept, changedAt: rt.clock.now() };
  if (before) await Suggestions.updateOne({ _id: before._id, revision: before.revision }, { $set: set, $inc: { revision: 1 } });
  else await Suggestions.updateOne({ _id: `sug:${sku.code}` }, { $setOnInsert: { ...set, revision: 1 } }, { upsert: true });
}

const same = (a: Parts, b: Parts): boolean => (Object.keys(b) as (keyof Parts)[]).every((key) => a[key] === b[key]);
