/**
 * LMDB below: one ordered map of bytes. Every write of ours is one LMDB transaction; it is seen at once and is durable when
 * `flushed()` resolves, which gathers all writers of the while into one flush (lmdb-js: overlapping sync).
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';

export type Bytes = Buffer;
export type Change = ReadonlyMap<string, Bytes | null>;
/** Map keys are the bytes as latin1 text: unique per byte string, cheap to hash. */
export const keyText = (key: Bytes): string => key.toString('latin1');
export const keyBytes = (text: string): Bytes => Buffer.from(text, 'latin1');

export type Range = { readonly start: Bytes; readonly end: Bytes | undefined; readonly reverse?: boolean };
export type Entry = { readonly key: Bytes; readonly value: Bytes };

export class Storage {
  private readonly env: RootDatabase<Bytes, Bytes>;
  private readonly lock: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.lock = join(folder, 'owner.pid');
    claimFolder(this.lock, folder);
    this.env = open<Bytes, Bytes>({ path: join(folder, 'data.mdb'), encoding: 'binary', keyEncoding: 'binary', mapSize: 64 * 2 ** 30, noSubdir: true, maxDbs: 1 });
  }

  get(key: Bytes, snapshot?: Transaction): Bytes | undefined {
    const found = this.env.get(key, snapshot ? { transaction: snapshot } : undefined);
    return found ? Buffer.from(found) : undefined;
  }

  *range({ start, end, reverse }: Range, snapshot?: Transaction): Generator<Entry> {
    const bounds = reverse ? { ...(end ? { start: end } : {}), end: start } : { start, ...(end ? { end } : {}) };
    for (const { key, value } of this.env.getRange({ ...bounds, reverse: reverse ?? false, ...(snapshot ? { transaction: snapshot } : {}) })) {
      const k = Buffer.from(key);
      // Backwards, LMDB takes the upper bound in and leaves the lower one out: both are turned round here.
      if (reverse && end && Buffer.compare(k, end) >= 0) continue;
      yield { key: k, value: Buffer.from(value) };
    }
    if (!reverse) return;
    const first = this.get(start, snapshot);
    if (first) yield { key: start, value: first };
  }

  snapshot(): Transaction {
    return this.env.useReadTransaction();
  }

  apply(change: Change): void {
    if (change.size === 0) return;
    this.env.transactionSync(() => {
      for (const [key, value] of change) {
        if (value === null) this.env.removeSync(keyBytes(key));
        else this.env.putSync(keyBytes(key), value);
      }
    });
  }

  flushed(): Promise<unknown> {
    return this.env.flushed;
  }

  async close(): Promise<void> {
    await this.env.flushed;
    await this.env.close();
    unlinkSync(this.lock);
  }
}

/** One process owns a folder: intents of open transactions live in its memory. */
function claimFolder(lock: string, folder: string): void {
  if (existsSync(lock)) {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid !== process.pid && isOurs(pid)) throw new Error(`the data folder ${folder} is held by process ${pid}`);
    unlinkSync(lock);
  }
  const file = openSync(lock, 'wx');
  writeSync(file, String(process.pid));
  closeSync(file);
}

function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // A pid may have been given to another program since; where /proc tells, it is asked.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('embedded');
  } catch {
    return !existsSync('/proc/self');
  }
}
