/** Walks a plan: candidates from an index or the whole collection, checked against the filter, sorted when the walk is not. */
import { ID_INDEX, type Collection } from './catalog.ts';
import { documentPrefix } from './documents.ts';
import { MongoError } from './errors.ts';
import { afterPrefix } from './keys.ts';
import { compileFilter, type Predicate } from './match.ts';
import { choosePlan, type Plan } from './plan.ts';
import type { Variables } from './expressions.ts';
import { sortComparator, sortKeys } from './sort.ts';
import type { Bytes } from './storage.ts';
import { decode, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';

export type Found = { readonly bytes: Bytes; readonly doc: Doc };
export type Query = { readonly filter: Doc; readonly sort?: Doc | undefined; readonly skip?: number; readonly limit?: number; readonly hint?: Value; readonly variables?: Variables };
export type Examined = { keys: number; docs: number };

/** MongoDB's limit of a sort that holds its rows in memory. */
const SORT_BYTES = 100 * 1024 * 1024;

function* candidates(view: View, collection: Collection, plan: Plan, examined: Examined): Generator<Bytes> {
  const prefix = documentPrefix(collection);
  if (plan.branches) {
    const seen = new Set<string>();
    for (const branch of plan.branches) {
      for (const bytes of candidates(view, collection, branch, examined)) {
        // _id is in the bytes; a document found by two branches is the same bytes.
        const mark = bytes.toString('latin1');
        if (!seen.has(mark)) yield bytes;
        seen.add(mark);
      }
    }
    return;
  }
  if (!plan.index) {
    for (const { value } of view.range({ start: prefix, end: afterPrefix(prefix) })) {
      examined.docs += 1;
      yield value;
    }
    return;
  }
  if (plan.index.name === ID_INDEX) {
    for (const range of plan.ranges) {
      for (const { value } of view.range(range)) {
        examined.keys += 1;
        examined.docs += 1;
        yield value;
      }
    }
    return;
  }
  const seen = plan.index.multikey ? new Set<string>() : undefined;
  for (const range of plan.ranges) {
    for (const { value: id } of view.range(range)) {
      examined.keys += 1;
      if (seen?.has(id.toString('latin1'))) continue;
      seen?.add(id.toString('latin1'));
      const bytes = view.get(Buffer.concat([prefix, id]));
      if (!bytes) continue;
      examined.docs += 1;
      yield bytes;
    }
  }
}

export const planOf = (collection: Collection, query: Query): Plan => choosePlan(collection, query.filter, query.sort ? sortKeys(query.sort) : [], query.hint);

/** Documents that the query means, in its order. */
export function* find(view: View, collection: Collection | undefined, query: Query, examined: Examined = { keys: 0, docs: 0 }): Generator<Found> {
  const test = compileFilter(query.filter, query.variables);
  if (query.sort) sortKeys(query.sort);
  if (!collection) return;
  const plan = planOf(collection, query);
  const matched = matching(view, collection, plan, test, examined);
  const ordered = plan.sorted || !query.sort ? matched : sorted(matched, query.sort);
  let [skip, left] = [query.skip ?? 0, query.limit ? query.limit : Infinity];
  for (const found of ordered) {
    if (skip > 0) { skip -= 1; continue; }
    yield found;
    left -= 1;
    if (left <= 0) return;
  }
}

function* matching(view: View, collection: Collection, plan: Plan, test: Predicate, examined: Examined): Generator<Found> {
  for (const bytes of candidates(view, collection, plan, examined)) {
    const doc = decode(bytes);
    if (test(doc)) yield { bytes, doc };
  }
}

function sorted(all: Iterable<Found>, sort: Doc): Found[] {
  const rows: Found[] = [];
  let held = 0;
  for (const row of all) {
    held += row.bytes.length;
    if (held > SORT_BYTES) throw new MongoError(292, 'QueryExceededMemoryLimitNoDiskUseAllowed', 'Executor error during find command :: caused by :: Sort exceeded memory limit of 104857600 bytes, but did not opt in to external sorting.');
    rows.push(row);
  }
  const by = sortComparator(sort);
  return rows.sort((a, b) => by(a.doc, b.doc));
}
