/** One call of Alipay's gateway (v2): signed with RSA2, by key or by certificate; the answer's signature checked over its raw text. */
import { createSign, createVerify } from 'node:crypto';
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelRefusal, PaymentContext } from '../channel.ts';
import { refuse, ok, type Result } from '../../contract/values/result.ts';
import { ConnectionFault, exchange, type Reply } from '../transport/http.ts';
import { pemOf } from '../transport/pem.ts';
import { redact } from '../transport/redact.ts';
import { pause } from '../transport/throttle.ts';
import { certificateSn, publicKeyIn, rootSn, trusted } from './certificates.ts';

const GATEWAY = 'https://openapi.alipay.com/gateway.do';
const CERTIFICATE = 'alipay.open.app.alipaycert.download';
const TRIES = 4;

/** All parameters but `sign`, none empty, sorted, `k=v` joined by `&`, raw; RSA-SHA256, base64. */
export function signed(params: Readonly<Record<string, string>>, privateKey: string): Record<string, string> {
  const text = Object.keys(params).filter((k) => params[k] !== '').sort().map((k) => `${k}=${params[k]}`).join('&');
  return { ...params, sign: createSign('RSA-SHA256').update(text, 'utf8').sign(pemOf(privateKey, 'PRIVATE KEY'), 'base64') };
}

/** The raw text of the value under `key`, as it stands in the body: what the platform signed. */
export function rawValue(body: string, key: string): string | undefined {
  const at = body.indexOf(`"${key}":`);
  if (at < 0) return undefined;
  const from = body.indexOf('{', at);
  let depth = 0;
  let inText = false;
  for (let i = from; i < body.length; i += 1) {
    const c = body[i];
    if (inText) {
      if (c === '\\') i += 1;
      else if (c === '"') inText = false;
    } else if (c === '"') inText = true;
    else if (c === '{') depth += 1;
    else if (c === '}' && --depth === 0) return body.slice(from, i + 1);
  }
  return undefined;
}

const normal = (code: string): string => code.toLowerCase().replaceAll('-', '_').replace(/^(isp|isv|aop|acq)\./, '');
export type Body = Readonly<Record<string, string | undefined>>;
type Asked = { readonly body: Body; readonly raw: string; readonly sign: string | undefined; readonly certSn: string | undefined };
const no = (code: ChannelRefusal['code'], platformCode: string, words: string): Result<never, ChannelRefusal> => refuse({ code, platformCode, words });

export async function callAlipay(context: PaymentContext, method: string, content: Readonly<Record<string, string>>): Promise<Result<Body, ChannelRefusal>> {
  const asked = await ask(context, method, content);
  if (!asked.ok) return asked;
  const { body, raw, sign, certSn } = asked.value;
  // An answer that refuses the caller's identity comes unsigned; everything else must carry Alipay's signature.
  if (sign) {
    const key = await keyFor(context, certSn);
    if (!key.ok) return key;
    if (!createVerify('RSA-SHA256').update(raw, 'utf8').verify(key.value, sign, 'base64')) return no('ask_person', 'response_signature', 'the answer is not signed by Alipay: check the public key or the certificates');
  }
  if (body['code'] === '10000') return sign ? ok(body) : no('ask_person', 'response_unsigned', 'the answer carries no signature');
  const refusal = refusalOf(context, body);
  // An empty day is final, so it has to be Alipay that says so.
  return !sign && refusal.code === 'refuse_row' ? no('ask_person', 'response_unsigned', `an unsigned refusal: ${refusal.words}`) : refuse(refusal);
}

async function ask(context: PaymentContext, method: string, content: Readonly<Record<string, string>>): Promise<Result<Asked, ChannelRefusal>> {
  const { appId = '', privateKey = '', appCert = '', rootCert = '', appAuthToken = '' } = context.account;
  let params: Record<string, string>;
  try {
    const certificates = appCert ? { app_cert_sn: certificateSn(pemOf(appCert, 'CERTIFICATE')), alipay_root_cert_sn: rootSn(rootCert) } : {};
    params = signed({ app_id: appId, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', timestamp: localTimeText(context.now()), version: '1.0', app_auth_token: appAuthToken, ...certificates, biz_content: JSON.stringify(content) }, privateKey);
  } catch {
    return no('ask_person', 'private_key', 'the private key or a certificate of the account cannot be used: paste it again');
  }
  const reply = await send(context.gateway || GATEWAY, Object.fromEntries(Object.entries(params).filter(([, v]) => v !== '')));
  if (typeof reply === 'string') return no('retry', 'connection', reply);
  const raw = rawValue(reply.text, `${method.replaceAll('.', '_')}_response`) ?? rawValue(reply.text, 'error_response');
  if (!raw) return no('retry', `http_${reply.status}`, 'an answer that is none');
  const rest = reply.text.replace(raw, '');
  return ok({ body: JSON.parse(raw) as Body, raw, sign: /"sign"\s*:\s*"([^"]+)"/.exec(rest)?.[1]?.replaceAll('\\/', '/'), certSn: /"alipay_cert_sn"\s*:\s*"([0-9a-f]+)"/.exec(rest)?.[1] });
}

/** Connections that fail and a busy server are tried again: the calls made here only read. */
async function send(url: string, form: Readonly<Record<string, string>>): Promise<Reply | string> {
  for (let tries = 1; ; tries += 1) {
    try {
      const reply = await exchange({ url, form });
      if (reply.status < 500 || tries >= TRIES) return reply;
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      if (tries >= TRIES) return error.message;
    }
    await pause(75 * 2 ** tries);
  }
}

/** Alipay's keys that came after the one we were given, by the serial number of their certificate. */
const rotated = new Map<string, string>();
async function keyFor(context: PaymentContext, certSn: string | undefined): Promise<Result<string, ChannelRefusal>> {
  const { alipayPublicKey = '', alipayCert = '', rootCert = '' } = context.account;
  try {
    if (!alipayCert) return ok(pemOf(alipayPublicKey, 'PUBLIC KEY'));
    const own = pemOf(alipayCert, 'CERTIFICATE');
    if (certSn === undefined || certSn === certificateSn(own)) return ok(publicKeyIn(own));
    const known = rotated.get(certSn);
    if (known) return ok(known);
    // The new certificate comes in an answer that it has signed itself; what makes it Alipay's is the root that we hold.
    const got = await ask(context, CERTIFICATE, { alipay_cert_sn: certSn });
    if (!got.ok) return got;
    const leaf = trusted(Buffer.from(got.value.body['alipay_cert_content'] ?? '', 'base64').toString('utf8'), rootCert, context.now());
    if (leaf === undefined || certificateSn(leaf) !== certSn) return no('ask_person', 'alipay_certificate', 'Alipay signs with a certificate that its root does not vouch for');
    rotated.set(certSn, publicKeyIn(leaf));
    return ok(publicKeyIn(leaf));
  } catch {
    return no('ask_person', 'alipay_certificate', 'a certificate of the account cannot be read: paste it again');
  }
}

/** Codes of the gateway (error table D-err of the protocol notes, 2026-11). */
function refusalOf(context: PaymentContext, b: Body): ChannelRefusal {
  const code = b['code'] ?? '';
  const platformCode = normal(b['sub_code'] ?? code);
  const words = redact([code, b['msg'], b['sub_code'], b['sub_msg']].filter(Boolean).join(' ').slice(0, 300), [context.account['privateKey'] ?? '', context.account['appAuthToken'] ?? '']);
  if (/call_limited/.test(platformCode) || code === '40005') return { code: 'rate_limited', platformCode, words, retryAfterMs: 60_000 };
  if (code === '20000') return { code: 'retry', platformCode, words };
  if (code === '20001' || code === '40006' || platformCode === 'invalid_signature' || platformCode === 'invalid_app_id') return { code: 'ask_person', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}
