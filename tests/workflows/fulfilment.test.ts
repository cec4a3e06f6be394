import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ingestOrders } from '../../api/orders/index.ts';
import { openStock, rebuildPositions, upsertSkus } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order, sku } from '../support/world.ts';

/** Six in the suite; `CHAINS=1000 npx mocha tests/workflows/fulfilment.test.ts` for the long run. */
const CHAINS = Number(process.env['CHAINS'] ?? 6);
type Line = { orderId: string; platformLineId: string; skuCode: string; quantity: number };
type Parcel = { id: string; state: string; warehouseCode: string; courierCode: string; lines: Line[]; orderText: string; shortText: string; revision: number; changedAt: string };
type OrderRow = { id: string; platformOrderId: string; reviewState: string; parcels: { id: string }[]; revision: number; changedAt: string };
type Arranged = { changeId: string; parcelIds: string[]; effects: { zh: string }[] };

describe('fulfilment: merge, split, undo', () => {
  let test: TestService;
  let shopId: string;
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 2_000 + CHAINS * 8, 'TEA-2': 2_000 + CHAINS * 8, 'TEA-3': 3, 'BIG-1': 100 + CHAINS * 10 }));
    await upsertSkus(test.rt, [sku('BIG-1', { weightGrams: 3_000 })]);
  });
  after(() => test.stop());

  type Page<T> = { rows: T[]; cursor: string; more: boolean };
  /** Where the feed of a noun stood when the running chain began: a long run leaves more rows behind than one page holds. */
  const since = new Map<string, string>();
  const read = async <T>(noun: string): Promise<Page<T>> => {
    const all: Page<T> = { rows: [], cursor: since.get(noun) ?? '', more: true };
    while (all.more) {
      const { body } = await test.call<Page<T>>('GET', `/api/v1/${noun}?limit=5000${all.cursor ? `&since=${all.cursor}` : ''}`);
      Object.assign(all, { rows: [...all.rows, ...body.rows], cursor: body.cursor, more: body.more });
    }
    return all;
  };
  const rows = async <T>(noun: string): Promise<T[]> => (await read<T>(noun)).rows;
  const plan = async (): Promise<void> => { await test.job('review-orders'); await test.job('plan-parcels'); };
  const buyer = (name: string) => ({ buyerKey: name, buyerNick: name, receiver: { name, address: `${name}路 8 号` } });
  const take = (id: string, who: string, given: Parameters<typeof order>[1] = {}) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order(id, { ...buyer(who), ...given })] });
  const live = async (...ids: string[]): Promise<Parcel[]> => (await rows<Parcel>('parcels')).filter((p) => p.state !== 'cancelled' && ids.some((id) => p.orderText.split('；').includes(id)));
  const arrange = (body: object, dryRun = false) => test.call<Arranged & { code?: string; title?: string }>('POST', `/api/v1/parcels/arrange${dryRun ? '?dryRun=true' : ''}`, body);
  const undo = (id: string) => test.call<Arranged & { title?: string }>('POST', `/api/v1/parcel-changes/${id}/undo`, {});

  it('two orders of one buyer to one door leave as one parcel; another buyer’s does not', async () => {
    await take('m1', 'li');
    await take('m2', 'li', { skuCode: 'TEA-2' });
    await take('m3', 'wang');
    await plan();
    const [merged, ...rest] = await live('m1', 'm2');
    assert.deepEqual(rest, []);
    assert.deepEqual(merged!.lines.map((l) => l.skuCode).sort(), ['TEA-1', 'TEA-2']);
    assert.equal((await live('m3')).length, 1);
  });
  it('an order that comes later joins the parcel that is not on paper yet, and not one that is', async () => {
    await take('j1', 'chen');
    await plan();
    await take('j2', 'chen');
    await plan();
    const [joined, ...rest] = await live('j1', 'j2');
    assert.deepEqual([joined!.lines.length, joined!.state, rest], [2, 'reserved', []]);
    assert.equal((await test.call('POST', '/api/v1/parcels/print', { ids: [joined!.id] })).status, 200);
    await take('j3', 'chen');
    await plan();
    assert.deepEqual((await live('j3')).map((p) => p.lines.length), [1]);
  });
  it('an order holds all of its stock or none, and says what is missing', async () => {
    await take('s1', 'zhou', { lines: [{ merchantCode: 'TEA-1', platformSkuId: 's-TEA-1' }, { merchantCode: 'TEA-3', platformSkuId: 's-TEA-3', quantity: 5 }] });
    await plan();
    const [short] = await live('s1');
    assert.deepEqual([short!.state, short!.shortText], ['planned', 'TEA-3 3/5']);
    const held = (await rows<{ skuCode: string; reserved: number }>('positions')).filter((p) => p.skuCode === 'TEA-3').reduce((n, p) => n + p.reserved, 0);
    assert.equal(held, 0);
  });
  it('a merged parcel is taken apart, stays apart, and is merged again by undoing that', async () => {
    const [merged] = await live('m1', 'm2');
    const done = await arrange({ kind: 'apart', ids: [merged!.id] });
    assert.equal(done.status, 200);
    await plan();
    await plan();
    assert.deepEqual((await live('m1', 'm2')).map((p) => p.lines.length), [1, 1]);
    // A change on the platform plans the order anew; it does not forget that it was taken apart.
    await take('m1', 'li', { modifiedAt: new Date('2026-11-20T03:00:00Z'), sellerMemo: '送一包茶' });
    await plan();
    assert.deepEqual((await live('m1', 'm2')).map((p) => p.lines.length), [1, 1]);
    const back = await undo(done.body.changeId);
    assert.deepEqual([back.status, back.body.parcelIds], [200, [merged!.id]]);
    assert.deepEqual((await live('m1', 'm2')).map((p) => [p.id, p.state]), [[merged!.id, 'reserved']]);
    assert.equal((await undo(done.body.changeId)).status, 422);
  });
  it('splits line by line, shows it first, refuses a split that loses a line, and what is on paper', async () => {
    const [merged] = await live('m1', 'm2');
    const [a, b] = merged!.lines.map((l) => [{ orderId: l.orderId, platformLineId: l.platformLineId }]);
    const lost = await arrange({ kind: 'split', ids: [merged!.id], groups: [a, a] });
    assert.deepEqual([lost.status, lost.body.title], [422, '每一行都要分到一份里，只能一次。']);
    const shown = await arrange({ kind: 'split', ids: [merged!.id], groups: [a, b] }, true);
    assert.deepEqual(shown.body.effects.map((e) => e.zh), ['拆单：1 个包裹变成 2 个']);
    assert.deepEqual((await live('m1', 'm2')).map((p) => p.id), [merged!.id]);
    const done = await arrange({ kind: 'split', ids: [merged!.id], groups: [a, b] });
    assert.equal((await live('m1', 'm2')).length, 2);
    await test.call('POST', '/api/v1/parcels/print', { ids: [done.body.parcelIds[0]!] });
    assert.equal((await undo(done.body.changeId)).status, 422);
    assert.equal((await arrange({ kind: 'replan', ids: [done.body.parcelIds[0]!] })).status, 422);
  });
  it('does not merge what goes to different doors', async () => {
    const [x] = await live('m3');
    const [y] = await live('j3');
    const refused = await arrange({ kind: 'merge', ids: [x!.id, y!.id] });
    assert.deepEqual([refused.status, refused.body.title], [422, '买家、店铺或地址不同，不能合单。']);
  });

  it(`${CHAINS} random chains of merge, split, new plan and cancel, undone: orders, parcels and stock as they were`, async function () {
    this.timeout(60_000 + CHAINS * 8_000);
    let run = 0;
    const step = fc.record({ kind: fc.constantFrom('merge', 'split', 'apart', 'replan', 'cancel'), pick: fc.nat() });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      run += 1;
      for (const noun of ['parcels', 'orders']) since.set(noun, (await read(noun)).cursor);
      const ids = [1, 2, 3, 4].map((n) => `c${run}-${n}`);
      for (const [n, id] of ids.slice(0, 3).entries()) await take(id, `chain${run}`, { skuCode: n === 1 ? 'TEA-2' : 'TEA-1', lines: [{}, { merchantCode: 'TEA-2', platformSkuId: 's-TEA-2' }] });
      // A line of thirty kilograms: its pieces leave in two parcels.
      await take(ids[3]!, `chain${run}`, { skuCode: 'BIG-1', quantity: 10 });
      await plan();
      const start = await picture(ids);
      const changes: string[] = [];
      for (const s of steps) {
        const body = choose(s.kind, s.pick, await live(...ids));
        const done = body ? await arrange(body) : undefined;
        if (done?.status === 200) changes.push(done.body.changeId);
        if (s.pick % 2 === 0) await plan();
      }
      for (const id of changes.reverse()) assert.equal((await undo(id)).status, 200);
      assert.deepEqual(await picture(ids), start);
      assert.deepEqual((await rebuildPositions()).differences, []);
    }), { numRuns: CHAINS, examples: [[[{ kind: 'split', pick: 0 }, { kind: 'replan', pick: 13 }, { kind: 'replan', pick: 0 }]]] });
    since.clear();
  });

  it('merges, splits and sends as the published tables say', async () => {
    const publish = async (table: string, cells: Record<string, string>[]): Promise<void> => {
      const { body } = await test.call<{ version: number }>('GET', `/api/v1/rules/${table}`);
      const done = await test.call('POST', `/api/v1/rules/${table}/publish`, { base: body.version, rows: cells.map((c, i) => ({ id: `R${i + 1}`, enabled: true, cells: c })) });
      assert.equal(done.status, 200, JSON.stringify(done.body));
    };
    await upsertSkus(test.rt, [sku('ICE-1', { flags: ['cold'], weightGrams: 500 })]);
    await openStock(test.rt, [{ warehouseCode: 'HZ', skuCode: 'ICE-1', quantity: 50, unitCostFen: 500 }]);
    await publish('merge', [{ paid: '>=50', merge: 'no' }, { merge: 'yes', withinHours: '24' }]);
    await publish('courier', [{ flags: '冷链', courier: 'SF' }, { courier: 'YTO' }]);
    const both = [{ merchantCode: 'TEA-1', platformSkuId: 's-TEA-1' }, { merchantCode: 'ICE-1', platformSkuId: 's-ICE-1' }];
    await take('t1', 'sun', { quantity: 2 });
    await take('t2', 'sun', { quantity: 2 });
    await take('t3', 'wu', { lines: both });
    await plan();
    assert.deepEqual((await live('t1', 't2')).map((p) => [p.lines.length, p.courierCode]), [[1, 'YTO'], [1, 'YTO']], 'paid 60: not merged');
    assert.deepEqual((await live('t3')).map((p) => [p.lines.map((l) => l.skuCode).join(), p.courierCode]).sort(), [['ICE-1', 'SF'], ['TEA-1', 'YTO']], 'cold goods travel alone');
    await publish('split', [{ split: 'never' }]);
    await take('t4', 'zheng', { lines: both });
    await plan();
    assert.deepEqual((await live('t4')).map((p) => [p.lines.length, p.courierCode]), [[2, 'SF']]);
  });

  function choose(kind: string, pick: number, parcels: readonly Parcel[]): object | undefined {
    const p = parcels[pick % Math.max(1, parcels.length)];
    if (!p) return undefined;
    if (kind === 'merge') return parcels.length > 1 ? { kind, ids: parcels.slice(0, 2).map((x) => x.id) } : undefined;
    if (kind !== 'split') return { kind, ids: [p.id] };
    const cut = 1 + (pick % Math.max(1, p.lines.length - 1));
    const part = (lines: readonly Line[]) => lines.map((l) => ({ orderId: l.orderId, platformLineId: l.platformLineId }));
    return p.lines.length > 1 ? { kind, ids: [p.id], groups: [part(p.lines.slice(0, cut)), part(p.lines.slice(cut))] } : undefined;
  }
  /** What a person would compare: everything but the counters that a change must move. */
  async function picture(ids: readonly string[]): Promise<unknown> {
    const parcels = (await live(...ids)).map(({ revision: _r, changedAt: _c, ...p }) => p).sort((a, b) => (a.id < b.id ? -1 : 1));
    const orders = (await rows<OrderRow>('orders')).filter((o) => ids.includes(o.platformOrderId)).map(({ revision: _r, changedAt: _c, ...o }) => o).sort((a, b) => (a.id < b.id ? -1 : 1));
    const stock = (await rows<{ id: string; onHand: number; reserved: number }>('positions')).map((p) => [p.id, p.onHand, p.reserved]).sort();
    return { parcels, orders, stock };
  }
});
