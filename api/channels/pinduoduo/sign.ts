import { createHash } from 'node:crypto';

/**
 * The signature of the Pinduoduo open platform: MD5(secret + k1v1k2v2… + secret), upper-case hex; keys in byte order, values
 * as they are sent, a list or an object as its compact JSON text (five public clients, read 2026-11). An empty value is
 * skipped by one client and signed by another: we send none.
 */
export function sign(params: Readonly<Record<string, string>>, secret: string): string {
  const keys = Object.keys(params).filter((k) => k !== 'sign').sort((a, b) => (a < b ? -1 : 1));
  return createHash('md5').update(`${secret}${keys.map((k) => `${k}${params[k]}`).join('')}${secret}`, 'utf8').digest('hex').toUpperCase();
}
