import assert from 'node:assert/strict';
import { loadDemo } from '../../api/demo/load-demo.ts';
import { auditChecks } from '../../api/runtime/pillars.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Order = { id: string; platformOrderId: string; reviewState: string; paidFen: number; parcels: { id: string; state: string; warehouseCode: string }[] };
type Truth = { orders: { tid: string; status: string; shipments: { trackingNumber: string }[] }[] };
type Statement = { state: string; class: string; amountFen: number; platformOrderId: string };
type Profit = { skuCode: string; quantity: number; salesFen: number; costFen: number; commissionFen: number; freightFen: number; profitFen: number };
const HOUR = 3_600_000;

/** The story of the day, step by step, through what anybody may use: the platform's stand-in, HTTP, the jobs. */
describe('one order, from payment to a profit cell', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let shift = 0;
  let tid: string;
  let parcel: string;
  let atFirst: number;

  before(async function () {
    this.timeout(180_000);
    sandbox = await startTestSandbox();
    test = await startTestService({ clock: { now: () => new Date(Date.now() + shift) } });
    await loadDemo(test.rt, sandbox.url, { runNow: (name) => test.job(name) }, () => undefined, 2);
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });
  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const order = async (): Promise<Order> => (await rows<Order>('orders')).find((o) => o.platformOrderId === tid)!;
  const onHand = async (): Promise<number> => (await rows<{ skuCode: string; warehouseCode: string; onHand: number }>('positions')).filter((p) => p.skuCode === 'LJ-100').reduce((n, p) => n + p.onHand, 0);

  it('a buyer pays at the platform', async () => {
    atFirst = await onHand();
    ({ tid } = await sandbox.ask<{ tid: string }>('orders', { merchantCode: 'LJ-100', quantity: 2 }));
  });
  it('the order is pulled, passes review by itself, and has a parcel with its stock', async () => {
    // The platform's times have whole seconds: the window must have passed the order's.
    shift += 2_000;
    await test.job('sync-channels');
    await test.job('review-orders');
    await test.job('plan-parcels');
    const found = await order();
    assert.equal(found.reviewState, 'passed');
    assert.deepEqual(found.parcels.map((p) => p.state), ['reserved']);
    parcel = found.parcels[0]!.id;
  });
  it('its slip is printed', async () => {
    const slip = await test.call<Uint8Array>('POST', '/api/v1/parcels/print', { ids: [parcel] });
    assert.equal(slip.status, 200);
    assert.ok(slip.body.length > 5_000, 'a page with embedded characters');
    assert.equal((await order()).parcels[0]!.state, 'printed');
  });
  it('it ships, stock goes down, and the platform shows it as shipped under our number', async () => {
    const shipped = await test.call<{ parcels: { trackingNumber: string }[] }>('POST', '/api/v1/parcels/ship', { ids: [parcel] });
    assert.equal(shipped.status, 200);
    assert.equal(await onHand(), atFirst - 2);
    assert.deepEqual(await test.job('push-shipments'), { accepted: 1, refused: 0, retry: 0 });
    const seen = (await sandbox.ask<Truth>('truth')).orders.find((o) => o.tid === tid)!;
    assert.equal(seen.status, 'WAIT_BUYER_CONFIRM_GOODS');
    assert.deepEqual(seen.shipments.map((s) => s.trackingNumber), shipped.body.parcels.map((p) => p.trackingNumber));
  });
  it('the journal balances, entry by entry', async () => {
    await test.job('post-journal');
    const lines = await rows<{ entryId: string; debitFen: number; creditFen: number }>('journal');
    const entries = new Map<string, number>();
    for (const l of lines) entries.set(l.entryId, (entries.get(l.entryId) ?? 0) + l.debitFen - l.creditFen);
    assert.ok(entries.size >= 2);
    assert.deepEqual([...entries].filter(([, rest]) => rest !== 0), []);
  });
  it('the buyer confirms, and the next day’s bill is matched to the fen', async () => {
    await sandbox.ask('confirm', { tid });
    shift += 36 * HOUR;
    await sandbox.ask('clock', { to: new Date(Date.now() + shift) });
    assert.equal((await test.job('fetch-bills'))['failed'], 0);
    await test.job('reconcile-bills');
    const mine = (await rows<Statement>('statements')).filter((s) => s.platformOrderId === tid);
    assert.deepEqual(mine.map((s) => [s.state, s.class, s.amountFen]).sort(), [['matched', 'commission', -1_280], ['matched', 'sale', (await order()).paidFen]].sort());
    const { body } = await test.call<{ accounts: { proved: boolean; openFen: number; totalFen: number; matchedFen: number }[]; balanced: boolean }>('GET', '/api/v1/finance/summary');
    assert.ok(body.balanced);
    assert.ok(body.accounts.every((a) => a.proved && a.openFen === 0 && a.matchedFen === a.totalFen));
  });
  it('the profit of the SKU is sales less cost, commission and freight, in the list and in the cell', async () => {
    const row = (await rows<Profit>('profit')).find((p) => p.skuCode === 'LJ-100')!;
    const paid = (await order()).paidFen;
    assert.deepEqual([row.quantity, row.salesFen, row.costFen, row.commissionFen], [2, paid, 2 * 5_800, 1_280]);
    assert.ok(row.freightFen > 0);
    assert.equal(row.profitFen, row.salesFen - row.costFen - row.commissionFen - row.freightFen);
    const month = new Date(Date.now() + 8 * HOUR).toISOString().slice(0, 7);
    const cell = await test.call<{ results: { value: number }[] }>('POST', '/api/v1/functions', { calls: [{ name: 'PROFIT', args: ['云栖茶事旗舰店', month] }, { name: 'STOCK', args: ['LJ-100'] }] });
    assert.deepEqual(cell.body.results, [{ value: Number((row.profitFen * 0.01).toFixed(2)) }, { value: atFirst - 2 }]);
  });
  it('every projection is what its ledger says', async () => {
    await test.job('count-customers');
    await test.job('post-journal');
    for (const check of auditChecks) assert.deepEqual((await check.run(test.rt)).differences, [], check.name);
  });
});
