import assert from 'node:assert/strict';
import { ingestOrders } from '../../api/orders/index.ts';
import { auditChecks } from '../../api/runtime/pillars.ts';
import { send } from '../support/files.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order } from '../support/world.ts';

type Order = { id: string; platformOrderId: string; shopName: string; channel: string; stage: string; reviewState: string; customerId: string; linkedTo?: string; linkedText: { zh: string }; why: { zh: string }; receiver: { name: string }; parcels: { id: string; state: string }[] };
type Refused = { title: string; titles?: { zh: string }; detail?: string };

/** What its buyer is sent once more or instead, and what is sold past the platforms: orders of our own, on the same road. */
describe('orders of our own', () => {
  let test: TestService;
  let shopId: string;
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 100, 'TEA-2': 100 }));
  });
  after(() => test.stop());

  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const orderOf = async (number: string): Promise<Order> => (await rows<Order>('orders')).find((o) => o.platformOrderId === number)!;
  const plan = async (): Promise<void> => { await test.job('review-orders'); await test.job('plan-parcels'); };
  const again = <T = Order>(id: string, body: object) => test.call<T>('POST', `/api/v1/orders/${id}/send-again`, body);
  const onHand = async (code: string): Promise<number> => (await rows<{ skuCode: string; onHand: number }>('positions')).filter((p) => p.skuCode === code).reduce((n, p) => n + p.onHand, 0);
  const shipAll = async (number: string): Promise<void> => {
    await plan();
    const ids = (await orderOf(number)).parcels.map((p) => p.id);
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids })).status, 200);
    await test.job('push-shipments');
  };

  it('what has not left is changed, not sent again', async () => {
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order('first')] });
    await plan();
    const refused = await again<Refused>((await orderOf('first')).id, { kind: 'resend', lines: [{ skuCode: 'TEA-1', quantity: 1 }], note: '破损' });
    assert.equal(refused.status, 422);
    assert.match(JSON.stringify(refused.body), /还没有发货/);
  });
  it('sent again: the same receiver, a number of its own, stock once more, told to no platform', async () => {
    await shipAll('first');
    const first = await orderOf('first');
    const made = await again(first.id, { kind: 'resend', lines: [{ skuCode: 'TEA-2', quantity: 2 }], note: '破损' });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.deepEqual([made.body.platformOrderId, made.body.channel, made.body.linkedTo, made.body.customerId, made.body.receiver.name], ['first-B1', 'own', first.id, first.customerId, first.receiver.name]);
    assert.match(made.body.why.zh, /^补发，原单 first，.*：破损$/);
    await shipAll('first-B1');
    assert.deepEqual([await onHand('TEA-1'), await onHand('TEA-2')], [99, 98]);
    const pushes = (await rows<{ orderText: string; pushes: { state: string; words: string }[] }>('parcels')).find((p) => p.orderText === 'first-B1')!.pushes;
    assert.deepEqual(pushes.map((p) => [p.state, p.words]), [['accepted', 'file']]);
  });
  it('an exchange of what was sent again still follows the order that was bought', async () => {
    const second = await orderOf('first-B1');
    const made = await again(second.id, { kind: 'exchange', lines: [{ skuCode: 'TEA-1', quantity: 1 }], note: '换一罐' });
    assert.deepEqual([made.body.platformOrderId, made.body.linkedTo, made.body.linkedText.zh], ['first-H2', (await orderOf('first')).id, '换货，原单 first']);
  });
  it('it can be closed until it has left; a platform’s order cannot', async () => {
    await plan();
    const mine = await orderOf('first-H2');
    assert.deepEqual(mine.parcels.map((p) => p.state), ['reserved']);
    assert.equal((await test.call('POST', `/api/v1/orders/${mine.id}/close`, {})).status, 200);
    const closed = await orderOf('first-H2');
    assert.deepEqual([closed.stage, closed.parcels.length], ['closed', 0]);
    await plan();
    assert.deepEqual((await orderOf('first-H2')).parcels, []);
    assert.equal((await test.call('POST', `/api/v1/orders/${(await orderOf('first')).id}/close`, {})).status, 422);
    assert.equal((await test.call('POST', `/api/v1/orders/${(await orderOf('first-B1')).id}/close`, {})).status, 422);
  });
  it('an unknown SKU is named, and nothing is made', async () => {
    const before = (await rows<Order>('orders')).length;
    const refused = await again<Refused>((await orderOf('first')).id, { kind: 'resend', lines: [{ skuCode: 'NONE-9', quantity: 1 }], note: 'x' });
    assert.equal(refused.status, 422);
    assert.match(JSON.stringify(refused.body), /没有货品 NONE-9/);
    assert.equal((await rows<Order>('orders')).length, before);
  });
  it('sold past the platforms: a list of our own is imported, reviewed, planned and sent; the same list twice is the same orders', async () => {
    const csv = '自有单号,状态,下单时间,货品编码,数量,实付,收件人,电话,省,市,区县,地址,买家,备注\nFAIR-1,,2026-11-20 10:00:00,TEA-1,3,90.00,李四,13900000000,浙江省,杭州市,西湖区,文三路 9 号,李四,茶博会\nFAIR-1,,2026-11-20 10:00:00,TEA-2,1,90.00,李四,13900000000,浙江省,杭州市,西湖区,文三路 9 号,李四,茶博会\n';
    for (let i = 0; i < 2; i += 1) assert.equal((await send(test, [{ name: 'own.csv', bytes: Buffer.from(csv) }])).status, 200);
    await shipAll('FAIR-1');
    const mine = await orderOf('FAIR-1');
    assert.deepEqual([mine.channel, mine.stage], ['own', 'shipped']);
    assert.equal((await rows<Order>('orders')).filter((o) => o.platformOrderId === 'FAIR-1').length, 1);
    assert.deepEqual([await onHand('TEA-1'), await onHand('TEA-2')], [96, 97]);
  });
  it('the buyer bought once, and what was sent again costs its goods in the books', async () => {
    await test.job('count-customers');
    await test.job('post-journal');
    const first = await orderOf('first');
    assert.equal((await rows<{ id: string; orders: number }>('customers')).find((c) => c.id === first.customerId)!.orders, 1);
    const own = (await rows<{ channel: string; skuCode: string; quantity: number; salesFen: number; costFen: number }>('profit')).filter((p) => p.channel === 'own').map((p) => [p.skuCode, p.quantity, p.costFen]);
    assert.deepEqual(own.sort(), [['TEA-1', 3, 3_000], ['TEA-2', 3, 3_000]]);
    for (const check of auditChecks) assert.deepEqual((await check.run(test.rt)).differences, [], check.name);
  });
});
