import { isSafeNumber, parse } from 'lossless-json';

/** JSON in which a number too long for a double (an 18-digit id) stays text, digit for digit. */
export const parsePlatformJson = (text: string): unknown => (LONG.test(text) ? lossless(text) : JSON.parse(text));
/** A bare number of sixteen characters or more, or a text that looks like one: without it nothing can be lost. */
const LONG = /[[:,]\s*-?\d[\d.eE+-]{15}/;
const lossless = (text: string): unknown => parse(text, undefined, (digits) => (isSafeNumber(digits) ? Number(digits) : digits));
