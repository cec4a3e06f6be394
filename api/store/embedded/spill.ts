/**
 * Rows that a sort or a group does not hold in memory: documents one after the other, in files of the data folder that
 * nobody else sees. A sort holds a few thousand rows at a time in order, writes them as runs, and merges the runs.
 */
import { closeSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { MongoError } from './errors.ts';
import { Breather, PAUSE, type Rows } from './rows.ts';
import type { Value } from './values.ts';

/** `allowed`: the client lets more than MongoDB's limit of memory be used on disk (`allowDiskUse`). */
export type Disk = { readonly folder: string; readonly allowed: boolean };
/** MongoDB's limit of a sort or a group, when the disk is not allowed to it. Source: the manual, "$sort and Memory Restrictions". */
export const MOST_BYTES = 100 * 1024 * 1024;
/** What is really held, in both cases. */
export const HELD_BYTES = 16 * 1024 * 1024;
/** Rows that are put in order in one step: some milliseconds. */
const STEP_ROWS = 2_000;
/** What a held row costs beside its bytes: its keys and the objects around it. Measured 2026-11. */
const ROW_BYTES = 400;
const CHUNK = 64 * 1024;

const folderOf = (store: string): string => join(store, 'spill');
/** What a killed process has left. */
export const clearSpills = (store: string): void => rmSync(folderOf(store), { recursive: true, force: true });

/**
 * While rows are written out the old generation grows by a fifth before it is looked through, so that what the rows leave
 * behind is soon gone; otherwise as V8 thinks best (0), which costs less.
 */
function growHeap(spills: number): void {
  setFlagsFromString(`--heap-growing-percent=${spills > 0 ? 20 : 0}`);
}
let made = 0;
let open = 0;
/** A file of documents, written in runs and read again run by run. */
export class Spill {
  private readonly path: string;
  private readonly file: number;
  private readonly runs: number[] = [];
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private size = 0;
  private readonly linked: boolean;

  constructor(disk: Disk) {
    mkdirSync(folderOf(disk.folder), { recursive: true });
    made += 1;
    this.path = join(folderOf(disk.folder), `${process.pid}-${made}`);
    this.file = openSync(this.path, 'w+', 0o600);
    this.linked = !removed(this.path);
    open += 1;
    growHeap(open);
  }
  startRun(): void {
    this.flush();
    this.runs.push(this.size);
  }
  get count(): number {
    return this.runs.length;
  }
  write(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= CHUNK) this.flush();
  }
  private flush(): void {
    if (this.waitingBytes === 0) return;
    const all = Buffer.concat(this.waiting);
    [this.waiting, this.waitingBytes] = [[], 0];
    for (let at = 0; at < all.length;) {
      try {
        at += writeSync(this.file, all, at, all.length - at, this.size + at);
      } catch (error) {
        throw new MongoError(14031, 'OutOfDiskSpace', `a sort or a group could not write what memory does not hold: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.size += all.length;
  }
  /** The documents of a run, in their order. Each is a buffer of its own. */
  *run(n: number): Generator<Buffer> {
    this.flush();
    const end = this.runs[n + 1] ?? this.size;
    let at = this.runs[n]!;
    let have: Buffer = Buffer.alloc(0);
    while (at < end || have.length > 0) {
      const need = have.length >= 4 ? have.readInt32LE(0) : 4;
      if (have.length < need || have.length < 4) {
        const more = Buffer.allocUnsafe(Math.min(Math.max(CHUNK, need - have.length), end - at));
        let got = 0;
        while (got < more.length) got += readSync(this.file, more, got, more.length - got, at + got);
        at += got;
        have = have.length === 0 ? more : Buffer.concat([have, more]);
        continue;
      }
      yield have.subarray(0, need);
      have = have.subarray(need);
    }
  }
  close(): void {
    closeSync(this.file);
    open -= 1;
    growHeap(open);
    if (this.linked) rmSync(this.path, { force: true });
  }
}
/** A file without a name is gone with its process. Some systems keep the name of an open file. */
function removed(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

export type Sorting<T> = {
  readonly keysOf: (row: T) => readonly Value[];
  readonly compare: (a: readonly Value[], b: readonly Value[]) => number;
  readonly keep: (row: T) => T;
  readonly size: (row: T) => number;
  readonly toBytes: (row: T) => Buffer;
  readonly fromBytes: (bytes: Buffer) => T;
  readonly over: () => MongoError;
  /** As many rows as will be asked for: what cannot be shown counts for nothing. */
  readonly most?: number;
};
type Keyed<T> = { readonly row: T; readonly keys: readonly Value[] };

/** Rows in order; equal ones as they came. Never more than `HELD_BYTES` of them are in memory. */
export function* sortedRows<T>(rows: Rows<T>, how: Sorting<T>, disk: Disk): Generator<T | typeof PAUSE> {
  const by = (a: Keyed<T>, b: Keyed<T>): number => how.compare(a.keys, b.keys);
  const most = how.most ?? Infinity;
  let lists: Keyed<T>[][] = [];
  let fresh: Keyed<T>[] = [];
  let [held, total, count] = [0, 0, 0];
  let spill: Spill | undefined;
  try {
    for (const row of rows) {
      if (row === PAUSE) { yield PAUSE; continue; }
      const keyed = { keys: how.keysOf(row), row: how.keep(row) };
      const size = how.size(keyed.row);
      fresh.push(keyed);
      held += size + ROW_BYTES;
      total += size;
      count += 1;
      if (total > MOST_BYTES && !disk.allowed && total * Math.min(1, most / count) > MOST_BYTES) throw how.over();
      if (fresh.length >= STEP_ROWS || held > HELD_BYTES) {
        lists.push(fresh.sort(by));
        fresh = [];
        yield PAUSE;
      }
      if (held <= HELD_BYTES) continue;
      spill ??= new Spill(disk);
      spill.startRun();
      for (const next of mergedRows(lists, by)) {
        if (next === PAUSE) yield PAUSE;
        else spill.write(how.toBytes(next.row));
      }
      [lists, held] = [[], 0];
    }
    lists.push(fresh.sort(by));
    const kept = spill;
    const runs = Array.from({ length: kept?.count ?? 0 }, (_, n) => read(kept!.run(n), how));
    for (const next of mergedRows([...runs, ...lists], by)) yield next === PAUSE ? PAUSE : next.row;
  } finally {
    spill?.close();
  }
}
function* read<T>(run: Iterable<Buffer>, how: Sorting<T>): Generator<Keyed<T>> {
  for (const bytes of run) {
    const row = how.fromBytes(bytes);
    yield { row, keys: how.keysOf(row) };
  }
}

/** Ordered lists as one; of equal rows the earlier list's comes first. */
function* mergedRows<T>(lists: readonly Iterable<Keyed<T>>[], by: (a: Keyed<T>, b: Keyed<T>) => number): Generator<Keyed<T> | typeof PAUSE> {
  type Head = { readonly keyed: Keyed<T>; readonly walk: Iterator<Keyed<T>>; readonly list: number };
  const breather = new Breather();
  /** The last is the next. */
  const heads: Head[] = [];
  const pull = (walk: Iterator<Keyed<T>>, list: number): void => {
    const { value, done } = walk.next();
    if (done) return;
    let [low, high] = [0, heads.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = by(heads[middle]!.keyed, value) || heads[middle]!.list - list;
      if (order > 0) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { keyed: value, walk, list });
  };
  lists.forEach((list, n) => pull(list[Symbol.iterator](), n));
  for (let head = heads.pop(); head; head = heads.pop()) {
    if (breather.due()) yield PAUSE;
    yield head.keyed;
    pull(head.walk, head.list);
  }
}
