import { ruleRoutes } from '../contract/rules.ts';
import type { BusinessDay } from '../contract/values/time.ts';
import { ok } from '../contract/values/result.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { findRules } from './workflows/find-rules.ts';
import { publishTable, rollBackTable } from './workflows/publish-rules.ts';
import { trialProgress, tryTable } from './workflows/try-rules.ts';

/** Decision tables where they meet orders: tried on past ones, applied to those that wait, found in what people decided. */
export const tableBound = (rt: Runtime): Bound[] => [
  bind(ruleRoutes.findRules, async ({ body }) => ok(await findRules(rt, body.weeks))),
  bind(ruleRoutes.dryRunTable, ({ params, body }) => tryTable(rt, { table: params.table, rows: body.rows, from: body.from as BusinessDay, to: body.to as BusinessDay, runId: body.runId })),
  // Asked for before the run itself has arrived, as on a slow line, it has not begun; that is no mistake.
  bind(ruleRoutes.dryRunProgress, async ({ params }) => ok(trialProgress(params.runId) ?? { done: 0, total: 0 })),
  bind(ruleRoutes.publishTable, ({ params, body, user }) => publishTable(rt, { ...body, table: params.table, userId: user.userId })),
  bind(ruleRoutes.rollBackTable, ({ params, body, user }) => rollBackTable(rt, { ...body, table: params.table, userId: user.userId })),
];
