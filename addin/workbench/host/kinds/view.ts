import { kind, type Handle, type Kind } from '../object.ts';
import { blank, textOf } from '../values.ts';
import { columnName } from '../address.ts';
import type { HostContext } from '../context.ts';
import type { Place } from './place.ts';
import { RANGE } from './range.ts';

/** The rows of a range that are seen. */
export type View = Place & { readonly rows: readonly number[]; readonly index?: number };
const lines = <T>(v: View, look: (row: number, column: number) => T): T[][] => v.rows.map((r) => Array.from({ length: v.area.columns }, (_, c) => look(r, v.area.column + c)));
const row = (h: Handle<View>, index: number): object => h.part(RANGE_VIEW, `rows.getItemAt(${index})`, (v) => { const at = v.rows[index]; return at === undefined ? undefined : { ...v, rows: [at], index }; });
const VIEW_ROWS: Kind<View> = kind({ name: 'RangeViewCollection', items: (v, h) => v.rows.map((_, i) => row(h, i)), methods: { getItemAt: (h, index: number) => row(h, index), getCount: (h) => h.result('getCount', [], (v) => v.rows.length) } });
const counted = <T>(c: HostContext, made: T[][]): T[][] => { c.answer(made.length * (made[0]?.length ?? 0) * 10); return made; };
export const RANGE_VIEW: Kind<View> = kind({
  name: 'RangeView',
  props: {
    values: { get: (v, c) => counted(c, lines(v, (r, k) => blank(c.grid.value(v.sheetId, r, k)))) }, formulas: { get: (v, c) => counted(c, lines(v, (r, k) => c.grid.formula(v.sheetId, r, k) || blank(c.grid.value(v.sheetId, r, k)))) },
    text: { get: (v, c) => counted(c, lines(v, (r, k) => textOf(c.grid.value(v.sheetId, r, k), c.grid.format(v.sheetId, r, k)))) }, numberFormat: { get: (v, c) => counted(c, lines(v, (r, k) => c.grid.format(v.sheetId, r, k))) },
    cellAddresses: { get: (v) => lines(v, (r, k) => `${columnName(k)}${r + 1}`) }, rowCount: { get: (v) => v.rows.length }, columnCount: { get: (v) => v.area.columns }, index: { get: (v) => v.index ?? 0 },
  },
  parts: { rows: (h) => h.part(VIEW_ROWS, 'rows', (v) => v) },
  methods: { getRange: (h) => h.child(RANGE, 'getRange()', () => { const v = h.target(); return { sheetId: v.sheetId, area: v.index === undefined ? v.area : { ...v.area, row: v.rows[0]!, rows: 1 } }; }) },
});
