import assert from 'node:assert/strict';
import { createCipheriv, generateKeyPairSync, createSign } from 'node:crypto';
import type { Bill, PaymentContext } from '../../api/channels/channel.ts';
import { flowText, type PayLine } from '../../api/channels/wechat-pay/sandbox/bill-text.ts';
import { wechatPay } from '../../api/channels/wechat-pay/index.ts';
import { genuine, openResource, requestText } from '../../api/channels/wechat-pay/sign.ts';
import { rows } from '../support/files.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Line = { kind: string; tradeNo: string; merchantNo: string; refundNo: string; merchantRefundNo?: string; amountFen: number; feeFen: number; at: string; name: string; state?: string };
const DAY = '2026-11-20';
const EMPTY = '2026-11-19';
const NOW = '2026-11-21T03:00:00Z';
const pay = (over: Partial<Line>): Line => ({ kind: 'sale', tradeNo: '4200002086202611200000000001', merchantNo: 'M1', refundNo: '', amountFen: 10_000, feeFen: 60, at: `${DAY}T04:00:00Z`, name: '龙井, 50g，两罐', ...over });
const DAY_LINES = [
  pay({}), pay({ tradeNo: '4200002086202611200000000002', merchantNo: 'M2', amountFen: 2500, feeFen: 15 }),
  pay({ kind: 'refund', refundNo: '50303108562026112000000000001', merchantRefundNo: 'R1', amountFen: -1000, feeFen: -6, at: `${DAY}T05:00:00Z` }),
  pay({ kind: 'withdrawal', tradeNo: 'W1', merchantNo: 'W1', amountFen: -5000, feeFen: 0, at: `${DAY}T06:00:00Z`, name: '提现' }),
  pay({ kind: 'transfer', tradeNo: '1330000071100999991182020050700019480001', merchantNo: 'T1', amountFen: -300, feeFen: 0, at: `${DAY}T07:00:00Z`, name: '返现', state: 'WAIT_USER_CONFIRM' }),
];

describe('WeChat Pay, against its stand-in', () => {
  let sandbox: TestSandbox;
  let account: Record<string, string>;
  let gateway: string;
  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.ask('clock', { to: NOW });
    ({ gateway, ...account } = (sandbox.keys as unknown as Record<string, Record<string, string>>)['wechat-pay'] as Record<string, string> & { gateway: string });
    await set({ pay: DAY_LINES });
  });
  after(() => sandbox.stop());
  const set = async (knobs: object): Promise<void> => void (await fetch(`${sandbox.url}/__wechat-pay`, { method: 'POST', body: JSON.stringify(knobs) }));
  const context = (over: Record<string, string> = {}): PaymentContext => ({ account: { ...account, ...over }, gateway, now: () => new Date(NOW) });
  const billOf = async (kind: 'trade' | 'ledger', ctx = context()): Promise<Bill> => {
    const got = await wechatPay.fetchBill(ctx, DAY, kind);
    assert.ok(got.ok && got.value !== 'empty', JSON.stringify(got));
    return got.value;
  };
  const refusalOf = async (ctx: PaymentContext, day = DAY): Promise<string> => {
    const got = await wechatPay.fetchBill(ctx, day, 'trade');
    assert.ok(!got.ok, 'it is refused');
    return `${got.refusal.code} ${got.refusal.platformCode}`;
  };
  const shown = (b: Bill) => b.lines.map((l) => [l.kind, l.amountFen, l.feeFen, l.refundNo || l.tradeNo]);
  const TRADE = [['sale', 10_000, -60, '4200002086202611200000000001'], ['sale', 2500, -15, '4200002086202611200000000002'], ['refund', -1000, 6, '50303108562026112000000000001']];

  it('trade bill and fund flow, packed, with their hash; an empty day; a day that is none', async () => {
    assert.deepEqual(shown(await billOf('trade')), TRADE);
    assert.deepEqual((await billOf('ledger')).lines.map((l) => [l.kind, l.amountFen]), [['sale', 10_000], ['fee', -60], ['sale', 2500], ['fee', -15], ['refund', -1000], ['fee', 6], ['withdrawal', -5000], ['transfer', -300]]);
    assert.deepEqual(await wechatPay.fetchBill(context(), EMPTY, 'trade'), { ok: true, value: 'empty' });
    assert.equal(await refusalOf(context(), '2026-11-21'), 'refuse_row INVALID_REQUEST');
  });
  it('a flow number is one line’s alone: a line after midnight of Beijing is of the new day', () => {
    const numberOf = (at: string): string => /`(4\d{27})/.exec(flowText([pay({ kind: 'sale', at, tradeNo: 'T' }) as PayLine], 'm'))![1]!;
    assert.deepEqual([numberOf('2026-11-19T15:59:00Z').slice(1, 9), numberOf('2026-11-19T16:01:00Z').slice(1, 9)], ['20261119', '20261120']);
  });
  it('a bill that is still being made is asked for later', async () => {
    await sandbox.ask('clock', { to: '2026-11-21T01:30:00Z' });
    assert.equal(await refusalOf({ ...context(), now: () => new Date('2026-11-21T01:30:00Z') }), 'retry STATEMENT_CREATING');
    await sandbox.ask('clock', { to: NOW });
  });
  it('a link that has ended, a bill cut on its way, a hash that is another: asked for anew; twice too many: told', async () => {
    for (const knobs of [{ expireLinks: 2 }, { cutGzip: 2 }, { wrongHash: 2 }]) {
      await set(knobs);
      assert.deepEqual(shown(await billOf('trade')), TRADE, JSON.stringify(knobs));
    }
    await set({ wrongHash: 3 });
    assert.equal(await refusalOf(context()), 'retry hash');
  });
  it('an answer that WeChat Pay has not signed is not believed, and an old one is told of', async () => {
    await set({ forge: true });
    assert.equal(await refusalOf(context()), 'ask_person response_signature');
    assert.equal(await refusalOf(context(), EMPTY), 'ask_person response_signature', 'nor that the day is empty');
    await set({ forge: false, staleS: 400 });
    assert.equal(await refusalOf(context()), 'ask_person response_stale');
    await set({ staleS: 0 });
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    assert.equal(await refusalOf(context({ publicKey })), 'ask_person response_signature');
  });
  it('our own key, number or clock that is wrong', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    assert.equal(await refusalOf(context({ privateKey })), 'ask_person SIGN_ERROR');
    assert.equal(await refusalOf(context({ serialNo: 'FF' })), 'ask_person SIGN_ERROR');
    assert.equal(await refusalOf(context({ privateKey: 'not a key' })), 'ask_person private_key');
    assert.equal(await refusalOf({ ...context(), now: () => new Date('2026-11-21T04:00:00Z') }), 'ask_person SIGN_ERROR');
  });
  it('platform certificates: opened with the APIv3 key, and a new one takes over', async () => {
    await set({ mode: 'certificate' });
    const byCertificate = context({ publicKeyId: '', publicKey: '' });
    assert.deepEqual(shown(await billOf('trade', byCertificate)), TRADE);
    await set({ rotate: true });
    assert.deepEqual(shown(await billOf('trade', byCertificate)), TRADE);
    await set({ rotate: true });
    assert.equal(await refusalOf(context({ publicKeyId: '', publicKey: '', apiV3Key: 'x'.repeat(32) , mchId: account['mchId']! })).then((r) => r.split(' ')[0]), 'ask_person');
    await set({ mode: 'publicKey' });
  });
  it('a busy server and cut connections are tried again; a limit is told with how long to wait', async () => {
    await sandbox.ask('unfriendly', { channel: 'wechat-pay', busyEvery: 3, cutEvery: 4 });
    assert.deepEqual(shown(await billOf('trade')), TRADE);
    await sandbox.ask('unfriendly', { channel: 'wechat-pay', banEvery: 1 });
    const got = await wechatPay.fetchBill(context(), DAY, 'trade');
    assert.ok(!got.ok && got.refusal.code === 'rate_limited' && (got.refusal.retryAfterMs ?? 0) > 0);
    await sandbox.ask('unfriendly', { channel: 'wechat-pay' });
  });
  it('one refund and one transfer, by our own numbers', async () => {
    const refund = await wechatPay.queryPayment(context(), { kind: 'refund', number: 'R1' });
    assert.ok(refund.ok);
    assert.deepEqual([refund.value.state, refund.value.amountFen, refund.value.platformNumber, refund.value.happenedAt?.toISOString()], ['done', 1000, '50303108562026112000000000001', `${DAY}T05:00:00.000Z`]);
    const transfer = await wechatPay.queryPayment(context(), { kind: 'transfer', number: 'T1' });
    assert.ok(transfer.ok);
    assert.deepEqual([transfer.value.state, transfer.value.platformState, transfer.value.amountFen], ['under_way', 'WAIT_USER_CONFIRM', 300]);
    const none = await wechatPay.queryPayment(context(), { kind: 'refund', number: 'R9' });
    assert.ok(!none.ok && none.refusal.code === 'refuse_row');
  });

  describe('as a payment account of the company', () => {
    let test: TestService;
    before(async () => { test = await startTestService({ clock: { now: () => new Date(NOW) } }); });
    after(() => test.stop());
    it('connected, fetched, and no money counted twice though two bills tell of it', async () => {
      const missing = await test.call<{ title: string }>('POST', '/api/v1/shops', { channel: 'wechat-pay', name: '微信', gateway, account: { mchId: account['mchId'] } });
      assert.equal(missing.status, 422);
      assert.match(missing.body.title, /account\.serialNo/);
      const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel: 'wechat-pay', name: '微信', gateway, pullFrom: EMPTY, account });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      assert.deepEqual(await test.job('fetch-bills'), { days: 2, lines: 5, failed: 0 });
      assert.deepEqual(await test.job('fetch-bills'), { days: 0, lines: 0, failed: 0 });
      const lines = await rows<{ kind: string; amountFen: number; feeFen: number }>(test, 'statements');
      assert.equal(lines.reduce((n, l) => n + l.amountFen + l.feeFen, 0), DAY_LINES.reduce((n, l) => n + l.amountFen - l.feeFen, 0));
      assert.deepEqual(lines.map((l) => l.kind).sort(), ['refund', 'sale', 'sale', 'transfer', 'withdrawal']);
      const { accounts } = (await test.call<{ accounts: { lines: number; proved: boolean }[] }>('GET', '/api/v1/finance/summary')).body;
      assert.deepEqual(accounts.map((a) => [a.lines, a.proved]), [[5, true]], 'the lines are what both bills state, each once');
      const asked = await test.call<{ state: string; amountFen: number }>('POST', '/api/v1/payments/query', { accountId: made.body.id, kind: 'refund', number: 'R1' });
      assert.deepEqual([asked.status, asked.body.state, asked.body.amountFen], [200, 'done', 1000]);
      assert.equal((await test.call('POST', '/api/v1/payments/query', { accountId: made.body.id, kind: 'refund', number: 'R9' })).status, 502);
    });
  });
});

describe('WeChat Pay signatures', () => {
  it('the text that is signed has five lines, each ended, with path and query as sent (rule WP-1)', () => {
    assert.equal(requestText('GET', new URL('https://api.mch.weixin.qq.com/v3/bill/tradebill?bill_type=ALL&bill_date=2026-11-20'), 1_554_208_460, '593BEC0C930BF1AFEB40B4A08C8FB242', ''), 'GET\n/v3/bill/tradebill?bill_type=ALL&bill_date=2026-11-20\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n');
  });
  it('an answer is theirs with every byte, and only with every byte; fresh for five minutes', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const body = '{"a":"价"}';
    const headers = new Headers({ 'wechatpay-timestamp': '1700000000', 'wechatpay-nonce': 'n', 'wechatpay-signature': createSign('RSA-SHA256').update(`1700000000\nn\n${body}\n`).sign(privateKey, 'base64') });
    const at = (s: number): Date => new Date((1_700_000_000 + s) * 1000);
    const bytes = new TextEncoder().encode(body);
    assert.deepEqual([genuine({ headers, bytes }, publicKey, at(300)), genuine({ headers, bytes }, publicKey, at(301)), genuine({ headers, bytes: new TextEncoder().encode(`${body} `) }, publicKey, at(0))], ['genuine', 'stale', 'forged']);
  });
  it('what comes encrypted opens with the APIv3 key, its nonce and its associated data, and with nothing else', () => {
    const key = '0123456789abcdef0123456789abcdef';
    const cipher = createCipheriv('aes-256-gcm', key, 'fdasflkja484').setAAD(Buffer.from('transaction'));
    const ciphertext = Buffer.concat([cipher.update('明文', 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
    const resource = { algorithm: 'AEAD_AES_256_GCM', nonce: 'fdasflkja484', associated_data: 'transaction', ciphertext };
    assert.deepEqual([openResource(resource, key), openResource(resource, 'x'.repeat(32)), openResource({ ...resource, associated_data: 'refund' }, key)], ['明文', undefined, undefined]);
  });
});
