import assert from 'node:assert/strict';
import { ingestOrders } from '../../api/orders/index.ts';
import { auditChecks } from '../../api/runtime/pillars.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order } from '../support/world.ts';

type Order = { platformOrderId: string; stage: string; fulfilledElsewhere: boolean; why: { zh: string }; parcels: { id: string; state: string; warehouseCode: string }[] };
type Parcel = { id: string; state: string; orderText: string; alarm?: { zh: string }; pushes: unknown[] };
type Profit = { skuCode: string; quantity: number; salesFen: number; costFen: number };
const HOUR = 3_600_000;

/** Somebody ships in the platform's own back office while we are connected: the goods are gone, and nobody may send them again. */
describe('what leaves past us, in the platform’s own pages', () => {
  let test: TestService;
  let shopId: string;
  let began: Date;
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 100, 'TEA-2': 2 }));
    began = new Date();
  });
  after(() => test.stop());

  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const take = (id: string, given: Parameters<typeof order>[1] = {}) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order(id, { placedAt: began, paidAt: began, modifiedAt: began, ...given })] });
  const shipped = (after: number) => ({ status: 'shipped', platformStatus: 'WAIT_BUYER_CONFIRM_GOODS', shippedAt: new Date(began.getTime() + after), modifiedAt: new Date(began.getTime() + after) }) as const;
  const plan = async (): Promise<void> => { await test.job('review-orders'); await test.job('plan-parcels'); };
  const orderOf = async (id: string): Promise<Order> => (await rows<Order>('orders')).find((o) => o.platformOrderId === id)!;
  const shelf = async (code: string) => { const p = (await rows<{ skuCode: string; warehouseCode: string; onHand: number; reserved: number }>('positions')).find((x) => x.skuCode === code && x.warehouseCode === 'HZ')!; return [p.onHand, p.reserved]; };
  const notices = async (): Promise<string[]> => (await rows<{ kind: string; words: { zh: string } }>('notices')).filter((n) => n.kind.startsWith('left_there')).map((n) => n.words.zh);

  it('what is first seen when it has left is booked out once, and told to nobody', async () => {
    await take('late', { quantity: 3, ...shipped(1) });
    for (let i = 0; i < 2; i += 1) await plan();
    await take('late', { quantity: 3, ...shipped(HOUR), status: 'completed', platformStatus: 'TRADE_FINISHED' });
    await plan();
    assert.deepEqual(await shelf('TEA-1'), [97, 0]);
    const late = await orderOf('late');
    assert.deepEqual([late.fulfilledElsewhere, late.stage, late.why.zh], [false, 'delivered', '在平台后台发的货，库存已扣']);
    assert.deepEqual((await rows<Parcel>('parcels')).map((p) => [p.orderText, p.state, p.pushes.length]), [['late', 'delivered', 0]]);
    assert.deepEqual(await notices(), ['1 单在平台后台发了货，库存已扣：late']);
  });
  it('what had left before our stock was counted moves nothing', async () => {
    await take('history', { ...shipped(-30 * 24 * HOUR), placedAt: new Date(began.getTime() - 31 * 24 * HOUR), paidAt: new Date(began.getTime() - 31 * 24 * HOUR) });
    await plan();
    assert.deepEqual(await shelf('TEA-1'), [97, 0]);
    const history = await orderOf('history');
    assert.deepEqual([history.stage, history.parcels.length, history.why.zh], ['elsewhere', 0, '接入前平台已发货']);
  });
  it('a parcel that waits is taken apart, and its piece leaves once', async () => {
    await take('waits');
    await plan();
    assert.deepEqual(await shelf('TEA-1'), [97, 1]);
    await take('waits', shipped(2 * HOUR));
    assert.deepEqual(await shelf('TEA-1'), [97, 0]);
    await plan();
    assert.deepEqual(await shelf('TEA-1'), [96, 0]);
    assert.deepEqual((await orderOf('waits')).parcels.map((p) => [p.state, p.warehouseCode]), [['shipped', 'HZ']]);
  });
  it('on paper it is stopped; taken off the line, its piece leaves once', async () => {
    await take('paper');
    await plan();
    const parcel = (await orderOf('paper')).parcels[0]!.id;
    assert.equal((await test.call('POST', '/api/v1/parcels/labels', { ids: [parcel] })).status, 200);
    await take('paper', shipped(2 * HOUR));
    await plan();
    assert.match((await rows<Parcel>('parcels')).find((p) => p.id === parcel)!.alarm!.zh, /已在平台后台发货：拦下包裹/);
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: [parcel] })).status, 422);
    assert.deepEqual(await shelf('TEA-1'), [96, 1]);
    assert.equal((await test.call('POST', '/api/v1/parcels/pull-back', { ids: [parcel] })).status, 200);
    await plan();
    assert.deepEqual(await shelf('TEA-1'), [95, 0]);
    assert.deepEqual((await orderOf('paper')).parcels.map((p) => p.state), ['shipped']);
  });
  it('what our stock has not is said, and nothing goes below zero', async () => {
    await take('many', { skuCode: 'TEA-2', quantity: 5, ...shipped(1) });
    await plan();
    assert.deepEqual(await shelf('TEA-2'), [2, 0]);
    assert.equal((await orderOf('many')).stage, 'elsewhere');
    assert.ok((await notices()).includes('1 单在平台后台发了货，我们的库存不够扣，请盘点：many'));
  });
  it('the books have each sale once, with the cost of what left', async () => {
    await test.job('count-customers');
    await test.job('post-journal');
    const tea = (await rows<Profit>('profit')).filter((p) => p.skuCode === 'TEA-1');
    assert.deepEqual(tea.reduce((sum, p) => [sum[0]! + p.quantity, sum[1]! + p.salesFen, sum[2]! + p.costFen], [0, 0, 0]), [6, 18_000, 6_000]);
    for (const check of auditChecks) assert.deepEqual((await check.run(test.rt)).differences, [], check.name);
  });
});
