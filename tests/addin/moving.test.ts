import assert from 'node:assert/strict';
import type { Headless } from '../../addin/workbench/headless.ts';
import { headless } from '../support/headless.ts';

/** What hangs at cells goes with them when rows and columns come and go, as in Excel. */
describe('the host: what hangs at cells moves with them', function () {
  this.timeout(60_000);
  let host: Headless;
  before(async () => { host = await headless(); });
  after(() => host?.stop());
  it('comments, notes, links, lists and conditional formats, over rows and columns that are inserted and deleted', async () => {
    const excel = host.Excel as unknown as typeof Excel;
    await excel.run(async (context) => {
      const sheet = context.workbook.worksheets.add('Moving');
      sheet.getRange('A1:D6').values = Array.from({ length: 6 }, (_, r) => [r, r * 2, `t${r}`, r]);
      sheet.comments.add('Moving!B3', 'asked');
      sheet.notes.add('C4', 'noted');
      sheet.getRange('C3').hyperlink = { address: 'https://example.com/', textToDisplay: 't2' };
      sheet.getRange('B2:B5').dataValidation.rule = { list: { inCellDropDown: true, source: '1,2' } };
      const rule = sheet.getRange('B2:B5').conditionalFormats.add('CellValue');
      rule.cellValue.format.fill.color = '#FF0000';
      rule.cellValue.rule = { formula1: '3', operator: 'LessThan' };
      await context.sync();
    });
    const seen = (): Promise<unknown> => excel.run(async (context) => {
      const sheet = context.workbook.worksheets.getItem('Moving');
      const used = sheet.getUsedRange(true);
      used.load('values,rowIndex,columnIndex');
      sheet.comments.load('items/content');
      const formats = sheet.getRange('A1:Z50').conditionalFormats;
      formats.load('items/type');
      await context.sync();
      const at = [...sheet.comments.items.map((c) => c.getLocation()), ...formats.items.map((f) => f.getRange())];
      for (const range of at) range.load('address');
      const of = (text: unknown): [number, number] => { const row = used.values.findIndex((l) => l.includes(text)); return row < 0 ? [40, 20] : [used.rowIndex + row, used.columnIndex + used.values[row]!.indexOf(text)]; };
      const [link, note] = [sheet.getCell(...of('t2')), sheet.notes.getItemOrNullObject(`${String.fromCharCode(65 + of('t3')[1])}${of('t3')[0] + 1}`)];
      link.load('hyperlink');
      note.load('content');
      const column = of('t1')[1] - 1;
      const lists = [of('t0'), of('t1'), of('t4'), of('t5')].map(([row]) => { const v = sheet.getCell(row, column).dataValidation; v.load('type'); return v; });
      await context.sync();
      return [...at.map((r) => r.address.split('!').at(-1)), link.hyperlink?.address, note.isNullObject ? '' : note.content, ...lists.map((l) => l.type)];
    });
    const change = async (address: string, how: 'Down' | 'Right' | 'Up' | 'Left'): Promise<unknown> => {
      await excel.run(async (context) => { const range = context.workbook.worksheets.getItem('Moving').getRange(address); if (how === 'Down' || how === 'Right') range.insert(how); else range.delete(how); await context.sync(); });
      await host.idle();
      return seen();
    };
    const rest = ['https://example.com/', 'noted', 'None', 'List', 'List', 'None'];
    assert.deepEqual(await seen(), ['B3', 'B2:B5', ...rest]);
    assert.deepEqual(await change('1:2', 'Down'), ['B5', 'B4:B7', ...rest]);
    assert.deepEqual(await change('A:A', 'Right'), ['C5', 'C4:C7', ...rest]);
    assert.deepEqual(await change('1:1', 'Up'), ['C4', 'C3:C6', ...rest]);
    assert.deepEqual(await change('A:A', 'Left'), ['B4', 'B3:B6', ...rest]);
    // In the middle of an area it grows; what hangs at a deleted row is gone with it.
    assert.deepEqual((await change('5:5', 'Down') as string[]).slice(0, 2), ['B4', 'B3:B7']);
    assert.deepEqual((await change('4:4', 'Up') as string[])[0], 'B3:B6');
  });
});
