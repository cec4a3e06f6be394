/**
 * Large blocks into the grid. Univer's own change of cells costs as much as the sheet is large (it looks for formulas in all
 * of it) and some microseconds for each cell; what is new, plain and unseen goes into the matrix directly, and one small
 * change tells those who draw. Measured for 10,000 rows x 23: 4.7 s of work before, see `npm run bench -- desk`.
 */
import { CellValueType, type ICellData, type IStyleData } from '@univerjs/core';
import { FormulaDataModel, SetFormulaCalculationStartMutation } from '@univerjs/engine-formula';
import type { Area, CellStyle, CellWrite, Scalar } from './grid.ts';
import { around, intersect } from './host/address.ts';
import { rangeOf, UNIT } from './univer-base.ts';
import { UniverFeatures } from './univer-features.ts';
import { styleData } from './univer-style.ts';

export const SET_VALUES = 'sheet.mutation.set-range-values';
export type Cells = Record<number, Record<number, ICellData | null>>;
const DRAW_MS = 250;
type Update = FormulaDataModel['updateFormulaData'];
const filled = (cell: ICellData | null | undefined): boolean => Boolean(cell && ((cell.v !== undefined && cell.v !== null && cell.v !== '') || cell.f || cell.si || cell.p));

export abstract class UniverBlocks extends UniverFeatures {
  readonly #used = new Map<string, Area | undefined>();
  /** Sheets that have, or had, a formula. */
  readonly #withFormulas = new Set<string>();
  readonly #dirty = new Map<string, Area[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How many changes there were. */
  changes = 0;
  /** Univer calculates. */
  protected running = false;
  protected hasFormulas(sheetId: string): boolean { return this.#withFormulas.has(sheetId); }
  /** Some cell of the workbook has, or had, a formula. */
  protected formulas = false;
  #due: ReturnType<typeof setTimeout> | undefined;
  /** Univer starts to calculate 100 ms after the last change: until then it is already due. */
  protected get due(): boolean { return this.#due !== undefined; }
  /** Held by a timer and not by the clock: when the thread was busy for longer, Univer's timer still runs before this one. */
  protected expect(): void {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => { this.#due = undefined; }, 130);
  }
  protected begun(): void { clearTimeout(this.#due); this.#due = undefined; }
  /** Writes through Univer's change of cells. */
  abstract write(sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>): void;
  abstract spills(sheetId: string): readonly Area[];
  protected abstract room(sheetId: string, row: number, column: number): void;

  /** Cells without formulas over cells without formulas: there is nothing to look for in the rest of the workbook. */
  protected spareFormulaSearch(): void {
    const model = this.injector.get(FormulaDataModel);
    for (const sheet of this.workbook.getSheets()) this.seekFormulas(sheet.getSheetId());
    // Before each calculation: only sheets that have a formula are gone through.
    model.getFormulaData = () => ({ [UNIT]: Object.fromEntries(this.workbook.getSheets().map((s) => [s.getSheetId(), this.#withFormulas.has(s.getSheetId()) ? model.getSheetFormulaData(UNIT, s.getSheetId()) : {}])) }) as ReturnType<FormulaDataModel['getFormulaData']>;
    const own: Update = model.updateFormulaData.bind(model);
    model.updateFormulaData = ((unitId, sheetId, cellValue) => {
      const matrix = this.sheet(sheetId)?.getCellMatrix();
      for (const [row, line] of Object.entries(cellValue)) for (const [column, cell] of Object.entries(line as Readonly<Record<string, ICellData | null>>)) {
        const old = matrix?.getValue(Number(row), Number(column)) as ICellData | null | undefined;
        if (cell?.f || cell?.si || old?.f || old?.si) return own(unitId, sheetId, cellValue);
      }
      return {};
    }) as Update;
  }

  /** A sheet that came as a whole, or whose cells were moved: does it have formulas? */
  protected seekFormulas(sheetId: string): void {
    this.sheet(sheetId)?.getCellMatrix().forValue((_r, _c, cell) => { if (cell?.f || cell?.si) this.#withFormulas.add(sheetId); return !this.#withFormulas.has(sheetId); });
    if (this.#withFormulas.has(sheetId)) this.formulas = true;
  }
  protected watchFormulas(sheetId: string, cells: Cells): void {
    if (this.#withFormulas.has(sheetId)) return;
    for (const line of Object.values(cells)) for (const cell of Object.values(line ?? {})) if (cell?.f || cell?.si) { this.#withFormulas.add(sheetId); this.formulas = true; return; }
  }

  /** What holds every cell with something in it: known until something is taken away at its edge, or moves. */
  used(sheetId: string, styled = false): Area | undefined {
    if (styled) return this.#search(sheetId, true);
    if (!this.#used.has(sheetId)) this.#used.set(sheetId, this.#search(sheetId, false));
    const spills = this.spills(sheetId);
    const own = this.#used.get(sheetId);
    return spills.length > 0 ? around([...(own ? [own] : []), ...spills]) : own;
  }
  #search(sheetId: string, styled: boolean): Area | undefined {
    let [top, left, bottom, right] = [Infinity, Infinity, -1, -1];
    this.sheet(sheetId).getCellMatrix().forValue((row, column, cell) => {
      if (!cell || (!filled(cell) && !(styled && cell.s && visible(typeof cell.s === 'string' ? this.workbook.getStyles().get(cell.s) : cell.s)))) return;
      if (row < top) top = row;
      if (row > bottom) bottom = row;
      if (column < left) left = column;
      if (column > right) right = column;
    });
    if (styled) for (const a of this.spills(sheetId)) [top, left, bottom, right] = [Math.min(top, a.row), Math.min(left, a.column), Math.max(bottom, a.row + a.rows - 1), Math.max(right, a.column + a.columns - 1)];
    return bottom < 0 ? undefined : { row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 };
  }
  protected forgetUsed(sheetId?: string): void { if (sheetId) this.#used.delete(sheetId); else this.#used.clear(); }
  /** Before cells change: the area grows with what is filled, and is looked for anew when its edge is emptied. */
  protected watchUsed(sheetId: string, cells: Cells): void {
    const known = this.#used.get(sheetId);
    if (!this.#used.has(sheetId)) return;
    let [top, left, bottom, right] = known ? [known.row, known.column, known.row + known.rows - 1, known.column + known.columns - 1] : [Infinity, Infinity, -1, -1];
    for (const [r, line] of Object.entries(cells)) for (const [c, cell] of Object.entries(line)) {
      const [row, column] = [Number(r), Number(c)];
      if (filled(cell)) [top, left, bottom, right] = [Math.min(top, row), Math.min(left, column), Math.max(bottom, row), Math.max(right, column)];
      else if ((!cell || 'v' in cell || 'f' in cell || 'p' in cell) && known && (row === known.row || column === known.column || row === known.row + known.rows - 1 || column === known.column + known.columns - 1)) return this.forgetUsed(sheetId);
    }
    if (bottom >= 0) this.#used.set(sheetId, { row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 });
  }

  /** Values into cells; `read` says what a value is in a cell of a format. Cells that hold something, and formulas, go the long way. */
  writeBlock(sheetId: string, row: number, column: number, lines: readonly (readonly Scalar[])[], read: (value: Scalar, format: string) => CellWrite | undefined): void {
    const matrix = this.sheet(sheetId).getCellMatrix();
    const width = lines[0]?.length ?? 0;
    this.room(sheetId, row + lines.length - 1, column + width - 1);
    const area = { row, column, rows: lines.length, columns: width };
    const watched = this.conditionals(sheetId).some((r) => r.areas.some((a) => intersect(a, area))) || this.spills(sheetId).some((a) => intersect(a, area));
    const formats = new Map<unknown, string>();
    const other = new Map<number, Map<number, CellWrite>>();
    let [last, direct] = [-1, false];
    lines.forEach((line, r) => line.forEach((value, c) => {
      const old = matrix.getValue(row + r, column + c) as ICellData | null | undefined;
      const style = old?.s;
      let format = formats.get(style);
      if (format === undefined) formats.set(style, (format = ((typeof style === 'string' ? this.workbook.getStyles().get(style) : style) as IStyleData | undefined)?.n?.pattern || 'General'));
      const write = read(value, format);
      if (!write) return;
      if (watched || write.formula !== undefined || write.style || filled(old)) {
        if (last !== r) { other.set(row + r, new Map()); last = r; }
        other.get(row + r)!.set(column + c, write);
        return;
      }
      if (write.value === null || write.value === undefined || write.value === '') return;
      const t = typeof write.value === 'boolean' ? CellValueType.BOOLEAN : typeof write.value === 'number' ? CellValueType.NUMBER : write.text ? CellValueType.FORCE_STRING : CellValueType.STRING;
      matrix.setValue(row + r, column + c, { ...(style ? { s: style } : {}), v: typeof write.value === 'boolean' ? (write.value ? 1 : 0) : write.value, t });
      direct = true;
    }));
    if (direct) this.#told(sheetId, area);
    if (other.size > 0) this.write(sheetId, other);
  }
  /** One look over cells: a style is worked out once for each that was there. */
  styleBlock(sheetId: string, area: Area, style: CellStyle): void {
    const matrix = this.sheet(sheetId).getCellMatrix();
    this.room(sheetId, area.row + area.rows - 1, area.column + area.columns - 1);
    const styles = this.workbook.getStyles();
    const given = styleData(style) as Record<string, unknown>;
    const made = new Map<unknown, string | undefined>();
    for (let r = area.row; r < area.row + area.rows; r += 1) for (let c = area.column; c < area.column + area.columns; c += 1) {
      const old = matrix.getValue(r, c) as ICellData | null | undefined;
      const key = old?.s ?? undefined;
      if (!made.has(key)) {
        const merged = Object.fromEntries(Object.entries({ ...(typeof key === 'string' ? styles.get(key) : key), ...given }).filter(([, v]) => v !== null && v !== undefined)) as IStyleData;
        made.set(key, Object.keys(merged).length > 0 ? (styles.setValue(merged) ?? undefined) : undefined);
      }
      const s = made.get(key);
      if (old) { if (s) old.s = s; else delete old.s; } else if (s) matrix.setValue(r, c, { s });
    }
    this.#draw(sheetId, area);
  }
  #told(sheetId: string, area: Area): void {
    const known = this.#used.get(sheetId);
    if (this.#used.has(sheetId)) {
      // Blank lines of the block do not count; the block is ours, and its edge is hardly ever blank.
      this.#used.delete(sheetId);
      this.#used.set(sheetId, this.#edges(sheetId, known, area));
    }
    this.#draw(sheetId, area);
    if (!this.formulas) return;
    this.#dirty.set(sheetId, [...(this.#dirty.get(sheetId) ?? []), area]);
    this.expect();
    this.#timer ??= setTimeout(() => this.#calculate(), 100);
  }
  #edges(sheetId: string, known: Area | undefined, area: Area): Area | undefined {
    const matrix = this.sheet(sheetId).getCellMatrix();
    let [top, left, bottom, right] = known ? [known.row, known.column, known.row + known.rows - 1, known.column + known.columns - 1] : [Infinity, Infinity, -1, -1];
    for (let r = area.row; r < area.row + area.rows; r += 1) for (let c = area.column; c < area.column + area.columns; c += 1) {
      if ((r >= top && r <= bottom && c >= left && c <= right) || !filled(matrix.getValue(r, c) as ICellData | null)) continue;
      [top, left, bottom, right] = [Math.min(top, r), Math.min(left, c), Math.max(bottom, r), Math.max(right, c)];
    }
    return bottom < 0 ? undefined : { row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 };
  }
  readonly #undrawn = new Map<string, Area>();
  #drawTimer: ReturnType<typeof setTimeout> | undefined;
  /** Something was written that is not drawn yet. */
  drawing(): boolean { return this.#undrawn.size > 0; }
  /** Each look makes all that is seen be drawn anew: what is written piece by piece is drawn a few times a second. */
  #draw(sheetId: string, area: Area): void {
    this.changes += 1;
    this.#undrawn.set(sheetId, area);
    this.#drawTimer ??= setTimeout(() => {
      this.#drawTimer = undefined;
      const waiting = [...this.#undrawn];
      this.#undrawn.clear();
      if (!this.stopped) for (const [id, at] of waiting) if (this.workbook.getSheetBySheetId(id)) this.#drawNow(id, at);
    }, DRAW_MS);
  }
  /** A change of one cell into itself: whoever draws or counts looks again. */
  #drawNow(sheetId: string, area: Area): void {
    const cell = this.sheet(sheetId).getCellMatrix().getValue(area.row, area.column) as ICellData | null | undefined;
    this.mutate(SET_VALUES, { subUnitId: sheetId, cellValue: { [area.row]: { [area.column]: filled(cell) && !cell?.f && !cell?.si && !cell?.p ? { v: cell!.v, t: cell!.t } : {} } } });
  }
  #calculate(): void {
    // After the one under way: two at once spoil each other.
    this.#timer = this.running && !this.stopped ? setTimeout(() => this.#calculate(), 20) : undefined;
    if (this.#timer !== undefined) return;
    const dirtyRanges = [...this.#dirty].flatMap(([sheetId, areas]) => areas.map((a) => ({ unitId: UNIT, sheetId, range: rangeOf(a) })));
    this.#dirty.clear();
    if (this.stopped || dirtyRanges.length === 0) return;
    void this.commands.executeCommand(SetFormulaCalculationStartMutation.id, { dirtyRanges, dirtyNameMap: {}, dirtyDefinedNameMap: {}, dirtyUnitFeatureMap: {}, dirtyUnitOtherFormulaMap: {}, clearDependencyTreeCache: {}, forceCalculation: false, options: null }, { onlyLocal: true });
  }
  protected stopped = false;
}
export const visible = (s: IStyleData | null | undefined | void): boolean => Boolean(s && (s.bg?.rgb || s.bd || s.n?.pattern || s.bl || s.it || s.cl?.rgb));
