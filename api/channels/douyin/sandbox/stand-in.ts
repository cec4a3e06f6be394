/** The stand-in of Douyin's gateway: everything under `/douyin/`, signed over the body as it came. */
import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, makeFaults, makeTokens, rudely, say, type Frame, type Mounted, type StandIn, type TokenKeeper } from '../../sandbox/stand-in.ts';
import { asWire, statusOf } from './bodies.ts';
import { CALLS, type Args, type CallAnswer, type WireError } from './methods.ts';
import { douyinProfile } from './profile.ts';

const APP = { appKey: '7183402963391874571', appSecret: 'e2b7c6d5-1f0a-4b3c-9d8e-7a6b5c4d3e2f' } as const;
const SHOP = '4463798';
const BASE = '/douyin';
const CODE = 'sandbox-code';
const TOKEN_SECONDS = 604_800;
const SKEW_MS = 600_000;
/** Within this span an old refresh token is answered with the pair that it was changed for, as long as nobody has used that. */
const SAME_PAIR_MS = 3_600_000;

/** Keys of every object must stand in order: what is signed is the body's own text. */
function inOrder(v: unknown): boolean {
  if (Array.isArray(v)) return v.every(inOrder);
  if (typeof v !== 'object' || v === null) return true;
  const keys = Object.keys(v);
  return keys.every((k, i) => i === 0 || Buffer.compare(Buffer.from(keys[i - 1]!), Buffer.from(k)) < 0) && Object.values(v).every(inOrder);
}
const param = (code: number, sub_code: string, sub_msg: string): WireError => ({ code, sub_code, sub_msg });

function gate(q: URLSearchParams, path: string, body: string, now: Date, valid: (token: string) => boolean): WireError | undefined {
  const method = path.slice(1).replaceAll('/', '.');
  for (const name of ['app_key', 'method', 'timestamp', 'v', 'sign']) if (!q.get(name)) return param(40001, 'isv.parameter-missing', name);
  if (q.get('app_key') !== APP.appKey) return param(40003, 'isv.app-id-invalid', 'app_key');
  if (q.get('method') !== method || q.get('v') !== '2') return param(40003, 'isv.parameter-format-invalid', 'method');
  const stamp = q.get('timestamp')!;
  const at = /^\d{10}$/.test(stamp) ? Number(stamp) * 1000 : Date.parse(`${stamp.replace(' ', 'T')}+08:00`);
  if (Number.isNaN(at)) return param(40003, 'isv.timestamp-format-error', stamp);
  if (Math.abs(at - now.getTime()) > SKEW_MS) return param(40003, 'isv.timestamp-invalid', stamp);
  const parts = [['app_key', APP.appKey], ['method', method], ['param_json', body], ['timestamp', stamp], ['v', '2']].flat().join('');
  const wanted = createHmac('sha256', APP.appSecret).update(`${APP.appSecret}${parts}${APP.appSecret}`).digest('hex');
  if (q.get('sign_method') !== 'hmac-sha256' || q.get('sign') !== wanted || !inOrder(JSON.parse(body))) return param(40003, 'isv.signature-invalid', '签名校验失败');
  if (path.startsWith('/token/')) return undefined;
  if (!q.get('access_token')) return param(40001, 'isv.parameter-missing', 'access_token');
  if (!valid(q.get('access_token')!)) return param(40003, 'isv.access-token-expired', 'access_token 已过期');
  return CALLS[path] ? undefined : param(40003, 'isv.parameter-format-invalid', '接口不存在');
}

/** 64-bit numbers keep their digits: the stand-in reads them as text. */
const argsOf = (body: string): Args => JSON.parse(body.replace(/:(\d{16,})([,}])/g, ':"$1"$2')) as Args;

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const kept = makeTokens(frame, 'dd', TOKEN_SECONDS);
  const tokens: TokenKeeper = {
    ...kept,
    expire: () => {
      kept.expire();
      was = { ...was, until: 0 };
    },
    revoke: () => {
      kept.revoke();
      [was, gone] = [{ refresh: '', until: 0 }, true];
    },
  };
  const done = new Map<string, unknown>();

  let [was, gone] = [{ refresh: '', until: 0 }, false];

  const token = (path: string, args: Args): CallAnswer => {
    const self = args['grant_type'] === 'authorization_self' && args['shop_id'] === SHOP && !gone;
    const again = path === '/token/refresh' && args['refresh_token'] === was.refresh && world.now().getTime() < was.until;
    const given = again || (path === '/token/refresh' ? args['refresh_token'] === tokens.current().refresh && args['grant_type'] === 'refresh_token' : self || (args['grant_type'] === 'authorization_code' && args['code'] === CODE));
    if (!given) return param(50001, `dop.token-generate-failed:${path === '/token/refresh' ? 'token-invalid' : 'code-invalid'}`, 'token 生成失败');
    gone = false;
    if (!again) was = { refresh: tokens.current().refresh, until: world.now().getTime() + SAME_PAIR_MS };
    const fresh = again ? tokens.current() : tokens.renew();
    return { data: { access_token: fresh.access, refresh_token: fresh.refresh, expires_in: TOKEN_SECONDS, scope: 'SCOPE', shop_id: Number(SHOP), shop_name: '云栖茶事' } };
  };
  const handle = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.slice(BASE.length);
    const body = await bodyOf(request);
    const fault = await faults.next(path);
    world.advanceTo(world.now());
    const log_id = `2026${faults.count()}`;
    const no = (e: WireError): void => say(response, world, JSON.stringify({ code: e.code, msg: 'error', sub_code: e.sub_code, sub_msg: e.sub_msg, log_id, data: {} }));
    const refused = gate(url.searchParams, path, body, world.now(), tokens.valid);
    if (refused) return no(refused);
    if (fault === 'banned') return no(param(60000, 'isv.traffic-limited', '请求太频繁，请稍后重试'));
    if (fault === 'busy') return no(param(20000, 'isp.service-error:timeout', '服务不可用'));
    if (fault === 'cut') return void request.socket.destroy();
    const args = argsOf(body);
    const answer = path.startsWith('/token/') ? token(path, args) : CALLS[path]!({ world, args, rude: faults.rude, token: url.searchParams.get('access_token') ?? '', done });
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'broken_after') return say(response, world, '<html>502</html>', 502, 'text/html');
    if (!('data' in answer)) return no(answer);
    say(response, world, asWire(rudely({ code: 10000, msg: 'success', sub_code: '', sub_msg: '', log_id, data: answer.data }, faults.rude)));
  };
  return {
    rude: faults.rude, calls: faults.calls, tokens, statusOf: (o) => String(statusOf(o)),
    keys: (origin) => ({ ...APP, accessToken: tokens.current().access, refreshToken: tokens.current().refresh, platformShopId: SHOP, gateway: `${origin}${BASE}` }),
    handle: async (request, response, url) => {
      if (!url.pathname.startsWith(`${BASE}/`) || request.method !== 'POST') return false;
      await handle(request, response, url);
      return true;
    },
  };
}

export const douyinStandIn: StandIn = { channel: 'douyin', profile: douyinProfile, mount };
