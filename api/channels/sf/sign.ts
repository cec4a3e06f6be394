import { createHash } from 'node:crypto';

/** Chosen per application at SF's console; the standard one is what old applications have (developSupport/976720 and /195960, read 2026-11). */
export const DIGESTS = ['standard', 'simple', 'sm3'] as const;
export type Digest = (typeof DIGESTS)[number];

/** As java.net.URLEncoder writes UTF-8: a space is `+`, and of ASCII marks only `* - . _` stay. */
const javaEncoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+').replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** `msgDigest` over exactly the text that is sent as `msgData`. */
export function digest(msgData: string, timestamp: string, checkword: string, mode: Digest = 'standard'): string {
  const text = `${msgData}${timestamp}${checkword}`;
  if (mode === 'sm3') return createHash('sm3').update(text, 'utf8').digest('hex');
  return createHash('md5').update(mode === 'standard' ? javaEncoded(text) : text, 'utf8').digest('base64');
}
