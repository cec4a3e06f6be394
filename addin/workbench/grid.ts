/** What the Office.js host needs of a spreadsheet: sheets, cells, features, events. Rows and columns count from 0. */
export type Scalar = string | number | boolean | null;
export type Border = { readonly style: string; readonly color: string } | null;
export type Side = 'EdgeTop' | 'EdgeBottom' | 'EdgeLeft' | 'EdgeRight';
export type CellStyle = {
  readonly fill?: string | null; readonly color?: string | null; readonly bold?: boolean; readonly italic?: boolean; readonly underline?: boolean; readonly strike?: boolean; readonly format?: string;
  readonly align?: 'General' | 'Left' | 'Center' | 'Right'; readonly vertical?: 'Top' | 'Center' | 'Bottom'; readonly wrap?: boolean; readonly fontName?: string; readonly fontSize?: number; readonly borders?: Readonly<Partial<Record<Side, Border>>>;
};
/** What is written to one cell; what is absent stays. `value: null` clears; `bare`: all of the style goes first. */
export type CellWrite = { readonly value?: Scalar; readonly formula?: string; /** The value is text whatever it looks like. */ readonly text?: boolean; readonly style?: CellStyle; readonly bare?: true };
export type Area = { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number };
export type SheetInfo = { readonly id: string; readonly name: string; readonly hidden: boolean; readonly tabColor: string; readonly gridlines: boolean };
export type EditedCell = { readonly row: number; readonly column: number; readonly before: Scalar; readonly after: Scalar };
export type Edit = { readonly sheetId: string; readonly cells: readonly EditedCell[]; readonly ours: boolean };
export type Moved = { readonly sheetId: string; readonly kind: 'RowInserted' | 'RowDeleted' | 'ColumnInserted' | 'ColumnDeleted'; readonly at: number; readonly count: number; readonly ours: boolean };
export type TableInfo = { readonly id: string; readonly name: string; readonly sheetId: string; readonly area: Area; readonly columns: readonly string[] };
export type NameInfo = { readonly id: string; readonly name: string; readonly formula: string; readonly sheetId?: string; readonly comment: string; readonly hidden: boolean };
export type Validation = { readonly type: 'List' | 'WholeNumber' | 'Decimal' | 'TextLength' | 'Date' | 'Custom' | 'Tick'; readonly operator?: string; readonly formula1?: string; readonly formula2?: string; readonly dropDown?: boolean; readonly blanks?: boolean; readonly alert?: { readonly title?: string; readonly message?: string; readonly style?: string; readonly show?: boolean }; readonly prompt?: { readonly title?: string; readonly message?: string } };
export type ValidationRule = { readonly id: string; readonly areas: readonly Area[]; readonly rule: Validation };
/** A conditional format as Excel knows it; the grid draws what it can. */
export type Conditional = { readonly id: string; readonly sheetId: string; readonly areas: readonly Area[]; readonly type: 'CellValue' | 'Custom' | 'ContainsText' | 'TopBottom' | 'ColorScale' | 'DataBar'; readonly rule: Readonly<Record<string, unknown>>; readonly style: CellStyle; readonly stopIfTrue: boolean };
export type Criteria = { readonly filterOn: string; readonly values?: readonly string[]; readonly criterion1?: string; readonly criterion2?: string; readonly operator?: string };
export type Unlisten = () => void;
export type Insert = 'Down' | 'Right';
export type Remove = 'Up' | 'Left';

export interface Grid {
  sheets(): readonly SheetInfo[];
  addSheet(name: string): string;
  copySheet(id: string, name: string): string;
  removeSheet(id: string): void;
  renameSheet(id: string, name: string): void;
  hideSheet(id: string, hidden: boolean): void;
  moveSheet(id: string, position: number): void;
  tabColor(id: string, color: string): void;
  gridlines(id: string, shown: boolean): void;
  activeSheet(): string;
  activate(id: string): void;

  value(sheetId: string, row: number, column: number): Scalar;
  formula(sheetId: string, row: number, column: number): string;
  format(sheetId: string, row: number, column: number): string;
  style(sheetId: string, row: number, column: number): CellStyle;
  /** Areas over which formulas spill; each begins at its formula. */
  spills(sheetId: string): readonly Area[];
  /** The least area that holds every cell with something in it (or, with `styled`, some look), or undefined. */
  used(sheetId: string, styled?: boolean): Area | undefined;
  /** All writes of one sheet as one change: the cost of a change grows with the sheet, not with the write. */
  write(sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>): void;
  /** A block of values, as `read` takes each in a cell of its format; for many cells at once. */
  writeBlock(sheetId: string, row: number, column: number, lines: readonly (readonly Scalar[])[], read: (value: Scalar, format: string) => CellWrite | undefined): void;
  /** One look over an area. */
  styleBlock(sheetId: string, area: Area, style: CellStyle): void;
  insert(sheetId: string, area: Area, shift: Insert): Promise<void>;
  remove(sheetId: string, area: Area, shift: Remove): Promise<void>;
  merges(sheetId: string): readonly Area[];
  merge(sheetId: string, area: Area, on: boolean): void;

  columnWidth(sheetId: string, column: number, columns: number, pixels: number): void;
  rowHeight(sheetId: string, row: number, rows: number, pixels: number): void;
  widthOf(sheetId: string, column: number): number;
  heightOf(sheetId: string, row: number): number;
  hideColumns(sheetId: string, column: number, columns: number, hidden: boolean): void;
  hideRows(sheetId: string, row: number, rows: number, hidden: boolean): void;
  rowHidden(sheetId: string, row: number): boolean;
  columnHidden(sheetId: string, column: number): boolean;
  freeze(sheetId: string, rows: number, columns: number): void;
  frozen(sheetId: string): { readonly rows: number; readonly columns: number };

  filter(sheetId: string, area: Area | undefined): void;
  filterArea(sheetId: string): Area | undefined;
  /** Filters by a column, counted from the filter's left edge; undefined clears it. */
  criteria(sheetId: string, column: number, criteria: Criteria | undefined): void;
  tables(): readonly TableInfo[];
  addTable(sheetId: string, area: Area, name: string, columns: readonly string[]): string;
  changeTable(id: string, change: { readonly name?: string; readonly area?: Area }): void;
  removeTable(id: string): void;
  tableCriteria(id: string, column: number, criteria: Criteria | undefined): void;
  names(): readonly NameInfo[];
  setName(name: NameInfo): void;
  removeName(id: string): void;
  validations(sheetId: string): readonly ValidationRule[];
  setValidations(sheetId: string, rules: readonly ValidationRule[]): void;
  conditionals(sheetId: string): readonly Conditional[];
  setConditional(rule: Conditional): void;
  removeConditional(sheetId: string, id: string): void;
  notes(sheetId: string): readonly { readonly row: number; readonly column: number; readonly text: string }[];
  setNote(sheetId: string, row: number, column: number, text: string | undefined): void;

  selection(): Area;
  select(sheetId: string, area: Area): void;
  /** A person is typing in a cell. */
  editing(): boolean;
  /** Resolves when they are done. */
  edited(): Promise<void>;
  onEdit(listen: (edit: Edit) => void): Unlisten;
  onMoved(listen: (moved: Moved) => void): Unlisten;
  onSorted(listen: (sheetId: string, area: Area) => void): Unlisten;
  onSheets(listen: (kind: 'added' | 'deleted' | 'renamed', sheetId: string, before: string, after: string) => void): Unlisten;
  onSelection(listen: (sheetId: string, area: Area) => void): Unlisten;
  onActivated(listen: (sheetId: string) => void): Unlisten;
  onCalculated(listen: () => void): Unlisten;
  /** Makes `name(…)` a function of the sheet; it answers at once, from what is known. */
  registerFunction(name: string, work: (caller: string, ...args: readonly Scalar[][][]) => Scalar | readonly (readonly Scalar[])[], words: { readonly description: string; readonly parameters: readonly string[] }): void;
  /** Works the formulas that use `names` out again; without names, all. */
  recalculate(names?: ReadonlySet<string>): void;
  calculating(): boolean;
  /** Something was written that is not drawn yet. */
  drawing(): boolean;
  snapshot(): unknown;
}
