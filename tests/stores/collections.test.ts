import assert from 'node:assert/strict';
import { MongoClient, MongoServerError, type Db } from 'mongodb';
import { sharedStore } from '../support/shared-store.ts';

type Row = { _id: number; [key: string]: unknown };
/** Validators and views. Expected answers are those of the manual, "Schema Validation" and "Views". */
describe('the embedded store: validators and views', () => {
  let client: MongoClient;
  let db: Db;
  before(async () => {
    client = await MongoClient.connect((await sharedStore()).uri);
    db = client.db('collections_spec');
    await db.dropDatabase();
  });
  after(() => client.close());
  const refused = (code: number) => (e: unknown): boolean => e instanceof MongoServerError && e.code === code;

  it('refuses what a schema refuses, by every kind of write, and says which rule', async () => {
    const c = await db.createCollection<Row>('schema', { validator: { $jsonSchema: { required: ['name'], properties: { n: { bsonType: 'int', minimum: 1 } } } } });
    await c.insertOne({ _id: 1, name: 'a', n: 1 });
    await assert.rejects(c.insertOne({ _id: 2 }), (e) => {
      const info = (e as { errInfo?: { failingDocumentId: number; details: { operatorName: string; schemaRulesNotSatisfied: unknown[] } } }).errInfo!;
      assert.equal(info.failingDocumentId, 2);
      assert.equal(info.details.operatorName, '$jsonSchema');
      assert.deepEqual(info.details.schemaRulesNotSatisfied, [{ operatorName: 'required', specifiedAs: { required: ['name'] }, missingProperties: ['name'] }]);
      return refused(121)(e);
    });
    await assert.rejects(c.updateOne({ _id: 1 }, { $set: { n: 0 } }), refused(121));
    await assert.rejects(c.replaceOne({ _id: 1 }, { n: 1 }), refused(121));
    await assert.rejects(c.findOneAndUpdate({ _id: 1 }, { $unset: { name: 1 } }), refused(121));
    await assert.rejects(c.updateOne({ _id: 5 }, { $set: { n: 1 } }, { upsert: true }), refused(121));
    await assert.rejects(c.bulkWrite([{ insertOne: { document: { _id: 7, name: 'b' } } }, { insertOne: { document: { _id: 8 } } }]), (e) => (e as MongoServerError).code === 121);
    assert.deepEqual((await c.find().toArray()).map((d) => d._id), [1, 7]);
    await c.insertOne({ _id: 9 }, { bypassDocumentValidation: true });
  });

  it('lets documents that were wrong before be changed when moderate, and only warns when told so', async () => {
    const c = db.collection<Row>('moderate');
    await c.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 20 }]);
    await db.command({ collMod: 'moderate', validator: { n: { $gte: 10 } }, validationLevel: 'moderate' });
    await c.updateOne({ _id: 1 }, { $set: { n: 2 } });
    await assert.rejects(c.updateOne({ _id: 2 }, { $set: { n: 3 } }), (e) => (e as { errInfo?: { details: unknown } }).errInfo !== undefined && refused(121)(e));
    await db.command({ collMod: 'moderate', validationAction: 'warn' });
    assert.equal((await c.updateOne({ _id: 2 }, { $set: { n: 3 } })).modifiedCount, 1);
    await assert.rejects(db.command({ collMod: 'moderate', validationLevel: 'sometimes' }), refused(2));
  });

  it('reads a view by every command, a view on a view too, and refuses to write to it', async () => {
    await db.collection<Row>('base').insertMany([1, 2, 3, 4, 5].map((n) => ({ _id: n, n, tag: n % 2 ? 'odd' : 'even' })));
    await db.createCollection('odd', { viewOn: 'base', pipeline: [{ $match: { tag: 'odd' } }] });
    await db.createCollection('big', { viewOn: 'odd', pipeline: [{ $match: { n: { $gt: 1 } } }, { $set: { double: { $multiply: ['$n', 2] } } }] });
    const big = db.collection<Row>('big');
    assert.deepEqual(await big.find({}, { sort: { n: -1 }, projection: { double: 1 } }).toArray(), [{ _id: 5, double: 10 }, { _id: 3, double: 6 }]);
    assert.equal(await big.countDocuments({ n: 5 }), 1);
    assert.equal(await big.estimatedDocumentCount(), 2);
    assert.deepEqual(await big.distinct('double'), [6, 10]);
    assert.deepEqual(await db.collection('base').aggregate([{ $match: { _id: 3 } }, { $lookup: { from: 'big', localField: '_id', foreignField: '_id', as: 'v' } }, { $project: { d: '$v.double' } }]).toArray(), [{ _id: 3, d: [6] }]);
    await assert.rejects(big.insertOne({ _id: 9 }), refused(166));
    await assert.rejects(big.updateMany({}, { $set: { n: 1 } }), refused(166));
    await assert.rejects(big.deleteOne({ _id: 3 }), refused(166));
    await assert.rejects(big.createIndex({ n: 1 }), refused(166));
    await assert.rejects(db.createCollection('loop', { viewOn: 'loop', pipeline: [] }), refused(5));
    assert.deepEqual((await db.listCollections({ type: 'view' }).toArray()).map((c) => c.name).sort(), ['big', 'odd']);
    await big.drop();
    assert.equal(await db.collection('odd').countDocuments(), 3);
  });
});
