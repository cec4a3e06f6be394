/** Expressions of the pipeline, evaluated one at a time as the manual tells them. */
import { Double, Int32 } from 'mongodb';
import { average, expressed, isNumeric, total, type Numeric, type Operation } from './exact.ts';
import { asNumber, compare, isDoc, isList, MISSING, nothing, Refused, same, truthy, typeName, type Doc, type Value } from './values.ts';

type Variables = Readonly<Record<string, Value>>;

/** `$a.b`: of an array on the way the documents in it, and what they have there. */
function field(root: Value, path: readonly string[]): Value {
  if (path.length === 0) return root;
  if (isList(root)) return root.filter(isDoc).map((d) => field(d, path)).filter((v) => v !== MISSING);
  return isDoc(root) && Object.hasOwn(root, path[0]!) ? field(root[path[0]!], path.slice(1)) : MISSING;
}
export function evaluate(e: Value, root: Doc, vars: Variables = {}): Value {
  if (typeof e === 'string' && e.startsWith('$$')) {
    const [name = '', ...path] = e.slice(2).split('.');
    if (name === 'ROOT') return field(root, path);
    return name === 'REMOVE' ? MISSING : field(vars[name], path);
  }
  if (typeof e === 'string' && e.startsWith('$')) return field(root, e.slice(1).split('.'));
  if (isList(e)) return e.map((x) => { const v = evaluate(x, root, vars); return v === MISSING ? null : v; });
  if (!isDoc(e)) return e;
  const [name] = Object.keys(e);
  if (name?.startsWith('$')) return operator(name, e[name], (x, more = {}) => evaluate(x, root, { ...vars, ...more }));
  return Object.fromEntries(Object.entries(e).map(([k, x]): [string, Value] => [k, evaluate(x, root, vars)]).filter(([, v]) => v !== MISSING));
}

type Run = (e: Value, more?: Variables) => Value;
function operator(name: string, arg: Value, run: Run): Value {
  const parts = isList(arg) ? arg : [arg];
  const at = (i: number): Value => run(parts[i]);
  const named = arg as Doc;
  switch (name) {
    case '$literal': return arg;
    case '$add': case '$multiply': return fold(name === '$add' ? 'add' : 'multiply', parts.map((p) => run(p)));
    case '$subtract': return fold('subtract', [at(0), at(1)]);
    case '$eq': return same(at(0), at(1));
    case '$ne': return !same(at(0), at(1));
    case '$gt': return compare(at(0), at(1)) > 0;
    case '$gte': return compare(at(0), at(1)) >= 0;
    case '$lt': return compare(at(0), at(1)) < 0;
    case '$lte': return compare(at(0), at(1)) <= 0;
    case '$cmp': return new Int32(compare(at(0), at(1)));
    case '$and': return parts.every((p) => truthy(run(p)));
    case '$or': return parts.some((p) => truthy(run(p)));
    case '$not': return !truthy(at(0));
    case '$cond': return truthy(at(0)) ? at(1) : at(2);
    case '$ifNull': { const v = at(0); return nothing(v) ? at(1) : v; }
    case '$type': return typeName(at(0));
    case '$isArray': return isList(at(0));
    case '$isNumber': return isNumeric(at(0));
    case '$concat': return joined(parts.map((p) => run(p)));
    case '$let': return run(named['in'], Object.fromEntries(Object.entries(named['vars'] as Doc).map(([k, x]) => [k, run(x)])));
    case '$mergeObjects': return parts.map((p) => run(p)).filter((v) => !nothing(v)).reduce<Doc>((a, b) => { if (!isDoc(b)) throw new Refused('$mergeObjects'); return { ...a, ...b }; }, {});
    case '$sum': case '$avg': case '$min': case '$max': { const v = parts.map((p) => run(p)); return accumulated(name, v.length === 1 && isList(v[0]) ? v[0] : v); }
    default: return listOperator(name, parts, named, run);
  }
}
function listOperator(name: string, parts: Value[], named: Doc, run: Run): Value {
  const list = (v: Value): Value[] => { if (!isList(v)) throw new Refused(`${name} needs an array`); return v; };
  switch (name) {
    case '$size': return new Int32(list(run(parts[0])).length);
    case '$in': { const v = run(parts[0]); return list(run(parts[1])).some((x) => same(x, v)); }
    case '$arrayElemAt': { const v = run(parts[0]); if (nothing(v)) return null; const x = list(v).at(asNumber(run(parts[1]))); return x === undefined ? MISSING : x; }
    case '$first': case '$last': { const v = run(parts[0]); if (nothing(v)) return null; const x = list(v).at(name === '$first' ? 0 : -1); return x === undefined ? MISSING : x; }
    case '$concatArrays': { const v = parts.map((p) => run(p)); return v.some(nothing) ? null : v.flatMap(list); }
    case '$reverseArray': { const v = run(parts[0]); return nothing(v) ? null : [...list(v)].reverse(); }
    case '$filter': { const v = run(named['input']); return nothing(v) ? null : list(v).filter((x) => truthy(run(named['cond'], { x }))); }
    case '$map': { const v = run(named['input']); return nothing(v) ? null : list(v).map((x) => { const made = run(named['in'], { x }); return made === MISSING ? null : made; }); }
    case '$reduce': { const v = run(named['input']); return nothing(v) ? null : list(v).reduce((value, x) => run(named['in'], { value, this: x }), run(named['initialValue'])); }
    case '$setUnion': { const v = parts.map((p) => run(p)); return v.some(nothing) ? null : distinct(v.flatMap(list)).sort(compare); }
    default: throw new Refused(name);
  }
}
function joined(values: Value[]): Value {
  let text: string | null = '';
  for (const v of values) {
    if (nothing(v)) text = null;
    else if (typeof v !== 'string') throw new Refused('$concat');
    else if (text !== null) text += v;
  }
  return text;
}
function fold(op: Operation, values: Value[]): Value {
  if (values.some(nothing)) return null;
  if (!values.every(isNumeric)) throw new Refused('a number is needed');
  if (values.some((v) => /NaN|Inf/.test(String(v)))) return special(op, values);
  const made = op === 'subtract' ? expressed(op, values[0]!, values[1]!) : values.reduce((a, b) => expressed(op, a, b), new Int32(op === 'add' ? 0 : 1));
  return made;
}
/** With NaN and the infinities: as doubles, in the widest type. */
export function special(op: Operation, values: readonly Numeric[]): Value {
  const n = values.map(asNumber);
  const made = op === 'subtract' ? n[0]! - n[1]! : op === 'add' ? n.reduce((a, b) => a + b, 0) : n.reduce((a, b) => a * b, 1);
  return values.some((v) => typeName(v) === 'decimal') ? (values.find((v) => typeName(v) === 'decimal')!.constructor as unknown as { fromString(t: string): Value }).fromString(String(made)) : new Double(made);
}
export const distinct = (values: readonly Value[]): Value[] => values.filter((v, i) => values.findIndex((x) => same(x, v)) === i);

/** What accumulators make of the values of a group. */
export function accumulated(name: string, values: readonly Value[]): Value {
  const numbers = values.filter(isNumeric);
  const there = values.filter((v) => !nothing(v));
  switch (name) {
    case '$sum': case '$avg': if (numbers.some((v) => /NaN|Inf/.test(String(v)))) return specialSum(name, numbers); return name === '$sum' ? total(numbers) : average(numbers);
    case '$min': return there.length === 0 ? null : there.reduce((a, b) => (compare(b, a) < 0 ? b : a));
    case '$max': return there.length === 0 ? null : there.reduce((a, b) => (compare(b, a) > 0 ? b : a));
    case '$first': case '$last': { const v = values.at(name === '$first' ? 0 : -1); return v === MISSING || v === undefined ? null : v; }
    case '$push': return values.filter((v) => v !== MISSING);
    case '$addToSet': return distinct(values.filter((v) => v !== MISSING));
    case '$count': return new Int32(values.length);
    default: throw new Refused(name);
  }
}
function specialSum(name: string, numbers: readonly Numeric[]): Value {
  const sum = special('add', [new Int32(0), ...numbers]);
  if (name === '$sum') return sum;
  return typeName(sum) === 'decimal' ? sum : new Double(asNumber(sum));
}
