/** Which documents a filter means: the manual's rules taken one at a time, slow and without any index. */
import { Binary, BSONRegExp } from 'mongodb';
import { evaluate } from './expressions.ts';
import { exactOf, isNumeric } from './exact.ts';
import { asNumber, compare, isDoc, isList, isNaNValue, MISSING, rank, Refused, same, truthy, typeName, type Doc, type Value } from './values.ts';

/** What a path leads to. An array at the end gives its elements and itself; `closed`: only itself. */
export function reach(root: Value, path: readonly string[], closed = false): Value[] {
  let at: Value = root;
  for (const [i, name] of path.entries()) {
    if (!isDoc(at)) return [MISSING];
    at = Object.hasOwn(at, name) ? at[name] : MISSING;
    if (isList(at) && i < path.length - 1) return through(at, path.slice(i + 1), closed);
  }
  return isList(at) && !closed ? [...at, at] : [at];
}
/** An array on the way: each document in it, and the element that a number names. */
function through(list: readonly Value[], path: readonly string[], closed: boolean): Value[] {
  return list.flatMap((item, i) => {
    const inside = isDoc(item) ? reach(item, path, closed) : [];
    if (path[0] !== String(i)) return inside;
    if (path.length === 1) return [...inside, item];
    return [...inside, ...(isDoc(item) ? reach(item, path.slice(1), closed) : isList(item) ? through(item, path.slice(1), closed) : [])];
  });
}
/** An array seen as a document: $elemMatch looks into arrays so. */
const asDoc = (v: Value): Doc => (isList(v) ? Object.fromEntries(v.map((x, i) => [String(i), x])) : v as Doc);

export function matches(doc: Doc, filter: Doc): boolean {
  return Object.entries(filter).every(([key, arg]) => {
    switch (key) {
      case '$and': return (arg as Doc[]).every((f) => matches(doc, f));
      case '$or': return (arg as Doc[]).some((f) => matches(doc, f));
      case '$nor': return !(arg as Doc[]).some((f) => matches(doc, f));
      case '$expr': return truthy(evaluate(arg, doc));
      default: return meets(doc, key.split('.'), arg);
    }
  });
}
export const hasOperators = (v: Value): v is Doc => isDoc(v) && (Object.keys(v)[0] ?? '').startsWith('$');
function meets(doc: Doc, path: readonly string[], condition: Value): boolean {
  if (condition instanceof BSONRegExp) return reach(doc, path).some((v) => regexHolds(condition, v));
  if (!hasOperators(condition)) return reach(doc, path).some((v) => holds('$eq', condition, v));
  return Object.entries(condition).every(([op, arg]) => operatorMeets(doc, path, op, arg));
}
function operatorMeets(doc: Doc, path: readonly string[], op: string, arg: Value): boolean {
  switch (op) {
    case '$ne': return !operatorMeets(doc, path, '$eq', arg);
    case '$nin': return !operatorMeets(doc, path, '$in', arg);
    case '$not': return !meets(doc, path, arg);
    case '$all': return (arg as Value[]).length > 0 && (arg as Value[]).every((x) => (hasOperators(x) ? meets(doc, path, x) : meets(doc, path, x instanceof BSONRegExp ? x : { $eq: x })));
    case '$exists': return reach(doc, path, true).some((v) => v !== MISSING) === truthy(arg);
    case '$size': case '$elemMatch': return reach(doc, path, true).some((v) => holds(op, arg, v));
    default: return reach(doc, path).some((v) => holds(op, arg, v));
  }
}

export function regexHolds(regex: BSONRegExp, v: Value): boolean {
  return typeof v === 'string' ? new RegExp(regex.pattern, regex.options).test(v) : v instanceof BSONRegExp && same(v, regex);
}
/** Does one value satisfy one operator? Nothing is opened here. */
function holds(op: string, arg: Value, v: Value): boolean {
  switch (op) {
    case '$eq': case '$gt': case '$gte': case '$lt': case '$lte': return ordered(op, arg, v);
    case '$in': return (arg as Value[]).some((x) => (x instanceof BSONRegExp ? regexHolds(x, v) : ordered('$eq', x, v)));
    case '$exists': return (v !== MISSING) === truthy(arg);
    case '$regex': return regexHolds(arg as BSONRegExp, v);
    case '$type': return (isList(arg) ? arg : [arg]).some((t) => v !== MISSING && (t === 'number' ? isNumeric(v) : typeName(v) === t));
    case '$size': return isList(v) && v.length === asNumber(arg);
    case '$mod': return moduloHolds(v, arg as Value[]);
    case '$bitsAllSet': return bitsHold(v, arg, (set, mask) => set === mask);
    case '$bitsAnyClear': return bitsHold(v, arg, (set, mask) => set !== mask);
    case '$elemMatch': return isList(v) && v.some((item) => elementHolds(item, arg as Doc));
    case '$ne': return !holds('$eq', arg, v);
    case '$nin': return !holds('$in', arg, v);
    case '$not': return !Object.entries(arg as Doc).every(([o, a]) => holds(o, a, v));
    default: throw new Refused(op);
  }
}
export function elementHolds(item: Value, arg: Doc): boolean {
  if (hasOperators(arg) && !['$and', '$or', '$nor'].includes(Object.keys(arg)[0]!)) return Object.entries(arg).every(([op, a]) => holds(op, a, item));
  return (isDoc(item) || isList(item)) && matches(asDoc(item), arg);
}
/** Only values of the argument's own type are compared with it, save that null means missing too and MinKey and MaxKey meet all. */
function ordered(op: string, arg: Value, v: Value): boolean {
  const equal = op === '$eq' || op === '$gte' || op === '$lte';
  if (arg === null && v === MISSING) return equal;
  if (rank(v) !== rank(arg)) return rank(arg) === 99 ? op === '$lt' || op === '$lte' : rank(arg) === -1 ? op === '$gt' || op === '$gte' : false;
  if (isNaNValue(v) || isNaNValue(arg)) return equal && isNaNValue(v) && isNaNValue(arg);
  const c = compare(v, arg);
  return (equal && c === 0) || (c > 0 && op.startsWith('$gt')) || (c < 0 && op.startsWith('$lt'));
}
/** A number cut to a whole one; undefined for NaN and the infinities. */
function wholePart(v: Value): bigint | undefined {
  if (!isNumeric(v)) return undefined;
  const x = exactOf(v);
  if (typeof x === 'string') return undefined;
  return x.e >= 0 ? x.n * 10n ** BigInt(x.e) : x.n / 10n ** BigInt(-x.e);
}
function moduloHolds(v: Value, [divisor, rest]: Value[]): boolean {
  const n = wholePart(v);
  return n !== undefined && n % wholePart(divisor)! === wholePart(rest);
}
function bitsHold(v: Value, mask: Value, test: (set: bigint, mask: bigint) => boolean): boolean {
  // Of binary data the first byte has the lowest bits.
  const n = v instanceof Binary ? [...v.value()].reduceRight((sum, b) => sum * 256n + BigInt(b), 0n) : wholePart(v);
  if (n === undefined || (isNumeric(v) && !Number.isInteger(asNumber(v)))) return false;
  const m = wholePart(mask)!;
  return test(n & m, m);
}
