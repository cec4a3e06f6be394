/** The grid of the workbench: sheets, cells, layout and events of Univer. Runs in a page, and without one. */
import { CellValueType, CommandType, Direction, IResourceLoaderService, IResourceManagerService, mergeWorksheetSnapshotWithDefault, type ICellData, type ICommandInfo, type IStyleData, UniverInstanceType, type Univer } from '@univerjs/core';
import { FormulaDataModel, SetFormulaCalculationStartMutation } from '@univerjs/engine-formula';
import { SheetsSelectionsService } from '@univerjs/sheets';
import { IRegisterFunctionService } from '@univerjs/sheets-formula';
import type { Area, CellStyle, CellWrite, Conditional, Edit, EditedCell, Grid, Insert, Moved, Remove, Scalar, SheetInfo, Unlisten } from './grid.ts';
import { sheetAddress, shiftFormula as shifted } from './host/address.ts';
import { areaOf, rangeOf, UNIT } from './univer-base.ts';
import { SET_VALUES, UniverBlocks, type Cells } from './univer-blocks.ts';
import { cellData, readStyle } from './univer-style.ts';

/** FormulaExecutedStateType.STOP_EXECUTION */
const STOPPED = 1;
const MAX_GRID_ROWS = 120_000;
/** A piece of a workbook that is saved: some milliseconds. */
const ROWS_A_PIECE = 200;
export const COLUMNS = 60;
/** After these Univer may have something to work out. */
const DIRTIES = /^(sheet\.mutation\.(set-range-values|insert|remove|move|reorder|add-table|set-sheet-table|delete-table|set-worksheet-name)|formula\.mutation\.(set|remove)-(defined-name|super-table))/;
/** Every formula's text holds it. */
const EVERY: ReadonlySet<string> = new Set(['']);
type ValuesParams = { readonly subUnitId: string; readonly cellValue?: Cells };
type SheetParams = { readonly subUnitId: string; readonly range?: { startRow: number; endRow: number; startColumn: number; endColumn: number }; readonly name?: string; readonly sheet?: { id: string; name: string } };
type Typing = { readonly editing: () => boolean };
class Listeners<A extends readonly unknown[]> {
  readonly #all = new Set<(...args: A) => void>();
  add(listen: (...args: A) => void): Unlisten { this.#all.add(listen); return () => void this.#all.delete(listen); }
  tell(...args: A): void { for (const listen of this.#all) listen(...args); }
}

export class UniverGrid extends UniverBlocks implements Grid {
  readonly #selections: SheetsSelectionsService;
  readonly #functions: IRegisterFunctionService;
  readonly #typing: Typing;
  readonly #on = { edit: new Listeners<[Edit]>(), moved: new Listeners<[Moved]>(), sorted: new Listeners<[string, Area]>(), sheets: new Listeners<['added' | 'deleted' | 'renamed', string, string, string]>(), selection: new Listeners<[string, Area]>(), activated: new Listeners<[string]>(), calculated: new Listeners<[]>() };
  /** What is worked out anew at this moment because it was asked for, and what is to be after it. */
  #asked: ReadonlySet<string> = new Set();
  readonly #again = new Set<string>();
  #shadow = new Map<unknown, EditedCell[]>();
  #names = new Map<string, string>();
  #firsts = new Map<string, ReadonlyMap<string, { readonly row: number; readonly column: number; readonly f: string }>>();

  constructor(univer: Univer, options: { readonly typing?: Typing; readonly conditionals?: readonly Conditional[] } = {}) {
    super(univer);
    this.#selections = this.injector.get(SheetsSelectionsService);
    this.#functions = this.injector.get(IRegisterFunctionService);
    this.#typing = options.typing ?? { editing: () => false };
    for (const c of options.conditionals ?? []) this.conditionalSpecs.set(c.id, c);
    this.spareFormulaSearch();
    this.commands.beforeCommandExecuted((info) => this.#before(info));
    this.commands.onCommandExecuted((info, how) => this.#after(info, how));
  }

  /** Old values are read before a change applies: Univer's own event has only the new ones. */
  #before(info: ICommandInfo): void {
    // Before and not after: a short calculation is over when its start has been carried out.
    if (info.id === 'formula.mutation.set-formula-calculation-start') { this.running = true; this.begun(); }
    if (info.id === 'sheet.mutation.set-worksheet-name') { const id = (info.params as SheetParams).subUnitId; this.#names.set(id, this.sheet(id)?.getName() ?? ''); }
    if (info.id !== SET_VALUES) return;
    const params = info.params as ValuesParams;
    this.watchUsed(params.subUnitId, params.cellValue ?? {});
    this.watchFormulas(params.subUnitId, params.cellValue ?? {});
    if (this.writing > 0) return;
    const cells: EditedCell[] = [];
    for (const [row, columns] of Object.entries(params.cellValue ?? {})) for (const [column, cell] of Object.entries(columns ?? {})) {
      // A change of style only is no edit.
      if (cell && !('v' in cell) && !('f' in cell) && !('p' in cell) && !('t' in cell)) continue;
      cells.push({ row: Number(row), column: Number(column), before: this.value(params.subUnitId, Number(row), Number(column)), after: null });
    }
    if (cells.length > 0) this.#shadow.set(params, cells);
  }
  #after(info: ICommandInfo, how: { readonly fromCollab?: boolean; readonly onlyLocal?: boolean } | undefined): void {
    const params = (info.params ?? {}) as SheetParams;
    const id = params.subUnitId;
    if (info.type === CommandType.MUTATION) this.changes += 1;
    const ours = this.writing > 0;
    this.#firsts.clear();
    if (info.id === 'sheet.mutation.move-range') for (const { id: sheetId } of this.sheets()) this.seekFormulas(sheetId);
    // Cells that move take the used area with them.
    if (/^sheet\.mutation\.(insert|remove|move|reorder|delete)-/.test(info.id)) this.forgetUsed(id);
    if (this.formulas && !how?.onlyLocal && DIRTIES.test(info.id)) this.expect();
    const moved = (kind: Moved['kind'], rows: boolean): void => { const r = params.range; if (r) this.#on.moved.tell({ sheetId: id, kind, at: rows ? r.startRow : r.startColumn, count: rows ? r.endRow - r.startRow + 1 : r.endColumn - r.startColumn + 1, ours }); };
    switch (info.id) {
      case SET_VALUES: {
        const cells = this.#shadow.get(info.params);
        this.#shadow.delete(info.params);
        if (!cells || how?.fromCollab) return;
        const changed = cells.map((c) => ({ ...c, after: this.value(id, c.row, c.column) })).filter((c) => c.after !== c.before);
        if (changed.length > 0) this.#on.edit.tell({ sheetId: id, cells: changed, ours: false });
        return;
      }
      case 'sheet.mutation.insert-row': return moved('RowInserted', true);
      case 'sheet.mutation.remove-rows': return moved('RowDeleted', true);
      case 'sheet.mutation.insert-col': return moved('ColumnInserted', false);
      case 'sheet.mutation.remove-col': return moved('ColumnDeleted', false);
      case 'sheet.mutation.reorder-range': if (params.range) this.#on.sorted.tell(id, areaOf(params.range)); return;
      case 'sheet.mutation.insert-sheet': this.seekFormulas(params.sheet?.id ?? ''); return this.#on.sheets.tell('added', params.sheet?.id ?? '', '', params.sheet?.name ?? '');
      case 'sheet.mutation.remove-sheet': return this.#on.sheets.tell('deleted', id, '', '');
      case 'sheet.mutation.set-worksheet-name': return this.#on.sheets.tell('renamed', id, this.#names.get(id) ?? '', params.name ?? '');
      case 'sheet.operation.set-selections': return this.#on.selection.tell(id, this.selection());
      case 'sheet.operation.set-worksheet-active': if (!ours) this.#on.activated.tell(id); return;
      case 'formula.mutation.set-formula-calculation-result': this.#ended(); return this.#on.calculated.tell();
      // Stopped, mostly to start anew with more.
      case 'formula.mutation.set-formula-calculation-stop': this.#broken(); this.expect(); return;
      case 'formula.mutation.set-formula-calculation-notification': {
        const state = (info.params as { functionsExecutedState?: number }).functionsExecutedState;
        if (state === STOPPED) { this.#broken(); this.expect(); } else if (state !== undefined) this.#ended();
        return;
      }
      default:
    }
  }

  sheets(): readonly SheetInfo[] { return this.workbook.getSheets().map((s) => { const c = s.getConfig(); return { id: s.getSheetId(), name: s.getName(), hidden: c.hidden === 1, tabColor: c.tabColor ?? '', gridlines: c.showGridlines !== 0 }; }); }
  addSheet(name: string): string {
    const id = `s${crypto.randomUUID().slice(0, 8)}`;
    this.#insertSheet(mergeWorksheetSnapshotWithDefault({ id, name, rowCount: 200, columnCount: COLUMNS, cellData: {} }));
    return id;
  }
  /** Univer shows a new sheet at once; Excel stays where it was. */
  #insertSheet(sheet: object): void {
    const active = this.activeSheet();
    this.mutate('sheet.mutation.insert-sheet', { index: this.workbook.getSheets().length, sheet });
    if (this.activeSheet() !== active) this.mutate('sheet.operation.set-worksheet-active', { subUnitId: active });
  }
  copySheet(from: string, name: string): string {
    const id = `s${crypto.randomUUID().slice(0, 8)}`;
    this.#insertSheet({ ...(JSON.parse(JSON.stringify(this.sheet(from).getConfig())) as object), id, name });
    return id;
  }
  removeSheet(id: string): void {
    if (this.activeSheet() === id) { const other = this.sheets().find((s) => s.id !== id && !s.hidden); if (other) this.activate(other.id); }
    this.mutate('sheet.mutation.remove-sheet', { subUnitId: id, subUnitName: this.sheet(id).getName() });
  }
  renameSheet(id: string, name: string): void { this.mutate('sheet.mutation.set-worksheet-name', { subUnitId: id, name }); }
  hideSheet(id: string, hidden: boolean): void {
    if (hidden && this.activeSheet() === id) { const other = this.sheets().find((s) => s.id !== id && !s.hidden); if (other) this.activate(other.id); }
    this.mutate('sheet.mutation.set-worksheet-hidden', { subUnitId: id, hidden: hidden ? 1 : 0 });
  }
  moveSheet(id: string, position: number): void { this.mutate('sheet.mutation.set-worksheet-order', { subUnitId: id, fromOrder: this.sheets().findIndex((s) => s.id === id), toOrder: position }); }
  tabColor(id: string, color: string): void { this.mutate('sheet.mutation.set-tab-color', { subUnitId: id, color }); }
  gridlines(id: string, shown: boolean): void { this.mutate('sheet.mutation.toggle-gridlines', { subUnitId: id, showGridlines: shown ? 1 : 0 }); }
  activeSheet(): string { return this.workbook.getActiveSheet()?.getSheetId() ?? ''; }
  activate(id: string): void { this.run('sheet.operation.set-worksheet-active', { subUnitId: id }); }

  #cell(sheetId: string, row: number, column: number): ICellData | null { return (this.sheet(sheetId).getCellMatrix().getValue(row, column) as ICellData | null | undefined) ?? null; }
  #style(sheetId: string, row: number, column: number): IStyleData | undefined { const s = this.#cell(sheetId, row, column)?.s; return (typeof s === 'string' ? this.workbook.getStyles().get(s) : s) ?? undefined; }
  value(sheetId: string, row: number, column: number): Scalar {
    const own = this.#cell(sheetId, row, column);
    // What a formula spills stands beside the matrix.
    const cell = own && own.v !== undefined && own.v !== null && own.v !== '' ? own : (this.#spilt(sheetId)?.[row]?.[column] ?? own);
    if (!cell) return null;
    const rich = cell.p?.body?.dataStream;
    if (rich !== undefined) return rich.replace(/\r\n$/, '');
    if (cell.v === undefined || cell.v === null || cell.v === '') return null;
    return cell.t === CellValueType.BOOLEAN ? Boolean(cell.v) : cell.v;
  }
  #spilt(sheetId: string): Readonly<Record<number, Readonly<Record<number, ICellData>>>> | undefined { return this.injector.get(FormulaDataModel).getArrayFormulaCellData()?.[UNIT]?.[sheetId] as never; }
  spills(sheetId: string): readonly Area[] {
    const all = this.injector.get(FormulaDataModel).getArrayFormulaRange()?.[UNIT]?.[sheetId] as Readonly<Record<number, Readonly<Record<number, Parameters<typeof areaOf>[0]>>>> | undefined;
    return Object.values(all ?? {}).flatMap((line) => Object.values(line).map(areaOf)).filter((a) => a.rows * a.columns > 1);
  }
  formula(sheetId: string, row: number, column: number): string {
    const cell = this.#cell(sheetId, row, column);
    return cell?.f ?? (cell?.si ? this.#shared(sheetId, cell.si, row, column) : '');
  }
  /** Cells that were filled share one formula, kept at the first of them. */
  #shared(sheetId: string, si: string, row: number, column: number): string {
    let first = this.#firsts.get(sheetId);
    if (!first) {
      const made = new Map<string, { row: number; column: number; f: string }>();
      this.sheet(sheetId).getCellMatrix().forValue((r, c, cell) => { if (cell?.si && cell.f) made.set(cell.si, { row: r, column: c, f: cell.f }); });
      this.#firsts.set(sheetId, (first = made));
    }
    const at = first.get(si);
    return at ? shifted(at.f, row - at.row, column - at.column) : '';
  }
  format(sheetId: string, row: number, column: number): string { return this.#style(sheetId, row, column)?.n?.pattern || 'General'; }
  style(sheetId: string, row: number, column: number): CellStyle { return readStyle(this.#style(sheetId, row, column) ?? {}); }
  write(sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>): void {
    const cellValue: Cells = {};
    let [bottom, right] = [0, 0];
    for (const [row, columns] of cells) {
      bottom = Math.max(bottom, row);
      const line: Record<number, ICellData> = (cellValue[row] = {});
      for (const [column, write] of columns) { right = Math.max(right, column); line[column] = this.#keptFormula(sheetId, row, column, cellData(write)); }
    }
    this.room(sheetId, bottom, right);
    this.mutate(SET_VALUES, { subUnitId: sheetId, cellValue });
  }
  /** Univer takes a change without a formula for one that ends it: a change of look says the formula again. */
  #keptFormula(sheetId: string, row: number, column: number, cell: ICellData): ICellData {
    const old = 'v' in cell || 'f' in cell ? null : this.#cell(sheetId, row, column);
    return old?.f || old?.si ? { ...cell, ...(old.f ? { f: old.f } : {}), ...(old.si ? { si: old.si } : {}) } : cell;
  }
  protected room(sheetId: string, row: number, column: number): void {
    const sheet = this.sheet(sheetId);
    if (row >= sheet.getRowCount()) this.mutate('sheet.mutation.set-worksheet-row-count', { subUnitId: sheetId, rowCount: Math.max(row + 1, Math.min(MAX_GRID_ROWS, row + 200)) });
    if (column >= sheet.getColumnCount()) this.mutate('sheet.mutation.set-worksheet-column-count', { subUnitId: sheetId, columnCount: column + 10 });
  }
  /** As if a person had typed: with an undo step, and reported as theirs. */
  async typed(sheetId: string, row: number, column: number, value: Scalar): Promise<void> {
    await this.commands.executeCommand('sheet.command.set-range-values', { unitId: UNIT, subUnitId: sheetId, range: rangeOf({ row, column, rows: 1, columns: 1 }), value: cellData({ value }) });
  }
  /** As if a person had pasted a block. */
  async pasted(sheetId: string, row: number, column: number, block: readonly (readonly Scalar[])[]): Promise<void> {
    await this.commands.executeCommand('sheet.command.set-range-values', { unitId: UNIT, subUnitId: sheetId, range: rangeOf({ row, column, rows: block.length, columns: block[0]?.length ?? 1 }), value: block.map((line) => line.map((value) => cellData({ value }))) });
  }
  insert(sheetId: string, area: Area, shift: Insert): Promise<void> {
    this.room(sheetId, area.row, area.column);
    if (area.columns >= 16_384) return this.#structure('sheet.command.insert-row-by-range', { subUnitId: sheetId, range: { ...rangeOf(area), startColumn: 0, endColumn: this.sheet(sheetId).getColumnCount() - 1 }, direction: Direction.UP });
    if (area.rows >= 1_048_576) return this.#structure('sheet.command.insert-col-by-range', { subUnitId: sheetId, range: { ...rangeOf(area), startRow: 0, endRow: this.sheet(sheetId).getRowCount() - 1 }, direction: Direction.LEFT });
    return this.#onSheet(sheetId, shift === 'Down' ? 'sheet.command.insert-range-move-down' : 'sheet.command.insert-range-move-right', area);
  }
  remove(sheetId: string, area: Area, shift: Remove): Promise<void> {
    if (area.columns >= 16_384) return this.#structure('sheet.command.remove-row-by-range', { subUnitId: sheetId, range: { ...rangeOf(area), endRow: Math.min(area.row + area.rows, this.sheet(sheetId).getRowCount()) - 1, startColumn: 0, endColumn: this.sheet(sheetId).getColumnCount() - 1 } });
    if (area.rows >= 1_048_576) return this.#structure('sheet.command.remove-col-by-range', { subUnitId: sheetId, range: { ...rangeOf(area), startRow: 0, endRow: this.sheet(sheetId).getRowCount() - 1 } });
    return this.#onSheet(sheetId, shift === 'Up' ? 'sheet.command.delete-range-move-up' : 'sheet.command.delete-range-move-left', area);
  }
  async #structure(id: string, params: object): Promise<void> { if (!(await this.command(id, params))) throw new Error(`the grid refused ${id}`); }
  /** These commands work on the active sheet only: it is made active, without a word, and then the former again. */
  async #onSheet(sheetId: string, id: string, area: Area): Promise<void> {
    const active = this.workbook.getActiveSheet();
    const other = active?.getSheetId() !== sheetId;
    if (other) this.workbook.setActiveSheet(this.sheet(sheetId));
    try {
      await this.#structure(id, { range: rangeOf(area) });
    } finally {
      if (other && active) this.workbook.setActiveSheet(active);
    }
  }
  merges(sheetId: string): readonly Area[] { return this.sheet(sheetId).getMergeData().map(areaOf); }
  merge(sheetId: string, area: Area, on: boolean): void {
    this.mutate('sheet.mutation.remove-worksheet-merge', { subUnitId: sheetId, ranges: [rangeOf(area)] });
    if (on && area.rows * area.columns > 1) this.mutate('sheet.mutation.add-worksheet-merge', { subUnitId: sheetId, ranges: [rangeOf(area)] });
  }

  columnWidth(sheetId: string, column: number, columns: number, pixels: number): void { this.room(sheetId, 0, column + columns - 1); this.mutate('sheet.mutation.set-worksheet-col-width', { subUnitId: sheetId, ranges: [rangeOf({ row: 0, column, rows: 1, columns })], colWidth: pixels }); }
  rowHeight(sheetId: string, row: number, rows: number, pixels: number): void {
    this.mutate('sheet.mutation.set-worksheet-row-height', { subUnitId: sheetId, ranges: [rangeOf({ row, column: 0, rows, columns: 1 })], rowHeight: pixels });
    this.mutate('sheet.mutation.set-worksheet-row-is-auto-height', { subUnitId: sheetId, ranges: [rangeOf({ row, column: 0, rows, columns: 1 })], autoHeightInfo: 0 });
  }
  widthOf(sheetId: string, column: number): number { return this.columnHidden(sheetId, column) ? 0 : this.sheet(sheetId).getColumnWidth(column); }
  heightOf(sheetId: string, row: number): number { return this.rowHidden(sheetId, row) ? 0 : this.sheet(sheetId).getRowHeight(row); }
  hideColumns(sheetId: string, column: number, columns: number, hidden: boolean): void { this.mutate(hidden ? 'sheet.mutation.set-col-hidden' : 'sheet.mutation.set-col-visible', { subUnitId: sheetId, ranges: [rangeOf({ row: 0, column, rows: this.sheet(sheetId).getRowCount(), columns: Math.min(columns, this.sheet(sheetId).getColumnCount()) })] }); }
  hideRows(sheetId: string, row: number, rows: number, hidden: boolean): void { this.mutate(hidden ? 'sheet.mutation.set-row-hidden' : 'sheet.mutation.set-row-visible', { subUnitId: sheetId, ranges: [rangeOf({ row, column: 0, rows: Math.min(rows, this.sheet(sheetId).getRowCount()), columns: this.sheet(sheetId).getColumnCount() })] }); }
  rowHidden(sheetId: string, row: number): boolean { return row < this.sheet(sheetId).getRowCount() && !this.sheet(sheetId).getRowVisible(row); }
  columnHidden(sheetId: string, column: number): boolean { return column < this.sheet(sheetId).getColumnCount() && !this.sheet(sheetId).getColVisible(column); }
  freeze(sheetId: string, rows: number, columns: number): void { this.mutate('sheet.mutation.set-frozen', { subUnitId: sheetId, startRow: rows || -1, startColumn: columns || -1, ySplit: rows, xSplit: columns }); }
  frozen(sheetId: string): { readonly rows: number; readonly columns: number } { const f = this.sheet(sheetId).getFreeze(); return { rows: f.ySplit, columns: f.xSplit }; }

  selection(): Area {
    const range = this.#selections.getCurrentLastSelection()?.range;
    if (!range) return { row: 0, column: 0, rows: 1, columns: 1 };
    const whole = (from: number, to: number): [number, number] => (Number.isNaN(from) || Number.isNaN(to) ? [0, 1] : [from, to - from + 1]);
    const [[row, rows], [column, columns]] = [whole(range.startRow, range.endRow), whole(range.startColumn, range.endColumn)];
    return { row, column, rows, columns };
  }
  select(sheetId: string, area: Area): void {
    if (this.activeSheet() !== sheetId) this.activate(sheetId);
    const range = rangeOf(area);
    this.run('sheet.operation.set-selections', { subUnitId: sheetId, selections: [{ range, primary: { ...range, actualRow: area.row, actualColumn: area.column, isMerged: false, isMergedMainCell: false, endRow: area.row, endColumn: area.column }, style: null }] });
    void this.commands.executeCommand('sheet.command.scroll-to-cell', { range }).catch(() => undefined);
  }
  editing(): boolean { return this.#typing.editing(); }
  async edited(): Promise<void> { while (this.editing()) await new Promise((resolve) => { setTimeout(resolve, 30); }); }
  onEdit(listen: (edit: Edit) => void): Unlisten { return this.#on.edit.add(listen); }
  onMoved(listen: (moved: Moved) => void): Unlisten { return this.#on.moved.add(listen); }
  onSorted(listen: (sheetId: string, area: Area) => void): Unlisten { return this.#on.sorted.add(listen); }
  onSheets(listen: (kind: 'added' | 'deleted' | 'renamed', sheetId: string, before: string, after: string) => void): Unlisten { return this.#on.sheets.add(listen); }
  onSelection(listen: (sheetId: string, area: Area) => void): Unlisten { return this.#on.selection.add(listen); }
  onActivated(listen: (sheetId: string) => void): Unlisten { return this.#on.activated.add(listen); }
  onCalculated(listen: () => void): Unlisten { return this.#on.calculated.add(listen); }

  registerFunction(name: string, work: (caller: string, ...args: readonly Scalar[][][]) => Scalar | readonly (readonly Scalar[])[], words: { readonly description: string; readonly parameters: readonly string[] }): void {
    const matrix = (a: unknown): Scalar[][] => (Array.isArray(a) ? (Array.isArray(a[0]) ? (a as Scalar[][]) : [a as Scalar[]]) : [[a as Scalar]]);
    // The engine calls it as a method of the function in its cell: that knows where it stands.
    const sheetName = (id: string | undefined): string => (id && !this.stopped ? (this.sheet(id)?.getName() ?? '') : '');
    function called(this: { row?: number; column?: number; subUnitId?: string }, ...args: readonly unknown[]): unknown {
      const caller = this?.row === undefined || this.row < 0 ? '' : sheetAddress(sheetName(this.subUnitId), { row: this.row, column: this.column ?? 0, rows: 1, columns: 1 });
      return work(caller, ...args.map(matrix));
    }
    this.#functions.registerFunction({ name, func: called as never, description: { functionName: name, functionType: 15, description: words.description, abstract: words.description, functionParameter: words.parameters.map((p) => ({ name: p, detail: p, example: '', require: 0, repeat: 0 })) } as never });
  }
  /** Univer's engine has one state: a calculation that starts before another has ended spoils both. Asked meanwhile, it follows. */
  recalculate(names: ReadonlySet<string> = EVERY): void {
    if (this.running) { for (const n of names) this.#again.add(n); return; }
    const dirtyRanges: { unitId: string; sheetId: string; range: { startRow: number; endRow: number; startColumn: number; endColumn: number } }[] = [];
    const wanted = [...names];
    for (const { id } of this.sheets()) {
      if (!this.hasFormulas(id)) continue;
      // Cells below each other are one range: ten thousand ranges cost more than what they hold.
      const open = new Map<number, (typeof dirtyRanges)[number]>();
      this.sheet(id).getCellMatrix().forValue((row, column, cell) => {
        const formula = cell?.f ?? (cell?.si ? this.formula(id, row, column) : undefined);
        if (!formula) return;
        const upper = formula.toUpperCase();
        if (!wanted.some((n) => upper.includes(n))) return;
        const above = open.get(column);
        if (above && above.range.endRow === row - 1) { above.range.endRow = row; return; }
        const made = { unitId: UNIT, sheetId: id, range: rangeOf({ row, column, rows: 1, columns: 1 }) };
        open.set(column, made);
        dirtyRanges.push(made);
      });
    }
    if (dirtyRanges.length === 0) return;
    this.#asked = names;
    void this.commands.executeCommand(SetFormulaCalculationStartMutation.id, { dirtyRanges, dirtyNameMap: {}, dirtyDefinedNameMap: {}, dirtyUnitFeatureMap: {}, dirtyUnitOtherFormulaMap: {}, clearDependencyTreeCache: {}, forceCalculation: false, options: null }, { onlyLocal: true });
  }
  #ended(): void {
    this.running = false;
    this.#asked = new Set();
    if (this.#again.size > 0) setTimeout(() => this.#follow(), 0);
  }
  /** Univer stops a calculation to start anew with what has changed meanwhile, and knows nothing of what we had asked for. */
  #broken(): void {
    for (const n of this.#asked) this.#again.add(n);
    this.#ended();
  }
  #follow(): void {
    if (this.running || this.stopped || this.#again.size === 0) return;
    const names = new Set(this.#again);
    this.#again.clear();
    this.recalculate(names);
  }
  calculating(): boolean { return this.running || this.due || this.#again.size > 0; }
  /** A calculation under way ends in its own time: it finds nothing any more. */
  stop(): void { this.stopped = true; this.univer.dispose(); }
  /** With what plugins keep: filters, tables, names, rules. */
  /** The same as JSON, piece by piece: whole, fifty thousand rows are seconds in one breath. Good while `changes` stays what it was. */
  *snapshotPieces(): Generator<string> {
    const { sheets, ...book } = this.workbook.getSnapshot();
    const resources = this.injector.get(IResourceManagerService).getResources(UNIT, UniverInstanceType.UNIVER_SHEET);
    yield `${JSON.stringify({ ...book, resources, conditionals: [...this.conditionalSpecs.values()] }).slice(0, -1)},"sheets":{`;
    for (const [n, id] of Object.keys(sheets).entries()) {
      const { cellData, ...sheet } = sheets[id]!;
      yield `${n > 0 ? ',' : ''}${JSON.stringify(id)}:${JSON.stringify(sheet).slice(0, -1)},"cellData":{`;
      const rows = cellData as Readonly<Record<string, unknown>> | undefined;
      const keys = Object.keys(rows ?? {});
      for (let at = 0; at < keys.length; at += ROWS_A_PIECE) yield `${at > 0 ? ',' : ''}${keys.slice(at, at + ROWS_A_PIECE).map((row) => `"${row}":${JSON.stringify(rows![row])}`).join(',')}`;
      yield '}}';
    }
    yield '}}';
  }
  snapshot(): unknown { return { ...this.injector.get(IResourceLoaderService).saveUnit(UNIT), conditionals: [...this.conditionalSpecs.values()] }; }
}
