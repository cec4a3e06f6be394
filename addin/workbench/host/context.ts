/** The request context: operations wait in a queue and run, in order, at `sync`; writes of one sheet become one change. */
import type { CellWrite, Grid, Scalar } from '../grid.ts';
import { notLoaded, OfficeError } from './errors.ts';
import { cellWrite } from './values.ts';

const PAYLOAD = 5_000_000;
export type Book = { readonly grid: Grid; readonly settings: Map<string, unknown>; readonly saveSettings: () => void; readonly wrote: (sheetId: string, cells: ReadonlyMap<number, ReadonlyMap<number, CellWrite>>) => void; readonly events: Events };
export type Events = { readonly changed: Handlers; readonly selected: Handlers; readonly activated: Handlers; on: boolean };
export type Handler = { readonly sheetId: string | undefined; readonly run: (event: unknown) => Promise<unknown> };
export type Handlers = Set<Handler>;

export class QueueContext {
  readonly book: Book;
  #queue: (() => void)[] = [];
  #writes = new Map<string, Map<number, Map<number, CellWrite>>>();
  #bytes = 0;
  constructor(book: Book) { this.book = book; }
  get grid(): Grid { return this.book.grid; }
  enqueue(work: () => void): void { this.#queue.push(work); }

  async sync(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    this.#bytes = 0;
    await Promise.resolve();
    try {
      for (const work of queue) work();
    } finally {
      this.flush();
    }
    // A pause after each sync, as a host in another process has: nothing may count on running in one breath.
    await new Promise<void>((resolve) => { setTimeout(resolve, 0); });
  }

  put(sheetId: string, row: number, column: number, write: CellWrite): void {
    let rows = this.#writes.get(sheetId);
    if (!rows) this.#writes.set(sheetId, (rows = new Map()));
    let cells = rows.get(row);
    if (!cells) rows.set(row, (cells = new Map()));
    const before = cells.get(column);
    cells.set(column, { ...before, ...write, ...(before?.style || write.style ? { style: { ...before?.style, ...write.style } } : {}) });
  }
  putValue(sheetId: string, row: number, column: number, value: Scalar): void {
    this.#bytes += typeof value === 'string' ? value.length + 8 : 12;
    if (this.#bytes > PAYLOAD) throw new OfficeError('RequestPayloadSizeLimitExceeded', 'The request payload size has exceeded the limit.');
    const pending = this.#writes.get(sheetId)?.get(row)?.get(column)?.style?.format;
    const write = cellWrite(value, pending ?? this.grid.style(sheetId, row, column).format ?? 'General');
    if (write) this.put(sheetId, row, column, write);
  }
  /** Before anything is read or moved, what was written is there. */
  flush(): void {
    for (const [sheetId, cells] of this.#writes) {
      this.#writes.delete(sheetId);
      this.grid.write(sheetId, cells);
      this.book.wrote(sheetId, cells);
    }
  }
}

/** What every proxy has: `load`, values that are there only after `load` and `sync`, and a null form. */
export abstract class ClientObject {
  readonly context: QueueContext;
  #loaded: Record<string, unknown> = {};
  #null: boolean | undefined;
  constructor(context: QueueContext) { this.context = context; }
  /** Reads one property now; called inside the queue. */
  protected abstract read(name: string): unknown;
  protected abstract names(): readonly string[];
  protected exists(): boolean { return true; }
  load(asked?: string | readonly string[] | Readonly<Record<string, unknown>>): this {
    const list = asked === undefined ? this.names() : typeof asked === 'string' ? asked.split(',') : Array.isArray(asked) ? (asked as readonly string[]) : Object.keys(asked);
    this.context.enqueue(() => {
      this.context.flush();
      this.#null = !this.exists();
      if (this.#null) return;
      for (const name of list.map((n) => n.trim().split('/')[0]!).filter(Boolean)) this.#loaded[name] = this.read(name);
    });
    return this;
  }
  get isNullObject(): boolean {
    if (this.#null === undefined) throw notLoaded('isNullObject');
    return this.#null;
  }
  protected settle(isNull: boolean): void { this.#null = isNull; }
  protected loaded<T>(name: string): T {
    if (!(name in this.#loaded)) throw notLoaded(name);
    return this.#loaded[name] as T;
  }
  protected keep(name: string, value: unknown): void { this.#loaded[name] = value; }
  track(): void { /* objects live as long as their context here */ }
  untrack(): void { /* as above */ }
}
