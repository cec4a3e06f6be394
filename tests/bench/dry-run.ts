/**
 * A draft of the review table tried on `ORDERS` past orders (100,000 unless told), over HTTP, fields loaded from the store: buyers
 * with their history, stock, SKUs, shops. Beside it a bare cursor over the same orders: what reading them costs anybody.
 */
import mongoose from 'mongoose';
import { ingestOrders, Orders } from '../../api/orders/index.ts';
import { Customers } from '../../api/customers/index.ts';
import { startSharedStore, stopSharedStore } from '../support/shared-store.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order } from '../support/world.ts';
import type { Measure } from './measure.ts';

const COUNT = Number(process.env['ORDERS'] ?? 100_000);
const SEEDS = 500;
const BATCH = 5_000;
const DAYS = 30;
const SKUS = Array.from({ length: 200 }, (_, i) => `S-${i}`);
const PLACES = [['浙江省', '杭州市', '西湖区'], ['广东省', '深圳市', '南山区'], ['新疆维吾尔自治区', '乌鲁木齐市', '天山区'], ['四川省', '成都市', '武侯区'], ['北京市', '北京市', '海淀区']] as const;
const WORDS = ['', '', '', '尽快发', '要发票', '包装好一点', '帮我改地址'];
const seed = (i: number) => order(`seed-${i}`, {
  buyerKey: `b-${i}`, buyerMessage: WORDS[i % WORDS.length]!, sellerMemo: i % 40 === 0 ? '先不发' : '', receiver: { province: PLACES[i % 5]![0], city: PLACES[i % 5]![1], district: PLACES[i % 5]![2] },
  lines: Array.from({ length: 1 + (i % 3) }, (_x, k) => ({ merchantCode: SKUS[(i * 7 + k) % SKUS.length]!, platformSkuId: `s-${SKUS[(i * 7 + k) % SKUS.length]!}`, quantity: 1 + (i % 4), paidFen: fen(3_000 + i * 40) })),
});

/** Reviewed orders multiplied: each with its own id, number, time and, three to one, its buyer. */
async function fill(test: TestService): Promise<void> {
  const { shopId } = await company(test.rt, Object.fromEntries(SKUS.map((s) => [s, 100_000])));
  for (let i = 0; i < SEEDS; i += 100) await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: Array.from({ length: 100 }, (_x, k) => seed(i + k)) });
  await test.job('review-orders');
  const [models, buyers] = [await Orders.collection.find({}).toArray(), await Customers.collection.find({}).toArray()];
  await Orders.collection.deleteMany({});
  const from = Date.now() - DAYS * 86_400_000;
  for (let at = 0; at < COUNT; at += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, COUNT - at) }, (_x, k) => at + k);
    const orders = ids.map((i) => { const paidAt = new Date(from + Math.floor((i / COUNT) * DAYS * 86_400_000)); return { ...models[i % models.length]!, _id: `ord_${String(i).padStart(26, '0')}`, platformOrderId: `${700_000_000_000 + i}`, customerId: `cus_${Math.imul(i, 2_654_435_761) >>> 0}`.slice(0, 14 - (i % 3)), paidAt, placedAt: paidAt }; });
    await Orders.collection.insertMany(orders as never, { ordered: false });
    const people = [...new Set(orders.map((o) => o.customerId))];
    await Customers.collection.bulkWrite(people.map((_id, k) => ({ updateOne: { filter: { _id: _id as never }, update: { $setOnInsert: { ...buyers[k % buyers.length]!, _id } }, upsert: true } })), { ordered: false });
  }
}

export async function dryRun(): Promise<Measure[]> {
  if (COUNT === 0) return [];
  await startSharedStore();
  const test = await startTestService();
  try {
    await fill(test);
    type Table = { version: number; rows: { id: string; enabled: boolean; cells: Record<string, string> }[] };
    const { rows } = (await test.call<Table>('GET', '/api/v1/rules/order-review')).body;
    const draft = [...rows, { id: 'R99', enabled: true, cells: { paid: '>=100', buyerOrders: '<=1', stock: '够', hold: 'amount_unusual' } }];
    const day = (back: number): string => new Date(Date.now() - back * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const answer = await test.call<{ orders: number; changed: number; passed: number }>('POST', '/api/v1/rules/order-review/dry-run', { rows: draft, from: day(DAYS + 1), to: day(0) });
    const took = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    if (answer.status !== 200 || answer.body.orders !== COUNT) throw new Error(JSON.stringify(answer.body).slice(0, 400));
    const read = performance.now();
    let n = 0;
    for await (const o of mongoose.connection.collection('orders').find({}, { batchSize: 1_000 })) n += (o['paidFen'] as number) > 0 ? 1 : 0;
    const bare = (performance.now() - read) / 1000;
    process.stderr.write(`  ${COUNT.toLocaleString('en-US')} orders dry-run in ${took.toFixed(1)} s: ${answer.body.passed.toLocaleString('en-US')} pass, ${answer.body.changed.toLocaleString('en-US')} change (${((used.user + used.system) / 1e6).toFixed(1)} s of the service’s own processor time); a bare cursor reads ${n.toLocaleString('en-US')} in ${bare.toFixed(1)} s\n`);
    return [{ name: `dry run, fields from the store (${COUNT})`, unit: 'orders/s', ours: COUNT / took, beside: COUNT / bare, besideName: 'floor bare cursor' }];
  } finally {
    await test.stop();
    await stopSharedStore();
  }
}
