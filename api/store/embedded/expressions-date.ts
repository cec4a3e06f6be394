import { Int32, Long, ObjectId } from 'bson';
import { MongoError } from './errors.ts';
import { compile, missing, named, operands, type Build, type Env, type Scope } from './expression-core.ts';
import { isDoc, isNumber, toDouble, typeName, type Value } from './values.ts';

type Parts = { year: number; month: number; day: number; hour: number; minute: number; second: number; ms: number };
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes that a zone is ahead of UTC at an instant: `+08:00`, `Asia/Shanghai`, or UTC when none is named. */
function offsetMs(at: number, zone: string): number {
  if (zone === 'UTC' || zone === 'GMT' || zone === 'Z') return 0;
  const fixed = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0)) * 60_000;
  let format = formats.get(zone);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    } catch {
      throw new MongoError(40485, 'Location40485', `unrecognized time zone identifier: "${zone}"`);
    }
    formats.set(zone, format);
  }
  const p = Object.fromEntries(format.formatToParts(at).map((x) => [x.type, Number(x.value)]));
  return Date.UTC(p['year']!, p['month']! - 1, p['day'], p['hour'], p['minute'], p['second']) - Math.floor(at / 1000) * 1000;
}
const partsAt = (at: number, zone: string): Parts => {
  const d = new Date(at + offsetMs(at, zone));
  return { year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds() };
};
/** The instant of a local time; `month` may run over, as Date.UTC takes it. */
function instantOf(p: Parts, zone: string): number {
  const local = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second, p.ms);
  return local - offsetMs(local - offsetMs(local, zone), zone);
}

function dateOf(v: Value, name: string): number | null {
  if (missing(v)) return null;
  if (v instanceof Date) return v.getTime();
  if (v instanceof ObjectId) return v.getTimestamp().getTime();
  throw new MongoError(16006, 'Location16006', `can't convert from BSON type ${typeName(v)} to Date (${name})`);
}
const zoneOf = (zone: Value): string => {
  if (missing(zone)) return 'UTC';
  if (typeof zone !== 'string') throw new MongoError(40517, 'Location40517', `timezone must evaluate to a string, found ${typeName(zone)}`);
  return zone;
};
/** `{date, timezone}` or a plain expression. */
function dateAndZone(arg: Value, env: Env, name: string): (s: Scope) => { at: number; zone: string } | null {
  const full = isDoc(arg) && !Object.keys(arg)[0]?.startsWith('$');
  if (full && !('date' in arg)) throw new MongoError(40539, 'Location40539', `missing 'date' argument to ${name}`);
  const list = operands(arg);
  if (!full && list.length !== 1) throw new MongoError(40536, 'Location40536', `${name} accepts exactly one argument if given an array, but was given ${list.length}`);
  const date = compile(full ? arg['date'] : list[0], env);
  const zone = full && 'timezone' in arg ? compile(arg['timezone'], env) : undefined;
  return (s) => {
    const at = dateOf(date(s), name);
    const where = zone?.(s);
    return at === null || (zone && missing(where)) ? null : { at, zone: zoneOf(where) };
  };
}
const part = (name: string, pick: (p: Parts, at: number, zone: string) => number): Build => (arg, env) => {
  const read = dateAndZone(arg, env, name);
  return (s) => { const d = read(s); return d ? new Int32(pick(partsAt(d.at, d.zone), d.at, d.zone)) : null; };
};
const weekday = (p: Parts): number => new Date(Date.UTC(p.year, p.month - 1, p.day)).getUTCDay();
const dayOfYear = (p: Parts): number => Math.round((Date.UTC(p.year, p.month - 1, p.day) - Date.UTC(p.year, 0, 1)) / DAY_MS) + 1;
function isoWeek(p: Parts): { week: number; year: number } {
  const thursday = Date.UTC(p.year, p.month - 1, p.day + 3 - ((weekday(p) + 6) % 7));
  const year = new Date(thursday).getUTCFullYear();
  return { year, week: Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1 };
}

const two = (n: number, width = 2): string => String(n).padStart(width, '0');
function format(at: number, zone: string, pattern: string): string {
  const p = partsAt(at, zone);
  const minutes = offsetMs(at, zone) / 60_000;
  const shown: Record<string, () => string> = {
    Y: () => two(p.year, 4), m: () => two(p.month), d: () => two(p.day), H: () => two(p.hour), M: () => two(p.minute), S: () => two(p.second), L: () => two(p.ms, 3),
    j: () => two(dayOfYear(p), 3), w: () => String(weekday(p) + 1), u: () => String(((weekday(p) + 6) % 7) + 1), V: () => two(isoWeek(p).week), G: () => two(isoWeek(p).year, 4),
    U: () => two(Math.floor((dayOfYear(p) + 6 - weekday(p)) / 7)), Z: () => String(minutes), '%': () => '%',
    z: () => `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`,
  };
  return pattern.replace(/%(.)/g, (_, c: string) => {
    const make = shown[c];
    if (!make) throw new MongoError(18536, 'Location18536', `Invalid format character '%${c}' in format string`);
    return make();
  });
}
const dateToString = named('$dateToString', ['date'], ['format', 'timezone', 'onNull'], (given) => {
  const at = dateOf(given['date'], '$dateToString');
  if (at === null) return 'onNull' in given ? given['onNull'] : null;
  if (('timezone' in given && missing(given['timezone'])) || ('format' in given && missing(given['format']))) return null;
  const zone = zoneOf(given['timezone']);
  return format(at, zone, 'format' in given ? String(given['format']) : zone === 'UTC' ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L');
});

const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const FIXED: Readonly<Record<string, number>> = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000 };
function shift(at: number, unit: string, amount: number, zone: string): number {
  if (unit in FIXED) return at + FIXED[unit]! * amount;
  const p = partsAt(at, zone);
  if (unit === 'day' || unit === 'week') return instantOf({ ...p, day: p.day + amount * (unit === 'week' ? 7 : 1) }, zone);
  const months = p.year * 12 + p.month - 1 + amount * MONTHS[unit]!;
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  return instantOf({ ...p, year, month, day: Math.min(p.day, new Date(Date.UTC(year, month, 0)).getUTCDate()) }, zone);
}
const UNITS = new Set(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond']);
function unitOf(v: Value): string {
  if (typeof v !== 'string' || !UNITS.has(v)) throw new MongoError(9, 'FailedToParse', `unknown time unit value: ${String(v)}`);
  return v;
}
const shifted = (name: string, sign: number): Build => named(name, ['startDate', 'unit', 'amount'], ['timezone'], ({ startDate, unit, amount, timezone }) => {
  const at = dateOf(startDate, name);
  if (at === null || missing(unit) || missing(amount)) return null;
  if (!isNumber(amount) || !Number.isInteger(toDouble(amount))) throw new MongoError(5166405, 'Location5166405', `${name} expects integer amount of time units`);
  return new Date(shift(at, unitOf(unit), sign * toDouble(amount), zoneOf(timezone)));
});
const REFERENCE = { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 };
function dateTrunc(given: Readonly<Record<string, Value>>): Value {
  const at = dateOf(given['date'], '$dateTrunc');
  if (at === null || missing(given['unit'])) return null;
  const d = { at, zone: zoneOf(given['timezone']) };
  const unit = unitOf(given['unit']);
  const size = missing(given['binSize']) ? 1 : toDouble(given['binSize']);
  if (!Number.isInteger(size) || size < 1) throw new MongoError(5439017, 'Location5439017', '$dateTrunc requires binSize to be a positive 64-bit integer');
  const start = instantOf(REFERENCE, d.zone);
  if (unit in FIXED) { const bin = FIXED[unit]! * size; return new Date(start + Math.floor((d.at - start) / bin) * bin); }
  const p = partsAt(d.at, d.zone);
  if (unit in MONTHS) {
    const bin = MONTHS[unit]! * size;
    const months = (p.year - 2000) * 12 + p.month - 1;
    return new Date(shift(start, 'month', Math.floor(months / bin) * bin, d.zone));
  }
  const starts = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 } as const;
  const from = String(given['startOfWeek'] ?? 'sunday').slice(0, 3).toLowerCase() as keyof typeof starts;
  const firstDay = unit === 'week' ? 1 + ((starts[from] - 6 + 7) % 7) : 1; // 2000-01-01 was a Saturday
  const days = Math.round((Date.UTC(p.year, p.month - 1, p.day) - Date.UTC(2000, 0, firstDay)) / DAY_MS);
  const bin = (unit === 'week' ? 7 : 1) * size;
  return new Date(instantOf({ ...REFERENCE, day: firstDay + Math.floor(days / bin) * bin }, d.zone));
}
const STARTS: Readonly<Record<string, number>> = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 };
function dateDiff(given: Readonly<Record<string, Value>>): Value {
  const [from, to] = [dateOf(given['startDate'], '$dateDiff'), dateOf(given['endDate'], '$dateDiff')];
  if (from === null || to === null || missing(given['unit'])) return null;
  const unit = unitOf(given['unit']);
  const zone = zoneOf(given['timezone']);
  if (unit in FIXED) return Long.fromNumber(Math.floor(to / FIXED[unit]!) - Math.floor(from / FIXED[unit]!));
  const [p, q] = [partsAt(from, zone), partsAt(to, zone)];
  if (unit in MONTHS) { const n = (x: Parts): number => Math.floor((x.year * 12 + x.month - 1) / MONTHS[unit]!); return Long.fromNumber(n(q) - n(p)); }
  const day = (x: Parts): number => Math.round(Date.UTC(x.year, x.month - 1, x.day) / DAY_MS);
  if (unit === 'day') return Long.fromNumber(day(q) - day(p));
  // 1970-01-01 was a Thursday: day numbers are moved so that a week begins at a multiple of seven.
  const first = STARTS[String(given['startOfWeek'] ?? 'sunday').slice(0, 3).toLowerCase()] ?? 0;
  const week = (n: number): number => Math.floor((n + ((4 - first + 7) % 7)) / 7);
  return Long.fromNumber(week(day(q)) - week(day(p)));
}

const ISO = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
/** A date from text: ISO 8601, or by a format of `%` letters. */
export function parseDate(text: string, pattern: string | undefined, zone: string | undefined): Date {
  const bad = (): MongoError => new MongoError(241, 'ConversionFailure', `Error parsing date string '${text}'`);
  if (pattern !== undefined) return parseByFormat(text, pattern, zone, bad);
  const m = ISO.exec(text.trim());
  if (!m) throw bad();
  const n = (i: number, otherwise = 0): number => (m[i] === undefined ? otherwise : Number(m[i]));
  const own = m[8]?.toUpperCase();
  if (own && zone) throw bad();
  const made = new Date(instantOf({ year: n(1), month: n(2), day: n(3), hour: n(4), minute: n(5), second: n(6), ms: Math.floor(Number(`0.${m[7] ?? '0'}`) * 1000) }, own ?? zone ?? 'UTC'));
  if (Number.isNaN(made.getTime()) || n(2) > 12 || n(3) > 31 || n(4) > 24) throw bad();
  return made;
}
const LETTERS: Readonly<Record<string, readonly [keyof Parts | 'zone', string]>> = {
  Y: ['year', '(\\d{4})'], m: ['month', '(\\d{2})'], d: ['day', '(\\d{2})'], H: ['hour', '(\\d{2})'], M: ['minute', '(\\d{2})'], S: ['second', '(\\d{2})'], L: ['ms', '(\\d{1,3})'], z: ['zone', '([+-]\\d{2}:?\\d{2}|Z)'],
};
function parseByFormat(text: string, pattern: string, zone: string | undefined, bad: () => MongoError): Date {
  const fields: (keyof Parts | 'zone')[] = [];
  const source = pattern.replace(/%(.)|([.*+?^${}()|[\]\\])/g, (_whole, letter: string | undefined, special: string | undefined) => {
    if (letter === undefined) return `\\${special}`;
    if (letter === '%') return '%';
    const known = LETTERS[letter];
    if (!known) throw new MongoError(18536, 'Location18536', `Invalid format character '%${letter}' in format string`);
    fields.push(known[0]);
    return known[1];
  });
  const m = new RegExp(`^${source}$`).exec(text);
  if (!m) throw bad();
  const parts: Parts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 };
  let where = zone ?? 'UTC';
  for (const [i, field] of fields.entries()) if (field === 'zone') where = m[i + 1]!; else parts[field] = Number(m[i + 1]);
  return new Date(instantOf(parts, where));
}
const fromString = named('$dateFromString', ['dateString'], ['format', 'timezone', 'onError', 'onNull'], (given) => {
  const text = given['dateString'];
  if (missing(text)) return 'onNull' in given ? given['onNull'] : null;
  try {
    if (typeof text !== 'string') throw new MongoError(241, 'ConversionFailure', `$dateFromString requires that 'dateString' be a string, found: ${typeName(text)}`);
    return parseDate(text, missing(given['format']) ? undefined : String(given['format']), missing(given['timezone']) ? undefined : zoneOf(given['timezone']));
  } catch (error) {
    if ('onError' in given && error instanceof MongoError) return given['onError'];
    throw error;
  }
});

const PART_NAMES = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'];
const fromParts = named('$dateFromParts', [], [...PART_NAMES, 'isoWeekYear', 'isoWeek', 'isoDayOfWeek', 'timezone'], (given) => {
  if (Object.values(given).some(missing)) return null;
  const n = (k: string, otherwise: number): number => {
    const v = given[k];
    if (v === undefined) return otherwise;
    if (!isNumber(v) || !Number.isInteger(toDouble(v))) throw new MongoError(40515, 'Location40515', `'${k}' must evaluate to an integer, found ${typeName(v)}`);
    return toDouble(v);
  };
  const clock = { hour: n('hour', 0), minute: n('minute', 0), second: n('second', 0), ms: n('millisecond', 0) };
  const zone = zoneOf(given['timezone']);
  if ('isoWeekYear' in given) {
    // ISO week 1 holds January 4th.
    const fourth = new Date(Date.UTC(n('isoWeekYear', 1970), 0, 4));
    const day = 4 - ((fourth.getUTCDay() + 6) % 7) + (n('isoWeek', 1) - 1) * 7 + n('isoDayOfWeek', 1) - 1;
    return new Date(instantOf({ year: n('isoWeekYear', 1970), month: 1, day, ...clock }, zone));
  }
  if (!('year' in given)) throw new MongoError(40516, 'Location40516', "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  return new Date(instantOf({ year: n('year', 1970), month: n('month', 1), day: n('day', 1), ...clock }, zone));
});
const toParts = named('$dateToParts', ['date'], ['timezone', 'iso8601'], (given) => {
  const at = dateOf(given['date'], '$dateToParts');
  if (at === null) return null;
  const p = partsAt(at, zoneOf(given['timezone']));
  const clock = { hour: new Int32(p.hour), minute: new Int32(p.minute), second: new Int32(p.second), millisecond: new Int32(p.ms) };
  if (given['iso8601'] !== true) return { year: new Int32(p.year), month: new Int32(p.month), day: new Int32(p.day), ...clock };
  return { isoWeekYear: new Int32(isoWeek(p).year), isoWeek: new Int32(isoWeek(p).week), isoDayOfWeek: new Int32(((weekday(p) + 6) % 7) + 1), ...clock };
});

export const dateOperators: Readonly<Record<string, Build>> = {
  $year: part('$year', (p) => p.year), $month: part('$month', (p) => p.month), $dayOfMonth: part('$dayOfMonth', (p) => p.day), $hour: part('$hour', (p) => p.hour),
  $minute: part('$minute', (p) => p.minute), $second: part('$second', (p) => p.second), $millisecond: part('$millisecond', (p) => p.ms),
  $dayOfWeek: part('$dayOfWeek', (p) => weekday(p) + 1), $dayOfYear: part('$dayOfYear', dayOfYear), $isoWeek: part('$isoWeek', (p) => isoWeek(p).week),
  $isoWeekYear: part('$isoWeekYear', (p) => isoWeek(p).year), $isoDayOfWeek: part('$isoDayOfWeek', (p) => ((weekday(p) + 6) % 7) + 1),
  $week: part('$week', (p) => Math.floor((dayOfYear(p) + 6 - weekday(p)) / 7)),
  $dateToString: dateToString, $dateTrunc: named('$dateTrunc', ['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], dateTrunc), $dateDiff: named('$dateDiff', ['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek'], dateDiff),
  $dateAdd: shifted('$dateAdd', 1), $dateSubtract: shifted('$dateSubtract', -1), $dateFromParts: fromParts, $dateToParts: toParts, $dateFromString: fromString,
};
