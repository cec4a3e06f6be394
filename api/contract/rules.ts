import * as z from 'zod';
import { TABLES } from './decision-tables/index.ts';
import { both, day, fen, idParams, instant, listRoute, route, type RouteSpec } from './route.ts';
import { ruleNoun } from './sheets/rules.ts';

const Cells = z.record(z.string().max(60), z.string().max(2000));
export const RuleRowInput = z.object({ id: z.string().min(1).max(40), enabled: z.boolean().default(true), cells: Cells });
export const RuleRow = z.object({ id: z.string(), place: z.number(), enabled: z.boolean(), cells: Cells, version: z.number(), revision: z.number(), changedAt: instant });
const FieldInfo = z.object({ key: z.string(), type: z.string(), zh: z.string(), en: z.string(), example: z.string(), choices: z.array(z.object({ value: z.string(), zh: z.string(), en: z.string() })).optional() });
const VersionInfo = z.object({ version: z.number(), at: instant, by: z.string(), note: z.string(), merged: z.boolean() });
export const TableAnswer = z.object({
  name: z.string(), title: both, about: both, hit: z.enum(['first', 'all']), version: z.number(), fields: z.array(FieldInfo), outcomes: z.array(FieldInfo), rows: z.array(RuleRowInput), versions: z.array(VersionInfo),
});
const tableParams = z.object({ table: z.string().max(60) });
const rows = z.array(RuleRowInput).max(2000);
const Side = z.object({ words: both.describe('what is decided'), rows: z.array(z.string()).describe('the rows that decide'), holds: z.array(z.string()) });
const Waiting = z.object({ orders: z.number(), changed: z.number(), released: z.number(), releasedFen: fen, held: z.number(), heldFen: fen }).describe('orders that wait now: what publishing for them too would change');
export const DryRunAnswer = z.object({
  version: z.number().describe('the live version that the draft is compared with'), orders: z.number(), passed: z.number(), passedShare: z.number().describe('rate per 10,000'), livePassed: z.number(), changed: z.number(), changedPaidFen: fen,
  released: z.number(), releasedFen: fen.describe('paid for orders that would pass and do not now'), held: z.number(), heldFen: fen.describe('paid for orders that would be held and are not now'), freightFen: fen.describe('freight by the draft less freight by the live table; 0 where the table sets no freight'),
  waiting: Waiting, changes: z.array(z.object({ orderId: z.string(), platformOrderId: z.string(), paidFen: fen, before: z.array(z.string()), after: z.array(z.string()), rowBefore: z.string(), rowAfter: z.string(), was: Side, is: Side })),
});
const Done = z.object({ version: z.number(), reviewedAgain: z.number(), merged: z.boolean(), changedRows: z.number() });
const Proposal = z.object({
  cells: Cells, words: both, learned: z.number().describe('hand decisions that it was learned from'), coverage: z.number().describe('held-back decisions that it covers'), mistakes: z.number().describe('of these, decided otherwise by hand'), agreement: z.number().describe('rate per 10,000 on the weeks held back'), paidFen: fen,
});
export const ApprovalRow = z.object({
  id: z.string(), command: z.string(), words: both, state: z.enum(['waiting', 'done', 'refused', 'failed']), askedBy: z.string(), role: z.string(), needs: z.string(), amountFen: fen, quantity: z.number(), version: z.number(), row: z.string(),
  askedAt: instant, decidedBy: z.string(), decidedAt: instant.optional(), note: z.string(), revision: z.number(), changedAt: instant,
});
export const ruleRoutes = {
  listTables: route({ name: 'listTables', method: 'GET', path: '/api/v1/rules', summary: { zh: '规则表', en: 'Decision tables' }, right: 'rules:read', response: z.object({ tables: z.array(z.object({ name: z.string(), title: both, about: both, version: z.number(), rows: z.number() })) }) }),
  getTable: route({ name: 'getTable', method: 'GET', path: '/api/v1/rules/:table', summary: { zh: '一张规则表', en: 'One decision table' }, right: 'rules:read', params: tableParams, query: z.object({ version: z.coerce.number().int().min(0).optional() }), response: TableAnswer, problems: ['not_found'] }),
  dryRunTable: route({
    name: 'dryRunTable', method: 'POST', path: '/api/v1/rules/:table/dry-run', summary: { zh: '拿过去的订单试算草稿', en: 'Try a draft on past orders' }, right: 'rules:read', params: tableParams,
    body: z.object({ rows, from: day, to: day, runId: z.string().max(60).optional().describe('names this run, so that its progress can be asked for') }), response: DryRunAnswer, problems: ['not_found', 'batch_refused'],
  }),
  dryRunProgress: route({ name: 'dryRunProgress', method: 'GET', path: '/api/v1/rules/:table/dry-run/:runId', summary: { zh: '试算到哪了', en: 'How far a dry run is' }, right: 'rules:read', params: z.object({ table: z.string().max(60), runId: z.string().max(60) }), response: z.object({ done: z.number(), total: z.number() }) }),
  readDraft: route({ name: 'readDraft', method: 'GET', path: '/api/v1/rules/:table/draft', summary: { zh: '我的草稿', en: 'My draft of a table' }, right: 'rules:read', params: tableParams, response: z.object({ base: z.number(), rows: z.array(RuleRowInput), at: instant }), problems: ['not_found'] }),
  saveDraft: route({ name: 'saveDraft', method: 'PUT', path: '/api/v1/rules/:table/draft', summary: { zh: '保存草稿：不影响任何订单', en: 'Save a draft: no order is touched' }, right: 'rules:write', params: tableParams, body: z.object({ rows, base: z.number().int().min(0) }), response: z.object({ base: z.number(), problems: z.array(z.object({ row: z.number(), id: z.string(), column: z.string(), zh: z.string(), en: z.string() })) }), problems: ['not_found'] }),
  publishTable: route({
    name: 'publishTable', method: 'POST', path: '/api/v1/rules/:table/publish', summary: { zh: '发布为新版本', en: 'Publish as a new version' }, right: 'rules:write', params: tableParams,
    body: z.object({ rows, base: z.number().int(), note: z.string().max(200).default(''), waitingToo: z.boolean().default(false) }), response: Done, problems: ['not_found', 'batch_refused', 'revision_conflict', 'needs_approval'],
  }),
  rollBackTable: route({
    name: 'rollBackTable', method: 'POST', path: '/api/v1/rules/:table/rollback', summary: { zh: '回到旧版本', en: 'Roll back to an earlier version' }, right: 'rules:write', params: tableParams,
    body: z.object({ version: z.number().int().min(0), waitingToo: z.boolean().default(true) }), response: Done, problems: ['not_found', 'needs_approval'],
  }),
  findRules: route({ name: 'findRules', method: 'POST', path: '/api/v1/rules/order-review/find', summary: { zh: '从人工判定里找规则', en: 'Find rules in what people decided' }, right: 'rules:read', body: z.object({ weeks: z.number().int().min(2).max(26).default(8) }), response: z.object({ decisions: z.number(), heldBack: z.number(), proposals: z.array(Proposal) }) }),
  listApprovals: listRoute('approvals', ApprovalRow, 'orders:read', { zh: '审批箱', en: 'Approvals' }, { state: z.enum(['waiting', 'done', 'refused', 'failed']).optional() }),
  approve: route({ name: 'approve', method: 'POST', path: '/api/v1/approvals/:id/approve', summary: { zh: '同意：按当时的请求重新检查并执行', en: 'Say yes: the command is checked again and runs' }, right: 'signed-in', params: idParams, response: ApprovalRow, problems: ['not_found', 'command_refused', 'no_right'] }),
  refuseApproval: route({ name: 'refuseApproval', method: 'POST', path: '/api/v1/approvals/:id/refuse', summary: { zh: '不同意', en: 'Say no' }, right: 'signed-in', params: idParams, body: z.object({ note: z.string().max(200).default('') }), response: ApprovalRow, problems: ['not_found', 'command_refused', 'no_right'] }),
};
/** One list a table, for its sheet: `review-rules`, `courier-rules` … */
export const ruleListRoutes: readonly RouteSpec[] = TABLES.map((t) => listRoute(ruleNoun(t.name), RuleRow, 'rules:read', { zh: `${t.title.zh}的行`, en: `Rows of ${t.title.en}` }) as unknown as RouteSpec);
