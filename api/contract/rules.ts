import { z } from 'zod';
import { both, day, instant, listRoute, route } from './route.ts';

const Cells = z.record(z.string().max(60), z.string().max(2000));
export const RuleRowInput = z.object({ id: z.string().min(1).max(40), enabled: z.boolean().default(true), cells: Cells });
export const RuleRow = z.object({ id: z.string(), place: z.number(), enabled: z.boolean(), cells: Cells, version: z.number(), revision: z.number(), changedAt: instant });
const FieldInfo = z.object({ key: z.string(), type: z.string(), zh: z.string(), en: z.string() });
export const TableAnswer = z.object({
  name: z.string(), title: both, hit: z.enum(['first', 'all']), version: z.number(), fields: z.array(FieldInfo), outcomes: z.array(FieldInfo), rows: z.array(RuleRowInput),
  versions: z.array(z.object({ version: z.number(), at: instant, by: z.string(), note: z.string() })),
});
const tableParams = z.object({ table: z.string().max(60) });
export const DryRunAnswer = z.object({
  version: z.number(), orders: z.number(), passed: z.number(), passedShare: z.number().describe('rate per 10,000'), livePassed: z.number(), changed: z.number(), changedPaidFen: z.number(),
  changes: z.array(z.object({ orderId: z.string(), platformOrderId: z.string(), paidFen: z.number(), before: z.array(z.string()), after: z.array(z.string()), rowBefore: z.string(), rowAfter: z.string() })),
});
export const ruleRoutes = {
  listReviewRules: listRoute('review-rules', RuleRow, 'rules:read', { zh: '审单规则的行', en: 'Rows of the order review table' }),
  listTables: route({ name: 'listTables', method: 'GET', path: '/api/v1/rules', summary: { zh: '规则表', en: 'Decision tables' }, right: 'rules:read', response: z.object({ tables: z.array(z.object({ name: z.string(), title: both, version: z.number(), rows: z.number() })) }) }),
  getTable: route({ name: 'getTable', method: 'GET', path: '/api/v1/rules/:table', summary: { zh: '一张规则表', en: 'One decision table' }, right: 'rules:read', params: tableParams, response: TableAnswer, problems: ['not_found'] }),
  dryRunTable: route({
    name: 'dryRunTable', method: 'POST', path: '/api/v1/rules/:table/dry-run', summary: { zh: '拿过去的订单试算草稿', en: 'Try a draft on past orders' }, right: 'rules:read', params: tableParams,
    body: z.object({ rows: z.array(RuleRowInput).max(2000), from: day, to: day }), response: DryRunAnswer, problems: ['not_found', 'batch_refused'],
  }),
  publishTable: route({
    name: 'publishTable', method: 'POST', path: '/api/v1/rules/:table/publish', summary: { zh: '发布为新版本', en: 'Publish as a new version' }, right: 'rules:write', params: tableParams,
    body: z.object({ rows: z.array(RuleRowInput).max(2000), base: z.number().int(), note: z.string().max(200).default(''), waitingToo: z.boolean().default(false) }), response: z.object({ version: z.number(), reviewedAgain: z.number() }),
    problems: ['not_found', 'batch_refused', 'revision_conflict'],
  }),
  rollBackTable: route({
    name: 'rollBackTable', method: 'POST', path: '/api/v1/rules/:table/rollback', summary: { zh: '回到旧版本', en: 'Roll back to an earlier version' }, right: 'rules:write', params: tableParams,
    body: z.object({ version: z.number().int().min(1) }), response: z.object({ version: z.number(), reviewedAgain: z.number() }), problems: ['not_found'],
  }),
};
