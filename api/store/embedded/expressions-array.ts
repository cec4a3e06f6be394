/** Lists and sets. Source: the manual, "Array Expression Operators" and "Set Expression Operators". */
import { Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { compareValues, compile, inner, many, missing, nary, needNumber, same, shape, withNames, type Build, type Env, type Evaluate } from './expression-core.ts';
import { valueMark } from './keys.ts';
import { bestOf } from './sort.ts';
import { compareStrings, isDoc, isNumber, toDouble, truthy, typeName, type Value } from './values.ts';

function list(v: Value, name: string, code = 28689): Value[] {
  if (!Array.isArray(v)) throw new MongoError(code, `Location${code}`, `The argument to ${name} must be an array, but was of type: ${typeName(v)}`);
  return v as Value[];
}
function whole(v: Value, name: string): number {
  if (!isNumber(v) || !Number.isInteger(toDouble(v))) throw new MongoError(28726, 'Location28726', `${name}'s argument must be numeric and representable as a 32-bit integer, but is ${typeName(v)}`);
  return toDouble(v);
}

/** `$map`, `$filter` and such: a list, a name for its elements, and an expression over each. */
function over(name: string, body: string, optional: readonly string[], work: (items: Value[], each: (item: Value) => Value, more: Readonly<Record<string, Value>>) => Value): Build {
  return (arg, env) => {
    const fields = shape(name, arg, ['input', body], ['as', ...optional]);
    const as = fields['as'] === undefined ? 'this' : String(fields['as']);
    const [input, each] = [compile(fields['input'], env), compile(fields[body], withNames(env, as))];
    const extra = optional.filter((k) => k in fields).map((k) => [k, compile(fields[k], env)] as const);
    return (s) => {
      const items = input(s);
      if (missing(items)) return null;
      return work(list(items, name), (item) => each(inner(s, { [as]: item })), Object.fromEntries(extra.map(([k, e]) => [k, e(s)])));
    };
  };
}
const filter = over('$filter', 'cond', ['limit'], (items, each, { limit }) => {
  const most = missing(limit) ? Infinity : whole(limit, '$filter');
  if (most <= 0) throw new MongoError(327392, 'Location327392', '$filter: limit must be greater than 0');
  const out: Value[] = [];
  for (const item of items) {
    if (out.length >= most) break;
    if (truthy(each(item))) out.push(item);
  }
  return out;
});
const map = over('$map', 'in', [], (items, each) => items.map((item) => each(item) ?? null));

const reduce: Build = (arg, env) => {
  const fields = shape('$reduce', arg, ['input', 'initialValue', 'in'], []);
  const [input, start] = [compile(fields['input'], env), compile(fields['initialValue'], env)];
  const step: Evaluate = compile(fields['in'], withNames(env, 'this', 'value'));
  return (s) => {
    const items = input(s);
    if (missing(items)) return null;
    return list(items, '$reduce', 40080).reduce((value, item) => step(inner(s, { value, this: item })), start(s));
  };
};

function slice(values: Value[]): Value {
  const [v, a, b] = values;
  if (values.some(missing)) return null;
  const items = list(v, '$slice', 28724);
  const n = whole(a, '$slice');
  if (values.length < 3) return n < 0 ? items.slice(n) : items.slice(0, n);
  const count = whole(b, '$slice');
  if (count <= 0) throw new MongoError(28729, 'Location28729', `Third argument to $slice must be positive: ${count}`);
  const from = n < 0 ? Math.max(0, items.length + n) : n;
  return items.slice(from, from + count);
}
function at([v, index]: Value[]): Value {
  if (missing(v) || missing(index)) return null;
  return list(v, '$arrayElemAt').at(whole(index, '$arrayElemAt'));
}
function range(values: Value[]): Value {
  const [a, b, s = new Int32(1)] = values;
  const [from, to, step] = [whole(a, '$range'), whole(b, '$range'), whole(s, '$range')];
  if (step === 0) throw new MongoError(34449, 'Location34449', '$range requires a non-zero step value');
  const out: Value[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(new Int32(i));
  return out;
}
function indexOf(values: Value[], env: Env): Value {
  const [v, wanted, from = new Int32(0), to] = values;
  if (missing(v)) return null;
  const items = list(v, '$indexOfArray', 40090);
  const end = to === undefined ? items.length : Math.min(items.length, whole(to, '$indexOfArray'));
  for (let i = whole(from, '$indexOfArray'); i < end; i += 1) if (same(items[i], wanted, env)) return new Int32(i);
  return new Int32(-1);
}

/** Values once each: by their bytes, or one by one where a collation decides. */
export class DistinctValues {
  private readonly seen = new Map<string, Value>();
  private readonly env: Env;
  constructor(env: Env) { this.env = env; }
  has(v: Value): boolean {
    if (this.env.text === compareStrings) return this.seen.has(valueMark(v));
    return [...this.seen.values()].some((o) => same(o, v, this.env));
  }
  add(v: Value): void {
    if (!this.has(v)) this.seen.set(valueMark(v), v);
  }
  values(): Value[] { return [...this.seen.values()]; }
}
const setOf = (items: Iterable<Value>, env: Env): DistinctValues => { const set = new DistinctValues(env); for (const v of items) set.add(v); return set; };
const ordered = (values: Value[], env: Env): Value[] => values.sort((a, b) => compareValues(a, b, env));
const sets = (name: string, least: number, most: number, work: (lists: Value[][], env: Env) => Value): Build => nary(name, least, most, (values, env) => {
  if (values.some(missing)) return null;
  return work(values.map((v) => list(v, name, 17043)), env);
});

const sortArray: Build = (arg, env) => {
  const fields = shape('$sortArray', arg, ['input', 'sortBy'], []);
  const input = compile(fields['input'], env);
  const by = fields['sortBy'];
  const order = isDoc(by) ? bestOf(by, env.text) : (a: Value, b: Value): number => compareValues(a, b, env) * toDouble(needNumber(by, '$sortArray'));
  return (s) => { const items = input(s); return missing(items) ? null : [...list(items, '$sortArray', 2942504)].sort(order as (a: Value, b: Value) => number); };
};
const zip: Build = (arg, env) => {
  const fields = shape('$zip', arg, ['inputs'], ['useLongestLength', 'defaults']);
  if (!Array.isArray(fields['inputs'])) throw new MongoError(34461, 'Location34461', 'inputs must be an array of expressions');
  const inputs = (fields['inputs'] as Value[]).map((e) => compile(e, env));
  const defaults = ((fields['defaults'] as Value[] | undefined) ?? []).map((e) => compile(e, env));
  return (s) => {
    const lists = inputs.map((i) => i(s));
    if (lists.some(missing)) return null;
    const rows = lists.map((l) => list(l, '$zip', 34468));
    const length = fields['useLongestLength'] === true ? Math.max(...rows.map((r) => r.length)) : Math.min(...rows.map((r) => r.length));
    return Array.from({ length }, (_, i) => rows.map((r, n) => (i < r.length ? r[i] : (defaults[n]?.(s) ?? null))));
  };
};
/** `$firstN`, `$lastN`, `$minN`, `$maxN` over a list. */
const firstN = (name: string, pick: (items: Value[], n: number, env: Env) => Value[]): Build => (arg, env) => {
  const fields = shape(name, arg, ['input', 'n'], []);
  const [input, n] = [compile(fields['input'], env), compile(fields['n'], env)];
  return (s) => {
    const size = whole(n(s), name);
    if (size <= 0) throw new MongoError(5787908, 'Location5787908', `'n' must be greater than 0, found ${size}`);
    return pick(list(input(s), name, 5788200), size, env);
  };
};
const present = (items: Value[]): Value[] => items.filter((v) => !missing(v));

export const arrayOperators: Readonly<Record<string, Build>> = {
  $size: nary('$size', 1, 1, ([v]) => new Int32(list(v, '$size', 17124).length)), $isArray: nary('$isArray', 1, 1, ([v]) => Array.isArray(v)),
  $in: nary('$in', 2, 2, ([v, items], env) => { if (!Array.isArray(items)) throw new MongoError(40081, 'Location40081', `$in requires an array as a second argument, found: ${typeName(items)}`); return (items as Value[]).some((i) => same(i, v, env)); }),
  $arrayElemAt: nary('$arrayElemAt', 2, 2, at), $slice: nary('$slice', 2, 3, slice), $reduce: reduce, $sortArray: sortArray, $filter: filter, $map: map, $zip: zip,
  $first: nary('$first', 1, 1, ([v]) => (missing(v) ? null : list(v, '$first')[0])), $last: nary('$last', 1, 1, ([v]) => (missing(v) ? null : list(v, '$last').at(-1))),
  $concatArrays: many('$concatArrays', (values) => (values.some(missing) ? null : values.flatMap((v) => list(v, '$concatArrays', 28664)))),
  $reverseArray: nary('$reverseArray', 1, 1, ([v]) => (missing(v) ? null : [...list(v, '$reverseArray', 34435)].reverse())),
  $range: nary('$range', 2, 3, range), $indexOfArray: nary('$indexOfArray', 2, 4, indexOf),
  $firstN: firstN('$firstN', (items, n) => items.slice(0, n)), $lastN: firstN('$lastN', (items, n) => items.slice(-n)),
  $minN: firstN('$minN', (items, n, env) => ordered(present(items), env).slice(0, n)), $maxN: firstN('$maxN', (items, n, env) => ordered(present(items), env).reverse().slice(0, n)),
  $setUnion: sets('$setUnion', 0, Infinity, (lists, env) => ordered(setOf(lists.flat(), env).values(), env)),
  $setIntersection: sets('$setIntersection', 0, Infinity, (lists, env) => {
    const others = lists.slice(1).map((l) => setOf(l, env));
    return ordered(setOf((lists[0] ?? []).filter((v) => others.every((o) => o.has(v))), env).values(), env);
  }),
  $setDifference: sets('$setDifference', 2, 2, ([a = [], b = []], env) => { const gone = setOf(b, env); return setOf(a.filter((v) => !gone.has(v)), env).values(); }),
  $setIsSubset: sets('$setIsSubset', 2, 2, ([a = [], b = []], env) => { const all = setOf(b, env); return a.every((v) => all.has(v)); }),
  $setEquals: sets('$setEquals', 2, Infinity, ([first = [], ...rest], env) => { const one = setOf(first, env); return rest.every((l) => { const other = setOf(l, env); return l.every((v) => one.has(v)) && first.every((v) => other.has(v)); }); }),
};
