/** What the add-in asks of a spreadsheet, in its own words. Rows and columns count from 0. Only files of this folder name Excel. */
export type Cell = string | number | boolean;
export type Block = { readonly row: number; readonly column: number; readonly values: readonly (readonly Cell[])[] };
export type Write = { readonly row: number; readonly column: number; readonly values: readonly (readonly (Cell | null)[])[] };
/** `sheetId`: of what a host tells of; a name may be another by the time that it is looked at. */
export type Spot = { readonly sheet: string; readonly sheetId?: string; readonly row: number; readonly column: number; readonly rows: number; readonly columns: number };
export type ColumnLook = { readonly column: number; readonly title: string; readonly width: number; readonly format: string; readonly right?: boolean; readonly hidden?: boolean; readonly editable?: boolean; readonly choices?: readonly string[] };
export type Paint = { readonly row: number; readonly column: number; readonly look: 'draft' | 'bad' | 'conflict' | 'plain' | 'heading' | 'muted' };
export type Unlisten = () => Promise<void>;

export type StreamCell = { readonly set: (value: number | string | (number | string)[][] | Error) => void; readonly whenGone: (listen: () => void) => void };

export interface SpreadsheetPort {
  readonly lang: 'zh' | 'en';
  /** Makes the sheet when it is not there; true when it was made. */
  ensureSheet(name: string): Promise<boolean>;
  hasSheet(name: string): Promise<boolean>;
  /** The sheet that was marked with this role, whatever it is called now; a copy of it is no such sheet. */
  sheetOf(role: string): Promise<string | undefined>;
  roleOf(name: string): Promise<string | undefined>;
  mark(name: string, role: string): Promise<void>;
  show(name: string): Promise<void>;
  activeSheet(): Promise<string>;
  /** Everything in the sheet, or undefined when it is empty. Text of numbers, ticks and errors as the sheet has them. */
  read(sheet: string): Promise<Block | undefined>;
  /** Where something is, or undefined. */
  extent(sheet: string): Promise<Spot | undefined>;
  /** The same columns of many rows. */
  readRows(sheet: string, rows: readonly number[], column: number, columns: number): Promise<ReadonlyMap<number, readonly Cell[]>>;
  readAt(spot: Spot): Promise<readonly (readonly Cell[])[]>;
  /** Writes blocks; `null` leaves a cell. Texts stay texts: a column of format `@` never becomes a formula or a number. */
  write(sheet: string, writes: readonly Write[]): Promise<void>;
  /** Formulas where there are some, else values. */
  formulasAt(spot: Spot): Promise<readonly (readonly Cell[])[]>;
  /** Rows of columns made like a row above: its formulas, moved, and its look. */
  fillDown(sheet: string, columns: readonly number[], from: number, row: number, rows: number): Promise<void>;
  /** Whole rows go; what is below moves up. */
  removeRows(sheet: string, rows: readonly number[]): Promise<void>;
  /** Formats of columns over rows that are about to be written: set before the values, or long ids lose their digits. */
  formatRows(sheet: string, columns: readonly ColumnLook[], row: number, rows: number): Promise<void>;
  /** New rows, formats and values in one go. */
  append(sheet: string, columns: readonly ColumnLook[], row: number, rows: number, writes: readonly Write[]): Promise<void>;
  /** Lists of the columns that have some, over rows. */
  lists(sheet: string, columns: readonly ColumnLook[], row: number, rows: number): Promise<void>;
  /** The list of each of these cells; what is not in it may be typed all the same, and is told apart by the caller. */
  choices(sheet: string, cells: readonly { readonly row: number; readonly column: number; readonly values: readonly string[] }[]): Promise<void>;
  /** Notes at cells; without words the note goes. */
  notes(sheet: string, notes: readonly { readonly row: number; readonly column: number; readonly words: string | undefined }[]): Promise<void>;
  /** Header, widths, frozen panes and filter: once, when a sheet is made; afterwards they are the user's. */
  dress(sheet: string, look: { readonly headerRow: number; readonly columns: readonly ColumnLook[]; readonly frozenColumns: number; readonly rows: number }): Promise<void>;
  /** Columns that come into a sheet later: title, width, look over its rows. */
  addColumns(sheet: string, headerRow: number, columns: readonly ColumnLook[], rows: number): Promise<void>;
  /** Widths in characters of the default font. */
  widths(sheet: string, columns: readonly { readonly column: number; readonly width: number }[]): Promise<void>;
  paint(sheet: string, cells: readonly Paint[]): Promise<void>;
  select(spot: Spot): Promise<void>;
  selection(): Promise<Spot>;
  onEdit(listen: (spot: Spot) => Promise<void>): Promise<Unlisten>;
  onSelection(listen: (spot: Spot) => Promise<void>): Promise<Unlisten>;
  setting<T>(key: string): Promise<T | undefined>;
  saveSetting(key: string, value: unknown): Promise<void>;
  /** An XML part of the workbook with this namespace; undefined takes it away. */
  part(namespace: string): Promise<string | undefined>;
  keepPart(namespace: string, xml: string | undefined): Promise<void>;
  /** A picture (PNG, base64) at the selected cell of the sheet that is seen. */
  picture(base64: string, words: string, name?: string): Promise<void>;
  /** Another picture in the place of one that was put under this name; false when it is there no more. */
  changePicture(name: string, base64: string, words: string): Promise<boolean>;
  showPane(): Promise<void>;
  /** Buttons of the ribbon that can be pressed, by the commands that they run. */
  enable(commands: Readonly<Record<string, boolean>>): Promise<void>;
  associateAction(id: string, run: () => Promise<void>): void;
  /** Has the cells of our functions worked out anew; what they show stays until then. */
  recalculate(functions: readonly string[]): Promise<void>;
  associateFunction(id: string, run: (...args: unknown[]) => Promise<number | string | (number | string)[][]>): void;
  /** A function whose cells are told new values as they come, until they are gone. */
  associateStream(id: string, run: (args: unknown[], cell: StreamCell) => void): void;
  /** The error that a cell shows instead of a value. */
  functionError(kind: 'notAvailable' | 'invalidValue', message: string): Error;
}
