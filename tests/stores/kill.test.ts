import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Binary, Long, type Document } from 'bson';
import { MongoClient } from 'mongodb';
import { startEmbeddedStore, type EmbeddedStore } from '../../api/store/embedded/start.ts';
import { RawWire } from '../support/raw-wire.ts';
import { lost, write64, type Told } from '../support/store-writers.ts';

/** `KILLS=100 npx mocha tests/stores/kill.test.ts` for the long one. */
const KILLS = Number(process.env['KILLS'] ?? 2);

describe('the embedded store, killed under 64 writers', () => {
  let dataDir: string;
  let store: EmbeddedStore;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'suanpan-store-'));
    store = await startEmbeddedStore({ dataDir, testCommands: true });
  });
  after(async () => {
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const kill = async (): Promise<void> => {
    const port = Number(new URL(store.uri).port);
    const gone = new Promise<void>((resolve) => { store.onExit(() => resolve()); });
    process.kill(store.pid, 'SIGKILL');
    await gone;
    store = await startEmbeddedStore({ dataDir, port, testCommands: true });
  };

  it(`loses nothing that it acknowledged and leaves no half transaction, in ${KILLS} kills`, async function () {
    this.timeout(60_000 + KILLS * 20_000);
    const client = await MongoClient.connect(store.uri, { maxPoolSize: 70, heartbeatFrequencyMS: 500, serverSelectionTimeoutMS: 20_000 });
    let acknowledged = 0;
    for (let k = 0; k < KILLS; k += 1) {
      const db = client.db(`kill${k}`);
      const told: Told = { singles: new Set(), bulks: new Set(), pairs: new Set(), counters: new Map(), acknowledged: 0 };
      let over = false;
      const enough = randomInt(200, 4_000);
      const writing = write64(client, db, () => over, told);
      while (told.acknowledged < enough) await new Promise((resolve) => { setTimeout(resolve, randomInt(1, 20)); });
      over = true;
      await kill();
      await writing;
      assert.deepEqual(await lost(db, told), [], `after kill ${k + 1}`);
      acknowledged += told.acknowledged;
      await db.dropDatabase();
    }
    assert.ok(acknowledged >= KILLS * 200);
    if (KILLS > 2) console.log(`      ${KILLS} kills, ${acknowledged} acknowledged`);
    await client.close();
  });

  it('answers a write that comes again after a restart as it did, and writes it once', async () => {
    const lsid = { id: new Binary(Buffer.alloc(16, 7), 4) };
    const writes: Document[] = [
      { insert: 'again', documents: [{ _id: 1, n: 0 }], ordered: true },
      { update: 'again', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }] },
      { findAndModify: 'again', query: { _id: 1 }, update: { $inc: { n: 10 } }, new: true },
      { delete: 'again', deletes: [{ q: { n: 11 }, limit: 1 }] },
    ];
    for (const [i, write] of writes.entries()) {
      const command = { ...write, $db: 'again', lsid, txnNumber: Long.fromNumber(i + 1) };
      const before = await RawWire.open(store.uri);
      const first = await before.send(command);
      await kill();
      const after = await RawWire.open(store.uri);
      const second = await after.send(command);
      const said = ({ ok, n, nModified, value, writeErrors }: Document): Document => ({ ok, n, nModified, value, writeErrors });
      assert.deepEqual(said(second), said(first), Object.keys(write)[0]);
      after.close();
      before.close();
    }
    const wire = await RawWire.open(store.uri);
    assert.equal((await wire.send({ count: 'again', $db: 'again' }))['n'], 0);
    wire.close();
  });

  it('answers no write before it is flushed', async () => {
    const [writer, other] = [await RawWire.open(store.uri), await RawWire.open(store.uri)];
    await writer.send({ insert: 'flushed', documents: [{ _id: 'before' }], $db: 'flush' });
    await other.send({ configureFailPoint: 'pauseBeforeFlush', mode: 'alwaysOn', $db: 'admin' });
    const answers: string[] = [];
    const writes: Document[] = [
      { insert: 'flushed', documents: [{ _id: 'held' }] }, { update: 'flushed', updates: [{ q: { _id: 'before' }, u: { $set: { n: 1 } } }] },
      { findAndModify: 'flushed', query: { _id: 'x' }, update: { $set: { n: 1 } }, upsert: true }, { create: 'made' }, { createIndexes: 'flushed', indexes: [{ key: { n: 1 }, name: 'n' }] },
    ];
    const clients = await Promise.all(writes.map(() => RawWire.open(store.uri)));
    for (const [i, write] of writes.entries()) void clients[i]!.send({ ...write, $db: 'flush' }).then(() => answers.push(Object.keys(write)[0]!));
    // Others are answered meanwhile, and none of them sees what is not safe.
    for (let i = 0; i < 20; i += 1) assert.deepEqual((await other.send({ find: 'flushed', $db: 'flush' }))['cursor'].firstBatch, [{ _id: 'before' }]);
    assert.deepEqual(answers, []);
    await kill();
    assert.deepEqual(answers, []);
    const after = await RawWire.open(store.uri);
    assert.deepEqual((await after.send({ find: 'flushed', $db: 'flush' }))['cursor'].firstBatch, [{ _id: 'before' }]);
    await after.send({ configureFailPoint: 'pauseBeforeFlush', mode: 'alwaysOn', $db: 'admin' });
    const held = after.send({ insert: 'flushed', documents: [{ _id: 'kept' }], $db: 'flush' });
    const third = await RawWire.open(store.uri);
    await third.send({ configureFailPoint: 'pauseBeforeFlush', mode: 'off', $db: 'admin' });
    assert.equal((await held)['ok'], 1);
    await kill();
    const last = await RawWire.open(store.uri);
    assert.deepEqual((await last.send({ count: 'flushed', $db: 'flush' }))['n'], 2);
    for (const wire of [writer, other, after, third, last, ...clients]) wire.close();
  });
});
