import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Never written: secrets and what identifies a buyer. */
const NEVER = ['authorization', 'token', 'accessToken', 'refreshToken', 'appSecret', 'privateKey', 'receiver', 'phone', 'mobile', 'address', 'buyerNick', 'name_of_buyer'];

/** JSON lines on stderr (stdout belongs to what a person reads). ERROR means that somebody must act now. */
export const makeLog = (level: string, file?: string): Log =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: NEVER.flatMap((n) => [n, `*.${n}`]), censor: '***' } },
    file ? pino.destination({ dest: file, mkdir: true, sync: false }) : pino.destination(2),
  );
