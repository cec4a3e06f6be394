import { createHash } from 'node:crypto';

/** Names and values in the order of the names, the signing secret behind them, MD5 in lower-case hex (the platform's page on calls, read 2026-11). What is signed is not URL-encoded. */
export function sign(params: Readonly<Record<string, string>>, signSecret: string): string {
  const text = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${v}`).join('&');
  return createHash('md5').update(`${text}&signSecret=${signSecret}`, 'utf8').digest('hex');
}
