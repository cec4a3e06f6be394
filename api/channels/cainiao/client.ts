/** Calls of Cainiao's Link gateway: how they are signed and read, and what its errors ask of us (facts: README of this folder). */
import type { ChannelRefusal, CourierContext } from '../channel.ts';
import { callerContext } from '../transport/account.ts';
import { makeCaller, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { dataDigest } from './sign.ts';

const GATEWAY = 'https://link.cainiao.com/gateway/link.do';
/** Calls a second and at once, per authorised account and message type. Cainiao's own figure is not published (unknown): what it refuses is waited for. */
const limits = makeLimits({ perSecond: 40, burst: 60 });
export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly call: (msgType: string, content: unknown) => Promise<Answer>; readonly account: CourierContext['account'] };

export function makeClient(context: CourierContext): Client {
  const { token = '', appSecret: secret = '' } = context.account;
  const caller = makeCaller(callerContext(context, token, secret), { channel: 'cainiao', limits });
  return {
    account: context.account,
    call: (msgType, content) => {
      const logistics_interface = JSON.stringify(content);
      return caller.call({
        method: msgType, read: readAnswer,
        // Nothing in a call says when it was made; the digest covers the content alone.
        send: ({ appKey, appSecret }) => exchange({ url: context.gateway || GATEWAY, form: { msg_type: msgType, logistic_provider_id: appKey, data_digest: dataDigest(logistics_interface, appSecret), logistics_interface }, relay: context.relay }),
      });
    },
  };
}

function readAnswer(reply: Reply): Read<Answer> {
  const body = bodyOf(reply.text);
  if (!body) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `neither JSON nor XML of the gateway (HTTP ${reply.status})` } };
  if (body['success'] === true || body['success'] === 'true') return { value: body };
  const code = String(body['errorCode'] ?? body['error_code'] ?? '');
  return { refusal: refusalOf(code, String(body['errorMsg'] ?? body['error_msg'] ?? '').slice(0, 250)) };
}

/** Calls in JSON are answered in JSON; what the gateway itself refuses may still come as XML. */
function bodyOf(text: string): Answer | undefined {
  if (/^\s*<(response|\?xml)/i.test(text)) {
    const tag = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    const success = tag('success');
    return success === undefined ? undefined : { success, errorCode: tag('errorCode') ?? '', errorMsg: tag('errorMsg') ?? '' };
  }
  try {
    const body = parsePlatformJson(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** Form, digest, partner, message type, content: S01 to S05. Time, system, HTTP, emptiness: S06 to S09, S13. */
const RETRY = new Set(['S06', 'S07', 'S08', 'S09', 'S13']);
const PERSON = new Set(['S02', 'S03', 'S04', 'S10', 'S11']);
/**
 * The list of codes is not public (unknown): the gateway's own S codes are those that all of Cainiao's gateways share; of the
 * service's refusals only the words are certain, so what is known by words is read by words.
 */
export function refusalOf(code: string, said: string): ChannelRefusal {
  const words = [code, said].filter(Boolean).join(' ') || 'refused without a word';
  const platformCode = code || 'no_code';
  if (/限流|频率|too many|flow control/i.test(said)) return { code: 'rate_limited', platformCode, words, retryAfterMs: 1000 };
  if (RETRY.has(code) || /系统(繁忙|异常|错误)|超时|稍后/.test(said)) return { code: 'retry', platformCode, words };
  // No numbers left at the branch, no agreement with the courier, an authorisation that has ended: a person has to see to it.
  if (PERSON.has(code) || /余额不足|余量不足|单号不足|未订购|没有订购|授权(已)?(失效|过期)|未授权/.test(said)) return { code: 'ask_person', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}
