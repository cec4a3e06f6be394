import { createHash } from 'node:crypto';

/**
 * The signature of both JD gateways: MD5(secret + k1v1k2v2… + secret), upper-case hex, keys in ASCII order, values raw, empty
 * values left out (open.jd.com developer guide 2643 and SP-API guide 1100604, read 2026-11; the worked example is a test).
 */
export function sign(params: Readonly<Record<string, string>>, secret: string): string {
  const keys = Object.keys(params).filter((k) => k !== 'sign' && params[k] !== '').sort((a, b) => (a < b ? -1 : 1));
  return createHash('md5').update(`${secret}${keys.map((k) => `${k}${params[k]}`).join('')}${secret}`, 'utf8').digest('hex').toUpperCase();
}
