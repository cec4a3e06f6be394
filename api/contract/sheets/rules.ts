import { NOTES } from '../decision-tables/note-words.ts';
import { TABLES, YES_NO, type Field, type Outcome, type TableKind } from '../decision-tables/index.ts';
import type { Column, Sheet } from './sheet.ts';

/** The list that fills a table's sheet: GET /api/v1/<noun>. */
export const ruleNoun = (table: string): string => (table === 'order-review' ? 'review-rules' : `${table}-rules`);
const editable = { command: 'set-rule', right: 'rules:write', maxLength: 2000 } as const;
const width = (c: { readonly zh: string; readonly en: string }): number => Math.min(24, Math.max(10, c.zh.length * 2 + 4, c.en.length + 3));
const outcomeColumn = (o: Outcome): Column => ({ key: o.key, field: `cells.${o.key}`, kind: o.type === 'choice' ? 'choice' : 'text', title: { zh: o.zh, en: o.en }, width: o.key === 'note' ? 26 : Math.max(14, width(o)), ...(o.choices ? { choices: o.choices } : {}), ...(o.key === 'note' ? { words: NOTES } : o.type === 'flag' ? { words: YES_NO } : {}), editable });
const conditionColumn = (f: Field): Column => ({ key: f.key, field: `cells.${f.key}`, kind: 'text', title: { zh: f.zh, en: f.en }, width: f.type === 'text' ? Math.max(18, width(f)) : width(f), ...(f.type === 'flag' ? { words: YES_NO } : f.choices ? { words: f.choices } : {}), editable });

/** What rules most often look at stands first, so that the shipped rows are read without scrolling; the rest keep their order. */
const FIRST = ['refundInFlight', 'buyerMessage', 'sellerMemo', 'addressComplete', 'province', 'weight', 'unmatched', 'quantity', 'paid', 'margin', 'balanceUnpaid', 'testOrder', 'flaws', 'tags', 'status', 'houseNumber', 'phoneValid'];
const byUse = (fields: readonly Field[]): Field[] => {
  const turn = (f: Field): number => (FIRST.includes(f.key) ? FIRST.indexOf(f.key) : FIRST.length);
  return [...fields].sort((a, b) => turn(a) - turn(b));
};

/** A decision table as a sheet: what a row says first, then what it looks at. */
const ruleSheet = (t: TableKind): Sheet => ({
  name: t.name, noun: ruleNoun(t.name), title: t.title, order: [{ field: 'place' }],
  columns: [
    { key: 'id', field: 'id', kind: 'id', title: { zh: '规则', en: 'Rule' }, width: 8, frozen: true },
    { key: 'place', field: 'place', kind: 'quantity', title: { zh: '顺序', en: 'Place' }, width: 7, editable: { command: 'move-rule', right: 'rules:write', required: true, min: 1, max: 5000 } },
    { key: 'enabled', field: 'enabled', kind: 'tick', title: { zh: '启用', en: 'On' }, width: 6, editable: { command: 'set-rule', right: 'rules:write', required: true } },
    ...t.outcomes.map(outcomeColumn), ...(t.name === 'order-review' ? byUse(t.fields) : t.fields).map(conditionColumn),
    { key: 'version', field: 'revision', kind: 'quantity', title: { zh: '改于版本', en: 'Since version' }, width: 10 },
  ],
});
export const ruleSheetContracts: readonly Sheet[] = TABLES.map(ruleSheet);
