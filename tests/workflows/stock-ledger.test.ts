import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ClientSession } from 'mongoose';
import { auditChecks } from '../../api/runtime/pillars.ts';
import { addLateCost, assemble, checkCosts, countStock, Movements, postMovement, rebuildPositions, stockAsOf, undoMovement, upsertSkus, type MovementDoc, type NewMovement } from '../../api/stock/index.ts';
import type { Result } from '../../api/contract/values/result.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, sku } from '../support/world.ts';

/** One thing that happened on a day; `day` is when it counts, the order in the list is when we learnt of it. */
type Happening = { readonly day: number; readonly kind: 'receive' | 'issue' | 'count' | 'transfer'; readonly quantity: number; readonly unitFen: number };
const START = new Date('2026-09-01T02:00:00Z').getTime();
const DAY = 86_400_000;
const happening = fc.record({ day: fc.integer({ min: 0, max: 20 }), kind: fc.constantFrom<Happening['kind'][]>('receive', 'receive', 'issue', 'issue', 'count', 'transfer'), quantity: fc.integer({ min: 1, max: 9 }), unitFen: fc.integer({ min: 100, max: 999 }) });

describe('stock: a ledger with two clocks', () => {
  let test: TestService;
  let now = START + 40 * DAY;
  let run = 0;
  before(async () => {
    test = await startTestService({ clock: { now: () => new Date((now += 250)) } });
    await company(test.rt, {});
  });
  after(() => test.stop());

  const within = async <T, R>(work: (session: ClientSession) => Promise<Result<T, R>>): Promise<Result<T, R>> => {
    let refused: Result<T, R> | undefined;
    await test.rt.transact(async (session) => {
      const done = await work(session);
      refused = done;
      if (!done.ok) await session.abortTransaction();
    });
    return refused!;
  };
  const at = (day: number, index: number): Date => new Date(START + day * DAY + index * 60_000);
  const post = (m: Omit<NewMovement, 'by' | 'reference'> & { reference?: string }) => within<MovementDoc, unknown>((session) => postMovement(test.rt, session, { by: 'test', reference: m.key, ...m }));
  const record = (code: string, h: Happening, index: number): Promise<Result<unknown, unknown>> => {
    const base = { key: `${code}:${index}`, skuCode: code, quantity: h.quantity, at: at(h.day, index) };
    if (h.kind === 'receive') return post({ ...base, kind: 'other-in', from: 'other', to: 'HZ', costFen: h.unitFen * h.quantity });
    if (h.kind === 'issue') return post({ ...base, kind: 'scrap', from: 'HZ', to: 'loss' });
    if (h.kind === 'transfer') return post({ ...base, kind: 'transfer', from: 'HZ', to: 'GZ' });
    return within((session) => countStock(test.rt, session, { key: base.key, reason: 'count', by: 'test', at: base.at, lines: [{ warehouseCode: 'HZ', skuCode: code, onHand: h.quantity, row: 1 }] }));
  };
  const fresh = async (): Promise<string> => {
    const code = `P-${(run += 1)}`;
    await upsertSkus(test.rt, [sku(code, { costFen: 700 })]);
    return code;
  };
  /** Pieces and value per place, and what each happening moved and cost, with all that became known later. */
  const outcome = async (code: string): Promise<unknown> => {
    const costs = new Map<string, [number, number]>();
    for (const m of await Movements.find({ skuCode: code }).lean<MovementDoc[]>()) {
      const key = (m.anchor ? (await Movements.findById(m.anchor).lean<MovementDoc>())!.key : m.key).split(':').filter((p) => /^\d+$/.test(p)).at(-1)!;
      const sign = m.kind === 'count' && m.from !== 'count' ? -1 : 1;
      const sum = costs.get(key) ?? [0, 0];
      costs.set(key, [sum[0] + sign * m.quantity, sum[1] + sign * (m.costFen + m.correctionFen)]);
    }
    return { stock: (await stockAsOf({}, [code])).map((s) => [s.warehouseCode, s.onHand, s.valueFen]).filter(([, n, v]) => n !== 0 || v !== 0).sort(), costs: [...costs].sort() };
  };
  const proved = async (): Promise<void> => {
    assert.deepEqual((await rebuildPositions()).differences, []);
    assert.deepEqual((await checkCosts()).differences, []);
  };

  for (const method of ['average', 'fifo'] as const) {
    it(`${method}: what is entered late ends as if it had been entered in time; what could not have happened is refused; the past as known then stays`, async function () {
      this.timeout(240_000);
      assert.equal((await test.call('PUT', '/api/v1/stock/settings', { costing: method })).status, 200);
      now += DAY;
      await fc.assert(fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 10 }), fc.array(fc.nat(1000), { minLength: 10, maxLength: 10 }), async (list, order) => {
        const all = list.map((h, index) => ({ h: { ...h, day: h.day + (method === 'fifo' ? 60 : 0) }, index }));
        now = Math.max(now, START + 120 * DAY);
        const shuffled = all.map((x, i) => ({ ...x, rank: order[i] ?? 0 })).sort((a, b) => a.rank - b.rank);
        const late = await fresh();
        const kept: typeof all = [];
        const known: { at: Date; day: Date; shown: unknown }[] = [];
        for (const x of shuffled) {
          if ((await record(late, x.h, x.index)).ok) kept.push(x);
          const day = at(x.h.day, 500);
          const shown = async (asKnownAt?: Date): Promise<unknown> => (await stockAsOf({ asOf: day, asKnownAt }, [late])).filter((s) => s.onHand !== 0 || s.valueFen !== 0).map((s) => [s.warehouseCode, s.onHand, s.valueFen]).sort();
          known.push({ at: new Date((now += 1000)), day, shown: await shown() });
        }
        // What was accepted, entered in time order under another code, gives the same pieces and the same costs to the fen.
        const inTime = await fresh();
        for (const x of kept.sort((a, b) => a.h.day - b.h.day || a.index - b.index)) assert.ok((await record(inTime, x.h, x.index)).ok, 'accepted late, refused in time');
        assert.deepEqual(await outcome(late), await outcome(inTime));
        for (const k of known) assert.deepEqual((await stockAsOf({ asOf: k.day, asKnownAt: k.at }, [late])).filter((s) => s.onHand !== 0 || s.valueFen !== 0).map((s) => [s.warehouseCode, s.onHand, s.valueFen]).sort(), k.shown);
      }), { numRuns: Number(process.env['RUNS'] ?? 12) });
      await proved();
    });
  }

  it('names the later movement that a late one would break', async () => {
    const code = await fresh();
    await record(code, { kind: 'receive', day: 1, quantity: 5, unitFen: 100 }, 0);
    await record(code, { kind: 'issue', day: 9, quantity: 5, unitFen: 0 }, 1);
    const refused = await post({ key: `${code}:x`, skuCode: code, kind: 'scrap', from: 'HZ', to: 'loss', quantity: 1, at: at(4, 0) });
    const broken = await Movements.findOne({ key: `${code}:1` }).lean();
    assert.ok(!refused.ok);
    assert.equal((refused.refusal as { code: string; movementId: string }).code, 'breaks_later');
    assert.equal((refused.refusal as { movementId: string }).movementId, broken!._id);
  });

  it('a count is an anchor: what is entered or undone before it changes its difference, not what stood after it', async () => {
    const code = await fresh();
    await record(code, { kind: 'receive', day: 1, quantity: 10, unitFen: 100 }, 0);
    await record(code, { kind: 'receive', day: 2, quantity: 4, unitFen: 100 }, 1);
    await record(code, { kind: 'count', day: 5, quantity: 9, unitFen: 0 }, 2);
    await record(code, { kind: 'issue', day: 6, quantity: 2, unitFen: 0 }, 3);
    const stands = async (): Promise<number> => (await stockAsOf({}, [code]))[0]!.onHand;
    assert.equal(await stands(), 7);
    await record(code, { kind: 'receive', day: 3, quantity: 8, unitFen: 200 }, 4);
    assert.equal(await stands(), 7);
    const second = await Movements.findOne({ key: `${code}:1` }).lean();
    const undone = await within((session) => undoMovement(test.rt, session, { movementId: second!._id, by: 'test', reason: 'never came' }));
    assert.ok(undone.ok, JSON.stringify(undone));
    assert.equal(await stands(), 7);
    // Undoing the count itself lets the booked figure stand again: 10 + 8 - 2.
    const count = await Movements.findOne({ key: `count:${code}:2:HZ:${code}` }).lean();
    assert.ok((await within((session) => undoMovement(test.rt, session, { movementId: count!._id, by: 'test', reason: 'wrong sheet' }))).ok);
    assert.equal(await stands(), 16);
    await proved();
  });

  it('freight that comes later goes to what is there and to what has left; undone, every figure is as before', async () => {
    const code = await fresh();
    await record(code, { kind: 'receive', day: 61, quantity: 10, unitFen: 100 }, 0);
    await record(code, { kind: 'transfer', day: 62, quantity: 5, unitFen: 0 }, 1);
    await record(code, { kind: 'issue', day: 63, quantity: 2, unitFen: 0 }, 2);
    const before = await outcome(code);
    const cost = await within((session) => addLateCost(test.rt, session, { key: `${code}:freight`, by: 'test', words: 'freight', spread: { amountFen: 1_003, by: 'value', references: [`${code}:0`] } }));
    assert.ok(cost.ok, JSON.stringify(cost));
    const after = await stockAsOf({}, [code]);
    assert.deepEqual(after.map((s) => [s.warehouseCode, s.onHand]).sort(), [['GZ', 5], ['HZ', 3]]);
    const scrap = (await Movements.findOne({ key: `${code}:2` }).lean<MovementDoc>())!;
    assert.equal(after.reduce((n, s) => n + s.valueFen, 0) + scrap.costFen + scrap.correctionFen, 2_003);
    const { body } = await test.call<{ cost: { id: string } }>('POST', `/api/v1/late-costs/${cost.value.cost._id}/undo`, { reason: 'billed twice' });
    assert.ok(body.cost.id, JSON.stringify(body));
    assert.deepEqual(await outcome(code), before);
    await proved();
  });

  it('a kit made up is worth its parts, also when a part’s cost comes later; taken apart, the parts get it back', async () => {
    const [a, b] = [await fresh(), await fresh()];
    const kit = `KIT-${run}`;
    await upsertSkus(test.rt, [sku(kit, { kit: [{ skuCode: a, quantity: 2 }, { skuCode: b, quantity: 1 }] })]);
    await record(a, { kind: 'receive', day: 61, quantity: 10, unitFen: 100 }, 0);
    await record(b, { kind: 'receive', day: 61, quantity: 10, unitFen: 300 }, 0);
    const made = await within((session) => assemble(test.rt, session, { key: kit, kind: 'assemble', warehouseCode: 'HZ', kitCode: kit, quantity: 3, at: at(64, 0), by: 'test', reason: '' }));
    assert.ok(made.ok, JSON.stringify(made));
    const worth = async (code: string): Promise<number> => (await stockAsOf({}, [code]))[0]?.valueFen ?? 0;
    assert.equal(await worth(kit), 3 * (2 * 100 + 300));
    await within((session) => addLateCost(test.rt, session, { key: `${a}:duty`, by: 'test', words: 'duty', spread: { amountFen: 500, by: 'quantity', references: [`${a}:0`] } }));
    assert.equal(await worth(kit), 3 * (2 * 150 + 300));
    await within((session) => assemble(test.rt, session, { key: `${kit}-apart`, kind: 'disassemble', warehouseCode: 'HZ', kitCode: kit, quantity: 3, at: new Date(now), by: 'test', reason: '' }));
    assert.deepEqual([await worth(kit), (await worth(a)) + (await worth(b))], [0, 1_500 + 3_000]);
    await proved();
  });

  it('a closed period stays as it was printed; the difference stands in the open one, in the stock and in the books', async () => {
    const code = await fresh();
    const opened = await test.job('post-journal');
    assert.equal(opened['failed'], 0);
    await record(code, { kind: 'receive', day: 61, quantity: 10, unitFen: 100 }, 0);
    await record(code, { kind: 'issue', day: 62, quantity: 4, unitFen: 0 }, 1);
    const closed = new Date(START + 90 * DAY).toISOString().slice(0, 10);
    assert.equal((await test.call('PUT', '/api/v1/stock/settings', { closedThrough: closed })).status, 200);
    type Row = { skuCode: string; onHand: number; valueFen: number };
    const printed = async (): Promise<Row[]> => (await test.call<{ rows: Row[] }>('GET', `/api/v1/positions?asOf=${closed}`)).body.rows.filter((r) => r.skuCode === code).map(({ skuCode, onHand, valueFen }) => ({ skuCode, onHand, valueFen }));
    const before = await printed();
    assert.deepEqual(before.map((r) => [r.onHand, r.valueFen]), [[6, 600]]);
    await record(code, { kind: 'receive', day: 60, quantity: 10, unitFen: 300 }, 2);
    assert.deepEqual(await printed(), before);
    assert.equal((await stockAsOf({}, [code]))[0]!.onHand, 16);
    const line = (await Movements.findOne({ key: `${code}:2` }).lean<MovementDoc>())!;
    assert.ok(line.bookedAt > new Date(`${closed}T15:59:59Z`) && line.at < line.bookedAt);
    await test.job('post-journal');
    for (const check of auditChecks) assert.deepEqual((await check.run(test.rt)).differences, [], check.name);
    assert.equal((await test.call('PUT', '/api/v1/stock/settings', { closedThrough: '2026-09-30' })).status, 422);
  });
});
