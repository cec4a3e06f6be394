/**
 * The stand-in of Kuaidi100, with its own reading of signatures: `/kuaidi100/poll` and `/kuaidi100/poll/query.do`. It follows the
 * parcels of every courier in the sandbox. `/__kuaidi100` is for tests: it brings what is new to who subscribed, as rudely as asked.
 */
import { createHash } from 'node:crypto';
import { bodyOf, makeFaults, rudely, say, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';

const CHANNEL = 'kuaidi100';
const APP = { customer: 'C0FFEE0123456789C0FFEE0123456789', key: 'sandboxKEY1', salt: 'sandbox-salt-1' } as const;
/** Its names for the couriers of the sandbox. */
const NAMES: Readonly<Record<string, string>> = { SF: 'shunfeng', ZTO: 'zhongtong', YTO: 'yuantong', STO: 'shentong', YUNDA: 'yunda', JTSD: 'jtexpress', EMS: 'ems', POSTB: 'youzhengguonei', DBKD: 'debangkuaidi', LE04284890: 'jd' };
const STATES = { picked_up: ['103', '1'], departed: ['1002', '0'], arrived: ['1001', '0'], out: ['5', '5'], signed: ['301', '3'], problem: ['2', '2'], sent_back: ['4', '4'] } as const;
const WORDS = { picked_up: '【杭州市】已揽收', departed: '快件离开【杭州转运中心】', arrived: '快件到达【派件城市】', out: '派件员正在派件', signed: '已签收，签收人：本人', problem: '派件异常：电话无人接听', sent_back: '快件已退回发件人' } as const;
type Json = Readonly<Record<string, unknown>>;
type Subscription = { readonly number: string; readonly com: string; readonly address: string; readonly salt: string; told: number };
const upper = (text: string): string => createHash('md5').update(text).digest('hex').toUpperCase();
const refused = (returnCode: string, message: string): Json => ({ result: false, returnCode, message });
const local = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

type Tracked = (number: string, com: string) => Json | undefined;
const known = (com: unknown): boolean => Object.values(NAMES).includes(String(com));
/** What is known of a parcel, newest first; undefined while no courier has said anything. */
const trackedIn = ({ world }: Frame): Tracked => (number, com) => {
  const steps = world.couriers().steps(number, world.now().getTime());
  if (steps.length === 0 || NAMES[world.couriers().number(number)?.cp ?? ''] !== com) return undefined;
  const last = steps.at(-1)!;
  const data = steps.map((s) => ({ time: local(s.at), ftime: local(s.at), context: WORDS[s.kind], location: '', status: '', statusCode: STATES[s.kind][0], areaCode: '', areaName: s.place }));
  return { message: 'ok', nu: number, ischeck: last.kind === 'signed' ? '1' : '0', com, status: '200', state: STATES[last.kind][1], condition: 'F00', data: data.reverse() };
};
function query(tracked: Tracked, form: URLSearchParams): Json {
  const param = form.get('param') ?? '';
  if (form.get('customer') !== APP.customer) return refused('600', '您不是合法的订阅者');
  if (form.get('sign') !== upper(param + APP.key + APP.customer)) return refused('503', '验证签名失败');
  const ask = JSON.parse(param) as Json;
  if (!known(ask['com'])) return refused('400', '快递公司参数异常');
  if (ask['com'] === 'shunfeng' && !ask['phone']) return refused('408', '快递公司参数异常：验证码错误');
  return tracked(String(ask['num']), String(ask['com'])) ?? refused('500', '查询无结果，请隔段时间再查');
}
function subscribe(subscriptions: Map<string, Subscription>, form: URLSearchParams): Json {
  if (form.get('schema') !== 'json') return refused('700', '订阅方的订阅数据存在错误');
  const ask = JSON.parse(form.get('param') ?? '{}') as Json;
  const parameters = (ask['parameters'] ?? {}) as Json;
  if (ask['key'] !== APP.key) return refused('600', '您不是合法的订阅者（即授权Key出错）');
  if (!known(ask['company'])) return refused('701', '拒绝订阅的快递公司');
  if (!/^https?:\/\//.test(String(parameters['callbackurl'] ?? ''))) return refused('700', '回调地址无效');
  const [number, com] = [String(ask['number']), String(ask['company'])];
  if (subscriptions.has(`${com} ${number}`)) return refused('501', '重复订阅');
  subscriptions.set(`${com} ${number}`, { number, com, address: String(parameters['callbackurl']), salt: String(parameters['salt'] ?? ''), told: 0 });
  return { result: true, returnCode: '200', message: '提交成功' };
}
/** Brings each subscriber what is new; `forge`: signed with another salt; `twice`: each is brought again. */
async function bring(tracked: Tracked, subscriptions: ReadonlyMap<string, Subscription>, { forge, twice }: { forge?: boolean; twice?: boolean }): Promise<number[]> {
  const answers: number[] = [];
  for (const s of subscriptions.values()) {
    const lastResult = tracked(s.number, s.com);
    const count = ((lastResult?.['data'] as unknown[] | undefined) ?? []).length;
    if (!lastResult || count === s.told) continue;
    const param = JSON.stringify({ status: lastResult['state'] === '3' ? 'shutdown' : 'polling', billstatus: 'change', message: '', autoCheck: '0', comOld: '', comNew: '', lastResult });
    const body = new URLSearchParams({ ...(s.salt ? { sign: upper(param + (forge ? 'another' : s.salt)) } : {}), param }).toString();
    for (let i = 0; i < (twice ? 2 : 1); i += 1) {
      const answer = await fetch(s.address, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
      answers.push(answer.status);
      if (answer.status === 200 && ((await answer.json()) as Json)['returnCode'] === '200') s.told = count;
    }
  }
  return answers;
}

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const subscriptions = new Map<string, Subscription>();
  const tracked = trackedIn(frame);
  return {
    rude: faults.rude, calls: faults.calls, keys: (origin) => ({ gateway: `${origin}/kuaidi100/poll`, ...APP }),
    handle: async (request, response, url) => {
      if (url.pathname === '/__kuaidi100') {
        const answers = await bring(tracked, subscriptions, JSON.parse((await bodyOf(request)) || '{}') as { forge?: boolean; twice?: boolean });
        response.writeHead(200).end(JSON.stringify({ answers, subscriptions: [...subscriptions.values()].map((s) => `${s.com} ${s.number}`) }));
        return true;
      }
      if (url.pathname !== '/kuaidi100/poll' && url.pathname !== '/kuaidi100/poll/query.do') return false;
      const form = new URLSearchParams(await bodyOf(request));
      world.advanceTo(world.now());
      const fault = await faults.next(url.pathname.endsWith('query.do') ? 'query' : 'subscribe');
      if (fault === 'cut') request.socket.destroy();
      else if (fault === 'busy') say(response, world, JSON.stringify(refused('500', '服务器错误')));
      else if (fault === 'banned') say(response, world, JSON.stringify(refused('503', '请求过于频繁')));
      else {
        const body = JSON.stringify(rudely(url.pathname.endsWith('query.do') ? query(tracked, form) : subscribe(subscriptions, form), faults.rude));
        if (fault === 'cut_after') request.socket.destroy();
        else if (fault === 'broken_after') say(response, world, '', 502);
        else say(response, world, body);
      }
      return true;
    },
  };
}
export const kuaidi100StandIn: StandIn = { channel: CHANNEL, mount };
