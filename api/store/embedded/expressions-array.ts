import { Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { args, evaluate, missing, type Operator, type Variables } from './expressions.ts';
import { compare, equal, isDoc, toDouble, truthy, typeName, type Doc, type Value } from './values.ts';

function list(v: Value, name: string): Value[] {
  if (!Array.isArray(v)) throw new MongoError(28689, 'Location28689', `Argument to ${name} must be an array, but is of type: ${typeName(v)}`);
  return v as Value[];
}
const input = (arg: Value, vars: Variables, name: string): Value[] | null => {
  const v = evaluate((arg as Doc)['input'], vars);
  return missing(v) ? null : list(v, name);
};
const as = (arg: Value): string => ((arg as Doc)['as'] as string | undefined) ?? 'this';

function reduce(arg: Value, vars: Variables): Value {
  const items = input(arg, vars, '$reduce');
  if (!items) return null;
  return items.reduce((value, item) => evaluate((arg as Doc)['in'], { ...vars, value, this: item }), evaluate((arg as Doc)['initialValue'], vars));
}
function slice(arg: Value, vars: Variables): Value {
  const [v, a, b] = args(arg, vars);
  if (missing(v)) return null;
  const items = list(v, '$slice');
  const n = toDouble(a);
  if (b === undefined) return n < 0 ? items.slice(n) : items.slice(0, n);
  const from = n < 0 ? Math.max(0, items.length + n) : n;
  return items.slice(from, from + toDouble(b));
}
function at(arg: Value, vars: Variables): Value {
  const [v, index] = args(arg, vars);
  if (missing(v) || missing(index)) return null;
  return list(v, '$arrayElemAt').at(toDouble(index));
}
const union = (items: Value[]): Value[] => items.reduce<Value[]>((out, v) => (out.some((o) => equal(o, v)) ? out : [...out, v]), []);
const objectToArray: Operator = (arg, vars) => {
  const v = evaluate(arg, vars);
  return missing(v) ? null : Object.entries(v as Doc).map(([k, x]) => ({ k, v: x }));
};
const arrayToObject: Operator = (arg, vars) => {
  const v = args(arg, vars)[0];
  const items = Array.isArray(arg) && arg.length === 1 && Array.isArray(v) ? (v as Value[]) : (evaluate(arg, vars) as Value[]);
  return missing(items) ? null : Object.fromEntries(items.map((i) => (Array.isArray(i) ? [String(i[0]), (i as Value[])[1]] : [String((i as Doc)['k']), (i as Doc)['v']])));
};
const getField: Operator = (arg, vars) => {
  const named = isDoc(arg) && 'field' in arg;
  const field = evaluate(named ? arg['field'] : arg, vars);
  const from = named && 'input' in arg ? evaluate(arg['input'], vars) : vars['CURRENT'];
  return isDoc(from) ? from[String(field)] : undefined;
};
function setField(arg: Value, vars: Variables): Value {
  const { field, input: from, value } = arg as { field: Value; input: Value; value: Value };
  const doc = evaluate(from, vars);
  if (!isDoc(doc)) return null;
  const set = evaluate(value, vars);
  const name = String(evaluate(field, vars));
  if (typeof set !== 'symbol') return { ...doc, [name]: set };
  return Object.fromEntries(Object.entries(doc).filter(([k]) => k !== name));
}
const sortArray: Operator = (arg, vars) => {
  const items = input(arg, vars, '$sortArray');
  const by = (arg as Doc)['sortBy'];
  if (!items) return null;
  if (!isDoc(by)) return [...items].sort((a, b) => compare(a, b) * toDouble(by));
  const keys = Object.entries(by);
  return [...items].sort((a, b) => {
    for (const [k, d] of keys) {
      const c = compare((a as Doc)[k], (b as Doc)[k]) * toDouble(d);
      if (c !== 0) return c;
    }
    return 0;
  });
};
const both = (arg: Value, vars: Variables): Value[][] => args(arg, vars).map((v) => (missing(v) ? [] : list(v, '$set')));

export const arrayOperators: Readonly<Record<string, Operator>> = {
  $size: (arg, vars) => {
    const v = args(arg, vars)[0];
    if (!Array.isArray(v)) throw new MongoError(17124, 'Location17124', `The argument to $size must be an array, but was of type: ${typeName(v)}`);
    return new Int32(v.length);
  },
  $isArray: (arg, vars) => Array.isArray(args(arg, vars)[0]),
  $in: (arg, vars) => { const [v, items] = args(arg, vars); return list(items, '$in').some((i) => equal(i, v)); },
  $arrayElemAt: at, $slice: slice, $reduce: reduce, $sortArray: sortArray,
  $first: (arg, vars) => { const v = args(arg, vars)[0]; return missing(v) ? null : Array.isArray(arg) && arg.length === 1 ? list(v, '$first')[0] : list(evaluate(arg, vars), '$first')[0]; },
  $last: (arg, vars) => { const v = evaluate(Array.isArray(arg) && arg.length === 1 ? (arg as Value[])[0] : arg, vars); return missing(v) ? null : list(v, '$last').at(-1); },
  $filter: (arg, vars) => input(arg, vars, '$filter')?.filter((item) => truthy(evaluate((arg as Doc)['cond'], { ...vars, [as(arg)]: item }))) ?? null,
  $map: (arg, vars) => input(arg, vars, '$map')?.map((item) => evaluate((arg as Doc)['in'], { ...vars, [as(arg)]: item }) ?? null) ?? null,
  $concatArrays: (arg, vars) => { const l = args(arg, vars); return l.some(missing) ? null : l.flatMap((v) => list(v, '$concatArrays')); },
  $reverseArray: (arg, vars) => { const v = args(arg, vars)[0]; return missing(v) ? null : [...list(Array.isArray(arg) && arg.length === 1 ? v : evaluate(arg, vars), '$reverseArray')].reverse(); },
  $range: (arg, vars) => { const [a, b, s] = args(arg, vars).map(toDouble) as [number, number, number?]; const step = s ?? 1; const out: Value[] = []; for (let i = a; step > 0 ? i < b : i > b; i += step) out.push(new Int32(i)); return out; },
  $indexOfArray: (arg, vars) => { const [v, wanted] = args(arg, vars); return missing(v) ? null : new Int32(list(v, '$indexOfArray').findIndex((i) => equal(i, wanted))); },
  $setUnion: (arg, vars) => union(both(arg, vars).flat()).sort(compare),
  $setIntersection: (arg, vars) => { const [first = [], ...rest] = both(arg, vars); return union(first.filter((v) => rest.every((l) => l.some((o) => equal(o, v))))).sort(compare); },
  $setDifference: (arg, vars) => { const [a = [], b = []] = both(arg, vars); return union(a.filter((v) => !b.some((o) => equal(o, v)))); },
  $setIsSubset: (arg, vars) => { const [a = [], b = []] = both(arg, vars); return a.every((v) => b.some((o) => equal(o, v))); },
  $anyElementTrue: (arg, vars) => list(args(arg, vars)[0], '$anyElementTrue').some(truthy),
  $allElementsTrue: (arg, vars) => list(args(arg, vars)[0], '$allElementsTrue').every(truthy),
  $mergeObjects: (arg, vars) => Object.assign({}, ...args(arg, vars).filter((v) => !missing(v)).flatMap((v) => (Array.isArray(v) ? (v as Value[]) : [v]))) as Doc,
  $objectToArray: objectToArray, $arrayToObject: arrayToObject, $getField: getField, $setField: setField,
  $unsetField: (arg, vars) => { const { field, input: from } = arg as Doc as { field: Value; input: Value }; const d = evaluate(from, vars); return isDoc(d) ? Object.fromEntries(Object.entries(d).filter(([k]) => k !== String(evaluate(field, vars)))) : null; },
};
