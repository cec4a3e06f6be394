import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient, type Collection, type Db } from 'mongodb';
import { indexFrom } from '../../api/store/embedded/catalog.ts';
import { entriesOf } from '../../api/store/embedded/documents.ts';
import { Engine } from '../../api/store/embedded/engine.ts';
import { valueBytes } from '../../api/store/embedded/keys.ts';
import { startEmbeddedStore } from '../../api/store/embedded/start.ts';
import { decode, encode } from '../../api/store/embedded/values.ts';
import type { Bench, Measure } from './measure.ts';

/** An order line of some 500 bytes, under three indexes: `_id`, a unique compound one, a compound one. */
type Line = { _id: string; shop: string; tid: string; status: string; at: Date; n: number; buyer: string; address: string; items: { sku: string; q: number; fen: number }[] };
const KEYS = [{ key: { shop: 1, tid: 1 }, unique: true, name: 'shop_tid' }, { key: { status: 1, at: -1 }, name: 'status_at' }] as const;
const IN_FLIGHT = 64;
const ROUNDS = 15;
const ROUND_MS = 400;
const BATCH = 1000;
const LARGE = Number(process.env['DOCS'] ?? 100_000);

let made = 0;
function line(): Line {
  made += 1;
  const n = (made * 2_654_435_761) % 4_294_967_296;
  return {
    _id: `L${String(n).padStart(10, '0')}${made}`, shop: `shop${made % 7}`, tid: `T${made}`, status: ['new', 'held', 'packed', 'shipped'][made % 4]!, at: new Date(1_700_000_000_000 + made * 1000), n: 10,
    buyer: `buyer ${n}`, address: `No. ${made % 900}, a road with a long name, a district, a city of a province, 310000`.padEnd(120, '.'),
    items: [{ sku: `SKU${made % 500}`, q: 1, fen: 12_900 }, { sku: `SKU${made % 400}`, q: 2, fen: 8_800 }],
  };
}

/** So many pieces of work at once for a while; answers pieces per second. */
async function rate(work: (i: number) => Promise<number>, inFlight: number): Promise<number> {
  const from = performance.now();
  const done = await Promise.all(Array.from({ length: inFlight }, async (_, worker) => {
    let n = 0;
    for (let i = worker; performance.now() - from < ROUND_MS; i += inFlight) n += await work(i);
    return n;
  }));
  return (done.reduce((a, b) => a + b, 0) * 1000) / (performance.now() - from);
}
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

/** Rounds of ours and of the peer in turn, so that a change of the machine meets both. */
async function beside(name: string, unit: string, ours: () => Promise<number>, besideName: string, peer: () => Promise<number>): Promise<Measure> {
  await ours();
  await peer();
  const [mine, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i += 1) {
    mine.push(await ours());
    theirs.push(await peer());
  }
  return { name, unit, ours: median(mine), beside: median(theirs), besideName };
}

/** What the store puts for a document, put by bare lmdb: one transaction of 1,000 documents, flushed. */
async function bareLmdb(folder: string): Promise<{ round: () => Promise<number>; close: () => Promise<void> }> {
  const env = open<Buffer, Buffer>({ path: join(folder, 'bare.mdb'), encoding: 'binary', keyEncoding: 'binary', noSubdir: true, mapSize: 64 * 2 ** 30 });
  const indexes = KEYS.map((spec, i) => indexFrom(spec, i + 2));
  const round = async (): Promise<number> => {
    let [rows, ms] = [0, 0];
    while (ms < ROUND_MS) {
      const puts: [Buffer, Buffer][] = [];
      for (let i = 0; i < BATCH; i += 1) {
        const bytes = encode(line());
        const doc = decode(bytes);
        const id = valueBytes(doc['_id']);
        puts.push([Buffer.concat([Buffer.from([2, 0, 0, 0, 1]), id]), bytes]);
        for (const index of indexes) for (const { key } of entriesOf(index, doc, id).entries) puts.push([key, id]);
      }
      const from = performance.now();
      env.transactionSync(() => { for (const [key, value] of puts) env.putSync(key, value); });
      ms += performance.now() - from;
      rows += BATCH;
    }
    return (rows * 1000) / ms;
  };
  return { round, close: () => env.close() };
}

async function openLarge(folder: string): Promise<Measure> {
  const data = join(folder, 'large');
  const store = await startEmbeddedStore({ dataDir: data });
  const client = await MongoClient.connect(store.uri);
  const c = client.db('bench').collection<Line>('lines');
  for (const { key, ...options } of KEYS) await c.createIndex(key, options);
  for (let i = 0; i < LARGE; i += BATCH * 4) await Promise.all([0, 1, 2, 3].map(() => c.insertMany(Array.from({ length: BATCH }, line))));
  await client.close();
  process.kill(store.pid, 'SIGKILL');
  await new Promise<void>((resolve) => { store.onExit(() => resolve()); });
  const from = performance.now();
  const engine = new Engine(data);
  const seconds = (performance.now() - from) / 1000;
  await engine.close();
  return { name: `opens ${LARGE.toLocaleString('en-US')} documents after a kill`, unit: 's', ours: seconds, beside: 0.2, besideName: 'limit' };
}

/** Against a driver's ping by the same client, and against bare lmdb with the same bytes and entries, flushed. */
export const store: Bench = {
  name: 'store',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suanpan-bench-'));
    const process_ = await startEmbeddedStore({ dataDir: join(folder, 'data') });
    const client = await MongoClient.connect(process_.uri, { maxPoolSize: IN_FLIGHT });
    const bare = await bareLmdb(folder);
    try {
      const db = client.db('bench');
      const measures = await underLoad(client, db, bare.round);
      return [...measures, await openLarge(folder)];
    } finally {
      await bare.close();
      await client.close();
      await process_.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function underLoad(client: MongoClient, db: Db, lmdb: () => Promise<number>): Promise<Measure[]> {
  const c: Collection<Line> = db.collection('lines');
  for (const { key, ...options } of KEYS) await c.createIndex(key, options);
  const known = Array.from({ length: 4_000 }, line);
  await c.insertMany(known);
  const one = (i: number): Line => known[(i * 7919) % known.length]!;
  const ping = (): Promise<number> => rate(async () => { await db.command({ ping: 1 }); return 1; }, IN_FLIGHT);
  const against = (name: string, work: (i: number) => Promise<number>, inFlight = IN_FLIGHT): Promise<Measure> => beside(name, '/s', () => rate(work, inFlight), 'ping', ping);
  return [
    await against('insertOne, 64 in flight', async () => { await c.insertOne(line()); return 1; }),
    await against('findOne by _id', async (i) => { await c.findOne({ _id: one(i)._id }); return 1; }),
    await against('findOne by a unique index', async (i) => { const { shop, tid } = one(i); await c.findOne({ shop, tid }); return 1; }),
    await against('updateOne under a condition', async (i) => { await c.updateOne({ _id: one(i)._id, n: { $gte: 0 } }, { $inc: { n: 1 } }); return 1; }),
    await against('transactions of two writes', async (i) => {
      await client.withSession((session) => session.withTransaction(async () => {
        await c.updateOne({ _id: known[(i * 61) % known.length]!._id }, { $inc: { n: 1 } }, { session });
        await c.insertOne(line(), { session });
      }));
      return 1;
    }),
    await beside('insertMany of 1,000', 'docs/s', () => rate(async () => { await c.insertMany(Array.from({ length: BATCH }, line)); return BATCH; }, 2), 'bare lmdb', lmdb),
  ];
}
