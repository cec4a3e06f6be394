/** Aggregation expressions: logic, comparison, conditions, variables. The other families are in files of their own. */
import { Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { compareValues, compile, define, envOf, inner, many, missing, nary, operands, shape, withNames, type Build, type Env, type Evaluate, type Variables } from './expression-core.ts';
import { arrayOperators } from './expressions-array.ts';
import { convertOperators } from './expressions-convert.ts';
import { dateOperators } from './expressions-date.ts';
import { mathOperators } from './expressions-math.ts';
import { objectOperators } from './expressions-object.ts';
import { textOperators } from './expressions-text.ts';
import { averageOf, sumOf } from './numbers.ts';
import { compareStrings, isDoc, isNumber, truthy, typeName, type CompareText, type Doc, type Value } from './values.ts';

export { compile, envOf, inner, missing, type Evaluate, type Scope, type Variables } from './expression-core.ts';

/** Compiles and evaluates once; `vars.CURRENT` is the document. Loops compile beforehand. */
export function evaluate(expression: Value, vars: Variables, text: CompareText = compareStrings): Value {
  return compile(expression, envOf(vars, text))({ root: vars['CURRENT'], vars });
}

const compared = (name: string, holds: (c: number) => boolean): Build => nary(name, 2, 2, ([a, b], env) => holds(compareValues(a, b, env)));

/** `{$min: [..]}` is over its arguments, `{$min: '$list'}` over the elements of the list. */
const spread = (values: Value[]): Value[] => (values.length === 1 && Array.isArray(values[0]) ? (values[0] as Value[]) : values);
const extreme = (sign: number) => (values: Value[], env: Env): Value => {
  let kept: Value = null;
  for (const v of spread(values)) if (!missing(v) && (kept === null || compareValues(v, kept, env) * sign > 0)) kept = v;
  return kept;
};

const cond: Build = (arg, env) => {
  const given = Array.isArray(arg) ? (arg as Value[]) : undefined;
  if (given && given.length !== 3) throw new MongoError(16020, 'Location16020', `Expression $cond takes exactly 3 arguments. ${given.length} were passed in.`);
  const fields = given ? { if: given[0], then: given[1], else: given[2] } : shapeOfCond(arg);
  const [test, yes, no] = [compile(fields.if, env), compile(fields.then, env), compile(fields.else, env)];
  return (s) => (truthy(test(s)) ? yes(s) : no(s));
};
function shapeOfCond(arg: Value): { if: Value; then: Value; else: Value } {
  if (!isDoc(arg)) throw new MongoError(16020, 'Location16020', 'Expression $cond takes exactly 3 arguments. 1 were passed in.');
  const unknown = Object.keys(arg).find((k) => !['if', 'then', 'else'].includes(k));
  if (unknown) throw new MongoError(17083, 'Location17083', `Unrecognized parameter to $cond: ${unknown}`);
  for (const [i, k] of ['if', 'then', 'else'].entries()) if (!(k in arg)) throw new MongoError(17080 + i, `Location${17080 + i}`, `Missing '${k}' parameter to $cond`);
  return { if: arg['if'], then: arg['then'], else: arg['else'] };
}

const switched: Build = (arg, env) => {
  if (!isDoc(arg)) throw new MongoError(40060, 'Location40060', `$switch requires an object as an argument, found: ${typeName(arg)}`);
  const list = arg['branches'];
  if (!Array.isArray(list)) throw new MongoError(40061, 'Location40061', `$switch expected an array for 'branches', found: ${typeName(list)}`);
  if (list.length === 0) throw new MongoError(40068, 'Location40068', '$switch requires at least one branch.');
  const branches = (list as Doc[]).map((b) => {
    if (!('case' in b)) throw new MongoError(40065, 'Location40065', "$switch requires each branch have a 'case' expression");
    if (!('then' in b)) throw new MongoError(40066, 'Location40066', "$switch requires each branch have a 'then' expression.");
    return { test: compile(b['case'], env), value: compile(b['then'], env) };
  });
  const otherwise: Evaluate = 'default' in arg ? compile(arg['default'], env) : () => { throw new MongoError(40066, 'Location40066', '$switch could not find a matching branch for an input, and no default was specified.'); };
  return (s) => (branches.find((b) => truthy(b.test(s)))?.value ?? otherwise)(s);
};

const ifNull: Build = (arg, env) => {
  const list = operands(arg);
  if (list.length < 2) throw new MongoError(1257300, 'Location1257300', `$ifNull needs at least two arguments, had: ${list.length}`);
  const parts = list.map((e) => compile(e, env));
  return (s) => {
    for (const p of parts.slice(0, -1)) { const v = p(s); if (!missing(v)) return v; }
    return parts.at(-1)!(s);
  };
};

const letIn: Build = (arg, env) => {
  const fields = shape('$let', arg, ['vars', 'in'], []);
  const own = Object.entries(fields['vars'] as Doc).map(([name, e]) => {
    if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name) && name !== 'CURRENT') throw new MongoError(9, 'FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
    return { name, value: compile(e, env) };
  });
  const body = compile(fields['in'], withNames(env, ...own.map((o) => o.name)));
  return (s) => body(inner(s, Object.fromEntries(own.map((o) => [o.name, o.value(s)]))));
};

const every: Build = (arg, env) => { const parts = operands(arg).map((e) => compile(e, env)); return (s) => parts.every((p) => truthy(p(s))); };
const some: Build = (arg, env) => { const parts = operands(arg).map((e) => compile(e, env)); return (s) => parts.some((p) => truthy(p(s))); };

define({
  $literal: (arg) => () => arg, $const: (arg) => () => arg, $expr: compile,
  $eq: compared('$eq', (c) => c === 0), $ne: compared('$ne', (c) => c !== 0), $gt: compared('$gt', (c) => c > 0), $gte: compared('$gte', (c) => c >= 0), $lt: compared('$lt', (c) => c < 0), $lte: compared('$lte', (c) => c <= 0),
  $cmp: nary('$cmp', 2, 2, ([a, b], env) => new Int32(compareValues(a, b, env))),
  $and: every, $or: some, $not: nary('$not', 1, 1, ([v]) => !truthy(v)),
  $cond: cond, $switch: switched, $ifNull: ifNull, $let: letIn,
  $min: many('$min', extreme(-1)), $max: many('$max', extreme(1)), $sum: many('$sum', (v) => sumOf(spread(v))), $avg: many('$avg', (v) => averageOf(spread(v).filter(isNumber))),
  $type: nary('$type', 1, 1, ([v]) => typeName(v)), $isNumber: nary('$isNumber', 1, 1, ([v]) => isNumber(v)),
  $rand: () => () => Math.random(),
  ...arrayOperators, ...convertOperators, ...dateOperators, ...mathOperators, ...objectOperators, ...textOperators,
});
