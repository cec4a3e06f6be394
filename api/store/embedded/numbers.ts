/** Arithmetic that keeps BSON's number types: the result has the widest type of its parts, and widens when it must. */
import { Decimal128, Double, Int32, Long } from 'bson';
import { addDecimals, decimalOf, divideDecimals, isSpecial, multiplyDecimals, negated, partsOfDouble, partsOfDouble15, quantized, remainderOfDecimals, type Decimal, type Special } from './decimal.ts';
import { MongoError } from './errors.ts';
import { isNumber, partsOf, toDouble, typeName, type Value } from './values.ts';

const INT_MAX = 2n ** 31n;
const LONG_MAX = 2n ** 63n;
export type Kind = 'int' | 'long' | 'double' | 'decimal';
const RANK: Readonly<Record<Kind, number>> = { int: 0, long: 1, double: 2, decimal: 3 };
export const kindOf = (v: Value): Kind => (v instanceof Int32 ? 'int' : v instanceof Double ? 'double' : v instanceof Long ? 'long' : v instanceof Decimal128 ? 'decimal' : (typeName(v) as Kind));
export const wider = (a: Kind, b: Kind): Kind => (RANK[a] >= RANK[b] ? a : b);
export const asBigInt = (v: Value): bigint => (v instanceof Long ? v.toBigInt() : typeof v === 'bigint' ? v : v instanceof Decimal128 ? wholeOf(partsOf(v)) : BigInt(Math.trunc(toDouble(v))));
const wholeOf = (p: Decimal | Special): bigint => { if (isSpecial(p)) return 0n; const q = quantized(p, 0, 'trunc').digits; return p.negative ? -q : q; };
export const fitsLong = (n: bigint): boolean => n >= -LONG_MAX && n < LONG_MAX;
export const fitsInt = (n: bigint): boolean => n >= -INT_MAX && n < INT_MAX;

/** A whole number in the least type that is allowed and holds it; past Long it is a double, as MongoDB's sums are. */
export const intOf = (n: bigint, least: Kind): Value => {
  if (least === 'int' && fitsInt(n)) return new Int32(Number(n));
  if (fitsLong(n)) return Long.fromBigInt(n);
  return new Double(Number(n));
};

/** A number on its way into decimal arithmetic: doubles with 15 digits, as MongoDB takes them. */
const intoDecimal = (v: Value): Decimal | Special => (kindOf(v) === 'double' ? partsOfDouble15(toDouble(v)) : partsOf(v));
export const decimalFrom = (v: Value): Decimal128 => (v instanceof Decimal128 ? v : decimalOf(intoDecimal(v)));

const ZERO: Decimal = { negative: false, digits: 0n, exponent: 0 };

export type Operation = 'add' | 'subtract' | 'multiply';
const ON_DOUBLES: Readonly<Record<Operation, (x: number, y: number) => number>> = { add: (x, y) => x + y, subtract: (x, y) => x - y, multiply: (x, y) => x * y };

export function arithmetic(op: Operation, a: Value, b: Value): Value {
  const kind = wider(kindOf(a), kindOf(b));
  if (kind === 'decimal') {
    const [x, y] = [intoDecimal(a), intoDecimal(b)];
    return decimalOf(op === 'multiply' ? multiplyDecimals(x, y) : addDecimals(x, op === 'add' ? y : negated(y)));
  }
  if (kind === 'double') return new Double(ON_DOUBLES[op](toDouble(a), toDouble(b)));
  if (kind === 'int') {
    const n = ON_DOUBLES[op](toDouble(a), toDouble(b));
    if (Number.isSafeInteger(n)) return n === (n | 0) ? new Int32(n) : Long.fromNumber(n);
  }
  const [x, y] = [asBigInt(a), asBigInt(b)];
  return intOf(op === 'add' ? x + y : op === 'subtract' ? x - y : x * y, kind);
}

/** `$add` and `$multiply` of many: whole numbers in between may be as large as they are; the type is the widest of all parts. */
export function folded(op: Operation, values: readonly Value[], start: Value): Value {
  const total = values.reduce((a, b) => arithmetic(op, a, b), start);
  if (!(total instanceof Long)) return total;
  return values.some((v) => kindOf(v) !== 'int') ? total : intOf(total.toBigInt(), 'int');
}

/** `$inc` and `$mul`: as above, but past Long they are refused instead of becoming doubles. */
export function exactArithmetic(op: Operation, a: Value, b: Value): Value | undefined {
  const made = arithmetic(op, a, b);
  const whole = kindOf(a) !== 'double' && kindOf(b) !== 'double';
  return whole && kindOf(made) === 'double' ? undefined : made;
}

const isZero = (v: Value): boolean => { const p = partsOf(v); return !isSpecial(p) && p.digits === 0n; };

export function divide(a: Value, b: Value): Value {
  if (isZero(b)) throw new MongoError(2, 'BadValue', "can't $divide by zero");
  if (kindOf(a) === 'decimal' || kindOf(b) === 'decimal') return decimalOf(divideDecimals(intoDecimal(a), intoDecimal(b)));
  return new Double(toDouble(a) / toDouble(b));
}

export function modulo(a: Value, b: Value): Value {
  if (isZero(b)) throw new MongoError(16610, 'Location16610', "can't $mod by zero");
  const kind = wider(kindOf(a), kindOf(b));
  if (kind === 'decimal') return decimalOf(remainderOfDecimals(intoDecimal(a), intoDecimal(b)));
  return kind === 'double' ? new Double(toDouble(a) % toDouble(b)) : intOf(asBigInt(a) % asBigInt(b), kind);
}

/**
 * `$sum` and `$avg`: whole numbers exactly, doubles as a pair of doubles (the sum and what it lost), decimals as decimals,
 * as MongoDB's DoubleDoubleSummation does, so that the order of the documents does not change the result.
 */
export class Total {
  private whole = 0n;
  private wholeSmall = 0;
  private high = 0;
  private low = 0;
  private special = 0;
  /** Begins with a whole zero, as the server's does: that shows in the digits of decimals above 10^34. */
  private decimal: Decimal | Special = ZERO;
  private kind: Kind = 'int';
  count = 0;

  add(v: Value): void {
    const kind = kindOf(v);
    this.count += 1;
    this.kind = wider(this.kind, kind);
    if (kind === 'int') {
      this.wholeSmall += toDouble(v);
      if (Math.abs(this.wholeSmall) > 2 ** 51) this.carry();
    } else if (kind === 'long') this.whole += asBigInt(v);
    else if (kind === 'double') this.addDouble(toDouble(v));
    else this.decimal = partsOf(decimalOf(addDecimals(this.decimal, partsOf(v))));
  }
  private carry(): void {
    this.whole += BigInt(this.wholeSmall);
    this.wholeSmall = 0;
  }
  private addDouble(x: number): void {
    if (!Number.isFinite(x)) { this.special += x; return; }
    const sum = this.high + x;
    const part = sum - this.high;
    this.low += (this.high - (sum - part)) + (x - part);
    this.high = sum;
  }
  private exact(): Decimal | Special {
    this.carry();
    if (this.special !== 0) return partsOfDouble(this.special);
    const whole: Decimal = { negative: this.whole < 0n, digits: this.whole < 0n ? -this.whole : this.whole, exponent: 0 };
    if (this.high === 0 && this.low === 0) return whole;
    return addDecimals(whole, addDecimals(partsOfDouble(this.high), partsOfDouble(this.low)));
  }
  private double(): number {
    this.carry();
    if (this.special !== 0) return this.special;
    if (this.whole === 0n) return this.high + this.low;
    const exact = this.exact();
    return isSpecial(exact) ? Number(exact) : Number(`${exact.negative ? '-' : ''}${exact.digits}e${exact.exponent}`);
  }
  result(): Value {
    if (this.kind === 'decimal') return this.asDecimal();
    if (this.kind === 'double') return new Double(this.double());
    this.carry();
    return intOf(this.whole, this.kind);
  }
  private asDecimal(): Decimal128 {
    return decimalOf(addDecimals(this.decimal, partsOf(decimalOf(this.exact()))));
  }
  average(): Value {
    if (this.count === 0) return null;
    if (this.kind === 'decimal') return divide(this.asDecimal(), new Int32(this.count));
    return new Double(this.double() / this.count);
  }
}

export function sumOf(values: Iterable<Value>): Value {
  const total = new Total();
  for (const v of values) if (isNumber(v)) total.add(v);
  return total.result();
}
export function averageOf(values: Iterable<Value>): Value {
  const total = new Total();
  for (const v of values) if (isNumber(v)) total.add(v);
  return total.average();
}

/** Rounds to `place` decimals, half to even, in the type that it came in. */
export function roundTo(v: Value, place: number, mode: 'round' | 'trunc' | 'floor' | 'ceil'): Value {
  const kind = kindOf(v);
  if ((kind === 'int' || kind === 'long') && place >= 0) return v;
  if (kind === 'double' && place === 0 && mode !== 'round') return new Double(mode === 'trunc' ? Math.trunc(toDouble(v)) : mode === 'floor' ? Math.floor(toDouble(v)) : Math.ceil(toDouble(v)));
  const exact = partsOf(v);
  if (isSpecial(exact)) return v;
  if (kind === 'double' && exact.exponent >= -place) return v;
  const rounded = quantized(exact, -place, mode === 'round' ? 'even' : mode);
  if (kind === 'decimal') return decimalOf(rounded);
  if (kind === 'double') return new Double(Number(`${rounded.negative ? '-' : ''}${rounded.digits}e${rounded.exponent}`));
  const whole = rounded.digits * 10n ** BigInt(Math.max(0, rounded.exponent));
  const n = rounded.negative ? -whole : whole;
  if (!fitsLong(n)) throw new MongoError(51080, 'Location51080', `invalid conversion from ${typeName(v)} to long`);
  return intOf(n, kind);
}
