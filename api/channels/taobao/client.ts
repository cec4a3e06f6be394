/** Calls of the Taobao open platform: signed, throttled, its errors read (protocol facts: README of this folder). */
import { localTimeText } from '../../contract/values/time.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type Credentials } from '../channel.ts';
import { ConnectionFault, exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { redact } from '../transport/redact.ts';
import { makeThrottle, pause } from '../transport/throttle.ts';
import { sign } from './sign.ts';

const GATEWAY = 'https://eco.taobao.com/router/rest';
const TOKEN_URL = 'https://oauth.taobao.com/token';
const MAX_TRIES = 5;
/** A ban no longer than this is waited for here; a longer one goes back to the window, so that other shops get their turn. */
const PATIENCE_MS = 6_000;
/** Calls a second and at once, per app key. The platform's own frequency is not published (unknown): what it refuses is waited for. */
const throttle = makeThrottle(200, 40);

type ErrorBody = { readonly code: number; readonly msg?: string; readonly sub_code?: string; readonly sub_msg?: string };
export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly call: (method: string, business: Readonly<Record<string, string>>) => Promise<Answer>; readonly refresh: () => Promise<Credentials> };

/** One client for one piece of work: it carries renewed tokens and the measured difference of the clocks. */
export function makeClient(context: ChannelContext): Client {
  let credentials = context.credentials;
  let skewMs = 0;
  let renewing: Promise<Credentials> | undefined;

  const refresh = (): Promise<Credentials> => {
    renewing ??= renew(context, credentials).then((fresh) => (credentials = fresh)).finally(() => { renewing = undefined; });
    return renewing;
  };
  const send = (method: string, business: Readonly<Record<string, string>>): Promise<Reply> => {
    const { appKey, appSecret, accessToken } = credentials;
    const params: Record<string, string> = { method, app_key: appKey, session: accessToken, timestamp: localTimeText(new Date(context.now().getTime() + skewMs)), format: 'json', v: '2.0', sign_method: 'md5' };
    for (const [key, value] of Object.entries(business)) if (value !== '') params[key] = value;
    return exchange({ url: context.gateway || GATEWAY, form: { ...params, sign: sign(params, appSecret) }, signal: context.signal });
  };
  const call = async (method: string, business: Readonly<Record<string, string>>): Promise<Answer> => {
    if (credentials.expiresAt && credentials.refreshToken && credentials.expiresAt.getTime() - context.now().getTime() < 300_000) await refresh();
    for (let tries = 1; ; tries += 1) {
      await throttle(credentials.appKey);
      const token = credentials.accessToken;
      const answer = await ask(() => send(method, business), method);
      if ('value' in answer) return answer.value;
      const refusal = { ...answer.refusal, words: redact(answer.refusal.words, [credentials.appSecret, token, credentials.refreshToken]) };
      if (tries >= MAX_TRIES) throw new ChannelFault(refusal);
      if (refusal.code === 'refresh_token') {
        if (token === credentials.accessToken) await refresh();
      } else if (refusal.platformCode === '31' && answer.serverTime !== undefined) {
        // Our clock is off: the platform's own is taken from its Date header, and a person is told.
        skewMs = answer.serverTime - context.now().getTime();
        await context.notice({ kind: 'clock_skew', subject: 'taobao', words: `${Math.round(skewMs / 1000)} s` });
      } else if (refusal.code === 'rate_limited' && (refusal.retryAfterMs ?? 0) <= PATIENCE_MS) await pause(refusal.retryAfterMs ?? 1000);
      else if (refusal.code === 'retry') await pause(150 * 2 ** tries);
      else throw new ChannelFault(refusal);
    }
  };
  return { call, refresh };
}

type Asked = { readonly value: Answer } | { readonly refusal: ChannelRefusal; readonly serverTime?: number };
async function ask(send: () => Promise<Reply>, method: string): Promise<Asked> {
  let reply: Reply;
  try {
    reply = await send();
  } catch (error) {
    if (error instanceof ConnectionFault) return { refusal: { code: 'retry', platformCode: 'connection', words: error.message } };
    throw error;
  }
  const body = readBody(reply);
  if (!body) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  const error = body['error_response'] as ErrorBody | undefined;
  if (!error) return { value: (body[responseKey(method)] ?? {}) as Answer };
  const at = Date.parse(reply.headers.get('date') ?? '');
  return { refusal: refusalOf(error), ...(Number.isNaN(at) ? {} : { serverTime: at }) };
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

async function renew(context: ChannelContext, old: Credentials): Promise<Credentials> {
  const refused = (words: string): ChannelFault => new ChannelFault({ code: 'pause_shop', platformCode: 'session-expired', words });
  if (!old.refreshToken) throw refused('no refresh token');
  const reply = await exchange({ url: tokenUrl(context.gateway), form: { grant_type: 'refresh_token', refresh_token: old.refreshToken, client_id: old.appKey, client_secret: old.appSecret }, signal: context.signal }).catch((error: unknown) => {
    throw new ChannelFault({ code: 'retry', platformCode: 'connection', words: error instanceof Error ? error.message : String(error) });
  });
  const body = readBody(reply);
  if (reply.status >= 500 || !body) throw new ChannelFault({ code: 'retry', platformCode: `http_${reply.status}`, words: 'token address does not answer' });
  if (typeof body['access_token'] !== 'string') throw refused(`${String(body['error'] ?? reply.status)} ${String(body['error_description'] ?? '')}`);
  // Lifetimes are never assumed: the platform states them in seconds.
  const seconds = Number(body['expires_in'] ?? 0);
  const fresh: Credentials = {
    ...old, accessToken: body['access_token'], refreshToken: typeof body['refresh_token'] === 'string' && body['refresh_token'] ? body['refresh_token'] : old.refreshToken,
    ...(seconds > 0 ? { expiresAt: new Date(context.now().getTime() + seconds * 1000) } : {}),
  };
  await context.saveCredentials(fresh);
  return fresh;
}
