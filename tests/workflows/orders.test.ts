import assert from 'node:assert/strict';
import type { IncomingOrder } from '../../api/channels/channel.ts';
import { ingestOrders, ingestRefunds, Orders } from '../../api/orders/index.ts';
import { rebuildPositions } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order } from '../support/world.ts';

type Row = { id: string; platformOrderId: string; reviewState: string; holds: { code: string; row: string }[]; parcels: { id: string; state: string; warehouseCode: string; courierCode: string }[]; stage: string; revision: number; lines: { skuCode: string | null }[] };
describe('orders: taken in, reviewed, planned, shipped', () => {
  let test: TestService;
  let shopId: string;
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt));
  });
  after(() => test.stop());

  const take = (...orders: IncomingOrder[]) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders });
  const row = async (platformOrderId: string): Promise<Row> => (await test.call<{ rows: Row[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.find((r) => r.platformOrderId === platformOrderId)!;
  const decide = async (): Promise<void> => {
    await test.job('review-orders');
    await test.job('plan-parcels');
  };
  const later = (minutes: number): Date => new Date(Date.parse('2026-11-20T02:00:00Z') + minutes * 60_000);

  it('takes an order once, however often it comes, and never lets an older state win', async () => {
    assert.deepEqual(await take(order('1')), { new: 1, changed: 0, same: 0, older: 0 });
    assert.deepEqual(await take(order('1')), { new: 0, changed: 0, same: 1, older: 0 });
    assert.deepEqual(await take(order('1', { modifiedAt: later(5), sellerMemo: '送小样' })), { new: 0, changed: 1, same: 0, older: 0 });
    assert.deepEqual(await take(order('1', { modifiedAt: later(1), sellerMemo: '旧' })), { new: 0, changed: 0, same: 0, older: 1 });
  });

  const planted: readonly [string, string, Parameters<typeof order>[1]][] = [
    ['buyer asks to change the address', 'buyer_asks_change', { buyerMessage: '麻烦改地址到公司' }],
    ['memo says stop', 'seller_memo_stop', { sellerMemo: '先不发 等客户' }],
    ['address without district', 'address_incomplete', { receiver: { district: '' } }],
    ['code that no SKU has', 'sku_unmapped', { skuCode: 'NO-SUCH' }],
    ['fifty pieces', 'quantity_unusual', { quantity: 50 }],
    ['totals that do not add up', 'totals_differ', { flaws: [{ code: 'totals_differ', words: '差 1 元' }] }],
    ['refund in flight', 'refund_in_flight', { lines: [{ refundState: 'requested' }] }],
    ['status that nobody knows', 'unknown_status', { status: 'unknown', platformStatus: 'WAIT_FOR_MOON' }],
    ['far below its cost', 'price_floor', { lines: [{ quantity: 5, paidFen: fen(100) }] }],
  ];
  for (const [name, code, given] of planted) {
    it(`holds: ${name}`, async () => {
      await take(order(`h-${code}`, given));
      await decide();
      const found = await row(`h-${code}`);
      assert.equal(found.reviewState, 'held');
      assert.deepEqual(found.holds.map((h) => h.code), [code]);
      assert.equal(found.parcels.length, 0);
      const why = await test.call<{ sentence: { zh: string }; rows: { row: string; hold: string }[] }>('GET', `/api/v1/orders/${found.id}/why`);
      assert.equal(why.body.rows[0]!.hold, code);
      assert.match(why.body.rows[0]!.row, /^R\d\d$/);
    });
  }

  it('gives a good order a warehouse, a courier and its stock', async () => {
    await take(order('good', { quantity: 3 }));
    await decide();
    const found = await row('good');
    assert.equal(found.reviewState, 'passed');
    assert.deepEqual(found.parcels.map((p) => [p.state, p.warehouseCode, p.courierCode]), [['reserved', 'HZ', 'ZTO']]);
  });

  it('keeps an order that nobody has stock for as a short parcel, and reserves it when stock comes', async () => {
    await take(order('short', { skuCode: 'TEA-2', quantity: 49 }), order('short2', { skuCode: 'TEA-2', quantity: 49 }), order('short3', { skuCode: 'TEA-2', quantity: 49 }));
    await decide();
    const states = await Promise.all(['short', 'short2', 'short3'].map(async (id) => (await row(id)).parcels[0]!.state));
    assert.deepEqual(states.sort(), ['planned', 'reserved', 'reserved']);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });

  it('prints slips in Chinese as a PDF, ships, and takes stock out', async () => {
    const { parcels } = await row('good');
    const printed = await test.call<Uint8Array>('POST', '/api/v1/parcels/print', { ids: [parcels[0]!.id] });
    assert.equal(printed.status, 200);
    assert.equal(printed.headers.get('content-type'), 'application/pdf');
    assert.equal(Buffer.from(printed.body.slice(0, 5)).toString(), '%PDF-');
    const shipped = await test.call<{ shipped: number; parcels: { trackingNumber: string }[] }>('POST', '/api/v1/parcels/ship', { ids: [parcels[0]!.id] });
    assert.equal(shipped.status, 200, JSON.stringify(shipped.body));
    assert.match(shipped.body.parcels[0]!.trackingNumber, /^ZTO\d{12}$/);
    assert.equal((await row('good')).stage, 'shipped');
    const again = await test.call('POST', '/api/v1/parcels/ship', { ids: [parcels[0]!.id] });
    assert.equal(again.status, 422);
  });

  it('takes a parcel apart when a refund comes before the slip, and stops it with an alarm after', async () => {
    await take(order('early'), order('late'));
    await decide();
    const late = (await row('late')).parcels[0]!.id;
    await test.call('POST', '/api/v1/parcels/print', { ids: [late] });
    const refund = (id: string) => ({ platformRefundId: `r-${id}`, platformOrderId: id, platformLineId: `${id}-1`, platformStatus: 'WAIT_SELLER_AGREE', state: 'requested' as const, refundFen: fen(3000), reason: '不想要了', hasGoodsReturn: false, createdAt: later(3), modifiedAt: later(3), raw: '{}' });
    assert.equal(await ingestRefunds(test.rt, shopId, [refund('early'), refund('late')]), 2);
    assert.equal(await ingestRefunds(test.rt, shopId, [refund('early')]), 0, 'the same refund again changes nothing');
    assert.deepEqual([await ingestRefunds(test.rt, shopId, [refund('nobody-yet')]), await ingestRefunds(test.rt, shopId, [refund('nobody-yet')])], [1, 0], 'nor does one whose order is still missing');
    await take(order('nobody-yet'));
    assert.equal(await ingestRefunds(test.rt, shopId, [refund('nobody-yet')]), 1, 'it finds its order when that has come');
    await decide();
    assert.deepEqual([(await row('early')).parcels.length, (await row('early')).holds.map((h) => h.code)], [0, ['refund_in_flight']]);
    const stopped = await test.call<{ errors: { code: string }[] }>('POST', '/api/v1/parcels/ship', { ids: [late] });
    assert.equal(stopped.status, 422);
    assert.equal(stopped.body.errors[0]!.code, 'alarm');
    assert.deepEqual((await rebuildPositions()).differences, []);
  });

  it('releases by hand with the reason kept, and reviews again when the address changes', async () => {
    await take(order('hand', { buyerMessage: '换成红色' }));
    await decide();
    const held = await row('hand');
    assert.equal((await test.call('POST', `/api/v1/orders/${held.id}/release`, { note: '已改' })).status, 200);
    await decide();
    assert.equal((await row('hand')).stage, 'reserved');
    await take(order('hand', { buyerMessage: '换成红色', modifiedAt: later(9), receiver: { district: '' } }));
    await decide();
    assert.deepEqual((await row('hand')).holds.map((h) => h.code), ['address_incomplete']);
  });

  it('tries a draft of the rules on past orders, publishes it, and sends those that wait through it', async () => {
    const live = await test.call<{ version: number; rows: { id: string; enabled: boolean; cells: Record<string, string> }[] }>('GET', '/api/v1/rules/order-review');
    const draft = live.body.rows.map((r) => (r.cells['hold'] === 'quantity_unusual' ? { ...r, enabled: false, cells: { ...r.cells, note: '大单自己看' } } : r));
    const tried = await test.call<{ changed: number; changes: { platformOrderId: string; before: string[]; after: string[] }[] }>('POST', '/api/v1/rules/order-review/dry-run', { rows: draft, from: '2026-11-01', to: '2026-11-30' });
    assert.equal(tried.status, 200, JSON.stringify(tried.body));
    assert.deepEqual(tried.body.changes.map((c) => [c.platformOrderId, c.before, c.after]), [['h-quantity_unusual', ['quantity_unusual'], []]]);
    assert.equal((await row('h-quantity_unusual')).reviewState, 'held', 'trying changes nothing');
    const published = await test.call<{ version: number }>('POST', '/api/v1/rules/order-review/publish', { rows: draft, base: live.body.version, waitingToo: true });
    assert.equal(published.body.version, live.body.version + 1);
    await test.job('review-orders');
    assert.equal((await row('h-quantity_unusual')).reviewState, 'passed');
    // Somebody else began with the same version: another cell merges by itself, the same cell is a conflict that names both.
    const other = (edit: Record<string, string>) => test.call<{ merged: boolean; errors: { id: string; column: string; mine: string; theirs: string }[] }>('POST', '/api/v1/rules/order-review/publish', { base: live.body.version, rows: live.body.rows.map((r) => (r.cells['hold'] === 'quantity_unusual' ? { ...r, cells: { ...r.cells, ...edit } } : r)) });
    const late = await other({ note: '五十件以上问一声' });
    assert.deepEqual([late.status, late.body.errors.map((e) => [e.column, e.mine, e.theirs])], [409, [['note', '五十件以上问一声', '大单自己看']]]);
    const merged = await other({ quantity: '>=80' });
    assert.deepEqual([merged.status, merged.body.merged], [200, true]);
    const now = (await test.call<typeof live.body>('GET', '/api/v1/rules/order-review')).body.rows.find((r) => r.cells['hold'] === 'quantity_unusual')!;
    assert.deepEqual([now.enabled, now.cells['quantity'], now.cells['note']], [false, '>=80', '大单自己看']);
  });

  it('publishes edits of the orders sheet all or nothing, and names the bad cell', async () => {
    await take(order('e1'), order('e2'));
    const [a, b] = [await row('e1'), await row('e2')];
    const bad = await test.call<{ errors: { row: number; column: string; code: string }[] }>('POST', '/api/v1/sheets/orders/publish', { batchId: 'edit-batch-1', rows: [{ id: a.id, revision: a.revision, cells: { memo: '加急' } }, { id: b.id, revision: b.revision, cells: { warehouse: '火星' } }] });
    assert.equal(bad.status, 422);
    assert.deepEqual(bad.body.errors.map((e) => [e.row, e.column]), [[2, 'warehouse']]);
    assert.equal((await row('e1')).revision, a.revision, 'nothing was written');
    const stale = await test.call<{ errors: { id: string; theirs: unknown }[] }>('POST', '/api/v1/sheets/orders/publish', { batchId: 'edit-batch-2', rows: [{ id: a.id, revision: a.revision - 1, cells: { memo: '加急' } }] });
    assert.equal(stale.status, 409, JSON.stringify(stale.body));
    const good = await test.call('POST', '/api/v1/sheets/orders/publish', { batchId: 'edit-batch-3', rows: [{ id: a.id, revision: a.revision, cells: { memo: '加急', warehouse: 'GZ' } }] });
    assert.equal(good.status, 200, JSON.stringify(good.body));
    await decide();
    assert.equal((await row('e1')).parcels[0]!.warehouseCode, 'GZ');
  });

  it('decides an order on its way in as the next review would have, and leaves to that what has a history', async () => {
    const more: readonly Parameters<typeof order>[1][] = [{}, { quantity: 400, lines: [{ paidFen: fen(120_000) }], buyerMessage: '急，尽快发' }, { presale: true, status: 'paid_not_shippable' }, { status: 'unpaid' }, { shipFromAt: new Date('2099-01-01T00:00:00Z') }, { buyerKey: '' }];
    const all = [...planted.map(([, , given]) => given), ...more];
    const made = (prefix: string): IncomingOrder[] => all.map((given, i) => order(`${prefix}-${i}`, given));
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: made('in'), review: true });
    const decided = async (prefix: string): Promise<unknown[]> => {
      const docs = new Map((await Orders.find({ platformOrderId: new RegExp(`^${prefix}-`) }).lean()).map((o) => [o.platformOrderId, o]));
      return all.map((_, i) => {
        const o = docs.get(`${prefix}-${i}`)!;
        const { at: _at, ...decision } = o.decision ?? { at: undefined };
        return { state: o.reviewState, holds: o.holds.map(({ at: _h, ...h }) => h), decision, ruled: o.ruled, toPlan: o.toPlan, later: o.laterAt };
      });
    };
    const onTheWayIn = await decided('in');
    assert.equal(onTheWayIn.filter((d) => (d as { state: string }).state === 'pending').length, 1, 'only the one that nobody paid');
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: made('job') });
    await test.job('review-orders');
    assert.deepEqual(onTheWayIn, await decided('job'));
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order('again', { buyerKey: 'buyer-in-0' }), order('twin-1', { buyerKey: 'twin' }), order('twin-2', { buyerKey: 'twin' })], review: true });
    for (const id of ['again', 'twin-1', 'twin-2']) assert.equal((await row(id)).reviewState, 'pending');
  });
});
