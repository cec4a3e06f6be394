import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { file, rows, send, shelf, textFile, textOf, type Given } from '../support/files.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Order = { platformOrderId: string; channel: string; status: string; paidFen: number; freightFen: number; lines: { merchantCode: string; quantity: number; paidFen: number; refundState: string }[] };
type Cells = Readonly<Record<string, string>>;
/** Rows under a real header. */
function under(header: string, list: readonly Cells[]): string {
  const names = readFileSync(shelf(`headers/${header}.txt`), 'utf8').trim().split(',');
  for (const cells of list) for (const name of Object.keys(cells)) assert.ok(names.includes(name), `${header} has ${name}`);
  return `${names.join(',')}\n${list.map((cells) => names.map((n) => cells[n] ?? '').join(',')).join('\n')}\n`;
}
async function workbook(text: string): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet('导出');
  for (const line of text.trim().split(/\r?\n/)) sheet.addRow(line.split(','));
  return new Uint8Array(await book.xlsx.writeBuffer());
}
const JD = under('jd_order_list', [
  { 订单号: '="320000000001"', 商品ID: '100001', 商品名称: '龙井', 订购数量: '2', 下单时间: '2026-11-20 10:00:00', 京东价: '50.00', 订单金额: '160.00', 应付金额: '156.00', 运费金额: '6.00', 订单状态: '等待出库', 客户姓名: '王某', 客户地址: '浙江杭州市西湖区文三路 1 号', 货号: 'LJ-050', 下单帐号: 'jd_1' },
  { 订单号: '="320000000001"', 商品ID: '100002', 商品名称: '铁观音', 订购数量: '1', 下单时间: '2026-11-20 10:00:00', 京东价: '60.00', 订单金额: '160.00', 应付金额: '156.00', 运费金额: '6.00', 订单状态: '等待出库', 货号: 'TGY-125' },
]);
const PDD = under('pdd_order_all_fields', [
  { 商品: '龙井', 订单号: '261120-123456789012345', 订单状态: '待发货', '商品数量(件)': '2', 支付时间: '2026-11-20 11:00:00', 商品规格: '50g', '商品总价(元)': '80.00', '邮费(元)': '5.00', '店铺优惠折扣(元)': '10.00', '平台优惠折扣(元)': '3.00', '用户实付金额(元)': '72.00', '商家编码-规格维度': 'LJ-050', 售后状态: '无售后或售后取消', 省: '****' },
]);
const SETTLED = under('douyin_settlement', [
  { 动账时间: '2026-11-20 12:00:00', 动帐流水号: '`7300000000000000001', 动账方向: '入账', 动账金额: '27.00', 动账场景: '货款结算入账', 订单号: "'6917926768823600002", 平台服务费: '-1.50', 佣金: '-1.50' },
  { 动账时间: '2026-11-20 13:00:00', 动帐流水号: '7300000000000000002', 动账方向: '出账', 动账金额: '10.00', 动账场景: '退款', 订单号: '6917926768823600003' },
]);

describe('exports of all platforms, found by their header', () => {
  let test: TestService;
  before(async () => { test = await startTestService(); });
  after(() => test.stop());
  const taken = async (given: readonly Given[]): Promise<[string, number, number, number][]> => {
    const answer = await send(test, given);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.files.map((f) => [f.format, f.counts.new, f.counts.changed, f.counts.same]);
  };
  const orders = async (channel: string): Promise<Order[]> => (await rows<Order>(test, 'orders')).filter((o) => o.channel === channel);

  it('JD: rows of one order together, its amounts once, shared over the lines', async () => {
    assert.deepEqual(await taken([textFile('任意.csv', JD, 'gb18030')]), [['京东订单导出', 1, 0, 0]]);
    const [order] = await orders('jd');
    assert.deepEqual([order?.platformOrderId, order?.status, order?.paidFen, order?.freightFen, order?.lines.map((l) => [l.merchantCode, l.quantity, l.paidFen])], ['320000000001', 'to_ship', 15_600, 600, [['LJ-050', 2, 9375], ['TGY-125', 1, 5625]]]);
  });
  it('Pinduoduo: whichever columns were picked; the day out of the order number', async () => {
    assert.deepEqual(await taken([textFile('x.csv', PDD)]), [['拼多多订单导出', 1, 0, 0]]);
    const few = '订单号,订单状态,商品数量(件),用户实付金额(元),商品\n261119-1,已收货,1,9.90,杯\n';
    assert.deepEqual(await taken([textFile('y.csv', few)]), [['拼多多订单导出', 1, 0, 0]]);
    assert.deepEqual((await orders('pinduoduo')).map((o) => [o.platformOrderId, o.status, o.paidFen]).sort(), [['261119-1', 'completed', 990], ['261120-123456789012345', 'to_ship', 7200]]);
  });
  it('as a workbook they are the same files', async () => {
    assert.deepEqual(await taken([{ name: 'pdd.xlsx', bytes: await workbook(PDD) }]), [['拼多多订单导出', 0, 0, 1]]);
    assert.deepEqual(await taken([file('wechat_trade_all.csv')]), [['微信支付交易账单', 3, 0, 0]]);
    assert.deepEqual(await taken([{ name: 'wx.xlsx', bytes: await workbook(textOf('wechat_trade_all.csv', 'utf8')) }]), [['微信支付交易账单', 0, 0, 3]]);
  });
  it('Douyin settlement: what moved, with what was taken off beside it; after-sales; the Tmall list of 2025', async () => {
    assert.deepEqual(await taken([textFile('s.csv', SETTLED)]), [['抖店动账明细', 2, 0, 0]]);
    const lines = (await rows<{ channel: string; kind: string; amountFen: number; feeFen: number; merchantOrderNo: string }>(test, 'statements')).filter((s) => s.channel === 'douyin');
    assert.deepEqual(lines.map((l) => [l.kind, l.amountFen, l.feeFen, l.merchantOrderNo]).sort(), [['refund', -1000, 0, '6917926768823600003'], ['sale', 3000, -300, '6917926768823600002']]);
    const refunds = '售后编号,订单编号,退款金额,售后状态,申请时间,售后类型\n5001,261120-123456789012345,30.00,退款成功,2026-11-21 09:00:00,仅退款\n';
    assert.deepEqual(await taken([textFile('r.csv', refunds)]), [['拼多多售后', 1, 0, 0]]);
    assert.deepEqual(await taken([textFile('r.csv', refunds)]), [['拼多多售后', 0, 0, 1]]);
    const tmall = under('tmall_order_list_2025_partial', [{ 订单编号: '="3190000000000000009"', 买家应付货款: '20.00', 总金额: '20.00', 订单状态: '交易成功', 收货地址: '浙江省 杭州市 西湖区 文三路', 订单创建时间: '2026-11-01 10:00:00' }]);
    assert.deepEqual(await taken([textFile('t.csv', tmall)]), [['淘宝订单报表', 1, 0, 0]]);
  });
  it('JD: the daily bill with times that a spreadsheet made numbers of; the wallet’s sheet beside it adds only what the bill does not have', async () => {
    const bill = '订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,结算状态,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,商家应收/应付,钱包结算备注,店铺号,备注,收支方向,商品数量,对账日期\n="320000000001",="320000000001",订单,="100001",,龙井,已结算,46346.5,46346.5,46346.520833333336,货款,156.00,CNY,应收,,1,,收入,2,2026-11-20\n="320000000001",="320000000001",订单,="100001",,龙井,已结算,46346.5,46346.5,46346.520833333336,佣金,-7.80,CNY,应付,,1,,支出,2,2026-11-20\n';
    const wallet = '商户号,账户代码,账户名称,日期,商户订单号,账户余额(元),收入金额(元),支出金额(元),交易备注,账单日期\n1,A1,货款账户,2026-11-20 12:30:00,9,148.20,148.20,,货款结算 对应订单号320000000001,2026-11-20\n1,A1,货款账户,2026-11-21 09:00:00,10,48.20,,100.00,提现,2026-11-21\n';
    assert.deepEqual(await taken([textFile('b.csv', bill, 'gb18030')]), [['京东账单', 2, 0, 0]]);
    assert.deepEqual(await taken([textFile('w.csv', wallet)]), [['京东钱包流水', 1, 0, 1]]);
    assert.deepEqual(await taken([textFile('w.csv', wallet)]), [['京东钱包流水', 0, 0, 2]]);
    const lines = (await rows<{ channel: string; kind: string; amountFen: number; happenedAt: string }>(test, 'statements')).filter((s) => s.channel === 'jd');
    assert.deepEqual(lines.map((l) => [l.kind, l.amountFen, l.happenedAt]).sort(), [['fee', -780, '2026-11-20T04:30:00.000Z'], ['sale', 15_600, '2026-11-20T04:30:00.000Z'], ['withdrawal', -10_000, '2026-11-21T01:00:00.000Z']]);
  });
  it('one workbook with Qianniu’s sheets: orders, then their lines; what else is in it is named', async () => {
    const book = new ExcelJS.Workbook();
    for (const [sheet, text] of [['订单报表', textOf('taobao_orders.csv', 'gb18030')], ['销售明细', textOf('taobao_items.csv', 'gb18030')], ['发货报表', '订单号,运单,公司,时间,人\n1,2,3,4,5\n']] as const) {
      const to = book.addWorksheet(sheet);
      for (const line of parse(text, { relax_quotes: true, relax_column_count: true, bom: true }) as string[][]) to.addRow(line);
    }
    const answer = await send(test, [{ name: '千牛.xlsx', bytes: new Uint8Array(await book.xlsx.writeBuffer()) }]);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.files.map((f) => [f.name, f.format, f.counts.new, f.counts.changed]), [['千牛.xlsx · 订单报表', '淘宝订单报表', 3, 0], ['千牛.xlsx · 销售明细', '淘宝宝贝报表', 0, 3]]);
    assert.ok(answer.body.files[0]!.lacks.includes('sheet 发货报表'));
    assert.deepEqual((await orders('taobao')).filter((o) => o.platformOrderId.startsWith('31900000000000000') && o.lines.length > 0).map((o) => o.lines.reduce((n, l) => n + l.quantity, 0)).sort(), [1, 1, 3]);
  });
  it('the fund flow after the trade bill: two refunds of 0.01, out of the account once each', async () => {
    assert.deepEqual(await taken([file('wechat_fundflow.csv')]), [['微信支付资金账单', 2, 0, 0]]);
    const flow = (await rows<{ key: string; amountFen: number; kind: string }>(test, 'statements')).filter((s) => s.key.startsWith('flow|'));
    assert.deepEqual(flow.map((s) => [s.kind, s.amountFen]), [['refund', -1], ['refund', -1]]);
    const cut = await send(test, [textFile('f.csv', textOf('wechat_fundflow.csv', 'utf8').replace(/^`2021-02-01 14:00:45.*\n/m, ''))]);
    assert.equal(cut.status, 422);
    assert.ok(cut.body.errors.some((e) => e.message.includes('0.02') && e.message.includes('0.01')));
  });

  it('where a platform has two accounts the file is asked about, and goes to the one that is named', async () => {
    const keys = (name: string) => ({ channel: 'douyin', name, appKey: 'k', appSecret: 's', accessToken: 't', gateway: 'http://127.0.0.1:1' });
    const second = await test.call<{ id: string }>('POST', '/api/v1/shops', keys('抖店二'));
    assert.equal(second.status, 200);
    const moved = textFile('s2.csv', SETTLED.replaceAll('73000000000000000', '73000000000000009'));
    const seen = await send(test, [moved], { preview: true });
    const choose = (seen.body.files[0] as unknown as { choose: { id: string; name: string }[] }).choose;
    assert.deepEqual(choose.map((c) => c.name).sort(), ['douyin 文件', '抖店二']);
    const open = await send(test, [moved]);
    assert.deepEqual([open.status, /抖店二/.test(JSON.stringify(open.body))], [422, true]);
    const form = new FormData();
    form.append('files', new Blob([Buffer.from(moved.bytes)]), moved.name);
    const done = await test.call<{ files: { shopName: string; counts: { new: number } }[] }>('POST', `/api/v1/imports?shop=${second.body.id}`, form);
    assert.deepEqual([done.status, done.body.files.map((f) => [f.shopName, f.counts.new])], [200, [['抖店二', 2]]]);
  });

  it('a table that nobody knows: its header is told, a person names the columns, then it is read', async () => {
    const strange = '单号,情况,实收,件数,编码,何时\nA-1,待发货,12.50,1,LJ-050,2026-11-20 08:00\nA-2,已完成,8.00,2,TGY-125,2026-11-19 08:00\n';
    const seen = await send(test, [textFile('own.csv', strange)], { preview: true });
    const headers = (seen.body.files[0] as unknown as { headers: string[] }).headers;
    assert.deepEqual([seen.body.files[0]?.kind, headers], ['unknown', ['单号', '情况', '实收', '件数', '编码', '何时']]);
    assert.equal((await send(test, [textFile('own.csv', strange)])).status, 422);
    const map = { channel: 'pinduoduo', format: '我的表', headers, columns: { orderId: '单号', status: '情况', paid: '实收', quantity: '件数', merchantCode: '编码' } };
    assert.equal((await test.call('POST', '/api/v1/imports/maps', { ...map, columns: { orderId: '单号' } })).status, 422);
    assert.equal((await test.call('POST', '/api/v1/imports/maps', { ...map, columns: { ...map.columns, placedAt: '哪天' } })).status, 422);
    assert.equal((await test.call('POST', '/api/v1/imports/maps', { ...map, columns: { ...map.columns, placedAt: '何时' } })).status, 200);
    assert.deepEqual(await taken([textFile('own.csv', strange)]), [['我的表', 2, 0, 0]]);
    assert.deepEqual(await taken([textFile('own.csv', strange)]), [['我的表', 0, 0, 2]]);
  });
});

describe('the inbox', () => {
  let test: TestService;
  before(async () => { test = await startTestService(); });
  after(() => test.stop());
  it('takes what it can, orders before the lines that need them; what it refuses has its reason beside it', async () => {
    const inbox = join(test.rt.config.dataDir, 'inbox');
    mkdirSync(inbox, { recursive: true });
    const put = (name: string, bytes: Uint8Array, ageMs = 60_000): void => {
      writeFileSync(join(inbox, name), bytes);
      const at = new Date(test.rt.clock.now().getTime() - ageMs);
      utimesSync(join(inbox, name), at, at);
    };
    put('a-items.csv', file('taobao_items.csv').bytes);
    put('b-orders.csv', file('taobao_orders.csv').bytes);
    put('c-cut.csv', textFile('', textOf('wechat_trade_all.csv', 'utf8').replace(/^`2024-01-16 23:10:18.*\r?\n/m, '')).bytes);
    put('d-copying.csv', file('douyin_orders.csv').bytes, 0);
    assert.deepEqual(await test.job('import-inbox'), { done: 2, refused: 1 });
    const names = (folder: string): string[] => readdirSync(join(inbox, folder)).map((n) => n.replace(/^\d{8}-\d{6} /, '')).sort();
    assert.deepEqual([names('done'), names('refused')], [['a-items.csv', 'b-orders.csv'], ['c-cut.csv', 'c-cut.csv.reason.txt']]);
    const reason = readdirSync(join(inbox, 'refused')).find((n) => n.endsWith('.reason.txt'))!;
    assert.match(readFileSync(join(inbox, 'refused', reason), 'utf8'), /0\.02.*0\.01/);
    assert.deepEqual((await rows<Order>(test, 'orders')).map((o) => o.lines.length).sort(), [1, 1, 2]);
    put('d-copying.csv', file('douyin_orders.csv').bytes);
    assert.deepEqual(await test.job('import-inbox'), { done: 1, refused: 0 });
    assert.deepEqual(await test.job('import-inbox'), { done: 0, refused: 0 });
  });
});
