/** Conditions on numbers, money, rates and days. Money is read by its digits, never through a float. Pure. */
import type { Field, Unit } from '../../contract/decision-tables/index.ts';
import { ok, type Result } from '../../contract/values/result.ts';
import { isBusinessDay } from '../../contract/values/time.ts';
import { shown, wrong, type CellProblem, type Condition, type Span } from './condition.ts';

const DAY_MS = 86_400_000;
/** A unit's size, in the field's own unit. */
const UNITS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  gram: { '': 1, 克: 1, g: 1, 千克: 1000, 公斤: 1000, kg: 1000, 斤: 500, 两: 50, 吨: 1_000_000 },
  hour: { '': 1, 小时: 1, 个小时: 1, 时: 1, h: 1, hour: 1, hours: 1, 天: 24, 日: 24, d: 24, day: 24, days: 24, 周: 168, week: 168, weeks: 168 },
  piece: { '': 1, 件: 1, 个: 1, 单: 1, 笔: 1, 盒: 1, 包: 1, 行: 1, 次: 1, pcs: 1, pc: 1, pieces: 1 },
};
const YUAN: Readonly<Record<string, number>> = { '': 1, 元: 1, 块: 1, 块钱: 1, yuan: 1, rmb: 1, cny: 1, 千: 1000, 千元: 1000, 万: 10_000, 万元: 10_000 };
const PLAIN: Readonly<Record<string, number>> = { '': 1, 千: 1000, 万: 10_000, k: 1000 };
const RATE: Readonly<Record<string, number>> = { '%': 100, 个点: 100, '‰': 10, percent: 100 };

/** digits × factor as a whole number, or undefined when it is not one or too large to be exact. */
function exactly(digits: string, factor: number): number | undefined {
  const [whole = '0', decimals = ''] = digits.split('.');
  if (whole.length > 15 || decimals.length > 12) return undefined;
  const scaled = BigInt(`${whole || '0'}${decimals}`) * BigInt(factor);
  const unit = 10n ** BigInt(decimals.length);
  return scaled % unit === 0n && scaled / unit < 2n ** 51n ? Number(scaled / unit) : undefined;
}

type Read = { readonly value: number } | { readonly zh: string; readonly en: string };
/** One number of the field's kind, or why it is none. */
function numberOf(f: Field, text: string): Read {
  if (f.type === 'day') return dayOf(text);
  const m = /^([+-]?)\s*[¥$]?\s*([+-]?)(\d+\.?\d*|\.\d+)\s*([^\d\s.+-]*)$/.exec(text.trim());
  if (!m || (m[1] && m[2])) return { zh: `“${shown(text)}”不是数`, en: `“${shown(text)}” is no number` };
  const [digits, word] = [m[3]!, m[4]!];
  const table = f.type === 'money' ? YUAN : f.type === 'rate' ? RATE : f.unit ? { ...PLAIN, ...UNITS[f.unit] } : PLAIN;
  const factor = table[word];
  if (factor === undefined) {
    if (f.type === 'rate' && word === '') return { zh: `“${shown(text)}”没有百分号，写 ${digits}%`, en: `“${shown(text)}” has no per cent sign, write ${digits}%` };
    return { zh: `不认识单位“${shown(word)}”`, en: `the unit “${shown(word)}” is not known` };
  }
  const value = exactly(digits, f.type === 'money' ? factor * 100 : factor);
  if (value === undefined) {
    if (f.type === 'number' && digits.length <= 15) return { value: Number(digits) * factor * (m[1] === '-' || m[2] === '-' ? -1 : 1) };
    return { zh: f.type === 'money' ? `“${shown(text)}”超过两位小数或太大` : `“${shown(text)}”太细或太大`, en: f.type === 'money' ? `“${shown(text)}” has more than two decimals or is too large` : `“${shown(text)}” is too fine or too large` };
  }
  return { value: value === 0 ? 0 : m[1] === '-' || m[2] === '-' ? -value : value };
}
function dayOf(text: string): Read {
  const m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text.trim());
  const iso = m ? `${m[1]}-${m[2]!.padStart(2, '0')}-${m[3]!.padStart(2, '0')}` : '';
  return isBusinessDay(iso) ? { value: Date.parse(iso) / DAY_MS } : { zh: `“${shown(text)}”不是日期，写 2026-11-11`, en: `“${shown(text)}” is no day, write 2026-11-11` };
}
/** Days since 1970 of a day's text: how day fields are handed to rules. */
export const dayNumber = (day: string): number | undefined => { const read = dayOf(day); return 'value' in read ? read.value : undefined; };

const marks = (text: string): string => text.normalize('NFKC').replace(/≥|⩾|>＝/g, '>=').replace(/≤|⩽/g, '<=').replace(/^(≠|<>)/, '!').replace(/[;；、]/g, '\u0001').replace(/[~〜]|…|—+|\.{2,}/g, '..');
const BEFORE: readonly [RegExp, string][] = [
  [/^(大于等于|不小于|不少于|不低于|至少|最少|at least|no less than|not less than)\s*/i, '>='], [/^(小于等于|不大于|不超过|不高于|不多于|至多|最多|at most|no more than|not more than|up to)\s*/i, '<='],
  [/^(大于|超过|高于|多于|more than|over|above|greater than)\s*/i, '>'], [/^(小于|低于|少于|不到|不足|less than|under|below)\s*/i, '<'], [/^(等于|equals?|is)\s*/i, '='],
];
/** “以上”, “以下” count the number itself, as the Civil Code (art. 1259) reads them. */
const AFTER: readonly [RegExp, string][] = [[/\s*(及以上|或以上|以上|起|or more|and more|and above|and up|\+)$/i, '>='], [/\s*(及以下|或以下|以下|以内|or less|and below)$/i, '<=']];

function worded(part: string): string {
  const before = BEFORE.reduce((t, [word, sign]) => t.replace(word, sign), part);
  for (const [word, sign] of AFTER) if (word.test(before) && !/^[<>=]/.test(before)) return `${sign}${before.replace(word, '')}`;
  return before;
}

export function parseSpans(f: Field, cell: string): Result<Condition, CellProblem> {
  const text = marks(cell.trim());
  const bad = (zh: string, en: string): Result<never, CellProblem> => wrong(cell, `${zh}。例：${f.example.zh}`, `${en}. For example: ${f.example.en}`);
  // A thousands mark and “or” look the same: nothing is guessed.
  const thousands = /(?<![\d.])\d{1,3}(,\d{3})+(?!\d)/.exec(text);
  if (thousands) return bad(`“${thousands[0]}”里的逗号看不出是千分位还是“或”，写 ${thousands[0].replaceAll(',', '')}，或 ${thousands[0].replaceAll(',', '、')}`, `the comma in “${thousands[0]}” may be a thousands mark or an “or”: write ${thousands[0].replaceAll(',', '')}, or ${thousands[0].replaceAll(',', '; ')}`);
  const negative = /^(!|不是|不等于|not\s+(?!less|more))\s*/i.exec(text);
  const parts = text.slice(negative?.[0].length ?? 0).split(/[,\u0001]/).map((p) => p.trim()).filter(Boolean);
  if (parts.length === 0) return bad(`“${shown(cell)}”里没有数`, `“${shown(cell)}” holds no number`);
  if (parts.length > 200) return bad('一格里超过 200 个数，拆成几行', 'more than 200 numbers in one cell, split it into rows');
  const spans: Span[] = [];
  for (const [i, part] of parts.entries()) {
    const read = spanOf(f, worded(part));
    const place = parts.length > 1 ? { zh: `第 ${i + 1} 个：`, en: `item ${i + 1}: ` } : { zh: '', en: '' };
    if ('zh' in read) return bad(`${place.zh}${read.zh}`, `${place.en}${read.en}`);
    spans.push(read);
  }
  return ok({ kind: 'spans', not: negative !== null, spans });
}

function spanOf(f: Field, part: string): Span | { readonly zh: string; readonly en: string } {
  const range = /^(.+?)\s*(?:\.\.|到|至|\bto\b)\s*(.+)$/i.exec(part) ?? (f.type === 'day' ? null : /^([\d.]+[^\d\s.-]*)\s*-\s*([\d.]+[^\d\s.-]*)$/.exec(part));
  if (range) {
    const unit = f.type === 'rate' && /^[\d.\s]+$/.test(range[1]!) ? (/[%‰]$/.exec(range[2]!)?.[0] ?? '') : '';
    const [low, high] = [numberOf(f, `${range[1]!.trim()}${unit}`), numberOf(f, range[2]!)];
    if ('zh' in low) return low;
    if ('zh' in high) return high;
    if (low.value > high.value) return { zh: `“${shown(part)}”两头写反了，写 ${range[2]!.trim()}..${range[1]!.trim()}`, en: `“${shown(part)}” has its ends the wrong way round, write ${range[2]!.trim()}..${range[1]!.trim()}` };
    return { low: low.value, high: high.value, lowOpen: false, highOpen: false };
  }
  const signed = /^(>=|<=|=>|=<|>|<|==?)?\s*(.*)$/s.exec(part)!;
  const read = numberOf(f, signed[2]!);
  if ('zh' in read) return read;
  const n = read.value;
  switch (signed[1]) {
    case '>': return { low: n, high: Infinity, lowOpen: true, highOpen: false };
    case '>=': case '=>': return { low: n, high: Infinity, lowOpen: false, highOpen: false };
    case '<': return { low: -Infinity, high: n, lowOpen: false, highOpen: true };
    case '<=': case '=<': return { low: -Infinity, high: n, lowOpen: false, highOpen: false };
    default: return { low: n, high: n, lowOpen: false, highOpen: false };
  }
}

/** A value as a person writes it (`12.50`, `30%`, `2026-11-11`), in the form that rules compare. */
export const numberValue = (f: Field, text: string): number | undefined => { const read = numberOf(f, text.normalize('NFKC')); return 'value' in read ? read.value : undefined; };
