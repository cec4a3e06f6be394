/** Messages as the platform brings them to a shop's address: signed, covered when the shop has a key, more than once, in any order. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';

export type Subscriber = { readonly url: string; readonly token: string; readonly aesKey: string; readonly appId: string };
const hash = (parts: readonly string[]): string => {
  const sha = createHash('sha1');
  for (const part of [...parts].sort()) sha.update(part);
  return sha.digest('hex');
};

/** 16 random bytes, the length in four, the message, the app id; filled up to a multiple of 32 by the number that is missing. */
function cover(message: string, to: Subscriber): string {
  const key = Buffer.from(to.aesKey, 'base64');
  const body = Buffer.from(message, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const bare = Buffer.concat([randomBytes(16), length, body, Buffer.from(to.appId)]);
  const missing = 32 - (bare.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([bare, Buffer.alloc(missing, missing)])), cipher.final()]).toString('base64');
}

/** The call itself; `asXml` as a shop may have it set. Answers what the shop answered. */
export async function bring(to: Subscriber, message: string, at: Date, asXml: boolean): Promise<{ readonly status: number; readonly text: string }> {
  const [timestamp, nonce] = [String(Math.floor(at.getTime() / 1000)), String(randomBytes(4).readUInt32BE())];
  const query = new URLSearchParams({ signature: hash([to.token, timestamp, nonce]), timestamp, nonce });
  let body = message;
  if (to.aesKey !== '') {
    const encrypted = cover(message, to);
    query.set('encrypt_type', 'aes');
    query.set('msg_signature', hash([to.token, timestamp, nonce, encrypted]));
    body = asXml ? `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>` : JSON.stringify({ ToUserName: 'gh_1', Encrypt: encrypted });
  }
  const response = await fetch(`${to.url}${to.url.includes('?') ? '&' : '?'}${query.toString()}`, { method: 'POST', headers: { 'content-type': asXml ? 'text/xml' : 'application/json' }, body });
  return { status: response.status, text: await response.text() };
}
/** The order's id goes as a bare number of 19 digits. */
export const orderMessage = (event: string, orderId: string, at: Date, asXml: boolean): string => (asXml
  ? `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[op1]]></FromUserName><CreateTime>${Math.floor(at.getTime() / 1000)}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[${event}]]></Event><order_info><order_id>${orderId}</order_id></order_info></xml>`
  : `{"ToUserName":"gh_1","FromUserName":"op1","CreateTime":${Math.floor(at.getTime() / 1000)},"MsgType":"event","Event":"${event}","order_info":{"order_id":${orderId}}}`);
