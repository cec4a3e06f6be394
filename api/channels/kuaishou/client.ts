/** Calls of Kuaishou's shop platform (快手小店): how they are signed and read, and what its errors ask of us (protocol facts: README of this folder). */
import { ChannelFault, type ChannelContext, type ChannelRefusal, type Credentials } from '../channel.ts';
import { makeCaller, renewalFault, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { sign } from './sign.ts';

const GATEWAY = 'https://openapi.kwaixiaodian.com';
/** The console shows each app its own; one page names 300 a second for one method. What is refused is waited for. */
const limits = makeLimits({ perSecond: 50, burst: 20 });
const SECOND = 1000;

export type Answer = Readonly<Record<string, unknown>>;
/** Business parameters; a 64-bit id is handed in as `bigint` and written digit for digit. */
export type Param = string | number | bigint | readonly Readonly<Record<string, string | bigint>>[];
export type Business = Readonly<Record<string, Param>>;
export type Client = { readonly call: (method: string, business: Business) => Promise<Answer>; readonly refresh: () => Promise<Credentials>; readonly now: () => Date };

export function makeClient(context: ChannelContext): Client {
  const caller = makeCaller(context, { channel: 'kuaishou', limits, renew: (old, at) => askToken(context, old, refreshGrant(old), at) });
  return { refresh: caller.refresh, now: caller.now, call: (method, business) => caller.call({ method, read, send: (credentials, at) => send(context, credentials, method, business, at) }) };
}
export const longId = (id: string): bigint | string => (/^\d+$/.test(id) ? BigInt(id) : id);

const paramText = (v: Param): string => (typeof v === 'bigint' ? v.toString() : typeof v === 'object' ? `[${v.map((o) => objectText(o)).join(',')}]` : JSON.stringify(v));
const objectText = (o: Readonly<Record<string, Param>>): string => `{${Object.entries(o).map(([k, v]) => `${JSON.stringify(k)}:${paramText(v)}`).join(',')}}`;

/** `open.order.detail` is `/open/order/detail`. The form stands in the body, which keeps token and receivers out of addresses. */
function send(context: ChannelContext, { appKey, accessToken, extra }: Credentials, method: string, business: Business, at: Date): Promise<Reply> {
  const params = { access_token: accessToken, appkey: appKey, method, param: objectText(business), signMethod: 'MD5', timestamp: String(at.getTime()), version: '1' };
  return exchange({ url: `${context.gateway || GATEWAY}/${method.replaceAll('.', '/')}`, form: { ...params, sign: sign(params, extra?.['signSecret'] ?? '') }, signal: context.signal, relay: context.relay });
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
  if (String(body['result']) === '1') return { value: (body['data'] ?? {}) as Answer };
  const words = [body['result'], body['error_msg'], body['msg'], body['sub_code'] ?? body['subCode'], body['sub_msg'] ?? body['subMsg']].filter((w) => typeof w === 'string' || typeof w === 'number').join(' ').slice(0, 300);
  return { refusal: refusalOf(String(body['result'] ?? ''), words), clock: /timestamp|时间戳/i.test(words) };
}

/**
 * What an error asks of us. The pages name few codes and many words, so both are read (FAQ K0004, K0006, K1004, K1008 and the page
 * on authorisation, read 2026-11). 28 for an ended token is how public clients have it (unknown).
 */
export function refusalOf(result: string, words: string): ChannelRefusal {
  const of = (code: ChannelRefusal['code']): ChannelRefusal => ({ code, platformCode: result, words });
  if (/exceed qps limit/i.test(words)) return { ...of('rate_limited'), retryAfterMs: SECOND };
  // The day's quota of the app or of the shop: a person asks for more, or the next day comes.
  if (/exceed quota limit/i.test(words)) return { ...of('rate_limited'), retryAfterMs: 600 * SECOND };
  if (result === '24' || /AUTHORIZATION_REVOKED|revokedAuthorization/.test(words)) return of('pause_shop');
  if (result === '28' || /token\s*(已)?过期|TOKEN过期|token.*expired/i.test(words)) return of('refresh_token');
  if (/验签|签名|sign|scope|鉴权失败|timestamp|时间戳/i.test(words) || result === '100200101') return of('ask_person');
  if (result === '100200500' || /系统繁忙|服务器内部|server_error|timeout|超时/i.test(words)) return of('retry');
  return of('refuse_row');
}

type Grant = { readonly path: string; readonly method: 'GET' | 'POST'; readonly params: Readonly<Record<string, string>> };
function refreshGrant(old: Credentials): Grant {
  if (!old.refreshToken) throw renewalFault('pause_shop', 'token-expired', 'no refresh token: the seller has to say yes again');
  return { path: '/oauth2/refresh_token', method: 'POST', params: { grant_type: 'refresh_token', refresh_token: old.refreshToken } };
}
export const codeGrant = (code: string): Grant => ({ path: '/oauth2/access_token', method: 'GET', params: { grant_type: 'code', code } });

/** Not signed: the app proves itself by its secret. Each renewal gives another refresh token, which ends when the first would have. */
export async function askToken(context: ChannelContext, old: Credentials, grant: Grant, at: Date): Promise<Credentials> {
  const params = { app_id: old.appKey, app_secret: old.appSecret, ...grant.params };
  const url = `${context.gateway || GATEWAY}${grant.path}`;
  const reply = await exchange({ ...(grant.method === 'GET' ? { url: `${url}?${new URLSearchParams(params).toString()}`, method: 'GET' as const } : { url, form: params }), signal: context.signal, relay: context.relay }).catch((error: unknown) => {
    throw renewalFault('retry', 'connection', error instanceof Error ? error.message : String(error));
  });
  const body = readBody(reply);
  if (!body) throw renewalFault('retry', `http_${reply.status}`, `not JSON (HTTP ${reply.status})`);
  const result = String(body['result'] ?? '');
  const words = [body['error'], body['error_msg']].filter(Boolean).join(' ').slice(0, 300);
  // The app itself is not taken: the seller's yes would not help.
  if (result === '100200101') throw new ChannelFault({ code: 'ask_person', platformCode: result, words });
  if (result !== '1') throw renewalFault(result === '100200500' ? 'retry' : 'pause_shop', result, words);
  const { expiresAt: _ended, ...rest } = old;
  const seconds = Number(body['expires_in'] ?? 0);
  return { ...rest, accessToken: String(body['access_token'] ?? ''), refreshToken: String(body['refresh_token'] ?? '') || old.refreshToken, ...(seconds > 0 ? { expiresAt: new Date(at.getTime() + seconds * SECOND) } : {}) };
}
