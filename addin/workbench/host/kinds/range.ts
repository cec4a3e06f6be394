import type { Area, CellWrite, Insert, Remove, Scalar } from '../../grid.ts';
import { addressOf, around, fromR1C1, intersect, isUnbounded, MAX_COLUMNS, MAX_ROWS, sheetAddress, toR1C1 } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid, notFound, OfficeError } from '../errors.ts';
import { handleOf, type Handle, type Kind, kind } from '../object.ts';
import { blank, textOf, typeOf } from '../values.ts';
import { RANGE_AREAS, specialCells } from './areas.ts';
import { CONDITIONAL_FORMATS } from './conditional.ts';
import { RANGE_FORMAT, styleAll } from './format.ts';
import { bounded, cellsOf, common, each, placeOf, trimmed, writable, writeAll, type Place } from './place.ts';
import { copyInto, fillInto, findIn, removeDuplicates, replaceIn } from './range-work.ts';
import { RANGE_SORT } from './sort.ts';
import { TABLES } from './table.ts';
import { DATA_VALIDATION } from './validation.ts';
import { RANGE_VIEW } from './view.ts';
import { WORKSHEET } from './worksheet.ts';

/** A range given as an object or, on the same sheet, as an address. */
export const placeOfRange = (range: unknown, h?: Handle<Place>): Place => (typeof range === 'string' ? placeOf(h!.context, h!.target().sheetId, range) : handleOf<Place>(range).target());
const sheetName = (c: HostContext, id: string): string => c.grid.sheets().find((s) => s.id === id)?.name ?? '';
const checked = (area: Area): Area => {
  if (area.row < 0 || area.column < 0 || area.rows < 1 || area.columns < 1 || area.row + area.rows > MAX_ROWS || area.column + area.columns > MAX_COLUMNS) throw new OfficeError('InvalidArgument', 'The argument is invalid or missing or has an incorrect format.', `outside the sheet: ${JSON.stringify(area)}`);
  return area;
};
const near = (h: Handle<Place>, name: string, move: (a: Area, p: Place) => Area | undefined): object => h.child(RANGE, name, () => {
  const p = h.target();
  const area = move(p.area, p);
  return area ? { sheetId: p.sheetId, area: checked(area) } : undefined;
});
export function clearRange(c: HostContext, p: Place, applyTo = 'All'): void {
  writable(c, p);
  const area = trimmed(c, p);
  const what: CellWrite = { ...(applyTo === 'Formats' || applyTo === 'Hyperlinks' ? {} : { value: null }), ...(applyTo === 'All' || applyTo === 'Formats' ? { bare: true as const, style: {} } : {}) };
  if (applyTo === 'Hyperlinks' || applyTo === 'All') for (const key of Object.keys(c.book.extras.hyperlinks)) { const [sheet, row, column] = key.split('|'); if (sheet === p.sheetId && intersect({ row: Number(row), column: Number(column), rows: 1, columns: 1 }, p.area)) delete c.book.extras.hyperlinks[key]; }
  if (applyTo === 'Hyperlinks') return;
  for (let r = 0; r < area.rows; r += 1) for (let k = 0; k < area.columns; k += 1) c.put(p.sheetId, area.row + r, area.column + k, what);
}
/** What is used of a range: blank cells around it are left out. */
function usedIn(c: HostContext, { sheetId, area }: Place, valuesOnly: boolean | undefined): Area | undefined {
  const used = c.grid.used(sheetId, valuesOnly !== true);
  const cut = used && intersect(used, area);
  if (!cut) return undefined;
  // All of what is used: its edges are known.
  if (valuesOnly && used && cut.rows === used.rows && cut.columns === used.columns) return cut;
  const filled: Area[] = [];
  for (let r = 0; r < cut.rows; r += 1) {
    let [first, last] = [-1, -1];
    for (let k = 0; k < cut.columns; k += 1) if (c.grid.value(sheetId, cut.row + r, cut.column + k) !== null || c.grid.formula(sheetId, cut.row + r, cut.column + k) !== '') { if (first < 0) first = k; last = k; }
    if (first >= 0) filled.push({ row: cut.row + r, column: cut.column + first, rows: 1, columns: last - first + 1 });
  }
  if (filled.length === 0) return valuesOnly ? undefined : cut;
  let [top, left, bottom, right] = [Infinity, Infinity, -1, -1];
  for (const f of filled) [top, left, bottom, right] = [Math.min(top, f.row), Math.min(left, f.column), Math.max(bottom, f.row), Math.max(right, f.column + f.columns - 1)];
  return { row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 };
}
/** As Ctrl+arrow goes: to the end of what is filled, or over what is empty. */
function edgeOf(c: HostContext, { sheetId, area }: Place, direction: string): Area {
  const [dr, dc] = direction === 'Up' ? [-1, 0] : direction === 'Down' ? [1, 0] : direction === 'Left' ? [0, -1] : direction === 'Right' ? [0, 1] : [0, 0];
  if (dr === 0 && dc === 0) throw invalid(`direction ${direction}`);
  let at = { row: area.row, column: area.column };
  const filled = (p: { row: number; column: number }): boolean => p.row >= 0 && p.column >= 0 && c.grid.value(sheetId, p.row, p.column) !== null;
  const next = (p: typeof at): typeof at => ({ row: p.row + dr, column: p.column + dc });
  const used = c.grid.used(sheetId) ?? { row: 0, column: 0, rows: 1, columns: 1 };
  const end = dr < 0 ? { ...at, row: 0 } : dr > 0 ? { ...at, row: MAX_ROWS - 1 } : dc < 0 ? { ...at, column: 0 } : { ...at, column: MAX_COLUMNS - 1 };
  const inside = (p: typeof at): boolean => p.row >= 0 && p.column >= 0 && p.row < used.row + used.rows && p.column < used.column + used.columns;
  if (filled(at) && filled(next(at))) while (filled(next(at))) at = next(at);
  else { do at = next(at); while (inside(at) && !filled(at)); if (!inside(at)) at = end; }
  return { ...at, rows: 1, columns: 1 };
}
function surrounding(c: HostContext, { sheetId, area }: Place): Area {
  const used = c.grid.used(sheetId);
  let now = { ...area };
  const any = (a: Area): boolean => { for (let r = 0; r < a.rows; r += 1) for (let k = 0; k < a.columns; k += 1) if (c.grid.value(sheetId, a.row + r, a.column + k) !== null || c.grid.formula(sheetId, a.row + r, a.column + k) !== '') return true; return false; };
  for (let grown = used !== undefined; grown;) {
    grown = false;
    for (const ring of [{ row: now.row - 1, column: now.column - 1, rows: 1, columns: now.columns + 2, by: [1, 0, 0, 0] }, { row: now.row + now.rows, column: now.column - 1, rows: 1, columns: now.columns + 2, by: [0, 1, 0, 0] }, { row: now.row - 1, column: now.column - 1, rows: now.rows + 2, columns: 1, by: [0, 0, 1, 0] }, { row: now.row - 1, column: now.column + now.columns, rows: now.rows + 2, columns: 1, by: [0, 0, 0, 1] }]) {
      const cut = intersect(ring, { row: 0, column: 0, rows: MAX_ROWS, columns: MAX_COLUMNS });
      if (!cut || !any(cut)) continue;
      const [up, down, left, right] = ring.by as [number, number, number, number];
      if ((up && now.row === 0) || (left && now.column === 0)) continue;
      now = { row: now.row - up, column: now.column - left, rows: now.rows + up + down, columns: now.columns + left + right };
      grown = true;
      break;
    }
  }
  return now;
}
const cells = <T extends Scalar>(p: Place, c: HostContext, look: (r: number, k: number) => T): T[][] | null => (isUnbounded(p.area) ? null : each(p, c, look));
const linkKey = (p: Place): string => `${p.sheetId}|${p.area.row}|${p.area.column}`;
const hidden = (rows: boolean) => ({
  get: ({ sheetId, area }: Place, c: HostContext): unknown => common({ sheetId, area: rows ? { ...area, column: 0, columns: 1, rows: Math.min(area.rows, 100_000) } : { ...area, row: 0, rows: 1, columns: Math.min(area.columns, 1_000) } }, c, (s, r, k) => (rows ? c.grid.rowHidden(s, r) : c.grid.columnHidden(s, k))),
  set: ({ sheetId, area }: Place, v: unknown, c: HostContext): void => { c.flush(); if (rows) c.grid.hideRows(sheetId, area.row, area.rows, v === true); else c.grid.hideColumns(sheetId, area.column, area.columns, v === true); c.book.fire(rows ? 'rowHidden' : 'columnHidden', sheetId, { type: 'WorksheetRowHiddenChanged', address: addressOf(area), changeType: v === true ? 'Hidden' : 'Unhidden', source: 'Local', worksheetId: sheetId }); },
});
const formulas = { get: (p: Place, c: HostContext) => cells(p, c, (r, k) => c.grid.formula(p.sheetId, r, k) || blank(c.grid.value(p.sheetId, r, k))), set: (p: Place, v: unknown, c: HostContext) => writeAll(c, p, v, (r, k, x) => c.putValue(p.sheetId, r, k, x), true), deep: true as const };
const numberFormat = { get: (p: Place, c: HostContext) => cells(p, c, (r, k) => c.grid.format(p.sheetId, r, k)) ?? null, set: (p: Place, v: unknown, c: HostContext) => { if (isUnbounded(p.area)) c.put(p.sheetId, 0, 0, {}); if (typeof v === 'string') return styleAll(c, p, { format: v }); writeAll(c, { ...p, area: trimmed(c, p) }, v, (r, k, x) => { if (x !== null) c.put(p.sheetId, r, k, { style: { format: String(x) } }); }); }, deep: true as const };

export const RANGE: Kind<Place> = kind({
  name: 'Range',
  props: {
    address: { get: (p, c) => sheetAddress(sheetName(c, p.sheetId), p.area) }, addressLocal: { get: (p, c) => sheetAddress(sheetName(c, p.sheetId), p.area) },
    rowIndex: { get: (p) => p.area.row }, columnIndex: { get: (p) => p.area.column }, rowCount: { get: (p) => p.area.rows }, columnCount: { get: (p) => p.area.columns }, cellCount: { get: (p) => (cellsOf(p.area) > 2_147_483_647 ? -1 : cellsOf(p.area)) },
    isEntireRow: { get: (p) => p.area.columns === MAX_COLUMNS }, isEntireColumn: { get: (p) => p.area.rows === MAX_ROWS },
    values: { get: (p, c) => cells(p, c, (r, k) => blank(c.grid.value(p.sheetId, r, k))), set: formulas.set, deep: true }, formulas, formulasLocal: formulas,
    formulasR1C1: { get: (p, c) => cells(p, c, (r, k) => { const f = c.grid.formula(p.sheetId, r, k); return f ? toR1C1(f, { row: r, column: k }) : blank(c.grid.value(p.sheetId, r, k)); }), set: (p, v, c) => writeAll(c, p, v, (r, k, x) => c.putValue(p.sheetId, r, k, typeof x === 'string' && x.startsWith('=') ? fromR1C1(x, { row: r, column: k }) : x)), deep: true },
    text: { get: (p, c) => cells(p, c, (r, k) => textOf(c.grid.value(p.sheetId, r, k), c.grid.format(p.sheetId, r, k))), deep: true },
    valueTypes: { get: (p, c) => cells(p, c, (r, k) => typeOf(c.grid.value(p.sheetId, r, k))), deep: true },
    numberFormat, numberFormatLocal: numberFormat,
    rowHidden: hidden(true), columnHidden: hidden(false), hidden: { get: (p, c) => (hidden(true).get(p, c) === true || hidden(false).get(p, c) === true) },
    hasSpill: { get: (p, c) => spillOf(c, p) !== undefined },
    hyperlink: {
      get: (p, c) => c.book.extras.hyperlinks[linkKey(p)] ?? null,
      set: (p, v, c) => {
        const link = v as { address?: string; documentReference?: string; screenTip?: string; textToDisplay?: string };
        c.book.extras.hyperlinks[linkKey(p)] = link;
        if (link.textToDisplay !== undefined) c.put(p.sheetId, p.area.row, p.area.column, { value: link.textToDisplay, text: true, style: { color: '#0563C1', underline: true } });
      },
    },
    left: { get: (p, c) => sum(p.area.column, (k) => c.grid.widthOf(p.sheetId, k)) * 0.75 }, top: { get: (p, c) => sum(p.area.row, (r) => c.grid.heightOf(p.sheetId, r)) * 0.75 },
    width: { get: (p, c) => sum(Math.min(p.area.columns, 1_000), (k) => c.grid.widthOf(p.sheetId, p.area.column + k)) * 0.75 }, height: { get: (p, c) => sum(Math.min(p.area.rows, 100_000), (r) => c.grid.heightOf(p.sheetId, p.area.row + r)) * 0.75 },
  },
  parts: {
    format: (h) => h.part(RANGE_FORMAT, 'format', (p) => p), dataValidation: (h) => h.part(DATA_VALIDATION, 'dataValidation', (p) => p), conditionalFormats: (h) => h.part(CONDITIONAL_FORMATS, 'conditionalFormats', (p) => p),
    sort: (h) => h.part(RANGE_SORT, 'sort', (p) => p), worksheet: (h) => h.part(WORKSHEET, 'worksheet', (p) => p.sheetId),
  },
  methods: {
    getCell: (h, r: number, c: number) => near(h, `getCell(${r},${c})`, (a) => ({ row: a.row + r, column: a.column + c, rows: 1, columns: 1 })),
    getRow: (h, r: number) => near(h, `getRow(${r})`, (a) => { if (r < 0 || r >= a.rows) throw invalid(`row ${r}`); return { ...a, row: a.row + r, rows: 1 }; }),
    getColumn: (h, c: number) => near(h, `getColumn(${c})`, (a) => { if (c < 0 || c >= a.columns) throw invalid(`column ${c}`); return { ...a, column: a.column + c, columns: 1 }; }),
    getLastCell: (h) => near(h, 'getLastCell()', (a) => ({ row: a.row + a.rows - 1, column: a.column + a.columns - 1, rows: 1, columns: 1 })),
    getLastRow: (h) => near(h, 'getLastRow()', (a) => ({ ...a, row: a.row + a.rows - 1, rows: 1 })), getLastColumn: (h) => near(h, 'getLastColumn()', (a) => ({ ...a, column: a.column + a.columns - 1, columns: 1 })),
    getOffsetRange: (h, r: number, c: number) => near(h, `getOffsetRange(${r},${c})`, (a) => ({ ...a, row: a.row + r, column: a.column + c })),
    getResizedRange: (h, r: number, c: number) => near(h, `getResizedRange(${r},${c})`, (a) => ({ ...a, rows: a.rows + r, columns: a.columns + c })),
    getAbsoluteResizedRange: (h, r: number, c: number) => near(h, `getAbsoluteResizedRange(${r},${c})`, (a) => ({ ...a, rows: r, columns: c })),
    getRowsAbove: (h, n = 1) => near(h, `getRowsAbove(${n})`, (a) => (n > 0 ? { ...a, row: a.row - n, rows: n } : { ...a, row: a.row + a.rows, rows: -n })), getRowsBelow: (h, n = 1) => near(h, `getRowsBelow(${n})`, (a) => (n > 0 ? { ...a, row: a.row + a.rows, rows: n } : { ...a, row: a.row + n, rows: -n })),
    getColumnsBefore: (h, n = 1) => near(h, `getColumnsBefore(${n})`, (a) => (n > 0 ? { ...a, column: a.column - n, columns: n } : { ...a, column: a.column + a.columns, columns: -n })), getColumnsAfter: (h, n = 1) => near(h, `getColumnsAfter(${n})`, (a) => (n > 0 ? { ...a, column: a.column + a.columns, columns: n } : { ...a, column: a.column + n, columns: -n })),
    getEntireColumn: (h) => near(h, 'getEntireColumn()', (a) => ({ ...a, row: 0, rows: MAX_ROWS })), getEntireRow: (h) => near(h, 'getEntireRow()', (a) => ({ ...a, column: 0, columns: MAX_COLUMNS })),
    getBoundingRect: (h, other: unknown) => near(h, 'getBoundingRect()', (a) => around([a, placeOfRange(other, h).area])),
    getIntersection: (h, other: unknown) => near(h, 'getIntersection()', (a, p) => sameSheet(p, placeOfRange(other, h)) && intersect(a, placeOfRange(other, h).area)), getIntersectionOrNullObject: (h, other: unknown) => near(h, 'getIntersectionOrNullObject()', (a, p) => sameSheet(p, placeOfRange(other, h)) && intersect(a, placeOfRange(other, h).area)),
    getUsedRange: (h, valuesOnly?: boolean) => near(h, 'getUsedRange()', (a, p) => usedIn(h.context, p, valuesOnly) ?? { row: a.row, column: a.column, rows: 1, columns: 1 }), getUsedRangeOrNullObject: (h, valuesOnly?: boolean) => near(h, 'getUsedRangeOrNullObject()', (_, p) => usedIn(h.context, p, valuesOnly)),
    getRangeEdge: (h, direction: string) => near(h, `getRangeEdge("${direction}")`, (_, p) => edgeOf(h.context, p, direction)), getExtendedRange: (h, direction: string) => near(h, `getExtendedRange("${direction}")`, (a, p) => around([a, edgeOf(h.context, p, direction)])),
    getSurroundingRegion: (h) => near(h, 'getSurroundingRegion()', (_, p) => surrounding(h.context, p)),
    getSpecialCells: (h, type: string, values?: string) => h.child(RANGE_AREAS, `getSpecialCells("${type}")`, () => specialCells(h, type, values)), getSpecialCellsOrNullObject: (h, type: string, values?: string) => h.child(RANGE_AREAS, `getSpecialCellsOrNullObject("${type}")`, () => specialCells(h, type, values)),
    getMergedAreasOrNullObject: (h) => h.child(RANGE_AREAS, 'getMergedAreasOrNullObject()', () => { const p = h.target(); const areas = h.context.grid.merges(p.sheetId).filter((m) => intersect(m, p.area)); return areas.length > 0 ? { sheetId: p.sheetId, areas } : undefined; }),
    getVisibleView: (h) => h.child(RANGE_VIEW, 'getVisibleView()', () => { const p = h.target(); bounded(p.area, 'getVisibleView'); return { ...p, rows: Array.from({ length: p.area.rows }, (_, r) => p.area.row + r).filter((r) => !h.context.grid.rowHidden(p.sheetId, r)) }; }),
    getSpillingToRange: (h) => near(h, 'getSpillingToRange()', (_, p) => spillFrom(h.context, p)), getSpillingToRangeOrNullObject: (h) => near(h, 'getSpillingToRangeOrNullObject()', (_, p) => spillFrom(h.context, p)),
    getSpillParent: (h) => near(h, 'getSpillParent()', (_, p) => parentOf(h.context, p)), getSpillParentOrNullObject: (h) => near(h, 'getSpillParentOrNullObject()', (_, p) => parentOf(h.context, p)),
    getTables: (h) => h.child(TABLES, 'getTables()', () => ({ within: h.target() })),
    find: (h, text: string, criteria: object) => near(h, `find("${text}")`, (_, p) => findIn(h.context, p, text, criteria)), findOrNullObject: (h, text: string, criteria: object) => near(h, `findOrNullObject("${text}")`, (_, p) => findIn(h.context, p, text, criteria)),
    replaceAll: (h, text: string, replacement: string, criteria: object) => h.result('replaceAll', [text, replacement], (p) => replaceIn(h.context, p, text, replacement, criteria)),
    removeDuplicates: (h, columns: number[], header: boolean) => h.child(REMOVE_RESULT, 'removeDuplicates()', () => removeDuplicates(h.context, h.target(), columns, header)),
    copyFrom: (h, source: unknown, type = 'All', skipBlanks = false, transpose = false) => h.act('copyFrom', [type], (p) => copyInto(h.context, p, placeOfRange(source, h), { type, skipBlanks, transpose })),
    moveTo: (h, to: unknown) => h.act('moveTo', [], (p) => {
      const { sheetId, area } = placeOfRange(to, h);
      copyInto(h.context, { sheetId, area: { ...area, rows: p.area.rows, columns: p.area.columns } }, p, { type: 'All', skipBlanks: false, transpose: false, keepFormulas: true });
      h.context.flush();
      for (const rest of [p]) clearRange(h.context, rest, 'All');
    }),
    autoFill: (h, destination: unknown, type = 'FillDefault') => h.act('autoFill', [type], (p) => fillInto(h.context, p, placeOfRange(destination, h), type)),
    clear: (h, applyTo = 'All') => h.act('clear', [applyTo], (p) => clearRange(h.context, p, applyTo)),
    insert: (h, shift: Insert) => near(insertFirst(h, shift), 'inserted', (a) => a),
    delete: (h, shift: Remove) => h.act('delete', [shift], async (p) => { writable(h.context, p); h.context.flush(); await h.context.book.ours(() => h.context.grid.remove(p.sheetId, p.area, shift)); }),
    merge: (h, across = false) => h.act('merge', [across], (p) => { bounded(p.area, 'merge'); for (const area of across ? Array.from({ length: p.area.rows }, (_, r) => ({ ...p.area, row: p.area.row + r, rows: 1 })) : [p.area]) h.context.grid.merge(p.sheetId, area, true); }),
    unmerge: (h) => h.act('unmerge', [], (p) => h.context.grid.merge(p.sheetId, p.area, false)),
    select: (h) => h.act('select', [], (p) => h.context.grid.select(p.sheetId, { ...p.area, rows: Math.min(p.area.rows, 60_000), columns: Math.min(p.area.columns, 200) })),
    calculate: (h) => h.act('calculate', [], () => { h.context.flush(); h.context.grid.recalculate(); }), setDirty: (h) => h.act('setDirty', [], () => { h.context.flush(); h.context.grid.recalculate(); }),
    getCellProperties: (h, wanted: object) => h.result('getCellProperties', [wanted], (p) => each(p, h.context, (r, k) => cellProperties(h.context, p.sheetId, r, k) as never)),
  },
});
const REMOVE_RESULT: Kind<{ removed: number; uniqueRemaining: number }> = kind({ name: 'RemoveDuplicatesResult', props: { removed: { get: (t) => t.removed }, uniqueRemaining: { get: (t) => t.uniqueRemaining } } });
const spillOf = (c: HostContext, { sheetId, area }: Place): Area | undefined => c.grid.spills(sheetId).find((s) => intersect(s, { ...area, rows: 1, columns: 1 }));
const spillFrom = (c: HostContext, p: Place): Area | undefined => { const s = spillOf(c, p); return s && s.row === p.area.row && s.column === p.area.column ? s : undefined; };
const parentOf = (c: HostContext, p: Place): Area | undefined => { const s = spillOf(c, p); return s && { row: s.row, column: s.column, rows: 1, columns: 1 }; };
const sum = (n: number, of: (i: number) => number): number => { let s = 0; for (let i = 0; i < n; i += 1) s += of(i); return s; };
const sameSheet = (a: Place, b: Place): true => { if (a.sheetId !== b.sheetId) throw notFound('ranges of two sheets have nothing in common'); return true; };
function insertFirst(h: Handle<Place>, shift: Insert): Handle<Place> {
  if (shift !== 'Down' && shift !== 'Right') throw invalid(`insert ${String(shift)}`);
  h.act('insert', [shift], async (p) => { writable(h.context, p); h.context.flush(); await h.context.book.ours(() => h.context.grid.insert(p.sheetId, p.area, shift)); });
  return h;
}
function cellProperties(c: HostContext, sheetId: string, row: number, column: number): object {
  const s = c.grid.style(sheetId, row, column);
  return { address: sheetAddress(sheetName(c, sheetId), { row, column, rows: 1, columns: 1 }), format: { fill: { color: s.fill ?? '#FFFFFF' }, font: { bold: s.bold === true, italic: s.italic === true, color: s.color ?? '#000000', name: s.fontName, size: s.fontSize }, horizontalAlignment: s.align ?? 'General' } };
}
