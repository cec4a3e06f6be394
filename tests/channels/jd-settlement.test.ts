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
  let shopId: string;
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
    const days = 6;
    const first = addDays(businessDayOf(new Date()), -days);
    const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel: 'jd', name: '京东', pullFrom: first, ...sandbox.keysOf('jd') });
    assert.equal(made.status, 200);
    shopId = made.body.id;
    assert.equal((await test.job('fetch-bills'))['failed'], 0);
    const payments = (await sandbox.ask<{ payments: Payment[] }>('payments')).payments.filter((p) => p.channel === 'jd' && businessDayOf(new Date(p.at)) >= first && businessDayOf(new Date(p.at)) < businessDayOf(new Date()));
    assert.ok(payments.length > 12, String(payments.length));
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

  it('a shop that changes over to SP-API has each order, line and after-sale once, and goes on from there', async () => {
    const keys = sandbox.keysOf('jd');
    const placed: { tid: string }[] = [];
    for (let i = 0; i < 3; i += 1) placed.push(await sandbox.ask<{ tid: string }>('orders', { channel: 'jd', merchantCode: 'LJ-100', quantity: 1 + i }));
    await sandbox.ask('refund', { tid: placed[0]!.tid });
    const mine = async () => {
      await test.job('sync-channels');
      const orders = (await rows<{ platformOrderId: string; shopId?: string; status: string; sellerMemo: string; lines: { platformLineId: string; paidFen: number }[] }>(test, 'orders')).filter((o) => placed.some((p) => p.tid === o.platformOrderId));
      const refunds = (await rows<{ platformOrderId: string; platformRefundId: string; state: string }>(test, 'after-sales')).filter((r) => placed.some((p) => p.tid === r.platformOrderId));
      return { orders: orders.map((o) => [o.platformOrderId, o.status, ...o.lines.map((l) => `${l.platformLineId} ${l.paidFen}`)]).sort(), refunds: refunds.map((r) => `${r.platformOrderId} ${r.state}`) };
    };
    const before = await mine();
    assert.ok(before.orders.length === 3 && before.refunds.length === 1, JSON.stringify(before));
    const calls = async (): Promise<number> => (await sandbox.ask<{ calls: Record<string, number> }>('truth')).calls['listOrders'] ?? 0;
    const asked = await calls();
    assert.equal((await test.call('PUT', `/api/v1/shops/${shopId}/keys`, { gateway: keys.gateway.replace(/routerjson$/, 'rest') })).status, 200);
    await sandbox.ask('remark', { tid: placed[1]!.tid });
    await sandbox.ask('refund-done', { tid: placed[0]!.tid });
    const after = await mine();
    assert.ok((await calls()) > asked, 'SP-API is asked');
    assert.deepEqual([after.orders.map((o) => [o[0], ...o.slice(2)]), after.refunds.length], [before.orders.map((o) => [o[0], ...o.slice(2)]), before.refunds.length]);
    assert.ok(after.refunds.includes(`${placed[0]!.tid} refunded`), JSON.stringify(after.refunds));
  }).timeout(60_000);

  it('without the seller’s number a bill is refused aloud, until it is entered', async () => {
    const { platformShopId: _none, ...keys } = sandbox.keysOf('jd');
    const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel: 'jd', name: '京东无编号', pullFrom: addDays(businessDayOf(new Date()), -2), ...keys, gateway: keys.gateway.replace(/routerjson$/, 'rest') });
    assert.equal(made.status, 200);
    assert.equal((await test.job('fetch-bills'))['failed'], 1);
    const notices = (await test.call<{ rows: { kind: string; subject: string; words: { zh: string } }[] }>('GET', '/api/v1/notices?limit=500')).body.rows;
    assert.ok(notices.some((n) => n.kind === 'bill_refused' && n.subject === '京东无编号' && n.words.zh.includes('商家编号')), JSON.stringify(notices));
    assert.equal((await test.call('PUT', `/api/v1/shops/${made.body.id}/keys`, { platformShopId: '18003' })).status, 200);
    assert.equal((await test.job('fetch-bills'))['failed'], 0);
    assert.equal((await test.call('PUT', `/api/v1/shops/${made.body.id}/keys`, { platformShopId: '18004' })).status, 422, 'not another shop’s number');
  }).timeout(30_000);
});
