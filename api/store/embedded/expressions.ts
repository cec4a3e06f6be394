/** Aggregation expressions, evaluated over decoded values. `undefined` is a missing field. */
import { Double, Int32, Long, ObjectId } from 'bson';
import { MongoError } from './errors.ts';
import { expressionPath, split } from './paths.ts';
import { dateOperators } from './expressions-date.ts';
import { arrayOperators } from './expressions-array.ts';
import { textOperators } from './expressions-text.ts';
import { arithmetic, averageOf, divide, intOf, modulo, roundTo, sumOf } from './numbers.ts';
import { compare, isDoc, isNumber, toDouble, truthy, typeName, type Doc, type Value } from './values.ts';

export type Variables = Readonly<Record<string, Value>>;
/** An operator gets its raw argument and says itself what is evaluated. */
export type Operator = (arg: Value, vars: Variables) => Value;
export const REMOVE = Symbol('$$REMOVE');

export function evaluate(expression: Value, vars: Variables): Value {
  if (typeof expression === 'string' && expression.startsWith('$')) return fieldOrVariable(expression, vars);
  if (Array.isArray(expression)) return (expression as Value[]).map((e) => evaluate(e, vars) ?? null);
  if (!isDoc(expression)) return expression;
  const keys = Object.keys(expression);
  const first = keys[0];
  if (first?.startsWith('$')) {
    if (keys.length > 1) throw new MongoError(15983, 'Location15983', 'an object representing an expression must have exactly one field');
    const operator = OPERATORS[first];
    if (!operator) throw new MongoError(168, 'InvalidPipelineOperator', `Unrecognized expression '${first}'`);
    return operator(expression[first], vars);
  }
  const out: Doc = {};
  for (const key of keys) {
    const value = evaluate(expression[key], vars);
    if (value !== undefined && value !== REMOVE) out[key] = value;
  }
  return out;
}

function fieldOrVariable(text: string, vars: Variables): Value {
  if (!text.startsWith('$$')) return expressionPath(vars['CURRENT'], split(text.slice(1)));
  const [name = '', ...path] = split(text.slice(2));
  if (name === 'REMOVE') return REMOVE;
  if (!(name in vars)) throw new MongoError(17276, 'Location17276', `Use of undefined variable: ${name}`);
  return expressionPath(vars[name], path);
}

export const missing = (v: Value): boolean => v === null || v === undefined || v === REMOVE;
export const args = (arg: Value, vars: Variables): Value[] => (Array.isArray(arg) ? (arg as Value[]).map((a) => evaluate(a, vars)) : [evaluate(arg, vars)]);
const spread = (arg: Value, vars: Variables): Value[] => {
  const list = args(arg, vars);
  return list.length === 1 && Array.isArray(list[0]) ? (list[0] as Value[]) : list;
};

export function needNumber(v: Value, name: string): Value {
  if (!isNumber(v)) throw new MongoError(14, 'TypeMismatch', `${name} only supports numeric types, not ${typeName(v)}`);
  return v;
}

function add(arg: Value, vars: Variables): Value {
  const list = args(arg, vars);
  if (list.some(missing)) return null;
  const date = list.find((v): v is Date => v instanceof Date);
  const total = sumOf(list.filter((v) => !(v instanceof Date)).map((v) => needNumber(v, '$add')));
  return date ? new Date(date.getTime() + toDouble(total)) : total;
}

function subtract(arg: Value, vars: Variables): Value {
  const [a, b] = args(arg, vars);
  if (missing(a) || missing(b)) return null;
  if (a instanceof Date) return b instanceof Date ? Long.fromNumber(a.getTime() - b.getTime()) : new Date(a.getTime() - toDouble(needNumber(b, '$subtract')));
  return arithmetic('subtract', needNumber(a, '$subtract'), needNumber(b, '$subtract'));
}

const two = (name: string, work: (a: Value, b: Value) => Value): Operator => (arg, vars) => {
  const [a, b] = args(arg, vars);
  return missing(a) || missing(b) ? null : work(needNumber(a, name), needNumber(b, name));
};
const one = (name: string, work: (a: Value) => Value): Operator => (arg, vars) => {
  const [a] = args(arg, vars);
  return missing(a) ? null : work(needNumber(a, name));
};
const compared = (holds: (c: number) => boolean): Operator => (arg, vars) => {
  const [a, b] = args(arg, vars);
  // A missing field sorts below null.
  const c = a === undefined || b === undefined ? Number(a !== undefined) - Number(b !== undefined) : compare(a, b);
  return holds(c);
};
const rounding = (mode: 'round' | 'trunc' | 'floor' | 'ceil'): Operator => (arg, vars) => {
  const [v, place] = args(arg, vars);
  return missing(v) ? null : roundTo(needNumber(v, `$${mode}`), place === undefined ? 0 : toDouble(place), mode);
};
const extreme = (sign: number): Operator => (arg, vars) => {
  const list = spread(arg, vars).filter((v) => !missing(v));
  return list.length === 0 ? null : list.reduce((a, b) => (compare(b, a) * sign > 0 ? b : a));
};
const double = (work: (n: number) => number) => (v: Value): Value => new Double(work(toDouble(v)));

function cond(arg: Value, vars: Variables): Value {
  const [test, yes, no] = Array.isArray(arg) ? (arg as Value[]) : [(arg as Doc)['if'], (arg as Doc)['then'], (arg as Doc)['else']];
  return evaluate(truthy(evaluate(test, vars)) ? yes : no, vars);
}
function switched(arg: Value, vars: Variables): Value {
  const { branches, default: otherwise } = arg as { branches: Doc[]; default?: Value };
  const hit = branches.find((b) => truthy(evaluate(b['case'], vars)));
  if (hit) return evaluate(hit['then'], vars);
  if (!('default' in (arg as Doc))) throw new MongoError(40066, 'Location40066', '$switch could not find a matching branch for an input, and no default was specified.');
  return evaluate(otherwise, vars);
}
function ifNull(arg: Value, vars: Variables): Value {
  const list = arg as Value[];
  for (const e of list) {
    const v = evaluate(e, vars);
    if (!missing(v)) return v;
  }
  return evaluate(list.at(-1), vars);
}
function letIn(arg: Value, vars: Variables): Value {
  const { vars: own, in: body } = arg as { vars: Doc; in: Value };
  return evaluate(body, { ...vars, ...Object.fromEntries(Object.entries(own).map(([k, e]) => [k, evaluate(e, vars)])) });
}
function convert(to: string): Operator {
  return (arg, vars) => {
    const [v] = args(arg, vars);
    if (missing(v)) return null;
    if (to === 'bool') return truthy(v);
    if (to === 'objectId') return v instanceof ObjectId ? v : new ObjectId(String(v));
    const n = v instanceof Date ? v.getTime() : typeof v === 'boolean' ? Number(v) : isNumber(v) ? toDouble(v) : Number(v);
    if (Number.isNaN(n)) throw new MongoError(241, 'ConversionFailure', `Failed to parse number '${String(v)}' in $convert with no onError value`);
    return to === 'double' ? new Double(n) : to === 'int' ? new Int32(Math.trunc(n)) : v instanceof Long ? v : intOf(BigInt(Math.trunc(n)), 'long');
  };
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  $literal: (arg) => arg,
  $expr: (arg, vars) => evaluate(arg, vars),
  $add: add, $subtract: subtract,
  $multiply: (arg, vars) => { const l = args(arg, vars); return l.some(missing) ? null : l.reduce((a, b) => arithmetic('multiply', needNumber(a, '$multiply'), needNumber(b, '$multiply')), new Int32(1)); },
  $divide: two('$divide', divide), $mod: two('$mod', modulo),
  $abs: one('$abs', (v) => (toDouble(v) < 0 ? arithmetic('multiply', v, new Int32(-1)) : v)),
  $ceil: rounding('ceil'), $floor: rounding('floor'), $round: rounding('round'), $trunc: rounding('trunc'),
  $sqrt: one('$sqrt', double(Math.sqrt)), $exp: one('$exp', double(Math.exp)), $ln: one('$ln', double(Math.log)), $log10: one('$log10', double(Math.log10)),
  $pow: two('$pow', (a, b) => { const n = toDouble(a) ** toDouble(b); return Number.isSafeInteger(n) && !(a instanceof Double) && !(b instanceof Double) ? intOf(BigInt(n), 'int') : new Double(n); }),
  $eq: compared((c) => c === 0), $ne: compared((c) => c !== 0), $gt: compared((c) => c > 0), $gte: compared((c) => c >= 0), $lt: compared((c) => c < 0), $lte: compared((c) => c <= 0),
  $cmp: (arg, vars) => { const [a, b] = args(arg, vars); return new Int32(compare(a, b)); },
  $and: (arg, vars) => (Array.isArray(arg) ? (arg as Value[]) : [arg]).every((e) => truthy(evaluate(e, vars))),
  $or: (arg, vars) => (Array.isArray(arg) ? (arg as Value[]) : [arg]).some((e) => truthy(evaluate(e, vars))),
  $not: (arg, vars) => !truthy(args(arg, vars)[0]),
  $cond: cond, $switch: switched, $ifNull: ifNull, $let: letIn,
  $min: extreme(-1), $max: extreme(1),
  $sum: (arg, vars) => sumOf(spread(arg, vars)), $avg: (arg, vars) => averageOf(spread(arg, vars)),
  $type: (arg, vars) => typeName(evaluate(arg, vars)), $isNumber: (arg, vars) => isNumber(args(arg, vars)[0]),
  $toInt: convert('int'), $toLong: convert('long'), $toDouble: convert('double'), $toBool: convert('bool'), $toObjectId: convert('objectId'),
  ...arrayOperators, ...textOperators, ...dateOperators,
};
