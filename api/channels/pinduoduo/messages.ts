/**
 * Messages that wait at the platform (PMC). They come over a connection that lasts; it is held while they come, each is
 * confirmed, and it is closed when nothing has come for a while: what was not confirmed is told again, for seven days.
 */
import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelContext, type ChannelRefusal, type Hint } from '../channel.ts';
import { ConnectionFault } from '../transport/http.ts';
import { parsePlatformJson } from '../transport/json.ts';
import { oncePermitted } from '../transport/permit.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';

const ADDRESS = 'wss://message-api.pinduoduo.com/message';
/** Nothing came for so long: there is no more. At most so long altogether, and so many. */
const QUIET_MS = 1_500;
const LONGEST_MS = 20_000;
const MOST = 500;
const HEARTBEAT_MS = 5_000;
const MOST_BYTES = 1_000_000;

/** The digest is base64 of the lower-case hex text of an MD5, not of its bytes (four public clients). */
export const socketDigest = (clientId: string, ms: number, secret: string): string => Buffer.from(createHash('md5').update(`${clientId}${ms}${secret}`).digest('hex')).toString('base64');
/** A relay carries calls and no lasting connection: messages are then taken from the platform itself. A stand-in has them beside its gateway. */
function addressOf(context: ChannelContext, ms: number): string {
  const { appKey, appSecret } = context.credentials;
  const base = context.gateway && !context.relay ? context.gateway.replace(/^http/, 'ws').replace(/\/api\/router\/?$/, '/message') : ADDRESS;
  return `${base}/${appKey}/${ms}/${encodeURIComponent(socketDigest(appKey, ms, appSecret))}`;
}

const permit = oncePermitted();
export const pollHints = (context: ChannelContext): Promise<Result<readonly Hint[], ChannelRefusal>> => told(async () => {
  await permit(context, () => makeClient(context).call('pdd.pmc.user.permit', {}));
  const shop = context.credentials.platformShopId ?? '';
  const frames = await takeFrames(addressOf(context, context.now().getTime()), context.now, context.signal);
  // One app has one connection for all of its shops: a message of another shop is as good a reason to look there.
  return frames.map(hintOf).sort((a, b) => Number(b.key.startsWith(`${shop} `)) - Number(a.key.startsWith(`${shop} `)));
});

type Body = Readonly<Record<string, unknown>>;
const object = (v: unknown): Body => (typeof v === 'object' && v !== null ? (v as Body) : {});
const text = (v: unknown): string => (v === undefined || v === null ? '' : String(v));
function readJson(given: string): Body {
  try {
    return object(parsePlatformJson(given));
  } catch {
    return {};
  }
}

function takeFrames(address: string, now: () => Date, signal: AbortSignal | undefined): Promise<readonly Body[]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { handshakeTimeout: 10_000, maxPayload: MOST_BYTES });
    const taken: Body[] = [];
    let [quiet, open] = [undefined as NodeJS.Timeout | undefined, false];
    const beat = setInterval(() => { if (open) socket.send(`{"id":${now().getTime()},"commandType":"HeartBeat","time":${now().getTime()}}`); }, HEARTBEAT_MS);
    const end = (): void => socket.close();
    const longest = setTimeout(end, LONGEST_MS);
    const listen = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(end, QUIET_MS);
    };
    signal?.addEventListener('abort', end, { once: true });
    socket.on('open', () => {
      open = true;
      listen();
    });
    socket.on('message', (data) => {
      const frame = readJson(data.toString('utf8'));
      if (frame['commandType'] !== 'Common') return;
      taken.push(frame);
      socket.send(ackOf(frame, now().getTime()));
      if (taken.length >= MOST) return end();
      listen();
    });
    socket.on('error', (error) => { if (!open) reject(new ChannelFault({ code: 'retry', platformCode: 'connection', words: new ConnectionFault(address.replace(/^ws/, 'http'), error).message })); });
    socket.on('close', () => {
      for (const timer of [quiet, longest]) clearTimeout(timer);
      clearInterval(beat);
      open = false;
      signal?.removeEventListener('abort', end);
      // Cut off in the middle: what came has been confirmed, and is told of.
      resolve(taken);
    });
  });
}

/** Ids have 64 bits: their digits are written as they came. `sendTime` goes back as it was received. */
function ackOf(frame: Body, ms: number): string {
  const message = object(frame['message']);
  const bare = (v: unknown): string => (/^-?\d+$/.test(text(v)) ? text(v) : '0');
  return `{"id":${bare(frame['id'])},"commandType":"Ack","time":${ms},"sendTime":${bare(frame['sendTime'])},"type":${JSON.stringify(text(message['type']))},"mallID":${bare(message['mallID'])}}`;
}

/** An id may change when a message is told again, so shop, topic and what it is about make the key. */
function hintOf(frame: Body): Hint {
  const message = object(frame['message']);
  const [topic, content] = [text(message['type']), readJson(text(message['content']))];
  const kind = topic.startsWith('pdd_trade_') ? 'order' : topic.startsWith('pdd_refund_') ? 'refund' : 'other';
  const platformId = kind === 'refund' ? text(content['refund_id'] ?? content['tid']) : text(content['tid']);
  return { key: `${text(message['mallID'])} ${topic} ${platformId} ${text(content['modified'])}`, kind, platformId, topic };
}
