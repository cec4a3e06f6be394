/** The workbook behind all contexts: the grid, what the grid does not keep, and who listens. */
import type { Area, CellWrite, EditedCell, Grid } from '../grid.ts';
import { addressOf, around } from './address.ts';
import { moveExtras } from './moving.ts';
import type { SyncRecord } from './context.ts';

export type Handler = { readonly scope: string | undefined; readonly run: (event: unknown) => unknown };
export type Comment = { readonly id: string; readonly sheetId: string; readonly row: number; readonly column: number; content: string; readonly author: string; readonly at: string; resolved: boolean; readonly replies: { readonly id: string; content: string; readonly author: string; readonly at: string }[] };
export type TableLook = { style?: string; showTotals?: boolean; showBandedRows?: boolean; showBandedColumns?: boolean; showFilterButton?: boolean; highlightFirstColumn?: boolean; highlightLastColumn?: boolean; criteria?: Record<string, unknown>; sort?: readonly { readonly key: number; readonly ascending?: boolean }[]; matchCase?: boolean };
/** A picture over cells; places and sizes in points. */
export type Picture = { readonly id: string; readonly sheetId: string; readonly base64: string; left: number; top: number; width: number; height: number; name: string; altTextDescription: string };
export type Protection = { options: Readonly<Record<string, unknown>>; password: string };
/** What is kept with the workbook beside the grid's own snapshot. */
export type Extras = {
  settings: Record<string, unknown>; xml: Record<string, string>; properties: Record<string, Record<string, string>>; protection: Record<string, Protection>; bookProtection?: Protection; comments: Comment[]; pictures: Picture[];
  looks: Record<string, TableLook>; hyperlinks: Record<string, { address?: string; documentReference?: string; screenTip?: string; textToDisplay?: string }>; unlocked: Record<string, readonly Area[]>; conditionals: Record<string, unknown>;
};
export const noExtras = (): Extras => ({ settings: {}, xml: {}, properties: {}, protection: {}, comments: [], pictures: [], looks: {}, hyperlinks: {}, unlocked: {}, conditionals: {} });

export type BookOptions = { readonly grid: Grid; readonly extras?: Partial<Extras>; readonly changed: () => void; readonly record?: (sync: SyncRecord) => void; readonly detailed?: boolean; readonly user?: string; readonly now?: () => number };
export class Book {
  readonly grid: Grid;
  readonly extras: Extras;
  readonly record: ((sync: SyncRecord) => void) | undefined;
  readonly user: string;
  readonly now: () => number;
  readonly #changed: () => void;
  readonly #handlers = new Map<string, Set<Handler>>();
  /** Pictures have changed: whoever draws them looks again. */
  onDrawn: (() => void) | undefined;
  #pending = 0;
  /** Syncs under way. */
  syncing = 0;
  /** Contexts tell each statement with its answer, not only its operations. */
  readonly detailed: boolean;
  #own = 0;
  /** Off: none of this add-in's handlers is called. */
  events = true;
  /** What a full calculation does beside the grid's own: custom functions are asked again. */
  recalculatesAll: () => void = () => undefined;
  calculation: 'Automatic' | 'Manual' | 'AutomaticExceptTables' = 'Automatic';
  constructor(options: BookOptions) {
    this.grid = options.grid;
    this.extras = { ...noExtras(), ...options.extras };
    this.record = options.record;
    this.detailed = options.detailed === true;
    this.user = options.user ?? '';
    this.#changed = options.changed;
    this.now = options.now ?? Date.now;
    this.#listen();
  }
  /** Something that is saved with the workbook has changed. */
  touched(): void { this.#changed(); }
  drawn(): void { this.onDrawn?.(); }
  nextId(): string { return `{${crypto.randomUUID().toUpperCase()}}`; }

  on(event: string, handler: Handler): () => void {
    let set = this.#handlers.get(event);
    if (!set) this.#handlers.set(event, (set = new Set()));
    set.add(handler);
    return () => void set.delete(handler);
  }
  fire(event: string, scope: string | undefined, args: Readonly<Record<string, unknown>>): void {
    if (!this.events) return;
    for (const handler of this.#handlers.get(event) ?? []) {
      if (handler.scope !== undefined && handler.scope !== scope) continue;
      this.#pending += 1;
      void Promise.resolve().then(() => handler.run(args)).catch((error: unknown) => console.error(error)).finally(() => { this.#pending -= 1; });
    }
  }
  pending(): boolean { return this.#pending > 0; }
  /** Waits, for half a minute at most, until formulas are worked out: values that are loaded next are the new ones. */
  async settle(): Promise<void> {
    for (let i = 0; i < 6000 && this.grid.calculating(); i += 1) await new Promise((resolve) => { setTimeout(resolve, 5); });
  }

  write(sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>): void {
    const touched: { row: number; column: number; rows: 1; columns: 1 }[] = [];
    let [count, before] = [0, null as ReturnType<Grid['value']>];
    for (const [row, line] of cells) for (const [column, write] of line) {
      if (write.value === undefined && write.formula === undefined) continue;
      count += 1;
      if (touched.length < 4) { touched.push({ row, column, rows: 1, columns: 1 }); before = this.grid.value(sheetId, row, column); }
    }
    this.grid.write(sheetId, cells);
    this.#changed();
    if (count === 0) return;
    const rows = [...cells.keys()];
    const columns = [...cells.values()].flatMap((line) => [...line.keys()].slice(0, 1).concat([...line.keys()].slice(-1)));
    const area = { row: rows.reduce((a, b) => Math.min(a, b)), column: columns.reduce((a, b) => Math.min(a, b)), rows: 1, columns: 1 };
    const whole = { ...area, rows: rows.reduce((a, b) => Math.max(a, b)) - area.row + 1, columns: columns.reduce((a, b) => Math.max(a, b)) - area.column + 1 };
    const one = count === 1 ? touched[0] : undefined;
    this.changed(sheetId, whole, 'RangeEdited', true, one ? [{ row: one.row, column: one.column, before, after: this.grid.value(sheetId, one.row, one.column) }] : []);
  }
  /** A block of ours is in the grid. */
  wrote(sheetId: string, area: Area): void { this.#changed(); this.changed(sheetId, area, 'RangeEdited', true, []); }
  changed(sheetId: string, area: Area, changeType: string, ours: boolean, cells: readonly EditedCell[]): void {
    const one = cells.length === 1 ? cells[0]! : undefined;
    const type = (v: unknown): string => (v === '' || v === null ? 'Empty' : typeof v === 'number' ? 'Double' : typeof v === 'boolean' ? 'Boolean' : 'String');
    const details = one ? { details: { valueBefore: one.before ?? '', valueAfter: one.after ?? '', valueTypeBefore: type(one.before), valueTypeAfter: type(one.after) } } : {};
    const common = { address: addressOf(area), changeType, source: 'Local', worksheetId: sheetId, ...details };
    this.fire('changed', sheetId, { type: 'WorksheetChanged', triggerSource: ours ? 'ThisLocalAddin' : 'Unknown', ...common });
    for (const table of this.grid.tables()) if (table.sheetId === sheetId && touches(table.area, area)) this.fire('tableChanged', table.id, { type: 'TableChanged', tableId: table.id, ...common });
    if (changeType === 'RangeEdited' && this.grid.formula(sheetId, area.row, area.column) !== '') this.fire('formulaChanged', sheetId, { type: 'WorksheetFormulaChanged', worksheetId: sheetId, source: 'Local', triggerSource: ours ? 'ThisLocalAddin' : 'Unknown', formulaDetails: [{ cellAddress: addressOf({ ...area, rows: 1, columns: 1 }), previousFormula: '' }] });
  }
  /** Work of ours on the grid's structure: what it reports meanwhile is not a person's. */
  async ours(work: () => void | Promise<void>): Promise<void> {
    this.#own += 1;
    try {
      await work();
    } finally {
      this.#own -= 1;
      this.#changed();
    }
  }
  #listen(): void {
    const { grid } = this;
    const soon = <A extends readonly unknown[]>(work: (...args: A) => void) => (...args: A): void => { this.#changed(); work(...args); };
    grid.onEdit(soon((edit) => this.changed(edit.sheetId, around(edit.cells.map((c) => ({ row: c.row, column: c.column, rows: 1, columns: 1 })).slice(0, 20_000)), 'RangeEdited', edit.ours, edit.cells)));
    grid.onMoved(soon((m) => {
      moveExtras(this.extras, grid, m);
      const whole = m.kind.startsWith('Row') ? { row: m.at, column: 0, rows: m.count, columns: 16_384 } : { row: 0, column: m.at, rows: 1_048_576, columns: m.count };
      this.changed(m.sheetId, whole, m.kind, m.ours || this.#own > 0, []);
    }));
    grid.onSorted(soon((sheetId, area) => this.fire('rowSorted', sheetId, { type: 'WorksheetRowSorted', worksheetId: sheetId, address: addressOf(area), source: 'Local' })));
    grid.onSheets(soon((kind, sheetId, before, after) => {
      if (kind === 'renamed') this.fire('sheetRenamed', sheetId, { type: 'WorksheetNameChanged', worksheetId: sheetId, nameBefore: before, nameAfter: after, source: 'Local' });
      else this.fire(kind === 'added' ? 'sheetAdded' : 'sheetDeleted', sheetId, { type: kind === 'added' ? 'WorksheetAdded' : 'WorksheetDeleted', worksheetId: sheetId, source: 'Local' });
    }));
    grid.onSelection((sheetId, area) => {
      this.fire('selected', sheetId, { type: 'WorksheetSelectionChanged', worksheetId: sheetId, address: addressOf(area) });
      this.fire('bookSelected', undefined, { type: 'SelectionChanged', workbook: undefined });
      for (const table of grid.tables()) if (table.sheetId === sheetId) this.fire('tableSelected', table.id, { type: 'TableSelectionChanged', tableId: table.id, worksheetId: sheetId, isInsideTable: touches(table.area, area), address: touches(table.area, area) ? addressOf(area) : '' });
    });
    let active = grid.activeSheet();
    grid.onActivated((sheetId) => {
      if (sheetId === active) return;
      this.fire('deactivated', active, { type: 'WorksheetDeactivated', worksheetId: active });
      active = sheetId;
      this.fire('activated', sheetId, { type: 'WorksheetActivated', worksheetId: sheetId });
    });
    grid.onCalculated(() => { for (const { id } of grid.sheets()) this.fire('calculated', id, { type: 'WorksheetCalculated', worksheetId: id, address: '' }); });
  }
}
const touches = (a: Area, b: Area): boolean => a.row < b.row + b.rows && b.row < a.row + a.rows && a.column < b.column + b.columns && b.column < a.column + a.columns;
