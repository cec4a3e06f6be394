/**
 * What was written, in order, for change streams: always the newest in memory, and in the store once a stream has been
 * opened in this folder (so that resume tokens live over a restart). Both are bounded.
 */
import { Binary, Timestamp } from 'bson';
import type { Clock } from './clock.ts';
import { withDocument } from './bson.ts';
import { describeBytes, describeUpdate, type Description } from './describe-update.ts';
import { keyText, type Bytes, type Put, type Storage } from './storage.ts';
import { decode, encode, isDoc, type Doc, type Value } from './values.ts';

/** `images`: the collection keeps documents as they were before and after, for streams that ask. `old`: the bytes before, where they are at hand. `described`: what changed, once it has been worked out. */
export type ChangeOf =
  | { readonly op: 'insert'; readonly ns: string; readonly uuid: Bytes; readonly id: Value; readonly after: Bytes }
  | { readonly op: 'update' | 'replace'; readonly ns: string; readonly uuid: Bytes; readonly id: Value; readonly before: Doc; readonly old?: Bytes; readonly after: Bytes; readonly images?: boolean; readonly described?: Description }
  | { readonly op: 'delete'; readonly ns: string; readonly uuid: Bytes; readonly id: Value; readonly before?: Doc }
  | { readonly op: 'drop' | 'dropDatabase' | 'create' | 'createIndexes' | 'dropIndexes' | 'modify' | 'rename'; readonly ns: string; readonly uuid: Bytes | undefined; readonly detail?: Doc };

/** Where an event stands: the time of its commit, and its place within it. */
export type Place = { readonly t: number; readonly i: number; readonly n: number };
export type Logged = { readonly place: Place; readonly change: ChangeOf; readonly wall: Date; readonly lsid: Value; readonly number: Value };

const OPLOG = 0x05;
const KEEPING = Buffer.from([0x00, 0x04]);
const RING_BYTES = 4 * 1024 * 1024;
const RING_SLACK = 1.25;
const KEPT_BYTES = 128 * 1024 * 1024;
const KEPT_ENTRIES = 500_000;
const TRIM_STEP = 2_000;
const COUNT_STEP = 5_000;
const PLACE_BYTES = 12;

export const comparePlaces = (a: Place, b: Place): number => a.t - b.t || a.i - b.i || a.n - b.n;
export const placeBytes = ({ t, i, n }: Place): Bytes => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(t, 0);
  bytes.writeUInt32BE(i, 4);
  bytes.writeUInt32BE(n, 8);
  return bytes;
};
export const placeFrom = (bytes: Bytes, at = 0): Place => ({ t: bytes.readUInt32BE(at), i: bytes.readUInt32BE(at + 4), n: bytes.readUInt32BE(at + 8) });
const keyOf = (place: Place): Bytes => Buffer.concat([Buffer.from([OPLOG]), placeBytes(place)]);
const LAST = 0xffff_ffff;
/** After all events of the time just before this one. */
export const before = ({ high, low }: Timestamp): Place => ((low >>> 0) > 0 ? { t: high >>> 0, i: (low >>> 0) - 1, n: LAST } : { t: (high >>> 0) - 1, i: LAST, n: LAST });
const ALL = { start: Buffer.from([OPLOG]), end: Buffer.from([OPLOG + 1]) };
const sizeOf = (c: ChangeOf): number => ('after' in c ? c.after.length * ('before' in c ? 2 : 1) : 0) + 200;

export class Oplog {
  private ring: Logged[] = [];
  private ringBytes = 0;
  private keeping: boolean;
  private kept = { bytes: 0, entries: 0 };
  /** What was kept before this start and is still to be counted: opening does not wait for it. */
  private uncounted: { readonly from: Bytes; readonly end: Bytes } | undefined;
  /** All events after this place are known. */
  private floor: Place;
  /** Events up to here have been flushed. */
  private safe: Place;
  private newest: Place;
  private noting = false;
  private waiting = new Set<() => void>();
  readonly clock: Clock;
  private readonly storage: Storage;

  constructor(storage: Storage, clock: Clock) {
    this.storage = storage;
    this.clock = clock;
    const since = storage.get(KEEPING);
    this.keeping = Boolean(since);
    this.safe = this.now();
    this.newest = this.safe;
    // Without kept events, all is known since the start of the process.
    this.floor = since?.length === PLACE_BYTES ? placeFrom(since) : { ...this.safe, n: 0 };
    if (this.keeping) this.uncounted = { from: ALL.start, end: keyOf(this.safe) };
  }

  /** Gives a commit its time, and its events their places; answers what the store must keep of them in the same commit. */
  record(changes: readonly ChangeOf[], transaction?: { readonly lsid: unknown; readonly number: unknown }): Put[] {
    const at = this.clock.tick();
    const wall = new Date();
    const puts: Put[] = [];
    changes.forEach((given, n) => {
      const change = this.keeping ? settled(given) : given;
      const place = { t: at.high >>> 0, i: at.low >>> 0, n };
      const logged: Logged = { place, change, wall, lsid: transaction?.lsid, number: transaction?.number };
      this.ring.push(logged);
      this.ringBytes += sizeOf(change);
      if (this.keeping) puts.push(this.keep(logged));
    });
    if (this.ringBytes > RING_BYTES * RING_SLACK) this.shorten();
    this.newest = { t: at.high >>> 0, i: at.low >>> 0, n: LAST };
    this.noteFlush();
    return puts;
  }
  /** In strides: taking the first of a long list away moves all others. */
  private shorten(): void {
    let cut = 0;
    while (this.ringBytes > RING_BYTES && cut < this.ring.length - 1) this.ringBytes -= sizeOf(this.ring[cut++]!.change);
    if (cut > 0 && !this.keeping) this.floor = this.ring[cut - 1]!.place;
    this.ring.splice(0, cut);
  }
  /** The commit gives its writes to the store in this turn, after this call: then it is asked when they are on the disk. */
  private noteFlush(): void {
    if (this.noting) return;
    this.noting = true;
    queueMicrotask(() => {
      this.noting = false;
      const upTo = this.newest;
      void this.storage.flushed().then(() => {
        if (comparePlaces(upTo, this.safe) > 0) this.safe = upTo;
        this.wake();
      }, () => undefined);
    });
  }
  private wake(): void {
    const all = this.waiting;
    this.waiting = new Set();
    for (const w of all) w();
  }

  private keep(logged: Logged): Put {
    const value = rowOf(logged);
    this.kept = { bytes: this.kept.bytes + value.length, entries: this.kept.entries + 1 };
    return { key: keyOf(logged.place), value };
  }

  /** From now on events are kept in the store: called when the first stream is opened. */
  startKeeping(): void {
    if (this.keeping) return;
    this.keeping = true;
    const puts = new Map<string, Put>([this.floorPut()]);
    for (const logged of this.ring) {
      const put = this.keep(logged);
      puts.set(keyText(put.key), put);
    }
    this.storage.apply(puts);
  }
  private floorPut(): [string, Put] {
    return [keyText(KEEPING), { key: KEEPING, value: placeBytes(this.floor) }];
  }

  private countOn(): void {
    let seen = 0;
    for (const { key, value } of this.storage.range({ start: this.uncounted!.from, end: this.uncounted!.end })) {
      if (seen === COUNT_STEP) {
        this.uncounted = { from: key, end: this.uncounted!.end };
        return;
      }
      this.kept = { bytes: this.kept.bytes + value.length, entries: this.kept.entries + 1 };
      seen += 1;
    }
    this.uncounted = undefined;
  }
  /** The oldest events go when there are too many. Called now and then: a few at a time. */
  trim(): void {
    if (this.uncounted) return this.countOn();
    if (this.kept.bytes <= KEPT_BYTES && this.kept.entries <= KEPT_ENTRIES) return;
    const gone = new Map<string, Put>();
    for (const { key, value } of this.storage.range(ALL)) {
      gone.set(keyText(key), { key, value: null });
      this.kept = { bytes: this.kept.bytes - value.length, entries: this.kept.entries - 1 };
      this.floor = placeFrom(key, 1);
      if (gone.size >= TRIM_STEP) break;
    }
    const [text, put] = this.floorPut();
    this.storage.apply(gone.set(text, put));
  }

  /** Is everything after this place still known? */
  reaches(place: Place): boolean {
    return comparePlaces(this.floor, place) <= 0;
  }
  /** The event at this very place. */
  at(place: Place): Logged | undefined {
    const recent = this.ring.find((l) => comparePlaces(l.place, place) === 0);
    const kept = recent ? undefined : this.storage.get(keyOf(place));
    return kept ? loggedFrom(place, decode(kept)) : recent;
  }

  /** Flushed events after a place, oldest first. */
  *after(place: Place): Generator<Logged> {
    for (const logged of this.known(place)) {
      if (comparePlaces(logged.place, this.safe) > 0) return;
      yield logged;
    }
  }
  private *known(place: Place): Generator<Logged> {
    if ((this.ring.length > 0 && comparePlaces(this.ring[0]!.place, place) <= 0) || !this.keeping) {
      let [low, high] = [0, this.ring.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (comparePlaces(this.ring[middle]!.place, place) <= 0) low = middle + 1;
        else high = middle;
      }
      yield* this.ring.slice(low);
      return;
    }
    for (const { key, value } of this.storage.range({ start: keyOf(place), end: ALL.end })) {
      const at = placeFrom(key, 1);
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
    return { t: at.high >>> 0, i: at.low >>> 0, n: LAST };
  }
  /** The place up to which all has been flushed. */
  flushed(): Place {
    return this.safe;
  }
  /** Writes were lost: what the ring says of them is not true. */
  forget(): void {
    this.ring = [];
    this.ringBytes = 0;
    // What was flushed before is still in the store, when it is kept there.
    if (!this.keeping) this.floor = this.now();
    this.newest = this.safe;
    this.wake();
  }
}

export const timeOf = ({ t, i }: Place): Timestamp => new Timestamp({ t, i });

/** What changed, worked out once: the document as it was is then kept only where streams may ask for it. */
function settled(change: ChangeOf): ChangeOf {
  if (change.op !== 'update') return change;
  const { op, ns, uuid, id, after, images } = change;
  return { op, ns, uuid, id, after, described: describedOf(change), before: images ? change.before : {}, ...(images ? { images } : {}) };
}
export const describedOf = (c: Extract<ChangeOf, { op: 'update' | 'replace' }>): Description => c.described ?? (c.old ? describeBytes(c.old, c.after) : describeUpdate(c.before, decode(c.after)));

function rowOf({ change, wall, lsid, number }: Logged): Bytes {
  const common = { op: change.op, ns: change.ns, uuid: change.uuid ?? null, wall, ...(lsid === undefined ? {} : { lsid, number }) };
  switch (change.op) {
    case 'insert': return withDocument(encode({ ...common, id: change.id }), 'after', change.after);
    case 'replace': return withDocument(encode({ ...common, id: change.id, ...(change.images ? { images: true, before: change.before } : {}) }), 'after', change.after);
    case 'update': {
      const row = encode({ ...common, id: change.id, description: describedOf(change), ...(change.images ? { images: true, before: change.before } : {}) }, Infinity);
      return change.images ? withDocument(row, 'after', change.after) : row;
    }
    case 'delete': return encode({ ...common, id: change.id, ...(change.before ? { before: change.before } : {}) }, Infinity);
    default: return encode({ ...common, ...(change.detail ? { detail: change.detail } : {}) });
  }
}
function loggedFrom(place: Place, row: Doc): Logged {
  const uuid = row['uuid'] instanceof Binary ? Buffer.from(row['uuid'].value()) : undefined;
  const base = { ns: String(row['ns']), uuid: uuid ?? Buffer.alloc(16), id: row['id'] };
  return { place, change: changeFrom(row['op'] as ChangeOf['op'], row, base, uuid), wall: row['wall'] as Date, lsid: row['lsid'], number: row['number'] };
}
function changeFrom(op: ChangeOf['op'], row: Doc, base: { ns: string; uuid: Bytes; id: Value }, uuid: Bytes | undefined): ChangeOf {
  const after = isDoc(row['after']) ? encode(row['after']) : Buffer.alloc(0);
  const before = isDoc(row['before']) ? row['before'] : undefined;
  switch (op) {
    case 'insert': return { op, ...base, after };
    case 'delete': return { op, ...base, ...(before ? { before } : {}) };
    case 'update': case 'replace': return { op, ...base, before: before ?? {}, after, ...(row['images'] === true ? { images: true } : {}), ...(isDoc(row['description']) ? { described: row['description'] as Description } : {}) };
    default: return { op, ns: base.ns, uuid, ...(isDoc(row['detail']) ? { detail: row['detail'] } : {}) };
  }
}
