/** Styles and values of cells, between the grid's words and Univer's. Pure. */
import { BorderStyleTypes, CellValueType, HorizontalAlign, VerticalAlign, WrapStrategy, type ICellData, type IStyleData } from '@univerjs/core';
import type { CellStyle, CellWrite, Side } from './grid.ts';

const color = (rgb: string | null | undefined) => (rgb ? { rgb } : null);
const ALIGN = { General: HorizontalAlign.UNSPECIFIED, Left: HorizontalAlign.LEFT, Center: HorizontalAlign.CENTER, Right: HorizontalAlign.RIGHT } as const;
const VERTICAL = { Top: VerticalAlign.TOP, Center: VerticalAlign.MIDDLE, Bottom: VerticalAlign.BOTTOM } as const;
const LINES: Readonly<Record<string, BorderStyleTypes>> = { Continuous: BorderStyleTypes.THIN, Medium: BorderStyleTypes.MEDIUM, Thick: BorderStyleTypes.THICK, Dash: BorderStyleTypes.DASHED, Dot: BorderStyleTypes.DOTTED, DashDot: BorderStyleTypes.DASH_DOT, DashDotDot: BorderStyleTypes.DASH_DOT_DOT, Double: BorderStyleTypes.DOUBLE, SlantDashDot: BorderStyleTypes.SLANT_DASH_DOT };
const SIDES: readonly (readonly [Side, 't' | 'b' | 'l' | 'r'])[] = [['EdgeTop', 't'], ['EdgeBottom', 'b'], ['EdgeLeft', 'l'], ['EdgeRight', 'r']];
const keyOf = <T extends string, V>(map: Readonly<Record<T, V>>, value: V | undefined | null): T | undefined => (Object.keys(map) as T[]).find((k) => map[k] === value);

export function readStyle(s: IStyleData): CellStyle {
  const borders = Object.fromEntries(SIDES.flatMap(([side, key]) => { const b = s.bd?.[key]; return b ? [[side, { style: keyOf(LINES, b.s) ?? 'Continuous', color: b.cl?.rgb ?? '#000000' }]] : []; }));
  return {
    fill: s.bg?.rgb ?? null, color: s.cl?.rgb ?? null, bold: s.bl === 1, italic: s.it === 1, underline: s.ul?.s === 1, strike: s.st?.s === 1, format: s.n?.pattern || 'General', align: keyOf(ALIGN, s.ht ?? 0) ?? 'General', vertical: keyOf(VERTICAL, s.vt ?? undefined) ?? 'Bottom', wrap: s.tb === WrapStrategy.WRAP,
    ...(s.ff ? { fontName: s.ff } : {}), ...(s.fs ? { fontSize: s.fs } : {}), ...(Object.keys(borders).length > 0 ? { borders } : {}),
  };
}
export function styleData(s: CellStyle): IStyleData {
  const bd = s.borders ? Object.fromEntries(SIDES.flatMap(([side, key]) => { const b = s.borders![side]; return b === undefined ? [] : [[key, b ? { s: LINES[b.style] ?? BorderStyleTypes.THIN, cl: { rgb: b.color } } : null]]; })) : undefined;
  return {
    ...('fill' in s ? { bg: color(s.fill) } : {}), ...('color' in s ? { cl: color(s.color) } : {}), ...(s.bold === undefined ? {} : { bl: s.bold ? 1 : 0 }), ...(s.italic === undefined ? {} : { it: s.italic ? 1 : 0 }), ...(s.underline === undefined ? {} : { ul: { s: s.underline ? 1 : 0 } }), ...(s.strike === undefined ? {} : { st: { s: s.strike ? 1 : 0 } }),
    ...(s.format === undefined ? {} : { n: { pattern: s.format === 'General' ? '' : s.format } }), ...(s.align ? { ht: ALIGN[s.align] } : {}), ...(s.vertical ? { vt: VERTICAL[s.vertical] } : {}), ...(s.wrap === undefined ? {} : { tb: s.wrap ? WrapStrategy.WRAP : WrapStrategy.CLIP }), ...(s.fontName ? { ff: s.fontName } : {}), ...(s.fontSize ? { fs: s.fontSize } : {}), ...(bd ? { bd } : {}),
  } as IStyleData;
}
/** All that a style can say, taken away. */
const BARE = { bg: null, cl: null, bl: 0, it: 0, ul: null, st: null, n: null, ht: null, vt: null, tb: null, bd: null, ff: null, fs: null } as unknown as IStyleData;
export function cellData(w: CellWrite): ICellData {
  const style = w.bare ? { s: { ...BARE, ...(w.style ? styleData(w.style) : {}) } } : w.style ? { s: styleData(w.style) } : {};
  if (w.formula !== undefined) return { f: w.formula, si: null, v: null, p: null, t: null, ...style };
  if (w.value === undefined) return style;
  if (w.value === null || w.value === '') return { v: null, f: null, si: null, p: null, t: null, ...style };
  const t = typeof w.value === 'boolean' ? CellValueType.BOOLEAN : typeof w.value === 'number' ? CellValueType.NUMBER : w.text ? CellValueType.FORCE_STRING : CellValueType.STRING;
  return { v: typeof w.value === 'boolean' ? (w.value ? 1 : 0) : w.value, f: null, si: null, p: null, t, ...style };
}
