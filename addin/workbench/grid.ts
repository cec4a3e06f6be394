/** What the Office.js host needs of a spreadsheet: sheets, cells, events. Rows and columns count from 0. */
export type Scalar = string | number | boolean | null;
export type CellStyle = { readonly fill?: string | null; readonly color?: string | null; readonly bold?: boolean; readonly italic?: boolean; readonly format?: string; readonly align?: 'Left' | 'Center' | 'Right'; readonly wrap?: boolean; readonly fontName?: string; readonly fontSize?: number };
/** What is written to one cell; what is absent stays. `value: null` clears. */
export type CellWrite = { readonly value?: Scalar; readonly formula?: string; /** The value is text whatever it looks like. */ readonly text?: boolean; readonly style?: CellStyle };
export type Area = { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number };
export type SheetInfo = { readonly id: string; readonly name: string; readonly hidden: boolean };
export type EditedCell = { readonly row: number; readonly column: number; readonly before: Scalar; readonly after: Scalar };
export type Edit = { readonly sheetId: string; readonly cells: readonly EditedCell[]; readonly ours: boolean };
export type Unlisten = () => void;

export interface Grid {
  sheets(): readonly SheetInfo[];
  addSheet(name: string): string;
  removeSheet(id: string): void;
  renameSheet(id: string, name: string): void;
  hideSheet(id: string, hidden: boolean): void;
  activeSheet(): string;
  activate(id: string): void;
  value(sheetId: string, row: number, column: number): Scalar;
  formula(sheetId: string, row: number, column: number): string;
  style(sheetId: string, row: number, column: number): CellStyle;
  /** The least area that holds every cell with something in it, or undefined. */
  used(sheetId: string): Area | undefined;
  /** All writes of one sheet as one change: the cost of a change grows with the sheet, not with the write. */
  write(sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>): void;
  columnWidth(sheetId: string, column: number, columns: number, pixels: number): void;
  hideColumns(sheetId: string, column: number, columns: number, hidden: boolean): void;
  hideRows(sheetId: string, row: number, rows: number, hidden: boolean): void;
  freeze(sheetId: string, rows: number, columns: number): void;
  filter(sheetId: string, area: Area | undefined): void;
  /** A list to choose from, or a tick box; undefined takes it away. */
  validate(sheetId: string, area: Area, rule: { readonly list?: readonly string[]; readonly tick?: true } | undefined): void;
  selection(): Area;
  select(sheetId: string, area: Area): void;
  onEdit(listen: (edit: Edit) => void): Unlisten;
  onSelection(listen: (sheetId: string, area: Area) => void): Unlisten;
  onActivated(listen: (sheetId: string) => void): Unlisten;
  /** Makes `name(…)` a function of the sheet; it answers at once, from what is known. */
  registerFunction(name: string, work: (...args: readonly Scalar[][][]) => Scalar, words: { readonly description: string; readonly parameters: readonly string[] }): void;
  /** Works the formulas that use `names` out again. */
  recalculate(names: ReadonlySet<string>): void;
  calculating(): boolean;
  snapshot(): unknown;
}
