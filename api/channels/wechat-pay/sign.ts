/** WECHATPAY2-SHA256-RSA2048: what we sign, what we check, what comes encrypted. Facts WP-1 to WP-5 of the protocol notes, 2026-11. */
import { createDecipheriv, createSign, createVerify, randomBytes } from 'node:crypto';
import { pemOf } from '../transport/pem.ts';

export type Signer = { readonly mchId: string; readonly serialNo: string; readonly privateKey: string };
/** Five lines, each ended by a line break: method, path and query as sent, seconds, nonce, body. */
export const requestText = (method: string, url: URL, seconds: number, nonce: string, body: string): string => `${method}\n${url.pathname}${url.search}\n${seconds}\n${nonce}\n${body}\n`;
export function authorization(by: Signer, method: string, url: URL, at: Date, body = ''): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const nonce = randomBytes(16).toString('hex').toUpperCase();
  const signature = createSign('RSA-SHA256').update(requestText(method, url, seconds, nonce, body)).sign(pemOf(by.privateKey, 'PRIVATE KEY'), 'base64');
  return `WECHATPAY2-SHA256-RSA2048 mchid="${by.mchId}",nonce_str="${nonce}",timestamp="${seconds}",serial_no="${by.serialNo}",signature="${signature}"`;
}

type Signed = { readonly headers: Headers; readonly bytes: Uint8Array };
/** Both sides tolerate five minutes. */
const PATIENCE_S = 300;
export const serialOf = (reply: Signed): string => reply.headers.get('wechatpay-serial') ?? '';
/** An answer (or a callback) is theirs when the key named in it has signed time, nonce and the body as it came. */
export function genuine(reply: Signed, key: string, now: Date): 'genuine' | 'stale' | 'forged' {
  const seconds = Number(reply.headers.get('wechatpay-timestamp'));
  const check = createVerify('RSA-SHA256').update(`${reply.headers.get('wechatpay-timestamp') ?? ''}\n${reply.headers.get('wechatpay-nonce') ?? ''}\n`).update(reply.bytes).update('\n');
  if (!check.verify(key, reply.headers.get('wechatpay-signature') ?? '', 'base64')) return 'forged';
  return Math.abs(now.getTime() / 1000 - seconds) <= PATIENCE_S ? 'genuine' : 'stale';
}

export type Resource = { readonly algorithm: string; readonly nonce: string; readonly associated_data?: string; readonly ciphertext: string };
/** AEAD_AES_256_GCM under the 32 bytes of the APIv3 key; the tag is the last 16 bytes. Undefined when it was not made with our key. */
export function openResource(resource: Resource, apiV3Key: string): string | undefined {
  const all = Buffer.from(resource.ciphertext, 'base64');
  try {
    const cipher = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key, 'utf8'), Buffer.from(resource.nonce, 'utf8'));
    cipher.setAAD(Buffer.from(resource.associated_data ?? '', 'utf8')).setAuthTag(all.subarray(-16));
    return Buffer.concat([cipher.update(all.subarray(0, -16)), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
