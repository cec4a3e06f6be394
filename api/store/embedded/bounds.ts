/** What a filter says of each path, as far as an index can use it: points, or an interval within one type. */
import { isOperators, isRegex } from './match.ts';
import { compare, equal, isDoc, isNumber, ORDER, orderOf, toDouble, truthy, type Doc, type Value } from './values.ts';
import type { BSONRegExp } from 'bson';

export type Bound = { readonly value: Value; readonly inclusive: boolean };
/** `exact`: the bounds say all that the filter says of this path (on an index without arrays). */
export type Bounds = { points?: readonly Value[]; low?: Bound; high?: Bound; /** Both ends are of one element ($elemMatch). */ joined?: boolean; exact: boolean; /** The field must be there, and not null. */ present: boolean };

const RANGED = new Set<number>([ORDER.number, ORDER.string, ORDER.date, ORDER.objectId, ORDER.timestamp, ORDER.bool, ORDER.binary]);
const indexable = (v: Value): boolean => v !== undefined && !Array.isArray(v) && !isRegex(v) && orderOf(v) !== ORDER.object && !(isNumber(v) && Number.isNaN(toDouble(v)));
const MAX_POINTS = 20_000;
const isText = (v: Value): boolean => orderOf(v) === ORDER.string;

/** `whole` is false when the filter says something that is in no bounds at all ($or, $expr ..). */
export type Said = { readonly paths: Map<string, Bounds>; whole: boolean };

export function saidBy(filter: Doc, collated: boolean, into: Said = { paths: new Map(), whole: true }): Said {
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(value)) for (const part of value as Doc[]) saidBy(part, collated, into);
    else if (key === '$comment') continue;
    else if (key.startsWith('$')) into.whole = false;
    else ofPath(key, value, collated, into);
  }
  return into;
}

const boundsAt = (into: Said, path: string): Bounds => {
  const found = into.paths.get(path) ?? { exact: true, present: false };
  into.paths.set(path, found);
  return found;
};

function ofPath(path: string, value: Value, collated: boolean, into: Said): void {
  const at = boundsAt(into, path);
  if (!isOperators(value)) {
    if (isRegex(value)) regexBounds(at, value);
    else points(at, [value], collated);
    return;
  }
  for (const [op, arg] of Object.entries(value)) {
    if (op === '$elemMatch' && isDoc(arg)) {
      at.exact = false;
      at.present = true;
      elementBounds(path, arg, collated, into);
    } else read(at, op, arg, value, collated);
  }
}

/** Of $elemMatch: conditions on the element itself hold together; those on its fields go to their paths. */
function elementBounds(path: string, arg: Doc, collated: boolean, into: Said): void {
  if (isOperators(arg)) {
    const at = boundsAt(into, path);
    if (at.points || at.low || at.high) return;
    for (const [op, x] of Object.entries(arg)) read(at, op, x, arg, collated);
    at.joined = true;
    at.exact = false;
    return;
  }
  const inner = saidBy(arg, collated);
  for (const [sub, b] of inner.paths) if (!into.paths.has(`${path}.${sub}`)) into.paths.set(`${path}.${sub}`, { ...b, exact: false });
  into.whole = false;
}

function points(at: Bounds, values: readonly Value[], collated: boolean): void {
  const wanted = values.map((v) => v ?? null);
  const usable = wanted.every(indexable) && wanted.length <= MAX_POINTS && !(collated && wanted.some(isText));
  if (usable && wanted.every((v) => v !== null)) at.present = true;
  if (!usable || at.points) {
    at.exact = false;
    if (usable && at.points && wanted.length < at.points.length) at.points = once(wanted);
    return;
  }
  at.points = once(wanted);
}
function once(values: readonly Value[]): Value[] {
  const sorted = [...values].sort(compare);
  return sorted.filter((v, i) => i === 0 || !equal(v, sorted[i - 1]));
}

function read(at: Bounds, op: string, arg: Value, siblings: Doc, collated: boolean): void {
  switch (op) {
    case '$eq': return points(at, [arg], collated);
    case '$in': return Array.isArray(arg) ? points(at, arg as Value[], collated) : undefined;
    case '$gt': case '$gte': case '$lt': case '$lte': return range(at, op, arg, collated);
    case '$regex': {
      if (collated || siblings['$options'] !== undefined && siblings['$options'] !== '') { at.exact = false; return undefined; }
      return regexBounds(at, typeof arg === 'string' ? ({ pattern: arg, options: '' } as BSONRegExp) : (arg as RegExp | BSONRegExp));
    }
    case '$all': { at.exact = false; const one = Array.isArray(arg) ? (arg as Value[]).find((v) => indexable(v) && !isOperators(v)) : undefined; if (one !== undefined && !at.points) points(at, [one], collated); at.exact = false; return undefined; }
    case '$exists': if (truthy(arg)) at.present = true; at.exact = false; return undefined;
    case '$type': case '$size': case '$mod': at.exact = false; at.present = op !== '$type' || at.present; return undefined;
    case '$options': return undefined;
    default: at.exact = false;
  }
}

function range(at: Bounds, op: string, arg: Value, collated: boolean): void {
  if (!RANGED.has(orderOf(arg)) || (isNumber(arg) && Number.isNaN(toDouble(arg))) || (collated && isText(arg))) { at.exact = false; return; }
  at.present = true;
  const bound = { value: arg, inclusive: op.endsWith('e') };
  const side = op.startsWith('$g') ? 'low' : 'high';
  const there = at[side];
  if (there) {
    // A second bound on one side: on arrays each may be of another element, so the first stays and the filter does the rest.
    at.exact = false;
    return;
  }
  at[side] = bound;
  if (at.low && at.high && orderOf(at.low.value) !== orderOf(at.high.value)) {
    delete at[side];
    at.exact = false;
  }
}

/** `^abc` is a range of strings; what follows the plain beginning is left to the filter. */
function regexBounds(at: Bounds, regex: RegExp | BSONRegExp): void {
  at.exact = false;
  const [pattern, options] = regex instanceof RegExp ? [regex.source, regex.flags.replace('u', '')] : [regex.pattern, regex.options];
  if (options !== '' || !pattern.startsWith('^') || pattern.includes('|')) return;
  const plain = /^\^([^\\^$.|?*+()[\]{}]*)(.?)/.exec(pattern);
  let prefix = plain?.[1] ?? '';
  // A quantifier takes the last letter back.
  if (plain && '?*{'.includes(plain[2] ?? '') && plain[2] !== '') prefix = [...prefix].slice(0, -1).join('');
  const next = after(prefix);
  if (prefix === '' || next === undefined || at.low || at.high || at.points) return;
  at.low = { value: prefix, inclusive: true };
  at.high = { value: next, inclusive: false };
  at.joined = true;
}
/** The least string above all that begin with the prefix. */
function after(prefix: string): string | undefined {
  const points = [...prefix].map((c) => c.codePointAt(0)!);
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const next = points[i]! + 1;
    if (next > 0x10ffff) continue;
    return String.fromCodePoint(...points.slice(0, i), next >= 0xd800 && next < 0xe000 ? 0xe000 : next);
  }
  return undefined;
}

/** Does the filter imply a partial index's expression? Only what can be seen at once counts. */
export function implies(filter: Doc, said: Said, partial: Doc): boolean {
  return Object.entries(partial).every(([path, wanted]) => {
    if (path === '$and' && Array.isArray(wanted)) return (wanted as Doc[]).every((p) => implies(filter, said, p));
    if (path.startsWith('$')) return false;
    const b = said.paths.get(path);
    if (!b || b.joined) return false;
    const conditions = isOperators(wanted) ? Object.entries(wanted) : [['$eq', wanted] as const];
    return conditions.every(([op, arg]) => implied(b, op, arg));
  });
}
function implied(b: Bounds, op: string, arg: Value): boolean {
  const holds = (v: Value): boolean => {
    if (op === '$exists') return truthy(arg) && v !== null;
    if (op !== '$eq' && orderOf(v) !== orderOf(arg)) return false;
    const c = compare(v, arg);
    return op === '$eq' ? c === 0 : op === '$gt' ? c > 0 : op === '$gte' ? c >= 0 : op === '$lt' ? c < 0 : op === '$lte' ? c <= 0 : false;
  };
  if (b.points) return b.points.every(holds);
  if (op === '$exists') return truthy(arg) && b.present;
  if ((op === '$gt' || op === '$gte') && b.low) return orderOf(b.low.value) === orderOf(arg) && (compare(b.low.value, arg) > 0 || (compare(b.low.value, arg) === 0 && (op === '$gte' || !b.low.inclusive)));
  if ((op === '$lt' || op === '$lte') && b.high) return orderOf(b.high.value) === orderOf(arg) && (compare(b.high.value, arg) < 0 || (compare(b.high.value, arg) === 0 && (op === '$lte' || !b.high.inclusive)));
  return false;
}
