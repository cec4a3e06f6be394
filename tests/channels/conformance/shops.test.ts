import assert from 'node:assert/strict';
import { CAPABILITIES, ChannelFault, type Capability, type ChannelRefusal, type ShopChannel } from '../../../api/channels/channel.ts';
import { shopChannels } from '../../../api/channels/registry.ts';
import { standIns } from '../../../api/channels/sandbox/platforms.ts';
import { businessDayOf } from '../../../api/contract/values/time.ts';
import type { Result } from '../../../api/contract/values/result.ts';
import { startTestSandbox, type TestSandbox } from '../../support/sandbox.ts';
import { HOUR, Shop, type TrueOrder } from './harness.ts';

const code = (r: Result<unknown, ChannelRefusal>): string => (r.ok ? 'ok' : r.refusal.code);
const isFault = (wanted: string) => (e: unknown): boolean => e instanceof ChannelFault && e.refusal.code === wanted;
const day = (): [Date, Date] => [new Date(Date.now() - 20 * HOUR), new Date(Date.now() + 1000)];
/** A parcel number that every platform takes. */
let number = 0;
const tracking = (): string => `SBX${String((number += 1)).padStart(11, '0')}`;

/** Every platform of the registry against its own stand-in: what it declares is proved, what it lacks is said aloud. */
describe('conformance of shop channels', () => {
  let sandbox: TestSandbox;
  before(async () => { sandbox = await startTestSandbox(['--per-day', '1', '--open-per-day', '200']); });
  after(() => sandbox.stop());
  const withStandIn = new Set(standIns.map((s) => s.channel));
  for (const channel of Object.values(shopChannels).filter((c) => withStandIn.has(c.channel))) {
    describe(channel.channel, () => conformance(channel, () => sandbox));
    // JD has a second gateway with the same shops behind it.
    if (channel.channel === 'jd') describe('jd by SP-API', () => conformance(channel, () => sandbox, (own) => own.replace(/routerjson$/, 'rest')));
  }
});

function conformance(channel: ShopChannel, sandboxOf: () => TestSandbox, gatewayOf?: (own: string) => string): void {
  let shop: Shop;
  // Another run may have renewed the tokens.
  before(async () => { shop = new Shop(channel, { ...sandboxOf(), keys: await sandboxOf().ask('keys') }, gatewayOf); });
  beforeEach(() => shop.calm());
  const proves = (capability: Capability, words: string, work: () => Promise<void>, ms = 30_000): void => {
    if (channel.capabilities[capability] === true) it(`${capability}: ${words}`, work).timeout(ms);
  };

  it('declares every capability, and says why it lacks the others', async () => {
    assert.deepEqual(Object.keys(channel.capabilities).sort(), [...CAPABILITIES].sort());
    for (const [name, words] of Object.entries(channel.capabilities)) assert.ok(words === true || words.length > 10, name);
    const push = { platformOrderId: '1', courierCode: 'ZTO', trackingNumber: 'X', wasTrackingNumber: 'Y' };
    const c = shop.context();
    const asks: Readonly<Partial<Record<Capability, () => Promise<Result<unknown, ChannelRefusal>>>>> = {
      authorise: async () => channel.authoriseUrl({ appKey: 'a', redirectUri: 'https://example.com', state: 's' }), fetchOrder: () => channel.fetchOrder(c, '1'), pushShipment: () => channel.pushShipment(c, push), changeTracking: () => channel.changeTracking(c, push), listCouriers: () => channel.listCouriers(c), refreshToken: () => channel.refreshToken(c),
      pushMemo: () => channel.pushMemo(c, { platformOrderId: '1', memo: 'm', flag: 1 }), pushStock: () => channel.pushStock(c, []), decryptReceiver: () => channel.decryptReceiver(c, '1', 't'), pollHints: () => channel.pollHints(c), hearCall: () => channel.hearCall(c, { method: 'POST', path: '/', query: {}, headers: {}, body: '' }), fetchBill: () => channel.fetchBill(c, '2026-11-01'),
    };
    for (const [name, ask] of Object.entries(asks)) if (channel.capabilities[name as Capability] !== true) assert.equal(code(await ask()), 'unsupported', name);
  });

  proves('pullOrders', 'every paid order of a window once, to the fen of every line', async () => {
    const [from, to] = day();
    const orders = await shop.pull(from, to);
    const { mine } = await shop.truth();
    const wanted = mine.filter((o) => o.paidAt && Date.parse(o.modifiedAt) >= from.getTime() + 1000);
    const got = new Map(orders.map((o) => [o.platformOrderId, o]));
    assert.equal(got.size, orders.length, 'none twice');
    assert.ok(wanted.length > 15, String(wanted.length));
    assert.deepEqual(wanted.filter((o) => !got.has(o.tid)).map((o) => o.tid), []);
    const flat = (o: { paidFen: number; freightFen: number; lines: readonly { quantity: number; paidFen: number; merchantCode: string }[] }, ids: readonly string[]) => [o.paidFen, o.freightFen, ...o.lines.map((l, i) => `${ids[i]} ${l.merchantCode} ${l.quantity} ${l.paidFen}`)];
    for (const t of wanted.filter((o) => o.wrongFen === 0)) {
      const o = got.get(t.tid)!;
      assert.deepEqual(flat(o, o.lines.map((l) => l.platformLineId)), flat(t, t.lines.map((l) => l.oid)), t.tid);
      assert.deepEqual(o.flaws.filter((f) => f.code !== 'unknown_status'), [], t.tid);
    }
    assert.deepEqual(orders.filter((o) => o.status === 'to_ship' && !(o.receiver.masked && o.receiver.token !== '' && o.raw.length > 100)).map((o) => o.receiver), []);
  });

  proves('pullOrders', 'who bears each discount: lines and discounts add up to what was listed', async () => {
    const orders = new Map((await shop.pull(...day())).map((o) => [o.platformOrderId, o]));
    const { mine } = await shop.truth();
    for (const t of mine.filter((o) => orders.has(o.tid) && o.wrongFen === 0)) {
      const borne = (of: readonly string[]) => orders.get(t.tid)!.lines.map((l) => l.discounts.filter((d) => of.includes(d.bearer)).reduce((n, d) => n + d.amountFen, 0));
      assert.deepEqual(borne(['seller']), t.lines.map((l) => l.unitPriceFen * l.quantity - l.othersFen - l.paidFen), `${t.tid} seller`);
      assert.deepEqual(borne(['platform']), t.lines.map((l) => (l.othersBy === 'platform' ? l.othersFen : 0)), `${t.tid} platform`);
      assert.deepEqual(borne(['influencer']), t.lines.map((l) => (l.othersBy === 'influencer' ? l.othersFen : 0)), `${t.tid} influencer`);
    }
  });

  proves('pullOrders', 'none lost and none twice while calls fail, are cut, limited, slow, and bodies change their order and fields', async () => {
    const [from] = day();
    const to = new Date();
    await shop.ask('unfriendly', { repeat: true, busyEvery: 13, cutEvery: 17, cutAfterEvery: 19, brokenAfterEvery: 23, slowEvery: 29, slowMs: 40, banEvery: 149, shuffle: true, newField: true });
    const orders = await shop.pull(from, to);
    await shop.calm();
    const calm = await shop.pull(from, to);
    assert.equal(new Set(orders.map((o) => o.platformOrderId)).size, orders.length, 'none twice');
    assert.deepEqual(orders.map((o) => o.platformOrderId).sort(), calm.map((o) => o.platformOrderId).sort());
  }, 60_000);

  proves('pullOrders', 'orders that come and change while pages are read cost no other order', async () => {
    const [from] = day();
    const to = new Date();
    const before = (await shop.truth()).mine.filter((o) => o.paidAt && Date.parse(o.modifiedAt) >= from.getTime() + 1000 && Date.parse(o.modifiedAt) < to.getTime());
    await shop.ask('unfriendly', { arriving: 30, touching: 30 });
    const orders = new Set((await shop.pull(from, to)).map((o) => o.platformOrderId));
    await shop.calm();
    const stayed = new Set((await shop.truth()).mine.filter((o) => Date.parse(o.modifiedAt) < to.getTime()).map((o) => o.tid));
    assert.deepEqual(before.filter((o) => stayed.has(o.tid) && !orders.has(o.tid)).map((o) => o.tid), []);
    const later = new Set((await shop.pull(new Date(to.getTime() - 600_000), new Date(Date.now() + 1000))).map((o) => o.platformOrderId));
    assert.deepEqual((await shop.truth()).mine.filter((o) => o.paidAt && Date.parse(o.modifiedAt) >= to.getTime() && !later.has(o.tid)).map((o) => o.tid), [], 'what left the window is in the next');
  }, 60_000);

  proves('pullOrders', 'a state that is not known is kept, told of and holds; so do amounts that do not add up', async () => {
    const [odd, wrong] = [await shop.place({ planted: 'unknown_status' }), await shop.place({ planted: 'totals_differ' })];
    const orders = await shop.pull(new Date(Date.now() - HOUR), new Date(Date.now() + 1000));
    const find = (o: TrueOrder) => orders.find((x) => x.platformOrderId === o.tid);
    assert.deepEqual([find(odd)?.status, find(odd)?.flaws.map((f) => f.code)], ['unknown', ['unknown_status']]);
    assert.ok(find(odd)?.platformStatus.includes(odd.status), 'the platform’s word is kept');
    assert.deepEqual(find(wrong)?.flaws.map((f) => f.code), ['totals_differ']);
    assert.ok(shop.notices.some((n) => n.kind === 'unknown_status' && n.subject === find(odd)?.platformStatus));
  });

  proves('fetchOrder', 'the same as the list says; a stranger’s id is refused', async () => {
    const { tid } = await shop.place();
    const one = await channel.fetchOrder(shop.context(), tid);
    const listed = (await shop.pull(new Date(Date.now() - HOUR), new Date(Date.now() + 1000))).find((o) => o.platformOrderId === tid);
    assert.ok(one.ok && listed);
    assert.deepEqual({ ...one.value, raw: '' }, { ...listed, raw: '' });
    assert.equal(code(await channel.fetchOrder(shop.context(), '1')), 'refuse_row');
  });

  proves('listOrders', 'the ids of a day are those of the platform', async () => {
    const [from, to] = day();
    const ids = await shop.listed(from, to);
    const wanted = (await shop.truth()).mine.filter((o) => o.paidAt && Date.parse(o.placedAt) >= from.getTime() + 1000).map((o) => o.tid);
    assert.equal(new Set(ids).size, ids.length, 'none twice');
    assert.deepEqual(wanted.filter((tid) => !ids.includes(tid)), []);
  });

  proves('refreshToken', 'an ended token is renewed and kept, then the work goes on', async () => {
    await shop.ask('expire-tokens');
    assert.ok((await shop.pull(...day())).length > 20);
    assert.equal(shop.saved.length, 1);
    assert.notEqual(shop.saved[0]!.accessToken, sandboxOf().keys[channel.channel]?.['accessToken']);
  });

  it('a token that cannot be renewed pauses the shop; a wrong secret asks a person; neither is told aloud', async () => {
    await shop.ask('expire-tokens');
    // Where key and secret alone give tokens there is nothing that could not be renewed; nor for an app of the seller's own, by its shop's number.
    if (!channel.keysAlone) await assert.rejects(shop.pull(...day(), shop.context({ accessToken: 'ended-long-ago', refreshToken: 'long-gone', platformShopId: '' })), isFault('pause_shop'));
    await assert.rejects(shop.pull(...day(), shop.context({ appSecret: 'another-secret-of-nobody', ...(channel.keysAlone ? { accessToken: 'ended-long-ago' } : {}) })), (e: unknown) => e instanceof ChannelFault && e.refusal.code === 'ask_person' && !e.refusal.words.includes('another-secret'));
    await channel.refreshToken(shop.context());
    await shop.ask('unfriendly', { echo: true });
    const one = await channel.fetchOrder(shop.context(), '1');
    assert.ok(!one.ok && !one.refusal.words.includes(shop.credentials.accessToken));
  });

  it('finds its clock wrong, takes the platform’s, and says so once', async () => {
    const orders = await shop.pull(new Date(Date.now() - HOUR), new Date(), shop.context({}, () => new Date(Date.now() + 40 * 60_000)));
    assert.ok(Array.isArray(orders));
    assert.deepEqual(shop.notices.filter((n) => n.kind === 'clock_skew').length, 1);
  });

  proves('pushShipment', 'once, whatever happens to the answer; a repeat is success, another number is not', async () => {
    const { tid } = await shop.place();
    const push = { platformOrderId: tid, courierCode: 'ZTO', trackingNumber: tracking() };
    await shop.ask('unfriendly', { cutAfterNext: 1 });
    assert.ok((await channel.pushShipment(shop.context(), push)).ok, 'done, though the answer was lost');
    assert.ok((await channel.pushShipment(shop.context(), push)).ok, 'a repeat');
    assert.ok(!(await channel.pushShipment(shop.context(), { ...push, trackingNumber: tracking() })).ok);
    const seen = (await shop.truth()).mine.find((o) => o.tid === tid)!;
    assert.deepEqual([seen.state, seen.shipments.map((s) => s.trackingNumber)], ['shipped', [push.trackingNumber]]);
    assert.equal(code(await channel.pushShipment(shop.context(), { ...push, courierCode: 'NOBODY' })), 'refuse_row');
  }, 60_000);

  proves('pushPartialShipment', 'an order leaves in several parcels, each told once', async () => {
    const found = (await shop.truth()).mine.find((o) => o.state === 'to_ship' && o.lines.length > 1 && o.refunds.length === 0);
    // Where every order has one line only, its pieces leave apart.
    const order = found ?? (await shop.place({ merchantCode: 'LJ-100', quantity: 2 }));
    const parts = found ? order.lines.map((l) => ({ platformLineIds: [l.oid] })) : [0, 1].map(() => ({ platformLineIds: [order.lines[0]!.oid], quantities: { [order.lines[0]!.oid]: 1 } }));
    const parcels = parts.map((part) => ({ platformOrderId: order.tid, courierCode: 'YTO', trackingNumber: tracking(), ...part }));
    for (const again of [false, true]) for (const p of parcels) assert.ok((await channel.pushShipment(shop.context(), p)).ok, again ? 'a repeat' : '');
    const seen = (await shop.truth()).mine.find((o) => o.tid === order.tid)!;
    assert.equal(seen.state, 'shipped');
    // A platform whose order is one line knows the order's first number, and keeps the others beside it.
    assert.deepEqual(seen.shipments.slice(0, found ? undefined : 1).map((s) => [s.trackingNumber, s.oids]), parcels.slice(0, found ? undefined : 1).map((p) => [p.trackingNumber, p.platformLineIds]));
  });

  proves('changeTracking', 'another number for a parcel that has left', async () => {
    const { tid } = await shop.place();
    const push = { platformOrderId: tid, courierCode: 'ZTO', trackingNumber: tracking() };
    await channel.pushShipment(shop.context(), push);
    const change = { ...push, trackingNumber: tracking(), wasTrackingNumber: push.trackingNumber };
    assert.deepEqual(await channel.changeTracking(shop.context(), change), { ok: true, value: { again: false } });
    assert.ok((await channel.changeTracking(shop.context(), change)).ok, 'a repeat is success');
    assert.deepEqual((await shop.truth()).mine.find((o) => o.tid === tid)!.shipments.map((s) => s.trackingNumber), [change.trackingNumber]);
  });

  proves('listCouriers', 'the platform’s couriers, ours among them', async () => {
    const list = await channel.listCouriers(shop.context());
    assert.ok(list.ok);
    for (const ours of ['ZTO', 'YTO', 'SF']) assert.ok(list.value.some((c) => c.ourCode === ours), ours);
  });

  proves('pushMemo', 'memo and flag stand at the platform and come back', async () => {
    const { tid } = await shop.place();
    assert.ok((await channel.pushMemo(shop.context(), { platformOrderId: tid, memo: '多放一包 & <试喝>', flag: 3 })).ok);
    const one = await channel.fetchOrder(shop.context(), tid);
    assert.ok(one.ok);
    assert.deepEqual([one.value.sellerMemo, one.value.sellerFlag], ['多放一包 & <试喝>', channel.noFlags ? 0 : 3]);
  });

  proves('pushStock', 'full values, taken as they are; a listing that is gone is refused', async () => {
    const { lines } = await shop.place();
    const listing = { platformItemId: lines[0]!.itemId, platformSkuId: lines[0]!.skuId };
    assert.deepEqual(await channel.pushStock(shop.context(), [{ ...listing, quantity: 7 }]), { ok: true, value: { accepted: 1 } });
    assert.deepEqual(await channel.pushStock(shop.context(), [{ ...listing, quantity: 0 }]), { ok: true, value: { accepted: 1 } });
    assert.equal((await shop.truth()).quantities[listing.platformSkuId], 0);
  });

  proves('pullRefunds', 'asked, done and withdrawn, each of its order and line', async () => {
    const [asked, done, withdrawn] = [await shop.place(), await shop.place(), await shop.place()];
    for (const o of [asked, done, withdrawn]) await shop.ask('refund', { tid: o.tid });
    await shop.ask('refund-done', { tid: done.tid });
    await shop.ask('refund-withdrawn', { tid: withdrawn.tid });
    const refunds = await shop.refunds(new Date(Date.now() - HOUR), new Date(Date.now() + 2000));
    const last = (o: TrueOrder) => refunds.filter((r) => r.platformOrderId === o.tid).at(-1);
    assert.deepEqual([asked, done, withdrawn].map((o) => last(o)?.state), ['requested', 'refunded', 'closed']);
    assert.deepEqual([asked, done].map((o) => last(o)?.refundFen), [asked.paidFen - asked.freightFen, done.paidFen - done.freightFen]);
    assert.ok(refunds.filter((r) => r.platformOrderId === asked.tid).every((r) => r.platformLineId === '' || r.platformLineId === asked.lines[0]!.oid));
  });

  proves('decryptReceiver', 'the whole receiver for a label; a token that no longer fits is refused', async () => {
    const placed = await shop.place();
    const one = await channel.fetchOrder(shop.context(), placed.tid);
    assert.ok(one.ok);
    const whole = await channel.decryptReceiver(shop.context(), placed.tid, one.value.receiver.token);
    assert.ok(whole.ok, JSON.stringify(whole));
    assert.deepEqual([whole.value.name, whole.value.phone, whole.value.masked], [placed.receiver.name, placed.receiver.phone, false]);
    assert.ok(!(await channel.decryptReceiver(shop.context(), placed.tid, 'not-a-token')).ok);
  });

  proves('pollHints', 'an order that has just changed is pointed at, once', async () => {
    const { tid } = await shop.place();
    const first = await channel.pollHints(shop.context());
    assert.ok(first.ok && first.value.some((h) => h.kind === 'order' && h.platformId === tid), JSON.stringify(first).slice(0, 300));
    const second = await channel.pollHints(shop.context());
    assert.ok(second.ok && !second.value.some((h) => h.platformId === tid));
  });

  proves('fetchBill', 'a day’s settlement is what the platform’s wallet moved, to the fen, read again the same; an empty day is empty', async () => {
    for (let i = 0; i < 3; i += 1) {
      const { tid } = await shop.place();
      const gone = await channel.pushShipment(shop.context(), { platformOrderId: tid, courierCode: 'ZTO', trackingNumber: tracking() });
      assert.ok(gone.ok, JSON.stringify(gone));
      await shop.ask('confirm', { tid });
    }
    const today = businessDayOf(new Date());
    const movedNow = async () => (await shop.ask<{ payments: { channel: string; by: string; tid: string; kind: string; at: string; amountFen: number }[] }>('payments')).payments.filter((p) => p.channel === channel.channel && p.by === 'wallet' && businessDayOf(new Date(p.at)) === today);
    const byOrder = (list: readonly { tid: string; amountFen: number }[]): string[] => [...list.reduce((m, p) => m.set(p.tid, (m.get(p.tid) ?? 0) + p.amountFen), new Map<string, number>())].map(([tid, fen]) => `${tid} ${fen}`).sort();
    // The day is not over: what moves while the bill is fetched makes another try.
    let [moved, first] = [await movedNow(), await channel.fetchBill(shop.context(), today)];
    for (let now = await movedNow(); now.length !== moved.length; now = await movedNow()) [moved, first] = [now, await channel.fetchBill(shop.context(), today)];
    assert.ok(first.ok && first.value !== 'empty', JSON.stringify(first));
    const keys = new Set(first.value.lines.map((l) => l.key));
    assert.deepEqual(byOrder(first.value.lines.map((l) => ({ tid: l.platformOrderId, amountFen: l.amountFen + l.feeFen }))), byOrder(moved));
    assert.equal(keys.size, first.value.lines.length);
    const second = await channel.fetchBill(shop.context(), today);
    assert.ok(second.ok && second.value !== 'empty');
    const plain = (lines: readonly { readonly key: string }[]): object[] => lines.filter((l) => keys.has(l.key)).map((l) => ({ ...l, lineNumber: 0 }));
    assert.deepEqual(plain(second.value.lines), plain(first.value.lines));
    assert.deepEqual(await channel.fetchBill(shop.context(), '2020-01-01'), { ok: true, value: 'empty' });
  });

  proves('authorise', 'an address for the seller, and tokens for the code that comes back', async () => {
    const url = channel.authoriseUrl({ appKey: shop.credentials.appKey, redirectUri: 'https://erp.example.com/back', state: 'x1' });
    assert.ok(url.ok && url.value.startsWith('https://') && url.value.includes('x1'));
    const got = await channel.exchangeCode(shop.context(), 'sandbox-code', 'https://erp.example.com/back');
    assert.ok(got.ok, JSON.stringify(got));
    assert.notEqual(got.value.accessToken, shop.credentials.accessToken);
    assert.ok(got.value.expiresAt! > new Date());
    await shop.context().saveCredentials(got.value);
    assert.ok(!(await channel.exchangeCode(shop.context(), 'a-code-of-yesterday', 'https://erp.example.com/back')).ok);
  });
}
