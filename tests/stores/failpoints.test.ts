import assert from 'node:assert/strict';
import { MongoClient, MongoNetworkError, MongoServerError, type Db, type Document } from 'mongodb';
import type { EmbeddedStore } from '../../api/store/embedded/start.ts';
import { sharedStore } from '../support/shared-store.ts';
import { ownStore } from '../support/own-store.ts';

/** Fail points let drivers' own tests see errors; nobody else may set them. */
describe('the embedded store: fail points', () => {
  let store: EmbeddedStore;
  let client: MongoClient;
  let db: Db;
  before(async () => {
    store = await ownStore({ testCommands: true });
    client = await MongoClient.connect(store.uri, { retryWrites: false, retryReads: false, appName: 'mine' });
    db = client.db('points');
  });
  after(async () => { await client.close(); await store.stop(); });
  const set = (mode: Document | string, data: Document): Promise<Document> => client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
  const code = (e: unknown): unknown => (e instanceof MongoServerError ? e.code : e);

  it('are not there without --test-commands', async () => {
    const other = await MongoClient.connect(sharedStore().uri);
    await assert.rejects(other.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' }), (e) => code(e) === 59);
    await other.close();
  });

  it('fail as often as they say, after as many as they skip', async () => {
    await set({ times: 2 }, { failCommands: ['ping'], errorCode: 91 });
    for (let i = 0; i < 2; i += 1) await assert.rejects(db.command({ ping: 1 }), (e) => code(e) === 91);
    await db.command({ ping: 1 });
    await set({ skip: 1 }, { failCommands: ['ping'], errorCode: 8 });
    await db.command({ ping: 1 });
    await assert.rejects(db.command({ ping: 1 }), (e) => code(e) === 8);
    await set('off', {});
    await db.command({ ping: 1 });
  });

  it('hit only the application that they name', async () => {
    await set('alwaysOn', { failCommands: ['ping'], errorCode: 8, appName: 'another' });
    await db.command({ ping: 1 });
    await set('off', {});
  });

  it('close the connection, or add a write concern error to a write that was done', async () => {
    await set({ times: 1 }, { failCommands: ['insert'], closeConnection: true });
    await assert.rejects(db.collection('a').insertOne({ n: 1 }), MongoNetworkError);
    await set({ times: 1 }, { failCommands: ['insert'], writeConcernError: { code: 64, errmsg: 'waited too long' } });
    await assert.rejects(db.collection('a').insertOne({ n: 2 }), (e) => e instanceof Error && 'result' in e);
    assert.deepEqual((await db.collection('a').find().toArray()).map((d) => d['n']), [2]);
  });

  it('let a retryable write be lost before its commit, or its answer after it: the retry writes once', async () => {
    const retrying = await MongoClient.connect(store.uri);
    const c = retrying.db('points').collection<{ _id: number }>('retry');
    for (const [i, data] of [{ failBeforeCommitExceptionCode: 91, closeConnection: false }, { closeConnection: true }].entries()) {
      await client.db('admin').command({ configureFailPoint: 'onPrimaryTransactionalWrite', mode: { times: 1 }, data });
      assert.equal((await c.insertOne({ _id: i })).insertedId, i);
    }
    assert.equal(await c.countDocuments(), 2);
    await retrying.close();
  });
});
