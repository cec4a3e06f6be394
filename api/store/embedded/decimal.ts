/** Decimal128 as sign, digits and exponent, and back. Source: IEEE 754-2008, decimal128 in binary integer coding, as bsonspec.org names it. */
import { Decimal128 } from 'bson';

/** value = (negative ? -1 : 1) x digits x 10^exponent */
export type Decimal = { readonly negative: boolean; readonly digits: bigint; readonly exponent: number };
export type Special = 'NaN' | 'Infinity' | '-Infinity';
export const isSpecial = (p: Decimal | Special): p is Special => typeof p === 'string';

const PRECISION = 34;
const BIAS = 6176;
const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;
const COEFFICIENT = (1n << 113n) - 1n;
const LIMIT = 10n ** 34n;

export function partsOfDecimal(d: Decimal128): Decimal | Special {
  const bytes = Buffer.from(d.bytes.buffer, d.bytes.byteOffset, 16);
  const [low, high] = [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
  const negative = high >> 63n === 1n;
  const top = Number((high >> 58n) & 0x1fn);
  if (top === 0x1f) return 'NaN';
  if (top === 0x1e) return negative ? '-Infinity' : 'Infinity';
  // A coefficient in the second form is above 10^34 - 1, which is read as zero.
  if (top >= 0x18) return { negative, digits: 0n, exponent: Number((high >> 47n) & 0x3fffn) - BIAS };
  const digits = ((high << 64n) | low) & COEFFICIENT;
  return { negative, digits: digits < LIMIT ? digits : 0n, exponent: Number((high >> 49n) & 0x3fffn) - BIAS };
}

const specials: Readonly<Record<Special, Decimal128>> = { NaN: Decimal128.fromString('NaN'), Infinity: Decimal128.fromString('Infinity'), '-Infinity': Decimal128.fromString('-Infinity') };
export const lengthOf = (digits: bigint): number => (digits < 10n ** 15n ? String(Number(digits)).length : digits.toString().length);
export const power = (n: number): bigint => 10n ** BigInt(n);

/** Drops `count` last digits, half to even. */
export function dropDigits(digits: bigint, count: number): bigint {
  if (count <= 0) return digits;
  const unit = power(count);
  const [q, r] = [digits / unit, digits % unit];
  const twice = r * 2n;
  return twice > unit || (twice === unit && q % 2n === 1n) ? q + 1n : q;
}

/** The nearest Decimal128, half to even, in 34 digits. */
export function decimalOf(p: Decimal | Special): Decimal128 {
  if (isSpecial(p)) return specials[p];
  let { digits, exponent } = p;
  const drop = Math.max(lengthOf(digits) - PRECISION, MIN_EXPONENT - exponent, 0);
  if (drop > 0) {
    digits = drop > lengthOf(digits) + 1 ? 0n : dropDigits(digits, drop);
    exponent += drop;
    if (digits === LIMIT) [digits, exponent] = [LIMIT / 10n, exponent + 1];
  }
  if (exponent > MAX_EXPONENT) {
    if (digits === 0n) exponent = MAX_EXPONENT;
    else {
      const pad = exponent - MAX_EXPONENT;
      if (lengthOf(digits) + pad > PRECISION) return specials[p.negative ? '-Infinity' : 'Infinity'];
      [digits, exponent] = [digits * power(pad), MAX_EXPONENT];
    }
  }
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(digits & 0xffffffffffffffffn, 0);
  bytes.writeBigUInt64LE((digits >> 64n) | (BigInt(exponent + BIAS) << 49n) | (p.negative ? 1n << 63n : 0n), 8);
  return new Decimal128(bytes);
}

/** A double exactly: every finite double is a finite decimal fraction. */
export function partsOfDouble(n: number): Decimal | Special {
  if (Number.isNaN(n)) return 'NaN';
  if (!Number.isFinite(n)) return n > 0 ? 'Infinity' : '-Infinity';
  const negative = n < 0 || Object.is(n, -0);
  let scaled = Math.abs(n);
  if (Number.isInteger(scaled)) return { negative, digits: BigInt(scaled), exponent: 0 };
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos += 1;
  }
  // n = scaled / 2^twos = scaled x 5^twos / 10^twos
  return stripped({ negative, digits: BigInt(scaled) * 5n ** BigInt(twos), exponent: -twos }, 0);
}

/** Without trailing zeros, as long as the exponent stays at or below `highest`. */
function stripped(p: Decimal, highest: number): Decimal {
  let { digits, exponent } = p;
  while (exponent < highest && digits !== 0n && digits % 10n === 0n) [digits, exponent] = [digits / 10n, exponent + 1];
  return { negative: p.negative, digits, exponent };
}

/** A double as MongoDB takes it into decimal arithmetic: 15 significant digits, zeros kept. */
export function partsOfDouble15(n: number): Decimal | Special {
  const exact = partsOfDouble(n);
  if (isSpecial(exact) || exact.digits === 0n) return exact;
  const over = lengthOf(exact.digits) - 15;
  if (over <= 0) return { ...exact, digits: exact.digits * power(-over), exponent: exact.exponent + over };
  const digits = dropDigits(exact.digits, over);
  return digits === power(15) ? { ...exact, digits: power(14), exponent: exact.exponent + over + 1 } : { ...exact, digits, exponent: exact.exponent + over };
}

const signed = (p: Decimal): bigint => (p.negative ? -p.digits : p.digits);
const fromSigned = (n: bigint, exponent: number, negativeZero = false): Decimal => ({ negative: n < 0n || (n === 0n && negativeZero), digits: n < 0n ? -n : n, exponent });
const aligned = (a: Decimal, b: Decimal): { x: bigint; y: bigint; exponent: number } => {
  const exponent = Math.min(a.exponent, b.exponent);
  return { x: signed(a) * power(a.exponent - exponent), y: signed(b) * power(b.exponent - exponent), exponent };
};
const asSpecial = (n: number): Special | Decimal => (Number.isNaN(n) ? 'NaN' : Number.isFinite(n) ? fromSigned(BigInt(Math.sign(n)), 0) : n > 0 ? 'Infinity' : '-Infinity');
const rough = (p: Decimal | Special): number => (isSpecial(p) ? Number(p) : p.digits === 0n ? 0 : p.negative ? -1 : 1);

export function addDecimals(a: Decimal | Special, b: Decimal | Special): Decimal | Special {
  if (isSpecial(a) || isSpecial(b)) return asSpecial(rough(a) + rough(b));
  const { x, y, exponent } = aligned(a, b);
  return fromSigned(x + y, exponent, a.negative && b.negative);
}
export const negated = (p: Decimal | Special): Decimal | Special => (p === 'NaN' ? p : p === 'Infinity' ? '-Infinity' : p === '-Infinity' ? 'Infinity' : { ...p, negative: !p.negative });
export function multiplyDecimals(a: Decimal | Special, b: Decimal | Special): Decimal | Special {
  if (isSpecial(a) || isSpecial(b)) return asSpecial(rough(a) * rough(b));
  return { negative: a.negative !== b.negative, digits: a.digits * b.digits, exponent: a.exponent + b.exponent };
}
/** The divisor is not zero. */
export function divideDecimals(a: Decimal | Special, b: Decimal | Special): Decimal | Special {
  if (isSpecial(a) || isSpecial(b)) return isSpecial(a) ? asSpecial(rough(a) / rough(b)) : b === 'NaN' ? 'NaN' : { negative: a.negative !== (b === '-Infinity'), digits: 0n, exponent: MIN_EXPONENT };
  const shift = Math.max(0, PRECISION + 2 - lengthOf(a.digits) + lengthOf(b.digits));
  const scaled = a.digits * power(shift);
  const [q, r] = [scaled / b.digits, scaled % b.digits];
  const negative = a.negative !== b.negative;
  const ideal = a.exponent - b.exponent;
  if (r === 0n) return q === 0n ? { negative, digits: 0n, exponent: ideal } : stripped({ negative, digits: q, exponent: ideal - shift }, ideal);
  // The digit 1 behind stands for all that follows: it only decides which way the rounding goes.
  return { negative, digits: q * 10n + 1n, exponent: ideal - shift - 1 };
}
export function remainderOfDecimals(a: Decimal | Special, b: Decimal | Special): Decimal | Special {
  if (isSpecial(a) || b === 'NaN') return 'NaN';
  if (isSpecial(b)) return a;
  const { x, y, exponent } = aligned(a, b);
  return fromSigned(x % y, exponent, a.negative);
}
export function compareDecimals(a: Decimal | Special, b: Decimal | Special): number {
  const rank = (p: Decimal | Special): number => (p === 'NaN' ? 0 : p === '-Infinity' ? 1 : p === 'Infinity' ? 3 : 2);
  if (isSpecial(a) || isSpecial(b)) return Math.sign(rank(a) - rank(b));
  if (a.digits === 0n || b.digits === 0n || a.negative !== b.negative) return Math.sign(rough(a) - rough(b));
  const [sizeA, sizeB] = [lengthOf(a.digits) + a.exponent, lengthOf(b.digits) + b.exponent];
  if (sizeA !== sizeB) return sizeA > sizeB === !a.negative ? 1 : -1;
  const { x, y } = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}
/** To `exponent`, by the mode; a coarser exponent only. */
export function quantized(p: Decimal, exponent: number, mode: 'even' | 'trunc' | 'floor' | 'ceil'): Decimal {
  if (p.exponent >= exponent) return { ...p, digits: p.digits * power(p.exponent - exponent), exponent };
  const drop = exponent - p.exponent;
  if (mode === 'even') return { ...p, digits: dropDigits(p.digits, drop), exponent };
  const unit = power(drop);
  const [q, r] = [p.digits / unit, p.digits % unit];
  const up = r !== 0n && ((mode === 'floor' && p.negative) || (mode === 'ceil' && !p.negative));
  return { ...p, digits: up ? q + 1n : q, exponent };
}
export const doubleOfParts = (p: Decimal | Special): number => (isSpecial(p) ? Number(p) : Number(`${p.negative ? '-' : ''}${p.digits}e${p.exponent}`));
