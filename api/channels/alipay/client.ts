/** One call of Alipay's gateway (v2): signed with RSA2, the answer's signature checked over its raw text. */
import { createSign, createVerify } from 'node:crypto';
import { localTimeText } from '../../contract/values/time.ts';
import type { ChannelRefusal, PaymentContext } from '../channel.ts';
import { refuse, ok, type Result } from '../../contract/values/result.ts';
import { exchange } from '../transport/http.ts';

const GATEWAY = 'https://openapi.alipay.com/gateway.do';
const pem = (key: string, kind: 'PRIVATE' | 'PUBLIC'): string => (key.includes('-----BEGIN') ? key : `-----BEGIN ${kind} KEY-----\n${key.replace(/\s/g, '').replace(/(.{64})/g, '$1\n')}\n-----END ${kind} KEY-----`);

/** All parameters but `sign`, none empty, sorted, `k=v` joined by `&`, raw; RSA-SHA256, base64. */
export function signed(params: Readonly<Record<string, string>>, privateKey: string): Record<string, string> {
  const text = Object.keys(params).filter((k) => params[k] !== '').sort().map((k) => `${k}=${params[k]}`).join('&');
  return { ...params, sign: createSign('RSA-SHA256').update(text, 'utf8').sign(pem(privateKey, 'PRIVATE'), 'base64') };
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
type Body = { readonly code?: string; readonly msg?: string; readonly sub_code?: string; readonly sub_msg?: string; readonly bill_download_url?: string };

export async function callAlipay(context: PaymentContext, method: string, content: Readonly<Record<string, string>>): Promise<Result<Body, ChannelRefusal>> {
  const { appId = '', privateKey = '', alipayPublicKey = '' } = context.account;
  const params = signed({ app_id: appId, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', timestamp: localTimeText(context.now()), version: '1.0', biz_content: JSON.stringify(content) }, privateKey);
  const reply = await exchange({ url: context.gateway || GATEWAY, form: params }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (typeof reply === 'string') return refuse({ code: 'retry', platformCode: 'connection', words: reply });
  const key = `${method.replaceAll('.', '_')}_response`;
  const raw = rawValue(reply.text, key) ?? rawValue(reply.text, 'error_response');
  if (!raw) return refuse({ code: 'retry', platformCode: `http_${reply.status}`, words: 'an answer that is none' });
  const body = JSON.parse(raw) as Body;
  const sign = /"sign"\s*:\s*"([^"]+)"/.exec(reply.text)?.[1];
  // An answer that refuses the caller's identity comes unsigned; everything else must carry Alipay's signature.
  if (sign && !createVerify('RSA-SHA256').update(raw, 'utf8').verify(pem(alipayPublicKey, 'PUBLIC'), sign, 'base64')) return refuse({ code: 'ask_person', platformCode: 'response_signature', words: 'the answer is not signed by Alipay: check the public key' });
  if (body.code === '10000') return sign ? ok(body) : refuse({ code: 'ask_person', platformCode: 'response_unsigned', words: 'the answer carries no signature' });
  return refuse(refusalOf(body));
}

/** Codes of the gateway (error table D-err of the protocol notes, 2026-11). */
function refusalOf(b: Body): ChannelRefusal {
  const platformCode = normal(b.sub_code ?? b.code ?? '');
  const words = [b.code, b.msg, b.sub_code, b.sub_msg].filter(Boolean).join(' ').slice(0, 300);
  if (/call_limited/.test(platformCode) || b.code === '40005') return { code: 'rate_limited', platformCode, words, retryAfterMs: 60_000 };
  if (b.code === '20000') return { code: 'retry', platformCode, words };
  if (b.code === '20001' || b.code === '40006' || platformCode === 'invalid_signature') return { code: 'ask_person', platformCode, words };
  return { code: 'refuse_row', platformCode, words };
}
