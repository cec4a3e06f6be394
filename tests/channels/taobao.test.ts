import assert from 'node:assert/strict';
import { taobao } from '../../api/channels/taobao/index.ts';
import { sign } from '../../api/channels/taobao/sign.ts';
import { atPlatform } from '../support/platform.ts';

const HOUR = 3_600_000;
type Truth = { now: string; orders: { tid: string; status: string; paidFen: number; shipments: { trackingNumber: string; oids: string[] }[]; lines: { oid: string; paidFen: number }[]; planted?: { holdCode: string } }[]; quantities: Record<string, number>; calls: Record<string, number> };

describe('the Taobao connector against an unfriendly platform', () => {
  const at = atPlatform(taobao, ['--per-day', '6', '--open-per-day', '70']);
  const { context, pull, notices, saved, rude } = at;
  const truth = (): Promise<Truth> => at.sandbox.ask<Truth>('truth');
  const day = (): [Date, Date] => [new Date(Date.now() - 20 * HOUR), new Date()];

  it('signs as the platform’s own worked example', () => {
    const params = { method: 'taobao.item.seller.get', app_key: '12345678', session: 'test', timestamp: '2016-01-01 12:00:00', format: 'json', v: '2.0', sign_method: 'md5', fields: 'num_iid,title,nick,price,num', num_iid: '11223344' };
    assert.equal(sign(params, 'helloworld'), '66987CB115214E59E6EC978214934FB8');
  });

  it('pulls every order of a window once, in fen that add up', async () => {
    const orders = await pull(...day());
    assert.ok(orders.length > 40, String(orders.length));
    assert.equal(new Set(orders.map((o) => o.platformOrderId)).size, orders.length);
    const theirs = new Map((await truth()).orders.map((o) => [o.tid, o]));
    for (const o of orders) {
      const t = theirs.get(o.platformOrderId)!;
      if (t.planted?.holdCode === 'totals_differ') continue;
      assert.equal(o.paidFen, t.paidFen);
      assert.deepEqual(o.lines.map((l) => [l.platformLineId, l.paidFen]), t.lines.map((l) => [l.oid, l.paidFen]));
      assert.deepEqual(o.flaws.filter((f) => f.code === 'totals_differ'), []);
    }
    assert.ok(orders.every((o) => o.platformOrderId.length === 19), 'ids keep all their digits');
    assert.ok(orders.every((o) => o.receiver.masked && o.receiver.token !== ''));
  });

  it('loses none while orders keep arriving, pages repeat, calls fail and are limited', async () => {
    await rude({ repeat: true, arriving: 40, busyEvery: 13, cutEvery: 17, cutAfterEvery: 19, banEvery: 61, shuffle: true, newField: true });
    const [from, to] = day();
    const before = (await truth()).orders.filter((o) => o.status !== 'WAIT_BUYER_PAY').map((o) => o.tid);
    const orders = await pull(from, to);
    const got = new Set(orders.map((o) => o.platformOrderId));
    await rude({});
    const calm = (await pull(from, to)).map((o) => o.platformOrderId).filter((tid) => before.includes(tid));
    assert.equal(got.size, orders.length, 'none twice');
    assert.deepEqual(calm.filter((tid) => !got.has(tid)), []);
  }).timeout(30_000);

  it('renews an ended token, keeps the new one, and goes on', async () => {
    await at.sandbox.ask('expire-tokens', {});
    const orders = await pull(...day());
    assert.ok(orders.length > 40);
    assert.equal(saved.length, 1);
    assert.notEqual(saved[0]!.accessToken, at.sandbox.keys.taobao.accessToken);
  });

  it('pauses the shop when the token cannot be renewed, and asks a person about a wrong secret', async () => {
    await at.sandbox.ask('expire-tokens', {});
    await assert.rejects(pull(...day(), context({ refreshToken: 'long-gone' })), (e: { refusal?: { code: string } }) => e.refusal?.code === 'pause_shop');
    await assert.rejects(pull(...day(), context({ appSecret: 'wrong' })), (e: { refusal?: { code: string; platformCode: string } }) => e.refusal?.code === 'ask_person' && e.refusal.platformCode === '25');
    await taobao.refreshToken(context());
  });

  it('tells of a refusal without the secrets that the platform repeats', async () => {
    await rude({ echo: true });
    const one = await taobao.fetchOrder(context(), '1');
    assert.ok(!one.ok && one.refusal.code === 'refuse_row' && one.refusal.words.includes('***'));
    assert.ok(!one.refusal.words.includes(context().credentials.accessToken));
  });

  it('takes orders that arrive while it pages a window that is still open', async () => {
    await rude({ arriving: 40 });
    const before = (await truth()).orders.length;
    const orders = await pull(new Date(Date.now() - 20 * HOUR), new Date(Date.now() + HOUR));
    await rude({});
    const calm = await pull(new Date(Date.now() - 20 * HOUR), new Date());
    const got = new Set(orders.map((o) => o.platformOrderId));
    const lost = calm.filter((o) => !got.has(o.platformOrderId)).map((o) => o.platformOrderId);
    const arrived = (await truth()).orders.slice(before).map((o) => o.tid);
    assert.deepEqual(lost.filter((tid) => !arrived.includes(tid)), []);
    assert.ok(arrived.some((tid) => got.has(tid)));
  }).timeout(20_000);

  it('finds its clock wrong, takes the platform’s, and says so', async () => {
    const fast = context({}, () => new Date(Date.now() + 40 * 60_000));
    const orders = await pull(new Date(Date.now() - HOUR), new Date(), fast);
    assert.ok(Array.isArray(orders));
    assert.equal(notices.filter((n) => n.kind === 'clock_skew').length, 1, JSON.stringify(notices));
  });

  it('holds a state that it does not know, and tells of it', async () => {
    const { tid } = await at.sandbox.ask<{ tid: string }>('orders', { planted: 'unknown_status' });
    const one = await taobao.fetchOrder(context(), tid);
    assert.ok(one.ok);
    assert.equal(one.value.status, 'unknown');
    assert.deepEqual(notices.map((n) => n.kind), ['unknown_status']);
  });

  it('ships once: a repeat of the same number is success, another number is refused', async () => {
    const { tid } = await at.sandbox.ask<{ tid: string }>('orders', { merchantCode: 'LJ-100', quantity: 1 });
    const push = { platformOrderId: tid, courierCode: 'ZTO', trackingNumber: 'ZTO000000000001' };
    assert.deepEqual(await taobao.pushShipment(context(), push), { ok: true, value: { again: false } });
    assert.deepEqual(await taobao.pushShipment(context(), push), { ok: true, value: { again: true } });
    const other = await taobao.pushShipment(context(), { ...push, trackingNumber: 'ZTO000000000002' });
    assert.equal(!other.ok && other.refusal.code, 'refuse_row');
    const seen = (await truth()).orders.find((o) => o.tid === tid)!;
    assert.deepEqual([seen.status, seen.shipments.map((s) => s.trackingNumber)], ['WAIT_BUYER_CONFIRM_GOODS', ['ZTO000000000001']]);
  });

  it('reads refunds with the line they are of', async () => {
    const { tid } = await at.sandbox.ask<{ tid: string }>('orders', { merchantCode: 'LJ-100', quantity: 1 });
    await at.sandbox.ask('refund', { tid });
    const refunds = [];
    for await (const batch of taobao.pullRefunds(context(), { from: new Date(Date.now() - HOUR), to: new Date(Date.now() + 1000) })) refunds.push(...batch);
    const mine = refunds.filter((r) => r.platformOrderId === tid);
    assert.deepEqual(mine.map((r) => [r.state, r.refundFen, r.platformLineId]), [['requested', 12_800, tid]]);
  });

  it('pushes quantities and opens a receiver for a slip', async () => {
    assert.deepEqual(await taobao.pushStock(context(), [{ platformItemId: '680000000000', platformSkuId: '5100000000000', quantity: 7 }]), { ok: true, value: { accepted: 1 } });
    assert.equal((await truth()).quantities['5100000000000'], 7);
    const [order] = await pull(...day());
    const whole = await taobao.decryptReceiver(context(), order!.platformOrderId, order!.receiver.token);
    assert.ok(whole.ok && !whole.value.name.includes('*') && whole.value.phone.length === 11);
  });
});
