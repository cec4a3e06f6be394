/**
 * The language of a rule's cell: small enough to learn in a minute by a person who knows Excel, in Chinese and in English.
 *   empty = any · 空 / blank · 非空 / not blank · >100 · 100..200 · 广东,浙江 (any of) · !新疆,西藏 (none of) · *急* · /regex/i · 是 / 否
 * Its words and examples are in api/contract/decision-tables; docs/rules.md is made from them. Pure.
 */
import type { Field } from '../../contract/decision-tables/index.ts';
import { ok, type Result } from '../../contract/values/result.ts';
import { parseSpans } from './cell-numbers.ts';
import { parseTexts } from './cell-texts.ts';
import { shown, wrong, type CellProblem, type Condition } from './condition.ts';

const MAX_CELL = 2_000;
const ANY = /^(|\*|任意|任何|不限|全部|any|all)$/i;
const BLANK = /^(空|空白|为空|没有值|blank|empty|is blank|is empty)$/i;
const NOT_BLANK = /^(非空|不为空|不空|有值|not blank|not empty|is not blank|is not empty|<>|!空|!空白|!blank|!empty)$/i;
const YES = /^(是|有|对|yes|true|y|1|☑|✓|√)$/i;
const NO = /^(否|无|没有|不是|no|false|n|0|☐|✗)$/i;

/** Reads one condition, or says what was read and what would be right. */
export function parseCondition(f: Field, cell: string): Result<Condition, CellProblem> {
  if (cell.length > MAX_CELL) return wrong(cell, `条件超过 ${MAX_CELL} 个字，拆成几行`, `the condition is longer than ${MAX_CELL} characters, split it into rows`);
  const text = cell.trim();
  const plain = text.normalize('NFKC');
  if (ANY.test(plain)) return ok({ kind: 'any' });
  if (BLANK.test(plain)) return ok({ kind: 'blank', not: false });
  if (NOT_BLANK.test(plain)) return ok({ kind: 'blank', not: true });
  if (/^#(N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!)$/.test(plain)) return wrong(text, `读到公式错误 ${plain}，改好公式或填条件`, `it reads the formula error ${plain}: mend the formula, or type a condition`);
  if (f.type === 'flag') {
    const negative = /^!\s*/.exec(plain)?.[0].length ?? 0;
    const word = plain.slice(negative);
    if (YES.test(word) || NO.test(word)) return ok({ kind: 'flag', value: YES.test(word) === (negative === 0) });
    return wrong(text, `“${shown(text)}”不是“是”或“否”。写 是、否，或留空`, `“${shown(text)}” is neither yes nor no. Write yes, no, or leave it empty`);
  }
  return f.type === 'money' || f.type === 'number' || f.type === 'rate' || f.type === 'day' ? parseSpans(f, text) : parseTexts(f, text);
}
