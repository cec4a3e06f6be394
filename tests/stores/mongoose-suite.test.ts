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
});
