/** Where SF's parcels are: asked for, or told of by a push that SF does not sign. And whether a place is served. */
import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { instantFromLocalText } from '../../contract/values/time.ts';
import { ok, refuse, type Result } from '../../contract/values/result.ts';
import { ChannelFault, type ChannelRefusal, type CourierContext, type HeardRoutes, type IncomingCall, type Reach, type ReachAsk, type RouteAsk, type RouteEvent, type RouteState } from '../channel.ts';
import { told } from '../transport/told.ts';
import { makeClient } from './client.ts';

const text = z.union([z.string(), z.number()]).transform(String).catch('');
const listOf = <T extends z.ZodType>(one: T) => z.array(one).nullish().transform((l) => l ?? []).catch([]);
const Routes = z.looseObject({ routeResps: listOf(z.looseObject({ mailNo: text, routes: listOf(z.looseObject({ acceptTime: text, acceptAddress: text, remark: text, opCode: text })) })) });
/** Codes that were seen in public samples, and 33, 70 (not handed over) and 648 (sent back) as assumed; the full list is not public: another one is under way, its text kept. */
const STATES: Readonly<Record<string, RouteState>> = { 50: 'picked_up', 54: 'picked_up', 30: 'in_transit', 31: 'in_transit', 36: 'in_transit', 44: 'delivering', 204: 'delivering', 80: 'delivered', 8000: 'delivered', 33: 'problem', 70: 'problem', 648: 'returned' };

export const queryRoutes = (context: CourierContext, ask: RouteAsk): Promise<Result<readonly RouteEvent[], ChannelRefusal>> => told(async () => {
  const message = { language: 'zh-CN', trackingType: '1', trackingNumber: [ask.trackingNumber], methodType: '1', ...(ask.phone ? { checkPhoneNo: ask.phone.slice(-4) } : {}) };
  const read = Routes.safeParse(await makeClient(context).call('EXP_RECE_SEARCH_ROUTES', message));
  if (!read.success) throw new ChannelFault({ code: 'retry', platformCode: 'shape', words: 'the routes could not be read' });
  return read.data.routeResps.filter((r) => r.mailNo === ask.trackingNumber).flatMap((r) => r.routes.flatMap((x): RouteEvent[] => {
    const at = instantFromLocalText(x.acceptTime);
    return at ? [{ key: `${r.mailNo}:${x.acceptTime}:${x.opCode}`, trackingNumber: r.mailNo, at, state: STATES[x.opCode] ?? 'unknown', platformState: x.opCode, words: x.remark, place: x.acceptAddress }] : [];
  }));
});

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const Push = z.looseObject({ Body: z.looseObject({ WaybillRoute: listOf(z.looseObject({ mailno: text })) }) });
const JSON_TYPE = 'application/json;charset=utf-8';
const ANSWERS = {
  json: { status: 200, type: JSON_TYPE, body: '{"return_code":"0000","return_msg":"成功"}' },
  xml: { status: 200, type: 'text/xml;charset=utf-8', body: '<Response service="RoutePushService"><Head>OK</Head></Response>' },
} as const;

/**
 * A signature is in no document (unknown): the address that is entered at SF's console holds a secret of the account, and what
 * the push says is never taken, only which numbers to ask for. Old applications push XML, new ones JSON.
 */
export async function hearRoutes(context: CourierContext, call: IncomingCall): Promise<Result<HeardRoutes, ChannelRefusal>> {
  const { pushKey = '' } = context.account;
  if (pushKey === '' || !same(pushKey, call.query['key'] ?? '')) return refuse({ code: 'refuse_row', platformCode: 'push_key', words: 'the address does not hold the account’s push key' });
  const body = call.body.trim();
  if (body.startsWith('<')) return ok({ events: [], look: numbers([...body.matchAll(/<WaybillRoute\b[^>]*?\bmailno\s*=\s*"([^"]+)"/g)].map((m) => m[1]!)), answer: ANSWERS.xml });
  try {
    return ok({ events: [], look: numbers(Push.parse(JSON.parse(body)).Body.WaybillRoute.map((r) => r.mailno)), answer: ANSWERS.json });
  } catch {
    return refuse({ code: 'refuse_row', platformCode: 'shape', words: 'neither JSON nor XML of a route push' });
  }
}
const numbers = (list: readonly string[]): string[] => [...new Set(list.filter((n) => /^[A-Za-z0-9]{6,40}$/.test(n)))];

const Filter = z.looseObject({ filterResult: z.coerce.number(), remark: text });
const place = (contactType: 1 | 2, a: ReachAsk['receiver']) => ({ contactType, country: 'CN', province: a.province, city: a.city || a.district, county: a.district, address: `${a.town}${a.address}` || a.district });
/** `filterType` 1: decided by the address book alone. Only a plain no is one; what SF would look at by hand may be served. */
export const askReach = (context: CourierContext, ask: ReachAsk): Promise<Result<Reach, ChannelRefusal>> => told(async () => {
  const answer = await makeClient(context).call('EXP_RECE_FILTER_ORDER_BSP', [{ filterType: 1, contactInfos: [place(1, ask.sender), place(2, ask.receiver)] }]);
  // The list stands bare or under `resDtos`: the document and its example differ.
  const list = Array.isArray(answer) ? answer : ((answer as { resDtos?: unknown }).resDtos ?? [answer]);
  const read = Filter.safeParse((list as unknown[])[0]);
  if (!read.success) throw new ChannelFault({ code: 'retry', platformCode: 'shape', words: 'the answer could not be read' });
  return { reached: read.data.filterResult !== 3, words: read.data.filterResult === 3 ? `not served ${read.data.remark}`.trim() : '' };
});
