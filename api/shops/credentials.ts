import * as z from 'zod';
import { ChannelFault, type ChannelContext, type ChannelNotice, type CourierContext, type Credentials, type PaymentContext } from '../channels/channel.ts';
import { pause } from '../channels/transport/throttle.ts';
import { invariant } from '../contract/values/result.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { raiseNotice } from './notices.ts';
import { Shops } from './store/shops.ts';

const Kept = z.object({
  appKey: z.string().default(''), appSecret: z.string().default(''), accessToken: z.string().default(''), refreshToken: z.string().default(''),
  expiresAt: z.coerce.date().optional(), platformShopId: z.string().optional(), pushToken: z.string().optional(), pushAesKey: z.string().optional(), relayKey: z.string().optional(), account: z.record(z.string(), z.string()).default({}),
});
export type KeptCredentials = z.output<typeof Kept>;

export const sealCredentials = (rt: Pick<Runtime, 'secrets'>, kept: Partial<KeptCredentials>): string => rt.secrets.seal(JSON.stringify(Kept.parse(kept)));
export const openCredentials = (rt: Pick<Runtime, 'secrets'>, sealed: string): KeptCredentials => Kept.parse(sealed ? JSON.parse(rt.secrets.open(sealed)) : {});

const NOTICE_WORDS: Readonly<Record<ChannelNotice['kind'], { zh: string; en: string }>> = {
  unknown_status: { zh: '平台给出了不认识的状态', en: 'The platform gave a status that is not known' },
  unknown_field: { zh: '平台给出了不认识的字段', en: 'The platform gave a field that is not known' },
  totals_differ: { zh: '订单金额加不起来', en: 'The amounts of an order do not add up' },
  token_expiring: { zh: '授权快到期', en: 'The authorisation is about to end' },
  rate_limited: { zh: '平台限流', en: 'The platform limits our calls' },
  clock_skew: { zh: '本机时间与平台不一致', en: 'This clock differs from the platform’s' },
};

/** What a shop's connector is handed: fields that were never given are absent. */
export function shopCredentials(rt: Pick<Runtime, 'secrets'>, sealed: string): Credentials {
  const { account, expiresAt, platformShopId, pushToken, pushAesKey, relayKey, ...keys } = openCredentials(rt, sealed);
  return { ...keys, ...(expiresAt ? { expiresAt } : {}), ...(platformShopId ? { platformShopId } : {}), ...(pushToken ? { pushToken } : {}), ...(pushAesKey ? { pushAesKey } : {}), ...(relayKey ? { relayKey } : {}), ...(Object.keys(account).length > 0 ? { extra: account } : {}) };
}
/** What changes in the shop's row when new credentials are kept: sealed, and their end where it can be seen. */
export const keptAs = (rt: Pick<Runtime, 'secrets'>, fresh: Credentials) => ({ sealedCredentials: sealCredentials(rt, { ...fresh, account: { ...fresh.extra } }), authorisedUntil: fresh.expiresAt ?? null });

const RENEWAL_MS = 30_000;
const TRIES = 600;
/** One renewal at a time per shop, over all processes: the lease ends by itself when its holder is killed. */
async function alone<T>(rt: Runtime, shopId: string, work: () => Promise<T>): Promise<T> {
  let until: Date | undefined;
  for (let tries = 0; !until; tries += 1) {
    if (tries >= TRIES) throw new ChannelFault({ code: 'retry', platformCode: 'renewal_busy', words: 'another process renews the token and does not end' });
    const now = rt.clock.now();
    const next = new Date(now.getTime() + RENEWAL_MS);
    const taken = await Shops.updateOne({ _id: shopId, $or: [{ renewUntil: null }, { renewUntil: { $lte: now } }] }, { $set: { renewUntil: next } });
    if (taken.modifiedCount === 1) until = next;
    else await pause(50);
  }
  try {
    return await work();
  } finally {
    await Shops.updateOne({ _id: shopId, renewUntil: until }, { $set: { renewUntil: null } });
  }
}

/** What a connector may use for one shop; fresh tokens are kept (sealed) before they are used. */
export async function channelContextFor(rt: Runtime, shopId: string): Promise<ChannelContext> {
  const shop = await Shops.findById(shopId).lean();
  invariant(shop, `shop ${shopId}`);
  const credentials = shopCredentials(rt, shop.sealedCredentials);
  return {
    credentials, ...(credentials.relayKey ? { relay: { key: credentials.relayKey, now: () => rt.clock.now() } } : {}), gateway: shop.gateway, now: () => rt.clock.now(),
    latest: async () => shopCredentials(rt, (await Shops.findById(shopId).lean())?.sealedCredentials ?? ''), alone: (work) => alone(rt, shopId, work),
    saveCredentials: async (fresh) => void (await Shops.updateOne({ _id: shopId }, { $set: { ...keptAs(rt, fresh), changedAt: rt.clock.now() }, $inc: { revision: 1 } })),
    notice: (n) => tellOf(rt, shop.name, n),
  };
}
async function tellOf(rt: Runtime, name: string, n: ChannelNotice): Promise<void> {
  const words = NOTICE_WORDS[n.kind];
  await raiseNotice(rt, { kind: n.kind, subject: `${name} ${n.subject}`.slice(0, 200), words: { zh: `${words.zh}：${n.words}`, en: `${words.en}: ${n.words}` } });
}

export async function courierContextFor(rt: Runtime, accountId: string): Promise<CourierContext> {
  const shop = await Shops.findById(accountId).lean();
  invariant(shop, `courier account ${accountId}`);
  const { account, relayKey } = openCredentials(rt, shop.sealedCredentials);
  return { account, ...(relayKey ? { relay: { key: relayKey, now: () => rt.clock.now() } } : {}), gateway: shop.gateway, now: () => rt.clock.now(), notice: (n) => tellOf(rt, shop.name, n) };
}

export async function paymentContextFor(rt: Runtime, accountId: string): Promise<PaymentContext> {
  const shop = await Shops.findById(accountId).lean();
  invariant(shop, `payment account ${accountId}`);
  return { account: openCredentials(rt, shop.sealedCredentials).account, gateway: shop.gateway, now: () => rt.clock.now() };
}
