/** The request context: operations wait in a queue and run, in order, at `sync`; writes of one sheet become one change. */
import type { Area, CellStyle, CellWrite, Grid, Scalar } from '../grid.ts';
import { OfficeError } from './errors.ts';
import type { Book } from './book.ts';
import type { Answer, Step, Steps } from './record.ts';
import { cellWrite } from './values.ts';

/** Excel on the web: request and response hold at most 5 MB each (resource limits in the documentation of Office Add-ins). */
const PAYLOAD = 5_000_000;
export type Op = { readonly op: string; readonly path: string; readonly args: readonly unknown[] };
export type SyncRecord = { readonly at: number; readonly bytes: number; readonly ms: number; readonly ops: readonly Op[]; readonly error?: string; /** While somebody records. */ readonly told?: { readonly context: number; readonly steps: readonly Step[]; readonly answers: readonly Answer[] } };
type Queued = { readonly op: Op; readonly work: () => void | Promise<void> };

/** Bytes of an operation as JSON; matrices are counted without being built. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') {
    let n = 3;
    for (let i = 0; i < value.length; i += 1) n += value.charCodeAt(i) > 0x7f ? 3 : 1;
    return n;
  }
  if (Array.isArray(value)) return value.reduce<number>((n, v) => n + bytesOf(v), 2);
  if (typeof value === 'number') return Number.isInteger(value) ? 8 : 18;
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype && !('context' in value)) return Object.entries(value).reduce((n, [k, v]) => n + k.length + 4 + bytesOf(v), 2);
  return 5;
}

export class HostContext {
  readonly book: Book;
  #queue: Queued[] = [];
  #writes = new Map<string, Map<number, Map<number, CellWrite>>>();
  #answered = 0;
  #ended = false;
  readonly delayForCellEdit: boolean;
  /** While somebody records: what this context is asked. */
  steps: Steps | undefined;
  constructor(book: Book, options: { readonly delayForCellEdit?: boolean } = {}) {
    this.book = book;
    this.delayForCellEdit = options.delayForCellEdit === true;
  }
  get grid(): Grid { return this.book.grid; }
  /** Objects of a run may not be used after it. */
  end(): void { this.#ended = true; }
  resume(): void { this.#ended = false; }
  enqueue(op: Op, work: () => void | Promise<void>): void {
    // Ranges of a run that has ended are gone; handlers, sheets and tables may still be spoken to.
    if (this.#ended && /Range|getCell|getUsed|getSelected/.test(op.path)) throw new OfficeError('InvalidObjectPath', 'The object path is not valid any more: its Excel.run has ended. Call track() on a context of your own.', op.path);
    this.#queue.push({ op, work });
  }
  /** Bytes that a read answers. */
  answer(bytes: number): void {
    this.#answered += bytes;
    if (this.#answered > PAYLOAD) throw new OfficeError('ResponsePayloadSizeLimitExceeded', 'The response payload size has exceeded the limit. Please refer to the documentation: "https://docs.microsoft.com/office/dev/add-ins/concepts/resource-limits-and-performance-optimization#excel-add-ins".');
  }

  async sync<T>(passed?: T): Promise<T> {
    const queue = this.#queue;
    this.#queue = [];
    this.#answered = 0;
    const started = performance.now();
    const told = this.steps?.take();
    this.book.syncing += 1;
    const bytes = queue.reduce((n, q) => n + q.op.path.length + 30 + bytesOf(q.op.args), 0);
    let failed: unknown;
    try {
      await this.#ready(bytes);
      for (const { op, work } of queue) {
        try {
          const going = work();
          if (going) await going;
        } catch (error) {
          if (error instanceof OfficeError) error.debugInfo = { ...error.debugInfo, errorLocation: error.debugInfo.errorLocation || op.path, statement: `${op.path}.${op.op}` };
          throw error;
        }
      }
    } catch (error) {
      failed = error;
      throw error;
    } finally {
      this.flush();
      this.book.syncing -= 1;
      this.book.record?.({ at: this.book.now(), bytes, ms: performance.now() - started, ops: queue.map((q) => q.op), ...(told ? { told } : {}), ...(failed === undefined ? {} : { error: failed instanceof Error ? failed.message : String(failed) }) });
    }
    return passed as T;
  }
  async #ready(bytes: number): Promise<void> {
    // A pause, as a host in another process has: nothing may count on running in one breath.
    await new Promise<void>((resolve) => { setTimeout(resolve, 0); });
    if (bytes > PAYLOAD) throw new OfficeError('RequestPayloadSizeLimitExceeded', 'The request payload size has exceeded the limit. Please refer to the documentation: "https://docs.microsoft.com/office/dev/add-ins/concepts/resource-limits-and-performance-optimization#excel-add-ins".');
    if (!this.book.grid.editing()) return;
    if (!this.delayForCellEdit) throw new OfficeError('InvalidOperationInCellEditMode', 'Excel is in cell-editing mode. Please exit the edit mode by pressing ENTER or TAB or selecting another cell, and then try again.');
    await this.book.grid.edited();
  }

  put(sheetId: string, row: number, column: number, write: CellWrite): void {
    let rows = this.#writes.get(sheetId);
    if (!rows) this.#writes.set(sheetId, (rows = new Map()));
    let cells = rows.get(row);
    if (!cells) rows.set(row, (cells = new Map()));
    const before = cells.get(column);
    // A formula that is written over a value, and the other way round, takes its place; styles add up.
    const kept = before && (write.value !== undefined || write.formula !== undefined) ? { ...(before.style ? { style: before.style } : {}) } : before;
    cells.set(column, before ? { ...kept, ...write, ...(before.style || write.style ? { style: { ...before.style, ...write.style } } : {}) } : write);
  }
  putValue(sheetId: string, row: number, column: number, value: Scalar): void {
    const pending = this.#writes.get(sheetId)?.get(row)?.get(column)?.style?.format;
    const write = cellWrite(value, pending ?? this.grid.format(sheetId, row, column));
    if (write) this.put(sheetId, row, column, write);
  }
  /** A large block goes at once; what waited before it goes first. */
  putBlock(sheetId: string, row: number, column: number, lines: readonly (readonly Scalar[])[]): void {
    this.flush();
    this.grid.writeBlock(sheetId, row, column, lines, cellWrite);
    this.book.wrote(sheetId, { row, column, rows: lines.length, columns: lines[0]?.length ?? 1 });
  }
  styleBlock(sheetId: string, area: Area, style: CellStyle): void {
    this.flush();
    this.grid.styleBlock(sheetId, area, style);
    this.book.touched();
  }
  /** Before anything is read or moved, what was written is there. */
  flush(): void {
    for (const [sheetId, cells] of this.#writes) {
      this.#writes.delete(sheetId);
      this.book.write(sheetId, cells);
    }
  }
}
