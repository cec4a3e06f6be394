/** Field paths as MongoDB walks them: through embedded documents, array positions, and implicitly through array elements. */
import { isDoc, type Doc, type Value } from './values.ts';

export const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

/** All values at a path, arrays opened on the way; at the end an array is given as itself (the caller opens it). */
export function valuesAt(root: Value, parts: readonly string[], from = 0): Value[] {
  if (from === parts.length) return [root];
  const part = parts[from]!;
  if (isDoc(root)) return Object.hasOwn(root, part) ? valuesAt(root[part], parts, from + 1) : [undefined];
  if (!Array.isArray(root)) return [undefined];
  const out: Value[] = isIndex(part) && Number(part) < root.length ? elementAt(root[Number(part)], parts, from + 1) : [];
  for (const item of root) if (isDoc(item)) out.push(...valuesAt(item, parts, from));
  return out;
}

/** An array that a position named: it is looked at as a whole, not by its own elements. Source: the server's path tests ("ArrayIndex2"). */
export class Whole extends Array<Value> {}
function elementAt(item: Value, parts: readonly string[], from: number): Value[] {
  // What is neither document nor array has nothing inside, not even a missing field.
  if (from < parts.length && !isDoc(item) && !Array.isArray(item)) return [];
  if (from < parts.length || !Array.isArray(item)) return valuesAt(item, parts, from);
  const whole = new Whole();
  for (const v of item as Value[]) whole.push(v);
  return [whole];
}

/** The value at a path as an expression sees it: through an array it is the array of what its documents have there. */
export function expressionPath(root: Value, parts: readonly string[], from = 0): Value {
  if (from === parts.length) return root;
  if (Array.isArray(root)) {
    const out: Value[] = [];
    for (const item of root) {
      // Arrays in arrays are passed over.
      const v = isDoc(item) ? expressionPath(item, parts, from) : undefined;
      if (v !== undefined) out.push(v);
    }
    return out;
  }
  if (!isDoc(root)) return undefined;
  return expressionPath(Object.hasOwn(root, parts[from]!) ? root[parts[from]!] : undefined, parts, from + 1);
}

export const split = (path: string): string[] => path.split('.');

/** Values that an index holds for a path: array elements one by one; missing as null. Says whether an array was met. */
export function indexValues(doc: Doc, parts: readonly string[]): { readonly values: Value[]; readonly multikey: boolean } {
  if (parts.length === 1) {
    const only = Object.hasOwn(doc, parts[0]!) ? doc[parts[0]!] : null;
    if (!Array.isArray(only)) return { values: [only ?? null], multikey: false };
  }
  const found = { values: [] as Value[], multikey: false };
  walk(doc, parts, 0, found);
  if (found.values.length === 0) found.values.push(null);
  return found;
}
type Walked = { readonly values: Value[]; multikey: boolean };
function walk(at: Value, parts: readonly string[], from: number, into: Walked): void {
  if (from === parts.length) return leaf(at, into);
  const part = parts[from]!;
  if (Array.isArray(at)) {
    into.multikey = true;
    if (isIndex(part) && Number(part) < at.length) walk(at[Number(part)], parts, from + 1, into);
    for (const item of at) if (isDoc(item)) walk(item, parts, from, into);
    return;
  }
  if (isDoc(at) && Object.hasOwn(at, part)) walk(at[part], parts, from + 1, into);
  else into.values.push(null);
}
function leaf(at: Value, into: Walked): void {
  if (!Array.isArray(at)) return void into.values.push(at ?? null);
  into.multikey = true;
  // An array is found by its elements and as a whole (by an equality with an array).
  if (at.length === 0) into.values.push(null);
  for (const item of at) into.values.push(item ?? null);
}
