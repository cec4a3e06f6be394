/** Explains a figure: its row's value, what it is made of, and where nobody made it of anything, who typed it or who said so. */
import { may, type Session } from '../access/roles.ts';
import { personNames } from '../access/users.ts';
import { problem } from '../contract/problems.ts';
import type { Right } from '../contract/route.ts';
import { allRoutes } from '../contract/routes.ts';
import { SHEETS } from '../contract/sheets/index.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { fieldOf, figureColumn, whyRoutes, type Explained, type Explanation, type Explainer, type Explains, type FigureRef, type FigureRow } from '../contract/why.ts';
import { financeWhy } from '../finance/index.ts';
import { bind, type Bound } from '../http/bind.ts';
import { ordersWhy } from '../orders/index.ts';
import { purchasingWhy } from '../purchasing/index.ts';
import { rulesWhy } from '../rules/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { stockWhy } from '../stock/index.ts';
import { Audit } from '../store/audit.ts';

/** Figures of no list are read by whoever may read the list that they are of. */
const RIGHTS: Readonly<Record<string, Right>> = { sales: 'orders:read' };
const rightOf = (noun: string): Right | undefined => RIGHTS[noun] ?? (allRoutes.find((r) => r.kind === 'list' && r.path === `/api/v1/${noun}`)?.right as Right | undefined);

/** The field's own explainer, or one for the fields under it (`lines.*`), or one for all that is left. */
const explainerOf = (fields: Readonly<Record<string, Explainer>>, field: string): Explainer | undefined => fields[field] ?? fields[`${field.split('.')[0]}.*`] ?? fields['*'];

/** Nothing is below it: who changed it last, from what, and when; or that it came so. */
async function typed(noun: string, row: FigureRow, field: string): Promise<Explained> {
  const column = SHEETS.find((s) => s.noun === noun)?.columns.find((c) => c.field === field)?.key ?? field;
  const [changes, nameOf] = [await Audit.find({ noun, rowId: row.id }).sort({ at: -1 }).limit(50).lean(), await personNames()];
  const has = (of: unknown): boolean => typeof of === 'object' && of !== null && (column in of || field in of);
  const own = changes.filter((c) => has(c.after));
  const last = own[0];
  if (!last) return { sentence: { zh: '没有公式：导入或建立时就是这样，之后没有人改过。', en: 'No formula: it came so, and nobody has changed it since.' }, how: 'leaf', parts: [] };
  const shown = (of: unknown): string => { const v = (of as Record<string, unknown> | null)?.[column] ?? (of as Record<string, unknown> | null)?.[field]; return v === undefined || v === null ? '—' : String(v); };
  const at = last.at.toISOString().slice(0, 16).replace('T', ' ');
  return { sentence: { zh: `没有公式：${nameOf(last.userId)} 于 ${at}（UTC）改成这样。`, en: `No formula: ${nameOf(last.userId)} set it at ${at} UTC.` }, how: 'leaf', parts: [], source: own.slice(0, 10).map((c) => ({ label: { zh: `${c.at.toISOString().slice(0, 10)} ${nameOf(c.userId)}`, en: `${c.at.toISOString().slice(0, 10)} ${nameOf(c.userId)}` }, value: has(c.before) ? `${shown(c.before)} → ${shown(c.after)}` : shown(c.after) })) };
}

const shownValue = (value: unknown): Explanation['value'] => (typeof value === 'number' || typeof value === 'string' ? value : value === null || value === undefined ? null : typeof value === 'object' && 'zh' in value ? String((value as { zh: string }).zh) : String(value));

/** A row of a list that no pillar explains: looked for in the list itself, a page at a time. */
async function listed(lists: readonly Bound[], noun: string, id: string, user: Session): Promise<FigureRow | undefined> {
  const list = lists.find((b) => b.spec.kind === 'list' && b.spec.path === `/api/v1/${noun}`);
  for (let since: string | undefined; list;) {
    const page = await list.handler({ params: {}, query: { limit: 5000, ...(since ? { since } : {}) }, body: {}, user, requestId: '', lang: 'zh', files: [], raw: { method: 'GET', path: '', query: {}, headers: {}, body: '' } } as never);
    if (!page.ok) return undefined;
    const { rows, cursor, more } = page.value as unknown as { rows: FigureRow[]; cursor: string; more: boolean };
    const row = rows.find((r) => r.id === id);
    if (row || !more) return row;
    since = cursor;
  }
  return undefined;
}

export function explain(rt: Runtime, lists: readonly Bound[]) {
  // The higher pillar knows more of a noun that a lower one keeps.
  const all: readonly Explains[] = [financeWhy, purchasingWhy, ordersWhy(rt), stockWhy, rulesWhy];
  return async ({ noun, id, field }: FigureRef, user: Session): Promise<Explanation | undefined> => {
    const rows = all.find((e) => e[noun]?.rows)?.[noun]?.rows;
    const row = rows ? (await rows([id]))[0] : await listed(lists, noun, id, user);
    if (!row) return undefined;
    let found: Explained | undefined;
    for (const e of all) found ??= await explainerOf(e[noun]?.fields ?? {}, field)?.(row, field);
    found ??= await typed(noun, row, field);
    const { title, kind } = figureColumn(noun, field);
    const value = fieldOf(row, field);
    return { noun, id, field, title, kind, value: shownValue(value), partsCount: found.parts.length, restValue: 0, source: [], ...found };
  };
}

/** `lists`: what else is served, where rows of every noun are found. */
export const whyBound = (rt: Runtime, lists: readonly Bound[]): Bound[] => {
  const ask = explain(rt, lists);
  return [
    bind(whyRoutes.whyFigure, async ({ query, user }) => {
      const right = rightOf(query.noun);
      if (!right) return refuse(problem('not_found', { noun: query.noun, id: query.id }));
      if (!may(user, right)) return refuse(problem('no_right', { right }));
      const answer = await ask(query, user);
      return answer ? ok(answer) : refuse(problem('not_found', { noun: query.noun, id: query.id }));
    }),
  ];
};
