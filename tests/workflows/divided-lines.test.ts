import assert from 'node:assert/strict';
import { ingestOrders, ingestRefunds, Parcels } from '../../api/orders/index.ts';
import { auditChecks } from '../../api/runtime/pillars.ts';
import { openStock, upsertSkus } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order, sku } from '../support/world.ts';

type Parcel = { id: string; state: string; orderText: string; warehouseCode: string; lines: { platformLineId: string; quantity: number }[]; revision: number };
type Profit = { skuCode: string; quantity: number; salesFen: number; refundFen: number; costFen: number };
type Line = { account: string; orderId: string; debitFen: number; creditFen: number };

/** A line whose pieces no single parcel can hold: its pieces leave in several, each once, and its money with them to the fen. */
describe('lines divided by pieces', () => {
  let test: TestService;
  let shopId: string;
  const later = new Date('2026-11-20T03:00:00Z');
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 5, 'TEA-2': 5 }));
    await upsertSkus(test.rt, [sku('BIG-1', { weightGrams: 3_000 })]);
    await openStock(test.rt, [{ warehouseCode: 'GZ', skuCode: 'TEA-1', quantity: 5, unitCostFen: 1000 }, { warehouseCode: 'GZ', skuCode: 'TEA-2', quantity: 5, unitCostFen: 1000 }, { warehouseCode: 'HZ', skuCode: 'BIG-1', quantity: 40, unitCostFen: 1000 }]);
  });
  after(() => test.stop());

  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const take = (id: string, given: Parameters<typeof order>[1] = {}) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order(id, given)] });
  const plan = async (): Promise<void> => { await test.job('review-orders'); await test.job('plan-parcels'); };
  const of = async (id: string): Promise<Parcel[]> => (await rows<Parcel>('parcels')).filter((p) => p.orderText === id && p.state !== 'cancelled').sort((a, b) => b.lines[0]!.quantity - a.lines[0]!.quantity);
  const shown = async (id: string): Promise<string[]> => (await of(id)).map((p) => `${p.warehouseCode} ${p.lines.map((l) => l.quantity).join('+')} ${p.state}`);
  const ship = async (id: string): Promise<void> => assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: [id] })).status, 200);
  const free = async (code: string): Promise<string[]> => (await rows<{ skuCode: string; warehouseCode: string; onHand: number; reserved: number }>('positions')).filter((p) => p.skuCode === code).map((p) => `${p.warehouseCode} ${p.onHand}-${p.reserved}`).sort();
  const odd = { quantity: 8, lines: [{ quantity: 8, paidFen: fen(10_001) }] };

  it('by stock: each warehouse sends what it has', async () => {
    await take('both', odd);
    await plan();
    assert.deepEqual(await shown('both'), ['HZ 5 reserved', 'GZ 3 reserved']);
    assert.deepEqual((await free('TEA-1')).map((s) => Number(s.split('-')[1])).reduce((a, b) => a + b, 0), 8);
  });
  it('what has not left is planned again, when the platform calls the line shipped with its first pieces', async () => {
    const [first, second] = await of('both');
    await ship(first!.id);
    assert.deepEqual((await Parcels.findById(first!.id).lean())!.pushes.map((p) => p.lineIds), [['both-1']]);
    await take('both', { ...odd, status: 'shipped', platformStatus: 'WAIT_BUYER_CONFIRM_GOODS', modifiedAt: later, lines: [{ ...odd.lines[0]!, shipped: true }], receiver: { address: '古墩路 77 号' } });
    await plan();
    const now = await of('both');
    assert.deepEqual(now.map((p) => p.lines.map((l) => l.quantity)), [[5], [3]]);
    assert.notEqual(now[1]!.id, second!.id, 'the address is another: it was planned anew');
    await ship(now[1]!.id);
    await plan();
    assert.deepEqual((await shown('both')).map((s) => s.split(' ').slice(1).join(' ')), ['5 shipped', '3 shipped']);
  });
  it('its money is booked once, a part with each parcel', async () => {
    await test.job('post-journal');
    const tea = (await rows<Profit>('profit')).filter((p) => p.skuCode === 'TEA-1');
    assert.deepEqual(tea.map((p) => [p.quantity, p.salesFen, p.costFen]), [[8, 10_001, 8_000]]);
  });
  it('refunded when a part has left: the rest stays, and nobody is owed anything', async () => {
    await take('part', { skuCode: 'TEA-2', ...odd, lines: [{ ...odd.lines[0]!, merchantCode: 'TEA-2', platformSkuId: 's-TEA-2' }] });
    await plan();
    const [first] = await of('part');
    await ship(first!.id);
    await test.job('post-journal');
    await ingestRefunds(test.rt, shopId, [{ platformRefundId: 'r-part', platformOrderId: 'part', platformLineId: 'part-1', platformStatus: 'SUCCESS', state: 'refunded', refundFen: fen(10_001), reason: '不想要', hasGoodsReturn: false, createdAt: later, modifiedAt: later, raw: '{}' }]);
    await plan();
    await test.job('post-journal');
    assert.deepEqual((await of('part')).map((p) => [p.lines[0]!.quantity, p.state]), [[5, 'shipped']]);
    const tea = (await rows<Profit>('profit')).filter((p) => p.skuCode === 'TEA-2');
    assert.deepEqual(tea.reduce((sum, p) => [sum[0]! + p.quantity, sum[1]! + p.salesFen, sum[2]! + p.refundFen], [0, 0, 0]), [5, 6_251, 6_251]);
    const id = (await rows<{ id: string; platformOrderId: string }>('orders')).find((o) => o.platformOrderId === 'part')!.id;
    const owed = (await rows<Line>('journal')).filter((l) => l.orderId === id && l.account === '2204').reduce((n, l) => n + l.creditFen - l.debitFen, 0);
    assert.equal(owed, 0);
  });
  it('by weight: no parcel is heavier than it may be', async () => {
    await take('heavy', { skuCode: 'BIG-1', quantity: 10 });
    await plan();
    assert.deepEqual(await shown('heavy'), ['HZ 6 reserved', 'HZ 4 reserved']);
  });
  it('merged by hand it is one line again, and undone it is as it was', async () => {
    const before = await of('heavy');
    const merged = await test.call<{ parcelIds: string[]; changeId?: string; id?: string }>('POST', '/api/v1/parcels/arrange', { kind: 'merge', ids: before.map((p) => p.id) });
    assert.equal(merged.status, 200, JSON.stringify(merged.body));
    assert.deepEqual((await of('heavy')).map((p) => p.lines.map((l) => l.quantity)), [[10]]);
    const [change] = (await rows<{ id: string; undoneAt?: string }>('parcel-changes')).filter((c) => c.undoneAt === undefined);
    assert.equal((await test.call('POST', `/api/v1/parcel-changes/${change!.id}/undo`, {})).status, 200);
    assert.deepEqual((await of('heavy')).map((p) => [p.id, p.lines, p.state]), before.map((p) => [p.id, p.lines, p.state]));
  });
  it('the ledger, the books and the promises agree', async () => {
    await test.job('count-customers');
    await test.job('post-journal');
    for (const check of auditChecks) assert.deepEqual((await check.run(test.rt)).differences, [], check.name);
  });
});
