import ExcelJS from 'exceljs';
import { SHEETS } from '../contract/sheets/index.ts';
import type { Column } from '../contract/sheets/sheet.ts';
import { csvText, inert } from '../contract/values/csv.ts';
import { fenFromInteger, yuanText } from '../contract/values/money.ts';
import { instantFromLocalText, localTimeText } from '../contract/values/time.ts';

const read = (row: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined), row);

const plain = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

function cellText(row: unknown, column: Column, lang: 'zh' | 'en'): string {
  const value = read(row, column.field);
  if (value === null || value === undefined) return '';
  if (column.kind === 'money' && typeof value === 'number') return yuanText(fenFromInteger(value));
  if (column.kind === 'instant' && typeof value === 'string') return localTimeText(new Date(value));
  if (column.kind === 'why') return typeof value === 'object' ? plain((value as Record<string, unknown>)[lang]) : plain(value);
  const choice = column.choices?.find((c) => c.value === value);
  return choice ? choice[lang] : plain(value);
}

/** The columns of a noun: its sheet's, else the fields of the first row as they are. */
function columnsOf(noun: string, rows: readonly unknown[], own: readonly Column[]): readonly Column[] {
  const sheet = SHEETS.find((s) => s.noun === noun);
  if (sheet) return [...sheet.columns, ...own];
  const first = rows[0];
  return Object.keys(first && typeof first === 'object' ? first : {}).map((key) => ({ key, field: key, kind: 'text', title: { zh: key, en: key }, width: 16 }));
}

export function csvOf(noun: string, rows: readonly unknown[], lang: 'zh' | 'en', own: readonly Column[] = []): string {
  const columns = columnsOf(noun, rows, own);
  // Numbers keep their sign; only text columns can hold text from outside.
  const shown = (row: unknown, c: Column): string => (c.kind === 'money' || c.kind === 'quantity' || c.kind === 'number' || c.kind === 'rate' ? cellText(row, c, lang) : inert(cellText(row, c, lang)));
  const lines = [columns.map((c) => c.title[lang]), ...rows.map((row) => columns.map((c) => shown(row, c)))];
  return csvText(lines);
}

export async function xlsxOf(noun: string, rows: readonly unknown[], lang: 'zh' | 'en', own: readonly Column[] = []): Promise<Uint8Array> {
  const columns = columnsOf(noun, rows, own);
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet(noun.slice(0, 31), { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map((c) => ({ header: c.title[lang], key: c.key, width: c.width, style: { numFmt: formatOf(c) } }));
  for (const row of rows) sheet.addRow(Object.fromEntries(columns.map((c) => [c.key, cellValue(row, c, lang)])));
  sheet.getRow(1).font = { bold: true };
  return new Uint8Array(await book.xlsx.writeBuffer());
}

const formatOf = (c: Column): string => (c.kind === 'money' ? '#,##0.00' : c.kind === 'quantity' ? '#,##0' : c.kind === 'number' ? 'General' : c.kind === 'instant' ? 'yyyy-mm-dd hh:mm' : '@');

function cellValue(row: unknown, column: Column, lang: 'zh' | 'en'): string | number | Date {
  const text = cellText(row, column, lang);
  if (text === '') return '';
  if (column.kind === 'money' || column.kind === 'quantity' || column.kind === 'number') return Number(text);
  // A spreadsheet's dates have no zone: the company's local time is written as if it were UTC.
  if (column.kind === 'instant') return instantFromLocalText(text, 'UTC') ?? text;
  return text;
}
