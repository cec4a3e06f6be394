/**
 * The stand-in of SF's open platform, with its own reading of digest, envelope and services: `/sf/std/service`. `/__sf` is for
 * tests: what it should be like, and pushes of routes.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, makeFaults, rudely, say, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import type { BookWaybill } from '../../sandbox/couriers.ts';

const CHANNEL = 'sf';
const PARTNER = { partnerId: 'YQCS0001', checkword: 'sandbox-checkword-8nT2kQ', monthlyCard: '7551234567', pushKey: 'sandbox-push-key-1' } as const;
const STALE_MS = 300_000;
/** Places that nobody delivers to. */
const BEYOND = /无人区|三沙/;
type Json = Readonly<Record<string, unknown>>;
type Said = { readonly ok: unknown } | { readonly no: readonly [code: string, words: string] };
const no = (code: string, words: string): Said => ({ no: [code, words] });
const str = (v: unknown): string => (typeof v === 'string' || typeof v === 'number' ? String(v) : '');
const list = (v: unknown): readonly Json[] => (Array.isArray(v) ? (v as Json[]) : []);

/** What java.net.URLEncoder makes of text, byte by byte. */
function formBytes(text: string): string {
  let out = '';
  for (const b of Buffer.from(text, 'utf8')) {
    const c = String.fromCharCode(b);
    out += /[A-Za-z0-9*._-]/.test(c) && b < 128 ? c : c === ' ' ? '+' : `%${b.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
const genuine = (form: URLSearchParams): boolean => form.get('msgDigest') === createHash('md5').update(formBytes(`${form.get('msgData') ?? ''}${form.get('timestamp') ?? ''}${PARTNER.checkword}`)).digest('base64');

const label = (w: BookWaybill): Json => {
  const code = String(100 + (w.place.city.charCodeAt(0) % 800));
  return {
    waybillNo: w.number, sourceTransferCode: '571W', sourceCityCode: '571', destCityCode: code, destDeptCode: `${code}AB`, destTeamCode: '007', destTransferCode: `${code}W`, destRouteLabel: `${code}W-${code}AB-007`, proName: '标快', proCode: 'T6', codingMapping: `${code.slice(0, 1)}A${code.slice(1)}`, abFlag: '', printFlag: '000000000',
    twoDimensionCode: `MMM={'k1':'${code}W','k2':'${code}AB','k3':'007','k4':'T6','k5':'${w.number}','k6':'','k7':'${code}'}`,
  };
};
const orderBody = (w: BookWaybill): Json => ({ orderId: w.key, originCode: '571', destCode: String(label(w)['destCityCode']), filterResult: 2, remark: '', waybillNoInfoList: [{ waybillType: 1, waybillNo: w.number }], routeLabelInfo: [{ code: '1000', routeLabelData: label(w), message: '' }] });

function create({ world }: Frame, args: Json): Said {
  const key = str(args['orderId']);
  const [from, to] = [1, 2].map((type) => list(args['contactInfoList']).find((c) => c['contactType'] === type));
  if (str(args['language']) === '' || key === '') return no('6100', '请求数据缺少必选项');
  if (!from || !to || [from, to].some((c) => str(c['contact']) === '' || str(c['address']) === '' || !/^[\d-]{7,20}$/.test(str(c['mobile']) || str(c['tel'])))) return no('6126', '月结卡号或收寄方信息不合法');
  if (list(args['cargoDetails']).length === 0 || list(args['cargoDetails']).some((c) => str(c['name']) === '')) return no('6138', '货物信息不能为空');
  if (str(args['monthlyCard']) !== '' && str(args['monthlyCard']) !== PARTNER.monthlyCard) return no('8119', '月结卡号不合法');
  if (world.couriers().key(CHANNEL, key)) return no('8016', '重复下单');
  const place = { province: str(to['province']), city: str(to['city']), district: str(to['county']), detail: str(to['address']) };
  if (BEYOND.test(Object.values(place).join(''))) return { ok: { orderId: key, originCode: '571', destCode: '', filterResult: 3, remark: '2', waybillNoInfoList: [] } };
  world.apply({ do: 'courier', deed: { what: 'give', by: CHANNEL, cp: 'SF', key, number: world.couriers().nextNumber('SF'), place, receiver: str(to['contact']), weightGrams: Math.round(Number(args['totalWeight'] ?? 0) * 1000) } });
  return { ok: orderBody(world.couriers().key(CHANNEL, key)!) };
}
function find({ world }: Frame, args: Json): Said {
  const w = world.couriers().key(CHANNEL, str(args['orderId']));
  if (!w) return no('8018', '未获取到订单信息');
  return w.state === 'cancelled' ? no('8037', '已消单') : { ok: orderBody(w) };
}
function change({ world }: Frame, args: Json): Said {
  const w = world.couriers().key(CHANNEL, str(args['orderId']));
  if (!w) return no('8018', '未获取到订单信息');
  if (args['dealType'] !== 2) return no('8038', '业务类型错误');
  if (w.state === 'cancelled') return no('8037', '已消单');
  if (w.scannedAt !== undefined && w.scannedAt <= world.now().getTime()) return no('8044', '此订单已经处理中，无法接收订单修改请求');
  world.apply({ do: 'courier', deed: { what: 'cancel', number: w.number } });
  return { ok: { orderId: w.key, waybillNoInfoList: [{ waybillType: 1, waybillNo: w.number }], resStatus: 2 } };
}
const CODES = { picked_up: '50', departed: '36', arrived: '31', out: '44', signed: '80', problem: '33', sent_back: '648' } as const;
const WORDS = { picked_up: '顺丰速运 已收取快件', departed: '快件在【杭州】完成分拣，准备发出', arrived: '快件到达【派送网点】', out: '正在派送途中，请您准备签收', signed: '已签收，感谢使用顺丰', problem: '快件派送不成功（客户不在）', sent_back: '快件已退回' } as const;
const local = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
function routes({ world }: Frame, args: Json): Said {
  const numbers = Array.isArray(args['trackingNumber']) ? args['trackingNumber'].map(String) : [];
  if (numbers.length === 0 || numbers.length > 10) return no('6120', '运单号个数不合法');
  return { ok: { routeResps: numbers.map((mailNo) => ({ mailNo, routes: world.couriers().steps(mailNo, world.now().getTime()).map((s) => ({ acceptTime: local(s.at), acceptAddress: s.place, remark: WORDS[s.kind], opCode: CODES[s.kind] })) })) } };
}
const filter = (_frame: Frame, args: Json): Said => {
  const to = list(args['contactInfos']).find((c) => c['contactType'] === 2);
  if (!to) return no('6100', '请求数据缺少必选项');
  const beyond = BEYOND.test(['province', 'city', 'county', 'address'].map((k) => str(to[k])).join(''));
  return { ok: [{ orderId: str(args['orderId']), filterResult: beyond ? 3 : 2, originCode: '571', destCode: '', remark: beyond ? '2' : '' }] };
};
const SERVICES: Readonly<Record<string, (frame: Frame, args: Json) => Said>> = { EXP_RECE_CREATE_ORDER: create, EXP_RECE_SEARCH_ORDER_RESP: find, EXP_RECE_UPDATE_ORDER: change, EXP_RECE_SEARCH_ROUTES: routes, EXP_RECE_FILTER_ORDER_BSP: filter };

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const seen = new Set<string>();
  const outer = (code: string, words: string, data?: Said): Json => ({
    apiErrorMsg: words, apiResponseID: `0001${String(faults.count()).padStart(20, '0')}`, apiResultCode: code,
    apiResultData: data === undefined ? '' : JSON.stringify(rudely('ok' in data ? { success: true, errorCode: 'S0000', errorMsg: null, msgData: data.ok } : { success: false, errorCode: data.no[0], errorMsg: data.no[1], msgData: null }, faults.rude)),
  });
  const answer = (form: URLSearchParams): Json => {
    for (const name of ['partnerID', 'requestID', 'serviceCode', 'timestamp', 'msgData']) if (!form.get(name)) return outer('A1001', `必传参数不可为空: ${name}`);
    if (form.get('partnerID') !== PARTNER.partnerId) return outer('A1004', '无对应服务权限');
    if (!genuine(form)) return outer('A1006', '数字签名无效');
    if (Math.abs(world.now().getTime() - Number(form.get('timestamp'))) > STALE_MS) return outer('A1002', '请求时效已过期');
    if (seen.has(form.get('requestID')!)) return outer('A1007', '重复请求');
    seen.add(form.get('requestID')!);
    const service = SERVICES[form.get('serviceCode')!];
    if (!service) return outer('A1004', '无对应服务权限');
    const message = JSON.parse(form.get('msgData')!) as Json | Json[];
    return outer('A1000', '', service(frame, Array.isArray(message) ? message[0]! : message));
  };
  const handle = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    if (url.pathname === '/__sf') {
      const { push, xml, key = PARTNER.pushKey } = JSON.parse(await bodyOf(request)) as { push: { address: string; number: string }; xml?: boolean; key?: string };
      const steps = world.couriers().steps(push.number, world.now().getTime());
      const rows = steps.map((s, i) => ({ id: `${push.number}${i}`, mailno: push.number, orderid: world.couriers().number(push.number)?.key ?? '', acceptTime: local(s.at), acceptAddress: s.place, remark: WORDS[s.kind], opCode: CODES[s.kind] }));
      const body = xml ? `<Request service="RoutePushService" lang="zh-CN"><Body>${rows.map((r) => `<WaybillRoute ${Object.entries(r).map(([k, v]) => `${k}="${v}"`).join(' ')}/>`).join('')}</Body></Request>` : JSON.stringify({ Body: { WaybillRoute: rows } });
      const told = await fetch(`${push.address}?key=${key}`, { method: 'POST', headers: { 'content-type': xml ? 'text/xml' : 'application/json' }, body });
      response.writeHead(200).end(JSON.stringify({ status: told.status, body: await told.text() }));
      return true;
    }
    if (url.pathname !== '/sf/std/service') return false;
    const form = new URLSearchParams(await bodyOf(request));
    world.advanceTo(world.now());
    const fault = await faults.next(form.get('serviceCode') ?? '');
    if (fault === 'cut') request.socket.destroy();
    else if (fault === 'busy') say(response, world, JSON.stringify(outer(faults.count() % 2 === 0 ? 'A1009' : 'A1099', '目标服务不可达')));
    else if (fault === 'banned') say(response, world, JSON.stringify(outer('A1005', '流量控制')));
    else {
      const body = JSON.stringify(rudely(answer(form), faults.rude));
      if (fault === 'cut_after') request.socket.destroy();
      else if (fault === 'broken_after') say(response, world, '<html>502 Bad Gateway</html>', 502, 'text/html');
      else say(response, world, body);
    }
    return true;
  };
  return { handle, rude: faults.rude, calls: faults.calls, keys: (origin) => ({ gateway: `${origin}/sf/std/service`, ...PARTNER }) };
}
export const sfStandIn: StandIn = { channel: CHANNEL, mount };
