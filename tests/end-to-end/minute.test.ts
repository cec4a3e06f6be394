import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ingestOrders } from '../../api/orders/index.ts';
import { openDesk, SCREENS, startPages, type Desk } from '../support/browser.ts';
import { headlessModule } from '../support/headless.ts';
import { SheetView } from '../support/sheet.ts';
import { company, order } from '../support/world.ts';

/** Waits for words anywhere in the page. */
const sees = (desk: Desk, words: string): Promise<unknown> => desk.page.waitForFunction((text) => document.body.innerText.includes(text), { timeout: 20_000 }, words);
/** Presses a button by its words with the mouse, once it is there and may be pressed. */
async function press(desk: Desk, words: string): Promise<void> {
  await desk.page.waitForFunction((text) => { const found = [...document.querySelectorAll<HTMLButtonElement>('button')].find((b) => b.textContent?.includes(text) && !b.disabled && b.offsetParent !== null); found?.scrollIntoView({ block: 'center' }); return found; }, { timeout: 20_000 }, words);
  const place = await desk.page.evaluate((text) => { const at = [...document.querySelectorAll<HTMLButtonElement>('button')].find((b) => b.textContent?.includes(text) && !b.disabled && b.offsetParent !== null)!.getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2] as const; }, words);
  await desk.page.mouse.click(place[0], place[1]);
  await desk.idle();
}

/** What the page's recorder sends, as `npm run workbench -- --record` writes it to a file. */
async function startRecorder(): Promise<{ readonly port: number; readonly text: () => string; readonly stop: () => void }> {
  const chunks: Buffer[] = [];
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Headers', '*');
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  return { port: (server.address() as AddressInfo).port, text: () => Buffer.concat(chunks).toString('utf8'), stop: () => void server.close() };
}

type Order = { id: string; platformOrderId: string; revision: number; reviewState: string; sellerMemo: string; warehouse: string };

/** A minute at the desk, with mouse and keys: what a reviewer of orders does between two cups of tea. Recorded, and in pictures. */
describe('a minute at the desk', function () {
  this.timeout(240_000);
  let seen: Awaited<ReturnType<typeof startPages>>;
  let desk: Desk;
  let sheet: SheetView;
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  before(async () => {
    seen = await startPages();
    const { rt } = seen.test;
    const { shopId } = await company(rt);
    const at = new Date(Date.now() - 5 * 86_400_000);
    await ingestOrders(rt, { shopId, channel: 'taobao', source: 'file', orders: [order('A1', { quantity: 60, placedAt: at, paidAt: at }), order('A2', { quantity: 55, placedAt: at, paidAt: at }), ...['B1', 'B2', 'B3'].map((id) => order(id, { placedAt: at, paidAt: at }))] });
    for (const job of ['review-orders', 'plan-parcels']) await seen.test.job(job);
    await seen.test.call('PUT', '/api/v1/workbook', { revision: 0, snapshot: {} });
    recorder = await startRecorder();
    desk = await openDesk(seen.browser, seen.test.url, seen.test.token, 'zh', 1440, `&record=${recorder.port}`);
    sheet = new SheetView(desk, '订单');
  });
  after(async () => { recorder?.stop(); await seen?.browser.close(); await seen?.test.stop(); });
  const orders = async (): Promise<Map<string, Order>> => new Map((await seen.test.call<{ rows: Order[] }>('GET', '/api/v1/orders?limit=100')).body.rows.map((o) => [o.platformOrderId, o]));
  let pictures = 0;
  const picture = async (name: string): Promise<void> => { pictures += 1; await writeFile(join(SCREENS, `minute-${pictures}-${name}.png`), await desk.page.screenshot({ type: 'png' })); };
  /** Back from the pane to the sheet with the mouse, as a hand goes; then the cell, then the keys. */
  const type = async (id: string, title: string, text: string): Promise<void> => {
    await desk.page.mouse.click(600, 600);
    await desk.idle();
    await sheet.type(await sheet.address(id, title), text);
  };

  it('opens orders from the ribbon, and filters those that are held', async () => {
    await desk.page.click('#ribbon button[data-action="openOrders"]');
    await desk.page.waitForFunction(() => document.querySelector('#pane main')?.textContent?.includes('挂起，按原因'));
    await desk.idle();
    const address = await sheet.address('A1', '审单');
    assert.equal(await sheet.at(address), '挂起');
    const shown = await desk.page.evaluate((column) => (globalThis as unknown as { Excel: { run(f: (c: Excel.RequestContext) => Promise<unknown>): Promise<unknown> } }).Excel.run(async (context) => {
      const page = context.workbook.worksheets.getActiveWorksheet();
      page.autoFilter.load('isDataFiltered');
      const used = page.autoFilter.getRange();
      page.autoFilter.apply(used, column, { filterOn: 'Values', values: ['挂起'] });
      await context.sync();
      const view = used.getVisibleView();
      view.load('values');
      await context.sync();
      return view.values.map((line) => line.map(String).find((v) => /^[AB]\d$/.test(v)) ?? '').filter(Boolean).sort().join();
    }), address.charCodeAt(0) - 65);
    assert.equal(shown, 'A1,A2');
    await desk.idle();
    await picture('held');
  });
  it('fixes two; of what is published, one is refused in its cell and one stands against a colleague’s', async () => {
    await type('A1', '卖家备注', 'two boxes');
    await type('A2', '卖家备注', 'add tea');
    await type('A2', '仓库', '火星');
    const a1 = (await orders()).get('A1')!;
    assert.equal((await seen.test.call('POST', '/api/v1/sheets/orders/publish', { batchId: 'minute-theirs', rows: [{ id: a1.id, revision: a1.revision, cells: { memo: '同事写的' } }] })).status, 200);
    await press(desk, '发布 3 处修改');
    await desk.page.waitForSelector('#pane .problem');
    await sees(desk, '同事写的');
    await picture('conflict-and-bad-cell');
    await sees(desk, '没有 火星');
    assert.equal((await orders()).get('A2')!.sellerMemo, '', 'all or nothing');
    await press(desk, '用我的');
    await type('A2', '仓库', 'GZ');
    await press(desk, '发布 3 处修改');
    await press(desk, '确认发布');
    await sees(desk, '撤回这次发布');
    await picture('published');
    const now = await orders();
    assert.deepEqual([now.get('A1')!.sellerMemo, now.get('A2')!.sellerMemo, now.get('A2')!.warehouse], ['two boxes', 'add tea', 'GZ']);
  });
  it('takes the publish back', async () => {
    await press(desk, '撤回这次发布');
    await press(desk, '处修改');
    await press(desk, '确认发布');
    await desk.page.waitForFunction(() => !document.querySelector('#pane footer')?.textContent?.includes('处修改'));
    const now = await orders();
    assert.deepEqual([now.get('A1')!.sellerMemo, now.get('A2')!.sellerMemo], ['同事写的', '']);
    await picture('taken-back');
  });
  it('tries a rule on past orders and publishes it', async () => {
    // By script, as the keys' focus stays in the sheet: what follows is typed.
    for (const words of ['规则', '打开表']) {
      await sees(desk, words);
      await desk.page.evaluate((text) => [...document.querySelectorAll<HTMLElement>('#pane button')].find((b) => b.textContent === text)!.click(), words);
      if (words === '规则') await sees(desk, '打开表');
      await desk.idle();
    }
    const rules = new SheetView(desk, '审单规则');
    await rules.type(await rules.address('R07', '件数'), '>=70');
    assert.equal(await rules.cell('R07', '件数'), '>=70');
    await press(desk, '拿最近 30 天试算');
    await sees(desk, '会放行');
    await picture('rule-tried');
    await press(desk, '从现在起发布');
    await sees(desk, '已发布为版本');
    assert.equal((await seen.test.call<{ rows: { id: string; cells: Record<string, string> }[] }>('GET', '/api/v1/rules/order-review')).body.rows.find((r) => r.id === 'R07')!.cells['quantity'], '>=70');
  });
  it('makes a wave of what passed and prints its slips', async () => {
    await desk.page.click('#ribbon button[data-action="openOrders"]');
    await press(desk, '生成波次（3 个可打）');
    await sees(desk, '1 个没发完');
    await desk.page.evaluate(() => document.querySelector<HTMLElement>('#pane .said button[aria-label="×"]')?.click());
    await desk.page.evaluate(() => [...document.querySelectorAll<HTMLElement>('#pane button.row')].find((b) => b.innerText.includes('待打 3'))!.click());
    const paper = desk.page.waitForResponse((r) => r.url().endsWith('/print') && r.request().method() === 'POST', { timeout: 30_000 });
    await press(desk, '发货单');
    const answer = await paper;
    assert.deepEqual([answer.status(), answer.headers()['content-type']?.split(';')[0]], [200, 'application/pdf']);
    await picture('printed');
    assert.equal((await seen.test.call<{ rows: { printed: number }[] }>('GET', '/api/v1/waves?limit=10')).body.rows[0]!.printed, 3);
  });
  it('leaves no error in the page, and a recording that does the same again without a page', async () => {
    // What the colleague made of it is a refusal that the browser also writes down.
    assert.deepEqual(desk.errors.filter((e) => !e.includes('column width is less than 0') && !/status of (409|422)/.test(e)), []);
    await desk.idle();
    await writeFile(join(SCREENS, 'minute.jsonl'), recorder.text());
    const { linesOf, replay } = await headlessModule();
    const done = await replay(linesOf(recorder.text()));
    assert.ok(done.syncs > 50 && done.deeds >= 5, `${done.syncs} syncs, ${done.deeds} deeds`);
    assert.deepEqual(done.differences, []);
  });
});
