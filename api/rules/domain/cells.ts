/**
 * The language of a rule's cell: small enough to learn in a minute by a person who knows Excel.
 *   empty = any · 空 / blank · 非空 / not blank · >100 · 100..200 · 广东,浙江 (any of) · !新疆,西藏 (none of) · *急* · /regex/i · 是 / 否
 * Amounts are typed in yuan and compared in fen.
 */
import { RE2JS } from 're2js';
import { fenFromYuanText } from '../../contract/values/money.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';

export type FieldType = 'money' | 'number' | 'text' | 'flag' | 'list';
/** What a rule looks at: text, a number (money in fen), a flag, or a list of texts (tags). */
export type InputValue = string | number | boolean | readonly string[];
export type CellTest = (value: InputValue) => boolean;
export type CellProblem = { readonly code: 'bad_condition'; readonly read: string; readonly zh: string; readonly en: string };

const problem = (read: string, zh: string, en: string): Result<never, CellProblem> => refuse({ code: 'bad_condition', read, zh, en });
/** Full-width marks are read as the plain ones. */
const plain = (text: string): string =>
  text.trim().replace(/[，、]/g, ',').replace(/[＞﹥]/g, '>').replace(/[＜﹤]/g, '<').replace(/＝/g, '=').replace(/[！]/g, '!').replace(/[～~]|…|—+/g, '..').replace(/≥/g, '>=').replace(/≤/g, '<=');
const WORDS: readonly [RegExp, string][] = [[/^(大于等于|不少于|至少|at least)\s*/i, '>='], [/^(小于等于|不超过|至多|at most)\s*/i, '<='], [/^(大于|超过|more than)\s*/i, '>'], [/^(小于|低于|少于|less than)\s*/i, '<'], [/^(等于|is)\s*/i, '=']];
const worded = (text: string): string => WORDS.reduce((t, [word, sign]) => t.replace(word, sign), text);

const isBlank = (v: InputValue): boolean => v === '' || (Array.isArray(v) && v.length === 0);
export const ANY: CellTest = () => true;

/** Parses one condition; an empty cell matches anything. */
export function parseCondition(type: FieldType, cell: string): Result<CellTest, CellProblem> {
  const text = cell.trim();
  if (text === '' || text === '*' || /^(任意|any)$/i.test(text)) return ok(ANY);
  if (/^(空|空白|blank|empty)$/i.test(text)) return ok(isBlank);
  if (/^(非空|不为空|not blank|not empty)$/i.test(text)) return ok((v) => !isBlank(v));
  if (type === 'flag') return parseFlag(text);
  return type === 'text' || type === 'list' ? parseText(text) : parseNumber(type, text);
}

function parseFlag(text: string): Result<CellTest, CellProblem> {
  if (/^(是|有|yes|true|y|1|☑|✓)$/i.test(text)) return ok((v) => v === true);
  if (/^(否|无|没有|no|false|n|0|☐)$/i.test(text)) return ok((v) => v === false);
  return problem(text, `“${text}”不是“是”或“否”。写 是、否，或留空。`, `“${text}” is neither yes nor no. Write yes, no, or leave it empty.`);
}

const MAX_CELL = 2_000;
function parseText(cell: string): Result<CellTest, CellProblem> {
  if (cell.length > MAX_CELL) return problem(cell.slice(0, 20), `条件超过 ${MAX_CELL} 个字。拆成几行。`, `The condition is longer than ${MAX_CELL} characters. Split it into rows.`);
  const regex = /^\/(.+)\/([ims]*)$/s.exec(cell);
  if (regex) return parseRegex(cell, regex[1]!, regex[2]!);
  const text = plain(cell).replace(/^(包含|含|contains)\s*(.+)$/i, (_, _w, rest: string) => rest.split(',').map((p) => `*${p.trim()}*`).join(','));
  const negative = /^(!|不含|不是|not )/i.exec(text);
  const items = text.slice(negative?.[0].length ?? 0).split(',').map((i) => i.trim()).filter(Boolean);
  if (items.length === 0) return problem(cell, `“${cell}”里没有值。例：广东,浙江 或 !新疆,西藏。`, `“${cell}” holds no value. For example: Guangdong,Zhejiang or !Xinjiang,Tibet.`);
  const wrapped = negative?.[0] === '不含' ? items.map((i) => `*${i}*`) : items;
  const tests = wrapped.map(wildcard);
  const hit = (v: InputValue): boolean => (Array.isArray(v) ? v : [String(v as string)]).some((one: string) => tests.some((t) => t(one)));
  return ok(negative ? (v) => !hit(v) : hit);
}

/** `*` stands for any text; matched piece by piece, so it cannot hang. */
function wildcard(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const pieces = pattern.toLowerCase().split('*');
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  return (whole) => {
    const text = whole.toLowerCase();
    if (!text.startsWith(first) || text.length < first.length + last.length) return false;
    let at = first.length;
    for (const piece of pieces.slice(1, -1)) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return text.endsWith(last) && text.length - last.length >= at;
  };
}

/** RE2: linear in its input, so no text can make it hang. */
function parseRegex(cell: string, source: string, flags: string): Result<CellTest, CellProblem> {
  const bits = (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('m') ? RE2JS.MULTILINE : 0) | (flags.includes('s') ? RE2JS.DOTALL : 0);
  try {
    const regex = RE2JS.compile(source, bits);
    return ok((v) => (Array.isArray(v) ? v : [String(v as string)]).some((one: string) => regex.matcher(one).find()));
  } catch {
    return problem(cell, `“${cell}”不是能用的正则。例：/改(地址|颜色)/。`, `“${cell}” is not a usable regular expression. For example: /change (address|colour)/i.`);
  }
}

function parseNumber(type: 'money' | 'number', cell: string): Result<CellTest, CellProblem> {
  const text = worded(plain(cell));
  const example = type === 'money' ? '>100、100..200、<=9.9' : '>3、1..5、10';
  const wrong = (): Result<never, CellProblem> => problem(cell, `“${cell}”不是数的条件。例：${example}。`, `“${cell}” is no condition on a number. For example: ${example.replaceAll('、', ', ')}.`);
  const read = (t: string): number | undefined => {
    const clean = t.trim().replace(/[¥￥元]/g, '');
    if (type === 'money') { const f = fenFromYuanText(clean); return f.ok ? f.value : undefined; }
    return /^-?\d+(\.\d+)?$/.test(clean) ? Number(clean) : undefined;
  };
  const negative = text.startsWith('!');
  const parts = (negative ? text.slice(1) : text).replace(/(\d),(?=\d{3}\b)/g, '$1').split(',').filter((p) => p.trim() !== '');
  const tests: ((n: number) => boolean)[] = [];
  for (const part of parts) {
    const test = numberTest(part.trim(), read);
    if (!test) return wrong();
    tests.push(test);
  }
  if (tests.length === 0) return wrong();
  const hit = (v: InputValue): boolean => typeof v === 'number' && tests.some((t) => t(v));
  return ok(negative ? (v) => !hit(v) : hit);
}

function numberTest(part: string, read: (t: string) => number | undefined): ((n: number) => boolean) | undefined {
  const range = /^(-?[^.].*?)\.\.(.+)$/.exec(part);
  if (range) {
    const [low, high] = [read(range[1]!), read(range[2]!)];
    return low === undefined || high === undefined || low > high ? undefined : (n) => n >= low && n <= high;
  }
  const signed = /^(>=|<=|>|<|=)?\s*(.+)$/.exec(part);
  const bound = read(signed?.[2] ?? '');
  if (bound === undefined) return undefined;
  switch (signed?.[1]) {
    case '>': return (n) => n > bound;
    case '>=': return (n) => n >= bound;
    case '<': return (n) => n < bound;
    case '<=': return (n) => n <= bound;
    default: return (n) => n === bound;
  }
}
