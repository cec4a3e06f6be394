/** Calls of the platform to us: its signature checked, its cover opened (safe mode), and what it points at. */
import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import type { ChannelContext, ChannelRefusal, HeardCall, Hint, IncomingCall } from '../channel.ts';
import { parsePlatformJson } from '../transport/json.ts';

type Keys = { readonly token: string; readonly aesKey: string; readonly appId: string };
type Body = Readonly<Record<string, unknown>>;
const xml = new XMLParser({ parseTagValue: false, ignoreAttributes: true });
const no = (platformCode: string, words: string): Result<never, ChannelRefusal> => refuse({ code: 'refuse_row', platformCode, words });

/** SHA-1 over the sorted parts, joined: token, timestamp and nonce, in safe mode with the ciphertext. */
export const signatureOf = (...parts: readonly string[]): string => createHash('sha1').update([...parts].sort().join('')).digest('hex');
const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** AES-256-CBC under base64(key + "="), the first 16 bytes of the key as IV, padded to 32: 16 random bytes, length, message, app id. */
export function openCover(encrypted: string, keys: Keys): string | undefined {
  try {
    const key = Buffer.from(`${keys.aesKey}=`, 'base64');
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()]);
    const pad = padded.at(-1) ?? 0;
    if (pad < 1 || pad > 32) return undefined;
    const plain = padded.subarray(0, padded.length - pad);
    const length = plain.readUInt32BE(16);
    const end = 20 + length;
    return plain.subarray(end).toString('utf8') === keys.appId && end <= plain.length ? plain.subarray(20, end).toString('utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** JSON or XML, as the shop's settings have it; XML stands inside one element. */
function readMessage(text: string): Body | undefined {
  try {
    const read: unknown = text.trimStart().startsWith('<') ? (xml.parse(text) as Body)['xml'] : parsePlatformJson(text);
    return typeof read === 'object' && read !== null ? (read as Body) : undefined;
  } catch {
    return undefined;
  }
}

const SUCCESS = { status: 200, type: 'text/plain', body: 'success' };
export function hearCall(context: ChannelContext, call: IncomingCall): Result<HeardCall, ChannelRefusal> {
  const { pushToken: token = '', pushAesKey: aesKey = '' } = context.credentials;
  if (token === '') return no('no_push_token', 'the shop has no token for messages');
  const { timestamp = '', nonce = '', signature = '', msg_signature: safeSignature = '', echostr = '' } = call.query;
  const keys: Keys = { token, aesKey, appId: context.credentials.appKey };
  const plainSigned = same(signature, signatureOf(token, timestamp, nonce));
  // The address is tried once when it is entered: what came is said back.
  if (call.method === 'GET') return plainSigned ? ok({ hints: [], answer: { status: 200, type: 'text/plain', body: echostr } }) : no('signature', 'the signature is not the platform’s');
  const outer = readMessage(call.body);
  if (!outer) return no('shape', 'neither JSON nor XML');
  const encrypted = outer['Encrypt'];
  if (typeof encrypted === 'string') {
    if (!same(safeSignature, signatureOf(token, timestamp, nonce, encrypted))) return no('signature', 'the signature is not the platform’s');
    const opened = aesKey === '' ? undefined : openCover(encrypted, keys);
    const message = opened === undefined ? undefined : readMessage(opened);
    return message ? ok({ hints: hintsOf(message), answer: SUCCESS }) : no('cover', 'the message could not be opened with this key and app id');
  }
  // With a key the shop expects covered messages: a bare one could be anybody's who saw one signature.
  if (aesKey !== '') return no('not_covered', 'a message without its cover');
  return plainSigned ? ok({ hints: hintsOf(outer), answer: SUCCESS }) : no('signature', 'the signature is not the platform’s');
}

/** Messages come more than once and out of order: the key makes two of one event one. */
function hintsOf(message: Body): Hint[] {
  const topic = String(message['Event'] ?? message['event'] ?? '');
  const within = (name: string): Body => (typeof message[name] === 'object' && message[name] !== null ? (message[name] as Body) : {});
  const id = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
  const at = id(message['CreateTime'] ?? message['create_time']);
  const order = id(within('order_info')['order_id'] ?? message['order_id']);
  const afterSale = within('finder_shop_aftersale_status_update');
  const refund = id(afterSale['after_sale_order_id'] ?? within('aftersale_info')['after_sale_order_id'] ?? message['after_sale_order_id']);
  const kind: Hint['kind'] = topic.startsWith('channels_ec_order') ? 'order' : topic.startsWith('channels_ec_aftersale') ? 'refund' : 'other';
  const platformId = kind === 'refund' ? refund || order : order;
  return topic === '' ? [] : [{ key: `${topic} ${platformId} ${at}`, kind, platformId, topic }];
}
