import type { Desk } from './browser.ts';

export type Cell = string | number | boolean;
type Range = { values: Cell[][]; numberFormat: string[][]; formulas: Cell[][]; address: string; isNullObject: boolean; rowIndex: number; columnIndex: number; load(names: string): void; select(): void; format: { fill: { color: string; load(names: string): void } } };
type Worksheet = { getRange(address: string): Range; getUsedRange(valuesOnly?: boolean): Range; activate(): void };
export type Context = { workbook: { getSelectedRange(): Range; worksheets: { getItem(name: string): Worksheet; getActiveWorksheet(): Worksheet; items: { name: string }[]; load(names: string): void } }; sync(): Promise<void> };
type Host = { Excel: { run<T>(work: (context: Context) => Promise<T>): Promise<T> } };

/** A sheet of the workbench as a person and as the add-in's host sees it. */
export class SheetView {
  readonly desk: Desk;
  readonly name: string;
  constructor(desk: Desk, name: string) {
    this.desk = desk;
    this.name = name;
  }
  /** All cells from A1; row 1 is the line above the table, row 2 its header. */
  values(): Promise<Cell[][]> {
    return this.desk.page.evaluate((name) => (globalThis as unknown as Host).Excel.run(async (context) => {
      const used = context.workbook.worksheets.getItem(name).getUsedRange(true);
      used.load('values,rowIndex,columnIndex');
      await context.sync();
      const blank = Array.from({ length: used.columnIndex }, () => '');
      return [...Array.from({ length: used.rowIndex }, (): Cell[] => []), ...used.values.map((line) => [...blank, ...line])];
    }), this.name);
  }
  /** Where the row of this key (a value in our first visible column) and the column of this title are. */
  async address(key: string, title: string): Promise<string> {
    const cells = await this.values();
    const row = cells.findIndex((line) => line.slice(1).some((v) => v === key));
    const column = cells[1]!.indexOf(title);
    if (row < 0 || column < 0) throw new Error(`no ${row < 0 ? key : title} in ${this.name}: ${cells.slice(0, 4).map((l) => l.join('|')).join(' / ')}`);
    return `${letters(column)}${row + 1}`;
  }
  async cell(key: string, title: string): Promise<Cell> { return this.at(await this.address(key, title)); }
  at(address: string): Promise<Cell> { return this.#range(address, 'values').then((v) => (v as Cell[][])[0]![0]!); }
  fill(address: string): Promise<string> {
    return this.desk.page.evaluate((name, where) => (globalThis as unknown as Host).Excel.run(async (context) => {
      const { fill } = context.workbook.worksheets.getItem(name).getRange(where).format;
      fill.load('color');
      await context.sync();
      return fill.color.toUpperCase();
    }), this.name, address);
  }
  #range(address: string, what: 'values' | 'formulas' | 'numberFormat'): Promise<unknown> {
    return this.desk.page.evaluate((name, where, which) => (globalThis as unknown as Host).Excel.run(async (context) => {
      const range = context.workbook.worksheets.getItem(name).getRange(where);
      range.load(which);
      await context.sync();
      return range[which as 'values'];
    }), this.name, address, what);
  }
  /** Where the person is. */
  selected(): Promise<string> {
    return this.desk.page.evaluate(() => (globalThis as unknown as Host).Excel.run(async (context) => {
      const range = context.workbook.getSelectedRange();
      range.load('address');
      await context.sync();
      return range.address.split('!')[1]!;
    }));
  }
  formula(address: string): Promise<Cell> { return this.#range(address, 'formulas').then((v) => (v as Cell[][])[0]![0]!); }
  async select(address: string): Promise<void> {
    await this.desk.page.evaluate((name, where) => (globalThis as unknown as Host).Excel.run(async (context) => {
      context.workbook.worksheets.getItem(name).activate();
      context.workbook.worksheets.getItem(name).getRange(where).select();
      await context.sync();
    }), this.name, address);
    await this.desk.idle();
  }
  /** Types as a person does: the cell chosen, the keys pressed, Enter. */
  async type(address: string, text: string): Promise<void> {
    await this.select(address);
    await this.desk.page.keyboard.type(text, { delay: 2 });
    // The editor takes keys one after another, and a list opens beside it; what was typed into a list is checked before it is taken.
    await this.#still();
    await this.desk.page.keyboard.press('Enter');
    await this.#still();
    await this.desk.idle();
  }
  /** Until nothing in the page has changed for a while. */
  async #still(): Promise<void> {
    await this.desk.page.evaluate(() => new Promise<void>((resolve) => {
      let last = performance.now();
      const watch = new MutationObserver(() => { last = performance.now(); });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      const timer = setInterval(() => { if (performance.now() - last < 300) return; clearInterval(timer); watch.disconnect(); resolve(); }, 20);
    }));
  }
  /** Pastes what another program put on the clipboard, as tab-separated text. */
  async paste(address: string, rows: readonly (readonly string[])[]): Promise<void> {
    await this.select(address);
    await this.desk.page.evaluate((text) => {
      const clipboard = new DataTransfer();
      clipboard.setData('text/plain', text);
      (document.activeElement ?? document.body).dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));
    }, rows.map((line) => line.join('\t')).join('\n'));
    await this.desk.idle();
  }
}
export const letters = (column: number): string => (column < 26 ? String.fromCharCode(65 + column) : letters(Math.floor(column / 26) - 1) + String.fromCharCode(65 + (column % 26)));
