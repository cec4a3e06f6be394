/** The data folder: who owns it, whether its file is whole, which format it is in. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from './storage.ts';

export const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'owner.pid';
/** Grows when older code could not read what is written. 1: `_id` entries apart from documents; 2: documents are their own `_id` index. */
export const FORMAT = 2;
const FORMAT_KEY = Buffer.from([0x00, 0x02]);

/** One process owns a folder: intents of open transactions live in its memory. */
export function claimFolder(folder: string): void {
  const lock = join(folder, LOCK_FILE);
  if (existsSync(lock)) {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid !== process.pid && isAlive(pid)) throw new Error(`the data folder ${folder} is held by process ${pid}; stop that one first`);
    // Moved away, not removed: of two that start at once, only one moves the dead owner's mark.
    const aside = `${lock}.${process.pid}`;
    renameSync(lock, aside);
    const moved = Number(readFileSync(aside, 'utf8'));
    if (moved !== pid) {
      renameSync(aside, lock);
      throw new Error(`the data folder ${folder} is held by process ${moved}; stop that one first`);
    }
    unlinkSync(aside);
  }
  const file = openSync(lock, 'wx');
  writeSync(file, String(process.pid));
  closeSync(file);
}
export function releaseFolder(folder: string): void {
  const lock = join(folder, LOCK_FILE);
  if (existsSync(lock) && Number(readFileSync(lock, 'utf8')) === process.pid) unlinkSync(lock);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // A pid may have been given to another program since; where /proc tells, it is asked.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return !existsSync('/proc/self');
  }
}

const MAGIC = 0xbeefc0de;
const PAGE_HEAD = 24;
const META_AT = [0, 2048, 4096] as const;

/**
 * LMDB maps its file and would be killed by a read past the end, so a cut-off file is found before it is opened. Layout of a
 * meta page (liblmdb as lmdb-js carries it): magic, version, address, map size, two trees of 48 bytes, last page, transaction.
 */
export function checkWhole(folder: string): void {
  const path = join(folder, DATA_FILE);
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    if (size === 0) return;
    const head = Buffer.alloc(8192);
    readSync(file, head, 0, head.length, 0);
    let newest: { txn: bigint; needs: bigint } | undefined;
    for (const at of META_AT) {
      const meta = head.subarray(at + PAGE_HEAD);
      if (meta.length < 136 || meta.readUInt32LE(0) !== MAGIC) continue;
      const [page, last, txn] = [meta.readUInt32LE(24), meta.readBigUInt64LE(120), meta.readBigUInt64LE(128)];
      if (!newest || txn > newest.txn) newest = { txn, needs: (last + 1n) * BigInt(page) };
    }
    if (!newest) throw new Error(`${path} is not a file of this store, or its first pages are torn: restore a snapshot`);
    if (BigInt(size) < newest.needs) throw new Error(`${path} is cut off: it has ${size} bytes and its newest state needs ${newest.needs}: restore a snapshot`);
  } finally {
    closeSync(file);
  }
}

export function checkFormat(storage: Storage, readOnly: boolean): void {
  const kept = storage.get(FORMAT_KEY);
  const format = kept ? kept.readUInt32BE(0) : FORMAT;
  if (format > FORMAT) throw new Error(`the data folder ${storage.folder} is in format ${format}, written by a newer version; this one reads up to ${FORMAT}`);
  if (kept && format === FORMAT || readOnly) return;
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(FORMAT);
  storage.apply(new Map([[FORMAT_KEY.toString('latin1'), { key: FORMAT_KEY, value: mark }]]));
}
