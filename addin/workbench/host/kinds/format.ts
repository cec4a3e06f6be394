import type { CellStyle, Border, Side } from '../../grid.ts';
import { isUnbounded } from '../address.ts';
import type { HostContext } from '../context.ts';
import { invalid, notImplemented } from '../errors.ts';
import { kind, type Handle, type Kind } from '../object.ts';
import { common, isBlock, trimmed, writable, type Place } from './place.ts';

const POINTS = 96 / 72;
/** Names that Office.js takes for colours beside #RRGGBB. */
const NAMED: Readonly<Record<string, string>> = { black: '#000000', white: '#FFFFFF', red: '#FF0000', green: '#008000', blue: '#0000FF', yellow: '#FFFF00', orange: '#FFA500', gray: '#808080', grey: '#808080', purple: '#800080', lightgray: '#D3D3D3', lightgrey: '#D3D3D3', lightblue: '#ADD8E6', lightgreen: '#90EE90', pink: '#FFC0CB', cyan: '#00FFFF', magenta: '#FF00FF', brown: '#A52A2A', navy: '#000080', teal: '#008080', silver: '#C0C0C0', gold: '#FFD700' };
export function colorOf(value: unknown): string {
  const text = String(value).trim();
  const hex = /^#?([0-9a-f]{6})$/i.exec(text)?.[1];
  const found = hex ? `#${hex.toUpperCase()}` : NAMED[text.toLowerCase()];
  if (!found) throw invalid(`color ${text}`);
  return found;
}
export function styleAll(context: HostContext, place: Place, style: CellStyle): void {
  writable(context, place);
  const area = trimmed(context, place);
  if (isUnbounded(place.area) && area.rows * area.columns === 0) return;
  if (isBlock(area)) return context.styleBlock(place.sheetId, area, style);
  for (let r = 0; r < area.rows; r += 1) for (let c = 0; c < area.columns; c += 1) context.put(place.sheetId, area.row + r, area.column + c, { style });
}
const look = <K extends keyof CellStyle>(key: K, empty: unknown, read: (v: unknown) => CellStyle[K] = (v) => v as CellStyle[K]) => ({
  get: (place: Place, context: HostContext): unknown => common(place, context, (s, r, c) => (context.grid.style(s, r, c)[key] as unknown) ?? empty),
  set: (place: Place, value: unknown, context: HostContext): void => styleAll(context, place, { [key]: read(value) }),
});
const oneOf = <T extends string>(names: readonly T[]) => (value: unknown): T => {
  const found = names.find((n) => n.toLowerCase() === String(value).toLowerCase());
  if (!found) throw invalid(String(value));
  return found;
};

export const RANGE_FILL: Kind<Place> = kind({ name: 'RangeFill', props: { color: look('fill', '#FFFFFF', colorOf) }, methods: { clear: (h) => h.act('clear', [], (p) => styleAll(h.context, p, { fill: null })) } });
export const RANGE_FONT: Kind<Place> = kind({
  name: 'RangeFont',
  props: {
    color: look('color', '#000000', colorOf), bold: look('bold', false, Boolean), italic: look('italic', false, Boolean), strikethrough: look('strike', false, Boolean), name: look('fontName', 'Arial', String), size: look('fontSize', 11, Number),
    underline: { get: (p, c) => { const u = common(p, c, (s, r, k) => c.grid.style(s, r, k).underline === true); return u === null ? null : u ? 'Single' : 'None'; }, set: (p, v, c) => styleAll(c, p, { underline: v === 'Single' || v === 'Double' }) },
  },
});
export const FORMAT_PROTECTION: Kind<Place> = kind({
  name: 'FormatProtection',
  props: {
    locked: {
      get: ({ sheetId, area }, c) => !(c.book.extras.unlocked[sheetId] ?? []).some((a) => a.row <= area.row && a.column <= area.column && a.row + a.rows >= area.row + area.rows && a.column + a.columns >= area.column + area.columns),
      set: ({ sheetId, area }, v, c) => {
        const { unlocked } = c.book.extras;
        const rest = (unlocked[sheetId] ?? []).filter((a) => JSON.stringify(a) !== JSON.stringify(area));
        unlocked[sheetId] = v === false ? [...rest, area] : rest;
        c.book.touched();
      },
    },
  },
});

type Edge = { readonly place: Place; readonly side: Side | 'InsideHorizontal' | 'InsideVertical' };
const EDGES = ['EdgeTop', 'EdgeBottom', 'EdgeLeft', 'EdgeRight', 'InsideHorizontal', 'InsideVertical'] as const;
/** The cells of an edge, and the side of each that it draws. */
function edgeCells({ place: { area: a }, side }: Edge): { row: number; column: number; side: Side }[] {
  const inner = side.startsWith('Inside');
  const rows = side === 'EdgeTop' ? [0] : side === 'EdgeBottom' ? [a.rows - 1] : Array.from({ length: inner && side === 'InsideHorizontal' ? a.rows - 1 : a.rows }, (_, i) => i);
  const columns = side === 'EdgeLeft' ? [0] : side === 'EdgeRight' ? [a.columns - 1] : Array.from({ length: inner && side === 'InsideVertical' ? a.columns - 1 : a.columns }, (_, i) => i);
  const drawn: Side = side === 'InsideHorizontal' ? 'EdgeBottom' : side === 'InsideVertical' ? 'EdgeRight' : side;
  return rows.flatMap((r) => columns.map((c) => ({ row: a.row + r, column: a.column + c, side: drawn })));
}
const first = (e: Edge, c: HostContext): Border => { const cell = edgeCells(e)[0]; return cell ? (c.grid.style(e.place.sheetId, cell.row, cell.column).borders?.[cell.side] ?? null) : null; };
const draw = (e: Edge, c: HostContext, change: (b: Border) => Border): void => {
  for (const cell of edgeCells(e)) c.put(e.place.sheetId, cell.row, cell.column, { style: { borders: { ...c.grid.style(e.place.sheetId, cell.row, cell.column).borders, [cell.side]: change(c.grid.style(e.place.sheetId, cell.row, cell.column).borders?.[cell.side] ?? null) } } });
  c.flush();
};
const RANGE_BORDER: Kind<Edge> = kind({
  name: 'RangeBorder',
  props: {
    sideIndex: { get: (e) => e.side },
    style: { get: (e, c) => { const s = first(e, c)?.style; return !s ? 'None' : s === 'Thick' || s === 'Medium' ? 'Continuous' : s; }, set: (e, v, c) => { const style = oneOf(['None', 'Continuous', 'Dash', 'DashDot', 'DashDotDot', 'Dot', 'Double', 'SlantDashDot'])(v); draw(e, c, (b) => (style === 'None' ? null : { style, color: b?.color ?? '#000000' })); } },
    color: { get: (e, c) => first(e, c)?.color ?? '#000000', set: (e, v, c) => draw(e, c, (b) => ({ style: b?.style ?? 'Continuous', color: colorOf(v) })) },
    weight: { get: (e, c) => { const s = first(e, c)?.style; return s === 'Thick' || s === 'Medium' ? s : 'Thin'; }, set: (e, v, c) => { const weight = oneOf(['Hairline', 'Thin', 'Medium', 'Thick'])(v); draw(e, c, (b) => ({ style: weight === 'Thin' || weight === 'Hairline' ? 'Continuous' : weight, color: b?.color ?? '#000000' })); } },
  },
});
const border = (h: Handle<Place>, side: Edge['side']): object => h.part(RANGE_BORDER, `getItem("${side}")`, (place) => ({ place, side }));
const RANGE_BORDERS: Kind<Place> = kind({
  name: 'RangeBorderCollection', props: { count: { get: () => EDGES.length } }, items: (_, h) => EDGES.map((side) => border(h, side)),
  methods: {
    getItem: (h, side: string) => { const found = EDGES.find((e) => e === side); if (!found) throw /^Diagonal/.test(side) ? notImplemented(`RangeBorder ${side}`) : invalid(side); return border(h, found); },
    getItemAt: (h, index: number) => { const side = EDGES[index]; if (!side) throw invalid(String(index)); return border(h, side); },
  },
});

/** Width of a text in pixels, near enough without a canvas: wide characters take two. */
const textPixels = (text: string): number => [...text].reduce((n, c) => n + (c.charCodeAt(0) > 0x2e7f ? 14 : 7.2), 12);
export const RANGE_FORMAT: Kind<Place> = kind({
  name: 'RangeFormat',
  props: {
    horizontalAlignment: { ...look('align', 'General'), set: (p, v, c) => styleAll(c, p, { align: oneOf(['General', 'Left', 'Center', 'Right'] as const)(v) }) },
    verticalAlignment: { ...look('vertical', 'Bottom'), set: (p, v, c) => styleAll(c, p, { vertical: oneOf(['Top', 'Center', 'Bottom'] as const)(v) }) },
    wrapText: look('wrap', false, Boolean),
    // Points; the grid counts pixels of 1/96 inch.
    columnWidth: { get: (p, c) => common({ ...p, area: { ...p.area, row: 0, rows: 1 } }, c, (s, _r, k) => c.grid.widthOf(s, k) / POINTS), set: (p, v, c) => { if (!(Number(v) >= 0)) throw invalid('columnWidth'); c.flush(); c.grid.columnWidth(p.sheetId, p.area.column, Math.min(p.area.columns, 1_000), Math.round(Number(v) * POINTS)); } },
    rowHeight: { get: (p, c) => common({ ...p, area: { ...p.area, column: 0, columns: 1, rows: Math.min(p.area.rows, 10_000) } }, c, (s, r) => c.grid.heightOf(s, r) / POINTS), set: (p, v, c) => { if (!(Number(v) >= 0)) throw invalid('rowHeight'); c.flush(); c.grid.rowHeight(p.sheetId, p.area.row, Math.min(p.area.rows, 100_000), Math.round(Number(v) * POINTS)); } },
    useStandardWidth: { set: (p, v, c) => { if (v === true) c.grid.columnWidth(p.sheetId, p.area.column, Math.min(p.area.columns, 1_000), 73); } },
    useStandardHeight: { set: (p, v, c) => { if (v === true) c.grid.rowHeight(p.sheetId, p.area.row, Math.min(p.area.rows, 100_000), 24); } },
  },
  parts: {
    fill: (h) => h.part(RANGE_FILL, 'fill', (p) => p), font: (h) => h.part(RANGE_FONT, 'font', (p) => p), borders: (h) => h.part(RANGE_BORDERS, 'borders', (p) => p), protection: (h) => h.part(FORMAT_PROTECTION, 'protection', (p) => p),
  },
  methods: {
    autofitColumns: (h) => h.act('autofitColumns', [], (p) => {
      h.context.flush();
      const { grid } = h.context;
      const area = trimmed(h.context, p);
      for (let c = 0; c < area.columns; c += 1) {
        let widest = 0;
        for (let r = 0; r < Math.min(area.rows, 5_000); r += 1) widest = Math.max(widest, textPixels(String(grid.value(p.sheetId, area.row + r, area.column + c) ?? '')));
        if (widest > 12) grid.columnWidth(p.sheetId, area.column + c, 1, Math.min(600, Math.ceil(widest)));
      }
    }),
    autofitRows: (h) => h.act('autofitRows', [], (p) => {
      const area = trimmed(h.context, p);
      for (let r = 0; r < Math.min(area.rows, 5_000); r += 1) {
        let lines = 1;
        for (let c = 0; c < area.columns; c += 1) lines = Math.max(lines, String(h.context.grid.value(p.sheetId, area.row + r, area.column + c) ?? '').split('\n').length);
        if (lines > 1) h.context.grid.rowHeight(p.sheetId, area.row + r, 1, lines * 20 + 4);
      }
    }),
  },
});
