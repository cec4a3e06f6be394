/** Messages that the platform brings: an array of events, signed as a whole; each is only a reason to look earlier. */
import { timingSafeEqual } from 'node:crypto';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { ChannelContext, ChannelRefusal, HeardCall, Hint, IncomingCall } from '../channel.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { messageSign } from './sign.ts';

type Event = { readonly tag?: unknown; readonly msg_id?: unknown; readonly data?: unknown };
const object = (v: unknown): Readonly<Record<string, unknown>> => (typeof v === 'object' && v !== null ? (v as Readonly<Record<string, unknown>>) : {});

export async function hearCall(context: ChannelContext, call: IncomingCall): Promise<Result<HeardCall, ChannelRefusal>> {
  const { appKey, appSecret } = context.credentials;
  const [given, wanted] = [Buffer.from(call.headers['event-sign'] ?? ''), Buffer.from(messageSign(appKey, appSecret, call.body))];
  if (call.headers['app-id'] !== appKey || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return refuse({ code: 'refuse_row', platformCode: 'event-sign', words: 'the message is not signed by the platform' });
  let events: unknown;
  try {
    events = parsePlatformJson(call.body);
  } catch {
    return refuse({ code: 'refuse_row', platformCode: 'body', words: 'the message is no JSON' });
  }
  return ok({ hints: (Array.isArray(events) ? (events as Event[]) : []).map(hintOf), answer: { status: 200, type: 'application/json', body: '{"code":0,"msg":"success"}' } });
}

/** Tags of the 100s are of orders, those of the 200s of after-sales; `data` is JSON inside a text. */
function hintOf(e: Event): Hint {
  const topic = String(e.tag ?? '');
  const data = object(typeof e.data === 'string' && e.data !== '' ? parsePlatformJson(e.data) : e.data);
  const kind = /^1\d\d$/.test(topic) ? 'order' : /^2\d\d$/.test(topic) ? 'refund' : 'other';
  return { key: String(e.msg_id ?? ''), kind, platformId: String((kind === 'refund' ? data['aftersale_id'] : undefined) ?? data['p_id'] ?? ''), topic };
}
