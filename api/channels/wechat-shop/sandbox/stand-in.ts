/** The stand-in of the WeChat shop: token, faults, then the call. Everything under `/wechat-shop/`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, makeFaults, makeTokens, rudely, say, type Frame, type Mounted, type StandIn, type TokenKeeper } from '../../sandbox/stand-in.ts';
import { asWire, statusOf } from './bodies.ts';
import { answerCall } from './calls.ts';
import { bring, orderMessage, type Subscriber } from './messages.ts';
import { wechatShopProfile } from './profile.ts';

const APP = { appKey: 'wx5823bf96d3bd56c8', appSecret: '7d9f31c2b84e4aa6a1c0e5f4d3b2a190' } as const;
const BASE = '/wechat-shop';
const TOKEN_SECONDS = 7_200;
/** Within its last five minutes a token has a successor, and both hold. */
const ROTATE_MS = 300_000;
type Body = Readonly<Record<string, unknown>>;

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const base = makeTokens(frame, 'wxs', TOKEN_SECONDS);
  // The seller resets the secret: whoever has the old one is out, and the new one gives tokens again.
  let resets = 0;
  let gone = false;
  const secret = (): string => (resets === 0 ? APP.appSecret : `${APP.appSecret.slice(0, -1)}${resets}`);
  const tokens: TokenKeeper = { ...base, revoke: () => { base.revoke(); resets += 1; gone = true; } };

  const stableToken = (body: Body): Body => {
    if (body['grant_type'] !== 'client_credential') return { errcode: 40002, errmsg: 'invalid grant_type' };
    if (body['appid'] !== APP.appKey) return { errcode: 40013, errmsg: 'invalid appid' };
    if (body['secret'] !== secret()) return { errcode: 40125, errmsg: 'invalid appsecret' };
    const left = base.current().expiresAt - world.now().getTime();
    const current = gone || left < ROTATE_MS || body['force_refresh'] === true ? base.renew() : base.current();
    gone = false;
    return { access_token: current.access, expires_in: Math.floor((current.expiresAt - world.now().getTime()) / 1000) };
  };
  const callOf = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.slice(BASE.length);
    const fault = await faults.next(path);
    world.advanceTo(world.now());
    const rid = ` rid: 6925-${faults.count()}`;
    const refused = (errcode: number, errmsg: string): void => say(response, world, JSON.stringify({ errcode, errmsg: `${errmsg}${faults.rude.echo ? ` token=${url.searchParams.get('access_token') ?? ''}` : ''}${rid}` }));
    if (request.method !== 'POST') return refused(43002, 'require POST method');
    const text = await bodyOf(request);
    let body: Body;
    try {
      body = JSON.parse(text) as Body;
    } catch {
      return refused(text === '' ? 44002 : 47001, text === '' ? 'empty post data' : 'data format error');
    }
    // Updated too often passes soon; the minute's quota (a test says so by no calls at all) does not.
    if (fault === 'banned') return faults.rude.perSecond === 0 ? refused(45011, 'api minute-quota reach limit') : refused(100003, 'order is being updated, try again later');
    if (fault === 'busy') return refused(-1, 'system error');
    if (fault === 'cut') return void request.socket.destroy();
    const isToken = path === '/cgi-bin/stable_token';
    const token = url.searchParams.get('access_token');
    if (!isToken && !token) return refused(41001, 'access_token missing');
    if (!isToken && token !== base.current().access) return refused(40001, 'invalid credential, access_token is invalid or not latest');
    if (!isToken && !base.valid(token!)) return refused(42001, 'access_token expired');
    const answer = isToken ? { body: stableToken(body) } : answerCall(path, { world, body, rude: faults.rude }) ?? { errcode: 48001, errmsg: 'api unauthorized' };
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'broken_after') return say(response, world, '<html><body>502 Bad Gateway</body></html>', 502, 'text/html');
    if ('errcode' in answer) return refused(answer.errcode, answer.errmsg);
    const whole = rudely(isToken ? answer.body : { errcode: 0, errmsg: 'ok', ...answer.body }, faults.rude);
    say(response, world, 'longIds' in answer && answer.longIds ? asWire(whole) : JSON.stringify(whole));
  };
  /** What no platform has: brings these events to an address, in this order. */
  const bringAll = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { to, events, xml = false } = JSON.parse(await bodyOf(request)) as { to: Omit<Subscriber, 'appId'>; events: readonly { event: string; orderId: string; at?: string }[]; xml?: boolean };
    const answers = [];
    for (const e of events) answers.push(await bring({ ...to, appId: APP.appKey }, orderMessage(e.event, e.orderId, e.at ? new Date(e.at) : world.now(), xml), world.now(), xml));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers));
  };
  return {
    rude: faults.rude, calls: faults.calls, tokens, statusOf: (o) => String(statusOf(o)),
    keys: (origin) => ({ appKey: APP.appKey, appSecret: secret(), accessToken: '', refreshToken: '', gateway: `${origin}${BASE}` }),
    handle: async (request, response, url) => {
      if (!url.pathname.startsWith(`${BASE}/`)) return false;
      if (url.pathname === `${BASE}/__messages`) await bringAll(request, response);
      else await callOf(request, response, url);
      return true;
    },
  };
}

export const wechatShopStandIn: StandIn = { channel: 'wechat-shop', profile: wechatShopProfile, mount };
