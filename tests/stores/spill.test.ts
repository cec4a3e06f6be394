import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Collection } from 'mongodb';
import { startEmbeddedStore, type EmbeddedStore } from '../../api/store/embedded/start.ts';

type Row = { _id: number; k: number; rest: number; text: string };

/** More than is held in memory (16 MB) goes through files; more than 100 MB is refused unless the client allows the disk. */
describe('the embedded store: sorts and groups that memory does not hold', function () {
  this.timeout(60_000);
  let root: string;
  let store: EmbeddedStore;
  let client: MongoClient;
  let c: Collection<Row>;
  const ROWS = 40_000;
  const rowOf = (n: number): Row => ({ _id: n, k: (n * 7919) % 31, rest: (n * 104_729) % 5_000, text: 'x'.repeat(500) });
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'suanpan-spill-'));
    mkdirSync(join(root, 'spill'));
    writeFileSync(join(root, 'spill', '1-1'), 'left by a killed process');
    store = await startEmbeddedStore({ dataDir: root });
    client = await MongoClient.connect(store.uri);
    c = client.db('s').collection<Row>('rows');
    for (let at = 0; at < ROWS; at += 5_000) await c.insertMany(Array.from({ length: 5_000 }, (_, i) => rowOf(at + i)));
  });
  after(async () => {
    await client.close();
    await store.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('sorts by keys in both directions, equal rows as they came, and leaves no file', async () => {
    const expected = Array.from({ length: ROWS }, (_, n) => rowOf(n)).sort((a, b) => b.k - a.k || a.rest - b.rest || a._id - b._id).map((r) => r._id);
    const found = await c.find().sort({ k: -1, rest: 1 }).project<{ _id: number }>({ _id: 1 }).toArray();
    assert.deepEqual(found.map((r) => r._id), expected);
    const whole = await c.find().sort({ k: -1, rest: 1 }).skip(39_000).limit(500).toArray();
    assert.deepEqual(whole, expected.slice(39_000, 39_500).map(rowOf));
    const computed = await c.aggregate<{ _id: number; text: string }>([{ $set: { by: { $subtract: [0, '$k'] } } }, { $sort: { by: 1, rest: 1 } }, { $unset: 'by' }]).toArray();
    assert.deepEqual(computed.map((r) => r._id), expected);
    assert.deepEqual(computed[7], rowOf(expected[7]!));
    assert.deepEqual(readdirSync(join(root, 'spill')), []);
  });

  it('groups by more keys than it holds, each group whole', async () => {
    const groups = await c.aggregate<{ _id: { r: number; h: number }; n: number; ids: number[] }>([{ $unset: 'k' }, { $group: { _id: { r: '$rest', h: { $mod: ['$_id', 11] } }, n: { $sum: 1 }, ids: { $push: '$_id' } } }]).toArray();
    const expected = new Map<string, number[]>();
    for (let n = 0; n < ROWS; n += 1) {
      const key = `${rowOf(n).rest}/${n % 11}`;
      expected.set(key, [...(expected.get(key) ?? []), n]);
    }
    assert.equal(groups.length, expected.size);
    for (const g of groups) assert.deepEqual([g.n, g.ids], [expected.get(`${g._id.r}/${g._id.h}`)!.length, expected.get(`${g._id.r}/${g._id.h}`)]);
  });

  it('refuses what is over a hundred megabytes as MongoDB does, unless the disk is allowed', async () => {
    const big = client.db('s').collection<{ _id: number; at: number; text: string }>('big');
    const text = 'y'.repeat(1_000_000);
    for (let n = 0; n < 110; n += 10) await big.insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: n + i, at: (n + i) * 37 % 110, text })));
    const byAt = Array.from({ length: 110 }, (_, n) => n).sort((a, b) => (a * 37) % 110 - (b * 37) % 110);
    await assert.rejects(big.find().sort({ at: 1 }).toArray(), { code: 292 });
    await assert.rejects(big.aggregate([{ $sort: { at: 1 } }], { allowDiskUse: false }).toArray(), { code: 292 });
    await assert.rejects(big.aggregate([{ $match: { _id: { $lt: 56 } } }, { $group: { _id: { $concat: ['$text', { $toString: '$_id' }] }, n: { $sum: 1 } } }]).toArray(), { code: 292 });
    assert.deepEqual((await big.find().sort({ at: 1 }).limit(60).toArray()).map((d) => d._id), byAt.slice(0, 60), 'a limit holds only what it shows');
    assert.deepEqual((await big.find({}, { allowDiskUse: true }).sort({ at: 1 }).toArray()).map((d) => [d._id, d.text.length]), byAt.map((n) => [n, 1_000_000]));
    const groups = await big.aggregate<{ _id: string; n: number }>([{ $match: { _id: { $lt: 56 } } }, { $group: { _id: { $concat: ['$text', { $toString: '$_id' }] }, n: { $sum: 1 } } }, { $project: { _id: { $substrBytes: ['$_id', 1_000_000, -1] }, n: 1 } }], { allowDiskUse: true }).toArray();
    assert.deepEqual(groups.map((g) => [Number(g._id), g.n]).sort((a, b) => a[0]! - b[0]!), Array.from({ length: 56 }, (_, n) => [n, 1]));
    assert.deepEqual(existsSync(join(root, 'spill')) ? readdirSync(join(root, 'spill')) : [], []);
  });
});
