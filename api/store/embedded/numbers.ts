/** Arithmetic that keeps BSON's number types: the result has the widest type of its parts, and widens when it must. */
import { Decimal128, Double, Int32, Long } from 'bson';
import { MongoError } from './errors.ts';
import { decimalParts, isNumber, toDouble, typeName, type Value } from './values.ts';

const INT_MAX = 2n ** 31n;
const LONG_MAX = 2n ** 63n;
type Kind = 'int' | 'long' | 'double' | 'decimal';
const RANK: Readonly<Record<Kind, number>> = { int: 0, long: 1, double: 2, decimal: 3 };
const kindOf = (v: Value): Kind => typeName(v) as Kind;
const wider = (a: Kind, b: Kind): Kind => (RANK[a] >= RANK[b] ? a : b);
const asBigInt = (v: Value): bigint => (v instanceof Long ? v.toBigInt() : BigInt(Math.trunc(toDouble(v))));

export const intOf = (n: bigint, least: Kind): Value => {
  if (least === 'int' && n >= -INT_MAX && n < INT_MAX) return new Int32(Number(n));
  if (n >= -LONG_MAX && n < LONG_MAX) return Long.fromBigInt(n);
  return new Double(Number(n));
};

/** Decimal128 of digits x 10^exponent, rounded half to even at 34 digits. */
function decimalOf(digits: bigint, exponent: number): Decimal128 {
  let [d, e] = [digits < 0n ? -digits : digits, exponent];
  while (d.toString().length > 34) {
    const [q, r] = [d / 10n, d % 10n];
    d = r > 5n || (r === 5n && q % 2n === 1n) ? q + 1n : q;
    e += 1;
  }
  return Decimal128.fromString(`${digits < 0n ? '-' : ''}${d}E${e}`);
}

const asDecimal = (v: Value): { digits: bigint; exponent: number } | number => {
  // A double becomes the decimal of its 15 significant digits, as MongoDB converts.
  const text = v instanceof Decimal128 ? v.toString() : v instanceof Long ? v.toString() : String(Number(toDouble(v).toPrecision(15)));
  const parts = decimalParts(text);
  return typeof parts === 'string' ? Number(parts) : parts;
};

type Operation = 'add' | 'subtract' | 'multiply';
function decimalArithmetic(op: Operation, a: Value, b: Value): Decimal128 {
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (typeof x === 'number' || typeof y === 'number') {
    const [p, q] = [toDouble(a), toDouble(b)];
    return Decimal128.fromString(String(op === 'add' ? p + q : op === 'subtract' ? p - q : p * q));
  }
  if (op === 'multiply') return decimalOf(x.digits * y.digits, x.exponent + y.exponent);
  const low = Math.min(x.exponent, y.exponent);
  const [p, q] = [x.digits * 10n ** BigInt(x.exponent - low), y.digits * 10n ** BigInt(y.exponent - low)];
  return decimalOf(op === 'add' ? p + q : p - q, low);
}

export function arithmetic(op: Operation, a: Value, b: Value): Value {
  const kind = wider(kindOf(a), kindOf(b));
  if (kind === 'decimal') return decimalArithmetic(op, a, b);
  if (kind === 'double') {
    const [x, y] = [toDouble(a), toDouble(b)];
    return new Double(op === 'add' ? x + y : op === 'subtract' ? x - y : x * y);
  }
  const [x, y] = [asBigInt(a), asBigInt(b)];
  return intOf(op === 'add' ? x + y : op === 'subtract' ? x - y : x * y, kind);
}

export function divide(a: Value, b: Value): Value {
  if (kindOf(a) === 'decimal' || kindOf(b) === 'decimal') {
    const [x, y] = [asDecimal(a), asDecimal(b)];
    if (typeof x !== 'number' && typeof y !== 'number' && y.digits !== 0n) return decimalOf((x.digits * 10n ** 40n) / y.digits, x.exponent - y.exponent - 40);
  }
  if (toDouble(b) === 0) throw new MongoError(2, 'BadValue', "can't $divide by zero");
  return new Double(toDouble(a) / toDouble(b));
}

export function modulo(a: Value, b: Value): Value {
  if (toDouble(b) === 0) throw new MongoError(16610, 'Location16610', "can't $mod by zero");
  const kind = wider(kindOf(a), kindOf(b));
  return kind === 'double' || kind === 'decimal' ? new Double(toDouble(a) % toDouble(b)) : intOf(asBigInt(a) % asBigInt(b), kind);
}

/** Sum that keeps the widest type met; starts as Int32 0, as `$sum` does. */
export const sumOf = (values: Iterable<Value>): Value => {
  let total: Value = new Int32(0);
  for (const v of values) if (isNumber(v)) total = arithmetic('add', total, v);
  return total;
};

export function averageOf(values: readonly Value[]): Value {
  const numbers = values.filter(isNumber);
  return numbers.length === 0 ? null : divide(sumOf(numbers), new Int32(numbers.length));
}

/** Rounds to `place` decimals, half to even, in the type that it came in. */
export function roundTo(v: Value, place: number, mode: 'round' | 'trunc' | 'floor' | 'ceil'): Value {
  const kind = kindOf(v);
  if ((kind === 'int' || kind === 'long') && place >= 0) return v;
  const factor = 10 ** place;
  const scaled = toDouble(v) * factor;
  const down = Math.floor(scaled);
  const even = scaled - down === 0.5 ? (down % 2 === 0 ? down : down + 1) : Math.round(scaled);
  const whole = mode === 'round' ? even : mode === 'trunc' ? Math.trunc(scaled) : mode === 'floor' ? down : Math.ceil(scaled);
  const result = whole / factor;
  return kind === 'decimal' ? Decimal128.fromString(String(result)) : kind === 'double' ? new Double(result) : intOf(BigInt(result), kind);
}
