import assert from 'node:assert/strict';
import { addDays, businessDayOf, startOfDay } from '../../api/contract/values/time.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { suggestPurchases, upsertSuppliers } from '../../api/purchasing/index.ts';
import { rebuildPositions, upsertSkus } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order, sku } from '../support/world.ts';

type Suggestion = { id: string; skuCode: string; quantity: number; suggested: number; chosen: boolean; state: string; supplierId: string; supplierName: string; note: string; revision: number; parts: Record<string, number | string>; why: { zh: string; en: string } };
type PurchaseOrder = { id: string; number: string; supplierId: string; state: string; lines: { skuCode: string; quantity: number; received: number; unitCostFen: number }[]; amountFen: number; revision: number };
type Position = { skuCode: string; warehouseCode: string; onHand: number; incoming: number; valueFen: number };
type Refused = { code: string; errors: { row: number; column: string; code: string }[] };

const NOW = new Date('2026-11-20T02:00:00Z');
const TODAY = businessDayOf(NOW);

describe('purchasing: suggestions, orders, receipts', () => {
  let test: TestService;
  before(async function () {
    this.timeout(180_000);
    test = await startTestService({ clock: { now: () => NOW } });
    await upsertSkus(test.rt, [sku('TEA-1', { supplierId: 'sup_a' }), sku('TEA-2', { supplierId: 'sup_a' })]);
    const { shopId } = await company(test.rt, { 'TEA-1': 30, 'TEA-2': 2_000 });
    await upsertSuppliers(test.rt, [{ id: 'sup_a', name: '西湖茶厂', leadTimeDays: 7 }, { id: 'sup_b', name: '景德瓷坊', leadTimeDays: 15 }]);
    await upsertSkus(test.rt, [sku('CUP-1', { supplierId: 'sup_b', leadTimeDays: 10, packSize: 12, moq: 24 }), sku('LONE-1', { moq: 1, packSize: 1 }), sku('SET-1', { kit: [{ skuCode: 'TEA-1', quantity: 2 }, { skuCode: 'CUP-1', quantity: 1 }] })]);
    // Forty days: four pieces of tea a day, and a set (two teas, one cup) each day.
    const orders = Array.from({ length: 40 }, (_, i) => {
      const at = new Date(startOfDay(addDays(TODAY, -1 - i)).getTime() + 10 * 3_600_000);
      return [order(`t-${i}`, { skuCode: 'TEA-1', quantity: 4, placedAt: at, paidAt: at, modifiedAt: at }), order(`s-${i}`, { skuCode: 'SET-1', placedAt: at, paidAt: at, modifiedAt: at })];
    }).flat();
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders });
    await test.job('suggest-purchases');
  });
  after(() => test.stop());

  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=1000`)).body.rows;
  const suggestion = async (code: string): Promise<Suggestion> => (await rows<Suggestion>('suggestions')).find((s) => s.skuCode === code)!;
  const position = async (code: string): Promise<Position> => (await rows<Position>('positions')).find((p) => p.skuCode === code && p.warehouseCode === 'HZ')!;
  const publish = <T = { effects: { zh: string }[] }>(sheet: string, batchId: string, changes: readonly [{ id: string; revision: number }, Record<string, unknown>][], dryRun = false) =>
    test.call<T>('POST', `/api/v1/sheets/${sheet}/publish${dryRun ? '?dryRun=true' : ''}`, { batchId, rows: changes.map(([row, cells]) => ({ id: row.id, revision: row.revision, cells })) });

  it('suggests per stocked SKU, kits opened into their parts, each part of the sum beside it', async () => {
    assert.deepEqual((await rows<Suggestion>('suggestions')).map((s) => s.skuCode).sort(), ['CUP-1', 'LONE-1', 'TEA-1', 'TEA-2']);
    const tea = await suggestion('TEA-1');
    const { soldPieces, meanPerDay, demandInLead, leadTimeDays, reviewDays, safetyStock, reorderPoint, target, available, rawQuantity, quantity } = tea.parts;
    assert.deepEqual({ soldPieces, meanPerDay, demandInLead, leadTimeDays, reviewDays, safetyStock, reorderPoint, target, available, rawQuantity, quantity }, { soldPieces: 240, meanPerDay: 6, demandInLead: 42, leadTimeDays: 7, reviewDays: 7, safetyStock: 0, reorderPoint: 42, target: 84, available: 30, rawQuantity: 54, quantity: 55 });
    assert.deepEqual([tea.state, tea.supplierName, tea.quantity], ['urgent', '西湖茶厂', 55]);
    assert.match(tea.why.zh, /90 天卖 240 件.*补货点 42.*取 55/);
    const cup = await suggestion('CUP-1');
    assert.deepEqual([cup.parts['soldPieces'], cup.quantity], [40, 24]);
    assert.deepEqual([(await suggestion('TEA-2')).state, (await suggestion('LONE-1')).quantity], ['enough', 0]);
  });

  it('run again on the same day it changes no row, and keeps what the buyer wrote', async () => {
    const before = await rows<Suggestion>('suggestions');
    await suggestPurchases(test.rt);
    assert.deepEqual(await rows<Suggestion>('suggestions'), before);
    assert.equal((await publish('suggestions', 'batch-keep-1', [[await suggestion('TEA-2'), { quantity: 15, note: '试一箱', supplier: '景德瓷坊' }]])).status, 200);
    await suggestPurchases(test.rt);
    const kept = await suggestion('TEA-2');
    assert.deepEqual([kept.quantity, kept.note, kept.supplierId, kept.suggested], [15, '试一箱', 'sup_b', 0]);
  });

  it('refuses a batch whole, naming each cell', async () => {
    const answer = await publish<Refused>('suggestions', 'batch-bad-1', [[await suggestion('TEA-1'), { chosen: true, quantity: 57 }], [await suggestion('CUP-1'), { supplier: '没有这家' }], [await suggestion('LONE-1'), { chosen: true, quantity: 3 }], [await suggestion('TEA-2'), { chosen: true, quantity: 0 }]]);
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.body.errors.map((e) => [e.row, e.column, e.code]).sort(), [[1, 'quantity', 'not_whole_packs'], [2, 'supplier', 'unknown_supplier'], [3, 'supplier', 'no_supplier'], [4, 'quantity', 'nothing_to_order']]);
    assert.equal((await suggestion('TEA-1')).chosen, false);
    assert.deepEqual(await rows('purchase-orders'), []);
  });

  it('a publish makes one order per supplier, once, after showing it', async () => {
    const changes: [Suggestion, Record<string, unknown>][] = [[await suggestion('TEA-1'), { chosen: true }], [await suggestion('CUP-1'), { chosen: true, quantity: 36, unitCost: 9.5 }]];
    const shown = await publish('suggestions', 'batch-order-1', changes, true);
    assert.match(shown.body.effects[0]!.zh, /2 张采购单，2 种货品，合计 892(\.00)? 元/);
    assert.deepEqual(await rows('purchase-orders'), []);
    assert.equal((await publish('suggestions', 'batch-order-1', changes)).status, 200);
    await publish('suggestions', 'batch-order-1', changes);
    const orders = await rows<PurchaseOrder>('purchase-orders');
    assert.deepEqual(orders.map((o) => [o.supplierId, o.state, o.amountFen, o.lines.map((l) => [l.skuCode, l.quantity, l.unitCostFen])]).sort(), [['sup_a', 'ordered', 55_000, [['TEA-1', 55, 1_000]]], ['sup_b', 'ordered', 34_200, [['CUP-1', 36, 950]]]]);
    assert.deepEqual([(await position('TEA-1')).incoming, (await position('CUP-1')).incoming], [55, 36]);
    await suggestPurchases(test.rt);
    const tea = await suggestion('TEA-1');
    assert.deepEqual([tea.state, tea.parts['incoming'], tea.parts['quantity']], ['ordered', 55, 0]);
  });

  it('goods arrive in two receipts: stock and its value up, incoming down, each once', async () => {
    const tea = (await rows<PurchaseOrder>('purchase-orders')).find((o) => o.supplierId === 'sup_a')!;
    const receive = (body: unknown) => test.call<Refused & { id: string }>('POST', `/api/v1/purchase-orders/${tea.id}/receipts`, body);
    const first = await receive({ key: 'r-001', lines: [{ skuCode: 'TEA-1', quantity: 20 }] });
    assert.equal(first.status, 200, JSON.stringify(first.body));
    assert.equal((await receive({ key: 'r-001', lines: [{ skuCode: 'TEA-1', quantity: 20 }] })).body.id, first.body.id, 'the same key is the same receipt');
    assert.deepEqual(await position('TEA-1').then((p) => [p.onHand, p.incoming, p.valueFen]), [50, 35, 50_000]);
    for (const [lines, code] of [[[{ skuCode: 'TEA-1', quantity: 36 }], 'too_many'], [[{ skuCode: 'CUP-1', quantity: 1 }], 'not_ordered'], [[{ skuCode: 'TEA-1', quantity: 20 }, { skuCode: 'TEA-1', quantity: 20 }], 'sku_twice']] as const) {
      const refused = await receive({ key: `r-${code}`, lines });
      assert.deepEqual([refused.status, refused.body.errors[0]!.code], [422, code]);
    }
    assert.equal((await rows<PurchaseOrder>('purchase-orders')).find((o) => o.id === tea.id)!.state, 'partly_received');
    assert.equal((await receive({ key: 'r-002', lines: [{ skuCode: 'TEA-1', quantity: 35, unitCostFen: 1_200 }] })).status, 200);
    assert.equal((await rows<PurchaseOrder>('purchase-orders')).find((o) => o.id === tea.id)!.state, 'received');
    assert.deepEqual(await position('TEA-1').then((p) => [p.onHand, p.incoming, p.valueFen]), [85, 0, 92_000]);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });

  it('receives a whole order by its tick, and books it', async () => {
    const cups = (await rows<PurchaseOrder>('purchase-orders')).find((o) => o.supplierId === 'sup_b')!;
    assert.equal((await publish('purchase-orders', 'batch-arrived-1', [[cups, { arrived: true }]])).status, 200);
    assert.deepEqual(await position('CUP-1').then((p) => [p.onHand, p.incoming, p.valueFen]), [36, 0, 34_200]);
    await test.job('post-journal');
    const journal = await rows<{ entryId: string; skuCode?: string; debitFen: number; creditFen: number; account: string }>('journal');
    assert.equal(journal.filter((l) => l.account === '1405' && l.skuCode === 'CUP-1').reduce((n, l) => n + l.debitFen - l.creditFen, 0), 34_200);
  });

  it('a cancelled order is waited for no longer, receives nothing, and its SKU can be ordered again', async () => {
    await publish('suggestions', 'batch-order-2', [[await suggestion('TEA-2'), { chosen: true }]]);
    const made = (await rows<PurchaseOrder>('purchase-orders')).find((o) => o.lines[0]!.skuCode === 'TEA-2')!;
    assert.equal((await position('TEA-2')).incoming, 15);
    assert.equal((await test.call('POST', `/api/v1/purchase-orders/${made.id}/cancel`, {})).status, 200);
    assert.equal((await position('TEA-2')).incoming, 0);
    const late = await test.call<Refused>('POST', `/api/v1/purchase-orders/${made.id}/receipts`, { key: 'late-1', lines: [{ skuCode: 'TEA-2', quantity: 1 }] });
    assert.deepEqual([late.status, late.body.errors[0]!.code], [422, 'cancelled']);
    assert.deepEqual(await suggestion('TEA-2').then((s) => [s.chosen, s.state]), [false, 'enough']);
    const done = (await rows<PurchaseOrder>('purchase-orders')).find((o) => o.supplierId === 'sup_a')!;
    assert.equal((await test.call('POST', `/api/v1/purchase-orders/${done.id}/cancel`, {})).status, 422);
  });

  it('what is kept by batch or by number comes in with them, all or nothing', async () => {
    await upsertSkus(test.rt, [sku('MILK-1', { supplierId: 'sup_a', wantsBatch: true }), sku('POT-1', { supplierId: 'sup_a', wantsSerial: true, moq: 1, packSize: 1 })]);
    await suggestPurchases(test.rt);
    assert.equal((await publish('suggestions', 'batch-order-3', [[await suggestion('MILK-1'), { chosen: true, quantity: 20 }], [await suggestion('POT-1'), { chosen: true, quantity: 2 }]])).status, 200);
    const made = (await rows<PurchaseOrder>('purchase-orders')).find((o) => o.lines.some((l) => l.skuCode === 'POT-1'))!;
    const receive = (key: string, lines: unknown[]) => test.call<Refused>('POST', `/api/v1/purchase-orders/${made.id}/receipts`, { key, lines });
    const milk = (batch: string, quantity: number) => ({ skuCode: 'MILK-1', quantity, batch });
    const pots = (...serials: string[]) => ({ skuCode: 'POT-1', quantity: 2, serials });
    const codes = async (key: string, lines: unknown[]): Promise<unknown[]> => (await receive(key, lines)).body.errors.map((e) => [e.row, e.code]);
    assert.deepEqual(await codes('lots-1', [{ skuCode: 'MILK-1', quantity: 20 }, pots('A')]), [[1, 'batch_missing'], [2, 'serials_missing']]);
    assert.deepEqual(await codes('lots-2', [milk('B1', 12), milk('B2', 12)]), [[2, 'too_many']]);
    const tick = await publish<Refused>('purchase-orders', 'batch-arrived-3', [[made, { arrived: true }]]);
    assert.deepEqual([tick.status, tick.body.errors[0]!.code], [422, 'cannot_receive']);
    const stray = { warehouseCode: 'HZ', skuCode: 'POT-1', quantity: 1, serials: ['A'] };
    assert.equal((await test.call('POST', '/api/v1/stock/movements', { key: 'stray', kind: 'other-in', reason: '散件', lines: [stray] })).status, 200);
    assert.deepEqual(await codes('lots-3', [milk('B1', 8), milk('B2', 12), pots('A', 'B')]), [[3, 'serials']], 'A is in stock already');
    assert.equal((await rows<{ skuCode: string }>('lots')).length, 0, 'a refused receipt leaves nothing behind');
    assert.equal((await receive('lots-4', [milk('B1', 8), milk('B2', 12), pots('B', 'C')])).status, 200);
    assert.deepEqual((await rows<{ batch: string; quantity: number }>('lots')).map((l) => [l.batch, l.quantity]).sort(), [['B1', 8], ['B2', 12]]);
    assert.deepEqual([(await position('MILK-1')).onHand, (await position('MILK-1')).incoming, (await position('POT-1')).onHand], [20, 0, 3]);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });

  it('says at a glance what runs out and what is on its way', async () => {
    const { body } = await test.call<{ urgent: unknown[]; toBuy: number; openOrders: number; openFen: number }>('GET', '/api/v1/purchasing/summary');
    assert.deepEqual([body.openOrders, body.openFen], [0, 0]);
  });
});
