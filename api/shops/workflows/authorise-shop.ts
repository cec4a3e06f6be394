/**
 * The seller's yes: a link to the platform, the code that comes back, tokens for it.
 * In: a shop with app key and secret. Out: the link; then the shop, active again.
 * Wrong: a platform without links; a link that is unknown, used or too old; a code that the platform refuses; another shop's yes.
 */
import { randomBytes } from 'node:crypto';
import { problem, type Problem } from '../../contract/problems.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { Credentials } from '../../channels/channel.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { channelContextFor, openCredentials, sealCredentials, shopCredentials } from '../credentials.ts';
import { resumeShop } from '../pause.ts';
import { Shops, type ShopDoc } from '../store/shops.ts';

const LINK_MS = 30 * 60_000;
export const CALLBACK_PATH = '/api/v1/shops/authorised';
const refused = (zh: string, en: string): Result<never, Problem> => refuse(problem('command_refused', { zh, en }));
const markOf = (rt: Runtime, state: string): string => rt.secrets.fingerprint(`authorise:${state}`);

export type AuthoriseLink = { readonly url: string; readonly state: string; readonly redirectUri: string; readonly until: Date };
/** A link holds for half an hour and once. The state in it is known to us by its mark only. */
export async function beginAuthorisation(rt: Runtime, shopId: string, redirectUri: string): Promise<Result<AuthoriseLink, Problem>> {
  const shop = await Shops.findById(shopId).lean<ShopDoc>();
  if (!shop) return refuse(problem('not_found', { noun: 'shop', id: shopId }));
  const channel = rt.channels.shop(shop.channel);
  if (!channel || channel.capabilities.authorise !== true) return refuse(problem('unsupported', { what: channel ? String(channel.capabilities.authorise) : shop.channel }));
  const { appKey } = shopCredentials(rt, shop.sealedCredentials);
  if (appKey === '') return refused('这家店铺没有 appKey。先填写密钥。', 'This shop has no appKey. Enter its keys first.');
  const state = randomBytes(24).toString('base64url');
  const until = new Date(rt.clock.now().getTime() + LINK_MS);
  const link = channel.authoriseUrl({ appKey, redirectUri, state });
  if (!link.ok) return refuse(problem('unsupported', { what: link.refusal.words }));
  await Shops.updateOne({ _id: shopId }, { $set: { authorising: { mark: markOf(rt, state), until, redirectUri } } });
  return ok({ url: link.value, state, redirectUri, until });
}

/** The platform sends the browser back with both; a person may also carry them over by hand. */
export async function finishAuthorisation(rt: Runtime, given: { readonly state: string; readonly code: string }): Promise<Result<ShopDoc, Problem>> {
  // Taken out first: a link that is used twice, by two tabs or by a stranger, finds nothing the second time.
  const shop = given.state === '' ? null : await Shops.findOneAndUpdate({ 'authorising.mark': markOf(rt, given.state) }, { $set: { authorising: null } }, { returnDocument: 'before' }).lean<ShopDoc>();
  if (!shop?.authorising || shop.authorising.until <= rt.clock.now()) return refused('授权链接无效、已用过或已超过 30 分钟。请重新生成链接。', 'The authorisation link is unknown, used, or older than 30 minutes. Make a new one.');
  if (given.code === '') return refused('平台没有给出授权码，可能是卖家取消了授权。', 'The platform gave no code; the seller may have said no.');
  const channel = rt.channels.shop(shop.channel);
  if (!channel) return refuse(problem('unsupported', { what: shop.channel }));
  const fresh = await channel.exchangeCode(await channelContextFor(rt, shop._id), given.code, shop.authorising.redirectUri);
  if (!fresh.ok) return refuse(problem('channel_refused', { words: fresh.refusal.words }));
  return kept(rt, shop, fresh.value);
}

async function kept(rt: Runtime, shop: ShopDoc, fresh: Credentials): Promise<Result<ShopDoc, Problem>> {
  const other = fresh.platformShopId;
  if (shop.platformShopId && other && shop.platformShopId !== other) return refused(`授权的是另一家店铺（${other}），这里连接的是 ${shop.platformShopId}。请用对应的账号授权。`, `The yes came from another shop (${other}); this one is ${shop.platformShopId}. Authorise with its own account.`);
  const after = await resumeShop(rt, shop, fresh);
  return after ? ok(after) : refuse(problem('not_found', { noun: 'shop', id: shop._id }));
}

export type EnteredKeys = Partial<Pick<Credentials, 'appKey' | 'appSecret' | 'accessToken' | 'refreshToken' | 'pushToken' | 'pushAesKey' | 'relayKey' | 'expiresAt' | 'platformShopId'>> & { readonly gateway?: string; readonly account?: Readonly<Record<string, string>> };
/** Keys entered by hand: what is given replaces what was, the rest stays. A new secret ends the token that the old one got. */
export async function enterKeys(rt: Runtime, shopId: string, entered: EnteredKeys): Promise<Result<ShopDoc, Problem>> {
  const shop = await Shops.findById(shopId).lean<ShopDoc>();
  if (!shop) return refuse(problem('not_found', { noun: 'shop', id: shopId }));
  if (shop.kind !== 'shop' && shop.source === 'api' && (entered.account || entered.relayKey !== undefined)) return enterAccount(rt, shop, entered.account ?? {}, entered.relayKey);
  if (shop.kind !== 'shop' || shop.source !== 'api') return refused('只有用密钥连接的店铺才有这些密钥。', 'Only shops that are connected by keys have these.');
  const named = new Set((rt.channels.shop(shop.channel)?.fields ?? []).map((f) => f.name));
  const strange = Object.keys(entered.account ?? {}).filter((name) => !named.has(name));
  if (strange.length > 0) return refused(`这个平台没有这些字段：${strange.join('、')}。`, `This platform has no such fields: ${strange.join(', ')}.`);
  if (entered.platformShopId && shop.platformShopId && entered.platformShopId !== shop.platformShopId) return refused(`这里连接的是 ${shop.platformShopId}，编号不能换成另一家店铺的。`, `This shop is ${shop.platformShopId}; its number cannot become another’s.`);
  const channel = rt.channels.shop(shop.channel);
  const { account: extra, gateway, ...keys } = entered;
  const { expiresAt, ...before } = shopCredentials(rt, shop.sealedCredentials);
  const given = Object.fromEntries(Object.entries(keys).filter(([, v]) => v !== undefined)) as EnteredKeys;
  const keysOnly = given.accessToken === undefined && (given.appSecret !== undefined || given.appKey !== undefined) && channel?.keysAlone;
  const fresh: Credentials = { ...before, ...(expiresAt && given.accessToken === undefined && !keysOnly ? { expiresAt } : {}), ...given, ...(keysOnly ? { accessToken: '' } : {}), ...(extra ? { extra: { ...before.extra, ...extra } } : {}) };
  if (fresh.accessToken === '' && !channel?.keysAlone) return refused('还没有 accessToken。请填写，或用授权链接。', 'There is no accessToken yet. Enter it, or use the authorisation link.');
  if (gateway !== undefined) await Shops.updateOne({ _id: shop._id }, { $set: { gateway } });
  const after = await resumeShop(rt, shop, fresh);
  return after ? ok(after) : refuse(problem('not_found', { noun: 'shop', id: shopId }));
}

/** Fields of a payment or courier account: what is named replaces what was. */
async function enterAccount(rt: Runtime, shop: ShopDoc, given: Readonly<Record<string, string>>, relayKey: string | undefined): Promise<Result<ShopDoc, Problem>> {
  const kept = openCredentials(rt, shop.sealedCredentials);
  await Shops.updateOne({ _id: shop._id }, { $set: { sealedCredentials: sealCredentials(rt, { ...kept, ...(relayKey === undefined ? {} : { relayKey }), account: { ...kept.account, ...given } }) } });
  const after = await resumeShop(rt, shop);
  return after ? ok(after) : refuse(problem('not_found', { noun: 'shop', id: shop._id }));
}
