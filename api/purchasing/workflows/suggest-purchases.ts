/**
 * One suggestion per stocked SKU from 90 days of sales. In: sales by day (kits opened), stock, terms. Out: SKUs, how many to buy.
 * Run again on the same day it keeps what the buyer chose; a new day starts anew.
 */
import { addDays, businessDayOf, daysBetween, type BusinessDay } from '../../contract/values/time.ts';
import { salesByDay } from '../../orders/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { skuFacts, stockOf, warehouses, type SkuFacts } from '../../stock/index.ts';
import { suggest } from '../domain/suggest.ts';
import { Suggestions, type SuggestionDoc } from '../store/models.ts';

const HISTORY_DAYS = 90;

/** Pieces of each stocked SKU sold on each of the days; a kit counts as its parts. */
async function demandOf(from: BusinessDay, to: BusinessDay, facts: ReadonlyMap<string, SkuFacts>): Promise<Map<string, number[]>> {
  const days = daysBetween(from, to) + 1;
  const demand = new Map<string, number[]>();
  for (const sale of await salesByDay({ from, to })) {
    const kit = facts.get(sale.skuCode)?.kit ?? [];
    for (const part of kit.length > 0 ? kit : [{ skuCode: sale.skuCode, quantity: 1 }]) {
      const series = demand.get(part.skuCode) ?? new Array<number>(days).fill(0);
      const at = daysBetween(from, sale.day);
      series[at] = (series[at] ?? 0) + sale.quantity * part.quantity;
      demand.set(part.skuCode, series);
    }
  }
  return demand;
}

export async function suggestPurchases(rt: Runtime): Promise<{ skus: number; toBuy: number }> {
  const today = businessDayOf(rt.clock.now());
  // Today is not over: the last whole day is yesterday.
  const [from, to] = [addDays(today, -HISTORY_DAYS), addDays(today, -1)];
  const facts = await skuFacts();
  const [demand, stock, houses, known] = await Promise.all([demandOf(from, to, facts), stockOf(), warehouses(), Suggestions.find({}).lean<SuggestionDoc[]>()]);
  const counts = { skus: 0, toBuy: 0 };
  for (const sku of facts.values()) {
    if (sku.kit.length > 0) continue;
    const own = stock.filter((s) => s.skuCode === sku.code);
    const total = (field: 'available' | 'incoming' | 'safetyStock'): number => own.reduce((n, s) => n + s[field], 0);
    const parts = suggest({ sales: demand.get(sku.code) ?? new Array<number>(HISTORY_DAYS).fill(0), leadTimeDays: sku.leadTimeDays, available: total('available'), incoming: total('incoming'), ownSafety: total('safetyStock'), moq: sku.moq, packSize: sku.packSize });
    const before = known.find((k) => k.skuCode === sku.code);
    const sameDay = before?.day === today;
    counts.skus += 1;
    if (parts.quantity > 0) counts.toBuy += 1;
    if (sameDay && JSON.stringify(before.parts) === JSON.stringify(parts)) continue;
    const set = {
      skuCode: sku.code, supplierId: sku.supplierId, warehouseCode: houses[0]?.code ?? 'HZ', day: today, parts, unitCostFen: sku.costFen, changedAt: rt.clock.now(),
      quantity: sameDay && (before.chosen || before.quantity !== before.parts.quantity) ? before.quantity : parts.quantity, chosen: sameDay ? before.chosen : false, note: sameDay ? before.note : '', orderedIn: sameDay ? before.orderedIn : '',
    };
    await Suggestions.updateOne({ _id: `sug:${sku.code}` }, { $set: set, $inc: { revision: 1 } }, { upsert: true });
  }
  return counts;
}
