import { invariant } from './result.ts';

/** A day of the company's calendar, `YYYY-MM-DD` in its time zone. */
export type BusinessDay = string & { readonly __kind: 'businessDay' };
export const COMPANY_ZONE = 'Asia/Shanghai';
export const DAY_MS = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();
const formatter = (zone: string): Intl.DateTimeFormat => {
  let made = formatters.get(zone);
  if (!made) {
    made = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
      hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    formatters.set(zone, made);
  }
  return made;
};

const partsIn = (instant: Date, zone: string): Record<string, string> =>
  Object.fromEntries(formatter(zone).formatToParts(instant).map((p) => [p.type, p.value]));

const asUtcIn = (instant: Date, zone: string): number => {
  const p = partsIn(instant, zone);
  return Date.UTC(+p['year']!, +p['month']! - 1, +p['day']!, +p['hour']!, +p['minute']!, +p['second']!);
};
/**
 * How far a zone's clocks are ahead. Asking the calendar costs a hundred times what the rest of a date does, and an answer holds for a
 * quarter of an hour: since 1973 no zone has moved its clocks at any other minute (Liberia was the last, IANA tz `africa`).
 */
const EVEN_SINCE = Date.UTC(1973, 0, 1);
const offsets = new Map<string, Map<number, number>>();
const QUARTER_MS = 900_000;
const MOST_OFFSETS = 50_000;
function offsetMs(instant: Date, zone: string): number {
  const at = instant.getTime();
  if (!(at >= EVEN_SINCE)) return asUtcIn(instant, zone) - Math.floor(at / 1000) * 1000;
  const known = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, known);
  const quarter = Math.floor(at / QUARTER_MS);
  let offset = known.get(quarter);
  if (offset === undefined) {
    offset = asUtcIn(instant, zone) - Math.floor(at / 1000) * 1000;
    if (known.size >= MOST_OFFSETS) known.clear();
    known.set(quarter, offset);
  }
  return offset;
}
/** `YYYY-MM-DDTHH:mm:ss…` as the zone's clocks show it. */
const localIso = (instant: Date, zone: string): string => new Date(instant.getTime() + offsetMs(instant, zone)).toISOString();

/** The company's day that an instant falls on. */
export const businessDayOf = (instant: Date, zone: string = COMPANY_ZONE): BusinessDay => localIso(instant, zone).slice(0, 10) as BusinessDay;

/** `YYYY-MM-DD HH:mm:ss` of an instant in a zone: the form of Chinese platforms and files. */
export const localTimeText = (instant: Date, zone: string = COMPANY_ZONE): string => localIso(instant, zone).slice(0, 19).replace('T', ' ');

const LOCAL = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/** The instant of a local time text (`2026-11-23 08:31:05`, seconds and time may be missing), or undefined when it is none. */
export function instantFromLocalText(text: string, zone: string = COMPANY_ZONE): Date | undefined {
  const m = LOCAL.exec(text.trim());
  if (!m) return undefined;
  const [y, mo, d, h, mi, s] = [m[1], m[2], m[3], m[4] ?? '0', m[5] ?? '0', m[6] ?? '0'].map(Number) as [number, number, number, number, number, number];
  const asUtc = new Date(Date.UTC(y, mo - 1, d, h, mi, s));
  if (asUtc.getUTCMonth() !== mo - 1 || asUtc.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) return undefined;
  const first = new Date(asUtc.getTime() - offsetMs(asUtc, zone));
  return new Date(asUtc.getTime() - offsetMs(first, zone));
}

export const isBusinessDay = (text: string): text is BusinessDay =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

export function businessDay(text: string): BusinessDay {
  invariant(isBusinessDay(text), `not a day: ${text}`);
  return text;
}

/** The instant at which a company's day begins. */
export const startOfDay = (day: BusinessDay, zone: string = COMPANY_ZONE): Date => {
  const start = instantFromLocalText(`${day} 00:00:00`, zone);
  invariant(start, `not a day: ${day}`);
  return start;
};

export const addDays = (day: BusinessDay, days: number): BusinessDay =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10) as BusinessDay;

export const daysBetween = (from: BusinessDay, to: BusinessDay): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
