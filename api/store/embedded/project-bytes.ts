/**
 * Plain projections (fields kept, or fields left out) made of a document's bytes: what is kept is copied as it lies, and nothing is
 * decoded or written anew. All else (computed fields, $slice, $elemMatch, the positional `$`) is `project.ts`'s.
 */
import { afterName, afterValue } from './bson.ts';
import { split } from './paths.ts';
import { isDoc, isNumber, truthy, type Doc } from './values.ts';

/** `true` keeps, `false` leaves out; a level says what becomes of the fields of a document, or of each document of an array. */
type Rule = boolean | Level;
type Named = { readonly name: Buffer; readonly rule: Rule };
/** By the first byte of a name. What is not named is left out when `including`. */
type Level = { readonly including: boolean; readonly named: readonly (readonly Named[] | undefined)[] };
type Tree = Map<string, boolean | Tree>;

const [DOCUMENT, ARRAY] = [0x03, 0x04];
/** Short parts are copied faster one by one than by a call out of the engine. */
const SHORT = 24;

/** In: a projection that has been found right (`compileProjection`). Out: undefined where bytes are not enough. */
export function byteProjection(spec: Doc): ((bytes: Buffer) => Buffer | undefined) | undefined {
  const tree: Tree = new Map();
  if (!placed(tree, spec, [])) return undefined;
  const id = tree.get('_id');
  const says = [...leaves(tree)].filter(([path]) => path !== '_id').map(([, keeps]) => keeps);
  const including = says.length > 0 ? says[0]! : id === true;
  if (including && id === undefined) tree.set('_id', true);
  const level = levelOf(tree, including);
  return (bytes) => {
    if (out.length < bytes.length) out = Buffer.allocUnsafe(bytes.length * 2);
    put = 0;
    const done = copied(bytes, 0, level, false) ? Buffer.from(out.subarray(0, put)) : undefined;
    if (out.length > KEPT) out = Buffer.allocUnsafe(KEPT);
    return done;
  };
}
function placed(tree: Tree, spec: Doc, before: readonly string[]): boolean {
  return Object.entries(spec).every(([key, value]) => {
    if (key.includes('$')) return false;
    const parts = [...before, ...split(key)];
    if (isDoc(value)) return placed(tree, value, parts);
    if (!isNumber(value) && typeof value !== 'boolean') return false;
    let at = tree;
    for (const part of parts.slice(0, -1)) {
      const next = at.get(part) ?? new Map<string, boolean | Tree>();
      if (typeof next === 'boolean') return false;
      at.set(part, next);
      at = next;
    }
    at.set(parts.at(-1)!, truthy(value));
    return true;
  });
}
function* leaves(tree: Tree, prefix = ''): Generator<[string, boolean]> {
  for (const [name, node] of tree) {
    if (typeof node === 'boolean') yield [`${prefix}${name}`, node];
    else yield* leaves(node, `${prefix}${name}.`);
  }
}
function levelOf(tree: Tree, including: boolean): Level {
  const named: Named[][] = [];
  for (const [name, node] of tree) {
    const bytes = Buffer.from(`${name}\0`);
    (named[bytes[0]!] ??= []).push({ name: bytes, rule: typeof node === 'boolean' ? node : levelOf(node, including) });
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
