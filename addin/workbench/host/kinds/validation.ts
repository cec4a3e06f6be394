import type { Validation } from '../../grid.ts';
import { readAddress, splitAddress, without } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid } from '../errors.ts';
import { isClientObject, handleOf, type Kind, kind } from '../object.ts';
import { sheetAddress, intersect } from '../address.ts';
import { RANGE_AREAS } from './areas.ts';
import type { Place } from './place.ts';

type Basic = { readonly formula1?: unknown; readonly formula2?: unknown; readonly operator?: string };
const KINDS = { wholeNumber: 'WholeNumber', decimal: 'Decimal', textLength: 'TextLength', date: 'Date' } as const;

function ruleOf(given: unknown, context: HostContext): Validation {
  const rule = given as { readonly list?: { readonly source: unknown; readonly inCellDropDown?: boolean }; readonly custom?: { readonly formula: string } } & Partial<Record<keyof typeof KINDS, Basic>>;
  if (rule.list) {
    const { source } = rule.list;
    const text = isClientObject(source) ? rangeFormula(source, context) : String(source);
    // Excel takes at most 255 characters of a list that is written out.
    if (!text.startsWith('=') && text.length > 255) throw invalid('a list written out has at most 255 characters');
    return { type: 'List', formula1: text, dropDown: rule.list.inCellDropDown !== false };
  }
  if (rule.custom) return { type: 'Custom', formula1: rule.custom.formula };
  for (const [name, type] of Object.entries(KINDS)) {
    const basic = rule[name as keyof typeof KINDS];
    if (basic) return { type, operator: basic.operator ?? 'Between', formula1: String(basic.formula1 ?? ''), ...(basic.formula2 === undefined ? {} : { formula2: String(basic.formula2) }) };
  }
  throw invalid('dataValidation.rule');
}
const rangeFormula = (range: unknown, context: HostContext): string => {
  const { sheetId, area } = handleOf<Place>(range).target();
  return `=${sheetAddress(context.grid.sheets().find((s) => s.id === sheetId)?.name ?? '', area)}`;
};
const found = ({ sheetId, area }: Place, c: HostContext): Validation | undefined => c.grid.validations(sheetId).find((r) => r.areas.some((a) => intersect(a, area)))?.rule;
/** The rule of these cells becomes another; of other cells it stays. */
export function change({ sheetId, area }: Place, c: HostContext, next: Validation | undefined): void {
  c.flush();
  const kept = c.grid.validations(sheetId).flatMap((r) => {
    const areas = r.areas.flatMap((a) => without(a, area));
    return areas.length > 0 ? [{ ...r, areas }] : [];
  });
  c.grid.setValidations(sheetId, next ? [...kept, { id: crypto.randomUUID(), areas: [area], rule: next }] : kept);
  c.book.touched();
}
function toRule(v: Validation | undefined): object {
  if (!v) return {};
  if (v.type === 'List') return { list: { source: v.formula1 ?? '', inCellDropDown: v.dropDown !== false } };
  if (v.type === 'Custom') return { custom: { formula: v.formula1 ?? '' } };
  const name = Object.entries(KINDS).find(([, type]) => type === v.type)?.[0];
  return name ? { [name]: { formula1: v.formula1, ...(v.formula2 === undefined ? {} : { formula2: v.formula2 }), operator: v.operator } } : {};
}
/** Whether a cell keeps its rule: what can be said without the calculation engine, else undefined. */
export function keeps(v: Validation, value: unknown, c: HostContext): boolean | undefined {
  if (value === null || value === '') return v.blanks !== false;
  const number = (text: string | undefined): number => Number(String(text ?? '').replace(/^=/, ''));
  const compare = (n: number): boolean => {
    const [a, b] = [number(v.formula1), number(v.formula2)];
    switch (v.operator) {
      case 'NotBetween': return n < a || n > b;
      case 'EqualTo': return n === a;
      case 'NotEqualTo': return n !== a;
      case 'GreaterThan': return n > a;
      case 'GreaterThanOrEqualTo': return n >= a;
      case 'LessThan': return n < a;
      case 'LessThanOrEqualTo': return n <= a;
      default: return n >= a && n <= b;
    }
  };
  switch (v.type) {
    case 'List': return listOf(v.formula1 ?? '', c)?.includes(String(value));
    case 'WholeNumber': return typeof value === 'number' && Number.isInteger(value) && compare(value);
    case 'Decimal': case 'Date': return typeof value === 'number' && compare(value);
    case 'TextLength': return compare(String(value).length);
    default: return undefined;
  }
}
function listOf(source: string, c: HostContext): readonly string[] | undefined {
  if (!source.startsWith('=')) return source.split(',').map((s) => s.trim());
  const { sheet, local } = splitAddress(source.slice(1));
  const area = readAddress(local);
  const id = c.grid.sheets().find((s) => s.name === sheet)?.id;
  if (!area || !id) return undefined;
  return Array.from({ length: area.rows * area.columns }, (_, i) => String(c.grid.value(id, area.row + Math.floor(i / area.columns), area.column + (i % area.columns)) ?? ''));
}
function invalidCells({ sheetId, area }: Place, c: HostContext): Place[] {
  const wrong: Place[] = [];
  for (const { areas, rule } of c.grid.validations(sheetId)) for (const a of areas) {
    const cut = intersect(a, area);
    if (!cut) continue;
    for (let r = 0; r < cut.rows; r += 1) for (let k = 0; k < cut.columns; k += 1) if (keeps(rule, c.grid.value(sheetId, cut.row + r, cut.column + k), c) === false) wrong.push({ sheetId, area: { row: cut.row + r, column: cut.column + k, rows: 1, columns: 1 } });
  }
  return wrong;
}
const NO_ALERT = { message: '', showAlert: true, style: 'Stop', title: '' };
export const DATA_VALIDATION: Kind<Place> = kind({
  name: 'DataValidation',
  props: {
    type: { get: (p, c) => { const t = found(p, c)?.type; return t === undefined ? 'None' : t === 'Tick' ? 'Custom' : t; } },
    rule: { get: (p, c) => toRule(found(p, c)), set: (p, v, c) => { const old = found(p, c); change(p, c, { ...ruleOf(v, c), ...(old?.alert ? { alert: old.alert } : {}), ...(old?.prompt ? { prompt: old.prompt } : {}), blanks: old?.blanks ?? true }); } },
    ignoreBlanks: { get: (p, c) => found(p, c)?.blanks ?? true, set: (p, v, c) => { const old = found(p, c); if (old) change(p, c, { ...old, blanks: v === true }); } },
    errorAlert: { get: (p, c) => { const a = found(p, c)?.alert; return a ? { message: a.message ?? '', showAlert: a.show !== false, style: a.style ?? 'Stop', title: a.title ?? '' } : NO_ALERT; }, set: (p, v, c) => { const old = found(p, c); const a = v as { title?: string; message?: string; style?: string; showAlert?: boolean }; if (old) change(p, c, { ...old, alert: { title: a.title ?? '', message: a.message ?? '', style: a.style ?? 'Stop', show: a.showAlert !== false } }); } },
    prompt: { get: (p, c) => { const a = found(p, c)?.prompt; return { message: a?.message ?? '', showPrompt: Boolean(a), title: a?.title ?? '' }; }, set: (p, v, c) => { const old = found(p, c); const a = v as { title?: string; message?: string }; if (old) change(p, c, { ...old, prompt: { title: a.title ?? '', message: a.message ?? '' } }); } },
    valid: { get: (p, c) => { const v = found(p, c); return v === undefined || invalidCells(p, c).length === 0; } },
  },
  methods: {
    clear: (h) => h.act('clear', [], (p) => change(p, h.context, undefined)),
    getInvalidCells: (h) => h.child(RANGE_AREAS, 'getInvalidCells()', () => nonEmpty(invalidCells(h.target(), h.context))),
    getInvalidCellsOrNullObject: (h) => h.child(RANGE_AREAS, 'getInvalidCellsOrNullObject()', () => nonEmpty(invalidCells(h.target(), h.context))),
  },
});
const nonEmpty = (places: Place[]): { sheetId: string; areas: Place['area'][] } | undefined => (places.length === 0 ? undefined : { sheetId: places[0]!.sheetId, areas: places.map((p) => p.area) });
