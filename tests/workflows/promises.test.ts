import assert from 'node:assert/strict';
import { Orders, Parcels } from '../../api/orders/index.ts';
import { addDays, businessDayOf, startOfDay } from '../../api/contract/values/time.ts';
import { openStock, upsertSkus } from '../../api/stock/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, sku } from '../support/world.ts';

type Parcel = { id: string; state: string; orderText: string; pushes: { state: string; tries: number; words: string }[] };
type Ledger = { shopName: string; day: string; platform: number; source: string; ours: number; waiting: number; held: number; shipped: number; pushed: number; refused: number; closed: number; unpaid: number; elsewhere: number; difference: number; differences: { kind: string; orderIds: string[] }[] };
const MINUTE = 60_000;

describe('when the platform is told, and whether every promise is kept', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let shopId: string;
  let shift = 0;
  before(async () => {
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now: () => new Date(Date.now() + shift) } });
    await company(test.rt, {});
    await upsertSkus(test.rt, [sku('LJ-100')]);
    await openStock(test.rt, [{ warehouseCode: 'HZ', skuCode: 'LJ-100', quantity: 100, unitCostFen: 1000 }]);
    // One in the morning in Beijing, whenever this runs: the hours that pass here are of one business day.
    await passed(startOfDay(addDays(businessDayOf(new Date()), 1)).getTime() + 60 * MINUTE - Date.now());
    const made = await test.call<{ id: string }>('POST', '/api/v1/shops', { channel: 'taobao', name: '云栖', pullFrom: businessDayOf(new Date(Date.now() + shift)), ...sandbox.keysOf('taobao') });
    shopId = made.body.id;
  });
  after(async () => { await test.stop(); await sandbox.stop(); });
  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const live = async (tid: string): Promise<Parcel> => (await rows<Parcel>('parcels')).filter((p) => p.orderText === tid && p.state !== 'cancelled').at(-1)!;
  const passed = async (ms: number): Promise<void> => { shift += ms; await sandbox.ask('clock', { to: new Date(Date.now() + shift) }); };
  const bought = async (): Promise<string> => {
    const { tid } = await sandbox.ask<{ tid: string }>('orders', { merchantCode: 'LJ-100', quantity: 1 });
    await passed(5_000);
    for (const job of ['sync-channels', 'review-orders', 'plan-parcels']) await test.job(job);
    // What its buyer wrote may hold it; here it is to go.
    const order = (await rows<{ id: string; platformOrderId: string; reviewState: string }>('orders')).find((o) => o.platformOrderId === tid)!;
    if (order.reviewState === 'held') { await test.call('POST', `/api/v1/orders/${order.id}/release`, {}); await test.job('plan-parcels'); }
    return tid;
  };
  const seen = async (tid: string): Promise<string> => (await sandbox.ask<{ orders: { tid: string; status: string }[] }>('truth')).orders.find((o) => o.tid === tid)!.status;
  const moment = (m: string) => test.call('PUT', `/api/v1/shops/${shopId}/push-moment`, { moment: m });
  const post = <T>(path: string, body: object = {}) => test.call<T>('POST', `/api/v1/${path}`, body);
  const ledger = async (): Promise<Ledger> => { await test.job('count-promises'); return (await rows<Ledger>('promises')).find((r) => r.shopName === '云栖')!; };

  it('is told at the moment that the shop is set to: print, check, weigh, hand-over', async () => {
    for (const [at, steps] of [['print', 1], ['check', 2], ['weigh', 3], ['ship', 4]] as const) {
      assert.equal((await moment(at)).status, 200);
      const tid = await bought();
      const { id } = await live(tid);
      const doing = [() => post('parcels/labels', { ids: [id] }), () => post(`packing/${id}/check`, { items: [{ code: 'LJ-100', quantity: 1 }] }), () => post(`packing/${id}/weigh`, { grams: 320 }), () => post('parcels/ship', { ids: [id] })];
      for (const [i, step] of doing.entries()) {
        assert.equal((await step()).status, 200);
        assert.deepEqual(await test.job('push-shipments'), { accepted: i + 1 === steps ? 1 : 0, refused: 0, retry: 0 }, `${at}, step ${i + 1}`);
        assert.equal(await seen(tid), i + 1 >= steps ? 'WAIT_BUYER_CONFIRM_GOODS' : 'WAIT_SELLER_SEND_GOODS');
      }
    }
    assert.equal((await rows<{ id: string; pushMoment: string }>('shops')).find((s) => s.id === shopId)!.pushMoment, 'ship');
  }).timeout(60_000);
  it('the scale finds a box that is too light, and takes a person’s word', async () => {
    const { id } = await live(await bought());
    await post('parcels/labels', { ids: [id] });
    assert.match((await post<{ title: string }>(`packing/${id}/weigh`, { grams: 30 })).body.title, /秤上 30 克，货品应重 300 克/);
    assert.equal((await post(`packing/${id}/weigh`, { grams: 30, sure: true })).status, 200);
    assert.equal((await post('parcels/ship', { ids: [id] })).status, 200);
    await test.job('push-shipments');
  });
  it('a parcel that was told early and pulled back is planned anew, though the platform calls it shipped; somebody is told', async () => {
    await moment('print');
    const tid = await bought();
    const first = await live(tid);
    await post('parcels/labels', { ids: [first.id] });
    await test.job('push-shipments');
    await passed(MINUTE);
    await test.job('sync-channels');
    assert.equal((await post('parcels/pull-back', { ids: [first.id] })).status, 200);
    await test.job('review-orders');
    await test.job('plan-parcels');
    const again = await live(tid);
    assert.notEqual(again.id, first.id);
    assert.equal(again.state, 'reserved');
    assert.deepEqual((await rows<{ kind: string; subject: string }>('notices')).filter((n) => n.kind === 'told_and_pulled_back').map((n) => n.subject), [tid]);
    await post('parcels/ship', { ids: [again.id] });
    assert.deepEqual(await test.job('push-shipments'), { accepted: 1, refused: 0, retry: 0 }, 'the platform is given the new number in place of the old one');
    await moment('ship');
  });
  it('a push that fails is tried again, later each time; after the last try it stands in the list with the platform’s words', async () => {
    const tid = await bought();
    const { id } = await live(tid);
    await post('parcels/ship', { ids: [id] });
    await sandbox.ask('unfriendly', { channel: 'taobao', busyEvery: 1 });
    const due: number[] = [];
    const tried = async (): Promise<void> => { await test.job('push-shipments'); due.push((await Parcels.findById(id).lean())!.pushes[0]!.nextAt.getTime() - Date.now() - shift); };
    await tried();
    // Nothing is asked again before its time. The tries between the first and the last are not waited for: each asks the platform several times.
    assert.deepEqual(await test.job('push-shipments'), { accepted: 0, refused: 0, retry: 0 });
    await Parcels.updateOne({ _id: id }, { $set: { 'pushes.0.tries': 10 } });
    await passed(2 * 60 * MINUTE);
    await tried();
    assert.ok(due[1]! > due[0]!);
    assert.equal((await live(tid)).pushes[0]!.state, 'waiting');
    await passed(2 * 60 * MINUTE);
    await test.job('push-shipments');
    await sandbox.ask('unfriendly', { channel: 'taobao' });
    const [push] = (await live(tid)).pushes;
    assert.deepEqual([push!.state, push!.tries], ['refused', 12]);
    assert.notEqual(push!.words, '');
    const notice = (await rows<{ kind: string; subject: string; words: { zh: string } }>('notices')).find((n) => n.kind === 'push_refused' && n.subject === tid)!;
    assert.ok(notice.words.zh.includes(push!.words));
    const line = await ledger();
    assert.deepEqual(line.differences, [{ kind: 'refused', words: { zh: '已发，平台没收下', en: 'shipped, not taken by the platform' }, orderIds: [tid] }]);
  }).timeout(60_000);
  it('each order stands in one place of the ledger; one that was said and is not here is named', async () => {
    await bought();
    const lost = await bought();
    const line = await ledger();
    assert.equal(line.ours, line.unpaid + line.waiting + line.held + line.shipped + line.closed + line.elsewhere);
    assert.deepEqual([line.platform, line.source, line.waiting + line.held, line.shipped, line.refused, line.shipped - line.pushed], [line.ours, 'pull', 2, 7, 1, 1]);
    await Orders.deleteOne({ platformOrderId: lost });
    await passed(MINUTE);
    const without = await ledger();
    const named = (await rows<Ledger>('promises')).flatMap((r) => r.differences.filter((d) => d.kind === 'not_here').flatMap((d) => d.orderIds));
    assert.deepEqual(named, [lost]);
    assert.ok(without.ours <= line.ours);
    assert.equal((await rows<{ kind: string }>('notices')).filter((n) => n.kind === 'promises_differ').length, 1);
  });
  it('the nightly count is the platform’s word from then on, and brings what was lost', async () => {
    await passed(24 * 60 * MINUTE);
    await test.job('sync-channels');
    await test.job('recount-shops');
    await test.job('count-promises');
    const line = (await rows<Ledger>('promises')).find((r) => r.shopName === '云栖' && r.source === 'recount')!;
    assert.equal(line.platform, line.ours);
    assert.deepEqual((await rows<Ledger>('promises')).flatMap((r) => r.differences.filter((d) => d.kind !== 'refused')), []);
  });
});
