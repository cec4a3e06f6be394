import { z } from 'zod';
import type { ChannelContext, ChannelNotice, Credentials, PaymentContext } from '../channels/channel.ts';
import { invariant } from '../contract/values/result.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { raiseNotice } from './notices.ts';
import { Shops } from './store/shops.ts';

const Kept = z.object({
  appKey: z.string().default(''), appSecret: z.string().default(''), accessToken: z.string().default(''), refreshToken: z.string().default(''),
  expiresAt: z.coerce.date().optional(), platformShopId: z.string().optional(), account: z.record(z.string(), z.string()).default({}),
});
export type KeptCredentials = z.output<typeof Kept>;

export const sealCredentials = (rt: Pick<Runtime, 'secrets'>, kept: Partial<KeptCredentials>): string => rt.secrets.seal(JSON.stringify(Kept.parse(kept)));
const openCredentials = (rt: Pick<Runtime, 'secrets'>, sealed: string): KeptCredentials => Kept.parse(sealed ? JSON.parse(rt.secrets.open(sealed)) : {});

const NOTICE_WORDS: Readonly<Record<ChannelNotice['kind'], { zh: string; en: string }>> = {
  unknown_status: { zh: '平台给出了不认识的状态', en: 'The platform gave a status that is not known' },
  unknown_field: { zh: '平台给出了不认识的字段', en: 'The platform gave a field that is not known' },
  totals_differ: { zh: '订单金额加不起来', en: 'The amounts of an order do not add up' },
  token_expiring: { zh: '授权快到期', en: 'The authorisation is about to end' },
  rate_limited: { zh: '平台限流', en: 'The platform limits our calls' },
  clock_skew: { zh: '本机时间与平台不一致', en: 'This clock differs from the platform’s' },
};

/** What a connector may use for one shop; fresh tokens are kept (sealed) before they are used. */
export async function channelContextFor(rt: Runtime, shopId: string): Promise<ChannelContext> {
  const shop = await Shops.findById(shopId).lean();
  invariant(shop, `shop ${shopId}`);
  const { account: _account, expiresAt, platformShopId, ...keys } = openCredentials(rt, shop.sealedCredentials);
  const credentials: Credentials = { ...keys, ...(expiresAt ? { expiresAt } : {}), ...(platformShopId ? { platformShopId } : {}) };
  return {
    credentials, gateway: shop.gateway, now: () => rt.clock.now(),
    saveCredentials: async (fresh) => void (await Shops.updateOne({ _id: shopId }, { $set: { sealedCredentials: sealCredentials(rt, fresh as Partial<KeptCredentials>), changedAt: rt.clock.now() }, $inc: { revision: 1 } })),
    notice: async (n) => {
      const words = NOTICE_WORDS[n.kind];
      await raiseNotice(rt, { kind: n.kind, subject: `${shop.name} ${n.subject}`.slice(0, 200), words: { zh: `${words.zh}：${n.words}`, en: `${words.en}: ${n.words}` } });
    },
  };
}

export async function paymentContextFor(rt: Runtime, accountId: string): Promise<PaymentContext> {
  const shop = await Shops.findById(accountId).lean();
  invariant(shop, `payment account ${accountId}`);
  return { account: openCredentials(rt, shop.sealedCredentials).account, gateway: shop.gateway, now: () => rt.clock.now() };
}
