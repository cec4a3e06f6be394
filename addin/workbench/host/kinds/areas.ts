import type { Area } from '../../grid.ts';
import { intersect, sheetAddress, stripsOf, addressOf } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid } from '../errors.ts';
import { kind, type Handle, type Kind } from '../object.ts';
import { typeOf } from '../values.ts';
import { RANGE_FORMAT } from './format.ts';
import { cellsOf, trimmed, type Place } from './place.ts';
import { RANGE, clearRange, placeOfRange } from './range.ts';
import { WORKSHEET } from './worksheet.ts';

/** Several ranges of one sheet. */
export type Areas = { readonly sheetId: string; readonly areas: readonly Area[] };
const nameOf = (c: HostContext, id: string): string => c.grid.sheets().find((s) => s.id === id)?.name ?? '';
const rangeOf = (h: Handle<Areas>, index: number): object => h.part(RANGE, `areas.getItemAt(${index})`, (t) => { const area = t.areas[index]; return area ? { sheetId: t.sheetId, area } : undefined; });

const RANGE_COLLECTION: Kind<Areas> = kind({
  name: 'RangeCollection', items: (t, h) => t.areas.map((_, i) => rangeOf(h, i)),
  methods: { getItemAt: (h, index: number) => rangeOf(h, index), getCount: (h) => h.result('getCount', [], (t) => t.areas.length) },
});
const eachRange = (h: Handle<Areas>, op: string, args: readonly unknown[], work: (p: Place) => void): void => h.act(op, args, (t) => { for (const area of t.areas) work({ sheetId: t.sheetId, area }); });
export const RANGE_AREAS: Kind<Areas> = kind({
  name: 'RangeAreas',
  props: {
    address: { get: (t, c) => t.areas.map((a) => sheetAddress(nameOf(c, t.sheetId), a)).join(',') }, addressLocal: { get: (t) => t.areas.map(addressOf).join(',') },
    areaCount: { get: (t) => t.areas.length }, cellCount: { get: (t) => t.areas.reduce((n, a) => n + cellsOf(a), 0) },
    isEntireColumn: { get: (t) => t.areas.every((a) => a.rows === 1_048_576) }, isEntireRow: { get: (t) => t.areas.every((a) => a.columns === 16_384) },
  },
  parts: {
    areas: (h) => h.part(RANGE_COLLECTION, 'areas', (t) => t), worksheet: (h) => h.part(WORKSHEET, 'worksheet', (t) => t.sheetId),
    // The look of all cells is asked and set through the first area, set through each.
    format: (h) => h.part(RANGE_FORMAT, 'format', (t) => ({ sheetId: t.sheetId, area: t.areas[0]! })),
  },
  methods: {
    clear: (h, applyTo: string) => eachRange(h, 'clear', [applyTo], (p) => clearRange(h.context, p, applyTo)),
    select: (h) => h.act('select', [], (t) => h.context.grid.select(t.sheetId, t.areas[0]!)),
    getEntireRow: (h) => h.child(RANGE_AREAS, 'getEntireRow()', () => { const t = h.target(); return { sheetId: t.sheetId, areas: t.areas.map((a) => ({ ...a, column: 0, columns: 16_384 })) }; }),
    getEntireColumn: (h) => h.child(RANGE_AREAS, 'getEntireColumn()', () => { const t = h.target(); return { sheetId: t.sheetId, areas: t.areas.map((a) => ({ ...a, row: 0, rows: 1_048_576 })) }; }),
    getOffsetRangeAreas: (h, rows: number, columns: number) => h.child(RANGE_AREAS, `getOffsetRangeAreas(${rows},${columns})`, () => { const t = h.target(); return { sheetId: t.sheetId, areas: t.areas.map((a) => ({ ...a, row: a.row + rows, column: a.column + columns })) }; }),
    getIntersection: (h, other: object) => h.child(RANGE_AREAS, 'getIntersection()', () => intersection(h, other)),
    getIntersectionOrNullObject: (h, other: object) => h.child(RANGE_AREAS, 'getIntersectionOrNullObject()', () => intersection(h, other)),
  },
});
function intersection(h: Handle<Areas>, other: object): Areas | undefined {
  const t = h.target();
  const { area } = placeOfRange(other);
  const areas = t.areas.flatMap((a) => intersect(a, area) ?? []);
  return areas.length > 0 ? { sheetId: t.sheetId, areas } : undefined;
}

/** Constants, formulas, blanks, visible cells, and cells with rules, of a range. */
export function specialCells(h: Handle<Place>, type: string, valueType = 'All'): Areas | undefined {
  const p = h.target();
  const { grid } = h.context;
  const whole = trimmed(h.context, p);
  const used = grid.used(p.sheetId, true);
  const area = type === 'Blanks' || type === 'Visible' ? whole : (used && intersect(whole, used)) ?? undefined;
  if (!area || area.rows * area.columns <= 0) return undefined;
  const wanted = (v: ReturnType<typeof grid.value>): boolean => {
    const t = typeOf(v);
    return valueType === 'All' || valueType.includes(t === 'Double' ? 'Number' : t === 'String' ? 'Text' : t === 'Boolean' ? 'Logical' : t === 'Error' ? 'Errors' : '-');
  };
  const rules = type === 'DataValidations' || type === 'SameDataValidation' ? grid.validations(p.sheetId) : [];
  const conditionals = type === 'ConditionalFormats' ? grid.conditionals(p.sheetId) : [];
  const inside = (areas: readonly Area[], row: number, column: number): boolean => areas.some((a) => row >= a.row && row < a.row + a.rows && column >= a.column && column < a.column + a.columns);
  const test = (row: number, column: number): boolean => {
    const value = grid.value(p.sheetId, row, column);
    switch (type) {
      case 'Blanks': return value === null && grid.formula(p.sheetId, row, column) === '';
      case 'Constants': return value !== null && grid.formula(p.sheetId, row, column) === '' && wanted(value);
      case 'Formulas': return grid.formula(p.sheetId, row, column) !== '' && wanted(value);
      case 'Visible': return !grid.rowHidden(p.sheetId, row) && !grid.columnHidden(p.sheetId, column);
      case 'DataValidations': return rules.some((r) => inside(r.areas, row, column));
      case 'ConditionalFormats': return conditionals.some((r) => inside(r.areas, row, column));
      default: throw invalid(`getSpecialCells ${type}`);
    }
  };
  const cells: { row: number; column: number }[] = [];
  for (let r = 0; r < area.rows; r += 1) for (let c = 0; c < area.columns; c += 1) if (test(area.row + r, area.column + c)) cells.push({ row: area.row + r, column: area.column + c });
  return cells.length > 0 ? { sheetId: p.sheetId, areas: stripsOf(cells) } : undefined;
}
