import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Document } from 'bson';
import { MongoClient, MongoServerError } from 'mongodb';
import type { EmbeddedStore } from '../../api/store/embedded/start.ts';
import { ownStore } from '../support/own-store.ts';
import { message, RawWire } from '../support/raw-wire.ts';

/** `RUNS=1000000 npx mocha tests/stores/fuzz.test.ts` for the long one. */
const RUNS = Number(process.env['RUNS'] ?? 5_000);
const AT_ONCE = 50;

/** A generator with a seed, so that a failure can be had again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const WHOLE: readonly Document[] = [
  { hello: 1, $db: 'admin' }, { insert: 'f', documents: [{ _id: 1, a: 'x', n: { m: [1, 2.5, null, true] } }], $db: 'fuzz' }, { find: 'f', filter: { a: { $in: ['x', 1] }, 'n.m': { $gt: 1 } }, sort: { a: 1 }, limit: 3, $db: 'fuzz' },
  { update: 'f', updates: [{ q: { _id: 1 }, u: { $set: { 'n.k': new Date(0) }, $push: { l: { $each: [1, 2], $slice: -3 } } }, upsert: true }], $db: 'fuzz' }, { delete: 'f', deletes: [{ q: { _id: 1 }, limit: 1 }], $db: 'fuzz' },
  { aggregate: 'f', pipeline: [{ $match: { a: 'x' } }, { $group: { _id: '$a', n: { $sum: 1 } } }], cursor: {}, $db: 'fuzz' }, { createIndexes: 'f', indexes: [{ key: { a: 1 }, name: 'a_1' }], $db: 'fuzz' },
  { findAndModify: 'f', query: { _id: 2 }, update: [{ $set: { b: { $add: ['$a', 1] } } }], upsert: true, $db: 'fuzz' }, { getMore: 7, collection: 'f', $db: 'fuzz' }, { listCollections: 1, $db: 'fuzz' }, { dropIndexes: 'f', index: '*', $db: 'fuzz' },
];
/** Bytes turned, cut out, put in, lengths made up. The frame's own length stays true in most, so that what is inside is read. */
function mutated(pick: (below: number) => number, id: number): Buffer {
  let bytes = message(WHOLE[pick(WHOLE.length)]!, id);
  for (let n = 1 + pick(6); n > 0; n -= 1) {
    const at = 16 + pick(Math.max(1, bytes.length - 16));
    const kind = pick(5);
    if (kind <= 1) bytes[Math.min(at, bytes.length - 1)] = pick(256);
    else if (kind === 2 && at + 4 <= bytes.length) bytes.writeInt32LE([0, -1, 2 ** 31 - 1, pick(2 ** 31), bytes.length][pick(5)]!, at);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + pick(20))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(Array.from({ length: pick(20) }, () => pick(256))), bytes.subarray(at)]);
  }
  if (bytes.length >= 4) bytes.writeInt32LE(pick(50) === 0 ? pick(2 ** 31) : bytes.length, 0);
  return bytes;
}

describe('the embedded store: what it is not asked', () => {
  let store: EmbeddedStore;
  before(async () => { store = await ownStore(); });
  after(() => store.stop());

  it(`lives through ${RUNS} messages with wrong bytes: no crash, no hang, no growth`, async function () {
    this.timeout(60_000 + RUNS * 5);
    const pick = seeded(Number(process.env['SEED'] ?? 20_261_125));
    let gone = false;
    store.onExit(() => { gone = true; });
    const witness = await RawWire.open(store.uri);
    const memory = async (): Promise<number> => Number((await witness.send({ serverStatus: 1, $db: 'admin' }))['mem'].resident);
    let settled = 0;
    for (let sent = 0; sent < RUNS; sent += AT_ONCE) {
      const socket = connect(Number(new URL(store.uri).port), '127.0.0.1');
      socket.on('error', () => undefined);
      const closed = new Promise<void>((resolve) => { socket.once('close', () => resolve()); });
      // One connection dies of the first message that cannot be read: so many have one each, some follow each other.
      for (let i = 0; i < (sent % 4 === 0 ? AT_ONCE : 1); i += 1) socket.write(mutated(pick, sent + i));
      if (sent % 4 !== 0) for (let i = 1; i < AT_ONCE; i += 1) {
        const one = connect(Number(new URL(store.uri).port), '127.0.0.1');
        one.on('error', () => undefined);
        one.on('data', () => one.destroy());
        one.end(mutated(pick, sent + i));
      }
      socket.end();
      assert.equal((await witness.send({ ping: 1, $db: 'admin' }))['ok'], 1);
      socket.destroy();
      await closed;
      if (sent >= Math.min(RUNS / 2, 100_000) && settled === 0) settled = await memory();
    }
    assert.equal(gone, false);
    assert.ok((await memory()) < settled + 120, `${settled} MB grew to ${await memory()} MB`);
    witness.close();
  });

  it('runs no script of a client, and says so by name', async () => {
    const client = await MongoClient.connect(store.uri);
    const db = client.db('script');
    await db.collection<Document>('a').insertOne({ n: 1 });
    const named = (name: string) => (e: unknown): boolean => e instanceof MongoServerError && e.message.includes(name);
    await assert.rejects(db.collection('a').find({ $where: 'this.n === 1' }).toArray(), named('$where'));
    await assert.rejects(db.collection('a').find({ $expr: { $function: { body: 'return 1', args: [], lang: 'js' } } }).toArray(), named('$function'));
    await assert.rejects(db.collection('a').aggregate([{ $group: { _id: null, x: { $accumulator: { lang: 'js' } } } }]).toArray(), named('$accumulator'));
    await assert.rejects(db.command({ mapReduce: 'a', map: 'x', reduce: 'y', out: { inline: 1 } }), named('mapReduce'));
    await assert.rejects(db.command({ eval: 'return 1' }), named('eval'));
    await client.close();
  });
});
