/** The words of decision tables: what a column looks at, what a row can say, and how a cell of each type is written. */
import type { Both } from '../route.ts';
import type { Choice } from '../sheets/sheet.ts';

/** `money` is typed in yuan and compared in fen; `rate` in per cent, compared per 10,000; `day` as 2026-11-11; `region` is a province, with or without its suffix. */
export type FieldType = 'money' | 'number' | 'rate' | 'day' | 'text' | 'region' | 'choice' | 'list' | 'flag';
export type Unit = 'gram' | 'hour' | 'piece';
/** An example that the tests run: the cell in both languages, a value that fits, one that does not. Values as a person would write them. */
export type Example = { readonly zh: string; readonly en: string; readonly yes: string; readonly no: string };
export type Field = {
  readonly key: string; readonly type: FieldType; readonly unit?: Unit;
  /** The words that the field can hold; `open` allows others beside them. */
  readonly choices?: readonly Choice[]; readonly open?: true; readonly example: Example;
  /** Not for everybody’s eyes: decisions are told without its value. */
  readonly secret?: true;
} & Both;
export type Outcome = {
  readonly key: string; readonly type: 'choice' | 'text' | 'money' | 'number' | 'rate' | 'flag'; readonly choices?: readonly Choice[];
  /** Says nothing by itself: a row needs another outcome beside it. */
  readonly aside?: true; readonly example: string;
} & Both;
export type TableKind = {
  readonly name: string; readonly title: Both; readonly about: Both; readonly fields: readonly Field[]; readonly outcomes: readonly Outcome[];
  /** `first`: the first row that fits decides. `all`: every row that fits counts, in order. */
  readonly hit: 'first' | 'all';
};

type Given = readonly [zh: string, en: string, yes: string, no: string];
export const field = (key: string, type: FieldType, zh: string, en: string, [cellZh, cellEn, yes, no]: Given, more: Partial<Pick<Field, 'unit' | 'choices' | 'open'>> = {}): Field =>
  ({ key, type, zh, en, example: { zh: cellZh, en: cellEn, yes, no }, ...more });
export const outcome = (key: string, type: Outcome['type'], zh: string, en: string, example: string, more: Partial<Pick<Outcome, 'choices' | 'aside'>> = {}): Outcome => ({ key, type, zh, en, example, ...more });
export const choice = (value: string, zh: string, en: string): Choice => ({ value, zh, en });
export const note = outcome('note', 'text', '说明', 'Note', '备注 remark', { aside: true });

/** One way to write a condition, with the types that know it. */
export type Operator = { readonly types: readonly FieldType[]; readonly says: Both; readonly forms: readonly string[] };
const NUMBERS: readonly FieldType[] = ['money', 'number', 'rate', 'day'];
const TEXTS: readonly FieldType[] = ['text', 'region', 'choice', 'list'];
const EVERY: readonly FieldType[] = [...NUMBERS, ...TEXTS, 'flag'];
export const OPERATORS: readonly Operator[] = [
  { types: EVERY, says: { zh: '任何值都行', en: 'any value' }, forms: ['（留空）', '*', '任意', '不限', 'any'] },
  { types: EVERY, says: { zh: '没有值', en: 'has no value' }, forms: ['空', '空白', 'blank', 'empty'] },
  { types: EVERY, says: { zh: '有值', en: 'has a value' }, forms: ['非空', '有值', 'not blank', '<>'] },
  { types: NUMBERS, says: { zh: '大于、不小于、小于、不大于', en: 'more than, at least, less than, at most' }, forms: ['>100', '>=100', '<100', '<=100', '≥100', '大于100', '至少100', '不超过100', '100以上', '100以下', 'more than 100', 'at least 100', 'at most 100', '100 or more'] },
  { types: NUMBERS, says: { zh: '从…到…，两头都算', en: 'from … to …, both ends count' }, forms: ['100..200', '100~200', '100到200', '100至200', '100 to 200'] },
  { types: NUMBERS, says: { zh: '等于，或几个里的一个', en: 'equal, or one of several' }, forms: ['100', '=100', '100、200、300', '1, 2, 5..9'] },
  { types: NUMBERS, says: { zh: '都不是', en: 'none of them' }, forms: ['!100', '!100..200', '不是100', 'not 100'] },
  { types: TEXTS, says: { zh: '其中之一', en: 'any of' }, forms: ['广东,浙江', '广东、浙江', '广东；浙江'] },
  { types: TEXTS, says: { zh: '都不是', en: 'none of' }, forms: ['!新疆,西藏', '！新疆，西藏', '不是 新疆', 'not 新疆'] },
  { types: TEXTS, says: { zh: '通配：* 任意多字，? 一个字，~* 就是星号', en: 'wildcards: * any text, ? one character, ~* the star itself' }, forms: ['*急*', '赠品*', '第?批', '包含 急', 'contains urgent', '开头是 赠', 'starts with gift'] },
  { types: TEXTS, says: { zh: '不包含', en: 'does not contain' }, forms: ['!*急*', '不含 急', 'not containing urgent'] },
  { types: TEXTS, says: { zh: '正则（RE2，不会卡死）', en: 'a regular expression (RE2, cannot hang)' }, forms: ['/改(地址|颜色)/', '/urgent|asap/i', '!/测试/'] },
  { types: TEXTS, says: { zh: '原样：里面的逗号、星号、感叹号都只是字', en: 'as it stands: commas, stars and marks inside are only text' }, forms: ['"A,B"', '"空"'] },
  { types: ['flag'], says: { zh: '是或否', en: 'yes or no' }, forms: ['是', '否', '有', '无', 'yes', 'no', '☑', '☐'] },
];
