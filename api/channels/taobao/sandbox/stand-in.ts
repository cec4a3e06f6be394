/** The stand-in of the open platform: gate, limits, faults, then the method. Handles `/taobao/router/rest` and `/taobao/token`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, makeFaults, makeTokens, rudely, say, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import { asWire, statusWord } from './bodies.ts';
import { checkGate, type WireError } from './gate.ts';
import { answerMethod } from './methods.ts';
import { taobaoProfile } from './profile.ts';

const APP = { appKey: '12497914', appSecret: '4b0f28396e072d67fae169684613bcd1' } as const;
const TOKEN_SECONDS = 86_400;

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const tokens = makeTokens(frame, 'sbx', TOKEN_SECONDS);

  const rest = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const params = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : url.search);
    const method = params.get('method') ?? '';
    const fault = await faults.next(method);
    world.advanceTo(world.now());
    const request_id = `sb${faults.count()}`;
    const refused = (error: WireError): void => say(response, world, JSON.stringify({ error_response: { ...error, request_id } }));
    const gate = checkGate(params, { ...APP, now: () => world.now(), tokenValid: tokens.valid });
    if (gate) return refused(gate);
    if (fault === 'banned') return refused({ code: 7, msg: 'App Call Limited', sub_code: 'accesscontrol.limited-by-app-api-access-count', sub_msg: 'This ban will last for 1 more seconds' });
    if (fault === 'busy') return refused({ code: 15, msg: 'Remote service error', sub_code: 'isp.top-remote-connection-timeout', sub_msg: 'remote connection timeout' });
    if (fault === 'cut') return void request.socket.destroy();
    const answer = answerMethod({ world, params, rude: faults.rude });
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'broken_after') return say(response, world, '<html><body>502 Bad Gateway</body></html>', 502, 'text/html');
    if ('error' in answer) return refused(answer.error);
    say(response, world, asWire(rudely({ [answer.key]: { ...answer.body, request_id } }, faults.rude)));
  };
  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    const grant = form.get('grant_type');
    const given = grant === 'refresh_token' ? form.get('refresh_token') === tokens.current().refresh : form.get('code') === CODE;
    const wrong = form.get('client_id') !== APP.appKey || form.get('client_secret') !== APP.appSecret ? 'invalid_client' : grant !== 'refresh_token' && grant !== 'authorization_code' ? 'unsupported_grant_type' : given ? undefined : 'invalid_grant';
    if (wrong) return say(response, world, JSON.stringify({ error: wrong, error_description: wrong.replaceAll('_', ' ') }), 400);
    const fresh = tokens.renew();
    say(response, world, JSON.stringify({ access_token: fresh.access, token_type: 'Bearer', expires_in: TOKEN_SECONDS, refresh_token: fresh.refresh, re_expires_in: TOKEN_SECONDS * 30, taobao_user_nick: '%E4%BA%91%E6%A0%96' }));
  };
  return {
    rude: faults.rude, calls: faults.calls, tokens, statusOf: statusWord,
    keys: (origin) => ({ ...APP, accessToken: tokens.current().access, refreshToken: tokens.current().refresh, gateway: `${origin}/taobao/router/rest` }),
    handle: async (request, response, url) => {
      if (url.pathname === '/taobao/router/rest') await rest(request, response, url);
      else if (url.pathname === '/taobao/token' && request.method === 'POST') await token(request, response);
      else return false;
      return true;
    },
  };
}

/** The code that the platform would hand to a browser after the seller said yes. */
const CODE = 'sandbox-code';
export const taobaoStandIn: StandIn = { channel: 'taobao', profile: taobaoProfile, mount };
