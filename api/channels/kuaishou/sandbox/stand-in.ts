/** The stand-in of Kuaishou's gateway: everything under `/kuaishou/`, signed over its form. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, makeFaults, makeTokens, rudely, say, type Frame, type Mounted, type StandIn, type TokenKeeper } from '../../sandbox/stand-in.ts';
import { asWire, statusOf } from './bodies.ts';
import { METHODS, type Args, type Extras, type WireError } from './methods.ts';
import { kuaishouProfile } from './profile.ts';

const APP = { appKey: 'ks683702719562282621', appSecret: 'q7SCiWmGOkXdiMCU9k3zHc' } as const;
const SIGN_SECRET = '8f1c2a7b3d4e5f60718293a4b5c6d7e8';
const BASE = '/kuaishou';
const CODE = 'sandbox-code';
const TOKEN_SECONDS = 172_800;
const SKEW_MS = 600_000;
const error = (result: number, error_msg: string): WireError => ({ result, error_msg });

function gate(form: URLSearchParams, path: string, now: Date, valid: (token: string) => boolean): WireError | undefined {
  for (const name of ['appkey', 'method', 'version', 'param', 'access_token', 'timestamp', 'signMethod', 'sign']) if (!form.get(name)) return error(21, `缺少参数 ${name}`);
  if (form.get('appkey') !== APP.appKey) return error(23, 'appkey 验签失败');
  const named = ['access_token', 'appkey', 'method', 'param', 'signMethod', 'timestamp', 'version'].map((k) => `${k}=${form.get(k) ?? ''}`).join('&');
  if (form.get('signMethod') !== 'MD5' || form.get('sign') !== createHash('md5').update(`${named}&signSecret=${SIGN_SECRET}`).digest('hex')) return error(23, '签名校验失败');
  if (!(Math.abs(Number(form.get('timestamp')) - now.getTime()) <= SKEW_MS)) return error(22, 'timestamp 时间戳无效');
  if (path !== `/${(form.get('method') ?? '').replaceAll('.', '/')}` || form.get('version') !== '1' || !METHODS[form.get('method') ?? '']) return error(25, 'api 不存在');
  return valid(form.get('access_token')!) ? undefined : error(28, 'accessToken 已过期');
}
/** 64-bit numbers keep their digits: the stand-in reads them as text. */
const argsOf = (param: string): Args => JSON.parse(param.replace(/:(\d{16,})([,}\]])/g, ':"$1"$2')) as Args;

function token(path: string, q: URLSearchParams, tokens: TokenKeeper): object {
  if (q.get('app_id') !== APP.appKey || q.get('app_secret') !== APP.appSecret) return { result: 100_200_101, error: 'unauthorized_client', error_msg: 'app 非法' };
  const refresh = path === '/oauth2/refresh_token';
  if (refresh ? q.get('grant_type') !== 'refresh_token' || q.get('refresh_token') !== tokens.current().refresh : q.get('grant_type') !== 'code' || q.get('code') !== CODE) return { result: refresh ? 100_200_102 : 100_200_105, error: refresh ? 'access_denied' : 'invalid_grant', error_msg: refresh ? 'refreshToken.discarded' : 'code 错误' };
  const fresh = tokens.renew();
  return { result: 1, access_token: fresh.access, refresh_token: fresh.refresh, expires_in: TOKEN_SECONDS, refresh_token_expires_in: 15_552_000, open_id: 'f18d8c9a', token_type: 'bearer', scopes: ['merchant_order'] };
}

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const tokens = makeTokens(frame, 'ks', TOKEN_SECONDS);
  const extras: Extras = new Map();
  const handle = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.slice(BASE.length);
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams;
    const fault = await faults.next(path);
    world.advanceTo(world.now());
    const oauth = path.startsWith('/oauth2/');
    const no = (e: WireError): void => say(response, world, JSON.stringify({ ...e, msg: '业务处理失败', requestId: String(faults.count()) }));
    const refused = oauth ? undefined : gate(form, path, world.now(), tokens.valid);
    if (refused) return no(refused);
    if (fault === 'banned') return no(error(1016, `Exceed qps limit, KEY [apiId:${form.get('method') ?? ''};appkey:${APP.appKey}], MAX_QPS [300.0]`));
    if (fault === 'busy') return no(oauth ? error(100_200_500, 'server_error') : error(2, '系统繁忙，请稍后再试'));
    if (fault === 'cut') return void request.socket.destroy();
    const method = form.get('method') ?? '';
    const answer = oauth ? token(path, form, tokens) : METHODS[method]!({ world, args: argsOf(form.get('param') ?? '{}'), rude: faults.rude, token: form.get('access_token') ?? '', extras });
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'broken_after') return say(response, world, '<html>502</html>', 502, 'text/html');
    if (oauth) return say(response, world, JSON.stringify(answer));
    if (!('data' in answer)) return no(answer as WireError);
    say(response, world, asWire(rudely({ result: 1, msg: 'success', code: '1', data: answer.data }, faults.rude)));
  };
  return {
    rude: faults.rude, calls: faults.calls, tokens, statusOf: (o) => String(statusOf(o)),
    keys: (origin) => ({ ...APP, signSecret: SIGN_SECRET, accessToken: tokens.current().access, refreshToken: tokens.current().refresh, gateway: `${origin}${BASE}` }),
    handle: async (request, response, url) => {
      if (!url.pathname.startsWith(`${BASE}/`)) return false;
      await handle(request, response, url);
      return true;
    },
  };
}

export const kuaishouStandIn: StandIn = { channel: 'kuaishou', profile: kuaishouProfile, mount };
