/** Calls of JD's routerjson gateway: how they are signed and read, and what its errors ask of us (protocol facts: README of this folder). */
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelContext, ChannelRefusal, Credentials } from '../channel.ts';
import { makeCaller, renewalFault, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { sign } from './sign.ts';

const GATEWAY = 'https://api.jd.com/routerjson';
const OAUTH = 'https://open-oauth.jd.com/oauth2';
/** Per-API frequency is not published (unknown): what JD refuses is waited for. */
const limits = makeLimits({ perSecond: 50, burst: 20 });
/** JD renews tokens only within the last day of their life. */
export const RENEW_AHEAD_MS = 12 * 3_600_000;

export type Answer = Readonly<Record<string, unknown>>;
/** What the second level of an answer says: HTTP 200 and code 0 prove nothing yet. */
export type Check = (answer: Answer) => ChannelRefusal | undefined;
export type Client = { readonly call: (method: string, business: Readonly<Record<string, unknown>>, check?: Check) => Promise<Answer>; readonly refresh: () => Promise<Credentials>; readonly venderId: string; readonly now: () => Date };

export function makeClient(context: ChannelContext): Client {
  const caller = makeCaller(context, { channel: 'jd', limits, renewAheadMs: RENEW_AHEAD_MS, renew: (old, at) => askToken(context, old, 'refresh_token', { grant_type: 'refresh_token', refresh_token: old.refreshToken }, at) });
  return {
    refresh: caller.refresh, venderId: context.credentials.platformShopId ?? '', now: caller.now,
    call: (method, business, check) => caller.call({
      method, read: (reply) => readAnswer(reply, method, check),
      send: ({ appKey, appSecret, accessToken }, at) => {
        // `format` would have to be signed too; JSON is what the gateway answers without it.
        const params: Record<string, string> = { method, app_key: appKey, access_token: accessToken, timestamp: localTimeText(at), v: '2.0', '360buy_param_json': paramJson(business) };
        return exchange({ url: context.gateway || GATEWAY, form: { ...params, sign: sign(params, appSecret) }, signal: context.signal, relay: context.relay });
      },
    }),
  };
}

/** One flat object with its keys in order; what is not given is not sent. */
function paramJson(business: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(business).filter(([, v]) => v !== undefined && v !== '').sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Control characters stand raw inside JD's texts now and then (client report); JSON does not allow them. */
export const cleaned = (text: string): string => text.replace(/[\u0000-\u001f]/g, ' ');
function readBody(reply: Reply): Answer | undefined {
  try {
    const body = parsePlatformJson(cleaned(reply.text));
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** `responce` is JD's own spelling; old `360buy.*` methods answer without their prefix, in the usual one. */
function inner(body: Answer, method: string): Answer | undefined {
  const name = method.replaceAll('.', '_');
  const bare = name.replace(/^360buy_/, '');
  for (const key of [`${name}_responce`, `${name}_response`, `${bare}_response`, `${bare}_responce`]) if (body[key] !== undefined) return body[key] as Answer;
  return undefined;
}

function readAnswer(reply: Reply, method: string, check: Check = () => undefined): Read<Answer> {
  const body = readBody(reply);
  if (!body) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  const error = body['error_response'] as Answer | undefined;
  if (error) return refused(error);
  const answer = inner(body, method);
  // A missing result is a fault, and not "nothing there".
  if (!answer) return { refusal: { code: 'retry', platformCode: 'no_result', words: 'the answer holds no result' } };
  if (String(answer['code'] ?? '0') !== '0') return refused(answer);
  const refusal = check(answer);
  return refusal ? { refusal } : { value: answer };
}
const refused = (error: Answer): Read<Answer> => {
  const code = String(error['code'] ?? '');
  return { refusal: refusalOf(code, [code, error['zh_desc'], error['en_desc']].filter(Boolean).join(' ').slice(0, 300)), clock: code === '8' };
};

/** What stands inside an answer, or nothing. */
export const at = (answer: Answer, ...path: readonly string[]): Answer | undefined => path.reduce<Answer | undefined>((a, key) => a?.[key] as Answer | undefined, answer);

const RETRY = new Set(['43', '65', '66', '67']);
/** Rights, keys and places: no call will help before a person has done something. */
const PERSON = new Set(['7', '8', '11', '12', '20', '21', '22', '24', '25', '64', '72', '73', '75', '79', '80', '88', '92']);
/** What a gateway error asks of us (error tables I of the protocol notes, 2026-11). */
export function refusalOf(platformCode: string, words: string): ChannelRefusal {
  if (platformCode === '18' || platformCode === '19') return { code: 'refresh_token', platformCode, words };
  // The day's calls are used up: nothing helps before the next one.
  if (platformCode === '2') return { code: 'rate_limited', platformCode, words, retryAfterMs: 3_600_000 };
  if (RETRY.has(platformCode)) return { code: 'retry', platformCode, words };
  return { code: PERSON.has(platformCode) ? 'ask_person' : 'refuse_row', platformCode, words };
}

/** The flag may be a text. */
export function businessRefusal(result: Answer | undefined): ChannelRefusal | undefined {
  if (!result) return { code: 'retry', platformCode: 'no_result', words: 'the answer holds no result' };
  const success = result['success'];
  if (success === true || success === 'true') return undefined;
  const platformCode = String(result['errorCode'] ?? result['numberCode'] ?? '');
  const words = [platformCode, result['chineseErrCode'], result['englishErrCode']].filter(Boolean).join(' ').slice(0, 300);
  if (/^(65|66|67|70|999999|99999999)$/.test(platformCode)) return { code: 'retry', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}

/** Of answers whose result node is not known for certain: refused only when it says so. */
export const whenSaid = (result: Answer | undefined): ChannelRefusal | undefined => (result?.['success'] === undefined ? undefined : businessRefusal(result));

/** Token addresses stand beside a gateway of another address: `…/routerjson` → `…/oauth2/…`. */
const oauth = (gateway: string): string => (gateway ? gateway.replace(/\/(routerjson|rest)\/?$/, '/oauth2') : OAUTH);

/** Tokens for a code, or for the refresh token that came with the last: both new ones are kept, the old ones end. */
export async function askToken(context: ChannelContext, old: Credentials, action: 'access_token' | 'refresh_token', grant: Readonly<Record<string, string>>, at: Date): Promise<Credentials> {
  if (grant['refresh_token'] === '') throw renewalFault('pause_shop', '19', 'no refresh token');
  const query = new URLSearchParams({ app_key: old.appKey, app_secret: old.appSecret, ...grant }).toString();
  const reply = await exchange({ url: `${oauth(context.gateway)}/${action}?${query}`, signal: context.signal, relay: context.relay }).catch(() => {
    // The address holds the secret: it is not told.
    throw renewalFault('retry', 'connection', 'no answer from the token address');
  });
  const body = readBody(reply);
  if (reply.status >= 500 || !body) throw renewalFault('retry', `http_${reply.status}`, 'the token address does not answer');
  if (typeof body['access_token'] !== 'string') throw renewalFault('pause_shop', String(body['code'] ?? '19'), String(body['msg'] ?? 'no token'));
  const { expiresAt: _ended, ...rest } = old;
  const seconds = Number(body['expires_in'] ?? 0);
  const from = Number(body['time'] ?? 0) || at.getTime();
  return { ...rest, accessToken: body['access_token'], refreshToken: String(body['refresh_token'] ?? '') || old.refreshToken, ...(seconds > 0 ? { expiresAt: new Date(from + seconds * 1000) } : {}) };
}
