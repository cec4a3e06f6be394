import assert from 'node:assert/strict';
import fc from 'fast-check';
import { takeWaybills } from '../../api/orders/workflows/waybills.ts';
import { CourierDesk, type Given, type Parcel } from '../support/couriers.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** More with `RUNS=40 npx mocha tests/channels/waybills-quiet.test.ts`. */
const RUNS = Number(process.env['RUNS'] ?? 3);
const DEEDS = ['order', 'order', 'take', 'take', 'take', 'take-killed', 'return', 'update', 'cancel', 'moved', 'undo', 'print', 'pull-back', 'ship', 'sync', 'sync'] as const;
const FAULTS = [{}, {}, { busyEvery: 4 }, { cutEvery: 3 }, { cutAfterEvery: 2 }, { brokenAfterEvery: 3 }, { slowEvery: 2, slowMs: 20, banEvery: 19 }, { shuffle: true, newField: true, cutAfterNext: 2 }] as const;
type Step = { readonly deed: (typeof DEEDS)[number]; readonly pick: number; readonly fault: number };
const ALIVE = new Set(['reserved', 'waybilled', 'printed', 'packed', 'shipped']);

/** Whatever is taken, given back and cancelled, and whatever goes wrong: once it is quiet the couriers' live numbers are ours. */
describe('numbers of couriers, in the quiet', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let desk: CourierDesk;
  let shift = 0;
  let orders = 0;
  let changes: string[] = [];
  before(async function () {
    this.timeout(90_000);
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now: () => new Date(Date.now() + shift) } });
    desk = new CourierDesk(test, sandbox);
    await desk.open({}, ['sf', 'cainiao']);
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });

  const take = async ({ deed, pick }: Step): Promise<void> => {
    const parcels = (await desk.rows<Parcel>('parcels')).filter((p) => ALIVE.has(p.state) && p.state !== 'shipped').slice(-6);
    const p = parcels[pick % Math.max(1, parcels.length)];
    if (deed === 'order' || !p) {
      orders += 1;
      await desk.take(`q-${orders}`, pick % 3 === 0 ? { sellerMemo: '发顺丰' } : {});
      return desk.plan();
    }
    if (deed === 'take' || deed === 'return' || deed === 'update') await desk.number(deed, p.id);
    else if (deed === 'take-killed') await takeWaybills({ ...test.rt, transact: (() => Promise.reject(new Error('killed'))) as unknown as typeof test.rt.transact }, [p.id]).catch(() => undefined);
    else if (deed === 'cancel') {
      const done = await desk.post<{ changeId?: string }>('parcels/arrange', { kind: pick % 2 === 0 ? 'cancel' : 'replan', ids: [p.id] });
      if (done.body.changeId) changes.push(done.body.changeId);
    } else if (deed === 'undo') {
      const change = changes.pop();
      if (change) await desk.post(`parcel-changes/${change}/undo`);
    } else if (deed === 'moved') await desk.take(p.orderText, { modifiedAt: new Date(Date.parse('2026-11-20T03:00:00Z') + (orders + pick) * 60_000), receiver: { address: `文一路 ${orders + pick} 号` } });
    else if (deed === 'print') await test.call('POST', '/api/v1/parcels/labels', { ids: [p.id] });
    else if (deed === 'pull-back') await desk.post('parcels/pull-back', { ids: [p.id] });
    else if (deed === 'ship') await desk.post('parcels/ship', { ids: [p.id] });
    else {
      shift += 40_000;
      await test.job('sync-waybills');
    }
  };
  const rude = (fault: object): Promise<unknown> => Promise.all(['sf', 'cainiao'].map((c) => desk.rude(c, fault)));
  /** Until a run of the job has nothing to do any more, each time a little later. */
  const quiet = async (): Promise<void> => {
    await rude({});
    for (const [c, id] of Object.entries(desk.accounts)) assert.equal((await test.call('POST', `/api/v1/shops/${id}/status`, { status: 'active' })).status, 200, c);
    for (let tries = 0, calm = 0; calm < 2; tries += 1) {
      assert.ok(tries < 60, 'never quiet');
      shift += 3_700_000;
      const { taken, returned, retry } = await test.job('sync-waybills') as { taken: number; returned: number; retry: number };
      calm = taken + returned + retry === 0 ? calm + 1 : 0;
    }
  };
  const equal = async (): Promise<void> => {
    const parcels = (await desk.rows<Parcel>('parcels')).filter((p) => p.trackingNumber !== '' && ALIVE.has(p.state));
    const given = await desk.given();
    const live = given.filter((w) => w.state === 'given');
    const ours = parcels.map((p) => p.trackingNumber).sort();
    assert.equal(new Set(ours).size, ours.length, 'no number on two parcels');
    assert.deepEqual(ours, live.map((w) => w.number).sort());
    const owner = new Map(parcels.map((p) => [p.trackingNumber, p]));
    for (const w of live) assert.ok(w.key.startsWith(owner.get(w.number)!.id) && (w.by === 'sf') === (owner.get(w.number)!.courierCode === 'SF'), `${w.number} is on the parcel that it was given for`);
    const byKey = new Map<string, Given[]>();
    for (const w of given) byKey.set(w.key, [...(byKey.get(w.key) ?? []), w]);
    for (const [key, list] of byKey) assert.equal(list.length, 1, `${key}: one number`);
  };

  it('our numbers are the couriers’ live ones, each given once', async () => {
    const step = fc.record({ deed: fc.constantFrom(...DEEDS), pick: fc.nat(30), fault: fc.nat(FAULTS.length - 1) });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 18 }), async (steps) => {
      changes = [];
      for (const one of steps) {
        await take(one);
        await rude(FAULTS[one.fault]!);
      }
      await quiet();
      await equal();
    }), { numRuns: RUNS, endOnFailure: true });
  }).timeout(240_000 + RUNS * 60_000);
});
