/** Own fields as words of decision tables: those of the order itself, of its buyer, and of its goods; of the SKU and its place where stock is looked at. A command has no row, so approvals see none. */
import { tableKind, type Field, type FieldType, type TableKind } from '../contract/decision-tables/index.ts';
import type { OwnField, OwnNoun, OwnType } from '../contract/own-fields.ts';
import type { OwnValue } from '../contract/own-row.ts';
import type { Column } from '../contract/sheets/sheet.ts';
import { ownFields } from './store.ts';

const ORDERS: readonly OwnNoun[] = ['orders', 'customers', 'skus'];
const SEES: Readonly<Record<string, readonly OwnNoun[]>> = {
  'order-review': ORDERS, 'hold-release': ORDERS, tag: ORDERS, gift: ORDERS, merge: ORDERS, split: ORDERS, warehouse: ORDERS, courier: ORDERS,
  'freight-price': ORDERS, fee: ORDERS, 'after-sales': ORDERS, 'stock-alert': ['skus', 'warehouses'],
};
const STOCK = 'stock-alert';
const TYPES: Readonly<Record<OwnType, FieldType>> = { text: 'text', number: 'number', money: 'money', day: 'day', flag: 'flag', choice: 'choice' };
const EXAMPLES: Readonly<Record<OwnType, readonly [cell: string, yes: string, no: string]>> = { text: ['*急*', '急件', '普通'], number: ['>=3', '3', '2'], money: ['>=100', '100', '99.99'], day: ['>=2026-11-01', '2026-11-11', '2026-10-01'], flag: ['是', '是', '否'], choice: ['', '', ''] };
const OF: Readonly<Partial<Record<OwnNoun, { readonly zh: string; readonly en: string }>>> = { customers: { zh: '买家·', en: 'Buyer’s ' }, skus: { zh: '货品·', en: 'Goods’ ' }, warehouses: { zh: '仓库·', en: 'Warehouse’s ' } };

export const ruleKey = (f: Pick<OwnField, 'noun' | 'key'>): string => `own_${f.noun}_${f.key}`;
/** Of goods there are several in an order: words of any of them; figures would need a choice among them, and formulas their rows. Of stock there is one SKU in one place, so all of theirs. */
const seen = (table: string, f: OwnField): boolean => f.noun === 'orders' || table === STOCK || (f.formula === '' && (f.noun === 'customers' || f.type === 'text' || f.type === 'choice' || f.type === 'flag'));
function asField(table: string, f: OwnField): Field {
  const [cell, yes, no] = f.type === 'choice' ? [f.choices[0] ?? '', f.choices[0] ?? '', f.choices[1] ?? ''] : EXAMPLES[f.type];
  const list = table !== STOCK && f.noun === 'skus' && f.type !== 'flag';
  return { key: ruleKey(f), type: list ? 'list' : TYPES[f.type], zh: `${OF[f.noun]?.zh ?? ''}${f.title.zh}`, en: `${OF[f.noun]?.en ?? ''}${f.title.en}`, example: { zh: cell, en: cell, yes, no }, ...(f.type === 'choice' && !list ? { choices: f.choices.map((c) => ({ value: c, zh: c, en: c })), open: true as const } : {}), ...(f.roles.length > 0 ? { secret: true as const } : {}) };
}
const fieldsFor = (table: string, own: readonly OwnField[]): Field[] => own.filter((f) => (SEES[table] ?? []).includes(f.noun) && seen(table, f)).map((f) => asField(table, f));

/** A table with the own fields that it can look at. Retired ones stay readable, so that what was published keeps its meaning. */
export function kindWith(name: string, own: readonly OwnField[]): TableKind | undefined {
  const kind = tableKind(name);
  const more = kind ? fieldsFor(name, own) : [];
  return kind && more.length > 0 ? { ...kind, fields: [...kind.fields, ...more] } : kind;
}
export const kindNow = async (name: string): Promise<TableKind | undefined> => kindWith(name, (SEES[name] ?? []).length === 0 ? [] : await ownFields());
/** The columns that they are in a table's sheet. */
export const ruleColumns = (table: string, own: readonly OwnField[]): Column[] => fieldsFor(table, own.filter((f) => !f.retired)).map((f) => ({
  key: f.key, field: `cells.${f.key}`, kind: 'text', title: { zh: f.zh, en: f.en }, width: 18, editable: { command: 'set-rule', right: 'rules:write', maxLength: 2000 },
  formerly: own.filter((o) => ruleKey(o) === f.key).flatMap((o) => o.formerly.map((t) => ({ zh: `${OF[o.noun]?.zh ?? ''}${t.zh}`, en: `${OF[o.noun]?.en ?? ''}${t.en}` }))),
}));

/** A value as rules compare it: days as their number (asked of the caller), ticks as they are, no value as none. */
export const ruleValue = (f: OwnField, value: OwnValue, dayNumber: (day: string) => number | undefined): string | number | boolean | undefined =>
  (value === null ? undefined : f.type === 'day' ? dayNumber(String(value)) : value);
