import { createHash } from 'node:crypto';

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex').toUpperCase();
/** Of a query: the parameters as sent, key, customer. Upper-case hex (api.kuaidi100.com documents; the vendor's Java and Node demos agree). */
export const querySign = (param: string, key: string, customer: string): string => md5(`${param}${key}${customer}`);
/** Of a push to us: the parameters as they came, and the salt that was given with the subscription. */
export const pushSign = (param: string, salt: string): string => md5(`${param}${salt}`);
