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
/** Orders that are taken in at once. */
const WINDOW = 1_000;
const SKUS = Array.from({ length: 40 }, (_, i) => `S-${i}`);
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
type Step = 'pull' | 'review' | 'plan' | 'slip' | 'ship';

/**
 * As on a working day: the next orders are pulled and reviewed while those before them are planned, printed and shipped, and a batch is
 * printed while the one before it leaves. Planning and shipping write the same balances, so they are one hand's work.
 */
async function oneRun(steps: Map<Step, number[]>): Promise<{ ours: number; floor: number }> {
  const test = await startTestService();
  try {
    const { shopId } = await company(test.rt, Object.fromEntries(SKUS.map((s) => [s, COUNT])));
    const incoming = Array.from({ length: COUNT }, (_, i) => order(`b-${i}`, { buyerKey: `b-${i}`, lines: [{ merchantCode: SKUS[i % 40]!, platformSkuId: `s-${SKUS[i % 40]!}` }, ...(i % 3 === 0 ? [{ merchantCode: SKUS[(i + 7) % 40]!, platformSkuId: `s-${SKUS[(i + 7) % 40]!}` }] : [])] }));
    const times = new Map<Step, number>();
    const took = async (step: Step, work: () => Promise<unknown>): Promise<void> => {
      const start = performance.now();
      await work();
      times.set(step, (times.get(step) ?? 0) + performance.now() - start);
    };
    const call = async (verb: 'print' | 'ship', ids: readonly string[]): Promise<void> => { const { status } = await test.call('POST', `/api/v1/parcels/${verb}`, { ids }); assert.equal(status, 200, verb); };
    const take = async (orders: typeof incoming): Promise<void> => {
      await took('pull', () => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders, review: true }));
      await took('review', () => test.job('review-orders'));
    };
    const send = async (): Promise<void> => {
      await took('plan', () => test.job('plan-parcels'));
      const ids = (await Parcels.find({ state: 'reserved' }, { _id: 1 }).lean()).map((p) => p._id);
      let leaving = Promise.resolve();
      for (let i = 0; i < ids.length; i += BATCH) {
        const batch = ids.slice(i, i + BATCH);
        await took('slip', () => call('print', batch));
        await leaving;
        leaving = took('ship', () => call('ship', batch));
        leaving.catch(() => undefined);
      }
      await leaving;
    };
    const from = performance.now();
    await take(incoming.slice(0, WINDOW));
    for (let i = WINDOW; i < COUNT; i += WINDOW) await Promise.all([take(incoming.slice(i, i + WINDOW)), send()]);
    await send();
    const ours = (COUNT * 1000) / (performance.now() - from);
    for (const [step, ms] of times) steps.set(step, [...(steps.get(step) ?? []), ms]);
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
 * time, into collections with the same indexes, with the same write concern, by two hands. Each once, in its last state: the flow writes an order
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
  const write = async (i: number): Promise<void> => { for (let k = 0; k < docs[i]!.length; k += BATCH) await db.collection(names[i]!).insertMany(docs[i]!.slice(k, k + BATCH), { ordered: false }); };
  // Two hands, as above.
  await Promise.all([0, 1].map(async (hand) => { for (let i = hand; i < names.length; i += 2) await write(i); }));
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
