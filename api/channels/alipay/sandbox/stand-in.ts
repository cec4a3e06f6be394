/** The stand-in of Alipay's gateway and bill download: `/alipay/gateway.do`, `/alipay/bill?token=`. */
import { createPrivateKey, createPublicKey, createSign, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { fenFromInteger, yuanText } from '../../../contract/values/money.ts';
import { bodyOf, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import type { WorldPayment } from '../../sandbox/world.ts';

type AlipayKeys = { readonly merchantPrivateKey: string; readonly merchantPublicKey: string; readonly alipayPrivateKey: string; readonly alipayPublicKey: string };
const ALIPAY_APP = { appId: '2021000000000001', pid: '2088000000000001' } as const;
const DAY_MS = 86_400_000;
const LINK_MS = 30_000;

function makeKeys(): AlipayKeys {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  const [merchant, alipay] = [pair(), pair()];
  return { merchantPrivateKey: merchant.privateKey, merchantPublicKey: merchant.publicKey, alipayPrivateKey: alipay.privateKey, alipayPublicKey: alipay.publicKey };
}

const yuan = (fen: number): string => yuanText(fenFromInteger(fen));
const local = (at: Date): string => new Date(at.getTime() + 28_800_000).toISOString().slice(0, 19).replace('T', ' ');
const dayText = (day: string): string => day.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$1年$2月$3日');
const rule = (words: string): string => `#-----------------------------------------${words}----------------------------------------`;

/** A day's ledger as the platform writes it: newest first, running balance, tabs after texts, totals at the foot. */
function ledger(day: string, payments: readonly WorldPayment[], now: Date): string {
  let balance = 1_000_000;
  const rows = payments.map((p, i) => {
    balance += p.amountFen;
    const words = { sale: ['在线支付', '订单货款'], refund: ['退款', '交易退款'], commission: ['收费', '天猫佣金（类目）'] }[p.kind];
    const serial = `${day.replaceAll('-', '')}${p.merchantOrderNo.slice(-10)}${p.kind === 'sale' ? '1' : p.kind === 'refund' ? '2' : '3'}${String(i).padStart(3, '0')}`;
    return `${serial}\t,${p.tradeNo}\t,${p.merchantOrderNo}\t,${words[1]},${local(p.at)},${p.buyerAccount}\t,${yuan(Math.max(0, p.amountFen))},${yuan(Math.min(0, p.amountFen))},${yuan(balance)},支付宝,${words[0]},`;
  }).reverse();
  const [income, expense] = [payments.filter((p) => p.amountFen > 0), payments.filter((p) => p.amountFen < 0)];
  const sum = (list: readonly WorldPayment[]): string => yuan(list.reduce((n, p) => n + p.amountFen, 0));
  return ['#支付宝账务明细查询', `#账号：[${ALIPAY_APP.pid}0156]`, `#起始日期：[${dayText(day)} 00:00:00]   终止日期：[${dayText(day)} 23:59:59]`, rule('账务明细列表'), '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注',
    ...rows, rule('账务明细列表结束'), `#支出合计：${expense.length}笔，共${sum(expense)}元`, `#收入合计：${income.length}笔，共${sum(income)}元`, `#导出时间：[${local(now)}]`, ''].join('\r\n');
}

/** Kept, so that a stand-in that is started again still knows its merchant. */
function keysOf(dataDir: string): AlipayKeys {
  const file = join(dataDir, 'alipay-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as AlipayKeys;
  const keys = makeKeys();
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/** The signature is checked by this file's own reading: every parameter but `sign`, sorted, raw. */
function genuine(params: URLSearchParams, publicKey: string): boolean {
  const pairs = [...params.entries()].filter(([k, v]) => k !== 'sign' && v !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return createVerify('RSA-SHA256').update(pairs.map(([k, v]) => `${k}=${v}`).join('&')).verify(createPublicKey(publicKey), params.get('sign') ?? '', 'base64');
}

function mount({ world, dataDir }: Frame): Mounted {
  const keys = keysOf(dataDir);
  const links = new Map<string, { readonly day: string; readonly until: number }>();
  const answer = (response: ServerResponse, method: string, body: Record<string, string>): void => {
    const raw = JSON.stringify(body).replaceAll('/', '\\/');
    const sign = createSign('RSA-SHA256').update(raw).sign(createPrivateKey(keys.alipayPrivateKey), 'base64');
    response.writeHead(200, { 'content-type': 'text/html;charset=utf-8' });
    response.end(`{"${method.replaceAll('.', '_')}_response":${raw},"sign":"${sign}"}`);
  };
  const gateway = async (request: IncomingMessage, response: ServerResponse, base: string): Promise<void> => {
    const params = new URLSearchParams(await bodyOf(request));
    const method = params.get('method') ?? '';
    world.advanceTo(world.now());
    const no = (code: string, msg: string, sub_code: string, sub_msg: string): void => answer(response, method, { code, msg, sub_code, sub_msg });
    if (params.get('app_id') !== ALIPAY_APP.appId) return no('40002', 'Invalid Arguments', 'isv.invalid-app-id', '无效的AppID参数');
    if (!genuine(params, keys.merchantPublicKey)) return no('40002', 'Invalid Arguments', 'isv.invalid-signature', '无效签名');
    const stamp = Date.parse(`${(params.get('timestamp') ?? '').replace(' ', 'T')}+08:00`);
    if (Number.isNaN(stamp) || Math.abs(stamp - world.now().getTime()) > 86_400_000) return no('40002', 'Invalid Arguments', 'isv.invalid-timestamp', '非法的时间戳参数');
    if (method !== 'alipay.data.dataservice.bill.downloadurl.query') return no('40004', 'Business Failed', 'isv.invalid-method', '不存在的方法名');
    const { bill_type: type, bill_date: day } = JSON.parse(params.get('biz_content') ?? '{}') as { bill_type?: string; bill_date?: string };
    const start = Date.parse(`${day}T00:00:00+08:00`);
    const today = Math.floor((world.now().getTime() + 28_800_000) / DAY_MS) * DAY_MS - 28_800_000;
    if (type !== 'signcustomer' || Number.isNaN(start) || start >= today) return no('40004', 'Business Failed', 'isv.invalid_arguments', '入参不合法');
    if (world.payments(new Date(start), new Date(start + DAY_MS), 'alipay').length === 0) return no('40004', 'Business Failed', 'isp.bill_not_exist', '账单不存在');
    const token = randomBytes(12).toString('hex');
    links.set(token, { day: day!, until: performance.now() + LINK_MS });
    answer(response, method, { code: '10000', msg: 'Success', bill_download_url: `${base}/alipay/bill?bizType=fnd&fileType=csv.zip&bizDates=${day!.replaceAll('-', '')}&token=${token}` });
  };
  const download = (response: ServerResponse, token: string): void => {
    const link = links.get(token);
    if (!link || link.until < performance.now()) return void response.writeHead(403).end('expired');
    const start = Date.parse(`${link.day}T00:00:00+08:00`);
    const payments = world.payments(new Date(start), new Date(start + DAY_MS), 'alipay');
    const name = `${ALIPAY_APP.pid}0156_${link.day.replaceAll('-', '')}`;
    // The summary comes first, as it may.
    const zip = zipSync({ [`${name}_summary.csv`]: iconv.encode(`#支付宝账务汇总查询\r\n#账号：[${ALIPAY_APP.pid}0156]\r\n`, 'gb18030'), [`${name}_detail.csv`]: iconv.encode(ledger(link.day, payments, world.now()), 'gb18030') });
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.from(zip));
  };
  return {
    keys: (origin) => ({ gateway: `${origin}/alipay/gateway.do`, appId: ALIPAY_APP.appId, privateKey: keys.merchantPrivateKey, alipayPublicKey: keys.alipayPublicKey }),
    handle: async (request, response, url) => {
      if (url.pathname === '/alipay/gateway.do') await gateway(request, response, url.origin);
      else if (url.pathname === '/alipay/bill') download(response, url.searchParams.get('token') ?? '');
      else return false;
      return true;
    },
  };
}

export const alipayStandIn: StandIn = { channel: 'alipay', mount };
