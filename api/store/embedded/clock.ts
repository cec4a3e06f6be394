/** The cluster time: grows with every write, never goes back, not even over a restart. */
import { Binary, Long, Timestamp } from 'bson';
import { keyText, type Storage } from './storage.ts';
import type { Doc } from './values.ts';

const KEY = Buffer.from([0x00, 0x03]);
/** Seconds that are reserved ahead in the store, so that it is written rarely. */
const AHEAD_S = 10;
/** MongoDB writes a no-op when nothing has been written for so long, so that times go on. */
const NOOP_S = 10;

export class Clock {
  private t: number;
  private i = 0;
  private reserved: number;
  private readonly storage: Storage;
  constructor(storage: Storage) {
    this.storage = storage;
    const kept = storage.get(KEY);
    this.reserved = kept ? kept.readUInt32BE(0) : 0;
    this.t = Math.max(seconds() - 1, this.reserved);
  }
  /** A new time, for a write. */
  tick(): Timestamp {
    const now = seconds();
    if (now > this.t) [this.t, this.i] = [now, 1];
    else this.i += 1;
    if (this.t >= this.reserved) {
      this.reserved = this.t + AHEAD_S;
      const value = Buffer.alloc(4);
      value.writeUInt32BE(this.reserved);
      this.storage.apply(new Map([[keyText(KEY), { key: KEY, value }]]));
    }
    return this.last();
  }
  last(): Timestamp {
    return new Timestamp({ t: this.t, i: this.i });
  }
  /** The time of the newest write, as replies carry it. */
  now(): Timestamp {
    return seconds() - this.t > NOOP_S || this.i === 0 ? this.tick() : this.last();
  }
}
const seconds = (): number => Math.floor(Date.now() / 1000);
export const clusterTime = (at: Timestamp): Doc => ({ clusterTime: at, signature: { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO } });
