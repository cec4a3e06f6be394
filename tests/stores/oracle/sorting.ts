/** Sorting: a document's sort key is the first, in the sort's order, of the keys that an index on the sort's fields would hold. */
import { compare, EMPTY, isDoc, isList, MISSING, Refused, type Doc, type Value } from './values.ts';

type Found = { readonly value: Value; readonly list?: Value[]; readonly where?: string; readonly rest: readonly string[] };
function along(root: Value, path: readonly string[]): Found {
  let at: Value = root;
  for (const [i, name] of path.entries()) {
    at = isDoc(at) && Object.hasOwn(at, name) ? at[name] : MISSING;
    if (isList(at)) return { value: at, list: at, where: path.slice(0, i + 1).join('.'), rest: path.slice(i + 1) };
  }
  return { value: at, rest: [] };
}
/** All keys of a document: arrays opened, fields of one array together; two arrays side by side are refused. */
export function indexKeys(root: Value, paths: readonly (readonly string[] | Value)[]): Value[][] {
  const found = paths.map((p): Found => (isList(p) ? along(root, p as string[]) : { value: (p as { fixed: Value }).fixed, rest: [] }));
  const first = found.find((f) => f.list);
  const list = first?.list;
  if (!list) return [found.map((f) => (f.value === MISSING ? null : f.value))];
  if (found.some((f) => f.list && f.where !== first.where)) throw new Refused('parallel arrays');
  return (list.length === 0 ? [EMPTY] : list).flatMap((item) => {
    const next = found.map((f) => (f.list ? (f.rest.length === 0 ? { fixed: item } : f.rest) : { fixed: f.value }));
    return indexKeys(isDoc(item) ? item : {}, next);
  });
}
export type Sort = readonly (readonly [string, number])[];
const compareKeys = (a: readonly Value[], b: readonly Value[], sort: Sort): number => {
  for (const [i, [, direction]] of sort.entries()) {
    const c = compare(a[i], b[i]) * direction;
    if (c !== 0) return c;
  }
  return 0;
};
const keyOf = (doc: Doc, sort: Sort): Value[] => indexKeys(doc, sort.map(([p]) => p.split('.'))).reduce((a, b) => (compareKeys(b, a, sort) < 0 ? b : a));
export const bySort = (sort: Sort) => (a: Doc, b: Doc): number => compareKeys(keyOf(a, sort), keyOf(b, sort), sort);
export function sorted(docs: readonly Doc[], sort: Sort): Doc[] {
  return docs.map((doc) => ({ doc, key: keyOf(doc, sort) })).sort((a, b) => compareKeys(a.key, b.key, sort)).map((d) => d.doc);
}
