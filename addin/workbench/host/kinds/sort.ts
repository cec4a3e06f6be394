import type { Area, CellWrite, Scalar } from '../../grid.ts';
import { shiftFormula } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid, notImplemented, OfficeError } from '../errors.ts';
import { kind, type Kind } from '../object.ts';
import { bounded, copyOf, writable, type Place } from './place.ts';
import { isError } from '../values.ts';
import { addressOf, intersect } from '../address.ts';

export type SortField = { readonly key: number; readonly ascending?: boolean; readonly sortOn?: string };
/** Numbers, then texts, then truths, then errors; blanks last either way. */
const rank = (v: Scalar): number => (typeof v === 'number' ? 0 : typeof v === 'boolean' ? 2 : isError(v) ? 3 : 1);
export function compareCells(a: Scalar, b: Scalar, matchCase: boolean): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'number') return a - (b as number);
  const [x, y] = matchCase ? [String(a), String(b)] : [String(a).toLowerCase(), String(b).toLowerCase()];
  return x === y ? 0 : x.localeCompare(y, 'zh-CN');
}
/** Whole rows of the area change places, with their formulas and looks; rows that are equal keep theirs. */
export function sortRows(c: HostContext, sheetId: string, area: Area, fields: readonly SortField[], matchCase: boolean): void {
  bounded(area, 'sort');
  writable(c, { sheetId, area });
  if (c.grid.merges(sheetId).some((m) => intersect(m, area))) throw new OfficeError('MergedRangeConflict', 'Cannot complete the operation: all merged cells need to be the same size.', addressOf(area));
  if (fields.length === 0 || fields.some((f) => f.key < 0 || f.key >= area.columns)) throw invalid('sort fields');
  if (fields.some((f) => f.sortOn && f.sortOn !== 'Value')) throw notImplemented('sort on color or icon');
  c.flush();
  const rows = Array.from({ length: area.rows }, (_, r) => ({ r, keys: fields.map((f) => c.grid.value(sheetId, area.row + r, area.column + f.key)) }));
  rows.sort((a, b) => {
    for (let i = 0; i < fields.length; i += 1) {
      const [x, y] = [a.keys[i]!, b.keys[i]!];
      if (x === null || y === null) { if (x === y) continue; return x === null ? 1 : -1; }
      const by = compareCells(x, y, matchCase);
      if (by !== 0) return fields[i]!.ascending === false ? -by : by;
    }
    return a.r - b.r;
  });
  const moved: [number, CellWrite[]][] = [];
  rows.forEach(({ r }, to) => {
    if (r === to) return;
    moved.push([to, Array.from({ length: area.columns }, (_, k) => {
      const cell = copyOf(c, sheetId, area.row + r, area.column + k);
      return { ...cell, bare: true as const, ...(cell.formula === undefined ? {} : { formula: shiftFormula(cell.formula, to - r, 0) }) };
    })]);
  });
  for (const [to, line] of moved) line.forEach((cell, k) => c.put(sheetId, area.row + to, area.column + k, cell));
  c.flush();
  c.book.fire('rowSorted', sheetId, { type: 'WorksheetRowSorted', address: addressOf(area), source: 'Local', worksheetId: sheetId });
}
export const RANGE_SORT: Kind<Place> = kind({
  name: 'RangeSort',
  methods: {
    apply: (h, fields: SortField[], matchCase = false, hasHeaders = false, orientation = 'Rows') => h.act('apply', [fields], (p) => {
      if (orientation !== 'Rows') throw notImplemented('sort of columns');
      sortRows(h.context, p.sheetId, hasHeaders ? { ...p.area, row: p.area.row + 1, rows: p.area.rows - 1 } : p.area, fields, matchCase);
    }),
  },
});
