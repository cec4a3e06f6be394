/** How Excel reads what is written to a cell, and how it gives a cell's text. */
import type { CellWrite, Scalar } from '../grid.ts';

export const MAX_TEXT = 32_767;
const NUMBER = /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * `null` leaves the cell, `""` clears it, `=` starts a formula, an apostrophe makes text. Text in a cell of format `@` stays
 * text; elsewhere what looks like a number becomes one, with fifteen digits and no more, as Excel does.
 */
export function cellWrite(value: Scalar, format: string): CellWrite | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string') return { value };
  if (value === '') return { value: null };
  if (format === '@') return { value, text: true };
  if (value.startsWith("'")) return { value: value.slice(1), text: true };
  if (value.startsWith('=') && value.length > 1) return { formula: value };
  if (/^(true|false)$/i.test(value)) return { value: value.toLowerCase() === 'true' };
  const bare = value.trim().replace(/^[¥￥$]/, '');
  const percent = bare.endsWith('%');
  const digits = (percent ? bare.slice(0, -1) : bare).trim();
  if (digits !== '' && NUMBER.test(digits) && /\d/.test(digits)) {
    const read = Number(Number(digits.replaceAll(',', '')).toPrecision(15));
    return percent ? { value: read * 0.01, style: { format: '0%' } } : { value: read };
  }
  return { value };
}
export const blank = (value: Scalar): string | number | boolean => value ?? '';
/** The number of days since 1899-12-30, as sheets count them. */
export const textOf = (value: Scalar, format: string): string => {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'string') return value;
  if (/[ymdh]/i.test(format) && !/General/i.test(format)) return new Date(Math.round((value - 25_569) * 86_400_000)).toISOString().slice(0, 16).replace('T', ' ');
  const decimals = /0\.(0+)/.exec(format)?.[1]?.length;
  return format.includes('%') ? `${(value * 100).toFixed(decimals ?? 0)}%` : decimals === undefined ? String(value) : value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: format.includes(',') });
};
