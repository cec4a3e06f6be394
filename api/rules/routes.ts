import { problem } from '../contract/problems.ts';
import { ruleRoutes } from '../contract/rules.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { kindOf, KINDS, liveRows, versionsOf } from './index.ts';

const FAR = new Date(0);

/** The dry run, publish and roll back of tables look at orders, so they live with the orders; here is what rules know alone. */
export const ruleBound = (_rt: Runtime): Bound[] => [
  bind(ruleRoutes.listTables, async () => ok({ tables: await Promise.all(KINDS.map(async (k) => { const live = await liveRows(k.name); return { name: k.name, title: k.title, version: live.version, rows: live.rows.length }; })) })),
  bind(ruleRoutes.getTable, async ({ params }) => {
    const kind = kindOf(params.table);
    if (!kind) return refuse(problem('not_found', { noun: 'table', id: params.table }));
    const [live, versions] = await Promise.all([liveRows(kind.name), versionsOf(kind.name)]);
    const info = (f: { key: string; type: string; zh: string; en: string }) => ({ key: f.key, type: f.type, zh: f.zh, en: f.en });
    return ok({
      name: kind.name, title: kind.title, hit: kind.hit, version: live.version, fields: kind.fields.map(info), outcomes: kind.outcomes.map(info),
      rows: live.rows.map((r) => ({ id: r.id, enabled: r.enabled, cells: { ...r.cells } })), versions: versions.map((v) => ({ version: v.version, at: v.at.toISOString(), by: v.by, note: v.note })),
    });
  }),
  bind(ruleRoutes.listReviewRules, async ({ query }) => {
    const live = await liveRows('order-review');
    const cursor = Buffer.from(JSON.stringify(['rules', live.version, live.at.getTime()])).toString('base64url');
    if (query.since === cursor) return ok({ rows: [], cursor, more: false });
    const changedAt = (live.at.getTime() === FAR.getTime() ? FAR : live.at).toISOString();
    return ok({ rows: live.rows.map((r, i) => ({ id: r.id, place: i + 1, enabled: r.enabled, cells: { ...r.cells }, version: live.version, revision: live.version, changedAt })), cursor, more: false });
  }),
];
