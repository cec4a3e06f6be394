import type { Criteria } from '../../grid.ts';
import type { HostContext } from '../context.ts';
import { invalid, notImplemented } from '../errors.ts';
import { handleOf, type Kind, kind } from '../object.ts';
import { textOf } from '../values.ts';
import { RANGE } from './range.ts';
import type { Place } from './place.ts';

const DONE = new Set(['Values', 'Custom', 'TopItems', 'BottomItems', 'TopPercent', 'BottomPercent']);
export function criteriaOf(given: unknown): Criteria {
  const c = given as { filterOn?: string; values?: readonly unknown[]; criterion1?: string; criterion2?: string; operator?: string };
  if (!c?.filterOn) throw invalid('criteria.filterOn');
  if (!DONE.has(c.filterOn)) throw notImplemented(`filter on ${c.filterOn}`);
  return { filterOn: c.filterOn, ...(c.values ? { values: c.values.map((v) => (typeof v === 'object' && v !== null ? String((v as { date: string }).date) : String(v))) } : {}), ...(c.criterion1 === undefined ? {} : { criterion1: String(c.criterion1) }), ...(c.criterion2 === undefined ? {} : { criterion2: String(c.criterion2) }), ...(c.operator ? { operator: c.operator } : {}) };
}
/** Rows that a criterion keeps, as values: the grid's own filter takes lists of what is shown. */
export function valuesKept(c: HostContext, { sheetId, area }: Place, criteria: Criteria): readonly string[] {
  const rows = Array.from({ length: area.rows }, (_, r) => ({ value: c.grid.value(sheetId, area.row + r, area.column), text: textOf(c.grid.value(sheetId, area.row + r, area.column), c.grid.format(sheetId, area.row + r, area.column)) }));
  const shown = (keep: (row: (typeof rows)[number]) => boolean): string[] => [...new Set(rows.filter(keep).map((r) => r.text))];
  if (criteria.filterOn === 'Values') { const wanted = new Set((criteria.values ?? []).map((v) => v.toLowerCase())); return shown((r) => wanted.has(r.text.toLowerCase()) || wanted.has(String(r.value ?? '').toLowerCase())); }
  if (criteria.filterOn === 'Custom') {
    const [one, two] = [testOf(criteria.criterion1 ?? ''), criteria.criterion2 === undefined ? undefined : testOf(criteria.criterion2)];
    return shown((r) => (two ? (criteria.operator === 'Or' ? one(r.value) || two(r.value) : one(r.value) && two(r.value)) : one(r.value)));
  }
  const numbers = rows.flatMap((r) => (typeof r.value === 'number' ? [r.value] : [])).sort((a, b) => a - b);
  const asked = Number(criteria.criterion1 ?? 10);
  const count = criteria.filterOn.endsWith('Percent') ? Math.max(1, Math.floor(numbers.length * (asked * 0.01))) : asked;
  const limit = criteria.filterOn.startsWith('Top') ? numbers.at(-Math.min(count, numbers.length)) : numbers[Math.min(count, numbers.length) - 1];
  return limit === undefined ? [] : shown((r) => typeof r.value === 'number' && (criteria.filterOn.startsWith('Top') ? r.value >= limit : r.value <= limit));
}
/** `>5`, `<>x`, `=a*`, `text`: as Excel's custom filters read. */
function testOf(criterion: string): (value: unknown) => boolean {
  const [, sign = '', body = ''] = /^(<=|>=|<>|<|>|=)?(.*)$/s.exec(criterion) ?? [];
  const number = body !== '' && Number.isFinite(Number(body)) ? Number(body) : undefined;
  if (sign === '<' || sign === '>' || sign === '<=' || sign === '>=') return (v) => { if (typeof v !== (number === undefined ? 'string' : 'number')) return false; const [a, b] = number === undefined ? [String(v).toLowerCase(), body.toLowerCase()] : [v as number, number]; return sign === '<' ? a < b : sign === '>' ? a > b : sign === '<=' ? a <= b : a >= b; };
  const pattern = new RegExp(`^${body.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is');
  const same = (v: unknown): boolean => (number !== undefined && typeof v === 'number' ? v === number : pattern.test(String(v ?? '')));
  return sign === '<>' ? (v) => !same(v) : same;
}

type Sheet = string;
const body = (c: HostContext, sheetId: string, column: number): Place => { const a = c.grid.filterArea(sheetId)!; return { sheetId, area: { row: a.row + 1, column: a.column + column, rows: a.rows - 1, columns: 1 } }; };
const state = (c: HostContext, sheetId: string): Record<string, Criteria> => ((c.book.extras.looks[`filter:${sheetId}`] ??= {}).criteria ??= {}) as Record<string, Criteria>;
function setCriteria(c: HostContext, sheetId: string, column: number, criteria: Criteria | undefined): void {
  c.flush();
  const all = state(c, sheetId);
  if (criteria) all[column] = criteria; else delete all[column];
  c.grid.criteria(sheetId, column, criteria ? { filterOn: 'Values', values: valuesKept(c, body(c, sheetId, column), criteria) } : undefined);
  c.book.fire('filtered', sheetId, { type: 'WorksheetFiltered', worksheetId: sheetId });
}
const reapply = (c: HostContext, sheetId: string): void => { for (const [column, criteria] of Object.entries(state(c, sheetId))) setCriteria(c, sheetId, Number(column), criteria); };
export const AUTO_FILTER: Kind<Sheet> = kind({
  name: 'AutoFilter',
  props: { enabled: { get: (id, c) => c.grid.filterArea(id) !== undefined }, isDataFiltered: { get: (id, c) => Object.keys(state(c, id)).length > 0 }, criteria: { get: (id, c) => { const a = c.grid.filterArea(id); const all = state(c, id); return a ? Array.from({ length: a.columns }, (_, i) => all[i] ?? {}) : []; } } },
  methods: {
    apply: (h, range: object, column?: number, criteria?: object) => h.act('apply', [column, criteria], (id) => {
      const { area } = handleOf<Place>(range).target();
      h.context.flush();
      h.context.grid.filter(id, area);
      delete h.context.book.extras.looks[`filter:${id}`];
      if (column !== undefined && criteria !== undefined) setCriteria(h.context, id, column, criteriaOf(criteria));
    }),
    remove: (h) => h.act('remove', [], (id) => { h.context.grid.filter(id, undefined); delete h.context.book.extras.looks[`filter:${id}`]; }),
    clearCriteria: (h) => h.act('clearCriteria', [], (id) => { for (const column of Object.keys(state(h.context, id))) setCriteria(h.context, id, Number(column), undefined); }),
    clearColumnCriteria: (h, column: number) => h.act('clearColumnCriteria', [column], (id) => setCriteria(h.context, id, column, undefined)),
    reapply: (h) => h.act('reapply', [], (id) => reapply(h.context, id)),
    getRange: (h) => h.child(RANGE, 'getRange()', () => place(h.context, h.target())), getRangeOrNullObject: (h) => h.child(RANGE, 'getRangeOrNullObject()', () => place(h.context, h.target())),
  },
});
const place = (c: HostContext, sheetId: string): Place | undefined => { const area = c.grid.filterArea(sheetId); return area && { sheetId, area }; };
