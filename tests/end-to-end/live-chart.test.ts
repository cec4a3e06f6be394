import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { ingestOrders } from '../../api/orders/index.ts';
import { openDesk, SCREENS, startPages, type Desk } from '../support/browser.ts';
import type { TestService } from '../support/service.ts';
import { SheetView } from '../support/sheet.ts';
import { company, order } from '../support/world.ts';

type Shape = { name: string; altTextDescription: string; left: number; top: number; width: number };
type Host = { Excel: { run<T>(work: (context: { workbook: { worksheets: { getItem(name: string): { shapes: { items: Shape[]; load(names: string): void } } } }; sync(): Promise<void> }) => Promise<T>): Promise<T> } };

/** A person puts a chart into a sheet, moves it, and works on: it follows its data, with its rows for who reads with ears. */
describe('a chart in a sheet', () => {
  let browser: Browser;
  let test: TestService;
  let shopId: string;
  before(async function () {
    this.timeout(240_000);
    ({ browser, test } = await startPages());
    ({ shopId } = await company(test.rt));
    await come('A1', 'A2');
  });
  after(async () => {
    await browser?.close();
    await test?.stop();
  });
  const come = async (...ids: string[]): Promise<void> => {
    await ingestOrders(test.rt, { shopId, channel: 'taobao', source: 'file', orders: ids.map((id) => order(id, id.startsWith('B') ? { buyerKey: 'buyer-A1' } : {})) });
    await test.job('count-customers');
  };
  /** `moved`: the person drags it there first. */
  const shapes = (desk: Desk, moved?: number): Promise<Shape[]> => desk.page.evaluate((to) => (globalThis as unknown as Host).Excel.run(async (context) => {
    const { shapes: all } = context.workbook.worksheets.getItem('客户');
    all.load('items/name,items/altTextDescription,items/left,items/top,items/width');
    await context.sync();
    if (to !== null) { all.items[0]!.left = to; all.items[0]!.width = to; await context.sync(); }
    return all.items.map(({ name, altTextDescription, left, top, width }) => ({ name, altTextDescription, left, top, width }));
  }), moved ?? null);
  const picture = (desk: Desk): Promise<string> => desk.page.evaluate(() => document.querySelector<HTMLImageElement>('.pictures img')?.src ?? '');

  it('follows its data after a refresh, in the place where it was moved; taken away it is forgotten', async () => {
    const desk = await openDesk(browser, test.url, test.token);
    await desk.action('openCustomers');
    const press = (): Promise<unknown> => desk.page.waitForFunction(() => { const b = [...document.querySelectorAll<HTMLButtonElement>('#pane button')].find((x) => x.textContent === '放进表里，随数据更新'); b?.click(); return b !== undefined; }, { timeout: 20_000 });
    await press();
    const table = new SheetView(desk, '图表数据');
    const until = async (values: readonly (number | string)[]): Promise<void> => {
      for (let seen = 'not yet'; seen !== values.join();) {
        await desk.page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 100); }));
        seen = await table.values().then((lines) => lines.slice(2, 7).map((l) => l[1]).join(), () => 'not yet');
      }
    };
    await until([2, 0, 0, 0, 0]);
    const [first, ...rest] = await shapes(desk);
    assert.equal(rest.length, 0);
    assert.match(first!.altTextDescription, /买过几次的客户有多少: 客户 5\+ 0\. 数字在“图表数据”表里。/);
    await shapes(desk, 300);
    const before = await picture(desk);
    assert.match(before, /^data:image\/png;base64,.{1000}/);
    await come('B1');
    await desk.action('refreshSheet');
    await until([1, 1, 0, 0, 0]);
    const [again, ...others] = await shapes(desk);
    assert.deepEqual([others.length, again!.name, again!.left, again!.width, again!.top], [0, first!.name, 300, 300, first!.top]);
    assert.notEqual(await picture(desk), before, 'it is drawn anew');
    await writeFile(join(SCREENS, 'zh-live-chart.png'), await desk.page.screenshot({ type: 'png' }));
    // Taken away, it is not put back, and its rows go with it.
    await desk.page.evaluate(() => (globalThis as unknown as Host).Excel.run(async (context) => { const { shapes: all } = context.workbook.worksheets.getItem('客户'); all.load('items/name'); await context.sync(); (all.items[0] as unknown as { delete(): void }).delete(); await context.sync(); }));
    await come('B2');
    await desk.action('refreshSheet');
    await until([]);
    assert.deepEqual(await shapes(desk), []);
    assert.deepEqual(desk.errors.filter((e) => !e.includes('column width is less than 0')), []);
    await desk.page.close();
  }).timeout(90_000);
});
