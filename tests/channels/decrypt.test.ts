import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import { businessDayOf } from '../../api/contract/values/time.ts';
import { companyLists } from '../../api/demo/load-demo.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';

const SENDER = { senderName: '云栖茶事', senderPhone: '13800138000', senderProvince: '浙江省', senderCity: '杭州市', senderDistrict: '西湖区', senderAddress: '梅灵南路 1 号' };
const OPENED = '/order/batchDecrypt';
type True = { tid: string; receiver: { name: string; phone: string; address: string } };
type Parcel = { id: string; state: string; trackingNumber: string; orderText: string };
type Refused = { done: number; refused: { id: string; message: { zh: string } }[] };

/** Platforms count every receiver that they open: only a number of a courier's is worth it, and what was opened is kept nowhere. */
describe('a covered receiver', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  before(async function () {
    this.timeout(60_000);
    sandbox = await startTestSandbox();
    test = await startTestService();
    await companyLists(test.rt);
    const { gateway, ...account } = sandbox.keys['cainiao']!;
    for (const input of [{ channel: 'douyin', name: '抖店', pullFrom: businessDayOf(new Date()), ...sandbox.keysOf('douyin') }, { channel: 'cainiao', name: '菜鸟', gateway, account: { ...account, ...SENDER } }]) assert.equal((await test.call('POST', '/api/v1/shops', input)).status, 200);
  });
  after(async () => {
    await test.stop();
    await sandbox.stop();
  });
  const opened = async (): Promise<number> => (await sandbox.ask<{ calls: Record<string, number> }>('truth')).calls[OPENED] ?? 0;
  const parcelOf = async (tid: string): Promise<Parcel> => (await test.call<{ rows: Parcel[] }>('GET', '/api/v1/parcels?limit=5000')).body.rows.find((p) => p.orderText === tid)!;
  const number = async (id: string): Promise<Refused> => (await test.call<Refused>('POST', '/api/v1/parcels/waybills', { ids: [id], do: 'take' })).body;
  const planned = async (): Promise<{ order: True; parcel: Parcel }> => {
    const order = await sandbox.ask<True>('orders', { channel: 'douyin' });
    for (const job of ['sync-channels', 'review-orders', 'plan-parcels']) await test.job(job);
    return { order, parcel: await parcelOf(order.tid) };
  };
  const kept = async (): Promise<string> => {
    const names = (await mongoose.connection.db!.listCollections().toArray()).map((c) => c.name);
    return JSON.stringify(await Promise.all(names.map((n) => mongoose.connection.collection(n).find({}).toArray())));
  };

  it('is opened when its number is taken, once, and stands nowhere afterwards', async () => {
    const { order, parcel } = await planned();
    assert.equal(await opened(), 0, 'pulling, reviewing and planning open nothing');
    assert.deepEqual(await number(parcel.id), { done: 1, refused: [] });
    assert.equal(await opened(), 1);
    await number(parcel.id);
    assert.equal(await opened(), 1, 'the number stands: nothing is opened for it again');
    for (const word of ['orders', 'parcels', 'customers']) await test.call('GET', `/api/v1/${word}.csv`);
    assert.equal(await opened(), 1);
    const all = await kept();
    for (const plain of [order.receiver.phone, order.receiver.address]) assert.ok(!all.includes(plain), plain);
  });

  it('waits when the platform’s count is used up: no number, its words, and the label follows later', async () => {
    const { parcel } = await planned();
    const before = await opened();
    await sandbox.ask('unfriendly', { channel: 'douyin', quotaUsed: true });
    const refused = await number(parcel.id);
    assert.equal(refused.done, 0);
    assert.match(refused.refused[0]!.message.zh, /解密额度/);
    // It is not asked again and again: the day's count is gone.
    assert.equal(await opened(), before + 1);
    assert.equal((await parcelOf(parcel.orderText)).trackingNumber, '');
    await sandbox.ask('unfriendly', { channel: 'douyin' });
    assert.deepEqual(await number(parcel.id), { done: 1, refused: [] });
  });
});
