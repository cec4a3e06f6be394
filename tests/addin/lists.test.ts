import assert from 'node:assert/strict';
import { makeClient, type Client } from '../../addin/client.ts';
import { ExcelPort } from '../../addin/excel/excel-port.ts';
import { Desk } from '../../addin/sheets/desk.ts';
import type { Headless } from '../../addin/workbench/headless.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { Reaches } from '../../api/orders/store/waybill-models.ts';
import { headless } from '../support/headless.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { company, order } from '../support/world.ts';

/** A person at the sheet, with a whole service behind: what a cell may be given, and what is said when two cells do not go together. */
describe('lists that depend on the row', function () {
  this.timeout(40_000);
  let test: TestService;
  let host: Headless;
  let desk: Desk;
  let sheetId: string;
  let client: Client;
  before(async () => {
    [test, host] = [await startTestService(), await headless()];
    Object.assign(globalThis, { Excel: host.Excel, Office: host.Office, CustomFunctions: host.CustomFunctions });
    const { shopId } = await company(test.rt);
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders: [order('A1'), order('A2', { receiver: { province: '西藏自治区', city: '那曲市', district: '双湖县' } })] });
    await Reaches.create([{ _id: 'SF|西藏自治区|那曲市|双湖县', reached: false, words: '不在服务范围', at: test.rt.clock.now() }]);
    client = makeClient({ lang: 'zh', base: test.url, token: () => test.token });
    desk = new Desk(new ExcelPort('zh'), client);
    await desk.start();
    await desk.open('orders');
    sheetId = host.grid.sheets().find((s) => s.name === '订单')!.id;
  });
  after(async () => {
    host?.stop();
    for (const name of ['Excel', 'Office', 'CustomFunctions']) delete (globalThis as Record<string, unknown>)[name];
    await test?.stop();
  });
  const settle = async (): Promise<void> => { do await host.idle(); while (client.waiting() > 0 || desk.state.busy !== ''); await host.idle(); };
  const run = <T>(work: (context: Excel.RequestContext, sheet: Excel.Worksheet) => Promise<T>): Promise<T> => (host.Excel as unknown as typeof Excel).run(async (context) => work(context, context.workbook.worksheets.getItem(sheetId)));
  const at = (id: string, title: string): Promise<[number, number]> => run(async (context, sheet) => {
    const used = sheet.getUsedRange(true);
    used.load('values,rowIndex,columnIndex');
    await context.sync();
    const header = used.values.findIndex((l) => l.includes('订单号'));
    const titles = used.values[header]!;
    return [used.rowIndex + used.values.findIndex((l) => l[titles.indexOf('订单号')] === id), used.columnIndex + titles.indexOf(title)];
  });
  const listOf = async (id: string, title: string): Promise<string[]> => {
    const [row, column] = await at(id, title);
    await run(async (context, sheet) => { sheet.activate(); sheet.getRange('A1').select(); await context.sync(); sheet.getCell(row, column).select(); await context.sync(); });
    await settle();
    return run(async (context, sheet) => {
      const cell = sheet.getCell(row, column);
      cell.dataValidation.load('rule');
      await context.sync();
      return String(cell.dataValidation.rule.list?.source ?? '').split(',');
    });
  };
  const type = async (id: string, title: string, value: string): Promise<void> => { const [row, column] = await at(id, title); await host.grid.typed(sheetId, row, column, value); await settle(); };

  it('a selected cell has the values that go with its row, as they are now', async () => {
    assert.deepEqual(await listOf('A1', '仓库'), ['HZ', 'GZ', 'CD']);
    assert.ok((await listOf('A1', '快递')).includes('SF'));
    assert.ok(!(await listOf('A2', '快递')).includes('SF') && (await listOf('A2', '快递')).includes('EMS'), 'SF says that it does not go there');
    await Reaches.updateOne({ _id: 'SF|西藏自治区|那曲市|双湖县' }, { $set: { reached: true } });
    assert.ok((await listOf('A2', '快递')).includes('SF'), 'kept live');
    await Reaches.updateOne({ _id: 'SF|西藏自治区|那曲市|双湖县' }, { $set: { reached: false } });
  });
  it('a wrong pair is marked at once, in the words and by the code of the API, and cleared when it is right', async () => {
    await type('A1', '快递', 'SF');
    assert.deepEqual(desk.state.drafts.map((d) => d.problem), [undefined], 'it goes there');
    await type('A2', '快递', 'SF');
    const problem = desk.state.drafts.find((d) => d.problem)?.problem;
    const { id, revision } = (await test.call<{ rows: { id: string; platformOrderId: string; revision: number }[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.find((r) => r.platformOrderId === 'A2')!;
    const said = (await test.call<{ errors: { code: string; message: string; text: { zh: string } }[] }>('POST', '/api/v1/sheets/orders/publish', { batchId: 'by-the-api-alone', rows: [{ id, revision, cells: { courier: 'SF' } }] }, { 'accept-language': 'zh-CN' })).body.errors[0]!;
    assert.deepEqual([problem?.code, problem?.words], [said.code, said.message]);
    assert.equal(said.code, 'courier_not_reaching');
    assert.match(said.message, /SF 说不到 西藏自治区那曲市双湖县。可以写：.*EMS/);
    const [row, column] = await at('A2', '快递');
    const look = (): Promise<[string, boolean]> => run(async (context, sheet) => {
      const cell = sheet.getCell(row, column);
      cell.load('format/fill/color');
      const note = sheet.notes.getItemOrNullObject(`${column >= 26 ? String.fromCharCode(64 + Math.floor(column / 26)) : ''}${String.fromCharCode(65 + (column % 26))}${row + 1}`);
      note.load('content');
      await context.sync();
      return [cell.format.fill.color, note.isNullObject];
    });
    assert.deepEqual(await look(), ['#FBD5D0', false]);
    await type('A2', '快递', 'EMS');
    assert.deepEqual(desk.state.drafts.map((d) => [d.value, d.problem]), [['SF', undefined], ['EMS', undefined]]);
    assert.deepEqual(await look(), ['#FFF1C2', true]);
    const preview = await desk.preview('orders');
    assert.ok(preview && (await desk.publish(preview)));
  });
  it('a courier whose account sends from one warehouse alone does not go with another', async () => {
    const made = await test.call('POST', '/api/v1/shops', { channel: 'sf', name: '顺丰月结', gateway: 'http://127.0.0.1:9', account: { partnerId: 'x', checkword: 'y', senderName: '张', senderPhone: '13800000000', senderProvince: '广东省', senderCity: '广州市', senderDistrict: '天河区', senderAddress: '1 号', couriers: 'SF', warehouses: 'GZ' } });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.ok((await listOf('A1', '快递')).includes('SF'), 'no warehouse is chosen');
    await type('A1', '仓库', 'HZ');
    assert.deepEqual(desk.state.drafts.map((d) => [d.column, d.problem?.code]), [['warehouse', 'courier_not_from_warehouse']]);
    assert.ok(!(await listOf('A1', '快递')).includes('SF'));
    await type('A1', '快递', 'ZTO');
    assert.deepEqual(desk.state.drafts.map((d) => [d.column, d.problem]), [['warehouse', undefined], ['courier', undefined]], 'both are right now');
  });
});
