/**
 * The language of own fields' formulas: what a person knows of a cell's formula, over one row. Names in square brackets are
 * columns, by title in either language or by key; amounts are in yuan, days are serial numbers. Nothing is run that is not
 * in this file, and a formula ends: there are no loops. Pure.
 *   =IF([实付]>=200, "大单", "") · =ROUND([实付]*0.05, 2) · =[可用]-[安全库存] · =LEFT([订单号],4)&"-"&[省]
 */
import type { Both } from './route.ts';
import { ok, refuse, type Result } from './values/result.ts';

/** A choice is its value and all the words that it is known by, so that either language can be compared with. */
export type Word = { readonly value: string; readonly words: readonly string[] };
export type FormulaValue = number | string | boolean | null | Word;
type Node =
  | { readonly is: 'value'; readonly value: number | string | boolean | null }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly is: 'minus'; readonly of: Node }
  | { readonly is: 'pair'; readonly op: string; readonly a: Node; readonly b: Node };
export type FormulaProblem = { readonly code: 'no_formula' | 'unknown_name' | 'unknown_function' | 'too_long'; readonly message: Both };
export type Formula = { readonly names: readonly string[]; readonly run: (read: (name: string) => FormulaValue) => FormulaValue };

const MAX_LENGTH = 1_000;
/** Brackets within brackets: deeper ones are refused, so that reading never runs out of stack. */
const MAX_DEPTH = 40;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?%?)|"((?:[^"]|"")*)"|\[([^\]]+)\]|(<=|>=|<>|[-+*/^&=<>(),])|([\p{L}_][\p{L}\p{N}_.]*))/uy;
type Token = { readonly kind: 'number' | 'text' | 'name' | 'op' | 'word'; readonly text: string };

class Wrong extends Error {
  readonly both: Both;
  readonly code: FormulaProblem['code'];
  constructor(code: FormulaProblem['code'], zh: string, en: string) { super(en); this.code = code; this.both = { zh, en }; }
}

function tokensOf(text: string): Token[] {
  const made: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length && text.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex;
    const m = TOKEN.exec(text);
    if (!m) throw new Wrong('no_formula', `看不懂“${text.slice(from).trim().slice(0, 12)}”。列名写在方括号里，文字写在英文引号里。`, `“${text.slice(from).trim().slice(0, 12)}” cannot be read. Column names stand in [brackets], texts in "quotes".`);
    const kind = (['number', 'text', 'name', 'op', 'word'] as const)[[1, 2, 3, 4, 5].findIndex((i) => m[i] !== undefined)]!;
    made.push({ kind, text: kind === 'text' ? m[2]!.replaceAll('""', '"') : (m[1] ?? m[3] ?? m[4] ?? m[5])! });
  }
  return made;
}

/** What binds looser comes first. */
const LEVELS: readonly (readonly string[])[] = [['=', '<>', '<', '<=', '>', '>='], ['&'], ['+', '-'], ['*', '/'], ['^']];
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(tokens: readonly Token[]) { this.#tokens = tokens; }
  whole(): Node {
    const node = this.#level(0, 0);
    if (this.#at < this.#tokens.length) throw this.#unread();
    return node;
  }
  #unread(): Wrong {
    const read = this.#tokens[this.#at]?.text;
    return read === undefined ? new Wrong('no_formula', '公式没写完。', 'The formula ends too soon.') : new Wrong('no_formula', `“${read}”在这里读不通。`, `“${read}” makes no sense here.`);
  }
  #take(text: string): boolean {
    const t = this.#tokens[this.#at];
    if (t?.kind !== 'op' || t.text !== text) return false;
    this.#at += 1;
    return true;
  }
  #level(n: number, depth: number): Node {
    if (depth > MAX_DEPTH) throw new Wrong('too_long', `括号套得太深，最多 ${MAX_DEPTH} 层。`, `Brackets stand more than ${MAX_DEPTH} deep.`);
    if (n === LEVELS.length) return this.#one(depth);
    let a = this.#level(n + 1, depth);
    for (let op = LEVELS[n]!.find((o) => this.#take(o)); op !== undefined; op = LEVELS[n]!.find((o) => this.#take(o))) a = { is: 'pair', op, a, b: this.#level(n + 1, depth) };
    return a;
  }
  #one(depth: number): Node {
    if (this.#take('-')) return { is: 'minus', of: this.#one(depth + 1) };
    if (this.#take('(')) { const inner = this.#level(0, depth + 1); if (!this.#take(')')) throw this.#unread(); return inner; }
    const t = this.#tokens[this.#at];
    if (!t || t.kind === 'op') throw this.#unread();
    this.#at += 1;
    if (t.kind === 'number') return { is: 'value', value: t.text.endsWith('%') ? Number(`${t.text.slice(0, -1)}e-2`) : Number(t.text) };
    if (t.kind === 'text') return { is: 'value', value: t.text };
    if (t.kind === 'name') return { is: 'name', name: t.text.trim() };
    return this.#call(t.text, depth);
  }
  #call(word: string, depth: number): Node {
    const name = word.toUpperCase();
    if (!this.#take('(')) {
      if (name === 'TRUE' || word === '是') return { is: 'value', value: true };
      if (name === 'FALSE' || word === '否') return { is: 'value', value: false };
      return { is: 'name', name: word };
    }
    if (!(name in FUNCTIONS)) throw new Wrong('unknown_function', `没有函数 ${word}。能用：${Object.keys(FUNCTIONS).join('、')}。`, `There is no function ${word}. There are: ${Object.keys(FUNCTIONS).join(', ')}.`);
    const args: Node[] = [];
    if (!this.#take(')')) {
      do args.push(this.#level(0, depth + 1)); while (this.#take(','));
      if (!this.#take(')')) throw this.#unread();
    }
    const [least, most] = FUNCTIONS[name]!.takes;
    if (args.length < least || args.length > most) throw new Wrong('no_formula', `${name} 要 ${least === most ? least : `${least} 到 ${most}`} 个参数，读到 ${args.length} 个。`, `${name} takes ${least === most ? least : `${least} to ${most}`} arguments; there are ${args.length}.`);
    return { is: 'call', name, args };
  }
}

const isWord = (v: FormulaValue): v is Word => typeof v === 'object' && v !== null;
export const textOf = (v: FormulaValue): string => (v === null ? '' : isWord(v) ? (v.words[0] ?? v.value) : v === true ? '是' : v === false ? '否' : typeof v === 'number' ? String(Number(v.toPrecision(15))) : v);
/** A text that is a number counts as one, as in a cell; anything else has no value there. */
export const numberOf = (v: FormulaValue): number | null => {
  if (typeof v === 'number') return v;
  if (v === null || v === '') return 0;
  if (typeof v === 'boolean') return v ? 1 : 0;
  const n = Number(textOf(v).trim());
  return Number.isFinite(n) ? n : null;
};
export const truth = (v: FormulaValue): boolean => (typeof v === 'boolean' ? v : typeof v === 'number' ? v !== 0 : v !== null && textOf(v) !== '');
const fine = (n: number): number | null => (Number.isFinite(n) ? n : null);

function same(a: FormulaValue, b: FormulaValue): boolean {
  if (isWord(a)) return isWord(b) ? a.value === b.value : [a.value, ...a.words].some((w) => w.toLowerCase() === textOf(b).toLowerCase());
  if (isWord(b)) return same(b, a);
  if (a === null || b === null) return (a ?? '') === (b ?? '') || (a ?? 0) === (b ?? 0) || (a ?? false) === (b ?? false);
  return typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : a === b;
}
const order = (a: FormulaValue, b: FormulaValue): number => {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [numberOf(a), numberOf(b)];
  return x === null || y === null ? Number.NaN : x - y;
};
const PAIRS: Readonly<Record<string, (a: FormulaValue, b: FormulaValue) => FormulaValue>> = {
  '=': same, '<>': (a, b) => !same(a, b), '<': (a, b) => order(a, b) < 0, '<=': (a, b) => order(a, b) <= 0, '>': (a, b) => order(a, b) > 0, '>=': (a, b) => order(a, b) >= 0,
  '&': (a, b) => `${textOf(a)}${textOf(b)}`, '+': (a, b) => sum(a, b, (x, y) => x + y), '-': (a, b) => sum(a, b, (x, y) => x - y), '*': (a, b) => sum(a, b, (x, y) => x * y),
  '/': (a, b) => sum(a, b, (x, y) => (y === 0 ? Number.NaN : x / y)), '^': (a, b) => sum(a, b, (x, y) => x ** y),
};
function sum(a: FormulaValue, b: FormulaValue, work: (x: number, y: number) => number): FormulaValue {
  const [x, y] = [numberOf(a), numberOf(b)];
  return x === null || y === null ? null : fine(work(x, y));
}

type Lazy = (at: number) => FormulaValue;
type Known = { readonly takes: readonly [number, number]; readonly run: (of: Lazy, count: number) => FormulaValue };
const numbers = (of: Lazy, count: number): number[] => Array.from({ length: count }, (_, i) => of(i)).filter((v) => v !== null && v !== '').flatMap((v) => numberOf(v) ?? []);
const rounded = (n: number, digits: number): number => { const by = 10 ** Math.max(-10, Math.min(10, digits)); return (Math.sign(n) * Math.round(Number((Math.abs(n) * by).toPrecision(15)))) / by; };
const whole = (v: FormulaValue, other: number): number => Math.trunc(numberOf(v) ?? other);
const some = (of: Lazy, count: number, hit: (v: FormulaValue) => boolean): boolean => Array.from({ length: count }, (_, i) => i).some((i) => hit(of(i)));
const FUNCTIONS: Readonly<Record<string, Known>> = {
  IF: { takes: [2, 3], run: (of, n) => (truth(of(0)) ? of(1) : n > 2 ? of(2) : null) },
  AND: { takes: [1, 20], run: (of, n) => !some(of, n, (v) => !truth(v)) }, OR: { takes: [1, 20], run: (of, n) => some(of, n, truth) }, NOT: { takes: [1, 1], run: (of) => !truth(of(0)) },
  ROUND: { takes: [1, 2], run: (of, n) => { const x = numberOf(of(0)); return x === null ? null : rounded(x, n > 1 ? whole(of(1), 0) : 0); } },
  MIN: { takes: [1, 20], run: (of, n) => { const all = numbers(of, n); return all.length === 0 ? null : Math.min(...all); } }, MAX: { takes: [1, 20], run: (of, n) => { const all = numbers(of, n); return all.length === 0 ? null : Math.max(...all); } }, SUM: { takes: [1, 20], run: (of, n) => numbers(of, n).reduce((a, b) => a + b, 0) },
  ABS: { takes: [1, 1], run: (of) => { const x = numberOf(of(0)); return x === null ? null : Math.abs(x); } }, INT: { takes: [1, 1], run: (of) => { const x = numberOf(of(0)); return x === null ? null : Math.floor(x); } },
  LEN: { takes: [1, 1], run: (of) => [...textOf(of(0))].length }, LEFT: { takes: [2, 2], run: (of) => [...textOf(of(0))].slice(0, Math.max(0, whole(of(1), 0))).join('') }, RIGHT: { takes: [2, 2], run: (of) => { const k = Math.max(0, whole(of(1), 0)); return k === 0 ? '' : [...textOf(of(0))].slice(-k).join(''); } },
  MID: { takes: [3, 3], run: (of) => { const from = Math.max(1, whole(of(1), 1)); return [...textOf(of(0))].slice(from - 1, from - 1 + Math.max(0, whole(of(2), 0))).join(''); } },
  CONTAINS: { takes: [2, 2], run: (of) => { const word = textOf(of(1)); return word !== '' && textOf(of(0)).toLowerCase().includes(word.toLowerCase()); } },
  ISBLANK: { takes: [1, 1], run: (of) => { const v = of(0); return v === null || v === ''; } }, IFBLANK: { takes: [2, 2], run: (of) => { const v = of(0); return v === null || v === '' ? of(1) : v; } },
};
export const FORMULA_FUNCTIONS = Object.keys(FUNCTIONS);

function run(node: Node, read: (name: string) => FormulaValue): FormulaValue {
  switch (node.is) {
    case 'value': return node.value;
    case 'name': return read(node.name);
    case 'minus': { const n = numberOf(run(node.of, read)); return n === null ? null : -n; }
    case 'pair': return PAIRS[node.op]!(run(node.a, read), run(node.b, read));
    default: return FUNCTIONS[node.name]!.run((i) => run(node.args[i]!, read), node.args.length);
  }
}
function namesIn(node: Node, into: Set<string>): Set<string> {
  if (node.is === 'name') into.add(node.name);
  else if (node.is === 'minus') namesIn(node.of, into);
  else if (node.is === 'pair') { namesIn(node.a, into); namesIn(node.b, into); }
  else if (node.is === 'call') for (const a of node.args) namesIn(a, into);
  return into;
}

/** Reads a formula, with or without the equal sign before it, or says what was read and what would be right. */
export function parseFormula(text: string): Result<Formula, FormulaProblem> {
  if (text.length > MAX_LENGTH) return refuse({ code: 'too_long', message: { zh: `公式超过 ${MAX_LENGTH} 个字。`, en: `The formula is longer than ${MAX_LENGTH} characters.` } });
  try {
    const node = new Reader(tokensOf(text.trim().replace(/^=/, ''))).whole();
    return ok({ names: [...namesIn(node, new Set())], run: (read) => run(node, read) });
  } catch (error) {
    if (error instanceof Wrong) return refuse({ code: error.code, message: error.both });
    throw error;
  }
}
