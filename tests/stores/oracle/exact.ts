/**
 * Numbers by exact arithmetic, and MongoDB's rules of which type a result has. Written apart from the store, on whole numbers
 * of any length: every finite BSON number is n x 10^e.
 */
import { Decimal128, Double, Int32, Long } from 'mongodb';

export type Exact = { readonly n: bigint; readonly e: number };
export type Special = 'NaN' | 'Infinity' | '-Infinity';
export type Numeric = Int32 | Long | Double | Decimal128;
export type NumberType = 'int' | 'long' | 'double' | 'decimal';
const TYPES: readonly NumberType[] = ['int', 'long', 'double', 'decimal'];

export const isNumeric = (v: unknown): v is Numeric => v instanceof Int32 || v instanceof Long && v._bsontype === 'Long' || v instanceof Double || v instanceof Decimal128;
export const typeOfNumber = (v: Numeric): NumberType => (v instanceof Int32 ? 'int' : v instanceof Long ? 'long' : v instanceof Double ? 'double' : 'decimal');
export const widest = (values: readonly Numeric[]): NumberType => TYPES[Math.max(0, ...values.map((v) => TYPES.indexOf(typeOfNumber(v))))]!;
const isSpecial = (x: Exact | Special): x is Special => typeof x === 'string';

/** A double is a whole number times a power of two; 2^-k = 5^k x 10^-k. */
function exactDouble(d: number): Exact | Special {
  if (Number.isNaN(d)) return 'NaN';
  if (!Number.isFinite(d)) return d > 0 ? 'Infinity' : '-Infinity';
  let twos = 0;
  let whole = d;
  while (!Number.isInteger(whole)) { whole *= 2; twos += 1; }
  return { n: BigInt(whole) * 5n ** BigInt(twos), e: -twos };
}
export function exactDecimal(text: string): Exact | Special {
  if (/nan/i.test(text)) return 'NaN';
  if (/inf/i.test(text)) return text.startsWith('-') ? '-Infinity' : 'Infinity';
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const n = BigInt(`${whole}${fraction}`);
  return { n: sign === '-' ? -n : n, e: Number(exponent) - fraction.length };
}
export function exactOf(v: Numeric): Exact | Special {
  if (v instanceof Int32) return { n: BigInt(v.value), e: 0 };
  if (v instanceof Long) return { n: BigInt(v.toString()), e: 0 };
  return v instanceof Double ? exactDouble(v.value) : exactDecimal(v.toString());
}

const scaled = (x: Exact, e: number): bigint => x.n * 10n ** BigInt(x.e - e);
export function compareNumerics(a: Numeric, b: Numeric): number {
  const [x, y] = [exactOf(a), exactOf(b)];
  const rank = (z: Exact | Special): number => (z === 'NaN' ? 0 : z === '-Infinity' ? 1 : z === 'Infinity' ? 3 : 2);
  if (isSpecial(x) || isSpecial(y)) return Math.sign(rank(x) - rank(y));
  // Far apart: the lengths decide, without writing out thousands of zeros.
  const size = (z: Exact): number => (z.n === 0n ? -Infinity : String(z.n < 0n ? -z.n : z.n).length + z.e);
  const sign = (z: Exact): number => (z.n < 0n ? -1 : z.n > 0n ? 1 : 0);
  if (sign(x) !== sign(y)) return Math.sign(sign(x) - sign(y));
  if (sign(x) === 0) return 0;
  if (size(x) !== size(y)) return Math.sign(size(x) - size(y)) * sign(x);
  const e = Math.min(x.e, y.e);
  const difference = scaled(x, e) - scaled(y, e);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** To so many digits, half to even. */
function rounded(x: Exact, digits: number): Exact {
  const negative = x.n < 0n;
  let n = negative ? -x.n : x.n;
  let e = x.e;
  const over = String(n).length - digits;
  if (over > 0) {
    const unit = 10n ** BigInt(over);
    const [q, r] = [n / unit, n % unit];
    n = r * 2n > unit || (r * 2n === unit && q % 2n === 1n) ? q + 1n : q;
    e += over;
    if (String(n).length > digits) { n /= 10n; e += 1; }
  }
  return { n: negative ? -n : n, e };
}
const decimalFrom = (x: Exact, negativeZero = false): Decimal128 => { const r = rounded(x, 34); return Decimal128.fromString(`${negativeZero ? '-' : ''}${r.n}E${r.e}`); };
const doubleFrom = (x: Exact, negativeZero = false): Double => new Double(negativeZero ? -0 : Number(`${x.n}e${x.e}`));
/** A double on its way into a decimal sum has 15 digits, zeros kept. Source: the server's Decimal128(double) constructor. */
function intoDecimal(v: Numeric): Exact {
  const x = exactOf(v) as Exact;
  if (!(v instanceof Double) || x.n === 0n) return x;
  const r = rounded(x, 15);
  const short = 15 - String(r.n < 0n ? -r.n : r.n).length;
  return { n: r.n * 10n ** BigInt(short), e: r.e - short };
}

const plus = (x: Exact, y: Exact): Exact => { const e = Math.min(x.e, y.e); return { n: scaled(x, e) + scaled(y, e), e }; };
const times = (x: Exact, y: Exact): Exact => ({ n: x.n * y.n, e: x.e + y.e });
const fits = (n: bigint, bits: bigint): boolean => n >= -(2n ** (bits - 1n)) && n < 2n ** (bits - 1n);
const whole = (n: bigint, type: NumberType): Numeric | undefined => (type === 'int' && fits(n, 32n) ? new Int32(Number(n)) : fits(n, 64n) ? Long.fromString(n.toString()) : undefined);

export type Operation = 'add' | 'subtract' | 'multiply';
/** Undefined: whole numbers that no Long holds. Finite numbers only. */
export function exactly(op: Operation, a: Numeric, b: Numeric): Numeric | undefined {
  const type = widest([a, b]);
  const [x, y] = [a, b].map((v) => (type === 'decimal' ? intoDecimal(v) : type === 'double' ? asDouble(v) : exactOf(v) as Exact)) as [Exact, Exact];
  const result = op === 'multiply' ? times(x, y) : plus(x, op === 'add' ? y : { n: -y.n, e: y.e });
  const [p, q] = [isNegative(a), isNegative(b)];
  const negativeZero = result.n === 0n && (op === 'multiply' ? p !== q : x.n === 0n && p && q === (op === 'add'));
  if (type === 'decimal') return decimalFrom(result, negativeZero);
  return type === 'double' ? doubleFrom(result, negativeZero) : whole(result.n, type);
}
/** Zeros have a sign too. */
const isNegative = (v: Numeric): boolean => (v instanceof Double ? v.value < 0 || Object.is(v.value, -0) : v.toString().startsWith('-'));
/** Between doubles the operands are doubles first: a Long past 2^53 is rounded when it meets one. */
const asDouble = (v: Numeric): Exact => exactDouble(doubleFrom(exactOf(v) as Exact).value) as Exact;
/** As expressions do it: past Long a double. */
export const expressed = (op: Operation, a: Numeric, b: Numeric): Numeric => {
  // $add begins with a whole zero, which shows in the digits when it first meets a decimal above 10^34.
  const made = op === 'add' && a instanceof Decimal128 ? decimalFrom(plus({ n: 0n, e: 0 }, plus(intoDecimal(a), intoDecimal(b)))) : exactly(op, a, b);
  if (made) return made;
  const [x, y] = [exactOf(a) as Exact, exactOf(b) as Exact];
  return doubleFrom(op === 'multiply' ? times(x, y) : plus(x, op === 'add' ? y : { n: -y.n, e: y.e }));
};

const sumOf = (values: readonly Numeric[]): Exact => values.map((v) => exactOf(v) as Exact).reduce(plus, { n: 0n, e: 0 });
/** Doubles become decimals of 34 digits when the sum of all others is added to that of the decimals. */
const decimalSum = (values: readonly Numeric[]): Exact => plus(sumOf(values.filter((v) => v instanceof Decimal128)), rounded(sumOf(values.filter((v) => !(v instanceof Decimal128))), 34));
/** `$sum`: exact over all, then in the widest type; past Long a double. Nothing to add is Int32 0. */
export function total(values: readonly Numeric[]): Numeric {
  const type = widest(values);
  const sum = sumOf(values);
  if (type === 'decimal') return decimalFrom(decimalSum(values));
  return type === 'double' ? doubleFrom(sum) : (whole(sum.n, type) ?? doubleFrom(sum));
}
/** `$avg`: the sum in its type (no whole numbers) divided by the count. */
export function average(values: readonly Numeric[]): Numeric | null {
  if (values.length === 0) return null;
  if (widest(values) !== 'decimal') return new Double(doubleFrom(sumOf(values)).value / values.length);
  const sum = rounded(decimalSum(values), 34);
  const count = BigInt(values.length);
  // 40 more digits than are shown, then a 1 if anything was left, which only decides the rounding.
  const n = sum.n * 10n ** 40n;
  const quotient = { n: (n / count) * 10n + (n % count === 0n ? 0n : sum.n < 0n ? -1n : 1n), e: sum.e - 41 };
  return decimalFrom(n % count === 0n ? shortest(quotient, sum.e) : quotient);
}
/** Of an exact quotient the trailing zeros go, down to the dividend's own exponent. */
function shortest(x: Exact, e: number): Exact {
  let { n } = x;
  let at = x.e;
  while (at < e && n % 10n === 0n) { n /= 10n; at += 1; }
  return { n, e: at };
}
/** Type and digits, for comparing in tests. */
export const written = (v: unknown): string => {
  if (v instanceof Double) return `double ${Object.is(v.value, -0) ? '-0' : v.value}`;
  return isNumeric(v) ? `${typeOfNumber(v)} ${v.toString()}` : String(v);
};
