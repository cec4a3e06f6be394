/**
 * Plain projections (fields kept, or fields left out) made of a document's bytes: what is kept is copied as it lies, and nothing is
 * decoded or written anew. All else (computed fields, $slice, $elemMatch, the positional `$`) is `project.ts`'s.
 */
import { afterName, afterValue } from './bson.ts';
import type { Parsed, Tree } from './project.ts';

/** `true` keeps, `false` leaves out; a level says what becomes of the fields of a document, or of each document of an array. */
type Rule = boolean | Level;
type Named = { readonly name: Buffer; readonly rule: Rule };
/** By the first byte of a name. What is not named is left out when `including`. */
type Level = { readonly including: boolean; readonly named: readonly (readonly Named[] | undefined)[] };

const [DOCUMENT, ARRAY] = [0x03, 0x04];
/** Short parts are copied faster one by one than by a call out of the engine. */
const SHORT = 24;

/** Undefined: more is asked than to keep or to leave out. What is made answers undefined where a document's bytes are not enough. */
export function byteProjection({ tree, including }: Parsed): ((bytes: Buffer) => Buffer | undefined) | undefined {
  const level = levelOf(tree, including);
  return level && ((bytes) => {
    if (out.length < bytes.length) out = Buffer.allocUnsafe(bytes.length * 2);
    put = 0;
    const done = copied(bytes, 0, level, false) ? Buffer.from(out.subarray(0, put)) : undefined;
    if (out.length > KEPT) out = Buffer.allocUnsafe(KEPT);
    return done;
  });
}
function levelOf(tree: Tree, including: boolean): Level | undefined {
  const named: Named[][] = [];
  for (const [name, node] of Object.entries(tree)) {
    const rule = node.tree ? levelOf(node.tree, including) : node.leaf.leaf === 'in' ? true : node.leaf.leaf === 'out' ? false : undefined;
    if (rule === undefined) return undefined;
    const bytes = Buffer.from(`${name}\0`);
    (named[bytes[0]!] ??= []).push({ name: bytes, rule });
  }
  return { including, named: Array.from({ length: 256 }, (_, i) => named[i]) };
}

/** One buffer for all: a row is copied out of it when it is whole. */
const KEPT = 256 * 1024;
let out = Buffer.allocUnsafe(KEPT);
let put = 0;
function copy(bytes: Buffer, from: number, to: number): void {
  if (to - from > SHORT) put += bytes.copy(out, put, from, to);
  else for (let i = from; i < to; i += 1) out[put++] = bytes[i]!;
}
function ruleOf(level: Level, bytes: Buffer, at: number): Rule {
  const list = level.named[bytes[at]!];
  if (list) {
    outer: for (const { name, rule } of list) {
      for (let i = 1; i < name.length; i += 1) if (bytes[at + i] !== name[i]) continue outer;
      return rule;
    }
  }
  return !level.including;
}
/** Copies what is kept of the document or array at `at`. False where an item would leave an array, whose names are to be counted anew. */
function copied(bytes: Buffer, at: number, level: Level, isArray: boolean): boolean {
  const start = put;
  const end = at + bytes.readInt32LE(at) - 1;
  put += 4;
  /** What is kept in a row is copied at once. */
  let run = -1;
  for (let i = at + 4; i < end;) {
    const type = bytes[i]!;
    const value = afterName(bytes, i + 1);
    const next = afterValue(bytes, type, value);
    const rule = isArray ? level : ruleOf(level, bytes, i + 1);
    const inside = typeof rule !== 'boolean' && (type === DOCUMENT || type === ARRAY);
    // A path that goes on where there is nothing to go into: gone when including, else as it was.
    const keeps = typeof rule === 'boolean' ? rule : !inside && !rule.including;
    if (isArray && !keeps && !inside) return false;
    if (keeps && run < 0) run = i;
    if (!keeps && run >= 0) { copy(bytes, run, i); run = -1; }
    if (inside) {
      copy(bytes, i, value);
      if (!copied(bytes, value, rule, type === ARRAY)) return false;
    }
    i = next;
  }
  if (run >= 0) copy(bytes, run, end);
  out[put++] = 0;
  out.writeInt32LE(put - start, start);
  return true;
}
