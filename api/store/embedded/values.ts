/** BSON values in memory: numbers keep their BSON type (Int32, Double, Long, Decimal128), so nothing changes type unasked. */
import { Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, deserialize, serialize } from 'bson';
import { MongoError } from './errors.ts';

export type Value = unknown;
export type Doc = { [key: string]: Value };

const DECODE = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true, raw: false } as const;
export const decode = (bytes: Uint8Array): Doc => deserialize(bytes, DECODE) as Doc;
export const MAX_DOC_BYTES = 16 * 1024 * 1024;

export function encode(doc: Doc): Buffer {
  const bytes = serialize(doc, { ignoreUndefined: false, serializeFunctions: false, checkKeys: false });
  if (bytes.length > MAX_DOC_BYTES) throw new MongoError(10334, 'BSONObjectTooLarge', `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and 16793600(16MB)`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** MongoDB's order of types. Source: the manual, "Comparison/Sort Order". */
export const ORDER = { minKey: 0, null: 1, number: 2, string: 3, object: 4, array: 5, binary: 6, objectId: 7, bool: 8, date: 9, timestamp: 10, regex: 11, dbRef: 12, code: 13, codeScope: 14, maxKey: 15 } as const;

export const isNumber = (v: Value): v is Int32 | Double | Long | Decimal128 | number | bigint =>
  typeof v === 'number' || typeof v === 'bigint' || v instanceof Int32 || v instanceof Double || v instanceof Decimal128 || (v instanceof Long && !(v instanceof Timestamp));
export const isDoc = (v: Value): v is Doc => typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Date) && !(v instanceof Uint8Array) && !('_bsontype' in v);

export function orderOf(v: Value): number {
  if (v === null || v === undefined) return ORDER.null;
  if (isNumber(v)) return ORDER.number;
  if (typeof v === 'string' || v instanceof BSONSymbol) return ORDER.string;
  if (typeof v === 'boolean') return ORDER.bool;
  if (Array.isArray(v)) return ORDER.array;
  if (v instanceof Date) return ORDER.date;
  if (v instanceof ObjectId) return ORDER.objectId;
  if (v instanceof Timestamp) return ORDER.timestamp;
  if (v instanceof Binary || v instanceof Uint8Array) return ORDER.binary;
  if (v instanceof BSONRegExp || v instanceof RegExp) return ORDER.regex;
  if (v instanceof MinKey) return ORDER.minKey;
  if (v instanceof MaxKey) return ORDER.maxKey;
  if (v instanceof Code) return v.scope ? ORDER.codeScope : ORDER.code;
  if (v instanceof DBRef) return ORDER.object;
  return ORDER.object;
}

/** A number as a double; NaN stays NaN. Exact for Int32, Double and small Longs. */
export function toDouble(v: Value): number {
  if (typeof v === 'number') return v;
  if (typeof v === 'bigint') return Number(v);
  if (v instanceof Int32 || v instanceof Double) return v.value;
  if (v instanceof Decimal128) return Number(v.toString());
  return (v as Long).toNumber();
}
const isExactInDouble = (v: Value): boolean => !(v instanceof Decimal128) && !(v instanceof Long && !Number.isSafeInteger(v.toNumber()));

/** A decimal as sign, digits and exponent: value = digits x 10^exponent. */
export function decimalParts(text: string): { digits: bigint; exponent: number } | 'NaN' | 'Infinity' | '-Infinity' {
  if (/nan/i.test(text)) return 'NaN';
  if (/^[+]?inf/i.test(text)) return 'Infinity';
  if (/^-inf/i.test(text)) return '-Infinity';
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(`${whole}${fraction}` === '-' ? '0' : `${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

/** An exact double as digits x 10^exponent: every double is a finite decimal fraction. */
function doubleParts(n: number): { digits: bigint; exponent: number } | 'NaN' | 'Infinity' | '-Infinity' {
  if (Number.isNaN(n)) return 'NaN';
  if (!Number.isFinite(n)) return n > 0 ? 'Infinity' : '-Infinity';
  if (Number.isInteger(n)) return { digits: BigInt(n), exponent: 0 };
  let scaled = n;
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos += 1;
  }
  // n = scaled / 2^twos = scaled x 5^twos / 10^twos
  return { digits: BigInt(scaled) * 5n ** BigInt(twos), exponent: -twos };
}

const partsOf = (v: Value): ReturnType<typeof decimalParts> =>
  v instanceof Decimal128 ? decimalParts(v.toString()) : v instanceof Long ? { digits: v.toBigInt(), exponent: 0 } : doubleParts(toDouble(v));

function compareParts(a: ReturnType<typeof decimalParts>, b: ReturnType<typeof decimalParts>): number {
  const rank = (p: typeof a): number => (p === 'NaN' ? 0 : p === '-Infinity' ? 1 : p === 'Infinity' ? 3 : 2);
  if (typeof a === 'string' || typeof b === 'string') return Math.sign(rank(a) - rank(b));
  const low = Math.min(a.exponent, b.exponent);
  const [x, y] = [a.digits * 10n ** BigInt(a.exponent - low), b.digits * 10n ** BigInt(b.exponent - low)];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function compareNumbers(a: Value, b: Value): number {
  if (isExactInDouble(a) && isExactInDouble(b)) {
    const [x, y] = [toDouble(a), toDouble(b)];
    if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : -1;
    if (Number.isNaN(y)) return 1;
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return compareParts(partsOf(a), partsOf(b));
}

const compareStrings = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));
const bytesOf = (v: Value): Uint8Array => (v instanceof Binary ? v.value() : (v as Uint8Array));
const regexText = (v: Value): string => (v instanceof RegExp ? `${v.source}\0${v.flags}` : `${(v as BSONRegExp).pattern}\0${(v as BSONRegExp).options}`);

/** Compares two values in MongoDB's order: by type first, then by value. */
export function compare(a: Value, b: Value): number {
  const [x, y] = [orderOf(a), orderOf(b)];
  if (x !== y) return x < y ? -1 : 1;
  switch (x) {
    case ORDER.number: return compareNumbers(a, b);
    case ORDER.string: return compareStrings(String(a), String(b));
    case ORDER.bool: return Number(a) - Number(b);
    case ORDER.date: return Math.sign((a as Date).getTime() - (b as Date).getTime());
    case ORDER.objectId: return Buffer.compare((a as ObjectId).id as Buffer, (b as ObjectId).id as Buffer);
    case ORDER.timestamp: return (a as Timestamp).compare(b as Timestamp);
    case ORDER.array: return compareArrays(a as Value[], b as Value[]);
    case ORDER.object: return compareDocs(a as Doc, b as Doc);
    case ORDER.binary: return compareBinaries(a, b);
    case ORDER.regex: return compareStrings(regexText(a), regexText(b));
    case ORDER.code: case ORDER.codeScope: return compareStrings((a as Code).code, (b as Code).code);
    default: return 0;
  }
}

function compareBinaries(a: Value, b: Value): number {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  if (x.length !== y.length) return x.length < y.length ? -1 : 1;
  const sub = (v: Value): number => (v instanceof Binary ? v.sub_type : 0);
  return Math.sign(sub(a) - sub(b)) || Buffer.compare(x, y);
}

function compareArrays(a: Value[], b: Value[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const c = compare(a[i], b[i]);
    if (c !== 0) return c;
  }
  return Math.sign(a.length - b.length);
}

/** Field by field: type, then name, then value, as MongoDB compares embedded documents. */
function compareDocs(a: Doc, b: Doc): number {
  const [x, y] = [Object.entries(a), Object.entries(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i += 1) {
    const [[ka, va], [kb, vb]] = [x[i]!, y[i]!];
    const c = Math.sign(orderOf(va) - orderOf(vb)) || compareStrings(ka, kb) || compare(va, vb);
    if (c !== 0) return c;
  }
  return Math.sign(x.length - y.length);
}

export const equal = (a: Value, b: Value): boolean => compare(a, b) === 0;
export const truthy = (v: Value): boolean => !(v === null || v === undefined || v === false || (isNumber(v) && toDouble(v) === 0));

/** BSON type number by alias, for `$type` and messages. */
export const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  double: 1, string: 2, object: 3, array: 4, binData: 5, undefined: 6, objectId: 7, bool: 8, date: 9, null: 10, regex: 11, dbPointer: 12, javascript: 13, symbol: 14,
  javascriptWithScope: 15, int: 16, timestamp: 17, long: 18, decimal: 19, minKey: -1, maxKey: 127,
};
export function typeName(v: Value): string {
  if (v === undefined) return 'missing';
  if (v === null) return 'null';
  if (typeof v === 'number') return Number.isInteger(v) && Math.abs(v) < 2 ** 31 ? 'int' : 'double';
  if (v instanceof Int32) return 'int';
  if (v instanceof Double) return 'double';
  if (v instanceof Decimal128) return 'decimal';
  if (v instanceof Timestamp) return 'timestamp';
  if (v instanceof Long || typeof v === 'bigint') return 'long';
  if (v instanceof BSONSymbol) return 'symbol';
  if (v instanceof Code) return v.scope ? 'javascriptWithScope' : 'javascript';
  const byOrder: Record<number, string> = { 0: 'minKey', 3: 'string', 4: 'object', 5: 'array', 6: 'binData', 7: 'objectId', 8: 'bool', 9: 'date', 11: 'regex', 15: 'maxKey' };
  return byOrder[orderOf(v)] ?? 'object';
}
