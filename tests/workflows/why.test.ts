import assert from 'node:assert/strict';
import { storeBill } from '../../api/finance/index.ts';
import { ingestOrders, ingestRefunds } from '../../api/orders/index.ts';
import { SHEETS } from '../../api/contract/sheets/index.ts';
import { fieldOf, type Explanation, type FigureRef } from '../../api/contract/why.ts';
import { fileShop } from '../../api/shops/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order } from '../support/world.ts';

const AT = new Date('2026-11-20T02:00:00Z');
type Row = { readonly id: string } & Record<string, unknown>;
/** A small generator with a printed seed, so that the same two hundred figures can be asked again. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => { state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0; return state % n; };
}

describe('why: every figure opens down to what it was made of', function () {
  this.timeout(300_000);
  let test: TestService;
  before(async () => {
    test = await startTestService();
    const { shopId } = await company(test.rt, { 'TEA-1': 5_000, 'TEA-2': 5_000, 'CUP-1': 3, 'PART-1': 5_000 });
    const orders = Array.from({ length: 24 }, (_, i) => order(`w${i}`, {
      commissionFen: fen(150 + i), freightFen: fen(i % 3 === 0 ? 800 : 0), ...(i % 3 === 0 ? { paidFen: fen(3000 * (1 + (i % 2)) + 2500 + 800) } : {}), buyerKey: `buyer-${i % 7}`, paidAt: new Date(AT.getTime() - (i % 5) * 86_400_000),
      lines: [{ quantity: 1 + (i % 2), paidFen: fen(3000 * (1 + (i % 2))) }, { merchantCode: i % 4 === 0 ? 'CUP-1' : 'TEA-2', platformSkuId: `s-${i % 4 === 0 ? 'CUP-1' : 'TEA-2'}`, paidFen: fen(2500), discounts: [{ bearer: 'seller', name: '满减', amountFen: fen(500) }] }],
      raw: JSON.stringify({ tid: `w${i}`, payment: '55.00', receiver_name: '张三', receiver_mobile: '13800000000', orders: [{ oid: `w${i}-1`, price: '30.00', num: 1, payment: '30.00' }] }),
    }));
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders });
    const rows = async (noun: string): Promise<Row[]> => (await test.call<{ rows: Row[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
    await test.job('review-orders');
    await test.job('plan-parcels');
    const ready = (await rows('parcels')).filter((p) => p['state'] === 'reserved').map((p) => p.id);
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: ready.slice(0, -3) })).status, 200);
    await test.job('post-journal');
    const alipay = await fileShop(test.rt, 'alipay');
    const line = (key: string, kind: 'sale' | 'fee' | 'refund', id: string, amountFen: number) => ({ key, lineNumber: 1, kind, platformKind: kind, tradeNo: `T${id}`, merchantOrderNo: '', platformOrderId: id, refundNo: '', happenedAt: AT, amountFen: fen(amountFen), feeFen: fen(0), counterparty: '', note: '' });
    await storeBill(test.rt, { accountId: alipay._id, source: 'file', bill: { channel: 'alipay', kind: 'ledger', account: '2088', day: '2026-11-20', lines: [line('b1', 'sale', 'w1', 8500), line('b2', 'fee', 'w1', -170), line('b3', 'sale', 'w2', 1), line('b4', 'refund', 'w4', -1000)] } });
    await ingestRefunds(test.rt, shopId, ['w4', 'w5'].map((id) => ({ platformRefundId: `r-${id}`, platformOrderId: id, platformLineId: `${id}-1`, platformStatus: 'SUCCESS', state: 'refunded' as const, refundFen: fen(1000), reason: '破损', hasGoodsReturn: false, createdAt: AT, modifiedAt: new Date(AT.getTime() + 60_000), raw: '{"refund_fee":"10.00"}' })));
    for (const job of ['post-journal', 'reconcile-bills', 'count-customers', 'suggest-purchases', 'push-stock']) await test.job(job);
  });
  after(() => test?.stop());

  const ask = (ref: FigureRef): Promise<{ status: number; body: Explanation }> => test.call('GET', `/api/v1/why?${new URLSearchParams(ref).toString()}`);
  /** Adds up, or multiplies, or ends in the figure, as it says. */
  function checked(e: Explanation): void {
    const at = `${e.noun} ${e.id} ${e.field} (${e.how}) = ${String(e.value)}: ${e.sentence.en}`;
    const values = e.parts.map((p) => p.value);
    if (e.how === 'sum') assert.equal(values.reduce((n, v) => n + v, 0) + e.restValue, e.value ?? 0, at);
    if (e.how === 'product') assert.equal(values.reduce((n, v) => n * v, 1), e.value, at);
    if (e.how === 'quotient') assert.equal(e.kind === 'rate' ? Math.round((values[0]! * 10_000) / values[1]!) : Math.round(values[0]! / values[1]!), e.value, at);
    if (e.how === 'steps') assert.equal(values.at(-1), e.value, at);
    assert.ok(e.sentence.zh.length > 3 && e.sentence.en.length > 3, at);
  }

  it('two hundred figures of all sheets, and all that is under them, add up to the fen', async () => {
    const figures: FigureRef[] = [];
    for (const sheet of SHEETS) {
      const { body } = await test.call<{ rows: Row[] }>('GET', `/api/v1/${sheet.noun}?limit=5000`);
      for (const row of body.rows) for (const c of sheet.columns) if (typeof fieldOf(row, c.field) === 'number') figures.push({ noun: sheet.noun, id: row.id, field: c.field });
    }
    const roll = dice(20_261_125);
    const asked = new Map<string, FigureRef>();
    // One of every column that has figures, the rest at random.
    for (const column of new Set(figures.map((f) => `${f.noun} ${f.field}`))) {
      const own = figures.filter((f) => `${f.noun} ${f.field}` === column);
      const one = own[roll(own.length)]!;
      asked.set(JSON.stringify(one), one);
    }
    while (asked.size < 200) { const f = figures[roll(figures.length)]!; asked.set(JSON.stringify(f), f); }
    const seen = new Set<string>();
    const counts: Record<string, number> = {};
    for (let line = [...asked.values()]; line.length > 0;) {
      const ref = line.shift()!;
      const key = JSON.stringify(ref);
      if (seen.has(key) || seen.size > 1500) continue;
      seen.add(key);
      const { status, body } = await ask(ref);
      assert.equal(status, 200, key);
      checked(body);
      counts[body.how] = (counts[body.how] ?? 0) + 1;
      line = [...line, ...body.parts.flatMap((p) => p.ref ?? [])];
    }
    for (const how of ['sum', 'quotient', 'steps', 'leaf']) assert.ok((counts[how] ?? 0) > 0, `${how} was among them: ${JSON.stringify(counts)}`);
  });
  it('a profit opens into journal lines, these into the order’s line, this into the platform’s words, without a person in them', async () => {
    const profit = (await test.call<{ rows: Row[] }>('GET', '/api/v1/profit?limit=5000')).body.rows.find((r) => r['skuCode'] === 'TEA-2')!;
    let at = (await ask({ noun: 'profit', id: profit.id, field: 'profitFen' })).body;
    const way: string[] = [];
    for (let steps = 0; steps < 6 && at.parts.some((p) => p.ref); steps += 1) {
      const next = at.parts.find((p) => p.ref && p.value !== 0)!.ref!;
      way.push(`${next.noun}.${next.field.split('.').at(-1)}`);
      at = (await ask(next)).body;
    }
    assert.deepEqual(way.slice(0, 3), ['profit.salesFen', 'journal.creditFen', 'orders.paidFen']);
    const words = JSON.stringify(at.source);
    assert.match(words, /55\.00/);
    assert.doesNotMatch(words, /张三|13800000000/);
  });
  it('a held order opens into the rule’s row; a typed figure into who typed it', async () => {
    const { shopId } = (await test.call<{ rows: Row[] }>('GET', '/api/v1/orders?limit=1')).body.rows[0] as unknown as { shopId: string };
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order('bad', { receiver: { phone: '12' } })] });
    await test.job('review-orders');
    const held = (await test.call<{ rows: Row[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.find((r) => r['platformOrderId'] === 'bad')!;
    const why = (await ask({ noun: 'orders', id: held.id, field: 'holdText' })).body;
    assert.match(why.sentence.en, /held: /);
    const row = (await ask(why.parts[0]!.ref!)).body;
    assert.equal(row.noun, 'review-rules');
    assert.ok(row.source.length > 0);
    const sku = (await test.call<{ rows: Row[] }>('GET', '/api/v1/skus?limit=5000')).body.rows[0]! as Row & { revision: number };
    const batch = { batchId: 'why-0001', rows: [{ id: sku.id, revision: sku.revision, cells: { leadTime: 21 }, base: { leadTime: 7 } }] };
    assert.equal((await test.call('POST', '/api/v1/sheets/skus/publish', batch, { 'idempotency-key': batch.batchId })).status, 200);
    const typed = (await ask({ noun: 'skus', id: sku.id, field: 'leadTimeDays' })).body;
    assert.deepEqual([typed.value, typed.source.at(0)?.value], [21, '21']);
  });
  it('what is not there, and what one may not read, is said', async () => {
    assert.equal((await ask({ noun: 'profit', id: 'none', field: 'salesFen' })).status, 404);
    assert.equal((await ask({ noun: 'users', id: 'x', field: 'y' })).status, 404);
  });
});
