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

/** The company's day that an instant falls on. */
export function businessDayOf(instant: Date, zone: string = COMPANY_ZONE): BusinessDay {
  const p = partsIn(instant, zone);
  return `${p['year']}-${p['month']}-${p['day']}` as BusinessDay;
}

/** `YYYY-MM-DD HH:mm:ss` of an instant in a zone: the form of Chinese platforms and files. */
export function localTimeText(instant: Date, zone: string = COMPANY_ZONE): string {
  const p = partsIn(instant, zone);
  return `${p['year']}-${p['month']}-${p['day']} ${p['hour']}:${p['minute']}:${p['second']}`;
}

const offsetMs = (instant: Date, zone: string): number => {
  const p = partsIn(instant, zone);
  const asUtc = Date.UTC(+p['year']!, +p['month']! - 1, +p['day']!, +p['hour']!, +p['minute']!, +p['second']!);
  return asUtc - Math.floor(instant.getTime() / 1000) * 1000;
};

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
