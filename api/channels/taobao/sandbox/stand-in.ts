/** The stand-in of the open platform: gate, limits, faults, then the method. Handles `/taobao/router/rest` and `/taobao/token`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../../sandbox/world.ts';
import { asWire } from './bodies.ts';
import { checkGate, type WireError } from './gate.ts';
import { answerMethod, type Rude } from './methods.ts';

export const SANDBOX_APP = { appKey: '12497914', appSecret: '4b0f28396e072d67fae169684613bcd1', accessToken: 'sbx-access-0', refreshToken: 'sbx-refresh-0' } as const;
export type Unfriendly = Rude & {
  /** Every so many calls: the service is busy; the connection is cut; the call is banned for a second. 0 is never. */
  busyEvery: number; cutEvery: number; banEvery: number;
  /** Calls of one method in one second, above which it is banned. */
  perSecond: number;
};
export const FRIENDLY: Unfriendly = { lateMs: 0, repeat: false, arriving: 0, echo: false, busyEvery: 0, cutEvery: 0, banEvery: 0, perSecond: 400 };
export type Tokens = { access: string; refresh: string; expiresAt: number };
export type StandIn = { readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>; readonly rude: Unfriendly; readonly expireTokens: () => void; readonly restoreTokens: (tokens: Tokens) => void; readonly calls: Record<string, number> };
type Hooks = { readonly onShip: (input: { tid: string; courier: string; trackingNumber: string; oids: string[] }) => void; readonly onTokens: (tokens: Tokens) => void };

const TOKEN_SECONDS = 86_400;
const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

export function taobaoStandIn(world: World, hooks: Hooks): StandIn {
  const rude: Unfriendly = { ...FRIENDLY };
  const calls: Record<string, number> = {};
  let tokens: Tokens = { access: SANDBOX_APP.accessToken, refresh: SANDBOX_APP.refreshToken, expiresAt: world.now().getTime() + TOKEN_SECONDS * 1000 };
  let count = 0;
  let second = { at: 0, calls: new Map<string, number>() };

  const say = (response: ServerResponse, status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', date: world.now().toUTCString() });
    response.end(text);
  };
  const limited = (method: string): WireError | undefined => {
    const at = Math.floor(performance.now() / 1000);
    if (second.at !== at) second = { at, calls: new Map() };
    const n = (second.calls.get(method) ?? 0) + 1;
    second.calls.set(method, n);
    const ban = n > rude.perSecond || (rude.banEvery > 0 && count % rude.banEvery === 0);
    return ban ? { code: 7, msg: 'App Call Limited', sub_code: 'accesscontrol.limited-by-app-api-access-count', sub_msg: 'This ban will last for 1 more seconds' } : undefined;
  };
  const rest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const params = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : new URL(request.url!, 'http://sandbox').search);
    const method = params.get('method') ?? '';
    count += 1;
    calls[method] = (calls[method] ?? 0) + 1;
    world.advanceTo(world.now());
    const refused = (error: WireError): void => say(response, 200, JSON.stringify({ error_response: { ...error, request_id: `sb${count}` } }));
    const gate = checkGate(params, { appKey: SANDBOX_APP.appKey, appSecret: SANDBOX_APP.appSecret, now: () => world.now(), tokenValid: (s) => s === tokens.access && tokens.expiresAt > world.now().getTime() }) ?? limited(method);
    if (gate) return refused(gate);
    if (rude.busyEvery > 0 && count % rude.busyEvery === 0) return refused({ code: 15, msg: 'Remote service error', sub_code: 'isp.top-remote-connection-timeout', sub_msg: 'remote connection timeout' });
    if (rude.cutEvery > 0 && count % rude.cutEvery === 0) return void request.socket.destroy();
    const answer = answerMethod({ world, params, rude, onShip: hooks.onShip });
    if ('error' in answer) return refused(answer.error);
    say(response, 200, asWire({ [answer.key]: { ...answer.body, request_id: `sb${count}` } }));
  };
  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    const wrong = form.get('client_id') !== SANDBOX_APP.appKey || form.get('client_secret') !== SANDBOX_APP.appSecret ? 'invalid_client' : form.get('grant_type') !== 'refresh_token' ? 'unsupported_grant_type' : form.get('refresh_token') !== tokens.refresh ? 'invalid_grant' : undefined;
    if (wrong) return say(response, 400, JSON.stringify({ error: wrong, error_description: wrong.replaceAll('_', ' ') }));
    const n = Number(tokens.refresh.split('-').at(-1)) + 1;
    tokens = { access: `sbx-access-${n}`, refresh: `sbx-refresh-${n}`, expiresAt: world.now().getTime() + TOKEN_SECONDS * 1000 };
    hooks.onTokens(tokens);
    say(response, 200, JSON.stringify({ access_token: tokens.access, token_type: 'Bearer', expires_in: TOKEN_SECONDS, refresh_token: tokens.refresh, re_expires_in: TOKEN_SECONDS * 30, taobao_user_nick: '%E4%BA%91%E6%A0%96' }));
  };
  return {
    rude, calls, expireTokens: () => { tokens = { ...tokens, expiresAt: 0 }; }, restoreTokens: (kept) => { tokens = kept; },
    handle: async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://sandbox').pathname;
      if (path === '/taobao/router/rest') await rest(request, response);
      else if (path === '/taobao/token' && request.method === 'POST') await token(request, response);
      else return false;
      return true;
    },
  };
}
