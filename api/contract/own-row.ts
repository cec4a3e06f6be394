/** What a formula of an own field reads of a row, and what it makes of it: yuan and serial days inside, fen and days outside. Pure. */
import { numberOf, parseFormula, textOf, truth, type Formula, type FormulaProblem, type FormulaValue } from './formula.ts';
import type { OwnField, OwnType } from './own-fields.ts';
import { SHEETS } from './sheets/index.ts';
import type { Column } from './sheets/sheet.ts';
import { fenFromInteger, yuanForCell } from './values/money.ts';
import { refuse, type Result } from './values/result.ts';

export type OwnValue = string | number | boolean | null;
type Row = Readonly<Record<string, unknown>>;
type Read = (row: Row, own: Readonly<Record<string, OwnValue>>) => FormulaValue;
const EPOCH = 25_569;
const DAY_MS = 86_400_000;
const HOURS_8 = 28_800_000;

const at = (row: Row, path: string): unknown => path.split('.').reduce<unknown>((o, key) => (typeof o === 'object' && o !== null ? (o as Record<string, unknown>)[key] : undefined), row);
function valueOf(column: Pick<Column, 'kind' | 'choices'>, value: unknown): FormulaValue {
  if (value === undefined || value === null || value === '') return null;
  switch (column.kind) {
    case 'money': return typeof value === 'number' && Number.isSafeInteger(value) ? yuanForCell(fenFromInteger(value)) : null;
    case 'quantity': case 'number': return Number(value);
    case 'rate': return Number(value) / 10_000;
    case 'day': return Date.parse(`${String(value).slice(0, 10)}T00:00:00Z`) / DAY_MS + EPOCH;
    case 'instant': return (Date.parse(String(value)) + HOURS_8) / DAY_MS + EPOCH;
    case 'tick': return value === true;
    case 'choice': case 'status': { const c = column.choices?.find((x) => x.value === value); return { value: String(value), words: c ? [c.zh, c.en] : [] }; }
    default: return typeof value === 'object' ? String((value as Record<string, unknown>)['zh'] ?? '') : String(value);
  }
}

/** The names that formulas of a noun may use. Own formulas read no other formula, so that none can go in a circle. */
export function namesOf(noun: string, own: readonly OwnField[]): ReadonlyMap<string, Read> {
  const names = new Map<string, Read>();
  const add = (name: string, read: Read): void => { if (!names.has(name)) names.set(name, read); };
  for (const sheet of SHEETS.filter((s) => s.noun === noun)) for (const c of sheet.columns) for (const name of [c.title.zh, c.title.en, c.key, c.field]) add(name, (row) => valueOf(c, at(row, c.field)));
  for (const f of own.filter((o) => o.noun === noun && o.formula === '')) {
    const kind = ({ text: 'text', number: 'number', money: 'money', day: 'day', flag: 'tick', choice: 'text' } as const)[f.type];
    for (const name of [f.title.zh, f.title.en, f.key, `own.${f.key}`]) add(name, (_row, values) => valueOf({ kind }, values[f.key]));
  }
  return names;
}

/** Reads a formula and looks up all of its names. */
export function readOwnFormula(noun: string, text: string, own: readonly OwnField[]): Result<Formula, FormulaProblem> {
  const read = parseFormula(text);
  if (!read.ok) return read;
  const names = namesOf(noun, own);
  const unknown = read.value.names.find((n) => !names.has(n));
  if (unknown === undefined) return read;
  const some = [...names.keys()].filter((n) => /\p{Script=Han}/u.test(n)).slice(0, 12);
  return refuse({ code: 'unknown_name', message: { zh: `没有列“${unknown}”。能用的列有 ${some.join('、')} 等；别的公式字段不能用。`, en: `There is no column “${unknown}”. Columns and typed own fields of the sheet can be used; other formula fields cannot.` } });
}

/** What a formula gives, as the type keeps it; what does not fit is no value. */
export function ownResult(type: OwnType, choices: readonly string[], value: FormulaValue): OwnValue {
  if (value === null || value === '') return null;
  const n = numberOf(value);
  switch (type) {
    case 'text': return textOf(value).slice(0, 500);
    case 'number': return n === null ? null : Number(n.toPrecision(15));
    case 'money': { const fen = n === null ? Number.NaN : Math.sign(n) * Math.round(Number((Math.abs(n) * 100).toPrecision(15))); return Number.isSafeInteger(fen) && Math.abs(fen) < 2 ** 51 ? fen : null; }
    case 'day': return n === null || n < 61 || n >= 2_958_466 ? null : new Date((Math.floor(n) - EPOCH) * DAY_MS).toISOString().slice(0, 10);
    case 'flag': return truth(value);
    default: { const text = textOf(value); return choices.includes(text) ? text : null; }
  }
}

export type OwnReader = (row: Row, typed: Readonly<Record<string, OwnValue>>) => Record<string, OwnValue>;
/** Typed values as they are kept, formulas worked out, for the fields of one noun. */
export function ownReader(noun: string, fields: readonly OwnField[]): OwnReader {
  const live = fields.filter((f) => f.noun === noun && !f.retired);
  const names = namesOf(noun, fields);
  const formulas = live.filter((f) => f.formula !== '').map((f) => ({ f, read: parseFormula(f.formula) }));
  return (row, typed) => {
    const made: Record<string, OwnValue> = {};
    for (const f of live) if (f.formula === '') made[f.key] = typed[f.key] ?? null;
    for (const { f, read } of formulas) made[f.key] = read.ok ? ownResult(f.type, f.choices, read.value.run((name) => names.get(name)?.(row, typed) ?? null)) : null;
    return made;
  };
}
