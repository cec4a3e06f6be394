import assert from 'node:assert/strict';
import type { Browser } from 'puppeteer-core';
import { ingestOrders } from '../../api/orders/index.ts';
import { openDesk, startPages, type Desk } from '../support/browser.ts';
import type { TestService } from '../support/service.ts';
import { letters, SheetView } from '../support/sheet.ts';
import { company, order } from '../support/world.ts';

type OrderRow = { id: string; platformOrderId: string; sellerMemo: string; courier: string; reviewState: string; revision: number };
type Position = { id: string; skuCode: string; safetyStock: number; onHand: number };
const MANY = 60;
const code = (n: number): string => `SKU-${String(n).padStart(3, '0')}`;

/** A person at the workbench, by keyboard, against a whole service: what they see, and what the service then holds. */
describe('the desk in a browser', function () {
  this.timeout(180_000);
  let browser: Browser;
  let test: TestService;
  let desk: Desk;
  let orders: SheetView;
  let stock: SheetView;
  let shopId: string;
  before(async function () {
    this.timeout(240_000);
    ({ browser, test } = await startPages());
    ({ shopId } = await company(test.rt, Object.fromEntries([['TEA-1', 100], ...Array.from({ length: MANY }, (_, i) => [code(i), 10 + i])])));
    await take(order('A1'), order('A2'), order('A3'), order('H1', { buyerMessage: '麻烦改地址到公司' }));
    desk = await openDesk(browser, test.url, test.token);
    orders = new SheetView(desk, '订单');
    stock = new SheetView(desk, '库存');
  });
  after(async () => {
    await browser?.close();
    await test?.stop();
  });
  const take = async (...list: Parameters<typeof ingestOrders>[1]['orders']): Promise<void> => {
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders: list });
    await test.job('review-orders');
    await test.job('plan-parcels');
  };
  const row = async (id: string): Promise<OrderRow> => (await test.call<{ rows: OrderRow[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.find((r) => r.platformOrderId === id)!;
  const position = async (skuCode: string): Promise<Position> => (await test.call<{ rows: Position[] }>('GET', '/api/v1/positions?limit=5000')).body.rows.find((r) => r.skuCode === skuCode)!;
  const pane = (): Promise<string> => desk.page.evaluate(() => document.querySelector<HTMLElement>('#pane')!.innerText);
  const press = async (words: RegExp): Promise<void> => {
    const found = await desk.page.evaluate((source) => {
      const button = [...document.querySelectorAll<HTMLButtonElement>('#pane button')].find((b) => new RegExp(source).test(b.innerText) && !b.disabled);
      button?.click();
      return button !== undefined;
    }, words.source);
    assert.ok(found, `no button ${words.source} in the pane: ${await pane()}`);
    await desk.idle();
  };
  /** The same person's colleague, who changes a row while it is open here. */
  const colleague = async (id: string, cells: Record<string, string>): Promise<void> => {
    const { id: key, revision } = await row(id);
    const done = await test.call('POST', '/api/v1/sheets/orders/publish', { batchId: `colleague-${id}-${revision}`, rows: [{ id: key, revision, cells }] });
    assert.equal(done.status, 200, JSON.stringify(done.body));
  };

  describe('live sheets', () => {
    it('shows the service’s rows, ids whole, money in yuan, dates as dates', async () => {
      await desk.action('openOrders');
      const cells = await orders.values();
      assert.match(String(cells[0]![1]), /订单 · 4 行/);
      assert.equal(await orders.cell('A1', '实付'), 30);
      assert.equal(await orders.cell('A1', '审单'), '已通过');
      assert.equal(await orders.cell('H1', '审单'), '挂起');
      assert.ok(Math.abs(Number(await orders.cell('A1', '付款时间')) - 46_346.416_667) < 1e-5, 'Beijing time as a serial');
    });
    it('shows an order that came meanwhile at the next refresh, below; a text that looks like a formula stays a text', async () => {
      await take(order('12345678901234567890', { buyerMessage: '=1+1', sellerMemo: '+86 先联系' }));
      await desk.action('refreshSheet');
      const at = await orders.address('12345678901234567890', '买家留言');
      assert.equal(await orders.at(at), '=1+1');
      assert.equal(await orders.formula(at), '=1+1');
      assert.equal(await orders.cell('12345678901234567890', '卖家备注'), '+86 先联系');
    });
  });

  describe('drafts', () => {
    it('a typed cell is a draft: the service knows nothing of it, the pane counts it', async () => {
      await orders.type(await orders.address('A1', '卖家备注'), '加急');
      assert.equal((await row('A1')).sellerMemo, '');
      assert.match(await pane(), /发布 1 处修改/);
    });
    it('a column that is worked out goes back to what it was', async () => {
      await orders.type(await orders.address('A1', '实付'), '1');
      assert.equal(await orders.cell('A1', '实付'), 30);
      assert.match(await pane(), /由系统算出/);
      assert.match(await pane(), /发布 1 处修改/);
    });
    it('a draft survives a refresh and a reload of the page', async () => {
      await desk.action('refreshSheet');
      assert.equal(await orders.cell('A1', '卖家备注'), '加急');
      await desk.saved();
      await desk.reload();
      assert.match(await pane(), /发布 1 处修改/);
      assert.equal(await orders.cell('A1', '卖家备注'), '加急');
      assert.equal((await row('A1')).sellerMemo, '');
    });
    it('typing the old value back is no draft any more', async () => {
      await orders.type(await orders.address('A2', '卖家备注'), '送小样');
      assert.match(await pane(), /发布 2 处修改/);
      await orders.select(await orders.address('A2', '卖家备注'));
      await desk.page.keyboard.press('Delete');
      await desk.idle();
      assert.match(await pane(), /发布 1 处修改/);
    });
    it('undo takes a draft away', async () => {
      const at = await orders.address('A2', '卖家备注');
      await orders.type(at, '会后悔');
      assert.match(await pane(), /发布 2 处修改/);
      await desk.page.keyboard.down('Control');
      await desk.page.keyboard.press('z');
      await desk.page.keyboard.up('Control');
      await desk.idle();
      assert.equal(await orders.at(at), '');
      assert.match(await pane(), /发布 1 处修改/);
    });
  });

  describe('publishing', () => {
    it('first shows what would change and writes nothing; then writes, and the sheet has the new revision', async () => {
      await press(/发布 1 处修改/);
      assert.match(await pane(), /1 行 1 处/);
      assert.match(await pane(), /改了 1 单的备注/);
      assert.equal((await row('A1')).sellerMemo, '');
      await press(/确认发布/);
      assert.equal((await row('A1')).sellerMemo, '加急');
      assert.match(await pane(), /已发布 1 处修改/);
      assert.doesNotMatch(await pane(), /发布 1 处修改(?!。)/);
    });
    it('a publish is taken back: what was there stands as a draft, and goes out like any other', async () => {
      await press(/撤回这次发布/);
      assert.match(await pane(), /已把 1 处改回为草稿/);
      assert.equal(await orders.cell('A1', '卖家备注'), '');
      assert.equal((await row('A1')).sellerMemo, '加急');
      await press(/发布 1 处修改/);
      await press(/确认发布/);
      assert.equal((await row('A1')).sellerMemo, '');
    });
    it('a paste over many rows is one batch; a cell that cannot be read is marked and keeps everything back', async () => {
      await desk.action('openStock');
      const first = await stock.address(code(0), '安全库存');
      const column = first.replace(/\d+/, '');
      const from = Number(first.replace(/\D+/, ''));
      assert.equal(await stock.at(`${column}${from + MANY - 1}`), 0, 'the rows stand by code');
      await stock.paste(first, Array.from({ length: MANY }, (_, i) => [i === 7 ? '12箱' : String(5 + i)]));
      assert.match(await pane(), new RegExp(`发布 ${MANY} 处修改`));
      await press(new RegExp(`发布 ${MANY} 处修改`));
      assert.match(await pane(), /安全库存“12箱”带了单位。只写 12/);
      assert.equal((await position(code(1))).safetyStock, 0, 'nothing was sent');
      await stock.type(`${column}${from + 7}`, '12');
      await press(new RegExp(`发布 ${MANY} 处修改`));
      assert.match(await pane(), new RegExp(`${MANY} 行 ${MANY} 处`));
      await press(/确认发布/);
      assert.equal((await position(code(7))).safetyStock, 12);
      assert.equal((await position(code(MANY - 1))).safetyStock, 5 + MANY - 1);
    });
    it('one row that the service refuses keeps all rows back, and is marked with its reason', async () => {
      await desk.action('openOrders');
      await orders.type(await orders.address('A2', '卖家备注'), '轻放');
      await orders.type(await orders.address('A3', '仓库'), 'XX');
      await press(/发布 2 处修改/);
      assert.match(await pane(), /1 格没能发布[\s\S]*XX/);
      assert.equal((await row('A2')).sellerMemo, '');
      await orders.type(await orders.address('A3', '仓库'), 'HZ');
      await press(/发布 1 处修改/);
      await press(/确认发布/);
      assert.equal((await row('A2')).sellerMemo, '轻放');
    });
    it('changes of different cells of a row merge by themselves', async () => {
      await orders.type(await orders.address('A3', '卖家备注'), '我写的');
      await colleague('A3', { courier: 'SF' });
      await press(/发布 1 处修改/);
      await press(/确认发布/);
      const { sellerMemo, courier } = await row('A3');
      assert.deepEqual({ sellerMemo, courier }, { sellerMemo: '我写的', courier: 'SF' });
      assert.equal(await orders.cell('A3', '快递'), 'SF');
    });
    it('a cell that both changed is a conflict: both values and who; mine or theirs is chosen, nothing typed again', async () => {
      await orders.type(await orders.address('A2', '卖家备注'), '我的备注');
      await orders.type(await orders.address('A3', '卖家备注'), '我的另一条');
      await colleague('A2', { memo: '同事的备注' });
      await colleague('A3', { memo: '同事的另一条' });
      await press(/发布 2 处修改/);
      assert.match(await pane(), /2 格没能发布[\s\S]*卖家备注[\s\S]*原来[\s\S]*对方[\s\S]*同事的备注[\s\S]*我的[\s\S]*我的备注/);
      assert.equal((await row('A2')).sellerMemo, '同事的备注');
      await press(/用我的/);
      await press(/用对方的/);
      assert.equal(await orders.cell('A3', '卖家备注'), '同事的另一条');
      assert.equal(await orders.cell('A2', '卖家备注'), '我的备注');
      await press(/发布 1 处修改/);
      await press(/确认发布/);
      assert.equal((await row('A2')).sellerMemo, '我的备注');
      assert.equal((await row('A3')).sellerMemo, '同事的另一条');
    });
    it('offline: edits go on, nothing is lost, and the same batch goes out when the service is back', async () => {
      await desk.page.setOfflineMode(true);
      await orders.type(await orders.address('A1', '卖家备注'), '断网时写的');
      await press(/发布 1 处修改/);
      assert.match(await pane(), /连不上服务。草稿都在/);
      await desk.page.setOfflineMode(false);
      await press(/发布 1 处修改/);
      await press(/确认发布/);
      assert.equal((await row('A1')).sellerMemo, '断网时写的');
    });
    it('a released order is passed by the service, whose answer stands in the sheet', async () => {
      await orders.type(await orders.address('H1', '审单'), '已通过');
      await press(/发布 1 处修改/);
      assert.match(await pane(), /放行 1 单/);
      await press(/确认发布/);
      assert.equal((await row('H1')).reviewState, 'passed');
    });
  });

  describe('what is the user’s own stays', () => {
    it('a column of their own, with formulas, and the row above the table; new rows come below', async () => {
      const cells = await orders.values();
      const own = letters(cells[1]!.length);
      const at = Number((await orders.address('A1', '实付')).replace(/\D+/, ''));
      const paid = (await orders.address('A1', '实付')).replace(/\d+/, '');
      await orders.type(`${own}2`, '我的列');
      await orders.type(`${own}${at}`, `=${paid}${at}*2`);
      await take(order('B1', { quantity: 2 }));
      await colleague('A1', { memo: '改过了' });
      await desk.action('refreshSheet');
      assert.equal(await orders.cell('A1', '卖家备注'), '改过了');
      assert.equal(await orders.cell('A1', '我的列'), 60);
      assert.equal(await orders.formula(`${own}${at}`), `=${paid}${at}*2`);
      assert.equal(await orders.cell('B1', '实付'), 60);
      assert.doesNotMatch(await pane(), /处草稿/);
    });
  });

  describe('functions', () => {
    it('two hundred cells of one calculation are one request; an unknown SKU is #N/A', async () => {
      const asked: number[] = [];
      desk.page.on('request', (r) => { if (r.url().endsWith('/api/v1/functions')) asked.push((JSON.parse(r.postData() ?? '{}') as { calls: unknown[] }).calls.length); });
      await desk.write('今天', 'D1', Array.from({ length: 200 }, (_, i) => [i === 3 ? '=SUANPAN.STOCK("NO-SUCH")' : `=SUANPAN.STOCK("${code(i % MANY)}")`]));
      const values = await new SheetView(desk, '今天').values();
      assert.equal(values[0]![3], 10);
      assert.equal(values[199]![3], 10 + (199 % MANY));
      assert.equal(values[3]![3], '#N/A');
      assert.deepEqual(asked, [MANY + 1], 'each SKU once');
    });
  });
  describe('why', () => {
    const until = (words: RegExp): Promise<unknown> => desk.page.waitForFunction((source) => new RegExp(source).test(document.querySelector<HTMLElement>('#pane')!.innerText), { timeout: 20_000 }, words.source);
    it('F1 on a figure tells its sentence and rows; a row opens further, and the cell is found from there', async () => {
      await desk.action('openStock');
      await stock.select(await stock.address('TEA-1', '可用'));
      await desk.page.keyboard.press('F1');
      await until(/可用 = 在库 − 占用 − 锁定/);
      await press(/^在库/);
      await until(/出入库流水之和/);
      await press(/期初/);
      await until(/录入/);
      await press(/返回/);
      await until(/出入库流水之和/);
      await press(/看这一格/);
      assert.equal(await stock.selected(), await stock.address('TEA-1', '在库'));
    });
    it('a sum of a user’s own opens into the figures that it adds, whichever sheet they are in', async () => {
      const [from, to] = [await stock.address(code(0), '在库'), await stock.address(code(2), '在库')];
      await desk.write('订单', 'AD2', [[`=SUM('库存'!${from}:${to})-库存!${from}`]]);
      await desk.action('openOrders');
      assert.equal(await orders.at('AD2'), 11 + 12);
      await orders.select('AD2');
      await desk.page.keyboard.press('F1');
      await until(/由 4 个系统的数相加，合计 23/);
      await press(/SKU-002/);
      await until(/出入库流水之和/);
    });
    it('what is no figure of ours says what to do', async () => {
      await orders.select('AD9');
      await desk.page.keyboard.press('F1');
      await until(/选一格系统的数/);
    });
  });
  describe('after all of it', () => {
    // A refusal (409, 422) and a cut line are told by the browser itself.
    it('no error was said in the page', () => assert.deepEqual(desk.errors.filter((e) => !/status of (409|422)|ERR_INTERNET_DISCONNECTED/.test(e)), []));
  });
});
