/** Messages that wait at the platform (TMC): taken, then confirmed, so that none is told twice for long. */
import type { Result } from '../../contract/values/result.ts';
import type { ChannelContext, ChannelRefusal, Hint } from '../channel.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { oncePermitted } from '../transport/permit.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';

const MOST = 200;
type Message = { readonly id?: unknown; readonly topic?: unknown; readonly content?: unknown };
const listIn = (v: unknown): Message[] => {
  const inner = typeof v === 'object' && v !== null ? (v as { tmc_message?: unknown }).tmc_message : undefined;
  return inner === undefined ? [] : Array.isArray(inner) ? (inner as Message[]) : [inner as Message];
};

const permit = oncePermitted();
export const pollHints = (context: ChannelContext): Promise<Result<readonly Hint[], ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  await permit(context, () => client.call('taobao.tmc.user.permit', {}));
  const messages = listIn((await client.call('taobao.tmc.messages.consume', { quantity: String(MOST) }))['messages']);
  if (messages.length > 0) await client.call('taobao.tmc.messages.confirm', { s_message_ids: messages.map((m) => String(m.id)).join(',') });
  return messages.map(hintOf);
});

/** `content` is JSON inside a text; what cannot be read is still a reason to look. */
function hintOf(m: Message): Hint {
  const topic = String(m.topic ?? '');
  const kind = topic.startsWith('taobao_trade_') ? 'order' : topic.startsWith('taobao_refund_') ? 'refund' : 'other';
  let content: Readonly<Record<string, unknown>> = {};
  try {
    content = parsePlatformJson(String(m.content ?? '{}')) as Readonly<Record<string, unknown>>;
  } catch { /* its topic says enough */ }
  return { key: String(m.id ?? ''), kind, platformId: String(content['refund_id'] ?? content['tid'] ?? ''), topic };
}
