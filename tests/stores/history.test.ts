import assert from 'node:assert/strict';
import { MongoClient, type Collection } from 'mongodb';
import { sharedStore } from '../support/shared-store.ts';

/** `SECONDS=60 npx mocha tests/stores/history.test.ts` for the long one. */
const SECONDS = Number(process.env['SECONDS'] ?? 2);
const CLIENTS = 64;
const REGISTERS = 4;
type Register = { _id: string; version: number; by: string };
/** One call as its client saw it: when it began and ended, and the version that it wrote or read. */
type Seen = { readonly from: number; readonly to: number; readonly version: number; readonly wrote: boolean };

/**
 * A register whose every write answers the version that it made: linearizable when versions are made once each, and no call
 * that began after another's end saw or made an older version than that other.
 */
function faults(history: readonly Seen[]): string[] {
  const wrong: string[] = [];
  const made = history.filter((s) => s.wrote).map((s) => s.version);
  if (new Set(made).size !== made.length) wrong.push('a version was made twice');
  const byStart = [...history].sort((a, b) => a.from - b.from);
  const byEnd = [...history].sort((a, b) => a.to - b.to);
  let [ended, newest] = [0, 0];
  for (const call of byStart) {
    while (ended < byEnd.length && byEnd[ended]!.to < call.from) newest = Math.max(newest, byEnd[ended++]!.version);
    if (call.wrote ? call.version <= newest : call.version < newest) wrong.push(`${call.wrote ? 'wrote' : 'read'} version ${call.version} after ${newest} was known`);
  }
  return wrong;
}

describe('the embedded store: histories of 64 clients', () => {
  let client: MongoClient;
  let registers: Collection<Register>;
  before(async () => {
    client = await MongoClient.connect((await sharedStore()).uri, { maxPoolSize: CLIENTS });
    registers = client.db('history').collection<Register>('registers');
    await registers.deleteMany({});
    await registers.insertMany(Array.from({ length: REGISTERS }, (_, i) => ({ _id: `r${i}`, version: 0, by: '' })));
  });
  after(() => client.close());

  it('one document is one register, and a checker that would see otherwise', async function () {
    this.timeout(30_000 + SECONDS * 2_000);
    const histories = new Map<string, Seen[]>(Array.from({ length: REGISTERS }, (_, i) => [`r${i}`, []]));
    const until = performance.now() + SECONDS * 1000;
    await Promise.all(Array.from({ length: CLIENTS }, async (_, w) => {
      for (let i = 0; performance.now() < until; i += 1) {
        const _id = `r${(w + i) % REGISTERS}`;
        const from = performance.now();
        const wrote = (i + w) % 3 === 0;
        const row = wrote ? await registers.findOneAndUpdate({ _id }, { $inc: { version: 1 }, $set: { by: `${w}` } }, { returnDocument: 'after' }) : await registers.findOne({ _id });
        histories.get(_id)!.push({ from, to: performance.now(), version: row!.version, wrote });
      }
    }));
    for (const [id, history] of histories) {
      assert.deepEqual(faults(history).slice(0, 5), [], id);
      const writes = history.filter((s) => s.wrote).length;
      assert.ok(writes > 0 && history.length > writes);
      assert.equal((await registers.findOne({ _id: id }))!.version, writes);
    }
    const at = (from: number, version: number, wrote: boolean): Seen => ({ from, to: from + 1, version, wrote });
    assert.equal(faults([at(0, 1, true), at(2, 0, false)]).length, 1, 'a stale read is seen');
    assert.equal(faults([at(0, 1, true), at(2, 1, true)]).length > 0, true, 'a lost update is seen');
  });

  it('a transaction sees one moment of several documents, and two that rest on the same are not both kept', async function () {
    this.timeout(30_000 + SECONDS * 2_000);
    const accounts = client.db('history').collection<{ _id: number; n: number }>('accounts');
    await accounts.deleteMany({});
    await accounts.insertMany(Array.from({ length: 8 }, (_, _id) => ({ _id, n: 100 })));
    const until = performance.now() + SECONDS * 1000;
    const sums: number[] = [];
    let moved = 0;
    await Promise.all(Array.from({ length: CLIENTS / 2 }, async (_, w) => {
      for (let i = 0; performance.now() < until; i += 1) {
        await client.withSession((session) => session.withTransaction(async () => {
          const rows = await accounts.find({}, { session }).toArray();
          sums.push(rows.reduce((sum, r) => sum + r.n, 0));
          if (w % 2 === 0) return;
          const [a, b] = [(w + i) % 8, (w * 3 + i * 5 + 1) % 8];
          if (a === b) return;
          // Written from what was read, so that a lost conflict would change the sum.
          await accounts.updateOne({ _id: a }, { $set: { n: rows.find((r) => r._id === a)!.n - 1 } }, { session });
          await accounts.updateOne({ _id: b }, { $set: { n: rows.find((r) => r._id === b)!.n + 1 } }, { session });
          moved += 1;
        }));
      }
    }));
    assert.ok(moved > 0);
    assert.deepEqual([...new Set(sums)], [800]);
    assert.equal((await accounts.find().toArray()).reduce((sum, r) => sum + r.n, 0), 800);
  });
});
