/** Walks a plan: candidates from an index or the whole collection, checked against the filter, sorted when the walk is not. */
import { decodeFields, decodePassing, fieldSet, type FieldSet } from './bson.ts';
import type { Collection } from './catalog.ts';
import { documentPrefix } from './documents.ts';
import { MongoError } from './errors.ts';
import { nearOf, type Near } from './geo.ts';
import { roughSize } from './group.ts';
import type { Variables } from './expressions.ts';
import { afterPrefix } from './keys.ts';
import { compileFilter, filterSteps } from './match.ts';
import { choosePlan, type Plan, type Span } from './plan.ts';
import { Breather, PAUSE, plain, type Rows } from './rows.ts';
import { sortKeys, sorter } from './sort.ts';
import { HELD_BYTES, sortedRows, type Disk, type Sorting } from './spill.ts';
import type { Bytes, Entry } from './storage.ts';
import { split } from './paths.ts';
import { decode, encode, type CompareText, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';

/** A document that was found: its bytes as they are stored, decoded when somebody asks. */
export class Found {
  bytes: Bytes;
  private decoded: Doc | undefined;
  private readonly fields: FieldSet | undefined;
  private passing: boolean;
  constructor(bytes: Bytes, fields?: FieldSet, decoded?: Doc, passing = false) {
    this.bytes = bytes;
    this.fields = fields;
    this.decoded = decoded;
    this.passing = passing;
  }
  /** Bytes that pass are copied before anything else is read; what is decoded already needs none. */
  kept(): this {
    if (this.passing && !(this.decoded && this.fields)) this.bytes = Buffer.from(this.bytes.subarray(0, this.bytes.readInt32LE(0)));
    this.passing = false;
    return this;
  }
  /** Some fields, without keeping anything. */
  some(fields: FieldSet): Doc {
    return this.passing ? decodePassing(this.bytes, fields) : decodeFields(this.bytes, fields);
  }
  get doc(): Doc {
    this.decoded ??= this.fields ? decodeFields(this.bytes, this.fields) : decode(this.bytes);
    return this.decoded;
  }
}
export type Query = {
  readonly filter: Doc; readonly sort?: Doc | undefined; readonly skip?: number; readonly limit?: number; readonly hint?: Value; readonly variables?: Variables;
  readonly text?: CompareText | undefined;
  /** The top fields that the caller will look at; absent = all. */
  readonly fields?: ReadonlySet<string> | undefined;
};
export type Examined = { keys: number; docs: number; plan?: string };

/** So many rows are kept in order while others pass; more are sorted as a whole. */
const MOST_BEST = 2_000;
export const sortOverMemory = (what: string): MongoError =>
  new MongoError(292, 'QueryExceededMemoryLimitNoDiskUseAllowed', `${what} :: caused by :: Sort exceeded memory limit of 104857600 bytes, but did not opt in to external sorting.`);

function* candidates(view: View, collection: Collection, plan: Plan, examined: Examined): Generator<Bytes> {
  if (plan.branches) {
    const seen = new Set<string>();
    for (const branch of plan.branches) {
      for (const { id, bytes } of indexed(view, collection, branch, examined)) {
        const mark = id.toString('latin1');
        if (seen.has(mark)) continue;
        seen.add(mark);
        yield bytes;
      }
    }
    return;
  }
  if (plan.index) {
    for (const { bytes } of indexed(view, collection, plan, examined)) yield bytes;
    return;
  }
  const prefix = documentPrefix(collection);
  for (const { value: bytes } of view.range({ start: prefix, end: afterPrefix(prefix), reverse: plan.reverse })) {
    examined.docs += 1;
    yield bytes;
  }
}

function* indexed(view: View, collection: Collection, plan: Plan, examined: Examined): Generator<{ id: Bytes; bytes: Bytes }> {
  const { index } = plan;
  const prefix = documentPrefix(collection);
  if (index?.name === '_id_') {
    // Documents lie in the order of their _id: they are this index.
    for (const range of plan.ranges) {
      for (const { key, value } of range.point ? one(view, range.start) : view.range(range)) {
        examined.keys += 1;
        examined.docs += 1;
        yield { id: key.subarray(prefix.length), bytes: value };
      }
    }
    return;
  }
  const seen = index?.multikey ? new Set<string>() : undefined;
  for (const id of plan.merged ? merged(view, plan.ranges, plan.merged, plan.reverse, examined) : inTurn(view, plan.ranges, examined)) {
    const mark = seen ? id.toString('latin1') : '';
    if (seen?.has(mark)) continue;
    seen?.add(mark);
    const bytes = view.get(Buffer.concat([prefix, id]));
    if (!bytes) continue;
    examined.docs += 1;
    yield { id, bytes };
  }
}
function* one(view: View, key: Bytes): Generator<Entry> {
  const value = view.get(key);
  if (value) yield { key, value };
}
function* inTurn(view: View, ranges: readonly Span[], examined: Examined): Generator<Bytes> {
  for (const range of ranges) {
    for (const { value } of range.point ? one(view, range.start) : view.range(range)) {
      examined.keys += 1;
      yield value;
    }
  }
}
/** Several ranges of one index whose rest is in the sort's order: merged by what follows their prefixes. */
function* merged(view: View, ranges: readonly Span[], prefixes: readonly number[], reverse: boolean, examined: Examined): Generator<Bytes> {
  type Head = { rest: Bytes; value: Bytes; walk: Iterator<{ key: Bytes; value: Bytes }>; cut: number };
  const heads: Head[] = [];
  const pull = (walk: Head['walk'], cut: number): void => {
    const { value, done } = walk.next();
    if (done) return;
    examined.keys += 1;
    const head = { rest: value.key.subarray(cut), value: value.value, walk, cut };
    let at = heads.length;
    while (at > 0 && Buffer.compare(heads[at - 1]!.rest, head.rest) * (reverse ? -1 : 1) < 0) at -= 1;
    heads.splice(at, 0, head);
  };
  ranges.forEach((range, i) => pull(view.range(range), prefixes[i]!));
  for (let head = heads.pop(); head; head = heads.pop()) {
    yield head.value;
    pull(head.walk, head.cut);
  }
}

/** A plan in one line, as MongoDB's log has it. */
export function summaryOf(plan: Plan): string {
  if (plan.branches) return plan.branches.map(summaryOf).join(', ');
  return plan.index ? `IXSCAN { ${Object.entries(plan.index.key).map(([k, d]) => `${k}: ${typeof d === 'string' ? `"${d}"` : Number(d)}`).join(', ')} }` : 'COLLSCAN';
}

export const planOf = (collection: Collection, query: Query, view?: View): Plan =>
  choosePlan(collection, query.filter, query.sort ? sortKeys(query.sort) : [], query.hint, { collated: query.text !== undefined, limited: Boolean(query.limit), ...(view ? { view } : {}) });

/** Documents that the query means, in its order, with pauses. */
export function* search(view: View, collection: Collection | undefined, query: Query, examined: Examined = { keys: 0, docs: 0 }): Generator<Found | typeof PAUSE> {
  const near = nearOf(query.filter);
  if (near) return yield* nearest(view, collection, near, query, examined);
  compileFilter(query.filter, query.variables, query.text);
  const order = query.sort ? sorter(query.sort, query.text) : undefined;
  if (!collection) return;
  const plan = planOf(collection, query, view);
  examined.plan ??= summaryOf(plan);
  const matched = matching(view, collection, plan, query, examined);
  const ordered = plan.sorted || !order ? matched : sorted(matched, query, order, view.disk);
  let [skip, left] = [query.skip ?? 0, query.limit ? query.limit : Infinity];
  for (const found of ordered) {
    if (found === PAUSE) { yield PAUSE; continue; }
    if (skip > 0) { skip -= 1; continue; }
    yield found.kept();
    left -= 1;
    if (left <= 0) return;
  }
}
/** Documents with a place, the nearest first unless a sort says otherwise. */
function* nearest(view: View, collection: Collection | undefined, near: Near, query: Query, examined: Examined): Generator<Found | typeof PAUSE> {
  compileFilter(near.rest, query.variables, query.text);
  if (!collection) return;
  if (!collection.indexes.some((i) => i.fields.some(({ path, kind }) => path === near.path && near.kinds.some((k) => k === kind)))) throw new MongoError(291, 'NoQueryExecutionPlans', `error processing query: ns=${collection.ns} planner returned error :: caused by :: unable to find index for $geoNear query`);
  const far: { readonly found: Found; readonly distance: number }[] = [];
  let held = 0;
  for (const found of search(view, collection, { ...query, filter: near.rest, skip: 0, limit: 0, fields: undefined }, examined)) {
    const distance = found === PAUSE ? undefined : near.distanceOf(found.doc);
    if (found === PAUSE) yield PAUSE;
    else if (distance !== undefined) {
      far.push({ found, distance });
      held += found.bytes.length;
      if (held > NEAR_BYTES) throw sortOverMemory('Executor error during find command');
    }
  }
  if (!query.sort) far.sort((a, b) => a.distance - b.distance);
  const from = query.skip ?? 0;
  for (const { found } of far.slice(from, query.limit ? from + query.limit : undefined)) yield found;
}
const NEAR_BYTES = 100 * 2 ** 20;
/** The same for callers that may not let others in: writers between their reading and their writing. */
export const find = (view: View, collection: Collection | undefined, query: Query, examined?: Examined): Generator<Found> => plain<Found>(search(view, collection, query, examined));

function* matching(view: View, collection: Collection, plan: Plan, query: Query, examined: Examined): Generator<Found | typeof PAUSE> {
  const breather = new Breather();
  const steps = filterSteps(query.filter, query.variables, query.text).map((s) => ({ test: s.test, wanted: s.fields ? fieldSet(s.fields) : undefined }));
  const shown = query.fields ? fieldSet(query.sort ? [...query.fields, ...Object.keys(query.sort).map((p) => split(p)[0]!)] : query.fields) : undefined;
  const looked = (bytes: Bytes, passing: boolean): Found | undefined => {
    const fields = passing ? decodePassing : decodeSome;
    let whole: Doc | undefined;
    for (const { test, wanted } of steps) {
      const doc = whole ?? fields(bytes, wanted);
      if (!wanted) whole = doc;
      if (!test(doc)) return undefined;
    }
    if (shown) return new Found(bytes, shown, fields(bytes, shown), passing);
    return new Found(bytes, undefined, whole, passing);
  };
  const prefix = documentPrefix(collection);
  const whole = { start: prefix, end: afterPrefix(prefix), reverse: plan.reverse };
  const passing = !plan.branches && !plan.index && view.canPass(whole);
  const walk = passing ? view.passing(whole) : candidates(view, collection, plan, examined);
  try {
    for (;;) {
      // Pauses come before the next bytes are taken: bytes that pass do not outlive a pause.
      if (breather.due()) yield PAUSE;
      const { value, done } = walk.next();
      if (done) return;
      if (passing) examined.docs += 1;
      const found = looked(value as Bytes, passing);
      if (found) yield found;
    }
  } finally {
    walk.return(undefined);
  }
}
const decodeSome = (bytes: Bytes, fields: FieldSet | undefined): Doc => (fields ? decodeFields(bytes, fields) : decode(bytes));

/** Rows in order. With a small limit, only as many as can be shown are held. */
function sorted(all: Rows<Found>, query: Query, order: ReturnType<typeof sorter>, disk: Disk): Generator<Found | typeof PAUSE> {
  const keyFields = fieldSet(Object.keys(query.sort ?? {}).map((p) => split(p)[0]!));
  const whole = Boolean(query.fields);
  const most = query.limit ? query.limit + (query.skip ?? 0) : Infinity;
  const how: Sorting<Found> = {
    keysOf: (found) => order.keysOf(whole ? found.doc : found.some(keyFields)), compare: order.compareKeys,
    keep: (found) => found.kept(), size: (found) => (whole ? roughSize(found.doc) : found.bytes.length),
    toBytes: (found) => (whole ? encode(found.doc, Infinity) : found.bytes), fromBytes: (bytes) => new Found(bytes, undefined, whole ? decode(bytes) : undefined, false),
    over: () => sortOverMemory('Executor error during find command'), most,
  };
  return sortedRows(most <= MOST_BEST ? bestRows(all, most, how) : all, how, disk);
}
/** The first of all rows in the sort's order, and a few more, as they came. */
function* bestRows(all: Rows<Found>, most: number, how: Sorting<Found>): Generator<Found | typeof PAUSE> {
  type Keyed = { readonly found: Found; readonly keys: readonly Value[]; readonly at: number };
  const by = (a: Keyed, b: Keyed): number => how.compare(a.keys, b.keys) || a.at - b.at;
  let rows: Keyed[] = [];
  let [at, held] = [0, 0];
  /** What is not before this cannot be shown. */
  let worst: Keyed | undefined;
  for (const found of all) {
    if (found === PAUSE) { yield PAUSE; continue; }
    at += 1;
    const keys = how.keysOf(found);
    if (worst && how.compare(keys, worst.keys) >= 0) continue;
    const keyed = { found: found.kept(), keys, at };
    rows.push(keyed);
    held += how.size(keyed.found);
    if (rows.length <= Math.max(MOST_BEST / 2, most * 2) && held <= HELD_BYTES) continue;
    rows = rows.sort(by).slice(0, most);
    if (rows.length === most) worst = rows.at(-1);
    held = rows.reduce((n, r) => n + how.size(r.found), 0);
    if (held <= HELD_BYTES / 2) continue;
    // Few and large: they go on to the sort, which writes them out.
    yield* rows.sort((a, b) => a.at - b.at).map((r) => r.found);
    [rows, held] = [[], 0];
  }
  for (const { found } of rows.sort((a, b) => a.at - b.at)) yield found;
}

function* pausing<T>(steps: Generator<undefined, T>): Generator<typeof PAUSE, T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield PAUSE;
  }
}
/** How many documents the query means. Answered by the index alone when its bounds say all that the filter says. */
export function* counted(view: View, collection: Collection | undefined, query: Query, examined: Examined = { keys: 0, docs: 0 }): Generator<typeof PAUSE, number> {
  compileFilter(query.filter, query.variables, query.text);
  if (!collection) return 0;
  const [skip, limit] = [query.skip ?? 0, query.limit ? query.limit : Infinity];
  const plan = planOf(collection, query, view);
  if (Object.keys(query.filter).length === 0 && (!plan.index || plan.index.name === '_id_')) {
    const prefix = documentPrefix(collection);
    const all = yield* pausing(view.counting({ start: prefix, end: afterPrefix(prefix) }));
    return Math.min(limit, Math.max(0, all - skip));
  }
  if (plan.exact) {
    examined.plan = `COUNT_SCAN ${summaryOf(plan).slice('IXSCAN '.length)}`;
    let n = 0;
    for (const range of plan.ranges) n += range.point ? (view.get(range.start) ? 1 : 0) : yield* pausing(view.counting(range));
    return Math.min(limit, Math.max(0, n - skip));
  }
  let n = 0;
  for (const row of search(view, collection, { ...query, fields: new Set() }, examined)) {
    if (row === PAUSE) yield PAUSE;
    else n += 1;
  }
  return n;
}
