/** Calls of SF's open platform (丰桥): how they are signed and read on both levels, and what its errors ask of us (facts: README of this folder). */
import { randomUUID } from 'node:crypto';
import type { ChannelRefusal, CourierContext } from '../channel.ts';
import { callerContext } from '../transport/account.ts';
import { makeCaller, type Read } from '../transport/caller.ts';
import { exchange, type Reply } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { makeLimits } from '../transport/limits.ts';
import { digest, DIGESTS, type Digest } from './sign.ts';

const GATEWAY = 'https://sfapi.sf-express.com/std/service';
/** Calls a second and at once, per customer and service. SF's own figure stands in each contract (unknown): what it refuses is waited for. */
const limits = makeLimits({ perSecond: 30, burst: 30 });
export type Answer = Readonly<Record<string, unknown>>;
export type Client = { readonly call: (service: string, message: unknown, once?: true) => Promise<unknown>; readonly account: CourierContext['account'] };

export function makeClient(context: CourierContext): Client {
  const { partnerId = '', checkword = '', digestMode = '' } = context.account;
  const mode: Digest = DIGESTS.find((d) => d === digestMode) ?? 'standard';
  const caller = makeCaller(callerContext(context, partnerId, checkword), { channel: 'sf', limits });
  return {
    account: context.account,
    call: (service, message, once) => {
      const msgData = JSON.stringify(message);
      return caller.call({
        method: service, read: readAnswer, ...(once ? { once } : {}),
        send: ({ appKey, appSecret }, at) => {
          const timestamp = String(at.getTime());
          return exchange({ url: context.gateway || GATEWAY, form: { partnerID: appKey, requestID: randomUUID(), serviceCode: service, timestamp, msgDigest: digest(msgData, timestamp, appSecret, mode), msgData }, relay: context.relay });
        },
      });
    },
  };
}

const object = (v: unknown): Answer | undefined => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Answer) : undefined);
function parsed(text: string): unknown {
  try {
    return parsePlatformJson(text);
  } catch {
    return undefined;
  }
}

/** A1000 says only that the gateway took the call: what the service says of it stands, as JSON in a text, in `apiResultData`. */
function readAnswer(reply: Reply): Read<unknown> {
  const outer = object(parsed(reply.text));
  if (!outer) return { refusal: { code: 'retry', platformCode: `http_${reply.status}`, words: `not JSON (HTTP ${reply.status})` } };
  const code = String(outer['apiResultCode'] ?? '');
  if (code !== 'A1000') return { refusal: gatewayRefusal(code, [code, outer['apiErrorMsg']].filter(Boolean).join(' ')), clock: code === 'A1002' };
  const data = outer['apiResultData'];
  const inner = object(typeof data === 'string' ? parsed(data) : data);
  if (!inner) return { refusal: { code: 'retry', platformCode: 'no_result', words: 'the answer holds no result' } };
  if (inner['success'] === true || inner['success'] === 'true') return { value: inner['msgData'] ?? {} };
  const errorCode = String(inner['errorCode'] ?? '');
  return { refusal: serviceRefusal(errorCode, [errorCode, inner['errorMsg'] ?? inner['errorMessage']].filter(Boolean).join(' ').slice(0, 300)) };
}

/** Keys, rights and addresses: no call helps before a person has done something. */
const PERSON = new Set(['A1003', 'A1004', 'A1006', 'A1008', 'A1010', 'A1011']);
/** What the gateway's code asks of us (table “Codes” of the protocol notes, 2026-11). */
export function gatewayRefusal(platformCode: string, words: string): ChannelRefusal {
  if (platformCode === 'A1005') return { code: 'rate_limited', platformCode, words, retryAfterMs: 1000 };
  if (platformCode === 'A1001') return { code: 'refuse_row', platformCode, words };
  // Expired on the way, the same request id twice, a service behind the gateway that is away, an error of the system.
  return { code: PERSON.has(platformCode) ? 'ask_person' : 'retry', platformCode, words };
}
/** The monthly account: wrong (8119), in trouble (8042), locked (8043). */
const ACCOUNT = new Set(['8119', '8042', '8043']);
const SYSTEM = new Set(['S0001', 'S0003', '4001']);
/** What the service's code asks of us (codes as public clients list them). */
export function serviceRefusal(platformCode: string, words: string): ChannelRefusal {
  if (SYSTEM.has(platformCode) || platformCode === '') return { code: 'retry', platformCode: platformCode || 'no_code', words };
  return { code: ACCOUNT.has(platformCode) ? 'ask_person' : 'refuse_row', platformCode, words };
}
