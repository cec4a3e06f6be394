import type { Area } from '../grid.ts';
import { invalid } from './errors.ts';

export const MAX_ROWS = 1_048_576;
export const MAX_COLUMNS = 16_384;
export const columnName = (column: number): string => (column < 26 ? String.fromCharCode(65 + column) : columnName(Math.floor(column / 26) - 1) + String.fromCharCode(65 + (column % 26)));
const columnOf = (name: string): number => [...name].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;

/** `B3:D5`, `B3`, `A:C`, `2:4`, with or without a sheet's name before a `!`. */
export function parseAddress(address: string): Area {
  const plain = address.slice(address.lastIndexOf('!') + 1).replaceAll('$', '').toUpperCase();
  const [from = '', to = from] = plain.split(':');
  const part = /^([A-Z]{0,3})(\d{0,7})$/;
  const [a, b] = [part.exec(from), part.exec(to)];
  if (!a || !b || (a[1] === '' && a[2] === '') || a.slice(1).some((p, i) => (p === '') !== (b[i + 1] === ''))) throw invalid(address);
  const rows = a[2] === '' ? [0, MAX_ROWS - 1] : [Number(a[2]) - 1, Number(b[2]) - 1];
  const columns = a[1] === '' ? [0, MAX_COLUMNS - 1] : [columnOf(a[1]!), columnOf(b[1]!)];
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  return { row: top, column: left, rows: Math.abs(rows[1]! - rows[0]!) + 1, columns: Math.abs(columns[1]! - columns[0]!) + 1 };
}
export const isUnbounded = (a: Area): boolean => a.rows === MAX_ROWS || a.columns === MAX_COLUMNS;
export function addressOf(a: Area): string {
  if (a.rows === MAX_ROWS) return `${columnName(a.column)}:${columnName(a.column + a.columns - 1)}`;
  if (a.columns === MAX_COLUMNS) return `${a.row + 1}:${a.row + a.rows}`;
  const first = `${columnName(a.column)}${a.row + 1}`;
  return a.rows === 1 && a.columns === 1 ? first : `${first}:${columnName(a.column + a.columns - 1)}${a.row + a.rows}`;
}
export const sheetAddress = (name: string, a: Area): string => `${/^[A-Za-z_][\w.]*$/.test(name) ? name : `'${name.replaceAll("'", "''")}'`}!${addressOf(a)}`;
