/**
 * What was written, in order, for change streams: always the newest in memory, and in the store once a stream has been
 * opened in this folder (so that resume tokens live over a restart). Both are bounded.
 */
import { Binary, Timestamp } from 'bson';
import type { Clock } from './clock.ts';
import { describeUpdate } from './describe-update.ts';
import { keyText, type Bytes, type Put, type Storage } from './storage.ts';
import { decode, encode, isDoc, type Doc, type Value } from './values.ts';

export type ChangeOf =
  | { readonly op: 'insert'; readonly ns: string; readonly uuid: Bytes; readonly id: Value; readonly after: Bytes }
  | { readonly op: 'update' | 'replace'; readonly ns: string; readonly uuid: Bytes; readonly id: Value; readonly before: Doc; readonly after: Bytes }
  | { readonly op: 'delete'; readonly ns: string; readonly uuid: Bytes; readonly id: Value }
  | { readonly op: 'drop' | 'dropDatabase' | 'create' | 'createIndexes' | 'dropIndexes' | 'modify' | 'rename'; readonly ns: string; readonly uuid: Bytes | undefined; readonly detail?: Doc };

/** Where an event stands: the time of its commit, and its place within it. */
export type Place = { readonly t: number; readonly i: number; readonly n: number };
export type Logged = { readonly place: Place; readonly change: ChangeOf; readonly wall: Date; readonly lsid: Value; readonly number: Value };

const OPLOG = 0x05;
const KEEPING = Buffer.from([0x00, 0x04]);
const RING_BYTES = 16 * 1024 * 1024;
const KEPT_BYTES = 128 * 1024 * 1024;
const KEPT_ENTRIES = 500_000;
const TRIM_STEP = 2_000;

export const comparePlaces = (a: Place, b: Place): number => a.t - b.t || a.i - b.i || a.n - b.n;
const keyOf = ({ t, i, n }: Place): Bytes => {
  const key = Buffer.alloc(13);
  key[0] = OPLOG;
  key.writeUInt32BE(t, 1);
  key.writeUInt32BE(i, 5);
  key.writeUInt32BE(n, 9);
  return key;
};
const ALL = { start: Buffer.from([OPLOG]), end: Buffer.from([OPLOG + 1]) };
const sizeOf = (c: ChangeOf): number => ('after' in c ? c.after.length * ('before' in c ? 2 : 1) : 0) + 200;

export class Oplog {
  private ring: Logged[] = [];
  private ringBytes = 0;
  private keeping: boolean;
  private kept = { bytes: 0, entries: 0 };
  private readonly startedAt: Place;
  /** Events up to here have been flushed. */
  private safe: Place;
  private waiting = new Set<() => void>();
  readonly clock: Clock;
  private readonly storage: Storage;

  constructor(storage: Storage, clock: Clock) {
    this.storage = storage;
    this.clock = clock;
    this.keeping = Boolean(storage.get(KEEPING));
    const { high, low } = clock.last();
    this.startedAt = { t: high >>> 0, i: low >>> 0, n: 0 };
    this.safe = { ...this.startedAt, n: 0xffff_ffff };
    for (const { value } of storage.range(ALL)) this.kept = { bytes: this.kept.bytes + value.length, entries: this.kept.entries + 1 };
  }

  /** Gives a commit its time, and its events their places; answers what the store must keep of them in the same commit. */
  record(changes: readonly ChangeOf[], transaction?: { readonly lsid: unknown; readonly number: unknown }): Put[] {
    const at = this.clock.tick();
    const wall = new Date();
    const puts: Put[] = [];
    changes.forEach((change, n) => {
      const place = { t: at.high >>> 0, i: at.low >>> 0, n };
      const logged: Logged = { place, change, wall, lsid: transaction?.lsid, number: transaction?.number };
      this.ring.push(logged);
      this.ringBytes += sizeOf(change);
      if (this.keeping) puts.push(this.keep(logged));
    });
    let cut = 0;
    while (this.ringBytes > RING_BYTES && cut < this.ring.length - 1) this.ringBytes -= sizeOf(this.ring[cut++]!.change);
    if (cut > 0) this.ring.splice(0, cut);
    if (changes.length > 0 && this.waiting.size > 0) this.wakeWhenFlushed();
    return puts;
  }
  private wakeWhenFlushed(): void {
    setImmediate(() => void this.storage.flushed().then(() => this.wake(), () => undefined));
  }
  private wake(): void {
    const all = this.waiting;
    this.waiting = new Set();
    for (const w of all) w();
  }

  private keep(logged: Logged): Put {
    const value = encode(rowOf(logged));
    this.kept = { bytes: this.kept.bytes + value.length, entries: this.kept.entries + 1 };
    return { key: keyOf(logged.place), value };
  }

  /** From now on events are kept in the store: called when the first stream is opened. */
  startKeeping(): void {
    if (this.keeping) return;
    this.keeping = true;
    const puts = new Map<string, Put>([[keyText(KEEPING), { key: KEEPING, value: Buffer.from([1]) }]]);
    for (const logged of this.ring) {
      const put = this.keep(logged);
      puts.set(keyText(put.key), put);
    }
    this.storage.apply(puts);
  }

  /** The oldest events go when there are too many. */
  trim(): void {
    if (this.kept.bytes <= KEPT_BYTES && this.kept.entries <= KEPT_ENTRIES) return;
    const gone = new Map<string, Put>();
    for (const { key, value } of this.storage.range(ALL)) {
      gone.set(keyText(key), { key, value: null });
      this.kept = { bytes: this.kept.bytes - value.length, entries: this.kept.entries - 1 };
      if (gone.size >= TRIM_STEP) break;
    }
    this.storage.apply(gone);
  }

  /** Is everything after this place still known? */
  reaches(place: Place): boolean {
    const oldest = this.oldest();
    return !oldest || comparePlaces(oldest, place) <= 0 || this.nothingBefore(oldest, place);
  }
  private nothingBefore(oldest: Place, place: Place): boolean {
    // Without kept events, the ring knows all since the start of the process.
    return !this.keeping && comparePlaces(this.startedAt, place) <= 0 && comparePlaces(oldest, place) > 0 && this.ringBytes < RING_BYTES / 2;
  }
  private oldest(): Place | undefined {
    if (!this.keeping) return this.ring[0]?.place ?? this.startedAt;
    for (const { key } of this.storage.range(ALL)) return placeOf(key);
    return undefined;
  }

  /** Flushed events after a place, oldest first. */
  *after(place: Place): Generator<Logged> {
    if (this.ring.length > 0 && comparePlaces(this.ring[0]!.place, place) <= 0 || !this.keeping) {
      let [low, high] = [0, this.ring.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (comparePlaces(this.ring[middle]!.place, place) <= 0) low = middle + 1;
        else high = middle;
      }
      yield* this.ring.slice(low);
      return;
    }
    for (const { key, value } of this.storage.range({ start: keyOf({ ...place, n: place.n + 1 > 0xffff_ffff ? place.n : place.n + 1 }), end: ALL.end })) {
      const at = placeOf(key);
      if (comparePlaces(at, place) > 0) yield loggedFrom(at, decode(value));
    }
  }

  /** Resolves when something was written, or after a while. */
  changed(withinMs: number): { readonly done: Promise<void>; readonly stop: () => void } {
    let stop: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      const timer = setTimeout(() => stop(), withinMs);
      stop = () => { clearTimeout(timer); this.waiting.delete(stop); resolve(); };
      this.waiting.add(stop);
    });
    return { done, stop };
  }

  now(): Place {
    const at = this.clock.last();
    return { t: at.high >>> 0, i: at.low >>> 0, n: 0xffff_ffff };
  }
  /** Writes were lost: what the ring says of them is not true. */
  forget(): void {
    this.ring = [];
    this.ringBytes = 0;
    this.wake();
  }
}

const placeOf = (key: Bytes): Place => ({ t: key.readUInt32BE(1), i: key.readUInt32BE(5), n: key.readUInt32BE(9) });
export const timeOf = ({ t, i }: Place): Timestamp => new Timestamp({ t, i });

function rowOf({ change, wall, lsid, number }: Logged): Doc {
  const common = { op: change.op, ns: change.ns, uuid: change.uuid ?? null, wall, ...(lsid === undefined ? {} : { lsid, number }) };
  if (change.op === 'insert') return { ...common, id: change.id, after: decode(change.after) };
  if (change.op === 'update' || change.op === 'replace') return { ...common, id: change.id, ...(change.op === 'update' ? { description: describeUpdate(change.before, decode(change.after)) } : { after: decode(change.after) }) };
  if (change.op === 'delete') return { ...common, id: change.id };
  return { ...common, ...('detail' in change && change.detail ? { detail: change.detail } : {}) };
}
function loggedFrom(place: Place, row: Doc): Logged {
  const uuid = row['uuid'] instanceof Binary ? Buffer.from(row['uuid'].value()) : undefined;
  const base = { ns: String(row['ns']), uuid: uuid ?? Buffer.alloc(16), id: row['id'] };
  const op = row['op'] as ChangeOf['op'];
  const after = isDoc(row['after']) ? encode(row['after']) : Buffer.alloc(0);
  const change: ChangeOf = op === 'insert' ? { op, ...base, after } : op === 'delete' ? { op, ...base }
    : op === 'update' || op === 'replace' ? { op, ...base, before: isDoc(row['description']) ? { $description: row['description'] } : {}, after }
      : { op, ns: base.ns, uuid, ...(isDoc(row['detail']) ? { detail: row['detail'] } : {}) };
  return { place, change, wall: row['wall'] as Date, lsid: row['lsid'], number: row['number'] };
}
