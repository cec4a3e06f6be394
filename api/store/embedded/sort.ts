/** Sort orders. Of an array its least (ascending) or greatest element counts. */
import { badValue, MongoError } from './errors.ts';
import { split } from './paths.ts';
import { compareStrings, compareWith, isDoc, isNumber, toDouble, type CompareText, type Doc, type Value } from './values.ts';

export type SortKey = { readonly path: string; readonly direction: 1 | -1 };
export function sortKeys(sort: Doc): SortKey[] {
  const entries = Object.entries(sort);
  if (entries.length > 32) throw new MongoError(13103, 'Location13103', 'too many compound keys');
  return entries.map(([path, d]) => {
    if (isDoc(d) && '$meta' in d) throw new MongoError(303, 'NotImplemented', '$meta in a sort is not supported by this store');
    if (isDoc(d)) throw badValue(`Illegal key in $sort specification: ${path}`);
    if (!isNumber(d) || Math.abs(toDouble(d)) !== 1) throw new MongoError(15975, 'Location15975', '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    if (path === '' || split(path).includes('')) throw new MongoError(40352, 'Location40352', 'FieldPath cannot be constructed with empty string');
    if (path.startsWith('$')) throw new MongoError(16410, 'Location16410', "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
    return { path, direction: toDouble(d) as 1 | -1 };
  });
}

/** The value at a path, or the array that is met on the way with what is left of the path. */
type Reached = { readonly value: Value; readonly list?: readonly Value[]; /** Its place. */ readonly place?: string; readonly rest: readonly string[] };
function reached(root: Value, parts: readonly string[]): Reached {
  let at = root;
  for (let i = 0; i < parts.length; i += 1) {
    at = isDoc(at) && Object.hasOwn(at, parts[i]!) ? at[parts[i]!] : undefined;
    if (Array.isArray(at)) return { value: at, list: at as Value[], place: parts.slice(0, i + 1).join('.'), rest: parts.slice(i + 1) };
  }
  return { value: at ?? null, rest: [] };
}
/**
 * The keys that an index on the paths would hold, of which the first in the sort's order counts: fields of one array go
 * together, element by element. Source: the server's SortKeyGenerator, which asks its BtreeKeyGenerator.
 */
function keysBelow(found: readonly Reached[]): Value[][] {
  const first = found.find((f) => f.list);
  const list = first?.list;
  if (!list) return [found.map((f) => f.value)];
  if (found.some((f) => f.list && f.place !== first.place)) throw badValue('cannot sort with keys that are parallel arrays');
  // An empty array sorts below null.
  return (list.length === 0 ? [EMPTY] : list).flatMap((item) => keysBelow(found.map((f) => (!f.list ? f : f.rest.length === 0 ? { value: item, rest: [] } : reached(item, f.rest)))));
}
const EMPTY = Symbol('an empty array');
const compareSort = (a: Value, b: Value, text: CompareText): number => {
  if (a === EMPTY || b === EMPTY) return emptyRank(a, b);
  return compareWith(a, b, text);
};
/** Below null and above MinKey: MongoDB sorts an empty array as its old `undefined`. */
function emptyRank(a: Value, b: Value): number {
  if (a === b) return 0;
  const other = a === EMPTY ? b : a;
  const below = compareWith(other, null, compareStrings) < 0 ? 1 : -1;
  return a === EMPTY ? below : -below;
}

export type Sorter = { readonly keysOf: (doc: Doc) => Value[]; readonly compareKeys: (a: readonly Value[], b: readonly Value[]) => number };
export function sorter(sort: Doc, text: CompareText = compareStrings): Sorter {
  const keys = sortKeys(sort).map((k) => ({ ...k, parts: split(k.path) }));
  const compareKeys = (a: readonly Value[], b: readonly Value[]): number => {
    for (let i = 0; i < keys.length; i += 1) {
      const c = compareSort(a[i], b[i], text);
      if (c !== 0) return c * keys[i]!.direction;
    }
    return 0;
  };
  const keysOf = (doc: Doc): Value[] => {
    const found = keys.map((k) => reached(doc, k.parts));
    if (found.every((f) => !f.list)) return found.map((f) => f.value);
    return keysBelow(found).reduce((a, b) => (compareKeys(b, a) < 0 ? b : a));
  };
  return { keysOf, compareKeys };
}

export function sortComparator(sort: Doc, text: CompareText = compareStrings): (a: Doc, b: Doc) => number {
  const { keysOf, compareKeys } = sorter(sort, text);
  return (a, b) => compareKeys(keysOf(a), keysOf(b));
}
/** For `$push` with `$sort` and `$sortArray`: elements that are no documents sort as if their fields were missing. */
export const bestOf = sortComparator;

/** Sorts documents, each key taken out once. */
export function sortDocs<T>(rows: T[], docOf: (row: T) => Doc, sort: Doc, text: CompareText = compareStrings): T[] {
  const { keysOf, compareKeys } = sorter(sort, text);
  return rows.map((row) => ({ row, keys: keysOf(docOf(row)) })).sort((a, b) => compareKeys(a.keys, b.keys)).map((r) => r.row);
}
