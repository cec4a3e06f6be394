import assert from 'node:assert/strict';
import { auditChecks } from '../../api/runtime/pillars.ts';
import { issueShipment, postMovement, reserve, upsertSkus } from '../../api/stock/index.ts';
import { Users } from '../../api/access/users.ts';
import { createHash } from 'node:crypto';
import { startTestService, type TestService } from '../support/service.ts';
import { company, sku } from '../support/world.ts';

type Position = { skuCode: string; warehouseCode: string; onHand: number; reserved: number; locked: number; available: number; inTransit: number; valueFen: number };
type Refused = { code: string; errors: { row: number; column: string; code: string; message: unknown }[] };
type Change = { dryRun: boolean; movements: { id: string; taken: { bin: string; batch: string; quantity: number }[] }[]; positions: { onHand: { before: number; after: number } }[]; effects: { zh: string }[] };
type Line = { id: string; skuCode: string; bin: string; booked: number | null; counted: number | null; difference: number | null; state: string; revision: number };
type Figure = { key: string; onHand: number; soldPieces: number; turnoverDays: number | null; sellThroughRate: number; abc: string; stockOutDays: number; lostPieces: number; ageing: { toDays: number | null; pieces: number }[] };

describe('stock work: transfers, locks, bins, batches, serials, stocktakes, figures', () => {
  let test: TestService;
  let now = new Date('2026-11-20T02:00:00Z').getTime();
  before(async () => {
    test = await startTestService({ clock: { now: () => new Date((now += 10)) } });
    await company(test.rt, { 'TEA-1': 50, 'TEA-2': 40, 'CUP-1': 30 });
  });
  after(() => test.stop());
  const position = async (code: string, warehouse = 'HZ'): Promise<Position> => (await test.call<{ rows: Position[] }>('GET', '/api/v1/positions?limit=1000')).body.rows.find((r) => r.skuCode === code && r.warehouseCode === warehouse)!;
  const post = async <T>(path: string, body: unknown, status = 200): Promise<T> => {
    const answer = await test.call<T>('POST', `/api/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}`)).body.rows;
  /** Parcels that these tests ship have no order, so the books never hear of them: `books` is false after the first. */
  const proved = async (books = true): Promise<void> => {
    await test.job('post-journal');
    for (const check of auditChecks.filter((c) => books || c.name !== 'inventory in the books')) assert.deepEqual((await check.run(test.rt)).differences, [], check.name);
  };

  it('a transfer is on the way between its two steps, owned and not to be promised; what is missing is lost with a reason', async () => {
    const sent = await post<{ id: string }>('transfers', { key: 'trf-0001', from: 'HZ', to: 'GZ', lines: [{ skuCode: 'TEA-1', quantity: 12 }, { skuCode: 'TEA-1', quantity: 8 }] });
    assert.deepEqual(await post<{ id: string }>('transfers', { key: 'trf-0001', from: 'HZ', to: 'GZ', lines: [{ skuCode: 'TEA-1', quantity: 20 }] }).then((t) => t.id), sent.id, 'the same key again is the same transfer');
    assert.deepEqual([(await position('TEA-1')).onHand, (await position('TEA-1', 'GZ')).inTransit, (await position('TEA-1', 'GZ')).available], [30, 20, 0]);
    const worth = (await rows<Position>('positions?limit=1000')).reduce((n, p) => n + p.valueFen, 0);
    assert.equal(worth, 120 * 1_000, 'goods on the way are still ours');
    const refused = await post<Refused>(`transfers/${sent.id}/receive`, { key: 'rcv-1', lines: [{ skuCode: 'TEA-1', received: 21 }] }, 422);
    assert.deepEqual(refused.errors.map((e) => [e.column, e.code]), [['received', 'too_many']]);
    await post(`transfers/${sent.id}/receive`, { key: 'rcv-1', lines: [{ skuCode: 'TEA-1', received: 17 }] });
    const done = await post<{ state: string }>(`transfers/${sent.id}/receive`, { key: 'rcv-2', reason: '压坏', lines: [{ skuCode: 'TEA-1', received: 1, lost: 2 }] });
    assert.equal(done.state, 'received');
    assert.deepEqual([(await position('TEA-1', 'GZ')).onHand, (await position('TEA-1', 'GZ')).inTransit], [18, 0]);
    const back = await post<{ id: string }>('transfers', { key: 'trf-0002', from: 'HZ', to: 'CD', lines: [{ skuCode: 'TEA-1', quantity: 5 }] });
    await post(`transfers/${back.id}/cancel`, { reason: '不调了' });
    assert.deepEqual([(await position('TEA-1')).onHand, (await position('TEA-1', 'CD')).inTransit], [30, 0]);
    const step = (await rows<{ id: string; kind: string; to: string }>('movements?limit=500')).find((m) => m.kind === 'transfer' && m.to === 'GZ')!;
    await post(`movements/${step.id}/undo`, { reason: '不该这样' }, 422);
    await post('transfers', { key: 'trf-0003', from: 'HZ', to: 'GZ', lines: [{ skuCode: 'TEA-1', quantity: 31 }] }, 422);
    assert.equal((await position('TEA-1')).onHand, 30);
  });

  it('locked pieces cannot be promised, and scrap is undone by a counter-entry that shows itself first', async () => {
    const lock = await post<{ id: string }>('stock-locks', { key: 'lock-0001', warehouseCode: 'HZ', skuCode: 'TEA-2', quantity: 35, reason: '质检' });
    assert.deepEqual([(await position('TEA-2')).locked, (await position('TEA-2')).available], [35, 5]);
    await post<Refused>('stock/movements', { key: 'scrap-001', kind: 'scrap', reason: '破损', lines: [{ warehouseCode: 'HZ', skuCode: 'TEA-2', quantity: 6 }] }, 422);
    await post(`stock-locks/${lock.id}/release`, {});
    const gone = await post<Change>('stock/movements', { key: 'scrap-001', kind: 'scrap', reason: '破损', lines: [{ warehouseCode: 'HZ', skuCode: 'TEA-2', quantity: 6 }] });
    assert.equal((await position('TEA-2')).onHand, 34);
    const shown = await post<Change>(`movements/${gone.movements[0]!.id}/undo?dryRun=true`, { reason: '没坏' });
    assert.deepEqual([shown.dryRun, shown.positions.map((p) => [p.onHand.before, p.onHand.after])], [true, [[34, 40]]]);
    assert.equal((await position('TEA-2')).onHand, 34);
    await post(`movements/${gone.movements[0]!.id}/undo`, { reason: '没坏' });
    assert.equal((await position('TEA-2')).onHand, 40);
    await post(`movements/${gone.movements[0]!.id}/undo`, { reason: '再来' }, 422);
    await proved();
  });

  it('goods lie in bins by batch: what expires first leaves first, what has expired is not sold, and the walk follows the path', async () => {
    await post('bins', { bins: [{ warehouseCode: 'HZ', code: 'P-01', kind: 'pick', path: 2, capacity: 20 }, { warehouseCode: 'HZ', code: 'P-02', kind: 'pick', path: 1, capacity: 20 }, { warehouseCode: 'HZ', code: 'B-09', kind: 'bulk', path: 9 }] });
    await upsertSkus(test.rt, [sku('MILK', { wantsBatch: true, shelfDays: 30 })]);
    await post('batches', { batches: [{ skuCode: 'MILK', batch: 'OLD', producedOn: '2026-10-01' }, { skuCode: 'MILK', batch: 'NEW', producedOn: '2026-11-10' }, { skuCode: 'MILK', batch: 'MID', expiresOn: '2026-11-25' }] });
    const put = (batch: string, bin: string, quantity: number): unknown => ({ warehouseCode: 'HZ', skuCode: 'MILK', quantity, unitCostFen: 100, bin, batch });
    await post('stock/movements', { key: 'milk-in', kind: 'other-in', reason: '进货', lines: [put('NEW', 'P-01', 10), put('MID', 'B-09', 10), put('OLD', 'P-02', 4)] });
    const walk = (await post<{ steps: { bin: string; batch: string; quantity: number }[] }>('bins/pick-path', { warehouseCode: 'HZ', lines: [{ skuCode: 'MILK', quantity: 12 }] })).steps;
    assert.deepEqual(walk.map((s) => [s.bin, s.batch, s.quantity]), [['P-02', 'OLD', 4], ['B-09', 'MID', 8]]);
    const ship = (parcelId: string, quantity: number) => test.rt.transact(async (session) => {
      const held = await reserve(test.rt, session, { parcelId, warehouseCode: 'HZ', lines: [{ skuCode: 'MILK', quantity }] });
      assert.ok(held.ok);
      return issueShipment(test.rt, session, { parcelId, at: test.rt.clock.now(), by: 'test' });
    });
    assert.ok((await ship('pcl_milk1', 12)).ok);
    const lots = async (): Promise<unknown[]> => (await rows<{ skuCode: string; bin: string; batch: string; quantity: number }>('lots?limit=100')).filter((l) => l.skuCode === 'MILK' && l.quantity > 0).map((l) => [l.bin, l.batch, l.quantity]).sort();
    assert.deepEqual(await lots(), [['P-01', 'NEW', 8], ['P-02', 'OLD', 4]], 'the expired batch stays, the one that expires next has left');
    assert.deepEqual((await test.call<{ moves: unknown[] }>('GET', '/api/v1/bins/replenish?warehouse=HZ')).body.moves, []);
    const places = (await post<{ lines: { bin: string; quantity: number; why: string }[] }>('bins/put-away', { warehouseCode: 'HZ', lines: [{ skuCode: 'MILK', quantity: 40 }] })).lines;
    assert.deepEqual(places.map((p) => [p.bin, p.quantity, p.why]), [['P-02', 16, 'same'], ['P-01', 12, 'same'], ['B-09', 12, 'empty']]);
    const moved = await post<Change>('stock/movements', { key: 'milk-move', kind: 'bin-move', reason: '理货', lines: [{ warehouseCode: 'HZ', skuCode: 'MILK', quantity: 3, bin: 'P-01', toBin: 'P-02', batch: 'NEW' }] });
    assert.deepEqual(moved.movements[0]!.taken, [{ bin: 'P-01', batch: 'NEW', quantity: 3 }]);
    assert.deepEqual(await lots(), [['P-01', 'NEW', 5], ['P-02', 'NEW', 3], ['P-02', 'OLD', 4]]);
    const refused = await post<Refused>('stock/movements', { key: 'milk-move2', kind: 'bin-move', reason: '理货', lines: [{ warehouseCode: 'HZ', skuCode: 'MILK', quantity: 9, bin: 'P-01', toBin: 'P-02', batch: 'NEW' }] }, 422);
    assert.deepEqual(refused.errors.map((e) => e.code), ['lots']);
    await proved(false);
  });

  it('pieces with serial numbers: each is in stock once, leaves once, and is followed', async () => {
    await upsertSkus(test.rt, [sku('POT', { wantsSerial: true })]);
    const come = (key: string, serials: string[], quantity = serials.length) => ({ key, kind: 'other-in', reason: '进货', lines: [{ warehouseCode: 'HZ', skuCode: 'POT', quantity, serials }] });
    await post('stock/movements', come('pot-in-1', ['S1', 'S2', 'S3']));
    await post('stock/movements', come('pot-in-2', ['S3', 'S4']), 422);
    await post('stock/movements', come('pot-in-3', ['S4'], 2), 422);
    await post('stock/movements', { key: 'pot-out', kind: 'sample', reason: '寄样', lines: [{ warehouseCode: 'HZ', skuCode: 'POT', quantity: 1, serials: ['S9'] }] }, 422);
    await post('stock/movements', { key: 'pot-out', kind: 'sample', reason: '寄样', lines: [{ warehouseCode: 'HZ', skuCode: 'POT', quantity: 1, serials: ['S2'] }] });
    assert.deepEqual((await rows<{ skuCode: string; serial: string; place: string }>('serials?limit=50')).map((s) => [s.serial, s.place]).sort(), [['S1', 'HZ'], ['S2', 'sample'], ['S3', 'HZ']]);
    await proved(false);
  });

  it('a blind stocktake while trading: far off is counted again, only who may approves, and what moved meanwhile is netted', async () => {
    await test.call('PUT', '/api/v1/stock/settings', { recountPieces: 5 });
    const take = await post<{ id: string; lines: number }>('stocktakes', { key: 'take-0001', kind: 'list', warehouseCode: 'HZ', blind: true, skuCodes: ['CUP-1', 'TEA-2', 'MILK'] });
    const lines = async (): Promise<Line[]> => (await rows<Line>(`count-lines?stocktake=${take.id}&limit=100`));
    assert.ok((await lines()).every((l) => l.booked === null), 'nobody sees what is booked');
    const of = async (code: string, bin = ''): Promise<Line> => (await lines()).find((l) => l.skuCode === code && l.bin === bin)!;
    // Three cups are sold after the snapshot: counted before that, the count is still right.
    await post('stock/movements', { key: 'cups-go', kind: 'sample', reason: '寄样', lines: [{ warehouseCode: 'HZ', skuCode: 'CUP-1', quantity: 3 }] });
    const count = async (line: Line, counted: number) => post<{ effects: { zh: string }[] }>('sheets/stocktake/publish', { batchId: `count-${line.id}-${line.revision}`, rows: [{ id: line.id, revision: line.revision, cells: { counted } }] });
    await count(await of('CUP-1'), 20);
    assert.equal((await of('CUP-1')).state, 'recount');
    const early = await post<Refused>(`stocktakes/${take.id}/approve`, {}, 422);
    assert.deepEqual(early.errors.map((e) => e.code), ['recount']);
    await count(await of('CUP-1'), 28);
    await count(await of('TEA-2'), 40);
    await count(await of('MILK', 'P-01'), 4);
    const token = 'warehouse-token-000001';
    await Users.create({ _id: 'usr_wh', name: '仓库', role: 'warehouse', tokenHashes: [createHash('sha256').update(token).digest('base64url')], disabled: false, createdAt: new Date(now) });
    assert.equal((await test.call('POST', `/api/v1/stocktakes/${take.id}/approve`, {}, { authorization: `Bearer ${token}` })).status, 403);
    const shown = await post<{ stocktake: { differencePieces: number }; uncounted: number }>(`stocktakes/${take.id}/approve?dryRun=true`, {});
    assert.deepEqual([shown.stocktake.differencePieces, shown.uncounted], [-3, 2]);
    assert.equal((await position('CUP-1')).onHand, 27);
    await post(`stocktakes/${take.id}/approve`, {});
    assert.equal((await position('CUP-1')).onHand, 25, '28 counted at the snapshot, 3 gone since');
    assert.equal((await position('MILK')).onHand, 11);
    await post(`stocktakes/${take.id}/approve`, {});
    assert.deepEqual((await lines()).filter((l) => l.skuCode === 'CUP-1').map((l) => [l.booked, l.counted, l.difference, l.state]), [[30, 28, -2, 'posted']]);
    await proved(false);
  });

  it('figures say how fast stock turns, how old it is and what was missed, as of any day', async () => {
    const code = 'FAST';
    await upsertSkus(test.rt, [sku(code)]);
    const DAY = 86_400_000;
    const day = (back: number): Date => new Date(now - back * DAY);
    const move = (key: string, kind: string, back: number, quantity: number) => post('stock/movements', { key, kind, at: day(back).toISOString(), reason: '历史', lines: [{ warehouseCode: 'HZ', skuCode: code, quantity, unitCostFen: 1_000 }] });
    await move('fast-in', 'other-in', 40, 20);
    await test.rt.transact(async (session) => {
      for (const [i, back] of [29, 28, 27, 26].entries()) {
        const sold = await postMovement(test.rt, session, { key: `fast-sale-${i}`, kind: 'shipment', skuCode: code, from: 'HZ', to: 'buyer', quantity: 5, reference: `pcl_fast${i}`, by: 'test', at: day(back) });
        assert.ok(sold.ok, JSON.stringify(sold));
      }
    });
    await move('fast-in-2', 'other-in', 6, 10);
    const figure = async (query = ''): Promise<Figure> => (await test.call<{ rows: Figure[] }>('GET', `/api/v1/stock/figures?days=30${query}`)).body.rows.find((r) => r.key === code)!;
    const f = await figure();
    assert.deepEqual([f.onHand, f.soldPieces, f.sellThroughRate, f.stockOutDays], [10, 20, 6_667, 19]);
    // Twenty pieces on the eleven days that had stock or sold: nineteen days out would have sold thirty-five.
    assert.equal(f.lostPieces, Math.round((20 * 19) / 11));
    assert.deepEqual(f.ageing.filter((a) => a.pieces > 0), [{ toDays: 30, pieces: 10, valueFen: 10_000 }]);
    // Average value: 15, 10, 5 on three days and 10 on seven of thirty; 20 thousand fen sold.
    assert.equal(f.turnoverDays, Math.round(((15 + 10 + 5 + 70) * 1_000 * 10) / 20_000) / 10);
    const then = await figure(`&asOf=${new Date(now - 30 * DAY + 8 * 3_600_000).toISOString().slice(0, 10)}`);
    assert.deepEqual([then.onHand, then.soldPieces], [20, 0]);
    const levels = (await test.call<{ rows: [string, [string, number][]][] }>('GET', '/api/v1/stock/levels')).body.rows;
    assert.deepEqual(levels.find(([s]) => s === code)![1].map((l) => l.slice(0, 2)), [['HZ', 10]]);
  });
});
