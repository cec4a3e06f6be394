import assert from 'node:assert/strict';
import { addDays, businessDayOf, startOfDay } from '../../api/contract/values/time.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

const HOUR = 3_600_000;
/** An order that its platform showed so late that no window could see it is found by the nightly count. */
describe('the nightly count of orders', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let shift = 0;
  const passed = async (ms: number): Promise<void> => {
    shift += ms;
    await sandbox.ask('clock', { to: new Date(Date.now() + shift) });
  };
  before(async () => {
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now: () => new Date(Date.now() + shift) } });
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });
  const ours = async (): Promise<string[]> => (await test.call<{ rows: { platformOrderId: string }[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.map((o) => o.platformOrderId).sort();

  it('pulls what was missed, once, and tells of it', async () => {
    for (const channel of ['jd', 'douyin', 'taobao']) {
      const made = await test.call('POST', '/api/v1/shops', { channel, name: channel, pullFrom: businessDayOf(new Date()), ...sandbox.keysOf(channel) });
      assert.equal(made.status, 200);
    }
    // Noon, so that the hours that pass stay in one day.
    await passed(startOfDay(addDays(businessDayOf(new Date()), 1)).getTime() + 12 * HOUR - Date.now());
    await test.job('sync-channels');
    await sandbox.ask('unfriendly', { channel: '*', lateMs: 2 * HOUR });
    const placed: string[] = [];
    for (const channel of ['jd', 'douyin', 'taobao']) placed.push((await sandbox.ask<{ tid: string }>('orders', { channel, merchantCode: 'LJ-100', quantity: 1 })).tid);
    for (let hour = 0; hour < 3; hour += 1) {
      await passed(HOUR / 2);
      await test.job('sync-channels');
    }
    await sandbox.ask('unfriendly', { channel: '*' });
    await passed(18 * HOUR);
    await test.job('sync-channels');
    assert.deepEqual((await ours()).filter((id) => placed.includes(id)), [], 'no window saw them');
    const counted = await test.job('recount-shops');
    assert.deepEqual([counted['missing'], counted['taken'], counted['shopsFailed']], [3, 3, 0]);
    assert.deepEqual((await ours()).filter((id) => placed.includes(id)), [...placed].sort());
    assert.deepEqual(await test.job('recount-shops').then((c) => [c['missing'], c['taken']]), [0, 0]);
    const notices = (await test.call<{ rows: { kind: string }[] }>('GET', '/api/v1/notices?limit=500')).body.rows;
    assert.equal(notices.filter((n) => n.kind === 'orders_missed').length, 3);
  }).timeout(60_000);

  it('one that a buyer asks about is pulled by its number, from whichever shop has it; a number that none has is said', async () => {
    type Pulled = { platformOrderId: string; found: string; shopName?: string; words: { zh: string } };
    const pull = async (...platformOrderIds: string[]): Promise<Pulled[]> => (await test.call<{ rows: Pulled[] }>('POST', '/api/v1/orders/pull', { platformOrderIds })).body.rows;
    const { tid } = await sandbox.ask<{ tid: string }>('orders', { channel: 'jd', merchantCode: 'LJ-100', quantity: 1 });
    assert.ok(!(await ours()).includes(tid));
    const first = await pull(tid, '999000999000999', tid);
    assert.deepEqual(first.map((r) => [r.platformOrderId, r.found, r.shopName]), [[tid, 'new', 'jd'], ['999000999000999', 'not_found', undefined]]);
    assert.match(first[1]!.words.zh, /没有店铺给出它：.*jd: ./);
    assert.ok((await ours()).includes(tid));
    assert.deepEqual((await pull(tid)).map((r) => [r.found, r.words.zh]), [['same', '没有变化']]);
  }).timeout(60_000);
});
