/** Work on the cells of ranges: find, replace, copy, fill, duplicates. */
import type { Area, CellWrite, Scalar } from '../../grid.ts';
import { intersect, shiftFormula } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid, notImplemented } from '../errors.ts';
import { textOf } from '../values.ts';
import { bounded, copyOf, trimmed, writable, type Place } from './place.ts';

type Criteria = { readonly completeMatch?: boolean; readonly matchCase?: boolean; readonly searchDirection?: string };
function* cellsIn(c: HostContext, p: Place): Generator<{ row: number; column: number }> {
  const used = c.grid.used(p.sheetId);
  const area = used && intersect(trimmed(c, p), used);
  if (!area) return;
  for (let r = 0; r < area.rows; r += 1) for (let k = 0; k < area.columns; k += 1) yield { row: area.row + r, column: area.column + k };
}
export function findIn(c: HostContext, p: Place, text: string, given: object): Area | undefined {
  if (text === '') throw invalid('text to find');
  const criteria = (given ?? {}) as Criteria;
  const fold = (s: string): string => (criteria.matchCase ? s : s.toLowerCase());
  const want = fold(text);
  let last: Area | undefined;
  for (const { row, column } of cellsIn(c, p)) {
    const shown = fold(textOf(c.grid.value(p.sheetId, row, column), c.grid.format(p.sheetId, row, column)));
    if (criteria.completeMatch ? shown !== want : !shown.includes(want)) continue;
    last = { row, column, rows: 1, columns: 1 };
    if (criteria.searchDirection !== 'Backwards') return last;
  }
  return last;
}
export function replaceIn(c: HostContext, p: Place, text: string, replacement: string, given: object): number {
  writable(c, p);
  const criteria = (given ?? {}) as Criteria;
  const pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), criteria.matchCase ? 'g' : 'gi');
  let count = 0;
  for (const { row, column } of cellsIn(c, p)) {
    const old = c.grid.formula(p.sheetId, row, column) || c.grid.value(p.sheetId, row, column);
    if (old === null || typeof old === 'boolean') continue;
    const before = String(old);
    if (criteria.completeMatch && before.replace(pattern, '') !== '') continue;
    const after = before.replace(pattern, () => replacement);
    if (after === before) continue;
    count += 1;
    c.putValue(p.sheetId, row, column, after);
  }
  return count;
}
/** Rows that say the same in `columns` go; what is below moves up within the range. */
export function removeDuplicates(c: HostContext, p: Place, columns: readonly number[], header: boolean): { removed: number; uniqueRemaining: number } {
  bounded(p.area, 'removeDuplicates');
  writable(c, p);
  if (!Array.isArray(columns) || columns.length === 0 || columns.some((k) => k < 0 || k >= p.area.columns)) throw invalid('columns');
  const seen = new Set<string>();
  const kept: number[] = [];
  for (let r = header ? 1 : 0; r < p.area.rows; r += 1) {
    const key = JSON.stringify(columns.map((k) => { const v = c.grid.value(p.sheetId, p.area.row + r, p.area.column + k); return typeof v === 'string' ? v.toLowerCase() : v; }));
    if (!seen.has(key)) { seen.add(key); kept.push(r); }
  }
  const first = header ? 1 : 0;
  const lines = kept.map((r) => Array.from({ length: p.area.columns }, (_, k) => copyOf(c, p.sheetId, p.area.row + r, p.area.column + k)));
  for (let r = first; r < p.area.rows; r += 1) for (let k = 0; k < p.area.columns; k += 1) c.put(p.sheetId, p.area.row + r, p.area.column + k, lines[r - first]?.[k] ?? { value: null });
  c.flush();
  return { removed: p.area.rows - first - kept.length, uniqueRemaining: kept.length };
}
export type CopyHow = { readonly type: string; readonly skipBlanks: boolean; readonly transpose: boolean; readonly keepFormulas?: boolean };
export function copyInto(c: HostContext, to: Place, from: Place, how: CopyHow): void {
  c.flush();
  const source = trimmed(c, from);
  if (source.rows * source.columns <= 0) return;
  const [height, width] = how.transpose ? [source.columns, source.rows] : [source.rows, source.columns];
  // A source that fits several times fills the whole target; else it is written once from the target's corner.
  const rows = to.area.rows % height === 0 && to.area.rows >= height && to.area.rows < 1_048_576 ? to.area.rows : height;
  const columns = to.area.columns % width === 0 && to.area.columns >= width && to.area.columns < 16_384 ? to.area.columns : width;
  writable(c, { sheetId: to.sheetId, area: { ...to.area, rows, columns } });
  const writes: [number, number, CellWrite][] = [];
  for (let r = 0; r < rows; r += 1) for (let k = 0; k < columns; k += 1) {
    const [sr, sk] = how.transpose ? [k % width, r % height] : [r % height, k % width];
    const [row, column] = [source.row + sr, source.column + sk];
    const cell = copyOf(c, from.sheetId, row, column);
    if (how.skipBlanks && cell.formula === undefined && (cell.value ?? null) === null) continue;
    const at = { row: to.area.row + r, column: to.area.column + k };
    writes.push([at.row, at.column, copied(c, from.sheetId, cell, { row, column }, at, how)]);
  }
  for (const [row, column, write] of writes) c.put(to.sheetId, row, column, write);
}
function copied(c: HostContext, sheetId: string, cell: CellWrite, from: { row: number; column: number }, to: { row: number; column: number }, how: CopyHow): CellWrite {
  const plain = c.grid.value(sheetId, from.row, from.column);
  const value: CellWrite = { value: plain, ...(typeof plain === 'string' ? { text: true } : {}) };
  const style = cell.style ? { style: cell.style, bare: true as const } : {};
  switch (how.type) {
    case 'Values': return value;
    case 'Formats': return style;
    case 'Formulas': case 'All': {
      const body = cell.formula === undefined ? value : { formula: how.keepFormulas ? cell.formula : shiftFormula(cell.formula, to.row - from.row, to.column - from.column) };
      return how.type === 'All' ? { ...body, ...style } : body;
    }
    default: throw notImplemented(`copyFrom ${how.type}`);
  }
}
/** Fills down or to the right: formulas move, one or more numbers go on as a series, texts repeat. */
export function fillInto(c: HostContext, from: Place, to: Place, type: string): void {
  if (!['FillDefault', 'FillCopy', 'FillSeries'].includes(type)) throw notImplemented(`autoFill ${type}`);
  c.flush();
  const down = to.area.rows > from.area.rows;
  const [length, across] = down ? [from.area.rows, from.area.columns] : [from.area.columns, from.area.rows];
  const total = down ? to.area.rows : to.area.columns;
  for (let x = 0; x < across; x += 1) {
    const cell = (i: number): { row: number; column: number } => (down ? { row: from.area.row + i, column: from.area.column + x } : { row: from.area.row + x, column: from.area.column + i });
    const numbers = Array.from({ length }, (_, i) => c.grid.value(from.sheetId, cell(i).row, cell(i).column));
    const step = stepOf(numbers, type);
    for (let i = length; i < total; i += 1) {
      const [source, target] = [cell(i % length), cell(i)];
      const write = copyOf(c, from.sheetId, source.row, source.column);
      if (write.formula !== undefined) c.put(to.sheetId, target.row, target.column, { ...write, formula: shiftFormula(write.formula, target.row - source.row, target.column - source.column) });
      else if (step !== undefined) c.put(to.sheetId, target.row, target.column, { ...write, value: (numbers[length - 1] as number) + step * (i - length + 1) });
      else c.put(to.sheetId, target.row, target.column, write);
    }
  }
}
function stepOf(values: readonly Scalar[], type: string): number | undefined {
  if (type === 'FillCopy' || !values.every((v) => typeof v === 'number')) return undefined;
  const list = values as readonly number[];
  if (list.length === 1) return type === 'FillSeries' ? 1 : undefined;
  const step = list[1]! - list[0]!;
  return list.every((v, i) => i === 0 || Math.abs(v - list[i - 1]! - step) < 1e-9) ? step : undefined;
}
