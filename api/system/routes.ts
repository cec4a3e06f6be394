import type { z } from 'zod';
import type { SheetCommands } from '../sheets/commands.ts';
import { problem } from '../contract/problems.ts';
import { Channel, CHANNEL_NAMES, ChannelInfo, systemRoutes } from '../contract/system.ts';
import { ok, refuse } from '../contract/values/result.ts';
import { RIGHTS, type Session } from '../access/roles.ts';
import { listUsers, sessionOf } from '../access/users.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { sheetChoices } from '../sheets/choices.ts';
import { publishSheet } from '../sheets/publish.ts';
import { connectShop, Notices, resumeShop, Shops, type ShopDoc } from '../shops/index.ts';
import type { NoticeDoc } from '../shops/store/shops.ts';
import { storeReached } from '../store/connection.ts';
import { feed } from '../store/feed.ts';
import { shopLifeBound } from './shop-routes.ts';
import { shopRow } from './shop-row.ts';
import { readWorkbook, saveWorkbook } from './workbooks.ts';

/** What the process lends to these routes: the schedule and the sandbox company, which live above the service. */
export type SystemParts = {
  readonly sheetCommands: readonly SheetCommands[];
  readonly jobs: {
    readonly list: () => Promise<{ name: string; every: string; title: { zh: string; en: string }; lagMs: number; running: boolean; lastRun?: JobRunAnswer }[]>;
    readonly runNow: (name: string) => Promise<{ kind: 'done'; run: JobRunAnswer } | { kind: 'busy' } | { kind: 'unknown' }>;
    readonly running: () => boolean;
  };
  readonly demo: { readonly state: () => DemoAnswer; readonly load: () => DemoAnswer };
};
export type JobRunAnswer = { id: string; job: string; startedAt: string; finishedAt?: string; outcome: 'running' | 'done' | 'failed'; result?: Record<string, unknown>; error?: string };
export type DemoAnswer = { state: 'none' | 'loading' | 'ready' | 'failed'; step: { zh: string; en: string }; done: number; total: number; error?: string };

const sessionAnswer = (s: Session) => ({ userId: s.userId, name: s.name, role: s.role, rights: [...s.rights] });
const noticeRow = (d: NoticeDoc) => ({
  id: d._id, kind: d.kind, subject: d.subject, words: d.words, count: d.count, at: d.at.toISOString(), ...(d.closedAt ? { closedAt: d.closedAt.toISOString() } : {}), revision: d.revision, changedAt: d.changedAt.toISOString(),
});

const key = (name: string, zh: string, en: string, needed: boolean, secret: boolean) => ({ name, zh, en, needed, secret });
const SHOP_FIELDS = [key('appKey', 'App Key', 'App key', true, false), key('appSecret', 'App Secret', 'App secret', true, true), key('accessToken', '访问令牌（可先空着，再用链接授权）', 'Access token (or authorise by a link afterwards)', false, true), key('refreshToken', '刷新令牌', 'Refresh token', false, true)];
/** Of the channels that the contract knows, those that have a connector. */
const connectable = (rt: Runtime): z.output<typeof ChannelInfo>[] => Channel.options.flatMap((channel): z.output<typeof ChannelInfo>[] => {
  const [shop, payment, courier] = [rt.channels.shop(channel), rt.channels.payment(channel), rt.channels.courier(channel)];
  if (courier) return [{ channel, kind: 'courier', name: { ...CHANNEL_NAMES[channel] }, fields: courier.accountFields.map((f) => ({ ...f })) }];
  if (payment) return [{ channel, kind: 'payment', name: { ...CHANNEL_NAMES[channel] }, fields: payment.accountFields.map((f) => ({ ...f })) }];
  return shop ? [{ channel, kind: 'shop', name: { ...CHANNEL_NAMES[channel] }, fields: [...(shop.keysAlone ? SHOP_FIELDS.slice(0, 2) : SHOP_FIELDS), ...(shop.fields ?? []).map((f) => ({ ...f }))] }] : [];
});

export const systemBound = (rt: Runtime, parts: SystemParts): Bound[] => [
  bind(systemRoutes.health, async () => ok({ status: 'ok' as const })),
  bind(systemRoutes.ready, async () => {
    if (!(await storeReached())) return refuse(problem('not_ready', { what: 'store' }));
    const schedule = parts.jobs.running();
    if (rt.config.roles.includes('jobs') && !schedule) return refuse(problem('not_ready', { what: 'schedule' }));
    return ok({ status: 'ready' as const, store: rt.config.mongodbUri ? 'mongodb' : 'embedded', schedule });
  }),
  bind(systemRoutes.createSession, async ({ body }) => {
    const session = await sessionOf(rt, body.token);
    return session ? ok(sessionAnswer(session)) : refuse(problem('not_signed_in'));
  }),
  bind(systemRoutes.getSession, async ({ user }) => ok(sessionAnswer({ ...user, rights: user.rights.size > 0 ? user.rights : new Set(RIGHTS[user.role]) }))),
  ...shopBound(rt), ...shopLifeBound(rt),
  ...jobBound(parts),
  bind(systemRoutes.publishSheet, ({ params, query, body, user }) => publishSheet(rt, parts.sheetCommands, { sheet: params.sheet, body, dryRun: query.dryRun === 'true', user })),
  bind(systemRoutes.sheetChoices, ({ params, body, user }) => sheetChoices(rt, parts.sheetCommands, { sheet: params.sheet, rows: body.rows, user })),
  bind(systemRoutes.readWorkbook, ({ user }) => readWorkbook(user.userId)),
  bind(systemRoutes.saveWorkbook, ({ user, body }) => saveWorkbook(rt, user.userId, body.snapshot)),
];

const shopBound = (rt: Runtime): Bound[] => [
  bind(systemRoutes.listShops, ({ query }) => feed(Shops, { ...query, now: rt.clock.now() }, (docs: ShopDoc[]) => docs.map(shopRow))),
  bind(systemRoutes.listChannels, async () => ok({ channels: connectable(rt) })),
  bind(systemRoutes.createShop, async ({ body }) => {
    const made = await connectShop(rt, body);
    return made.ok ? ok(shopRow(made.value)) : made;
  }),
  bind(systemRoutes.setShopStatus, async ({ params, body }) => {
    const before = await Shops.findById(params.id).lean<ShopDoc>();
    if (!before) return refuse(problem('not_found', { noun: 'shop', id: params.id }));
    const change = { $set: { status: body.status, pausedReason: null, changedAt: rt.clock.now() }, $inc: { revision: 1 } };
    const shop = body.status === 'active' ? await resumeShop(rt, before) : await Shops.findByIdAndUpdate(params.id, change, { returnDocument: 'after' }).lean<ShopDoc>();
    return shop ? ok(shopRow(shop)) : refuse(problem('not_found', { noun: 'shop', id: params.id }));
  }),
  bind(systemRoutes.listUsers, async ({ query }) => ok(await listUsers(query.since))),
  bind(systemRoutes.listNotices, ({ query }) => feed(Notices, { ...query, now: rt.clock.now() }, (docs: NoticeDoc[]) => docs.map(noticeRow))),
];

const jobBound = (parts: SystemParts): Bound[] => [
  bind(systemRoutes.listJobs, async () => ok({ jobs: await parts.jobs.list() })),
  bind(systemRoutes.runJob, async ({ params }) => {
    const answer = await parts.jobs.runNow(params.name);
    if (answer.kind === 'unknown') return refuse(problem('not_found', { noun: 'job', id: params.name }));
    return answer.kind === 'busy' ? refuse(problem('already_running', { job: params.name })) : ok(answer.run);
  }),
  bind(systemRoutes.loadDemo, async () => ok(parts.demo.load())),
  bind(systemRoutes.demoState, async () => ok(parts.demo.state())),
];
