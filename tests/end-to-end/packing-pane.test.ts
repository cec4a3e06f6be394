import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { ingestOrders } from '../../api/orders/index.ts';
import { upsertSuppliers } from '../../api/purchasing/index.ts';
import { upsertSkus } from '../../api/stock/index.ts';
import { openDesk, SCREENS, startPages, type Desk } from '../support/browser.ts';
import type { TestService } from '../support/service.ts';
import { SheetView } from '../support/sheet.ts';
import { company, order, sku } from '../support/world.ts';

/** The packing table by keyboard alone, with what stands around it: shares of errors, the promise ledger, drop-ship, re-pricing, layout. */
describe('the packing pane', () => {
  let browser: Browser;
  let test: TestService;
  let parcels: string[];
  const now = new Date();
  before(async function () {
    this.timeout(240_000);
    ({ browser, test } = await startPages());
    const { shopId } = await company(test.rt, { 'TEA-1': 100, 'TEA-2': 100 });
    await upsertSuppliers(test.rt, [{ id: 'sup_lin', name: '林记茶具', leadTimeDays: 3 }]);
    await upsertSkus(test.rt, [sku('POT-1', { flags: ['dropship'], supplierId: 'sup_lin' })]);
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'api', orders: [...['a', 'b', 'c'].map((id) => order(id, { quantity: 2, paidAt: now, placedAt: now })), order('d', { skuCode: 'POT-1', paidAt: now, placedAt: now })] });
    for (const job of ['review-orders', 'plan-parcels', 'count-promises']) await test.job(job);
    parcels = (await test.call<{ rows: { id: string; orderText: string }[] }>('GET', '/api/v1/parcels')).body.rows.filter((p) => p.orderText !== 'd').map((p) => p.id);
    assert.equal((await test.call('POST', '/api/v1/parcels/print', { ids: parcels })).status, 200);
    assert.equal((await test.call('POST', '/api/v1/parcels/ship', { ids: [parcels[2]!] })).status, 200);
  });
  after(async () => { await browser?.close(); await test?.stop(); });

  const text = (desk: Desk): Promise<string> => desk.page.evaluate(() => document.querySelector<HTMLElement>('#pane main')!.innerText);
  const says = (desk: Desk, words: RegExp): Promise<unknown> => desk.page.waitForFunction((source) => new RegExp(source).test(document.querySelector<HTMLElement>('#pane main')!.innerText), {}, words.source);
  const scan = async (desk: Desk, code: string, then: RegExp): Promise<void> => { await desk.page.keyboard.type(code); await desk.page.keyboard.press('Enter'); await says(desk, then); };
  const go = (desk: Desk, name: string): Promise<void> => desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane nav button')].find((b) => b.textContent === words)!.click(), name);
  const click = (desk: Desk, name: string): Promise<void> => desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane main button')].find((b) => b.textContent === words)!.click(), name);
  const whole = async (desk: Desk, name: string): Promise<void> => {
    const cut = await desk.page.evaluate(() => { const root = document.querySelector<HTMLElement>('#pane')!; const edge = root.getBoundingClientRect().right + 1; return [...root.querySelectorAll<HTMLElement>('header *, main *, footer *')].filter((e) => !e.closest('.scroll') && e.getBoundingClientRect().right > edge).map((e) => e.textContent.slice(0, 40)); });
    assert.deepEqual(cut, []);
    await writeFile(join(SCREENS, `${name}.png`), await desk.page.screenshot({ type: 'png' }));
  };

  for (const [lang, at, words] of [
    ['zh', 0, { nav: '仓库', wrong: /箱里不对[\s\S]*不认识的条码[\s\S]*少了/, passed: / 验货通过/, heavy: /打开看看/, weighed: /9999 克/, around: /验货拦下的包裹[\s\S]*承诺台账[\s\S]*林记茶具/, profit: '利润', ask: '算一算', settings: '设置', paper: /单据样式/ }],
    ['en', 1, { nav: 'Packing', wrong: /not right[\s\S]*unknown code[\s\S]*missing/, passed: / has passed/, heavy: /open it and look/, weighed: /9999 g/, around: /error that was caught[\s\S]*Promise ledger[\s\S]*林记茶具/, profit: 'Profit', ask: 'Work it out', settings: 'Settings', paper: /Print layout/ }],
  ] as const) it(`${lang}: a wrong box is refused by name, the right one passes, the scale asks twice; nothing is cut off`, async function () {
    this.timeout(180_000);
    const desk = await openDesk(browser, test.url, test.token, lang);
    try {
      await go(desk, words.nav);
      await desk.page.waitForFunction(() => document.activeElement?.matches('#pane input[type=text]'));
      await desk.page.evaluate(() => { const box = document.querySelector<HTMLInputElement>('#pane label.tick input')!; if (!box.checked) box.click(); document.querySelector<HTMLInputElement>('#pane input[type=text]')!.focus(); });
      const id = parcels[at]!;
      await scan(desk, id, /0 \/ 2/);
      await scan(desk, 'nonsense', /0 \/ 2/);
      await scan(desk, '', words.wrong);
      await whole(desk, `${lang}-packing-refused`);
      await scan(desk, 'tea-1', /1 \/ 2/);
      await scan(desk, 'TEA-1', words.passed);
      await scan(desk, '9999', words.heavy);
      await scan(desk, '9999', words.weighed);
      await says(desk, words.around);
      await whole(desk, `${lang}-packing`);
      await go(desk, words.profit);
      await says(desk, new RegExp(words.ask));
      await desk.page.evaluate(() => [...document.querySelectorAll<HTMLInputElement>('#pane .pair input')][0]!.focus());
      await desk.page.keyboard.type('zto');
      await desk.page.keyboard.press('Tab');
      await desk.page.keyboard.type('sf');
      await click(desk, words.ask);
      await says(desk, /ZTO[\s\S]*SF[\s\S]*→/);
      await click(desk, lang === 'zh' ? '写成表' : 'As a sheet');
      await desk.page.waitForFunction(async (name) => { const { Excel } = globalThis as unknown as { Excel: { run<T>(f: (c: never) => Promise<T>): Promise<T> } }; return Excel.run(async (c) => { const context = c as unknown as { workbook: { worksheets: { getActiveWorksheet(): { load(w: string): void; name: string } } }; sync(): Promise<void> }; const sheet = context.workbook.worksheets.getActiveWorksheet(); sheet.load('name'); await context.sync(); return sheet.name === name; }); }, {}, lang === 'zh' ? '假如换快递' : 'Another courier');
      await desk.page.evaluate(() => document.querySelector<HTMLElement>('#pane .pair')!.scrollIntoView({ block: 'center' }));
      await whole(desk, `${lang}-reprice`);
      await go(desk, words.settings);
      await says(desk, words.paper);
      await whole(desk, `${lang}-settings-layout`);
      assert.deepEqual(desk.errors.filter((e) => !/favicon|status of (403|422)/.test(e)), []);
    } finally {
      assert.ok((await text(desk)).length > 0);
      await desk.page.close();
    }
  });

  for (const [lang, words] of [['zh', { nav: '订单', open: '补发 / 换货', send: '补发', pick: /选中的订单 c[\s\S]*补发/, done: /c-B1/ }], ['en', { nav: 'Orders', open: 'Send again / exchange', send: 'Send again', pick: /Selected order c[\s\S]*Send again/, done: /c-B2/ }]] as const) it(`${lang}: what has left is sent again from its row in the orders sheet`, async function () {
    this.timeout(120_000);
    // The page before may have saved its workbook, in its own language.
    const { revision } = (await test.call<{ revision?: number }>('GET', '/api/v1/workbook')).body;
    assert.equal((await test.call('PUT', '/api/v1/workbook', { revision: revision ?? 0, snapshot: {} })).status, 200);
    const desk = await openDesk(browser, test.url, test.token, lang);
    try {
      await desk.action('openOrders');
      const sheet = new SheetView(desk, lang === 'zh' ? '订单' : 'Orders');
      await sheet.select(await sheet.address('c', lang === 'zh' ? '订单号' : 'Order'));
      await says(desk, words.pick);
      await click(desk, words.open);
      await desk.page.waitForSelector('#pane [data-test=again-note]');
      await desk.page.focus('#pane [data-test=again-note]');
      await desk.page.keyboard.type('碎了 broken');
      await desk.page.evaluate(() => document.querySelector<HTMLElement>('#pane [data-test=again-note]')!.scrollIntoView({ block: 'center' }));
      await whole(desk, `${lang}-send-again`);
      await click(desk, words.send);
      await desk.page.waitForFunction((source) => new RegExp(source).test(document.querySelector<HTMLElement>('#pane')!.innerText), {}, words.done.source);
      await desk.idle();
      await whole(desk, `${lang}-sent-again`);
      assert.deepEqual(desk.errors.filter((e) => !/favicon/.test(e)), []);
    } finally {
      await desk.page.close();
    }
  });
});
