import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, MongoServerError, Timestamp, type ChangeStream, type ChangeStreamOptions, type Collection, type Document } from 'mongodb';
import mongoose from 'mongoose';
import { startEmbeddedStore } from '../../api/store/embedded/start.ts';

type Row = { _id: number; n?: number; [key: string]: unknown };
const types = async (stream: ChangeStream<never, never>, count: number): Promise<Document[]> => {
  const out: Document[] = [];
  while (out.length < count) out.push(await stream.next() as Document);
  return out;
};
const shown = (e: Document): unknown[] => [e['operationType'], e['documentKey']?._id];

/** Change streams by the unmodified driver and mongoose. Expected events are those of the manual, "Change Events". */
describe('the embedded store: change streams', () => {
  let dataDir = '';
  let store: Awaited<ReturnType<typeof startEmbeddedStore>>;
  let client: MongoClient;
  let c: Collection<Row>;
  const open = async (): Promise<void> => {
    store = await startEmbeddedStore({ dataDir });
    client = await MongoClient.connect(store.uri);
    c = client.db('streams').collection<Row>('rows');
  };
  /** A stream that stands open at the server. */
  const watched = async (options: ChangeStreamOptions = {}, pipeline: Document[] = [], on: { watch: Collection['watch'] } = c as never): Promise<ChangeStream<never, never>> => {
    const stream = on.watch(pipeline, { maxAwaitTimeMS: 50, ...options }) as ChangeStream<never, never>;
    await stream.tryNext();
    return stream;
  };
  const code = (n: number) => (e: unknown): boolean => e instanceof MongoServerError && e.code === n;
  before(async () => { dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-')); await open(); });
  after(async () => { await client.close(); await store.stop(); await rm(dataDir, { recursive: true, force: true }); });

  it('tells each write once, in the order of the commits, a transaction together', async () => {
    const stream = await watched();
    await c.insertOne({ _id: 1, n: 1, list: [1, 2, 3] });
    const session = client.startSession();
    session.startTransaction();
    await c.insertOne({ _id: 2 }, { session });
    await c.insertOne({ _id: 3 });
    await c.updateOne({ _id: 1 }, { $inc: { n: 1 }, $pop: { list: 1 } } as never, { session });
    await session.commitTransaction();
    await session.endSession();
    const aborted = client.startSession();
    aborted.startTransaction();
    await c.insertOne({ _id: 9 }, { session: aborted });
    await aborted.abortTransaction();
    await aborted.endSession();
    await c.replaceOne({ _id: 3 }, { x: 1 });
    await c.deleteOne({ _id: 3 });
    const events = await types(stream, 6);
    assert.deepEqual(events.map(shown), [['insert', 1], ['insert', 3], ['insert', 2], ['update', 1], ['replace', 3], ['delete', 3]]);
    assert.deepEqual(events[3]!['updateDescription'], { updatedFields: { n: 2 }, removedFields: [], truncatedArrays: [{ field: 'list', newSize: 2 }] });
    assert.ok(events[2]!['lsid'] && events[3]!['txnNumber'] === events[2]!['txnNumber'] && events[1]!['lsid'] === undefined);
    await stream.close();
  });

  it('looks up the document when asked, filters by its pipeline, and sees a whole database', async () => {
    const stream = await watched({ fullDocument: 'updateLookup' }, [{ $match: { 'fullDocument.n': { $gte: 5 } } }], client.db('streams') as never);
    await client.db('streams').collection<Row>('other').insertMany([{ _id: 2, n: 4 }, { _id: 1, n: 7 }]);
    await c.updateOne({ _id: 1 }, { $set: { n: 5 } });
    const events = await types(stream, 2);
    assert.deepEqual(events.map((e) => [e['ns'].coll, e['fullDocument']['n']]), [['other', 7], ['rows', 5]]);
    await stream.close();
  });

  it('ends with an invalidate event when its collection goes, and starts after it only by startAfter', async () => {
    const gone = client.db('streams').collection<Row>('gone');
    await gone.insertOne({ _id: 1 });
    const stream = await watched({}, [], gone as never);
    await gone.drop();
    const events = await types(stream, 2);
    assert.deepEqual(events.map((e) => e['operationType']), ['drop', 'invalidate']);
    const token = events[1]!['_id'] as Document;
    await assert.rejects(watched({ resumeAfter: token }, [], gone as never), code(260));
    const again = await watched({ startAfter: token }, [], gone as never);
    await gone.insertOne({ _id: 2 });
    assert.deepEqual((await types(again, 1)).map(shown), [['insert', 2]]);
    await again.close();
  });

  it('goes on after a restart of the store where it stood, and says so when that is no longer known', async () => {
    const stream = await watched();
    await c.insertOne({ _id: 20 });
    const [first] = await types(stream, 1);
    await stream.close();
    await c.insertMany([{ _id: 21 }, { _id: 22 }]);
    await client.close();
    await store.stop();
    await open();
    await c.deleteOne({ _id: 20 });
    const resumed = c.watch([], { maxAwaitTimeMS: 50, resumeAfter: first!['_id'] }) as ChangeStream<never, never>;
    assert.deepEqual((await types(resumed, 3)).map(shown), [['insert', 21], ['insert', 22], ['delete', 20]]);
    await resumed.close();
    await assert.rejects(watched({ startAtOperationTime: new Timestamp({ t: 1_700_000_000, i: 1 }) }), code(286));
  });

  it('serves Model.watch of mongoose', async () => {
    const connection = await mongoose.createConnection(store.uri, { dbName: 'goose' }).asPromise();
    const Model = connection.model('Thing', new mongoose.Schema({ name: String }));
    await Model.createCollection();
    const stream = Model.watch([], { maxAwaitTimeMS: 50 });
    const told = new Promise<Document>((resolve) => { stream.on('change', resolve); });
    await new Promise((resolve) => { stream.once('ready', resolve); });
    await Model.create({ name: '算盘' });
    await Model.create({ name: '珠' });
    const event = await told;
    assert.equal(event['operationType'], 'insert');
    assert.match(event['fullDocument'].name as string, /算盘|珠/);
    await stream.close();
    await connection.close();
  });
});
