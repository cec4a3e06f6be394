import type { CellStyle, Conditional } from '../../grid.ts';
import { intersect, isUnbounded } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid, notFound, notImplemented } from '../errors.ts';
import { handleOf, type Handle, type Kind, kind } from '../object.ts';
import { colorOf } from './format.ts';
import { trimmed, type Place } from './place.ts';
import { RANGE } from './range.ts';

type Ref = { readonly sheetId: string; readonly id: string };
const TYPES = { CellValue: 'cellValue', Custom: 'custom', ContainsText: 'textComparison', TopBottom: 'topBottom', ColorScale: 'colorScale', DataBar: 'dataBar' } as const;
type Type = keyof typeof TYPES;
const START: Readonly<Record<Type, Readonly<Record<string, unknown>>>> = { CellValue: {}, Custom: {}, ContainsText: {}, TopBottom: { type: 'TopItems', rank: 10 }, ColorScale: { minimum: { color: '#F8696B', type: 'LowestValue' }, maximum: { color: '#63BE7B', type: 'HighestValue' } }, DataBar: { positive: '#638EC6' } };
const get = (c: HostContext, r: Ref): Conditional => { const found = c.grid.conditionals(r.sheetId).find((x) => x.id === r.id); if (!found) throw notFound('ConditionalFormat'); return found; };
const put = (c: HostContext, r: Ref, change: Partial<Conditional>): void => { c.grid.setConditional({ ...get(c, r), ...change }); c.book.touched(); };
const style = <K extends 'fill' | 'color' | 'bold' | 'italic' | 'underline' | 'strike'>(key: K, read: (v: unknown) => CellStyle[K]) => ({ get: (r: Ref, c: HostContext): unknown => get(c, r).style[key] ?? null, set: (r: Ref, v: unknown, c: HostContext): void => put(c, r, { style: { ...get(c, r).style, [key]: read(v) } }) });
const FILL: Kind<Ref> = kind({ name: 'ConditionalRangeFill', props: { color: style('fill', colorOf) }, methods: { clear: (h) => h.act('clear', [], (r) => { const { fill: _f, ...rest } = get(h.context, r).style; put(h.context, r, { style: rest }); }) } });
const FONT: Kind<Ref> = kind({ name: 'ConditionalRangeFont', props: { color: style('color', colorOf), bold: style('bold', Boolean), italic: style('italic', Boolean), strikethrough: style('strike', Boolean) }, methods: { clear: (h) => h.act('clear', [], (r) => { const { fill } = get(h.context, r).style; put(h.context, r, { style: fill === undefined ? {} : { fill } }); }) } });
const FORMAT: Kind<Ref> = kind({ name: 'ConditionalRangeFormat', parts: { fill: (h) => h.part(FILL, 'fill', (r) => r), font: (h) => h.part(FONT, 'font', (r) => r) }, methods: { clearFormat: (h) => h.act('clearFormat', [], (r) => put(h.context, r, { style: {} })) } });
const formatPart = { format: (h: Handle<Ref>) => h.part(FORMAT, 'format', (r) => r) };
const rule = { get: (r: Ref, c: HostContext): unknown => get(c, r).rule, set: (r: Ref, v: unknown, c: HostContext): void => put(c, r, { rule: { ...(v as object) } }) };
const key = (name: string) => ({ get: (r: Ref, c: HostContext): unknown => get(c, r).rule[name] ?? null, set: (r: Ref, v: unknown, c: HostContext): void => put(c, r, { rule: { ...get(c, r).rule, [name]: v } }) });
const CELL_VALUE: Kind<Ref> = kind({ name: 'CellValueConditionalFormat', props: { rule }, parts: formatPart });
const CUSTOM_RULE: Kind<Ref> = kind({ name: 'ConditionalFormatRule', props: { formula: key('formula'), formulaLocal: key('formula') } });
const CUSTOM: Kind<Ref> = kind({ name: 'CustomConditionalFormat', parts: { ...formatPart, rule: (h) => h.part(CUSTOM_RULE, 'rule', (r) => r) } });
const TEXT: Kind<Ref> = kind({ name: 'TextConditionalFormat', props: { rule }, parts: formatPart });
const TOP: Kind<Ref> = kind({ name: 'TopBottomConditionalFormat', props: { rule }, parts: formatPart });
const SCALE: Kind<Ref> = kind({ name: 'ColorScaleConditionalFormat', props: { criteria: rule, threeColorScale: { get: (r, c) => get(c, r).rule['midpoint'] !== undefined } } });
const BAR_FORMAT: Kind<Ref> = kind({ name: 'ConditionalDataBarPositiveFormat', props: { fillColor: key('positive') } });
const BAR: Kind<Ref> = kind({ name: 'DataBarConditionalFormat', props: { showDataBarOnly: key('only') }, parts: { positiveFormat: (h) => h.part(BAR_FORMAT, 'positiveFormat', (r) => r) } });
const KINDS: Readonly<Record<Type, Kind<Ref>>> = { CellValue: CELL_VALUE, Custom: CUSTOM, ContainsText: TEXT, TopBottom: TOP, ColorScale: SCALE, DataBar: BAR };

const parts = Object.fromEntries((Object.entries(TYPES) as [Type, string][]).flatMap(([type, name]) => [
  [name, (h: Handle<Ref>) => h.part(KINDS[type], name, (r) => { if (get(h.context, r).type !== type) throw invalid(`${name} of a format of another type`); return r; })],
  [`${name}OrNullObject`, (h: Handle<Ref>) => h.part(KINDS[type], `${name}OrNullObject`, (r) => (get(h.context, r).type === type ? r : undefined), true)],
]));
const CONDITIONAL_FORMAT: Kind<Ref> = kind({
  name: 'ConditionalFormat',
  props: {
    id: { get: (r) => r.id }, type: { get: (r, c) => get(c, r).type }, stopIfTrue: { get: (r, c) => get(c, r).stopIfTrue, set: (r, v, c) => put(c, r, { stopIfTrue: v === true }) },
    priority: { get: (r, c) => c.grid.conditionals(r.sheetId).findIndex((x) => x.id === r.id) },
  },
  parts,
  methods: {
    delete: (h) => h.act('delete', [], (r) => { h.context.grid.removeConditional(r.sheetId, r.id); h.context.book.touched(); }),
    getRange: (h) => h.child(RANGE, 'getRange()', () => { const f = get(h.context, h.target()); if (f.areas.length > 1) throw invalid('more than one range'); return { sheetId: f.sheetId, area: f.areas[0]! }; }),
    getRangeOrNullObject: (h) => h.child(RANGE, 'getRangeOrNullObject()', () => { const f = get(h.context, h.target()); return f.areas.length === 1 ? { sheetId: f.sheetId, area: f.areas[0]! } : undefined; }),
    setRanges: (h, ranges: unknown) => h.act('setRanges', [], (r) => put(h.context, r, { areas: [handleOf<Place>(ranges).target().area] })),
  },
});
const of = (c: HostContext, p: Place): readonly Conditional[] => c.grid.conditionals(p.sheetId).filter((f) => f.areas.some((a) => intersect(a, p.area)));
const ref = (f: Conditional | undefined): Ref | undefined => f && { sheetId: f.sheetId, id: f.id };
export const CONDITIONAL_FORMATS: Kind<Place> = kind({
  name: 'ConditionalFormatCollection',
  items: (p, h) => of(h.context, p).map((f) => h.part(CONDITIONAL_FORMAT, `getItem("${f.id}")`, () => ref(f))),
  methods: {
    add: (h, type: string) => {
      let made: Ref | undefined;
      h.act('add', [type], (p) => {
        if (!(type in TYPES)) throw notImplemented(`conditional format ${type}`);
        const area = isUnbounded(p.area) ? { ...trimmed(h.context, p), rows: Math.min(p.area.rows, 60_000) } : p.area;
        made = { sheetId: p.sheetId, id: `cf${crypto.randomUUID().slice(0, 8)}` };
        h.context.grid.setConditional({ ...made, areas: [area], type: type as Type, rule: START[type as Type], style: {}, stopIfTrue: false });
        h.context.book.touched();
      });
      return h.child(CONDITIONAL_FORMAT, 'add()', () => made);
    },
    clearAll: (h) => h.act('clearAll', [], (p) => { for (const f of of(h.context, p)) h.context.grid.removeConditional(p.sheetId, f.id); h.context.book.touched(); }),
    getCount: (h) => h.result('getCount', [], (p) => of(h.context, p).length),
    getItem: (h, id: string) => h.child(CONDITIONAL_FORMAT, `getItem("${id}")`, () => ref(of(h.context, h.target()).find((f) => f.id === id))), getItemOrNullObject: (h, id: string) => h.child(CONDITIONAL_FORMAT, `getItemOrNullObject("${id}")`, () => ref(of(h.context, h.target()).find((f) => f.id === id))),
    getItemAt: (h, index: number) => h.child(CONDITIONAL_FORMAT, `getItemAt(${index})`, () => ref(of(h.context, h.target())[index])),
  },
});
