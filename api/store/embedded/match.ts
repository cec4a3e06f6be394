/** Filters, compiled once to a predicate over a decoded document. An operator that is not here is refused by name. */
import { BSONRegExp } from 'bson';
import { badValue, MongoError } from './errors.ts';
import { evaluate, type Variables } from './expressions.ts';
import { split, valuesAt } from './paths.ts';
import { compare, equal, isDoc, isNumber, orderOf, toDouble, truthy, TYPE_NUMBERS, typeName, type Doc, type Value } from './values.ts';

export type Predicate = (doc: Doc) => boolean;
/** A test of the values that a path leads to. `undefined` stands for a missing field. */
type Test = (values: readonly Value[]) => boolean;

export function compileFilter(filter: Doc, variables: Variables = {}): Predicate {
  const parts = Object.entries(filter).map(([key, value]) => compileEntry(key, value, variables));
  return (doc) => parts.every((p) => p(doc));
}

function compileEntry(key: string, value: Value, variables: Variables): Predicate {
  if (!key.startsWith('$')) {
    const path = split(key);
    const test = compileCondition(value, variables);
    return (doc) => test(valuesAt(doc, path));
  }
  switch (key) {
    case '$and': case '$or': case '$nor': return compileLogic(key, value, variables);
    case '$expr': return (doc) => truthy(evaluate(value, { ...variables, ROOT: doc, CURRENT: doc }));
    case '$comment': return () => true;
    case '$alwaysTrue': return () => true;
    case '$alwaysFalse': return () => false;
    default: throw badValue(`unknown top level operator: ${key}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`);
  }
}

function compileLogic(key: string, value: Value, variables: Variables): Predicate {
  if (!Array.isArray(value) || value.length === 0) throw badValue(`${key} must be a nonempty array`);
  const parts = value.map((v) => {
    if (!isDoc(v)) throw badValue(`${key} entries need to be full objects`);
    return compileFilter(v, variables);
  });
  if (key === '$and') return (doc) => parts.every((p) => p(doc));
  if (key === '$or') return (doc) => parts.some((p) => p(doc));
  return (doc) => !parts.some((p) => p(doc));
}

export const isOperators = (value: Value): value is Doc => isDoc(value) && Object.keys(value).some((k) => k.startsWith('$')) && !('$ref' in value) && !('$id' in value);

/** Each value, and the elements of values that are arrays. */
const opened = (values: readonly Value[]): Value[] => values.flatMap((v) => (Array.isArray(v) ? [v, ...(v as Value[])] : [v]));

export function compileCondition(value: Value, variables: Variables): Test {
  if (isRegex(value)) return regexTest(value);
  if (!isOperators(value)) return equalTest(value);
  const tests: Test[] = [];
  for (const [op, arg] of Object.entries(value)) {
    if (op === '$options') continue;
    if (!op.startsWith('$')) throw badValue(`unknown operator: ${op}`);
    tests.push(operator(op, arg, value, variables));
  }
  return (values) => tests.every((t) => t(values));
}

const equalTest = (wanted: Value): Test =>
  wanted === null || wanted === undefined
    ? (values) => opened(values).some((v) => v === null || v === undefined)
    : (values) => opened(values).some((v) => v !== undefined && equal(v, wanted));

const isRegex = (v: Value): v is RegExp | BSONRegExp => v instanceof RegExp || v instanceof BSONRegExp;
export const toRegExp = (v: RegExp | BSONRegExp): RegExp => {
  if (v instanceof RegExp) return v;
  const flags = [...v.options].filter((f) => 'ims'.includes(f)).join('');
  const pattern = v.options.includes('x') ? v.pattern.replace(/\\\s|\s+|#.*$/gm, (m) => (m.startsWith('\\') ? m : '')) : v.pattern;
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch {
    return new RegExp(pattern, flags);
  }
};
function regexTest(pattern: RegExp | BSONRegExp): Test {
  const regex = toRegExp(pattern);
  return (values) => opened(values).some((v) => (typeof v === 'string' ? regex.test(v) : isRegex(v) && equal(v, pattern)));
}

const ordered = (wanted: Value, holds: (c: number) => boolean, orEqual: boolean): Test => (values) =>
  opened(values).some((v) => {
    if (wanted === null || wanted === undefined) return orEqual && (v === null || v === undefined);
    if (v === undefined || v === null || orderOf(v) !== orderOf(wanted)) return false;
    if (isNumber(v) && isNumber(wanted) && Number.isNaN(toDouble(v)) !== Number.isNaN(toDouble(wanted))) return false;
    return holds(compare(v, wanted));
  });

function operator(op: string, arg: Value, whole: Doc, variables: Variables): Test {
  switch (op) {
    case '$eq': return isRegex(arg) ? (values) => opened(values).some((v) => equal(v ?? null, arg)) : equalTest(arg);
    case '$ne': { const t = isRegex(arg) ? regexTest(arg) : equalTest(arg); return (values) => !t(values); }
    case '$gt': return ordered(arg, (c) => c > 0, false);
    case '$gte': return ordered(arg, (c) => c >= 0, true);
    case '$lt': return ordered(arg, (c) => c < 0, false);
    case '$lte': return ordered(arg, (c) => c <= 0, true);
    case '$in': return inTest(arg, '$in');
    case '$nin': { const t = inTest(arg, '$nin'); return (values) => !t(values); }
    case '$exists': { const wanted = truthy(arg); return (values) => values.some((v) => v !== undefined) === wanted; }
    case '$not': return notTest(arg, variables);
    case '$regex': return regexTest(regexOf(arg, whole['$options']));
    case '$type': return typeTest(arg);
    case '$size': return sizeTest(arg);
    case '$all': return allTest(arg, variables);
    case '$elemMatch': return elemMatchTest(arg, variables);
    case '$mod': return modTest(arg);
    case '$bitsAllSet': case '$bitsAnySet': case '$bitsAllClear': case '$bitsAnyClear': return bitsTest(op, arg);
    default: throw badValue(`unknown operator: ${op}`);
  }
}

function inTest(arg: Value, name: string): Test {
  if (!Array.isArray(arg)) throw badValue(`${name} needs an array`);
  const regexes = arg.filter(isRegex).map(regexTest);
  const plain = (arg as Value[]).filter((v) => !isRegex(v));
  if (plain.some(isOperators)) throw badValue(`cannot nest $ under ${name}`);
  const wantsNull = plain.some((v) => v === null || v === undefined);
  const strings = new Set(plain.filter((v): v is string => typeof v === 'string'));
  const others = plain.filter((v) => typeof v !== 'string' && v !== null && v !== undefined);
  return (values) => opened(values).some((v) => (v === undefined || v === null ? wantsNull : typeof v === 'string' ? strings.has(v) : others.some((o) => equal(v, o)))) || regexes.some((t) => t(values));
}

function notTest(arg: Value, variables: Variables): Test {
  if (!isRegex(arg) && !isOperators(arg)) throw badValue('$not needs a regex or a document');
  const test = compileCondition(arg, variables);
  return (values) => !test(values);
}

function regexOf(arg: Value, options: Value): BSONRegExp {
  if (typeof arg === 'string') return new BSONRegExp(arg, typeof options === 'string' ? options : '');
  if (!isRegex(arg)) throw badValue('$regex has to be a string');
  const [pattern, own] = arg instanceof RegExp ? [arg.source, arg.flags.replace(/[^imsx]/g, '')] : [arg.pattern, arg.options];
  return new BSONRegExp(pattern, typeof options === 'string' ? options : own);
}

function typeTest(arg: Value): Test {
  const wanted = (Array.isArray(arg) ? (arg as Value[]) : [arg]).flatMap((t) => {
    if (t === 'number') return ['int', 'long', 'double', 'decimal'];
    if (typeof t === 'string' && t in TYPE_NUMBERS) return [t];
    const named = isNumber(t) ? Object.entries(TYPE_NUMBERS).find(([, n]) => n === toDouble(t))?.[0] : undefined;
    if (!named) throw badValue(`Unknown type name alias: ${String(t)}`);
    return [named];
  });
  return (values) => opened(values).some((v) => v !== undefined && wanted.includes(typeName(v)));
}

function sizeTest(arg: Value): Test {
  if (!isNumber(arg) || !Number.isInteger(toDouble(arg))) throw badValue(`Failed to parse $size. Expected an integer in: $size: ${String(arg)}`);
  const size = toDouble(arg);
  if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return (values) => values.some((v) => Array.isArray(v) && v.length === size);
}

function allTest(arg: Value, variables: Variables): Test {
  if (!Array.isArray(arg)) throw badValue('$all needs an array');
  const tests = (arg as Value[]).map((v) => (isDoc(v) && '$elemMatch' in v ? operator('$elemMatch', v['$elemMatch'], v, variables) : isRegex(v) ? regexTest(v) : equalTest(v)));
  return (values) => tests.length > 0 && tests.every((t) => t(values));
}

function elemMatchTest(arg: Value, variables: Variables): Test {
  if (!isDoc(arg)) throw badValue('$elemMatch needs an Object');
  const byValue = isOperators(arg) && !['$and', '$or', '$nor', '$expr'].some((k) => k in arg);
  const condition = byValue ? compileCondition(arg, variables) : undefined;
  const filter = byValue ? undefined : compileFilter(arg, variables);
  return (values) => values.some((v) => Array.isArray(v) && (v as Value[]).some((item) => (condition ? condition([item]) : (isDoc(item) || Array.isArray(item)) && filter!(item as Doc))));
}

function modTest(arg: Value): Test {
  if (!Array.isArray(arg) || arg.length !== 2 || !arg.every(isNumber)) throw badValue('malformed mod, needs to be a two element array of numbers');
  const [divisor, rest] = (arg as Value[]).map((n) => Math.trunc(toDouble(n))) as [number, number];
  if (divisor === 0) throw badValue('divisor cannot be 0');
  return (values) => opened(values).some((v) => isNumber(v) && Math.trunc(toDouble(v)) % divisor === rest);
}

function bitsTest(op: string, arg: Value): Test {
  if (!isNumber(arg) && !Array.isArray(arg)) throw new MongoError(2, 'BadValue', `${op} takes an Array, a number, or a BinData`);
  const mask = Array.isArray(arg) ? (arg as Value[]).reduce<bigint>((m, b) => m | (1n << BigInt(toDouble(b))), 0n) : BigInt(toDouble(arg));
  return (values) => opened(values).some((v) => {
    if (!isNumber(v) || !Number.isInteger(toDouble(v))) return false;
    const bits = BigInt.asUintN(64, BigInt(toDouble(v))) & mask;
    return op === '$bitsAllSet' ? bits === mask : op === '$bitsAnySet' ? bits !== 0n : op === '$bitsAllClear' ? bits === 0n : bits !== mask;
  });
}
