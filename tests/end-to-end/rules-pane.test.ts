import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { Users } from '../../api/access/users.ts';
import { ingestOrders } from '../../api/orders/index.ts';
import { openDesk, SCREENS, startPages, type Desk } from '../support/browser.ts';
import type { TestService } from '../support/service.ts';
import { SheetView } from '../support/sheet.ts';
import { company, order } from '../support/world.ts';

const clickOn = (desk: Desk, words: string): Promise<boolean> => desk.page.evaluate((text) => { const b = [...document.querySelectorAll('button')].find((x) => x.textContent?.includes(text)); b?.click(); return b !== undefined; }, words);
const sees = (desk: Desk, words: string): Promise<unknown> => desk.page.waitForFunction((text) => document.body.innerText.includes(text), { timeout: 20_000 }, words);

const PACKER = 'a-token-of-the-packing-table-01';
/** A reviewer edits a row in the sheet, tries it, sees which orders change and by how much money, publishes, rolls back. */
describe('the rules pane', () => {
  let browser: Browser;
  let test: TestService;
  before(async function () {
    this.timeout(240_000);
    ({ browser, test } = await startPages());
    const { shopId } = await company(test.rt);
    const at = new Date(Date.now() - 5 * 86_400_000);
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders: [order('A1', { quantity: 60, placedAt: at, paidAt: at }), order('A2', { placedAt: at, paidAt: at })] });
    await test.job('review-orders');
  });
  after(async () => {
    await browser?.close();
    await test?.stop();
  });

  for (const lang of ['zh', 'en'] as const) {
    it(`edit, try, publish, roll back (${lang})`, async () => {
      const words = lang === 'zh' ? { rules: '规则', open: '打开表', sheet: '审单规则', pieces: '件数', try: '拿最近 30 天试算', released: '会放行', now: '从现在起发布', done: '已发布为版本', back: '回到这版' } : { rules: 'Rules', open: 'Open sheet', sheet: 'Order review', pieces: 'Pieces', try: 'Try on the last 30 days', released: 'Would pass', now: 'Publish from now on', done: 'Published as version', back: 'Back to this' };
      await test.call('PUT', '/api/v1/workbook', { revision: 0, snapshot: {} });
      const desk = await openDesk(browser, test.url, test.token, lang);
      const before = (await test.call<{ version: number }>('GET', '/api/v1/rules/order-review')).body.version;
      assert.ok(await clickOn(desk, words.rules));
      await sees(desk, words.try);
      assert.ok(await clickOn(desk, words.open));
      await desk.idle();
      const sheet = new SheetView(desk, words.sheet);
      await sheet.type(await sheet.address('R07', words.pieces), '>=70');
      await desk.idle();
      await sees(desk, 'R07');
      assert.ok(await clickOn(desk, words.try));
      await sees(desk, words.released);
      await sees(desk, 'A1');
      const text = await desk.page.evaluate(() => document.body.innerText);
      assert.match(text, /1,800\.00/, 'the money of the order that changes');
      await writeFile(join(SCREENS, `${lang}-rules.png`), await desk.page.screenshot({ type: 'png' }));
      assert.ok(await clickOn(desk, words.now));
      await sees(desk, words.done);
      const after = (await test.call<{ version: number; rows: { id: string; cells: Record<string, string> }[] }>('GET', '/api/v1/rules/order-review')).body;
      assert.deepEqual([after.version, after.rows.find((r) => r.id === 'R07')!.cells['quantity']], [before + 1, '>=70']);
      // One button a version that can be gone back to: when the new one counts, the list is fresh.
      await desk.page.waitForFunction((text, n) => [...document.querySelectorAll('button')].filter((b) => b.textContent === text).length === n, { timeout: 20_000 }, words.back, before + 1);
      assert.ok(await clickOn(desk, words.back));
      await sees(desk, `${words.done} ${before + 2}`);
      assert.equal((await test.call<{ rows: { id: string; cells: Record<string, string> }[] }>('GET', '/api/v1/rules/order-review')).body.rows.find((r) => r.id === 'R07')!.cells['quantity'], '>=50');
      // The grid's own cell editor says this of a column that is scrolled half out of sight.
      assert.deepEqual(desk.errors.filter((e) => !e.includes('column width is less than 0')), []);
      await desk.page.close();
    }).timeout(90_000);
  }
  it('the ribbon follows sheet, row and role; a packer sees what is theirs, and rules that they may only try', async () => {
    await test.call('PUT', '/api/v1/workbook', { revision: 0, snapshot: {} });
    await test.job('plan-parcels');
    await Users.create({ _id: 'usr_packer', name: '仓库小李', role: 'warehouse', tokenHashes: [createHash('sha256').update(PACKER).digest('base64url')], disabled: false, createdAt: test.rt.clock.now() });
    const desk = await openDesk(browser, test.url, PACKER);
    const texts = (of: string): Promise<string[]> => desk.page.evaluate((selector) => [...document.querySelectorAll(selector)].map((b) => b.textContent ?? ''), of);
    const able = (): Promise<string[]> => desk.page.evaluate(() => [...document.querySelectorAll<HTMLButtonElement>('#ribbon button[data-action]')].filter((b) => !b.disabled).map((b) => b.dataset['action']!));
    const until = (id: string, is: boolean): Promise<unknown> => desk.page.waitForFunction((name, want) => document.querySelector<HTMLButtonElement>(`#ribbon button[data-action="${name}"]`)?.disabled !== want, { timeout: 10_000 }, id, is);
    await sees(desk, '今天要人做的');
    await until('openProfit', false);
    assert.deepEqual(await texts('#pane nav button'), ['今天', '订单', '仓库', '库存', '规则', '动态', '设置']);
    assert.deepEqual(await able(), ['openHome', 'openOrders', 'openStock', 'openRules', 'openActivity', 'openSettings', 'refreshSheet', 'whySelected']);
    await desk.action('openOrders');
    const orders = new SheetView(desk, '订单');
    await orders.select(await orders.address('A2', '订单号'));
    await until('printSlips', true);
    await orders.select(await orders.address('A1', '订单号'));
    await until('printSlips', false);
    for (const id of ['openSettings', 'openActivity', 'openRules']) await desk.action(id);
    assert.ok(await clickOn(desk, '打开表'));
    await desk.idle();
    const rules = new SheetView(desk, '审单规则');
    await rules.select(await rules.address('R07', '件数'));
    await until('tryRules', true);
    // The keys do what the button does.
    await desk.page.keyboard.down('Control');
    await desk.page.keyboard.down('Alt');
    await desk.page.keyboard.press('KeyT');
    await desk.page.keyboard.up('Alt');
    await desk.page.keyboard.up('Control');
    await sees(desk, '试算了 2 单');
    await rules.type(await rules.address('R07', '件数'), '>=80');
    await sees(desk, '草稿 1 处');
    assert.ok(!(await able()).includes('publishRules') && !(await able()).includes('publishDrafts'));
    assert.ok(!(await texts('#pane main button')).some((t) => t.includes('回到这版') || t.includes('从现在起发布')));
    assert.deepEqual(desk.errors.filter((e) => !e.includes('column width is less than 0')), []);
    await desk.page.close();
  }).timeout(90_000);
});
