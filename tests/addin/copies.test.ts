import assert from 'node:assert/strict';
import type { Client } from '../../addin/client.ts';
import { ExcelPort } from '../../addin/excel/excel-port.ts';
import { Desk } from '../../addin/sheets/desk.ts';
import { subjectAt, type Subject } from '../../addin/sheets/figures.ts';
import type { Headless } from '../../addin/workbench/headless.ts';
import { headless } from '../support/headless.ts';

const order = (n: number, shopName: string, province: string, paidFen: number) => ({ id: `ord_${n}`, revision: 1, platformOrderId: `1000000000000000${n}`, shopName, reviewState: n % 2 ? 'passed' : 'held', paidFen, pieces: n, receiver: { province, city: '', district: '' }, stage: 'unplanned' });
const ROWS = [order(1, '茶叶店', '浙江省', 1010), order(2, '茶叶店', '广东省', 2020), order(3, '茶具店', '浙江省', 3030), order(4, '茶具店', '浙江省', 4040), order(5, '茶具店', '浙江省', 100)];
const client = { waiting: () => 0, list: (_noun: string, since?: string) => Promise.resolve({ rows: since === undefined ? ROWS : [], cursor: '1', more: false }), call: () => Promise.resolve({ fields: [], columns: {}, rows: [] }) } as unknown as Client;

describe('why of a copy of our cells', function () {
  this.timeout(60_000);
  let host: Headless;
  let desk: Desk;
  before(async () => {
    host = await headless();
    Object.assign(globalThis, { Excel: host.Excel, Office: host.Office, CustomFunctions: host.CustomFunctions });
    desk = new Desk(new ExcelPort('zh'), client);
    await desk.start();
    await desk.open('orders');
    await (host.Excel as unknown as typeof Excel).run(async (context) => {
      const copy = context.workbook.worksheets.add('我的');
      copy.getRange('A1:A8').numberFormat = '@' as never;
      copy.getRange('A1:C3').values = [['订单号', '件数', '实付'], [ROWS[0]!.platformOrderId, 1, 10.1], [ROWS[2]!.platformOrderId, 3, 99]];
      // What a pivot of the orders by shop and province looks like, and one laid out across.
      copy.getRange('E1:G6').values = [['店铺', '省', '求和项:实付'], ['茶叶店', '浙江省', 10.1], ['', '广东省', 20.2], ['茶具店', '浙江省', 71.7], ['茶具店', '', 71.7], ['总计', '', 102]];
      copy.getRange('I1:K4').values = [['求和项:件数', '', ''], ['', '浙江省', '广东省'], ['茶叶店', 1, 2], ['茶具店', 12, '']];
      copy.getRange('M1:N2').values = [['省', '计数项:订单号'], ['浙江省', 4]];
      copy.getRange('P1:Q2').values = [['城里', '随便'], ['没有的字', 7]];
      await context.sync();
    });
  });
  after(() => {
    host?.stop();
    for (const name of ['Excel', 'Office', 'CustomFunctions']) delete (globalThis as Record<string, unknown>)[name];
  });
  const why = (address: string): Promise<Subject> => { const [, letters = '', row = ''] = /^([A-Z]+)(\d+)$/.exec(address)!; return subjectAt(desk, { sheet: '我的', row: Number(row) - 1, column: letters.charCodeAt(0) - 65, rows: 1, columns: 1 }); };
  const told = async (address: string): Promise<unknown> => { const s = await why(address); return s.is === 'copy' ? [s.exact, s.column.zh, s.terms.map((t) => t.ref.id).sort(), s.total] : s.is; };

  it('a copied row is the row, its figure the figure', async () => {
    assert.deepEqual(await told('C2'), [true, '实付', ['ord_1'], 1010]);
    assert.deepEqual(await told('B3'), [true, '件数', ['ord_3'], 3]);
  });
  it('a figure of a pivot is the rows that it puts together, to the fen; also where words are left out, across, counted and in all', async () => {
    assert.deepEqual(await told('G2'), [true, '实付', ['ord_1'], 1010]);
    assert.deepEqual(await told('G3'), [true, '实付', ['ord_2'], 2020]);
    assert.deepEqual(await told('G4'), [true, '实付', ['ord_3', 'ord_4', 'ord_5'], 7170]);
    assert.deepEqual(await told('G5'), [true, '实付', ['ord_3', 'ord_4', 'ord_5'], 7170]);
    assert.deepEqual(await told('G6'), [true, '实付', ['ord_1', 'ord_2', 'ord_3', 'ord_4', 'ord_5'], 10_200]);
    assert.deepEqual(await told('J4'), [true, '件数', ['ord_3', 'ord_4', 'ord_5'], 12]);
    assert.deepEqual(await told('N2'), [true, '订单号', ['ord_1', 'ord_3', 'ord_4', 'ord_5'], 4]);
  });
  it('what does not add up is the nearest, and says so; what is nothing of ours is nothing', async () => {
    assert.deepEqual(await told('C3'), [false, '实付', ['ord_3'], 3030]);
    assert.equal(await told('Q2'), 'other');
    assert.equal(await told('E2'), 'other', 'a word that names rows is no figure');
  });
});
