import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { open } from 'lmdb';
import { MongoClient, MongoServerError } from 'mongodb';
import { documentPrefix, indexPrefix } from '../../api/store/embedded/documents.ts';
import { Engine } from '../../api/store/embedded/engine.ts';
import { startEmbeddedStore } from '../../api/store/embedded/start.ts';

const MAIN = 'api/store/embedded/main.ts';
const ARGS = ['--import', 'tsx', MAIN];
type Ended = { readonly code: number; readonly out: string; readonly err: string };
const run = (...args: string[]): Promise<Ended> => new Promise((resolve) => {
  execFile(process.execPath, [...ARGS, ...args], (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
});

describe('the embedded store: its data folder', () => {
  let root: string;
  let child: ChildProcess | undefined;
  before(async () => { root = await mkdtemp(join(tmpdir(), 'suanpan-store-')); });
  after(async () => {
    child?.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
  });

  describe('torn files', () => {
    let whole: Buffer;
    const good = (): string => join(root, 'good');
    const tried = (): string => join(root, 'tried');
    const rows = 300;
    before(async function () {
      this.timeout(30_000);
      const store = await startEmbeddedStore({ dataDir: good() });
      const client = await MongoClient.connect(store.uri);
      const c = client.db('t').collection<{ _id: number; k: number; text: string }>('docs');
      await c.createIndex({ k: 1 });
      for (let i = 0; i < rows; i += 50) await c.insertMany(Array.from({ length: 50 }, (_, n) => ({ _id: i + n, k: n % 5, text: 'x'.repeat(i === 100 ? 9_000 : 100) })));
      await client.close();
      await store.stop();
      whole = readFileSync(join(good(), 'data.mdb'));
    });
    const put = (bytes: Buffer): void => {
      rmSync(tried(), { recursive: true, force: true });
      mkdirSync(tried());
      copyFileSync(join(good(), 'format'), join(tried(), 'format'));
      writeFileSync(join(tried(), 'data.mdb'), bytes);
    };
    /** The words of the refusal, or how many documents are there and proved. */
    const opened = async (): Promise<string | number> => {
      let engine: Engine;
      try {
        engine = new Engine(tried());
      } catch (error) {
        return (error as Error).message;
      }
      const collection = engine.catalog.get('t.docs');
      const n = collection ? engine.storage.count({ start: documentPrefix(collection), end: undefined }) : 0;
      await engine.close();
      return n;
    };

    it('are refused by name at every length', async () => {
      put(whole);
      const healthy = await opened();
      assert.equal(typeof healthy, 'number');
      for (let length = 0; length < whole.length; length += length < 12_288 ? 419 : 4_096 * 3 + 17) {
        put(whole.subarray(0, length));
        const said = await opened();
        assert.match(String(said), /data\.mdb (is|has) .*(cut off|not a file|torn|empty|zero)/, `at ${length} bytes of ${whole.length}`);
      }
    });

    it('with any bit of the two first pages turned are refused, or opened with all that was in them', async function () {
      this.timeout(60_000);
      put(whole);
      const healthy = await opened();
      let refused = 0;
      for (const page of [0, 4_096]) {
        for (let at = 0; at < 160; at += 3) {
          const bit = (at * 7) % 8;
          const torn = Buffer.from(whole);
          torn[page + at] = torn[page + at]! ^ (1 << bit);
          put(torn);
          const said = await opened();
          if (typeof said === 'string') refused += 1;
          else assert.equal(said, healthy, `byte ${page + at}, bit ${bit}`);
        }
      }
      assert.ok(refused > 30, `${refused} refused`);
    });

    it('of noughts, of garbage, of another program and of another format are refused', async () => {
      put(Buffer.alloc(whole.length));
      assert.match(String(await opened()), /zero/);
      put(Buffer.from('this is no data file, and never was'.repeat(900)));
      assert.match(String(await opened()), /not a file of this store/);
      for (const [text, words] of [['suanpan store, format 3\n', /format 3, written by a newer version/], ['suanpan store, format 1\n', /format 1, which this version no longer reads/], ['suanp', /format is torn/]] as const) {
        put(whole);
        writeFileSync(join(tried(), 'format'), text);
        assert.match(String(await opened()), words);
      }
      put(whole);
      rmSync(join(tried(), 'data.mdb'));
      assert.match(String(await opened()), /data\.mdb is missing/);
      rmSync(tried(), { recursive: true });
      mkdirSync(tried());
      const foreign = open({ path: join(tried(), 'data.mdb'), noSubdir: true });
      await foreign.put('a', 1);
      await foreign.close();
      assert.match(String(await opened()), /another program's/);
    });

    it('are not seen in pages that a living owner has used again meanwhile', async function () {
      this.timeout(20_000);
      const page = whole.readUInt32LE(48);
      const state = (slot: number): bigint => whole.readBigUInt64LE(slot * page + 152);
      const older = state(0) < state(1) ? 0 : 1;
      const bytes = Buffer.from(whole);
      // Where the data of the state before the last began: free for the owner from its next commit on.
      bytes.writeBigUInt64LE(state(older) + 2n, Number(bytes.readBigUInt64LE(older * page + 136)) * page + 8);
      put(bytes);
      assert.match(String(await opened()), /torn page \d+, where the data of its state/);
      writeFileSync(join(tried(), 'owner.pid'), JSON.stringify({ pid: process.pid, since: '2026-01-01T00:00:00.000Z' }));
      const made = await run('--data', tried(), '--snapshot', join(root, 'of-living'));
      assert.equal(made.code, 0, made.err);
      assert.match((await run('--data', join(root, 'of-living'), '--check')).out, new RegExp(`ok +t\\.docs: ${rows} documents`));
      rmSync(join(tried(), 'owner.pid'));
    });

    it('end the process with words and a code', async () => {
      put(whole);
      truncateSync(join(tried(), 'data.mdb'), 20_000);
      const ended = await run('--data', tried());
      assert.notEqual(ended.code, 0);
      assert.match(ended.err, /data\.mdb is cut off: it has 20000 bytes.*snapshot/);
    });
  });

  it('has one owner: a second start says who holds it; a dead owner is followed', async function () {
    this.timeout(30_000);
    const data = join(root, 'owned');
    const store = await startEmbeddedStore({ dataDir: data });
    const second = await run('--data', data);
    assert.notEqual(second.code, 0);
    assert.match(second.err, new RegExp(`held by process ${store.pid}, since \\d{4}-.*, on port ${new URL(store.uri).port}`));
    assert.equal(new URL(store.uri).hostname, '127.0.0.1');
    await store.stop();
    assert.equal(existsSync(join(data, 'owner.pid')), false);
    for (const mark of ['{"pid":999999,"since":"2026-01-01T00:00:00.000Z"}', '{"pi', '']) {
      writeFileSync(join(data, 'owner.pid'), mark);
      const engine = new Engine(data);
      assert.throws(() => new Engine(data), /held by process/);
      await engine.close();
    }
  });

  it('is copied while others write, whole transactions only, and checked; a missing index entry is found', async function () {
    this.timeout(40_000);
    const [data, copy] = [join(root, 'live'), join(root, 'copy')];
    const store = await startEmbeddedStore({ dataDir: data });
    const client = await MongoClient.connect(store.uri);
    const db = client.db('s');
    const [left, right] = [db.collection<{ _id: number; k: number }>('left'), db.collection<{ _id: number; k: number }>('right')];
    await left.createIndex({ k: 1 });
    await right.createIndex({ k: 1 });
    let over = false;
    const acknowledged: number[] = [];
    const writing = (async () => {
      for (let i = 0; !over; i += 1) {
        await client.withSession((session) => session.withTransaction(async () => {
          await left.insertOne({ _id: i, k: i % 3 }, { session });
          await right.insertOne({ _id: i, k: i % 3 }, { session });
        }));
        acknowledged.push(i);
      }
    })();
    while (acknowledged.length < 20) await new Promise((resolve) => { setTimeout(resolve, 5); });
    const before = acknowledged.length;
    const made = await run('--data', data, '--snapshot', copy);
    over = true;
    await writing;
    assert.equal(made.code, 0, made.err);
    assert.notEqual((await run('--data', data, '--snapshot', copy)).code, 0, 'never over another');
    await client.close();
    await store.stop();

    const restored = await startEmbeddedStore({ dataDir: copy });
    const reader = await MongoClient.connect(restored.uri);
    const ids = async (name: string): Promise<number[]> => (await reader.db('s').collection<{ _id: number }>(name).find().sort({ _id: 1 }).toArray()).map((d) => d._id);
    const kept = await ids('left');
    assert.deepEqual(await ids('right'), kept);
    assert.ok(kept.length >= before && kept.every((id, i) => id === i));
    await reader.db('s').collection<{ _id: number; k: number }>('left').insertOne({ _id: -1, k: 0 });
    await reader.close();
    await restored.stop();
    const checked = await run('--data', copy, '--check');
    assert.equal(checked.code, 0, checked.out);
    assert.match(checked.out, /ok +s\.left: \d+ documents, _id_ \d+, k_1 \d+/);

    const engine = new Engine(copy, { readOnly: true });
    const [entry] = engine.storage.range({ start: indexPrefix(engine.catalog.get('s.left')!.indexes[1]!), end: undefined });
    const gone = Buffer.from(entry!.key);
    await engine.close();
    const raw = open<Buffer, Buffer>({ path: join(copy, 'data.mdb'), noSubdir: true, encoding: 'binary', keyEncoding: 'binary', overlappingSync: false });
    await raw.remove(gone);
    await raw.close();
    const found = await run('--data', copy, '--check');
    assert.equal(found.code, 1);
    assert.match(found.out, /DIFF s\.left[^]*index k_1: the entry of document .* is missing/);
  });

  it('on a full disk refuses writes, answers reads, and writes again when there is room', async function () {
    this.timeout(60_000);
    const data = join(root, 'full');
    child = spawn('sh', ['-c', `ulimit -S -f 12000; exec "${process.execPath}" ${ARGS.join(' ')} --data "${data}"`], { stdio: ['ignore', 'pipe', 'ignore'] });
    const { stdout, pid } = child;
    const uri = await new Promise<string>((resolve) => { createInterface({ input: stdout! }).on('line', (line) => resolve((JSON.parse(line) as { uri: string }).uri)); });
    const client = await MongoClient.connect(uri);
    const c = client.db('full').collection<{ _id: number; k: number; body: string }>('docs');
    await c.createIndex({ k: 1 });
    const full = (e: unknown): boolean => e instanceof MongoServerError && e.code === 14_031 && e.codeName === 'OutOfDiskSpace';
    const body = 'x'.repeat(100_000);
    const acknowledged: number[] = [];
    let refusal: unknown;
    for (let i = 0; i < 300 && !refusal; i += 1) await c.insertOne({ _id: i, k: i % 3, body }).then(() => acknowledged.push(i), (e: unknown) => { refusal = e; });
    assert.ok(full(refusal), String(refusal));
    await assert.rejects(c.updateOne({ _id: 0 }, { $set: { body: `${body}y` } }), full);
    await assert.rejects(client.withSession((s) => s.withTransaction(() => c.insertOne({ _id: -1, k: 0, body }, { session: s }))), full);
    assert.deepEqual((await c.find({}, { projection: { _id: 1 } }).sort({ _id: 1 }).toArray()).map((d) => d._id), acknowledged);
    assert.equal(await c.countDocuments({ k: 1 }), acknowledged.filter((i) => i % 3 === 1).length);
    if (process.platform === 'linux') {
      await new Promise<void>((resolve, reject) => { execFile('prlimit', ['--pid', String(pid), '--fsize=unlimited'], (e) => (e ? reject(new Error(e.message)) : resolve())); });
      await c.insertOne({ _id: 1_000, k: 1, body });
      acknowledged.push(1_000);
    }
    assert.equal((await client.db('full').command({ validate: 'docs' }))['valid'], true);
    await client.close();
    await new Promise((resolve) => { child?.once('exit', resolve).kill('SIGKILL'); });
    const engine = new Engine(data);
    const prefix = documentPrefix(engine.catalog.get('full.docs')!);
    assert.equal(engine.storage.count({ start: prefix, end: Buffer.from([prefix[0]! + 1]) }), acknowledged.length);
    await engine.close();
  });
});
