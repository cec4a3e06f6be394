/** Field paths as MongoDB walks them: through embedded documents, array positions, and implicitly through array elements. */
import { isDoc, type Doc, type Value } from './values.ts';

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

/** All values at a path, arrays opened on the way; at the end an array is given as itself (the caller opens it). */
export function valuesAt(root: Value, parts: readonly string[], from = 0): Value[] {
  if (from === parts.length) return [root];
  const part = parts[from]!;
  if (Array.isArray(root)) {
    const direct = isIndex(part) && Number(part) < root.length ? valuesAt(root[Number(part)], parts, from + 1) : [];
    const through = root.flatMap((item) => (isDoc(item) ? valuesAt(item, parts, from) : []));
    return [...direct, ...through];
  }
  if (!isDoc(root) || !Object.hasOwn(root, part)) return [undefined];
  return valuesAt(root[part], parts, from + 1);
}

/** The value at a path as an expression sees it: through an array it is the array of what its documents have there. */
export function expressionPath(root: Value, parts: readonly string[], from = 0): Value {
  if (from === parts.length) return root;
  if (Array.isArray(root)) return root.flatMap((item) => { const v = expressionPath(item, parts, from); return v === undefined ? [] : [v]; });
  if (!isDoc(root)) return undefined;
  return expressionPath(Object.hasOwn(root, parts[from]!) ? root[parts[from]!] : undefined, parts, from + 1);
}

export const split = (path: string): string[] => path.split('.');

/** Values that an index holds for a path: array elements one by one; missing as null. Says whether an array was met. */
export function indexValues(doc: Doc, parts: readonly string[]): { values: Value[]; multikey: boolean } {
  let multikey = false;
  const out: Value[] = [];
  const walk = (at: Value, from: number): void => {
    if (from === parts.length) {
      if (!Array.isArray(at)) out.push(at ?? null);
      else {
        multikey = true;
        if (at.length === 0) out.push(null);
        out.push(...at);
      }
      return;
    }
    const part = parts[from]!;
    if (Array.isArray(at)) {
      multikey = true;
      if (isIndex(part) && Number(part) < at.length) return walk(at[Number(part)], from + 1);
      for (const item of at) if (isDoc(item)) walk(item, from);
      if (at.length === 0) out.push(null);
      return;
    }
    walk(isDoc(at) && Object.hasOwn(at, part) ? at[part] : null, isDoc(at) && Object.hasOwn(at, part) ? from + 1 : parts.length);
  };
  walk(doc, 0);
  return { values: out.length > 0 ? out : [null], multikey };
}
