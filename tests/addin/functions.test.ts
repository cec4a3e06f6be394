import assert from 'node:assert/strict';
import { ingestOrders } from '../../api/orders/index.ts';
import type { FunctionMeta } from '../../addin/functions/metadata.ts';
import type { Headless } from '../../addin/workbench/headless.ts';
import { headless } from '../support/headless.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order } from '../support/world.ts';

const any = (name: string) => ({ name, description: name, type: 'any' as const });
const META: readonly FunctionMeta[] = [
  { id: 'SLOW', name: 'SLOW', description: '', parameters: [any('x')], result: { type: 'number' } },
  { id: 'WHERE', name: 'WHERE', description: '', parameters: [], result: { type: 'string' }, options: { requiresAddress: true } },
  { id: 'WRONG', name: 'WRONG', description: '', parameters: [any('kind')], result: { type: 'number' } },
  { id: 'TICKS', name: 'TICKS', description: '', parameters: [any('x')], result: { type: 'number' }, options: { stream: true } },
  { id: 'GRID', name: 'GRID', description: '', parameters: [any('n')], result: { type: 'any', dimensionality: 'matrix' } },
];

describe('custom functions in the host', function () {
  this.timeout(180_000);
  let host: Headless;
  let batches: number[] = [];
  let wave: unknown[] = [];
  let canceled = 0;
  let set: ((value: number) => void) | undefined;
  before(async () => {
    host = await headless({ functions: META });
    const custom = host.CustomFunctions as typeof CustomFunctions;
    custom.associate({
      SLOW: (x: number) => { if (wave.length === 0) setTimeout(() => { batches.push(wave.length); wave = []; }, 0); wave.push(x); return new Promise((resolve) => { setTimeout(() => resolve(x * 2), 20); }); },
      WHERE: (invocation: { address: string }) => invocation.address,
      WRONG: (kind: string) => { throw kind === 'na' ? new custom.Error(custom.ErrorCode.notAvailable, 'no such') : new Error('a bug'); },
      TICKS: (_x: number, invocation: { setResult: (v: number) => void; onCanceled: () => void }) => { set = invocation.setResult; invocation.onCanceled = () => { canceled += 1; }; invocation.setResult(1); },
      GRID: (n: number) => Array.from({ length: n }, (_, i) => [i, i * i]),
    } as never);
  });
  after(() => host?.stop());
  const run = <T>(work: (context: Excel.RequestContext, sheet: Excel.Worksheet) => Promise<T>): Promise<T> => (host.Excel as unknown as typeof Excel).run(async (context) => work(context, context.workbook.worksheets.getItem('Sheet1')));
  const write = async (address: string, formulas: string[][]): Promise<void> => { await run(async (context, sheet) => { sheet.getRange(address).formulas = formulas; await context.sync(); }); await host.idle(); };
  const values = (address: string): Promise<unknown[][]> => run(async (context, sheet) => { const r = sheet.getRange(address); r.load('values'); await context.sync(); return r.values; });

  it('all calls of a calculation run together, each argument once', async () => {
    await write('A1:A300', Array.from({ length: 300 }, (_, i) => [`=SUANPAN.SLOW(${i % 100})`]));
    assert.deepEqual((await values('A1:A300')).flat(), Array.from({ length: 300 }, (_, i) => (i % 100) * 2));
    assert.deepEqual(batches, [100]);
  });
  it('so many that the calculation pauses between them still are one batch; what changes meanwhile is worked out too', async () => {
    batches = [];
    const many = 1_300;
    await run(async (context, sheet) => {
      sheet.getRange('L1').values = [[1]];
      sheet.getRange(`K1:K${many}`).formulas = Array.from({ length: many }, (_, i) => [`=SUANPAN.SLOW(${5_000 + i}+0*L1)`]);
      sheet.getRange('M1:M3').formulas = [[`=SUM(K1:K${many})`], [`=MATCH(12400,K1:K${many},0)`], ['=L1*2']];
      await context.sync();
    });
    // While the answers are on their way to the cells, somebody changes something.
    for (let tries = 0; wave.length === 0 && batches.length === 0 && tries < 2_000; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 1); });
    await run(async (context, sheet) => { sheet.getRange('L1').values = [[50]]; await context.sync(); });
    await host.idle();
    assert.deepEqual((await values('M1:M3')).flat(), [10_000 * many + many * (many - 1), 1_201, 100]);
    assert.deepEqual(batches, [many]);
    await write(`K1:M${many}`, Array.from({ length: many }, () => ['', '', '']));
  });
  it('a formula that uses another cell follows it', async () => {
    batches = [];
    await write('C1:C2', [['7'], ['=SUANPAN.SLOW(C1)+1']]);
    assert.deepEqual(await values('C2'), [[15]]);
    await write('C1', [['8']]);
    assert.deepEqual(await values('C2'), [[17]]);
  });
  it('errors of the function and of its arguments are those of a cell', async () => {
    await write('D1:D3', [['=SUANPAN.WRONG("na")'], ['=SUANPAN.WRONG("bug")'], ['=SUANPAN.SLOW(NA())']]);
    assert.deepEqual((await values('D1:D3')).flat(), ['#N/A', '#VALUE!', '#N/A']);
  });
  it('the address of the calling cell', async () => {
    await write('E1:E2', [['=SUANPAN.WHERE()'], ['=SUANPAN.WHERE()']]);
    assert.deepEqual((await values('E1:E2')).flat(), ['Sheet1!E1', 'Sheet1!E2']);
  });
  it('a stream sets its result again, and is cancelled when its formula is gone', async () => {
    await write('F1', [['=SUANPAN.TICKS(1)']]);
    assert.deepEqual(await values('F1'), [[1]]);
    set!(5);
    await host.idle();
    assert.deepEqual(await values('F1'), [[5]]);
    await host.grid.typed('home', 0, 5, 'over');
    await new Promise<void>((resolve) => { const look = setInterval(() => { if (canceled > 0) { clearInterval(look); resolve(); } }, 10); });
    assert.equal(canceled, 1);
  });
  it('rows and columns spill', async () => {
    await write('H1', [['=SUANPAN.GRID(3)']]);
    assert.deepEqual(await values('H1:I3'), [[0, 0], [1, 1], [2, 4]]);
    await run(async (context, sheet) => {
      const [spill, parent] = [sheet.getRange('H1').getSpillingToRange(), sheet.getRange('I3').getSpillParent()];
      spill.load('address');
      parent.load('address');
      await context.sync();
      assert.deepEqual([spill.address, parent.address], ['Sheet1!H1:I3', 'Sheet1!H1']);
    });
  });
});

describe('custom functions at the service', function () {
  this.timeout(180_000);
  let test: TestService;
  before(async () => {
    test = await startTestService();
    const { shopId } = await company(test.rt, { 'TEA-1': 100, 'TEA-2': 40 });
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders: [order('1', { quantity: 3 }), order('2', { buyerMessage: '麻烦改地址到公司' })] });
    await test.job('review-orders');
  });
  after(() => test.stop());
  const ask = async (...calls: [string, ...(string | number | null)[]][]): Promise<unknown[]> => {
    const answer = await test.call<{ results: ({ value: unknown } | { error: { code: string } })[] }>('POST', '/api/v1/functions', { calls: calls.map(([name, ...args]) => ({ name, args })) });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.results.map((r) => ('value' in r ? r.value : r.error.code));
  };
  it('orders by state and shop, in any of its words', async () => {
    assert.deepEqual(await ask(['ORDERS', 'held'], ['ORDERS', '挂起'], ['ORDERS', '已通过', 'taobao 文件'], ['ORDERS', null], ['ORDERS', '没有这个'], ['ORDERS', 'held', '没有这个']), [1, 1, 1, 2, 'unknown_state', 'unknown_shop']);
  });
  it('cost, stock of a day that is past and of one to come, figures of stock', async () => {
    assert.deepEqual(await ask(['COST', 'TEA-1'], ['ASOF', 'TEA-1', '2020-01-01'], ['ASOF', 'TEA-1', '2099-01-01'], ['ASOF', 'TEA-1', '2099-01-01', 'GZ'], ['ASOF', 'TEA-1', 'x'], ['COST', 'NO']), [10, 0, 100, 0, 'not_a_day', 'unknown_sku']);
    const [sell, turn, span] = await ask(['SELLTHROUGH', 'TEA-1'], ['TURNOVERDAYS', 'TEA-1', 30], ['SELLTHROUGH', 'TEA-1', 0]);
    assert.deepEqual([typeof sell, ['number', 'string'].includes(typeof turn), span], ['number', true, 'not_a_span']);
  });
  it('price, last cost, what to buy, what is owed, what is expected', async () => {
    assert.deepEqual(await ask(['PRICE', 'TEA-1'], ['PRICE', 'NO'], ['LASTCOST', 'TEA-1'], ['SUGGEST', 'TEA-1'], ['PAYABLE', null], ['PAYABLE', '快递'], ['PAYABLE', '没有这家']), [30, 'unknown_sku', 10, 0, 0, 0, 'unknown_supplier']);
    await test.job('post-journal');
    assert.deepEqual(await ask(['RECEIVABLE', null], ['RECEIVABLE', 'taobao 文件'], ['RECEIVABLE', 'x']), [120, 120, 'unknown_shop']);
    const [mean, p90, daily, bad, span] = await ask(['FORECAST', 'TEA-1', 14], ['FORECAST', 'TEA-1', 14, 'p90'], ['FORECAST', 'TEA-1', 3, 'daily'], ['FORECAST', 'TEA-1', 3, 'weekly'], ['FORECAST', 'TEA-1', 500]);
    assert.ok(typeof mean === 'number' && mean >= 0 && (p90 as number) >= 0);
    assert.deepEqual((daily as unknown[][]).map((line) => line.length), [4, 4, 4]);
    assert.deepEqual([bad, span], ['unknown_form', 'not_a_span']);
  });
  it('margin, fees, and profit if something were otherwise, of one month, the books untouched', async () => {
    await test.job('plan-parcels');
    const parcels = (await test.call<{ rows: { id: string; state: string }[] }>('GET', '/api/v1/parcels?limit=500')).body.rows.filter((p) => p.state === 'reserved');
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: parcels.map((p) => p.id) })).status, 200);
    await test.job('post-journal');
    const [row] = (await test.call<{ rows: Record<'month' | 'salesFen' | 'costFen' | 'freightFen' | 'commissionFen' | 'otherFen' | 'profitFen', never>[] }>('GET', '/api/v1/profit?limit=500')).body.rows as unknown as { month: string; salesFen: number; costFen: number; freightFen: number; commissionFen: number; otherFen: number; profitFen: number }[];
    const profit = (fen: number): number => fen / (10 * 10);
    const before = await ask(['PROFIT', null, row!.month]);
    assert.deepEqual(before, [profit(row!.profitFen)]);
    assert.deepEqual(await ask(['MARGIN', null, row!.month], ['FEE', null, row!.month], ['MARGIN', null, '2020-01'], ['WHATIF', 'cost', 0.1, null, row!.month], ['WHATIF', '价格', 0.05, null, row!.month], ['WHATIF', 'freight', -1, 'taobao 文件', row!.month], ['WHATIF', 'x', 1, null, row!.month], ['WHATIF', 'cost', 'viel', null, row!.month]), [
      row!.profitFen / row!.salesFen, profit(row!.commissionFen + row!.otherFen), 'no_figure', profit(row!.profitFen - Math.round(row!.costFen * 0.1)), profit(row!.profitFen + Math.round((row!.salesFen - row!.commissionFen) * 0.05)), profit(row!.profitFen + row!.freightFen), 'unknown_change', 'not_a_share',
    ]);
    assert.deepEqual(await ask(['PROFIT', null, row!.month]), before);
  });
  it('the sequence of a part moves with the part, and the others stay', async () => {
    const sequence = async (): Promise<Record<string, string>> => (await test.call<Record<string, string>>('GET', '/api/v1/functions/sequence')).body;
    const before = await sequence();
    assert.deepEqual(await sequence(), before);
    const { body } = await test.call<{ rows: { id: string; revision: number }[] }>('GET', '/api/v1/skus?limit=1');
    const batch = { batchId: 'sequence-1', rows: [{ id: body.rows[0]!.id, revision: body.rows[0]!.revision, cells: { leadTime: 9 } }] };
    assert.equal((await test.call('POST', '/api/v1/sheets/skus/publish', batch)).status, 200);
    const after = await sequence();
    assert.deepEqual(Object.keys(after).filter((k) => after[k] !== before[k]), ['catalog']);
  });
  it('lists spill; five thousand calls are one request', async () => {
    assert.deepEqual(await ask(['LIST', 'skus'], ['LIST', 'warehouses'], ['LIST', 'x']), [[['TEA-1', '货品 TEA-1'], ['TEA-2', '货品 TEA-2']], [['HZ', '杭州仓'], ['GZ', '广州仓'], ['CD', '成都仓']], 'unknown_list']);
    assert.deepEqual([...new Set(await ask(...Array.from({ length: 5_000 }, (): [string, string] => ['STOCK', 'TEA-2'])))], [40]);
  });
});
