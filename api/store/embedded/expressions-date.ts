import { Int32, Long, ObjectId } from 'bson';
import { MongoError } from './errors.ts';
import { args, evaluate, missing, type Operator, type Variables } from './expressions.ts';
import { isDoc, isNumber, toDouble, typeName, type Doc, type Value } from './values.ts';

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
/** `{date, timezone}` or a plain expression. */
function dateAndZone(arg: Value, vars: Variables, name: string): { at: number; zone: string } | null {
  const named = isDoc(arg) && ('date' in arg || 'startDate' in arg);
  const at = dateOf(evaluate(named ? (arg['date'] ?? arg['startDate']) : Array.isArray(arg) ? (arg as Value[])[0] : arg, vars), name);
  if (at === null) return null;
  const zone = named ? evaluate(arg['timezone'], vars) : undefined;
  return { at, zone: typeof zone === 'string' ? zone : 'UTC' };
}
const part = (name: string, pick: (p: Parts, at: number, zone: string) => number): Operator => (arg, vars) => {
  const d = dateAndZone(arg, vars, name);
  return d ? new Int32(pick(partsAt(d.at, d.zone), d.at, d.zone)) : null;
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
function dateToString(arg: Value, vars: Variables): Value {
  const d = dateAndZone(arg, vars, '$dateToString');
  if (!d) return 'onNull' in (arg as Doc) ? evaluate((arg as Doc)['onNull'], vars) : null;
  return format(d.at, d.zone, String(evaluate((arg as Doc)['format'], vars) ?? (d.zone === 'UTC' ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L')));
}

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
const shifted = (sign: number): Operator => (arg, vars) => {
  const d = dateAndZone(arg, vars, '$dateAdd');
  const [unit, amount] = [evaluate((arg as Doc)['unit'], vars), evaluate((arg as Doc)['amount'], vars)];
  return d && !missing(amount) ? new Date(shift(d.at, String(unit), sign * toDouble(amount), d.zone)) : null;
};
const REFERENCE = { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 };
function dateTrunc(arg: Value, vars: Variables): Value {
  const d = dateAndZone(arg, vars, '$dateTrunc');
  if (!d) return null;
  const unit = String(evaluate((arg as Doc)['unit'], vars));
  const size = 'binSize' in (arg as Doc) ? toDouble(evaluate((arg as Doc)['binSize'], vars)) : 1;
  const start = instantOf(REFERENCE, d.zone);
  if (unit in FIXED) { const bin = FIXED[unit]! * size; return new Date(start + Math.floor((d.at - start) / bin) * bin); }
  const p = partsAt(d.at, d.zone);
  if (unit in MONTHS) {
    const bin = MONTHS[unit]! * size;
    const months = (p.year - 2000) * 12 + p.month - 1;
    return new Date(shift(start, 'month', Math.floor(months / bin) * bin, d.zone));
  }
  const starts = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 } as const;
  const from = String(evaluate((arg as Doc)['startOfWeek'], vars) ?? 'sunday').slice(0, 3).toLowerCase() as keyof typeof starts;
  const firstDay = unit === 'week' ? 1 + ((starts[from] - 6 + 7) % 7) : 1; // 2000-01-01 was a Saturday
  const days = Math.round((Date.UTC(p.year, p.month - 1, p.day) - Date.UTC(2000, 0, firstDay)) / DAY_MS);
  const bin = (unit === 'week' ? 7 : 1) * size;
  return new Date(instantOf({ ...REFERENCE, day: firstDay + Math.floor(days / bin) * bin }, d.zone));
}
function dateDiff(arg: Value, vars: Variables): Value {
  const a = arg as Doc;
  const [from, to] = [dateOf(evaluate(a['startDate'], vars), '$dateDiff'), dateOf(evaluate(a['endDate'], vars), '$dateDiff')];
  if (from === null || to === null) return null;
  const unit = String(evaluate(a['unit'], vars));
  const zone = String(evaluate(a['timezone'], vars) ?? 'UTC');
  if (unit in FIXED) return Long.fromNumber(Math.floor(to / FIXED[unit]!) - Math.floor(from / FIXED[unit]!));
  const [p, q] = [partsAt(from, zone), partsAt(to, zone)];
  if (unit in MONTHS) { const n = (x: Parts): number => Math.floor((x.year * 12 + x.month - 1) / MONTHS[unit]!); return Long.fromNumber(n(q) - n(p)); }
  const day = (x: Parts): number => Math.round(Date.UTC(x.year, x.month - 1, x.day) / DAY_MS);
  return Long.fromNumber(unit === 'week' ? Math.floor((day(q) + 4) / 7) - Math.floor((day(p) + 4) / 7) : day(q) - day(p));
}
function toDate(arg: Value, vars: Variables): Value {
  const v = args(arg, vars)[0];
  if (missing(v)) return null;
  const at = isNumber(v) ? toDouble(v) : typeof v === 'string' ? Date.parse(v) : dateOf(v, '$toDate');
  if (at === null || Number.isNaN(at)) throw new MongoError(241, 'ConversionFailure', `Error parsing date string '${String(v)}'`);
  return new Date(at);
}
function fromParts(arg: Value, vars: Variables): Value {
  const n = (k: string, otherwise: number): number => { const v = evaluate((arg as Doc)[k], vars); return v === undefined ? otherwise : toDouble(v); };
  return new Date(instantOf({ year: n('year', 1970), month: n('month', 1), day: n('day', 1), hour: n('hour', 0), minute: n('minute', 0), second: n('second', 0), ms: n('millisecond', 0) }, String(evaluate((arg as Doc)['timezone'], vars) ?? 'UTC')));
}

export const dateOperators: Readonly<Record<string, Operator>> = {
  $year: part('$year', (p) => p.year), $month: part('$month', (p) => p.month), $dayOfMonth: part('$dayOfMonth', (p) => p.day), $hour: part('$hour', (p) => p.hour),
  $minute: part('$minute', (p) => p.minute), $second: part('$second', (p) => p.second), $millisecond: part('$millisecond', (p) => p.ms),
  $dayOfWeek: part('$dayOfWeek', (p) => weekday(p) + 1), $dayOfYear: part('$dayOfYear', dayOfYear), $isoWeek: part('$isoWeek', (p) => isoWeek(p).week),
  $isoWeekYear: part('$isoWeekYear', (p) => isoWeek(p).year), $isoDayOfWeek: part('$isoDayOfWeek', (p) => ((weekday(p) + 6) % 7) + 1),
  $week: part('$week', (p) => Math.floor((dayOfYear(p) + 6 - weekday(p)) / 7)),
  $dateToString: dateToString, $dateTrunc: dateTrunc, $dateDiff: dateDiff, $dateAdd: shifted(1), $dateSubtract: shifted(-1), $toDate: toDate, $dateFromParts: fromParts,
  $dateFromString: (arg, vars) => toDate((arg as Doc)['dateString'], vars),
};
