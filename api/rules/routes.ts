import { problem } from '../contract/problems.ts';
import { ruleListRoutes, ruleRoutes } from '../contract/rules.ts';
import { ruleNoun } from '../contract/sheets/rules.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { kindNow } from '../fields/index.ts';
import { readDraft, saveDraft } from './workflows/drafts.ts';
import { kindOf, KINDS, liveRows, sheetRows, versionRows, versionsOf } from './index.ts';

const noTable = (id: string) => refuse(problem('not_found', { noun: 'table', id }));
type Column = (typeof KINDS)[number]['fields'][number] | (typeof KINDS)[number]['outcomes'][number];
const info = (f: Column) => ({ key: f.key, type: f.type, zh: f.zh, en: f.en, example: typeof f.example === 'string' ? f.example : f.example.zh, ...(f.choices ? { choices: [...f.choices] } : {}) });

/** The dry run, publish and roll back of tables look at orders, so they live with the orders; here is what rules know alone. */
export const ruleBound = (rt: Runtime): Bound[] => [
  bind(ruleRoutes.listTables, async () => ok({ tables: await Promise.all(KINDS.map(async (k) => { const live = await liveRows(k.name); return { name: k.name, title: k.title, about: k.about, version: live.version, rows: live.rows.length }; })) })),
  bind(ruleRoutes.getTable, async ({ params, query }) => {
    const kind = await kindNow(params.table);
    if (!kind) return noTable(params.table);
    const [live, versions] = await Promise.all([liveRows(kind.name), versionsOf(kind.name)]);
    const rows = query.version === undefined ? live.rows : await versionRows(kind.name, query.version);
    if (!rows) return refuse(problem('not_found', { noun: 'version', id: `${kind.name} ${query.version}` }));
    return ok({
      name: kind.name, title: kind.title, about: kind.about, hit: kind.hit, version: query.version ?? live.version, fields: kind.fields.map(info), outcomes: kind.outcomes.map(info),
      rows: rows.map((r) => ({ id: r.id, enabled: r.enabled, cells: { ...r.cells } })), versions: versions.map((v) => ({ version: v.version, at: v.at.toISOString(), by: v.by, note: v.note, merged: v.merged ?? false })),
    });
  }),
  bind(ruleRoutes.readDraft, async ({ params, user }) => {
    const draft = await readDraft(params.table, user.userId);
    return draft ? ok({ base: draft.base, rows: draft.rows.map((r) => ({ id: r.id, enabled: r.enabled, cells: { ...r.cells } })), at: draft.at.toISOString() }) : refuse(problem('not_found', { noun: 'draft', id: params.table }));
  }),
  bind(ruleRoutes.saveDraft, async ({ params, body, user }) => {
    if (!kindOf(params.table)) return noTable(params.table);
    return ok(await saveDraft(rt, { table: params.table, userId: user.userId, base: body.base, rows: body.rows }));
  }),
  ...KINDS.map((k): Bound => ({ spec: ruleListRoutes.find((r) => r.name === `list:${ruleNoun(k.name)}`)!, handler: ({ query }) => listRows(k.name, (query as { since?: string }).since) })),
];

/** The rows of a table in its sheet; all again when a version was published, none otherwise. */
async function listRows(table: string, since: string | undefined) {
  const live = await liveRows(table);
  const cursor = Buffer.from(JSON.stringify(['rules', table, live.version, live.at.getTime()])).toString('base64url');
  if (since === cursor) return ok({ rows: [], cursor, more: false });
  const changedAt = live.at.toISOString();
  return ok({ rows: sheetRows(live.rows).map((r, i) => ({ id: r.id, place: i + 1, enabled: r.enabled, cells: { ...r.cells }, version: live.version, revision: r.since ?? 0, changedAt })), cursor, more: false });
}
