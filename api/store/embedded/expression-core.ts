/** Expressions are compiled once to closures: unknown names and wrong shapes are refused before the first document. */
import { failedToParse, MongoError } from './errors.ts';
import { expressionPath, split } from './paths.ts';
import { compareStrings, compareWith, isDoc, isNumber, ORDER, orderOf, typeName, type CompareText, type Doc, type Value } from './values.ts';

export type Variables = Readonly<Record<string, Value>>;
/** What an expression looks at: the document, and the variables by name. `undefined` is a missing field. */
export type Scope = { readonly root: Value; readonly vars: Variables };
export type Evaluate = (scope: Scope) => Value;
/** Names that are defined here, and how strings compare. */
export type Env = { readonly names: ReadonlySet<string>; readonly text: CompareText };
export type Build = (arg: Value, env: Env) => Evaluate;

const SYSTEM = new Set(['ROOT', 'CURRENT', 'REMOVE', 'NOW', 'CLUSTER_TIME', 'DESCEND', 'PRUNE', 'KEEP']);
export const envOf = (variables: Variables, text: CompareText = compareStrings): Env => {
  const names = new Set<string>();
  for (const name in variables) names.add(name);
  return { names, text };
};
export const withNames = (env: Env, ...names: string[]): Env => ({ ...env, names: new Set([...env.names, ...names]) });
/** A scope with more variables; the outer ones stay visible through the prototype. */
export function inner(scope: Scope, more: Readonly<Record<string, Value>>): Scope {
  return { root: scope.root, vars: Object.assign(Object.create(scope.vars as object) as Record<string, Value>, more) };
}

const operators = new Map<string, Build>();
export const define = (more: Readonly<Record<string, Build>>): void => { for (const [name, build] of Object.entries(more)) operators.set(name, build); };
export const missing = (v: Value): v is null | undefined => v === null || v === undefined;
export const same = (a: Value, b: Value, env: Env): boolean => compareValues(a, b, env) === 0;
/** A missing field sorts below null and above MinKey. */
export const compareValues = (a: Value, b: Value, env: Env): number => (a === undefined || b === undefined ? rankOfMissing(a) - rankOfMissing(b) : compareWith(a, b, env.text));
const rankOfMissing = (v: Value): number => (v === undefined ? 1 : orderOf(v) === ORDER.minKey ? 0 : 2);

export function compile(expression: Value, env: Env): Evaluate {
  if (typeof expression === 'string' && expression.startsWith('$')) return fieldOrVariable(expression, env);
  if (Array.isArray(expression)) {
    const parts = (expression as Value[]).map((e) => compile(e, env));
    return (s) => parts.map((p) => p(s) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const keys = Object.keys(expression);
  const first = keys[0];
  if (first?.startsWith('$')) {
    if (keys.length > 1) throw new MongoError(15983, 'Location15983', 'an object representing an expression must have exactly one field');
    const build = operators.get(first);
    if (!build) throw new MongoError(168, 'InvalidPipelineOperator', `Unrecognized expression '${first}'`);
    return build(expression[first], env);
  }
  return objectOf(expression, keys, env);
}

function objectOf(expression: Doc, keys: readonly string[], env: Env): Evaluate {
  const wrong = keys.find((k) => k.startsWith('$') || k.includes('.'));
  if (wrong?.startsWith('$')) throw new MongoError(16410, 'Location16410', `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
  if (wrong) throw new MongoError(16405, 'Location16405', `FieldPath field names may not contain '.'. Consider using $getField or $setField.`);
  const fields = keys.map((key) => ({ key, value: compile(expression[key], env) }));
  return (s) => {
    const out: Doc = {};
    for (const { key, value } of fields) {
      const v = value(s);
      if (v !== undefined) out[key] = v;
    }
    return out;
  };
}

function fieldOrVariable(text: string, env: Env): Evaluate {
  if (!text.startsWith('$$')) return fieldPath(text.slice(1));
  const [name = '', ...path] = split(text.slice(2));
  if (name === '') throw failedToParse("empty variable names are not allowed");
  if (!SYSTEM.has(name) && !env.names.has(name)) throw new MongoError(17276, 'Location17276', `Use of undefined variable: ${name}`);
  if (name === 'REMOVE') return () => undefined;
  if (name === 'DESCEND' || name === 'PRUNE' || name === 'KEEP') return () => name;
  if ((name === 'ROOT' || name === 'CURRENT') && !env.names.has(name)) return path.length === 0 ? (s) => s.root : (s) => expressionPath(s.root, path);
  return path.length === 0 ? (s) => s.vars[name] : (s) => expressionPath(s.vars[name], path);
}

function fieldPath(path: string): Evaluate {
  const parts = checkedPath(path);
  const [only] = parts;
  if (parts.length > 1) return (s) => expressionPath(s.root, parts);
  return (s) => (isDoc(s.root) ? (Object.hasOwn(s.root, only!) ? s.root[only!] : undefined) : expressionPath(s.root, parts));
}

/** A path of an expression: no empty parts, none that begins with a dollar sign. */
export function checkedPath(path: string): string[] {
  if (path === '') throw new MongoError(40352, 'Location40352', 'FieldPath cannot be constructed with empty string');
  if (path.endsWith('.')) throw new MongoError(40353, 'Location40353', `FieldPath must not end with a '.'.`);
  const parts = split(path);
  if (parts.includes('')) throw new MongoError(15998, 'Location15998', 'FieldPath field names may not be empty strings.');
  if (parts.some((p) => p.startsWith('$'))) throw new MongoError(16410, 'Location16410', "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
  return parts;
}

/** The arguments of an operator: a list, or one that stands alone. */
export const operands = (arg: Value): Value[] => (Array.isArray(arg) ? (arg as Value[]) : [arg]);

/** An operator over evaluated arguments, `least` to `most` of them. */
export function nary(name: string, least: number, most: number, work: (values: Value[], env: Env) => Value): Build {
  return (arg, env) => {
    const list = operands(arg);
    if (list.length < least || list.length > most) throw wrongCount(name, least, most, list.length);
    const parts = list.map((e) => compile(e, env));
    const [a, b] = parts;
    if (parts.length === 1) return (s) => work([a!(s)], env);
    if (parts.length === 2) return (s) => work([a!(s), b!(s)], env);
    return (s) => work(parts.map((p) => p(s)), env);
  };
}
function wrongCount(name: string, least: number, most: number, got: number): MongoError {
  if (least === most) return new MongoError(16020, 'Location16020', `Expression ${name} takes exactly ${least} arguments. ${got} were passed in.`);
  if (most === Infinity) return new MongoError(16020, 'Location16020', `Expression ${name} takes at least ${least} arguments, and none were passed in.`);
  return new MongoError(28667, 'Location28667', `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${got} were passed in.`);
}
export const many = (name: string, work: (values: Value[], env: Env) => Value): Build => nary(name, 0, Infinity, work);

/** An operator with named arguments; unknown and absent ones are refused. */
export function named(name: string, required: readonly string[], optional: readonly string[], work: (args: Readonly<Record<string, Value>>, env: Env, scope: Scope) => Value): Build {
  return (arg, env) => {
    const fields = shape(name, arg, required, optional);
    const parts = Object.entries(fields).map(([key, e]) => [key, compile(e, env)] as const);
    return (s) => {
      const given: Record<string, Value> = {};
      for (const [key, part] of parts) given[key] = part(s);
      return work(given, env, s);
    };
  };
}
export function shape(name: string, arg: Value, required: readonly string[], optional: readonly string[]): Doc {
  if (!isDoc(arg)) throw failedToParse(`${name} only supports an object as its argument`);
  const unknown = Object.keys(arg).find((k) => !required.includes(k) && !optional.includes(k));
  if (unknown !== undefined) throw failedToParse(`${name} found an unknown argument: ${unknown}`);
  const absent = required.find((k) => !(k in arg));
  if (absent !== undefined) throw failedToParse(`${name} requires '${absent}' to be specified`);
  return arg;
}

export function needNumber(v: Value, name: string): Value {
  if (!isNumber(v)) throw new MongoError(14, 'TypeMismatch', `${name} only supports numeric types, not ${typeName(v)}`);
  return v;
}
