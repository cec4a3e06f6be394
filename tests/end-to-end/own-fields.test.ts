import assert from 'node:assert/strict';
import type { Browser } from 'puppeteer-core';
import { openDesk, startPages, type Desk } from '../support/browser.ts';
import type { TestService } from '../support/service.ts';
import { letters, SheetView } from '../support/sheet.ts';
import { company } from '../support/world.ts';

type Sku = { id: string; code: string; revision: number; own?: Record<string, unknown> };

/** A person makes a column of their own a field of the company; a colleague has it, and two people meet in one cell. */
describe('own fields in a browser', function () {
  this.timeout(180_000);
  let browser: Browser;
  let test: TestService;
  let desk: Desk;
  let skus: SheetView;
  before(async function () {
    this.timeout(240_000);
    ({ browser, test } = await startPages());
    await company(test.rt, { 'TEA-1': 100, 'TEA-2': 5, 'TEA-3': 7 });
    desk = await openDesk(browser, test.url, test.token);
    skus = new SheetView(desk, '货品');
  });
  after(async () => {
    await browser?.close();
    await test?.stop();
  });
  const stored = async (code: string): Promise<Sku> => (await test.call<{ rows: Sku[] }>('GET', '/api/v1/skus?limit=5000')).body.rows.find((r) => r.code === code)!;
  const pane = (d: Desk): Promise<string> => d.page.evaluate(() => document.querySelector<HTMLElement>('#pane')!.innerText);
  const press = async (words: RegExp, d = desk): Promise<void> => {
    await d.page.waitForFunction((source) => [...document.querySelectorAll<HTMLButtonElement>('#pane button')].some((b) => new RegExp(source).test(b.innerText) && !b.disabled), { timeout: 10_000 }, words.source);
    await d.page.evaluate((source) => { [...document.querySelectorAll<HTMLButtonElement>('#pane button')].find((b) => new RegExp(source).test(b.innerText) && !b.disabled)!.click(); }, words.source);
    await d.idle();
  };
  const open = async (d: Desk, words = [/^今天$/, /^货品$/]): Promise<void> => { for (const one of words) await press(one, d); };
  const publish = async (d = desk): Promise<void> => { await press(/^发布 \d+ 处修改/, d); await press(/^确认发布/, d); };

  it('a column of the user’s becomes a field; what was typed in it is kept', async () => {
    await open(desk);
    const head = (await skus.values())[1]!;
    const column = letters(head.length);
    const lines = ['TEA-1', 'TEA-2', 'TEA-3'].map(async (code) => Number((await skus.address(code, '货品编码')).replace(/\D/g, '')));
    const [one = 0, two = 0] = await Promise.all(lines);
    await desk.write('货品', `${column}2`, [['季节']]);
    await desk.write('货品', `${column}${one}`, [['春茶']]);
    await desk.write('货品', `${column}${two}`, [['秋茶']]);
    await skus.select(`${column}${one}`);
    await press(/^设置$/);
    await desk.page.waitForSelector('[data-test="own"]');
    await press(/^用选中的列/);
    await desk.page.waitForFunction(() => document.querySelector<HTMLInputElement>('[data-test="own-name"]')!.value === '季节');
    await desk.page.select('[data-test="own-type"]', 'choice');
    await desk.page.type('[data-test="own-choices"]', '春茶，秋茶');
    await press(/^新建字段/);
    await desk.page.waitForFunction(() => /发布 2 处修改/.test(document.querySelector<HTMLElement>('#pane')!.innerText), { timeout: 15_000 });
    await publish();
    assert.deepEqual([(await stored('TEA-1')).own, (await stored('TEA-2')).own, (await stored('TEA-3')).own], [{ f1: '春茶' }, { f1: '秋茶' }, { f1: null }]);
    assert.equal(await skus.cell('TEA-2', '季节'), '秋茶');
  });

  it('a wrong value is marked where it is; a conflict is chosen, nothing typed again', async () => {
    // The keyboard was in the pane.
    await desk.page.mouse.click(500, 500);
    await skus.paste(await skus.address('TEA-3', '季节'), [['夏茶']]);
    assert.match(await pane(desk), /“夏茶”不在可选项里/);
    await skus.paste(await skus.address('TEA-3', '季节'), [['秋茶']]);
    const row = await stored('TEA-3');
    assert.equal((await test.call('POST', '/api/v1/sheets/skus/publish', { batchId: 'a-colleague-1', rows: [{ id: row.id, revision: row.revision, cells: { 'own.f1': '春茶' } }] })).status, 200);
    await press(/^发布 1 处修改/);
    assert.match(await pane(desk), /春茶/);
    await press(/^用我的/);
    await publish();
    assert.equal((await stored('TEA-3')).own!['f1'], '秋茶');
  });

  it('a colleague has the column in a sheet that was open before; a formula is worked out; a rename finds it', async () => {
    const { page } = desk;
    await press(/^设置$/);
    await page.waitForSelector('[data-test="own-name"]');
    await page.type('[data-test="own-name"]', '毛利');
    await page.select('[data-test="own-type"]', 'money');
    await page.type('[data-test="own-formula"]', '=[售价]-[参考成本]');
    await press(/^新建字段/);
    await page.waitForFunction(() => /毛利/.test([...document.querySelectorAll('.own')].map((o) => o.textContent).join('')), { timeout: 15_000 });
    await desk.idle();
    assert.equal(await skus.cell('TEA-1', '毛利'), 20);
    await page.evaluate(() => { [...document.querySelectorAll<HTMLButtonElement>('.own button.row')].find((b) => /季节/.test(b.innerText))!.click(); });
    await page.waitForSelector('[data-test="own-rename"]');
    await page.evaluate(() => { const field = document.querySelector<HTMLInputElement>('[data-test="own-rename"]')!; field.value = '采茶季'; field.dispatchEvent(new Event('input', { bubbles: true })); });
    await press(/^保存$/);
    await page.waitForFunction(() => /采茶季/.test([...document.querySelectorAll('.own')].map((o) => o.textContent).join('')), { timeout: 15_000 });
    await desk.idle();
    assert.equal(await skus.cell('TEA-1', '采茶季'), '春茶');
    assert.ok(!(await skus.values())[1]!.includes('季节'));
    if (process.env['SCREENS']) await page.screenshot({ path: `${process.env['SCREENS']}/own-fields-zh.png` });
    const other = await openDesk(browser, test.url, test.token, 'en');
    await open(other, [/^Today$/, /^SKUs$/]);
    const theirs = new SheetView(other, 'SKUs');
    const sheetNames = await theirs.values().then(() => 'SKUs', () => '货品');
    assert.equal(await new SheetView(other, sheetNames).cell('TEA-2', '采茶季'), '秋茶');
    if (process.env['SCREENS']) { await other.page.evaluate(() => { [...document.querySelectorAll<HTMLButtonElement>('#pane nav button')].find((b) => /Settings/.test(b.innerText))!.click(); }); await other.page.waitForSelector('[data-test="own"]'); await new Promise((r) => { setTimeout(r, 800); }); await other.page.screenshot({ path: `${process.env['SCREENS']}/own-fields-en.png` }); }
    assert.deepEqual([...desk.errors, ...other.errors].filter((e) => !/409|422/.test(e)), []);
  });
});
