/** What one statement or one transaction sees: a base (the newest state, or a snapshot) under its own writes. */
import type { Transaction } from 'lmdb';
import { IntentHeld, writeConflict } from './errors.ts';
import { keyText, keyBytes, type Bytes, type Entry, type Range, type Storage } from './storage.ts';

/** Keys that an open transaction has written: nobody else writes them until it ends. */
export class Intents {
  private readonly held = new Map<string, { readonly owner: View; readonly ended: Promise<void> }>();
  take(key: string, owner: View): void {
    this.held.set(key, { owner, ended: owner.ended });
  }
  holder(key: string): { readonly owner: View; readonly ended: Promise<void> } | undefined {
    return this.held.get(key);
  }
  release(owner: View): void {
    for (const key of owner.intended) this.held.delete(key);
  }
}

export class View {
  readonly overlay = new Map<string, Bytes | null>();
  readonly intended = new Set<string>();
  readonly ended: Promise<void>;
  /** Runs when the view's writes are committed: catalog marks and such. */
  end: () => void = () => undefined;
  private readonly storage: Storage;
  private readonly intents: Intents;
  private readonly snapshot: Transaction | undefined;
  private undo: [string, Bytes | null | undefined][] = [];

  constructor(storage: Storage, intents: Intents, snapshot?: Transaction) {
    this.storage = storage;
    this.intents = intents;
    this.snapshot = snapshot;
    this.ended = new Promise((resolve) => { this.end = resolve; });
  }

  get inTransaction(): boolean {
    return this.snapshot !== undefined;
  }

  get(key: Bytes): Bytes | undefined {
    const own = this.overlay.get(keyText(key));
    return own === undefined ? this.storage.get(key, this.snapshot) : (own ?? undefined);
  }
  /** The newest committed bytes, also inside a transaction. */
  newest(key: Bytes): Bytes | undefined {
    return this.storage.get(key);
  }

  *range(range: Range): Generator<Entry> {
    const base = this.storage.range(range, this.snapshot);
    const own = this.ownIn(range);
    if (own.length === 0) return yield* base;
    const sign = range.reverse ? -1 : 1;
    let at = 0;
    for (const entry of base) {
      while (at < own.length && Buffer.compare(own[at]!.key, entry.key) * sign < 0) yield* shown(own[at++]!);
      if (at < own.length && own[at]!.key.equals(entry.key)) yield* shown(own[at++]!);
      else yield entry;
    }
    while (at < own.length) yield* shown(own[at++]!);
  }

  private ownIn({ start, end, reverse }: Range): { key: Bytes; value: Bytes | null }[] {
    const inside: { key: Bytes; value: Bytes | null }[] = [];
    for (const [text, value] of this.overlay) {
      const key = keyBytes(text);
      if (Buffer.compare(key, start) >= 0 && (!end || Buffer.compare(key, end) < 0)) inside.push({ key, value });
    }
    return inside.sort((a, b) => Buffer.compare(a.key, b.key) * (reverse ? -1 : 1));
  }

  /**
   * Writes a key. `guarded` keys (documents, unique index entries) are where writers meet: another transaction's intent, or
   * a newer commit than the snapshot, is a write conflict; a writer without a transaction waits for the intent to end.
   */
  put(key: Bytes, value: Bytes | null, guarded: boolean): void {
    const text = keyText(key);
    if (guarded) this.guard(text, key);
    this.undo.push([text, this.overlay.get(text)]);
    this.overlay.set(text, value);
  }

  private guard(text: string, key: Bytes): void {
    const holder = this.intents.holder(text);
    if (holder && holder.owner !== this) {
      if (this.inTransaction) throw writeConflict();
      throw new IntentHeld(holder.ended);
    }
    if (!this.inTransaction || this.intended.has(text)) return;
    const [seen, newest] = [this.storage.get(key, this.snapshot), this.storage.get(key)];
    if (seen === undefined ? newest !== undefined : !newest?.equals(seen)) throw writeConflict();
    this.intended.add(text);
    this.intents.take(text, this);
  }

  savepoint(): number {
    return this.undo.length;
  }
  rollbackTo(point: number): void {
    for (const [text, before] of this.undo.splice(point).reverse()) {
      if (before === undefined) this.overlay.delete(text);
      else this.overlay.set(text, before);
    }
  }

  /** Writes all to the store in one step. Durable when the store has flushed. */
  commit(): void {
    this.storage.apply(this.overlay);
    this.close();
  }
  /** Lets go of intents and snapshot; what was not committed is gone. */
  close(): void {
    this.intents.release(this);
    this.intended.clear();
    this.overlay.clear();
    this.undo = [];
    this.snapshot?.done();
    this.end();
  }
}

function* shown(own: { key: Bytes; value: Bytes | null }): Generator<Entry> {
  if (own.value !== null) yield { key: own.key, value: own.value };
}
