import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkCosts, countStock, issueShipment, postMovement, rebuildPositions, release, reserve, upsertSkus } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, sku } from '../support/world.ts';

type Position = { skuCode: string; warehouseCode: string; onHand: number; reserved: number; available: number };
describe('stock: movements, positions, reservations', () => {
  let test: TestService;
  before(async () => {
    test = await startTestService();
    await company(test.rt, { 'TEA-1': 10, 'TEA-2': 40, 'CUP-1': 30 });
    await upsertSkus(test.rt, [sku('SET-1', { kit: [{ skuCode: 'TEA-2', quantity: 2 }, { skuCode: 'CUP-1', quantity: 1 }] })]);
  });
  after(() => test.stop());
  const position = async (code: string): Promise<Position> => {
    const { body } = await test.call<{ rows: Position[] }>('GET', '/api/v1/positions?limit=1000');
    return body.rows.find((r) => r.skuCode === code && r.warehouseCode === 'HZ')!;
  };
  const take = (parcelId: string, skuCode: string, quantity: number) =>
    test.rt.transact((session) => reserve(test.rt, session, { parcelId, warehouseCode: 'HZ', lines: [{ skuCode, quantity }] }));

  it('sells ten of ten pieces to sixty-four who ask at once', async () => {
    let tries = 0;
    const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => test.rt.transact((session) => {
      tries += 1;
      return reserve(test.rt, session, { parcelId: `pcl_rush${i}`, warehouseCode: 'HZ', lines: [{ skuCode: 'TEA-1', quantity: 1 }] });
    })));
    assert.equal(answers.filter((a) => a.ok).length, 10);
    assert.ok(tries <= 3 * 64, `${tries} tries: who met a conflict goes on in a row`);
    assert.deepEqual(await position('TEA-1').then((p) => [p.onHand, p.reserved, p.available]), [10, 10, 0]);
  });

  it('opens a kit into its parts, and gives all of them back', async () => {
    assert.equal((await take('pcl_kit', 'SET-1', 3)).ok, true);
    assert.deepEqual([(await position('TEA-2')).reserved, (await position('CUP-1')).reserved], [6, 3]);
    assert.equal((await take('pcl_kit', 'SET-1', 3)).ok, true, 'the same parcel again is the same reservation');
    assert.equal((await position('TEA-2')).reserved, 6);
    await test.rt.transact((session) => release(test.rt, session, 'pcl_kit'));
    assert.deepEqual([(await position('TEA-2')).reserved, (await position('CUP-1')).reserved], [0, 0]);
  });

  it('says of a kit what is short, and holds nothing', async () => {
    const refused = await take('pcl_big', 'SET-1', 25);
    assert.equal(refused.ok, false);
    assert.deepEqual(!refused.ok && refused.refusal.short.map((s) => [s.skuCode, s.wanted, s.available]), [['TEA-2', 50, 40]]);
    assert.equal((await position('CUP-1')).reserved, 0);
  });

  it('a parcel leaves once: promised again and sent again, nothing moves, and the promise is given back', async () => {
    const before = (await position('TEA-2')).onHand;
    for (let i = 0; i < 2; i += 1) {
      await take('pcl_twice', 'TEA-2', 3);
      await test.rt.transact((session) => issueShipment(test.rt, session, { parcelId: 'pcl_twice', at: test.rt.clock.now(), by: 'test' }));
    }
    const p = await position('TEA-2');
    assert.deepEqual([p.onHand, p.reserved], [before - 3, 0]);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });

  it('keeps positions what the ledger says, and never below zero, whatever order things come in', async function () {
    this.timeout(180_000);
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ parcel: fc.integer({ min: 0, max: 3 }), verb: fc.constantFrom('reserve', 'release', 'ship'), quantity: fc.integer({ min: 1, max: 9 }) }), { maxLength: 12 }), async (steps) => {
      run += 1;
      for (const s of steps) {
        const parcelId = `pcl_p${run}_${s.parcel}`;
        await test.rt.transact(async (session) => {
          if (s.verb === 'reserve') await reserve(test.rt, session, { parcelId, warehouseCode: 'HZ', lines: [{ skuCode: 'TEA-2', quantity: s.quantity }] });
          else if (s.verb === 'release') await release(test.rt, session, parcelId);
          else await issueShipment(test.rt, session, { parcelId, at: test.rt.clock.now(), by: 'test' });
        });
        const p = await position('TEA-2');
        assert.ok(p.onHand >= 0 && p.reserved >= 0 && p.available >= 0, JSON.stringify(p));
      }
      assert.deepEqual((await rebuildPositions()).differences, []);
    }), { numRuns: 15 });
  });

  it('never goes below zero, and the ledger agrees, whatever happens at once', async function () {
    this.timeout(300_000);
    let run = 0;
    const step = fc.record({ parcel: fc.integer({ min: 0, max: 2 }), verb: fc.constantFrom('reserve', 'release', 'ship', 'receive', 'scrap', 'count', 'transfer'), quantity: fc.integer({ min: 1, max: 9 }), late: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 8 }), async (steps) => {
      run += 1;
      const one = async (s: { parcel: number; verb: string; quantity: number; late: boolean }, i: number): Promise<unknown> => test.rt.transact(async (session) => {
        const parcelId = `pcl_c${run}_${s.parcel}`;
        const at = new Date(test.rt.clock.now().getTime() - (s.late ? 600_000 : 0));
        const base = { key: `conc:${run}:${i}`, skuCode: 'CUP-1', quantity: s.quantity, reference: '', by: 'test', at };
        if (s.verb === 'reserve') return reserve(test.rt, session, { parcelId, warehouseCode: 'HZ', lines: [{ skuCode: 'CUP-1', quantity: s.quantity }] });
        if (s.verb === 'release') return release(test.rt, session, parcelId);
        if (s.verb === 'ship') return issueShipment(test.rt, session, { parcelId, at: test.rt.clock.now(), by: 'test' });
        if (s.verb === 'receive') return postMovement(test.rt, session, { ...base, kind: 'other-in', from: 'other', to: 'HZ', costFen: 777 * s.quantity });
        if (s.verb === 'transfer') return postMovement(test.rt, session, { ...base, kind: 'transfer', from: 'HZ', to: 'GZ' });
        if (s.verb === 'count') return countStock(test.rt, session, { key: base.key, reason: '盘点', by: 'test', lines: [{ warehouseCode: 'HZ', skuCode: 'CUP-1', onHand: 20 + s.quantity, row: 1 }] });
        return postMovement(test.rt, session, { ...base, kind: 'scrap', from: 'HZ', to: 'loss' });
      });
      await Promise.all(steps.map(one));
      const p = await position('CUP-1');
      assert.ok(p.onHand >= 0 && p.reserved >= 0 && p.available >= 0, JSON.stringify(p));
      assert.deepEqual((await rebuildPositions()).differences, []);
    }), { numRuns: Number(process.env['RUNS'] ?? 6) });
    assert.deepEqual((await checkCosts()).differences, []);
    for (let i = 1; i <= run; i += 1) for (const n of [0, 1, 2]) await test.rt.transact((session) => release(test.rt, session, `pcl_c${i}_${n}`));
    await test.rt.transact((session) => countStock(test.rt, session, { key: 'reset', reason: '盘点', by: 'test', lines: [{ warehouseCode: 'HZ', skuCode: 'CUP-1', onHand: 30, row: 1 }] }));
  });

  it('counts stock through the sheet: shows the effect first, then posts the movement', async () => {
    const { body } = await test.call<{ rows: (Position & { id: string; revision: number })[] }>('GET', '/api/v1/positions?limit=1000');
    const row = body.rows.find((r) => r.skuCode === 'CUP-1' && r.warehouseCode === 'HZ')!;
    const batch = { batchId: 'batch-count-1', rows: [{ id: row.id, revision: row.revision, cells: { counted: 27, countReason: '盘点' } }] };
    const shown = await test.call<{ effects: { zh: string }[] }>('POST', '/api/v1/sheets/stock/publish?dryRun=true', batch);
    assert.equal(shown.status, 200, JSON.stringify(shown.body));
    assert.ok(shown.body.effects.length > 0);
    assert.equal((await position('CUP-1')).onHand, 30);
    assert.equal((await test.call('POST', '/api/v1/sheets/stock/publish', batch)).status, 200);
    assert.equal((await position('CUP-1')).onHand, 27);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });
});
