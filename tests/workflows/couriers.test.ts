import assert from 'node:assert/strict';
import { Parcels } from '../../api/orders/index.ts';
import { printParcels } from '../../api/orders/workflows/print-parcels.ts';
import { takeWaybills } from '../../api/orders/workflows/waybills.ts';
import { CourierDesk, type Parcel } from '../support/couriers.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

const HOUR = 3_600_000;
const SF = { sellerMemo: '发顺丰' };
const LATER = (n: number): Date => new Date(Date.parse('2026-11-20T03:00:00Z') + n * 1000);

describe('couriers: numbers, labels, the way back, and where parcels are', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let desk: CourierDesk;
  let shift = 0;
  const now = (): Date => new Date(Date.now() + shift);
  before(async function () {
    this.timeout(90_000);
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now } });
    desk = new CourierDesk(test, sandbox);
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });
  const keyOf = (p: Parcel): string => `${p.id}_1`;
  /** A service that is killed after the courier has answered and before anything is saved. */
  const killed = async (id: string): Promise<void> => {
    const dying = { ...test.rt, transact: (() => Promise.reject(new Error('killed'))) as unknown as typeof test.rt.transact };
    await assert.rejects(takeWaybills(dying, [id]), /killed/);
  };

  it('without an account numbers are of the seller’s own series', async () => {
    await desk.open({}, []);
    const own = await desk.parcel('own-1');
    assert.deepEqual((await desk.number('take', own.id)).body, { done: 1, refused: [] });
    assert.match((await desk.parcelOf('own-1')).trackingNumber, /^ZTO\d{12}$/);
  });

  it('an account is set up by its own form; what is missing is named, and no secret is shown', async () => {
    const { body } = await test.call<{ channels: { channel: string; kind: string; fields: { name: string; needed: boolean; secret: boolean }[] }[] }>('GET', '/api/v1/channels');
    assert.deepEqual(body.channels.filter((c) => c.kind === 'courier').map((c) => c.channel), ['sf', 'cainiao', 'kuaidi100']);
    const short = await desk.post<{ title: string }>('shops', { channel: 'sf', name: '顺丰', account: { partnerId: 'X' } });
    assert.equal(short.status, 422);
    assert.match(short.body.title, /account\.checkword.*account\.senderName/);
    await desk.open({ kuaidi100: { callbackUrl: `${test.url}/api/v1/couriers/PENDING/routes` } });
    const id = desk.accounts['kuaidi100']!;
    assert.equal((await test.call('PUT', `/api/v1/shops/${id}/keys`, { account: { callbackUrl: `${test.url}/api/v1/couriers/${id}/routes` } })).status, 200);
    const shown = JSON.stringify(await desk.rows('shops'));
    for (const secret of ['checkword', 'appSecret', 'key', 'salt']) for (const k of ['sf', 'cainiao', 'kuaidi100']) if (sandbox.keys[k]![secret]) assert.ok(!shown.includes(sandbox.keys[k]![secret]!), secret);
  });

  it('a label has the number of the courier’s account, and what its sorters read', async () => {
    const [zto, sf] = [await desk.parcel('zto-1'), await desk.parcel('sf-1', SF)];
    assert.deepEqual([zto.courierCode, sf.courierCode], ['ZTO', 'SF']);
    const labels = await test.call<Uint8Array>('POST', '/api/v1/parcels/labels', { ids: [zto.id, sf.id] });
    assert.equal(labels.status, 200);
    const given = new Map((await desk.given()).map((w) => [w.key, w]));
    const after = [await desk.parcelOf('zto-1'), await desk.parcelOf('sf-1')];
    assert.deepEqual(after.map((p) => [p.state, p.trackingNumber]), [['printed', given.get(keyOf(zto))!.number], ['printed', given.get(keyOf(sf))!.number]]);
    assert.deepEqual([given.get(keyOf(zto))!.by, given.get(keyOf(sf))!.by], ['cainiao', 'sf']);
    const slips = await printParcels(test.rt, [zto.id, sf.id], { userId: 'u', personal: true });
    assert.ok(slips.ok);
    for (const s of slips.value) assert.ok(s.courier && /^\w+-\w+-\d+$/.test(s.courier.sortingCode) && s.courier.bulkPen !== '' && s.courier.qr !== '', JSON.stringify(s.courier));
    assert.ok(slips.value[1]!.courier!.qr.startsWith('MMM={'), 'SF’s own QR content');
  });

  it('a kill between the answer and the save costs no number', async () => {
    for (const [id, given] of [['kill-zto', {}], ['kill-sf', SF]] as const) {
      const p = await desk.parcel(id, given);
      await killed(p.id);
      assert.equal((await desk.parcelOf(id)).trackingNumber, '');
      assert.deepEqual((await desk.number('take', p.id)).body, { done: 1, refused: [] });
      const mine = (await desk.given()).filter((w) => w.key.startsWith(p.id));
      assert.deepEqual(mine.map((w) => w.number), [(await desk.parcelOf(id)).trackingNumber]);
    }
  });

  it('what is cancelled gives its number back: before paper, after a kill, and pulled back from paper', async () => {
    const [plain, lost, paper, lostSf] = [await desk.parcel('back-1'), await desk.parcel('back-2'), await desk.parcel('back-3', SF), await desk.parcel('back-4', SF)];
    await desk.number('take', plain.id);
    await killed(lost.id);
    await killed(lostSf.id);
    await test.call('POST', '/api/v1/parcels/labels', { ids: [paper.id] });
    for (const [i, id] of ['back-1', 'back-2', 'back-3', 'back-4'].entries()) await desk.take(id, { ...(i >= 2 ? SF : {}), modifiedAt: LATER(i), receiver: { address: '文一路 9 号' } });
    assert.equal((await desk.post('parcels/pull-back', { ids: [paper.id] })).status, 200);
    const { returned } = await test.job('sync-waybills');
    assert.equal(returned, 4);
    const states = (await desk.given()).filter((w) => [plain, lost, paper, lostSf].some((p) => w.key.startsWith(p.id))).map((w) => w.state);
    assert.deepEqual(states, ['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    assert.equal((await test.job('sync-waybills'))['returned'], 0, 'once');
  });

  it('a courier that is away is asked again, later and later; one that has the parcel keeps the number, which is told', async () => {
    const [away, held] = [await desk.parcel('away-1'), await desk.parcel('held-1')];
    await desk.number('take', away.id, held.id);
    await sandbox.ask('scan', { number: (await desk.parcelOf('held-1')).trackingNumber });
    await desk.post('parcels/arrange', { kind: 'cancel', ids: [away.id] });
    await desk.rude('cainiao', { busyEvery: 1 });
    assert.deepEqual([(await test.job('sync-waybills'))['retry'], (await test.job('sync-waybills'))['retry']], [1, 0], 'not before its time');
    await desk.rude('cainiao');
    await desk.post('parcels/arrange', { kind: 'cancel', ids: [held.id] });
    shift += 120_000;
    const { returned, kept } = await test.job('sync-waybills');
    assert.deepEqual([returned, kept], [1, 1]);
    const [notice] = await desk.notices('waybill_not_returned');
    assert.match(notice!.words.zh, /已被揽收/);
  }).timeout(30_000);

  it('numbers of merged parcels are given back; taken apart again by undoing, each gets another', async () => {
    const same = { buyerKey: 'buyer-merge', receiver: { address: '合单路 1 号' } };
    await desk.take('merge-1', same);
    await desk.plan();
    const first = await desk.parcelOf('merge-1');
    await desk.number('take', first.id);
    await desk.take('merge-2', { ...same, paidAt: new Date('2026-11-20T02:01:00Z') });
    await desk.plan();
    const second = await desk.parcelOf('merge-2');
    await desk.number('take', second.id);
    const merged = await desk.post<{ changeId: string; parcelIds: string[] }>('parcels/arrange', { kind: 'merge', ids: [first.id, second.id] });
    assert.equal(merged.status, 200, JSON.stringify(merged.body));
    assert.equal((await Parcels.findById(merged.body.parcelIds[0]).lean())!.trackingNumber, '', 'a new parcel, without an old number');
    assert.equal((await test.job('sync-waybills'))['returned'], 2);
    assert.equal((await desk.post(`parcel-changes/${merged.body.changeId}/undo`)).status, 200);
    await test.job('sync-waybills');
    assert.deepEqual([(await desk.parcelOf('merge-1')).trackingNumber, (await desk.parcelOf('merge-1')).state], ['', 'reserved']);
    assert.deepEqual((await desk.number('take', first.id, second.id)).body, { done: 2, refused: [] });
    const live = (await desk.given()).filter((w) => [first.id, second.id].some((id) => w.key.startsWith(id)) && w.state === 'given').map((w) => w.number).sort();
    assert.deepEqual(live, [(await desk.parcelOf('merge-1')).trackingNumber, (await desk.parcelOf('merge-2')).trackingNumber].sort());
  });

  it('where a courier does not go another is taken; where none goes the parcel says so', async () => {
    await desk.parcel('far-1', { ...SF, receiver: { province: '海南省', city: '三沙市', district: '西沙区' } });
    const { asked, replanned } = await test.job('sync-waybills') as { asked: number; replanned: number };
    assert.ok(asked >= 1 && replanned === 1);
    await desk.plan();
    const moved = await desk.parcelOf('far-1');
    assert.deepEqual([moved.state, moved.courierCode === 'SF'], ['reserved', false]);
    const refused = await desk.number('take', moved.id);
    assert.match(refused.body.refused[0]!.message.zh, /不在服务范围/);
    assert.match((await desk.parcelOf('far-1')).waybillText.zh, /不在服务范围/);
    assert.equal((await desk.notices('waybill_refused')).filter((n) => n.subject === moved.id).length, 1);
    const asks = ((await sandbox.ask<{ calls: Record<string, number> }>('truth')).calls['EXP_RECE_FILTER_ORDER_BSP']) ?? 0;
    await test.job('sync-waybills');
    assert.equal(((await sandbox.ask<{ calls: Record<string, number> }>('truth')).calls['EXP_RECE_FILTER_ORDER_BSP']) ?? 0, asks, 'a place is asked for once');
    assert.equal((await desk.notices('waybill_refused')).filter((n) => n.subject === moved.id).length, 0, 'the notice goes with its parcel');
  });

  it('an account whose key is wrong stops, its parcels wait and get no other number, and go on with the right one', async () => {
    const p = await desk.parcel('key-1');
    const keys = (secret: string) => test.call('PUT', `/api/v1/shops/${desk.accounts['cainiao']}/keys`, { account: { appSecret: secret } });
    await keys('another-secret-of-nobody');
    for (let i = 0; i < 2; i += 1) assert.equal((await desk.number('take', p.id)).body.refused.length, 1);
    const shop = (await desk.rows<{ id: string; status: string; pausedReason?: { zh: string } }>('shops')).find((s) => s.id === desk.accounts['cainiao'])!;
    assert.deepEqual([shop.status, /密钥/.test(shop.pausedReason?.zh ?? '')], ['paused', true]);
    const ship = await desk.post<{ errors: { code: string }[] }>('parcels/ship', { ids: [p.id] });
    assert.deepEqual([ship.status, ship.body.errors[0]?.code], [422, 'account_paused']);
    assert.equal((await desk.parcelOf('key-1')).trackingNumber, '');
    await keys(sandbox.keys['cainiao']!['appSecret']!);
    assert.equal((await desk.post('parcels/ship', { ids: [p.id] })).status, 200);
    assert.ok((await desk.given()).some((w) => w.key === keyOf(p) && w.state === 'given'));
  });

  it('the courier is told of a change where it takes one, and says so where it does not', async () => {
    const [zto, sf] = [await desk.parcel('upd-1'), await desk.parcel('upd-2', SF)];
    await desk.number('take', zto.id, sf.id);
    await Parcels.updateOne({ _id: zto.id }, { $set: { weightGrams: 777 } });
    assert.deepEqual((await desk.number('update', zto.id)).body, { done: 1, refused: [] });
    assert.deepEqual((await desk.given()).filter((w) => w.key === keyOf(zto)).map((w) => [w.weightGrams, w.updates]), [[777, 1]]);
    const no = await desk.number('update', sf.id);
    assert.deepEqual([no.body.done, no.body.refused[0]?.code], [0, 'unsupported']);
  });

  describe('routes', () => {
    const travel = async (hours: number): Promise<void> => {
      shift += hours * HOUR;
      await sandbox.ask('clock', { to: now().toISOString() });
    };
    const ship = async (id: string, fate: string, given: object = {}): Promise<Parcel> => {
      const p = await desk.parcel(id, given);
      assert.equal((await desk.post('parcels/ship', { ids: [p.id] })).status, 200);
      const left = await desk.parcelOf(id);
      await sandbox.ask('scan', { number: left.trackingNumber, fate });
      await test.job('sync-waybills');
      return left;
    };
    const steps = async (id: string) => (await test.call<{ steps: { state: string; words: string }[] }>('GET', `/api/v1/parcels/${id}/route`)).body.steps.map((s) => s.state);

    it('flow into the parcel until it is delivered; a problem and a standstill are told, and close when it goes on', async () => {
      await travel(0);
      const [plain, sf, bad, still] = [await ship('way-1', 'plain'), await ship('way-2', 'plain', SF), await ship('way-3', 'problem'), await ship('way-4', 'stuck')];
      await travel(2);
      await test.job('follow-routes');
      assert.deepEqual((await Promise.all(['way-1', 'way-2'].map(desk.parcelOf))).map((p) => [p.state, p.routeState]), [['shipped', 'picked_up'], ['shipped', 'picked_up']]);
      await travel(30);
      await test.job('follow-routes');
      assert.deepEqual((await Promise.all(['way-1', 'way-2', 'way-3', 'way-4'].map(desk.parcelOf))).map((p) => [p.state, p.routeState]), [['delivered', 'delivered'], ['delivered', 'delivered'], ['shipped', 'problem'], ['shipped', 'in_transit']]);
      assert.deepEqual(await steps(plain.id), ['picked_up', 'in_transit', 'in_transit', 'delivering', 'delivered']);
      assert.equal((await steps(sf.id)).length, 5);
      assert.deepEqual((await desk.notices('parcel_problem')).map((n) => n.subject), [bad.id]);
      await travel(50);
      await test.job('follow-routes');
      const stuck = (await desk.notices('parcel_stuck')).map((n) => n.subject);
      assert.deepEqual([still, plain, sf, bad].map((p) => stuck.includes(p.id)), [true, false, false, false]);
      assert.deepEqual([(await desk.parcelOf('way-3')).routeState, await desk.notices('parcel_problem')], ['delivered', []]);
    }).timeout(30_000);

    it('pushes: signed ones are taken, twice is once, forged ones are not; an unsigned one is only a reason to ask', async () => {
      const [zto, sf] = [await ship('push-1', 'plain'), await ship('push-2', 'plain', SF)];
      await travel(2);
      await test.job('follow-routes');
      await travel(1);
      // The steps after this are brought, not asked for.
      await travel(30);
      const bring = async (body: object) => (await (await fetch(`${sandbox.url}/__kuaidi100`, { method: 'POST', body: JSON.stringify(body) })).json()) as { answers: number[] };
      assert.deepEqual([...new Set((await bring({ forge: true })).answers)], [403]);
      assert.equal((await desk.parcelOf('push-1')).routeState, 'picked_up');
      const { answers } = await bring({ twice: true });
      assert.ok(answers.length >= 2 && answers.every((a) => a === 200), JSON.stringify(answers));
      assert.deepEqual(await steps(zto.id), ['picked_up', 'in_transit', 'in_transit', 'delivering', 'delivered']);
      assert.equal((await desk.parcelOf('push-1')).state, 'delivered');
      const address = `${test.url}/api/v1/couriers/${desk.accounts['sf']}/routes`;
      const push = async (body: object) => (await (await fetch(`${sandbox.url}/__sf`, { method: 'POST', body: JSON.stringify({ push: { address, number: sf.trackingNumber }, ...body }) })).json()) as { status: number; body: string };
      assert.equal((await push({ key: 'a-guess' })).status, 403);
      assert.deepEqual(await push({}), { status: 200, body: '{"return_code":"0000","return_msg":"成功"}' });
      assert.match((await push({ xml: true })).body, /<Head>OK<\/Head>/);
      assert.equal((await desk.parcelOf('push-2')).routeState, 'picked_up', 'its word alone changes nothing');
      await test.job('follow-routes');
      assert.equal((await desk.parcelOf('push-2')).state, 'delivered');
      assert.equal((await fetch(`${test.url}/api/v1/couriers/shp_none/routes`, { method: 'POST', body: 'x' })).status, 404);
    }).timeout(30_000);
  });
});
