/**
 * How a caller and a relay prove themselves to one another: both know one key, and each signs what it says. A proof covers
 * the whole of a call, or the whole of its answer together with the call's nonce, so that neither can be changed on the way
 * or used again.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const RELAY = { at: 'x-relay-at', nonce: 'x-relay-nonce', proof: 'x-relay-proof', fault: 'x-relay-fault' } as const;
/** Headers that a call may carry through: JD's second gateway has its signature in them. */
export const CARRIED = /^(content-type|accept|x-jos-[a-z-]+)$/;
/** Headers of an answer that connectors read. */
export const ANSWERED = ['content-type', 'date', 'retry-after'] as const;
/** 32 bytes at least, as base64url. */
export const RELAY_KEY = /^[A-Za-z0-9_-]{43,200}$/;

const mac = (key: string, parts: readonly string[]): string => createHmac('sha256', key).update(JSON.stringify(['suanpan-relay-1', ...parts])).digest('base64url');
const digest = (body: Uint8Array | string): string => createHash('sha256').update(body).digest('base64url');
const flat = (headers: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)));

export type ProvedCall = { readonly method: string; readonly target: string; readonly at: string; readonly nonce: string; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array | string };
export const callProof = (key: string, c: ProvedCall): string => mac(key, ['call', c.method, c.target, c.at, c.nonce, flat(c.headers), digest(c.body)]);
export type ProvedAnswer = { readonly nonce: string; readonly status: number; readonly fault: string; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array | string };
export const answerProof = (key: string, a: ProvedAnswer): string => mac(key, ['answer', a.nonce, String(a.status), a.fault, flat(a.headers), digest(a.body)]);
export const sameProof = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
export const newNonce = (): string => randomBytes(16).toString('base64url');
