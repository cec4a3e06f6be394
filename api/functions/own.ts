/** The value of an own field in a cell: FIELD("货品","LJ-100","季节"). The same look-up as in lists; formulas read the rows that lists show. */
import { isOwnNoun, OWN_NOUNS, sees, type OwnField, type OwnNoun } from '../contract/own-fields.ts';
import { ownReader, type OwnValue } from '../contract/own-row.ts';
import type { Right } from '../contract/route.ts';
import { SHEETS } from '../contract/sheets/index.ts';
import { fenFromInteger, yuanForCell } from '../contract/values/money.ts';
import type { Explains } from '../contract/why.ts';
import { may, type Session } from '../access/roles.ts';
import { idsByKey, ownFields, typedValues } from '../fields/index.ts';
import { ordersWhy } from '../orders/index.ts';
import { purchasingWhy } from '../purchasing/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { stockWhy } from '../stock/index.ts';
import { fault, text, type Call, type Result } from './arguments.ts';

const READ: Readonly<Record<OwnNoun, Right>> = { orders: 'orders:read', parcels: 'orders:read', skus: 'stock:read', positions: 'stock:read', listings: 'stock:read', customers: 'customers:read', 'purchase-orders': 'purchasing:read', suppliers: 'purchasing:read', warehouses: 'stock:read', statements: 'finance:read' };
const nounOf = (word: string): OwnNoun | undefined => OWN_NOUNS.find((n) => n === word.toLowerCase() || SHEETS.some((s) => s.noun === n && [s.title.zh, s.title.en.toLowerCase()].includes(word.toLowerCase())));
const shown = (f: OwnField, value: OwnValue): Result => ({ value: value === null ? '' : f.type === 'money' && typeof value === 'number' ? yuanForCell(fenFromInteger(value)) : typeof value === 'boolean' ? (value ? '是' : '否') : value });

/** The rows that formulas read, where a pillar hands them out by id; elsewhere a formula has its value in lists and sheets only. */
const rowsOf = (rt: Runtime): Explains => ({ ...ordersWhy(rt), ...stockWhy, ...purchasingWhy });

export async function ownFunction(rt: Runtime, calls: readonly Call[], user: Session): Promise<Result[]> {
  const rowsBy = rowsOf(rt);
  const fields = await ownFields();
  const answers = new Array<Result>(calls.length);
  const groups = new Map<OwnNoun, number[]>();
  calls.forEach((c, i) => {
    const noun = nounOf(text(c, 0));
    if (!noun) answers[i] = fault('unknown_noun', `没有“${text(c, 0)}”：${SHEETS.filter((s) => isOwnNoun(s.noun)).map((s) => s.title.zh).join('、')}`, `there is no “${text(c, 0)}”: ${OWN_NOUNS.join(', ')}`);
    else if (!may(user, READ[noun])) answers[i] = fault('no_right', '没有权限看这个数', 'no right to see this figure');
    else groups.set(noun, [...(groups.get(noun) ?? []), i]);
  });
  for (const [noun, places] of groups) {
    const own = fields.filter((f) => f.noun === noun);
    const keys = [...new Set(places.map((i) => text(calls[i]!, 1)))];
    const ids = await idsByKey(noun, keys);
    const all = [...ids.values()];
    const [typed, rows] = await Promise.all([typedValues(noun, all), own.some((f) => f.formula !== '' && !f.retired) ? (rowsBy[noun]?.rows?.(all) ?? []) : []]);
    const byId = new Map((rows as readonly { id: string }[]).map((r) => [r.id, r as Record<string, unknown> & { id: string }]));
    const read = ownReader(noun, fields);
    const values = new Map(all.map((id) => [id, read(byId.get(id) ?? {}, typed.get(id) ?? {})]));
    for (const i of places) {
      const [key, name] = [text(calls[i]!, 1), text(calls[i]!, 2)];
      const f = own.find((x) => sees(x, user) && [x.key, x.title.zh, x.title.en].includes(name));
      const id = ids.get(key);
      answers[i] = !f ? fault('unknown_field', `没有自有字段“${name}”`, `there is no own field “${name}”`) : id === undefined ? fault('unknown_row', `没有 ${key}`, `there is no ${key}`) : f.formula !== '' && !rowsBy[noun]?.rows ? fault('in_lists_only', `“${f.title.zh}”是公式，在表里看`, `“${f.title.en}” is a formula; its value is in the sheet`) : shown(f, values.get(id)?.[f.key] ?? null);
    }
  }
  return answers;
}
