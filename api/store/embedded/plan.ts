/** Chooses an index for a filter and a sort: equality first, then the sort, then one range (the manual's ESR rule). */
import { Int32, ObjectId } from 'bson';
import { ID_INDEX, type Collection, type Index } from './catalog.ts';
import { implies, saidBy, type Bound, type Bounds, type Said } from './bounds.ts';
import { badValue } from './errors.ts';
import { documentPrefix, indexPrefix } from './documents.ts';
import { afterPrefix, bracketStart, cutBound, directed, fitted, MAX_KEY, valueBytes } from './keys.ts';
import type { SortKey } from './sort.ts';
import type { Bytes, Range } from './storage.ts';
import { equal, isDoc, isNumber, ORDER, orderOf, toDouble, type Doc, type Value } from './values.ts';
import type { View } from './view.ts';

/** `point`: the range is one key of a unique index (or of _id). */
export type Span = Range & { readonly point?: boolean };
export type Plan = {
  readonly index: Index | undefined; readonly ranges: readonly Span[]; /** The walk gives the sort's order. */ readonly sorted: boolean; readonly reverse: boolean; readonly branches?: readonly Plan[];
  /** Ranges that are merged by what follows their prefixes, whose lengths these are. */ readonly merged?: readonly number[];
  /** The bounds say all that the filter says: keys may be counted without looking at documents. */ readonly exact: boolean;
  readonly used: readonly { readonly path: string; readonly bounds: Bounds | undefined }[];
};
export type Situation = { readonly collated: boolean; readonly limited: boolean; /** Where sizes of ranges may be asked. */ readonly view?: View };

const MAX_RANGES = 20_000;
/** More ranges are not merged for a sort: each holds a cursor open. */
const MAX_MERGED = 200;
/** How far the ranges of rival indexes are counted. */
const SAMPLE = 200;

const scan = (sort: readonly SortKey[], reverse = false): Plan => ({ index: undefined, ranges: [], sorted: sort.length === 0, reverse, exact: false, used: [] });

export function choosePlan(collection: Collection, filter: Doc, sort: readonly SortKey[], hint: Value, situation: Situation = { collated: false, limited: false }): Plan {
  const wanted = hintedIndex(collection, hint);
  if (wanted === 'scan' || wanted === 'backwards') return scan(sort, wanted === 'backwards');
  const byId = wanted ? undefined : idPlan(collection, filter, situation.collated);
  if (byId) return byId;
  const said = saidBy(filter, situation.collated);
  const tried = (wanted ? [wanted] : collection.indexes).flatMap((index) => {
    const t = tryIndex(collection, index, said, filter, sort, Boolean(wanted), situation.collated);
    return t ? [t] : [];
  });
  const byParts = wanted ? undefined : orPlan(collection, filter, sort, situation);
  if (tried.length === 0) return byParts ?? scan(sort);
  const best = cheapest(tried, sort, situation);
  // An index that only gives the order reads all documents: the parts of an $or may read fewer.
  return byParts && best.score <= ORDER_ONLY && !situation.limited ? byParts : best.plan;
}

/** One document by its id: nothing is better, so nothing else is weighed. */
function idPlan(collection: Collection, filter: Doc, collated: boolean): Plan | undefined {
  const id = filter['_id'];
  const plain = typeof id === 'string' ? !collated : id instanceof ObjectId || id instanceof Int32;
  const index = collection.indexes[0];
  if (!plain || index?.name !== ID_INDEX) return undefined;
  const start = Buffer.concat([documentPrefix(collection), fitted(valueBytes(id))]);
  const exact = Object.keys(filter).length === 1 && start.length < MAX_KEY;
  return { index, ranges: [{ start, end: undefined, point: true }], sorted: true, reverse: false, exact, get used() { return [{ path: '_id', bounds: saidBy({ _id: id }, collated).paths.get('_id') }]; } };
}

function hintedIndex(collection: Collection, hint: Value): Index | 'scan' | 'backwards' | undefined {
  if (hint === undefined || hint === null || hint === '' || (isDoc(hint) && Object.keys(hint).length === 0)) return undefined;
  if (isDoc(hint) && '$natural' in hint) return isNumber(hint['$natural']) && toDouble(hint['$natural']) < 0 ? 'backwards' : 'scan';
  const found = collection.indexes.find((i) => !i.hidden && (typeof hint === 'string' ? i.name === hint : isDoc(hint) && equal(i.key, hint)));
  if (!found) throw badValue('error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index');
  return found;
}

/** A partial or sparse index lacks documents: it may be used only when the filter cannot mean those. */
function holdsAll(index: Index, said: Said, filter: Doc): boolean {
  if (index.partial && !implies(filter, said, index.partial)) return false;
  return !index.sparse || index.fields.some((f) => said.paths.get(f.path)?.present);
}

type Tried = { readonly plan: Plan; readonly score: number };
const EQUAL = 4;
const RANGE = 2;
const SORTED = 3;
const ORDER_ONLY = SORTED;
const UNIQUE = 20;

function tryIndex(collection: Collection, index: Index, said: Said, filter: Doc, sort: readonly SortKey[], forced: boolean, collated: boolean): Tried | undefined {
  if (index.idle || index.hidden) return undefined;
  // A hint on a sparse index is obeyed even where it lacks documents, as MongoDB does.
  if (!holdsAll(index, said, filter) && !(forced && index.sparse && !index.partial)) return undefined;
  const own = index.name === '_id_';
  let prefixes: Bytes[] = [own ? documentPrefix(collection) : indexPrefix(index)];
  let [score, at] = [0, 0];
  for (; at < index.fields.length; at += 1) {
    const field = index.fields[at]!;
    const points = said.paths.get(field.path)?.points;
    if (!points || prefixes.length * points.length > MAX_RANGES) break;
    const keys = points.map((v) => directed(valueBytes(v), field.direction));
    prefixes = prefixes.flatMap((p) => keys.map((k) => Buffer.concat([p, k])));
    score += EQUAL;
  }
  const full = at === index.fields.length;
  const point = full && (own || index.unique);
  if (point) score += UNIQUE;
  const order = sort.length === 0 || index.multikey || collated ? undefined : sortFrom(index, at, sort, said);
  const usable = order !== undefined && prefixes.length <= MAX_MERGED ? order : undefined;
  const next = index.fields[at];
  const bounds = next ? said.paths.get(next.path) : undefined;
  const ranged = Boolean(next && bounds && !bounds.points && (bounds.low ?? bounds.high));
  if (ranged) score += RANGE;
  if (usable) score += SORTED;
  if (score === 0 && !forced) return undefined;
  const reverse = usable === -1;
  const spans = prefixes.map((p) => ({ cut: p.length, span: ranged ? rangeOf(p, bounds!, next!.direction, index.multikey, reverse) : whole(p, reverse, point) }));
  spans.sort((a, b) => Buffer.compare(a.span.start, b.span.start) * (reverse ? -1 : 1));
  const covered = new Set(index.fields.slice(0, at + (ranged ? 1 : 0)).map((f) => f.path));
  const exact = !index.multikey && said.whole && !collated && [...said.paths].every(([p, b]) => covered.has(p) && b.exact && (!b.points || (!b.low && !b.high))) && spans.every((s) => s.span.start.length < MAX_KEY - 20);
  return {
    score,
    plan: {
      index, ranges: spans.map((s) => s.span), sorted: sort.length === 0 || usable !== undefined, reverse, exact, used: index.fields.map((f) => ({ path: f.path, bounds: covered.has(f.path) ? said.paths.get(f.path) : undefined })),
      ...(usable !== undefined && spans.length > 1 ? { merged: spans.map((s) => s.cut) } : {}),
    },
  };
}

/** Does the index give the sort's order after `from` fields with points? Answers the direction of the walk. */
function sortFrom(index: Index, from: number, sort: readonly SortKey[], said: Said): 1 | -1 | undefined {
  // Of the index's own fields it is known that no document has an array there; elsewhere an equal value may be one among others.
  const equalTo = (path: string): boolean => said.paths.get(path)?.points?.length === 1 && index.fields.some((f) => f.path === path);
  const open = sort.filter((s) => !equalTo(s.path));
  if (open.length === 0) return 1;
  // Fields before `from` that have several points are merged; they may not be sorted by.
  const fields = index.fields.slice(from);
  const skipped = fields.filter((f) => !equalTo(f.path));
  const turned = open.map((s, i) => { const f = skipped[i]; return f && f.path === s.path ? s.direction * f.direction : 0; });
  return turned.every((t) => t === 1) ? 1 : turned.every((t) => t === -1) ? -1 : undefined;
}

function whole(prefix: Bytes, reverse: boolean, point: boolean): Span {
  const start = cutBound(prefix);
  if (point && start === prefix) return { start, end: afterPrefix(start), reverse, point };
  return { start, end: afterPrefix(start), reverse };
}

function rangeOf(prefix: Bytes, bounds: Bounds, direction: number, multikey: boolean, reverse: boolean): Span {
  // Of an array one element may satisfy the low end and another the high: then one end only, unless both are of one element.
  const low = bounds.low;
  const high = multikey && low && !bounds.joined ? undefined : bounds.high;
  const type = orderOf((low ?? high)!.value);
  const bracket = Buffer.concat([prefix, directed(bracketStart(type), direction)]);
  // NaN lies below all numbers in its bracket and satisfies no range.
  const least = !low && type === ORDER.number ? { value: -Infinity, inclusive: true } : low;
  const first = direction === 1 ? least : high;
  const last = direction === 1 ? high : least;
  const key = (b: Bound): Bytes => Buffer.concat([prefix, directed(valueBytes(b.value), direction)]);
  const start = first ? startOf(key(first), first.inclusive) : bracket;
  const end = last ? endOf(key(last), last.inclusive) : afterPrefix(bracket);
  return { start, end, reverse };
}
const startOf = (key: Bytes, inclusive: boolean): Bytes => {
  const cut = cutBound(key);
  return inclusive || cut !== key ? cut : (afterPrefix(key) ?? key);
};
const endOf = (key: Bytes, inclusive: boolean): Bytes | undefined => {
  const cut = cutBound(key);
  return inclusive || cut !== key ? afterPrefix(cut) : key;
};

/** The plan that looks at fewest keys, by counting a little way into each; the rules decide where counts are alike. */
function cheapest(tried: readonly Tried[], sort: readonly SortKey[], situation: Situation): Tried {
  const byRule = tried.reduce((a, b) => (b.score > a.score ? b : a));
  if (tried.length === 1 || byRule.score >= UNIQUE || !situation.view) return byRule;
  const costs = tried.map((t) => ({ t, cost: costOf(t, sort, situation) }));
  return costs.reduce((a, b) => (b.cost < a.cost || (b.cost === a.cost && b.t.score > a.t.score) ? b : a)).t;
}
function sampled(view: View, range: Range, most: number): number {
  let n = 0;
  for (const _entry of view.range(range)) {
    n += 1;
    if (n >= most) break;
  }
  return n;
}
function costOf({ plan }: Tried, sort: readonly SortKey[], { view, limited }: Situation): number {
  let keys = 0;
  for (const range of plan.ranges.slice(0, SAMPLE)) {
    if (keys >= SAMPLE) break;
    keys += range.point ? 1 : sampled(view!, range, SAMPLE - keys);
  }
  if (plan.sorted && sort.length > 0) return limited ? Math.min(keys, SAMPLE / 2) : keys;
  return sort.length > 0 ? keys * 1.5 : keys;
}

/** `$or` by parts: each part by an index of its own, the documents once each. */
function orPlan(collection: Collection, filter: Doc, sort: readonly SortKey[], situation: Situation): Plan | undefined {
  const found = orOf(filter);
  if (!found) return undefined;
  const plans = found.parts.map((b) => choosePlan(collection, { $and: [...found.rest, b] }, [], undefined, { ...situation, limited: false }));
  const flat = plans.flatMap((p) => p.branches ?? [p]);
  if (flat.some((p) => !p.index)) return undefined;
  return { index: undefined, ranges: [], sorted: sort.length === 0, reverse: false, branches: flat, exact: false, used: [] };
}
function orOf(filter: Doc): { parts: Doc[]; rest: Doc[] } | undefined {
  const list = conjuncts(filter);
  const at = list.findIndex((c) => Array.isArray(c['$or']) && (c['$or'] as Value[]).length > 0 && (c['$or'] as Value[]).length <= MAX_MERGED);
  if (at < 0) return undefined;
  return { parts: list[at]!['$or'] as Doc[], rest: list.filter((_c, i) => i !== at) };
}
const conjuncts = (filter: Doc): Doc[] => Object.entries(filter).flatMap(([k, v]) => (k === '$and' && Array.isArray(v) ? (v as Doc[]).flatMap(conjuncts) : [{ [k]: v }]));
