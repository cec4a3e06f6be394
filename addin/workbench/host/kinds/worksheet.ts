import { MAX_COLUMNS, MAX_ROWS } from '../address.ts';
import type { HostContext } from '../context.ts';
import { exists, invalid, notFound } from '../errors.ts';
import { handleOf, type Handle, type Kind, kind } from '../object.ts';
import type { SheetInfo } from '../../grid.ts';
import { RANGE_AREAS } from './areas.ts';
import { event } from './events.ts';
import { AUTO_FILTER } from './filter.ts';
import { NAMES } from './names.ts';
import { COMMENTS, NOTES } from './notes.ts';
import { placeOf, type Place } from './place.ts';
import { findIn, replaceIn } from './range-work.ts';
import { RANGE } from './range.ts';
import { PROPERTIES, PROTECTION, structureOpen } from './state.ts';
import { SHAPES } from './shapes.ts';
import { TABLES } from './table.ts';

export type SheetId = string;
const BAD_NAME = /[\\/?*[\]:]/;
const info = (c: HostContext, id: SheetId): SheetInfo => { const s = c.grid.sheets().find((x) => x.id === id); if (!s) throw notFound('Worksheet'); return s; };
function checkName(c: HostContext, name: string, own?: SheetId): void {
  if (name === '' || name.length > 31 || BAD_NAME.test(name) || /^'|'$/.test(name) || /^history$/i.test(name)) throw invalid(`worksheet name ${name}`);
  if (c.grid.sheets().some((s) => s.id !== own && s.name.toLowerCase() === name.toLowerCase())) throw exists(`worksheet ${name}`);
}
const neighbour = (h: Handle<SheetId>, by: number, visibleOnly: boolean | undefined): SheetId | undefined => {
  const list = h.context.grid.sheets();
  const at = list.findIndex((s) => s.id === h.target());
  for (let i = at + by; i >= 0 && i < list.length; i += by) if (!visibleOnly || !list[i]!.hidden) return list[i]!.id;
  return undefined;
};
const range = (h: Handle<SheetId>, name: string, find: (id: SheetId) => Place | undefined): object => h.child(RANGE, name, () => find(h.target()));
const WHOLE = { row: 0, column: 0, rows: MAX_ROWS, columns: MAX_COLUMNS };
const FREEZE: Kind<SheetId> = kind({
  name: 'WorksheetFreezePanes',
  methods: {
    freezeRows: (h, n = 1) => h.act('freezeRows', [n], (id) => h.context.grid.freeze(id, n, 0)), freezeColumns: (h, n = 1) => h.act('freezeColumns', [n], (id) => h.context.grid.freeze(id, 0, n)), unfreeze: (h) => h.act('unfreeze', [], (id) => h.context.grid.freeze(id, 0, 0)),
    freezeAt: (h, at: unknown) => h.act('freezeAt', [], (id) => { const { area } = typeof at === 'string' ? placeOf(h.context, id, at) : handleOf<Place>(at).target(); h.context.grid.freeze(id, area.rows === MAX_ROWS ? 0 : area.row + area.rows, area.columns === MAX_COLUMNS ? 0 : area.column + area.columns); }),
    getLocation: (h) => h.child(RANGE, 'getLocation()', () => frozen(h.context, h.target())), getLocationOrNullObject: (h) => h.child(RANGE, 'getLocationOrNullObject()', () => frozen(h.context, h.target())),
  },
});
function frozen(c: HostContext, sheetId: SheetId): Place | undefined {
  const f = c.grid.frozen(sheetId);
  return f.rows === 0 && f.columns === 0 ? undefined : { sheetId, area: { row: 0, column: 0, rows: f.rows || MAX_ROWS, columns: f.columns || MAX_COLUMNS } };
}
const SHEET_EVENTS = { onChanged: 'changed', onSelectionChanged: 'selected', onActivated: 'activated', onDeactivated: 'deactivated', onCalculated: 'calculated', onFormulaChanged: 'formulaChanged', onRowSorted: 'rowSorted', onRowHiddenChanged: 'rowHidden', onNameChanged: 'sheetRenamed', onVisibilityChanged: 'visibility', onProtectionChanged: 'protected' } as const;
const events = <T>(scope: (t: T) => string | undefined) => Object.fromEntries(Object.entries(SHEET_EVENTS).map(([name, kind]) => [name, event<T>(name, kind, scope)]));

export const WORKSHEET: Kind<SheetId> = kind({
  name: 'Worksheet',
  props: {
    id: { get: (id, c) => info(c, id).id },
    name: { get: (id, c) => info(c, id).name, set: (id, v, c) => { c.flush(); structureOpen(c); checkName(c, String(v), id); c.grid.renameSheet(id, String(v)); c.book.touched(); } },
    position: { get: (id, c) => c.grid.sheets().findIndex((s) => s.id === id), set: (id, v, c) => { structureOpen(c); if (!(Number(v) >= 0 && Number(v) < c.grid.sheets().length)) throw invalid(`position ${String(v)}`); c.grid.moveSheet(id, Number(v)); } },
    visibility: { get: (id, c) => (info(c, id).hidden ? 'Hidden' : 'Visible'), set: (id, v, c) => { if (!['Visible', 'Hidden', 'VeryHidden'].includes(String(v))) throw invalid(String(v)); if (v !== 'Visible' && c.grid.sheets().filter((s) => !s.hidden && s.id !== id).length === 0) throw invalid('the last visible sheet'); c.grid.hideSheet(id, v !== 'Visible'); c.book.fire('visibility', id, { type: 'WorksheetVisibilityChanged', worksheetId: id, source: 'Local', visibilityAfter: v }); } },
    tabColor: { get: (id, c) => info(c, id).tabColor, set: (id, v, c) => c.grid.tabColor(id, String(v)) }, showGridlines: { get: (id, c) => info(c, id).gridlines, set: (id, v, c) => c.grid.gridlines(id, v === true) },
    standardWidth: { get: () => 8.43 }, standardHeight: { get: () => 15 },
  },
  parts: {
    tables: (h) => h.part(TABLES, 'tables', (sheetId) => ({ sheetId })), names: (h) => h.part(NAMES, 'names', (sheetId) => ({ sheetId })), autoFilter: (h) => h.part(AUTO_FILTER, 'autoFilter', (id) => id), freezePanes: (h) => h.part(FREEZE, 'freezePanes', (id) => id), protection: (h) => h.part(PROTECTION, 'protection', (id) => id),
    shapes: (h) => h.part(SHAPES, 'shapes', (id) => id),
    customProperties: (h) => h.part(PROPERTIES, 'customProperties', (id) => id), comments: (h) => h.part(COMMENTS, 'comments', (sheetId) => ({ sheetId })), notes: (h) => h.part(NOTES, 'notes', (sheetId) => ({ sheetId })), ...events<SheetId>((id) => id),
  },
  methods: {
    activate: (h) => h.act('activate', [], (id) => { if (info(h.context, id).hidden) throw invalid('a hidden sheet'); h.context.grid.activate(id); }),
    delete: (h) => h.act('delete', [], (id) => { h.context.flush(); structureOpen(h.context); if (h.context.grid.sheets().filter((s) => !s.hidden && s.id !== id).length === 0) throw invalid('the last visible sheet'); h.context.grid.removeSheet(id); h.context.book.touched(); }),
    calculate: (h, _all?: boolean) => h.act('calculate', [], () => { h.context.flush(); h.context.grid.recalculate(); }),
    copy: (h, positionType = 'End', relative?: object) => {
      let made: SheetId | undefined;
      h.act('copy', [positionType], (id) => {
        h.context.flush();
        const { name } = info(h.context, id);
        let n = 2;
        while (h.context.grid.sheets().some((s) => s.name.toLowerCase() === `${name} (${n})`.toLowerCase())) n += 1;
        made = h.context.grid.copySheet(id, `${name} (${n})`);
        const at = h.context.grid.sheets().findIndex((s) => s.id === (relative ? handleOf<SheetId>(relative).target() : id));
        if (positionType !== 'End') h.context.grid.moveSheet(made, positionType === 'Beginning' ? 0 : positionType === 'Before' ? at : positionType === 'After' ? at + 1 : h.context.grid.sheets().length - 1);
        h.context.book.extras.properties[made] = { ...h.context.book.extras.properties[id] };
        h.context.book.touched();
      });
      return h.child(WORKSHEET, 'copy()', () => made);
    },
    getRange: (h, address?: string) => range(h, `getRange(${JSON.stringify(address ?? '')})`, (sheetId) => (address === undefined || address === '' ? { sheetId, area: WHOLE } : placeOf(h.context, sheetId, address))),
    getRanges: (h, addresses?: string) => h.child(RANGE_AREAS, `getRanges(${JSON.stringify(addresses ?? '')})`, () => { const sheetId = h.target(); return { sheetId, areas: addresses === undefined ? [WHOLE] : addresses.split(',').map((a) => placeOf(h.context, sheetId, a.trim()).area) }; }),
    getRangeByIndexes: (h, row: number, column: number, rows: number, columns: number) => range(h, `getRangeByIndexes(${row},${column},${rows},${columns})`, (sheetId) => { if (!(row >= 0 && column >= 0 && rows >= 1 && columns >= 1) || row + rows > MAX_ROWS || column + columns > MAX_COLUMNS) throw invalid(`getRangeByIndexes(${row},${column},${rows},${columns})`); return { sheetId, area: { row, column, rows, columns } }; }),
    getCell: (h, row: number, column: number) => range(h, `getCell(${row},${column})`, (sheetId) => { if (row < 0 || column < 0 || row >= MAX_ROWS || column >= MAX_COLUMNS) throw invalid(`getCell(${row},${column})`); return { sheetId, area: { row, column, rows: 1, columns: 1 } }; }),
    getUsedRange: (h, valuesOnly = false) => range(h, 'getUsedRange()', (sheetId) => ({ sheetId, area: h.context.grid.used(sheetId, !valuesOnly) ?? { row: 0, column: 0, rows: 1, columns: 1 } })),
    getUsedRangeOrNullObject: (h, valuesOnly = false) => range(h, 'getUsedRangeOrNullObject()', (sheetId) => { const area = h.context.grid.used(sheetId, !valuesOnly); return area && { sheetId, area }; }),
    getNext: (h, visibleOnly?: boolean) => h.child(WORKSHEET, 'getNext()', () => neighbour(h, 1, visibleOnly)), getNextOrNullObject: (h, visibleOnly?: boolean) => h.child(WORKSHEET, 'getNextOrNullObject()', () => neighbour(h, 1, visibleOnly)), getPrevious: (h, visibleOnly?: boolean) => h.child(WORKSHEET, 'getPrevious()', () => neighbour(h, -1, visibleOnly)), getPreviousOrNullObject: (h, visibleOnly?: boolean) => h.child(WORKSHEET, 'getPreviousOrNullObject()', () => neighbour(h, -1, visibleOnly)),
    findAllOrNullObject: (h, text: string, criteria: object) => h.child(RANGE_AREAS, `findAllOrNullObject("${text}")`, () => findAll(h.context, h.target(), text, criteria)), findAll: (h, text: string, criteria: object) => h.child(RANGE_AREAS, `findAll("${text}")`, () => findAll(h.context, h.target(), text, criteria)),
    replaceAll: (h, text: string, replacement: string, criteria: object) => h.result('replaceAll', [text, replacement], (sheetId) => { h.context.flush(); return replaceIn(h.context, { sheetId, area: WHOLE }, text, replacement, criteria); }),
  },
});
function findAll(c: HostContext, sheetId: SheetId, text: string, criteria: object): { sheetId: string; areas: Place['area'][] } | undefined {
  const used = c.grid.used(sheetId);
  if (!used) return undefined;
  const areas: Place['area'][] = [];
  for (let r = 0; r < used.rows; r += 1) for (let k = 0; k < used.columns; k += 1) { const area = { row: used.row + r, column: used.column + k, rows: 1, columns: 1 }; if (findIn(c, { sheetId, area }, text, criteria)) areas.push(area); }
  return areas.length > 0 ? { sheetId, areas } : undefined;
}

const named = (c: HostContext, key: string): SheetId | undefined => c.grid.sheets().find((s) => s.id === key || s.name.toLowerCase() === String(key).toLowerCase())?.id;
const at = (h: Handle<true>, name: string, find: (list: readonly SheetInfo[]) => SheetInfo | undefined): object => h.child(WORKSHEET, name, () => find(h.context.grid.sheets())?.id);
export const WORKSHEETS: Kind<true> = kind({
  name: 'WorksheetCollection',
  items: (_, h) => h.context.grid.sheets().map((s) => h.part(WORKSHEET, `getItem("${s.name}")`, () => s.id)),
  parts: { ...events<true>(() => undefined), onAdded: event('onAdded', 'sheetAdded', () => undefined), onDeleted: event('onDeleted', 'sheetDeleted', () => undefined) },
  methods: {
    getItem: (h, key: string) => h.child(WORKSHEET, `getItem("${key}")`, () => named(h.context, key)), getItemOrNullObject: (h, key: string) => h.child(WORKSHEET, `getItemOrNullObject("${key}")`, () => named(h.context, key)),
    getActiveWorksheet: (h) => h.child(WORKSHEET, 'getActiveWorksheet()', () => h.context.grid.activeSheet()), getCount: (h, visibleOnly = false) => h.result('getCount', [visibleOnly], () => h.context.grid.sheets().filter((s) => !visibleOnly || !s.hidden).length),
    getFirst: (h, visibleOnly = false) => at(h, 'getFirst()', (list) => list.find((s) => !visibleOnly || !s.hidden)), getLast: (h, visibleOnly = false) => at(h, 'getLast()', (list) => list.findLast((s) => !visibleOnly || !s.hidden)),
    add: (h, name?: string) => {
      let made: SheetId | undefined;
      h.act('add', [name], () => {
        const c = h.context;
        c.flush();
        structureOpen(c);
        let wanted = name;
        for (let n = 1; wanted === undefined; n += 1) if (!named(c, `Sheet${n}`)) wanted = `Sheet${n}`;
        checkName(c, wanted);
        made = c.grid.addSheet(wanted);
        c.book.touched();
      });
      return h.child(WORKSHEET, 'add()', () => made);
    },
  },
});
