/** A value that a rule looked at, as a person reads it: yuan, per cent, days, words. */
import { fenFromInteger, yuanText } from '../values/money.ts';
import type { Field, TableKind } from './vocabulary.ts';

const DAY_MS = 86_400_000;
const MASKED = '***';
const BLANK = { zh: '空', en: 'blank' };
export function shownValue(f: Field | undefined, value: unknown, lang: 'zh' | 'en'): string {
  if (f?.secret) return MASKED;
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return BLANK[lang];
  const word = (one: unknown): string => f?.choices?.find((c) => c.value === one)?.[lang] ?? String(one);
  if (typeof value === 'boolean') return lang === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(word).join(lang === 'zh' ? '、' : ', ');
  if (typeof value === 'number') {
    if (f?.type === 'money') return lang === 'zh' ? `${yuanText(fenFromInteger(value))} 元` : `${yuanText(fenFromInteger(value))} yuan`;
    if (f?.type === 'rate') return `${yuanText(fenFromInteger(value)).replace(/\.?0+$/, '')}%`;
    if (f?.type === 'day') return new Date(value * DAY_MS).toISOString().slice(0, 10);
  }
  return word(value);
}
/** What was looked at, without what is not for everybody. */
export const openLooked = (kind: TableKind | undefined, looked: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(looked).map(([key, value]) => [key, kind?.fields.find((f) => f.key === key)?.secret ? MASKED : value]));
/** “实付 5200.00 元，省 新疆”: what a row's conditions saw. */
export const lookedText = (kind: TableKind | undefined, looked: Readonly<Record<string, unknown>>, lang: 'zh' | 'en'): string =>
  Object.entries(looked).map(([key, value]) => { const f = kind?.fields.find((x) => x.key === key); return `${f?.[lang] ?? key} ${shownValue(f, value, lang)}`; }).join(lang === 'zh' ? '，' : ', ');
