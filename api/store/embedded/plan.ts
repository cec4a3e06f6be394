/** Chooses an index for a filter and a sort: equality first, then the sort, then one range (the manual's ESR rule). */
import type { Collection, Index } from './catalog.ts';
import { badValue } from './errors.ts';
import { indexPrefix } from './documents.ts';
import { afterPrefix, bracketStart, directed, valueBytes } from './keys.ts';
import { isOperators } from './match.ts';
import type { SortKey } from './sort.ts';
import type { Bytes, Range } from './storage.ts';
import { equal, isDoc, ORDER, orderOf, type Doc, type Value } from './values.ts';

type Bound = { readonly value: Value; readonly inclusive: boolean };
type Bounds = { eq?: Value[]; low?: Bound; high?: Bound };
export type Plan = { readonly index: Index | undefined; readonly ranges: readonly Range[]; /** The walk gives the sort's order. */ readonly sorted: boolean; readonly reverse: boolean; readonly branches?: readonly Plan[] };

const RANGED = new Set<number>([ORDER.number, ORDER.string, ORDER.date, ORDER.objectId, ORDER.timestamp, ORDER.bool]);
const indexable = (v: Value): boolean => !Array.isArray(v) && !(v instanceof RegExp) && orderOf(v) !== ORDER.regex && v !== undefined;
const MAX_RANGES = 400;

/** What the filter says of each path, as far as an index can use it. */
function boundsOf(filter: Doc, into = new Map<string, Bounds>()): Map<string, Bounds> {
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(value)) for (const part of value as Doc[]) boundsOf(part, into);
    if (key.startsWith('$')) continue;
    const at = into.get(key) ?? {};
    into.set(key, at);
    if (!isOperators(value)) {
      if (indexable(value)) at.eq ??= [value];
      continue;
    }
    for (const [op, arg] of Object.entries(value)) read(at, op, arg);
  }
  return into;
}

function read(at: Bounds, op: string, arg: Value): void {
  if (op === '$eq' && indexable(arg)) at.eq ??= [arg];
  if (op === '$in' && Array.isArray(arg) && (arg as Value[]).every(indexable) && arg.length <= MAX_RANGES) at.eq ??= arg as Value[];
  if (!RANGED.has(orderOf(arg))) return;
  if (op === '$gt' || op === '$gte') at.low ??= { value: arg, inclusive: op === '$gte' };
  if (op === '$lt' || op === '$lte') at.high ??= { value: arg, inclusive: op === '$lte' };
}

export function choosePlan(collection: Collection, filter: Doc, sort: readonly SortKey[], hint: Value): Plan {
  const wanted = hintedIndex(collection, hint);
  if (wanted === 'scan') return { index: undefined, ranges: [], sorted: sort.length === 0, reverse: false };
  const bounds = boundsOf(filter);
  let best: { plan: Plan; score: number } | undefined;
  for (const index of wanted ? [wanted] : collection.indexes) {
    const tried = tryIndex(index, bounds, filter, sort, Boolean(wanted));
    if (tried && (!best || tried.score > best.score)) best = tried;
  }
  if (best && (best.score > 0 || wanted)) return best.plan;
  return orPlan(collection, filter, sort) ?? { index: undefined, ranges: [], sorted: sort.length === 0, reverse: false };
}

function hintedIndex(collection: Collection, hint: Value): Index | 'scan' | undefined {
  if (hint === undefined || hint === null || hint === '' || (isDoc(hint) && Object.keys(hint).length === 0)) return undefined;
  if (isDoc(hint) && '$natural' in hint) return 'scan';
  const found = collection.indexes.find((i) => (typeof hint === 'string' ? i.name === hint : equal(i.key, hint)));
  if (!found) throw badValue('error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index');
  return found;
}

/** A partial or sparse index lacks documents: it may be used only when the filter cannot mean those. */
function holdsAll(index: Index, bounds: ReadonlyMap<string, Bounds>, filter: Doc): boolean {
  if (index.partial && !Object.entries(index.partial).every(([k, v]) => k in filter && equal(filter[k], v))) return false;
  if (!index.sparse) return true;
  return index.fields.some((f) => { const b = bounds.get(f.path); return b && (b.low ?? b.high ?? (b.eq && b.eq.every((v) => v !== null))); });
}

function tryIndex(index: Index, bounds: ReadonlyMap<string, Bounds>, filter: Doc, sort: readonly SortKey[], forced: boolean): { plan: Plan; score: number } | undefined {
  if (!holdsAll(index, bounds, filter)) return undefined;
  let prefixes: Bytes[] = [indexPrefix(index)];
  let score = 0;
  let at = 0;
  let single = true;
  for (; at < index.fields.length; at += 1) {
    const field = index.fields[at]!;
    const eq = bounds.get(field.path)?.eq;
    if (!eq || prefixes.length * eq.length > MAX_RANGES) break;
    if (eq.length !== 1) single = false;
    prefixes = prefixes.flatMap((p) => eq.map((v) => Buffer.concat([p, directed(valueBytes(v), field.direction)])));
    score += 4;
  }
  if (index.unique && at === index.fields.length) score += 20;
  const order = sort.length === 0 ? undefined : single && !index.multikey ? sortFrom(index, at, sort, bounds) : undefined;
  const next = index.fields[at];
  const range = next ? bounds.get(next.path) : undefined;
  const hasRange = Boolean(next && range && (range.low ?? range.high));
  if (hasRange) score += 2;
  if (order) score += 3;
  if (score === 0 && !forced) return undefined;
  const reverse = order === -1;
  const ranges = prefixes.map((p): Range => (hasRange ? rangeOf(p, range!, next!.direction, index.multikey, reverse) : whole(p, reverse)));
  return { plan: { index, ranges: inOrder(ranges, reverse), sorted: sort.length === 0 || order !== undefined, reverse }, score };
}

/** Does the index give the sort's order after `from` equal fields? Answers the direction of the walk. */
function sortFrom(index: Index, from: number, sort: readonly SortKey[], bounds: ReadonlyMap<string, Bounds>): 1 | -1 | undefined {
  const open = sort.filter((s) => !(bounds.get(s.path)?.eq?.length === 1));
  if (open.length === 0) return 1;
  const turned = open.map((s, i) => { const f = index.fields[from + i]; return f && f.path === s.path ? s.direction * f.direction : 0; });
  return turned.every((t) => t === 1) ? 1 : turned.every((t) => t === -1) ? -1 : undefined;
}

const whole = (prefix: Bytes, reverse: boolean): Range => ({ start: prefix, end: afterPrefix(prefix), reverse });

function rangeOf(prefix: Bytes, bounds: Bounds, direction: number, multikey: boolean, reverse: boolean): Range {
  // Each end may be met by another element of an array, so a multikey index uses one end only.
  const low = bounds.low;
  const high = multikey && low ? undefined : bounds.high;
  const bracket = Buffer.concat([prefix, directed(bracketStart(orderOf((low ?? high)!.value)), direction)]);
  const first = direction === 1 ? low : high;
  const last = direction === 1 ? high : low;
  const key = (b: Bound): Bytes => Buffer.concat([prefix, directed(valueBytes(b.value), direction)]);
  const start = first ? (first.inclusive ? key(first) : (afterPrefix(key(first)) ?? key(first))) : bracket;
  const end = last ? (last.inclusive ? afterPrefix(key(last)) : key(last)) : afterPrefix(bracket);
  return { start, end, reverse };
}

function inOrder(ranges: Range[], reverse: boolean): Range[] {
  const sorted = ranges.sort((a, b) => Buffer.compare(a.start, b.start) * (reverse ? -1 : 1));
  return sorted.filter((r, i) => i === 0 || !r.start.equals(sorted[i - 1]!.start));
}

function orPlan(collection: Collection, filter: Doc, sort: readonly SortKey[]): Plan | undefined {
  const branches = filter['$or'];
  if (!Array.isArray(branches) || branches.length === 0) return undefined;
  const rest = Object.fromEntries(Object.entries(filter).filter(([k]) => k !== '$or'));
  const plans = (branches as Doc[]).map((b) => choosePlan(collection, { $and: [rest, b] }, [], undefined));
  if (plans.some((p) => !p.index && !p.branches)) return undefined;
  return { index: undefined, ranges: [], sorted: sort.length === 0, reverse: false, branches: plans };
}
