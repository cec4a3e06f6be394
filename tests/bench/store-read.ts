/** The embedded store reading many documents: counts, a scan, groups, beside a bare LMDB walk over the same file; and what another client feels meanwhile. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient, type Collection } from 'mongodb';
import { startEmbeddedStore, type EmbeddedStore } from '../../api/store/embedded/start.ts';
import type { Bench, Measure } from './measure.ts';

/** ROWS documents of about 600 bytes; STORE_DATA keeps the folder, so that a second run need not write them again. */
const ROWS = Number(process.env['ROWS'] ?? 1_000_000);
const BATCH = 2_000;
const DOCUMENTS = 0x02;
type Row = { _id: number };

const rowOf = (n: number): Record<string, unknown> => ({
  _id: n, shop: `shop-${n % 23}`, sku: `SKU-${(n * 7919) % 50_000}`, paidFen: (n * 37) % 100_000, quantity: n % 5 + 1, status: ['paid', 'sent', 'done', 'held'][n % 4], at: new Date(1_760_000_000_000 + n * 1000),
  buyer: { name: `买家${n % 1000}`, city: `城市${n % 300}`, street: 'x'.repeat(60) }, lines: [{ sku: `A${n % 99}`, q: 1, fen: 100 }, { sku: `B${n % 77}`, q: 2, fen: 250 }], note: 'n'.repeat(150),
});

async function filled(client: MongoClient): Promise<Collection<Row>> {
  const c = client.db('bench').collection<Row>('rows');
  const there = await c.estimatedDocumentCount();
  if (there >= ROWS) return c;
  await c.createIndex({ shop: 1, paidFen: 1 });
  for (let at = there; at < ROWS; at += BATCH) await c.insertMany(Array.from({ length: Math.min(BATCH, ROWS - at) }, (_, i) => rowOf(at + i) as Row), { ordered: false });
  return c;
}

/** Private memory of a process in MB (not the pages of the mapped file, which the system takes back); not a number where the system does not tell. */
async function privateMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Anonymous:\s+(\d+)/m.exec(text)?.[1] ?? NaN) / 1024;
}

async function drained(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of rows) continue;
}

type Felt = { readonly seconds: number; readonly p99: number; readonly mb: number };
/** Runs a query while another client asks for single documents. */
async function beside(store: EmbeddedStore, other: Collection<Row>, query: () => Promise<unknown>): Promise<Felt> {
  let running = true;
  const waits: number[] = [];
  const asking = (async () => {
    for (let n = 1; running; n += 1) {
      const from = performance.now();
      await other.findOne({ _id: (n * 7907) % ROWS });
      waits.push(performance.now() - from);
      await new Promise((resolve) => { setTimeout(resolve, 2); });
    }
  })();
  let mb = 0;
  const watching = (async () => { while (running) { mb = Math.max(mb, await privateMb(store.pid)); await new Promise((resolve) => { setTimeout(resolve, 50); }); } })();
  const from = performance.now();
  await query();
  const seconds = (performance.now() - from) / 1000;
  running = false;
  await Promise.all([asking, watching]);
  waits.sort((a, b) => a - b);
  return { seconds, p99: waits[Math.floor(waits.length * 0.99)] ?? 0, mb };
}

/** The least that a scan must do: LMDB's own walk over the documents, their bytes taken out. */
function floorSeconds(folder: string): number {
  const env = open<Buffer, Buffer>({ path: join(folder, 'data.mdb'), encoding: 'binary', keyEncoding: 'binary', noSubdir: true, readOnly: true, maxDbs: 1, mapSize: 64 * 2 ** 30 });
  const from = performance.now();
  let bytes = 0;
  for (const { value } of env.getRange({ start: Buffer.from([DOCUMENTS]), end: Buffer.from([DOCUMENTS + 1]) })) bytes += value.length;
  const seconds = (performance.now() - from) / 1000;
  void env.close();
  return bytes > 0 ? seconds : NaN;
}

async function run(): Promise<Measure[]> {
  const kept = process.env['STORE_DATA'];
  const dataDir = kept ?? await mkdtemp(join(tmpdir(), 'suanpan-bench-'));
  const store = await startEmbeddedStore({ dataDir });
  const [client, second] = [await MongoClient.connect(store.uri), await MongoClient.connect(store.uri)];
  try {
    const c = await filled(client);
    const other = second.db('bench').collection<Row>('rows');
    // Its connection is made before it is asked how long it waits.
    for (let n = 0; n < 200; n += 1) await other.findOne({ _id: n });
    const floor = floorSeconds(dataDir);
    const queries: [string, () => Promise<unknown>][] = [
      ['countDocuments({})', () => c.countDocuments({})],
      ['count by index range', () => c.countDocuments({ shop: 'shop-3', paidFen: { $gte: 50_000 } } as never)],
      ['scan with filter, no index', () => c.find({ status: 'held', quantity: { $gt: 4 }, 'buyer.city': '城市7' } as never).toArray()],
      ['count with filter, no index', () => c.countDocuments({ status: 'held' } as never)],
      ['$group by one field', () => c.aggregate([{ $group: { _id: '$sku', fen: { $sum: '$paidFen' } } }, { $sort: { fen: -1 } }, { $limit: 5 }]).toArray()],
      ['$group by one field, few groups', () => c.aggregate([{ $group: { _id: '$status', fen: { $sum: '$paidFen' }, n: { $sum: 1 } } }]).toArray()],
      ['sort without index, limit 20', () => c.find({}, { sort: { quantity: -1, _id: -1 }, limit: 20 }).toArray()],
      ['sort without index, all of it', () => drained(c.find({}, { sort: { paidFen: -1 }, projection: { paidFen: 1 }, allowDiskUse: true }))],
      ['$group into as many groups as rows', () => c.aggregate([{ $group: { _id: '$_id', fen: { $sum: '$paidFen' } } }, { $count: 'n' }], { allowDiskUse: true }).toArray()],
      ['distinct of an indexed field', () => c.distinct('shop')],
    ];
    const out: Measure[] = [];
    for (const [name, query] of queries) {
      const felt = await beside(store, other, query);
      out.push({ name: `${name} of ${ROWS}`, unit: 's', ours: felt.seconds, beside: floor, besideName: 'lmdb walk' });
      out.push({ name: `  another client's findOne, p99`, unit: 'ms', ours: felt.p99, beside: 20, besideName: 'bound' });
      out.push({ name: `  private memory at most`, unit: 'MB', ours: felt.mb, beside: 150, besideName: 'bound' });
    }
    return out;
  } finally {
    await Promise.all([client.close(), second.close()]);
    await store.stop();
    if (!kept) await rm(dataDir, { recursive: true, force: true });
  }
}
export const storeRead: Bench = { name: 'store-read', run };
