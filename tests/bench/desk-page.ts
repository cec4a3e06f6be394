/** The desk in a page: how long a person who scrolls and types waits while a large sheet is refreshed under their hands. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { buildAddin, isAddinBuilt } from '../../addin/build.ts';
import { ROOT } from '../house/source.ts';
import { openDesk, startBrowser } from '../support/browser.ts';
import type { Measure } from './measure.ts';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.png': 'image/png', '.json': 'application/json' };
type Stalls = { readonly gaps: readonly number[]; readonly tasks: readonly { readonly at: number; readonly ms: number }[] };

type Counted = { readonly server: Server; readonly asked: () => number };
/** The built pages, and a service that has nothing but orders, and a stock function: pages of `rows`, as JSON that is made once. */
async function serve(dist: string, rows: readonly object[]): Promise<Counted> {
  const texts = rows.map((r) => JSON.stringify(r));
  let asked = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const json = (status: number, text: string): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    if (url.pathname === '/api/v1/orders') {
      const [since, limit] = [url.searchParams.get('since') ?? '0', Number(url.searchParams.get('limit') ?? 500)];
      const from = since === 'end' ? texts.length : Number(since);
      const more = from + limit < texts.length;
      return json(200, `{"rows":[${texts.slice(from, from + limit).join(',')}],"cursor":"${more ? from + limit : 'end'}","more":${more}}`);
    }
    if (url.pathname === '/api/v1/functions/sequence') return json(200, JSON.stringify(SEQUENCE));
    if (url.pathname === '/api/v1/functions') {
      asked += 1;
      const chunks: Buffer[] = [];
      return void request.on('data', (c: Buffer) => chunks.push(c)).on('end', () => {
        const { calls } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { calls: { args: string[] }[] };
        json(200, JSON.stringify({ results: calls.map((c) => ({ value: Number(c.args[0]!.slice(4)) })), sequence: SEQUENCE }));
      });
    }
    if (url.pathname === '/api/v1/workbook') return json(200, '{"revision":0,"snapshot":{}}');
    if (url.pathname.startsWith('/api/')) return json(404, '{"type":"about:blank","code":"not_found","title":"nothing here","status":404}');
    const path = url.pathname.endsWith('/') ? `${url.pathname}index.html` : url.pathname;
    return void readFile(join(dist, path)).then((bytes) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(bytes), () => response.writeHead(404).end());
  });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  return { server, asked: () => asked };
}
const SEQUENCE = { stock: '1', catalog: '1', orders: '1', books: '1', purchasing: '1', fields: '1', day: '2026-11-25' };
/** Frames that came late, and tasks that held them up. */
const WATCH = `{
  const found = globalThis.benchStalls = { gaps: [], tasks: [], on: true };
  new PerformanceObserver((list) => { for (const e of list.getEntries()) found.tasks.push({ at: Math.round(e.startTime), ms: Math.round(e.duration) }); }).observe({ entryTypes: ['longtask'] });
  let last = performance.now();
  const frame = () => { const now = performance.now(); found.gaps.push(Math.round(now - last)); last = now; if (found.on) requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}`;
const watch = (page: Page): Promise<unknown> => page.evaluate(WATCH);
const stalls = (page: Page): Promise<Stalls> => page.evaluate(() => { const found = (globalThis as unknown as { benchStalls: Stalls & { on: boolean } }).benchStalls; found.on = false; return { gaps: found.gaps, tasks: found.tasks }; });

export async function deskInPage(rows: readonly object[]): Promise<Measure[]> {
  const dist = join(ROOT, 'dist');
  if (!(await isAddinBuilt(dist))) await buildAddin({ outDir: dist, minify: true });
  const [{ server }, browser] = [await serve(dist, rows), await startBrowser()];
  try {
    const desk = await openDesk(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'bench', 'zh');
    await desk.idle();
    const grid = (await (await desk.page.$('#grid'))!.boundingBox())!;
    await desk.page.mouse.click(grid.x + 300, grid.y + 300);
    await watch(desk.page);
    const from = performance.now();
    let done = false;
    const refresh = desk.page.evaluate(() => (globalThis as unknown as { workbenchAction(id: string): Promise<void> }).workbenchAction('openOrders')).finally(() => { done = true; });
    for (let i = 0; !done; i += 1) {
      await desk.page.mouse.move(grid.x + 400, grid.y + 300);
      await desk.page.mouse.wheel({ deltaY: i % 8 < 6 ? 240 : -480 });
      // A cell that is being typed into holds every write back, here as in Excel: a few keys, and done.
      if (i % 10 === 5) { await desk.page.keyboard.type('7'); await desk.page.keyboard.press('Enter'); }
      await new Promise((resolve) => { setTimeout(resolve, 40); });
    }
    await refresh;
    const took = (performance.now() - from) / 1000;
    const { gaps, tasks } = await stalls(desk.page);
    const late = tasks.filter((t) => t.ms > 100);
    if (process.env['DESK_STALLS']) process.stdout.write(`${JSON.stringify({ late, gaps: gaps.filter((g) => g > 100) })}\n`);
    return [
      { name: `in a page: refresh ${rows.length} orders`, unit: 's', ours: took, beside: 15, besideName: 'asked' },
      { name: 'in a page: longest frame while it runs', unit: 'ms', ours: Math.max(0, ...gaps), beside: 100, besideName: 'asked' },
      { name: `in a page: longest task (${late.length} over 100 ms)`, unit: 'ms', ours: Math.max(0, ...tasks.map((t) => t.ms)), beside: 100, besideName: 'asked' },
    ];
  } finally {
    await browser.close();
    server.close();
  }
}
/** Formulas in a page, each another SKU: from the write until every cell shows its value, and until the page takes keys again. */
export async function functionsInPage(count: number): Promise<Measure[]> {
  const dist = join(ROOT, 'dist');
  if (!(await isAddinBuilt(dist))) await buildAddin({ outDir: dist, minify: true });
  const [{ server, asked }, browser] = [await serve(dist, []), await startBrowser()];
  try {
    const desk = await openDesk(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'bench', 'zh');
    await desk.idle();
    await watch(desk.page);
    const took = await desk.page.evaluate(async (cells) => {
      const excel = (globalThis as unknown as { Excel: { run<T>(f: (c: Excel.RequestContext) => Promise<T>): Promise<T> } }).Excel;
      const from = performance.now();
      await excel.run(async (context) => {
        context.workbook.worksheets.getActiveWorksheet().getRangeByIndexes(0, 0, cells, 1).formulas = Array.from({ length: cells }, (_, i) => [`=SUANPAN.STOCK("SKU-${i}")`]);
        await context.sync();
      });
      for (let shown = false; !shown;) {
        shown = await excel.run(async (context) => { const r = context.workbook.worksheets.getActiveWorksheet().getRangeByIndexes(0, 0, cells, 1); r.load('values'); await context.sync(); return r.values.every(([v], i) => v === i); });
        if (!shown) await new Promise((r) => { setTimeout(r, 10); });
      }
      return (performance.now() - from) / 1000;
    }, count);
    const { tasks } = await stalls(desk.page);
    return [
      { name: `in a page: functions, ${count} cells`, unit: 's', ours: took, beside: 3, besideName: 'asked' },
      { name: `in a page: requests of ${count} cells`, unit: 'requests', ours: asked(), beside: 3, besideName: 'asked' },
      { name: `in a page: longest task, ${count} cells`, unit: 'ms', ours: Math.max(0, ...tasks.map((t) => t.ms)), beside: 100, besideName: 'asked' },
    ];
  } finally {
    await browser.close();
    server.close();
  }
}
