import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Users } from '../../api/access/users.ts';
import { matchListing, upsertSkus, upsertWarehouses } from '../../api/stock/index.ts';
import { publishVersion } from '../../api/rules/index.ts';
import { fileShop } from '../../api/shops/index.ts';
import { file } from '../support/files.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { sku } from '../support/world.ts';

type Imported = { kind: string; rows: number; counts: { new: number; changed: number; same: number; bad: number }; bad: { row: number; column: string; code: string }[] };
type Refused = { code: string; errors: { row: number; column: string; code: string }[] };
type Alert = { id: string; kind: string; subject: string; zh: string; closedAt?: string };

describe('stock: the seller’s own lists, inbounds, labels, alerts', () => {
  let test: TestService;
  let hook: Server;
  let heard: { alerts: { id: string }[] }[] = [];
  let deaf = false;
  let now = new Date('2026-11-20T02:00:00Z').getTime();
  before(async () => {
    test = await startTestService({ clock: { now: () => new Date((now += 10)) } });
    await upsertWarehouses(test.rt, [{ code: 'HZ', name: '杭州仓', priority: 1 }, { code: 'RT', name: '退货仓', priority: 9, kind: 'virtual' }]);
    hook = createServer((request, response) => {
      let text = '';
      request.on('data', (c: Buffer) => { text += c.toString(); });
      request.on('end', () => { if (!deaf) heard.push(JSON.parse(text) as (typeof heard)[number]); response.writeHead(deaf ? 503 : 200).end(); });
    });
    await new Promise<void>((resolve) => { hook.listen(0, '127.0.0.1', resolve); });
  });
  after(async () => { hook.closeAllConnections(); hook.close(); await test.stop(); });

  const upload = async <T = { files: Imported[] }>(csv: string, preview: boolean): Promise<{ status: number; body: T }> => {
    const form = new FormData();
    form.append('file', new Blob([csv]), 'list.csv');
    return test.call<T>('POST', `/api/v1/imports?preview=${preview}`, form);
  };
  const list = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}`)).body.rows;
  const post = async <T>(path: string, body: unknown, status = 200): Promise<T> => {
    const answer = await test.call<T>('POST', `/api/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };

  it('SKUs, barcodes, opening stock, bins: shown first, refused whole with each bad cell named, and twice the same changes nothing', async () => {
    const skus = '货品编码,名称,条码,成本,售价,重量(克),安全库存,按批次\nTEA-1,龙井 100g,6900000000011,58.00,128,150,20,\nMILK,酸奶,6900000000028,3.5,9.9,200,0,是\n';
    const shown = (await upload(skus, true)).body.files[0]!;
    assert.deepEqual([shown.kind, shown.counts], ['skus', { new: 2, changed: 0, same: 0, bad: 0 }]);
    assert.equal((await list('skus?limit=10')).length, 0, 'a preview writes nothing');
    const bad = await upload<Refused>(skus.replace('58.00', '五十八').replace('150,20', '一,20'), false);
    assert.equal(bad.status, 422);
    assert.deepEqual(bad.body.errors.map((e) => [e.row, e.column]), [[2, '参考成本'], [2, '重量(克)']]);
    assert.equal((await upload(skus, false)).status, 200);
    assert.deepEqual((await upload(skus, false)).body.files[0]!.counts, { new: 0, changed: 0, same: 2, bad: 0 });
    assert.deepEqual((await upload(skus.replace('128', '118'), true)).body.files[0]!.counts, { new: 0, changed: 1, same: 1, bad: 0 });
    assert.deepEqual((await upload<Refused>('货品编码,条码\nMILK,6900000000011\n', false)).body.errors.map((e) => e.code), ['barcode_taken']);
    const opening = '货品编码,仓库,期初数量,单位成本,日期\nTEA-1,杭州仓,100,56.50,2026-11-01\nMILK,HZ,40,,\n';
    assert.deepEqual((await upload(opening, false)).body.files[0]!.counts, { new: 2, changed: 0, same: 0, bad: 0 });
    assert.deepEqual((await upload(opening, false)).body.files[0]!.counts, { new: 0, changed: 0, same: 2, bad: 0 });
    assert.deepEqual((await upload<Refused>(opening.replace('100', '120').replace('MILK,HZ', 'NONE,XX'), false)).body.errors.map((e) => e.code), ['opened_already', 'unknown_sku', 'unknown_warehouse']);
    const then = (await list<{ skuCode: string; onHand: number; valueFen: number }>('positions?asOf=2026-11-02')).map((p) => [p.skuCode, p.onHand, p.valueFen]);
    assert.deepEqual(then, [['TEA-1', 100, 565_000]]);
    assert.deepEqual((await upload('仓库,库位,区,类型,容量,路径\n杭州仓,A-01,A,拣货,50,3\nHZ,B-01,B,存储,,9\n', false)).body.files[0]!.counts, { new: 2, changed: 0, same: 0, bad: 0 });
    assert.equal((await list('bins?limit=10')).length, 2);
  });

  it('who keeps the stock may bring its lists, and nothing else', async () => {
    const token = 'warehouse-token-000002';
    await Users.create({ _id: 'usr_lists', name: '仓库', role: 'warehouse', tokenHashes: [createHash('sha256').update(token).digest('base64url')], disabled: false, createdAt: new Date(now) });
    const as = async (name: string, bytes: Uint8Array): Promise<[number, string | undefined]> => {
      const form = new FormData();
      form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
      const { status, body } = await test.call<{ code?: string }>('POST', '/api/v1/imports?preview=true', form, { authorization: `Bearer ${token}` });
      return [status, body.code];
    };
    assert.deepEqual(await as('bins.csv', new TextEncoder().encode('仓库,库位\nHZ,W-1\n')), [200, undefined]);
    assert.deepEqual(await as('taobao_orders.csv', file('taobao_orders.csv').bytes), [403, 'no_right']);
    assert.deepEqual(await as('alipay_fund_detail.csv', file('alipay_fund_detail.csv').bytes), [403, 'no_right']);
  });

  it('listings are mapped by a file, and suggested by merchant code, barcode and title', async () => {
    const shop = await fileShop(test.rt, 'taobao');
    for (const [id, merchantCode, title] of [['1', 'tea 1', 'x'], ['2', '6900000000028', 'y'], ['3', '', '西湖 龙井 100g 袋装'], ['4', '', 'zzz']] as const) await matchListing(test.rt, { shopId: shop._id, platformItemId: `60000000000000000${id}`, platformSkuId: '', merchantCode, title });
    const { rows } = (await test.call<{ rows: { title: string; candidates: { skuCode: string; by: string }[] }[] }>('GET', '/api/v1/listings/suggestions')).body;
    assert.deepEqual(rows.map((r) => [r.title, r.candidates[0]?.skuCode, r.candidates[0]?.by]).sort(), [['x', 'TEA-1', 'code'], ['y', 'MILK', 'barcode'], ['zzz', undefined, undefined], ['西湖 龙井 100g 袋装', 'TEA-1', 'title']].sort());
    const map = `店铺,平台商品号,平台规格号,货品编码\n${shop.name},600000000000000003,,TEA-1\n${shop.name},600000000000000009,5,MILK\n`;
    assert.deepEqual((await upload(map, false)).body.files[0]!.counts, { new: 1, changed: 1, same: 0, bad: 0 });
    assert.deepEqual((await upload<Refused>(map.replace('600000000000000009', '6E+17'), false)).body.errors.map((e) => e.code), ['id_as_float']);
    assert.equal((await list<{ platformItemId: string; skuCode: string | null }>('listings?limit=20')).find((l) => l.platformItemId === '600000000000000003')!.skuCode, 'TEA-1');
  });

  it('an inbound is received blind, or against what is expected: over and short only within the tolerance, or with a reason', async () => {
    await test.call('PUT', '/api/v1/stock/settings', { overReceiptRate: 1_000, underReceiptRate: 500 });
    const open = await post<{ id: string; lines: { expected: number | null }[] }>('inbounds', { key: 'inb-0001', source: 'manual', warehouseCode: 'HZ', lines: [{ skuCode: 'TEA-1', expected: 100, unitCostFen: 5_000 }] });
    const receive = (id: string, key: string, quantity: number, over: Record<string, unknown> = {}, status = 200) => post<{ state: string; lines: { received: number }[] } & Refused>(`inbounds/${id}/receive`, { key, lines: [{ skuCode: 'TEA-1', quantity }], ...over }, status);
    assert.deepEqual((await receive(open.id, 'rcv-1', 111, {}, 422)).errors.map((e) => e.code), ['over']);
    assert.deepEqual((await receive(open.id, 'rcv-1', 94, { close: true }, 422)).errors.map((e) => e.code), ['short']);
    assert.equal((await receive(open.id, 'rcv-1', 60)).state, 'open');
    assert.deepEqual((await receive(open.id, 'rcv-1', 60)).lines.map((l) => l.received), [60], 'the same key again adds nothing');
    assert.equal((await receive(open.id, 'rcv-2', 36, { close: true })).state, 'done');
    const blind = await post<{ id: string; lines: { expected: number | null }[] }>('inbounds', { key: 'inb-0002', source: 'return', blind: true, warehouseCode: 'RT', lines: [{ skuCode: 'TEA-1', expected: 5 }] });
    assert.deepEqual(blind.lines.map((l) => l.expected), [null]);
    await receive(blind.id, 'rcv-3', 7, { close: true });
    const milk = await post<{ id: string }>('inbounds', { key: 'inb-0003', source: 'manual', warehouseCode: 'HZ', lines: [{ skuCode: 'MILK', expected: 5 }] });
    const missing = await post<Refused>(`inbounds/${milk.id}/receive`, { key: 'rcv-4', lines: [{ skuCode: 'MILK', quantity: 5 }] }, 422);
    assert.deepEqual(missing.errors.map((e) => e.code), ['batch_missing']);
    const stock = await list<{ skuCode: string; warehouseCode: string; onHand: number }>('positions?limit=50');
    assert.deepEqual(stock.filter((p) => p.skuCode === 'TEA-1').map((p) => [p.warehouseCode, p.onHand]).sort(), [['HZ', 196], ['RT', 7]]);
    const cell = await test.call<{ results: { value: number }[] }>('POST', '/api/v1/functions', { calls: [{ name: 'STOCK', args: ['TEA-1'] }, { name: 'STOCK', args: ['TEA-1', 'HZ', '2026-11-02'] }] });
    assert.deepEqual(cell.body.results.map((r) => r.value), [196, 100], 'returns that wait to be looked at are not for sale; a past day is its own');
  });

  it('prints labels for goods, barcode and all', async () => {
    const pdf = await test.call<Uint8Array>('POST', '/api/v1/stock/labels', { labels: [{ skuCode: 'TEA-1', copies: 2 }, { skuCode: 'MILK', batch: 'B1' }] });
    assert.equal(pdf.status, 200);
    assert.equal(new TextDecoder().decode(pdf.body.slice(0, 5)), '%PDF-');
    assert.ok(pdf.body.length > 3_000);
    await post('stock/labels', { labels: [{ skuCode: 'NOPE' }] }, 422);
  });

  it('alerts open when a cause comes, are told to the webhook once, and close themselves', async () => {
    const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
    await test.call('PUT', '/api/v1/stock/settings', { webhookUrl: url, expiryDays: 10 });
    await upsertSkus(test.rt, [sku('LOW', { priceFen: 500 })]);
    await post('batches', { batches: [{ skuCode: 'MILK', batch: 'B1', expiresOn: '2026-11-26' }] });
    await post('stock/movements', { key: 'alerts-in', kind: 'other-in', reason: '进货', lines: [{ warehouseCode: 'HZ', skuCode: 'LOW', quantity: 3, unitCostFen: 900 }, { warehouseCode: 'HZ', skuCode: 'MILK', quantity: 6, batch: 'B1' }] });
    deaf = true;
    await test.job('stock-alerts');
    deaf = false;
    const kinds = async (query = ''): Promise<string[]> => (await list<Alert>(`alerts?limit=100${query}`)).filter((a) => ['negative_margin', 'expiring', 'out_of_stock'].includes(a.kind)).map((a) => `${a.kind} ${a.subject} ${a.closedAt ? 'closed' : 'open'}`).sort();
    assert.deepEqual(await kinds(), ['expiring HZ MILK B1 open', 'negative_margin LOW open']);
    await test.job('stock-alerts');
    await test.job('stock-alerts');
    const told = heard.flatMap((h) => h.alerts.map((a) => a.id));
    assert.ok(told.includes('negative_margin:LOW'));
    assert.equal(new Set(told).size, told.length, 'each is told once, after the webhook heard');
    await post('stock/movements', { key: 'alerts-out', kind: 'scrap', reason: '报废', lines: [{ warehouseCode: 'HZ', skuCode: 'LOW', quantity: 3 }, { warehouseCode: 'HZ', skuCode: 'MILK', quantity: 6, batch: 'B1' }] });
    assert.deepEqual(await kinds(), ['out_of_stock LOW open']);
    // The company's own table says what asks for attention: here a cup that lies too deep, by its warehouse.
    const table = await test.rt.transact((session) => publishVersion(test.rt, session, { table: 'stock-alert', rows: [{ id: 'R01', enabled: true, cells: { sku: 'TEA-*', warehouse: 'HZ', value: '>=100', alert: '积压', note: '压货' } }], base: 0, note: '', userId: 'usr_owner' }));
    assert.ok(table.ok, JSON.stringify(table));
    const over = (await list<Alert>('alerts?limit=100')).filter((a) => a.kind === 'overstock');
    assert.deepEqual(over.map((a) => a.subject), ['HZ TEA-1']);
    assert.match(over[0]!.zh, /压货/);
    assert.deepEqual(await kinds(), [], 'the table no longer asks about what is out');
    assert.deepEqual(await kinds('&open=false'), ['expiring HZ MILK B1 closed', 'negative_margin LOW closed', 'out_of_stock LOW closed']);
  });
});
