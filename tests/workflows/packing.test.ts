import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { ingestOrders, ingestRefunds, Parcels } from '../../api/orders/index.ts';
import { printable } from '../../api/printing/paper.ts';
import { upsertSuppliers } from '../../api/purchasing/index.ts';
import { rebuildPositions, upsertSkus } from '../../api/stock/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order, sku } from '../support/world.ts';

type Parcel = { id: string; state: string; trackingNumber: string; orderText: string; alarm?: { zh: string } };
type Wave = { id: string; number: string; kind: string; parcelIds: string[]; printed: number; packed: number; stopped: number };
type Checked = { passed: boolean; caught: { code: string; kind: string; wanted: number; scanned: number }[] };
type Problem = { title: string; errors: { code: string; message: string }[] };
const LATER = new Date('2026-11-20T03:00:00Z');

describe('fulfilment: waves, paper, the packing table', () => {
  let test: TestService;
  let shopId: string;
  before(async () => {
    test = await startTestService();
    ({ shopId } = await company(test.rt, { 'TEA-1': 3_000, 'TEA-2': 3_000, 'CUP-1': 3_000 }));
    await upsertSkus(test.rt, [sku('SET-1', { kit: [{ skuCode: 'TEA-1', quantity: 1 }, { skuCode: 'CUP-1', quantity: 2 }] }), sku('BAR-1', { barcode: '6901234567892' })]);
  });
  after(() => test.stop());

  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  const take = (id: string, given: Parameters<typeof order>[1] = {}) => ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [order(id, given)] });
  const plan = async (): Promise<void> => { await test.job('review-orders'); await test.job('plan-parcels'); };
  const parcelOf = async (id: string): Promise<Parcel> => (await rows<Parcel>('parcels')).filter((p) => p.orderText === id).at(-1)!;
  const post = <T>(path: string, body: object = {}) => test.call<T>('POST', `/api/v1/${path}`, body);
  const check = (parcel: string, ...items: [string, number][]) => post<Checked & Problem>(`packing/${parcel}/check`, { items: items.map(([code, quantity]) => ({ code, quantity })), ms: 4_000 });
  const pages = (pdf: Uint8Array): number => Buffer.from(pdf).toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;

  it('parcels of one SKU make a wave of their own, the others walk together', async () => {
    for (let i = 0; i < 4; i += 1) await take(`one-${i}`);
    await take('mix-1', { lines: [{}, { merchantCode: 'TEA-2', platformSkuId: 's-TEA-2' }] });
    await take('set-1', { skuCode: 'SET-1' });
    await plan();
    const made = await post<{ waves: Wave[] }>('waves', { most: 3 });
    assert.deepEqual(made.body.waves.map((w) => [w.kind, w.parcelIds.length]), [['single', 3], ['single', 1], ['mixed', 2]]);
    assert.deepEqual((await post<{ waves: Wave[] }>('waves')).body.waves, [], 'a parcel is in one wave');
  });
  it('a wave is printed in its order: slips, waybills with a number, and a list of what to fetch', async () => {
    const [first, , mixed] = await rows<Wave>('waves');
    for (const [what, count] of [['labels', 3], ['slips', 3], ['slips-a5', 3], ['pick-list', 1]] as const) {
      const pdf = await post<Uint8Array>(`waves/${first!.id}/print`, { what });
      assert.equal(pdf.status, 200);
      assert.equal(pages(pdf.body), count, what);
    }
    assert.ok((await rows<Parcel>('parcels')).filter((p) => first!.parcelIds.includes(p.id)).every((p) => p.state === 'printed' && p.trackingNumber.length > 8));
    assert.equal((await post(`waves/${mixed!.id}/print`, { what: 'labels' })).status, 200);
    assert.equal((await rows<Wave>('waves')).find((w) => w.id === mixed!.id)!.printed, 2);
  });
  it('rare characters are printed, or named by their code; never an empty box', async () => {
    assert.equal(printable('䶮㛃喆镕'), '䶮㛃喆镕');
    assert.equal(printable('𠮷田👍🏻'), '𠮷田[U+1F44D][U+1F3FB]');
    await take('rare', { receiver: { name: '䶮𠮷' } });
    await plan();
    const pdf = await post<Uint8Array>('parcels/print', { ids: [(await parcelOf('rare')).id] });
    const text = [...Buffer.from(pdf.body).toString('latin1').matchAll(/stream\n([\s\S]*?)\nendstream/g)].map((m) => { try { return inflateSync(Buffer.from(m[1]!, 'latin1')).toString('latin1'); } catch { return ''; } }).filter((s) => s.includes(' Tf')).join('\n');
    assert.match(text, /<[0-9a-f]{4,}>/, 'there is text');
    assert.doesNotMatch(text, /<([0-9a-f]{4})*0000([0-9a-f]{4})*>/, 'glyph 0 is the empty box');
    assert.match(text, /\nB\n/, '𠮷 is drawn by its outline');
  });
  it('the gate opens a kit, names what is wrong, missing or unknown, and lets the right box through', async () => {
    const set = await parcelOf('set-1');
    const box = await test.call<{ wanted: { skuCode: string; quantity: number }[] }>('GET', `/api/v1/packing/${set.trackingNumber}`);
    assert.deepEqual(box.body.wanted.map((w) => [w.skuCode, w.quantity]), [['CUP-1', 2], ['TEA-1', 1]]);
    const wrong = await check(set.id, ['TEA-1', 1], ['CUP-1', 1], ['6901234567892', 1], ['nonsense', 1]);
    assert.equal(wrong.body.passed, false);
    assert.deepEqual(wrong.body.caught.map((c) => [c.code, c.kind, c.wanted, c.scanned]), [['nonsense', 'unknown', 0, 1], ['BAR-1', 'wrong', 0, 1], ['CUP-1', 'missing', 2, 1]]);
    assert.equal((await parcelOf('set-1')).state, 'printed');
    assert.deepEqual((await check(set.id, ['TEA-1', 1], ['CUP-1', 2])).body, { parcelId: set.id, passed: true, caught: [] });
    assert.equal((await parcelOf('set-1')).state, 'packed');
    const { body } = await test.call('GET', '/api/v1/packing');
    assert.deepEqual(body, { checked: 1, caught: 1, shipped: 0, found: 0, caughtShare: 10_000, foundShare: 0, medianMs: 4_000 });
  });
  it('a piece with a number of its own is packed by that number, which has to be in the warehouse', async () => {
    await upsertSkus(test.rt, [sku('POT-1', { wantsSerial: true, barcode: '6909999' })]);
    assert.equal((await post('stock/movements', { key: 'pots-in', kind: 'other-in', reason: '进货', lines: [{ warehouseCode: 'HZ', skuCode: 'POT-1', quantity: 3, serials: ['N1', 'N2', 'N3'] }] })).status, 200);
    await take('pots', { skuCode: 'POT-1', quantity: 2 });
    await plan();
    const pots = await parcelOf('pots');
    await post('parcels/print', { ids: [pots.id] });
    const box = await test.call<{ wanted: { skuCode: string; wantsSerial: boolean }[] }>('GET', `/api/v1/packing/${pots.id}`);
    assert.deepEqual(box.body.wanted.map((w) => [w.skuCode, w.wantsSerial]), [['POT-1', true]]);
    const scan = async (items: { code: string; quantity: number; serials?: string[] }[]): Promise<string[][]> => (await post<Checked>(`packing/${pots.id}/check`, { items, ms: 1 })).body.caught.map((c) => [c.kind, c.code]);
    assert.deepEqual(await scan([{ code: '6909999', quantity: 2 }]), [['serial_missing', 'POT-1']]);
    assert.deepEqual(await scan([{ code: '6909999', quantity: 2, serials: ['N1', 'N9'] }]), [['serial_absent', 'N9'], ['serial_missing', 'POT-1']]);
    assert.deepEqual(await scan([{ code: 'N2', quantity: 1 }, { code: 'N2', quantity: 1 }]), [['serial_twice', 'N2'], ['serial_missing', 'POT-1']]);
    assert.equal((await post('parcels/ship', { ids: [pots.id] })).status, 422, 'no piece leaves without its number');
    assert.deepEqual(await scan([{ code: 'N1', quantity: 1 }, { code: 'POT-1', quantity: 1, serials: ['N3'] }]), []);
    assert.equal((await post('parcels/ship', { ids: [pots.id] })).status, 200);
    assert.deepEqual((await rows<{ serial: string; place: string }>('serials')).map((s) => [s.serial, s.place]).sort(), [['N1', 'buyer'], ['N2', 'HZ'], ['N3', 'buyer']]);
  });
  it('goods on their way back are expected, looked at, and put back or scrapped; kept after all, they are not waited for', async () => {
    await take('back', { skuCode: 'CUP-1', quantity: 3 });
    await take('kept', { skuCode: 'CUP-1' });
    await plan();
    assert.equal((await post('parcels/ship', { ids: [(await parcelOf('back')).id, (await parcelOf('kept')).id] })).status, 200);
    const refund = (id: string, state: 'returning' | 'refunded' | 'closed', minutes: number) => ingestRefunds(test.rt, shopId, [{ platformRefundId: `r-${id}`, platformOrderId: id, platformLineId: `${id}-1`, platformStatus: state, state, refundFen: fen(3_000), reason: '不喜欢', hasGoodsReturn: true, createdAt: LATER, modifiedAt: new Date(LATER.getTime() + minutes * 60_000), raw: '{}' }]);
    for (const id of ['back', 'kept']) await refund(id, 'returning', 1);
    await refund('back', 'refunded', 2);
    await refund('kept', 'closed', 2);
    type Inbound = { id: string; reference: string; warehouseCode: string; state: string; lines: { skuCode: string; expected: number; unitCostFen: number }[] };
    const inbounds = await rows<Inbound>('inbounds');
    assert.deepEqual(inbounds.map((i) => [i.reference, i.state, i.warehouseCode, i.lines.map((l) => [l.skuCode, l.expected, l.unitCostFen])]).sort(), [['r-back', 'open', 'RETURN', [['CUP-1', 3, 1_000]]], ['r-kept', 'cancelled', 'RETURN', [['CUP-1', 1, 1_000]]]]);
    const [back, kept] = ['r-back', 'r-kept'].map((r) => inbounds.find((i) => i.reference === r)!);
    const receive = (id: string) => post<Problem>(`inbounds/${id}/receive`, { key: 'came-1', lines: [{ skuCode: 'CUP-1', quantity: 3 }] });
    assert.equal((await receive(kept!.id)).status, 422);
    assert.equal((await receive(back!.id)).status, 200);
    const at = async (warehouse: string): Promise<number> => (await rows<{ skuCode: string; warehouseCode: string; onHand: number }>('positions')).find((p) => p.skuCode === 'CUP-1' && p.warehouseCode === warehouse)?.onHand ?? 0;
    const [before, waiting] = [await at('HZ'), await at('RETURN')];
    assert.equal(waiting, 3);
    const look = (key: string, reason: string, good: number, bad: number) => post<Problem & { movements: { kind: string; from: string; to: string; quantity: number }[] }>('returns/inspect', { key, reason, reference: back!.id, lines: [{ skuCode: 'CUP-1', good, bad, to: 'HZ' }] });
    assert.deepEqual((await look('look-1', '', 2, 1)).body.errors.map((e) => e.code), ['reason_missing']);
    assert.deepEqual((await look('look-2', '碎了', 2, 2)).body.errors.map((e) => e.code), ['short']);
    const looked = await look('look-3', '碎了', 2, 1);
    assert.deepEqual(looked.body.movements.map((m) => [m.kind, m.from, m.to, m.quantity]), [['transfer', 'RETURN', 'HZ', 2], ['scrap', 'RETURN', 'loss', 1]]);
    await look('look-3', '碎了', 2, 1);
    assert.deepEqual([(await at('HZ')) - before, await at('RETURN')], [2, 0]);
    assert.deepEqual((await rebuildPositions()).differences, []);
  });
  it('a parcel whose order has changed since its slip cannot pass: the slip to throw away is named', async () => {
    const one = await parcelOf('one-0');
    await take('one-0', { modifiedAt: LATER, receiver: { address: '文一路 9 号' } });
    const stopped = await check(one.id, ['TEA-1', 1]);
    assert.equal(stopped.status, 422);
    assert.match(stopped.body.title, new RegExp(`撕掉发货单.*${one.id}`));
    assert.equal((await post('parcels/ship', { ids: [one.id] })).status, 422);
    assert.deepEqual((await post<{ pulled: number }>('parcels/pull-back', { ids: [one.id] })).body, { pulled: 1 });
    await plan();
    const again = await parcelOf('one-0');
    assert.notEqual(again.id, one.id);
    assert.equal(again.state, 'reserved');
  });

  /** Every state × every event, and what has to come of it: the parcel's state, and whether it is stopped by an alarm. */
  const STATES = ['planned', 'reserved', 'waybilled', 'printed', 'packed', 'shipped', 'delivered'] as const;
  type State = (typeof STATES)[number];
  type Given = NonNullable<Parameters<typeof order>[1]>;
  const DAY_AFTER = new Date(LATER.getTime() + 86_400_000 * 365 * 5);
  const line = (code: string, more: object = {}) => ({ merchantCode: code, platformSkuId: `s-${code}`, ...more });
  const EVENTS = {
    'refund asked': (id: string, code: string, as: Given) => take(id, { ...as, modifiedAt: LATER, lines: [line(code, { refundState: 'requested' })] }),
    refunded: (id: string) => ingestRefunds(test.rt, shopId, [{ platformRefundId: `r-${id}`, platformOrderId: id, platformLineId: `${id}-1`, platformStatus: 'SUCCESS', state: 'refunded', refundFen: fen(3000), reason: '不想要', hasGoodsReturn: false, createdAt: LATER, modifiedAt: LATER, raw: '{}' }]),
    closed: (id: string, code: string, as: Given) => take(id, { ...as, skuCode: code, modifiedAt: LATER, status: 'closed', platformStatus: 'TRADE_CLOSED' }),
    'address changed': (id: string, code: string, as: Given) => take(id, { ...as, skuCode: code, modifiedAt: LATER, receiver: { address: '古墩路 77 号' } }),
    'memo changed': (id: string, code: string, as: Given) => take(id, { ...as, skuCode: code, modifiedAt: LATER, sellerMemo: '送一包茶' }),
    'shipped there': (id: string, code: string, as: Given) => take(id, { ...as, skuCode: code, modifiedAt: LATER, status: 'shipped', platformStatus: 'WAIT_BUYER_CONFIRM_GOODS' }),
    'day put off': (id: string, code: string, as: Given) => take(id, { ...as, skuCode: code, modifiedAt: LATER, shipFromAt: DAY_AFTER }),
  } as const;
  const expected = (state: State): { state: string; alarm: boolean } =>
    state === 'planned' || state === 'reserved' || state === 'waybilled' ? { state: 'cancelled', alarm: false } : state === 'printed' || state === 'packed' ? { state, alarm: true } : { state, alarm: false };

  async function bring(id: string, state: State): Promise<Parcel> {
    // Nobody has the first one's stock: it stays planned.
    await take(id, state === 'planned' ? { skuCode: 'TEA-2', quantity: 40, lines: [{ merchantCode: 'TEA-2', platformSkuId: 's-TEA-2', quantity: 40 }] } : { skuCode: 'TEA-2' });
    if (state === 'planned') await drain();
    await plan();
    const p = await parcelOf(id);
    const at = STATES.indexOf(state);
    if (at >= 2) await post('parcels/labels', { ids: [p.id] });
    if (state === 'waybilled') await Parcels.updateOne({ _id: p.id }, { $set: { state: 'waybilled' } });
    if (at >= 4) await check(p.id, ['TEA-2', 1]);
    if (at >= 5) await post('parcels/ship', { ids: [p.id] });
    if (at >= 6) await take(id, { skuCode: 'TEA-2', modifiedAt: new Date('2026-11-20T02:30:00Z'), status: 'completed', platformStatus: 'TRADE_FINISHED' });
    if (state === 'planned') await refill();
    assert.equal((await parcelOf(id)).state, state, `brought to ${state}`);
    return p;
  }
  const setStock = async (quantity: number): Promise<void> => {
    const at = (await rows<{ id: string; skuCode: string; warehouseCode: string; revision: number; reserved: number }>('positions')).find((p) => p.skuCode === 'TEA-2' && p.warehouseCode === 'HZ')!;
    const done = await post('sheets/stock/publish', { batchId: `drain-${at.revision}-${quantity}`, rows: [{ id: at.id, revision: at.revision, cells: { counted: quantity + at.reserved, countReason: '盘点' } }] });
    assert.equal(done.status, 200);
  };
  const drain = (): Promise<void> => setStock(0);
  const refill = (): Promise<void> => setStock(2_000);

  for (const state of STATES) {
    it(`${state}: each of ${Object.keys(EVENTS).length} events bends it as the table says`, async function () {
      this.timeout(180_000);
      for (const [name, happen] of Object.entries(EVENTS)) {
        const id = `${state}-${name.replaceAll(' ', '')}`;
        const p = await bring(id, state);
        await happen(id, 'TEA-2', {});
        const now = (await rows<Parcel>('parcels')).find((x) => x.id === p.id)!;
        assert.deepEqual({ state: now.state, alarm: now.alarm !== undefined }, expected(state), `${state} × ${name}`);
        // What is stopped never leaves, and nothing that was refunded or closed comes back by itself.
        if (expected(state).alarm) assert.equal((await post('parcels/ship', { ids: [p.id] })).status, 422);
        if (name === 'refunded' || name === 'closed') {
          await plan();
          assert.ok((await rows<Parcel>('parcels')).filter((x) => x.orderText === id && x.id !== p.id).every((x) => x.state === 'cancelled'));
        }
      }
      assert.deepEqual((await rebuildPositions()).differences, []);
    });
  }

  /** What a supplier ships: until they have the list it is taken apart without a word, after it they have to be told. */
  const SUPPLIER_STATES = { 'supplier is short': 'planned', 'to be sent to the supplier': 'reserved', 'with the supplier': 'printed', 'sent by the supplier': 'shipped' } as const;
  const publish = async (sheet: string, find: (row: { id: string; code?: string }) => boolean, cells: object): Promise<void> => {
    const row = (await rows<{ id: string; code?: string; revision: number }>(sheet)).find(find)!;
    const done = await post<Problem>(`sheets/${sheet}/publish`, { batchId: `table-${sheet}-${row.id}-${row.revision}`, rows: [{ id: row.id, revision: row.revision, cells }] });
    assert.equal(done.status, 200, JSON.stringify(done.body));
  };
  it(`drop-ship: ${Object.keys(SUPPLIER_STATES).length} states × ${Object.keys(EVENTS).length} events`, async function () {
    this.timeout(180_000);
    await upsertSuppliers(test.rt, [{ id: 'sup_t', name: '林记', leadTimeDays: 3 }]);
    await upsertSkus(test.rt, [sku('DRP-1', { flags: ['dropship'], supplierId: 'sup_t' })]);
    for (const [name, state] of Object.entries(SUPPLIER_STATES)) for (const [event, happen] of Object.entries(EVENTS)) {
      const id = `${state}-drop-${event.replaceAll(' ', '')}`;
      await publish('supply', (r) => r.code === 'DRP-1', { left: state === 'planned' ? 0 : 5 });
      await take(id, { skuCode: 'DRP-1' });
      await plan();
      const { id: parcel } = await parcelOf(id);
      if (state === 'printed' || state === 'shipped') assert.equal((await post('dropships/send', { supplierId: 'sup_t' })).status, 200);
      if (state === 'shipped') await publish('dropships', (r) => r.id === parcel, { courier: 'ZTO', tracking: `ZT${Object.keys(EVENTS).indexOf(event)}0000001` });
      await happen(id, 'DRP-1', {});
      const now = (await rows<Parcel>('parcels')).find((x) => x.id === parcel)!;
      const expects = state === 'planned' || state === 'reserved' ? ['cancelled', ''] : state === 'printed' ? ['printed', '告诉供应商不要发'] : ['shipped', ''];
      assert.deepEqual([now.state, now.alarm?.zh.split('：')[1] ?? ''], expects, `${name} × ${event}`);
      // Told and pulled back, it is the supplier's piece again; it waits on no list of the next.
      if (state === 'printed') assert.equal((await post('parcels/pull-back', { ids: [parcel] })).status, 200);
      if (now.state === 'cancelled' || state === 'printed') await take(id, { skuCode: 'DRP-1', modifiedAt: new Date(LATER.getTime() + 1_000), status: 'closed', platformStatus: 'TRADE_CLOSED' });
    }
  });

  /** Before there is a parcel: what waits for its balance or its day has none, whatever happens, until that has come. */
  const WAITING = { 'deposit paid': { presale: true, status: 'paid_not_shippable', platformStatus: 'WAIT_BUYER_PAY', step: { receivedFen: fen(300), forfeited: false } }, 'not due': { presale: true, shipFromAt: DAY_AFTER } } as const;
  it(`presale: ${Object.keys(WAITING).length} states × ${Object.keys(EVENTS).length + 1} events`, async function () {
    this.timeout(180_000);
    const holds: Readonly<Record<string, string>> = { 'deposit paid': 'presale_unpaid_balance', 'not due': 'presale_not_due' };
    const all = { ...EVENTS, 'balance and day': (id: string, code: string) => take(id, { skuCode: code, presale: true, modifiedAt: LATER }) };
    for (const [name, as] of Object.entries(WAITING)) for (const [event, happen] of Object.entries(all)) {
      const id = `${name.replaceAll(' ', '')}-${event.replaceAll(' ', '')}`;
      await take(id, { skuCode: 'TEA-1', ...as });
      await plan();
      await happen(id, 'TEA-1', as);
      await plan();
      const now = (await rows<{ platformOrderId: string; reviewState: string; holds: { code: string }[]; parcels: { state: string }[] }>('orders')).find((o) => o.platformOrderId === id)!;
      const live = now.parcels.filter((p) => p.state !== 'cancelled').map((p) => p.state);
      const expects = event === 'balance and day' ? ['passed', true, 1] : event === 'closed' ? ['cancelled', false, 0] : event === 'shipped there' ? ['passed', false, 0] : event === 'refunded' && name === 'not due' ? ['passed', false, 0] : ['held', true, 0];
      const own = event === 'balance and day' ? now.holds.length === 0 : now.holds.some((h) => h.code === holds[name]);
      assert.deepEqual([now.reviewState, own, live.length], expects, `${name} × ${event}`);
    }
  });
});
