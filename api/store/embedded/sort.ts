import { badValue } from './errors.ts';
import { split, valuesAt } from './paths.ts';
import { compare, isNumber, toDouble, type Doc, type Value } from './values.ts';

export type SortKey = { readonly path: string; readonly direction: 1 | -1 };
export function sortKeys(sort: Doc): SortKey[] {
  return Object.entries(sort).map(([path, d]) => {
    if (!isNumber(d) || Math.abs(toDouble(d)) !== 1) throw badValue(`Illegal key in $sort specification: ${path}: ${JSON.stringify(d)}`);
    return { path, direction: toDouble(d) as 1 | -1 };
  });
}

/** The value by which a document sorts: of an array its least (ascending) or greatest element. */
function sortValue(doc: Doc, parts: readonly string[], direction: number): Value {
  const values = valuesAt(doc, parts).flatMap((v) => (Array.isArray(v) ? (v.length === 0 ? [undefined] : (v as Value[])) : [v]));
  if (values.length <= 1) return values[0] ?? null;
  return values.reduce((a, b) => (compare(b, a) * direction < 0 ? b : a)) ?? null;
}

export function sortComparator(sort: Doc): (a: Doc, b: Doc) => number {
  const keys = sortKeys(sort).map((k) => ({ ...k, parts: split(k.path) }));
  return (a, b) => {
    for (const { parts, direction } of keys) {
      const c = compare(sortValue(a, parts, direction), sortValue(b, parts, direction));
      if (c !== 0) return c * direction;
    }
    return 0;
  };
}
