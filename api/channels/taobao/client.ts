/** Calls of the Taobao open platform: how they are signed and read, and what its errors ask of us (protocol facts: README of this folder). */
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelContext, ChannelRefusal, Credentials } from '../channel.ts';
import { makeCaller, renewalFault, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { sign } from './sign.ts';

const GATEWAY = 'https://eco.taobao.com/router/rest';
const TOKEN_URL = 'https://oauth.taobao.com/token';
/** Calls a second and at once, per app and method. The platform's own frequency is not published (unknown): what it refuses is waited for. */
const limits = makeLimits({ perSecond: 200, burst: 40 });

type ErrorBody = { readonly code: number; readonly msg?: string; readonly sub_code?: string; readonly sub_msg?: string };
export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly call: (method: string, business: Readonly<Record<string, string>>) => Promise<Answer>; readonly refresh: () => Promise<Credentials> };

/** One client for one piece of work: it carries renewed tokens and the measured difference of the clocks. */
export function makeClient(context: ChannelContext): Client {
  const caller = makeCaller(context, { channel: 'taobao', limits, renew: (old, at) => askToken(context, old, { grant_type: 'refresh_token', refresh_token: old.refreshToken }, at) });
  return {
    refresh: caller.refresh,
    call: (method, business) => caller.call({
      method, read: (reply) => readAnswer(reply, method),
      send: ({ appKey, appSecret, accessToken }, at) => {
        const params: Record<string, string> = { method, app_key: appKey, session: accessToken, timestamp: localTimeText(at), format: 'json', v: '2.0', sign_method: 'md5' };
        for (const [key, value] of Object.entries(business)) if (value !== '') params[key] = value;
        return exchange({ url: context.gateway || GATEWAY, form: { ...params, sign: sign(params, appSecret) }, signal: context.signal, relay: context.relay });
      },
    }),
  };
}

function readAnswer(reply: Reply, method: string): Read<Answer> {
  const body = readBody(reply);
  if (!body) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  const error = body['error_response'] as ErrorBody | undefined;
  if (!error) return { value: (body[responseKey(method)] ?? {}) as Answer };
  return { refusal: refusalOf(error), clock: error.code === 31 };
}

function readBody(reply: Reply): Readonly<Record<string, unknown>> | undefined {
  try {
    const body = parsePlatformJson(reply.text);
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** `taobao.trade.fullinfo.get` answers under `trade_fullinfo_get_response`; other prefixes stay. */
const responseKey = (method: string): string => `${method.replace(/^taobao\./, '').replaceAll('.', '_')}_response`;

/** What an error asks of us (error tables F and G of the protocol notes, 2026-11). */
export function refusalOf(e: ErrorBody): ChannelRefusal {
  const sub = e.sub_code ?? '';
  const words = [e.msg, sub, e.sub_msg].filter(Boolean).join(' ').slice(0, 300);
  const platformCode = sub || String(e.code);
  if (e.code === 7) {
    const seconds = Number(/ban will last for (\d+)/.exec(e.sub_msg ?? '')?.[1] ?? 1);
    return { code: 'rate_limited', platformCode, words, retryAfterMs: (seconds + 1) * 1000 };
  }
  if (e.code === 26 || e.code === 27) return { code: 'refresh_token', platformCode, words };
  if (e.code === 30 || e.code === 31) return { code: 'ask_person', platformCode: '31', words };
  if (e.code === 10 || e.code === 530 || (sub.startsWith('isp.') && sub !== 'isp.invalid-parameters') || /:(B150|S01)$/.test(sub)) return { code: 'retry', platformCode, words };
  if ([11, 12, 13, 24, 25, 28, 29].includes(e.code) || sub === 'isv.permission-api-package-limit') return { code: 'ask_person', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}

/** The token's address stands beside a gateway of another address: `…/router/rest` → `…/token` (as oauth.taobao.com/token). */
const tokenUrl = (gateway: string): string => (gateway ? gateway.replace(/\/router\/rest\/?$/, '/token') : TOKEN_URL);

/** Tokens for a code, or for the refresh token that came with the last. Lifetimes are never assumed: the platform states them in seconds. */
export async function askToken(context: ChannelContext, old: Credentials, grant: Readonly<Record<string, string>>, at: Date): Promise<Credentials> {
  if (grant['refresh_token'] === '') throw renewalFault('pause_shop', 'session-expired', 'no refresh token');
  const reply = await exchange({ url: tokenUrl(context.gateway), form: { ...grant, client_id: old.appKey, client_secret: old.appSecret }, signal: context.signal, relay: context.relay }).catch((error: unknown) => {
    throw renewalFault('retry', 'connection', error instanceof Error ? error.message : String(error));
  });
  const body = readBody(reply);
  if (reply.status >= 500 || !body) throw renewalFault('retry', `http_${reply.status}`, 'the token address does not answer');
  if (typeof body['access_token'] !== 'string') throw renewalFault('pause_shop', 'session-expired', `${String(body['error'] ?? reply.status)} ${String(body['error_description'] ?? '')}`);
  const seconds = Number(body['expires_in'] ?? 0);
  const { expiresAt: _ended, ...rest } = old;
  return {
    ...rest, accessToken: body['access_token'], refreshToken: typeof body['refresh_token'] === 'string' && body['refresh_token'] ? body['refresh_token'] : old.refreshToken,
    ...(seconds > 0 ? { expiresAt: new Date(at.getTime() + seconds * 1000) } : {}),
  };
}
