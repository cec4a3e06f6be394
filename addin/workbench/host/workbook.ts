import { parseAddress } from './address.ts';
import { ClientObject, type Handlers, type QueueContext } from './context.ts';
import { invalid, notFound, OfficeError } from './errors.ts';
import { HostRange } from './range.ts';

export class HostEvents {
  readonly #context: QueueContext;
  readonly #handlers: Handlers;
  readonly #sheetId: () => string | undefined;
  constructor(context: QueueContext, handlers: Handlers, sheetId: () => string | undefined = () => undefined) {
    this.#context = context;
    this.#handlers = handlers;
    this.#sheetId = sheetId;
  }
  /** The handler is there after the next sync, and until `remove` and another. */
  add(run: (event: never) => Promise<unknown>): { readonly remove: () => void; readonly context: QueueContext } {
    let added: { sheetId: string | undefined; run: (event: unknown) => Promise<unknown> } | undefined;
    this.#context.enqueue(() => {
      added = { sheetId: this.#sheetId(), run: run as (event: unknown) => Promise<unknown> };
      this.#handlers.add(added);
    });
    return { context: this.#context, remove: () => this.#context.enqueue(() => { if (added) this.#handlers.delete(added); }) };
  }
}

const BAD_NAME = /[\\/?*[\]:]/;
export class HostWorksheet extends ClientObject {
  readonly #find: () => string | undefined;
  readonly freezePanes: { freezeRows(n: number): void; freezeColumns(n: number): void; freezeAt(range: HostRange): void; unfreeze(): void };
  readonly autoFilter: { apply(range: HostRange): void; remove(): void };
  readonly onChanged: HostEvents;
  readonly onSelectionChanged: HostEvents;
  readonly onActivated: HostEvents;
  constructor(context: QueueContext, find: () => string | undefined) {
    super(context);
    this.#find = find;
    const freeze = (rows: number, columns: number): void => this.#do((id) => context.grid.freeze(id, rows, columns));
    this.freezePanes = {
      freezeRows: (n) => freeze(n, 0), freezeColumns: (n) => freeze(0, n), unfreeze: () => freeze(0, 0),
      freezeAt: (range) => this.#do((id) => { const { area } = range.place(); context.grid.freeze(id, area.row + area.rows, area.column + area.columns); }),
    };
    this.autoFilter = { apply: (range) => this.#do((id) => context.grid.filter(id, range.place().area)), remove: () => this.#do((id) => context.grid.filter(id, undefined)) };
    const { events } = context.book;
    this.onChanged = new HostEvents(context, events.changed, () => this.sheetId());
    this.onSelectionChanged = new HostEvents(context, events.selected, () => this.sheetId());
    this.onActivated = new HostEvents(context, events.activated, () => this.sheetId());
  }
  sheetId(): string {
    const id = this.#find();
    if (id === undefined) throw notFound('Worksheet');
    return id;
  }
  #do(work: (id: string) => void): void { this.context.enqueue(() => { this.context.flush(); work(this.sheetId()); }); }
  protected override exists(): boolean { return this.#find() !== undefined; }
  protected names(): readonly string[] { return ['id', 'name', 'visibility']; }
  protected read(name: string): unknown {
    const info = this.context.grid.sheets().find((s) => s.id === this.sheetId())!;
    if (name === 'id') return info.id;
    if (name === 'name') return info.name;
    if (name === 'visibility') return info.hidden ? 'Hidden' : 'Visible';
    throw invalid(name);
  }
  get id(): string { return this.loaded('id'); }
  get name(): string { return this.loaded('name'); }
  set name(name: string) { this.#do((id) => { checkName(name); this.context.grid.renameSheet(id, name); }); }
  get visibility(): string { return this.loaded('visibility'); }
  set visibility(visibility: string) { this.#do((id) => this.context.grid.hideSheet(id, visibility !== 'Visible')); }
  activate(): void { this.#do((id) => this.context.grid.activate(id)); }
  delete(): void { this.#do((id) => this.context.grid.removeSheet(id)); }
  getRange(address?: string): HostRange {
    if (address === undefined) return new HostRange(this.context, () => ({ sheetId: this.sheetId(), area: { row: 0, column: 0, rows: 1_048_576, columns: 16_384 } }));
    const area = parseAddress(address);
    return new HostRange(this.context, () => ({ sheetId: this.sheetId(), area }));
  }
  getRangeByIndexes(row: number, column: number, rows: number, columns: number): HostRange {
    if (row < 0 || column < 0 || rows < 1 || columns < 1) throw invalid('getRangeByIndexes');
    return new HostRange(this.context, () => ({ sheetId: this.sheetId(), area: { row, column, rows, columns } }));
  }
  getCell(row: number, column: number): HostRange { return this.getRangeByIndexes(row, column, 1, 1); }
  getUsedRange(_valuesOnly?: boolean): HostRange { return new HostRange(this.context, () => ({ sheetId: this.sheetId(), area: this.context.grid.used(this.sheetId()) ?? { row: 0, column: 0, rows: 1, columns: 1 } })); }
  getUsedRangeOrNullObject(_valuesOnly?: boolean): HostRange {
    return new HostRange(this.context, () => {
      const area = this.context.grid.used(this.sheetId());
      return area ? { sheetId: this.sheetId(), area } : undefined;
    });
  }
  get charts(): never { throw new OfficeError('ApiNotFound', 'Charts in the grid are not part of the workbench; panes draw theirs.'); }
  get tables(): never { throw new OfficeError('ApiNotFound', 'Tables are not part of the workbench; use autoFilter.'); }
}
function checkName(name: string): void { if (name === '' || name.length > 31 || BAD_NAME.test(name)) throw invalid(`worksheet name ${name}`); }

export class HostWorksheets extends ClientObject {
  readonly onChanged: HostEvents;
  readonly onSelectionChanged: HostEvents;
  readonly onActivated: HostEvents;
  constructor(context: QueueContext) {
    super(context);
    const { events } = context.book;
    this.onChanged = new HostEvents(context, events.changed);
    this.onSelectionChanged = new HostEvents(context, events.selected);
    this.onActivated = new HostEvents(context, events.activated);
  }
  protected names(): readonly string[] { return ['items']; }
  protected read(name: string): unknown {
    if (name !== 'items') throw invalid(name);
    return this.context.grid.sheets().map((s) => {
      const sheet = new HostWorksheet(this.context, () => s.id);
      for (const [key, value] of [['id', s.id], ['name', s.name], ['visibility', s.hidden ? 'Hidden' : 'Visible']] as const) (sheet as unknown as { keep(k: string, v: unknown): void }).keep(key, value);
      return sheet;
    });
  }
  get items(): HostWorksheet[] { return this.loaded('items'); }
  #named = (name: string): string | undefined => this.context.grid.sheets().find((s) => s.id === name || s.name.toLowerCase() === name.toLowerCase())?.id;
  getItem(name: string): HostWorksheet { return new HostWorksheet(this.context, () => this.#named(name)); }
  getItemOrNullObject(name: string): HostWorksheet { return this.getItem(name); }
  getActiveWorksheet(): HostWorksheet {
    let id: string | undefined;
    return new HostWorksheet(this.context, () => (id ??= this.context.grid.activeSheet()));
  }
  add(name?: string): HostWorksheet {
    let id: string | undefined;
    this.context.enqueue(() => {
      this.context.flush();
      const wanted = name ?? `Sheet${this.context.grid.sheets().length + 1}`;
      checkName(wanted);
      if (this.#named(wanted)) throw new OfficeError('ItemAlreadyExists', 'The resource being created already exists.', wanted);
      id = this.context.grid.addSheet(wanted);
    });
    return new HostWorksheet(this.context, () => id);
  }
}

class HostSetting extends ClientObject {
  readonly key: string;
  constructor(context: QueueContext, key: string) { super(context); this.key = key; }
  protected override exists(): boolean { return this.context.book.settings.has(this.key); }
  protected names(): readonly string[] { return ['value']; }
  protected read(): unknown { return this.context.book.settings.get(this.key); }
  get value(): unknown { return this.loaded('value'); }
  delete(): void { this.context.enqueue(() => { this.context.book.settings.delete(this.key); this.context.book.saveSettings(); }); }
}

export class HostSettings {
  readonly #context: QueueContext;
  constructor(context: QueueContext) { this.#context = context; }
  add(key: string, value: unknown): void { this.#context.enqueue(() => { this.#context.book.settings.set(key, JSON.parse(JSON.stringify(value))); this.#context.book.saveSettings(); }); }
  getItemOrNullObject(key: string): HostSetting { return new HostSetting(this.#context, key); }
}

export class HostWorkbook {
  readonly worksheets: HostWorksheets;
  readonly settings: HostSettings;
  readonly #context: QueueContext;
  constructor(context: QueueContext) {
    this.#context = context;
    this.worksheets = new HostWorksheets(context);
    this.settings = new HostSettings(context);
  }
  getSelectedRange(): HostRange { return new HostRange(this.#context, () => ({ sheetId: this.#context.grid.activeSheet(), area: this.#context.grid.selection() })); }
}
