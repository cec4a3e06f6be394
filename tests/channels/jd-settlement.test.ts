import assert from 'node:assert/strict';
import { addDays, businessDayOf, localTimeText } from '../../api/contract/values/time.ts';
import { rows, send, textFile } from '../support/files.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Payment = { channel: string; by: string; tid: string; kind: string; at: string; amountFen: number };
type World = { tid: string; channel: string; lines: { skuId: string }[] };
type Line = { channel: string; key: string; kind: string; amountFen: number; feeFen: number; platformOrderId: string; day: string };

/** JD's settlement comes by API and as the seller's file: whichever is first, the money is booked once. */
describe('JD’s settlement, by API and as a file', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  before(async () => {
    sandbox = await startTestSandbox(['--per-day', '8', '--open-per-day', '0']);
    test = await startTestService();
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });
  const yuan = (fen: number): string => `${fen < 0 ? '-' : ''}${String(Math.abs(fen)).padStart(3, '0').replace(/(\d\d)$/, '.$1')}`;
  const lines = async (): Promise<Line[]> => (await rows<Line>(test, 'statements')).filter((s) => s.channel === 'jd');

  it('the days of a shop on the old gateway are fetched, to the fen; its file adds nothing, whatever a spreadsheet made of it; a row of its own is new', async () => {
    const days = 12;
    const first = addDays(businessDayOf(new Date()), -days);
    const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel: 'jd', name: '京东', pullFrom: first, ...sandbox.keysOf('jd') });
    assert.equal(made.status, 200);
    assert.equal((await test.job('fetch-bills'))['failed'], 0);
    const payments = (await sandbox.ask<{ payments: Payment[] }>('payments')).payments.filter((p) => p.channel === 'jd' && businessDayOf(new Date(p.at)) >= first && businessDayOf(new Date(p.at)) < businessDayOf(new Date()));
    assert.ok(payments.length > 25, String(payments.length));
    const facts = (tid: string, kind: string, fen: number): string => `${tid} ${kind} ${fen}`;
    assert.deepEqual((await lines()).map((l) => facts(l.platformOrderId, l.kind, l.amountFen + l.feeFen)).sort(), payments.map((p) => facts(p.tid, p.kind === 'commission' ? 'fee' : 'sale', p.amountFen)).sort());

    const orders = new Map((await sandbox.ask<{ orders: World[] }>('truth')).orders.map((o) => [o.tid, o]));
    const serial = (at: Date): string => String((at.getTime() + 28_800_000) / 86_400_000 + 25_569);
    const row = (p: Payment, time: (at: Date) => string): string => {
      const at = new Date(Math.floor(Date.parse(p.at) / 1000) * 1000);
      const fee = p.kind === 'commission';
      return `="${p.tid}",="${p.tid}${fee ? '2' : '1'}",订单,="${orders.get(p.tid)!.lines[0]!.skuId}",,茶,已结算,${time(at)},${time(at)},${time(at)},${fee ? '佣金' : '货款'},${yuan(p.amountFen)},CNY,,,1,,${fee ? '支出' : '收入'},1,${p.at.slice(0, 10)}`;
    };
    const header = '订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,结算状态,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,商家应收/应付,钱包结算备注,店铺号,备注,收支方向,商品数量,对账日期';
    const take = async (name: string, list: readonly string[]): Promise<unknown> => {
      const { status, body } = await send(test, [textFile(name, `${header}\n${list.join('\n')}\n`, 'gb18030')]);
      assert.equal(status, 200, JSON.stringify(body));
      return body.files.map((f) => [f.format, f.counts.new, f.counts.changed, f.counts.same, f.counts.bad]);
    };
    const other = { ...payments[0]!, amountFen: 12_345 };
    assert.deepEqual(await take('京东日账单.csv', [...payments.map((p) => row(p, localTimeText)), row(other, localTimeText)]), [['京东账单', 1, 0, payments.length, 0]]);
    assert.deepEqual(await take('京东日账单另存.csv', payments.map((p) => row(p, serial))), [['京东账单', 0, 0, payments.length, 0]]);
    assert.equal((await lines()).length, payments.length + 1);
  }).timeout(90_000);

  it('without the seller’s number a bill is refused aloud', async () => {
    const { platformShopId: _none, ...keys } = sandbox.keysOf('jd');
    const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel: 'jd', name: '京东无编号', pullFrom: addDays(businessDayOf(new Date()), -2), ...keys, gateway: keys.gateway.replace(/routerjson$/, 'rest') });
    assert.equal(made.status, 200);
    assert.equal((await test.job('fetch-bills'))['failed'], 1);
    const notices = (await test.call<{ rows: { kind: string; subject: string; words: { zh: string } }[] }>('GET', '/api/v1/notices?limit=500')).body.rows;
    assert.ok(notices.some((n) => n.kind === 'bill_refused' && n.subject === '京东无编号' && n.words.zh.includes('商家编号')), JSON.stringify(notices));
  }).timeout(30_000);
});
