/** The grid of the workbench: Univer OSS, driven below its facade (mutations in, cell matrix out). */
import { AbsoluteRefType, CellValueType, HorizontalAlign, ICommandService, IUniverInstanceService, LocaleType, LogLevel, mergeWorksheetSnapshotWithDefault, Univer, UniverInstanceType, WrapStrategy, type ICellData, type ICommandInfo, type IStyleData, type IWorkbookData, type Workbook, type Worksheet } from '@univerjs/core';
import { SetFormulaCalculationStartMutation } from '@univerjs/engine-formula';
import { SheetsSelectionsService } from '@univerjs/sheets';
import { IRegisterFunctionService } from '@univerjs/sheets-formula';
import type { Area, CellStyle, CellWrite, Edit, EditedCell, Grid, Scalar, SheetInfo, Unlisten } from './grid.ts';
import { plugins } from './univer-plugins.ts';
import { localeData } from './univer-locales.ts';

const UNIT = 'suanpan-workbook';
const ROWS = 60_000;
const COLUMNS = 60;
const SET_VALUES = 'sheet.mutation.set-range-values';

export type GridOptions = { readonly container: HTMLElement; readonly lang: 'zh' | 'en'; readonly snapshot?: unknown; readonly firstSheet: string };
type Cells = Record<number, Record<number, ICellData | null>>;
type ValuesParams = { readonly subUnitId: string; readonly cellValue?: Cells };

export function makeUniverGrid(options: GridOptions): UniverGrid {
  const locale = options.lang === 'zh' ? LocaleType.ZH_CN : LocaleType.EN_US;
  const univer = new Univer({ locale, locales: { [locale]: localeData(options.lang) }, logLevel: LogLevel.ERROR });
  for (const [plugin, config] of plugins(options.container)) univer.registerPlugin(plugin, config);
  const kept = options.snapshot as Partial<IWorkbookData> | undefined;
  univer.createUnit(UniverInstanceType.UNIVER_SHEET, kept?.sheets ? { ...kept, id: UNIT } : { id: UNIT, name: 'Suanpan', locale, sheetOrder: ['home'], sheets: { home: { id: 'home', name: options.firstSheet, rowCount: 1000, columnCount: COLUMNS } } });
  return new UniverGrid(univer);
}

export class UniverGrid implements Grid {
  readonly #univer: Univer;
  readonly #commands: ICommandService;
  readonly #edits = new Set<(edit: Edit) => void>();
  readonly #selections = new Set<(sheetId: string, area: Area) => void>();
  readonly #activations = new Set<(sheetId: string) => void>();
  readonly #selectionService: SheetsSelectionsService;
  readonly #functions: IRegisterFunctionService;
  #writing = 0;
  #running = 0;
  #shadow = new Map<ValuesParams, EditedCell[]>();
  #rules = 0;

  constructor(univer: Univer) {
    this.#univer = univer;
    const injector = univer.__getInjector();
    this.#commands = injector.get(ICommandService);
    this.#selectionService = injector.get(SheetsSelectionsService);
    this.#functions = injector.get(IRegisterFunctionService);
    this.#commands.beforeCommandExecuted((info) => this.#before(info));
    this.#commands.onCommandExecuted((info, how) => this.#after(info, how?.fromCollab === true));
  }

  get #workbook(): Workbook { return this.#univer.__getInjector().get(IUniverInstanceService).getUnit<Workbook>(UNIT, UniverInstanceType.UNIVER_SHEET)!; }
  #sheet(id: string): Worksheet { return this.#workbook.getSheetBySheetId(id)!; }
  #run(id: string, params: object): void { this.#commands.syncExecuteCommand(id, { unitId: UNIT, ...params }); }
  #mutate(id: string, params: object): void {
    this.#writing += 1;
    try {
      this.#run(id, params);
    } finally {
      this.#writing -= 1;
    }
  }

  /** Old values are read before a change applies: Univer's own event has only the new ones. */
  #before(info: ICommandInfo): void {
    if (info.id !== SET_VALUES || this.#writing > 0) return;
    const params = info.params as ValuesParams;
    const cells: EditedCell[] = [];
    for (const [row, columns] of Object.entries(params.cellValue ?? {})) for (const [column, cell] of Object.entries(columns ?? {})) {
      // A change of style only is no edit.
      if (cell && !('v' in cell) && !('f' in cell) && !('p' in cell) && !('t' in cell)) continue;
      cells.push({ row: Number(row), column: Number(column), before: this.value(params.subUnitId, Number(row), Number(column)), after: null });
    }
    if (cells.length > 0) this.#shadow.set(params, cells);
  }
  #after(info: ICommandInfo, remote: boolean): void {
    if (info.id === SET_VALUES) {
      const params = info.params as ValuesParams;
      const cells = this.#shadow.get(params);
      this.#shadow.delete(params);
      if (!cells || remote) return;
      const changed = cells.map((c) => ({ ...c, after: this.value(params.subUnitId, c.row, c.column) })).filter((c) => c.after !== c.before);
      if (changed.length > 0) for (const listen of this.#edits) listen({ sheetId: params.subUnitId, cells: changed, ours: false });
    } else if (info.id === 'sheet.operation.set-selections') {
      const id = (info.params as { subUnitId: string }).subUnitId;
      const area = this.selection();
      for (const listen of this.#selections) listen(id, area);
    } else if (info.id === 'sheet.operation.set-worksheet-active') {
      const id = (info.params as { subUnitId: string }).subUnitId;
      for (const listen of this.#activations) listen(id);
    } else if (info.id === 'formula.mutation.set-formula-calculation-start') this.#running += 1;
    else if (info.id === 'formula.mutation.set-formula-calculation-result' || info.id === 'formula.mutation.set-formula-calculation-stop') this.#running = 0;
    else if (info.id === 'formula.mutation.set-formula-calculation-notification' && (info.params as { functionsExecutedState?: number }).functionsExecutedState !== undefined) this.#running = 0;
  }

  sheets(): readonly SheetInfo[] { return this.#workbook.getSheets().map((s) => ({ id: s.getSheetId(), name: s.getName(), hidden: s.getConfig().hidden === 1 })); }
  addSheet(name: string): string {
    const id = `s${Math.random().toString(36).slice(2, 10)}`;
    this.#mutate('sheet.mutation.insert-sheet', { index: this.#workbook.getSheets().length, sheet: mergeWorksheetSnapshotWithDefault({ id, name, rowCount: 200, columnCount: COLUMNS, cellData: {} }) });
    return id;
  }
  removeSheet(id: string): void { this.#mutate('sheet.mutation.remove-sheet', { subUnitId: id, subUnitName: this.#sheet(id).getName() }); }
  renameSheet(id: string, name: string): void { this.#mutate('sheet.mutation.set-worksheet-name', { subUnitId: id, name }); }
  hideSheet(id: string, hidden: boolean): void { this.#mutate('sheet.mutation.set-worksheet-hidden', { subUnitId: id, hidden: hidden ? 1 : 0 }); }
  activeSheet(): string { return this.#workbook.getActiveSheet()?.getSheetId() ?? ''; }
  activate(id: string): void { this.#run('sheet.operation.set-worksheet-active', { subUnitId: id }); }

  #cell(sheetId: string, row: number, column: number): ICellData | null { return (this.#sheet(sheetId).getCellMatrix().getValue(row, column) as ICellData | null | undefined) ?? null; }
  value(sheetId: string, row: number, column: number): Scalar {
    const cell = this.#cell(sheetId, row, column);
    if (!cell) return null;
    const rich = cell.p?.body?.dataStream;
    if (rich !== undefined) return rich.replace(/\r\n$/, '');
    if (cell.v === undefined || cell.v === null) return null;
    return cell.t === CellValueType.BOOLEAN ? Boolean(cell.v) : cell.v;
  }
  formula(sheetId: string, row: number, column: number): string { return this.#cell(sheetId, row, column)?.f ?? ''; }
  style(sheetId: string, row: number, column: number): CellStyle {
    const s = this.#cell(sheetId, row, column)?.s;
    const style = (typeof s === 'string' ? this.#workbook.getStyles().get(s) : s) ?? {};
    return { fill: style.bg?.rgb ?? null, color: style.cl?.rgb ?? null, bold: style.bl === 1, italic: style.it === 1, format: style.n?.pattern ?? 'General', align: style.ht === HorizontalAlign.RIGHT ? 'Right' : style.ht === HorizontalAlign.CENTER ? 'Center' : 'Left', wrap: style.tb === WrapStrategy.WRAP };
  }
  used(sheetId: string): Area | undefined {
    let [top, left, bottom, right] = [Infinity, Infinity, -1, -1];
    this.#sheet(sheetId).getCellMatrix().forValue((row, column, cell) => {
      if (!cell || ((cell.v === undefined || cell.v === null || cell.v === '') && !cell.f && !cell.p)) return;
      [top, left, bottom, right] = [Math.min(top, row), Math.min(left, column), Math.max(bottom, row), Math.max(right, column)];
    });
    return bottom < 0 ? undefined : { row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 };
  }

  write(sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>): void {
    const cellValue: Cells = {};
    let bottom = 0;
    for (const [row, columns] of cells) {
      bottom = Math.max(bottom, row);
      const line: Record<number, ICellData> = (cellValue[row] = {});
      for (const [column, write] of columns) line[column] = cellData(write);
    }
    const sheet = this.#sheet(sheetId);
    if (bottom >= sheet.getRowCount()) this.#mutate('sheet.mutation.set-worksheet-row-count', { subUnitId: sheetId, rowCount: Math.min(ROWS, bottom + 200) });
    this.#mutate(SET_VALUES, { subUnitId: sheetId, cellValue });
  }
  columnWidth(sheetId: string, column: number, columns: number, pixels: number): void { this.#mutate('sheet.mutation.set-worksheet-col-width', { subUnitId: sheetId, ranges: [rangeOf({ row: 0, column, rows: 1, columns })], colWidth: pixels }); }
  hideColumns(sheetId: string, column: number, columns: number, hidden: boolean): void { this.#mutate(hidden ? 'sheet.mutation.set-col-hidden' : 'sheet.mutation.set-col-visible', { subUnitId: sheetId, ranges: [rangeOf({ row: 0, column, rows: this.#sheet(sheetId).getRowCount(), columns })] }); }
  hideRows(sheetId: string, row: number, rows: number, hidden: boolean): void { this.#mutate(hidden ? 'sheet.mutation.set-row-hidden' : 'sheet.mutation.set-row-visible', { subUnitId: sheetId, ranges: [rangeOf({ row, column: 0, rows, columns: COLUMNS })] }); }
  freeze(sheetId: string, rows: number, columns: number): void { this.#mutate('sheet.mutation.set-frozen', { subUnitId: sheetId, startRow: rows, startColumn: columns, ySplit: rows, xSplit: columns }); }
  filter(sheetId: string, area: Area | undefined): void { this.#mutate(area ? 'sheet.mutation.set-filter-range' : 'sheet.mutation.remove-filter', { subUnitId: sheetId, ...(area ? { range: rangeOf(area) } : {}) }); }
  validate(sheetId: string, area: Area, rule: { readonly list?: readonly string[]; readonly tick?: true } | undefined): void {
    if (!rule) return;
    this.#rules += 1;
    const made = rule.tick ? { type: 'checkbox' } : { type: 'list', formula1: (rule.list ?? []).join(','), showDropDown: true, errorStyle: 2, renderMode: 1 };
    this.#mutate('data-validation.mutation.addRule', { subUnitId: sheetId, rule: { uid: `r${sheetId}${this.#rules}`, ranges: [rangeOf(area)], allowBlank: true, ...made } });
  }

  selection(): Area {
    const range = this.#selectionService.getCurrentLastSelection()?.range;
    return range ? { row: range.startRow, column: range.startColumn, rows: range.endRow - range.startRow + 1, columns: range.endColumn - range.startColumn + 1 } : { row: 0, column: 0, rows: 1, columns: 1 };
  }
  select(sheetId: string, area: Area): void {
    if (this.activeSheet() !== sheetId) this.activate(sheetId);
    const range = rangeOf(area);
    this.#run('sheet.operation.set-selections', { subUnitId: sheetId, selections: [{ range, primary: { ...range, actualRow: area.row, actualColumn: area.column, isMerged: false, isMergedMainCell: false, endRow: area.row, endColumn: area.column }, style: null }] });
    void this.#commands.executeCommand('sheet.command.scroll-to-cell', { range }).catch(() => undefined);
  }
  onEdit(listen: (edit: Edit) => void): Unlisten { this.#edits.add(listen); return () => void this.#edits.delete(listen); }
  onSelection(listen: (sheetId: string, area: Area) => void): Unlisten { this.#selections.add(listen); return () => void this.#selections.delete(listen); }
  onActivated(listen: (sheetId: string) => void): Unlisten { this.#activations.add(listen); return () => void this.#activations.delete(listen); }

  registerFunction(name: string, work: (...args: readonly Scalar[][][]) => Scalar, words: { readonly description: string; readonly parameters: readonly string[] }): void {
    const matrix = (a: unknown): Scalar[][] => (Array.isArray(a) ? (Array.isArray(a[0]) ? (a as Scalar[][]) : [a as Scalar[]]) : [[a as Scalar]]);
    this.#functions.registerFunction({ name, func: (...args) => work(...args.map(matrix)) as string | number, description: { functionName: name, functionType: 15, description: words.description, abstract: words.description, functionParameter: words.parameters.map((p) => ({ name: p, detail: p, example: '', require: 0, repeat: 0 })) } as never });
  }
  recalculate(names: ReadonlySet<string>): void {
    const dirtyRanges: object[] = [];
    for (const { id } of this.sheets()) this.#sheet(id).getCellMatrix().forValue((row, column, cell) => {
      const upper = cell?.f?.toUpperCase();
      if (upper && [...names].some((n) => upper.includes(n))) dirtyRanges.push({ unitId: UNIT, sheetId: id, range: rangeOf({ row, column, rows: 1, columns: 1 }) });
    });
    if (dirtyRanges.length > 0) void this.#commands.executeCommand(SetFormulaCalculationStartMutation.id, { dirtyRanges, dirtyNameMap: {}, dirtyDefinedNameMap: {}, dirtyUnitFeatureMap: {}, dirtyUnitOtherFormulaMap: {}, clearDependencyTreeCache: {}, forceCalculation: false, options: null }, { onlyLocal: true });
  }
  calculating(): boolean { return this.#running > 0; }
  snapshot(): unknown { return this.#workbook.save(); }
}

const rangeOf = (a: Area) => ({ startRow: a.row, startColumn: a.column, endRow: a.row + a.rows - 1, endColumn: a.column + a.columns - 1, startAbsoluteRefType: AbsoluteRefType.NONE });
const color = (rgb: string | null | undefined) => (rgb ? { rgb } : null);
function styleData(s: CellStyle): IStyleData {
  const align = { Left: HorizontalAlign.LEFT, Center: HorizontalAlign.CENTER, Right: HorizontalAlign.RIGHT } as const;
  return {
    ...('fill' in s ? { bg: color(s.fill) } : {}), ...('color' in s ? { cl: color(s.color) } : {}), ...(s.bold === undefined ? {} : { bl: s.bold ? 1 : 0 }), ...(s.italic === undefined ? {} : { it: s.italic ? 1 : 0 }), ...(s.format === undefined ? {} : { n: { pattern: s.format === 'General' ? '' : s.format } }),
    ...(s.align ? { ht: align[s.align] } : {}), ...(s.wrap === undefined ? {} : { tb: s.wrap ? WrapStrategy.WRAP : WrapStrategy.CLIP }), ...(s.fontName ? { ff: s.fontName } : {}), ...(s.fontSize ? { fs: s.fontSize } : {}),
  } as IStyleData;
}
function cellData(w: CellWrite): ICellData {
  const style = w.style ? { s: styleData(w.style) } : {};
  if (w.formula !== undefined) return { f: w.formula, v: null, p: null, ...style };
  if (w.value === undefined) return style;
  if (w.value === null || w.value === '') return { v: null, f: null, p: null, t: null, ...style };
  const t = typeof w.value === 'boolean' ? CellValueType.BOOLEAN : typeof w.value === 'number' ? CellValueType.NUMBER : w.text ? CellValueType.FORCE_STRING : CellValueType.STRING;
  return { v: typeof w.value === 'boolean' ? (w.value ? 1 : 0) : w.value, f: null, p: null, t, ...style };
}
