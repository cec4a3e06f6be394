/** The stand-in of JD: its routerjson gateway, SP-API beside it, and the token addresses: `/jd/routerjson`, `/jd/rest/…`, `/jd/oauth2/…`. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, makeFaults, makeTokens, rudely, say, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import { stateWord } from './bodies.ts';
import { METHODS, type Args } from './methods.ts';
import { jdProfile } from './profile.ts';
import { mountRest } from './rest.ts';

const APP = { appKey: '8B0A55C7E21D4F8F9C2E6A5D9B1F7E30', appSecret: 'c2c4b3f0a1d94e7fb6a0d8e5f4c3b2a1' } as const;
const CODE = 'sandbox-code';
const TOKEN_SECONDS = 86_400;
const SKEW_MS = 600_000;

/** JD's own reading: what was sent, but for the signature, sorted, between the secret; digits come before letters. */
function signed(params: URLSearchParams): string {
  const names = [...new Set(params.keys())].filter((n) => n !== 'sign').sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const hash = createHash('md5').update(APP.appSecret);
  for (const name of names) hash.update(name).update(params.get(name) ?? '');
  return hash.update(APP.appSecret).digest('hex').toUpperCase();
}

function gate(params: URLSearchParams, now: Date, valid: (token: string) => boolean): readonly [string, string] | undefined {
  if (!params.get('method')) return ['14', '缺少方法名参数'];
  if (!params.get('v')) return ['4', '缺少版本参数'];
  if (params.get('v') !== '2.0') return ['5', '不支持的版本号'];
  if (!params.get('app_key')) return ['20', '缺少 app_key 参数'];
  if (params.get('app_key') !== APP.appKey) return ['21', '无效 app_key'];
  if (!params.get('timestamp')) return ['7', '缺少时间戳参数'];
  const at = Date.parse(`${params.get('timestamp')!.slice(0, 19).replace(' ', 'T')}+08:00`);
  if (Number.isNaN(at) || Math.abs(at - now.getTime()) > SKEW_MS) return ['8', '非法的时间戳参数'];
  if (!params.get('sign')) return ['11', '缺少签名参数'];
  if (params.get('sign') !== signed(params)) return ['12', '无效签名'];
  if (!params.get('access_token')) return ['18', '缺少 access_token 参数'];
  if (!valid(params.get('access_token')!)) return ['19', '无效 access_token'];
  return METHODS[params.get('method')!] ? undefined : ['15', '不存在的方法名'];
}

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const tokens = makeTokens(frame, 'jd', TOKEN_SECONDS);

  const rest = mountRest({ world, faults, tokens, app: APP, skewMs: SKEW_MS });
  const router = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const params = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : url.search);
    const method = params.get('method') ?? '';
    const fault = await faults.next(method);
    world.advanceTo(world.now());
    const no = ([code, zh_desc]: readonly [string, string]): void => say(response, world, JSON.stringify({ error_response: { code, zh_desc, en_desc: '' } }));
    const wrong = gate(params, world.now(), tokens.valid);
    if (wrong) return no(wrong);
    if (fault === 'banned') return void response.writeHead(429, { 'retry-after': '1', date: world.now().toUTCString() }).end('too many requests');
    if (fault === 'busy') return no(['65', '平台连接后端服务处理超时']);
    if (fault === 'cut') return void request.socket.destroy();
    const args = { ...(JSON.parse(params.get('360buy_param_json') || '{}') as Args), __token: params.get('access_token') };
    const answer = METHODS[method]!({ world, args, rude: faults.rude });
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'broken_after') return say(response, world, '<html><body>JD 502</body></html>', 502, 'text/html');
    if ('error' in answer) return no(answer.error);
    const text = JSON.stringify(rudely({ [answer.key]: { code: '0', ...answer.body } }, faults.rude));
    // A control character stands raw in a text now and then, which is no JSON.
    say(response, world, faults.rude.newField ? text.replace('"orderStateRemark":"', '"orderStateRemark":"\u0007') : text);
  };
  const token = (response: ServerResponse, query: URLSearchParams, grant: string): void => {
    const no = (code: number, msg: string): void => say(response, world, JSON.stringify({ code, msg, requestId: 'sb' }));
    if (query.get('app_key') !== APP.appKey || query.get('app_secret') !== APP.appSecret) return no(201, 'app_key 或 app_secret 不对');
    const given = grant === 'refresh_token' ? query.get('refresh_token') === tokens.current().refresh : query.get('code') === CODE;
    if (query.get('grant_type') !== (grant === 'refresh_token' ? 'refresh_token' : 'authorization_code') || !given) return no(203, '授权码或 refresh_token 无效');
    const fresh = tokens.renew();
    say(response, world, JSON.stringify({ code: 0, access_token: fresh.access, refresh_token: fresh.refresh, expires_in: TOKEN_SECONDS, time: world.now().getTime(), scope: 'snsapi_base', open_id: 'sb', xid: 'sb' }));
  };
  return {
    rude: faults.rude, calls: faults.calls, tokens, statusOf: stateWord,
    keys: (origin) => ({ ...APP, accessToken: tokens.current().access, refreshToken: tokens.current().refresh, platformShopId: '18003', gateway: `${origin}/jd/routerjson` }),
    handle: async (request, response, url) => {
      const grant = /^\/jd\/oauth2\/(access_token|refresh_token)$/.exec(url.pathname)?.[1];
      if (url.pathname === '/jd/routerjson') await router(request, response, url);
      else if (url.pathname.startsWith('/jd/rest/')) await rest(request, response, url);
      else if (grant) token(response, url.searchParams, grant);
      else return false;
      return true;
    },
  };
}

export const jdStandIn: StandIn = { channel: 'jd', profile: jdProfile, mount };
