/** How Excel reads what is written to a cell, and how it gives a cell's text. */
import type { CellWrite, Scalar } from '../grid.ts';

export const MAX_TEXT = 32_767;
const NUMBER = /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,3})?$/;
const DAY = 86_400_000;
const EPOCH = Date.UTC(1899, 11, 30);
const ERRORS = /^#(N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|SPILL!|CALC!|BUSY!|GETTING_DATA|FIELD!|CONNECT!|BLOCKED!|UNKNOWN!)$/;
export const isError = (value: Scalar): boolean => typeof value === 'string' && ERRORS.test(value);
/** A number with the fifteen digits that a cell keeps. */
export const fifteen = (n: number): number => Number(n.toPrecision(15));

function serial(y: number, m: number, d: number): number | undefined {
  const at = new Date(Date.UTC(y, m - 1, d));
  if (at.getUTCMonth() !== m - 1 || at.getUTCDate() !== d || y < 1900 || y > 9999) return undefined;
  const days = (at.getTime() - EPOCH) / DAY;
  // Excel's calendar has a 29 February 1900: days before it count one less.
  return days < 61 ? days - 1 : days;
}
type Read = { readonly value: number; readonly format: string };
/** Dates as a workbook of en-US and zh-CN reads them: year first, or month/day/year. */
function dateOf(text: string): Read | undefined {
  const [, date = '', , time] = /^(.*?)(^|\s+|$)(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AaPp][Mm])?)?$/.exec(text) ?? [];
  const clock = time === undefined ? undefined : clockOf(time);
  if (time !== undefined && clock === undefined) return undefined;
  const day = date.trim();
  if (day === '') return clock === undefined ? undefined : { value: clock, format: /\d:\d+:\d/.test(time!) ? 'h:mm:ss' : 'h:mm' };
  const first = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(day);
  const last = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})$/.exec(day);
  const year = (y: string): number => (y.length === 2 ? (Number(y) < 30 ? 2000 : 1900) + Number(y) : Number(y));
  const value = first ? serial(Number(first[1]), Number(first[2]), Number(first[3])) : last ? serial(year(last[3]!), Number(last[1]), Number(last[2])) : undefined;
  return value === undefined ? undefined : { value: value + (clock ?? 0), format: clock === undefined ? (first ? 'yyyy/m/d' : 'm/d/yyyy') : 'm/d/yyyy h:mm' };
}
function clockOf(text: string): number | undefined {
  const m = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*([AaPp][Mm])?$/.exec(text);
  if (!m || Number(m[2]) > 59 || Number(m[3] ?? 0) >= 60 || Number(m[1]) > (m[4] ? 12 : 24)) return undefined;
  const hours = m[4] ? (Number(m[1]) % 12) + (m[4].toLowerCase() === 'pm' ? 12 : 0) : Number(m[1]);
  return (hours * 3600 + Number(m[2]) * 60 + Number(m[3] ?? 0)) / 86_400;
}
function numberOf(text: string): Read | undefined {
  const negative = /^\((.+)\)$/.exec(text);
  const body = (negative?.[1] ?? text).trim();
  const money = /^([+-]?)\s*([$¥￥€£])\s*(.+)$/.exec(body) ?? /^([+-]?)(.+?)()\s*[元]$/.exec(body);
  const digits = (money ? money[1]! + (money[3] || money[2]!) : body).trim();
  const percent = digits.endsWith('%');
  const bare = percent ? digits.slice(0, -1).trim() : digits;
  const fraction = /^([+-]?)(\d+)\s+(\d{1,3})\/(\d{1,3})$/.exec(bare);
  if (fraction && Number(fraction[4]) > 0) return { value: fifteen((fraction[1] === '-' ? -1 : 1) * (Number(fraction[2]) + Number(fraction[3]) / Number(fraction[4]))), format: '# ?/?' };
  if (!NUMBER.test(bare) || !/\d/.test(bare)) return undefined;
  const read = Number(bare.replaceAll(',', ''));
  if (!Number.isFinite(read)) return undefined;
  const decimals = bare.includes('.') ? '.00' : '';
  const format = percent ? (decimals ? '0.00%' : '0%') : money ? `${money[2] && money[3] ? (money[2] === '￥' ? '¥' : money[2]) : ''}#,##0${decimals}` : /[eE]/.test(bare) ? '0.00E+00' : bare.includes(',') ? `#,##0${decimals}` : 'General';
  return { value: fifteen((negative ? -1 : 1) * (percent ? Number(`${fifteen(read)}e-2`) : read)), format };
}

/**
 * `null` leaves the cell, `""` clears it, `=` starts a formula, an apostrophe makes text. Text in a cell of format `@` stays
 * text; elsewhere what looks like a number, an amount, a share, a date or a truth becomes one, as when it is typed.
 */
export function cellWrite(value: Scalar, format: string): CellWrite | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? { value: fifteen(value) } : { value: '#NUM!' };
  if (typeof value !== 'string') return { value };
  if (value === '') return { value: null };
  if (format === '@') return { value, text: true };
  if (value.startsWith("'")) return { value: value.slice(1), text: true };
  if (value.startsWith('=') && value.length > 1) return { formula: value };
  if (/^(true|false)$/i.test(value)) return { value: value.toLowerCase() === 'true' };
  const trimmed = value.trim();
  const read = numberOf(trimmed) ?? dateOf(trimmed);
  if (read) return format === 'General' && read.format !== 'General' ? { value: read.value, style: { format: read.format } } : { value: read.value };
  return { value };
}
export const blank = (value: Scalar): string | number | boolean => value ?? '';
export const typeOf = (value: Scalar): 'Empty' | 'String' | 'Double' | 'Boolean' | 'Error' => (value === null || value === '' ? 'Empty' : typeof value === 'number' ? 'Double' : typeof value === 'boolean' ? 'Boolean' : isError(value) ? 'Error' : 'String');

const two = (n: number): string => String(n).padStart(2, '0');
function dateText(value: number, format: string): string {
  const at = new Date(Math.round((value < 61 ? value + 1 : value) * DAY) + EPOCH);
  const half = /am\/pm/i.test(format);
  let hour = false;
  return format.replace(/\[[^\]]*\]/g, '').replace(/"([^"]*)"|\\(.)|am\/pm|yyyy|yy|mmmm|mmm|mm|m|dd|d|hh|h|ss|s/gi, (token: string, quoted?: string, escaped?: string) => {
    if (quoted !== undefined || escaped !== undefined) return quoted ?? escaped!;
    const lower = token.toLowerCase();
    const minutes = hour && lower.startsWith('m') && lower.length < 3;
    if (lower[0] === 'h') hour = true; else if (lower[0] === 'd' || lower[0] === 'y') hour = false;
    const hours = half ? at.getUTCHours() % 12 || 12 : at.getUTCHours();
    switch (lower) {
      case 'am/pm': return at.getUTCHours() < 12 ? 'AM' : 'PM';
      case 'yyyy': return String(at.getUTCFullYear());
      case 'yy': return two(at.getUTCFullYear() % 100);
      case 'mmmm': case 'mmm': return at.toLocaleString('en-US', { month: lower.length === 4 ? 'long' : 'short', timeZone: 'UTC' });
      case 'mm': return two(minutes ? at.getUTCMinutes() : at.getUTCMonth() + 1);
      case 'm': return String(minutes ? at.getUTCMinutes() : at.getUTCMonth() + 1);
      case 'dd': return two(at.getUTCDate());
      case 'd': return String(at.getUTCDate());
      case 'hh': return two(hours);
      case 'h': return String(hours);
      case 'ss': return two(at.getUTCSeconds());
      default: return String(at.getUTCSeconds());
    }
  });
}
/** What is shown, for the formats that business sheets use. */
export function textOf(value: Scalar, format: string): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'string') return value;
  if (format === 'General' || format === '@' || format === '') return String(fifteen(value));
  const sections = format.split(';');
  const section = (value < 0 && sections[1] ? sections[1] : value === 0 && sections[2] !== undefined ? sections[2] : sections[0]!).replace(/\[(?!h|m|s)[^\]]*\]/gi, '');
  if (/[ymdhs]/i.test(section.replace(/"[^"]*"/g, ''))) return dateText(value, section);
  const own = value < 0 && sections[1] ? Math.abs(value) : value;
  const pattern = /[0#?][0#?,]*(?:\.[0#?]+)?(?:E\+0+)?%?/.exec(section);
  if (!pattern) return section.replaceAll('"', '');
  const decimals = /\.([0#?]+)/.exec(pattern[0])?.[1] ?? '';
  const least = decimals.replace(/[^0]/g, '').length;
  const scaled = pattern[0].endsWith('%') ? own * 100 : own;
  const body = pattern[0].includes('E+') ? scaled.toExponential(decimals.length).toUpperCase().replace(/E([+-])(\d)$/, 'E$10$2') : scaled.toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: decimals.length, useGrouping: pattern[0].includes(',') });
  return section.replace(pattern[0], `${body}${pattern[0].endsWith('%') ? '%' : ''}`).replace(/"([^"]*)"/g, '$1').replace(/[_\\]./g, (m) => (m[0] === '_' ? ' ' : m[1]!));
}
