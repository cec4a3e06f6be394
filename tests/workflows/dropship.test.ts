import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import ExcelJS from 'exceljs';
import { Users } from '../../api/access/users.ts';
import { businessDayOf } from '../../api/contract/values/time.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { upsertSuppliers } from '../../api/purchasing/index.ts';
import { rebuildPositions, upsertSkus } from '../../api/stock/index.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, fen, order, sku } from '../support/world.ts';

type Row = { id: string; supplierName: string; orderText: string; lineText: string; state: string; phone: string; address: string; courier: string; tracking: string; alarmText: { zh: string }; pushText: { zh: string }; costFen: number; revision: number; shortText: string };
type Supply = { id: string; code: string; left: number | null; dropship: boolean; revision: number };
type Refused = { errors: { column: string; code: string; message: { zh: string } }[]; effects: { zh: string }[] };
const SUPPLIER = 'sup_lin';

/** A mail server that takes everything. */
async function mailbox(): Promise<{ port: number; mails: string[]; close: () => void }> {
  const mails: string[] = [];
  const server: Server = createServer((socket) => {
    let [data, text] = [false, ''];
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\r\n'); end >= 0 && !data; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        data = line === 'DATA';
        socket.write(data ? '354 go on\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
      }
      if (data && text.endsWith('\r\n.\r\n')) { mails.push(text); [data, text] = [false, '']; socket.write('250 taken\r\n'); }
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, mails, close: () => void server.close() };
}

describe('what suppliers ship', () => {
  let sandbox: TestSandbox;
  let test: TestService;
  let filed: string;
  let shift = 0;
  let box: Awaited<ReturnType<typeof mailbox>>;
  before(async function () {
    this.timeout(60_000);
    [sandbox, box] = [await startTestSandbox(), await mailbox()];
    test = await startTestService({ clock: { now: () => new Date(Date.now() + shift) }, env: { SMTP_URL: `smtp://127.0.0.1:${box.port}?ignoreTLS=true`, MAIL_FROM: 'erp@yunqi.example' } });
    ({ shopId: filed } = await company(test.rt, { 'TEA-1': 50 }));
    await upsertSuppliers(test.rt, [{ id: SUPPLIER, name: '林记', leadTimeDays: 3 }]);
    await upsertSkus(test.rt, [sku('POT-1', { costFen: 2_500 }), sku('LJ-100', { costFen: 1_500 })]);
    await test.call('POST', '/api/v1/shops', { channel: 'taobao', name: '云栖', pullFrom: businessDayOf(new Date()), ...sandbox.keysOf('taobao') });
    for (const [code, left] of [['POT-1', 5], ['LJ-100', null]] as const) await publish('supply', (await supplyOf(code)).id, (await supplyOf(code)).revision, { supplier: '林记', dropship: true, left });
  });
  after(async () => { await test.stop(); await sandbox.stop(); box.close(); });
  const rows = async <T>(noun: string): Promise<T[]> => (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
  let batches = 0;
  const publish = (sheet: string, id: string, revision: number, cells: Record<string, unknown>, call = test.call) => call<Refused>('POST', `/api/v1/sheets/${sheet}/publish`, { batchId: `batch-drop-${(batches += 1)}`, rows: [{ id, revision, cells }] });
  const supplyOf = async (code: string): Promise<Supply> => (await rows<Supply>('supply')).find((s) => s.code === code)!;
  const dropOf = async (id: string): Promise<Row> => (await rows<Row>('dropships')).find((d) => d.orderText === id && d.state !== 'cancelled')!;
  const take = (id: string, given: Parameters<typeof order>[1]) => ingestOrders(test.rt, { shopId: filed, channel: 'taobao', source: 'api', orders: [order(id, given)] });
  const plan = async (): Promise<void> => { for (const job of ['review-orders', 'plan-parcels']) await test.job(job); };
  const pot = (quantity: number) => ({ merchantCode: 'POT-1', platformSkuId: 's-POT-1', quantity, paidFen: fen(3_000 * quantity) });
  const send = (body: object = {}) => test.call<Uint8Array & { title?: string }>('POST', '/api/v1/dropships/send', { supplierId: SUPPLIER, ...body });
  const numbered = async (id: string, cells: Record<string, unknown>) => { const d = await dropOf(id); return publish('dropships', d.id, d.revision, cells); };

  it('its lines are a parcel of their own, held by what the supplier can send; nothing of ours moves', async () => {
    await take('d1', { lines: [{}, pot(2)] });
    await take('d2', { lines: [pot(9)] });
    await plan();
    const parcels = (await rows<{ orderText: string; lineText: string; warehouseCode: string; state: string }>('parcels')).filter((p) => p.orderText === 'd1').map((p) => [p.lineText, p.warehouseCode, p.state]).sort();
    assert.deepEqual(parcels, [['POT-1×2', `dropship:${SUPPLIER}`, 'reserved'], ['TEA-1×1', 'HZ', 'reserved']]);
    assert.deepEqual([(await dropOf('d2')).state, (await dropOf('d2')).shortText, (await supplyOf('POT-1')).left], ['planned', 'POT-1 3/9', 3]);
    assert.deepEqual((await rebuildPositions()).differences, []);
    for (const what of ['print', 'ship']) assert.equal((await test.call('POST', `/api/v1/parcels/${what}`, { ids: [(await dropOf('d1')).id] })).status, 422, `not ours to ${what}`);
    assert.equal((await test.call<{ waves: unknown[] }>('POST', '/api/v1/waves', {})).body.waves.length, 1, 'only our own parcel is picked');
  });

  it('shops are told what the supplier can still send, and no piece twice; more comes, and what was short goes', async () => {
    await test.job('push-stock');
    const told = async () => (await rows<{ skuCode: string; wantedQuantity: number | null }>('listings')).find((l) => l.skuCode === 'POT-1')!.wantedQuantity;
    assert.equal(await told(), 0, '3 left, 9 wanted by an order that waits');
    const s = await supplyOf('POT-1');
    assert.equal((await publish('supply', s.id, s.revision, { left: 20 })).status, 200);
    await plan();
    await test.job('push-stock');
    assert.deepEqual([(await dropOf('d2')).state, (await supplyOf('POT-1')).left, await told()], ['reserved', 11, 11]);
  });

  it('the list is a file with whole addresses, opened by the platform where it covers them; others see them masked', async () => {
    const { tid } = await sandbox.ask<{ tid: string }>('orders', { merchantCode: 'LJ-100', quantity: 1 });
    shift += 5_000;
    await sandbox.ask('clock', { to: new Date(Date.now() + shift) });
    await test.job('sync-channels');
    await plan();
    const bought = (await rows<{ id: string; platformOrderId: string; reviewState: string }>('orders')).find((o) => o.platformOrderId === tid)!;
    if (bought.reviewState === 'held') { await test.call('POST', `/api/v1/orders/${bought.id}/release`, {}); await test.job('plan-parcels'); }
    const file = await send();
    assert.equal(file.status, 200);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(file.body.buffer as never);
    const cells = book.worksheets[0]!.getSheetValues().slice(1).map((r) => (r as unknown[]).slice(1));
    assert.deepEqual(cells[0], ['包裹号', '订单号', '货品编码', '名称', '件数', '收件人', '电话', '省', '市', '区县', '地址', '留言与备注', '快递', '运单号']);
    const truth = (await sandbox.ask<{ orders: { tid: string; receiver: { name: string; phone: string } }[] }>('truth')).orders.find((o) => o.tid === tid)!;
    assert.deepEqual(cells.slice(1).map((c) => [c[1], c[2], c[4], c[5], c[6]]).sort(), [[tid, 'LJ-100', 1, truth.receiver.name, truth.receiver.phone], ['d1', 'POT-1', 2, '张三', '13800000000'], ['d2', 'POT-1', 9, '张三', '13800000000']].sort());
    assert.deepEqual([(await dropOf('d1')).state, (await dropOf('d1')).phone], ['printed', '13800000000']);
    const token = 'drop-finance-token-0123456789';
    await Users.create({ _id: 'usr_drop', name: '财务', role: 'finance', tokenHashes: [createHash('sha256').update(token).digest('base64url')], disabled: false, createdAt: new Date() });
    const seen = await (await fetch(`${test.url}/api/v1/dropships?limit=50`, { headers: { authorization: `Bearer ${token}` } })).json() as { rows: Row[] };
    assert.deepEqual(seen.rows.filter((r) => r.orderText === 'd1').map((r) => [r.phone, r.address]), [['***', '文三路 ***']]);
    assert.equal((await fetch(`${test.url}/api/v1/dropships/send`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ supplierId: SUPPLIER }) })).status, 403);
    assert.equal((await send()).status, 422, 'nothing is left to send');
  });

  it('a change after it was sent raises an alarm that names the supplier, and its number is not taken', async () => {
    await take('d2', { modifiedAt: new Date('2026-11-21T00:00:00Z'), lines: [{ ...pot(9), refundState: 'requested', platformRefundId: 'r1' }] });
    assert.match((await dropOf('d2')).alarmText.zh, /告诉供应商不要发/);
    const no = await numbered('d2', { courier: '中通', tracking: 'ZT20260000001' });
    assert.deepEqual([no.status, no.body.errors[0]!.code], [422, 'alarm']);
    // Pulled back, its pieces are the supplier's to send again.
    assert.equal((await test.call('POST', '/api/v1/parcels/pull-back', { ids: [(await dropOf('d2')).id] })).status, 200);
    assert.equal((await supplyOf('POT-1')).left, 20);
  });

  it('numbers come back by the sheet: bad ones are named, good ones ship, the platform is told, the supplier is owed', async () => {
    for (const [cells, code] of [[{ courier: '飞毛腿', tracking: 'ZT20260000001' }, 'unknown_courier'], [{ tracking: 'ZT20260000001' }, 'unknown_courier'], [{ courier: 'ZTO', tracking: '一二三' }, 'no_number']] as const) {
      const no = await numbered('d1', cells);
      assert.deepEqual([no.status, no.body.errors[0]!.code], [422, code]);
    }
    const done = await numbered('d1', { courier: '中通', tracking: 'ZT20260000001' });
    assert.deepEqual([done.status, done.body.effects.map((e) => e.zh)], [200, ['代发 1 个包裹已发货，应付供应商 50.00 元']]);
    const tid = (await rows<Row>('dropships')).find((d) => d.lineText === 'LJ-100×1')!.orderText;
    assert.equal((await numbered(tid, { courier: 'ZTO', tracking: 'ZT20260000001' })).body.errors[0]!.code, 'number_twice');
    assert.equal((await numbered(tid, { courier: 'ZTO', tracking: 'ZT20260000002' })).status, 200);
    for (const job of ['push-shipments', 'post-journal']) await test.job(job);
    const seen = (await sandbox.ask<{ orders: { tid: string; state: string; shipments: { trackingNumber: string }[] }[] }>('truth')).orders.find((o) => o.tid === tid)!;
    assert.deepEqual([seen.state, seen.shipments.map((s) => s.trackingNumber), (await dropOf(tid)).pushText.zh], ['shipped', ['ZT20260000002'], '已回传']);
    const parcel = (await dropOf('d1')).id;
    const lines = (await rows<{ account: string; reference: string; skuCode: string; debitFen: number; creditFen: number }>('journal')).filter((l) => l.reference === parcel);
    const of = (account: string): number => lines.filter((l) => l.account === account).reduce((n, l) => n + l.debitFen - l.creditFen, 0);
    assert.deepEqual([of('2202'), of('6401'), of('1405'), of('2241'), of('6001')], [-5_000, 5_000, 0, 0, -6_000]);
    assert.deepEqual((await rows<{ skuCode: string }>('movements')).filter((m) => m.skuCode === 'POT-1' || m.skuCode === 'LJ-100'), []);
    assert.equal((await supplyOf('POT-1')).left, 20, 'what left stays off');
  });

  it('is mailed where a mail server is set and the supplier has an address; else it says what is missing', async () => {
    await take('d3', { lines: [pot(1)] });
    await plan();
    const mail = () => test.call<{ to: string; parcels: number; title?: string }>('POST', '/api/v1/dropships/mail', { supplierId: SUPPLIER });
    assert.match((await mail()).body.title!, /没有邮箱/);
    const [s] = await rows<{ id: string; revision: number }>('suppliers');
    assert.equal((await publish('suppliers', s!.id, s!.revision, { contact: 'lin@ji.example' })).status, 200);
    assert.deepEqual((await mail()).body, { parcels: 1, to: 'lin@ji.example' });
    assert.equal((await dropOf('d3')).state, 'printed');
    assert.match(box.mails.join('\n'), /To: lin@ji\.example[\s\S]*\.xlsx/);
  });
});
