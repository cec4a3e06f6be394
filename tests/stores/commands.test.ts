import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient, MongoServerError, type Db, type Document } from 'mongodb';

type Row = { _id: number; [key: string]: unknown };
const refused = (code: number) => (e: unknown): boolean => e instanceof MongoServerError && e.code === code;

/** What the server does around queries: plans, limits of time, expiry, its log, pipelines that write. A process of its own, whose log is read. */
describe('the embedded store: plans, limits, expiry', () => {
  let dataDir = '';
  let store: ChildProcess;
  let client: MongoClient;
  let db: Db;
  const log: string[] = [];
  let told: () => void = () => undefined;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-'));
    store = spawn(process.execPath, ['--import', 'tsx', 'api/store/embedded/main.ts', '--data', dataDir, '--port', '0', '--test-commands'], { stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: store.stderr! }).on('line', (line) => { log.push(line); told(); });
    const uri = await new Promise<string>((resolve) => { createInterface({ input: store.stdout! }).once('line', (line) => resolve((JSON.parse(line) as { uri: string }).uri)); });
    client = await MongoClient.connect(uri);
    db = client.db('commands_spec');
    const c = db.collection<Row>('rows');
    await c.insertMany(Array.from({ length: 400 }, (_, n) => ({ _id: n, shop: `s${n % 4}`, n: n % 50, tag: n % 7 })));
    await c.createIndex({ shop: 1, n: -1 });
  });
  after(async () => {
    await client.close();
    store.kill('SIGTERM');
    await new Promise((resolve) => { store.once('exit', resolve); });
    await rm(dataDir, { recursive: true, force: true });
  });
  const set = (name: string, value: unknown): Promise<Document> => client.db('admin').command({ setParameter: 1, [name]: value });
  const stats = (e: Document): unknown[] => { const s = e['executionStats'] as Document; return [s['nReturned'], s['totalKeysExamined'], s['totalDocsExamined']]; };

  it('explains a walk by its bounds, and counts exactly what it looked at', async () => {
    const c = db.collection<Row>('rows');
    const e = await c.find({ shop: 's1', n: { $gte: 40, $lt: 45 } }).explain();
    const scan = e['queryPlanner'].winningPlan.inputStage as Document;
    assert.deepEqual([scan['stage'], scan['indexBounds'], scan['direction']], ['IXSCAN', { shop: ['["s1", "s1"]'], n: ['(45, 40]'] }, 'forward']);
    const inside = await c.countDocuments({ shop: 's1', n: { $gte: 40, $lt: 45 } });
    assert.deepEqual(stats(e), [inside, inside, inside]);
    assert.deepEqual(stats(await c.find({ shop: 's1', tag: 3 }).explain()).slice(1), [100, 100]);
    assert.deepEqual(stats(await c.find({ tag: 3 }, { hint: 'shop_1_n_-1' }).explain()).slice(1), [400, 400], 'a hint is obeyed');
    assert.equal((await c.find({ _id: 5 }).explain())['queryPlanner'].winningPlan.stage, 'IDHACK');
    await assert.rejects(c.find({ tag: 3 }, { hint: 'none' }).toArray(), refused(2));
  });

  it('merges the ranges of an $in in the order of a sort, and answers an $or by its parts', async () => {
    const c = db.collection<Row>('rows');
    const cursor = c.find({ shop: { $in: ['s0', 's2'] } }, { sort: { n: -1 }, limit: 5 });
    const e = await cursor.explain();
    assert.equal(JSON.stringify(e['queryPlanner']).includes('SORT_MERGE') && !JSON.stringify(e['queryPlanner']).includes('"SORT"'), true);
    assert.ok(Number(stats(e)[1]) <= 8, 'few keys are looked at');
    assert.deepEqual((await cursor.toArray()).map((d) => d['n']), [48, 48, 48, 48, 48]);
    const or = await c.find({ $or: [{ _id: 7 }, { shop: 's3', n: 49 }] }).explain();
    assert.deepEqual(or['queryPlanner'].winningPlan.inputStage.inputStages.map((s: Document) => s['indexName']), ['_id_', 'shop_1_n_-1']);
    assert.equal(Number(stats(or)[2]), 1 + await c.countDocuments({ shop: 's3', n: 49 }));
  });

  it('counts and finds distinct values in the index without walking documents', async () => {
    const c = db.collection<Row>('rows');
    const e = await db.command({ explain: { count: 'rows', query: { shop: 's2', n: { $lt: 10 } } } });
    assert.equal(e['queryPlanner'].winningPlan.inputStage.stage, 'COUNT_SCAN');
    assert.equal(stats(e)[2], 0);
    const d = await db.command({ explain: { distinct: 'rows', key: 'shop' } });
    assert.ok(Number(stats(d)[2]) <= 4);
    assert.deepEqual(await c.distinct('shop'), ['s0', 's1', 's2', 's3']);
    const nulls = db.collection<Row>('nulls');
    await nulls.createIndex({ k: 1 });
    await nulls.insertMany([{ _id: 1 }, { _id: 2, k: 1 }, { _id: 3, k: 1 }]);
    assert.deepEqual(await nulls.distinct('k'), [1]);
    await nulls.insertOne({ _id: 4, k: null });
    assert.deepEqual(await nulls.distinct('k'), [null, 1]);
  });

  it('stops what takes longer than its time, and what is killed', async () => {
    const slow: Document[] = [{ $match: { _id: { $gte: 0 } } }, { $lookup: { from: 'rows', pipeline: [{ $match: { $expr: { $gt: ['$n', -1] } } }, { $lookup: { from: 'rows', pipeline: [{ $match: { tag: 1 } }], as: 'y', let: { a: '$n' } } }], as: 'x', let: { b: '$_id' } } }, { $count: 'n' }];
    await assert.rejects(db.collection('rows').aggregate(slow, { maxTimeMS: 60 }).toArray(), refused(50));
    const running = assert.rejects(db.collection('rows').aggregate(slow, { comment: 'mine' }).toArray(), refused(11_601));
    for (;;) {
      const { inprog } = await client.db('admin').command({ currentOp: 1 }) as { inprog?: Document[] };
      const op = inprog?.find((o) => o['ns'] === 'commands_spec.rows' && o['command'].aggregate);
      if (!op) continue;
      await client.db('admin').command({ killOp: 1, op: op['opid'] });
      break;
    }
    await running;
    const cursor = db.collection('rows').find({}, { batchSize: 2 });
    await cursor.next();
    await db.command({ killCursors: 'rows', cursors: [cursor.id] });
    await assert.rejects((async () => { for await (const _ of cursor) continue; })(), refused(43));
  });

  it('changes many documents that it must look for, each as it is when its turn comes', async () => {
    const c = db.collection<Row>('many');
    await c.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ _id: n, n: n % 10, hits: 0 })));
    const [all, ...ones] = await Promise.all([
      c.updateMany({ n: 7 }, { $inc: { hits: 1 } } as never),
      ...Array.from({ length: 20 }, (_, i) => c.updateOne({ _id: 7 + i * 900 }, { $set: { n: 8 } })),
      ...Array.from({ length: 8 }, () => c.updateOne({ n: 9, hits: 0 }, { $inc: { hits: 1 } } as never)),
    ]);
    assert.equal(await c.countDocuments({ n: { $in: [7, 8] }, hits: 1 }), all!.modifiedCount);
    assert.ok(ones.every((r) => r.modifiedCount === 1));
    assert.equal(await c.countDocuments({ n: 9, hits: 1 }), 8, 'no two of them took the same document');
    assert.equal((await c.deleteMany({ n: 8 })).deletedCount, 2_020);
    assert.equal(await c.countDocuments({}), 17_980);
  });

  it('writes to its log what took long: the shape and the plan, no values', async () => {
    await set('slowms', 1);
    const seen = new Promise<Document>((resolve) => { told = () => { const line = log.map((l) => (l.startsWith('{') ? JSON.parse(l) as Document : {})).find((l) => l['slow'] && l['command'] === 'find' && l['ns'] === 'commands_spec.big'); if (line) resolve(line); }; });
    const big = db.collection<Row>('big');
    await big.insertMany(Array.from({ length: 4_000 }, (_, n) => ({ _id: n, secret: `geheim-${n}` })));
    await big.find({ secret: 'geheim-7', _id: { $in: [...Array(500).keys()] } }).toArray();
    await big.find({ secret: /geheim-77/ }).toArray();
    const line = await seen;
    await set('slowms', 100);
    assert.ok(!JSON.stringify(line).includes('geheim'));
    assert.ok(String(line['plan']).length > 0 && JSON.stringify(line['shape']).includes('secret'));
  });

  it('removes documents whose time has passed, and no others', async () => {
    const c = db.collection<Row>('ttl');
    await c.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
    const past = new Date(Date.now() - 2 * 3_600_000);
    const unseen = db.collection<Row>('ttl_unseen');
    await unseen.createIndex({ at: 1 }, { expireAfterSeconds: 3600, hidden: true });
    await unseen.insertOne({ _id: 1, at: past });
    await c.insertMany([...Array.from({ length: 300 }, (_, n) => ({ _id: n, at: past })), { _id: 1000, at: new Date() }, { _id: 1001 }, { _id: 1002, at: 'long ago' }, { _id: 1003, at: [new Date(), past] }]);
    await set('ttlMonitorSleepSecs', 1);
    while (await c.countDocuments({ at: { $lte: past } }) + await unseen.countDocuments() > 0) await new Promise((resolve) => { setTimeout(resolve, 50); });
    await set('ttlMonitorSleepSecs', 60);
    assert.deepEqual((await c.find().sort({ _id: 1 }).toArray()).map((d) => d._id), [1000, 1001, 1002]);
  });

  it('merges rows into a collection in every way, and lets $out replace one whole with its indexes', async () => {
    const target = db.collection<Row>('target');
    await target.createIndex({ shop: 1 }, { unique: true });
    await target.insertMany([{ _id: 1, shop: 's0', total: 5, kept: true }, { _id: 2, shop: 's1', total: 7 }]);
    const sums: Document[] = [{ $match: { shop: { $in: ['s0', 's1', 's2'] } } }, { $group: { _id: '$shop', n: { $sum: 1 } } }, { $project: { _id: 0, shop: '$_id', n: 1 } }];
    const merge = (spec: Document): Promise<Document[]> => db.collection('rows').aggregate([...sums, { $merge: { into: 'target', on: 'shop', ...spec } }]).toArray();
    await merge({ whenMatched: [{ $set: { total: { $add: ['$total', '$$new.n', '$$NOW_MISSING'] } } }], whenNotMatched: 'discard' }).then(() => assert.fail(), (e) => assert.ok(refused(17_276)(e)));
    await merge({ whenMatched: [{ $set: { total: { $add: ['$total', '$$new.n'] } } }], whenNotMatched: 'discard' });
    assert.deepEqual(await target.find().sort({ _id: 1 }).toArray(), [{ _id: 1, shop: 's0', total: 105, kept: true }, { _id: 2, shop: 's1', total: 107 }]);
    await merge({ whenMatched: 'replace', whenNotMatched: 'discard' });
    assert.deepEqual(await target.find().sort({ _id: 1 }).toArray(), [{ _id: 1, n: 100, shop: 's0' }, { _id: 2, n: 100, shop: 's1' }]);
    await assert.rejects(merge({ whenMatched: 'merge', whenNotMatched: 'fail' }), refused(13_113));
    await assert.rejects(merge({ whenMatched: 'fail' }), refused(11_000));
    await assert.rejects(db.collection('rows').aggregate([...sums, { $merge: { into: 'target', on: 'n' } }]).toArray(), refused(51_183));
    await db.collection('rows').aggregate([{ $match: { n: 3 } }, { $group: { _id: '$shop' } }, { $project: { shop: '$_id' } }, { $out: 'target' }]).toArray();
    assert.deepEqual((await target.find().toArray()).map((d) => String(d._id)).sort(), ['s1', 's3']);
    assert.ok((await target.indexes()).some((i) => i.name === 'shop_1' && i.unique));
    await assert.rejects(db.collection('rows').aggregate([{ $project: { shop: 'same' } }, { $out: 'target' }]).toArray(), refused(11_000));
    assert.equal(await target.countDocuments(), 2, 'a refused $out changes nothing');
    assert.deepEqual((await db.listCollections({ name: /^tmp/ }).toArray()), []);
  });

  it('ends a transaction that stands open too long, and lets go of what it held', async () => {
    await set('transactionLifetimeLimitSeconds', 1);
    const session = client.startSession();
    session.startTransaction();
    await db.collection<Row>('rows').updateOne({ _id: 1 }, { $set: { held: true } }, { session });
    await db.collection<Row>('rows').updateOne({ _id: 1 }, { $set: { free: true } });
    await set('transactionLifetimeLimitSeconds', 60);
    await assert.rejects(session.commitTransaction(), (e) => e instanceof MongoServerError && e.code === 251 && e.hasErrorLabel('TransientTransactionError'));
    await session.endSession();
    assert.deepEqual(await db.collection<Row>('rows').findOne({ _id: 1 }, { projection: { held: 1, free: 1 } }), { _id: 1, free: true });
  });
});
