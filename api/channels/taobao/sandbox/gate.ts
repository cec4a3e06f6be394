/** What the platform checks before it looks at the method: its own reading of the protocol, never the connector's code. */
import { createHash, createHmac } from 'node:crypto';

export type WireError = { readonly code: number; readonly msg: string; readonly sub_code?: string; readonly sub_msg?: string };
export type Gate = { readonly appKey: string; readonly appSecret: string; readonly now: () => Date; readonly tokenValid: (session: string) => boolean };
const SKEW_MS = 600_000;

/** All parameters but `sign`, sorted by code point, joined without anything between; digest by `sign_method`. */
export function expectedSign(params: URLSearchParams, secret: string): string {
  const joined = [...params.entries()].filter(([k, v]) => k !== 'sign' && v.length > 0).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).flat().join('');
  const method = params.get('sign_method');
  const digest = method === 'hmac-sha256' ? createHmac('sha256', secret).update(joined) : method === 'hmac' ? createHmac('md5', secret).update(joined) : createHash('md5').update(secret + joined + secret);
  return digest.digest('hex').toUpperCase();
}

export function checkGate(params: URLSearchParams, gate: Gate): WireError | undefined {
  if (!params.get('method')) return { code: 21, msg: 'Missing Method' };
  if (params.get('format') !== 'json') return { code: 23, msg: 'Invalid Format' };
  if (!params.get('app_key')) return { code: 28, msg: 'Missing App Key' };
  if (params.get('app_key') !== gate.appKey) return { code: 29, msg: 'Invalid App Key' };
  const stamp = params.get('timestamp');
  if (!stamp) return { code: 30, msg: 'Missing Timestamp' };
  const at = Date.parse(`${stamp.replace(' ', 'T')}+08:00`);
  if (Number.isNaN(at) || Math.abs(at - gate.now().getTime()) > SKEW_MS) return { code: 31, msg: 'Invalid Timestamp' };
  if (!params.get('sign')) return { code: 24, msg: 'Missing Signature' };
  if (params.get('sign') !== expectedSign(params, gate.appSecret)) return { code: 25, msg: 'Invalid Signature' };
  if (!params.get('session')) return { code: 26, msg: 'Missing Session' };
  if (!gate.tokenValid(params.get('session')!)) return { code: 27, msg: 'Invalid Session', sub_code: 'session-expired', sub_msg: 'session has expired' };
  return undefined;
}
