/** Calls of Kuaidi100: how they are signed and read, and what its errors ask of us (facts: README of this folder). */
import type { ChannelRefusal, CourierContext } from '../channel.ts';
import { callerContext } from '../transport/account.ts';
import { makeCaller, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { querySign } from './sign.ts';

const GATEWAY = 'https://poll.kuaidi100.com/poll';
/** Calls a second and at once, per customer. The contract's own figure is not published (unknown). */
const limits = makeLimits({ perSecond: 20, burst: 20 });
export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly query: (param: unknown) => Promise<Answer>; readonly subscribe: (param: Answer) => Promise<Answer>; readonly account: CourierContext['account'] };

export function makeClient(context: CourierContext): Client {
  const { customer = '', key = '' } = context.account;
  const caller = makeCaller(callerContext(context, customer, key), { channel: 'kuaidi100', limits });
  const gateway = (context.gateway || GATEWAY).replace(/\/$/, '');
  return {
    account: context.account,
    query: (ask) => {
      const param = JSON.stringify(ask);
      return caller.call({ method: 'query', read: readAnswer, send: ({ appKey, appSecret }) => exchange({ url: `${gateway}/query.do`, form: { customer: appKey, sign: querySign(param, appSecret, appKey), param }, relay: context.relay }) });
    },
    // No signature here: the key stands inside.
    subscribe: (ask) => caller.call({ method: 'subscribe', read: readAnswer, send: ({ appSecret }) => exchange({ url: gateway, form: { schema: 'json', param: JSON.stringify({ ...ask, key: appSecret }) }, relay: context.relay }) }),
  };
}

function readAnswer(reply: Reply): Read<Answer> {
  let body: Answer | undefined;
  try {
    body = parsePlatformJson(reply.text) as Answer;
  } catch {
    body = undefined;
  }
  if (typeof body !== 'object' || body === null) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  const code = String(body['returnCode'] ?? body['status'] ?? '');
  // A number of which no courier has said anything yet is answered as an error of the server.
  if (code === '500' && /无结果/.test(String(body['message'] ?? ''))) return { value: {} };
  if (code === '200' && body['result'] !== false) return { value: body };
  return { refusal: refusalOf(code, String(body['message'] ?? '').slice(0, 250)) };
}

/** What a return code asks of us (protocol notes, 2026-11). Others are kept with their words and not tried again. */
export function refusalOf(platformCode: string, said: string): ChannelRefusal {
  const words = [platformCode, said].filter(Boolean).join(' ');
  if (platformCode === '500') return { code: 'retry', platformCode, words };
  if (/频(率|繁)|too (many|fast)/i.test(said)) return { code: 'rate_limited', platformCode, words, retryAfterMs: 1000 };
  // A key that is wrong, has run out, or signs wrongly (503).
  return { code: platformCode === '600' || platformCode === '601' || platformCode === '503' ? 'ask_person' : 'refuse_row', platformCode, words };
}
