import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, ElementHandle } from 'puppeteer-core';
import { loadDemo } from '../../api/demo/load-demo.ts';
import { ROOT } from '../house/source.ts';
import { openDesk, SCREENS, startPages, type Desk } from '../support/browser.ts';
import { file, send } from '../support/files.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';
import type { TestService } from '../support/service.ts';
import { SheetView } from '../support/sheet.ts';

type Found = { readonly overflow: string[]; readonly text: string };

/** Every screen that a newcomer meets, in both languages, looked at by a browser, and kept as a picture for a person to look at. */
describe('the desk as it is seen', () => {
  let browser: Browser;
  let sandbox: TestSandbox;
  let test: TestService;
  before(async function () {
    this.timeout(240_000);
    ({ browser, test } = await startPages());
    sandbox = await startTestSandbox(['--per-day', '5', '--open-per-day', '60']);
    await loadDemo(test.rt, sandbox.url, { runNow: (name) => test.job(name) }, () => undefined, 30);
    // Money of orders that nobody here has: lines of a bill that stay open.
    assert.equal((await send(test, [file('wechat_trade_all.csv')])).status, 200);
    await test.job('reconcile-bills');
  });
  after(async () => {
    await browser?.close();
    await test?.stop();
    await sandbox?.stop();
  });

  const shot = async (desk: Desk, name: string): Promise<void> => {
    const png = await desk.page.screenshot({ type: 'png' });
    await writeFile(join(SCREENS, `${name}.png`), png);
    // `SCREENS=docs` renews the one that the README shows.
    if (process.env['SCREENS'] === 'docs' && name === 'zh-orders') await writeFile(join(ROOT, 'docs/desk.png'), png);
  };
  /** What a person would see at once: words cut off by the pane's edge, or a pane that says nothing. */
  const pane = (desk: Desk): Promise<Found> => desk.page.evaluate(() => {
    const root = document.querySelector<HTMLElement>('#pane')!;
    const all = [...root.querySelectorAll<HTMLElement>('header *, main *, footer *')];
    return { overflow: all.filter((e) => e.children.length === 0 && /\b(shp|cus|ord|usr|pcl)_[0-9A-Za-z]{5,}/.test(e.textContent)).map((e) => `an id for a person: ${e.textContent}`).concat(all.filter((e) => !e.closest('.scroll') && e.getBoundingClientRect().right > root.getBoundingClientRect().right + 1).map((e) => e.textContent.slice(0, 40))), text: root.innerText };
  });
  /** Colours in the grid's picture: a sheet that was not drawn has one or two. */
  const drawn = (desk: Desk): Promise<number> => desk.page.evaluate(() => {
    const canvas = [...document.querySelectorAll<HTMLCanvasElement>('#grid canvas')].sort((a, b) => b.width * b.height - a.width * a.height)[0]!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4 * 7) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    return seen.size;
  });
  const settled = async (desk: Desk): Promise<void> => {
    await desk.page.waitForFunction(() => !document.querySelector('#pane .skeleton') && document.querySelector('#pane main')!.textContent !== '');
    await desk.idle();
  };

  const screens: readonly (readonly [string, string, { readonly zh: RegExp; readonly en: RegExp }])[] = [
    ['orders', 'openOrders', { zh: /挂起，按原因[\s\S]*自动通过/, en: /Held, by reason[\s\S]*by themselves/ }],
    ['stock', 'openStock', { zh: /断货|偏低|库存金额/, en: /Out of stock|Low|Stock value/ }],
    ['suggestions', 'openSuggestions', { zh: /来不及到货就会断/, en: /Out before goods can arrive/ }],
    ['profit', 'openProfit', { zh: /利润[\s\S]*对账[\s\S]*合计一分不差(?![\s\S]*合计对不上)/, en: /profit[\s\S]*reconcil/i }],
  ];
  for (const lang of ['zh', 'en'] as const) {
    describe(lang, () => {
      let desk: Desk;
      before(async function () {
        this.timeout(180_000);
        // The page before may have saved its workbook, in its own language.
        const { revision } = (await test.call<{ revision?: number }>('GET', '/api/v1/workbook')).body;
        assert.equal((await test.call('PUT', '/api/v1/workbook', { revision: revision ?? 0, snapshot: {} })).status, 200);
        desk = await openDesk(browser, test.url, test.token, lang);
      });
      after(() => desk?.page.close());

      it('opens on the day’s figures, worked out by its own functions', async function () {
        this.timeout(180_000);
        await desk.page.waitForFunction(() => (globalThis as unknown as { Excel: { run(f: (c: never) => Promise<unknown>): Promise<unknown> } }).Excel !== undefined);
        const title = lang === 'zh' ? '今天' : 'Today';
        await desk.page.waitForFunction(async (name) => {
          const { Excel } = globalThis as unknown as { Excel: { run<T>(f: (c: { workbook: { worksheets: { getItem(n: string): { getRange(a: string): { load(w: string): void; values: unknown[][] } } } }; sync(): Promise<void> }) => Promise<T>): Promise<T> } };
          return Excel.run(async (context) => {
            const range = context.workbook.worksheets.getItem(name).getRange('C5:D5');
            range.load('values');
            await context.sync();
            return range.values.flat().every((v) => typeof v === 'number');
          });
        }, { timeout: 30_000 }, title);
        await settled(desk);
        await shot(desk, `${lang}-today`);
        assert.ok((await drawn(desk)) > 20);
      });
      for (const [name, action, words] of screens) {
        it(`${name}: sheet drawn, pane says what needs a person, nothing cut off`, async function () {
          this.timeout(180_000);
          await desk.action(action);
          await settled(desk);
          const found = await pane(desk);
          await shot(desk, `${lang}-${name}`);
          assert.match(found.text, words[lang]);
          assert.deepEqual(found.overflow, []);
          assert.ok((await drawn(desk)) > 20, 'the sheet is drawn');
        });
      }
      it('settings, and reconciliation with its open lines on top', async function () {
        this.timeout(180_000);
        await desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane nav button')].find((b) => b.textContent === words)!.click(), lang === 'zh' ? '设置' : 'Settings');
        await settled(desk);
        assert.deepEqual((await pane(desk)).overflow, []);
        await shot(desk, `${lang}-settings`);
        // A table that nobody knows: its columns are named in the pane, and then it is an order table like another.
        const own = join(SCREENS, `own-${lang}.csv`);
        await writeFile(own, `订单号,订单状态,实付金额,数量,商家编码,何时 ${lang}\nA-1,待发货,12.50,1,LJ-050,2026-11-20 08:00\n`);
        const input = (await desk.page.$('#pane .drop input[multiple]')) as ElementHandle<HTMLInputElement>;
        await input.uploadFile(own);
        await desk.page.waitForFunction((words) => [...document.querySelectorAll<HTMLElement>('#pane button')].some((b) => b.textContent === words), {}, lang === 'zh' ? '记住这些列' : 'Keep these columns');
        await desk.page.evaluate(() => document.querySelector('#pane .drop input[multiple]')!.closest('.drop')!.scrollIntoView());
        assert.deepEqual((await pane(desk)).overflow, []);
        await shot(desk, `${lang}-columns`);
        await desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane button')].find((b) => b.textContent === words)!.click(), lang === 'zh' ? '记住这些列' : 'Keep these columns');
        await desk.page.waitForFunction((name) => document.querySelector<HTMLElement>('#pane')!.innerText.includes(`${name} · `), {}, `own-${lang}.csv`);
        await desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane nav button')].find((b) => b.textContent === words)!.click(), lang === 'zh' ? '今天' : 'Today');
        await settled(desk);
        await desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane button.row')].find((b) => b.innerText.includes(words))!.click(), lang === 'zh' ? '未对上的账单行' : 'Bill lines open');
        await desk.idle();
        await settled(desk);
        await shot(desk, `${lang}-reconciliation`);
        const first = await desk.page.evaluate(() => (globalThis as unknown as { Excel: { run<T>(f: (c: never) => Promise<T>): Promise<T> } }).Excel.run(async (c) => {
          const context = c as unknown as { workbook: { worksheets: { getActiveWorksheet(): { getUsedRange(v: boolean): { load(w: string): void; values: unknown[][] } } } }; sync(): Promise<void> };
          const range = context.workbook.worksheets.getActiveWorksheet().getUsedRange(true);
          range.load('values');
          await context.sync();
          return range.values.slice(0, 5).map((row) => row.map(String).join('|'));
        }));
        assert.match(first.join('\n'), lang === 'zh' ? /对账 · \d+ 行[\s\S]*未对上/ : /Reconciliation · \d+ rows[\s\S]*open/);
      });
      it('any sheet opens from the pane: customers, each with orders and refunds', async function () {
        this.timeout(180_000);
        const title = lang === 'zh' ? '客户' : 'Customers';
        await desk.action('openHome');
        await settled(desk);
        await desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane .choices button')].find((b) => b.textContent === words)!.click(), title);
        await desk.idle();
        await settled(desk);
        await shot(desk, `${lang}-customers`);
        const cells = await new SheetView(desk, title).values();
        assert.match(String(cells[0]![1]), lang === 'zh' ? /客户 · \d{2,} 行/ : /Customers · \d{2,} rows/);
      });
      it('bills, customers, activity: each begins with what needs a person, nothing cut off, a table behind every chart', async function () {
        this.timeout(180_000);
        const views = { bills: { zh: '对账', en: 'Bills', says: /没对上|都对上了|are open|agrees/ }, people: { zh: '客户', en: 'Customers', says: /要留意的客户[\s\S]*复购率|to look at[\s\S]*Come again/ }, activity: { zh: '动态', en: 'Activity', says: /要人处理[\s\S]*最近完成|need a person[\s\S]*Done lately/ } };
        for (const [name, view] of Object.entries(views)) {
          await desk.page.evaluate((words) => [...document.querySelectorAll<HTMLElement>('#pane nav button')].find((b) => b.textContent === words)!.click(), view[lang]);
          await settled(desk);
          if (name === 'people') await desk.page.waitForFunction(() => document.querySelector('#pane .chart-of table')?.textContent.includes('5+'));
          const found = await pane(desk);
          await shot(desk, `${lang}-pane-${name}`);
          assert.match(found.text, view.says);
          assert.deepEqual(found.overflow, []);
        }
      });
      it('dark, as the system is', async function () {
        this.timeout(180_000);
        await desk.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
        await desk.action('openProfit');
        await settled(desk);
        const colours = await desk.page.evaluate(() => { const style = getComputedStyle(document.querySelector('#pane .pane')!); return [style.backgroundColor, style.color]; });
        await shot(desk, `${lang}-dark`);
        await desk.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
        assert.deepEqual(colours, ['rgb(31, 28, 26)', 'rgb(241, 236, 232)']);
      });
      it('no error in the page', () => assert.deepEqual(desk.errors, []));
      it('a publish with one bad cell and one conflict: both are in the pane, with the reason and the two values', async function () {
        this.timeout(180_000);
        const zh = lang === 'zh';
        await desk.action('openOrders');
        await settled(desk);
        const sheet = new SheetView(desk, zh ? '订单' : 'Orders');
        const [bad, mine] = (await test.call<{ rows: { id: string; platformOrderId: string; revision: number; reviewState: string; stage: string; warehouse: string }[] }>('GET', '/api/v1/orders?limit=5000')).body.rows.filter((r) => r.stage === 'reserved' || r.stage === 'waybilled');
        await sheet.type(await sheet.address(bad!.platformOrderId, zh ? '仓库' : 'Warehouse'), '火星');
        await sheet.type(await sheet.address(mine!.platformOrderId, zh ? '卖家备注' : 'Memo'), zh ? '送一包茶' : 'a gift');
        const theirs = zh ? '同事写的' : 'written by a colleague';
        assert.equal((await test.call('POST', '/api/v1/sheets/orders/publish', { batchId: `screens-${lang}-${mine!.revision}`, rows: [{ id: mine!.id, revision: mine!.revision, cells: { memo: theirs } }] })).status, 200);
        await desk.page.click('#pane footer button.primary');
        await desk.page.waitForSelector('#pane .problem');
        await desk.idle();
        const { text, overflow } = await pane(desk);
        await shot(desk, `${lang}-publish`);
        assert.deepEqual(overflow, []);
        assert.ok(text.includes(theirs), text);
        assert.ok(text.includes('火星'), text);
        await desk.action('discardDrafts');
      });
    });
  }
  it('the README’s picture is there', async () => {
    const png = await readFile(join(ROOT, 'docs/desk.png'));
    assert.ok(png.length > 50_000);
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
  });
});
