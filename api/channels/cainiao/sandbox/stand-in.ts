/**
 * The stand-in of Cainiao's Link gateway, with its own reading of digest and messages: `/cainiao/gateway/link.do`. `/__cainiao` is
 * for tests: how many numbers a branch has left, and what it says of a parcel asked for twice.
 */
import { createHash } from 'node:crypto';
import { bodyOf, makeFaults, rudely, say, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import type { BookWaybill } from '../../sandbox/couriers.ts';

const CHANNEL = 'cainiao';
const APP = { token: 'sandbox-grant-Zm9vYmFy', appSecret: 'sandbox-cainiao-secret-1' } as const;
/** What the company has agreed on with its branches. */
const SUBSCRIBED = new Set(['SF', 'ZTO', 'YTO', 'STO', 'YUNDA', 'JTSD', 'EMS', 'POSTB']);
const BEYOND = /无人区|三沙/;
const MOST = 10;
type Json = Readonly<Record<string, unknown>>;
const str = (v: unknown): string => (typeof v === 'string' || typeof v === 'number' ? String(v) : '');
const obj = (v: unknown): Json => (typeof v === 'object' && v !== null ? (v as Json) : {});
const list = (v: unknown): readonly Json[] => (Array.isArray(v) ? (v as Json[]) : []);
const no = (errorCode: string, errorMsg: string): Json => ({ success: false, errorCode, errorMsg });
type Book = { readonly frame: Frame; readonly knobs: Knobs };
type Knobs = { quota: number };

const placeOf = (p: Json): BookWaybill['place'] => {
  const a = obj(p['address']);
  return { province: str(a['province']), city: str(a['city']), district: str(a['district']), detail: `${str(a['town'])}${str(a['detail'])}` };
};
/** A receiver whose number is covered is only taken with the platform's own ciphertext of just that order. */
function badRecipient({ frame: { world } }: Book, r: Json): string | undefined {
  const place = placeOf(r);
  if (place.province === '' || place.detail === '' || str(r['name']) === '') return '收件人信息不完整';
  if (str(r['oaid']) !== '') return world.order(str(r['tid']))?.receiver.oaid === r['oaid'] ? undefined : 'oaid与订单不匹配';
  return /^1\d{10}$|^0\d{9,11}$/.test(str(r['mobile']) || str(r['phone'])) ? undefined : '收件人手机号不合法';
}
function printData(w: BookWaybill, covered: boolean): string {
  const code = (w.place.city || w.place.district).charCodeAt(0) % 900;
  const routingInfo = { consolidation: { code: `H${code}`, name: `${w.place.province.slice(0, 2)}集散` }, origin: { code: '571001', name: '杭州西湖一部' }, sortation: { name: `${w.place.province.slice(0, 2)}${w.place.city.slice(0, 2)}` }, receiveBranch: { code: String(code), name: `${w.place.district}网点` }, routeCode: `${code}B-${code % 40}-${String(code % 1000).padStart(3, '0')}` };
  const templateURL = `https://cloudprint.cainiao.com/template/standard/${code}/1`;
  // Of a covered receiver the personal part is for the print client alone; where it goes stands open beside it.
  return JSON.stringify(covered ? { encryptedData: `AES:${Buffer.from(w.number).toString('base64')}`, data: { routingInfo }, signature: 'MD:sandbox', templateURL, ver: 'waybill_print_secret_version_1' } : { data: { cpCode: w.cp, waybillCode: w.number, recipient: { address: w.place, name: w.receiver }, routingInfo }, signature: 'MD:sandbox', templateURL });
}

function get(book: Book, args: Json): Json {
  const { world } = book.frame;
  const [cp, sender, asks] = [str(args['cpCode']), obj(args['sender']), list(args['tradeOrderInfoDtos'])];
  if (cp === '') return no('S12', 'cpCode不能为空');
  if (!SUBSCRIBED.has(cp)) return no('ISP_NO_SUBSCRIPTION', `商家未订购${cp}电子面单服务`);
  if (str(sender['name']) === '' || placeOf(sender).province === '' || (str(sender['mobile']) || str(sender['phone'])) === '') return no('INVALID_SENDER', '发件人信息不完整');
  if (asks.length === 0 || asks.length > MOST) return no('INVALID_PARAM', '取号订单数不合法，最多10个');
  const ids = asks.map((a) => str(obj(a['packageInfo'])['id']));
  if (new Set(ids.map((x) => x.toLowerCase())).size !== ids.length || ids.some((x) => !/^\w{1,64}$/.test(x))) return no('INVALID_PACKAGE', '包裹id不合法或重复');
  for (const a of asks) {
    const bad = str(a['objectId']) === '' ? 'objectId不能为空' : list(obj(a['packageInfo'])['items']).length === 0 ? '商品信息不能为空' : badRecipient(book, obj(a['recipient'])) ?? (BEYOND.test(Object.values(placeOf(obj(a['recipient']))).join('')) ? '收件地址不在服务范围内' : undefined);
    if (bad) return no('BIZ_ERROR', bad);
    if (world.couriers().key(CHANNEL, str(obj(a['packageInfo'])['id']))?.state === 'cancelled') return no('BIZ_ERROR', '该包裹的面单号已取消');
  }
  const fresh = ids.filter((id) => !world.couriers().key(CHANNEL, id));
  if (book.knobs.quota >= 0 && fresh.length > book.knobs.quota) return no('BIZ_ERROR', '网点单号余量不足，请充值');
  if (book.knobs.quota >= 0) book.knobs.quota -= fresh.length;
  return { success: true, waybillCloudPrintResponseList: asks.map((a, i) => {
    const r = obj(a['recipient']);
    // The same parcel again: the number that it has.
    if (!world.couriers().key(CHANNEL, ids[i]!)) world.apply({ do: 'courier', deed: { what: 'give', by: CHANNEL, cp, key: ids[i]!, number: world.couriers().nextNumber(cp), place: placeOf(r), receiver: str(r['name']), weightGrams: Number(obj(a['packageInfo'])['weight'] ?? 0) } });
    const w = world.couriers().key(CHANNEL, ids[i]!)!;
    return { objectId: str(a['objectId']), waybillCode: w.number, printData: printData(w, str(r['oaid']) !== '') };
  }) };
}
function own({ frame: { world } }: Book, args: Json): BookWaybill | Json {
  const w = world.couriers().number(str(args['waybillCode']));
  if (!w || w.by !== CHANNEL || w.cp !== str(args['cpCode'])) return no('BIZ_ERROR', '面单号不存在');
  if (w.state === 'cancelled') return no('BIZ_ERROR', '面单号已取消');
  return w.scannedAt !== undefined && w.scannedAt <= world.now().getTime() ? no('BIZ_ERROR', '面单已被揽收，不能操作') : w;
}
function update(book: Book, args: Json): Json {
  const w = own(book, args);
  if (!('number' in w)) return w;
  const r = obj(args['recipient']);
  const bad = badRecipient(book, r);
  if (bad) return no('BIZ_ERROR', bad);
  const known = w as BookWaybill;
  book.frame.world.apply({ do: 'courier', deed: { what: 'update', number: known.number, place: placeOf(r), receiver: str(r['name']), weightGrams: Number(obj(args['packageInfo'])['weight'] ?? 0) } });
  return { success: true, waybillCode: known.number, printData: printData(known, str(r['oaid']) !== '') };
}
function discard(book: Book, args: Json): Json {
  const w = own(book, args);
  if (!('number' in w)) return w;
  book.frame.world.apply({ do: 'courier', deed: { what: 'cancel', number: (w as BookWaybill).number } });
  return { success: true, discardResult: true };
}
const MESSAGES: Readonly<Record<string, (book: Book, args: Json) => Json>> = { TMS_WAYBILL_GET: get, TMS_WAYBILL_UPDATE: update, TMS_WAYBILL_DISCARD: discard };

function mount(frame: Frame): Mounted {
  const { world } = frame;
  const faults = makeFaults();
  const knobs: Knobs = { quota: -1 };
  const answer = (form: URLSearchParams): Json => {
    const content = form.get('logistics_interface') ?? '';
    if (form.get('logistic_provider_id') !== APP.token) return no('S03', '非法的物流公司/仓储公司');
    if (form.get('data_digest') !== createHash('md5').update(Buffer.concat([Buffer.from(content, 'utf8'), Buffer.from(APP.appSecret)])).digest().toString('base64')) return no('S02', '非法的数字签名');
    const message = MESSAGES[form.get('msg_type') ?? ''];
    if (!message) return no('S04', '非法的通知类型');
    try {
      return message({ frame, knobs }, JSON.parse(content) as Json);
    } catch (error) {
      if (error instanceof SyntaxError) return no('S01', '非法的XML/JSON');
      throw error;
    }
  };
  return {
    rude: faults.rude, calls: faults.calls, keys: (origin) => ({ gateway: `${origin}/cainiao/gateway/link.do`, ...APP }),
    handle: async (request, response, url) => {
      if (url.pathname === '/__cainiao') {
        Object.assign(knobs, JSON.parse((await bodyOf(request)) || '{}'));
        response.writeHead(200).end(JSON.stringify(knobs));
        return true;
      }
      if (url.pathname !== '/cainiao/gateway/link.do') return false;
      const form = new URLSearchParams(await bodyOf(request));
      world.advanceTo(world.now());
      const fault = await faults.next(form.get('msg_type') ?? '');
      if (fault === 'cut') request.socket.destroy();
      else if (fault === 'busy') say(response, world, '<response><success>false</success><errorCode>S07</errorCode><errorMsg>系统异常</errorMsg></response>', 200, 'text/xml');
      else if (fault === 'banned') say(response, world, JSON.stringify(no('S12', '调用频率超限')));
      else {
        const body = JSON.stringify(rudely(answer(form), faults.rude));
        if (fault === 'cut_after') request.socket.destroy();
        else if (fault === 'broken_after') say(response, world, 'upstream error', 504, 'text/plain');
        else say(response, world, body);
      }
      return true;
    },
  };
}
export const cainiaoStandIn: StandIn = { channel: CHANNEL, mount };
