import { createHash } from 'node:crypto';

/** `data_digest` of the Cainiao gateways: base64 of the MD5 bytes of content and secret, UTF-8 (openapi.express.cainiao.com/docs/sign.html, read 2026-11). */
export const dataDigest = (content: string, secret: string): string => createHash('md5').update(`${content}${secret}`, 'utf8').digest('base64');
