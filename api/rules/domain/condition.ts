/** What a cell means once it is read: a small tree that the compiler turns into bit sets. Pure. */
import type { Field } from '../../contract/decision-tables/index.ts';
import { refuse, type Result } from '../../contract/values/result.ts';

/** What a rule looks at: text, a number (money in fen, rates per 10,000, days since 1970), a flag, or a list of texts. */
export type InputValue = string | number | boolean | readonly string[] | undefined;
export type Span = { readonly low: number; readonly high: number; readonly lowOpen: boolean; readonly highOpen: boolean };
export type Condition =
  | { readonly kind: 'any' }
  | { readonly kind: 'blank'; readonly not: boolean }
  | { readonly kind: 'spans'; readonly not: boolean; readonly spans: readonly Span[] }
  /** Folded texts that are compared whole, and tests for the others (wildcards, regular expressions). */
  | { readonly kind: 'texts'; readonly not: boolean; readonly exact: readonly string[]; readonly tests: readonly ((text: string) => boolean)[] }
  | { readonly kind: 'flag'; readonly value: boolean };
export type CellProblem = { readonly code: 'bad_condition'; readonly read: string; readonly zh: string; readonly en: string };
/** What was read, and what would be right. */
export const wrong = (read: string, zh: string, en: string): Result<never, CellProblem> => refuse({ code: 'bad_condition', read: read.slice(0, 60), zh, en });
export const shown = (text: string): string => (text.length > 30 ? `${text.slice(0, 30)}…` : text);
export const exampleOf = (f: Field): { zh: string; en: string } => ({ zh: f.example.zh, en: f.example.en });

export const inSpan = (n: number, s: Span): boolean => (s.lowOpen ? n > s.low : n >= s.low) && (s.highOpen ? n < s.high : n <= s.high);
export const isBlank = (v: InputValue): boolean => v === undefined || v === '' || (Array.isArray(v) && v.length === 0);
