import * as z from 'zod';
import { both, day, idParams, instant, listRoute, route } from './route.ts';

export const Role = z.enum(['owner', 'reviewer', 'warehouse', 'buyer', 'finance', 'service']);
export const SessionAnswer = z.object({ userId: z.string(), name: z.string(), role: Role, rights: z.array(z.string()) });

export const Channel = z.enum(['taobao', 'jd', 'douyin', 'pinduoduo', 'wechat-shop', 'kuaishou', 'own', 'alipay', 'wechat-pay', 'sf', 'cainiao', 'kuaidi100']);
export type Channel = z.output<typeof Channel>;
/** What people call the channels. */
export const CHANNEL_NAMES: Readonly<Record<z.output<typeof Channel>, { readonly zh: string; readonly en: string }>> = {
  taobao: { zh: '淘宝 / 天猫', en: 'Taobao / Tmall' }, jd: { zh: '京东', en: 'JD' }, douyin: { zh: '抖音', en: 'Douyin' }, pinduoduo: { zh: '拼多多', en: 'Pinduoduo' }, 'wechat-shop': { zh: '微信小店', en: 'WeChat shop' }, kuaishou: { zh: '快手小店', en: 'Kuaishou' }, own: { zh: '自有订单', en: 'Own orders' }, alipay: { zh: '支付宝', en: 'Alipay' }, 'wechat-pay': { zh: '微信支付', en: 'WeChat Pay' },
  sf: { zh: '顺丰（丰桥）', en: 'SF Express' }, cainiao: { zh: '菜鸟电子面单', en: 'Cainiao e-waybill' }, kuaidi100: { zh: '快递100 物流轨迹', en: 'Kuaidi100 tracking' },
};
const ConnectField = z.object({ name: z.string(), needed: z.boolean(), secret: z.boolean(), zh: z.string(), en: z.string() });
/** A channel that can be connected, with the fields of its form. */
export const ChannelInfo = z.object({ channel: Channel, kind: z.enum(['shop', 'payment', 'courier']), name: both, fields: z.array(ConnectField) });
/** Channels that are payment accounts and not shops. */
export const PAYMENT_CHANNELS: ReadonlySet<string> = new Set(['alipay', 'wechat-pay']);
/** Channels that are courier accounts. */
export const COURIER_CHANNELS: ReadonlySet<string> = new Set(['sf', 'cainiao', 'kuaidi100']);
export const ShopChannelName = Channel.exclude(['alipay', 'wechat-pay', 'sf', 'cainiao', 'kuaidi100']);
export const ShopInput = z.object({
  channel: Channel,
  name: z.string().trim().min(1).max(60),
  appKey: z.string().max(200).optional(), appSecret: z.string().max(200).optional(),
  accessToken: z.string().max(2000).optional(), refreshToken: z.string().max(2000).optional(),
  platformShopId: z.string().max(60).optional(), expiresAt: instant.optional().describe('end of the access token'),
  relayKey: z.string().regex(/^[A-Za-z0-9_-]{43,200}$/).optional().describe('key of the relay that `gateway` names'),
  pushToken: z.string().max(64).optional().describe('token of the platform’s messages, as entered at its console'), pushAesKey: z.string().max(64).optional().describe('EncodingAESKey of the platform’s messages'),
  gateway: z.union([z.literal(''), z.url()]).optional().describe('another address than the platform’s own: a relay, a stand-in, or the platform’s other gateway (JD: https://api-cn.jd.com/rest)'),
  pullFrom: day.optional().describe('first day whose orders are pulled; default: 3 days back'),
  account: z.record(z.string().max(40), z.string().max(10_000)).optional().describe('what a channel asks for beyond the fields above, see `GET /api/v1/channels`. kuaishou: signSecret; alipay: appId, privateKey, and alipayPublicKey or appCert + alipayCert + rootCert, appAuthToken; wechat-pay: mchId, serialNo, privateKey, and publicKeyId + publicKey or apiV3Key'),
});
export const ShopRow = z.object({
  id: z.string(), channel: z.string(), name: z.string(), status: z.enum(['active', 'paused']), pausedReason: both.optional(),
  gateway: z.string(), platformShopId: z.string(), source: z.enum(['api', 'file']), pulledTo: instant.optional(), authorisedUntil: instant.optional().describe('end of the token that is kept; renewed ahead of it where the platform allows'), lastError: z.string(), pushMoment: z.enum(['print', 'check', 'weigh', 'ship']).describe('when the platform is told that a parcel has left'),
  revision: z.number(), changedAt: instant,
});
export const NoticeRow = z.object({
  id: z.string(), kind: z.string(), subject: z.string(), words: both, count: z.number(), at: instant, closedAt: instant.optional(),
  revision: z.number(), changedAt: instant,
});
export const UserRow = z.object({ id: z.string(), name: z.string(), role: z.string(), createdAt: instant, disabled: z.boolean(), revision: z.number(), changedAt: instant });
export const JobRun = z.object({
  id: z.string(), job: z.string(), startedAt: instant, finishedAt: instant.optional(), outcome: z.enum(['running', 'done', 'failed']),
  result: z.record(z.string(), z.unknown()).optional(), error: z.string().optional(),
});
export const JobRow = z.object({ name: z.string(), every: z.string(), title: both, lagMs: z.number(), lastRun: JobRun.optional(), running: z.boolean() });
export const DemoState = z.object({
  state: z.enum(['none', 'loading', 'ready', 'failed']), step: both, done: z.number(), total: z.number(), error: z.string().optional(),
});
const CellValue = z.union([z.string().max(32_767), z.number(), z.boolean(), z.null()]);
export const PublishBody = z.object({
  batchId: z.string().min(8).max(80),
  rows: z.array(z.object({ id: z.string().min(1).max(200), revision: z.number().int(), cells: z.record(z.string(), CellValue), base: z.record(z.string(), CellValue).optional().describe('what the person saw in these cells before the edit: with it only a cell that somebody else changed is a conflict') })).min(1).max(5000),
});
export const PublishAnswer = z.object({
  dryRun: z.boolean(), batchId: z.string(),
  rows: z.array(z.object({ id: z.string(), revision: z.number(), changes: z.array(z.object({ column: z.string(), before: z.unknown(), after: z.unknown() })) })),
  effects: z.array(both),
});
const Live = z.object({ status: z.literal('ok') });

export const systemRoutes = {
  health: route({ name: 'health', method: 'GET', path: '/health', summary: { zh: '存活', en: 'Live' }, right: 'public', response: Live }),
  ready: route({
    name: 'ready', method: 'GET', path: '/ready', summary: { zh: '可用：存储已连上，任务在跑', en: 'Ready: store reached, schedule running' }, right: 'public',
    response: z.object({ status: z.literal('ready'), store: z.string(), schedule: z.boolean() }), problems: ['not_ready'],
  }),
  createSession: route({
    name: 'createSession', method: 'POST', path: '/api/v1/session', summary: { zh: '用令牌登录', en: 'Sign in with a token' }, right: 'public',
    body: z.object({ token: z.string().min(10).max(300) }), response: SessionAnswer, problems: ['not_signed_in'],
  }),
  getSession: route({ name: 'getSession', method: 'GET', path: '/api/v1/session', summary: { zh: '我是谁', en: 'Who am I' }, right: 'signed-in', response: SessionAnswer }),
  listShops: listRoute('shops', ShopRow, 'settings:read', { zh: '店铺、收款账户与快递账户', en: 'Shops, payment accounts and courier accounts' }),
  listChannels: route({ name: 'listChannels', method: 'GET', path: '/api/v1/channels', summary: { zh: '能连接的平台与各自要填的字段', en: 'Channels that can be connected, with the fields of their forms' }, right: 'settings:read', response: z.object({ channels: z.array(ChannelInfo) }) }),
  createShop: route({
    name: 'createShop', method: 'POST', path: '/api/v1/shops', summary: { zh: '连接店铺、收款账户或快递账户', en: 'Connect a shop, a payment account or a courier account' },
    right: 'settings:write', body: ShopInput, response: ShopRow, problems: ['command_refused'],
  }),
  setShopStatus: route({
    name: 'setShopStatus', method: 'POST', path: '/api/v1/shops/:id/status', summary: { zh: '暂停或恢复', en: 'Pause or resume' }, right: 'settings:write',
    params: idParams, body: z.object({ status: z.enum(['active', 'paused']) }), response: ShopRow, problems: ['not_found'],
  }),
  listUsers: listRoute('users', UserRow, 'settings:read', { zh: '用户与角色', en: 'People and their roles' }),
  listNotices: listRoute('notices', NoticeRow, 'settings:read', { zh: '通知', en: 'Notices' }),
  listJobs: route({ name: 'listJobs', method: 'GET', path: '/api/v1/jobs', summary: { zh: '任务、上次运行、落后', en: 'Jobs, last runs, lag' }, right: 'settings:read', response: z.object({ jobs: z.array(JobRow) }) }),
  runJob: route({
    name: 'runJob', method: 'POST', path: '/api/v1/jobs/:name/run', summary: { zh: '立即运行并等待结果', en: 'Run now and wait for the result' }, right: 'jobs:run',
    params: z.object({ name: z.string().max(60) }), response: JobRun, problems: ['not_found', 'already_running'],
  }),
  loadDemo: route({ name: 'loadDemo', method: 'POST', path: '/api/v1/demo', summary: { zh: '载入沙箱公司', en: 'Load the sandbox company' }, right: 'settings:write', response: DemoState, problems: ['command_refused'] }),
  demoState: route({ name: 'demoState', method: 'GET', path: '/api/v1/demo', summary: { zh: '沙箱公司载入到哪一步', en: 'How far the sandbox company is loaded' }, right: 'signed-in', response: DemoState }),
  publishSheet: route({
    name: 'publishSheet', method: 'POST', path: '/api/v1/sheets/:sheet/publish', right: 'signed-in',
    summary: { zh: '发布一批修改；dryRun=true 只看效果', en: 'Publish a batch of edits; dryRun=true only shows the effect' },
    params: z.object({ sheet: z.string().max(60) }), query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
    body: PublishBody, response: PublishAnswer, problems: ['batch_refused', 'revision_conflict', 'not_found', 'no_right'],
  }),
  sheetChoices: route({
    name: 'sheetChoices', method: 'POST', path: '/api/v1/sheets/:sheet/choices', right: 'signed-in', summary: { zh: '这些行的单元格现在可以填什么', en: 'What the cells of these rows may be given now' }, params: z.object({ sheet: z.string().max(60) }),
    body: z.object({ rows: z.array(z.object({ id: z.string().max(300), cells: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}) })).min(1).max(200) }), response: z.object({ rows: z.array(z.object({ id: z.string(), columns: z.record(z.string(), z.array(z.string())) })) }), problems: ['not_found'],
  }),
  readWorkbook: route({
    name: 'readWorkbook', method: 'GET', path: '/api/v1/workbook', summary: { zh: '取回自动保存的工作簿', en: 'The autosaved workbook of this person' }, right: 'signed-in',
    response: z.object({ revision: z.number(), snapshot: z.unknown() }),
  }),
  saveWorkbook: route({
    name: 'saveWorkbook', method: 'PUT', path: '/api/v1/workbook', summary: { zh: '自动保存工作簿', en: 'Autosave the workbook of this person' }, right: 'signed-in',
    body: z.object({ revision: z.number(), snapshot: z.unknown() }), response: z.object({ revision: z.number() }), problems: ['too_large'],
  }),
};
