/** Arithmetic of expressions, exact for whole numbers and decimals. */
import { Decimal128, Double, Int32, Long } from 'bson';
import { decimalOf, isSpecial, multiplyDecimals } from './decimal.ts';
import { MongoError } from './errors.ts';
import { many, missing, nary, needNumber, type Build } from './expression-core.ts';
import { arithmetic, asBigInt, decimalFrom, divide, fitsLong, folded, intOf, kindOf, modulo, roundTo, wider } from './numbers.ts';
import { isNumber, partsOf, toDouble, truthy, typeName, type Value } from './values.ts';

function add(values: Value[]): Value {
  let date: Date | undefined;
  const parts: Value[] = [];
  for (const v of values) {
    if (missing(v)) return null;
    if (v instanceof Date) {
      if (date) throw new MongoError(16612, 'Location16612', 'only one date allowed in an $add expression');
      date = v;
    } else if (isNumber(v)) parts.push(v);
    else throw new MongoError(14, 'TypeMismatch', `$add only supports numeric or date types, not ${typeName(v)}`);
  }
  const total = folded('add', parts, new Int32(0));
  return date ? new Date(date.getTime() + Math.trunc(toDouble(roundTo(total, 0, 'round')))) : total;
}
function subtract([a, b]: Value[]): Value {
  if (missing(a) || missing(b)) return null;
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return new Date(a.getTime() - Math.trunc(toDouble(roundTo(b, 0, 'round'))));
  if (!isNumber(a) || !isNumber(b)) throw new MongoError(14, 'TypeMismatch', `can't $subtract ${typeName(b)} from ${typeName(a)}`);
  return arithmetic('subtract', a, b);
}
function multiply(values: Value[]): Value {
  if (values.some(missing)) return null;
  for (const v of values) needNumber(v, '$multiply');
  return folded('multiply', values, new Int32(1));
}

const two = (name: string, work: (a: Value, b: Value) => Value): Build => nary(name, 2, 2, ([a, b]) => {
  if (missing(a) || missing(b)) return null;
  if (!isNumber(a) || !isNumber(b)) throw new MongoError(14, 'TypeMismatch', `${name} only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  return work(a, b);
});
const one = (name: string, work: (a: Value) => Value): Build => nary(name, 1, 1, ([a]) => (missing(a) ? null : work(needNumber(a, name))));
/** Functions of analysis: by double; of decimals the nearest decimal of the double's result. */
const real = (name: string, work: (n: number) => number, holds: (n: number) => boolean = () => true, code = 2): Build => one(name, (v) => {
  const n = toDouble(v);
  if (!Number.isNaN(n) && !holds(n)) throw new MongoError(code, code === 2 ? 'BadValue' : `Location${code}`, `${name}'s argument is out of its range: ${n}`);
  const made = new Double(work(n));
  return v instanceof Decimal128 ? decimalFrom(made) : made;
});
const rounding = (mode: 'round' | 'trunc'): Build => nary(`$${mode}`, 1, 2, (values) => {
  const [v, place] = values;
  if (missing(v) || (values.length > 1 && missing(place))) return null;
  const digits = place === undefined ? 0 : toDouble(needNumber(place, `$${mode}`));
  if (!Number.isInteger(digits) || digits < -20 || digits > 100) throw new MongoError(51083, 'Location51083', `cannot apply $${mode} with precision value ${digits} value must be in [-20, 100]`);
  return roundTo(needNumber(v, `$${mode}`), digits, mode);
});

function abs(v: Value): Value {
  if (toDouble(v) >= 0 || Number.isNaN(toDouble(v))) return v;
  if (v instanceof Long && v.toBigInt() === -(2n ** 63n)) throw new MongoError(28680, 'Location28680', "can't take $abs of long long min");
  return arithmetic('multiply', v, new Int32(-1));
}

function pow(base: Value, exponent: Value): Value {
  const kind = wider(kindOf(base), kindOf(exponent));
  if (toDouble(base) === 0 && toDouble(exponent) < 0) throw new MongoError(28764, 'Location28764', '$pow cannot take a base of 0 and a negative exponent');
  if (kind === 'decimal') return decimalPower(base, exponent);
  const n = toDouble(base) ** toDouble(exponent);
  if (kind === 'double' || toDouble(exponent) < 0) return new Double(n);
  // Past what a double holds the power is not worked out: it would not fit a Long either.
  if (Math.abs(n) > 2 ** 64) return new Double(n);
  const whole = asBigInt(base) ** asBigInt(exponent);
  return fitsLong(whole) ? intOf(whole, kind) : new Double(n);
}
function decimalPower(base: Value, exponent: Value): Value {
  const times = toDouble(exponent);
  let result = partsOf(new Int32(1));
  if (!Number.isInteger(times) || times < 0 || times > 1000 || isSpecial(partsOf(base))) return decimalFrom(new Double(toDouble(base) ** times));
  for (let i = 0; i < times; i += 1) result = partsOf(decimalOf(multiplyDecimals(result, partsOf(base))));
  return decimalOf(result);
}

const bits = (name: string, start: bigint, work: (a: bigint, b: bigint) => bigint): Build => many(name, (values) => {
  if (values.some(missing)) return null;
  for (const v of values) if (!['int', 'long'].includes(typeName(v))) throw new MongoError(14, 'TypeMismatch', `${name} only supports int and long operands, not ${typeName(v)}.`);
  const kind = values.some((v) => typeName(v) === 'long') ? 'long' : 'int';
  return intOf(BigInt.asIntN(64, values.map(asBigInt).reduce(work, start)), kind);
});
const angle = 180 / Math.PI;

export const mathOperators: Readonly<Record<string, Build>> = {
  $add: many('$add', add), $subtract: nary('$subtract', 2, 2, subtract), $multiply: many('$multiply', multiply), $divide: two('$divide', divide), $mod: two('$mod', modulo),
  $abs: one('$abs', abs), $ceil: one('$ceil', (v) => roundTo(v, 0, 'ceil')), $floor: one('$floor', (v) => roundTo(v, 0, 'floor')), $round: rounding('round'), $trunc: rounding('trunc'), $pow: two('$pow', pow),
  $sqrt: real('$sqrt', Math.sqrt, (n) => n >= 0, 28714), $exp: real('$exp', Math.exp), $ln: real('$ln', Math.log, (n) => n > 0, 28766), $log10: real('$log10', Math.log10, (n) => n > 0, 28761),
  $log: two('$log', (v, base) => new Double(Math.log(toDouble(v)) / Math.log(toDouble(base)))),
  $sin: real('$sin', Math.sin), $cos: real('$cos', Math.cos), $tan: real('$tan', Math.tan), $asin: real('$asin', Math.asin), $acos: real('$acos', Math.acos), $atan: real('$atan', Math.atan),
  $atan2: two('$atan2', (a, b) => new Double(Math.atan2(toDouble(a), toDouble(b)))), $degreesToRadians: real('$degreesToRadians', (n) => n / angle), $radiansToDegrees: real('$radiansToDegrees', (n) => n * angle),
  $bitAnd: bits('$bitAnd', -1n, (a, b) => a & b), $bitOr: bits('$bitOr', 0n, (a, b) => a | b), $bitXor: bits('$bitXor', 0n, (a, b) => a ^ b),
  $bitNot: one('$bitNot', (v) => intOf(~asBigInt(v), kindOf(v))), $anyElementTrue: nary('$anyElementTrue', 1, 1, ([v]) => listOf(v, '$anyElementTrue').some(truthy)),
  $allElementsTrue: nary('$allElementsTrue', 1, 1, ([v]) => listOf(v, '$allElementsTrue').every(truthy)),
};
function listOf(v: Value, name: string): Value[] {
  if (!Array.isArray(v)) throw new MongoError(17041, 'Location17041', `${name}'s argument must be an array, but is ${typeName(v)}`);
  return v as Value[];
}
