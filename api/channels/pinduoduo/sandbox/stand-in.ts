/** The stand-in of the open platform: gate, limits, faults, then the method. Handles `/pinduoduo/api/router`. */
import { bodyOf, makeFaults, makeTokens, rudely, say, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import { asWire, statusWord } from './bodies.ts';
import { ledgerOf } from './bills.ts';
import { checkGate, type WireError } from './gate.ts';
import { answerMethod, WITHOUT_TOKEN, type Extras, type MethodAnswer } from './methods.ts';
import { messageService } from './messages.ts';
import { pinduoduoProfile } from './profile.ts';

const APP = { appKey: 'a7b5b6a6b3a94d7a8c6e1f0d2c4b6a80', appSecret: '9f8e7d6c5b4a39281706f5e4d3c2b1a009182736' } as const;
const BILL_KEY = 'sandbox-bill';
const OWNER = '7600011';
const TOKEN_SECONDS = 86_400;
/** The code that the platform would hand to a browser after the seller said yes. */
const CODE = 'sandbox-code';

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const tokens = makeTokens(frame, 'pdd', TOKEN_SECONDS);
  const extras: Extras = new Map();
  let permitted = false;

  const token = (params: URLSearchParams): MethodAnswer => {
    const renewal = params.get('type') === 'pdd.pop.auth.token.refresh';
    const given = renewal ? params.get('refresh_token') === tokens.current().refresh : params.get('code') === CODE;
    if (!given) return { error: { error_code: 50001, error_msg: '业务服务错误', sub_msg: renewal ? 'refresh_token无效' : 'code无效', sub_code: null } };
    const fresh = tokens.renew();
    const seconds = Math.floor(world.now().getTime() / 1000);
    return { key: renewal ? 'pop_auth_token_refresh_response' : 'pop_auth_token_create_response', body: { access_token: fresh.access, expires_in: TOKEN_SECONDS, expires_at: seconds + TOKEN_SECONDS, refresh_token: fresh.refresh, refresh_token_expires_in: TOKEN_SECONDS * 30, owner_id: OWNER, owner_name: '云栖茶事', scope: ['pdd.order.list.get'] } };
  };
  const billUrl = (params: URLSearchParams, origin: string): MethodAnswer => (/^\d{4}-\d\d-\d\d$/.test(params.get('bill_date') ?? '') ? { key: 'finance_balance_daily_bill_url_get_response', body: { download_url: `${origin}/pinduoduo/bills/${params.get('bill_date')!}?key=${BILL_KEY}` } } : { error: { error_code: 10000, error_msg: '参数错误:bill_date' } });
  return {
    rude: faults.rude, calls: faults.calls, tokens, statusOf: statusWord,
    keys: (origin) => ({ ...APP, accessToken: tokens.current().access, refreshToken: tokens.current().refresh, platformShopId: OWNER, gateway: `${origin}/pinduoduo/api/router` }),
    upgrade: messageService({ world, ...APP, owner: OWNER, rude: faults.rude, permitted: () => permitted }),
    handle: async (request, response, url) => {
      const day = /^\/pinduoduo\/bills\/(\d{4}-\d\d-\d\d)$/.exec(url.pathname)?.[1];
      if (day) return response.writeHead(url.searchParams.get('key') === BILL_KEY ? 200 : 403).end(url.searchParams.get('key') === BILL_KEY ? ledgerOf(world, day) : ''), true;
      if (url.pathname !== '/pinduoduo/api/router') return false;
      const params = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : url.search);
      const type = params.get('type') ?? '';
      const fault = await faults.next(type);
      world.advanceTo(world.now());
      const request_id = `pd${faults.count()}`;
      const refused = (error: WireError): void => say(response, world, JSON.stringify({ error_response: { sub_code: null, sub_msg: '', ...error, request_id } }));
      const gate = checkGate(params, { ...APP, now: () => world.now(), tokenValid: tokens.valid, needsToken: !WITHOUT_TOKEN.has(type) });
      if (gate) return refused(gate), true;
      if (fault === 'banned') return refused({ error_code: 70031, error_msg: '调用过于频繁，请调整调用频率' }), true;
      if (fault === 'busy') return refused({ error_code: 52001, error_msg: '网络出现问题，请稍后重试' }), true;
      if (fault === 'cut') return request.socket.destroy(), true;
      if (type === 'pdd.pmc.user.permit') permitted = true;
      const answer = type === 'pdd.pmc.user.permit' ? { key: 'pmc_user_permit_response', body: { is_success: true } } : type.startsWith('pdd.pop.auth.') ? token(params) : type === 'pdd.finance.balance.daily.bill.url.get' ? billUrl(params, url.origin) : answerMethod({ world, params, rude: faults.rude, extras });
      if (fault === 'cut_after') return request.socket.destroy(), true;
      if (fault === 'broken_after') return say(response, world, '<html><body>502 Bad Gateway</body></html>', 502, 'text/html'), true;
      if ('error' in answer) return refused(answer.error), true;
      const body = { ...answer.body, request_id };
      say(response, world, asWire(rudely(answer.key ? { [answer.key]: body } : body, faults.rude), answer.longIds === true));
      return true;
    },
  };
}

export const pinduoduoStandIn: StandIn = { channel: 'pinduoduo', profile: pinduoduoProfile, mount };
