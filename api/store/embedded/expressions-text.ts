/** Text. Positions count code points (CP) or UTF-8 bytes (Bytes). Source: the manual, "String Expression Operators". */
import { BSONRegExp, Int32 } from 'bson';
import { MongoError } from './errors.ts';
import { many, missing, named, nary, type Build } from './expression-core.ts';
import { toRegExp } from './match.ts';
import { compareStrings, isNumber, toDouble, typeName, type Value } from './values.ts';

function text(v: Value, name: string): string {
  if (missing(v)) return '';
  if (v instanceof Date) return v.toISOString();
  if (typeof v === 'string') return v;
  if (isNumber(v)) return String(v);
  throw new MongoError(16007, 'Location16007', `can't convert from BSON type ${typeName(v)} to String (${name})`);
}
function only(v: Value, name: string, code: number): string {
  if (typeof v !== 'string') throw new MongoError(code, `Location${code}`, `${name} requires a string argument, found: ${typeName(v)}`);
  return v;
}
function whole(v: Value, name: string): number {
  if (!isNumber(v) || !Number.isInteger(toDouble(v))) throw new MongoError(34450, 'Location34450', `${name} requires whole numbers, found: ${typeName(v)}`);
  return toDouble(v);
}
const points = (v: string): string[] => [...v];

function concat(values: Value[]): Value {
  let out = '';
  for (const v of values) {
    if (missing(v)) return null;
    if (typeof v !== 'string') throw new MongoError(16702, 'Location16702', `$concat only supports strings, not ${typeName(v)}`);
    out += v;
  }
  return out;
}
function substrPoints([v, from, length]: Value[]): Value {
  const [start, count] = [whole(from, '$substrCP'), whole(length, '$substrCP')];
  if (start < 0) throw new MongoError(34453, 'Location34453', '$substrCP: the starting index must be a non-negative integer.');
  if (count < 0) throw new MongoError(34454, 'Location34454', '$substrCP: length must be a non-negative integer.');
  return points(text(v, '$substrCP')).slice(start, start + count).join('');
}
function substrBytes([v, from, length]: Value[]): Value {
  const bytes = Buffer.from(text(v, '$substrBytes'));
  const [start, count] = [whole(from, '$substrBytes'), whole(length, '$substrBytes')];
  if (start < 0) throw new MongoError(50752, 'Location50752', `$substrBytes: starting index must be non-negative (got: ${start})`);
  const end = count < 0 ? bytes.length : Math.min(bytes.length, start + count);
  const inside = (i: number): boolean => i < bytes.length && (bytes[i]! & 0xc0) === 0x80;
  if (inside(start)) throw new MongoError(28656, 'Location28656', '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.');
  if (inside(end)) throw new MongoError(28657, 'Location28657', '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.');
  return bytes.toString('utf8', start, Math.max(start, end));
}
const indexOf = (name: string, sizeOf: (v: string) => number, cut: (v: string, from: number, to: number) => string): Build => nary(name, 2, 4, (values) => {
  const [v, wanted, from, to] = values;
  if (missing(v)) return null;
  const [all, part] = [only(v, name, 40091), only(wanted, name, 40092)];
  const [start, end] = [from === undefined ? 0 : whole(from, name), to === undefined ? sizeOf(all) : whole(to, name)];
  if (start > sizeOf(all) || start > end) return new Int32(-1);
  const at = cut(all, start, end).indexOf(part);
  return new Int32(at < 0 ? -1 : start + sizeOf(cut(all, start, end).slice(0, at)));
});
function split([v, by]: Value[]): Value {
  if (missing(v) || missing(by)) return null;
  const separator = only(by, '$split', 40086);
  if (separator === '') throw new MongoError(40087, 'Location40087', '$split requires a non-empty separator');
  return only(v, '$split', 40085).split(separator);
}

const SPACES = [' ', '\t', '\n', '\r', '\0', '\f', '\v', ' ', '\u1680', ...Array.from({ length: 11 }, (_, i) => String.fromCharCode(0x2000 + i))];
const trim = (name: string, start: boolean, end: boolean): Build => named(name, ['input'], ['chars'], (given) => {
  if (missing(given['input']) || ('chars' in given && missing(given['chars']))) return null;
  const set = new Set('chars' in given ? points(only(given['chars'], name, 50700)) : SPACES);
  const all = points(only(given['input'], name, 50699));
  let [from, to] = [0, all.length];
  if (start) while (from < to && set.has(all[from]!)) from += 1;
  if (end) while (to > from && set.has(all[to - 1]!)) to -= 1;
  return all.slice(from, to).join('');
});
const replace = (name: string, every: boolean): Build => named(name, ['input', 'find', 'replacement'], [], ({ input, find, replacement }) => {
  if (missing(input) || missing(find) || missing(replacement)) return null;
  const [all, wanted, by] = [only(input, name, 51746), only(find, name, 51745), only(replacement, name, 51744)];
  return every ? all.replaceAll(wanted, () => by) : all.replace(wanted, () => by);
});

type Match = Readonly<Record<string, Value>>;
function regexOf({ regex, options }: Match, flags: string): RegExp | undefined {
  if (missing(regex)) return undefined;
  const given = typeof options === 'string' ? options : '';
  const made = regex instanceof BSONRegExp ? new BSONRegExp(regex.pattern, given || regex.options) : regex instanceof RegExp ? new BSONRegExp(regex.source, given || regex.flags.replace(/[^imsx]/g, '')) : new BSONRegExp(only(regex, '$regexMatch', 51105), given);
  const plain = toRegExp(made);
  return new RegExp(plain.source, `${plain.flags}${flags}`);
}
const shown = (m: RegExpMatchArray): Value => ({ match: m[0], idx: new Int32(points((m.input ?? '').slice(0, m.index)).length), captures: m.slice(1).map((c) => c ?? null) });
const regex = (name: string, work: (input: string | undefined, given: Match) => Value): Build => named(name, ['input', 'regex'], ['options'], (given) => work(missing(given['input']) ? undefined : only(given['input'], name, 51104), given));
function find(input: string | undefined, given: Match): Value {
  const hit = input === undefined ? null : (regexOf(given, '')?.exec(input) ?? null);
  return hit ? shown(hit) : null;
}
function findAll(input: string | undefined, given: Match): Value {
  const pattern = regexOf(given, 'g');
  return input === undefined || !pattern ? [] : [...input.matchAll(pattern)].map(shown);
}

export const textOperators: Readonly<Record<string, Build>> = {
  $concat: many('$concat', concat), $split: nary('$split', 2, 2, split),
  $toLower: nary('$toLower', 1, 1, ([v]) => text(v, '$toLower').toLowerCase()), $toUpper: nary('$toUpper', 1, 1, ([v]) => text(v, '$toUpper').toUpperCase()),
  $substr: nary('$substr', 3, 3, substrBytes), $substrBytes: nary('$substrBytes', 3, 3, substrBytes), $substrCP: nary('$substrCP', 3, 3, substrPoints),
  $strLenCP: nary('$strLenCP', 1, 1, ([v]) => new Int32(points(only(v, '$strLenCP', 34471)).length)), $strLenBytes: nary('$strLenBytes', 1, 1, ([v]) => new Int32(Buffer.byteLength(only(v, '$strLenBytes', 34473)))),
  $indexOfCP: indexOf('$indexOfCP', (v) => points(v).length, (v, from, to) => points(v).slice(from, to).join('')),
  $indexOfBytes: indexOf('$indexOfBytes', Buffer.byteLength, (v, from, to) => Buffer.from(v).toString('utf8', from, to)),
  $trim: trim('$trim', true, true), $ltrim: trim('$ltrim', true, false), $rtrim: trim('$rtrim', false, true), $replaceOne: replace('$replaceOne', false), $replaceAll: replace('$replaceAll', true),
  $regexMatch: regex('$regexMatch', (input, given) => input !== undefined && (regexOf(given, '')?.test(input) ?? false)), $regexFind: regex('$regexFind', find), $regexFindAll: regex('$regexFindAll', findAll),
  $strcasecmp: nary('$strcasecmp', 2, 2, ([a, b]) => new Int32(Math.sign(compareStrings(text(a, '$strcasecmp').toUpperCase(), text(b, '$strcasecmp').toUpperCase())))),
};
