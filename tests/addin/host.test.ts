import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Headless } from '../../addin/workbench/headless.ts';
import { headless } from '../support/headless.ts';

type Run = <T>(work: (context: Excel.RequestContext, sheet: Excel.Worksheet) => Promise<T>) => Promise<T>;
const codeOf = async (work: Promise<unknown>): Promise<string> => work.then(() => 'nothing was refused', (e: { code?: string }) => e.code ?? String(e));

/** Excel's object model as its documentation tells it, without a page. */
describe('the host: Office.js over the grid', function () {
  this.timeout(180_000);
  let host: Headless;
  let saves = 0;
  let sheets = 0;
  before(async () => { host = await headless({ saved: () => { saves += 1; } }); });
  after(() => host?.stop());
  const excel = (): typeof Excel => host.Excel as unknown as typeof Excel;
  /** Each test has a sheet of its own. */
  const run: Run = (work) => excel().run(async (context) => {
    sheets += 1;
    const sheet = context.workbook.worksheets.add(`Host${sheets}`);
    await context.sync();
    return work(context, sheet);
  });
  const read = async (context: Excel.RequestContext, range: Excel.Range, what: 'values' | 'formulas' | 'text' | 'numberFormat' | 'valueTypes' = 'values'): Promise<unknown[][]> => {
    range.load(what);
    await context.sync();
    return range[what];
  };

  describe('loading', () => {
    it('a property is there only after load and sync, in every form of load', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1:B2');
      assert.throws(() => range.values, { code: 'PropertyNotLoaded' });
      range.load('values,address');
      assert.throws(() => range.values, { code: 'PropertyNotLoaded' });
      range.load(['rowCount', 'format/fill/color']);
      range.load({ columnCount: true, format: { font: { bold: true } } });
      await context.sync();
      assert.deepEqual([range.values, range.rowCount, range.columnCount, range.format.fill.color, range.format.font.bold], [[['', ''], ['', '']], 2, 2, '#FFFFFF', false]);
      assert.match(range.address, /^Host\d+!A1:B2$/);
      assert.throws(() => range.text, { code: 'PropertyNotLoaded' });
    }));
    it('collections: items, items/name, one name for all items, nested', () => run(async (context, sheet) => {
      sheet.getRange('A1:B2').values = [['k', 'v'], [1, 2]];
      sheet.tables.add('A1:B2', true).name = `List_${sheets}`;
      const { worksheets } = context.workbook;
      worksheets.load('items/name');
      sheet.tables.load('items/name,items/columns/items/name');
      await context.sync();
      assert.ok(worksheets.items.some((s) => s.name === `Host${sheets}`));
      assert.throws(() => worksheets.items[0]!.visibility, { code: 'PropertyNotLoaded' });
      assert.deepEqual(sheet.tables.items[0]!.columns.items.map((c) => c.name), ['k', 'v']);
    }));
    it('null objects say so after a sync; what is not there is ItemNotFound', () => run(async (context, sheet) => {
      const none = context.workbook.worksheets.getItemOrNullObject('no such');
      assert.throws(() => none.isNullObject, { code: 'PropertyNotLoaded' });
      const used = sheet.getUsedRangeOrNullObject(true);
      none.load('name');
      await context.sync();
      assert.deepEqual([none.isNullObject, used.isNullObject], [true, true]);
      context.workbook.worksheets.getItem('no such');
      assert.equal(await codeOf(context.sync()), 'ItemNotFound');
    }));
    it('a member that is not there refuses with its name', () => run(async (_context, sheet) => {
      assert.throws(() => (sheet as unknown as { pivotTables: unknown }).pivotTables, { code: 'NotImplemented', message: /Worksheet\.pivotTables/ });
      assert.throws(() => { (sheet.getRange('A1').format as { shrinkToFit: boolean }).shrinkToFit = true; }, { code: 'NotImplemented', message: /RangeFormat\.shrinkToFit/ });
      assert.throws(() => (host.Excel as { createWorkbook: unknown }).createWorkbook, { message: /Excel\.createWorkbook/ });
    }));
    it('ranges of a run that has ended cannot be used', async () => {
      const kept = await run(async (_c, sheet) => sheet.getRange('A1'));
      assert.throws(() => kept.load('values'), { code: 'InvalidObjectPath' });
    });
  });

  describe('values as Excel reads them', () => {
    const cases: readonly (readonly [unknown, unknown, string])[] = [
      ['$120', 120, '$#,##0'], ['¥1,234.50', 1234.5, '¥#,##0.00'], ['1/1/2017', 42_736, 'm/d/yyyy'], ['2026-11-23', 46_349, 'yyyy/m/d'], ['2026-11-23 08:30', 46_349 + 8.5 / 24, 'm/d/yyyy h:mm'], ['13:05', 13 / 24 + 5 / 1440, 'h:mm'], ['50%', 0.5, '0%'], ['12.5%', 0.125, '0.00%'],
      ['TRUE', true, 'General'], ['false', false, 'General'], ['1e3', 1000, '0.00E+00'], ['1,234', 1234, '#,##0'], ['(5)', -5, 'General'], ['1234567890123456789', 1_234_567_890_123_460_000, 'General'], ["'00123", '00123', 'General'], ["'=1+1", '=1+1', 'General'], ['2/30/2026', '2/30/2026', 'General'], ['abc', 'abc', 'General'], ['1.2.3', '1.2.3', 'General'], [7, 7, 'General'], [true, true, 'General'],
    ];
    it('amounts, shares, dates, times, truths, long numbers, apostrophes', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1').getResizedRange(cases.length - 1, 0);
      range.values = cases.map(([written]) => [written as string]);
      range.load('values,numberFormat');
      await context.sync();
      cases.forEach(([written, value, format], i) => {
        const got: unknown = range.values[i]![0];
        if (typeof value === 'number' && !Number.isInteger(value)) assert.ok(Math.abs((got as number) - value) < 1e-9, `${String(written)} reads ${String(got)}`);
        else assert.equal(got, value, String(written));
        assert.equal(range.numberFormat[i]![0], format, String(written));
      });
    }));
    it('a cell of format @ keeps text as it is; blank is an empty text; null leaves, an empty text clears', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1:A3');
      range.numberFormat = [['@'], ['@'], ['General']];
      range.values = [['123456789012345678'], ['=1+1'], ['x']];
      await context.sync();
      range.values = [[null as never], [''], [null as never]];
      assert.deepEqual(await read(context, range), [['123456789012345678'], [''], ['x']]);
      assert.deepEqual(await read(context, range, 'valueTypes'), [['String'], ['Empty'], ['String']]);
    }));
    it('whatever text is written under @ or an apostrophe comes back as it was (never a formula)', () => run(async (context, sheet) => {
      await fc.assert(fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 12 }).map((s) => `=+-@'`.charAt(s.length % 5) + s), { minLength: 1, maxLength: 20 }), async (texts) => {
        const range = sheet.getRange('C1').getResizedRange(texts.length - 1, 0);
        range.numberFormat = [['@']];
        range.values = texts.map((t) => [t]);
        const quoted = sheet.getRange('E1').getResizedRange(texts.length - 1, 0);
        quoted.values = texts.map((t) => [`'${t}`]);
        range.load('values');
        quoted.load('values');
        await context.sync();
        assert.deepEqual(range.values.flat(), texts);
        assert.deepEqual(quoted.values.flat(), texts);
        sheet.getRange('C:F').clear();
        await context.sync();
      }), { numRuns: 15 });
    }));
    it('text is what is shown', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1:F1');
      range.numberFormat = [['#,##0.00', '0.0%', 'yyyy-mm-dd', 'h:mm AM/PM', '#,##0;[Red]-#,##0', '0"件"']];
      range.values = [[1234.5, 0.123, 46_349, 0.75, -1200, 3]];
      assert.deepEqual(await read(context, range, 'text'), [['1,234.50', '12.3%', '2026-11-23', '6:00 PM', '-1,200', '3件']]);
    }));
  });

  describe('limits', () => {
    it('a matrix of another size, an end-less write, a text too long, a name too long', () => run(async (context, sheet) => {
      sheet.getRange('A1:B2').values = [[1, 2]];
      assert.equal(await codeOf(context.sync()), 'InvalidArgument');
      sheet.getRange('A:A').values = [[1]];
      assert.equal(await codeOf(context.sync()), 'InvalidArgument');
      sheet.getRange('A1').values = [['x'.repeat(32_768)]];
      assert.equal(await codeOf(context.sync()), 'InvalidArgument');
      for (const name of ['x'.repeat(32), 'a/b', '', "'a"]) {
        context.workbook.worksheets.add(name);
        assert.equal(await codeOf(context.sync()), 'InvalidArgument', name);
      }
      context.workbook.worksheets.add('HOST1');
      assert.equal(await codeOf(context.sync()), 'ItemAlreadyExists');
      const column = sheet.getRange('B:B');
      column.load('values');
      await context.sync();
      assert.equal(column.values, null);
    }));
    it('5 MB a request, 5 MB an answer', () => run(async (context, sheet) => {
      const text = 'x'.repeat(30_000);
      sheet.getRange('A1').getResizedRange(179, 0).values = Array.from({ length: 180 }, () => [text]);
      assert.equal(await codeOf(context.sync()), 'RequestPayloadSizeLimitExceeded');
      for (const from of [0, 90]) {
        sheet.getRangeByIndexes(from, 0, 90, 1).values = Array.from({ length: 90 }, () => [text]);
        await context.sync();
      }
      const all = sheet.getRange('A1:A180');
      all.load('values');
      assert.equal(await codeOf(context.sync()), 'ResponsePayloadSizeLimitExceeded');
    }));
  });

  describe('ranges', () => {
    it('R1C1, neighbours, intersections, used ranges, edges', () => run(async (context, sheet) => {
      sheet.getRange('B2:D4').values = [[1, 2, 3], [4, 5, 6], ['', 8, 9]];
      sheet.getRange('E2:E4').formulasR1C1 = [['=SUM(RC[-3]:RC[-1])'], ['=R2C2+RC[-1]'], ['=R[-1]C']];
      const where = { used: sheet.getUsedRange(), cell: sheet.getRange('B2').getSurroundingRegion(), edge: sheet.getRange('C2').getRangeEdge('Down'), cut: sheet.getRange('A1:C3').getIntersection('C3:Z9'), none: sheet.getRange('A1').getIntersectionOrNullObject('B2'), below: sheet.getRange('B2:D2').getRowsBelow(2), right: sheet.getRange('B2:B4').getColumnsAfter(1), last: sheet.getRange('B2:D4').getLastCell(), whole: sheet.getRange('C3').getEntireRow(), both: sheet.getRange('A1').getBoundingRect('C3') };
      for (const r of Object.values(where)) r.load('address');
      const formulas = sheet.getRange('E2:E4');
      formulas.load('formulas,formulasR1C1,values');
      await context.sync();
      assert.deepEqual(formulas.formulas, [['=SUM(B2:D2)'], ['=$B$2+D3'], ['=E3']]);
      assert.deepEqual(formulas.formulasR1C1, [['=SUM(RC[-3]:RC[-1])'], ['=R2C2+RC[-1]'], ['=R[-1]C']]);
      assert.deepEqual(formulas.values, [[6], [7], [7]]);
      const local = (r: Excel.Range): string => r.address.split('!')[1]!;
      assert.deepEqual([where.used, where.cell, where.edge, where.cut, where.below, where.right, where.last, where.whole, where.both].map(local), ['B2:E4', 'B2:E4', 'C4', 'C3', 'B3:D4', 'C2:C4', 'D4', '3:3', 'A1:C3']);
      assert.equal(where.none.isNullObject, true);
    }));
    it('special cells, find, replace, duplicates', () => run(async (context, sheet) => {
      sheet.getRange('A1:B5').values = [['k', 'v'], ['a', 1], ['b', '=B2+1'], ['A', 1], ['c', '']];
      await context.sync();
      const constants = sheet.getRange('A1:B5').getSpecialCells('Constants', 'Numbers');
      const blanks = sheet.getRange('A1:B5').getSpecialCells('Blanks');
      const formulas = sheet.getRange('A1:B5').getSpecialCellsOrNullObject('Formulas');
      const none = sheet.getRange('A1:A5').getSpecialCellsOrNullObject('Formulas');
      for (const r of [constants, blanks, formulas, none]) r.load('address');
      const found = sheet.getRange('A:A').find('B', { completeMatch: true });
      found.load('address');
      await context.sync();
      assert.deepEqual([constants, blanks, formulas].map((r) => r.address.replaceAll(/Host\d+!/g, '')), ['B2,B4', 'B5', 'B3']);
      assert.equal(none.isNullObject, true);
      assert.match(found.address, /!A3$/);
      const count = sheet.getRange('A1:B5').replaceAll('a', 'z', {});
      await context.sync();
      assert.equal(count.value, 2);
      const removed = sheet.getRange('A1:B5').removeDuplicates([0, 1], true);
      removed.load('removed,uniqueRemaining');
      await context.sync();
      assert.deepEqual([removed.removed, removed.uniqueRemaining], [1, 3]);
    }));
    it('copies with moving formulas, values only, transposed, repeated', () => run(async (context, sheet) => {
      sheet.getRange('A1:B2').values = [[1, '=A1*10'], [2, '=A2*10']];
      sheet.getRange('D1').copyFrom('A1:B2');
      sheet.getRange('G1').copyFrom('A1:B2', 'Values', false, true);
      sheet.getRange('A5:A8').copyFrom('A1:A2');
      await context.sync();
      assert.deepEqual(await read(context, sheet.getRange('D1:E2'), 'formulas'), [[1, '=D1*10'], [2, '=D2*10']]);
      assert.deepEqual(await read(context, sheet.getRange('G1:H2'), 'formulas'), [[1, 2], [10, 20]]);
      assert.deepEqual(await read(context, sheet.getRange('A5:A8')), [[1], [2], [1], [2]]);
    }));
    it('inserts and deletes with shift; formulas elsewhere follow', () => run(async (context, sheet) => {
      sheet.getRange('A1:B3').values = [['a', 1], ['b', 2], ['c', 3]];
      sheet.getRange('D1').formulas = [['=SUM(B1:B3)']];
      await context.sync();
      sheet.getRange('A2:B2').insert('Down').values = [['new', 10]];
      await context.sync();
      assert.deepEqual(await read(context, sheet.getRange('A1:B4')), [['a', 1], ['new', 10], ['b', 2], ['c', 3]]);
      assert.deepEqual(await read(context, sheet.getRange('D1'), 'formulas'), [['=SUM(B1:B4)']]);
      sheet.getRange('3:3').delete('Up');
      await context.sync();
      assert.deepEqual(await read(context, sheet.getRange('A1:B3')), [['a', 1], ['new', 10], ['c', 3]]);
      assert.deepEqual(await read(context, sheet.getRange('D1')), [[14]]);
    }));
    it('formats: one for all, mixed is null, borders, widths, merges', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1:B2');
      range.format.fill.color = 'yellow';
      sheet.getRange('A1').format.font.bold = true;
      range.format.borders.getItem('EdgeBottom').style = 'Continuous';
      sheet.getRange('A:A').format.columnWidth = 90;
      sheet.getRange('C1:D2').merge();
      range.load('format/fill/color,format/font/bold,format/borders/items/style,format/borders/items/sideIndex');
      const column = sheet.getRange('A1').format;
      column.load('columnWidth');
      const merged = sheet.getRange('C1:D2').getMergedAreasOrNullObject();
      merged.load('address');
      await context.sync();
      assert.deepEqual([range.format.fill.color, range.format.font.bold, column.columnWidth], ['#FFFF00', null, 90]);
      assert.deepEqual(range.format.borders.items.filter((b) => b.style === 'Continuous').map((b) => b.sideIndex), ['EdgeBottom']);
      assert.match(merged.address, /C1:D2/);
    }));
    it('a look given to a cell leaves its formula', () => run(async (context, sheet) => {
      sheet.getRange('A1:B1').formulas = [[2, '=A1*3']];
      await context.sync();
      await read(context, sheet.getRange('B1'));
      sheet.getRange('A1:B1').format.font.bold = true;
      sheet.getRange('A1:B1').numberFormat = [['0.00', '0.00']];
      await context.sync();
      sheet.getRange('A1').values = [[5]];
      assert.deepEqual(await read(context, sheet.getRange('A1:B1')), [[5, 15]]);
      assert.deepEqual(await read(context, sheet.getRange('B1'), 'formulas'), [['=A1*3']]);
    }));
    it('sorts in Excel’s order, blanks last, formulas with their row', () => run(async (context, sheet) => {
      sheet.getRange('A1:C6').values = [['k', 'v', 'double'], ['b', 2, '=B2*2'], ['', '', ''], ['a', 10, '=B4*2'], [5, 1, '=B5*2'], ['C', 7, '=B6*2']];
      sheet.getRange('A1:C6').sort.apply([{ key: 0, ascending: true }], false, true);
      await context.sync();
      assert.deepEqual(await read(context, sheet.getRange('A2:C6')), [[5, 1, 2], ['a', 10, 20], ['b', 2, 4], ['C', 7, 14], ['', '', '']]);
    }));
  });
});
