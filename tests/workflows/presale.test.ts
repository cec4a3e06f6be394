import assert from 'node:assert/strict';
import { businessDayOf } from '../../api/contract/values/time.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { openStock, upsertSkus } from '../../api/stock/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order, sku } from '../support/world.ts';

type Order = { id: string; platformOrderId: string; status: string; reviewState: string; holds: { code: string; how: { zh: string } }[]; receivedFen: number; paidFen: number; shipFromAt?: string; stage: string; parcels: { id: string; state: string }[] };
type Line = { account: string; orderId: string; event: string; debitFen: number; creditFen: number };
type Listing = { id: string; skuCode: string; wantedQuantity: number | null; formula: { zh: string } };
const DAY = 86_400_000;
const CHANNELS = ['taobao', 'pinduoduo', 'douyin'] as const;

describe('presale: deposit, balance, the day', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let filed: string;
  let shift = 0;
  const now = (): Date => new Date(Date.now() + shift);
  before(async function () {
    this.timeout(60_000);
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now } });
    ({ shopId: filed } = await company(test.rt, { 'TEA-1': 50, 'TEA-2': 50 }));
    await upsertSkus(test.rt, [sku('LJ-100'), sku('LJ-250')]);
    await openStock(test.rt, [{ warehouseCode: 'HZ', skuCode: 'LJ-100', quantity: 10, unitCostFen: 1000 }]);
    for (const channel of CHANNELS) assert.equal((await test.call('POST', '/api/v1/shops', { channel, name: channel, pullFrom: businessDayOf(now()), ...sandbox.keysOf(channel) })).status, 200);
  });
  after(async () => { await test.stop(); await sandbox.stop(); });
  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const one = async (platformOrderId: string): Promise<Order> => (await rows<Order>('orders')).find((o) => o.platformOrderId === platformOrderId)!;
  const passed = async (ms: number): Promise<void> => { shift += ms; await sandbox.ask('clock', { to: now() }); };
  const run = async (...jobs: string[]): Promise<void> => { for (const job of jobs) await test.job(job); };
  const flow = () => run('sync-channels', 'review-orders', 'plan-parcels', 'post-journal');
  const balance = async (orderId: string, account: string): Promise<number> => (await rows<Line>('journal')).filter((l) => l.orderId === orderId && l.account === account).reduce((n, l) => n + l.debitFen - l.creditFen, 0);
  const placed = async (channel: string): Promise<string> => (await sandbox.ask<{ tid: string }>('orders', { channel, planted: 'presale_unpaid_balance', merchantCode: 'LJ-100', quantity: 1 })).tid;
  const live = (o: Order) => o.parcels.filter((p) => p.state !== 'cancelled');

  for (const channel of CHANNELS) it(`${channel}: the deposit is owed as goods and nothing leaves; the balance lets it go, or its never coming ends it`, async () => {
    const [tid, never] = [await placed(channel), await placed(channel)];
    await passed(5_000);
    await flow();
    const waiting = await one(tid);
    assert.deepEqual([waiting.status, waiting.reviewState, waiting.holds.map((h) => h.code), live(waiting)], ['paid_not_shippable', 'held', ['presale_unpaid_balance'], []]);
    const deposit = Math.floor(waiting.paidFen / 10);
    assert.deepEqual([waiting.receivedFen, await balance(waiting.id, '1122'), await balance(waiting.id, '2204')], [deposit, deposit, -deposit]);
    // No word of a person's makes the platform take it.
    await test.call('POST', `/api/v1/orders/${waiting.id}/release`, { note: 'x' });
    await flow();
    assert.deepEqual(live(await one(tid)), []);
    await sandbox.ask('balance', { tid });
    await sandbox.ask('forfeit', { tid: never });
    await passed(5_000);
    await flow();
    const paid = await one(tid);
    assert.deepEqual([paid.status, paid.reviewState, paid.receivedFen, live(paid).map((p) => p.state)], ['to_ship', 'passed', paid.paidFen, ['reserved']]);
    assert.deepEqual([await balance(paid.id, '1122'), await balance(paid.id, '2204')], [paid.paidFen, -paid.paidFen]);
    const ended = await one(never);
    assert.deepEqual([ended.status, ended.reviewState, live(ended), await balance(ended.id, '2204')], ['closed', 'cancelled', [], 0]);
    // Taobao says that the deposit is the seller's; where nothing is said it goes back.
    assert.deepEqual([await balance(ended.id, '1122'), await balance(ended.id, '6301')], channel === 'taobao' ? [deposit, -deposit] : [0, 0]);
    await flow();
    assert.deepEqual([await balance(ended.id, '2204'), await balance(paid.id, '2204')], [0, -paid.paidFen], 'booked once');
  });

  it('pieces of the presale are promised once: what is sold of it, deposit or not, is told to nobody again', async () => {
    await upsertSkus(test.rt, [sku('PRE-1')]);
    const take = (id: string, given: Parameters<typeof order>[1]) => ingestOrders(test.rt, { shopId: filed, channel: 'taobao', source: 'api', orders: [order(id, { skuCode: 'PRE-1', ...given })] });
    await take('pre-1', { quantity: 1 });
    const listing = (await rows<Listing>('listings')).find((l) => l.skuCode === 'PRE-1')!;
    assert.equal((await test.call('POST', '/api/v1/listings/rules', { ids: [listing.id], rule: { mode: 'auto', shareRate: 10_000, keepBack: 0, offBelow: 0, cap: null, fixed: 0, presale: 20 } })).status, 200);
    await take('pre-2', { quantity: 6, presale: true, status: 'paid_not_shippable', step: { receivedFen: 100 as never, forfeited: false } });
    await run('review-orders', 'plan-parcels', 'push-stock');
    const told = async () => { const l = (await rows<Listing>('listings')).find((x) => x.id === listing.id)!; return [l.wantedQuantity, l.formula.zh]; };
    assert.deepEqual(await told(), [13, '可用 0 − 已卖待占用 7 + 预售 20 − 预售已卖 7 = 13']);
  });

  it('waits for its day, is not merged before, leaves on it by itself or earlier by a person’s word', async () => {
    const day = new Date(now().getTime() + 3 * DAY);
    const take = (id: string, given: Parameters<typeof order>[1] = {}) => ingestOrders(test.rt, { shopId: filed, channel: 'taobao', source: 'api', orders: [order(id, { buyerKey: 'zhao', paidAt: now(), placedAt: now(), ...given })] });
    for (const id of ['day-1', 'day-2']) await take(id, { presale: true, shipFromAt: day });
    await take('day-3');
    await flow();
    const held = await one('day-1');
    assert.deepEqual([held.holds.map((h) => h.code), live(held), held.shipFromAt !== undefined], [['presale_not_due'], [], true]);
    assert.deepEqual((await rows<{ orderText: string; state: string }>('parcels')).filter((p) => p.orderText.includes('day-') && p.state !== 'cancelled').map((p) => p.orderText), ['day-3']);
    await test.call('POST', `/api/v1/orders/${(await one('day-2')).id}/release`, { note: '货到了' });
    await flow();
    assert.deepEqual([live(await one('day-2')).map((p) => p.state), live(await one('day-1'))], [['reserved'], []]);
    await passed(3 * DAY);
    await run('review-orders', 'plan-parcels');
    assert.deepEqual([(await one('day-1')).reviewState, live(await one('day-1')).map((p) => p.state)], ['passed', ['reserved']]);
  });

  it('an order of which one line is due later is split by that day', async () => {
    const day = new Date(now().getTime() + 2 * DAY);
    await ingestOrders(test.rt, { shopId: filed, channel: 'taobao', source: 'api', orders: [order('two-1', { paidAt: now(), placedAt: now(), lines: [{}, { merchantCode: 'TEA-2', platformSkuId: 's-TEA-2', shipFromAt: day }] })] });
    await run('review-orders', 'plan-parcels');
    const parts = async () => (await rows<{ orderText: string; state: string; lineText: string }>('parcels')).filter((p) => p.orderText === 'two-1' && p.state !== 'cancelled').map((p) => p.lineText).sort();
    assert.deepEqual(await parts(), ['TEA-1×1']);
    const [first] = (await one('two-1')).parcels;
    for (const step of ['print', 'ship']) assert.equal((await test.call('POST', `/api/v1/parcels/${step}`, { ids: [first!.id] })).status, 200);
    await run('review-orders', 'plan-parcels');
    assert.deepEqual(await parts(), ['TEA-1×1'], 'not before its day');
    await passed(2 * DAY);
    await run('review-orders', 'plan-parcels');
    assert.deepEqual(await parts(), ['TEA-1×1', 'TEA-2×1']);
  });
});
