/**
 * The stand-in of WeChat Pay's API v3, with its own reading of signatures: `/v3/bill/…`, `/v3/billdownload/…`, `/v3/certificates`,
 * refunds and transfers. `/__wechat-pay` is for tests: what it should be like, and payments that no shop of the world has made.
 */
import { createHash, createPublicKey, createVerify, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { bodyOf, makeFaults, type Frame, type Mounted, type StandIn } from '../../sandbox/stand-in.ts';
import { flowText, tradeText, type PayLine } from './bill-text.ts';
import { makePlatform } from './platform.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** China is eight hours ahead, the whole year. */
const ZONE_MS = 8 * HOUR_MS;
const LINK_MS = 30_000;
const HISTORY_DAYS = 92;
const MCH = '1900000001';
type Refused = readonly [status: number, code: string, message: string];
type Knobs = { forge: boolean; staleS: number; wrongHash: number; cutGzip: number; expireLinks: number; plain: boolean; noFlow: boolean };

type Platform = ReturnType<typeof makePlatform>;
type Parts = { readonly world: Frame['world']; readonly platform: Platform; readonly knobs: Knobs; readonly given: readonly PayLine[] };
type Say = (response: ServerResponse, status: number, body: unknown) => void;

/** Who calls, by this file's own reading of the header and of what was signed. */
function doorOf({ world, platform }: Parts): (request: IncomingMessage, url: URL) => Refused | undefined {
  const nonces = new Set<string>();
  return (request: IncomingMessage, url: URL): Refused | undefined => {
    const header = request.headers.authorization ?? '';
    const field = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? '';
    if (!header.startsWith('WECHATPAY2-SHA256-RSA2048 ')) return [401, 'SIGN_ERROR', 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》'];
    if (field('mchid') !== MCH || field('serial_no') !== platform.merchant.serialNo) return [401, 'SIGN_ERROR', '商户证书序列号有误，请使用签名私钥匹配的证书序列号'];
    if (Math.abs(world.now().getTime() / 1000 - Number(field('timestamp'))) > 300) return [401, 'SIGN_ERROR', 'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟'];
    if (nonces.has(field('nonce_str'))) return [401, 'SIGN_ERROR', '随机串重复'];
    nonces.add(field('nonce_str'));
    const said = [request.method, `${url.pathname}${url.search}`, field('timestamp'), field('nonce_str'), '', ''].join('\n');
    return createVerify('sha256WithRSAEncryption').update(said).verify(createPublicKey(platform.merchant.publicKey), field('signature'), 'base64') ? undefined : [401, 'SIGN_ERROR', '签名错误，请检查后再试'];
  };
}

function billsOf({ world, knobs, given }: Parts, answer: Say) {
  const links = new Map<string, { readonly day: number; readonly kind: 'trade' | 'flow'; readonly gzip: boolean; readonly until: number }>();
  const linesOf = (day: number): PayLine[] => [
    ...world.payments(new Date(day), new Date(day + DAY_MS), 'wechat-pay').map((p): PayLine => ({ kind: p.kind === 'commission' ? 'service' : p.kind, tradeNo: p.tradeNo, merchantNo: p.merchantOrderNo, refundNo: p.refundNo, amountFen: p.amountFen, feeFen: 0, at: p.at.toISOString(), name: '' })),
    ...given.filter((g) => Date.parse(g.at) >= day && Date.parse(g.at) < day + DAY_MS),
  ];

  const bill = (response: ServerResponse, url: URL, kind: 'trade' | 'flow'): void => {
    const no = (status: number, code: string, message: string): void => answer(response, status, { code, message });
    if (kind === 'flow' && knobs.noFlow) return no(403, 'NO_AUTH', '商户号无该接口权限');
    const date = url.searchParams.get('bill_date') ?? '';
    const day = Date.parse(`${date}T00:00:00+08:00`);
    const now = world.now().getTime();
    const today = Math.floor((now + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS;
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(day) || day >= today || day < today - HISTORY_DAYS * DAY_MS) return no(400, 'INVALID_REQUEST', '账单日期不合法');
    if (!['ALL', 'BASIC'].includes(url.searchParams.get(kind === 'trade' ? 'bill_type' : 'account_type') ?? '')) return no(400, 'PARAM_ERROR', '账单类型错误');
    if (day === today - DAY_MS && now < today + 10 * HOUR_MS) return no(400, 'STATEMENT_CREATING', '账单生成中');
    const lines = linesOf(day).filter((l) => kind === 'flow' || l.kind === 'sale' || l.kind === 'refund');
    if (lines.length === 0) return no(400, 'NO_STATEMENT_EXIST', '账单文件不存在');
    const token = randomBytes(12).toString('hex');
    links.set(token, { day, kind, gzip: url.searchParams.get('tar_type') === 'GZIP', until: performance.now() + (knobs.expireLinks-- > 0 ? -1 : LINK_MS) });
    const hash = createHash('sha1').update(textOf(kind, lines)).digest('hex');
    answer(response, 200, { hash_type: 'SHA1', hash_value: knobs.wrongHash-- > 0 ? '0'.repeat(40) : hash, download_url: `${url.origin}/v3/billdownload/file?token=${token}` });
  };
  const textOf = (kind: 'trade' | 'flow', lines: readonly PayLine[]): string => (kind === 'trade' ? tradeText(lines, MCH) : flowText(lines, MCH));
  const download = (response: ServerResponse, url: URL): void => {
    const link = links.get(url.searchParams.get('token') ?? '');
    if (!link || link.until < performance.now()) return void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'INVALID_REQUEST', message: '下载链接已失效' }));
    const lines = linesOf(link.day).filter((l) => link.kind === 'flow' || l.kind === 'sale' || l.kind === 'refund');
    const text = Buffer.from(textOf(link.kind, lines));
    const bytes = link.gzip ? gzipSync(text) : text;
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(knobs.cutGzip-- > 0 ? bytes.subarray(0, bytes.length / 2) : bytes);
  };
  return { bill, download };
}

function singlesOf({ given }: Parts, answer: Say) {
  const refund = (response: ServerResponse, number: string): void => {
    const found = given.find((g) => g.kind === 'refund' && g.merchantRefundNo === number);
    if (!found) return answer(response, 404, { code: 'RESOURCE_NOT_EXISTS', message: '退款单不存在' });
    answer(response, 200, { refund_id: found.refundNo, out_refund_no: number, transaction_id: found.tradeNo, out_trade_no: found.merchantNo, channel: 'ORIGINAL', user_received_account: '招商银行信用卡0403', success_time: `${new Date(Date.parse(found.at) + ZONE_MS).toISOString().slice(0, 19)}+08:00`, status: found.state ?? 'SUCCESS', amount: { total: -found.amountFen, refund: -found.amountFen, currency: 'CNY' } });
  };
  const transfer = (response: ServerResponse, number: string): void => {
    const found = given.find((g) => g.kind === 'transfer' && g.merchantNo === number);
    if (!found) return answer(response, 404, { code: 'NOT_FOUND', message: '记录不存在' });
    answer(response, 200, { mch_id: MCH, out_bill_no: number, transfer_bill_no: found.tradeNo, appid: 'wx0000000000000001', state: found.state ?? 'SUCCESS', transfer_amount: -found.amountFen, transfer_remark: found.name, update_time: found.at });
  };
  return { refund, transfer };
}

function mount({ world, dataDir }: Frame): Mounted {
  const platform = makePlatform(dataDir);
  const faults = makeFaults();
  const knobs: Knobs = { forge: false, staleS: 0, wrongHash: 0, cutGzip: 0, expireLinks: 0, plain: false, noFlow: false };
  const given: PayLine[] = [];
  const answer = (response: ServerResponse, status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': randomBytes(8).toString('hex'), ...platform.signed(knobs.forge ? `${text} ` : text, Math.floor(world.now().getTime() / 1000) - knobs.staleS) }).end(text);
  };
  const parts: Parts = { world, platform, knobs, given };
  const refusedCaller = doorOf(parts);
  const { bill, download } = billsOf(parts, answer);
  const { refund, transfer } = singlesOf(parts, answer);

  const route = (response: ServerResponse, url: URL): void => {
    const last = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    if (url.pathname === '/v3/certificates') answer(response, 200, { data: platform.listed(world.now()) });
    else if (url.pathname === '/v3/bill/tradebill') bill(response, url, 'trade');
    else if (url.pathname === '/v3/bill/fundflowbill') bill(response, url, 'flow');
    else if (url.pathname === '/v3/billdownload/file') download(response, url);
    else if (url.pathname.startsWith('/v3/refund/domestic/refunds/')) refund(response, last);
    else if (url.pathname.startsWith('/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/')) transfer(response, last);
    else answer(response, 404, { code: 'RESOURCE_NOT_EXISTS', message: 'no such path' });
  };
  return {
    rude: faults.rude, calls: faults.calls,
    keys: (origin) => ({ gateway: origin, mchId: MCH, serialNo: platform.merchant.serialNo, privateKey: platform.merchant.privateKey, apiV3Key: platform.apiV3Key, publicKeyId: platform.publicKeyId, publicKey: platform.publicKey }),
    handle: async (request, response, url) => {
      if (url.pathname === '/__wechat-pay') {
        const { pay, rotate, mode, ...rest } = JSON.parse((await bodyOf(request)) || '{}') as Partial<Knobs> & { pay?: PayLine[]; rotate?: boolean; mode?: 'certificate' | 'publicKey' };
        Object.assign(knobs, rest);
        given.push(...(pay ?? []));
        if (rotate) platform.rotate();
        if (mode) platform.use(mode);
        response.writeHead(200).end('{}');
        return true;
      }
      if (!/^\/v3\/(bill|billdownload|certificates|refund|fund-app)(\/|$)/.test(url.pathname)) return false;
      const fault = await faults.next(url.pathname.split('/').slice(0, 4).join('/'));
      if (fault === 'cut' || fault === 'cut_after') request.socket.destroy();
      else if (fault === 'busy' || fault === 'broken_after') response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'SYSTEM_ERROR', message: '系统错误' }));
      else if (fault === 'banned') response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'FREQUENCY_LIMITED', message: '频率超限' }));
      else {
        const refused = refusedCaller(request, url);
        if (refused) response.writeHead(refused[0], { 'content-type': 'application/json' }).end(JSON.stringify({ code: refused[1], message: refused[2] }));
        else route(response, url);
      }
      return true;
    },
  };
}

export const wechatPayStandIn: StandIn = { channel: 'wechat-pay', mount };
