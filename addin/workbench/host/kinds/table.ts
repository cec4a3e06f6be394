import type { Area, TableInfo } from '../../grid.ts';
import { addressOf, intersect, isUnbounded, readAddress } from '../address.ts';
import type { TableLook } from '../book.ts';
import type { HostContext } from '../context.ts';
import { exists, invalid, notFound, OfficeError } from '../errors.ts';
import { handleOf, isClientObject, type Handle, type Kind, kind } from '../object.ts';
import { blank } from '../values.ts';
import { event } from './events.ts';
import { criteriaOf, valuesKept } from './filter.ts';
import { placeOf, writable, writeAll, copyOf, type Place } from './place.ts';
import { RANGE } from './range.ts';
import { sortRows, type SortField } from './sort.ts';
import { WORKSHEET } from './worksheet.ts';

/** A table is known by its id; where it is and what it is called is asked of the grid each time. */
export type TableId = string;
const info = (c: HostContext, id: TableId): TableInfo => { const t = c.grid.tables().find((x) => x.id === id); if (!t) throw notFound('Table'); return t; };
export const lookOf = (c: HostContext, id: TableId): TableLook => (c.book.extras.looks[id] ??= {});
const bodyOf = (c: HostContext, t: TableInfo): Area => ({ ...t.area, row: t.area.row + 1, rows: Math.max(1, t.area.rows - 1 - (lookOf(c, t.id).showTotals ? 1 : 0)) });
/** Excel's names of tables: a letter or underscore first, no spaces, no address of a cell, at most 255. */
function checkName(c: HostContext, name: string, id?: TableId): void {
  if (!/^[\p{L}_\\][\p{L}\p{N}_.\\]{0,254}$/u.test(name) || readAddress(name) || /^(r|c|r\d*c\d*)$/i.test(name)) throw invalid(`table name ${name}`);
  if (c.grid.tables().some((t) => t.id !== id && t.name.toLowerCase() === name.toLowerCase()) || c.grid.names().some((n) => n.name.toLowerCase() === name.toLowerCase())) throw exists(`table name ${name}`);
}
const flag = (key: keyof TableLook, initial: boolean) => ({ get: (id: TableId, c: HostContext): unknown => lookOf(c, id)[key] ?? initial, set: (id: TableId, v: unknown, c: HostContext): void => { Object.assign(lookOf(c, id), { [key]: v === true }); c.book.touched(); } });
const range = (h: Handle<TableId>, name: string, of: (t: TableInfo) => Area): object => h.child(RANGE, name, () => { const t = info(h.context, h.target()); return { sheetId: t.sheetId, area: of(t) }; });

type ColumnRef = { readonly table: TableId; readonly title: string };
const at = (c: HostContext, { table, title }: ColumnRef): { t: TableInfo; index: number } => { const t = info(c, table); const index = t.columns.findIndex((x) => x.toLowerCase() === title.toLowerCase()); if (index < 0) throw notFound(`column ${title}`); return { t, index }; };
const columnArea = (c: HostContext, ref: ColumnRef, part: 'all' | 'body' | 'head' | 'total'): Place => {
  const { t, index } = at(c, ref);
  const whole = part === 'all' ? t.area : part === 'head' ? { ...t.area, rows: 1 } : part === 'body' ? bodyOf(c, t) : { ...t.area, row: t.area.row + t.area.rows - 1, rows: 1 };
  if (part === 'total' && !lookOf(c, t.id).showTotals) throw notFound('total row');
  return { sheetId: t.sheetId, area: { ...whole, column: whole.column + index, columns: 1 } };
};
function filterColumn(c: HostContext, ref: ColumnRef, criteria: unknown): void {
  c.flush();
  const { t, index } = at(c, ref);
  const all = (lookOf(c, t.id).criteria ??= {});
  if (criteria === undefined) delete all[ref.title]; else all[ref.title] = criteria;
  c.grid.tableCriteria(t.id, index, criteria === undefined ? undefined : { filterOn: 'Values', values: valuesKept(c, columnArea(c, ref, 'body'), criteriaOf(criteria)) });
  c.book.fire('tableFiltered', t.id, { type: 'TableFiltered', tableId: t.id, worksheetId: t.sheetId });
}
const FILTER: Kind<ColumnRef> = kind({
  name: 'Filter', props: { criteria: { get: (r, c) => lookOf(c, r.table).criteria?.[r.title] ?? null } },
  methods: {
    apply: (h, criteria: object) => h.act('apply', [criteria], (r) => filterColumn(h.context, r, criteria)), clear: (h) => h.act('clear', [], (r) => filterColumn(h.context, r, undefined)),
    applyValuesFilter: (h, values: string[]) => h.act('applyValuesFilter', [values], (r) => filterColumn(h.context, r, { filterOn: 'Values', values })),
    applyCustomFilter: (h, criterion1: string, criterion2?: string, operator?: string) => h.act('applyCustomFilter', [criterion1, criterion2], (r) => filterColumn(h.context, r, { filterOn: 'Custom', criterion1, ...(criterion2 === undefined ? {} : { criterion2, operator: operator ?? 'And' }) })),
    applyTopItemsFilter: (h, count: number) => h.act('applyTopItemsFilter', [count], (r) => filterColumn(h.context, r, { filterOn: 'TopItems', criterion1: String(count) })), applyBottomItemsFilter: (h, count: number) => h.act('applyBottomItemsFilter', [count], (r) => filterColumn(h.context, r, { filterOn: 'BottomItems', criterion1: String(count) })),
    applyTopPercentFilter: (h, count: number) => h.act('applyTopPercentFilter', [count], (r) => filterColumn(h.context, r, { filterOn: 'TopPercent', criterion1: String(count) })), applyBottomPercentFilter: (h, count: number) => h.act('applyBottomPercentFilter', [count], (r) => filterColumn(h.context, r, { filterOn: 'BottomPercent', criterion1: String(count) })),
  },
});
const column = <T>(h: Handle<T>, name: string, find: () => ColumnRef | undefined): object => h.child(TABLE_COLUMN, name, find);
const TABLE_COLUMN: Kind<ColumnRef> = kind({
  name: 'TableColumn',
  props: {
    id: { get: (r, c) => at(c, r).index + 1 }, index: { get: (r, c) => at(c, r).index },
    name: { get: (r, c) => { const { t, index } = at(c, r); return t.columns[index]!; }, set: (r, v, c) => { const p = columnArea(c, r, 'head'); c.put(p.sheetId, p.area.row, p.area.column, { value: String(v), text: true }); c.flush(); (r as { title: string }).title = String(v); } },
    values: { get: (r, c) => { const { sheetId, area } = columnArea(c, r, 'all'); return Array.from({ length: area.rows }, (_, i) => [blank(c.grid.value(sheetId, area.row + i, area.column))]); }, set: (r, v, c) => writeAll(c, columnArea(c, r, 'all'), v, (row, k, x) => c.putValue(columnArea(c, r, 'all').sheetId, row, k, x)) },
  },
  parts: { filter: (h) => h.part(FILTER, 'filter', (r) => r) },
  methods: {
    getRange: (h) => h.child(RANGE, 'getRange()', () => columnArea(h.context, h.target(), 'all')), getDataBodyRange: (h) => h.child(RANGE, 'getDataBodyRange()', () => columnArea(h.context, h.target(), 'body')),
    getHeaderRowRange: (h) => h.child(RANGE, 'getHeaderRowRange()', () => columnArea(h.context, h.target(), 'head')), getTotalRowRange: (h) => h.child(RANGE, 'getTotalRowRange()', () => columnArea(h.context, h.target(), 'total')),
    delete: (h) => h.act('delete', [], async (r) => { h.context.flush(); const { t } = at(h.context, r); if (t.columns.length === 1) throw invalid('the last column of a table'); const { sheetId, area } = columnArea(h.context, r, 'all'); await h.context.book.ours(() => h.context.grid.remove(sheetId, area, 'Left')); resized(h.context, t, { ...t.area, columns: t.area.columns - 1 }); }),
  },
});
/** The grid may have moved a table's edge by itself; it ends where it must. */
function resized(c: HostContext, before: TableInfo, area: Area): void { if (JSON.stringify(info(c, before.id).area) !== JSON.stringify(area)) c.grid.changeTable(before.id, { area }); }

const titleAt = (c: HostContext, table: TableId, key: string | number, byIndex: boolean): ColumnRef | undefined => {
  const t = info(c, table);
  const title = byIndex ? t.columns[Number(key)] : typeof key === 'number' ? t.columns[key - 1] : t.columns.find((x) => x.toLowerCase() === key.toLowerCase()) ?? t.columns[Number(key) - 1];
  return title === undefined ? undefined : { table, title };
};
const TABLE_COLUMNS: Kind<TableId> = kind({
  name: 'TableColumnCollection', props: { count: { get: (id, c) => info(c, id).columns.length } },
  items: (id, h) => info(h.context, id).columns.map((title, i) => h.part(TABLE_COLUMN, `getItemAt(${i})`, () => ({ table: id, title }))),
  methods: {
    getItem: (h, key: string | number) => column(h, `getItem(${JSON.stringify(key)})`, () => titleAt(h.context, h.target(), key, false)), getItemOrNullObject: (h, key: string | number) => column(h, `getItemOrNullObject(${JSON.stringify(key)})`, () => titleAt(h.context, h.target(), key, false)),
    getItemAt: (h, index: number) => column(h, `getItemAt(${index})`, () => titleAt(h.context, h.target(), index, true)), getCount: (h) => h.result('getCount', [], (id) => info(h.context, id).columns.length),
    add: (h, index?: number | null, values?: unknown, name?: string) => {
      let made: ColumnRef | undefined;
      h.act('add', [index, values, name], async (id) => {
        const c = h.context;
        c.flush();
        const t = info(c, id);
        const list = Array.isArray(values) ? (values as unknown[]).map((v) => (Array.isArray(v) ? (v as unknown[])[0] : v)) : values === undefined ? undefined : [values];
        const where = index === undefined || index === null || index < 0 || index >= t.columns.length ? t.columns.length : index;
        const area = { ...t.area, column: t.area.column + where, columns: 1 };
        await c.book.ours(() => c.grid.insert(t.sheetId, area, 'Right'));
        const head = name ?? (list && list.length === t.area.rows ? String(list[0] ?? '') : `Column${t.columns.length + 1}`);
        const below = list && list.length === t.area.rows ? list.slice(1) : list;
        c.put(t.sheetId, area.row, area.column, { value: head, text: true });
        below?.forEach((v, i) => { if (i < t.area.rows - 1) c.putValue(t.sheetId, area.row + 1 + i, area.column, v as string); });
        c.flush();
        c.grid.changeTable(id, { area: { ...t.area, columns: t.area.columns + 1 } });
        made = { table: id, title: head };
      });
      return column(h, 'add()', () => made);
    },
  },
});

type RowRef = { readonly table: TableId; readonly index: number };
const rowArea = (c: HostContext, { table, index }: RowRef): Place => { const t = info(c, table); const body = bodyOf(c, t); if (index < 0 || index >= body.rows) throw notFound(`row ${index}`); return { sheetId: t.sheetId, area: { ...body, row: body.row + index, rows: 1 } }; };
async function removeRows(c: HostContext, id: TableId, indexes: readonly number[]): Promise<void> {
  c.flush();
  for (const index of [...new Set(indexes)].sort((a, b) => b - a)) {
    const t = info(c, id);
    const { sheetId, area } = rowArea(c, { table: id, index });
    writable(c, { sheetId, area });
    await c.book.ours(() => c.grid.remove(sheetId, area, 'Up'));
    resized(c, t, { ...t.area, rows: t.area.rows - 1 });
  }
}
const TABLE_ROW: Kind<RowRef> = kind({
  name: 'TableRow',
  props: { index: { get: (r) => r.index }, values: { get: (r, c) => { const { sheetId, area } = rowArea(c, r); return [Array.from({ length: area.columns }, (_, k) => blank(c.grid.value(sheetId, area.row, area.column + k)))]; }, set: (r, v, c) => { const p = rowArea(c, r); writeAll(c, p, v, (row, k, x) => c.putValue(p.sheetId, row, k, x)); } } },
  methods: { getRange: (h) => h.child(RANGE, 'getRange()', () => rowArea(h.context, h.target())), delete: (h) => h.act('delete', [], (r) => removeRows(h.context, r.table, [r.index])) },
});
const rowCount = (c: HostContext, id: TableId): number => bodyOf(c, info(c, id)).rows;
const TABLE_ROWS: Kind<TableId> = kind({
  name: 'TableRowCollection', props: { count: { get: (id, c) => rowCount(c, id) } },
  items: (id, h) => Array.from({ length: rowCount(h.context, id) }, (_, index) => h.part(TABLE_ROW, `getItemAt(${index})`, () => ({ table: id, index }))),
  methods: {
    getItemAt: (h, index: number) => h.child(TABLE_ROW, `getItemAt(${index})`, () => ({ table: h.target(), index })), getCount: (h) => h.result('getCount', [], (id) => rowCount(h.context, id)),
    deleteRowsAt: (h, index: number, count = 1) => h.act('deleteRowsAt', [index, count], (id) => removeRows(h.context, id, Array.from({ length: count }, (_, i) => index + i))),
    deleteRows: (h, rows: (number | object)[]) => h.act('deleteRows', [rows.length], (id) => removeRows(h.context, id, rows.map((r) => (isClientObject(r) ? handleOf<RowRef>(r).target().index : Number(r))))),
    add: (h, index?: number | null, values?: unknown, _always?: boolean) => {
      let made: RowRef | undefined;
      h.act('add', [index, values], async (id) => {
        const c = h.context;
        c.flush();
        const t = info(c, id);
        const body = bodyOf(c, t);
        const lines = Array.isArray(values) ? (Array.isArray(values[0]) ? (values as unknown[][]) : [values as unknown[]]) : [Array.from({ length: t.columns.length }, () => (values === undefined ? null : values))];
        if (lines.some((l) => l.length !== t.columns.length)) throw new OfficeError('InvalidArgument', 'The number of rows or columns in the input array doesn’t match the size or dimensions of the range.', addressOf(t.area));
        const last = index === undefined || index === null || index < 0 || index >= body.rows;
        const where = last ? body.row + body.rows : body.row + index;
        const area = { ...t.area, row: where, rows: lines.length };
        await c.book.ours(() => c.grid.insert(t.sheetId, area, 'Down'));
        c.grid.changeTable(id, { area: { ...t.area, rows: t.area.rows + lines.length } });
        lines.forEach((line, r) => line.forEach((v, k) => {
          const above = copyOf(c, t.sheetId, body.row, body.column + k);
          if (above.style) c.put(t.sheetId, where + r, area.column + k, { style: above.style });
          if (v !== null && v !== undefined) c.putValue(t.sheetId, where + r, area.column + k, v as string);
        }));
        c.flush();
        made = { table: id, index: last ? body.rows : index };
      });
      return h.child(TABLE_ROW, 'add()', () => made);
    },
  },
});
const TABLE_SORT: Kind<TableId> = kind({
  name: 'TableSort', props: { fields: { get: (id, c) => lookOf(c, id).sort ?? [] }, matchCase: { get: (id, c) => lookOf(c, id).matchCase === true }, method: { get: () => 'PinYin' } },
  methods: {
    apply: (h, fields: SortField[], matchCase = false) => h.act('apply', [fields], (id) => { const t = info(h.context, id); sortRows(h.context, t.sheetId, bodyOf(h.context, t), fields, matchCase); Object.assign(lookOf(h.context, id), { sort: fields, matchCase }); }),
    reapply: (h) => h.act('reapply', [], (id) => { const { sort, matchCase } = lookOf(h.context, id); const t = info(h.context, id); if (sort) sortRows(h.context, t.sheetId, bodyOf(h.context, t), sort, matchCase === true); }),
    clear: (h) => h.act('clear', [], (id) => { delete lookOf(h.context, id).sort; }),
  },
});
/** A total row below the table: counted columns get SUBTOTAL(109), the first says its name. */
async function totals(id: TableId, on: boolean, c: HostContext): Promise<void> {
  c.flush();
  const t = info(c, id);
  const look = lookOf(c, id);
  if ((look.showTotals === true) === on) return;
  const row = on ? t.area.row + t.area.rows : t.area.row + t.area.rows - 1;
  const line = { ...t.area, row, rows: 1 };
  await c.book.ours(() => (on ? c.grid.insert(t.sheetId, line, 'Down') : c.grid.remove(t.sheetId, line, 'Up')));
  look.showTotals = on;
  c.grid.changeTable(id, { area: { ...t.area, rows: t.area.rows + (on ? 1 : -1) } });
  if (!on) return;
  const last = t.columns.length - 1;
  c.put(t.sheetId, row, t.area.column, { value: 'Total', text: true, style: { bold: true } });
  if (last > 0) c.put(t.sheetId, row, t.area.column + last, { formula: `=SUBTOTAL(109,${addressOf({ ...bodyOf(c, info(c, id)), column: t.area.column + last, columns: 1 })})`, style: { bold: true } });
  c.flush();
}
export const TABLE: Kind<TableId> = kind({
  name: 'Table',
  props: {
    id: { get: (id) => id }, legacyId: { get: (id) => id }, name: { get: (id, c) => info(c, id).name, set: (id, v, c) => { c.flush(); checkName(c, String(v), id); c.grid.changeTable(id, { name: String(v) }); } },
    style: { get: (id, c) => lookOf(c, id).style ?? 'TableStyleMedium2', set: (id, v, c) => { lookOf(c, id).style = String(v); } },
    showHeaders: { get: () => true }, showTotals: { get: (id, c) => lookOf(c, id).showTotals === true, set: (id, v, c) => totals(id, v === true, c) },
    showBandedRows: flag('showBandedRows', true), showBandedColumns: flag('showBandedColumns', false), showFilterButton: flag('showFilterButton', true), highlightFirstColumn: flag('highlightFirstColumn', false), highlightLastColumn: flag('highlightLastColumn', false),
  },
  parts: {
    columns: (h) => h.part(TABLE_COLUMNS, 'columns', (id) => id), rows: (h) => h.part(TABLE_ROWS, 'rows', (id) => id), sort: (h) => h.part(TABLE_SORT, 'sort', (id) => id), worksheet: (h) => h.part(WORKSHEET, 'worksheet', (id) => info(h.context, id).sheetId),
    onChanged: event('onChanged', 'tableChanged', (id) => id), onSelectionChanged: event('onSelectionChanged', 'tableSelected', (id) => id),
  },
  methods: {
    getRange: (h) => range(h, 'getRange()', (t) => t.area), getHeaderRowRange: (h) => range(h, 'getHeaderRowRange()', (t) => ({ ...t.area, rows: 1 })), getDataBodyRange: (h) => range(h, 'getDataBodyRange()', (t) => bodyOf(h.context, t)),
    getTotalRowRange: (h) => range(h, 'getTotalRowRange()', (t) => { if (!lookOf(h.context, t.id).showTotals) throw notFound('total row'); return { ...t.area, row: t.area.row + t.area.rows - 1, rows: 1 }; }),
    resize: (h, to: unknown) => h.act('resize', [], (id) => {
      h.context.flush();
      const t = info(h.context, id);
      const { sheetId, area } = typeof to === 'string' ? placeOf(h.context, t.sheetId, to) : handleOf<Place>(to).target();
      if (sheetId !== t.sheetId || area.row !== t.area.row || area.rows < 2 || !intersect(area, t.area) || isUnbounded(area)) throw invalid(`resize to ${addressOf(area)}`);
      h.context.grid.changeTable(id, { area });
    }),
    clearFilters: (h) => h.act('clearFilters', [], (id) => { for (const title of Object.keys(lookOf(h.context, id).criteria ?? {})) filterColumn(h.context, { table: id, title }, undefined); }),
    reapplyFilters: (h) => h.act('reapplyFilters', [], (id) => { for (const [title, criteria] of Object.entries(lookOf(h.context, id).criteria ?? {})) filterColumn(h.context, { table: id, title }, criteria); }),
    convertToRange: (h) => { let place: Place | undefined; h.act('convertToRange', [], (id) => { h.context.flush(); const t = info(h.context, id); place = { sheetId: t.sheetId, area: t.area }; h.context.grid.removeTable(id); delete h.context.book.extras.looks[id]; }); return h.context.book && handleOf<TableId>(h.child(TABLE, 'converted', () => h.found(), true)).child(RANGE, 'convertToRange()', () => place); },
    delete: (h) => h.act('delete', [], (id) => { h.context.flush(); const t = info(h.context, id); h.context.grid.removeTable(id); delete h.context.book.extras.looks[id]; for (let r = 0; r < t.area.rows; r += 1) for (let k = 0; k < t.area.columns; k += 1) h.context.put(t.sheetId, t.area.row + r, t.area.column + k, { value: null }); h.context.book.fire('tableDeleted', t.sheetId, { type: 'TableDeleted', tableId: id, tableName: t.name, worksheetId: t.sheetId, source: 'Local' }); }),
  },
});

/** Tables of the workbook, of a sheet, or that touch a range. */
export type TablesOf = { readonly sheetId?: string; readonly within?: Place };
const listed = (c: HostContext, of: TablesOf): readonly TableInfo[] => c.grid.tables().filter((t) => (of.sheetId === undefined || t.sheetId === of.sheetId) && (!of.within || (t.sheetId === of.within.sheetId && intersect(t.area, of.within.area))));
const named = (c: HostContext, of: TablesOf, key: string): TableId | undefined => listed(c, of).find((t) => t.id === key || t.name.toLowerCase() === key.toLowerCase())?.id;
function addTable(c: HostContext, p: Place, hasHeaders: boolean): TableId {
  c.flush();
  if (isUnbounded(p.area)) throw invalid('a table over a range without end');
  writable(c, p);
  if (c.grid.tables().some((t) => t.sheetId === p.sheetId && intersect(t.area, p.area))) throw new OfficeError('InvalidArgument', 'A table can’t overlap another table.', addressOf(p.area));
  if (c.grid.merges(p.sheetId).some((m) => intersect(m, p.area))) throw new OfficeError('MergedRangeConflict', 'Cannot complete the operation: all merged cells need to be the same size.', addressOf(p.area));
  let { area } = p;
  const head = area.row;
  if (!hasHeaders) {
    const lines = Array.from({ length: area.rows }, (_, r) => Array.from({ length: area.columns }, (_x, k) => copyOf(c, p.sheetId, head + r, area.column + k)));
    lines.forEach((line, r) => line.forEach((cell, k) => c.put(p.sheetId, head + r + 1, area.column + k, cell)));
    area = { ...area, rows: area.rows + 1 };
  } else if (area.rows === 1) area = { ...area, rows: 2 };
  const titles: string[] = [];
  for (let k = 0; k < area.columns; k += 1) {
    const given = hasHeaders ? String(c.grid.value(p.sheetId, head, area.column + k) ?? '') : '';
    let title = given || `Column${k + 1}`;
    for (let n = 2; titles.some((t) => t.toLowerCase() === title.toLowerCase()); n += 1) title = `${given || `Column${k + 1}`}${n}`;
    titles.push(title);
    if (title !== given) c.put(p.sheetId, head, area.column + k, { value: title, text: true });
  }
  c.flush();
  const names = new Set(c.grid.tables().map((t) => t.name.toLowerCase()));
  let n = 1;
  while (names.has(`table${n}`)) n += 1;
  const id = c.grid.addTable(p.sheetId, area, `Table${n}`, titles);
  c.book.fire('tableAdded', p.sheetId, { type: 'TableAdded', tableId: id, worksheetId: p.sheetId, source: 'Local' });
  return id;
}
export const TABLES: Kind<TablesOf> = kind({
  name: 'TableCollection', props: { count: { get: (of, c) => listed(c, of).length } },
  items: (of, h) => listed(h.context, of).map((t) => h.part(TABLE, `getItem("${t.name}")`, () => t.id)),
  parts: { onChanged: event('onChanged', 'tableChanged', () => undefined), onAdded: event('onAdded', 'tableAdded', (of) => of.sheetId), onDeleted: event('onDeleted', 'tableDeleted', (of) => of.sheetId) },
  methods: {
    getItem: (h, key: string) => h.child(TABLE, `getItem("${key}")`, () => named(h.context, h.target(), key)), getItemOrNullObject: (h, key: string) => h.child(TABLE, `getItemOrNullObject("${key}")`, () => named(h.context, h.target(), key)),
    getItemAt: (h, index: number) => h.child(TABLE, `getItemAt(${index})`, () => listed(h.context, h.target())[index]?.id), getCount: (h) => h.result('getCount', [], (of) => listed(h.context, of).length),
    add: (h, address: unknown, hasHeaders: boolean) => {
      let made: TableId | undefined;
      h.act('add', [String(typeof address === 'string' ? address : ''), hasHeaders], (of) => { made = addTable(h.context, isClientObject(address) ? handleOf<Place>(address).target() : placeOf(h.context, of.sheetId ?? h.context.grid.activeSheet(), String(address)), hasHeaders); });
      return h.child(TABLE, 'add()', () => made);
    },
  },
});
