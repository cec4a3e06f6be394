/**
 * Lists with own fields: each row has `own` with what its reader may see, `?own.<key>=` filters in the language of rules' cells,
 * and the files have the columns. Rows that do not fit are left out page by page, so a page of a filtered list may be short of its limit.
 */
import { isOwnNoun, ownColumn, OWN_KINDS, sees, type OwnField } from '../contract/own-fields.ts';
import { ownReader, type OwnValue } from '../contract/own-row.ts';
import type { Field } from '../contract/decision-tables/index.ts';
import { problem, type Problem } from '../contract/problems.ts';
import { ok, refuse, type Result } from '../contract/values/result.ts';
import type { Session } from '../access/roles.ts';
import { ownFields, ruleValue, typedValues } from '../fields/index.ts';
import type { Bound, Call } from '../http/bind.ts';
import { compileTable, dayNumber } from '../rules/index.ts';

type Row = Record<string, unknown> & { id: string };
type Page = { rows: Row[]; cursor: string; more: boolean };
type Fits = (own: Readonly<Record<string, OwnValue>>) => boolean;
const PREFIX = 'own.';
/** Pages of the list that one call looks through for rows that fit. */
const MOST_PAGES = 40;

export const withOwnLists = (bound: readonly Bound[]): Bound[] => bound.map((one) => {
  const noun = one.spec.kind === 'list' ? (one.spec.path.split('/').at(-1) ?? '') : '';
  if (!isOwnNoun(noun)) return one;
  return {
    ...one,
    ownColumns: async (user) => (await ownFields()).filter((f) => f.noun === noun && sees(f, user)).map(ownColumn),
    handler: async (call) => {
      const fields = (await ownFields()).filter((f) => f.noun === noun);
      const asked = Object.entries(call.raw.query).filter(([name]) => name.startsWith(PREFIX));
      if (fields.length === 0 && asked.length === 0) return one.handler(call);
      const fits = filterOf(asked, fields.filter((f) => sees(f, call.user)));
      if (!fits.ok) return fits;
      return pages(one, call as never, noun, fields, asked.length > 0 ? fits.value : undefined);
    },
  };
});

async function pages(one: Bound, call: Call<Bound['spec']>, noun: Parameters<typeof typedValues>[0], fields: readonly OwnField[], fits: Fits | undefined): Promise<Result<never, Problem>> {
  const query = call.query as { since?: string; limit: number };
  const rows: Row[] = [];
  let { since } = query;
  for (let page = 1; ; page += 1) {
    const got = await one.handler({ ...call, query: { ...query, limit: query.limit - rows.length, ...(since === undefined ? {} : { since }) } } as never);
    if (!got.ok) return got as Result<never, Problem>;
    const part = got.value as unknown as Page;
    rows.push(...(await decorated(part.rows, noun, fields, call.user, fits)));
    if (fits === undefined || !part.more || rows.length >= query.limit || page >= MOST_PAGES) return ok({ ...part, rows } as never);
    since = part.cursor;
  }
}
async function decorated(rows: readonly Row[], noun: Parameters<typeof typedValues>[0], fields: readonly OwnField[], user: Session, fits: Fits | undefined): Promise<Row[]> {
  const typed = await typedValues(noun, rows.map((r) => r.id));
  const read = ownReader(noun, fields);
  const seen = fields.filter((f) => sees(f, user));
  return rows.flatMap((row) => {
    // A row that has gone is told as gone, whatever its fields were.
    if (row['gone'] === true) return [row];
    const all = read(row, typed.get(row.id) ?? {});
    return fits && !fits(all) ? [] : [{ ...row, own: Object.fromEntries(seen.map((f) => [f.key, all[f.key] ?? null])) }];
  });
}

const FIELD_TYPES = { text: 'text', number: 'number', money: 'money', day: 'day', tick: 'flag', choice: 'choice' } as const;
/** One row of a rule: all conditions together. */
function filterOf(asked: readonly (readonly [string, string])[], fields: readonly OwnField[]): Result<Fits, Problem> {
  const wrong = asked.map(([name]) => name).filter((name) => !fields.some((f) => `${PREFIX}${f.key}` === name));
  if (wrong.length > 0) return refuse(problem('invalid_request', { count: wrong.length }, wrong.map((column) => ({ column, code: 'unknown_field', message: { zh: `没有自有字段 ${column}。`, en: `There is no own field ${column}.` } }))));
  const columns = fields.map((f): Field => ({ key: f.key, type: FIELD_TYPES[OWN_KINDS[f.type] as keyof typeof FIELD_TYPES], zh: f.title.zh, en: f.title.en, example: { zh: '', en: '', yes: '', no: '' }, ...(f.type === 'choice' ? { choices: f.choices.map((c) => ({ value: c, zh: c, en: c })) } : {}) }));
  const table = compileTable({ name: 'own', title: { zh: '筛选', en: 'Filter' }, about: { zh: '', en: '' }, hit: 'first', fields: columns, outcomes: [{ key: 'fits', type: 'text', zh: '符合', en: 'Fits', example: 'yes' }] },
    [{ id: 'filter', enabled: true, cells: { fits: 'yes', ...Object.fromEntries(asked.map(([name, cell]) => [name.slice(PREFIX.length), cell])) } }]);
  if (!table.ok) return refuse(problem('invalid_request', { count: table.refusal.length }, table.refusal.map((p) => ({ column: `${PREFIX}${p.column}`, code: p.code, message: { zh: p.zh, en: p.en } }))));
  return ok((own) => table.value.match(Object.fromEntries(fields.map((f) => [f.key, ruleValue(f, own[f.key] ?? null, dayNumber)]))) >= 0);
}
