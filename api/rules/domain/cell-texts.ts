/** Conditions on texts, provinces, choices and lists of texts. Pure. */
import { RE2JS } from 're2js';
import type { Field } from '../../contract/decision-tables/index.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { shown, wrong, type CellProblem, type Condition } from './condition.ts';
import { fold, regionOf } from './folding.ts';

const MAX_ITEMS = 500;
const MAX_REGEX = 300;
const MAX_WILDCARDS = 20;
type Texts = Extract<Condition, { kind: 'texts' }>;

export function parseTexts(f: Field, cell: string): Result<Condition, CellProblem> {
  const bad = (zh: string, en: string): Result<never, CellProblem> => wrong(cell, `${zh}。例：${f.example.zh}`, `${en}. For example: ${f.example.en}`);
  const negative = /^(!|！|≠|<>|不是\s*|不等于\s*|not\s+(?!contain)|except\s+)/i.exec(cell);
  const rest = cell.slice(negative?.[0].length ?? 0).trim();
  const not = negative !== null;
  if (/^[<>]|^[≥≤]/.test(rest)) return bad(`“${f.zh}”是文字，不能比大小`, `“${f.en}” is text and cannot be compared by size`);
  if (rest.startsWith('/')) return regexOf(f, cell, rest, not);
  const phrase = /^(不包含|不含|包含|not containing\s|does not contain\s|contains\s|containing\s|开头是|starts with\s|结尾是|ends with\s)\s*[:：]?\s*(.+)$/is.exec(rest);
  const items = itemsOf(phrase ? phrase[2]! : rest.replace(/^=\s*/, ''));
  if (typeof items === 'string') return bad('引号没有成对', 'a quotation mark is not closed');
  if (items.length === 0) return bad(`“${shown(cell)}”里没有值`, `“${shown(cell)}” holds no value`);
  if (items.length > MAX_ITEMS) return bad(`一格里超过 ${MAX_ITEMS} 个值，拆成几行`, `more than ${MAX_ITEMS} values in one cell, split it into rows`);
  const inner = items.find((i) => !i.quoted && /^[!！]/.test(i.text));
  if (inner) return bad(`“${shown(inner.text)}”：! 管整格，写在最前面，如 !新疆,西藏；又要又不要就分两行`, `“${shown(inner.text)}”: ! is for the whole cell and stands first, like !Xinjiang,Tibet; wanted and unwanted go into two rows`);
  const word = phrase?.[1]!.toLowerCase().trim();
  const around = (text: string): string => (!word ? text : /^(开头|starts)/.test(word) ? `${text}*` : /^(结尾|ends)/.test(word) ? `*${text}` : `*${text}*`);
  return collect(f, items.map((i) => ({ ...i, text: i.text, shape: word && !i.quoted ? around(i.text) : word ? around(escaped(i.text)) : undefined })), not || /^(不|not|does not)/.test(word ?? ''), bad);
}

type Item = { readonly text: string; readonly quoted: boolean; readonly shape?: string | undefined };
const escaped = (text: string): string => text.replace(/[*?~]/g, '~$&');
/** Items between commas of any kind; in quotation marks a comma is a comma. */
function itemsOf(text: string): Item[] | 'open quote' {
  const items: Item[] = [];
  let at = '';
  let quoted = false;
  let open = '';
  for (const c of text) {
    if (open) { if (c === open) open = ''; else at += c; continue; }
    if ((c === '"' || c === '“') && at.trim() === '') { open = c === '"' ? '"' : '”'; quoted = true; at = ''; continue; }
    if (/[,，、;；\n]/.test(c)) { items.push({ text: quoted ? at : at.trim(), quoted }); at = ''; quoted = false; continue; }
    at += c;
  }
  if (open) return 'open quote';
  items.push({ text: quoted ? at : at.trim(), quoted });
  return items.filter((i) => i.quoted || i.text !== '');
}

type Bad = (zh: string, en: string) => Result<never, CellProblem>;
function collect(f: Field, items: readonly Item[], not: boolean, bad: Bad): Result<Condition, CellProblem> {
  const exact = new Set<string>();
  const tests: ((text: string) => boolean)[] = [];
  for (const item of items) {
    const shape = item.shape ?? (item.quoted ? undefined : item.text);
    const wild = shape !== undefined && /[*?~]/.test(shape);
    if (wild && shape.split(/[*?]/).length > MAX_WILDCARDS) return bad(`“${shown(shape)}”里星号太多，最多 ${MAX_WILDCARDS - 1} 个`, `“${shown(shape)}” has too many wildcards, at most ${MAX_WILDCARDS - 1}`);
    if (f.choices && !(f.open && !known(f, item.text))) {
      const found = wild ? matching(f, shape) : known(f, item.text);
      if (found === undefined || found.length === 0) return bad(`“${shown(item.text)}”不在可选项里：${f.choices.slice(0, 16).map((c) => c.zh).join('、')}`, `“${shown(item.text)}” is not one of: ${f.choices.slice(0, 16).map((c) => c.en).join(', ')}`);
      for (const value of found) exact.add(fold(value));
    } else if (wild) tests.push(wildcard(f.type === 'region' ? regionShape(shape) : shape));
    else exact.add(f.type === 'region' ? regionOf(item.text) : fold(item.text));
  }
  return ok({ kind: 'texts', not, exact: [...exact], tests });
}
const known = (f: Field, text: string): string[] | undefined => {
  const want = fold(text.trim());
  const found = f.choices?.find((c) => fold(c.value) === want || fold(c.zh) === want || fold(c.en) === want);
  return found ? [found.value] : undefined;
};
const matching = (f: Field, shape: string): string[] => { const test = wildcard(shape); return (f.choices ?? []).filter((c) => test(fold(c.value)) || test(fold(c.zh)) || test(fold(c.en))).map((c) => c.value); };
/** `新疆维吾尔自治区*` would never fit a province without its suffix. */
const regionShape = (shape: string): string => shape.replace(/^([^*?~]+)\*$/, (_all, head: string) => `${regionOf(head)}*`);

/** `*` any text, `?` one character, `~` takes their meaning away, as in Excel. Goes through the text once per piece: it cannot hang. */
export function wildcard(pattern: string): (text: string) => boolean {
  const pieces: string[][] = [[]];
  const chars = [...pattern.normalize('NFKC').toLowerCase()];
  for (let i = 0; i < chars.length; i += 1) {
    if (chars[i] === '~' && i + 1 < chars.length) pieces.at(-1)!.push(chars[(i += 1)]!);
    else if (chars[i] === '*') pieces.push([]);
    else pieces.at(-1)!.push(chars[i] === '?' ? '' : chars[i]!);
  }
  const [first, last, middle] = [pieces[0]!, pieces.at(-1)!, pieces.slice(1, -1).filter((p) => p.length > 0)];
  const plainMiddle = middle.length === 1 && first.length === 0 && last.length === 0 && !middle[0]!.includes('') ? middle[0]!.join('') : undefined;
  if (plainMiddle !== undefined) return (text) => text.includes(plainMiddle);
  const fits = (text: readonly string[], piece: readonly string[], at: number): boolean => at >= 0 && at + piece.length <= text.length && piece.every((c, i) => c === '' || c === text[at + i]);
  return (whole) => {
    const text = [...whole];
    if (pieces.length === 1) return text.length === first.length && fits(text, first, 0);
    const end = text.length - last.length;
    if (!fits(text, first, 0) || end < first.length || !fits(text, last, end)) return false;
    let at = first.length;
    for (const piece of middle) {
      while (at + piece.length <= end && !fits(text, piece, at)) at += 1;
      if (at + piece.length > end) return false;
      at += piece.length;
    }
    return true;
  };
}

/** RE2: linear in its input, so no text can make it hang. */
function regexOf(f: Field, cell: string, rest: string, not: boolean): Result<Texts, CellProblem> {
  const bad = (zh: string, en: string): Result<never, CellProblem> => wrong(cell, `${zh}。例：/改(地址|颜色)/`, `${en}. For example: /change (address|colour)/i`);
  const found = /^\/(.+)\/([a-z]*)$/is.exec(rest);
  if (!found) return bad('正则要用两个斜杠包起来；要找斜杠本身就加引号 "/"', 'a regular expression stands between two slashes; for a slash itself use quotes "/"');
  const [, source, flags] = found as unknown as [string, string, string];
  const odd = /[^ims]/i.exec(flags);
  if (odd) return bad(`不认识的选项“${odd[0]}”，可以用 i、m、s`, `the flag “${odd[0]}” is not known; i, m, s are`);
  if (source.length > MAX_REGEX) return bad(`正则超过 ${MAX_REGEX} 个字`, `the expression is longer than ${MAX_REGEX} characters`);
  if (/\(\?(=|!|<=|<!)|\\[1-9]/.test(source)) return bad('不支持前后查找和回引', 'look-around and back references are not supported');
  if (/\{\d{3,}|\}[^|]{0,40}\}/.test(source)) return bad('重复次数太大，{} 里最多 99，也不要套着重复', 'a repeat is too large: at most 99 in {}, and not one inside another');
  const bits = RE2JS.CASE_INSENSITIVE | (/m/i.test(flags) ? RE2JS.MULTILINE : 0) | (/s/i.test(flags) ? RE2JS.DOTALL : 0);
  try {
    const regex = RE2JS.compile(source.normalize('NFKC'), bits);
    return ok({ kind: 'texts', not, exact: [], tests: [(text) => regex.matcher(text).find()] });
  } catch (error) {
    const words = error instanceof Error ? error.message.slice(0, 80) : '';
    return refuse({ code: 'bad_condition', read: cell.slice(0, 60), zh: `“${shown(cell)}”不是能用的正则（${words}）。例：/改(地址|颜色)/`, en: `“${shown(cell)}” is not a usable regular expression (${words}). For example: /change (address|colour)/i` });
  }
}
