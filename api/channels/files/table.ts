/** A table out of a file as sellers really have it: CSV in any Chinese encoding, or the first filled sheet of a workbook. */
import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { instantFromLocalText } from '../../contract/values/time.ts';
import type { FileProblem } from '../channel.ts';
import { decodeText } from '../transport/text.ts';

/** `row` is the line as a person counts it in the file, from 1. */
export type TableRow = { readonly row: number; readonly cell: (...names: readonly string[]) => string };
export type Table = { readonly names: readonly string[]; readonly rows: readonly TableRow[] };

/** Marks that tools put round a cell so that a spreadsheet leaves it alone: `="…"`, a leading ' or `, tabs. */
export const plainCell = (cell: string): string => cell.replace(/\t/g, '').trim().replace(/^="?(.*?)"?$/s, '$1').replace(/^['`]/, '').trim();
export const plainName = (name: string): string => plainCell(name.replace(/^\uFEFF/, '')).replace(/（/g, '(').replace(/）/g, ')').replace(/\s/g, '');

export const isWorkbook = (name: string, bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && !/\.zip$/i.test(name);
export async function matrixOf(name: string, bytes: Uint8Array): Promise<string[][]> {
  if (isWorkbook(name, bytes)) return (await sheetsOf(bytes))[0]?.matrix ?? [];
  return parse(decodeText(bytes), { relax_quotes: true, relax_column_count: true, skip_empty_lines: false, bom: true }) as string[][];
}
/** Every filled sheet of a workbook, by its name. */
export async function sheetsOf(bytes: Uint8Array): Promise<{ readonly sheet: string; readonly matrix: string[][] }[]> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(Buffer.from(bytes) as never);
  return book.worksheets.filter((s) => s.actualRowCount > 1).map((s) => ({ sheet: s.name, matrix: cellsOf(s) }));
}
function cellsOf(sheet: ExcelJS.Worksheet): string[][] {
  const lines: string[][] = [];
  sheet.eachRow({ includeEmpty: true }, (row, number) => {
    const cells = (row.values as unknown[]).slice(1).map((v) => (v === null || v === undefined ? '' : v instanceof Date ? new Date(v.getTime()).toISOString().slice(0, 19).replace('T', ' ') : typeof v === 'object' ? String((v as { text?: unknown; result?: unknown }).text ?? (v as { result?: unknown }).result ?? '') : String(v)));
    lines[number - 1] = cells;
  });
  return Array.from(lines, (l) => l ?? []);
}

/** The table whose header is in the first lines; summaries and empty lines after it are left out by `keep`. */
export async function readTable(name: string, bytes: Uint8Array, leastColumns = 5): Promise<Table | undefined> {
  return tableOf(await matrixOf(name, bytes), leastColumns);
}
export function tableOf(matrix: readonly string[][], leastColumns = 5): Table | undefined {
  const head = matrix.findIndex((line, i) => i < 30 && line.filter((c) => c.trim() !== '').length >= leastColumns);
  if (head < 0) return undefined;
  const names = matrix[head]!.map(plainName);
  const rows = matrix.slice(head + 1).map((line, i): TableRow => ({
    row: head + i + 2,
    cell: (...asked) => {
      for (const one of asked) {
        const at = names.indexOf(plainName(one));
        const text = at < 0 ? '' : plainCell(line[at] ?? '');
        if (text !== '' && text !== '-') return text;
      }
      return '';
    },
  })).filter((_, i) => matrix[head + 1 + i]!.some((c) => c.trim() !== ''));
  return { names, rows };
}

const SERIAL = /^[3-6]\d{4}(\.\d+)?$/;
const EXCEL_EPOCH = Date.UTC(1899, 11, 30);
/** A time as files have it: as text, or as the days since 1900 that a spreadsheet leaves in a cell without a date's format. */
export function fileInstant(text: string): Date | undefined {
  if (!SERIAL.test(text)) return instantFromLocalText(text);
  return instantFromLocalText(new Date(EXCEL_EPOCH + Math.round(Number(text) * 86_400) * 1000).toISOString().slice(0, 19).replace('T', ' '));
}

export const problem = (row: number, column: string, code: string, read: string, zh: string, en: string): FileProblem => ({ row, column, code, read, words: { zh: `第 ${row} 行 ${column}：${zh}`, en: `Row ${row}, ${column}: ${en}` } });
/** An id that a spreadsheet has turned into 1.23E+17 has lost its digits for good: it is refused, never guessed. */
export function idProblem(row: TableRow, column: string): FileProblem | undefined {
  const text = row.cell(column);
  if (/^\d+(\.\d+)?E\+\d+$/i.test(text)) return problem(row.row, column, 'id_as_float', text, `“${text}”是表格软件改坏的编号，位数已经丢了。请用没有被表格打开保存过的原文件。`, `“${text}” was damaged by a spreadsheet and its digits are lost. Use the file as it was downloaded.`);
  return undefined;
}
