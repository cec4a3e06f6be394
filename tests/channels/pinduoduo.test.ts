import assert from 'node:assert/strict';
import type { IncomingRefund } from '../../api/channels/channel.ts';
import { pinduoduo } from '../../api/channels/pinduoduo/index.ts';
import { atPlatform } from '../support/platform.ts';

const HOUR = 3_600_000;
type World = { tid: string; channel: string; status: string; state: string; paidAt?: string; paidFen: number; wrongFen: number; freightFen: number; sellerMemo: string; sellerFlag: number; shipments: { trackingNumber: string }[]; refunds: { state: string; refundId: string }[]; lines: { oid: string; paidFen: number; othersFen: number; discountFen: number }[]; planted?: { holdCode: string } };
type Truth = { now: string; orders: World[]; quantities: Record<string, number>; calls: Record<string, number> };

describe('the Pinduoduo connector against an unfriendly platform', () => {
  const at = atPlatform(pinduoduo, ['--per-day', '6', '--open-per-day', '180']);
  const { context, pull, notices, saved, rude } = at;
  const deed = <T = World>(name: string, body: Record<string, unknown>): Promise<T> => at.deed<T>(name, body);
  const truth = (): Promise<Truth> => at.sandbox.ask<Truth>('truth');
  const mine = async (): Promise<World[]> => (await truth()).orders.filter((o) => o.channel === 'pinduoduo' && o.paidAt);
  const day = (): [Date, Date] => [new Date(Date.now() - 20 * HOUR), new Date()];
  const place = (): Promise<World> => deed('orders', { merchantCode: 'LJ-100', quantity: 3 });

  it('pulls every deal of a window once, in fen that add up, with who bears each discount', async () => {
    const orders = await pull(...day());
    assert.ok(orders.length > 30, String(orders.length));
    assert.equal(new Set(orders.map((o) => o.platformOrderId)).size, orders.length);
    const theirs = new Map((await mine()).map((o) => [o.tid, o]));
    for (const o of orders) {
      const t = theirs.get(o.platformOrderId)!;
      assert.equal(o.paidFen, t.paidFen + t.wrongFen);
      assert.equal(o.flaws.some((f) => f.code === 'totals_differ'), t.wrongFen !== 0);
      if (t.wrongFen !== 0) continue;
      assert.deepEqual(o.lines.map((l) => [l.platformLineId, l.paidFen]), t.lines.map((l) => [l.oid, l.paidFen]));
      assert.equal(o.lines.reduce((n, l) => n + l.paidFen, 0) + o.freightFen, o.paidFen);
      assert.equal(o.lines[0]!.discounts.find((d) => d.bearer === 'platform')?.amountFen ?? 0, t.lines[0]!.othersFen);
    }
    assert.ok(orders.every((o) => o.lines[0]!.platformSkuId.length === 17), 'ids keep all their digits');
  });

  it('keeps receivers covered: masks to show, the platform’s word for one parcel, the phone’s index for one buyer', async () => {
    const open = (await pull(...day())).filter((o) => o.status === 'to_ship');
    assert.ok(open.every((o) => o.receiver.masked && o.receiver.name.includes('*') && o.receiver.token.startsWith('oa') && o.buyerKey !== ''));
    assert.ok(open.every((o) => !/\d{11}/.test(`${o.receiver.phone}${o.buyerKey}`)));
  });

  it('loses none while orders arrive and change, pages repeat, calls fail and are limited', async () => {
    await rude({ repeat: true, arriving: 30, touching: 20, busyEvery: 13, cutEvery: 17, cutAfterEvery: 19, brokenAfterEvery: 29, banEvery: 61, shuffle: true, newField: true });
    const before = (await mine()).map((o) => o.tid);
    const [from, to] = [new Date(Date.now() - 9 * HOUR), new Date()];
    const got = new Map((await pull(from, to)).map((o) => [o.platformOrderId, o]));
    await rude({});
    const later = new Set((await pull(to, new Date())).map((o) => o.platformOrderId));
    const calm = (await pull(from, new Date())).map((o) => o.platformOrderId).filter((tid) => before.includes(tid));
    assert.deepEqual(calm.filter((tid) => !got.has(tid) && !later.has(tid)), []);
  }).timeout(60_000);

  it('cuts a wide span into the half hours that the platform takes, and asks for none that lies ahead', async () => {
    const from = (await truth()).calls['pdd.order.number.list.increment.get'] ?? 0;
    await pull(new Date(Date.now() - 2 * HOUR), new Date(Date.now() + HOUR));
    const calls = (await truth()).calls['pdd.order.number.list.increment.get']! - from;
    assert.ok(calls >= 4 && calls <= 5, String(calls));
  });

  it('lists the deals of a day for the re-count', async () => {
    const [from, to] = day();
    const listed: string[] = [];
    for await (const batch of pinduoduo.listOrders(context(), { from, to })) listed.push(...batch.map((o) => o.platformOrderId));
    const theirs = (await mine()).filter((o) => new Date(o.paidAt!) >= from && new Date(o.paidAt!) <= to).map((o) => o.tid);
    assert.deepEqual([...listed].sort(), theirs.sort());
  });

  it('renews an ended token and keeps both that come; a taken-back one pauses the shop; a wrong secret asks a person', async () => {
    await deed('expire-tokens', {});
    assert.ok((await pull(...day())).length > 30);
    assert.equal(saved.length, 1);
    assert.notEqual(saved[0]!.accessToken, at.sandbox.keysOf('pinduoduo').accessToken);
    assert.ok(saved[0]!.expiresAt! > new Date() && saved[0]!.refreshToken !== at.sandbox.keysOf('pinduoduo').refreshToken);
    const refused = (code: string, platformCode: string) => (e: { refusal?: { code: string; platformCode: string } }) => e.refusal?.code === code && e.refusal.platformCode === platformCode;
    await assert.rejects(pull(...day(), context({ appSecret: 'wrong-secret' })), refused('ask_person', '20004'));
    await assert.rejects(pull(...day(), context({ appKey: 'nobody' })), refused('ask_person', '10016'));
    await deed('revoke-tokens', {});
    await assert.rejects(pull(...day()), (e: { refusal?: { code: string; words: string } }) => e.refusal?.code === 'pause_shop' && !e.refusal.words.includes(at.kept!.refreshToken));
    const link = pinduoduo.authoriseUrl({ appKey: 'k', redirectUri: 'https://erp.example/back', state: 's1' });
    assert.ok(link.ok && link.value.startsWith('https://fuwu.pinduoduo.com/service-market/auth?') && link.value.includes('state=s1'));
    const fresh = await pinduoduo.exchangeCode(context(), 'sandbox-code', '');
    assert.ok(fresh.ok && fresh.value.accessToken !== '' && fresh.value.platformShopId === '7600011');
    at.kept = fresh.value;
    assert.equal((await pinduoduo.exchangeCode(context(), 'another', '')).ok, false);
    assert.ok((await pull(...day())).length > 30);
  });

  it('tells of a refusal in the platform’s words, without the secrets that it repeats', async () => {
    await rude({ echo: true });
    const one = await pinduoduo.fetchOrder(context(), '261111-000000000000000');
    assert.ok(!one.ok && one.refusal.code === 'refuse_row' && one.refusal.platformCode === '20011' && one.refusal.words.includes('订单不存在') && one.refusal.words.includes('***'));
    assert.ok(!one.refusal.words.includes(context().credentials.accessToken));
  });

  it('finds its clock wrong, takes the platform’s, and says so', async () => {
    const { tid } = await place();
    const orders = await pull(new Date(Date.now() - HOUR), new Date(Date.now() + HOUR), context({}, () => new Date(Date.now() + 40 * 60_000)));
    assert.ok(orders.some((o) => o.platformOrderId === tid));
    assert.deepEqual(notices.filter((n) => n.kind === 'clock_skew').map((n) => n.kind), ['clock_skew']);
  });

  it('keeps and holds a state that it does not know, and tells of it', async () => {
    const { tid } = await deed('orders', { planted: 'unknown_status' });
    const one = await pinduoduo.fetchOrder(context(), tid);
    assert.ok(one.ok && one.value.status === 'unknown' && one.value.flaws.some((f) => f.code === 'unknown_status'));
    assert.deepEqual(notices.map((n) => n.kind), ['unknown_status']);
    assert.ok(JSON.parse(one.value.raw));
  });

  it('ships once: a repeat is success, also when the first was not answered; another number is refused', async () => {
    const { tid } = await place();
    const push = { platformOrderId: tid, courierCode: 'ZTO', trackingNumber: 'ZTO000000000001' };
    assert.deepEqual(await pinduoduo.pushShipment(context(), push), { ok: true, value: { again: false } });
    assert.deepEqual(await pinduoduo.pushShipment(context(), push), { ok: true, value: { again: true } });
    const other = await pinduoduo.pushShipment(context(), { ...push, trackingNumber: 'ZTO000000000002' });
    assert.equal(!other.ok && other.refusal.code, 'refuse_row');
    const second = await place();
    await rude({ brokenAfterEvery: 1 });
    const lost = pinduoduo.pushShipment(context(), { ...push, platformOrderId: second.tid, trackingNumber: 'ZTO000000000003' });
    while (!(await mine()).some((o) => o.tid === second.tid && o.shipments.length > 0)) continue;
    await rude({});
    assert.ok((await lost).ok);
    const numbers = (await mine()).filter((o) => [tid, second.tid].includes(o.tid)).map((o) => o.shipments.map((s) => s.trackingNumber));
    assert.deepEqual(numbers, [['ZTO000000000001'], ['ZTO000000000003']]);
  });

  it('shows further parcels of an order to the buyer, each once, and changes the number of the first', async () => {
    const { tid, lines } = await place();
    const part = { platformOrderId: tid, courierCode: 'YTO', platformLineIds: [lines[0]!.oid], quantities: { [lines[0]!.oid]: 1 } };
    const told = [];
    for (const trackingNumber of ['YT0000000000001', 'YT0000000000002', 'YT0000000000002', 'YT0000000000003']) told.push(await pinduoduo.pushShipment(context(), { ...part, trackingNumber }));
    assert.deepEqual(told.map((t) => t.ok && t.value.again), [false, false, true, false]);
    const change = { platformOrderId: tid, courierCode: 'YTO', trackingNumber: 'YT0000000000009', wasTrackingNumber: 'YT0000000000001' };
    assert.deepEqual(await pinduoduo.changeTracking(context(), change), { ok: true, value: { again: false } });
    assert.deepEqual(await pinduoduo.changeTracking(context(), change), { ok: true, value: { again: true } });
    const foreign = await pinduoduo.changeTracking(context(), { ...change, trackingNumber: 'YT0000000000010', wasTrackingNumber: 'YT0000000000002' });
    assert.equal(!foreign.ok && foreign.refusal.platformCode, 'other_number');
    const raw = await pinduoduo.fetchOrder(context(), tid);
    assert.ok(raw.ok);
    const body = JSON.parse(raw.value.raw) as { tracking_number: string; extra_delivery_list: { tracking_number: string }[] };
    assert.deepEqual([body.tracking_number, ...body.extra_delivery_list.map((d) => d.tracking_number)], ['YT0000000000009', 'YT0000000000002', 'YT0000000000003']);
  });

  it('knows the platform’s couriers by their numbers, and names one that it does not list', async () => {
    const list = await pinduoduo.listCouriers(context());
    assert.ok(list.ok && list.value.some((c) => c.code === '115' && c.ourCode === 'ZTO') && !list.value.some((c) => c.name === '百世快递'));
    const { tid } = await place();
    const none = await pinduoduo.pushShipment(context(), { platformOrderId: tid, courierCode: 'NOBODY', trackingNumber: 'X00000000001' });
    assert.equal(!none.ok && none.refusal.platformCode, 'courier_not_listed');
  });

  it('reads after-sales with their line and all digits of their ids, through every state', async () => {
    const { tid, lines } = await place();
    const refunds = async (): Promise<IncomingRefund[]> => {
      const all: IncomingRefund[] = [];
      for await (const batch of pinduoduo.pullRefunds(context(), { from: new Date(Date.now() - HOUR), to: new Date(Date.now() + 1000) })) all.push(...batch);
      return all.filter((r) => r.platformOrderId === tid);
    };
    await deed('refund', { tid });
    const [asked] = await refunds();
    const theirs = (await mine()).find((o) => o.tid === tid)!.refunds[0]!.refundId.replaceAll('-', '');
    assert.deepEqual([asked!.state, asked!.refundFen, asked!.platformLineId, asked!.platformRefundId], ['requested', 38_400, lines[0]!.oid, theirs]);
    const held = await pinduoduo.fetchOrder(context(), tid);
    assert.ok(held.ok && held.value.lines[0]!.refundState === 'requested');
    await deed('refund-done', { tid });
    assert.deepEqual((await refunds()).map((r) => [r.platformRefundId, r.state]), [[asked!.platformRefundId, 'refunded']]);
    const closed = await pinduoduo.fetchOrder(context(), tid);
    assert.ok(closed.ok && closed.value.status === 'closed');
  });

  it('writes memo and flag, sets quantities, and opens a receiver for a label while it is the one that was read', async () => {
    const { tid } = await place();
    assert.deepEqual(await pinduoduo.pushMemo(context(), { platformOrderId: tid, memo: '放前台 & 轻放', flag: 3 }), { ok: true, value: { again: false } });
    const order = await pinduoduo.fetchOrder(context(), tid);
    assert.ok(order.ok);
    assert.deepEqual([order.value.sellerMemo, order.value.sellerFlag], ['放前台 & 轻放', 3]);
    assert.deepEqual(await pinduoduo.pushStock(context(), [{ platformItemId: '310000000000', platformSkuId: '91000000000000001', quantity: 7 }]), { ok: true, value: { accepted: 1 } });
    assert.equal((await truth()).quantities['91000000000000001'], 7);
    const whole = await pinduoduo.decryptReceiver(context(), tid, order.value.receiver.token);
    assert.ok(whole.ok && !whole.value.name.includes('*') && whole.value.phone.length === 11 && !whole.value.masked);
    await deed('address', { tid });
    const stale = await pinduoduo.decryptReceiver(context(), tid, order.value.receiver.token);
    assert.equal(!stale.ok && stale.refusal.platformCode, 'not_matched');
  });

  it('says aloud what it cannot do', async () => {
    const heard = await pinduoduo.hearCall(context(), { method: 'POST', path: '/', query: {}, headers: {}, body: '' });
    assert.ok(!heard.ok && heard.refusal.code === 'unsupported' && heard.refusal.words === pinduoduo.capabilities.hearCall);
  });
});
