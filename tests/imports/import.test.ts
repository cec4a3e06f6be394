import assert from 'node:assert/strict';
import { file, rows, send, textFile, textOf, type Given } from '../support/files.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Order = { platformOrderId: string; channel: string; status: string; paidFen: number; freightFen: number; discountFen: number; placedAt: string; paidAt?: string; revision: number; receiver: { province: string; city: string; district: string; name: string }; lines: { merchantCode: string; quantity: number; paidFen: number; refundState: string }[] };
type Statement = { key: string; kind: string; channel: string; amountFen: number; feeFen: number; tradeNo: string; merchantOrderNo: string; happenedAt: string; revision: number };
const TAOBAO = [file('taobao_orders.csv'), file('taobao_items.csv')];
const ALL: readonly Given[] = [...TAOBAO, file('douyin_orders.csv'), file('wechat_trade_all.csv'), file('alipay_fund_detail.csv'), file('alipay_trade_detail.csv')];

describe('files of sellers, through the service', () => {
  let test: TestService;
  before(async () => { test = await startTestService(); });
  after(() => test.stop());
  const orders = async (channel: string): Promise<Order[]> => (await rows<Order>(test, 'orders')).filter((o) => o.channel === channel).sort((a, b) => (a.platformOrderId < b.platformOrderId ? -1 : 1));
  const statements = async (channel: string): Promise<Statement[]> => (await rows<Statement>(test, 'statements')).filter((s) => s.channel === channel);
  const world = async (): Promise<unknown> => ({ orders: await rows(test, 'orders'), statements: await rows(test, 'statements'), shops: await rows(test, 'shops'), listings: await rows(test, 'listings'), customers: await rows(test, 'customers') });

  it('a preview says what each file is and what it would do, and writes nothing', async () => {
    const answer = await send(test, ALL, { preview: true });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.files.map((f) => [f.name, f.kind, f.channel, f.counts]).sort(), [
      ['alipay_fund_detail.csv', 'bill', 'alipay', { new: 3, changed: 0, same: 0, bad: 0 }],
      ['alipay_trade_detail.csv', 'bill', 'alipay', { new: 5, changed: 0, same: 0, bad: 0 }],
      ['douyin_orders.csv', 'orders', 'douyin', { new: 3, changed: 0, same: 0, bad: 0 }],
      ['taobao_items.csv', 'lines', 'taobao', { new: 0, changed: 3, same: 0, bad: 0 }],
      ['taobao_orders.csv', 'orders', 'taobao', { new: 3, changed: 0, same: 0, bad: 0 }],
      ['wechat_trade_all.csv', 'bill', 'wechat-pay', { new: 3, changed: 0, same: 0, bad: 0 }],
    ]);
    assert.deepEqual(await world(), { orders: [], statements: [], shops: [], listings: [], customers: [] });
  });

  it('Taobao: the order report, and the lines of the item report joined to it', async () => {
    assert.equal((await send(test, TAOBAO)).status, 200);
    const [first, second, closed] = await orders('taobao');
    assert.deepEqual([first?.platformOrderId, first?.status, first?.paidFen, first?.freightFen, first?.placedAt, first?.paidAt], ['3190000000000000001', 'to_ship', 7400, 600, '2026-11-20T02:00:00.000Z', '2026-11-20T02:01:12.000Z']);
    assert.deepEqual(first?.receiver, { province: '浙江省', city: '杭州市', district: '西湖区', name: '王*', address: '文三路 ***' });
    assert.deepEqual(first?.lines.map((l) => [l.merchantCode, l.quantity, l.paidFen]), [['LJ-050', 1, 6800]]);
    assert.deepEqual([second?.status, second?.paidFen, second?.lines.map((l) => [l.merchantCode, l.quantity, l.paidFen])], ['completed', 15_700, [['LJ-050', 2, 8900], ['TGY-125', 1, 6800]]]);
    assert.deepEqual([closed?.status, closed?.paidAt], ['closed', undefined]);
  });
  it('the items alone, before their orders, are told and not guessed', async () => {
    const other = textFile('items.csv', textOf('taobao_items.csv', 'gb18030').replaceAll('="31900', '="31911'));
    const answer = await send(test, [other], { preview: true });
    assert.deepEqual([answer.body.files[0]?.counts.bad, answer.body.files[0]?.bad[0]?.code, answer.body.files[0]?.bad[0]?.row], [3, 'no_order', 2]);
  });

  it('Douyin: ids with tabs in quotes, who bears each discount, receivers that are not in it said', async () => {
    const answer = await send(test, [file('douyin_orders.csv')]);
    assert.deepEqual(answer.body.files[0]?.lacks, ['receiver', 'buyer']);
    const found = await orders('douyin');
    assert.deepEqual(found.map((o) => [o.platformOrderId, o.status, o.paidFen, o.discountFen, o.lines.map((l) => [l.merchantCode, l.quantity, l.refundState])]), [
      ['6917926768823600001', 'completed', 2890, 4600, [['300400008', 1, 'refunded']]],
      ['6917926768823600002', 'shipped', 2000, 4600, [['300400008', 1, 'none']]],
      ['6917926768823600003', 'closed', 2990, 4600, [['300400008', 1, 'refunded']]],
    ]);
  });

  it('WeChat Pay: one payment and two partial refunds; Alipay: both bills', async () => {
    assert.equal((await send(test, [file('wechat_trade_all.csv'), file('alipay_trade_detail.csv'), file('alipay_fund_detail.csv')])).status, 200);
    const wechat = await statements('wechat-pay');
    assert.deepEqual(wechat.map((s) => [s.kind, s.amountFen, s.feeFen, s.tradeNo, s.happenedAt]).sort(), [
      ['refund', -1, 0, '4200002086202401160000000001', '2024-01-16T14:45:16.000Z'], ['refund', -1, 0, '4200002086202401160000000001', '2024-01-16T15:10:18.000Z'], ['sale', 2, 0, '4200002086202401160000000001', '2024-01-16T14:40:10.000Z'],
    ]);
    const alipay = await statements('alipay');
    const of = (kind: string, wide: boolean): number => alipay.filter((s) => s.kind === kind && s.key.includes('|') === wide).reduce((n, s) => n + s.amountFen, 0);
    assert.deepEqual([of('sale', false), of('sale', true), of('refund', true), alipay.length], [377_800, 3, -2, 8]);
    assert.equal(alipay.find((s) => s.key === '54632446530001')?.merchantOrderNo, '3226563');
  });

  it('everything again changes nothing: no row, no revision, no shop more', async () => {
    const before = await world();
    const answer = await send(test, ALL);
    assert.deepEqual(answer.body.files.map((f) => [f.counts.new, f.counts.changed, f.counts.bad]), ALL.map(() => [0, 0, 0]));
    assert.deepEqual(await world(), before);
  });

  for (const encoding of ['utf8', 'utf-8 with its mark', 'utf16le with its mark', 'gb18030']) {
    it(`the same file in ${encoding} is the same file`, async () => {
      const text = textOf('taobao_orders.csv', 'gb18030').replaceAll('\r\n', encoding === 'utf8' ? '\n' : '\r\n');
      const marked = encoding.includes('mark') ? `\uFEFF${text}` : text;
      const answer = await send(test, [textFile('orders.csv', marked, encoding.split(' ')[0])]);
      assert.deepEqual(answer.body.files[0]?.counts, { new: 0, changed: 0, same: 3, bad: 0 }, JSON.stringify(answer.body));
    });
  }
  it('summary rows, marks and thousands separators are not data', async () => {
    const text = textOf('taobao_orders.csv', 'gb18030').replace('68.00,6.00,0,74.00,0,74.00', '"`68.00","`6.00",0,"74.00\t",0,"\t74.00"');
    const answer = await send(test, [textFile('orders.csv', `${text}合计,,,264.00\r\n,,,,\r\n`)]);
    assert.deepEqual(answer.body.files[0]?.counts, { new: 0, changed: 0, same: 3, bad: 0 }, JSON.stringify(answer.body));
  });
});

describe('files that must not be taken', () => {
  let test: TestService;
  before(async () => { test = await startTestService(); });
  after(() => test.stop());
  const nothing = async (): Promise<void> => { for (const noun of ['orders', 'statements', 'shops']) assert.deepEqual(await rows(test, noun), [], noun); };
  const refused = async (name: string, text: string, encoding = 'utf8') => {
    const seen = await send(test, [textFile(name, text, encoding)], { preview: true });
    assert.equal(seen.status, 200);
    const answer = await send(test, [textFile(name, text, encoding)]);
    assert.equal(answer.status, 422, JSON.stringify(answer.body));
    const told = seen.body.files[0]?.bad.map((b) => `${b.row} ${b.column} ${b.code}`) ?? [];
    assert.ok(answer.body.errors.every((e) => told.includes(`${e.row} ${e.column} ${e.code}`)), 'the preview has told it');
    await nothing();
    return answer.body.errors;
  };

  const damaged: readonly (readonly [file: string, encoding: string, from: string | RegExp, to: string, row: number, column: string])[] = [
    ['taobao_orders.csv', 'gb18030', '="3190000000000000002"', '3.19E+18', 3, '订单编号'],
    ['taobao_items.csv', 'gb18030', '="3190000000000000003"', '3.19000000000000E+18', 5, '订单编号'],
    ['douyin_orders.csv', 'utf8', '"\t6917926768823600002","', '6.91793E+18,"', 3, '主订单编号'],
    ['wechat_trade_all.csv', 'utf8', '`4200002086202401160000000001,`1747268229775180001,`oM', '`4.20000208620240E+27,`1747268229775180001,`oM', 2, '微信订单号'],
    ['alipay_fund_detail.csv', 'gb18030', '2012122923920001\t', '2.01212E+15', 6, '业务流水号'],
    ['alipay_trade_detail.csv', 'gb18030', '2019091622001458860513800002\t,service_1568603173802\t,交易', '2.01909E+27,service_1568603173802\t,交易', 8, '支付宝交易号'],
  ];
  for (const [name, encoding, from, to, row, column] of damaged) {
    it(`${name}: an id that a spreadsheet has turned into ${to}`, async () => {
      const text = textOf(name, encoding);
      assert.ok(text.replace(from, to) !== text);
      const [error] = await refused(name, text.replace(from, to), encoding);
      assert.deepEqual([error?.row, error?.column, error?.code], [row, column, 'id_as_float']);
      assert.ok(error?.message.includes(/\d\.\d+E\+\d+/.exec(to)![0]), error?.message);
    });
  }

  const cut: readonly (readonly [file: string, encoding: string, from: RegExp, to: string, sums: readonly [string, string]])[] = [
    ['alipay_fund_detail.csv', 'gb18030', /^54629090590002.*\r\n/m, '', ['3778.00', '3385.00']],
    ['alipay_fund_detail.csv', 'gb18030', /393\.00/, '392.00', ['3778.00', '3777.00']],
    ['alipay_trade_detail.csv', 'gb18030', /^2019091622001465870515200003.*\r\n/m, '', ['0.03', '0.02']],
    ['wechat_trade_all.csv', 'utf8', /^`2024-01-16 23:10:18.*\r?\n/m, '', ['0.02', '0.01']],
  ];
  for (const [name, encoding, from, to, [stated, found]] of cut) {
    it(`${name}: the foot states ${stated}, the rows come to ${found}`, async () => {
      const text = textOf(name, encoding);
      assert.ok(text.replace(from, to) !== text);
      const errors = await refused(name, text.replace(from, to), encoding);
      assert.ok(errors.every((e) => e.code === 'footer_differs'), JSON.stringify(errors));
      assert.ok(errors.some((e) => e.message.includes(stated) && e.message.includes(found)), JSON.stringify(errors));
    });
  }
  it('a bill whose foot is missing', async () => {
    for (const [name, encoding, from] of [['wechat_trade_all.csv', 'utf8', /^总交易单数[^]*$/m], ['alipay_fund_detail.csv', 'gb18030', /^#-*账务明细列表结束[^]*$/m], ['alipay_trade_detail.csv', 'gb18030', /^#-*业务明细列表结束[^]*$/m]] as const) {
      const [error] = await refused(name, textOf(name, encoding).replace(from, ''), encoding);
      assert.equal(error?.code, 'no_summary', name);
    }
  });
  it('an amount, a time and a count that are none, each with its row and column', async () => {
    const text = textOf('taobao_orders.csv', 'gb18030');
    assert.deepEqual((await refused('o.csv', text.replace(',157.00,0,157.00,', ',15x.00,0,15x.00,'))).map((e) => [e.row, e.column, e.code]), [[3, '买家实际支付金额', 'not_an_amount']]);
    assert.deepEqual((await refused('o.csv', text.replace('2026-11-11 08:00:00', '2026-13-11 08:00:00'))).map((e) => [e.row, e.column, e.code]), [[4, '订单创建时间', 'not_a_time']]);
  });
  it('a file that is none of them names its header; an upload without a file says so', async () => {
    const answer = await send(test, [textFile('food.csv', '日期,早餐,午餐,晚餐,夜宵\n2026-11-01,粥,面,饭,\n')]);
    assert.deepEqual([answer.status, answer.body.code, answer.body.title.includes('早餐')], [422, 'file_refused', true]);
    assert.equal((await send(test, [])).body.code, 'file_refused');
    await nothing();
  });
  it('one bad file of an upload refuses the others too', async () => {
    const answer = await send(test, [file('douyin_orders.csv'), textFile('taobao.csv', textOf('taobao_orders.csv', 'gb18030').replace('="3190000000000000002"', '3.19E+18'))]);
    assert.equal(answer.status, 422);
    await nothing();
  });
});
