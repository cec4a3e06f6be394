/** The data folder: who owns it, and which format it is in. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, statSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from './storage.ts';

export const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'owner.pid';
/** Grows when older code could not read what is written. 1: `_id` entries apart from documents; 2: documents are their own `_id` index. */
export const FORMAT = 2;
const OLDEST = 2;
const FORMAT_KEY = Buffer.from([0x00, 0x02]);
/** The same beside the data, for people, and to tell a new folder from one that has lost its data. */
const FORMAT_FILE = 'format';
const shownFormat = (format: number): string => `suanpan store, format ${format}\n`;

type Owner = { readonly pid: number; readonly since: string; readonly port?: number };
/** Folders that this very process owns: the mark in the folder only tells processes apart. */
const mine = new Set<string>();

/** One process owns a folder: intents of open transactions live in its memory. */
export function claimFolder(folder: string): void {
  const real = realpathSync(folder);
  if (mine.has(real)) throw heldBy(folder, { pid: process.pid, since: 'now' });
  const lock = join(folder, LOCK_FILE);
  const owner = ownerOf(lock);
  if (owner) {
    if (owner.pid !== process.pid && isAlive(owner.pid)) throw heldBy(folder, owner);
    // Moved away, not removed: of two that start at once, only one moves the dead owner's mark.
    const aside = `${lock}.${process.pid}`;
    renameSync(lock, aside);
    const moved = ownerOf(aside);
    if (moved && moved.pid !== owner.pid) {
      renameSync(aside, lock);
      throw heldBy(folder, moved);
    }
    unlinkSync(aside);
  }
  const file = openSync(lock, 'wx');
  writeSync(file, JSON.stringify({ pid: process.pid, since: new Date().toISOString() } satisfies Owner));
  closeSync(file);
  mine.add(real);
}
const heldBy = (folder: string, { pid, since, port }: Owner): Error =>
  new Error(`the data folder ${folder} is held by process ${pid}, since ${since}${port ? `, on port ${port}` : ''}; stop that one first`);

/** Says at which port the owner answers, for whoever comes second. */
export function announcePort(folder: string, port: number): void {
  const lock = join(folder, LOCK_FILE);
  const owner = ownerOf(lock);
  if (owner?.pid !== process.pid) return;
  writeFileSync(`${lock}.new`, JSON.stringify({ ...owner, port } satisfies Owner));
  renameSync(`${lock}.new`, lock);
}
export function releaseFolder(folder: string): void {
  const lock = join(folder, LOCK_FILE);
  mine.delete(realpathSync(folder));
  if (ownerOf(lock)?.pid === process.pid) unlinkSync(lock);
}

/** Whether a living process holds the folder. */
export function isOwned(folder: string): boolean {
  const owner = ownerOf(join(folder, LOCK_FILE));
  return owner !== undefined && isAlive(owner.pid);
}

/** A mark that cannot be read (a kill between making and writing it) is nobody's. */
function ownerOf(lock: string): Owner | undefined {
  if (!existsSync(lock)) return undefined;
  const text = readFileSync(lock, 'utf8');
  try {
    const read = JSON.parse(text) as unknown;
    if (typeof read === 'number') return { pid: read, since: 'an unknown time' };
    return typeof read === 'object' && read !== null && 'pid' in read ? (read as Owner) : { pid: 0, since: '' };
  } catch {
    return { pid: 0, since: '' };
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
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

/** Before the data is opened: what the folder says of itself. */
export function checkFolderFormat(folder: string): void {
  const path = join(folder, FORMAT_FILE);
  if (!existsSync(path)) return;
  const [, said] = /^suanpan store, format (\d+)\n$/.exec(readFileSync(path, 'utf8')) ?? [];
  if (!said) throw new Error(`${path} is torn: it should say "${shownFormat(FORMAT).trim()}". The data says its format too: remove this file and start again`);
  assertReadable(folder, Number(said));
  const data = join(folder, DATA_FILE);
  if (!existsSync(data) || statSync(data).size === 0) throw new Error(`${data} is ${existsSync(data) ? 'empty' : 'missing'}, and ${path} says that there was data. Put a snapshot in its place; to begin anew, remove ${path}`);
}
function assertReadable(folder: string, format: number): void {
  if (format > FORMAT) throw new Error(`the data folder ${folder} is in format ${format}, written by a newer version; this one reads formats ${OLDEST} to ${FORMAT}. Start the newer version, or put a snapshot of this one in its place`);
  if (format < OLDEST) throw new Error(`the data folder ${folder} is in format ${format}, which this version no longer reads (it reads ${OLDEST} to ${FORMAT}). Export it with the version that wrote it, and import it anew`);
}

export function checkFormat(storage: Storage, readOnly: boolean): void {
  const kept = storage.get(FORMAT_KEY);
  const format = kept?.length === 4 ? kept.readUInt32BE(0) : kept ? 0 : FORMAT;
  assertReadable(storage.folder, format);
  if (!kept && !storage.isEmpty()) throw new Error(`${join(storage.folder, DATA_FILE)} is an LMDB file that says no format of this store: it is another program's. Name another folder with --data`);
  if (readOnly) return;
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(FORMAT);
  if (!kept) storage.apply(new Map([[FORMAT_KEY.toString('latin1'), { key: FORMAT_KEY, value: mark }]]));
  const path = join(storage.folder, FORMAT_FILE);
  if (!existsSync(path)) void storage.flushed().then(() => writeFileSync(path, shownFormat(FORMAT)), () => undefined);
}

/** Brings a file that others wrote onto the disk, and its name too. */
export function flushFile(folder: string, name: string): void {
  for (const path of [join(folder, name), folder]) {
    const file = openSync(path, 'r');
    fsyncSync(file);
    closeSync(file);
  }
}
