import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allot, type Asking } from '../../api/orders/domain/gifts.ts';
import { ingestOrders, ingestRefunds } from '../../api/orders/index.ts';
import { rebuildPositions, upsertSkus } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order, sku } from '../support/world.ts';

type Parcel = { id: string; state: string; orderText: string; shortText: string; lines: { platformLineId: string; skuCode: string; quantity: number; gift: boolean }[]; pushes: { state: string }[] };
type OrderRow = { platformOrderId: string; gifts: { skuCode: string; quantity: number }[]; why: { zh: string } };
const LATER = new Date('2026-11-20T03:00:00Z');

describe('gifts by rule', () => {
  it('never gives more than a rule may, whoever asks how often, and gives back what is lost', () => {
    const wish = fc.record({ rule: fc.constantFrom('a', 'b'), quantity: fc.integer({ min: 1, max: 3 }) });
    const asking = fc.record({ orderId: fc.constantFrom('o1', 'o2', 'o3', 'o4', 'o5'), wishes: fc.uniqueArray(wish, { selector: (w) => w.rule, maxLength: 2 }) });
    const limits = { a: { first: 2, most: 5 }, b: { perBuyer: 2 } } as const;
    fc.assert(fc.property(fc.array(asking, { maxLength: 12 }), (list) => {
      const held = new Map<string, { rule: string; orderId: string; buyer: string; skuCode: string; quantity: number }[]>();
      const rules = new Map<string, { orders: number; pieces: number }>();
      const buyers = new Map<string, number>();
      for (const one of list) {
        const ask: Asking = { orderId: one.orderId, buyer: `b-${one.orderId > 'o2'}`, wishes: one.wishes.map((w) => ({ skuCode: 'G', ...w, ...limits[w.rule as 'a'] })) };
        const given = allot({ rules, buyers, grants: held, known: () => true }, [ask]).get(one.orderId)!;
        held.set(one.orderId, given.gifts.map((g) => ({ rule: g.rule!, orderId: one.orderId, buyer: ask.buyer, skuCode: 'G', quantity: g.quantity })));
        assert.equal(given.gifts.length + given.missed.length, one.wishes.length, 'each wish is met or named');
        const all = [...held.values()].flat();
        const a = all.filter((g) => g.rule === 'a');
        assert.ok(a.length <= 2 && a.reduce((n, g) => n + g.quantity, 0) <= 5);
        assert.deepEqual(rules.get('a') ?? { orders: 0, pieces: 0 }, { orders: a.length, pieces: a.reduce((n, g) => n + g.quantity, 0) });
        for (const buyer of ['b-true', 'b-false']) assert.ok(all.filter((g) => g.rule === 'b' && g.buyer === buyer).reduce((n, g) => n + g.quantity, 0) <= 2);
      }
    }), { numRuns: 300 });
  });

  let test: TestService;
  let shopId: string;
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 1_000, 'TEA-2': 1_000, 'G-CUP': 100, 'G-POT': 100, 'G-RARE': 1 }));
    await upsertSkus(test.rt, [sku('G-CUP', { costFen: 300 })]);
    const rows = [
      { id: 'T2', enabled: true, cells: { paid: '>=60', gift: 'G-POT', pieces: '1', tier: '满赠' } }, { id: 'T1', enabled: true, cells: { paid: '>=30', gift: 'G-CUP', pieces: '2', tier: '满赠' } },
      { id: 'N1', enabled: true, cells: { skus: 'TEA-2', gift: 'G-CUP', pieces: '1', firstOrders: '2', perBuyer: '1' } }, { id: 'X1', enabled: true, cells: { sellerMemo: '*稀罕*', gift: 'G-RARE', pieces: '1', ifShort: '不送了先发' } },
    ];
    const done = await test.call<{ title?: string }>('POST', '/api/v1/rules/gift/publish', { rows, base: 0 });
    assert.equal(done.status, 200, JSON.stringify(done.body));
  });
  after(() => test.stop());
  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const take = (id: string, given: Parameters<typeof order>[1] = {}) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order(id, given)] });
  const refund = (id: string, line: string, paid: number) => ingestRefunds(test.rt, shopId, [{ platformRefundId: `r-${id}-${line}`, platformOrderId: id, platformLineId: line, platformStatus: 'SUCCESS', state: 'refunded', refundFen: fen(paid), reason: '不想要', hasGoodsReturn: false, createdAt: LATER, modifiedAt: LATER, raw: '{}' }]);
  const plan = async (): Promise<void> => { await test.job('review-orders'); await test.job('plan-parcels'); };
  const live = async (id: string): Promise<Parcel> => (await rows<Parcel>('parcels')).filter((p) => p.orderText === id && p.state !== 'cancelled').at(-1)!;
  const giftsIn = async (id: string): Promise<(string | number)[][]> => (await live(id)).lines.filter((l) => l.gift).map((l) => [l.skuCode, l.quantity]);
  const two = { lines: [{}, { merchantCode: 'TEA-1', platformSkuId: 's-TEA-1' }] };
  const reserved = async (code: string): Promise<number> => (await rows<{ skuCode: string; reserved: number }>('positions')).filter((p) => p.skuCode === code).reduce((n, p) => n + p.reserved, 0);

  it('the highest tier counts; the gift is a line of the parcel at no price, and holds its stock', async () => {
    await take('t1');
    await take('t2', two);
    await plan();
    assert.deepEqual([await giftsIn('t1'), await giftsIn('t2')], [[['G-CUP', 2]], [['G-POT', 1]]]);
    assert.deepEqual([await reserved('G-CUP'), await reserved('G-POT')], [2, 1]);
  });
  it('the first two orders get one, one a buyer; the others are told why not', async () => {
    const tea = (buyer: string) => ({ buyerKey: buyer, skuCode: 'TEA-2', receiver: { name: buyer, address: `${buyer}路 5 号` } });
    await take('n1', tea('zhao'));
    await plan();
    await take('n2', { ...tea('zhao'), receiver: { name: 'zhao', address: '别处 77 号' } });
    await take('n3', tea('qian'));
    await take('n4', tea('sun'));
    await plan();
    const given = new Map((await rows<OrderRow>('orders')).map((o) => [o.platformOrderId, o]));
    const n = (id: string): number => given.get(id)!.gifts.filter((g) => g.skuCode === 'G-CUP').reduce((s, g) => s + g.quantity, 0);
    assert.deepEqual(['n1', 'n2', 'n3', 'n4'].map(n), [3, 2, 3, 2]);
    assert.match(given.get('n2')!.why.zh, /每位买家只给 1 件/);
    assert.match(given.get('n4')!.why.zh, /只给前 2 单/);
    // A place in the queue that becomes free is given to whoever is looked at next.
    await take('n1', { ...tea('zhao'), modifiedAt: LATER, status: 'closed', platformStatus: 'TRADE_CLOSED' });
    await take('n5', tea('li'));
    await plan();
    assert.deepEqual((await giftsIn('n5')).map(([, q]) => q).sort(), [1, 2]);
  });
  it('a refund that drops the order under its tier takes the gift out, before paper and after it', async () => {
    for (const id of ['b1', 'b2']) await take(id, two);
    await plan();
    const printed = await live('b2');
    assert.equal((await test.call('POST', '/api/v1/parcels/print', { ids: [printed.id] })).status, 200);
    for (const id of ['b1', 'b2']) await refund(id, `${id}-2`, 3000);
    await plan();
    assert.deepEqual(await giftsIn('b1'), [['G-CUP', 2]]);
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: [printed.id] })).status, 422, 'the old slip does not leave');
    assert.equal((await test.call('POST', '/api/v1/parcels/pull-back', { ids: [printed.id] })).status, 200);
    await plan();
    assert.deepEqual(await giftsIn('b2'), [['G-CUP', 2]]);
  });
  it('is packed, shipped and costed like any line; the platform hears nothing of it; a later refund is noted', async () => {
    await take('s1', two);
    await plan();
    const p = await live('s1');
    await test.call('POST', '/api/v1/parcels/labels', { ids: [p.id] });
    const check = (items: object[]) => test.call<{ passed: boolean; caught: { code: string; kind: string }[] }>('POST', `/api/v1/packing/${p.id}/check`, { items });
    assert.deepEqual((await check([{ code: 'TEA-1', quantity: 2 }])).body.caught.map((c) => [c.code, c.kind]), [['G-POT', 'missing']]);
    assert.equal((await check([{ code: 'TEA-1', quantity: 2 }, { code: 'G-POT', quantity: 1 }])).body.passed, true);
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: [p.id] })).status, 200);
    assert.deepEqual((await rows<{ kind: string; quantity: number; reference: string; skuCode: string }>('movements')).filter((m) => m.reference === p.id).map((m) => [m.skuCode, m.quantity]).sort(), [['G-POT', 1], ['TEA-1', 2]]);
    await test.job('post-journal');
    await refund('s1', 's1-2', 3000);
    assert.deepEqual((await rows<{ kind: string; subject: string; words: { zh: string } }>('notices')).filter((n) => n.kind === 'gift_not_due').map((n) => [n.subject, /G-POT×1/.test(n.words.zh)]), [['s1', true]]);
  });
  it('what was shipped is priced by another freight table or courier, parcel by parcel, and nothing is touched', async () => {
    const before = await rows<unknown>('parcels');
    type Answer = { parcels: number; freightFen: number; thenFreightFen: number; differenceFen: number; unpriced: number; rows: { courier: string; freightFen: number; thenCourier: string; thenFreightFen: number | null }[]; byCourier: { courier: string; thenParcels: number }[] };
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const ask = async (body: object): Promise<Answer> => (await test.call<Answer>('POST', '/api/v1/parcels/reprice', { from: today, to: today, ...body })).body;
    const same = await ask({});
    assert.deepEqual([same.parcels, same.differenceFen, same.unpriced, same.rows.every((r) => r.freightFen === r.thenFreightFen)], [1, 0, 0, true]);
    const dear = await ask({ freight: [{ id: 'A', cells: { courier: 'SF', firstGrams: '1000', first: '20.00', stepGrams: '1000', step: '5.00' } }], instead: { ZTO: 'SF' } });
    assert.deepEqual([dear.thenFreightFen, dear.rows[0]!.thenCourier, dear.differenceFen, dear.byCourier.find((c) => c.courier === 'SF')!.thenParcels], [2000, 'SF', 2000 - same.freightFen, 1]);
    assert.equal((await ask({ couriers: [{ id: 'C', cells: { province: '新疆', courier: 'EMS' } }] })).unpriced, 1, 'no courier takes it: said, not guessed');
    assert.equal((await test.call('POST', '/api/v1/parcels/reprice', { from: today, to: today, freight: [{ id: 'A', cells: { weight: '很重', first: '1' } }] })).status, 422);
    assert.deepEqual(await rows<unknown>('parcels'), before);
  });
  it('an order waits for its gift, unless the rule lets it go without', async () => {
    for (const id of ['x1', 'x2']) { await take(id, { sellerMemo: '稀罕', buyerKey: id, receiver: { name: id } }); await plan(); }
    assert.deepEqual([(await live('x1')).lines.length, (await live('x2')).lines.length, (await live('x2')).state], [3, 2, 'reserved']);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });
});
