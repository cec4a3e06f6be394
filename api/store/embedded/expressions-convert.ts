/** Conversions between types; what cannot be converted is refused, never made up. Source: the manual, "$convert". */
import { Binary, Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { isSpecial, quantized } from './decimal.ts';
import { MongoError } from './errors.ts';
import { compile, missing, nary, shape, type Build } from './expression-core.ts';
import { parseDate } from './expressions-date.ts';
import { decimalFrom, fitsInt, fitsLong } from './numbers.ts';
import { isNumber, partsOf, toDouble, truthy, typeName, TYPE_NUMBERS, type Value } from './values.ts';

const failure = (message: string): MongoError => new MongoError(241, 'ConversionFailure', `${message} in $convert with no onError value`);
const unsupported = (v: Value, to: string): MongoError => failure(`Unsupported conversion from ${typeName(v)} to ${to}`);

function wholeFrom(v: Value, to: 'int' | 'long'): bigint {
  if (typeof v === 'boolean') return v ? 1n : 0n;
  if (v instanceof Date && to === 'long') return BigInt(v.getTime());
  if (typeof v === 'string') {
    if (!/^[+-]?\d+$/.test(v)) throw failure(`Failed to parse number '${v}'`);
    return BigInt(v.replace(/^\+/, ''));
  }
  if (!isNumber(v)) throw unsupported(v, to);
  const exact = partsOf(v);
  if (isSpecial(exact)) throw failure(`Attempt to convert ${exact === 'NaN' ? 'NaN' : 'infinity'} value to integer type`);
  const q = quantized(exact, Math.max(0, exact.exponent), 'trunc');
  const n = q.digits * 10n ** BigInt(q.exponent);
  return exact.negative ? -n : n;
}
function ranged(n: bigint, to: 'int' | 'long', v: Value): Value {
  if (!(to === 'int' ? fitsInt(n) : fitsLong(n))) throw failure(`Conversion would overflow target type: ${String(v)}`);
  return to === 'int' ? new Int32(Number(n)) : Long.fromBigInt(n);
}

function toDoubleValue(v: Value): Value {
  if (v instanceof Double) return v;
  if (typeof v === 'boolean') return new Double(v ? 1 : 0);
  if (v instanceof Date) return new Double(v.getTime());
  if (typeof v === 'string') {
    const n = /^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)$/.test(v) ? Number(v) : /^[+-]?(inf|infinity)$/i.test(v) ? (v.startsWith('-') ? -Infinity : Infinity) : /^nan$/i.test(v) ? NaN : undefined;
    if (n === undefined) throw failure(`Failed to parse number '${v}'`);
    return new Double(n);
  }
  if (!isNumber(v)) throw unsupported(v, 'double');
  const n = toDouble(v);
  if (!Number.isFinite(n) && !isSpecial(partsOf(v))) throw failure(`Conversion would overflow target type: ${String(v)}`);
  return new Double(n);
}
function toDecimalValue(v: Value): Value {
  if (v instanceof Decimal128) return v;
  if (typeof v === 'boolean') return Decimal128.fromString(v ? '1' : '0');
  if (v instanceof Date) return Decimal128.fromString(String(v.getTime()));
  if (typeof v === 'string') {
    try { return Decimal128.fromString(v); } catch { throw failure(`Failed to parse number '${v}'`); }
  }
  if (!isNumber(v)) throw unsupported(v, 'decimal');
  return decimalFrom(v);
}
function toText(v: Value): Value {
  if (typeof v === 'string') return v;
  if (v instanceof Date) return v.toISOString();
  if (v instanceof ObjectId) return v.toHexString();
  if (v instanceof Double) return Object.is(v.value, -0) ? '-0' : String(v.value);
  if (isNumber(v) || typeof v === 'boolean') return String(v);
  if (v instanceof Binary && v.sub_type === 4) return v.toUUID().toHexString();
  throw unsupported(v, 'string');
}
function toObjectId(v: Value): Value {
  if (v instanceof ObjectId) return v;
  if (typeof v !== 'string') throw unsupported(v, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(v)) throw failure(`Failed to parse objectId '${v}'`);
  return new ObjectId(v);
}
function toDateValue(v: Value): Value {
  if (v instanceof Date) return v;
  if (v instanceof ObjectId) return v.getTimestamp();
  if (typeof v === 'string') return parseDate(v, undefined, undefined);
  if (v instanceof Int32 || !isNumber(v)) {
    if (typeName(v) === 'timestamp') return new Date((v as { getHighBits(): number }).getHighBits() * 1000);
    throw unsupported(v, 'date');
  }
  return new Date(Number(wholeFrom(v, 'long')));
}

const TO: Readonly<Record<string, (v: Value) => Value>> = {
  double: toDoubleValue, string: toText, objectId: toObjectId, bool: (v) => (isNumber(v) || typeof v === 'boolean' ? truthy(v) : true), date: toDateValue,
  int: (v) => (v instanceof Int32 ? v : ranged(wholeFrom(v, 'int'), 'int', v)), long: (v) => (v instanceof Long && typeName(v) === 'long' ? v : ranged(wholeFrom(v, 'long'), 'long', v)), decimal: toDecimalValue,
};
const simple = (name: string, to: string): Build => nary(name, 1, 1, ([v]) => (missing(v) ? null : TO[to]!(v)));

const convert: Build = (arg, env) => {
  const fields = shape('$convert', arg, ['input', 'to'], ['onError', 'onNull']);
  const [input, target] = [compile(fields['input'], env), compile(fields['to'], env)];
  const onError = 'onError' in fields ? compile(fields['onError'], env) : undefined;
  const onNull = 'onNull' in fields ? compile(fields['onNull'], env) : (): null => null;
  return (s) => {
    const [v, to] = [input(s), target(s)];
    if (missing(v)) return onNull(s);
    if (missing(to)) return null;
    const name = typeof to === 'string' ? to : Object.entries(TYPE_NUMBERS).find(([, n]) => isNumber(to) && n === toDouble(to))?.[0];
    if (!name || !(name in TYPE_NUMBERS)) throw new MongoError(2, 'BadValue', `Unknown type name: ${String(to)}`);
    try {
      const work = TO[name];
      if (!work) throw unsupported(v, name);
      return work(v);
    } catch (error) {
      if (onError && error instanceof MongoError) return onError(s);
      throw error;
    }
  };
};

export const convertOperators: Readonly<Record<string, Build>> = {
  $convert: convert, $toInt: simple('$toInt', 'int'), $toLong: simple('$toLong', 'long'), $toDouble: simple('$toDouble', 'double'), $toDecimal: simple('$toDecimal', 'decimal'),
  $toBool: simple('$toBool', 'bool'), $toString: simple('$toString', 'string'), $toObjectId: simple('$toObjectId', 'objectId'), $toDate: simple('$toDate', 'date'),
};
