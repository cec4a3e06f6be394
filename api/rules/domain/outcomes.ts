/** What a row says, read: choices by their value or their word in either language, amounts and rates by their digits. Pure. */
import type { Field, Outcome } from '../../contract/decision-tables/index.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { numberValue } from './cell-numbers.ts';
import { shown, type CellProblem } from './condition.ts';
import { fold } from './folding.ts';

type OutcomeProblem = Omit<CellProblem, 'code'> & { readonly code: 'not_a_choice' | 'bad_outcome' };
const asField = (o: Outcome): Field => ({ key: o.key, type: o.type === 'money' ? 'money' : o.type === 'rate' ? 'rate' : 'number', ...(o.key.toLowerCase().endsWith('grams') || o.key === 'maxWeight' ? { unit: 'gram' as const } : {}), zh: o.zh, en: o.en, example: { zh: o.example, en: o.example, yes: '', no: '' } });

/** The outcome in its kept form, or why it cannot be read. Amounts stay text in yuan; they are read where they are used. */
export function readOutcome(o: Outcome, cell: string): Result<string, OutcomeProblem> {
  const text = cell.trim();
  if (text === '') return ok('');
  if (text.length > 500) return refuse({ code: 'bad_outcome', read: text.slice(0, 30), zh: '超过 500 个字', en: 'is longer than 500 characters' });
  if (o.type === 'choice') {
    const want = fold(text);
    const found = o.choices?.find((c) => fold(c.value) === want || fold(c.zh) === want || fold(c.en) === want);
    if (found) return ok(found.value);
    const list = o.choices ?? [];
    return refuse({ code: 'not_a_choice', read: text, zh: `“${shown(text)}”不在可选项里：${list.map((c) => c.zh).join('、')}`, en: `“${shown(text)}” is not one of: ${list.map((c) => c.en).join(', ')}` });
  }
  if (o.type === 'money' || o.type === 'number' || o.type === 'rate') {
    const n = numberValue(asField(o), text);
    if (n === undefined || n < 0) return refuse({ code: 'bad_outcome', read: text, zh: `“${shown(text)}”不是能用的数，写 ${o.example}`, en: `“${shown(text)}” is not a usable number, write ${o.example}` });
    return ok(o.type === 'number' ? String(n) : text);
  }
  return ok(text);
}
/** A rate or a number of an outcome: per 10,000, or whole. */
export const outcomeNumber = (o: Outcome, text: string): number => numberValue(asField(o), text) ?? 0;
