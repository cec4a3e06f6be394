/** Calls of Douyin's shop platform (抖店): how they are signed and read, and what its errors ask of us (protocol facts: README of this folder). */
import { ChannelFault, type ChannelContext, type ChannelRefusal, type Credentials } from '../channel.ts';
import { makeCaller, renewalFault, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { canonicalJson, sign, type Param } from './sign.ts';

const GATEWAY = 'https://openapi-fxg.jinritemai.com';
/** Frequencies are shown to each app in its console, and published nowhere (unknown): what is refused is waited for. */
const limits = makeLimits({ perSecond: 50, burst: 20 });

export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly call: (path: string, business: { readonly [key: string]: Param | undefined }) => Promise<Answer>; readonly refresh: () => Promise<Credentials> };

export function makeClient(context: ChannelContext): Client {
  const caller = makeCaller(context, { channel: 'douyin', limits, renew: (old, at) => renewed(context, old, at) });
  return {
    refresh: caller.refresh,
    call: (path, business) => caller.call({ method: path, read, send: (credentials, at) => send(context, credentials, path, business, at, credentials.accessToken) }),
  };
}

/** `/order/searchList` is `order.searchList` in the signature. The business object is the body; everything else stands in the query. */
function send(context: ChannelContext, { appKey, appSecret }: Credentials, path: string, business: { readonly [key: string]: Param | undefined }, at: Date, token?: string): Promise<Reply> {
  const [method, paramJson, timestamp] = [path.slice(1).replaceAll('/', '.'), canonicalJson(business), String(Math.floor(at.getTime() / 1000))];
  const query = new URLSearchParams({ app_key: appKey, method, ...(token === undefined ? {} : { access_token: token }), timestamp, v: '2', sign_method: 'hmac-sha256', sign: sign({ appKey, appSecret, method, paramJson, timestamp }) });
  return exchange({ url: `${context.gateway || GATEWAY}${path}?${query.toString()}`, body: paramJson, headers: { 'content-type': 'application/json;charset=utf-8', 'x-open-no-old-err-code': '1' }, signal: context.signal, relay: context.relay });
}

function readBody(reply: Reply): Answer | undefined {
  try {
    const body = parsePlatformJson(reply.text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Answer) : undefined;
  } catch {
    return undefined;
  }
}
function read(reply: Reply): Read<Answer> {
  const body = readBody(reply);
  if (!body) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  if (String(body['code']) === '10000') return { value: (body['data'] ?? {}) as Answer };
  const sub = String(body['sub_code'] ?? '');
  return { refusal: refusalOf(String(body['code'] ?? ''), sub, [body['code'], body['msg'], sub, body['sub_msg']].filter(Boolean).join(' ').slice(0, 300)), clock: sub.startsWith('isv.timestamp') };
}

const PERSON = /^isv\.(signature-invalid|timestamp|app-id-invalid|app-permissions)|^dop\.(authorization|app-forbidden)/;
/** What an error asks of us (two error tables, one page of the platform's, read 2026-11). */
export function refusalOf(code: string, sub: string, words: string): ChannelRefusal {
  const platformCode = sub || code;
  if (code === '60000' || sub === 'isv.traffic-limited') return { code: 'rate_limited', platformCode, words, retryAfterMs: 1_000 };
  if (code === '20000' || code === '20001') return { code: 'retry', platformCode, words };
  if (/^isv\.access-token-(expired|no-existed|invalid)/.test(sub)) return { code: 'refresh_token', platformCode, words };
  // The seller has taken the authorisation back, or the app may not do this.
  if (code === '30001' && sub.startsWith('dop.authorization')) return { code: 'pause_shop', platformCode, words };
  if (['30001', '30002', '70000', '80000'].includes(code) || PERSON.test(sub)) return { code: 'ask_person', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}

type Grant = { readonly path: string; readonly param: { readonly [key: string]: Param } };
/** An app of the seller's own needs no code: its shop's number is enough. */
const ownGrant = (shopId: string): Grant => ({ path: '/token/create', param: { code: '', grant_type: 'authorization_self', shop_id: shopId } });

/** A renewal that the platform did and whose answer was lost leaves a refresh token worth nothing; the shop's number still is. */
async function renewed(context: ChannelContext, old: Credentials, at: Date): Promise<Credentials> {
  const own = old.platformShopId ? ownGrant(old.platformShopId) : undefined;
  if (!old.refreshToken) {
    if (!own) throw renewalFault('pause_shop', 'token-expired', 'no refresh token, and no shop number for an app of the seller’s own');
    return askToken(context, old, own, at);
  }
  try {
    return await askToken(context, old, { path: '/token/refresh', param: { grant_type: 'refresh_token', refresh_token: old.refreshToken } }, at);
  } catch (error) {
    if (!own || !(error instanceof ChannelFault) || error.refusal.code !== 'pause_shop') throw error;
    // Another's app is refused here as well: what is told then is why its own renewal was.
    return askToken(context, old, own, at).catch((second: unknown) => { throw second instanceof ChannelFault && second.refusal.code === 'pause_shop' ? error : second; });
  }
}
export const codeGrant = (code: string): Grant => ({ path: '/token/create', param: { code, grant_type: 'authorization_code' } });

/** Signed like any call, without a token. Lifetimes are taken from the answer. */
export async function askToken(context: ChannelContext, old: Credentials, grant: Grant, at: Date): Promise<Credentials> {
  const reply = await send(context, old, grant.path, grant.param, at).catch((error: unknown) => {
    throw renewalFault('retry', 'connection', error instanceof Error ? error.message : String(error));
  });
  const answer = read(reply);
  if ('refusal' in answer) throw renewalFault(answer.refusal.code === 'retry' || answer.refusal.code === 'rate_limited' ? 'retry' : 'pause_shop', answer.refusal.platformCode, answer.refusal.words);
  const { expiresAt: _ended, ...rest } = old;
  const [seconds, shopId] = [Number(answer.value['expires_in'] ?? 0), String(answer.value['shop_id'] ?? '')];
  return {
    ...rest, accessToken: String(answer.value['access_token'] ?? ''), refreshToken: String(answer.value['refresh_token'] ?? '') || old.refreshToken, ...(seconds > 0 ? { expiresAt: new Date(at.getTime() + seconds * 1000) } : {}),
    ...(shopId ? { platformShopId: shopId } : {}),
  };
}
