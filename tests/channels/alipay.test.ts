import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { certificateSn, rootSn, trusted } from '../../api/channels/alipay/certificates.ts';
import { alipay } from '../../api/channels/alipay/index.ts';
import type { Bill, PaymentContext } from '../../api/channels/channel.ts';
import { makeCertificate } from '../../api/channels/sandbox/certificate.ts';
import { rows } from '../support/files.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService } from '../support/service.ts';

const DAY = '2026-11-20';
const NOW = '2026-11-21T03:00:00Z';
const PAY = [
  { kind: 'sale', tradeNo: '2026112022001400000000000001', merchantOrderNo: 'M1', refundNo: '', amountFen: 10_000, at: `${DAY}T04:00:00Z`, buyerAccount: '138****0001' },
  { kind: 'refund', tradeNo: '2026112022001400000000000001', merchantOrderNo: 'M1', refundNo: 'R1', amountFen: -1000, at: `${DAY}T05:00:00Z`, buyerAccount: '138****0001' },
  { kind: 'commission', tradeNo: '2026112022001400000000000001', merchantOrderNo: 'M1', refundNo: '', amountFen: -60, at: `${DAY}T05:00:00Z`, buyerAccount: '' },
];
const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('Alipay, against its stand-in', () => {
  let sandbox: TestSandbox;
  let account: Record<string, string>;
  let gateway: string;
  let certificates: Record<string, string>;
  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.ask('clock', { to: NOW });
    ({ gateway, ...account } = sandbox.keys.alipay);
    certificates = await set({ pay: PAY });
  });
  after(() => sandbox.stop());
  const set = async (knobs: object): Promise<Record<string, string>> => (await (await fetch(`${sandbox.url}/__alipay`, { method: 'POST', body: JSON.stringify(knobs) })).json()) as Record<string, string>;
  const context = (over: Record<string, string> = {}): PaymentContext => ({ account: { ...account, ...over }, gateway, now: () => new Date(NOW) });
  const byCertificate = (over: Record<string, string> = {}): PaymentContext => context({ alipayPublicKey: '', ...certificates, ...over });
  const billOf = async (kind: 'trade' | 'ledger', ctx = context()): Promise<Bill> => {
    const got = await alipay.fetchBill(ctx, DAY, kind);
    assert.ok(got.ok && got.value !== 'empty', JSON.stringify(got));
    return got.value;
  };
  const refusal = async (ctx: PaymentContext, day = DAY): Promise<string> => {
    const got = await alipay.fetchBill(ctx, day, 'ledger');
    assert.ok(!got.ok, 'it is refused');
    return `${got.refusal.code} ${got.refusal.platformCode}`;
  };

  it('ledger and trades; a link that has ended is asked for anew; an empty day', async () => {
    assert.deepEqual((await billOf('ledger')).lines.map((l) => [l.kind, l.amountFen]), [['fee', -60], ['refund', -1000], ['sale', 10_000]]);
    await set({ expireLinks: 2 });
    assert.deepEqual((await billOf('trade')).lines.map((l) => [l.kind, l.amountFen, l.refundNo]), [['sale', 10_000, ''], ['refund', -1000, 'R1']]);
    assert.deepEqual(await alipay.fetchBill(context(), '2026-11-19', 'trade'), { ok: true, value: 'empty' });
    assert.equal(await refusal(context(), '2026-11-21'), 'refuse_row invalid_arguments');
  });
  it('certificates instead of keys; a new one is taken from Alipay when our root vouches for it, and only then', async () => {
    assert.equal((await billOf('ledger', byCertificate())).lines.length, 3);
    await set({ rotate: 'right' });
    assert.equal((await billOf('ledger', byCertificate())).lines.length, 3);
    await set({ rotate: 'stray' });
    assert.equal(await refusal(byCertificate()), 'ask_person alipay_certificate');
    assert.equal(await refusal(byCertificate({ appCert: certificates['alipayCert']! })).then((r) => r.split(' ')[0]), 'ask_person');
    await set({ rotate: 'right' });
  });
  it('an answer that Alipay has not signed is not believed, not even that a day is empty', async () => {
    await set({ forge: true });
    assert.equal(await refusal(context()), 'ask_person response_signature');
    assert.equal(await refusal(context(), '2026-11-19'), 'ask_person response_signature');
    await set({ forge: false });
  });
  it('keys that are not ours, a key that is none', async () => {
    const other = pair().privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    assert.equal(await refusal(context({ privateKey: other })), 'ask_person invalid_signature');
    assert.equal(await refusal(context({ privateKey: 'no key' })), 'ask_person private_key');
    assert.equal(await refusal(context({ appId: '1' })), 'ask_person invalid_app_id');
  });
  it('a busy gateway and cut connections are tried again', async () => {
    await sandbox.ask('unfriendly', { channel: 'alipay', busyEvery: 3, cutEvery: 5 });
    assert.equal((await billOf('ledger')).lines.length, 3);
    await sandbox.ask('unfriendly', { channel: 'alipay' });
  });
  it('one refund, one that did not happen, one transfer', async () => {
    const asked = async (ask: Parameters<typeof alipay.queryPayment>[1]) => { const got = await alipay.queryPayment(context(), ask); return got.ok ? [got.value.state, got.value.amountFen, got.value.happenedAt?.toISOString()] : got.refusal.code; };
    assert.deepEqual(await asked({ kind: 'refund', number: 'R1', tradeNo: PAY[0]!.tradeNo }), ['done', 1000, `${DAY}T05:00:00.000Z`]);
    assert.deepEqual(await asked({ kind: 'refund', number: 'R2', tradeNo: PAY[0]!.tradeNo }), ['failed', 0, undefined]);
    assert.deepEqual(await asked({ kind: 'refund', number: 'R1' }), 'refuse_row');
    assert.deepEqual(await asked({ kind: 'transfer', number: 'T1' }), ['done', 300, '2026-11-20T07:00:00.000Z']);
    assert.deepEqual(await asked({ kind: 'transfer', number: 'T2' }), 'refuse_row');
  });

  it('as a payment account: both bills, no money twice; without the right to the second, the first still comes', async () => {
    const test = await startTestService({ clock: { now: () => new Date(NOW) } });
    try {
      for (const [name, noTrade] of [['甲', false], ['乙', true]] as const) {
        await set({ noTrade });
        assert.equal((await test.call('POST', '/api/v1/shops', { channel: 'alipay', name, gateway, pullFrom: DAY, account })).status, 200);
        assert.deepEqual(await test.job('fetch-bills'), { days: 1, lines: 3, failed: 0 });
      }
      assert.deepEqual((await rows<{ kind: string }>(test, 'notices')).map((n) => n.kind), ['bill_refused']);
      assert.equal((await rows<{ amountFen: number }>(test, 'statements')).reduce((n, s) => n + s.amountFen, 0), 2 * (10_000 - 1000 - 60));
    } finally {
      await set({ noTrade: false });
      await test.stop();
    }
  });
});

describe('Alipay certificates', () => {
  const at = { from: new Date('2020-01-01'), to: new Date('2040-01-01') };
  const NOW_AT = new Date(NOW);
  const issuer = { C: 'CN', O: 'Ant Financial', OU: 'Certification Authority', CN: 'Ant Financial Certification Authority Class 1 R1' };
  it('the serial number that the official SDK’s test has for the same issuer and number', () => {
    const { publicKey, privateKey } = pair();
    const pem = makeCertificate({ serial: '2020051862039d4090897ba4d51c2126', subject: { CN: 'app' }, issuer, publicKey, issuerKey: privateKey, ...at });
    assert.equal(certificateSn(pem), '866efef280dec9137a87d047ac446315');
    assert.equal(rootSn(`${pem}\n${pem}`), '866efef280dec9137a87d047ac446315_866efef280dec9137a87d047ac446315');
  });
  it('a chain is trusted only to the root that we hold, and only in its time', () => {
    const [root, leaf, other] = [pair(), pair(), pair()];
    const rootPem = makeCertificate({ serial: '01', subject: issuer, issuer, publicKey: root.publicKey, issuerKey: root.privateKey, ...at });
    const by = (key: typeof root, to = at.to): string => makeCertificate({ serial: '02', subject: { CN: 'x' }, issuer, publicKey: createPublicKey(leaf.publicKey.export({ type: 'spki', format: 'pem' })), issuerKey: createPrivateKey(key.privateKey.export({ type: 'pkcs8', format: 'pem' })), from: at.from, to });
    assert.equal(trusted(by(root), rootPem, NOW_AT), by(root).trim());
    assert.equal(trusted(by(other), rootPem, NOW_AT), undefined);
    assert.equal(trusted(by(root, new Date('2025-01-01')), rootPem, NOW_AT), undefined);
    assert.equal(trusted('', rootPem, NOW_AT), undefined);
  });
});
