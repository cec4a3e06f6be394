/**
 * One call to a platform, whatever its protocol: limits met, tokens renewed ahead of their end or when the platform says so,
 * bans waited for, clocks compared, and every refusal told without our secrets. A connector hands in how it signs and reads.
 */
import { ChannelFault, type ChannelContext, type ChannelRefusal, type Credentials } from '../channel.ts';
import { ConnectionFault, RelayFault, type Reply } from './http.ts';
import type { Limits } from './limits.ts';
import { redact } from './redact.ts';
import { pause } from './throttle.ts';

/** Failures of one call in a row; and bans in a row, which are waited for and say nothing about the call. */
const MAX_TRIES = 6;
const MAX_BANS = 12;
const RELAY_STOPS = new Set(['not_proved', 'answer_not_proved', 'not_a_gateway']);
/** A ban no longer than this is waited for here; a longer one goes back to the window, so that other shops get their turn. */
export const PATIENCE_MS = 6_000;
/** Tokens are renewed this long before their end; longer when the platform allows it only in a window of its own. */
const RENEW_AHEAD_MS = 300_000;
/** Clocks that differ by less than this are taken as one: the Date header has whole seconds, and answers take time. */
const SAME_CLOCK_MS = 30_000;

/** `clock`: the refusal says that our time is wrong, so the call is made again with the platform's. */
export type Read<A> = { readonly value: A } | { readonly refusal: ChannelRefusal; readonly clock?: boolean };
export type Call<A> = {
  /** As the platform counts its limits. */
  readonly method: string;
  /** Signs and sends with these credentials, at this instant of the platform's clock. */
  readonly send: (credentials: Credentials, at: Date) => Promise<Reply>;
  /** Not sent again when nothing is known of its effect: the caller looks first. */
  readonly once?: true;
  readonly read: (reply: Reply) => Read<A>;
};
export type CallerParts = {
  readonly channel: string;
  readonly limits: Limits;
  /** Asks for new tokens; throws `ChannelFault`. Keeping them is done here. */
  readonly renew?: (old: Credentials, at: Date) => Promise<Credentials>;
  readonly renewAheadMs?: number;
};
export type Caller = { readonly call: <A>(call: Call<A>) => Promise<A>; readonly refresh: () => Promise<Credentials>; readonly credentials: () => Credentials; readonly now: () => Date };

/** One caller for one piece of work: it carries renewed tokens and the measured difference of the clocks. */
export function makeCaller(context: ChannelContext, parts: CallerParts): Caller {
  let credentials = context.credentials;
  let skewMs = 0;
  let toldOfClock = false;
  let renewing: Promise<Credentials> | undefined;
  const now = (): Date => new Date(context.now().getTime() + skewMs);

  const refresh = (): Promise<Credentials> => {
    const renew = parts.renew;
    if (!renew) throw new ChannelFault({ code: 'pause_shop', platformCode: 'no_renewal', words: 'this platform gives no new token without the seller' });
    const work = async (): Promise<Credentials> => {
      const kept = await context.latest?.();
      if (kept && kept.accessToken !== credentials.accessToken) return (credentials = kept);
      credentials = await renew(credentials, now());
      await context.saveCredentials(credentials);
      return credentials;
    };
    renewing ??= (context.alone ? context.alone(work) : work()).finally(() => { renewing = undefined; });
    return renewing;
  };
  /** The platform's own clock is taken from its Date header, and a person is told, once. */
  const compareClocks = async (reply: Reply): Promise<boolean> => {
    const theirs = Date.parse(reply.headers.get('date') ?? '');
    if (Number.isNaN(theirs) || Math.abs(theirs - now().getTime()) < SAME_CLOCK_MS) return false;
    skewMs = theirs - context.now().getTime();
    if (!toldOfClock) await context.notice({ kind: 'clock_skew', subject: parts.channel, words: `${Math.round(skewMs / 1000)} s` });
    toldOfClock = true;
    return true;
  };
  const call = async <A>(one: Call<A>): Promise<A> => {
    const { expiresAt, refreshToken } = credentials;
    if (parts.renew && expiresAt && refreshToken && expiresAt.getTime() - now().getTime() < (parts.renewAheadMs ?? RENEW_AHEAD_MS)) await ahead(expiresAt);
    for (let [tries, bans] = [1, 0]; ; ) {
      await parts.limits.take(credentials.appKey, one.method, PATIENCE_MS);
      const token = credentials.accessToken;
      const answer = await ask(one, credentials, now());
      const moved = answer.reply ? await compareClocks(answer.reply) : false;
      if ('value' in answer.read) return answer.read.value;
      const refusal = { ...answer.read.refusal, words: redact(answer.read.refusal.words, [credentials.appSecret, token, credentials.refreshToken]) };
      const banned = refusal.code === 'rate_limited';
      if (banned ? bans++ >= MAX_BANS : tries++ >= MAX_TRIES) throw new ChannelFault(refusal);
      if (answer.read.clock && moved) continue;
      if (refusal.code === 'refresh_token') {
        if (token === credentials.accessToken) await refresh();
      } else if (banned) {
        const ban = refusal.retryAfterMs ?? 1000;
        parts.limits.ban(credentials.appKey, one.method, ban);
        if (ban > PATIENCE_MS) throw new ChannelFault(refusal);
      } else if (refusal.code === 'retry' && !one.once) await pause(40 * 2 ** tries);
      else throw new ChannelFault(refusal);
    }
  };
  /** Ahead of the end a refusal is not the end yet: the old token still holds, and the shop's people are told. */
  const ahead = async (expiresAt: Date): Promise<void> => {
    try {
      await refresh();
    } catch (error) {
      if (!(error instanceof ChannelFault) || expiresAt <= now()) throw error;
      await context.notice({ kind: 'token_expiring', subject: parts.channel, words: redact(error.refusal.words, [credentials.appSecret, credentials.refreshToken]) });
    }
  };
  return { call, refresh, credentials: () => credentials, now };
}

async function ask<A>(one: Call<A>, credentials: Credentials, at: Date): Promise<{ readonly read: Read<A>; readonly reply?: Reply }> {
  try {
    const reply = await one.send(credentials, at);
    return { read: limitedBy(reply) ?? one.read(reply), reply };
  } catch (error) {
    // A relay that does not know us, or that we do not know, is no accident that passes: a person has to look at its key.
    if (error instanceof RelayFault && RELAY_STOPS.has(error.code)) return { read: { refusal: { code: 'ask_person', platformCode: `relay_${error.code}`, words: error.message } } };
    if (error instanceof ConnectionFault) return { read: { refusal: { code: 'retry', platformCode: 'connection', words: error.message } } };
    throw error;
  }
}

/** A gateway that says in HTTP how long to wait (RFC 9110, `Retry-After` in seconds or as a date). */
function limitedBy(reply: Reply): { readonly refusal: ChannelRefusal } | undefined {
  const text = reply.headers.get('retry-after');
  if ((reply.status !== 429 && reply.status !== 503) || text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.parse(reply.headers.get('date') ?? '')) / 1000;
  const retryAfterMs = Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : 1000;
  return { refusal: { code: 'rate_limited', platformCode: `http_${reply.status}`, words: `asked to wait ${text}`, retryAfterMs } };
}

/** What a renewal that did not work means: an unreachable address is tried again, a refusal needs the seller. */
export const renewalFault = (code: 'retry' | 'pause_shop', platformCode: string, words: string): ChannelFault => new ChannelFault({ code, platformCode, words });
