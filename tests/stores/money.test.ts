import assert from 'node:assert/strict';
import { Decimal128, Double, Int32, Long, MongoClient, type AnyBulkWriteOperation, type Db, type MongoBulkWriteError } from 'mongodb';
import { sharedStore } from '../support/shared-store.ts';
import { average, compareNumerics, exactly, expressed, total, written, type Numeric, type Operation } from './oracle/exact.ts';

/** Money of every number type, in pairs and in sums, against exact arithmetic: value, type and digits have to be the same. */
const int = (n: number): Int32 => new Int32(n);
const long = (text: string): Long => Long.fromString(text);
const double = (n: number): Double => new Double(n);
const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
const AMOUNTS: readonly Numeric[] = [
  ...[0, 1, -1, 7, 10, 99, 1990, -12_345, 46_341, 2_147_483_647, -2_147_483_648].map(int),
  ...['0', '1', '-1', '10', '1990', '2147483648', '-2147483649', '3037000500', '9007199254740992', '9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808'].map(long),
  ...[0, 1, -1, 10, 0.1, 0.2, 0.3, -0.7, 19.9, 1990, 1e-7, 123456.78, 4503599627370497.5, 9007199254740992, 9007199254740994, 1e22, -1e300].map(double),
  ...['0', '0.00', '1', '1.00', '-1', '10', '0.1', '0.10', '0.3', '-0.7', '19.90', '1990', '123456.78', '0.0000001', '9007199254740993', '9007199254740993.5', '9223372036854775808', '1234567890123456789012345678901234', '1E+40', '-9.99E-30'].map(decimal),
];
const SPECIAL: readonly Numeric[] = [double(NaN), double(Infinity), double(-Infinity), double(-0), decimal('NaN'), decimal('Infinity'), decimal('-Infinity'), decimal('-0'), decimal('1E+6000'), decimal('-1E-6000')];
type Row = { _id: number; [key: string]: unknown };

describe('the embedded store: money', () => {
  let client: MongoClient;
  let db: Db;
  before(async () => {
    client = await MongoClient.connect((await sharedStore()).uri, { promoteValues: false });
    db = client.db('money_table');
    await db.dropDatabase();
  });
  after(() => client.close());
  const fill = async (name: string, rows: Row[]): Promise<void> => { await db.collection<Row>(name).insertMany(rows); };
  const pairs = AMOUNTS.flatMap((a, i) => AMOUNTS.filter((_b, j) => (i + j) % 2 === 0).map((b) => ({ a, b }))).map((p, _id) => ({ _id, ...p }));
  const differences = (found: readonly string[], wanted: readonly string[], name: (i: number) => string): string[] =>
    wanted.flatMap((w, i) => (found[i] === w ? [] : [`${name(i)}: ${found[i] ?? 'nothing'} instead of ${w}`]));
  /** Each update is a statement of its own: half of the pairs. */
  const some = pairs.filter((p) => p._id % 2 === 0);
  const someName = (i: number): string => `${written(some[i]!.a)} with ${written(some[i]!.b)}`;
  const pairName = (i: number): string => `${written(pairs[i]!.a)} with ${written(pairs[i]!.b)}`;

  it('adds, subtracts, multiplies and compares every pair in expressions', async () => {
    await fill('pairs', pairs);
    const rows = await db.collection('pairs').aggregate([{ $sort: { _id: 1 } }, { $project: { add: { $add: ['$a', '$b'] }, subtract: { $subtract: ['$a', '$b'] }, multiply: { $multiply: ['$a', '$b'] }, cmp: { $cmp: ['$a', '$b'] }, eq: { $eq: ['$a', '$b'] }, sum: { $sum: ['$a', '$b'] }, avg: { $avg: ['$a', '$b'] } } }]).toArray();
    for (const op of ['add', 'subtract', 'multiply'] as Operation[]) assert.deepEqual(differences(rows.map((r) => written(r[op])), pairs.map((p) => written(expressed(op, p.a, p.b))), (i) => `${op} ${pairName(i)}`), []);
    assert.deepEqual(differences(rows.map((r) => written(r['cmp'])), pairs.map((p) => `int ${compareNumerics(p.a, p.b)}`), pairName), []);
    assert.deepEqual(differences(rows.map((r) => String(r['eq'])), pairs.map((p) => String(compareNumerics(p.a, p.b) === 0)), pairName), []);
    assert.deepEqual(differences(rows.map((r) => written(r['sum'])), pairs.map((p) => written(total([p.a, p.b]))), (i) => `sum ${pairName(i)}`), []);
    assert.deepEqual(differences(rows.map((r) => written(r['avg'])), pairs.map((p) => written(average([p.a, p.b]))), (i) => `avg ${pairName(i)}`), []);
  });

  it('keeps the narrowest type that all parts allow, however large the sum was in between', async () => {
    const [row] = await db.aggregate([{ $documents: [{ a: int(2_147_483_647), b: int(1), l: long('9223372036854775807') }] }, { $project: { int: { $add: ['$a', '$b', int(-1)] }, long: { $add: ['$a', '$b'] }, product: { $multiply: [int(100_000), int(100_000), int(0)] }, double: { $add: ['$l', '$b'] } } }]).toArray();
    assert.deepEqual([row!['int'], row!['long'], row!['product'], row!['double']].map(written), ['int 2147483647', 'long 2147483648', 'int 0', 'double 9223372036854776000']);
  });

  for (const [name, op] of [['$inc', 'add'], ['$mul', 'multiply']] as const) {
    it(`changes every pair by ${name}, and refuses what no Long holds`, async () => {
      const c = db.collection<Row>(`updated_${op}`);
      await c.insertMany(some.map(({ _id, a }) => ({ _id, v: a })));
      const writes = some.map(({ _id, b }): AnyBulkWriteOperation<Row> => ({ updateOne: { filter: { _id }, update: { [name]: { v: b } } as never } }));
      const refused = await c.bulkWrite(writes, { ordered: false }).then(() => [], (e: MongoBulkWriteError) => [e.writeErrors].flat().map((w) => w.index));
      const wanted = some.map((p) => exactly(op, p.a, p.b));
      assert.deepEqual([...refused].sort((x, y) => x - y), wanted.flatMap((w, i) => (w ? [] : [i])));
      const rows = await c.find().sort({ _id: 1 }).toArray();
      assert.deepEqual(differences(rows.map((r) => written(r['v'])), wanted.map((w, i) => written(w ?? some[i]!.a)), (i) => `${name} ${someName(i)}`), []);
    });
  }

  it('takes the least and the greatest of every pair by $min and $max of an update, equal ones left alone', async () => {
    const c = db.collection<Row>('extremes');
    await c.insertMany(some.map(({ _id, a }) => ({ _id, low: a, high: a })));
    await c.bulkWrite(some.map(({ _id, b }) => ({ updateOne: { filter: { _id }, update: { $min: { low: b }, $max: { high: b } } as never } })), { ordered: false });
    const rows = await c.find().sort({ _id: 1 }).toArray();
    assert.deepEqual(differences(rows.map((r) => written(r['low'])), some.map((p) => written(compareNumerics(p.b, p.a) < 0 ? p.b : p.a)), someName), []);
    assert.deepEqual(differences(rows.map((r) => written(r['high'])), some.map((p) => written(compareNumerics(p.b, p.a) > 0 ? p.b : p.a)), someName), []);
  });

  it('sums, averages and finds the extremes of long lists of mixed types, in any order', async () => {
    // Money as one meets it: fen as Int32 and Long, yuan as Double and Decimal128.
    let seed = 20_261_125;
    const random = (n: number): number => { seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff; return (seed >>> 8) % n; };
    const amount = (kind: number): Numeric => [(): Numeric => int(random(2_000_000) - 500_000), (): Numeric => long(`${random(8_000_000)}${random(8_000_000)}`), (): Numeric => double((random(8_000_000) - 900_000) / 100), (): Numeric => decimal(`${random(2) ? '-' : ''}${random(8_000_000)}.${String(random(100)).padStart(2, '0')}`)][kind]!();
    const lists = Array.from({ length: 300 }, (_x, i) => Array.from({ length: 1 + random(30) }, () => amount(i % 6 < 4 ? i % 6 : random(i % 6 === 4 ? 2 : 4))));
    await fill('lists', lists.flatMap((list, g) => list.map((v) => ({ g, v }))).map((r, _id) => ({ _id, ...r })));
    const least = (list: Numeric[], sign: number): Numeric => list.reduce((a, b) => (compareNumerics(b, a) * sign > 0 ? b : a));
    for (const direction of [1, -1] as const) {
      const rows = await db.collection('lists').aggregate([{ $sort: { _id: direction } }, { $group: { _id: '$g', sum: { $sum: '$v' }, avg: { $avg: '$v' }, min: { $min: '$v' }, max: { $max: '$v' } } }, { $sort: { _id: 1 } }]).toArray();
      const walked = lists.map((l) => (direction === 1 ? l : [...l].reverse()));
      const name = (i: number): string => lists[i]!.map(written).join(', ');
      assert.deepEqual(differences(rows.map((r) => written(r['sum'])), walked.map((l) => written(total(l))), name), []);
      assert.deepEqual(differences(rows.map((r) => written(r['avg'])), walked.map((l) => written(average(l))), name), []);
      assert.deepEqual(differences(rows.map((r) => written(r['min'])), walked.map((l) => written(least(l, -1))), name), []);
      assert.deepEqual(differences(rows.map((r) => written(r['max'])), walked.map((l) => written(least(l, 1))), name), []);
    }
  });

  it('groups, sorts and finds by exact value, with an index and without', async () => {
    const values = [...AMOUNTS, ...SPECIAL];
    const c = db.collection<Row>('keys');
    await c.insertMany(values.map((v, _id) => ({ _id, v })));
    const sorted = values.map((v, _id) => ({ v, _id })).sort((x, y) => compareNumerics(x.v, y.v) || x._id - y._id);
    const groups = sorted.filter((s, i) => i === 0 || compareNumerics(s.v, sorted[i - 1]!.v) !== 0).length;
    const ids = (rows: readonly Row[]): number[] => rows.map((r) => Number(r._id));
    for (const index of [undefined, { v: 1 }, { v: -1 }, { v: 1, _id: -1 }] as const) {
      if (index) await c.createIndex(index);
      const hint = index ? { hint: index } : {};
      assert.equal((await c.aggregate([{ $group: { _id: '$v' } }]).toArray()).length, groups);
      assert.equal((await c.distinct('v')).length, groups);
      assert.deepEqual(ids(await c.find({}, hint).sort({ v: 1, _id: 1 }).toArray()), sorted.map((s) => s._id));
      await Promise.all(values.map(async (value, at) => {
        if ((at + (index ? 1 : 0)) % 3 !== 0) return;
        const meets = (holds: (order: number) => boolean): number[] => sorted.filter((s) => holds(compareNumerics(s.v, value)) && (written(value).endsWith('NaN') || !written(s.v).endsWith('NaN'))).map((s) => s._id);
        const nan = written(value).endsWith('NaN');
        for (const [op, holds] of Object.entries({ $eq: (o: number) => o === 0, $lt: (o: number) => !nan && o < 0, $lte: (o: number) => (nan ? o === 0 : o <= 0), $gt: (o: number) => !nan && o > 0, $gte: (o: number) => (nan ? o === 0 : o >= 0) })) {
          assert.deepEqual(ids(await c.find({ v: { [op]: value } } as never, hint).sort({ v: 1, _id: 1 }).toArray()), meets(holds), `${op} ${written(value)} ${JSON.stringify(index)}`);
        }
      }));
      if (index) await c.dropIndex(Object.entries(index).flat().join('_'));
    }
  });
});
