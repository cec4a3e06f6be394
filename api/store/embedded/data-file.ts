/**
 * Is LMDB's file whole? LMDB maps it and would be killed by a read past its end, or follow a torn first page anywhere, so
 * both are found before it is opened. Layout as lmdb-js carries it (liblmdb, mdb.c: MDB_page, MDB_meta, MDB_node): pages of a
 * fixed size that begin with their own number and the transaction that wrote them; the first two are metas, written in turn.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const HEAD = 24;
/** Whether a commit may be seen before it is flushed: the only flag that an opening changes. */
const DONE_LATER = 0x1000;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const [BRANCH, LEAF, META] = [1, 2, 8] as const;
/** A value too long for its leaf lies in pages of its own. */
const BIG = 1;
const MOST_LEVELS = 40;

type Tree = { readonly depth: number; readonly root: bigint };
type Meta = { readonly slot: number; readonly page: number; readonly flags: number; readonly mapBytes: bigint; readonly free: Tree; readonly main: Tree; readonly last: bigint; readonly txn: bigint };

/** Throws, with the file's name and what to do, when the file is not whole. A file that is not there, or empty, is a new store. */
export function assertWhole(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    if (size === 0) return;
    const wrong = whatIsWrong(file, size);
    if (wrong) throw new Error(`${path} ${wrong}. Nothing was changed. Move the folder away and put a snapshot in its place (npm run store -- --snapshot makes them)`);
  } finally {
    closeSync(file);
  }
}

function whatIsWrong(file: number, size: number): string | undefined {
  const head = Buffer.alloc(Math.min(size, 2 ** 17));
  readSync(file, head, 0, head.length, 0);
  if (head.every((b) => b === 0)) return `is ${size} bytes of which the first ${head.length} are zero: it has lost its contents`;
  const page = head.length >= 52 ? head.readUInt32LE(48) : 0;
  if (head.length < 160 || head.readUInt32LE(HEAD) !== MAGIC || page < 512 || page > 2 ** 16 || (page & (page - 1)) !== 0) return 'is not a file of this store, or its first page is torn';
  if (size < page * 2) return `is cut off: it has ${size} bytes, and its first two pages alone need ${page * 2}`;
  const metas = [0, 1].map((slot) => metaOf(head.subarray(slot * page), slot, page));
  const torn = metas.findIndex((m) => !m);
  if (torn >= 0) return `has a torn page ${torn}, which says where its data begins`;
  const [a, b] = metas as [Meta, Meta];
  const [newest, other] = a.txn > b.txn ? [a, b] : [b, a];
  if ((a.flags | DONE_LATER) !== (b.flags | DONE_LATER) || !inTurn(newest, other)) return 'has two first pages that do not belong together: one of them is torn';
  for (const meta of newest.txn === 0n ? [] : [newest, ...(other.txn > 0n ? [other] : [])]) {
    if (meta.last >= BigInt(Math.ceil(size / page)) && furthest(file, meta) * BigInt(page) + BigInt(page) > BigInt(size)) return `is cut off: it has ${size} bytes and its state ${meta.txn} needs ${(meta.last + 1n) * BigInt(page)}`;
    const root = rootFault(file, meta, size);
    if (root) return root;
  }
  return undefined;
}

/** Commits write the two in turn; a new file and a compact copy have an empty first one. */
const inTurn = (newest: Meta, other: Meta): boolean =>
  (newest.txn === 0n && other.txn === 0n) || (other.txn === 0n && other.main.root === NO_PAGE && newest.slot === 1) || (newest.txn - other.txn === 1n && newest.txn % 2n === BigInt(newest.slot));

function metaOf(bytes: Buffer, slot: number, page: number): Meta | undefined {
  if (bytes.readBigUInt64LE(0) !== BigInt(slot) || bytes.readUInt16LE(18) !== META) return undefined;
  if (bytes.readUInt32LE(24) !== MAGIC || bytes.readUInt32LE(28) !== VERSION || bytes.readUInt32LE(48) !== page) return undefined;
  const tree = (at: number): Tree => ({ depth: bytes.readUInt16LE(at + 6), root: bytes.readBigUInt64LE(at + 40) });
  const meta: Meta = { slot, page, flags: bytes.readUInt16LE(52), mapBytes: bytes.readBigUInt64LE(40), free: tree(48), main: tree(96), last: bytes.readBigUInt64LE(144), txn: bytes.readBigUInt64LE(152) };
  const fits = ({ depth, root }: Tree): boolean => (root === NO_PAGE ? depth === 0 : root >= 2n && root <= meta.last && depth > 0 && depth < MOST_LEVELS);
  return fits(meta.free) && fits(meta.main) && meta.last >= 1n && (meta.last + 1n) * BigInt(page) <= meta.mapBytes ? meta : undefined;
}

/** The root of the data must be the page that the very transaction of the meta wrote (a compact copy's pages are all of 1). */
function rootFault(file: number, meta: Meta, size: number): string | undefined {
  for (const [name, { root, depth }] of [['data', meta.main], ['free pages', meta.free]] as const) {
    if (root === NO_PAGE) continue;
    if ((root + 1n) * BigInt(meta.page) > BigInt(size)) return `is cut off: it has ${size} bytes and the ${name} of its state ${meta.txn} begin after them`;
    const head = pageAt(file, meta, root);
    const wrote = head.readBigUInt64LE(8);
    const kind = head.readUInt16LE(18) & (BRANCH | LEAF);
    if (head.readBigUInt64LE(0) !== root || kind !== (depth > 1 ? BRANCH : LEAF) || wrote > meta.txn || (name === 'data' && wrote !== meta.txn && wrote !== 1n)) return `has a torn page ${root}, where the ${name} of its state ${meta.txn} begin`;
  }
  return undefined;
}

function pageAt(file: number, meta: Meta, at: bigint): Buffer {
  const bytes = Buffer.alloc(meta.page);
  readSync(file, bytes, 0, meta.page, at * BigInt(meta.page));
  return bytes;
}

/**
 * The last page that a state's trees lead to. A file may be shorter than its count of pages says without anything being lost:
 * pages that were taken and given back within one transaction are counted and never written.
 */
function furthest(file: number, meta: Meta): bigint {
  let most = 1n;
  const size = BigInt(fstatSync(file).size);
  const visit = (at: bigint, level: number): void => {
    if (at > most) most = at;
    if ((at + 1n) * BigInt(meta.page) > size || level > MOST_LEVELS) return;
    const page = pageAt(file, meta, at);
    const [kind, nodes] = [page.readUInt16LE(18), page.readUInt16LE(20) >> 1];
    for (let i = 0; i < nodes; i += 1) {
      const node = page.readUInt16LE(HEAD + i * 2) + HEAD;
      if (node + 8 > meta.page) return void (most = NO_PAGE >> 16n);
      const low = BigInt(page.readUInt32LE(node));
      const [flags, keyBytes] = [page.readUInt16LE(node + 4), page.readUInt16LE(node + 6)];
      if (kind & BRANCH) visit(low | (BigInt(flags) << 32n), level + 1);
      else if (flags & BIG) {
        const first = page.readBigUInt64LE(node + 8 + keyBytes);
        const last = first + (low + BigInt(HEAD + meta.page - 1)) / BigInt(meta.page) - 1n;
        if (last > most) most = last;
      }
    }
  };
  for (const { root } of [meta.main, meta.free]) if (root !== NO_PAGE) visit(root, 0);
  return most;
}
