/** Distinct values of a field: by leaping through an index from value to value where one serves, else by looking at all. */
import { decodeFields, fieldSet } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import { documentPrefix, indexPrefix } from './documents.ts';
import { search, type Examined, type Query } from './find.ts';
import { afterPrefix, directed, valueBytes, valueMark } from './keys.ts';
import { valuesAt } from './paths.ts';
import { Breather, PAUSE, type Pause } from './rows.ts';
import type { Bytes } from './storage.ts';
import { compareWith, type CompareText, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';

/** Past so many values, leaping costs more than walking. */
const MOST = 2_000;

export function* distinct(view: View, collection: Collection | undefined, path: readonly string[], query: Query, examined: Examined): Generator<Pause, Value[]> {
  const index = collection && leapingIndex(collection, path, query);
  const leapt = index ? yield* leaping(view, collection, index, examined) : undefined;
  if (leapt) {
    examined.plan = `DISTINCT_SCAN ${index!.name}`;
    return leapt;
  }
  return yield* distinctOf(search(view, collection, { ...query, fields: new Set([path[0]!]) }, examined), path, query.text);
}

export function* distinctOf(rows: Iterable<{ readonly doc: Doc } | Pause>, path: readonly string[], text: CompareText | undefined): Generator<Pause, Value[]> {
  const seen = new Map<string, Value>();
  for (const found of rows) {
    if (found === PAUSE) { yield PAUSE; continue; }
    for (const v of valuesAt(found.doc, path).flatMap((x) => (Array.isArray(x) ? (x as Value[]) : [x]))) {
      if (v === undefined) continue;
      const mark = valueMark(v);
      if (!seen.has(mark) && !(text && [...seen.values()].some((o) => compareWith(o, v, text) === 0))) seen.set(mark, v);
    }
  }
  return [...seen.values()];
}

export const leapingIndex = (collection: Collection, path: readonly string[], { filter, text, hint }: Query): Index | undefined =>
  (Object.keys(filter).length > 0 || text || hint !== undefined ? undefined : collection.indexes.find((i) => i.name !== '_id_' && !i.multikey && !i.partial && !i.idle && !i.hidden && i.fields[0]!.path === path.join('.')));

function* leaping(view: View, collection: Collection, index: Index, examined: Examined): Generator<Pause, Value[] | undefined> {
  const [prefix, documents] = [indexPrefix(index), documentPrefix(collection)];
  const [field] = index.fields;
  const wanted = fieldSet([field!.parts[0]!]);
  const breather = new Breather();
  const end = afterPrefix(prefix);
  const values: Value[] = [];
  const valueOf = (id: Bytes): Value => {
    examined.keys += 1;
    const bytes = view.get(Buffer.concat([documents, id]));
    if (bytes) examined.docs += 1;
    return bytes ? valuesAt(decodeFields(bytes, wanted), field!.parts)[0] : undefined;
  };
  for (let at: Bytes | undefined = prefix; at;) {
    const [first] = view.range({ start: at, end });
    if (!first) return values;
    let value = valueOf(first.value);
    const own: Bytes = Buffer.concat([prefix, directed(valueBytes(value ?? null), field!.direction)]);
    if (value === undefined) {
      // Missing fields lie among the nulls: is there one that is written?
      for (const { value: id } of view.range({ start: own, end: afterPrefix(own) })) {
        value = valueOf(id);
        if (value !== undefined) break;
        if (breather.due()) yield PAUSE;
      }
    }
    if (value !== undefined) values.push(value);
    if (values.length > MOST) return undefined;
    if (breather.due()) yield PAUSE;
    at = afterPrefix(own);
  }
  return values;
}
