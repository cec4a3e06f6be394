/**
 * How many pieces to buy, with every part of the sum. Periodic review, order up to a target (Silver, Pyke & Thomas, 4th ed., 6.6):
 *   safety stock = max(the SKU's own, z · σ · √(lead time + review)); reorder point = demand in the lead time + safety stock;
 *   target = demand in lead time + review + safety stock. Below the reorder point it buys up to the target, in whole packs.
 * Worked out every night, so the reorder point need not cover the review days; they are what one order lasts longer.
 */
import { forecastSeries } from './forecast.ts';

export type SuggestInput = { readonly sales: readonly number[]; readonly leadTimeDays: number; readonly available: number; readonly incoming: number; readonly ownSafety: number; readonly moq: number; readonly packSize: number };
export type Parts = {
  salesDays: number; soldPieces: number; method: string; meanPerDay: number; /** Nine of ten days stay below it. */ forecastP90: number; leadTimeDays: number; reviewDays: number; demandInLead: number; demandToTarget: number; deviationPerDay: number; serviceLevel: number; statisticalSafety: number; ownSafety: number; safetyStock: number;
  reorderPoint: number; available: number; incoming: number; target: number; rawQuantity: number; moq: number; packSize: number; quantity: number;
};
export const REVIEW_DAYS = 7;
/** 95 % of cycles without a stock-out: the normal quantile 1.645. */
export const SERVICE_LEVEL_PER_10K = 9_500;
const Z = 1.645;
const round1 = (n: number): number => Math.round(n * 10) / 10;
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

export function suggest(input: SuggestInput): Parts {
  const lead = Math.max(1, input.leadTimeDays);
  const horizon = lead + REVIEW_DAYS;
  const forecast = forecastSeries(input.sales, 'day', horizon);
  const demandInLead = sum(forecast.mean.slice(0, lead));
  const demandToTarget = sum(forecast.mean);
  const statisticalSafety = Math.ceil(Z * forecast.deviation * Math.sqrt(horizon));
  const safetyStock = Math.max(input.ownSafety, statisticalSafety);
  const reorderPoint = Math.ceil(demandInLead + safetyStock);
  const target = Math.ceil(demandToTarget + safetyStock);
  const there = input.available + input.incoming;
  const rawQuantity = there > reorderPoint ? 0 : Math.max(0, target - there);
  return {
    salesDays: input.sales.length, soldPieces: sum(input.sales), method: forecast.method, meanPerDay: round1(demandToTarget / horizon), forecastP90: round1(sum(forecast.p90) / horizon), leadTimeDays: lead, reviewDays: REVIEW_DAYS, demandInLead: round1(demandInLead), demandToTarget: round1(demandToTarget), deviationPerDay: round1(forecast.deviation),
    serviceLevel: SERVICE_LEVEL_PER_10K, statisticalSafety, ownSafety: input.ownSafety, safetyStock, reorderPoint, available: input.available, incoming: input.incoming, target, rawQuantity, moq: input.moq, packSize: input.packSize, quantity: inPacks(rawQuantity, input.moq, input.packSize),
  };
}

/** Whole packs, and not below the least that the supplier sells. */
export function inPacks(quantity: number, moq: number, packSize: number): number {
  if (quantity <= 0) return 0;
  const pack = Math.max(1, packSize);
  return Math.ceil(Math.max(quantity, moq) / pack) * pack;
}
