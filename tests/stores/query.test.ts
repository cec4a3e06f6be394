import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Decimal128, Double, Int32, Long, MongoClient, MongoServerError, type Collection, type Db } from 'mongodb';
import { sharedStore } from '../support/shared-store.ts';

type Row = { _id: number; [key: string]: unknown };
/** Queries, updates and pipelines of the embedded store. Expected values are worked out by hand from the manual. */
describe('the embedded store: queries', () => {
  let client: MongoClient;
  let db: Db;
  const rows = async (name: string, docs: Row[]): Promise<Collection<Row>> => {
    const c = db.collection<Row>(name);
    await c.deleteMany({});
    await c.insertMany(docs);
    return c;
  };
  before(async () => {
    client = await MongoClient.connect(sharedStore().uri, { promoteValues: false });
    db = client.db('query_spec');
    await db.dropDatabase();
  });
  after(() => client.close());
  const text = (v: unknown): string => `${(v as { _bsontype?: string })._bsontype ?? typeof v} ${String(v)}`;
  const d = (s: string): Decimal128 => Decimal128.fromString(s);

  it('adds, multiplies and averages money of every number type exactly', async () => {
    const c = await rows('money', [{ _id: 1, v: d('0.10') }, { _id: 2, v: d('0.20') }, { _id: 3, v: new Int32(1) }, { _id: 4, v: Long.fromString('9007199254740993') }]);
    const [sum] = await c.aggregate([{ $group: { _id: null, sum: { $sum: '$v' }, max: { $max: '$v' }, min: { $min: '$v' }, avg: { $avg: '$v' } } }]).toArray();
    assert.equal(text(sum!['sum']), 'Decimal128 9007199254740994.30');
    assert.equal(text(sum!['max']), 'Long 9007199254740993');
    assert.equal(text(sum!['min']), 'Decimal128 0.10');
    assert.equal(text(sum!['avg']), 'Decimal128 2251799813685248.575');
    await c.updateMany({}, { $inc: { v: d('0.01') } } as never);
    assert.deepEqual((await c.find().sort({ _id: 1 }).toArray()).map((r) => text(r['v'])), ['Decimal128 0.11', 'Decimal128 0.21', 'Decimal128 1.01', 'Decimal128 9007199254740993.01']);
  });

  it('widens whole numbers when it must, and refuses an $inc past Long', async () => {
    const c = await rows('widen', [{ _id: 1, n: new Int32(2_147_483_647), l: Long.MAX_VALUE }]);
    await c.updateOne({ _id: 1 }, { $inc: { n: 1 } } as never);
    assert.equal(text((await c.findOne({ _id: 1 }))!['n']), 'Long 2147483648');
    await assert.rejects(c.updateOne({ _id: 1 }, { $inc: { l: 1 } } as never), (e) => e instanceof MongoServerError && Number(e.code) === 2);
  });

  it('takes 1, 1.0 and Decimal128 1 for one group, one match and one place in an index', async () => {
    const c = await rows('one', [{ _id: 1, v: new Int32(1) }, { _id: 2, v: new Double(1) }, { _id: 3, v: Long.fromNumber(1) }, { _id: 4, v: d('1.00') }, { _id: 5, v: d('1.01') }]);
    for (const indexed of [false, true]) {
      if (indexed) await c.createIndex({ v: 1 });
      assert.equal((await c.aggregate([{ $group: { _id: '$v' } }]).toArray()).length, 2);
      assert.equal((await c.find({ v: 1 }).toArray()).length, 4);
      assert.deepEqual((await c.find({ v: { $gt: 1 } }).toArray()).map((r) => Number(r._id)), [5]);
      assert.equal(Number(await c.countDocuments({ v: { $gte: 1 } })), 5);
    }
  });

  it('updates by position, in the order of the paths, and leaves other fields their types', async () => {
    const c = await rows('position', [{ _id: 1, list: [{ k: 'a', n: Long.fromNumber(3) }, { k: 'b', n: d('1.10') }], keep: Long.fromNumber(3) }]);
    await c.updateOne({ 'list.k': 'b' }, { $set: { 'list.$.seen': true, z: 1, y: 1 } });
    const row = (await c.findOne({ _id: 1 }))!;
    assert.equal(text(row['keep']), 'Long 3');
    assert.deepEqual((row['list'] as { seen?: boolean }[]).map((x) => x.seen), [undefined, true]);
    assert.deepEqual(Object.keys(row), ['_id', 'list', 'keep', 'y', 'z']);
    const shown = (await c.findOne({ 'list.k': 'b' }, { projection: { 'list.$': 1 } }))!;
    assert.deepEqual((shown['list'] as { k: string }[]).map((x) => x.k), ['b']);
  });

  it('refuses a positional update that has no match, also where nothing lies at its path', async () => {
    const c = await rows('unmatched', [{ _id: 1, a: 2 }]);
    for (const path of ['a.$', 'b.$.y']) await assert.rejects(c.updateOne({ 'a.x': null }, { $unset: { [path]: '' } } as never), /positional operator did not find the match/);
  });

  it('keeps and leaves out fields through arrays as $project does, whatever lies in them', async () => {
    const value = fc.letrec<{ value: unknown; doc: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.integer({ min: -3, max: 3 }), fc.string({ maxLength: 30 }), fc.constantFrom<unknown>(null, true, new Date(0), Long.fromNumber(5), d('1.10')), fc.array(tie('value'), { maxLength: 4 }), tie('doc')),
      doc: fc.dictionary(fc.constantFrom('a', 'ab', 'b', 'aé'), tie('value'), { maxKeys: 4 }),
    })).doc;
    const path = fc.constantFrom('a', 'ab', 'b.a', 'b.ab.a', 'b.b', 'aé', 'aé.a');
    const spec = fc.tuple(fc.uniqueArray(path, { minLength: 1, maxLength: 4 }), fc.boolean(), fc.constantFrom({}, { _id: 0 })).map(([paths, keeps, id]) => ({ ...id, ...Object.fromEntries(paths.filter((p) => !paths.some((o) => p.startsWith(`${o}.`))).map((p) => [p, keeps])) }));
    await fc.assert(fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 5 }), spec, async (docs, projection) => {
      const c = await rows('kept', docs.map((doc, i) => ({ ...(doc as object), _id: i })));
      assert.deepEqual(await c.find({}, { projection }).sort({ _id: 1 }).toArray(), await c.aggregate([{ $sort: { _id: 1 } }, { $project: projection }]).toArray());
    }), { numRuns: 60 });
  });

  it('refuses unknown operators before it looks at a document', async () => {
    const c = db.collection('nothing_there');
    const code = (n: number) => (e: unknown): boolean => e instanceof MongoServerError && Number(e.code) === n;
    await assert.rejects(c.find({ a: { $foo: 1 } } as never).toArray(), code(2));
    await assert.rejects(c.aggregate([{ $project: { x: { $foo: 1 } } }]).toArray(), code(168));
    await assert.rejects(c.updateOne({}, { $foo: { a: 1 } } as never), code(9));
  });

  it('sorts by a field that the filter fixes, where an array holds more than the fixed value', async () => {
    const c = client.db('t').collection<{ _id: number; c: unknown; n?: number }>('fixed');
    await c.insertMany([{ _id: 3, c: 1 }, { _id: 6, c: [1, 9, 0.5] }, { _id: 9, c: 1 }, { _id: 7, c: [2] }]);
    const ids = async (): Promise<number[]> => (await c.find({ c: { $all: [1] } }).sort({ c: -1, _id: -1 }).toArray()).map((d) => Number(d._id));
    assert.deepEqual(await ids(), [6, 9, 3]);
    await c.createIndex({ c: 1, _id: 1 });
    assert.deepEqual(await ids(), [6, 9, 3]);
    await c.deleteOne({ _id: 6 });
    assert.deepEqual(await ids(), [9, 3]);
  });

  it('looks at arrays as the server does: on the way, by position, side by side', async () => {
    const c = await rows('lists', [{ _id: 1, a: [[{ x: 1 }], { x: 2 }], b: [5, [2, 4]] }, { _id: 2, a: [{ x: 0, y: 9 }, { x: 3, y: 1 }], b: [0] }]);
    const ids = async (filter: object): Promise<number[]> => (await c.find(filter).sort({ _id: 1 }).toArray()).map((r) => Number(r._id));
    // An array named by its position is looked at whole; a number has no fields inside, not even missing ones.
    assert.deepEqual(await ids({ 'b.1': 2 }), []);
    assert.deepEqual(await ids({ 'b.1': [2, 4] }), [1]);
    assert.deepEqual(await ids({ 'b.0.x': null }), []);
    assert.deepEqual(await ids({ a: { $elemMatch: { x: 1 } } }), []);
    assert.deepEqual(await c.aggregate([{ $project: { x: '$a.x' } }, { $sort: { _id: 1 } }]).toArray().then((r) => r.map((d) => (d['x'] as unknown[]).map(Number))), [[2], [0, 3]]);
    // Fields of one array sort together; two arrays side by side are refused.
    assert.deepEqual((await c.find().sort({ 'a.x': 1, 'a.y': 1 }).toArray()).map((r) => Number(r._id)), [1, 2]);
    await assert.rejects(c.find().sort({ a: 1, b: 1 }).toArray(), (e) => e instanceof MongoServerError && Number(e.code) === 2);
    await assert.rejects(c.updateOne({ _id: 1 }, { $unset: { 'none.$[]': '' } }), (e) => e instanceof MongoServerError && Number(e.code) === 2);
  });

  it('holds a client to the API version it declares, and gives snapshots to reads only', async () => {
    const code = (n: number) => (e: unknown): boolean => e instanceof MongoServerError && Number(e.code) === n;
    const strict = await MongoClient.connect((await sharedStore()).uri, { serverApi: { version: '1', strict: true } });
    try {
      await strict.db('query_spec').collection('api').insertOne({ a: 1 });
      await assert.rejects(strict.db('query_spec').collection('api').distinct('a'), code(323));
      await assert.rejects(db.command({ ping: 1, apiVersion: '9' }), code(322));
      const session = strict.startSession({ snapshot: true });
      await assert.rejects(strict.db('query_spec').collection('api').insertOne({ a: 2 }, { session }), code(72));
      await session.endSession();
    } finally {
      await strict.close();
    }
  });
});
