/** What one statement or one transaction sees: a base (the newest state, or a snapshot) under its own writes. */
import type { Transaction } from 'lmdb';
import { catalogKey, catalogRow, type Catalog, type CatalogReader, type Collection, type Index } from './catalog.ts';
import { IntentHeld, MongoError, writeConflict } from './errors.ts';
import type { Operation } from './operations.ts';
import type { ChangeOf, Oplog } from './oplog.ts';
import type { Disk } from './spill.ts';
import { difference, keyText, merged, puttings, type Bytes, type Entry, type Put, type Range, type Storage } from './storage.ts';

type Holder = { readonly owner: View; readonly ended: Promise<void> };

/** Keys that an open transaction has written, and collections that it has touched: nobody else writes or changes them until it ends. */
export class Intents {
  private readonly held = new Map<string, Holder>();
  private readonly users = new Map<number, Set<View>>();
  take(key: string, owner: View): void {
    this.held.set(key, { owner, ended: owner.ended });
  }
  holder(key: string): Holder | undefined {
    return this.held.get(key);
  }
  use(collection: number, owner: View): void {
    const users = this.users.get(collection) ?? new Set();
    this.users.set(collection, users.add(owner));
  }
  /** For those who change a collection itself: waits for transactions that wrote to it. */
  assertUnused(collection: number): void {
    const [first] = this.users.get(collection) ?? [];
    if (first) throw new IntentHeld(first.ended);
  }
  release(owner: View, used: Iterable<number>): void {
    for (const key of owner.intended) this.held.delete(key);
    for (const id of used) {
      const users = this.users.get(id);
      users?.delete(owner);
      if (users?.size === 0) this.users.delete(id);
    }
  }
}

/** What views stand on. */
export type Ground = { readonly storage: Storage; readonly intents: Intents; readonly catalog: Catalog; readonly oplog: Oplog };

/** MongoDB's limit of one transaction's writes is the oplog's; a bound keeps memory. */
const CHECK_EVERY = 256;
const ENDED = Promise.resolve();
function NOTHING(): void {
  // The end of a view that nobody waits for.
}
const TRANSACTION_BYTES = 128 * 1024 * 1024;

const ended = (): MongoError => new MongoError(251, 'NoSuchTransaction', 'The transaction was ended while a command in it was at work');

export class View implements CatalogReader {
  readonly overlay = new Map<string, Put>();
  readonly intended = new Set<string>();
  readonly ended: Promise<void>;
  /** The command that works with this view now: its time limit is asked while it walks. */
  watch: Operation | undefined;
  /** The client lets sorts and groups use more than MongoDB's limit (allowDiskUse). */
  diskUse = false;
  /** Validators are not asked (bypassDocumentValidation of the command). */
  unchecked = false;
  /** What is written is no news for change streams. */
  silent = false;
  private release = NOTHING;
  private readonly ground: Ground;
  private readonly snapshot: Transaction | undefined;
  private readonly seen: ReadonlyMap<string, Collection> | undefined;
  private readonly own = new Map<string, Collection | null>();
  private readonly used = new Set<number>();
  private undo: (() => void)[] = [];
  private puts: [string, Put | undefined][] = [];
  private changes: ChangeOf[] = [];
  private bytes = 0;
  private closed = false;

  constructor(ground: Ground, snapshot?: Transaction) {
    this.ground = ground;
    this.snapshot = snapshot;
    this.seen = snapshot ? ground.catalog.state() : undefined;
    this.ended = snapshot ? new Promise((resolve) => { this.release = resolve; }) : ENDED;
  }

  /** Where sorts and groups put what memory does not hold. */
  get disk(): Disk {
    return { folder: this.ground.storage.folder, allowed: this.diskUse };
  }
  get inTransaction(): boolean {
    return this.snapshot !== undefined;
  }
  /** A view of a transaction or a cursor may be closed while something still walks over it. */
  get isClosed(): boolean {
    return this.closed;
  }

  // The catalog, as of the snapshot, under own changes.
  collection(ns: string): Collection | undefined {
    const own = this.own.get(ns);
    return own === undefined ? (this.seen ?? this.ground.catalog.state()).get(ns) : (own ?? undefined);
  }
  list(db?: string): Collection[] {
    const all = new Map<string, Collection | null>([...(this.seen ?? this.ground.catalog.state()), ...this.own]);
    return [...all.values()].filter((c): c is Collection => c !== null && (!db || c.db === db));
  }
  isPrivate(c: Collection): boolean {
    return this.own.get(c.ns) === c;
  }
  define(c: Collection): void {
    const before = this.own.get(c.ns);
    this.put(catalogKey(c.ns), catalogRow(c), true);
    this.undo.push(() => { if (before === undefined) this.own.delete(c.ns); else this.own.set(c.ns, before); });
    this.own.set(c.ns, c);
  }
  forget(ns: string): void {
    const before = this.own.get(ns);
    this.put(catalogKey(ns), null, true);
    this.undo.push(() => { if (before === undefined) this.own.delete(ns); else this.own.set(ns, before); });
    this.own.set(ns, null);
  }
  /** An index has met an array. */
  multikey(c: Collection, index: Index): void {
    const known = this.ground.catalog.multikey(c.ns, index);
    if (!known && this.isPrivate(c)) this.put(catalogKey(c.ns), catalogRow(c), false);
  }
  /** Before a transaction writes to a collection: it must still be the one of the snapshot, and stays so until the end. */
  touch(c: Collection): void {
    if (!this.snapshot || this.used.has(c.id) || this.isPrivate(c)) return;
    if (this.ground.catalog.get(c.ns) !== c) throw new MongoError(246, 'SnapshotUnavailable', `Unable to write to collection '${c.ns}' due to catalog changes; please retry the operation.`);
    this.used.add(c.id);
    this.ground.intents.use(c.id, this);
  }

  get(key: Bytes): Bytes | undefined {
    if (this.overlay.size > 0) {
      const own = this.overlay.get(keyText(key));
      if (own) return own.value ?? undefined;
    }
    return this.ground.storage.get(key, this.snapshot);
  }
  /** The newest committed bytes, also inside a transaction. */
  newest(key: Bytes): Bytes | undefined {
    return this.ground.storage.get(key);
  }

  *range(range: Range): Generator<Entry> {
    const base = this.ground.storage.range(range, this.snapshot);
    const own = this.overlay.size === 0 ? [] : puttings(this.overlay, range);
    let n = 0;
    for (const entry of own.length === 0 ? base : merged(base, own, range.reverse ?? false)) {
      n += 1;
      if (n % CHECK_EVERY === 0) this.watch?.check();
      yield entry;
      // A walk that waited may find its transaction over: the snapshot below is gone then.
      if (this.closed) throw ended();
    }
  }

  /** Values of a range as they pass (see Storage), when nothing of the view's own lies over them. */
  *passing(range: Range): Generator<Bytes> {
    let n = 0;
    for (const bytes of this.ground.storage.passing(range, this.snapshot!)) {
      n += 1;
      if (n % CHECK_EVERY === 0) this.watch?.check();
      yield bytes;
      if (this.closed) throw ended();
    }
  }
  canPass(range: Range): boolean {
    return this.snapshot !== undefined && !range.reverse && (this.overlay.size === 0 || puttings(this.overlay, range).length === 0);
  }
  *counting(range: Range): Generator<undefined, number> {
    if (!this.snapshot) return this.count(range);
    const below = yield* this.ground.storage.counting(range, this.snapshot);
    return this.overlay.size === 0 ? below : below + difference(puttings(this.overlay, range), (key) => this.ground.storage.get(key, this.snapshot) !== undefined);
  }
  /** How many keys lie in a range. */
  count(range: Range): number {
    const below = this.ground.storage.count(range, this.snapshot);
    return this.overlay.size === 0 ? below : below + difference(puttings(this.overlay, range), (key) => this.ground.storage.get(key, this.snapshot) !== undefined);
  }

  /**
   * Writes a key. `guarded` keys (documents, unique index entries) are where writers meet: another transaction's intent, or
   * a newer commit than the snapshot, is a write conflict; a writer without a transaction waits for the intent to end.
   */
  put(key: Bytes, value: Bytes | null, guarded: boolean): void {
    const text = keyText(key);
    if (guarded) this.guard(text, key);
    this.bytes += key.length + (value?.length ?? 0);
    if (this.snapshot && this.bytes > TRANSACTION_BYTES) throw new MongoError(257, 'TransactionTooLarge', `Total size of all transaction operations must be less than ${TRANSACTION_BYTES} bytes`);
    this.puts.push([text, this.overlay.get(text)]);
    this.overlay.set(text, { key, value });
  }

  private guard(text: string, key: Bytes): void {
    const holder = this.ground.intents.holder(text);
    if (holder && holder.owner !== this) {
      if (this.inTransaction) throw writeConflict();
      throw new IntentHeld(holder.ended);
    }
    if (!this.inTransaction || this.intended.has(text)) return;
    const [seen, newest] = [this.ground.storage.get(key, this.snapshot), this.ground.storage.get(key)];
    if (seen === undefined ? newest !== undefined : !newest?.equals(seen)) throw writeConflict();
    this.intended.add(text);
    this.ground.intents.take(text, this);
  }

  /** What happened to a document, for change streams. */
  record(change: ChangeOf): void {
    if (!this.silent) this.changes.push(change);
  }

  savepoint(): { readonly puts: number; readonly undo: number; readonly changes: number } {
    return { puts: this.puts.length, undo: this.undo.length, changes: this.changes.length };
  }
  rollbackTo(point: { readonly puts: number; readonly undo: number; readonly changes: number }): void {
    for (const [text, before] of this.puts.splice(point.puts).reverse()) {
      if (before === undefined) this.overlay.delete(text);
      else this.overlay.set(text, before);
    }
    for (const back of this.undo.splice(point.undo).reverse()) back();
    this.changes.length = point.changes;
  }

  /** Gives all to the store in one step. Durable when the store has flushed. */
  commit(transaction?: { readonly lsid: unknown; readonly number: unknown }): void {
    if (this.changes.length > 0 || this.own.size > 0) for (const put of this.ground.oplog.record(this.changes, transaction)) this.overlay.set(keyText(put.key), put);
    this.ground.storage.apply(this.overlay);
    if (this.own.size > 0) this.ground.catalog.adopt(this.own);
    this.close();
  }
  /** Lets go of intents and snapshot; what was not committed is gone. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.ground.intents.release(this, this.used);
    this.snapshot?.done();
    this.release();
  }
}
