import type { HostContext } from '../context.ts';
import { invalid } from '../errors.ts';
import { make, type Handle, type Kind, kind } from '../object.ts';
import { RANGE_AREAS } from './areas.ts';
import { event } from './events.ts';
import { NAMES } from './names.ts';
import { COMMENTS, NOTES } from './notes.ts';
import { RANGE } from './range.ts';
import { BOOK_PROTECTION, SETTINGS, XML_PARTS } from './state.ts';
import { TABLES } from './table.ts';
import { WORKSHEETS } from './worksheet.ts';

const NUMBERS: Kind<true> = kind({ name: 'NumberFormatInfo', props: { numberDecimalSeparator: { get: () => '.' }, numberGroupSeparator: { get: () => ',' }, currencySymbol: { get: () => '¥' } } });
const DATES: Kind<true> = kind({ name: 'DatetimeFormatInfo', props: { dateSeparator: { get: () => '/' }, timeSeparator: { get: () => ':' }, shortDatePattern: { get: () => 'yyyy/M/d' }, longDatePattern: { get: () => 'yyyy年M月d日' }, longTimePattern: { get: () => 'H:mm:ss' } } });
const CULTURE: Kind<true> = kind({ name: 'CultureInfo', props: { name: { get: () => 'zh-CN' } }, parts: { numberFormat: (h) => h.part(NUMBERS, 'numberFormat', () => true as const), datetimeFormat: (h) => h.part(DATES, 'datetimeFormat', () => true as const) } });
const MODES = ['Automatic', 'AutomaticExceptTables', 'Manual'] as const;
export const APPLICATION: Kind<true> = kind({
  name: 'Application',
  props: {
    calculationMode: { get: (_, c) => c.book.calculation, set: (_, v, c) => { const mode = MODES.find((m) => m === v); if (!mode) throw invalid(String(v)); c.book.calculation = mode; } },
    calculationState: { get: (_, c) => (c.grid.calculating() ? 'Calculating' : 'Done') }, calculationEngineVersion: { get: () => 191_029 }, decimalSeparator: { get: () => '.' }, thousandsSeparator: { get: () => ',' }, useSystemSeparators: { get: () => true },
  },
  parts: { cultureInfo: (h) => h.part(CULTURE, 'cultureInfo', () => true as const) },
  methods: {
    calculate: (h, type = 'Recalculate') => h.act('calculate', [type], () => { h.context.flush(); if (type !== 'Recalculate') h.context.book.recalculatesAll(); h.context.grid.recalculate(); }),
    // The grid works out and draws after a sync anyway: what was asked is so.
    suspendApiCalculationUntilNextSync: (h) => h.act('suspendApiCalculationUntilNextSync', [], () => undefined), suspendScreenUpdatingUntilNextSync: (h) => h.act('suspendScreenUpdatingUntilNextSync', [], () => undefined),
  },
});
const selected = (h: Handle<true>) => ({ sheetId: h.context.grid.activeSheet(), area: h.context.grid.selection() });
const cell = (h: Handle<true>) => { const { sheetId, area } = selected(h); return { sheetId, area: { ...area, rows: 1, columns: 1 } }; };
export const WORKBOOK: Kind<true> = kind({
  name: 'Workbook',
  props: { name: { get: () => 'Suanpan.xlsx' }, readOnly: { get: () => false }, autoSave: { get: () => true }, isDirty: { get: () => false }, previouslySaved: { get: () => true } },
  parts: {
    worksheets: (h) => h.part(WORKSHEETS, 'worksheets', () => true as const), tables: (h) => h.part(TABLES, 'tables', () => ({})), names: (h) => h.part(NAMES, 'names', () => ({ sheetId: undefined })), settings: (h) => h.part(SETTINGS, 'settings', () => true as const), customXmlParts: (h) => h.part(XML_PARTS, 'customXmlParts', () => ({ namespace: undefined })), application: (h) => h.part(APPLICATION, 'application', () => true as const),
    protection: (h) => h.part(BOOK_PROTECTION, 'protection', () => true as const), comments: (h) => h.part(COMMENTS, 'comments', () => ({ sheetId: undefined })), notes: (h) => h.part(NOTES, 'notes', () => ({ sheetId: undefined })), onSelectionChanged: event('onSelectionChanged', 'bookSelected', () => undefined), onActivated: event('onActivated', 'bookActivated', () => undefined),
  },
  methods: {
    getSelectedRange: (h) => h.child(RANGE, 'getSelectedRange()', () => selected(h)), getSelectedRanges: (h) => h.child(RANGE_AREAS, 'getSelectedRanges()', () => { const s = selected(h); return { sheetId: s.sheetId, areas: [s.area] }; }), getActiveCell: (h) => h.child(RANGE, 'getActiveCell()', () => cell(h)),
    save: (h, _behavior?: string) => h.act('save', [], () => h.context.book.touched()),
  },
});
const RUNTIME: Kind<true> = kind({ name: 'Runtime', props: { enableEvents: { get: (_, c) => c.book.events, set: (_, v, c) => { c.flush(); c.book.events = v === true; } } } });
export const workbookOf = (c: HostContext): object => make(WORKBOOK, c, 'workbook', () => true as const);
export const applicationOf = (c: HostContext): object => make(APPLICATION, c, 'application', () => true as const);
export const runtimeOf = (c: HostContext): object => make(RUNTIME, c, 'runtime', () => true as const);
