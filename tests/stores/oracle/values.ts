/** BSON values for the oracle: their order and their names, read from the manual ("Comparison/Sort Order"), written apart from the store. */
import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';
import { EJSON } from 'bson';
import { compareNumerics, isNumeric, type Numeric } from './exact.ts';

export type Value = unknown;
export type Doc = { [field: string]: Value };
/** No such field. `EMPTY` is what an empty array is in a sort key: below null, above MinKey. */
export const MISSING = Symbol('missing');
export const EMPTY = Symbol('empty array');
/** The manual says that the statement fails. */
export class Refused extends Error {}

export const isDoc = (v: Value): v is Doc => typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype;
export const isList = (v: Value): v is Value[] => Array.isArray(v);
export const nothing = (v: Value): boolean => v === null || v === MISSING;
export const show = (v: Value): string => (v === MISSING ? 'missing' : EJSON.stringify({ v }, { relaxed: false }));
export const copy = <T extends Value>(v: T): T => (isList(v) ? v.map(copy) : isDoc(v) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, copy(x)])) : v) as T;

export function rank(v: Value): number {
  if (v === MISSING || v === EMPTY) return 0;
  if (v === null) return 1;
  if (typeof v === 'string') return 3;
  if (typeof v === 'boolean') return 8;
  if (isList(v)) return 5;
  if (isDoc(v)) return 4;
  if (v instanceof MinKey) return -1;
  if (v instanceof MaxKey) return 99;
  if (v instanceof Timestamp) return 10;
  if (isNumeric(v)) return 2;
  if (v instanceof Binary) return 6;
  if (v instanceof ObjectId) return 7;
  if (v instanceof Date) return 9;
  if (v instanceof BSONRegExp) return 11;
  if (v instanceof Code) return v.scope ? 13 : 12;
  throw new Error(`the oracle does not know ${String(v)}`);
}
const bytes = (a: Uint8Array, b: Uint8Array): number => Math.sign(Buffer.compare(a, b));
const texts = (a: string, b: string): number => bytes(Buffer.from(a), Buffer.from(b));
const chain = (parts: readonly (() => number)[]): number => { for (const p of parts) { const c = p(); if (c !== 0) return c; } return 0; };

export function compare(a: Value, b: Value): number {
  const type = rank(a);
  if (type !== rank(b)) return Math.sign(type - rank(b));
  switch (type) {
    case 2: return compareNumerics(a as Numeric, b as Numeric);
    case 3: return texts(a as string, b as string);
    case 4: return compareFields(Object.entries(a as Doc), Object.entries(b as Doc));
    case 5: return compareFields(Object.entries(a as Value[]), Object.entries(b as Value[]));
    case 6: { const [x, y] = [a as Binary, b as Binary]; return chain([(): number => Math.sign(x.length() - y.length()), (): number => Math.sign(x.sub_type - y.sub_type), (): number => bytes(x.value(), y.value())]); }
    case 7: return texts((a as ObjectId).toHexString(), (b as ObjectId).toHexString());
    case 8: return Number(a) - Number(b);
    case 9: return Math.sign(Number(a) - Number(b));
    case 10: { const [x, y] = [(a as Timestamp).toBigInt(), (b as Timestamp).toBigInt()]; return x < y ? -1 : x > y ? 1 : 0; }
    case 11: { const [x, y] = [a as BSONRegExp, b as BSONRegExp]; return chain([(): number => texts(x.pattern, y.pattern), (): number => texts(x.options, y.options)]); }
    case 12: return texts((a as Code).code, (b as Code).code);
    case 13: return chain([(): number => texts((a as Code).code, (b as Code).code), (): number => compareFields(Object.entries((a as Code).scope!), Object.entries((b as Code).scope!))]);
    default: return 0;
  }
}
/** Type, then name, then value of each field in turn; the shorter is less. */
function compareFields(a: [string, Value][], b: [string, Value][]): number {
  for (const [i, [name, value]] of a.entries()) {
    const other = b[i];
    if (!other) return 1;
    const c = chain([(): number => Math.sign(rank(value) - rank(other[1])), (): number => texts(name, other[0]), (): number => compare(value, other[1])]);
    if (c !== 0) return c;
  }
  return a.length < b.length ? -1 : 0;
}
export const same = (a: Value, b: Value): boolean => compare(a, b) === 0;
export const isNaNValue = (v: Value): boolean => isNumeric(v) && v.toString() === 'NaN';
export const asNumber = (v: Value): number => Number((v as Numeric).toString());
export const truthy = (v: Value): boolean => !(nothing(v) || v === false || (isNumeric(v) && asNumber(v) === 0));

export function typeName(v: Value): string {
  if (v === MISSING) return 'missing';
  if (v instanceof Int32) return 'int';
  if (v instanceof Timestamp) return 'timestamp';
  if (v instanceof Long) return 'long';
  if (v instanceof Double) return 'double';
  if (v instanceof Decimal128) return 'decimal';
  const names: Record<number, string> = { [-1]: 'minKey', 99: 'maxKey', 1: 'null', 3: 'string', 4: 'object', 5: 'array', 6: 'binData', 7: 'objectId', 8: 'bool', 9: 'date', 11: 'regex', 12: 'javascript', 13: 'javascriptWithScope' };
  return names[rank(v)]!;
}
