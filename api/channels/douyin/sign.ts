import { createHash, createHmac } from 'node:crypto';

/** A business object as the platform signs it. Ids that are 64-bit numbers there are handed in as `bigint`. */
export type Param = string | number | boolean | bigint | readonly Param[] | { readonly [key: string]: Param | undefined };

/** Keys by byte order at every level, no spaces, nothing escaped that JSON does not demand; the same text is signed and sent (vendor SDKs, read 2026-11). */
export function canonicalJson(value: Param): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Param[]).map(canonicalJson).join(',')}]`;
  const pairs = Object.entries(value).filter((p): p is [string, Param] => p[1] !== undefined).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}

type Signed = { readonly appKey: string; readonly appSecret: string; readonly method: string; readonly paramJson: string; readonly timestamp: string };
/** HMAC-SHA256 over secret + names and values + secret, lower-case hex; token and method of signing take no part. */
export function sign({ appKey, appSecret, method, paramJson, timestamp }: Signed): string {
  const text = `${appSecret}app_key${appKey}method${method}param_json${paramJson}timestamp${timestamp}v2${appSecret}`;
  return createHmac('sha256', appSecret).update(text, 'utf8').digest('hex');
}
/** What the platform signs when it brings a message. */
export const messageSign = (appKey: string, appSecret: string, body: string): string => createHash('md5').update(`${appKey}${body}${appSecret}`, 'utf8').digest('hex');
