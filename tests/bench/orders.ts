/**
 * Orders from pull to shipped, against a floor that only writes the documents that came of it with the driver.
 * `ORDERS=20000 RUNS=5 npm run bench -- orders`; the default is smaller. Also proves that none is lost, doubled or oversold.
 */
import assert from 'node:assert/strict';
import mongoose, { type mongo } from 'mongoose';
import { ingestOrders, Orders, Parcels } from '../../api/orders/index.ts';
import { rebuildPositions } from '../../api/stock/index.ts';
import { startSharedStore, stopSharedStore } from '../support/shared-store.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order } from '../support/world.ts';
import type { Bench, Measure } from './measure.ts';

const COUNT = Number(process.env['ORDERS'] ?? 2_000);
const RUNS = Number(process.env['RUNS'] ?? 1);
const BATCH = 500;
const SKUS = Array.from({ length: 40 }, (_, i) => `S-${i}`);
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
type Step = 'pull' | 'review' | 'plan' | 'slip' | 'ship';

async function oneRun(steps: Map<Step, number[]>): Promise<{ ours: number; floor: number }> {
  const test = await startTestService();
  try {
    const { shopId } = await company(test.rt, Object.fromEntries(SKUS.map((s) => [s, COUNT])));
    const incoming = Array.from({ length: COUNT }, (_, i) => order(`b-${i}`, { buyerKey: `b-${i}`, lines: [{ merchantCode: SKUS[i % 40]!, platformSkuId: `s-${SKUS[i % 40]!}` }, ...(i % 3 === 0 ? [{ merchantCode: SKUS[(i + 7) % 40]!, platformSkuId: `s-${SKUS[(i + 7) % 40]!}` }] : [])] }));
    const from = performance.now();
    const took = async (step: Step, work: () => Promise<unknown>): Promise<void> => {
      const start = performance.now();
      await work();
      steps.set(step, [...(steps.get(step) ?? []), performance.now() - start]);
    };
    await took('pull', async () => { for (let i = 0; i < COUNT; i += 100) await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: incoming.slice(i, i + 100) }); });
    await took('review', () => test.job('review-orders'));
    await took('plan', () => test.job('plan-parcels'));
    const ids = (await Parcels.find({ state: 'reserved' }, { _id: 1 }).lean()).map((p) => p._id);
    await took('slip', async () => { for (let i = 0; i < ids.length; i += BATCH) await test.call('POST', '/api/v1/parcels/print', { ids: ids.slice(i, i + BATCH) }); });
    await took('ship', async () => { for (let i = 0; i < ids.length; i += BATCH) await test.call('POST', '/api/v1/parcels/ship', { ids: ids.slice(i, i + BATCH) }); });
    const ours = (COUNT * 1000) / (performance.now() - from);
    assert.equal(await Orders.countDocuments({}), COUNT, 'lost or doubled');
    assert.equal(await Parcels.countDocuments({ state: 'shipped' }), COUNT, 'not shipped');
    assert.deepEqual((await rebuildPositions()).differences, [], 'oversold');
    return { ours, floor: await floorRate(test) };
  } finally {
    await test.stop();
  }
}

/**
 * All documents that came of the run (whatever collection they are in), read back and written anew by the driver alone, a batch at a
 * time, into collections with the same indexes, with the same write concern. Each once, in its last state: the flow writes an order
 * four times.
 */
async function floorRate(test: TestService): Promise<number> {
  const db = mongoose.connection.getClient().db(`floor_${test.rt.newId('run')}`);
  const all = (await mongoose.connection.listCollections()).map((c) => c.name);
  const docs: mongo.Document[][] = [];
  const names: string[] = [];
  for (const name of all) {
    const found = await mongoose.connection.collection(name).find({}).toArray();
    // What the company was before the run (its SKUs, shops, rules) is not the run's.
    if (found.length < COUNT / 2) continue;
    const indexes = (await mongoose.connection.collection(name).indexes()).filter((i) => i.name !== '_id_');
    await db.createCollection(name);
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes.map(({ v: _v, ...i }) => i as { key: Record<string, 1>; name: string }));
    names.push(name);
    docs.push(found);
  }
  const from = performance.now();
  for (const [i, name] of names.entries()) for (let k = 0; k < docs[i]!.length; k += BATCH) await db.collection(name).insertMany(docs[i]!.slice(k, k + BATCH), { ordered: false });
  return (COUNT * 1000) / (performance.now() - from);
}

export const orders: Bench = {
  name: 'orders',
  run: async () => {
    const steps = new Map<Step, number[]>();
    const runs = [];
    await startSharedStore();
    for (let i = 0; i < RUNS; i += 1) runs.push(await oneRun(steps));
    await stopSharedStore();
    const floor = median(runs.map((r) => r.floor));
    const all: Measure = { name: `orders: pull, review, plan, slip, ship (${COUNT})`, unit: 'orders/s', ours: median(runs.map((r) => r.ours)), beside: floor, besideName: 'driver writes the same' };
    return [all, ...[...steps].map(([step, times]): Measure => ({ name: `orders: ${step} alone`, unit: 'orders/s', ours: (COUNT * 1000) / median(times), beside: floor, besideName: 'driver writes the same' }))];
  },
};
