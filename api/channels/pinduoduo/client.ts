/** Calls of the Pinduoduo open platform: how they are signed and read, and what its errors ask of us (protocol facts: README of this folder). */
import { startOfDay, addDays, businessDayOf } from '../../contract/values/time.ts';
import type { ChannelContext, ChannelRefusal, Credentials } from '../channel.ts';
import { makeCaller, renewalFault, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits, type Limits } from '../transport/limits.ts';
import { sign } from './sign.ts';

const GATEWAY = 'https://gw-api.pinduoduo.com/api/router';
/** Per shop, from the pages of the methods (2023 to 2026): 3000 a minute, but refunds 100 in ten seconds. */
const perShop = makeLimits((method) => (method === 'pdd.refund.list.increment.get' ? { perSecond: 10, burst: 20 } : { perSecond: 50, burst: 40 }));

/** The envelope is not derived from the method's name: each is as its page shows it; an answer without one holds its fields at the root. */
const ENVELOPE: Readonly<Record<string, string>> = {
  'pdd.order.number.list.increment.get': 'order_sn_increment_get_response', 'pdd.order.list.get': 'order_list_get_response', 'pdd.order.information.get': 'order_info_get_response',
  'pdd.refund.list.increment.get': 'refund_increment_get_response', 'pdd.logistics.online.send': 'logistics_online_send_response', 'pdd.open.decrypt.batch': 'open_decrypt_batch_response',
  'pdd.order.note.update': 'response', 'pdd.pop.auth.token.create': 'pop_auth_token_create_response', 'pdd.pop.auth.token.refresh': 'pop_auth_token_refresh_response',
};

type ErrorBody = { readonly error_code?: number | string; readonly error_msg?: string; readonly sub_code?: string | number | null; readonly sub_msg?: string; readonly request_id?: string };
export type Answer = Readonly<Record<string, unknown>>;
export type Business = Readonly<Record<string, string | number>>;
export type Client = { readonly call: (method: string, business: Business) => Promise<Answer>; readonly refresh: () => Promise<Credentials>; readonly now: () => Date };

/** One client for one piece of work: it carries renewed tokens and the measured difference of the clocks. */
export function makeClient(context: ChannelContext): Client {
  // One app serves several shops, and the platform counts each for itself: so do we, and a shop that is stopped stops no other.
  const shop = context.credentials.platformShopId || context.credentials.accessToken;
  const limits: Limits = { take: (app, method, patience) => perShop.take(`${app} ${shop}`, method, patience), ban: (app, method, ms) => perShop.ban(`${app} ${shop}`, method, ms) };
  const caller = makeCaller(context, { channel: 'pinduoduo', limits, renew: (old, at) => askToken(context, old, { type: 'pdd.pop.auth.token.refresh', refresh_token: old.refreshToken }, at) });
  return {
    refresh: caller.refresh, now: caller.now,
    call: (method, business) => caller.call({ method, read: (reply) => readAnswer(reply, method, caller.now()), send: (keys, at) => send(context, keys, { type: method, access_token: keys.accessToken, ...business }, at) }),
  };
}

function send(context: ChannelContext, keys: Credentials, own: Business, at: Date): Promise<Reply> {
  const params: Record<string, string> = { client_id: keys.appKey, timestamp: String(Math.floor(at.getTime() / 1000)), data_type: 'JSON', version: 'V1' };
  for (const [key, value] of Object.entries(own)) if (value !== '') params[key] = String(value);
  return exchange({ url: context.gateway || GATEWAY, form: { ...params, sign: sign(params, keys.appSecret) }, signal: context.signal, relay: context.relay });
}

function readAnswer(reply: Reply, method: string, now: Date): Read<Answer> {
  const body = readBody(reply);
  if (!body || reply.status >= 500) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `HTTP ${reply.status}${body ? '' : ', not JSON'}` } };
  const error = body['error_response'] as ErrorBody | undefined;
  // No code is documented for a wrong time (unknown): whatever the refusal, it is asked again when the clocks turn out to differ.
  if (error) return { refusal: refusalOf(error, now), clock: true };
  return { value: (body[ENVELOPE[method] ?? `${method.replace(/^pdd\./, '').replaceAll('.', '_')}_response`] ?? body) as Answer };
}

function readBody(reply: Reply): Readonly<Record<string, unknown>> | undefined {
  try {
    const body = parsePlatformJson(reply.text);
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const BUSY = new Set([50000, 50002, 52001, 52002]);
const LIMITED = new Set([52101, 70031]);
const DOWN = new Set([52102, 52103, 70033]);
/** Permissions, keys, addresses, and the platform's risk control: a person has to look, and nothing is tried on. */
const PERSON = new Set([10016, 10018, 20004, 20005, 20031, 20034, 20035, 30000, 30001, 70032, 70034, 70035]);

/** What an error asks of us (error tables on three pages of the official documents, read 2026-11). */
export function refusalOf(e: ErrorBody, now: Date): ChannelRefusal {
  const code = Number(e.error_code ?? 0);
  const sub = e.sub_code === null || e.sub_code === undefined ? '' : String(e.sub_code);
  const words = [e.error_msg, sub, e.sub_msg].filter(Boolean).join(' ').slice(0, 300);
  const platformCode = code === 50001 && sub ? sub : String(code);
  if (code === 10019) return { code: 'refresh_token', platformCode, words };
  if (code === 20032) return { code: 'pause_shop', platformCode, words };
  if (PERSON.has(code)) return { code: 'ask_person', platformCode, words };
  if (LIMITED.has(code)) return { code: 'rate_limited', platformCode, words, retryAfterMs: 2_000 };
  if (DOWN.has(code)) return { code: 'rate_limited', platformCode, words, retryAfterMs: 60_000 };
  // A test application's calls of the day are used up: from midnight in China there are new ones.
  if (code === 70036) return { code: 'rate_limited', platformCode, words, retryAfterMs: startOfDay(addDays(businessDayOf(now), 1)).getTime() - now.getTime() };
  if (BUSY.has(code)) return { code: 'retry', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}

/** Tokens for a code, or for the refresh token that came with the last: signed calls without a token. Whether the refresh token changes is not documented, so both that come are kept. */
export async function askToken(context: ChannelContext, old: Credentials, own: Business, at: Date): Promise<Credentials> {
  if (own['refresh_token'] === '') throw renewalFault('pause_shop', '10019', 'no refresh token');
  const reply = await send(context, old, own, at).catch((error: unknown) => {
    throw renewalFault('retry', 'connection', error instanceof Error ? error.message : String(error));
  });
  const read = readAnswer(reply, String(own['type']), at);
  if ('refusal' in read) throw renewalFault(read.refusal.code === 'retry' || read.refusal.code === 'rate_limited' ? 'retry' : 'pause_shop', read.refusal.platformCode, read.refusal.words);
  const text = (key: string): string => (read.value[key] === undefined || read.value[key] === null ? '' : String(read.value[key]));
  if (text('access_token') === '') throw renewalFault('pause_shop', 'no_token', 'the answer holds no token');
  // Lifetimes are never assumed: the platform states an instant, or seconds.
  const seconds = Number(text('expires_at')) || (Number(text('expires_in')) ? Math.floor(at.getTime() / 1000) + Number(text('expires_in')) : 0);
  const { expiresAt: _ended, ...rest } = old;
  return {
    ...rest, accessToken: text('access_token'), refreshToken: text('refresh_token') || old.refreshToken, ...(seconds > 0 ? { expiresAt: new Date(seconds * 1000) } : {}),
    ...(text('owner_id') ? { platformShopId: text('owner_id') } : {}),
  };
}
