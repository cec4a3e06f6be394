import { Long } from 'bson';
import { MongoError } from './errors.ts';
import type { View } from './view.ts';

/** A batch ends before a reply would pass MongoDB's 16 MB. */
const BATCH_BYTES = 15 * 1024 * 1024;
const IDLE_MS = 10 * 60_000;
export const FIRST_BATCH = 101;

type Cursor = { readonly id: bigint; readonly ns: string; readonly rows: Iterator<Buffer>; ahead: Buffer | undefined; readonly view: View | undefined; used: number };
export type Batch = { readonly rows: Buffer[]; readonly id: Long };

export class Cursors {
  private readonly open = new Map<bigint, Cursor>();
  private next = BigInt(Date.now()) * 1000n;

  /** The first batch; a cursor is kept when there is more. `view` is closed with the cursor, when it is the cursor's own. */
  first(ns: string, rows: Iterator<Buffer>, size: number, single: boolean, view: View | undefined): Batch {
    const cursor: Cursor = { id: 0n, ns, rows, ahead: undefined, view, used: Date.now() };
    const batch = this.take(cursor, size);
    if (single || cursor.ahead === undefined) {
      view?.close();
      return { rows: batch, id: Long.ZERO };
    }
    this.next += 1n;
    this.open.set(this.next, { ...cursor, id: this.next });
    return { rows: batch, id: Long.fromBigInt(this.next) };
  }

  more(id: bigint, ns: string, size: number): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError(43, 'CursorNotFound', `cursor id ${id} not found`);
    if (cursor.ns !== ns) throw new MongoError(13, 'Unauthorized', `Requested getMore on namespace '${ns}', but cursor belongs to a different namespace ${cursor.ns}`);
    cursor.used = Date.now();
    const rows = this.take(cursor, size || Infinity);
    if (cursor.ahead !== undefined) return { rows, id: Long.fromBigInt(id) };
    this.kill(id);
    return { rows, id: Long.ZERO };
  }

  private take(cursor: Cursor, size: number): Buffer[] {
    const rows: Buffer[] = [];
    let bytes = 0;
    while (rows.length < size) {
      const row = cursor.ahead ?? nextOf(cursor.rows);
      cursor.ahead = undefined;
      if (row === undefined) return rows;
      if (rows.length > 0 && bytes + row.length > BATCH_BYTES) {
        cursor.ahead = row;
        return rows;
      }
      rows.push(row);
      bytes += row.length;
    }
    cursor.ahead = nextOf(cursor.rows);
    return rows;
  }

  kill(id: bigint): boolean {
    const cursor = this.open.get(id);
    cursor?.rows.return?.();
    cursor?.view?.close();
    return this.open.delete(id);
  }
  killAll(): void {
    for (const id of [...this.open.keys()]) this.kill(id);
  }
  count(): number {
    return this.open.size;
  }
  sweep(): void {
    for (const [id, c] of this.open) if (Date.now() - c.used > IDLE_MS) this.kill(id);
  }
}
const nextOf = (rows: Iterator<Buffer>): Buffer | undefined => {
  const { value, done } = rows.next();
  return done ? undefined : (value as Buffer);
};
