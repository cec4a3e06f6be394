/** Calls of the WeChat shop: JSON under a token in the address, without a signature; what its errors ask of us (protocol facts: README of this folder). */
import { addDays, businessDayOf, startOfDay } from '../../contract/values/time.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type Credentials } from '../channel.ts';
import { makeCaller, renewalFault, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { redact } from '../transport/redact.ts';

const GATEWAY = 'https://api.weixin.qq.com';
/** The limits per method are not published (unknown): a calm pace, and what the platform refuses is waited for. */
const limits = makeLimits({ perSecond: 40, burst: 40 });

export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly call: (path: string, body: Readonly<Record<string, unknown>>) => Promise<Answer>; readonly refresh: () => Promise<Credentials>; readonly now: () => Date };

/** One client for one piece of work. A shop without a token asks for one at its first call: key and secret are enough. */
export function makeClient(context: ChannelContext): Client {
  const caller = makeCaller(context, { channel: 'wechat-shop', limits, renew: (old, at) => stableToken(context, old, at) });
  return {
    refresh: caller.refresh, now: caller.now,
    call: async (path, body) => {
      const { accessToken, expiresAt } = caller.credentials();
      // There is no refresh token: the last five minutes of a token overlap with its successor, so it is asked for then.
      if (accessToken === '' || (expiresAt && expiresAt.getTime() - caller.now().getTime() < 300_000)) await caller.refresh();
      return caller.call({ method: path, read: (reply) => readAnswer(reply, caller.now()), send: (keys) => send(context, `${path}?access_token=${encodeURIComponent(keys.accessToken)}`, body) });
    },
  };
}

const send = (context: ChannelContext, path: string, body: unknown): Promise<Reply> =>
  exchange({ url: `${(context.gateway || GATEWAY).replace(/\/$/, '')}${path}`, method: 'POST', headers: { 'content-type': 'application/json;charset=utf-8' }, body: JSON.stringify(body), signal: context.signal, relay: context.relay });

function readAnswer(reply: Reply, now: Date): Read<Answer> {
  const body = readBody(reply);
  if (!body || reply.status >= 500) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `HTTP ${reply.status}${body ? '' : ', not JSON'}` } };
  const code = Number(body['errcode'] ?? 0);
  return code === 0 ? { value: body } : { refusal: refusalOf(code, String(body['errmsg'] ?? ''), now) };
}

function readBody(reply: Reply): Answer | undefined {
  try {
    const body = parsePlatformJson(reply.text);
    return typeof body === 'object' && body !== null ? (body as Answer) : undefined;
  } catch {
    return undefined;
  }
}

const MINUTE_MS = 60_000;
/** Keys, addresses and permissions: a person has to look. */
const PERSON = new Set([41001, 40013, 41002, 40125, 45035, 61004, 40164, 48001, 48004, 61007, 50001, 50002, 10080000, 10080001]);

/** What an error asks of us (commErrCode pages, read 2026-11); `errmsg` ends with the request's own id, which is kept. */
export function refusalOf(code: number, errmsg: string, now: Date): ChannelRefusal {
  const platformCode = String(code);
  const words = `${code} ${errmsg}`.trim().slice(0, 300);
  if (code === 40001 || code === 42001) return { code: 'refresh_token', platformCode, words };
  if (code === 45011) return { code: 'rate_limited', platformCode, words, retryAfterMs: MINUTE_MS - (now.getTime() % MINUTE_MS) + 1000 };
  // The day's calls of one method are used up: there are new ones from midnight in China.
  if (code === 45009) return { code: 'rate_limited', platformCode, words, retryAfterMs: startOfDay(addDays(businessDayOf(now), 1)).getTime() - now.getTime() };
  if (code === -1 || code === 100003 || code === 10020112) return { code: 'retry', platformCode, words };
  if (PERSON.has(code)) return { code: 'ask_person', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}

/**
 * The stable token: a repeat gives the same one until its last five minutes, so asking is harmless and several instances
 * share it. `force_refresh` is never sent: it would end the token of everybody else (getStableAccessToken, read 2026-11).
 */
export async function stableToken(context: ChannelContext, old: Credentials, at: Date): Promise<Credentials> {
  const reply = await send(context, '/cgi-bin/stable_token', { grant_type: 'client_credential', appid: old.appKey, secret: old.appSecret, force_refresh: false }).catch((error: unknown) => {
    throw renewalFault('retry', 'connection', error instanceof Error ? error.message : String(error));
  });
  const read = readAnswer(reply, at);
  if ('refusal' in read) {
    const { code, platformCode, words } = read.refusal;
    if (code === 'retry' || code === 'rate_limited') throw renewalFault('retry', platformCode, words);
    // A wrong secret, an address that is not allowed: entered anew by a person, not said yes to by a seller.
    throw new ChannelFault({ code: 'ask_person', platformCode, words: redact(words, [old.appSecret]) });
  }
  const token = read.value['access_token'];
  if (typeof token !== 'string' || token === '') throw renewalFault('pause_shop', 'no_token', 'the answer holds no token');
  const seconds = Number(read.value['expires_in'] ?? 0);
  const { expiresAt: _ended, ...rest } = old;
  return { ...rest, accessToken: token, ...(seconds > 0 ? { expiresAt: new Date(at.getTime() + seconds * 1000) } : {}) };
}
