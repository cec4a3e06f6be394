/** How a row of the API stands in cells, and back. Pure. Money becomes yuan here, through `money`, and nowhere else. */
import type { Choice, Column, Sheet } from '../../api/contract/sheets/sheet.ts';
import { fenFromInteger, yuanForCell } from '../../api/contract/values/money.ts';
import type { Cell, ColumnLook } from '../excel/port.ts';

export type Lang = 'zh' | 'en';
export type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly revision: number };
export const TICK = '☑';
export const NO_TICK = '☐';
const HOURS_8 = 28_800_000;

const FORMATS: Readonly<Record<Column['kind'], string>> = { id: '@', text: '@', why: '@', status: '@', choice: '@', tick: '@', money: '#,##0.00', quantity: '#,##0', number: 'General', rate: '0.0%', day: 'yyyy-mm-dd', instant: 'mm-dd hh:mm' };
const RIGHT: ReadonlySet<Column['kind']> = new Set(['money', 'quantity', 'number', 'rate']);

function field(row: Row, path: string): unknown {
  if (!path.includes('.')) return row[path];
  return path.split('.').reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), row);
}
/** Days since 1899-12-30 of an instant's clock in Beijing: a sheet's dates have no zone. */
export const serialOf = (instant: string): number => Math.round(((Date.parse(instant) + HOURS_8) / 86_400_000 + 25_569) * 1e6) / 1e6;
const serialOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000 + 25_569;

const SEPARATORS = /([,，、;；]\s*)/;
/** A text in the words of one language: as a whole, or part by part. A word that holds a comma would be read as two, and stays as it is. */
function inWords(text: string, words: readonly Choice[], lang: Lang): string {
  const wordOf = (said: string): string | undefined => words.find((w) => w.zh === said || w.en === said || w.value === said)?.[lang];
  const whole = wordOf(text.trim());
  if (whole !== undefined) return whole;
  return text.split(SEPARATORS).map((part, i) => {
    if (i % 2 === 1) return part;
    const [, mark = '', said = ''] = /^(\s*[!！]?\s*)(.*?)\s*$/.exec(part) ?? [];
    const word = wordOf(said);
    return word === undefined || SEPARATORS.test(word) ? part : `${mark}${word}`;
  }).join('');
}

export function cellOf(column: Column, row: Row, lang: Lang): Cell {
  const value = field(row, column.field);
  if (value === undefined || value === null) return '';
  switch (column.kind) {
    case 'money': return yuanForCell(fenFromInteger(Number(value)));
    case 'quantity': case 'number': return Number(value);
    case 'rate': return Number(value) / 10_000;
    case 'instant': return serialOf(String(value));
    case 'day': return serialOfDay(String(value));
    case 'tick': return value === true ? TICK : NO_TICK;
    case 'choice': case 'status': return column.choices?.find((c) => c.value === value)?.[lang] ?? String(value);
    default: return column.words && typeof value === 'string' ? inWords(value, column.words, lang) : typeof value === 'object' ? String((value as Record<string, unknown>)[lang] ?? '') : String(value);
  }
}

/** A value as the service keeps it (fen, a choice's value, a tick) as it stands in a cell. */
export function parsedForCell(column: Column, value: unknown, lang: Lang): Cell {
  if (value === null || value === undefined) return '';
  if (column.kind === 'day') return serialOfDay(String(value));
  return cellOf({ ...column, field: 'value' }, { id: '', revision: 0, value }, lang);
}
/** Rows as the sheet first shows them; what has no value stands last, either way. */
export function inOrder(sheet: Sheet, rows: readonly Row[]): readonly Row[] {
  const { order } = sheet;
  if (!order) return rows;
  const compare = (a: unknown, b: unknown): number => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
  // What is compared is looked up once a row: fifty thousand rows are a million comparisons.
  const keyed = rows.map((row) => ({ row, keys: order.map((o) => field(row, o.field) ?? null) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < order.length; i += 1) {
      const [x, y] = [a.keys[i]!, b.keys[i]!];
      if (x === null || y === null) { if (x !== y) return x === null ? 1 : -1; continue; }
      const by = compare(x, y);
      if (by !== 0) return order[i]!.descending ? -by : by;
    }
    return 0;
  });
  return keyed.map((k) => k.row);
}

/** The sheet's columns as the port sees them; column 0 is ours, hidden: the row's id. */
export const looksOf = (sheet: Sheet, lang: Lang): ColumnLook[] => [
  { column: 0, title: 'id', width: 4, format: '@', hidden: true },
  ...sheet.columns.map((c, i): ColumnLook => ({
    column: i + 1, title: c.title[lang], width: Math.max(c.width, lang === 'zh' ? c.title.zh.length * 2 + 3 : Math.ceil(c.title.en.length * 1.15) + 4), format: FORMATS[c.kind], ...(RIGHT.has(c.kind) ? { right: true } : {}),
    ...(c.editable ? { editable: true } : {}), ...(c.kind === 'tick' ? { choices: [TICK, NO_TICK] } : c.choices && c.choices.length <= 12 ? { choices: c.choices.map((x) => x[lang]) } : {}),
  })),
];
/** Two cells that say the same: sheets keep fifteen digits, and empty is empty. */
export const sameCell = (a: Cell | null | undefined, b: Cell | null | undefined): boolean => {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(a));
  return (a ?? '') === (b ?? '');
};
