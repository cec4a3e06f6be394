import assert from 'node:assert/strict';
import mongoose, { Schema, Types, type Connection } from 'mongoose';
import { sharedStore } from '../support/shared-store.ts';

type Document = mongoose.mongo.Document;
/** What mongoose's own tests ask of a server beyond the driver's specifications. Expected answers are MongoDB 7.0's. */
describe('the embedded store: what mongoose asks of a server', () => {
  let db: Connection;
  before(async () => {
    db = await mongoose.createConnection((await sharedStore()).uri, { dbName: 'mongoose_suite' }).asPromise();
    await db.dropDatabase();
  });
  after(() => db.close());
  beforeEach(() => db.deleteModel(/.*/));
  const refused = (code: number, message = /./) => (e: unknown): boolean => e instanceof mongoose.mongo.MongoServerError && e.code === code && message.test(e.message);
  const shown = async (name: string): Promise<Document[]> => db.collection(name).listIndexes().toArray();

  it('shows collations in full, gives them to indexes, and lets a unique index go by them', async () => {
    await db.createCollection('people', { collation: { locale: 'en', strength: 2 } });
    const people = db.collection<{ name: string }>('people');
    const full = { locale: 'en', caseLevel: false, caseFirst: 'off', strength: 2, numericOrdering: false, alternate: 'non-ignorable', maxVariable: 'punct', normalization: false, backwards: false, version: '57.1' };
    await people.createIndex({ name: 1 }, { unique: true });
    await people.createIndex({ plain: 1 }, { collation: { locale: 'simple' } });
    assert.deepEqual((await db.db!.listCollections({ name: 'people' }, { nameOnly: false }).toArray())[0]?.options, { collation: full });
    assert.deepEqual((await shown('people')).map((i) => i['collation']), [full, full, undefined]);
    await people.insertOne({ name: 'Åsa' });
    await assert.rejects(people.insertOne({ name: 'åSA' }), refused(11_000, /index: name_1 dup key: \{ name: "åSA" \}/));
    await people.insertMany([{ name: 'Asa' }, { name: 'Bo' }]);
    await assert.rejects(people.updateOne({ name: 'Bo' }, { $set: { name: 'ASA' } }), refused(11_000));
    await people.updateOne({ name: 'asa' }, { $set: { name: 'ASA' } });
    await assert.rejects(db.transaction(async (session) => people.insertOne({ name: 'Cy' }, { session })), refused(263));
    await db.collection('folk').insertMany([{ name: 'x' }, { name: 'X' }]);
    await assert.rejects(db.collection('folk').createIndex({ name: 1 }, { unique: true, collation: { locale: 'en', strength: 1 } }), refused(11_000));
    await db.collection('folk').createIndex({ name: 1 }, { unique: true });
  });

  it('tells indexes apart by key, uniqueness, sparseness, filter and collation, and says which way two clash', async () => {
    const c = db.collection('clash');
    await c.createIndex({ a: 1 }, { background: true });
    await c.createIndex({ a: 1 });
    await assert.rejects(c.createIndex({ a: 1 }, { unique: true }), refused(86, /existing index has the same name/));
    await assert.rejects(c.createIndex({ a: 1 }, { expireAfterSeconds: 5 }), refused(85, /same name but different options/));
    await assert.rejects(c.createIndex({ a: 1 }, { name: 'b', expireAfterSeconds: 5 }), refused(85, /different name and options/));
    await assert.rejects(c.createIndex({ a: 1 }, { name: 'b' }), refused(85, /already exists with a different name: a_1/));
    await c.createIndex({ a: 1 }, { name: 'c', unique: true });
    await assert.rejects(c.createIndex({ '$**': 1 }), refused(67, /wildcard/));
    await assert.rejects(c.createIndex({ 'a.$**': 1 }), refused(67, /wildcard/));
    assert.deepEqual((await shown('clash')).map((i) => [i['name'], i['background'], i['unique']]), [['_id_', undefined, undefined], ['a_1', true, undefined], ['c', undefined, true]]);
  });

  it('pulls by a filter that begins with $or, finds references by their parts, and sets names that begin with $', async () => {
    const Order = db.model('Order', new Schema({ lines: [new Schema({ name: String })], refs: [{ $ref: String, $id: Schema.Types.ObjectId, $db: String }], $mine: String, text: String }));
    const $id = new Types.ObjectId();
    await Order.create({ lines: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], refs: [{ $ref: 'x', $id, $db: 'y' }], text: 't' });
    await Order.updateOne({}, { $pull: { lines: { $or: [{ name: 'a' }, { name: 'b' }] } }, $mine: 'own' } as never);
    const found = await Order.findOne({ refs: { $elemMatch: { $id } } }).lean() as Document | null;
    assert.deepEqual([found?.['lines'].map((l: Document) => l['name']), found?.['$mine']], [['c'], 'own']);
    await assert.rejects(Order.collection.updateOne({}, { $addToSet: { text: 1 } } as never), refused(2, /\$addToSet to non-array field\. Field named 'text' has non-array type string/));
    await assert.rejects(Order.collection.updateOne({}, { $set: { '': 1 } }), refused(56, /An empty update path is not valid/));
    await assert.rejects(Order.collection.updateOne({}, { $pull: { lines: { $odd: 1 } } } as never), refused(2, /unknown/));
  });

  it('refuses what a find cannot do here, and numbers that are none', async () => {
    const find = (more: Document): Promise<Document> => db.db!.command({ find: 'clash', ...more });
    for (const more of [{ min: { a: 1 }, hint: { a: 1 } }, { max: { a: 1 }, hint: { a: 1 } }, { returnKey: true }, { showRecordId: true }]) await assert.rejects(find(more), refused(303));
    for (const name of ['skip', 'limit', 'batchSize']) {
      await assert.rejects(find({ [name]: -1 }), refused(51_024, /must be >= 0, actual value '-1'/));
      await assert.rejects(find({ [name]: 'one' }), refused(14, /wrong type 'string'/));
    }
    await find({ min: {}, skip: 0, limit: 0 });
  });

  it('finds places on a plane and on the globe, the nearest first, and says what of geometry it has not', async () => {
    const c = db.collection<{ _id: string; loc: unknown }>('places');
    const ids = async (filter: Document, options: Document = {}): Promise<string[]> => (await c.find(filter, options).toArray()).map((d) => d._id);
    await assert.rejects(c.find({ loc: { $near: [0, 0] } }).toArray().then(async (none) => { assert.deepEqual(none, []); await c.insertOne({ _id: 'x', loc: [0, 0] }); return c.find({ loc: { $near: [0, 0] } }).toArray(); }), refused(291, /unable to find index for \$geoNear query/));
    await c.deleteMany({});
    await c.createIndexes([{ key: { loc: '2d' } }, { key: { loc: '2dsphere' } }]);
    await c.insertMany([{ _id: 'pair', loc: [10, 20] }, { _id: 'named', loc: { lng: 13, lat: 24 } }, { _id: 'edge', loc: [12, 20] }, { _id: 'none', loc: null }]);
    assert.deepEqual((await shown('places')).map((i) => [i['name'], i['2dsphereIndexVersion']]), [['_id_', undefined], ['loc_2d', undefined], ['loc_2dsphere', 3]]);
    assert.deepEqual(await ids({ loc: { $geoWithin: { $box: [[12, 30], [9, 20]] } } }), ['edge', 'pair']);
    assert.deepEqual(await ids({ loc: { $within: { $center: [[10, 20], 5] } } }), ['edge', 'named', 'pair']);
    assert.deepEqual(await ids({ loc: { $within: { $center: [[10, 20], 4.99] } } }), ['edge', 'pair']);
    assert.deepEqual(await ids({ loc: { $geoWithin: { $polygon: [[9, 19], [9, 21], [11, 21], [11, 19]] } } }), ['pair']);
    // A degree along a meridian is 1/57.29578 of a radian.
    assert.deepEqual(await ids({ loc: { $geoWithin: { $centerSphere: [[10, 21.001], 1 / 57.29578] } } }), []);
    assert.deepEqual(await ids({ loc: { $geoWithin: { $centerSphere: [[10, 20.999], 1 / 57.29578] } } }), ['pair']);
    assert.deepEqual(await ids({ loc: { $near: [10, 20] } }), ['pair', 'edge', 'named']);
    assert.deepEqual(await ids({ loc: { $near: [10, 20], $minDistance: 2, $maxDistance: 5 } }, { limit: 1, skip: 1 }), ['named']);
    assert.deepEqual(await ids({ $and: [{ _id: { $ne: 'edge' } }, { loc: { $near: [12, 20] } }] }), ['pair', 'named']);
    assert.deepEqual(await ids({ loc: { $near: [10, 20] } }, { sort: { _id: 1 } }), ['edge', 'named', 'pair']);
    // One degree of latitude: 6,378,100 m / 57.29578 = 111,319 m.
    const metres = (most: number): Document => ({ loc: { $near: { $geometry: { type: 'Point', coordinates: [10, 21] }, $maxDistance: most } } });
    assert.deepEqual([await ids(metres(111_318)), await ids(metres(111_320))], [[], ['pair']]);
    assert.equal((await c.updateMany(metres(111_320), { $set: { seen: true } })).modifiedCount, 1);
    await assert.rejects(c.insertOne({ _id: 'bad', loc: [181, 0] }), refused(13_027));
    await assert.rejects(c.insertOne({ _id: 'bad', loc: 'home' }), refused(13_654));
    await c.dropIndex('loc_2d');
    await assert.rejects(c.insertOne({ _id: 'bad', loc: { type: 'Point', coordinates: [0, 91] } }), refused(16_755));
    await c.insertOne({ _id: 'line', loc: { type: 'LineString', coordinates: [[0, 0], [1, 1]] } });
    await assert.rejects(ids({ loc: { $near: [10, 20] } }), refused(291));
    await assert.rejects(ids(metres(1)), refused(303, /LineString/));
    await assert.rejects(c.countDocuments(metres(1)), refused(5_626_500));
    for (const filter of [{ loc: { $geoIntersects: { $geometry: { type: 'Point', coordinates: [0, 0] } } } }, { loc: { $geoWithin: { $geometry: { type: 'Polygon', coordinates: [] } } } }]) await assert.rejects(ids(filter), refused(291));
    await assert.rejects(ids({ loc: { $geoWithin: { $circle: 1 } } }), refused(2));
    assert.equal((await db.db!.command({ validate: 'places' }))['valid'], true);
  });

  it('keeps hashed and clustered definitions as MongoDB shows them', async () => {
    const c = await db.db!.createCollection<{ _id: number; tag?: unknown }>('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by id' } });
    await c.createIndex({ tag: 'hashed' });
    await c.insertMany([{ _id: 2, tag: 'b' }, { _id: 1 }]);
    assert.deepEqual(await shown('clustered'), [{ v: 2, key: { _id: 1 }, name: 'by id', unique: true, clustered: true }, { v: 2, key: { tag: 'hashed' }, name: 'tag_hashed' }]);
    const [listed] = await db.db!.listCollections({ name: 'clustered' }, { nameOnly: false }).toArray();
    assert.deepEqual([listed?.options, listed?.idIndex], [{ clusteredIndex: { v: 2, key: { _id: 1 }, name: 'by id', unique: true } }, undefined]);
    assert.deepEqual(await c.find({ tag: 'b' }).toArray(), [{ _id: 2, tag: 'b' }]);
    await assert.rejects(c.insertOne({ _id: 3, tag: ['c'] }), refused(16_766));
    await assert.rejects(c.createIndex({ tag: 'hashed' }, { unique: true, name: 'u' }), refused(16_764));
    await assert.rejects(db.db!.createCollection('not', { clusteredIndex: { key: { a: 1 }, unique: true } }), refused(197));
  });

  it('hides an index from queries, not from uniqueness, and shows it again', async () => {
    const Row = db.model('Hidden', new Schema({ a: Number, b: Number }, { autoIndex: false }));
    await Row.collection.createIndex({ a: 1 }, { unique: true });
    await Row.collection.createIndex({ b: 1 }, { hidden: true });
    await Row.create({ a: 1, b: 1 });
    const plan = async (filter: Document): Promise<string> => JSON.stringify(((await Row.collection.find(filter).explain()) as Document)['queryPlanner']['winningPlan']);
    assert.match(await plan({ a: 1 }), /IXSCAN/);
    assert.deepEqual((await Row.syncIndexes({ hideIndexes: true } as never)).sort(), ['a_1', 'b_1']);
    assert.deepEqual((await shown('hiddens')).map((i) => [i['name'], i['hidden']]), [['_id_', undefined], ['a_1', true], ['b_1', true]]);
    assert.doesNotMatch(`${await plan({ a: 1 })} ${await plan({ b: 1 })}`, /IXSCAN/);
    await assert.rejects(Row.create({ a: 1 }), refused(11_000));
    await assert.rejects(Row.collection.find({ a: 1 }).hint('a_1').toArray(), refused(2, /hint provided does not correspond/));
    const told = await db.db!.command({ collMod: 'hiddens', index: { keyPattern: { a: 1 }, hidden: false } });
    assert.deepEqual([told['hidden_old'], told['hidden_new']], [true, false]);
    assert.match(await plan({ a: 1 }), /IXSCAN/);
    await assert.rejects(db.db!.command({ collMod: 'hiddens', index: { name: '_id_', hidden: true } }), refused(2));
    await assert.rejects(db.db!.command({ collMod: 'hiddens', index: { name: 'a_1', unique: true } }), refused(303));
  });

  it('parts documents into buckets of like size', async () => {
    const buckets = (values: readonly unknown[], more: Document): Promise<Document[]> => db.db!.aggregate([{ $documents: values.map((x) => ({ x })) }, { $bucketAuto: { groupBy: '$x', ...more } }]).toArray();
    assert.deepEqual(await buckets([10, 2, 5], { buckets: 4 }), [{ _id: { min: 2, max: 5 }, count: 1 }, { _id: { min: 5, max: 10 }, count: 1 }, { _id: { min: 10, max: 10 }, count: 1 }]);
    assert.deepEqual(await buckets([3, 1, 1, 1, 2, 4, 5], { buckets: 3, output: { n: { $sum: 1 }, all: { $push: '$x' } } }), [
      { _id: { min: 1, max: 2 }, n: 3, all: [1, 1, 1] }, { _id: { min: 2, max: 4 }, n: 2, all: [2, 3] }, { _id: { min: 4, max: 5 }, n: 2, all: [4, 5] },
    ]);
    assert.deepEqual(await buckets([1, 1, 1, 1], { buckets: 2 }), [{ _id: { min: 1, max: 1 }, count: 4 }]);
    assert.deepEqual(await buckets([1, 2, 3, 4, 5], { buckets: 4 }), [1, 2, 3, 4].map((n) => ({ _id: { min: n, max: n < 4 ? n + 1 : 5 }, count: n < 4 ? 1 : 2 })));
    await assert.rejects(buckets([1], { buckets: 0 }), refused(40_243));
    await assert.rejects(buckets([1], { buckets: 1, granularity: 'R5' }), refused(303));
  });
});
