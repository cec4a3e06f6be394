/**
 * Connects a shop, a payment account or a courier account.
 * In: channel, name, credentials, gateway. Out: the shop's row.
 * Wrong: a channel without a connector; a name that the channel has already; missing credentials.
 */
import type { z } from 'zod';
import { problem, type Problem } from '../../contract/problems.ts';
import { COURIER_CHANNELS, PAYMENT_CHANNELS, type ShopInput } from '../../contract/system.ts';
import { DAY_MS, startOfDay, type BusinessDay } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { ClientSession } from 'mongoose';
import type { Runtime } from '../../runtime/runtime.ts';
import { sealCredentials } from '../credentials.ts';
import { Shops, type ShopDoc } from '../store/shops.ts';

const FIRST_PULL_DAYS = 3;
const WAITING = { zh: '等待授权：用授权链接让卖家同意，之后自动开始拉单。', en: 'Waits for the seller’s yes by the authorisation link; pulling begins by itself then.' };
const refused = (zh: string, en: string): Result<never, Problem> => refuse(problem('command_refused', { zh, en }));

export async function connectShop(rt: Runtime, input: z.output<typeof ShopInput>): Promise<Result<ShopDoc, Problem>> {
  const kind = PAYMENT_CHANNELS.has(input.channel) ? 'payment' : COURIER_CHANNELS.has(input.channel) ? 'courier' : 'shop';
  const fields = kind === 'payment' ? rt.channels.payment(input.channel)?.accountFields : rt.channels.courier(input.channel)?.accountFields;
  const known = kind === 'shop' ? rt.channels.shop(input.channel) : fields;
  if (!known) return refused(`渠道 ${input.channel} 还没有连接器。可以先导入文件。`, `The channel ${input.channel} has no connector. Its files can be imported.`);
  // Without a token, but with a platform that can be asked for one: the shop waits for its seller's yes.
  const waits = kind === 'shop' && !input.accessToken && rt.channels.shop(input.channel)?.capabilities.authorise === true;
  const missing: string[] = kind !== 'shop' ? (fields ?? []).filter((f) => f.needed && !input.account?.[f.name]).map((f) => `account.${f.name}`) : [...(['appKey', 'appSecret', ...(waits || rt.channels.shop(input.channel)?.keysAlone ? [] : ['accessToken' as const])] as const).filter((k) => !input[k])];
  if (kind === 'shop') missing.push(...(rt.channels.shop(input.channel)?.fields ?? []).filter((f) => f.needed && !input.account?.[f.name]).map((f) => `account.${f.name}`));
  if (missing.length > 0) return refused(`还缺 ${missing.join('、')}。`, `Missing: ${missing.join(', ')}.`);
  const now = rt.clock.now();
  const doc: ShopDoc = {
    _id: rt.newId('shop'), channel: input.channel, kind, name: input.name, status: waits ? 'paused' : 'active', ...(waits ? { pausedReason: WAITING } : {}), ...(input.expiresAt ? { authorisedUntil: new Date(input.expiresAt) } : {}), gateway: input.gateway ?? '',
    platformShopId: input.platformShopId ?? '', source: 'api', pullFrom: input.pullFrom ? startOfDay(input.pullFrom as BusinessDay) : new Date(now.getTime() - FIRST_PULL_DAYS * DAY_MS),
    sealedCredentials: sealCredentials(rt, {
      appKey: input.appKey ?? '', appSecret: input.appSecret ?? '', accessToken: input.accessToken ?? '', refreshToken: input.refreshToken ?? '',
      ...(input.expiresAt ? { expiresAt: new Date(input.expiresAt) } : {}), ...(input.relayKey ? { relayKey: input.relayKey } : {}), ...(input.pushToken ? { pushToken: input.pushToken } : {}), ...(input.pushAesKey ? { pushAesKey: input.pushAesKey } : {}),
      ...(input.platformShopId ? { platformShopId: input.platformShopId } : {}), account: input.account ?? {},
    }),
    lastError: '', revision: 1, changedAt: now,
  };
  try {
    await Shops.create(doc);
  } catch (error) {
    if ((error as { code?: number }).code !== 11_000) throw error;
    return refused(`${input.channel} 已有名为“${input.name}”的店铺。换一个名字。`, `There is a ${input.channel} shop named “${input.name}” already. Choose another name.`);
  }
  rt.wake(kind === 'payment' ? 'fetch-bills' : kind === 'courier' ? 'sync-waybills' : 'sync-channels');
  return ok(doc);
}

/** The shop that a channel's files belong to: the only one there is, else one made for files. */
export async function fileShop(rt: Runtime, channel: string, session?: ClientSession): Promise<ShopDoc> {
  const found = await Shops.find({ channel }).session(session ?? null).limit(2).lean();
  if (found.length === 1) return found[0]!;
  const byFile = await Shops.findOne({ channel, source: 'file' }).session(session ?? null).lean();
  if (byFile) return byFile;
  return madeHere(rt, channel, `${channel} 文件`, session);
}

/** The shop of orders that no platform has: what is sent again, exchanged, or sold past the platforms. */
export const ownShop = async (rt: Runtime): Promise<ShopDoc> => (await Shops.findOne({ channel: 'own' }).lean()) ?? madeHere(rt, 'own', '自有订单');

/** A shop that is asked for nothing. Two who make it at once have made one: its name is unique in its channel. */
async function madeHere(rt: Runtime, channel: string, name: string, session?: ClientSession): Promise<ShopDoc> {
  const now = rt.clock.now();
  const doc: ShopDoc = {
    _id: rt.newId('shop'), channel, kind: PAYMENT_CHANNELS.has(channel) ? 'payment' : 'shop', name, status: 'active', gateway: '', platformShopId: '', source: 'file',
    sealedCredentials: '', pullFrom: now, lastError: '', revision: 1, changedAt: now,
  };
  try {
    await Shops.create([doc], session ? { session } : {});
    return doc;
  } catch (error) {
    const there = (error as { code?: number }).code === 11_000 && !session ? await Shops.findOne({ channel, name }).lean() : undefined;
    if (!there) throw error;
    return there;
  }
}
