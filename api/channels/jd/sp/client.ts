/** Calls of JD's SP-API gateway: how they are signed and read, and what its errors ask of us (protocol facts: README of JD's folder). */
import type { ChannelContext, ChannelRefusal } from '../../channel.ts';
import { makeCaller, type Read } from '../../transport/caller.ts';
import { exchange, type Reply } from '../../transport/http.ts';
import { parsePlatformJson } from '../../transport/json.ts';
import { makeLimits } from '../../transport/limits.ts';
import { askToken, cleaned, RENEW_AHEAD_MS, type Answer } from '../client.ts';
import { sign } from '../sign.ts';
import { isYes } from '../wire.ts';

const GATEWAY = 'https://api-cn.jd.com/rest';
/** How many calls a second is not published (unknown): what JD refuses is waited for. */
const limits = makeLimits({ perSecond: 50, burst: 20 });
/** The name under which the body is signed. JD's own SDK has `body`; a client of its overseas sister has an empty name. */
const BODY_NAME = 'body';

/** `{name}` in a path stands for a value of `in`, which is signed under that name. */
export type Ask = {
  readonly verb: 'GET' | 'POST' | 'PUT'; readonly path: string; readonly in?: Readonly<Record<string, string>>; readonly query?: Readonly<Record<string, string | number>>; readonly body?: object;
  /** Not sent again when nothing is known of its effect. */
  readonly once?: true;
  /** An answer that did a part and names what it did not is for the caller to read. */
  readonly partly?: true;
};
export type Envelope = { readonly data: unknown; readonly paging: Answer | undefined; readonly errors: readonly Said[] };
export type Said = { readonly code: string; readonly message: string; readonly details: string };
export type SpClient = { readonly ask: (ask: Ask) => Promise<Envelope>; readonly venderId: string; readonly now: () => Date };

/** A gateway whose path ends so speaks SP-API; any other is routerjson's. */
export const speaksSp = (gateway: string): boolean => /\/rest\/?$/.test(gateway);
/** Where SP-API is, seen from a shop of either gateway: beside routerjson, also behind a relay. */
export const spGateway = (gateway: string): string => (gateway === '' ? GATEWAY : speaksSp(gateway) ? gateway.replace(/\/$/, '') : gateway.replace('/relay/api.jd.com/', '/relay/api-cn.jd.com/').replace('//api.jd.com/', '//api-cn.jd.com/').replace(/\/routerjson\/?$/, '/rest'));

export function makeSpClient(context: ChannelContext): SpClient {
  const caller = makeCaller(context, { channel: 'jd', limits, renewAheadMs: RENEW_AHEAD_MS, renew: (old, at) => askToken(context, old, 'refresh_token', { grant_type: 'refresh_token', refresh_token: old.refreshToken }, at) });
  return {
    venderId: context.credentials.platformShopId ?? '', now: caller.now,
    ask: (ask) => caller.call({
      // As JD's own list names it: GET.sp-order.v0.orders._orderId
      method: `${ask.verb}${ask.path.replaceAll('/', '.').replace(/\{(\w+)\}/g, '_$1')}`, ...(ask.once ? { once: true } : {}), read: (reply) => readEnvelope(reply, ask.partly === true),
      send: ({ appKey, appSecret, accessToken }, at) => {
        const signed = { 'X-JOS-App-Key': appKey, 'X-JOS-Access-Token': accessToken, 'X-JOS-Timestamp': String(at.getTime()) };
        const query = Object.fromEntries(Object.entries(ask.query ?? {}).flatMap(([k, v]) => (v === '' ? [] : [[k, String(v)] as const])));
        const body = ask.body ? JSON.stringify(ask.body) : undefined;
        const mark = sign(signedParts(signed, ask.in ?? {}, query, body), appSecret);
        const path = ask.path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(ask.in?.[name] ?? ''));
        const search = new URLSearchParams(query).toString();
        return exchange({
          url: `${spGateway(context.gateway)}${path}${search ? `?${search}` : ''}`, method: ask.verb, signal: context.signal, relay: context.relay, ...(body === undefined ? {} : { body }),
          headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...signed, 'X-JOS-Sign': mark, 'X-JOS-Request-Identity': 'vender' },
        });
      },
    }),
  };
}

/** Headers, values of the path and of the query under their own names, and the body as it is sent; an empty object is no body. */
export const signedParts = (headers: Readonly<Record<string, string>>, inPath: Readonly<Record<string, string>>, query: Readonly<Record<string, string>>, body: string | undefined): Readonly<Record<string, string>> =>
  ({ ...headers, ...query, ...inPath, ...(body === undefined || body === '' || body === '{}' ? {} : { [BODY_NAME]: body }) });

const isObject = (v: unknown): v is Answer => typeof v === 'object' && v !== null && !Array.isArray(v);
function bodyOf(reply: Reply): Answer | undefined {
  try {
    const body = parsePlatformJson(cleaned(reply.text));
    if (!isObject(body)) return undefined;
    // An answer may stand inside `Response` (one client's notes).
    return isObject(body['Response']) ? body['Response'] : body;
  } catch {
    return undefined;
  }
}

/** A list, a single one, or one wrapped in an item's name: the documents differ from call to call. */
export function listed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [];
  const inner = Object.values(value);
  return inner.length === 1 && (Array.isArray(inner[0]) || isObject(inner[0])) ? listed(Array.isArray(inner[0]) ? inner[0] : [inner[0]]) : inner.length === 0 ? [] : [value];
}
const text = (v: unknown): string => (v === undefined || v === null ? '' : String(v));
const said = (value: unknown): readonly Said[] => listed(value).filter(isObject).map((e) => ({ code: text(e['code']), message: text(e['message']), details: text(e['details']) }));

function readEnvelope(reply: Reply, partly: boolean): Read<Envelope> {
  const body = bodyOf(reply);
  if (!body) return { refusal: byStatus(reply.status) ?? { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  const errors = said(body['errorList']);
  const done = isYes(body['success']) && reply.status < 300;
  if (done && (errors.length === 0 || partly)) return { value: { data: body['data'], paging: isObject(body['paginationData']) ? body['paginationData'] : undefined, errors } };
  const first = errors[0];
  const words = errors.map((e) => [e.code, e.message, e.details].filter(Boolean).join(' ')).join('; ').slice(0, 300) || `success is not said (HTTP ${reply.status})`;
  const refusal = refusalOf(reply.status, first?.code ?? '', words);
  return { refusal, clock: CLOCK.test(words) };
}

const CLOCK = /timestamp|时间戳/i;
const TOKEN = /(access[_ -]?token|授权|令牌).{0,20}(invalid|expired?|无效|过期|失效|不存在)|(invalid|expired).{0,20}access[_ -]?token/i;
const KEYS = /sign|签名|app[_ -]?key|权限|permission|timestamp|时间戳/i;
const BUSY = /限流|频率|频次|调用次数|too many|rate limit/i;
/** Only from a host in JD's own cloud (one client): the relay. */
const CLOUD_ONLY = '99904030005';

function byStatus(status: number): ChannelRefusal | undefined {
  const words = `HTTP ${status}`;
  if (status === 401) return { code: 'refresh_token', platformCode: 'http_401', words };
  if (status === 403) return { code: 'ask_person', platformCode: 'http_403', words };
  if (status === 429) return { code: 'rate_limited', platformCode: 'http_429', words, retryAfterMs: 1000 };
  return undefined;
}

/**
 * What an error asks of us. Of the gateway's own codes one is known, 99904030005; the reading is that four digits after 999 are
 * an HTTP status (0403), and that a service's own fault ends on 9999, as every service lists one. What neither tells, its words do.
 */
export function refusalOf(status: number, platformCode: string, words: string): ChannelRefusal {
  const own = /^999(0[345]\d\d)\d{4}$/.exec(platformCode);
  const as = own ? Number(own[1]) : status;
  if (platformCode === CLOUD_ONLY) return { code: 'ask_person', platformCode, words };
  if (as === 401 || TOKEN.test(words)) return KEYS.test(words) && !TOKEN.test(words) ? { code: 'ask_person', platformCode, words } : { code: 'refresh_token', platformCode, words };
  if (as === 429 || BUSY.test(words)) return { code: 'rate_limited', platformCode, words, retryAfterMs: 1000 };
  if (as >= 500 || /9999$/.test(platformCode)) return { code: 'retry', platformCode: platformCode || `http_${status}`, words };
  if (as === 403 || ((own || platformCode === '') && KEYS.test(words))) return { code: 'ask_person', platformCode: platformCode || `http_${status}`, words };
  return { code: 'refuse_row', platformCode: platformCode || `http_${status}`, words };
}
