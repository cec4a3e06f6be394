/** Addresses as Excel writes them: A1 and R1C1, whole rows and columns, and formulas that move. */
import type { Area } from '../grid.ts';
import { invalid } from './errors.ts';

export const MAX_ROWS = 1_048_576;
export const MAX_COLUMNS = 16_384;
export const columnName = (column: number): string => (column < 26 ? String.fromCharCode(65 + column) : columnName(Math.floor(column / 26) - 1) + String.fromCharCode(65 + (column % 26)));
const columnOf = (name: string): number => [...name].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;
const PART = /^([A-Z]{0,3})(\d{0,7})$/;

/** `B3:D5`, `B3`, `A:C`, `2:4`; undefined when it is no address (it may be a name). */
export function readAddress(text: string): Area | undefined {
  const plain = text.replaceAll('$', '').toUpperCase();
  const [from = '', to = from, more] = plain.split(':');
  const [a, b] = [PART.exec(from), PART.exec(to)];
  if (more !== undefined || !a || !b || (a[1] === '' && a[2] === '') || a.slice(1).some((p, i) => (p === '') !== (b[i + 1] === ''))) return undefined;
  if (to === from && !plain.includes(':') && (a[1] === '' || a[2] === '')) return undefined;
  const rows = a[2] === '' ? [0, MAX_ROWS - 1] : [Number(a[2]) - 1, Number(b[2]) - 1];
  const columns = a[1] === '' ? [0, MAX_COLUMNS - 1] : [columnOf(a[1]!), columnOf(b[1]!)];
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  if (top < 0 || left < 0 || Math.max(...rows) >= MAX_ROWS || Math.max(...columns) >= MAX_COLUMNS) return undefined;
  return { row: top, column: left, rows: Math.abs(rows[1]! - rows[0]!) + 1, columns: Math.abs(columns[1]! - columns[0]!) + 1 };
}
/** A sheet's name before `!`, without its quotes, and what comes after. */
export function splitAddress(address: string): { readonly sheet: string | undefined; readonly local: string } {
  const at = address.lastIndexOf('!');
  if (at < 0) return { sheet: undefined, local: address };
  const name = address.slice(0, at);
  return { sheet: name.startsWith("'") ? name.slice(1, -1).replaceAll("''", "'") : name, local: address.slice(at + 1) };
}
export function parseAddress(address: string): Area {
  const found = readAddress(splitAddress(address).local);
  if (!found) throw invalid(address);
  return found;
}
export const isUnbounded = (a: Area): boolean => a.rows === MAX_ROWS || a.columns === MAX_COLUMNS;
export function addressOf(a: Area): string {
  if (a.rows === MAX_ROWS) return `${columnName(a.column)}:${columnName(a.column + a.columns - 1)}`;
  if (a.columns === MAX_COLUMNS) return `${a.row + 1}:${a.row + a.rows}`;
  const first = `${columnName(a.column)}${a.row + 1}`;
  return a.rows === 1 && a.columns === 1 ? first : `${first}:${columnName(a.column + a.columns - 1)}${a.row + a.rows}`;
}
export const quoteSheet = (name: string): string => (/^[A-Za-z_\u4e00-\u9fff][\w.\u4e00-\u9fff]*$/.test(name) && !readAddress(name) ? name : `'${name.replaceAll("'", "''")}'`);
export const sheetAddress = (name: string, a: Area): string => `${quoteSheet(name)}!${addressOf(a)}`;

export const intersect = (a: Area, b: Area): Area | undefined => {
  const [row, column] = [Math.max(a.row, b.row), Math.max(a.column, b.column)];
  const rows = Math.min(a.row + a.rows, b.row + b.rows) - row;
  const columns = Math.min(a.column + a.columns, b.column + b.columns) - column;
  return rows > 0 && columns > 0 ? { row, column, rows, columns } : undefined;
};
export const around = (areas: readonly Area[]): Area => {
  const top = Math.min(...areas.map((a) => a.row));
  const left = Math.min(...areas.map((a) => a.column));
  return { row: top, column: left, rows: Math.max(...areas.map((a) => a.row + a.rows)) - top, columns: Math.max(...areas.map((a) => a.column + a.columns)) - left };
};
/** What is left of `a` without `b`: at most four areas. */
export function without(a: Area, b: Area): Area[] {
  const cut = intersect(a, b);
  if (!cut) return [a];
  const [bottom, right] = [cut.row + cut.rows, cut.column + cut.columns];
  return [
    { row: a.row, column: a.column, rows: cut.row - a.row, columns: a.columns }, { row: bottom, column: a.column, rows: a.row + a.rows - bottom, columns: a.columns },
    { row: cut.row, column: a.column, rows: cut.rows, columns: cut.column - a.column }, { row: cut.row, column: right, rows: cut.rows, columns: a.column + a.columns - right },
  ].filter((x) => x.rows > 0 && x.columns > 0);
}
/** Cells as the fewest upright strips, row by row: for special cells and areas of a selection. */
export function stripsOf(cells: readonly { readonly row: number; readonly column: number }[]): Area[] {
  const runs: Area[] = [];
  for (const { row, column } of [...cells].sort((a, b) => a.row - b.row || a.column - b.column)) {
    const last = runs.at(-1);
    if (last && last.row === row && last.column + last.columns === column) runs[runs.length - 1] = { ...last, columns: last.columns + 1 };
    else runs.push({ row, column, rows: 1, columns: 1 });
  }
  const open = new Map<string, Area>();
  const done: Area[] = [];
  for (const run of runs) {
    const key = `${run.column}:${run.columns}`;
    const above = open.get(key);
    if (above && above.row + above.rows === run.row) open.set(key, { ...above, rows: above.rows + 1 });
    else { if (above) done.push(above); open.set(key, run); }
  }
  return [...done, ...open.values()].sort((a, b) => a.row - b.row || a.column - b.column);
}

const REFERENCE = /("(?:[^"]|"")*"|'(?:[^']|'')*'!|\[[^\]]*\])|(?<![A-Za-z0-9_.一-鿿])(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![A-Za-z0-9_(])/g;
/** A formula copied to another place: relative references move with it. */
export const shiftFormula = (formula: string, rows: number, columns: number): string =>
  formula.replace(REFERENCE, (all: string, skip: string | undefined, cd = '', c = '', rd = '', r = '') => {
    if (skip !== undefined) return all;
    const row = rd === '$' ? Number(r) : Number(r) + rows;
    const column = cd === '$' ? columnOf(c.toUpperCase()) : columnOf(c.toUpperCase()) + columns;
    return row < 1 || column < 0 || row > MAX_ROWS || column >= MAX_COLUMNS ? '#REF!' : `${cd}${columnName(column)}${rd}${row}`;
  });
export const toR1C1 = (formula: string, at: { readonly row: number; readonly column: number }): string =>
  formula.replace(REFERENCE, (all: string, skip: string | undefined, cd = '', c = '', rd = '', r = '') => {
    if (skip !== undefined) return all;
    const part = (letter: string, fixed: boolean, value: number, base: number): string => (fixed ? `${letter}${value + 1}` : value === base ? letter : `${letter}[${value - base}]`);
    return part('R', rd === '$', Number(r) - 1, at.row) + part('C', cd === '$', columnOf(c.toUpperCase()), at.column);
  });
const R1C1 = /("(?:[^"]|"")*"|'(?:[^']|'')*'!)|(?<![A-Za-z0-9_.])R(\d+|\[-?\d+\])?C(\d+|\[-?\d+\])?(?![A-Za-z0-9_(])/g;
export const fromR1C1 = (formula: string, at: { readonly row: number; readonly column: number }): string =>
  formula.replace(R1C1, (all: string, skip: string | undefined, r: string | undefined, c: string | undefined) => {
    if (skip !== undefined) return all;
    const part = (text: string | undefined, base: number): [boolean, number] => (text === undefined ? [false, base] : text.startsWith('[') ? [false, base + Number(text.slice(1, -1))] : [true, Number(text) - 1]);
    const [[rowFixed, row], [columnFixed, column]] = [part(r, at.row), part(c, at.column)];
    return row < 0 || column < 0 ? '#REF!' : `${columnFixed ? '$' : ''}${columnName(column)}${rowFixed ? '$' : ''}${row + 1}`;
  });
