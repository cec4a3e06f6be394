import { isSafeNumber, parse } from 'lossless-json';

/** JSON in which a number too long for a double (an 18-digit id) stays text, digit for digit. */
export const parsePlatformJson = (text: string): unknown => parse(text, undefined, (digits) => (isSafeNumber(digits) ? Number(digits) : digits));
