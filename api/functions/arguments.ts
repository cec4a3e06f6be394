/** Arguments of custom functions as sheets give them. */
import type { z } from 'zod';
import type { FunctionCall, FunctionResult } from '../contract/functions.ts';
import { businessDay, isBusinessDay, type BusinessDay } from '../contract/values/time.ts';

export type Call = z.output<typeof FunctionCall>;
export type Result = z.input<typeof FunctionResult>;
export const fault = (code: string, zh: string, en: string): Result => ({ error: { code, zh, en } });
export const text = (call: Call, at: number): string => String(call.args[at] ?? '').trim();
export const unknownSku = (code: string): Result => fault('unknown_sku', `没有货品 ${code}`, `there is no SKU ${code}`);
export const unknownShop = (name: string): Result => fault('unknown_shop', `没有店铺 ${name}`, `there is no shop ${name}`);
export const notAMonth = fault('not_a_month', '月份写成 2026-11 这样的', 'write the month like 2026-11');

/** A day as a sheet gives it: text, or a serial number (days since 1899-12-30). */
export function dayOf(value: Call['args'][number] | undefined): BusinessDay | undefined {
  if (typeof value === 'number' && value > 1 && value < 200_000) return businessDay(new Date(Date.UTC(1899, 11, 30) + Math.floor(value) * 86_400_000).toISOString().slice(0, 10));
  const read = String(value ?? '').trim().replace(/[/.]/g, '-').replace(/-(\d)(?=-|$)/g, '-0$1');
  return isBusinessDay(read) ? read : undefined;
}
export function monthOf(value: Call['args'][number] | undefined): string | undefined {
  const day = typeof value === 'number' && value < 200_000 ? dayOf(value) : undefined;
  if (day) return day.slice(0, 7);
  const m = /^(\d{4})[-/.年]?(\d{1,2})/.exec(String(value ?? '').trim());
  return m && Number(m[2]) >= 1 && Number(m[2]) <= 12 ? `${m[1]}-${m[2]!.padStart(2, '0')}` : undefined;
}
/** A whole number of days within bounds; the default where nothing is given. */
export const daysAt = (call: Call, at: number, by: { readonly usual: number; readonly most: number }): number | undefined => {
  const given = call.args[at];
  const days = given === null || given === undefined || given === '' ? by.usual : Number(given);
  return Number.isInteger(days) && days >= 1 && days <= by.most ? days : undefined;
};
