/** Routes by Kuaidi100: asked for, subscribed to, and heard. */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { instantFromLocalText } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelRefusal, type CourierContext, type HeardRoutes, type IncomingCall, type RouteAsk, type RouteEvent, type RouteState } from '../channel.ts';
import { courierAt } from '../transport/couriers.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';
import { pushSign } from './sign.ts';

const text = z.union([z.string(), z.number()]).transform(String).catch('');
const Step = z.looseObject({ time: text, ftime: text, context: text, status: text, statusCode: text, areaName: text, location: text });
const Result100 = z.looseObject({ state: text, com: text, nu: text, data: z.array(Step).nullish().transform((l) => l ?? []).catch([]) });
/** Main states, and sub-states where they say more (table of the documents; 2 is 疑难, 13 客关异常, 14 拒签). */
const STATES: Readonly<Record<string, RouteState>> = {
  0: 'in_transit', 1: 'picked_up', 2: 'problem', 3: 'delivered', 4: 'returned', 5: 'delivering', 6: 'returning', 7: 'in_transit', 10: 'in_transit', 11: 'in_transit', 12: 'in_transit', 13: 'problem', 14: 'problem', 101: 'accepted', 102: 'accepted', 103: 'picked_up', 401: 'problem', 501: 'delivering',
};
/** The step's own state (resultv2 4), its main part by the first digit; without one the newest step has the parcel's. */
const stateOf = (code: string): RouteState => STATES[code] ?? STATES[code.slice(0, -2)] ?? 'unknown';

function eventsOf(raw: unknown): RouteEvent[] {
  const read = Result100.safeParse(raw);
  if (!read.success) return [];
  const { nu, state, data } = read.data;
  const newest = Math.max(...data.map((d) => instantFromLocalText(d.ftime || d.time)?.getTime() ?? 0));
  return data.flatMap((d): RouteEvent[] => {
    const at = instantFromLocalText(d.ftime || d.time);
    if (!at) return [];
    const code = d.statusCode || (at.getTime() === newest ? state : '0');
    // No step has an id: its moment and its words are what tells it from the next.
    const key = `${nu}:${at.getTime()}:${createHash('sha256').update(d.context).digest('hex').slice(0, 12)}`;
    return [{ key, trackingNumber: nu, at, state: stateOf(code), platformState: code, words: d.context, place: d.areaName || d.location }];
  });
}
function companyOf(ours: string): string {
  const com = courierAt('kuaidi100', ours);
  if (!com) throw new ChannelFault({ code: 'refuse_row', platformCode: 'courier', words: `Kuaidi100 has no code for ${ours}` });
  return com;
}

export const queryRoutes = (context: CourierContext, ask: RouteAsk): Promise<Result<readonly RouteEvent[], ChannelRefusal>> => told(async () =>
  eventsOf(await makeClient(context).query({ com: companyOf(ask.courierCode), num: ask.trackingNumber, ...(ask.phone ? { phone: ask.phone } : {}), resultv2: '4', show: '0', order: 'asc' })));

/** 501: subscribed already. */
export const subscribeRoutes = (context: CourierContext, ask: RouteAsk, callbackurl: string): Promise<Result<{ readonly again: boolean }, ChannelRefusal>> => told(async () => {
  const client = makeClient(context);
  const salt = client.account['salt'] ?? '';
  // A push without a salt is not signed, so that none is asked for.
  if (salt === '') throw new ChannelFault({ code: 'refuse_row', platformCode: 'salt', words: 'the account has no salt: pushes would not be signed' });
  try {
    await client.subscribe({ company: companyOf(ask.courierCode), number: ask.trackingNumber, parameters: { callbackurl, salt, resultv2: '4', ...(ask.phone ? { phone: ask.phone } : {}) } });
    return { again: false };
  } catch (error) {
    if (error instanceof ChannelFault && error.refusal.platformCode === '501') return { again: true };
    throw error;
  }
});

const Push = z.looseObject({ status: text, message: text, lastResult: z.unknown() });
const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const RECEIVED = { status: 200, type: 'application/json;charset=utf-8', body: '{"result":true,"returnCode":"200","message":"成功"}' } as const;

/** Signed with the account's salt: what it says is taken. `abort` says that nothing is to be found: the number is asked for. */
export async function hearRoutes(context: CourierContext, call: IncomingCall): Promise<Result<HeardRoutes, ChannelRefusal>> {
  const form = new URLSearchParams(call.body);
  const [param, sign, salt] = [form.get('param') ?? '', (form.get('sign') ?? '').toUpperCase(), context.account['salt'] ?? ''];
  if (salt === '' || param === '' || !same(sign, pushSign(param, salt))) return refuse({ code: 'refuse_row', platformCode: 'sign', words: 'the push is not signed with the account’s salt' });
  try {
    const push = Push.parse(JSON.parse(param));
    const events = eventsOf(push.lastResult);
    const number = Result100.safeParse(push.lastResult);
    return ok({ events, look: push.status === 'abort' && number.success && number.data.nu ? [number.data.nu] : [], answer: RECEIVED });
  } catch {
    return refuse({ code: 'refuse_row', platformCode: 'shape', words: 'the push could not be read' });
  }
}
