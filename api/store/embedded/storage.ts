/**
 * LMDB below: one ordered map of bytes. Writes are gathered while the batch before them is on its way to the disk, then go
 * in one LMDB transaction, which writes pages, flushes (fdatasync), then writes its root page; `flushed()` resolves after
 * that. Until then newest-state reads see them here in memory; snapshots do not, and nobody has been told that they are there.
 */
import { statSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { assertWhole } from './data-file.ts';
import { MongoError } from './errors.ts';
import { breathe } from './rows.ts';
import { CODEC, passingValues } from './lmdb-codec.ts';
import { checkFolderFormat, checkFormat, claimFolder, DATA_FILE, isOwned, releaseFolder } from './folder.ts';

export type Bytes = Buffer;
export type Put = { readonly key: Bytes; readonly value: Bytes | null };
/** Map keys are the bytes as latin1 text: unique per byte string, cheap to hash. */
export type Change = ReadonlyMap<string, Put>;
export const keyText = (key: Bytes): string => key.toString('latin1');

export type Range = { readonly start: Bytes; readonly end: Bytes | undefined; readonly reverse?: boolean };
export type Entry = { readonly key: Bytes; readonly value: Bytes };
export type StorageOptions = { readonly readOnly?: boolean };

const MAP_BYTES = 64 * 2 ** 30;
const PROBE = Buffer.from([0x00, 0xff]);
const PROBE_BYTES = 256 * 1024;
/** How long the cause of a failed commit is waited for. */
const CAUSE_MS = 1_000;
const NOTHING: Change = new Map();
/** Says that something holds the flush back: only for tests that ask what is answered before it. */
export type Hold = () => Promise<void> | undefined;
/** Keys that LMDB counts in about 2 ms. */
const COUNT_STEP = 10_000;
type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

export class Storage {
  readonly folder: string;
  readonly readOnly: boolean;
  private readonly env: RootDatabase<Bytes, Bytes>;
  /** Gathered for the next batch. */
  private pending = new Map<string, Put>();
  private waiting: Waiter[] = [];
  /** On its way to the disk. */
  private writing: Change = NOTHING;
  private waitingForThis: Waiter[] = [];
  private busy = false;
  private full = false;
  private probing: Promise<void> | undefined;
  /** Called after a batch was lost (disk full): what memory believed of it must be read anew. */
  onLost: () => void = () => undefined;
  holdFlush: Hold = () => undefined;
  commits = 0;

  constructor(folder: string, options: StorageOptions = {}) {
    this.folder = folder;
    this.readOnly = options.readOnly ?? false;
    if (!this.readOnly) mkdirSync(folder, { recursive: true });
    if (!this.readOnly) claimFolder(folder);
    try {
      checkFolderFormat(folder);
      // A living owner has looked at its file. It writes on under a reader's eyes, who would call a page torn that was only used again.
      if (!this.readOnly || !isOwned(folder)) assertWhole(join(folder, DATA_FILE));
      this.env = open<Bytes, Bytes>({
        path: join(folder, DATA_FILE), ...CODEC, mapSize: MAP_BYTES, noSubdir: true, maxDbs: 1, maxReaders: 1_000, readOnly: options.readOnly ?? false,
        // A commit is done when it is flushed, and begins when it is told to: no commit that is seen before it is safe.
        overlappingSync: false, eventTurnBatching: false,
      });
      checkFormat(this, options.readOnly ?? false);
    } catch (error) {
      if (!options.readOnly) releaseFolder(folder);
      throw error;
    }
  }

  get(key: Bytes, snapshot?: Transaction): Bytes | undefined {
    if (snapshot) return this.env.get(key, { transaction: snapshot });
    if (this.busy) {
      const text = keyText(key);
      const put = this.pending.get(text) ?? this.writing.get(text);
      if (put) return put.value ?? undefined;
    }
    return this.env.get(key);
  }

  *range(range: Range, snapshot?: Transaction): Generator<Entry> {
    const own = snapshot || !this.busy ? [] : this.unflushed(range);
    yield* own.length === 0 ? this.stored(range, snapshot) : merged(this.stored(range, snapshot), own, range.reverse ?? false);
  }
  private unflushed(range: Range): Put[] {
    const [older, newer] = [puttings(this.writing, range), puttings(this.pending, range)];
    if (older.length === 0) return newer;
    return newer.length === 0 ? older : puttings(new Map([...older, ...newer].map((put) => [keyText(put.key), put])), range);
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

  /** Committed values of a range as they pass: each is good only until the next one, or until anything else is read. */
  passing({ start, end }: Range, snapshot: Transaction): Generator<Bytes> {
    return passingValues(this.env.getRange({ start, ...(end ? { end } : {}), transaction: snapshot }));
  }
  /** Counts a range in steps, so that others can be let in between. */
  *counting({ start, end }: Range, snapshot: Transaction): Generator<undefined, number> {
    let [at, n] = [start, 0];
    for (;;) {
      const [next] = this.env.getKeys({ start: at, ...(end ? { end } : {}), offset: COUNT_STEP, limit: 1, transaction: snapshot });
      if (!next) return n + this.env.getKeysCount({ start: at, ...(end ? { end } : {}), transaction: snapshot });
      [at, n] = [next, n + COUNT_STEP];
      yield undefined;
    }
  }

  /** How many keys lie in a range: counted by LMDB, without reading values. */
  count({ start, end }: Range, snapshot?: Transaction): number {
    const below = this.env.getKeysCount({ start, ...(end ? { end } : {}), ...(snapshot ? { transaction: snapshot } : {}) });
    if (snapshot || !this.busy) return below;
    return below + difference(this.unflushed({ start, end }), (key) => this.env.get(key) !== undefined);
  }

  snapshot(): Transaction {
    return this.env.useReadTransaction();
  }

  /** Takes writes over: newest-state reads see them at once, the disk with the next batch. */
  apply(change: Change): void {
    if (change.size === 0) return;
    for (const [text, put] of change) this.pending.set(text, put);
    if (this.busy) return;
    this.busy = true;
    setImmediate(() => void this.commit());
  }

  private async commit(): Promise<void> {
    while (this.pending.size > 0) {
      [this.writing, this.waitingForThis] = [this.pending, this.waiting];
      [this.pending, this.waiting] = [new Map(), []];
      try {
        await this.holdFlush();
        await this.write(this.writing.values());
        this.commits += 1;
        this.settle((w) => w.resolve());
      } catch (error) {
        this.lose(outOfSpace(error));
      }
    }
    this.busy = false;
  }
  private settle(tell: (w: Waiter) => void): void {
    // The read transaction that LMDB keeps for this turn may be older than the commit.
    this.env.resetReadTxn();
    const told = this.waitingForThis;
    [this.writing, this.waitingForThis] = [NOTHING, []];
    for (const w of told) tell(w);
  }
  /** What was gathered since may rest on what was lost: it is lost too. */
  private lose(error: MongoError): void {
    this.full = true;
    this.waitingForThis.push(...this.waiting);
    [this.pending, this.waiting] = [new Map(), []];
    const told = this.waitingForThis;
    this.waitingForThis = [];
    this.settle(() => undefined);
    this.onLost();
    for (const w of told) w.reject(error);
  }

  private async write(puts: Iterable<Put>): Promise<void> {
    try {
      // A child, since lmdb-js would commit what was put before an error.
      await this.env.childTransaction(() => {
        for (const { key, value } of puts) {
          if (value === null) this.env.removeSync(key);
          else this.env.putSync(key, value);
        }
      });
    } catch (error) {
      throw await causeOf(error);
    }
  }

  /** Is nothing in it at all? */
  isEmpty(): boolean {
    for (const _ of this.env.getKeys({ limit: 1 })) return false;
    return true;
  }
  get isFull(): boolean {
    return this.full;
  }
  /** Refuses writes while the disk is full; tries each time whether there is room again. */
  async assertWritable(): Promise<void> {
    this.probing ??= this.probe().finally(() => { this.probing = undefined; });
    await this.probing;
  }
  private async probe(): Promise<void> {
    try {
      await this.write([{ key: PROBE, value: Buffer.alloc(PROBE_BYTES, 1) }]);
      await this.write([{ key: PROBE, value: null }]);
      this.full = false;
    } catch (error) {
      throw outOfSpace(error);
    }
  }

  /** Resolves when all that was applied before is on the disk. */
  flushed(): Promise<void> {
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve, reject) => { (this.pending.size > 0 ? this.waiting : this.waitingForThis).push({ resolve, reject }); });
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
    while (this.busy) await this.flushed().catch(() => breathe());
    await this.env.close();
    if (!this.readOnly) releaseFolder(this.folder);
  }
}

/** lmdb-js tells the cause of a failed commit in a promise of its own. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  const cause = Promise.resolve(error.commitError).then(() => error, (reason: unknown) => reason);
  return Promise.race([cause, new Promise((resolve) => { setTimeout(() => resolve(error), CAUSE_MS).unref(); })]);
}

const outOfSpace = (error: unknown): MongoError =>
  new MongoError(14031, 'OutOfDiskSpace', `the store cannot write: ${error instanceof Error ? error.message : String(error)}. Nothing of this write was kept; reads go on`);

/** The pending puts inside a range, in its order. */
export function puttings(puts: Change, { start, end, reverse }: Range): Put[] {
  const inside: Put[] = [];
  const [from, to] = [keyText(start), end ? keyText(end) : undefined];
  // Text of one char a byte compares as the bytes do, and faster.
  for (const [text, put] of puts) if (text >= from && (to === undefined || text < to)) inside.push(put);
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
