import type { CellWrite, Area, Scalar } from '../../grid.ts';
import { addressOf, isUnbounded, readAddress, splitAddress } from '../address.ts';
import type { HostContext } from '../context.ts';
import { denied, invalid, notFound, OfficeError } from '../errors.ts';
import { MAX_TEXT } from '../values.ts';

/** Where a range is. */
export type Place = { readonly sheetId: string; readonly area: Area };
export type Matrix<T> = readonly (readonly T[])[];
const MAX_CELLS = 5_000_000;

/** From here on a block is worth its own way into the grid. */
const BLOCK_CELLS = 400;
export const isBlock = (a: Area): boolean => cellsOf(a) >= BLOCK_CELLS;
export const cellsOf = (a: Area): number => a.rows * a.columns;
export function bounded(area: Area, what: string): void {
  if (isUnbounded(area)) throw invalid(`${what}: ${addressOf(area)} has no end`);
  if (cellsOf(area) > MAX_CELLS) throw new OfficeError('RangeExceedsLimit', 'The cell count in the range has exceeded the maximum supported number. See the documentation on resource limits.', addressOf(area));
}
/** One value for each cell, counted towards the answer's size. */
export function each<T>({ area }: Place, context: HostContext, look: (row: number, column: number) => T): T[][] {
  if (cellsOf(area) > MAX_CELLS) throw new OfficeError('RangeExceedsLimit', 'The cell count in the range has exceeded the maximum supported number.', addressOf(area));
  let bytes = 0;
  const made: T[][] = [];
  for (let r = 0; r < area.rows; r += 1) {
    const line: T[] = [];
    for (let c = 0; c < area.columns; c += 1) {
      const value = look(area.row + r, area.column + c);
      bytes += typeof value === 'string' ? value.length + 3 : 9;
      line.push(value);
    }
    made.push(line);
    if (bytes > 100_000) { context.answer(bytes); bytes = 0; }
  }
  context.answer(bytes);
  return made;
}
/** The same for all cells: it; else null, as Office.js says "mixed". */
export function common<T>({ sheetId, area }: Place, context: HostContext, look: (sheetId: string, row: number, column: number) => T): T | null {
  const used = context.grid.used(sheetId, true);
  const rows = isUnbounded(area) ? Math.min(area.rows, Math.max(1, (used?.row ?? 0) + (used?.rows ?? 0) - area.row)) : area.rows;
  const columns = isUnbounded(area) ? Math.min(area.columns, Math.max(1, (used?.column ?? 0) + (used?.columns ?? 0) - area.column)) : area.columns;
  const first = look(sheetId, area.row, area.column);
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) if (look(sheetId, area.row + r, area.column + c) !== first) return null;
  return first;
}
/** A protected sheet takes no write but where cells are unlocked. */
export function writable(context: HostContext, { sheetId, area }: Place): void {
  if (!context.book.extras.protection[sheetId]) return;
  const open = context.book.extras.unlocked[sheetId] ?? [];
  const inside = open.some((a) => a.row <= area.row && a.column <= area.column && a.row + a.rows >= area.row + area.rows && a.column + a.columns >= area.column + area.columns);
  if (!inside) throw denied(`the sheet is protected: ${addressOf(area)}`);
}
/** A single value stands for every cell; a matrix must have the range's size. */
export function writeAll(context: HostContext, place: Place, matrix: unknown, write: (row: number, column: number, value: Scalar) => void, asValues = false): void {
  const { area } = place;
  bounded(area, 'write');
  writable(context, place);
  if (matrix === null || matrix === undefined) throw invalid('a whole property cannot be null; an empty text clears a cell');
  const list = Array.isArray(matrix) ? (matrix as Matrix<Scalar>) : undefined;
  if (list && (list.length !== area.rows || list.some((line) => !Array.isArray(line) || line.length !== area.columns))) {
    if (list.length === 1 && list[0]?.length === 1) return writeAll(context, place, list[0][0], write, asValues);
    throw new OfficeError('InvalidArgument', 'The number of rows or columns in the input array doesn’t match the size or dimensions of the range.', `${list.length} rows for ${addressOf(area)}`);
  }
  const long = (v: unknown): boolean => typeof v === 'string' && v.length > MAX_TEXT;
  if (list ? list.some((line) => line.some(long)) : long(matrix)) throw invalid(`a cell holds at most ${MAX_TEXT} characters`);
  if (list && asValues && isBlock(area)) return context.putBlock(place.sheetId, area.row, area.column, list);
  for (let r = 0; r < area.rows; r += 1) for (let c = 0; c < area.columns; c += 1) {
    const v = list ? list[r]![c]! : (matrix as Scalar);
    write(area.row + r, area.column + c, v);
  }
}
/** An address, or the name of a range or of a table (also `Table[Column]`), as `getRange` takes them. */
export function placeOf(context: HostContext, sheetId: string, text: string): Place {
  const { sheet, local } = splitAddress(text.startsWith('=') ? text.slice(1) : text);
  const on = sheet === undefined ? sheetId : context.grid.sheets().find((s) => s.name.toLowerCase() === sheet.toLowerCase())?.id;
  if (on === undefined) throw notFound(text);
  const area = readAddress(local);
  if (area) return { sheetId: on, area };
  const structured = /^([\p{L}_\\][\p{L}\p{N}_.\\]*)(?:\[(?:(#All|#Data|#Headers|#Totals)|([^\]]+))?\])?$/u.exec(local);
  const table = structured && context.grid.tables().find((t) => t.name.toLowerCase() === structured[1]!.toLowerCase());
  if (table) {
    const body = { row: table.area.row + 1, rows: Math.max(1, table.area.rows - 1 - (context.book.extras.looks[table.id]?.showTotals ? 1 : 0)) };
    const part = structured[2];
    const whole = part === '#All' ? table.area : part === '#Headers' ? { ...table.area, rows: 1 } : { ...table.area, ...body };
    const at = structured[3] === undefined ? -1 : table.columns.findIndex((c) => c.toLowerCase() === structured[3]!.toLowerCase());
    if (structured[3] !== undefined && at < 0) throw notFound(text);
    return { sheetId: table.sheetId, area: at < 0 ? whole : { ...whole, column: whole.column + at, columns: 1 } };
  }
  const name = context.grid.names().find((n) => n.name.toLowerCase() === local.toLowerCase() && (n.sheetId === undefined || n.sheetId === on));
  if (!name) throw new OfficeError('InvalidArgument', 'The argument is invalid or missing or has an incorrect format.', text);
  return placeOf(context, on, name.formula.replace(/^=/, ''));
}
export function copyOf(context: HostContext, sheetId: string, row: number, column: number, styles = true): CellWrite {
  const formula = context.grid.formula(sheetId, row, column);
  const value = context.grid.value(sheetId, row, column);
  const style = styles ? { style: context.grid.style(sheetId, row, column) } : {};
  return formula ? { formula, ...style } : { value, ...(typeof value === 'string' ? { text: true } : {}), ...style };
}
/** A range that has no end, cut to what the sheet has. */
export function trimmed(context: HostContext, { sheetId, area }: Place): Area {
  if (!isUnbounded(area)) return area;
  const used = context.grid.used(sheetId, true);
  const rows = Math.max(0, Math.min(area.row + area.rows, (used?.row ?? 0) + (used?.rows ?? 0)) - area.row);
  const columns = Math.max(0, Math.min(area.column + area.columns, (used?.column ?? 0) + (used?.columns ?? 0)) - area.column);
  return { ...area, rows, columns };
}
