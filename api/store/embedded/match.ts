/** Filters, compiled once to a predicate over a decoded document. An operator that is not here is refused by name. */
import { Binary, BSONRegExp } from 'bson';
import { badValue, MongoError } from './errors.ts';
import { compile, envOf, type Variables } from './expressions.ts';
import { isSpecial } from './decimal.ts';
import { geoWithin } from './geo.ts';
import { valueMark } from './keys.ts';
import { asBigInt } from './numbers.ts';
import { schemaTest } from './schema.ts';
import { split, valuesAt, Whole } from './paths.ts';
import { compareStrings, compareWith, isDoc, isNumber, ORDER, orderOf, partsOf, toDouble, truthy, TYPE_NUMBERS, typeName, type CompareText, type Doc, type Value } from './values.ts';

export type Predicate = (doc: Doc) => boolean;
/** A test of the values that a path leads to. `undefined` stands for a missing field. */
export type Test = (values: readonly Value[], closed?: boolean) => boolean;
/** What a filter is read with: variables of `let`, and how strings compare. */
type Reading = { readonly variables: Variables; readonly text: CompareText };

export function compileFilter(filter: Doc, variables: Variables = {}, text: CompareText = compareStrings): Predicate {
  return whole(filter, { variables, text });
}
function whole(filter: Doc, reading: Reading): Predicate {
  if (!isDoc(filter)) throw badValue('the match filter must be an expression in an object');
  const parts = Object.entries(filter).map(([key, value]) => compileEntry(key, value, reading));
  const [first, second] = parts;
  if (parts.length === 0) return () => true;
  if (parts.length === 1) return first!;
  if (parts.length === 2) return (doc) => first!(doc) && second!(doc);
  return (doc) => parts.every((p) => p(doc));
}

/** The top fields that a filter looks at; undefined when it may look at all. */
export function fieldsOfFilter(filter: Doc, into = new Set<string>()): Set<string> | undefined {
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$and' || key === '$or' || key === '$nor') {
      if (!Array.isArray(value)) return undefined;
      for (const part of value as Doc[]) if (!isDoc(part) || !fieldsOfFilter(part, into)) return undefined;
    } else if (key.startsWith('$')) {
      if (key !== '$comment') return undefined;
    } else into.add(split(key)[0]!);
  }
  return into;
}

/** A filter in steps that must all hold, each with the top fields that it looks at (undefined: all): most documents fail at the first. */
export function filterSteps(filter: Doc, variables: Variables = {}, text: CompareText = compareStrings): { readonly test: Predicate; readonly fields: ReadonlySet<string> | undefined }[] {
  return Object.entries(filter).map(([key, value]) => ({ test: compileEntry(key, value, { variables, text }), fields: fieldsOfFilter({ [key]: value }) }));
}

function compileEntry(key: string, value: Value, reading: Reading): Predicate {
  if (!key.startsWith('$')) return atPath(split(key), condition(value, reading));
  switch (key) {
    case '$and': case '$or': case '$nor': return compileLogic(key, value, reading);
    case '$expr': {
      const expression = compile(value, envOf(reading.variables, reading.text));
      return (doc) => truthy(expression({ root: doc, vars: reading.variables }));
    }
    case '$comment': return () => true;
    case '$alwaysTrue': return () => true;
    case '$alwaysFalse': return () => false;
    case '$sampleRate': { const rate = isNumber(value) ? toDouble(value) : -1; if (rate < 0 || rate > 1) throw badValue('numeric argument to $sampleRate must be in [0, 1]'); return () => Math.random() < rate; }
    case '$jsonSchema': if (!isDoc(value)) throw new MongoError(14, 'TypeMismatch', '$jsonSchema must be an object'); return schemaTest(value);
    case '$where': throw badValue('$where is not supported by this store: it runs no scripts');
    case '$text': throw new MongoError(27, 'IndexNotFound', 'text index required for $text query: $text is not supported by this store');
    // The fields of a reference ({$ref, $id, $db}), as $elemMatch asks for them.
    case '$ref': case '$id': case '$db': return atPath([key], equalTest(value, reading));
    default: throw badValue(`unknown top level operator: ${key}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`);
  }
}

function atPath(path: readonly string[], test: Test): Predicate {
  const [only] = path;
  if (path.length > 1) return (doc) => test(valuesAt(doc, path));
  return (doc) => (isDoc(doc) ? test([Object.hasOwn(doc, only!) ? doc[only!] : undefined]) : test(valuesAt(doc, path)));
}

function compileLogic(key: string, value: Value, reading: Reading): Predicate {
  if (!Array.isArray(value) || value.length === 0) throw badValue(`${key} must be a nonempty array`);
  const parts = value.map((v) => {
    if (!isDoc(v)) throw badValue(`${key} entries need to be full objects`);
    return whole(v, reading);
  });
  if (key === '$and') return (doc) => parts.every((p) => p(doc));
  if (key === '$or') return (doc) => parts.some((p) => p(doc));
  return (doc) => !parts.some((p) => p(doc));
}

const REFERENCE = new Set(['$ref', '$id', '$db']);
/** Is this a document of operators? MongoDB looks at its first field; a reference ({$ref, $id}) is a plain document. */
export function isOperators(value: Value): value is Doc {
  if (!isDoc(value)) return false;
  const first = Object.keys(value)[0];
  return first !== undefined && first.startsWith('$') && !REFERENCE.has(first);
}

/** True for one of the values, or for an element of one that is an array (unless they are to stay closed). */
function any(values: readonly Value[], holds: (v: Value) => boolean, closed = false): boolean {
  for (const v of values) {
    if (holds(v)) return true;
    if (!closed && Array.isArray(v) && !(v instanceof Whole)) for (const item of v as Value[]) if (holds(item)) return true;
  }
  return false;
}
const anyOf = (holds: (v: Value) => boolean): Test => (values, closed) => any(values, holds, closed);

export const compileCondition = (value: Value, variables: Variables, text: CompareText = compareStrings): Test => condition(value, { variables, text });

function condition(value: Value, reading: Reading): Test {
  if (isRegex(value)) return regexTest(value);
  if (!isOperators(value)) return equalTest(value, reading);
  const tests: Test[] = [];
  for (const [op, arg] of Object.entries(value)) {
    if (op === '$options') {
      if (!('$regex' in value)) throw badValue('$options needs a $regex');
      continue;
    }
    if (!op.startsWith('$')) throw badValue(`unknown operator: ${op}`);
    tests.push(operator(op, arg, value, reading));
  }
  return tests.length === 1 ? tests[0]! : (values, closed) => tests.every((t) => t(values, closed));
}

function equalTest(wanted: Value, reading: Reading): Test {
  if (wanted === null || wanted === undefined) return anyOf((v) => v === null || v === undefined);
  if (typeof wanted === 'string' && reading.text === compareStrings) return anyOf((v) => v === wanted || (typeof v === 'object' && v !== null && orderOf(v) === ORDER.string && String(v) === wanted));
  const order = orderOf(wanted);
  return anyOf((v) => v !== undefined && orderOf(v) === order && compareWith(v, wanted, reading.text) === 0);
}

export const isRegex = (v: Value): v is RegExp | BSONRegExp => v instanceof RegExp || v instanceof BSONRegExp;
export const toRegExp = (v: RegExp | BSONRegExp): RegExp => {
  if (v instanceof RegExp) return v;
  const inline = /^\(\?([imsx]+)\)/.exec(v.pattern);
  const options = `${v.options}${inline?.[1] ?? ''}`;
  const plain = inline ? v.pattern.slice(inline[0].length) : v.pattern;
  const flags = [...new Set(options)].filter((f) => 'ims'.includes(f)).join('');
  const pattern = options.includes('x') ? plain.replace(/\\\s|\s+|#.*$/gm, (m) => (m.startsWith('\\') ? m : '')) : plain;
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch {
    try {
      return new RegExp(pattern, flags);
    } catch (error) {
      throw new MongoError(51091, 'Location51091', `Regular expression is invalid: ${error instanceof Error ? error.message : ''}`);
    }
  }
};
function regexTest(pattern: RegExp | BSONRegExp): Test {
  const regex = toRegExp(pattern);
  return anyOf((v) => (typeof v === 'string' ? regex.test(v) : isRegex(v) && compareWith(v, pattern, compareStrings) === 0));
}

/** Comparisons stay within the type of their argument; MinKey and MaxKey are compared with all types. */
function ordered(wanted: Value, holds: (c: number) => boolean, orEqual: boolean, reading: Reading): Test {
  if (wanted === null || wanted === undefined) return anyOf((v) => orEqual && (v === null || v === undefined));
  const order = orderOf(wanted);
  if (order === ORDER.minKey || order === ORDER.maxKey) return anyOf((v) => holds(compareWith(v ?? null, wanted, reading.text)));
  if (order === ORDER.number && Number.isNaN(toDouble(wanted))) return anyOf((v) => orEqual && isNumber(v) && Number.isNaN(toDouble(v)));
  if (order === ORDER.regex) throw badValue('Can\'t have RegEx as arg to predicate over field');
  return anyOf((v) => v !== undefined && orderOf(v) === order && !(order === ORDER.number && Number.isNaN(toDouble(v))) && holds(compareWith(v, wanted, reading.text)));
}

const not = (test: Test): Test => (values, closed) => !test(values, closed);

function operator(op: string, arg: Value, siblings: Doc, reading: Reading): Test {
  switch (op) {
    case '$eq': return isRegex(arg) ? anyOf((v) => isRegex(v) && compareWith(v, arg, compareStrings) === 0) : equalTest(arg, reading);
    case '$ne': if (isRegex(arg)) throw badValue("Can't have regex as arg to $ne."); return not(equalTest(arg, reading));
    case '$gt': return ordered(arg, (c) => c > 0, false, reading);
    case '$gte': return ordered(arg, (c) => c >= 0, true, reading);
    case '$lt': return ordered(arg, (c) => c < 0, false, reading);
    case '$lte': return ordered(arg, (c) => c <= 0, true, reading);
    case '$in': return inTest(arg, '$in', reading);
    case '$nin': return not(inTest(arg, '$nin', reading));
    case '$exists': { const wanted = truthy(arg); return (values) => values.some((v) => v !== undefined) === wanted; }
    case '$not': return notTest(arg, reading);
    case '$regex': return regexTest(regexOf(arg, siblings['$options']));
    case '$type': return typeTest(arg);
    case '$size': return sizeTest(arg);
    case '$all': return allTest(arg, reading);
    case '$elemMatch': return elemMatchTest(arg, reading);
    case '$mod': return modTest(arg);
    case '$bitsAllSet': case '$bitsAnySet': case '$bitsAllClear': case '$bitsAnyClear': return bitsTest(op, arg);
    case '$geoWithin': case '$within': return anyOf(geoWithin(arg));
    case '$geoIntersects': throw new MongoError(291, 'NoQueryExecutionPlans', `${op} is not supported by this store`);
    case '$near': case '$nearSphere': throw new MongoError(5626500, 'Location5626500', '$geoNear, $near, and $nearSphere are not allowed in this context, as these operators require sorting geospatial data. If you do not need sort, consider using $geoWithin instead.');
    default: throw badValue(`unknown operator: ${op}`);
  }
}

function inTest(arg: Value, name: string, reading: Reading): Test {
  if (!Array.isArray(arg)) throw badValue(`${name} needs an array`);
  const list = arg as Value[];
  if (list.some((v) => isOperators(v))) throw badValue(`cannot nest $ under ${name}`);
  const regexes = list.filter(isRegex).map(regexTest);
  const plain = list.filter((v) => !isRegex(v));
  const wantsNull = plain.some((v) => v === null || v === undefined);
  const exact = reading.text === compareStrings;
  const marks = new Set(exact ? plain.filter((v) => v !== null && v !== undefined).map(valueMark) : []);
  const rest = exact ? [] : plain.filter((v) => v !== null && v !== undefined);
  const holds = (v: Value): boolean => (v === undefined || v === null ? wantsNull : exact ? marks.has(valueMark(v)) : rest.some((o) => compareWith(v, o, reading.text) === 0));
  return (values, closed) => any(values, holds, closed) || regexes.some((t) => t(values, closed));
}

function notTest(arg: Value, reading: Reading): Test {
  if (isRegex(arg)) return not(regexTest(arg));
  if (!isDoc(arg)) throw badValue('$not needs a regex or a document');
  if (Object.keys(arg).length === 0) throw badValue('$not cannot be empty');
  if (!isOperators(arg)) throw badValue(`unknown operator: ${Object.keys(arg)[0]}`);
  return not(condition(arg, reading));
}

function regexOf(arg: Value, options: Value): BSONRegExp {
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  const wrong = typeof options === 'string' ? [...options].find((c) => !'imsxu'.includes(c)) : undefined;
  if (wrong) throw new MongoError(51108, 'Location51108', `invalid flag in regex options: ${wrong}`);
  if (typeof arg === 'string') return new BSONRegExp(arg, options ?? '');
  if (!isRegex(arg)) throw badValue('$regex has to be a string');
  const [pattern, own] = arg instanceof RegExp ? [arg.source, arg.flags.replace(/[^imsx]/g, '')] : [arg.pattern, arg.options];
  if (own !== '' && options) throw new MongoError(51074, 'Location51074', 'options set in both $regex and $options');
  return new BSONRegExp(pattern, options ?? own);
}

function typeTest(arg: Value): Test {
  const list = Array.isArray(arg) ? (arg as Value[]) : [arg];
  if (list.length === 0) throw new MongoError(9, 'FailedToParse', '$type must match at least one type');
  const wanted = new Set(list.flatMap(typesNamed));
  return anyOf((v) => v !== undefined && wanted.has(typeName(v)));
}
export function typesNamed(t: Value): string[] {
  if (t === 'number') return ['int', 'long', 'double', 'decimal'];
  if (typeof t === 'string') {
    if (!Object.hasOwn(TYPE_NUMBERS, t)) throw badValue(`Unknown type name alias: ${t}`);
    return [t];
  }
  if (!isNumber(t)) throw new MongoError(14, 'TypeMismatch', 'type must be represented as a number or a string');
  const found = Object.entries(TYPE_NUMBERS).find(([, n]) => n === toDouble(t))?.[0];
  if (!found) throw badValue(`Invalid numerical type code: ${toDouble(t)}`);
  return [found];
}

function sizeTest(arg: Value): Test {
  if (!isNumber(arg) || !Number.isInteger(toDouble(arg))) throw badValue(`Failed to parse $size. Expected an integer in: $size: ${String(arg)}`);
  const size = toDouble(arg);
  if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return (values) => values.some((v) => Array.isArray(v) && v.length === size);
}

function allTest(arg: Value, reading: Reading): Test {
  if (!Array.isArray(arg)) throw badValue('$all needs an array');
  const tests = (arg as Value[]).map((v) => {
    if (isDoc(v) && Object.keys(v)[0] === '$elemMatch') return operator('$elemMatch', v['$elemMatch'], v, reading);
    if (isOperators(v)) throw badValue('no $ expressions in $all');
    return isRegex(v) ? regexTest(v) : equalTest(v, reading);
  });
  return (values, closed) => tests.length > 0 && tests.every((t) => t(values, closed));
}

const LOGIC = new Set(['$and', '$or', '$nor', '$expr', '$jsonSchema', '$where']);
/** Is this said of a value itself ({$gt: 1}), and not of the fields of a document ({a: 1}, {$or: [{a: 1}]})? */
export const saysOfValue = (v: Value): v is Doc => isOperators(v) && !LOGIC.has(Object.keys(v)[0]!);
/** Tests one element of an array for $elemMatch: by operators on the element itself, or by a filter on its fields. */
export function elementTest(arg: Value, variables: Variables, text: CompareText = compareStrings): (item: Value) => boolean {
  if (!isDoc(arg)) throw badValue('$elemMatch needs an Object');
  if (saysOfValue(arg)) {
    const test = condition(arg, { variables, text });
    // An element that is an array is not opened: $elemMatch looks at elements, not at elements of elements.
    return (item) => test([item], true);
  }
  const filter = whole(arg, { variables, text });
  // An array is looked at as a document whose names are the positions.
  return (item) => (isDoc(item) ? filter(item) : Array.isArray(item) && filter(Object.fromEntries((item as Value[]).map((v, i) => [String(i), v]))));
}
function elemMatchTest(arg: Value, reading: Reading): Test {
  const test = elementTest(arg, reading.variables, reading.text);
  return (values) => values.some((v) => Array.isArray(v) && (v as Value[]).some(test));
}

function modTest(arg: Value): Test {
  if (!Array.isArray(arg)) throw badValue('malformed mod, needs to be an array');
  if (arg.length < 2) throw badValue('malformed mod, not enough elements');
  if (arg.length > 2) throw badValue('malformed mod, too many elements');
  if (!(arg as Value[]).every((n) => isNumber(n) && !isSpecial(partsOf(n)))) throw badValue('malformed mod, divisor and remainder must be numbers');
  const [divisor, rest] = (arg as Value[]).map(asBigInt) as [bigint, bigint];
  if (divisor === 0n) throw badValue('divisor cannot be 0');
  return anyOf((v) => isNumber(v) && !isSpecial(partsOf(v)) && asBigInt(v) % divisor === rest);
}

function bitsTest(op: string, arg: Value): Test {
  const mask = maskOf(op, arg);
  return anyOf((v) => {
    const bits = bitsOf(v);
    if (bits === undefined) return false;
    const [set, all] = [bits & mask, mask];
    return op === '$bitsAllSet' ? set === all : op === '$bitsAnySet' ? set !== 0n : op === '$bitsAllClear' ? set === 0n : set !== all;
  });
}
function maskOf(op: string, arg: Value): bigint {
  if (Array.isArray(arg)) {
    return (arg as Value[]).reduce<bigint>((m, b) => {
      if (!isNumber(b) || !Number.isInteger(toDouble(b)) || toDouble(b) < 0) throw badValue(`Failed to parse bit position. Expected a non-negative integer in: ${op}`);
      return m | (1n << BigInt(toDouble(b)));
    }, 0n);
  }
  if (arg instanceof Binary || arg instanceof Uint8Array) return bitsOf(arg)!;
  if (!isNumber(arg)) throw badValue(`${op} takes an Array, a number, or a BinData but received: ${typeName(arg)}`);
  if (!Number.isInteger(toDouble(arg)) || toDouble(arg) < 0) throw new MongoError(9, 'FailedToParse', `Expected a non-negative integer in: ${op}: ${String(arg)}`);
  return asBigInt(arg);
}
/** Bits of a whole number (64, negative ones go on for ever) or of binary data, least first. */
function bitsOf(v: Value): bigint | undefined {
  if (v instanceof Binary || v instanceof Uint8Array) {
    const bytes = v instanceof Binary ? v.value() : v;
    return [...bytes].reduce((n, b, i) => n | (BigInt(b) << BigInt(8 * i)), 0n);
  }
  if (!isNumber(v)) return undefined;
  const exact = partsOf(v);
  if (isSpecial(exact) || !Number.isInteger(toDouble(v))) return undefined;
  const n = asBigInt(v);
  return n >= -(2n ** 63n) && n < 2n ** 63n ? n : undefined;
}
