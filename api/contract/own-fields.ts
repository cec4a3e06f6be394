/** Own fields: what a company adds to its nouns, without code. Made, renamed and retired by people; kept, checked and shown by the service. */
import * as z from 'zod';
import type { Both } from './route.ts';
import { both, idParams, instant, route } from './route.ts';
import type { Column, ColumnKind, Sheet } from './sheets/sheet.ts';

/** The nouns that can have some, with the sheet where they stand. */
export const OWN_NOUNS = ['orders', 'parcels', 'skus', 'positions', 'listings', 'customers', 'purchase-orders', 'suppliers', 'warehouses', 'statements'] as const;
export type OwnNoun = (typeof OWN_NOUNS)[number];
export const isOwnNoun = (noun: string): noun is OwnNoun => (OWN_NOUNS as readonly string[]).includes(noun);
/** Who may fill a field in: those who may edit its noun. */
export const OWN_RIGHTS = {
  orders: 'orders:write', parcels: 'parcels:write', skus: 'stock:write', positions: 'stock:write', listings: 'stock:write', customers: 'customers:write', 'purchase-orders': 'purchasing:write', suppliers: 'purchasing:write', warehouses: 'stock:write', statements: 'finance:write',
} as const satisfies Record<OwnNoun, string>;

export const OWN_TYPES = ['text', 'number', 'money', 'day', 'flag', 'choice'] as const;
export type OwnType = (typeof OWN_TYPES)[number];
export const OWN_TYPE_WORDS: Readonly<Record<OwnType, Both>> = {
  text: { zh: '文字', en: 'text' }, number: { zh: '数字', en: 'number' }, money: { zh: '金额', en: 'amount' }, day: { zh: '日期', en: 'date' }, flag: { zh: '是/否', en: 'yes/no' }, choice: { zh: '选项', en: 'choice' },
};
export const OWN_KINDS: Readonly<Record<OwnType, ColumnKind>> = { text: 'text', number: 'number', money: 'money', day: 'day', flag: 'tick', choice: 'choice' };
export const OWN_ROLES = ['owner', 'reviewer', 'warehouse', 'buyer', 'finance', 'service'] as const;
/** Fields of one noun: beyond that a sheet is no sheet. */
export const MOST_OWN = 60;

const title = z.string().trim().min(1).max(40).refine((t) => !/[[\]\r\n\t]/.test(t) && !/^[=+\-@]/.test(t), 'no brackets, no formula sign');
const choices = z.array(z.string().trim().min(1).max(60)).max(200);
export const OwnFieldInput = z.object({
  noun: z.enum(OWN_NOUNS), key: z.string().regex(/^[a-z][a-z0-9_]{0,29}$/).optional().describe('the name in the API; absent: the next f<n>'), zh: title, en: title.optional().describe('absent: as in Chinese'), type: z.enum(OWN_TYPES),
  choices: choices.default([]).describe('the allowed values of a choice'), formula: z.string().max(1000).default('').describe('over columns of the row: =IF([实付]>=200,"大单",""); absent: typed'), roles: z.array(z.enum(OWN_ROLES)).default([]).describe('who sees it; empty: everybody'),
});
export type OwnFieldInput = z.output<typeof OwnFieldInput>;
export const OwnFieldChange = z.object({ revision: z.number().int(), zh: title.optional(), en: title.optional(), choices: choices.optional(), formula: z.string().max(1000).optional(), roles: z.array(z.enum(OWN_ROLES)).optional(), retired: z.boolean().optional() });
export const OwnField = z.object({
  id: z.string(), noun: z.enum(OWN_NOUNS), key: z.string(), title: both, type: z.enum(OWN_TYPES), choices: z.array(z.string()), formula: z.string(), roles: z.array(z.string()), formerly: z.array(both).describe('titles that it had before'),
  retired: z.boolean(), madeBy: z.string(), madeAt: instant, revision: z.number(),
});
export type OwnField = z.output<typeof OwnField>;
/** Owners see every field that is not retired. */
export const sees = (f: Pick<OwnField, 'retired' | 'roles'>, user: { readonly role: string }): boolean => !f.retired && (f.roles.length === 0 || f.roles.includes(user.role) || user.role === 'owner');
const ColumnShape = z.object({ key: z.string(), field: z.string(), kind: z.string(), title: both, width: z.number() }).loose();
const Entry = z.object({ at: instant, by: z.string(), command: z.string(), key: z.string(), before: z.unknown(), after: z.unknown() });
export const ownFieldRoutes = {
  listOwnFields: route({ name: 'listOwnFields', method: 'GET', path: '/api/v1/own-fields', summary: { zh: '自有字段，与它们在各张表里的列', en: 'Own fields, and their columns in the sheets' }, right: 'signed-in', response: z.object({ fields: z.array(OwnField), columns: z.record(z.string(), z.array(ColumnShape)).describe('by sheet; only what the caller may see') }) }),
  makeOwnField: route({ name: 'makeOwnField', method: 'POST', path: '/api/v1/own-fields', summary: { zh: '新建自有字段', en: 'Make an own field' }, right: 'settings:write', body: OwnFieldInput, response: OwnField, problems: ['command_refused'] }),
  changeOwnField: route({ name: 'changeOwnField', method: 'PATCH', path: '/api/v1/own-fields/:id', summary: { zh: '改名、改选项、改公式、谁能看、停用与恢复', en: 'Rename, change choices, formula or who sees it; retire and bring back' }, right: 'settings:write', params: idParams, body: OwnFieldChange, response: OwnField, problems: ['not_found', 'command_refused', 'revision_conflict'] }),
  ownHistory: route({ name: 'ownHistory', method: 'GET', path: '/api/v1/own-fields/history', summary: { zh: '谁何时把什么改成了什么：一个字段，或一行的自有字段', en: 'Who changed what, when, from what to what: of a field, or of the own fields of a row' }, right: 'signed-in', query: z.object({ noun: z.string().max(40), id: z.string().max(120) }), response: z.object({ entries: z.array(Entry) }) }),
};

/** The column of an own field in its sheet. Its key in publishing is `own.<key>`; its value in a row of the API is `own.<key>` too. */
export const ownColumn = (f: OwnField): Column => ({
  key: `own.${f.key}`, field: `own.${f.key}`, kind: OWN_KINDS[f.type], title: f.title, width: Math.min(30, Math.max(10, f.title.zh.length * 2 + 4)), formerly: f.formerly,
  ...(f.type === 'choice' ? { choices: f.choices.map((c) => ({ value: c, zh: c, en: c })) } : {}),
  ...(f.formula === '' ? { editable: { command: 'set-own-field', right: OWN_RIGHTS[f.noun], maxLength: 500 } } : {}),
});
export const withColumns = (sheet: Sheet, own: readonly Column[]): Sheet => (own.length === 0 ? sheet : { ...sheet, columns: [...sheet.columns, ...own] });
