/** What the platform checks before it looks at the method: its own reading of the protocol, never the connector's code. */
import { createHash } from 'node:crypto';

export type WireError = { readonly error_code: number; readonly error_msg: string; readonly sub_code?: string | null; readonly sub_msg?: string };
export type Gate = { readonly appKey: string; readonly appSecret: string; readonly now: () => Date; readonly tokenValid: (token: string) => boolean; readonly needsToken: boolean };
const SKEW_SECONDS = 600;

export function expectedSign(params: URLSearchParams, secret: string): string {
  const pairs = [...params].filter(([k]) => k !== 'sign').sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const hash = createHash('md5').update(secret);
  for (const [k, v] of pairs) hash.update(k).update(v);
  return hash.update(secret).digest('hex').toUpperCase();
}

export function checkGate(params: URLSearchParams, gate: Gate): WireError | undefined {
  const missing = ['type', 'client_id', 'timestamp', 'sign'].find((name) => !params.get(name));
  if (missing) return { error_code: 10001, error_msg: `公共参数错误:${missing}` };
  if (params.get('client_id') !== gate.appKey) return { error_code: 10016, error_msg: 'client下线或者clientId不正确' };
  const stamp = params.get('timestamp')!;
  // Seconds: a stamp in milliseconds lies far in the future.
  if (!/^\d{10}$/.test(stamp) || Math.abs(Number(stamp) - gate.now().getTime() / 1000) > SKEW_SECONDS) return { error_code: 10001, error_msg: '公共参数错误:timestamp' };
  if (params.get('sign') !== expectedSign(params, gate.appSecret)) return { error_code: 20004, error_msg: '签名sign校验失败' };
  if ([...params.values()].some((v) => v === '')) return { error_code: 10000, error_msg: '参数错误' };
  if (!gate.needsToken) return undefined;
  if (!params.get('access_token')) return { error_code: 10001, error_msg: '公共参数错误:access_token' };
  return gate.tokenValid(params.get('access_token')!) ? undefined : { error_code: 10019, error_msg: 'access_token已过期' };
}
