import { en } from './en.ts';
import { inEnglish } from './plural.ts';
import { zh } from './zh.ts';

export type Key = keyof typeof zh;
export type Words = (key: Key, data?: Readonly<Record<string, string | number>>) => string;
export const TWINS = { zh, en } as const;

export const wordsOf = (lang: 'zh' | 'en'): Words => (key, data = {}) => {
  const text = TWINS[lang][key].replace(/\{(\w+)\}/g, (whole, name: string) => (name in data ? String(data[name]) : whole));
  return lang === 'en' ? inEnglish(text) : text;
};

/** `11-23 08:31` in Beijing; the year only when it is not this one. */
export function timeText(instant: string): string {
  const at = new Date(Date.parse(instant) + 28_800_000).toISOString();
  const year = new Date(Date.now() + 28_800_000).toISOString().slice(0, 4);
  return `${at.startsWith(year) ? at.slice(5, 10) : at.slice(0, 10)} ${at.slice(11, 16)}`;
}
/** Amounts in panes: `123.5 万` from ten thousand yuan on, else with two decimals. */
export function yuanShort(yuan: number, lang: 'zh' | 'en'): string {
  const sign = yuan < 0 ? '-' : '';
  const size = Math.abs(yuan);
  if (lang === 'zh' && size >= 10_000) return `${sign}${(size / 10_000).toLocaleString('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 })} 万`;
  return `${sign}${size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
/** Figures on an axis: 12.3 万, 1.2 亿; in English thousands and millions. */
export function figureShort(n: number, lang: 'zh' | 'en'): string {
  const size = Math.abs(n);
  const [by, unit] = lang === 'zh' ? (size >= 1e8 ? [1e8, ' 亿'] : size >= 1e4 ? [1e4, ' 万'] : [1, '']) : size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${(n / Number(by)).toLocaleString('en-US', { maximumFractionDigits: by === 1 && size >= 100 ? 0 : by === 1 ? 2 : 1 })}${unit}`;
}
export const percent = (per10k: number): string => `${(per10k / 10_000).toLocaleString('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })}`;
