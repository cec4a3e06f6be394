import assert from 'node:assert/strict';
import { COURIER_CAPABILITIES, type ChannelNotice, type ChannelRefusal, type CourierCapability, type CourierChannel, type CourierContext, type TakenWaybill, type WaybillAsk } from '../../../api/channels/channel.ts';
import { courierChannels } from '../../../api/channels/registry.ts';
import type { Result } from '../../../api/contract/values/result.ts';
import { startTestSandbox, type TestSandbox } from '../../support/sandbox.ts';

type True = { number: string; by: string; cp: string; key: string; state: string; updates: number; weightGrams: number; place: { detail: string }; scannedAt?: number };
const code = (r: Result<unknown, ChannelRefusal>): string => (r.ok ? 'ok' : r.refusal.code);
const SENDER = { name: '云栖茶事', phone: '13800138000', province: '浙江省', city: '杭州市', district: '西湖区', town: '', address: '梅灵南路 1 号' };
let keys = 0;
const ask = (courierCode: string, over: Partial<WaybillAsk['receiver']> = {}): WaybillAsk => ({
  key: `pcl_TEST${String((keys += 1)).padStart(6, '0')}_1`, courierCode, sender: SENDER, receiver: { name: '王芳', phone: '13912345678', province: '广东省', city: '深圳市', district: '南山区', town: '', address: '科技园路 8 号', token: '', masked: false, ...over },
  goods: [{ name: '西湖龙井 100g', quantity: 2 }], weightGrams: 350, channel: 'douyin', platformOrderIds: ['6900000000000000001'],
});

/** Every courier platform of the registry against its own stand-in: what it declares is proved, what it lacks is said aloud. */
describe('conformance of courier channels', () => {
  let sandbox: TestSandbox;
  before(async () => { sandbox = await startTestSandbox(); });
  after(() => sandbox.stop());
  for (const channel of Object.values(courierChannels)) describe(channel.channel, () => conformance(channel, () => sandbox));
});

function conformance(channel: CourierChannel, sandboxOf: () => TestSandbox): void {
  let notices: ChannelNotice[] = [];
  const context = (over: Record<string, string> = {}, now: () => Date = () => new Date()): CourierContext => {
    const { gateway = '', ...account } = sandboxOf().keys[channel.channel]!;
    return { account: { ...account, ...over }, gateway, now, notice: async (n) => { notices.push(n); } };
  };
  const rude = (body: object = {}): Promise<unknown> => sandboxOf().ask('unfriendly', { channel: channel.channel, ...body });
  const truth = async (): Promise<True[]> => (await sandboxOf().ask<{ waybills: True[] }>('waybills')).waybills.filter((w) => w.by === channel.channel);
  const courier = channel.couriers.includes('ZTO') ? 'ZTO' : channel.couriers[0]!;
  const numbers = (list: readonly TakenWaybill[]): string[] => list.map((t) => (t.result.ok ? t.result.value.trackingNumber : `${t.result.refusal.code} ${t.result.refusal.words}`));
  const taken = async (): Promise<{ one: WaybillAsk; number: string }> => {
    const one = ask(courier);
    const [got] = await channel.takeWaybills(context(), [one]);
    assert.ok(got?.result.ok, JSON.stringify(got));
    return { one, number: got.result.value.trackingNumber };
  };
  beforeEach(async () => {
    notices = [];
    await rude();
  });
  const proves = (capability: CourierCapability, words: string, work: () => Promise<void>, ms = 20_000): void => {
    if (channel.capabilities[capability] === true) it(`${capability}: ${words}`, work).timeout(ms);
  };

  it('declares every capability, and says why it lacks the others', async () => {
    assert.deepEqual(Object.keys(channel.capabilities).sort(), [...COURIER_CAPABILITIES].sort());
    const [c, name] = [context(), { key: 'k', courierCode: courier, trackingNumber: 'X1' }];
    const asks: Readonly<Record<CourierCapability, () => Promise<Result<unknown, ChannelRefusal>>>> = {
      takeWaybills: async () => (await channel.takeWaybills(c, [ask(courier)]))[0]!.result, findWaybill: () => channel.findWaybill(c, name), updateWaybill: () => channel.updateWaybill(c, ask(courier), 'X1'), cancelWaybill: () => channel.cancelWaybill(c, name),
      queryRoutes: () => channel.queryRoutes(c, { courierCode: courier, trackingNumber: 'X1', phone: '' }), subscribeRoutes: () => channel.subscribeRoutes(c, { courierCode: courier, trackingNumber: 'X1', phone: '' }, 'https://erp.example'),
      hearRoutes: () => channel.hearRoutes(c, { method: 'POST', path: '/', query: {}, headers: {}, body: '' }), askReach: () => channel.askReach(c, { courierCode: courier, sender: SENDER, receiver: SENDER }),
    };
    for (const [capability, words] of Object.entries(channel.capabilities)) {
      if (words === true) continue;
      assert.ok(words.length > 10, capability);
      assert.equal(code(await asks[capability as CourierCapability]()), 'unsupported', capability);
    }
  });

  proves('takeWaybills', 'numbers for a batch, each with what its label needs; the same keys again, the same numbers', async () => {
    const asks = Array.from({ length: channel.batch + 3 }, () => ask(courier));
    const first = await channel.takeWaybills(context(), asks);
    assert.equal(new Set(numbers(first)).size, asks.length);
    for (const t of first) {
      assert.ok(t.result.ok, JSON.stringify(t));
      assert.match(t.result.value.print.sortingCode, /-/);
      assert.ok(t.result.value.print.bulkPen && t.result.value.print.gatherPlace && t.result.value.print.qr && t.result.value.print.sealed.startsWith('{'));
    }
    assert.deepEqual(numbers(await channel.takeWaybills(context(), asks)), numbers(first));
    const mine = new Map((await truth()).map((w) => [w.key, w]));
    assert.deepEqual(asks.map((a) => [mine.get(a.key)?.number, mine.get(a.key)?.weightGrams]), numbers(first).map((n) => [n, 350]));
  });

  proves('takeWaybills', 'one that is not served is refused with the platform’s words and stops no other', async () => {
    const asks = [ask(courier), ask(courier, { address: '可可西里无人区 1 号' }), ask(courier)];
    const got = await channel.takeWaybills(context(), asks);
    assert.deepEqual(got.map((t) => code(t.result)), ['ok', 'refuse_row', 'ok']);
    assert.ok(!got[1]!.result.ok && /served|服务范围/.test(got[1]!.result.refusal.words));
  });

  proves('takeWaybills', 'no number twice and none lost while calls fail, are cut before and after, limited and slow', async () => {
    await rude({ busyEvery: 5, cutEvery: 7, cutAfterEvery: 4, brokenAfterEvery: 6, slowEvery: 9, slowMs: 30, banEvery: 23, shuffle: true, newField: true });
    const asks = Array.from({ length: 24 }, () => ask(courier));
    const got = new Map<string, string>();
    for (let tries = 0; got.size < asks.length; tries += 1) {
      assert.ok(tries < 20, 'never done');
      for (const t of await channel.takeWaybills(context(), asks.filter((a) => !got.has(a.key)))) {
        if (t.result.ok) got.set(t.key, t.result.value.trackingNumber);
        else assert.match(t.result.refusal.code, /^(retry|rate_limited)$/, JSON.stringify(t));
      }
    }
    await rude();
    const mine = (await truth()).filter((w) => asks.some((a) => a.key === w.key));
    assert.deepEqual(mine.map((w) => [w.key, w.number]).sort(), [...got].sort());
  }, 60_000);

  proves('findWaybill', 'what a key was given; none where nothing was, or where it was given back', async () => {
    const { one, number } = await taken();
    const found = await channel.findWaybill(context(), { key: one.key, courierCode: courier, trackingNumber: '' });
    assert.ok(found.ok && found.value !== 'none' && found.value.trackingNumber === number && found.value.print.sortingCode !== '');
    assert.deepEqual(await channel.findWaybill(context(), { key: 'never-asked', courierCode: courier, trackingNumber: '' }), { ok: true, value: 'none' });
    await channel.cancelWaybill(context(), { key: one.key, courierCode: courier, trackingNumber: number });
    assert.deepEqual(await channel.findWaybill(context(), { key: one.key, courierCode: courier, trackingNumber: number }), { ok: true, value: 'none' });
  });

  proves('updateWaybill', 'another receiver under the same number; one that is given back takes none', async () => {
    const { one, number } = await taken();
    const changed = await channel.updateWaybill(context(), { ...one, receiver: { ...one.receiver, address: '新址路 9 号' }, weightGrams: 500 }, number);
    assert.ok(changed.ok && changed.value.trackingNumber === number && changed.value.print.sortingCode !== '', JSON.stringify(changed));
    const now = (await truth()).find((w) => w.number === number)!;
    assert.deepEqual([now.place.detail, now.weightGrams, now.updates], ['新址路 9 号', 500, 1]);
    await channel.cancelWaybill(context(), { key: one.key, courierCode: courier, trackingNumber: number });
    assert.equal(code(await channel.updateWaybill(context(), one, number)), 'refuse_row');
  });

  proves('cancelWaybill', 'given back once, also when the answer is lost; a repeat is success; one on its way stays', async () => {
    const [first, lost, gone] = [await taken(), await taken(), await taken()];
    const name = (x: typeof first) => ({ key: x.one.key, courierCode: courier, trackingNumber: x.number });
    assert.deepEqual(await channel.cancelWaybill(context(), name(first)), { ok: true, value: { again: false } });
    assert.deepEqual(await channel.cancelWaybill(context(), name(first)), { ok: true, value: { again: true } });
    await rude({ cutAfterNext: 1 });
    assert.ok((await channel.cancelWaybill(context(), name(lost))).ok);
    await sandboxOf().ask('scan', { number: gone.number });
    assert.equal(code(await channel.cancelWaybill(context(), name(gone))), 'refuse_row');
    const states = new Map((await truth()).map((w) => [w.number, w.state]));
    assert.deepEqual([first, lost, gone].map((x) => states.get(x.number)), ['cancelled', 'cancelled', 'given']);
  });

  it('a wrong secret asks a person, and is not told aloud', async () => {
    const secret = channel.accountFields.find((f) => f.secret && f.needed)!;
    const over = Object.fromEntries(channel.accountFields.filter((f) => f.secret && f.needed).map((f) => [f.name, 'another-secret-of-nobody']));
    const told = channel.capabilities.takeWaybills === true ? (await channel.takeWaybills(context(over), [ask(courier)]))[0]!.result : await channel.queryRoutes(context(over), { courierCode: courier, trackingNumber: '75300001', phone: '' });
    assert.equal(code(told), 'ask_person', `${secret.name} ${JSON.stringify(told)}`);
    assert.ok(!JSON.stringify(told).includes('another-secret'));
  });

  it('its clock wrong: the platform’s is taken, and said', async () => {
    const late = context({}, () => new Date(Date.now() - 40 * 60_000));
    if (channel.capabilities.takeWaybills === true) assert.equal(code((await channel.takeWaybills(late, [ask(courier)]))[0]!.result), 'ok');
    else assert.ok((await channel.queryRoutes(late, { courierCode: courier, trackingNumber: '75300001', phone: '' })).ok);
    assert.deepEqual([...new Set(notices.map((n) => n.kind))], ['clock_skew']);
  });

  /** A number of the sandbox that is in the courier's hands: given by whoever gives numbers. */
  const travelling = async (): Promise<{ courierCode: string; trackingNumber: string; phone: string }> => {
    const giver = channel.capabilities.takeWaybills === true ? channel : courierChannels['cainiao']!;
    const { gateway = '', ...account } = sandboxOf().keys[giver.channel]!;
    const [got] = await giver.takeWaybills({ account, gateway, now: () => new Date(), notice: async () => undefined }, [ask(courier)]);
    assert.ok(got?.result.ok);
    return { courierCode: courier, trackingNumber: got.result.value.trackingNumber, phone: SENDER.phone };
  };

  proves('queryRoutes', 'nothing before it left, then every step once, in our words, until it is delivered', async () => {
    const parcel = await travelling();
    assert.deepEqual(await channel.queryRoutes(context(), parcel), { ok: true, value: [] });
    await sandboxOf().ask('scan', { number: parcel.trackingNumber, fate: 'plain' });
    const first = await channel.queryRoutes(context(), parcel);
    assert.ok(first.ok);
    assert.deepEqual(first.value.map((e) => e.state), ['picked_up']);
    await sandboxOf().ask('clock', { to: new Date(Date.now() + 32 * 3_600_000).toISOString() });
    try {
      const later = await channel.queryRoutes(context({}, () => new Date(Date.now() + 32 * 3_600_000)), parcel);
      assert.ok(later.ok);
      const steps = [...later.value].sort((a, b) => a.at.getTime() - b.at.getTime());
      assert.deepEqual(steps.map((e) => e.state), ['picked_up', 'in_transit', 'in_transit', 'delivering', 'delivered']);
      assert.equal(new Set(steps.map((e) => e.key)).size, steps.length);
      assert.ok(first.value.every((e) => steps.some((s) => s.key === e.key && s.at.getTime() === e.at.getTime())), 'a step keeps its name');
      assert.ok(steps.every((e) => e.words !== '' && e.trackingNumber === parcel.trackingNumber));
    } finally {
      await sandboxOf().ask('clock', { to: new Date().toISOString() });
    }
  });

  proves('subscribeRoutes', 'once; a repeat is success', async () => {
    const parcel = await travelling();
    assert.deepEqual(await channel.subscribeRoutes(context(), parcel, 'http://127.0.0.1:9/none'), { ok: true, value: { again: false } });
    assert.deepEqual(await channel.subscribeRoutes(context(), parcel, 'http://127.0.0.1:9/none'), { ok: true, value: { again: true } });
  });

  proves('hearRoutes', 'what is not proved is not heard', async () => {
    for (const call of [{ query: {}, body: '' }, { query: { key: 'guess' }, body: '{"Body":{"WaybillRoute":[]}}' }, { query: {}, body: 'sign=AAAA&param=%7B%7D' }]) assert.ok(!(await channel.hearRoutes(context(), { method: 'POST', path: '/', headers: {}, ...call })).ok);
    assert.ok(!(await channel.hearRoutes(context({ pushKey: '', salt: '' }), { method: 'POST', path: '/', headers: {}, query: { key: '' }, body: 'sign=&param=%7B%7D' })).ok, 'an account without a secret hears nothing');
  });

  proves('askReach', 'yes and no', async () => {
    const to = (address: string) => ({ courierCode: courier, sender: SENDER, receiver: { province: '西藏自治区', city: '那曲市', district: '双湖县', town: '', address } });
    const [near, far] = [await channel.askReach(context(), to('人民路 1 号')), await channel.askReach(context(), to('无人区'))];
    assert.ok(near.ok && near.value.reached && far.ok && !far.value.reached && far.value.words !== '');
  });
}
