import assert from 'node:assert/strict';
import { Skus } from '../../api/stock/store/models.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { sku } from '../support/world.ts';

type Hit = { id: string; code: string; name: string };
/** `FIND_SKUS=50000` for the count of a large company, with its times. */
const MANY = Number(process.env['FIND_SKUS'] ?? 2_000);

describe('SKUs by typed letters', function () {
  this.timeout(120_000);
  let test: TestService;
  const doc = (code: string, name: string, barcode = '') => ({ ...sku(code, { name, barcode }), _id: `sku_${code}`, safetyStock: 0, wantsBatch: false, wantsSerial: false, shelfDays: 0, active: true, revision: 1, changedAt: new Date() });
  before(async () => {
    test = await startTestService();
    await Skus.collection.insertMany([...Array.from({ length: MANY }, (_, i) => doc(`SKU-${String(i).padStart(5, '0')}`, `货品 ${i}`, `690000${String(i).padStart(7, '0')}`)), doc('LJ-100', '明前龙井 100 克'), doc('LJ-250', '明前龙井 250 克'), doc('BC-1', '白茶'), doc('BC-2', '白茶')] as never);
  });
  after(() => test?.stop());
  const find = async (q: string): Promise<string[]> => (await test.call<{ skus: Hit[] }>('GET', `/api/v1/skus/find?q=${encodeURIComponent(q)}`)).body.skus.map((s) => s.code);
  const resolve = async (...names: string[]): Promise<string[][]> => (await test.call<{ found: Hit[][] }>('POST', '/api/v1/skus/resolve', { names })).body.found.map((f) => f.map((s) => s.code));

  it('finds a prefix of code, barcode or name, then a part, then all of several words', async () => {
    assert.deepEqual(await find('lj-'), ['LJ-100', 'LJ-250']);
    assert.deepEqual(await find('690000000001'), Array.from({ length: 10 }, (_, i) => `SKU-0001${i}`));
    assert.deepEqual(await find('龙井 250'), ['LJ-250']);
    assert.deepEqual((await find('ＳＫＵ-00')).length, 20, 'full-width letters are the same');
    assert.deepEqual(await find('没有的'), []);
  });
  it('a name is the one that it is, several that it may be, or none', async () => {
    assert.deepEqual(await resolve('白茶', 'LJ-100', '明前龙井', '明前龙井 250 克', 'lj-25', '没有', '6900000000007'), [['BC-1', 'BC-2'], ['LJ-100'], ['LJ-100', 'LJ-250'], ['LJ-250'], ['LJ-250'], [], ['SKU-00007']]);
  });
  it('follows the collection: new ones, renamed ones, those that are no longer sold', async () => {
    await Skus.collection.insertOne(doc('NEW-1', '新茶') as never);
    await Skus.updateOne({ code: 'LJ-100' }, { $set: { name: '雨前龙井 100 克', changedAt: new Date() }, $inc: { revision: 1 } });
    await Skus.updateOne({ code: 'BC-2' }, { $set: { active: false, changedAt: new Date() }, $inc: { revision: 1 } });
    assert.deepEqual([await find('新茶'), await find('雨前'), await resolve('白茶')], [['NEW-1'], ['LJ-100'], [['BC-1']]]);
  });
  if (process.env['FIND_SKUS']) it('tells its times', async () => {
    const times: number[] = [];
    for (let i = 0; i < 60; i += 1) { const from = performance.now(); await find(i % 2 ? `SKU-${String((i * 7919) % MANY).padStart(5, '0').slice(0, 4)}` : `品 ${(i * 7919) % MANY}`); times.push(performance.now() - from); }
    times.sort((a, b) => a - b);
    console.log(`${MANY} SKUs: median ${times[30]!.toFixed(1)} ms, worst of sixty ${times.at(-1)!.toFixed(1)} ms`);
    assert.equal(times.length, 60);
  });
});
