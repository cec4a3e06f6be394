import type { Area, CellStyle, Scalar } from '../grid.ts';
import { addressOf, isUnbounded, parseAddress, sheetAddress } from './address.ts';
import { ClientObject, type QueueContext } from './context.ts';
import { invalid, notFound, OfficeError } from './errors.ts';
import { blank, MAX_TEXT, textOf } from './values.ts';

/** Where a range is, found when its operation runs: its sheet may be made in the same batch. */
export type Place = { readonly sheetId: string; readonly area: Area };
type Matrix<T> = readonly (readonly T[])[];
const MAX_READ = 5_000_000;

export class HostRange extends ClientObject {
  readonly #place: () => Place | undefined;
  readonly format: RangeFormat;
  readonly dataValidation: HostValidation;
  constructor(context: QueueContext, place: () => Place | undefined) {
    super(context);
    this.#place = place;
    this.format = new RangeFormat(this);
    this.dataValidation = new HostValidation(this);
  }
  place(): Place {
    const found = this.#place();
    if (!found) throw notFound('Range');
    return found;
  }
  protected override exists(): boolean { return this.#place() !== undefined; }
  protected names(): readonly string[] { return ['address', 'rowIndex', 'columnIndex', 'rowCount', 'columnCount', 'values', 'formulas', 'text', 'numberFormat']; }
  protected read(name: string): unknown {
    const { sheetId, area } = this.place();
    const { grid } = this.context;
    const each = <T>(look: (row: number, column: number) => T): T[][] => {
      if (isUnbounded(area)) throw new OfficeError('InvalidOperation', 'An unbounded range cannot be read here.');
      if (area.rows * area.columns > MAX_READ) throw new OfficeError('ResponsePayloadSizeLimitExceeded', 'The response payload size has exceeded the limit.');
      return Array.from({ length: area.rows }, (_, r) => Array.from({ length: area.columns }, (_c, c) => look(area.row + r, area.column + c)));
    };
    switch (name) {
      case 'address': return sheetAddress(grid.sheets().find((s) => s.id === sheetId)?.name ?? '', area);
      case 'rowIndex': return area.row;
      case 'columnIndex': return area.column;
      case 'rowCount': return area.rows;
      case 'columnCount': return area.columns;
      case 'values': return each((r, c) => blank(grid.value(sheetId, r, c)));
      case 'formulas': return each((r, c) => grid.formula(sheetId, r, c) || blank(grid.value(sheetId, r, c)));
      case 'numberFormat': return each((r, c) => grid.style(sheetId, r, c).format ?? 'General');
      case 'text': return each((r, c) => textOf(grid.value(sheetId, r, c), grid.style(sheetId, r, c).format ?? 'General'));
      default: throw invalid(name);
    }
  }
  get address(): string { return this.loaded('address'); }
  get rowIndex(): number { return this.loaded('rowIndex'); }
  get columnIndex(): number { return this.loaded('columnIndex'); }
  get rowCount(): number { return this.loaded('rowCount'); }
  get columnCount(): number { return this.loaded('columnCount'); }
  get text(): string[][] { return this.loaded('text'); }
  get values(): Scalar[][] { return this.loaded('values'); }
  set values(matrix: Matrix<Scalar>) { this.#writeAll(matrix, (p, r, c, v) => this.context.putValue(p.sheetId, r, c, v)); }
  get formulas(): Scalar[][] { return this.loaded('formulas'); }
  set formulas(matrix: Matrix<Scalar>) { this.#writeAll(matrix, (p, r, c, v) => this.context.putValue(p.sheetId, r, c, v)); }
  get numberFormat(): string[][] { return this.loaded('numberFormat'); }
  set numberFormat(matrix: Matrix<string> | string) { this.#writeAll(matrix as Matrix<Scalar>, (p, r, c, v) => { if (v !== null) this.context.put(p.sheetId, r, c, { style: { format: String(v) } }); }); }

  /** A single value stands for every cell; a matrix must have the range's size. */
  #writeAll(matrix: Matrix<Scalar> | Scalar, write: (p: Place, row: number, column: number, value: Scalar) => void): void {
    this.context.enqueue(() => {
      const p = this.place();
      const { area } = p;
      if (isUnbounded(area)) throw new OfficeError('InvalidOperation', 'An unbounded range cannot be written.');
      const list = Array.isArray(matrix) ? (matrix as Matrix<Scalar>) : undefined;
      if (list && (list.length !== area.rows || list.some((line) => line.length !== area.columns))) throw invalid(`values: ${list.length} rows for ${addressOf(area)}`);
      for (let r = 0; r < area.rows; r += 1) for (let c = 0; c < area.columns; c += 1) {
        const v = list ? list[r]![c]! : (matrix as Scalar);
        if (typeof v === 'string' && v.length > MAX_TEXT) throw invalid('a cell holds at most 32,767 characters');
        write(p, area.row + r, area.column + c, v);
      }
    });
  }
  style(style: CellStyle): void {
    this.context.enqueue(() => {
      const { sheetId, area } = this.place();
      for (let r = 0; r < area.rows; r += 1) for (let c = 0; c < area.columns; c += 1) this.context.put(sheetId, area.row + r, area.column + c, { style });
    });
  }
  structure(work: (p: Place) => void): void { this.context.enqueue(() => { this.context.flush(); work(this.place()); }); }

  getCell(row: number, column: number): HostRange { return this.#near((a) => ({ row: a.row + row, column: a.column + column, rows: 1, columns: 1 })); }
  getResizedRange(rows: number, columns: number): HostRange { return this.#near((a) => ({ ...a, rows: a.rows + rows, columns: a.columns + columns })); }
  getOffsetRange(rows: number, columns: number): HostRange { return this.#near((a) => ({ ...a, row: a.row + rows, column: a.column + columns })); }
  getEntireColumn(): HostRange { return this.#near((a) => parseAddress(addressOf({ row: 0, column: a.column, rows: 1_048_576, columns: a.columns }))); }
  getEntireRow(): HostRange { return this.#near((a) => ({ row: a.row, column: 0, rows: a.rows, columns: 16_384 })); }
  #near(move: (a: Area) => Area): HostRange {
    return new HostRange(this.context, () => {
      const p = this.place();
      const area = move(p.area);
      if (area.row < 0 || area.column < 0 || area.rows < 1 || area.columns < 1) throw invalid('Range');
      return { sheetId: p.sheetId, area };
    });
  }
  select(): void { this.structure((p) => this.context.grid.select(p.sheetId, p.area)); }
  clear(applyTo: 'All' | 'Contents' | 'Formats' = 'All'): void {
    this.context.enqueue(() => {
      const { sheetId, area } = this.place();
      const used = this.context.grid.used(sheetId);
      const rows = isUnbounded(area) ? Math.min(area.rows, (used?.row ?? 0) + (used?.rows ?? 0)) : area.rows;
      const columns = isUnbounded(area) ? Math.min(area.columns, (used?.column ?? 0) + (used?.columns ?? 0)) : area.columns;
      for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) this.context.put(sheetId, area.row + r, area.column + c, { ...(applyTo === 'Formats' ? {} : { value: null }), ...(applyTo === 'Contents' ? {} : { style: { fill: null, color: null, bold: false, format: 'General' } }) });
    });
  }
  set columnHidden(hidden: boolean) { this.structure((p) => this.context.grid.hideColumns(p.sheetId, p.area.column, p.area.columns, hidden)); }
  set rowHidden(hidden: boolean) { this.structure((p) => this.context.grid.hideRows(p.sheetId, p.area.row, p.area.rows, hidden)); }
}

export class RangeFormat {
  readonly #range: HostRange;
  readonly fill: { color: string; clear(): void };
  readonly font: { color: string; bold: boolean; italic: boolean; name: string; size: number };
  constructor(range: HostRange) {
    this.#range = range;
    this.fill = Object.defineProperty({ clear: () => range.style({ fill: null }) } as { color: string; clear(): void }, 'color', { set: (color: string) => range.style({ fill: color }) });
    const font = {} as { color: string; bold: boolean; italic: boolean; name: string; size: number };
    const set = <K extends keyof typeof font>(name: K, make: (value: (typeof font)[K]) => CellStyle): void => void Object.defineProperty(font, name, { set: (value: (typeof font)[K]) => range.style(make(value)) });
    set('color', (color) => ({ color }));
    set('bold', (bold) => ({ bold }));
    set('italic', (italic) => ({ italic }));
    set('name', (fontName) => ({ fontName }));
    set('size', (fontSize) => ({ fontSize }));
    this.font = font;
  }
  set horizontalAlignment(align: 'Left' | 'Center' | 'Right' | 'General') { this.#range.style({ align: align === 'General' ? 'Left' : align }); }
  set wrapText(wrap: boolean) { this.#range.style({ wrap }); }
  /** Points; the grid counts pixels of 1/96 inch. */
  set columnWidth(points: number) { this.#range.structure((p) => this.#range.context.grid.columnWidth(p.sheetId, p.area.column, p.area.columns, Math.round((points * 96) / 72))); }
}

type Rule = { readonly list?: { readonly source: string; readonly inCellDropDown?: boolean } };
export class HostValidation {
  readonly #range: HostRange;
  constructor(range: HostRange) { this.#range = range; }
  set rule(rule: Rule) {
    const list = rule.list?.source.split(',');
    this.#range.structure((p) => this.#range.context.grid.validate(p.sheetId, p.area, list ? { list } : undefined));
  }
  set errorAlert(_alert: unknown) { /* the grid's own words are shown */ }
  set ignoreBlanks(_ignore: boolean) { /* blanks are always allowed */ }
  clear(): void { this.#range.structure((p) => this.#range.context.grid.validate(p.sheetId, p.area, undefined)); }
}
