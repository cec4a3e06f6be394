import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Credentials, Hint, IncomingRefund } from '../../api/channels/channel.ts';
import { wechatShop } from '../../api/channels/wechat-shop/index.ts';
import { atPlatform } from '../support/platform.ts';

const HOUR = 3_600_000;
const FIRST_SIGNATURE = '2f289a2c83a8e0018f8b4ecf8b63004ee7afac2c';
type World = { tid: string; channel: string; status: string; paidFen: number; wrongFen: number; sellerMemo: string; shipments: { trackingNumber: string; quantities: Record<string, number> }[]; refunds: { refundId: string }[]; lines: { oid: string; quantity: number; unitPriceFen: number; paidFen: number; othersFen: number; othersBy: string }[] };
type Truth = { now: string; orders: World[]; quantities: Record<string, number>; calls: Record<string, number> };

describe('the WeChat shop connector against an unfriendly platform', () => {
  const at = atPlatform(wechatShop, ['--per-day', '6', '--open-per-day', '320']);
  const { context, pull, notices, saved, rude } = at;
  const deed = <T = World>(name: string, body: Record<string, unknown>): Promise<T> => at.deed<T>(name, body);
  const truth = (): Promise<Truth> => at.sandbox.ask<Truth>('truth');
  const mine = async (): Promise<World[]> => (await truth()).orders.filter((o) => o.channel === 'wechat-shop');
  const day = (): [Date, Date] => [new Date(Date.now() - 20 * HOUR), new Date()];
  const hours = (): [Date, Date] => [new Date(Date.now() - 3 * HOUR), new Date()];
  const place = (): Promise<World> => deed('orders', { merchantCode: 'LJ-100', quantity: 3 });

  it('asks for its token with key and secret alone, keeps it, and asks no second time', async () => {
    await pull(...hours());
    await pull(...hours());
    assert.equal(saved.length, 1);
    assert.ok(saved[0]!.accessToken !== '' && saved[0]!.expiresAt! > new Date());
    assert.equal((await truth()).calls['/cgi-bin/stable_token'], 1);
  });

  it('pulls every order of a window once, in fen that add up, with who bears each discount', async () => {
    const orders = await pull(...day());
    assert.ok(orders.length > 35, String(orders.length));
    assert.equal(new Set(orders.map((o) => o.platformOrderId)).size, orders.length);
    const theirs = new Map((await mine()).map((o) => [o.tid, o]));
    for (const o of orders) {
      const t = theirs.get(o.platformOrderId)!;
      assert.ok(t, `${o.platformOrderId} keeps all its digits`);
      assert.equal(o.paidFen, t.paidFen + t.wrongFen);
      assert.equal(o.flaws.some((f) => f.code === 'totals_differ'), t.wrongFen !== 0);
      if (t.wrongFen !== 0) continue;
      assert.deepEqual(o.lines.map((l) => [l.platformLineId, l.paidFen]), t.lines.map((l) => [l.oid, l.paidFen]));
      for (const [i, line] of t.lines.entries()) assert.equal(o.lines[i]!.discounts.reduce((n, d) => n + d.amountFen, Number(o.lines[i]!.paidFen)), line.unitPriceFen * line.quantity);
      for (const [i, line] of t.lines.entries()) assert.equal(o.lines[i]!.discounts.find((d) => d.bearer === line.othersBy)?.amountFen ?? 0, line.othersFen);
      assert.ok(o.receiver.masked && o.receiver.token !== '');
    }
    assert.ok(orders.some((o) => o.lines.some((l) => l.discounts.some((d) => d.bearer === 'influencer'))));
  });

  it('loses none while the list moves under its cursor, calls fail and are limited', async () => {
    await rude({ repeat: true, arriving: 6, touching: 12, busyEvery: 31, cutEvery: 37, cutAfterEvery: 41, brokenAfterEvery: 43, shuffle: true, newField: true });
    const [from, to] = [new Date(Date.now() - 36 * HOUR), new Date()];
    const before = (await mine()).map((o) => o.tid);
    const got = new Set((await pull(from, to)).map((o) => o.platformOrderId));
    await rude({});
    const later = new Set((await pull(to, new Date())).map((o) => o.platformOrderId));
    const calm = (await pull(from, new Date())).map((o) => o.platformOrderId).filter((tid) => before.includes(tid));
    assert.ok(calm.length > 100, `more than a page: ${calm.length}`);
    assert.deepEqual(calm.filter((tid) => !got.has(tid) && !later.has(tid)), []);
  }).timeout(60_000);

  it('waits for the next minute when the minute’s calls are used up, and lets other work go on', async () => {
    await rude({ perSecond: 0 });
    const one = await wechatShop.fetchOrder(context({ appKey: 'another-app' }), '1');
    assert.ok(!one.ok && one.refusal.code === 'rate_limited' && one.refusal.platformCode === '45011' && one.refusal.retryAfterMs! <= 61_000);
  });

  it('renews a token that ended or was replaced; with a reset secret the shop pauses, until the new one is entered', async () => {
    await deed('expire-tokens', {});
    assert.ok((await pull(...hours())).length > 0);
    assert.equal(saved.length, 1);
    assert.ok((await pull(...hours(), context({ accessToken: 'not-the-latest', expiresAt: new Date(Date.now() + HOUR) }))).length > 0);
    await deed('revoke-tokens', {});
    await assert.rejects(pull(...hours()), (e: { refusal?: { code: string; platformCode: string; words: string } }) => e.refusal?.code === 'ask_person' && e.refusal.platformCode === '40125' && !e.refusal.words.includes(context().credentials.appSecret));
    const keys = await at.sandbox.ask<Record<string, { appSecret: string }>>('keys');
    at.kept = { ...context().credentials, appSecret: keys['wechat-shop']!.appSecret, accessToken: '' };
    assert.ok((await pull(...hours())).length > 0);
    assert.equal(wechatShop.authoriseUrl({ appKey: 'k', redirectUri: 'https://erp.example', state: 's' }).ok, false);
  });

  it('asks ahead for the token that follows, while both hold', async () => {
    await pull(...hours(), context({ expiresAt: new Date(Date.now() + 200_000) }));
    assert.equal(saved.length, 1);
  });

  it('tells of a refusal in the platform’s words and with its request id, without the token', async () => {
    await rude({ echo: true });
    const one = await wechatShop.fetchOrder(context(), '3705115058000000000');
    assert.ok(!one.ok && one.refusal.code === 'refuse_row' && one.refusal.platformCode === '100002' && /order not exist token=\*\*\* rid: /.test(one.refusal.words), JSON.stringify(one));
  });

  it('keeps and holds a state that it does not know, and tells of it', async () => {
    const { tid } = await deed('orders', { planted: 'unknown_status' });
    const one = await wechatShop.fetchOrder(context(), tid);
    assert.ok(one.ok && one.value.status === 'unknown' && one.value.platformStatus === '77');
    assert.deepEqual(notices.map((n) => n.kind), ['unknown_status']);
  });

  it('ships once: a repeat is success, also when the first was not answered; another number is refused', async () => {
    const { tid } = await place();
    const push = { platformOrderId: tid, courierCode: 'ZTO', trackingNumber: 'ZTO000000000001' };
    assert.deepEqual(await wechatShop.pushShipment(context(), push), { ok: true, value: { again: false } });
    assert.deepEqual(await wechatShop.pushShipment(context(), push), { ok: true, value: { again: true } });
    const other = await wechatShop.pushShipment(context(), { ...push, trackingNumber: 'ZTO000000000002' });
    assert.equal(!other.ok && other.refusal.platformCode, 'shipped_already');
    const second = await place();
    // Every second call does its work and is not answered: after the order was read, that is the send.
    await rude({ brokenAfterEvery: 2 });
    assert.deepEqual(await wechatShop.pushShipment(context(), { ...push, platformOrderId: second.tid, trackingNumber: 'ZTO000000000003' }), { ok: true, value: { again: true } });
    const numbers = (await mine()).filter((o) => [tid, second.tid].includes(o.tid)).map((o) => o.shipments.map((s) => s.trackingNumber));
    assert.deepEqual(numbers, [['ZTO000000000001'], ['ZTO000000000003']]);
  });

  it('ships an order in parts, to the piece, and changes one number of several', async () => {
    const { tid, lines } = await place();
    const oid = lines[0]!.oid;
    const part = (trackingNumber: string, count: number) => wechatShop.pushShipment(context(), { platformOrderId: tid, courierCode: 'YTO', trackingNumber, platformLineIds: [oid], quantities: { [oid]: count } });
    const told = [await part('YT0000000000001', 1), await part('YT0000000000001', 1)];
    const partly = await wechatShop.fetchOrder(context(), tid);
    assert.ok(partly.ok && partly.value.status === 'partly_shipped' && !partly.value.lines[0]!.shipped);
    told.push(await part('YT0000000000002', 2));
    assert.deepEqual(told.map((t) => t.ok && t.value.again), [false, true, false]);
    const change = { platformOrderId: tid, courierCode: 'YTO', trackingNumber: 'YT0000000000009', wasTrackingNumber: 'YT0000000000001' };
    assert.deepEqual(await wechatShop.changeTracking(context(), change), { ok: true, value: { again: false } });
    assert.deepEqual(await wechatShop.changeTracking(context(), change), { ok: true, value: { again: true } });
    const seen = (await mine()).find((o) => o.tid === tid)!;
    assert.deepEqual([seen.status, ...seen.shipments.map((s) => `${s.trackingNumber} ${s.quantities[oid]}`)], ['30', 'YT0000000000009 1', 'YT0000000000002 2']);
    const unknown = await wechatShop.pushShipment(context(), { platformOrderId: tid, courierCode: 'YTO', trackingNumber: 'YT0000000000010', platformLineIds: ['nothing'] });
    assert.equal(!unknown.ok && unknown.refusal.platformCode, 'line_not_found');
  });

  it('knows the platform’s couriers, and calls the others by its word for them', async () => {
    const list = await wechatShop.listCouriers(context());
    assert.ok(list.ok && list.value.some((c) => c.code === 'JTSD' && c.ourCode === 'JT'));
    const { tid } = await place();
    assert.ok((await wechatShop.pushShipment(context(), { platformOrderId: tid, courierCode: 'DBKD', trackingNumber: 'V00000000001' })).ok);
    const none = await wechatShop.pushShipment(context(), { platformOrderId: tid, courierCode: 'NOBODY', trackingNumber: 'V00000000002' });
    assert.equal(!none.ok && none.refusal.platformCode, 'courier_not_listed');
  });

  it('reads after-sales with their line, through their states', async () => {
    const { tid, lines } = await place();
    const refunds = async (): Promise<IncomingRefund[]> => {
      const all: IncomingRefund[] = [];
      for await (const batch of wechatShop.pullRefunds(context(), { from: new Date(Date.now() - 30 * HOUR), to: new Date(Date.now() + 1000) })) all.push(...batch);
      return all.filter((r) => r.platformOrderId === tid);
    };
    await deed('refund', { tid });
    assert.deepEqual((await refunds()).map((r) => [r.state, r.refundFen, r.platformLineId]), [['requested', 38_400, lines[0]!.oid]]);
    await deed('refund-withdrawn', { tid });
    assert.deepEqual((await refunds()).map((r) => r.state), ['closed']);
    await deed('refund', { tid });
    await deed('refund-done', { tid });
    assert.deepEqual((await refunds()).map((r) => r.state).sort(), ['closed', 'refunded']);
    const closed = await wechatShop.fetchOrder(context(), tid);
    assert.ok(closed.ok && closed.value.status === 'closed');
  });

  it('writes the memo, sets quantities, opens a receiver for a label', async () => {
    const { tid } = await place();
    assert.ok((await wechatShop.pushMemo(context(), { platformOrderId: tid, memo: '放前台', flag: 2 })).ok);
    const order = await wechatShop.fetchOrder(context(), tid);
    assert.ok(order.ok && order.value.sellerMemo === '放前台');
    assert.deepEqual(await wechatShop.pushStock(context(), [{ platformItemId: '10000108000001', platformSkuId: '9100000000000000003', quantity: 7 }]), { ok: true, value: { accepted: 1 } });
    assert.equal((await truth()).quantities['9100000000000000003'], 7);
    const whole = await wechatShop.decryptReceiver(context(), tid, order.value.receiver.token);
    assert.ok(whole.ok && !whole.value.name.includes('*') && whole.value.phone.length === 11 && whole.value.token === order.value.receiver.token && !whole.value.masked);
    await deed('address', { tid });
    const stale = await wechatShop.decryptReceiver(context(), tid, order.value.receiver.token);
    assert.equal(!stale.ok && stale.refusal.platformCode, 'not_matched');
  });

  describe('messages that the platform brings', () => {
    const PUSH = { pushToken: 'a-token', pushAesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C' };
    let server: Server;
    let heard: Hint[][] = [];
    let credentials: Partial<Credentials> = PUSH;
    before(async () => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (c: Buffer) => chunks.push(c)).on('end', () => void (async () => {
          const url = new URL(request.url!, 'http://shop');
          const told = await wechatShop.hearCall(context(credentials), { method: request.method!, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: {}, body: Buffer.concat(chunks).toString('utf8') });
          if (told.ok) heard.push([...told.value.hints]);
          response.writeHead(told.ok ? told.value.answer.status : 403).end(told.ok ? told.value.answer.body : told.refusal.platformCode);
        })());
      });
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    });
    after(() => new Promise<void>((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }));
    const bring = async (events: readonly { event: string; orderId: string; at?: string }[], xml: boolean, to: { token: string; aesKey: string }): Promise<string[]> => {
      heard = [];
      const reply = await fetch(`${at.sandbox.url}/wechat-shop/__messages`, { method: 'POST', body: JSON.stringify({ to: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`, ...to }, events, xml }) });
      return ((await reply.json()) as { status: number; text: string }[]).map((a) => `${a.status} ${a.text}`);
    };
    const EVENTS = [{ event: 'channels_ec_order_deliver', orderId: '3705115058000007919', at: '2026-11-25T02:00:00Z' }, { event: 'channels_ec_order_pay', orderId: '3705115058000007919', at: '2026-11-25T01:00:00Z' }, { event: 'channels_ec_order_pay', orderId: '3705115058000007919', at: '2026-11-25T01:00:00Z' }];

    for (const xml of [false, true]) it(`hears covered ${xml ? 'XML' : 'JSON'}, out of order and twice, with all digits`, async () => {
      credentials = PUSH;
      assert.deepEqual(await bring(EVENTS, xml, { token: PUSH.pushToken, aesKey: PUSH.pushAesKey }), ['200 success', '200 success', '200 success']);
      assert.deepEqual(heard.flat().map((h) => [h.kind, h.platformId, h.topic]), EVENTS.map((e) => ['order', e.orderId, e.event]));
      assert.equal(new Set(heard.flat().map((h) => h.key)).size, 2, 'the same event has the same key');
    });

    it('hears plain messages where the shop has no key, and refuses them where it has one', async () => {
      credentials = { pushToken: 'a-token' };
      assert.deepEqual(await bring(EVENTS.slice(0, 1), false, { token: 'a-token', aesKey: '' }), ['200 success']);
      credentials = PUSH;
      assert.deepEqual(await bring(EVENTS.slice(0, 1), false, { token: 'a-token', aesKey: '' }), ['403 not_covered']);
    });

    it('refuses who does not know the token, the key, or the app; says the first try’s word back', async () => {
      credentials = PUSH;
      assert.deepEqual(await bring(EVENTS.slice(0, 1), false, { token: 'guessed', aesKey: PUSH.pushAesKey }), ['403 signature']);
      assert.deepEqual(await bring(EVENTS.slice(0, 1), false, { token: 'a-token', aesKey: `b${PUSH.pushAesKey.slice(1)}` }), ['403 cover']);
      credentials = { ...PUSH, appKey: 'wx-another' };
      assert.deepEqual(await bring(EVENTS.slice(0, 1), false, { token: 'a-token', aesKey: PUSH.pushAesKey }), ['403 cover']);
      credentials = {};
      assert.deepEqual(await bring(EVENTS.slice(0, 1), false, { token: '', aesKey: '' }), ['403 no_push_token']);
      // sha1 of the sorted parts "1700000000", "a-token", "n1", joined, by another tool.
      const first = await wechatShop.hearCall(context(PUSH), { method: 'GET', path: '/', query: { timestamp: '1700000000', nonce: 'n1', echostr: '4711', signature: FIRST_SIGNATURE }, headers: {}, body: '' });
      assert.ok(first.ok && first.value.answer.body === '4711' && first.value.hints.length === 0);
      assert.equal((await wechatShop.hearCall(context(PUSH), { method: 'GET', path: '/', query: { timestamp: '1700000000', nonce: 'n2', echostr: '4711', signature: FIRST_SIGNATURE }, headers: {}, body: '' })).ok, false);
    });
  });
});
