import { BSONRegExp, Decimal128, Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { args, evaluate, missing, type Operator } from './expressions.ts';
import { isNumber, toDouble, typeName, type Doc, type Value } from './values.ts';

const text = (v: Value, name: string): string => {
  if (missing(v)) return '';
  if (v instanceof Date) return v.toISOString();
  if (typeof v === 'string') return v;
  if (isNumber(v)) return String(v);
  throw new MongoError(16702, 'Location16702', `${name} only supports strings, not ${typeName(v)}`);
};
const points = (v: string): string[] => [...v];
const pattern = (v: Value, options: Value): RegExp => {
  const [source, flags] = v instanceof BSONRegExp ? [v.pattern, v.options] : v instanceof RegExp ? [v.source, v.flags] : [String(v), ''];
  return new RegExp(source, `${typeof options === 'string' ? options : flags}`.replace(/[^ims]/g, ''));
};
const found = (arg: Value, vars: Parameters<Operator>[1]): RegExpExecArray | null => {
  const a = arg as Doc;
  const input = evaluate(a['input'], vars);
  return missing(input) ? null : pattern(evaluate(a['regex'], vars), evaluate(a['options'], vars)).exec(String(input));
};
const trim = (side: 'both' | 'start' | 'end'): Operator => (arg, vars) => {
  const v = evaluate((arg as Doc)['input'], vars);
  if (missing(v)) return null;
  const chars = evaluate((arg as Doc)['chars'], vars);
  const set = typeof chars === 'string' ? points(chars) : [' ', '\t', '\n', '\r', '\0', '\f', '\v', '\u00a0'];
  let all = points(String(v));
  if (side !== 'end') { const i = all.findIndex((c) => !set.includes(c)); all = i < 0 ? [] : all.slice(i); }
  if (side !== 'start') { let n = all.length; while (n > 0 && set.includes(all[n - 1]!)) n -= 1; all = all.slice(0, n); }
  return all.join('');
};
const replace = (every: boolean): Operator => (arg, vars) => {
  const [input, find, by] = ['input', 'find', 'replacement'].map((k) => evaluate((arg as Doc)[k], vars));
  if (missing(input) || missing(find) || missing(by)) return null;
  return every ? String(input).replaceAll(String(find), () => String(by)) : String(input).replace(String(find), () => String(by));
};
const substr: Operator = (arg, vars) => {
  const [v, from, length] = args(arg, vars);
  const all = points(text(v, '$substrCP'));
  return toDouble(length) < 0 ? all.slice(toDouble(from)).join('') : all.slice(toDouble(from), toDouble(from) + toDouble(length)).join('');
};

export const textOperators: Readonly<Record<string, Operator>> = {
  $concat: (arg, vars) => { const l = args(arg, vars); return l.some(missing) ? null : l.map((v) => text(v, '$concat')).join(''); },
  $toLower: (arg, vars) => text(args(arg, vars)[0], '$toLower').toLowerCase(),
  $toUpper: (arg, vars) => text(args(arg, vars)[0], '$toUpper').toUpperCase(),
  $toString: (arg, vars) => { const v = args(arg, vars)[0]; return missing(v) ? null : v instanceof Date ? v.toISOString() : String(v); },
  $toDecimal: (arg, vars) => { const v = args(arg, vars)[0]; return missing(v) ? null : v instanceof Decimal128 ? v : Decimal128.fromString(v instanceof Date ? String(v.getTime()) : String(v)); },
  $substr: substr, $substrCP: substr, $substrBytes: substr,
  $strLenCP: (arg, vars) => new Int32(points(text(args(arg, vars)[0], '$strLenCP')).length),
  $strLenBytes: (arg, vars) => new Int32(Buffer.byteLength(text(args(arg, vars)[0], '$strLenBytes'))),
  $split: (arg, vars) => { const [v, by] = args(arg, vars); return missing(v) ? null : text(v, '$split').split(String(by)); },
  $indexOfCP: (arg, vars) => { const [v, by] = args(arg, vars); if (missing(v)) return null; const i = String(v).indexOf(String(by)); return new Int32(i < 0 ? -1 : points(String(v).slice(0, i)).length); },
  $trim: trim('both'), $ltrim: trim('start'), $rtrim: trim('end'), $replaceOne: replace(false), $replaceAll: replace(true),
  $regexMatch: (arg, vars) => found(arg, vars) !== null,
  $regexFind: (arg, vars) => { const m = found(arg, vars); return m ? { match: m[0], idx: new Int32(points(m.input.slice(0, m.index)).length), captures: m.slice(1).map((c) => c ?? null) } : null; },
  $strcasecmp: (arg, vars) => { const [a, b] = args(arg, vars).map((v) => text(v, '$strcasecmp').toLowerCase()) as [string, string]; return new Int32(a < b ? -1 : a > b ? 1 : 0); },
};
