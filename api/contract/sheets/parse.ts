import { fenFromYuanText, yuanText, fenFromInteger } from '../values/money.ts';
import { ok, refuse, type Result } from '../values/result.ts';
import { isBusinessDay } from '../values/time.ts';
import type { Both } from '../route.ts';
import type { Column } from './sheet.ts';

export type CellValue = string | number | boolean | null;
export type CellProblem = { readonly code: 'required' | 'not_a_number' | 'not_whole' | 'not_an_amount' | 'too_many_decimals' | 'out_of_range' | 'too_long' | 'not_a_choice' | 'not_a_tick' | 'not_a_day' | 'spreadsheet_error'; readonly message: Both };

/**
 * Reads one cell by its column's kind, the same in the sheet and in the service. Money comes as yuan (number or text) and is
 * answered in fen; quantities are whole; ticks boolean; empty is null.
 */
export function parseCell(column: Column, value: CellValue): Result<CellValue, CellProblem> {
  const text = value === null ? '' : String(value).trim();
  if (text === '') return column.editable?.required ? bad(column, 'required', '不能为空。', 'must not be empty.') : ok(null);
  if (/^#(N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|GETTING_DATA|BUSY!|SPILL!|CALC!)$/.test(text)) return bad(column, 'spreadsheet_error', `读到 ${text}。改好公式，或填一个值。`, `reads ${text}. Mend the formula, or type a value.`);
  switch (column.kind) {
    case 'money': return money(column, value);
    case 'quantity': case 'rate': return whole(column, text);
    case 'number': return decimal(column, text);
    case 'tick': return tick(column, value, text);
    case 'choice': case 'status': return choice(column, text);
    // A typed date becomes a serial number in the cell: days since 1899-12-30.
    case 'day': if (typeof value === 'number' && Number.isInteger(value) && value > 60 && value < 2_958_466) return ok(new Date(Date.UTC(1899, 11, 30) + value * 86_400_000).toISOString().slice(0, 10));
      return isBusinessDay(text) ? ok(text) : bad(column, 'not_a_day', `“${text}”不是日期。写 2026-11-23 这样的。`, `“${text}” is no day. Write it like 2026-11-23.`);
    default: return words(column, text);
  }
}

const bad = (column: Column, code: CellProblem['code'], zh: string, en: string): Result<never, CellProblem> =>
  refuse({ code, message: { zh: `${column.title.zh}${zh}`, en: `${column.title.en} ${en}` } });

function money(column: Column, value: CellValue): Result<CellValue, CellProblem> {
  // A cell holds a double: 19.9 may come as 19.900000000000002. More than nine significant decimals are noise.
  const text = typeof value === 'number' ? String(Number(value.toPrecision(15))) : String(value).replace(/[¥￥]|元$/g, '');
  const read = fenFromYuanText(text);
  if (!read.ok) {
    return read.refusal.code === 'too_many_decimals'
      ? bad(column, 'too_many_decimals', `“${text}”超过两位小数。`, `“${text}” has more than two decimals.`)
      : bad(column, 'not_an_amount', `“${text}”不是金额。写 12.50 这样的。`, `“${text}” is no amount. Write it like 12.50.`);
  }
  return inRange(column, read.value, (n) => yuanText(fenFromInteger(n)));
}

function whole(column: Column, text: string): Result<CellValue, CellProblem> {
  const clean = text.replaceAll(',', '');
  const unit = /^(-?\d+)\s*(箱|盒|件|个|包|袋|pcs?)$/i.exec(clean);
  if (unit) return bad(column, 'not_a_number', `“${text}”带了单位。只写 ${unit[1]}。`, `“${text}” has a unit. Write ${unit[1]} alone.`);
  if (!/^-?\d+(\.\d+)?$/.test(clean)) return bad(column, 'not_a_number', `“${text}”不是数字。`, `“${text}” is no number.`);
  const n = Number(clean);
  if (!Number.isSafeInteger(n)) return bad(column, 'not_whole', `“${text}”不是整数。`, `“${text}” is not a whole number.`);
  return inRange(column, n, String);
}

function decimal(column: Column, text: string): Result<CellValue, CellProblem> {
  const clean = text.replaceAll(',', '');
  const n = Number(/^-?\d+(\.\d+)?%$/.test(clean) ? `${clean.slice(0, -1)}e-2` : clean);
  if (!/^-?(\d+(\.\d+)?%?|\.\d+|\d(\.\d+)?e[+-]?\d+)$/i.test(clean) || !Number.isFinite(n)) return bad(column, 'not_a_number', `“${text}”不是数字。`, `“${text}” is no number.`);
  return inRange(column, Number(n.toPrecision(15)), String);
}

function inRange(column: Column, n: number, show: (n: number) => string): Result<CellValue, CellProblem> {
  const { min, max } = column.editable ?? {};
  if (min !== undefined && n < min) return bad(column, 'out_of_range', `不能小于 ${show(min)}，读到 ${show(n)}。`, `must be at least ${show(min)}; it reads ${show(n)}.`);
  if (max !== undefined && n > max) return bad(column, 'out_of_range', `不能大于 ${show(max)}，读到 ${show(n)}。`, `must be at most ${show(max)}; it reads ${show(n)}.`);
  return ok(n);
}

function tick(column: Column, value: CellValue, text: string): Result<CellValue, CellProblem> {
  if (typeof value === 'boolean') return ok(value);
  if (/^(true|1|是|☑|✓|√|yes|y)$/i.test(text)) return ok(true);
  if (/^(false|0|否|☐|no|n)$/i.test(text)) return ok(false);
  return bad(column, 'not_a_tick', `“${text}”不是勾选。写 是 或 否。`, `“${text}” is no tick. Write yes or no.`);
}

/** A choice is typed by its value or by its word in either language. */
function choice(column: Column, text: string): Result<CellValue, CellProblem> {
  const list = column.choices ?? [];
  const hit = list.find((c) => c.value === text || c.zh === text || c.en.toLowerCase() === text.toLowerCase());
  if (hit) return ok(hit.value);
  return bad(column, 'not_a_choice', `“${text}”不在可选项里：${list.map((c) => c.zh).join('、')}。`, `“${text}” is not one of: ${list.map((c) => c.en).join(', ')}.`);
}

function words(column: Column, text: string): Result<CellValue, CellProblem> {
  const limit = column.editable?.maxLength ?? 500;
  return text.length > limit ? bad(column, 'too_long', `超过 ${limit} 个字。`, `is longer than ${limit} characters.`) : ok(text);
}
