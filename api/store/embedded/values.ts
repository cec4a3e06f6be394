/** BSON values in memory: numbers keep their BSON type (Int32, Double, Long, Decimal128), so nothing changes type unasked. */
import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, Timestamp, type ObjectId } from 'bson';
import { compareDecimals, doubleOfParts, partsOfDecimal, partsOfDouble, type Decimal, type Special } from './decimal.ts';
import type { Doc, Value } from './bson.ts';

export { decode, encode, MAX_DOC_BYTES, type Doc, type Value } from './bson.ts';

/** MongoDB's order of types. Source: the manual, "Comparison/Sort Order". */
export const ORDER = { minKey: 0, null: 1, number: 2, string: 3, object: 4, array: 5, binary: 6, objectId: 7, bool: 8, date: 9, timestamp: 10, regex: 11, dbRef: 12, code: 13, codeScope: 14, maxKey: 15 } as const;

const BY_CLASS: Readonly<Record<string, number>> = {
  Int32: ORDER.number, Double: ORDER.number, Long: ORDER.number, Decimal128: ORDER.number, ObjectId: ORDER.objectId, Timestamp: ORDER.timestamp, Binary: ORDER.binary,
  BSONRegExp: ORDER.regex, MinKey: ORDER.minKey, MaxKey: ORDER.maxKey, BSONSymbol: ORDER.string, DBRef: ORDER.object,
};
const classOf = (v: object): string | undefined => (v as { readonly _bsontype?: string })._bsontype;

export function isNumber(v: Value): v is Int32 | Double | Long | Decimal128 | number | bigint {
  if (typeof v === 'object' && v !== null) return BY_CLASS[classOf(v) ?? ''] === ORDER.number;
  return typeof v === 'number' || typeof v === 'bigint';
}
export function isDoc(v: Value): v is Doc {
  if (typeof v !== 'object' || v === null) return false;
  const made: unknown = Object.getPrototypeOf(v);
  return made === Object.prototype || made === null;
}

export function orderOf(v: Value): number {
  switch (typeof v) {
    case 'string': return ORDER.string;
    case 'number': case 'bigint': return ORDER.number;
    case 'boolean': return ORDER.bool;
    case 'object': return v === null ? ORDER.null : orderOfObject(v);
    default: return ORDER.null;
  }
}
function orderOfObject(v: object): number {
  const name = classOf(v);
  if (name !== undefined) return name === 'Code' ? ((v as Code).scope ? ORDER.codeScope : ORDER.code) : (BY_CLASS[name] ?? ORDER.object);
  if (Array.isArray(v)) return ORDER.array;
  if (v instanceof Date) return ORDER.date;
  if (v instanceof Uint8Array) return ORDER.binary;
  return v instanceof RegExp ? ORDER.regex : ORDER.object;
}

/** A number as a double; NaN stays NaN. Exact for Int32, Double and small Longs. */
export function toDouble(v: Value): number {
  if (typeof v === 'number') return v;
  if (v instanceof Int32 || v instanceof Double) return v.value;
  if (v instanceof Decimal128) return doubleOfParts(partsOfDecimal(v));
  if (v instanceof Long) return v.toNumber();
  return typeof v === 'bigint' ? Number(v) : NaN;
}
const isExactInDouble = (v: Value): boolean => !(v instanceof Decimal128) && typeof v !== 'bigint' && !(v instanceof Long && !Number.isSafeInteger(v.toNumber()));

/** Any number exactly, as decimal parts. */
export function partsOf(v: Value): Decimal | Special {
  if (v instanceof Decimal128) return partsOfDecimal(v);
  if (v instanceof Long || typeof v === 'bigint') {
    const n = typeof v === 'bigint' ? v : v.toBigInt();
    return { negative: n < 0n, digits: n < 0n ? -n : n, exponent: 0 };
  }
  return partsOfDouble(toDouble(v));
}

export function compareNumbers(a: Value, b: Value): number {
  if (isExactInDouble(a) && isExactInDouble(b)) {
    const [x, y] = [toDouble(a), toDouble(b)];
    if (x < y) return -1;
    if (x > y) return 1;
    if (x === y) return 0;
    return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  }
  if (a instanceof Long && b instanceof Long) return a.compare(b);
  return compareDecimals(partsOf(a), partsOf(b));
}

/** By code point, which is the order of the UTF-8 bytes; UTF-16 units differ from it only where surrogates meet. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [high, low] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000];
    return high !== low ? (high ? 1 : -1) : x < y ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}
const bytesOf = (v: Value): Uint8Array => (v instanceof Binary ? v.value() : (v as Uint8Array));
const regexParts = (v: Value): [string, string] => (v instanceof RegExp ? [v.source, v.flags] : [(v as BSONRegExp).pattern, (v as BSONRegExp).options]);

/** How strings are compared: by bytes, or by a collation's rules. */
export type Compare = (a: Value, b: Value) => number;
export type CompareText = (a: string, b: string) => number;

/** Compares two values in MongoDB's order: by type first, then by value. */
export const compare: Compare = (a, b) => compareWith(a, b, compareStrings);

export function compareWith(a: Value, b: Value, text: CompareText): number {
  const [x, y] = [orderOf(a), orderOf(b)];
  if (x !== y) return x < y ? -1 : 1;
  switch (x) {
    case ORDER.number: return compareNumbers(a, b);
    case ORDER.string: return text(String(a), String(b));
    case ORDER.bool: return Number(a) - Number(b);
    case ORDER.date: return Math.sign((a as Date).getTime() - (b as Date).getTime());
    case ORDER.objectId: return Buffer.compare((a as ObjectId).id as Buffer, (b as ObjectId).id as Buffer);
    case ORDER.timestamp: return (a as Timestamp).compare(b as Timestamp);
    case ORDER.array: return compareArrays(a as Value[], b as Value[], text);
    case ORDER.object: return compareDocs(a as Doc, b as Doc, text);
    case ORDER.binary: return compareBinaries(a, b);
    case ORDER.regex: { const [[p, f], [q, g]] = [regexParts(a), regexParts(b)]; return compareStrings(p, q) || compareStrings(f, g); }
    case ORDER.code: return compareStrings((a as Code).code, (b as Code).code);
    case ORDER.codeScope: return compareStrings((a as Code).code, (b as Code).code) || compareDocs((a as Code).scope as Doc, (b as Code).scope as Doc, compareStrings);
    default: return 0;
  }
}

function compareBinaries(a: Value, b: Value): number {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  if (x.length !== y.length) return x.length < y.length ? -1 : 1;
  const sub = (v: Value): number => (v instanceof Binary ? v.sub_type : 0);
  return Math.sign(sub(a) - sub(b)) || Buffer.compare(x, y);
}

function compareArrays(a: Value[], b: Value[], text: CompareText): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const c = compareWith(a[i], b[i], text);
    if (c !== 0) return c;
  }
  return Math.sign(a.length - b.length);
}

/** Field by field: type, then name, then value, as MongoDB compares embedded documents. */
function compareDocs(a: Doc, b: Doc, text: CompareText): number {
  const [x, y] = [Object.entries(a), Object.entries(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i += 1) {
    const [[ka, va], [kb, vb]] = [x[i]!, y[i]!];
    const c = Math.sign(orderOf(va) - orderOf(vb)) || compareStrings(ka, kb) || compareWith(va, vb, text);
    if (c !== 0) return c;
  }
  return Math.sign(x.length - y.length);
}

export const equal = (a: Value, b: Value): boolean => compare(a, b) === 0;
export function truthy(v: Value): boolean {
  if (v === null || v === undefined || v === false || typeof v === 'symbol') return false;
  return !isNumber(v) || toDouble(v) !== 0;
}

/** The same bytes, not only equal in order: Int32 1 and Double 1 compare equal and are not identical. */
export function identical(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => identical(v, b[i]));
  if (isDoc(a)) {
    if (!isDoc(b)) return false;
    const [x, y] = [Object.keys(a), Object.keys(b)];
    return x.length === y.length && x.every((k, i) => k === y[i] && identical(a[k], b[k]));
  }
  if (classOf(a) !== classOf(b)) return false;
  if (a instanceof Decimal128) return Buffer.compare(a.bytes, (b as Decimal128).bytes) === 0;
  if (a instanceof Double) return Object.is(a.value, (b as Double).value);
  return compare(a, b) === 0;
}

/** BSON type number by alias, for `$type` and messages. */
export const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  double: 1, string: 2, object: 3, array: 4, binData: 5, undefined: 6, objectId: 7, bool: 8, date: 9, null: 10, regex: 11, dbPointer: 12, javascript: 13, symbol: 14,
  javascriptWithScope: 15, int: 16, timestamp: 17, long: 18, decimal: 19, minKey: -1, maxKey: 127,
};
const NAME_BY_CLASS: Readonly<Record<string, string>> = { Int32: 'int', Double: 'double', Long: 'long', Decimal128: 'decimal', Timestamp: 'timestamp', BSONSymbol: 'symbol' };
const NAME_BY_ORDER: Readonly<Record<number, string>> = { 0: 'minKey', 3: 'string', 4: 'object', 5: 'array', 6: 'binData', 7: 'objectId', 8: 'bool', 9: 'date', 11: 'regex', 13: 'javascript', 14: 'javascriptWithScope', 15: 'maxKey' };
export function typeName(v: Value): string {
  if (v === undefined || typeof v === 'symbol') return 'missing';
  if (v === null) return 'null';
  if (typeof v === 'number') return Number.isInteger(v) && Math.abs(v) < 2 ** 31 && !Object.is(v, -0) ? 'int' : 'double';
  if (typeof v === 'bigint') return 'long';
  return (typeof v === 'object' ? NAME_BY_CLASS[classOf(v) ?? ''] : undefined) ?? NAME_BY_ORDER[orderOf(v)] ?? 'object';
}
