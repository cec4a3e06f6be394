import assert from 'node:assert/strict';
import { loadDemo } from '../../api/demo/load-demo.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Truth = { orders: { channel: string; tid: string; state: string; paidAt?: string; paidFen: number; wrongFen: number; lines: { oid: string; paidFen: number }[]; refunds: { state: string }[]; receiver: { province: string }; planted?: { holdCode: string } }[] };
type Order = { platformOrderId: string; reviewState: string; paidFen: number; holds: { code: string }[]; lines: { platformLineId: string; paidFen: number }[]; parcels: { state: string }[] };

/** The default rules against a morning in which every kind of flaw is planted, through connector, ingest and review. */
describe('the sandbox company’s morning in all its shops, reviewed', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let truth: Truth['orders'];
  let orders: Map<string, Order>;
  before(async function () {
    this.timeout(300_000);
    sandbox = await startTestSandbox(['--per-day', '1', '--open-per-day', '120']);
    test = await startTestService();
    await loadDemo(test.rt, sandbox.url, { runNow: (name) => test.job(name) }, () => undefined, 2);
    for (const job of ['sync-channels', 'review-orders', 'plan-parcels']) await test.job(job);
    truth = (await sandbox.ask<Truth>('truth')).orders.filter((o) => o.paidAt && Date.now() - Date.parse(o.paidAt) < 36 * 3_600_000);
    orders = new Map((await test.call<{ rows: Order[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.map((o) => [o.platformOrderId, o]));
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });

  it('has every order of the platform, to the fen of every line', () => {
    assert.ok(truth.length > 150, String(truth.length));
    assert.deepEqual(truth.filter((o) => !orders.has(o.tid)).map((o) => o.tid), []);
    const theirs = truth.filter((o) => o.wrongFen === 0).map((o) => [o.tid, o.paidFen, ...o.lines.map((l) => `${l.oid} ${l.paidFen}`)]);
    assert.deepEqual(theirs.map(([tid]) => orders.get(String(tid))!).map((o) => [o.platformOrderId, o.paidFen, ...o.lines.map((l) => `${l.platformLineId} ${l.paidFen}`)]), theirs);
  });

  it('holds every planted order under its own reason, and plans no parcel for it', () => {
    const planted = truth.filter((o) => o.planted);
    assert.equal(new Set(planted.map((o) => o.planted!.holdCode)).size, 12);
    const missed = planted.filter((o) => !orders.get(o.tid)!.holds.some((h) => h.code === o.planted!.holdCode)).map((o) => [o.planted!.holdCode, orders.get(o.tid)!.reviewState]);
    assert.deepEqual(missed, []);
    assert.deepEqual(planted.filter((o) => orders.get(o.tid)!.parcels.some((p) => p.state !== 'cancelled')).map((o) => o.planted!.holdCode), []);
  });

  it('holds no other order of the morning, but for remote heavy ones and those out of stock', () => {
    const others = truth.filter((o) => o.state === 'to_ship' && !o.planted);
    const held = others.filter((o) => orders.get(o.tid)!.holds.some((h) => h.code !== 'short_stock' && !(h.code === 'hold_remote' && /新疆|西藏/.test(o.receiver.province))));
    assert.ok(others.length > 100, String(others.length));
    assert.deepEqual(held.map((o) => [o.tid, orders.get(o.tid)!.holds.map((h) => h.code)]), []);
  });

  it('passes nine of ten orders with no hand, and in each shop all but the planted ones', () => {
    const toShip = truth.filter((o) => o.state === 'to_ship');
    const byHand = toShip.filter((o) => orders.get(o.tid)!.reviewState !== 'passed');
    assert.ok(byHand.length <= toShip.length / 10, `${byHand.length} of ${toShip.length}`);
    assert.deepEqual(byHand.filter((o) => !o.planted && orders.get(o.tid)!.holds.every((h) => h.code !== 'short_stock')).map((o) => [o.channel, o.tid]), []);
    assert.deepEqual(new Set(toShip.map((o) => o.channel)).size, 6);
  });
});
