/** One signed GET of API v3, its answer checked against WeChat Pay's own key: the public key, or a platform certificate that rotates. */
import { ChannelFault, type ChannelRefusal, type PaymentContext } from '../channel.ts';
import { ConnectionFault, exchange, type Reply } from '../transport/http.ts';
import { makeLimits } from '../transport/limits.ts';
import { pemOf } from '../transport/pem.ts';
import { redact } from '../transport/redact.ts';
import { pause } from '../transport/throttle.ts';
import { authorization, genuine, openResource, serialOf, type Resource } from './sign.ts';

const HOST = 'https://api.mch.weixin.qq.com';
const TRIES = 4;
/** Partner pages state 3 calls a second for bills; merchants' pages state none. */
const limits = makeLimits({ perSecond: 3, burst: 3 });
const PATIENCE_MS = 6_000;
const CREATING_AGAIN_MS = 30 * 60_000;
const LIMITED_AGAIN_MS = 60_000;

const fault = (code: ChannelRefusal['code'], platformCode: string, words: string): ChannelFault => new ChannelFault({ code, platformCode, words });
export const urlOf = (context: PaymentContext, path: string): URL => new URL(path, context.gateway || HOST);

async function once(context: PaymentContext, url: URL): Promise<Reply> {
  const { mchId = '', serialNo = '', privateKey = '', publicKeyId = '' } = context.account;
  await limits.take(mchId, url.pathname.split('/').slice(0, 4).join('/'), PATIENCE_MS);
  let auth: string;
  try {
    auth = authorization({ mchId, serialNo, privateKey }, 'GET', url, context.now());
  } catch {
    throw fault('ask_person', 'private_key', 'the private key of the account cannot be used: paste apiclient_key.pem again');
  }
  // Names the key that we can check, so that an account between certificate and public key gets answers that it can read.
  return exchange({ url: url.toString(), headers: { authorization: auth, accept: 'application/json', 'user-agent': 'suanpan', ...(publicKeyId ? { 'wechatpay-serial': publicKeyId } : {}) } });
}

/** A reply of any status; failures of the connection and of the server are tried again. */
export async function send(context: PaymentContext, url: URL): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    try {
      const reply = await once(context, url);
      if (reply.status < 500 || tries >= TRIES) return reply;
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      if (tries >= TRIES) throw fault('retry', 'connection', error.message);
    }
    await pause(75 * 2 ** tries);
  }
}

/** The body, once it is sure who wrote it. A refusal that decides something (an empty day) is checked like a success. */
export async function get(context: PaymentContext, path: string): Promise<unknown> {
  const reply = await send(context, urlOf(context, path));
  const sure = reply.status < 500 && reply.status !== 401 && reply.status !== 429;
  if (sure) await check(context, reply, await keyOf(context, serialOf(reply)));
  if (reply.status === 200) return JSON.parse(reply.text) as unknown;
  throw new ChannelFault(refusalOf(context, reply));
}

function check(context: PaymentContext, reply: Reply, key: string | undefined): void {
  const found = key === undefined ? 'unknown key' : genuine(reply, key, context.now());
  if (found === 'stale') throw fault('ask_person', 'response_stale', 'the answer is more than five minutes old: check the clock of this machine');
  if (found !== 'genuine') throw fault('ask_person', 'response_signature', `the answer is not signed by WeChat Pay (${found}, serial ${serialOf(reply) || 'missing'}): check the public key and the APIv3 key`);
}

/** Platform certificates by serial, for each merchant; several hold at once while one takes over from another. */
const certificates = new Map<string, ReadonlyMap<string, string>>();
async function keyOf(context: PaymentContext, serial: string): Promise<string | undefined> {
  const { mchId = '', publicKeyId = '', publicKey = '', apiV3Key = '' } = context.account;
  if (serial !== '' && serial === publicKeyId) return pemOf(publicKey, 'PUBLIC KEY');
  const name = `${context.gateway} ${mchId}`;
  const known = certificates.get(name)?.get(serial);
  if (known || apiV3Key === '' || serial === '' || serial.startsWith('PUB_KEY_ID_')) return known;
  const fresh = await platformCertificates(context, apiV3Key);
  certificates.set(name, fresh);
  return fresh.get(serial);
}

type Listed = { readonly data?: readonly { readonly serial_no: string; readonly encrypt_certificate: Resource }[] };
/** The list is signed by one of the certificates in it; that they are WeChat Pay's is proved by our own APIv3 key. */
async function platformCertificates(context: PaymentContext, apiV3Key: string): Promise<ReadonlyMap<string, string>> {
  const reply = await send(context, urlOf(context, '/v3/certificates'));
  if (reply.status !== 200) throw new ChannelFault(refusalOf(context, reply));
  const found = new Map<string, string>();
  for (const one of (JSON.parse(reply.text) as Listed).data ?? []) {
    const pem = openResource(one.encrypt_certificate, apiV3Key);
    if (pem === undefined) throw fault('ask_person', 'api_v3_key', 'the platform certificates cannot be opened: check the APIv3 key');
    found.set(one.serial_no, pem);
  }
  check(context, reply, found.get(serialOf(reply)));
  return found;
}

export function refusalOf(context: PaymentContext, reply: Reply): ChannelRefusal {
  let body: { code?: string; message?: string } = {};
  try { body = JSON.parse(reply.text) as typeof body; } catch { /* a gateway's own page says nothing of use */ }
  const platformCode = body.code ?? `http_${reply.status}`;
  const words = redact(`${platformCode} ${body.message ?? ''}`.slice(0, 300), [context.account['apiV3Key'] ?? '', context.account['privateKey'] ?? '']);
  if (reply.status === 429) return { code: 'rate_limited', platformCode, words, retryAfterMs: LIMITED_AGAIN_MS };
  if (platformCode === 'STATEMENT_CREATING') return { code: 'retry', platformCode, words, retryAfterMs: CREATING_AGAIN_MS };
  if (reply.status >= 500) return { code: 'retry', platformCode, words };
  return { code: reply.status === 401 || reply.status === 403 ? 'ask_person' : 'refuse_row', platformCode, words };
}
