/**
 * LMDB below: one ordered map of bytes. Writes of one turn of the event loop are gathered and committed in one LMDB
 * transaction, which writes pages, flushes (fdatasync), then writes its root page: `flushed()` resolves after that. Until
 * then newest-state reads see them in `pending`; snapshots do not, and nobody has been told that they are there.
 */
import { statSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { MongoError } from './errors.ts';
import { checkFormat, checkWhole, claimFolder, DATA_FILE, releaseFolder } from './folder.ts';

export type Bytes = Buffer;
export type Put = { readonly key: Bytes; readonly value: Bytes | null };
/** Map keys are the bytes as latin1 text: unique per byte string, cheap to hash. */
export type Change = ReadonlyMap<string, Put>;
export const keyText = (key: Bytes): string => key.toString('latin1');

export type Range = { readonly start: Bytes; readonly end: Bytes | undefined; readonly reverse?: boolean };
export type Entry = { readonly key: Bytes; readonly value: Bytes };
export type StorageOptions = { readonly mapBytes?: number | undefined; readonly readOnly?: boolean };

const MAP_BYTES = 64 * 2 ** 30;
const PROBE = Buffer.from([0x00, 0xff]);
const PROBE_BYTES = 256 * 1024;
type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

export class Storage {
  readonly folder: string;
  private readonly env: RootDatabase<Bytes, Bytes>;
  private pending = new Map<string, Put>();
  private waiters: Waiter[] = [];
  private scheduled = false;
  private full = false;
  /** Called after a batch was lost (disk full): what memory believed of it must be read anew. */
  onLost: () => void = () => undefined;
  commits = 0;

  constructor(folder: string, options: StorageOptions = {}) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    if (!options.readOnly) claimFolder(folder);
    try {
      checkWhole(folder);
      this.env = open<Bytes, Bytes>({
        path: join(folder, DATA_FILE), encoding: 'binary', keyEncoding: 'binary', mapSize: options.mapBytes ?? MAP_BYTES, noSubdir: true, maxDbs: 1, maxReaders: 1_000, readOnly: options.readOnly ?? false,
      });
      checkFormat(this, options.readOnly ?? false);
    } catch (error) {
      if (!options.readOnly) releaseFolder(folder);
      throw error;
    }
  }

  get(key: Bytes, snapshot?: Transaction): Bytes | undefined {
    if (snapshot) return this.env.get(key, { transaction: snapshot });
    if (this.pending.size > 0) {
      const put = this.pending.get(keyText(key));
      if (put) return put.value ?? undefined;
    }
    return this.env.get(key);
  }

  *range(range: Range, snapshot?: Transaction): Generator<Entry> {
    const own = snapshot || this.pending.size === 0 ? [] : puttings(this.pending, range);
    yield* own.length === 0 ? this.stored(range, snapshot) : merged(this.stored(range, snapshot), own, range.reverse ?? false);
  }

  private *stored({ start, end, reverse }: Range, snapshot?: Transaction): Generator<Entry> {
    const bounds = reverse ? { ...(end ? { start: end } : {}), end: start } : { start, ...(end ? { end } : {}) };
    for (const { key, value } of this.env.getRange({ ...bounds, reverse: reverse ?? false, ...(snapshot ? { transaction: snapshot } : {}) })) {
      // Backwards, LMDB takes the upper bound in and leaves the lower one out: both are turned round here.
      if (reverse && end && Buffer.compare(key, end) >= 0) continue;
      yield { key, value: value };
    }
    if (!reverse) return;
    const first = this.get(start, snapshot);
    if (first) yield { key: start, value: first };
  }

  /** How many keys lie in a range: counted by LMDB, without reading values. */
  count({ start, end }: Range, snapshot?: Transaction): number {
    const below = this.env.getKeysCount({ start, ...(end ? { end } : {}), ...(snapshot ? { transaction: snapshot } : {}) });
    if (snapshot || this.pending.size === 0) return below;
    return below + difference(puttings(this.pending, { start, end }), (key) => this.env.get(key) !== undefined);
  }

  snapshot(): Transaction {
    return this.env.useReadTransaction();
  }

  /** Takes writes over: newest-state reads see them at once, the disk at the end of this turn. */
  apply(change: Change): void {
    if (change.size === 0) return;
    for (const [text, put] of change) this.pending.set(text, put);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.commit());
  }

  private commit(): void {
    const [batch, waiters] = [this.pending, this.waiters];
    [this.pending, this.waiters, this.scheduled] = [new Map(), [], false];
    try {
      this.write(batch.values());
      this.commits += 1;
      for (const w of waiters) w.resolve();
    } catch (error) {
      this.full = true;
      this.onLost();
      for (const w of waiters) w.reject(outOfSpace(error));
    }
  }

  private write(puts: Iterable<Put>): void {
    this.env.transactionSync(() => {
      for (const { key, value } of puts) {
        if (value === null) this.env.removeSync(key);
        else this.env.putSync(key, value);
      }
    });
  }

  /** Refuses writes while the disk is full; tries each time whether there is room again. */
  assertWritable(): void {
    if (!this.full) return;
    try {
      this.write([{ key: PROBE, value: Buffer.alloc(PROBE_BYTES, 1) }]);
      this.write([{ key: PROBE, value: null }]);
      this.full = false;
    } catch (error) {
      throw outOfSpace(error);
    }
  }

  /** Resolves when all that was applied before is on the disk. */
  flushed(): Promise<void> {
    if (!this.scheduled) return Promise.resolve();
    return new Promise((resolve, reject) => { this.waiters.push({ resolve, reject }); });
  }

  fileBytes(): number {
    return statSync(join(this.folder, DATA_FILE)).size;
  }
  /** A consistent copy of everything committed, while others write. */
  async copyTo(folder: string): Promise<void> {
    await this.flushed();
    mkdirSync(folder, { recursive: true });
    await this.env.backup(join(folder, DATA_FILE), true);
  }

  async close(): Promise<void> {
    await this.flushed().catch(() => undefined);
    await this.env.close();
    releaseFolder(this.folder);
  }
}

const outOfSpace = (error: unknown): MongoError =>
  new MongoError(14031, 'OutOfDiskSpace', `the store cannot write: ${error instanceof Error ? error.message : String(error)}. Nothing of this write was kept; reads go on`);

/** The pending puts inside a range, in its order. */
export function puttings(puts: Change, { start, end, reverse }: Range): Put[] {
  const inside: Put[] = [];
  for (const put of puts.values()) if (Buffer.compare(put.key, start) >= 0 && (!end || Buffer.compare(put.key, end) < 0)) inside.push(put);
  return inside.sort((a, b) => Buffer.compare(a.key, b.key) * (reverse ? -1 : 1));
}

/** Entries below, with puts laid over them. */
export function* merged(base: Iterable<Entry>, own: readonly Put[], reverse: boolean): Generator<Entry> {
  const sign = reverse ? -1 : 1;
  let at = 0;
  for (const entry of base) {
    while (at < own.length && Buffer.compare(own[at]!.key, entry.key) * sign < 0) yield* shown(own[at++]!);
    if (at < own.length && own[at]!.key.equals(entry.key)) yield* shown(own[at++]!);
    else yield entry;
  }
  while (at < own.length) yield* shown(own[at++]!);
}
function* shown({ key, value }: Put): Generator<Entry> {
  if (value !== null) yield { key, value };
}
/** How many keys more there are with these puts. */
export function difference(puts: readonly Put[], there: (key: Bytes) => boolean): number {
  let n = 0;
  for (const { key, value } of puts) n += (value === null ? 0 : 1) - (there(key) ? 1 : 0);
  return n;
}
