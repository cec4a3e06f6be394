/** Cursors between their batches. Rows come with pauses: while a batch is made, other clients are let in. */
import { Long } from 'bson';
import type { ChangeStream } from './change-stream.ts';
import { MongoError } from './errors.ts';
import type { Operation } from './operations.ts';
import { breathe, PAUSE, type Pause } from './rows.ts';
import type { Doc } from './values.ts';
import type { View } from './view.ts';

/** A batch ends before a reply would pass MongoDB's 16 MB. */
const BATCH_BYTES = 15 * 1024 * 1024;
/** What a row of a batch costs in memory beside its bytes: a batch of very many small rows ends before. */
const ROW_BYTES = 300;
const IDLE_MS = 10 * 60_000;
export const FIRST_BATCH = 101;
/** So many rows of 16 MB would still not be a message too long. */
const AT_ONCE = 2;
/** How long a change stream waits for events when its client does not say. */
const AWAIT_MS = 1_000;

export type ByteRows = Iterator<Buffer | Pause>;
/** `view` is what the rows read; it is closed with the cursor when it is the cursor's `own`. */
export type Source = { readonly rows: ByteRows; readonly view?: View | undefined; readonly own?: boolean };
type Cursor = Source & {
  readonly id: bigint; readonly ns: string; readonly stream: ChangeStream | undefined; ahead: Buffer | undefined; used: number; busy: boolean; killed: boolean; /** What is left of the time limit of the command that opened it. */ left: number;
};
export type Batch = { readonly rows: Buffer[]; readonly id: Long; readonly token?: Doc };

const NOTHING: Source = { rows: ([] as Buffer[]).values() };

export class Cursors {
  private readonly open = new Map<bigint, Cursor>();
  private next = BigInt(Date.now()) * 1000n;

  private made(ns: string, source: Source, stream: ChangeStream | undefined): Cursor {
    this.next += 1n;
    const cursor: Cursor = { ...source, id: this.next, ns, stream, ahead: undefined, used: Date.now(), busy: false, killed: false, left: Infinity };
    this.open.set(cursor.id, cursor);
    return cursor;
  }

  /** The first batch; the cursor is kept when there is more. */
  async first(ns: string, source: Source, size: number, single: boolean, op?: Operation): Promise<Batch> {
    // Most answers are short: they end before anybody else is to be let in, and need no cursor.
    const begun = atOnce(source, size, single);
    if (begun.ended) return { rows: begun.rows, id: Long.ZERO };
    const cursor = this.made(ns, source, undefined);
    return this.working(cursor, op, async () => {
      const rows = await this.take(cursor, size, op, begun.rows);
      if (single || cursor.ahead === undefined) return this.over(cursor, rows);
      cursor.left = op?.left ?? Infinity;
      return { rows, id: Long.fromBigInt(cursor.id) };
    });
  }
  async follow(ns: string, stream: ChangeStream, size: number, op: Operation): Promise<Batch> {
    const cursor = this.made(ns, NOTHING, stream);
    return this.working(cursor, op, () => this.following(cursor, stream, size, 0, op));
  }

  /** `checkedOut` is called when the cursor is found: what it throws ends the cursor. */
  async more(id: bigint, ns: string, size: number, waitMs: number | undefined, op: Operation, checkedOut: () => void): Promise<Batch> {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError(43, 'CursorNotFound', `cursor id ${id} not found`);
    if (cursor.ns !== ns) throw new MongoError(13, 'Unauthorized', `Requested getMore on namespace '${ns}', but cursor belongs to a different namespace ${cursor.ns}`);
    if (cursor.busy) throw new MongoError(12051, 'CursorInUse', `cursor id ${id} is already in use`);
    const { stream } = cursor;
    if (!stream && waitMs !== undefined) throw new MongoError(2, 'BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
    return this.working(cursor, op, async () => {
      checkedOut();
      if (stream) return this.following(cursor, stream, size || FIRST_BATCH * 10, waitMs ?? AWAIT_MS, op);
      op.limit(cursor.left);
      const rows = await this.take(cursor, size || Infinity, op);
      if (cursor.ahead === undefined) return this.over(cursor, rows);
      cursor.left = op.left;
      return { rows, id: Long.fromBigInt(id) };
    });
  }
  isStream(id: bigint): boolean {
    return this.open.get(id)?.stream !== undefined;
  }

  /** A cursor that failed is gone, as MongoDB's are. */
  private async working(cursor: Cursor, op: Operation | undefined, work: () => Promise<Batch>): Promise<Batch> {
    [cursor.busy, cursor.used] = [true, Date.now()];
    if (cursor.view && op) cursor.view.watch = op;
    try {
      return await work();
    } catch (error) {
      this.kill(cursor.id);
      throw error;
    } finally {
      [cursor.busy, cursor.used] = [false, Date.now()];
      if (cursor.view && op && cursor.view.watch === op) cursor.view.watch = undefined;
    }
  }
  private over(cursor: Cursor, rows: Buffer[]): Batch {
    this.kill(cursor.id);
    return { rows, id: Long.ZERO };
  }
  private async following(cursor: Cursor, stream: ChangeStream, size: number, waitMs: number, op: Operation): Promise<Batch> {
    const { rows, token, ended } = await stream.batch(size, waitMs, op);
    if (cursor.killed) throw killed();
    if (ended) this.kill(cursor.id);
    return { rows, id: ended ? Long.ZERO : Long.fromBigInt(cursor.id), token };
  }

  private async take(cursor: Cursor, size: number, op: Operation | undefined, rows: Buffer[] = []): Promise<Buffer[]> {
    let bytes = rows.reduce((n, row) => n + row.length + ROW_BYTES, 0);
    while (rows.length < size) {
      const next = cursor.ahead ?? this.pull(cursor, op);
      const row = next instanceof Promise ? await next : next;
      cursor.ahead = undefined;
      if (row === undefined) return rows;
      if (rows.length > 0 && bytes + row.length + ROW_BYTES > BATCH_BYTES) {
        cursor.ahead = row;
        return rows;
      }
      rows.push(row);
      bytes += row.length + ROW_BYTES;
    }
    // A batch of none says nothing of what follows, and does not look.
    cursor.ahead = size === 0 ? undefined : await this.pull(cursor, op);
    return rows;
  }
  /** The next row; undefined at the end. Only a pause waits. */
  private pull(cursor: Cursor, op: Operation | undefined): Buffer | undefined | Promise<Buffer | undefined> {
    const { value, done } = cursor.rows.next();
    if (done) return undefined;
    return value === PAUSE ? this.pullLater(cursor, op) : value;
  }
  private async pullLater(cursor: Cursor, op: Operation | undefined): Promise<Buffer | undefined> {
    for (;;) {
      await breathe();
      op?.check();
      if (cursor.killed) throw killed();
      const { value, done } = cursor.rows.next();
      if (done) return undefined;
      if (value !== PAUSE) return value;
    }
  }

  kill(id: bigint): boolean {
    const cursor = this.open.get(id);
    if (!cursor) return false;
    cursor.killed = true;
    this.open.delete(id);
    cursor.stream?.stop();
    cursor.rows.return?.();
    if (cursor.own) cursor.view?.close();
    return true;
  }
  killAll(): void {
    for (const id of [...this.open.keys()]) this.kill(id);
  }
  count(): number {
    return this.open.size;
  }
  sweep(): void {
    for (const [id, c] of this.open) if (!c.busy && Date.now() - c.used > IDLE_MS) this.kill(id);
  }
}
/** Rows up to the first pause, as few as surely fit a batch; a source that ends so is closed. */
function atOnce(source: Source, size: number, single: boolean): { readonly rows: Buffer[]; readonly ended: boolean } {
  const rows: Buffer[] = [];
  let ended = false;
  while (!ended && rows.length < Math.min(size, AT_ONCE)) {
    const { value, done } = source.rows.next();
    if (value === PAUSE) return { rows, ended };
    if (!done) rows.push(value);
    ended = done === true || (single && rows.length === size);
  }
  if (ended) source.rows.return?.();
  if (ended && source.own) source.view?.close();
  return { rows, ended };
}
const killed = (): MongoError => new MongoError(237, 'CursorKilled', 'the cursor was killed while it was in use');
