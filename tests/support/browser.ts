import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { buildAddin, isAddinBuilt } from '../../addin/build.ts';
import { ROOT } from '../house/source.ts';
import { startTestService, type TestService } from './service.ts';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/usr/bin/microsoft-edge', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'];

/** An installed Chrome, Chromium or Edge; else the Chromium that comes inside an npm package. */
export async function startBrowser(): Promise<Browser> {
  const found = INSTALLED.find((path) => existsSync(path));
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'];
  if (found) return puppeteer.launch({ executablePath: found, headless: true, args });
  const { default: chromium } = await import('@sparticuz/chromium');
  return puppeteer.launch({ executablePath: await chromium.executablePath(), headless: true, args: [...chromium.args, ...args] });
}

/** Where pictures go for people to look at. */
export const SCREENS = join(ROOT, 'dist/screens');
/** What every test of the pages begins with: the built pages, a service that serves them, a browser. */
export async function startPages(): Promise<{ readonly browser: Browser; readonly test: TestService }> {
  const dist = join(ROOT, 'dist');
  if (!(await isAddinBuilt(dist))) await buildAddin({ outDir: dist, minify: true });
  await mkdir(SCREENS, { recursive: true });
  const browser = await startBrowser();
  return { browser, test: await startTestService({ dist }) };
}

export type Desk = { readonly page: Page; readonly errors: string[]; readonly idle: () => Promise<void>; readonly action: (id: string) => Promise<void>; readonly write: (sheet: string, from: string, rows: readonly (readonly (string | number)[])[]) => Promise<void>; readonly saved: () => Promise<void>; readonly reload: () => Promise<void> };
/** The workbench in a page of its own, signed in; page errors are gathered, so that a test can ask that there were none. */
export async function openDesk(browser: Browser, url: string, token: string, lang: 'zh' | 'en' = 'zh', width = 1440, /** `&record=PORT` */ also = ''): Promise<Desk> {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error instanceof Error ? error.message : String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push([message.text(), message.location().url ?? ''].join(' ').trim()); });
  await page.goto(`${url}/workbench/?lang=${lang}${also}#token=${token}`);
  type Host = { Excel: { run(work: (context: { workbook: { worksheets: { getItem(name: string): { getRange(address: string): { getResizedRange(rows: number, columns: number): { values: unknown } } } } }; sync(): Promise<void> }) => Promise<void>): Promise<void> } };
  const ready = async (): Promise<void> => { await page.waitForSelector('body[data-ready="true"]', { timeout: 30_000 }); };
  const idle = async (): Promise<void> => { await page.evaluate(() => (globalThis as unknown as { workbenchIdle(): Promise<void> }).workbenchIdle()); };
  await ready();
  return {
    page, errors, idle,
    write: async (sheet, from, rows) => {
      await page.evaluate((name, first, values) => (globalThis as unknown as Host).Excel.run(async (context) => {
        context.workbook.worksheets.getItem(name).getRange(first).getResizedRange(values.length - 1, values[0]!.length - 1).values = values;
        await context.sync();
      }), sheet, from, rows as (string | number)[][]);
      await idle();
    },
    saved: async () => { await page.evaluate(() => (globalThis as unknown as { workbenchSave(): Promise<void> }).workbenchSave()); },
    reload: async () => {
      await page.reload();
      await ready();
      await idle();
    },
    action: async (id) => {
      await page.evaluate((name) => (globalThis as unknown as { workbenchAction(id: string): Promise<void> }).workbenchAction(name), id);
      await idle();
    },
  };
}
