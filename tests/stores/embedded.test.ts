import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Decimal128, Int32, Long, MongoClient, MongoServerError, ObjectId, type Db } from 'mongodb';
import { startEmbeddedStore } from '../../api/store/embedded/start.ts';
import { sharedStore } from '../support/shared-store.ts';

/** The unmodified driver against the embedded store. Expected values are MongoDB's own, from its manual. */
describe('the embedded store', () => {
  let client: MongoClient;
  let db: Db;
  before(async () => {
    client = await MongoClient.connect(sharedStore().uri);
    db = client.db('store_spec');
    await db.dropDatabase();
  });
  after(() => client.close());
  const refusedWith = (code: number) => (error: unknown): boolean => error instanceof MongoServerError && error.code === code;

  it('says that it is the primary of a replica set, so that transactions are allowed', async () => {
    const hello = await db.command({ hello: 1 });
    assert.equal(hello['isWritablePrimary'], true);
    assert.equal(typeof hello['setName'], 'string');
    assert.ok(hello['logicalSessionTimeoutMinutes'] > 0);
  });

  it('keeps every BSON type as it came', async () => {
    const doc = { _id: new ObjectId(), int: new Int32(7), long: Long.fromString('9007199254740993'), double: 1.5, decimal: Decimal128.fromString('1.10'), text: '算盘', date: new Date(0), nested: { a: [1, { b: null }] }, bytes: Buffer.from([1, 2]) };
    await db.collection('types').insertOne(doc);
    const read = await db.collection('types').findOne({ _id: doc._id }, { promoteLongs: false, promoteValues: false });
    assert.equal(read!['long'].toString(), '9007199254740993');
    assert.equal(read!['decimal'].toString(), '1.10');
    assert.equal(read!['text'], '算盘');
  });

  it('refuses a second document under a unique index, compound ones too, and names the key', async () => {
    const c = db.collection('unique');
    await c.createIndex({ shop: 1, order: 1 }, { unique: true });
    await c.insertOne({ shop: 'a', order: '1' });
    await c.insertOne({ shop: 'b', order: '1' });
    await assert.rejects(c.insertOne({ shop: 'a', order: '1' }), (e) => refusedWith(11_000)(e) && (e as MongoServerError)['keyValue'].shop === 'a');
    assert.equal(await c.countDocuments(), 2);
  });

  it('sorts as MongoDB compares: numbers of any type together, then text, objects, arrays, ids, booleans, dates', async () => {
    const c = db.collection('order');
    await c.insertMany([{ v: true }, { v: 'b' }, { v: 2 }, { v: null }, { v: Long.fromNumber(1) }, { v: new Date(0) }, { v: { a: 1 } }, { v: 1.5 }, { v: 'a' }] as never);
    const sorted = (await c.find({}, { sort: { v: 1 } }).toArray()).map((d) => d['v']);
    assert.deepEqual(sorted.map((v) => (v instanceof Date ? 'date' : typeof v === 'object' && v !== null ? 'object' : v)), [null, 1, 1.5, 2, 'a', 'b', 'object', true, 'date']);
  });

  it('matches arrays by element, and $elemMatch by one element', async () => {
    const c = db.collection('arrays');
    await c.insertMany([{ _id: 1 as never, l: [{ sku: 'A', q: 1 }, { sku: 'B', q: 5 }] }, { _id: 2 as never, l: [{ sku: 'A', q: 5 }] }]);
    assert.deepEqual((await c.find({ 'l.sku': 'A', 'l.q': 5 }).toArray()).map((d) => d._id), [1, 2]);
    assert.deepEqual((await c.find({ l: { $elemMatch: { sku: 'A', q: 5 } } }).toArray()).map((d) => d._id), [2]);
  });

  it('updates with operators, array filters and upserts', async () => {
    const c = db.collection('updates');
    await c.insertOne({ _id: 1 as never, n: 1, l: [{ id: 'x', ok: false }, { id: 'y', ok: false }] });
    await c.updateOne({ _id: 1 as never }, { $inc: { n: 2 }, $set: { 'l.$[e].ok': true }, $push: { tags: 'new' as never } }, { arrayFilters: [{ 'e.id': 'y' }] });
    assert.deepEqual(await c.findOne({ _id: 1 as never }), { _id: 1, n: 3, l: [{ id: 'x', ok: false }, { id: 'y', ok: true }], tags: ['new'] });
    const upserted = await c.findOneAndUpdate({ _id: 2 as never }, { $setOnInsert: { made: true }, $max: { n: 5 } }, { upsert: true, returnDocument: 'after' });
    assert.deepEqual(upserted, { _id: 2, made: true, n: 5 });
  });

  it('groups, unwinds and looks up', async () => {
    await db.collection('lines').insertMany([{ sku: 'A', q: 2 }, { sku: 'A', q: 3 }, { sku: 'B', q: 1 }]);
    await db.collection('names').insertMany([{ _id: 'A' as never, name: '茶' }, { _id: 'B' as never, name: '杯' }]);
    const found = await db.collection('lines').aggregate([
      { $group: { _id: '$sku', q: { $sum: '$q' } } }, { $lookup: { from: 'names', localField: '_id', foreignField: '_id', as: 'n' } }, { $unwind: '$n' }, { $sort: { _id: 1 } }, { $project: { q: 1, name: '$n.name' } },
    ]).toArray();
    assert.deepEqual(found, [{ _id: 'A', q: 5, name: '茶' }, { _id: 'B', q: 1, name: '杯' }]);
  });

  it('refuses an operator or command that it has not, by name, instead of leaving it out', async () => {
    await assert.rejects(db.collection('lines').find({ q: { $nearSphere: 1 } as never }).toArray(), MongoServerError);
    await assert.rejects(db.collection('lines').aggregate([{ $noSuchStage: {} }]).toArray(), refusedWith(40_324));
    await assert.rejects(db.command({ noSuchCommand: 1 }), refusedWith(59));
  });

  it('undoes an aborted transaction whole, and shows a committed one whole', async () => {
    const c = db.collection<{ _id: string; n: number }>('tx');
    await c.insertOne({ _id: 'a', n: 0 });
    const session = client.startSession();
    session.startTransaction();
    await c.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session });
    await c.insertOne({ _id: 'b', n: 1 }, { session });
    assert.equal((await c.findOne({ _id: 'a' }))!.n, 0, 'not seen from outside before the commit');
    await session.abortTransaction();
    assert.deepEqual(await c.find().toArray(), [{ _id: 'a', n: 0 }]);
    await session.withTransaction(async () => {
      await c.updateOne({ _id: 'a' }, { $inc: { n: 5 } }, { session });
    });
    assert.equal((await c.findOne({ _id: 'a' }))!.n, 5);
    await session.endSession();
  });

  it('loses no increment of many transactions on one document', async () => {
    const c = db.collection<{ _id: string; n: number }>('race');
    await c.insertOne({ _id: 'x', n: 0 });
    await Promise.all(Array.from({ length: 20 }, () => client.withSession((session) => session.withTransaction(async () => {
      const { n } = (await c.findOne({ _id: 'x' }, { session }))!;
      await c.updateOne({ _id: 'x' }, { $set: { n: n + 1 } }, { session });
    }))));
    assert.equal((await c.findOne({ _id: 'x' }))!.n, 20);
  });

  it('answers the same through an index as without one', async function () {
    this.timeout(180_000);
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'b', ''), fc.constant(null), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }));
    const condition = fc.oneof(value.map((v) => ({ k: v })), fc.integer({ min: -3, max: 3 }).map((v) => ({ k: { $gte: v } })), fc.integer({ min: -3, max: 3 }).map((v) => ({ k: { $lt: v } })), fc.array(value, { minLength: 1, maxLength: 3 }).map((v) => ({ k: { $in: v } })));
    await fc.assert(fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 25 }), condition, async (values, filter) => {
      const [plain, indexed] = [db.collection('plain'), db.collection('indexed')];
      await Promise.all([plain.deleteMany({}), indexed.deleteMany({})]);
      await indexed.createIndex({ k: 1 });
      const docs = values.map((k, i) => ({ _id: i as never, k }));
      await Promise.all([plain.insertMany(docs), indexed.insertMany(docs)]);
      const ids = async (c: typeof plain) => (await c.find(filter as never).toArray()).map((d) => Number(d._id)).sort((a, b) => a - b);
      assert.deepEqual(await ids(indexed), await ids(plain), JSON.stringify({ values, filter }));
    }), { numRuns: 60 });
  });
});

describe('the embedded store, killed', () => {
  it('has everything that it acknowledged', async function () {
    this.timeout(30_000);
    const dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-'));
    try {
      const first = await startEmbeddedStore({ dataDir });
      const writer = await MongoClient.connect(first.uri, { serverSelectionTimeoutMS: 1500 });
      const acknowledged: number[] = [];
      const writing = (async () => {
        for (let i = 0; ; i += 1) {
          await writer.db('k').collection<{ _id: number }>('docs').insertOne({ _id: i });
          acknowledged.push(i);
          if (i === 150) process.kill(first.pid, 'SIGKILL');
        }
      })();
      await assert.rejects(writing);
      await writer.close();
      const second = await startEmbeddedStore({ dataDir });
      const reader = await MongoClient.connect(second.uri);
      const kept = new Set((await reader.db('k').collection<{ _id: number }>('docs').find().toArray()).map((d) => d._id));
      assert.ok(acknowledged.length >= 150);
      assert.deepEqual(acknowledged.filter((i) => !kept.has(i)), []);
      await reader.close();
      await second.stop();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
