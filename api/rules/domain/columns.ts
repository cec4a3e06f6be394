/**
 * One column of up to 32 rows, compiled: a value goes in, the rows that it fits come out as bits. A row is a bit, so a table
 * is decided by and-ing its columns. Numbers become a search among the bounds; texts a look-up, with wildcards and regular
 * expressions asked only for rows that are still in question. Pure.
 */
import { fold, regionOf } from './folding.ts';
import { inSpan, isBlank, type Condition, type InputValue } from './condition.ts';

export const BLOCK = 32;
/** `alive`: the rows that the columns before have left; other bits of the answer mean nothing. */
export type Column = (value: InputValue, alive: number) => number;
type At = { readonly bit: number; readonly condition: Condition };

const or = (list: readonly At[], when: (c: Condition) => boolean): number => list.reduce((m, { bit, condition }) => (when(condition) ? m | bit : m), 0);

export function compileColumn(type: string, conditions: readonly Condition[]): Column {
  const list = conditions.map((condition, i) => ({ bit: 1 << i, condition }));
  const any = or(list, (c) => c.kind === 'any');
  const blank = any | or(list, (c) => (c.kind === 'blank' && !c.not) || ((c.kind === 'spans' || c.kind === 'texts') && c.not));
  const present = any | or(list, (c) => c.kind === 'blank' && c.not);
  if (type === 'flag') return flags(list, blank, present);
  if (list.some((l) => l.condition.kind === 'spans')) return spans(list, blank, present);
  if (type === 'list') return lists(list, blank, present);
  return texts(type, list, blank, present);
}

function flags(list: readonly At[], blank: number, present: number): Column {
  const yes = present | or(list, (c) => c.kind === 'flag' && c.value);
  const no = present | or(list, (c) => c.kind === 'flag' && !c.value);
  return (value) => (value === true ? yes : value === false ? no : blank);
}

/** Between two bounds nothing changes, so each bound and each gap has its bits worked out beforehand. */
function spans(list: readonly At[], blank: number, present: number): Column {
  const all = list.flatMap(({ condition: c }) => (c.kind === 'spans' ? c.spans.flatMap((s) => [s.low, s.high]) : []));
  const points = Float64Array.from([...new Set(all.filter(Number.isFinite))].sort((a, b) => a - b));
  const n = points.length;
  const bitsAt = (v: number): number => present | or(list, (c) => c.kind === 'spans' && c.spans.some((s) => inSpan(v, s)) !== c.not);
  const on = Int32Array.from(points, (p) => bitsAt(p));
  const gap = Int32Array.from({ length: n + 1 }, (_x, i) => bitsAt(n === 0 ? 0 : i === 0 ? points[0]! - 1 : i === n ? points[n - 1]! + 1 : (points[i - 1]! + points[i]!) / 2));
  return (value) => {
    if (typeof value !== 'number') return blank;
    let [low, high] = [0, n];
    while (low < high) {
      const mid = (low + high) >> 1;
      if (points[mid]! < value) low = mid + 1;
      else high = mid;
    }
    return low < n && points[low] === value ? on[low]! : gap[low]!;
  };
}

type Slow = { readonly bit: number; readonly tests: readonly ((text: string) => boolean)[] };
type Words = { readonly exact: ReadonlyMap<string, number>; readonly slow: readonly Slow[]; readonly negative: number; readonly slowBits: number };
function wordsOf(list: readonly At[]): Words {
  const exact = new Map<string, number>();
  const slow: Slow[] = [];
  for (const { bit, condition: c } of list) {
    if (c.kind !== 'texts') continue;
    for (const text of c.exact) exact.set(text, (exact.get(text) ?? 0) | bit);
    if (c.tests.length > 0) slow.push({ bit, tests: c.tests });
  }
  return { exact, slow, negative: or(list, (c) => c.kind === 'texts' && c.not), slowBits: slow.reduce((m, s) => m | s.bit, 0) };
}
/** Texts longer than this are not matched beyond it: a remark of a novel's length says nothing more. */
const LOOK = 2_000;
function hits(w: Words, text: string, alive: number): number {
  let found = w.exact.get(text) ?? 0;
  if ((w.slowBits & alive & ~found) === 0) return found;
  for (const s of w.slow) if ((s.bit & alive & ~found) !== 0 && s.tests.some((t) => t(text))) found |= s.bit;
  return found;
}
const clip = (text: string): string => (text.length > LOOK ? text.slice(0, LOOK) : text);

const REMEMBERED = 2_048;
/** Short texts come again and again (shops, provinces): their bits are remembered, in bounds. */
function texts(type: string, list: readonly At[], blank: number, present: number): Column {
  const w = wordsOf(list);
  const asked = or(list, (c) => c.kind === 'texts');
  const spell = type === 'region' ? regionOf : fold;
  let memory = new Map<string, number>();
  let last = '';
  let lastBits = blank;
  return (value, alive) => {
    if (value === last) return lastBits;
    if (typeof value !== 'string' || value === '') return isBlank(value) ? blank : present;
    const short = value.length <= 24;
    const known = short ? memory.get(value) : undefined;
    if (known !== undefined) {
      last = value;
      return (lastBits = known);
    }
    const bits = ((hits(w, spell(clip(value)), short ? -1 : alive) ^ w.negative) & asked) | present;
    if (short) {
      if (memory.size >= REMEMBERED) memory = new Map();
      memory.set(value, bits);
    }
    return bits;
  };
}

function lists(list: readonly At[], blank: number, present: number): Column {
  const w = wordsOf(list);
  const asked = or(list, (c) => c.kind === 'texts');
  return (value, alive) => {
    if (!Array.isArray(value) || value.length === 0) return blank;
    let found = 0;
    for (const one of value as readonly string[]) found |= hits(w, fold(clip(one)), alive);
    return ((found ^ w.negative) & asked) | present;
  };
}
