/** The workbook as an .xlsx file and back: cells, formulas, looks, widths, frozen panes, merges, tables, names, lists, rules, notes. */
import ExcelJS from 'exceljs';
import type { Area, CellStyle, CellWrite, Conditional, Grid, Scalar, Side, Validation } from './grid.ts';
import { addressOf, parseAddress, quoteSheet, splitAddress } from './host/address.ts';

const DAY = 86_400_000;
const EPOCH = Date.UTC(1899, 11, 30);
const PIXELS_PER_CHARACTER = 7;
const argb = (color: string): { argb: string } => ({ argb: `FF${color.replace('#', '').toUpperCase()}` });
const hex = (color: { argb?: string } | undefined): string | undefined => (color?.argb ? `#${color.argb.slice(-6)}` : undefined);
const LINES: Readonly<Record<string, ExcelJS.BorderStyle>> = { Continuous: 'thin', Medium: 'medium', Thick: 'thick', Dash: 'dashed', Dot: 'dotted', DashDot: 'dashDot', DashDotDot: 'dashDotDot', Double: 'double', SlantDashDot: 'slantDashDot' };
const SIDES: readonly (readonly [Side, 'top' | 'bottom' | 'left' | 'right'])[] = [['EdgeTop', 'top'], ['EdgeBottom', 'bottom'], ['EdgeLeft', 'left'], ['EdgeRight', 'right']];
const TYPES: Readonly<Partial<Record<Validation['type'], ExcelJS.DataValidation['type']>>> = { List: 'list', WholeNumber: 'whole', Decimal: 'decimal', TextLength: 'textLength', Date: 'date', Custom: 'custom' };
const OPERATORS: Readonly<Record<string, ExcelJS.DataValidationOperator>> = { Between: 'between', NotBetween: 'notBetween', EqualTo: 'equal', NotEqualTo: 'notEqual', GreaterThan: 'greaterThan', GreaterThanOrEqualTo: 'greaterThanOrEqual', LessThan: 'lessThan', LessThanOrEqualTo: 'lessThanOrEqual' };
const keyOf = <V>(map: Readonly<Record<string, V>>, value: V | undefined): string | undefined => Object.keys(map).find((k) => map[k] === value);

function dress(cell: ExcelJS.Cell, s: CellStyle): void {
  if (s.format && s.format !== 'General') cell.numFmt = s.format;
  if (s.fill) cell.fill = { type: 'pattern', pattern: 'solid', fgColor: argb(s.fill) };
  if (s.bold || s.italic || s.underline || s.strike || s.color || s.fontName || s.fontSize) cell.font = { ...(s.bold ? { bold: true } : {}), ...(s.italic ? { italic: true } : {}), ...(s.underline ? { underline: true } : {}), ...(s.strike ? { strike: true } : {}), ...(s.color ? { color: argb(s.color) } : {}), ...(s.fontName ? { name: s.fontName } : {}), ...(s.fontSize ? { size: s.fontSize } : {}) };
  const align = s.align && s.align !== 'General' ? { horizontal: s.align.toLowerCase() as 'left' } : {};
  const vertical = s.vertical && s.vertical !== 'Bottom' ? { vertical: (s.vertical === 'Center' ? 'middle' : 'top') as 'middle' } : {};
  if (s.wrap || 'horizontal' in align || 'vertical' in vertical) cell.alignment = { ...align, ...vertical, ...(s.wrap ? { wrapText: true } : {}) };
  if (s.borders) cell.border = Object.fromEntries(SIDES.flatMap(([side, key]) => { const b = s.borders![side]; return b ? [[key, { style: LINES[b.style] ?? 'thin', color: argb(b.color) }]] : []; }));
}
/** A carriage return, or what looks like its escape, as the file format has it (ECMA-376 part 1, 22.9.2.19: `_x000D_`); XML readers turn a bare one into a line feed. */
const escaped = (text: string): string => text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_').replaceAll('\r', '_x000D_');
const valueOf = (grid: Grid, sheetId: string, row: number, column: number): ExcelJS.CellValue => {
  const [formula, value] = [grid.formula(sheetId, row, column), grid.value(sheetId, row, column)];
  return formula ? { formula: formula.slice(1), ...(value === null ? {} : { result: value }) } as ExcelJS.CellFormulaValue : typeof value === 'string' ? escaped(value) : value;
};

export async function toXlsx(grid: Grid): Promise<ArrayBuffer> {
  const book = new ExcelJS.Workbook();
  for (const sheet of grid.sheets()) {
    const frozen = grid.frozen(sheet.id);
    const page = book.addWorksheet(sheet.name, { state: sheet.hidden ? 'hidden' : 'visible', views: [frozen.rows || frozen.columns ? { state: 'frozen', xSplit: frozen.columns, ySplit: frozen.rows } : { state: 'normal' }] });
    const used = grid.used(sheet.id, true) ?? { row: 0, column: 0, rows: 0, columns: 0 };
    for (const table of grid.tables().filter((t) => t.sheetId === sheet.id)) {
      const rows = Array.from({ length: table.area.rows - 1 }, (_, r) => table.columns.map((_c, k) => valueOf(grid, sheet.id, table.area.row + 1 + r, table.area.column + k)));
      page.addTable({ name: table.name, ref: addressOf({ ...table.area, rows: 1, columns: 1 }), headerRow: true, totalsRow: false, style: { theme: 'TableStyleMedium2', showRowStripes: true }, columns: table.columns.map((name) => ({ name, filterButton: true })), rows });
    }
    for (let r = used.row; r < used.row + used.rows; r += 1) for (let c = used.column; c < used.column + used.columns; c += 1) {
      const value = valueOf(grid, sheet.id, r, c);
      const cell = page.getCell(r + 1, c + 1);
      if (value !== null) cell.value = value;
      dress(cell, grid.style(sheet.id, r, c));
    }
    for (let c = 0; c < used.column + used.columns; c += 1) { const column = page.getColumn(c + 1); if (grid.columnHidden(sheet.id, c)) column.hidden = true; else column.width = grid.widthOf(sheet.id, c) / PIXELS_PER_CHARACTER; }
    for (let r = 0; r < used.row + used.rows; r += 1) if (grid.rowHidden(sheet.id, r)) page.getRow(r + 1).hidden = true;
    for (const area of grid.merges(sheet.id)) page.mergeCells(addressOf(area));
    const filter = grid.filterArea(sheet.id);
    if (filter) page.autoFilter = addressOf(filter);
    for (const { areas, rule } of grid.validations(sheet.id)) for (const area of areas) validate(page, area, rule);
    for (const note of grid.notes(sheet.id)) page.getCell(note.row + 1, note.column + 1).note = note.text;
    for (const f of grid.conditionals(sheet.id)) colour(page, f);
  }
  for (const name of grid.names()) if (/!/.test(name.formula)) book.definedNames.add(name.formula.replace(/^=/, ''), name.name);
  return book.xlsx.writeBuffer() as Promise<ArrayBuffer>;
}
function validate(page: ExcelJS.Worksheet, area: Area, v: Validation): void {
  const type = TYPES[v.type];
  if (!type) return;
  const first = v.type === 'List' && !v.formula1?.startsWith('=') ? `"${v.formula1 ?? ''}"` : (v.formula1 ?? '').replace(/^=/, '');
  const rule = { type, allowBlank: v.blanks !== false, formulae: [first, ...(v.formula2 === undefined ? [] : [v.formula2.replace(/^=/, '')])], ...(v.operator ? { operator: OPERATORS[v.operator] ?? 'between' } : {}), ...(v.alert ? { showErrorMessage: v.alert.show !== false, error: v.alert.message ?? '', errorTitle: v.alert.title ?? '' } : {}) };
  (page as unknown as { dataValidations: { add(address: string, rule: object): void } }).dataValidations.add(addressOf(area), rule);
}
function colour(page: ExcelJS.Worksheet, f: Conditional): void {
  const style = { ...(f.style.fill ? { fill: { type: 'pattern', pattern: 'solid', bgColor: argb(f.style.fill) } } : {}), ...(f.style.color || f.style.bold ? { font: { ...(f.style.color ? { color: argb(f.style.color) } : {}), ...(f.style.bold ? { bold: true } : {}) } } : {}) };
  const operators: Readonly<Record<string, string>> = { LessThan: 'lessThan', GreaterThan: 'greaterThan', EqualTo: 'equal', Between: 'between' };
  const text = (key: string): string => String(f.rule[key] ?? '').replace(/^=/, '');
  const rule = f.type === 'Custom' ? { type: 'expression', formulae: [text('formula')], style, priority: 1 } : f.type === 'CellValue' && operators[text('operator')] ? { type: 'cellIs', operator: operators[text('operator')], formulae: [text('formula1'), ...(text('formula2') ? [text('formula2')] : [])], style, priority: 1 } : undefined;
  if (rule) for (const area of f.areas) page.addConditionalFormatting({ ref: addressOf(area), rules: [rule as never] });
}

function scalarOf(value: ExcelJS.CellValue | undefined): Scalar {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return Math.round(((value.getTime() - EPOCH) / DAY) * 1e6) / 1e6;
  if (typeof value !== 'object') return value;
  if ('richText' in value) return value.richText.map((t) => t.text).join('');
  if ('error' in value) return value.error;
  if ('text' in value) return typeof value.text === 'string' ? value.text : scalarOf(value.text as ExcelJS.CellValue);
  return 'result' in value ? scalarOf(value.result as ExcelJS.CellValue) : null;
}
function styleOf(cell: ExcelJS.Cell): CellStyle | undefined {
  const { font, fill, alignment, border, numFmt } = cell;
  const solid = fill?.type === 'pattern' && fill.pattern === 'solid' ? hex(fill.fgColor) : undefined;
  const borders = Object.fromEntries(SIDES.flatMap(([side, key]) => { const b = border?.[key]; return b?.style ? [[side, { style: keyOf(LINES, b.style) ?? 'Continuous', color: hex(b.color) ?? '#000000' }]] : []; }));
  const align = alignment?.horizontal === 'left' ? 'Left' : alignment?.horizontal === 'center' ? 'Center' : alignment?.horizontal === 'right' ? 'Right' : undefined;
  const style: CellStyle = {
    ...(numFmt && numFmt !== 'General' ? { format: numFmt } : {}), ...(solid ? { fill: solid } : {}), ...(font?.bold ? { bold: true } : {}), ...(font?.italic ? { italic: true } : {}), ...(font?.underline ? { underline: true } : {}), ...(font?.strike ? { strike: true } : {}), ...(hex(font?.color) ? { color: hex(font?.color)! } : {}), ...(font?.name ? { fontName: font.name } : {}), ...(font?.size ? { fontSize: font.size } : {}),
    ...(align ? { align } : {}), ...(alignment?.vertical === 'middle' ? { vertical: 'Center' as const } : alignment?.vertical === 'top' ? { vertical: 'Top' as const } : {}), ...(alignment?.wrapText ? { wrap: true } : {}), ...(Object.keys(borders).length > 0 ? { borders } : {}),
  };
  return Object.keys(style).length > 0 ? style : undefined;
}

/** Puts the sheets of a file beside those that are there; a name that is taken gets a number. Answers the new sheets' names. */
export async function fromXlsx(bytes: ArrayBuffer, grid: Grid): Promise<readonly string[]> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(bytes);
  const made = new Map<string, { readonly id: string; readonly name: string }>();
  for (const page of book.worksheets) {
    const taken = new Set(grid.sheets().map((s) => s.name.toLowerCase()));
    let { name } = page;
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${page.name.slice(0, 27)} (${n})`;
    made.set(page.name, { id: grid.addSheet(name), name });
  }
  const renamed = (formula: string): string => [...made].reduce((f, [from, to]) => (from === to.name ? f : f.replaceAll(`${quoteSheet(from)}!`, `${quoteSheet(to.name)}!`)), formula);
  for (const page of book.worksheets) fill(page, made.get(page.name)!.id, grid, renamed);
  for (const { name, ranges } of book.definedNames.model) for (const range of ranges.slice(0, 1)) {
    const sheet = splitAddress(range).sheet;
    if (sheet !== undefined && made.has(sheet) && !grid.names().some((n) => n.name.toLowerCase() === name.toLowerCase())) grid.setName({ id: crypto.randomUUID(), name, formula: renamed(range), comment: '', hidden: false });
  }
  return [...made.values()].map((m) => m.name);
}
function fill(page: ExcelJS.Worksheet, id: string, grid: Grid, renamed: (formula: string) => string): void {
  const cells = new Map<number, Map<number, CellWrite>>();
  page.eachRow({ includeEmpty: false }, (row, r) => row.eachCell({ includeEmpty: true }, (cell, c) => {
    if (cell.isMerged && cell.master.address !== cell.address) return;
    const style = styleOf(cell);
    const value = scalarOf(cell.value);
    const write: CellWrite | undefined = cell.formula ? { formula: renamed(`=${cell.formula}`) } : value === null ? undefined : { value, ...(typeof value === 'string' ? { text: true } : {}) };
    if (!write && !style) return;
    let line = cells.get(r - 1);
    if (!line) cells.set(r - 1, (line = new Map()));
    line.set(c - 1, { ...write, ...(style ? { style } : {}) });
  }));
  if (cells.size > 0) grid.write(id, cells);
  page.columns?.forEach((column, c) => { if (column.hidden) grid.hideColumns(id, c, 1, true); else if (column.width) grid.columnWidth(id, c, 1, Math.round(column.width * PIXELS_PER_CHARACTER)); });
  page.eachRow((row, r) => { if (row.hidden) grid.hideRows(id, r - 1, 1, true); if (row.height) grid.rowHeight(id, r - 1, 1, Math.round(row.height / 0.75)); });
  const model = page.model as unknown as { merges?: string[]; tables?: { table?: Table } & Table[]; dataValidations?: Record<string, ExcelJS.DataValidation> };
  for (const address of model.merges ?? []) grid.merge(id, parseAddress(address), true);
  const view = page.views[0];
  if (view?.state === 'frozen') grid.freeze(id, view.ySplit ?? 0, view.xSplit ?? 0);
  for (const t of page.getTables() as unknown as { table?: Table; name?: string }[]) {
    const table = t.table ?? (t as unknown as Table);
    const from = parseAddress(table.tableRef ?? table.ref);
    if (!grid.tables().some((x) => x.name.toLowerCase() === table.name.toLowerCase())) grid.addTable(id, from, table.name, table.columns.map((c) => c.name));
  }
  const rules = Object.entries(model.dataValidations ?? {}).flatMap(([address, v]) => {
    const type = keyOf(TYPES as Readonly<Record<string, string>>, v.type) as Validation['type'] | undefined;
    const [one, two] = (v.formulae ?? []).map(String);
    const operator = keyOf(OPERATORS, v.operator);
    return type && !address.includes('undefined') ? [{ id: crypto.randomUUID(), areas: [parseAddress(address.replace('range:', ''))], rule: { type, blanks: v.allowBlank !== false, formula1: type === 'List' && one?.startsWith('"') ? one.slice(1, -1) : type === 'List' ? `=${one ?? ''}` : (one ?? ''), ...(two === undefined ? {} : { formula2: two }), ...(operator ? { operator } : {}) } }] : [];
  });
  if (rules.length > 0) grid.setValidations(id, rules);
  page.eachRow((row, r) => row.eachCell((cell, c) => { if (cell.note) grid.setNote(id, r - 1, c - 1, typeof cell.note === 'string' ? cell.note : (cell.note.texts ?? []).map((t) => t.text).join('')); }));
}
type Table = { readonly name: string; readonly ref: string; readonly tableRef?: string; readonly columns: readonly { readonly name: string }[] };
