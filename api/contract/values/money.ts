import { invariant, ok, refuse, type Result } from './result.ts';

/** An amount in fen (1/100 yuan): always a whole number, kept below 2^51 so that sums stay exact in a double. */
export type Fen = number & { readonly __unit: 'fen' };
/** A rate in parts per 10,000 (30 = 0.30 %). */
export type RatePer10k = number & { readonly __unit: 'per10k' };

export type MoneyRefusal = { readonly code: 'not_an_amount' | 'too_many_decimals' | 'amount_out_of_range'; readonly read: string };

const LIMIT = 2 ** 51;
export const ZERO_FEN = 0 as Fen;

/** Fen from a whole number of fen; throws when it is not whole or not below 2^51 in size. */
export function fenFromInteger(value: number): Fen {
  invariant(Number.isSafeInteger(value) && Math.abs(value) < LIMIT, `not a whole number of fen: ${value}`);
  return (value === 0 ? 0 : value) as Fen;
}

const YUAN = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?$|^([+-]?)\.(\d+)$/;

/**
 * Fen from yuan as text ("1,234.5", "-0.07", "88"), by its digits and never through a float.
 * Digits after the second decimal are accepted only when they are zeros ("0.00000").
 */
export function fenFromYuanText(text: string): Result<Fen, MoneyRefusal> {
  const read = text.trim();
  const match = YUAN.exec(read);
  if (!match) return refuse({ code: 'not_an_amount', read: text });
  const sign = (match[1] ?? match[4]) === '-' ? -1 : 1;
  const whole = (match[2] ?? '0').replaceAll(',', '');
  const decimals = match[3] ?? match[5] ?? '';
  if (/[1-9]/.test(decimals.slice(2))) return refuse({ code: 'too_many_decimals', read: text });
  if (whole.length > 14) return refuse({ code: 'amount_out_of_range', read: text });
  const fen = Number(whole) * 100 + Number(decimals.slice(0, 2).padEnd(2, '0'));
  return ok(fenFromInteger(fen === 0 ? 0 : sign * fen));
}

/** "-1234.05": two decimals, no separators; the form of files and of platform bodies. */
export function yuanText(fen: Fen): string {
  const digits = Math.abs(fen).toString().padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Yuan as a number for a spreadsheet cell (12.34). Only for showing: sums are made in fen. */
export const yuanForCell = (fen: Fen): number => Number(yuanText(fen));

export const sumFen = (amounts: Iterable<Fen>): Fen => {
  let total = 0;
  for (const amount of amounts) total += amount;
  return fenFromInteger(total);
};
export const plusFen = (a: Fen, b: Fen): Fen => fenFromInteger(a + b);
export const minusFen = (a: Fen, b: Fen): Fen => fenFromInteger(a - b);
export const negateFen = (a: Fen): Fen => fenFromInteger(-a);
export const timesFen = (a: Fen, count: number): Fen => fenFromInteger(a * count);

/** amount x rate, rounded half away from zero to the fen. Exact: both factors are whole numbers. */
export function rateOfFen(amount: Fen, ratePer10k: number): Fen {
  const product = BigInt(Math.abs(amount)) * BigInt(Math.abs(ratePer10k));
  const rounded = Number((product + 5_000n) / 10_000n);
  return fenFromInteger(Math.sign(amount) * Math.sign(ratePer10k) * rounded);
}

/**
 * Shares a total out by weights so that the parts add up to it exactly (largest remainder; ties to the earlier part).
 * Works for negative totals. All weights zero: shared out equally. Weights must be whole and not negative.
 */
export function shareOut(total: Fen, weights: readonly number[]): Fen[] {
  invariant(weights.length > 0, 'shareOut needs at least one weight');
  invariant(weights.every((w) => Number.isSafeInteger(w) && w >= 0), 'weights are whole and not negative');
  const whole = weights.reduce((a, b) => a + b, 0);
  const used = whole === 0 ? weights.map(() => 1n) : weights.map(BigInt);
  const sum = used.reduce((a, b) => a + b, 0n);
  const size = BigInt(Math.abs(total));
  const parts = used.map((weight, index) => ({ index, floor: (size * weight) / sum, rest: (size * weight) % sum }));
  let left = size - parts.reduce((a, p) => a + p.floor, 0n);
  for (const part of [...parts].sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))) {
    if (left === 0n) break;
    part.floor += 1n;
    left -= 1n;
  }
  const sign = total < 0 ? -1 : 1;
  return parts.map((part) => fenFromInteger(part.floor === 0n ? 0 : sign * Number(part.floor)));
}
