/** Stock at size: a ledger summed anew against a bare cursor over the same rows; every position in one answer. `ROWS` says how many movements. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { startEmbeddedStore } from '../../api/store/embedded/start.ts';
import { buildIndexes, connectStore, disconnectStore } from '../../api/store/connection.ts';
import { makeLog } from '../../api/runtime/log.ts';
import { levels, Movements, rebuildPositions, sumLedger } from '../../api/stock/index.ts';
import type { Bench, Measure } from './measure.ts';

const ROWS = Number(process.env['ROWS'] ?? 1_000_000);
const SKUS = 10_000;
const HOUSES = ['HZ', 'GZ', 'CD', 'BJ', 'SY'];
const BATCH = 5_000;

/** Receipts and sales spread over all SKUs and warehouses; balances written beside, as the ledger would have them. */
async function fill(rows: number): Promise<void> {
  const held = new Map<string, { quantity: number; valueFen: number }>();
  const at = new Date('2026-01-01T00:00:00Z').getTime();
  for (let from = 0; from < rows; from += BATCH) {
    const docs = Array.from({ length: Math.min(BATCH, rows - from) }, (_, k) => {
      const i = from + k;
      const [place, skuCode] = [HOUSES[i % 5]!, `SKU-${String(Math.floor(i / 5) % SKUS).padStart(5, '0')}`];
      const p = held.get(`${place}:${skuCode}`) ?? { quantity: 0, valueFen: 0 };
      const enters = p.quantity < 3;
      const quantity = enters ? 9 : 1 + (i % 3);
      const costFen = enters ? 9 * (100 + (i % 77)) : Math.round((p.valueFen * quantity) / p.quantity);
      held.set(`${place}:${skuCode}`, { quantity: p.quantity + (enters ? quantity : -quantity), valueFen: p.valueFen + (enters ? costFen : -costFen) });
      const when = new Date(at + i * 20);
      const id = `mov_${String(i).padStart(26, '0')}`;
      return { _id: id, key: id, kind: enters ? 'receipt' : 'shipment', skuCode, from: enters ? 'supplier' : place, to: enters ? place : 'buyer', quantity, costFen, correctionFen: 0, reference: `ref_${i % 100_000}`, reason: '', by: 'bench', at: when, recordedAt: when, bookedAt: when, seq: id, counted: null, anchor: '', undoes: '', undoneBy: '', weight: 0, hintFen: 0, taken: [], put: [], serials: [], revision: 1, changedAt: when };
    });
    await Movements.collection.insertMany(docs as never, { ordered: false });
  }
  const positions = [...held].map(([_id, p]) => ({ _id, warehouseCode: _id.split(':')[0], skuCode: _id.split(':')[1], onHand: p.quantity, reserved: 0, locked: 0, incoming: 0, inTransit: 0, valueFen: p.valueFen, safetyStock: 0, layers: null, lastAt: null, lastSeq: '', tracked: false, revision: 1, changedAt: new Date(at) }));
  for (let i = 0; i < positions.length; i += BATCH) await mongoose.connection.collection('positions').insertMany(positions.slice(i, i + BATCH) as never, { ordered: false });
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
};
async function bareCursor(): Promise<number> {
  let n = 0;
  for await (const row of Movements.collection.find({}, { batchSize: 10_000 })) n += (row as { quantity?: number }).quantity ? 1 : 0;
  return n;
}

async function run(): Promise<Measure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suanpan-bench-stock-'));
  const store = await startEmbeddedStore({ dataDir });
  try {
    await connectStore(store.uri, 'bench');
    await buildIndexes(makeLog('silent'));
    const filled = await seconds(() => fill(ROWS));
    process.stderr.write(`  ${ROWS.toLocaleString('en-US')} movements written in ${filled.toFixed(1)} s\n`);
    const floor = await seconds(bareCursor);
    const sums = await seconds(sumLedger);
    const whole = await seconds(async () => { const { differences } = await rebuildPositions(); if (differences.length > 0) throw new Error(differences[0]); });
    const places = SKUS * HOUSES.length;
    const bare = await seconds(async () => { let n = 0; for await (const p of mongoose.connection.collection('positions').find({}, { batchSize: 20_000 })) n += p['onHand'] as number; return n; });
    const read = await seconds(() => levels({ clock: { now: () => new Date(0) } }));
    process.stderr.write(`  ledger summed in ${sums.toFixed(1)} s, rebuilt and compared in ${whole.toFixed(1)} s; ${places.toLocaleString('en-US')} positions read in ${(read * 1000).toFixed(0)} ms\n`);
    return [
      { name: 'ledger summed anew', unit: 'rows/s', besideName: 'floor bare cursor', ours: ROWS / sums, beside: ROWS / floor },
      { name: 'positions rebuilt and compared', unit: 'rows/s', besideName: 'floor bare cursor', ours: ROWS / whole, beside: ROWS / floor },
      { name: 'levels of 10,000 SKUs x 5 warehouses', unit: 'positions/s', besideName: 'floor bare cursor', ours: Math.min(places, ROWS) / read, beside: Math.min(places, ROWS) / bare },
    ];
  } finally {
    await disconnectStore();
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
export const stock: Bench = { name: 'stock', run };
