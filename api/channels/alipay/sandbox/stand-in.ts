/**
 * The stand-in of Alipay's gateway and bill download, with its own reading of signatures: `/alipay/gateway.do`, `/alipay/bill?token=`.
 * `/__alipay` is for tests: what it should be like, and payments that no shop of the world has made.
 */
import { createPrivateKey, createPublicKey, createSign, createVerify, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { bodyOf, makeFaults, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import { ledgerText, local, tradeText, yuan, type Pay } from './bill-text.ts';
import { certify, keptKeys, type Certified } from './keys.ts';

const APP = { appId: '2021000000000001', pid: '2088000000000001' } as const;
const DAY_MS = 86_400_000;
const LINK_MS = 30_000;
type Knobs = { forge: boolean; expireLinks: number; noTrade: boolean };
type Given = Omit<Pay, 'at'> & { readonly at: string };

/** Every parameter but `sign`, sorted, raw. */
function genuine(params: URLSearchParams, publicKey: string): boolean {
  const pairs = [...params.entries()].filter(([k, v]) => k !== 'sign' && v !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return createVerify('RSA-SHA256').update(pairs.map(([k, v]) => `${k}=${v}`).join('&')).verify(createPublicKey(publicKey), params.get('sign') ?? '', 'base64');
}

type Parts = { readonly world: Frame['world']; readonly knobs: Knobs; readonly given: readonly Given[]; readonly certificates: () => Certified };
/** What the methods answer, once it is sure who asks; and the files behind the links. */
function businessOf({ world, knobs, given, certificates }: Parts) {
  const links = new Map<string, { readonly day: string; readonly type: string; readonly until: number }>();
  const paymentsOf = (day: string, type: string): Pay[] => {
    const start = Date.parse(`${day}T00:00:00+08:00`);
    const own = given.map((g) => ({ ...g, at: new Date(g.at) })).filter((g) => g.at.getTime() >= start && g.at.getTime() < start + DAY_MS);
    return [...world.payments(new Date(start), new Date(start + DAY_MS), 'alipay'), ...own].filter((p) => type === 'signcustomer' || p.kind !== 'commission');
  };
  const business = (method: string, content: Readonly<Record<string, string>>, base: string): Record<string, string> => {
    const no = (sub_code: string, sub_msg: string): Record<string, string> => ({ code: '40004', msg: 'Business Failed', sub_code, sub_msg });
    const yes = (body: Record<string, string>): Record<string, string> => ({ code: '10000', msg: 'Success', ...body });
    if (method === 'alipay.open.app.alipaycert.download') {
      const chain = certificates().chainOf(content['alipay_cert_sn'] ?? '');
      return chain ? yes({ alipay_cert_content: Buffer.from(chain).toString('base64') }) : no('isv.invalid-cert-sn', '证书不存在');
    }
    if (method === 'alipay.trade.fastpay.refund.query') {
      const found = given.find((g) => g.kind === 'refund' && g.refundNo === content['out_request_no'] && g.tradeNo === content['trade_no']);
      if (!given.some((g) => g.tradeNo === content['trade_no'])) return no('ACQ.TRADE_NOT_EXIST', '交易不存在');
      return yes(found ? { trade_no: found.tradeNo, out_trade_no: found.merchantOrderNo, out_request_no: found.refundNo, refund_status: 'REFUND_SUCCESS', refund_amount: yuan(-found.amountFen), gmt_refund_pay: local(new Date(found.at)) } : { trade_no: content['trade_no']! });
    }
    if (method === 'alipay.fund.trans.common.query') return content['out_biz_no'] === 'T1' ? yes({ order_id: '20260101110070001506490000000001', out_biz_no: 'T1', status: 'SUCCESS', trans_amount: '3.00', pay_date: '2026-11-20 15:00:00' }) : no('ORDER_NOT_EXIST', '转账订单不存在');
    if (method !== 'alipay.data.dataservice.bill.downloadurl.query') return no('isv.invalid-method', '不存在的方法名');
    const { bill_type: type = '', bill_date: day = '' } = content;
    const today = Math.floor((world.now().getTime() + 28_800_000) / DAY_MS) * DAY_MS - 28_800_000;
    const start = Date.parse(`${day}T00:00:00+08:00`);
    if (type === 'trade' && knobs.noTrade) return { code: '40006', msg: 'Insufficient Permissions', sub_code: 'isv.insufficient-isv-permissions', sub_msg: 'ISV权限不足' };
    if ((type !== 'signcustomer' && type !== 'trade') || Number.isNaN(start) || start >= today) return no('isv.invalid_arguments', '入参不合法');
    if (paymentsOf(day, type).length === 0) return no('isp.bill_not_exist', '账单不存在');
    const token = randomBytes(12).toString('hex');
    links.set(token, { day, type, until: performance.now() + (knobs.expireLinks-- > 0 ? -1 : LINK_MS) });
    return yes({ bill_download_url: `${base}/alipay/bill?bizType=${type === 'trade' ? 'trade' : 'fnd'}&fileType=csv.zip&bizDates=${day.replaceAll('-', '')}&token=${token}` });
  };
  const download = (response: ServerResponse, token: string): void => {
    const link = links.get(token);
    if (!link || link.until < performance.now()) return void response.writeHead(403).end('expired');
    const text = (link.type === 'trade' ? tradeText : ledgerText)(link.day, paymentsOf(link.day, link.type), APP.pid, world.now());
    const what = link.type === 'trade' ? '业务' : '账务';
    const name = `${APP.pid}0156_${link.day.replaceAll('-', '')}`;
    // The summary comes first, as it may.
    const zip = zipSync({ [`${name}_summary.csv`]: iconv.encode(`#支付宝${what}汇总查询\r\n#账号：[${APP.pid}0156]\r\n`, 'gb18030'), [`${name}_detail.csv`]: iconv.encode(text, 'gb18030') });
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.from(zip));
  };
  return { business, download };
}

function mount({ world, dataDir }: Frame): Mounted {
  const keys = keptKeys(dataDir);
  const faults = makeFaults();
  const knobs: Knobs = { forge: false, expireLinks: 0, noTrade: false };
  const given: Given[] = [];
  let certified: Certified | undefined;
  const certificates = (): Certified => (certified ??= certify(keys));
  const { business, download } = businessOf({ world, knobs, given, certificates });

  const answer = (response: ServerResponse, method: string, body: Record<string, string>, byCertificate: boolean): void => {
    const raw = JSON.stringify(body).replaceAll('/', '\\/');
    const { sn, privateKey } = byCertificate ? certificates().current() : { sn: '', privateKey: keys.alipayPrivateKey };
    const sign = createSign('RSA-SHA256').update(knobs.forge ? `${raw} ` : raw).sign(createPrivateKey(privateKey), 'base64');
    response.writeHead(200, { 'content-type': 'text/html;charset=utf-8' });
    response.end(`{"${method.replaceAll('.', '_')}_response":${raw}${sn ? `,"alipay_cert_sn":"${sn}"` : ''},"sign":"${sign}"}`);
  };
  const gateway = async (request: IncomingMessage, response: ServerResponse, base: string): Promise<void> => {
    const params = new URLSearchParams(await bodyOf(request));
    const method = params.get('method') ?? '';
    world.advanceTo(world.now());
    const byCertificate = params.has('app_cert_sn');
    const no = (sub_code: string, sub_msg: string): void => answer(response, method, { code: '40002', msg: 'Invalid Arguments', sub_code, sub_msg }, byCertificate);
    if (params.get('app_id') !== APP.appId) return no('isv.invalid-app-id', '无效的AppID参数');
    if (byCertificate && (params.get('app_cert_sn') !== certificates().appSn || params.get('alipay_root_cert_sn') !== certificates().rootSn)) return no('isv.invalid-app-cert-sn', '应用证书序列号不正确');
    if (!genuine(params, keys.merchantPublicKey)) return no('isv.invalid-signature', '无效签名');
    const stamp = Date.parse(`${(params.get('timestamp') ?? '').replace(' ', 'T')}+08:00`);
    if (Number.isNaN(stamp) || Math.abs(stamp - world.now().getTime()) > DAY_MS) return no('isv.invalid-timestamp', '非法的时间戳参数');
    answer(response, method, business(method, JSON.parse(params.get('biz_content') ?? '{}') as Record<string, string>, base), byCertificate);
  };
  return {
    rude: faults.rude, calls: faults.calls,
    keys: (origin) => ({ gateway: `${origin}/alipay/gateway.do`, appId: APP.appId, privateKey: keys.merchantPrivateKey, alipayPublicKey: keys.alipayPublicKey }),
    handle: async (request, response, url) => {
      if (url.pathname === '/__alipay') {
        const { pay, rotate, ...rest } = JSON.parse((await bodyOf(request)) || '{}') as Partial<Knobs> & { pay?: Given[]; rotate?: 'right' | 'stray' };
        Object.assign(knobs, rest);
        given.push(...(pay ?? []));
        if (rotate) certificates().rotate(rotate === 'stray');
        const { appCert, rootCert, alipay } = certificates();
        response.writeHead(200).end(JSON.stringify({ appCert, rootCert, alipayCert: alipay.pem }));
        return true;
      }
      if (url.pathname !== '/alipay/gateway.do' && url.pathname !== '/alipay/bill') return false;
      const fault = await faults.next(url.pathname);
      if (fault === 'cut' || fault === 'cut_after') request.socket.destroy();
      else if (fault === 'busy' || fault === 'broken_after') response.writeHead(502).end('<html>bad gateway</html>');
      else if (url.pathname === '/alipay/bill') download(response, url.searchParams.get('token') ?? '');
      else if (fault === 'banned') answer(response, 'error', { code: '40005', msg: 'call limited', sub_code: 'isv.app-call-limited', sub_msg: '应用调用次数超限' }, false);
      else await gateway(request, response, url.origin);
      return true;
    },
  };
}

export const alipayStandIn: StandIn = { channel: 'alipay', mount };
