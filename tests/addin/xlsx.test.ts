import assert from 'node:assert/strict';
import ExcelJS from 'exceljs';
import { fromXlsx, toXlsx } from '../../addin/workbench/xlsx.ts';
import { headless } from '../support/headless.ts';

/** A workbook made in the workbench, as a file, as Excel's readers see it, and back. */
describe('the workbook as a file', function () {
  this.timeout(180_000);
  it('keeps what Excel shows: values, texts that look like formulas, long ids, formulas, looks, tables, lists, names, notes, panes', async () => {
    const [one, two] = [await headless(), await headless()];
    try {
      await (one.Excel as unknown as typeof Excel).run(async (context) => {
        const sheet = context.workbook.worksheets.getItem('Sheet1');
        sheet.name = '订单 1';
        sheet.getRange('A1:D1').values = [['订单号', '件数', '金额', '留言']];
        sheet.getRange('A2:A3').numberFormat = [['@'], ['@']];
        sheet.getRange('D2:D3').numberFormat = [['@'], ['@']];
        sheet.getRange('C2:C3').numberFormat = [['#,##0.00'], ['#,##0.00']];
        sheet.getRange('A2:D3').values = [['123456789012345678', 2, 30.5, '=HYPERLINK("http://x")'], ['00042', 3, 1234.56, '+86']];
        sheet.tables.add('A1:D3', true).name = 'Orders1';
        sheet.getRange('F1:F2').values = [['=SUM(Orders1[件数])'], ['2026-11-23']];
        sheet.getRange('F1').format.fill.color = '#FFF1C2';
        sheet.getRange('F1').format.font.bold = true;
        sheet.getRange('F1').format.borders.getItem('EdgeBottom').style = 'Double';
        sheet.getRange('A:A').format.columnWidth = 150;
        sheet.getRange('E:E').columnHidden = true;
        sheet.getRange('H1:I2').merge();
        sheet.getRange('B2:B3').dataValidation.rule = { list: { inCellDropDown: true, source: '1,2,3' } };
        sheet.freezePanes.freezeAt(sheet.getRange('A1'));
        sheet.notes.add('B3', '请核对');
        context.workbook.names.add('Total', sheet.getRange('F1'));
        await context.sync();
        sheet.getRange('F1').load('values');
        await context.sync();
      });
      const bytes = await toXlsx(one.grid);
      const book = new ExcelJS.Workbook();
      await book.xlsx.load(bytes);
      const page = book.getWorksheet('订单 1')!;
      assert.deepEqual([page.getCell('A2').value, page.getCell('D2').value, page.getCell('D3').value], ['123456789012345678', '=HYPERLINK("http://x")', '+86'], 'texts stay texts');
      assert.equal(page.getCell('D2').formula, undefined);
      assert.deepEqual([page.getCell('F1').formula, page.getCell('F1').result, page.getCell('C2').numFmt], ['SUM(Orders1[件数])', 5, '#,##0.00']);
      assert.deepEqual([page.getTables().length, page.views[0]?.state, page.getCell('F1').font.bold], [1, 'frozen', true]);

      const names = await fromXlsx(bytes, two.grid);
      assert.deepEqual(names, ['订单 1']);
      await (two.Excel as unknown as typeof Excel).run(async (context) => {
        const sheet = context.workbook.worksheets.getItem('订单 1');
        const range = sheet.getRange('A1:F3');
        range.load('values,formulas,numberFormat');
        const sum = sheet.getRange('F1');
        sum.load('format/fill/color,format/font/bold');
        const line = sum.format.borders.getItem('EdgeBottom');
        line.load('style');
        const table = sheet.tables.getItem('Orders1').getRange();
        table.load('address');
        const rule = sheet.getRange('B2').dataValidation;
        rule.load('type,rule');
        const name = context.workbook.names.getItem('Total').getRange();
        name.load('address');
        sheet.notes.load('items/content');
        const frozen = sheet.freezePanes.getLocation();
        frozen.load('address');
        const [width, hidden] = [sheet.getRange('A1'), sheet.getRange('E1')];
        width.load('format/columnWidth');
        hidden.load('columnHidden');
        await context.sync();
        assert.deepEqual(range.values[1]!.slice(0, 4), ['123456789012345678', 2, 30.5, '=HYPERLINK("http://x")']);
        assert.deepEqual([range.values[2]![0], range.values[0]![5], range.values[1]![5], range.formulas[0]![5]], ['00042', 5, 46_349, '=SUM(Orders1[件数])']);
        assert.deepEqual([range.numberFormat[1]![0], range.numberFormat[1]![2]], ['@', '#,##0.00']);
        assert.deepEqual([sum.format.fill.color, sum.format.font.bold, line.style], ['#FFF1C2', true, 'Double']);
        assert.match(table.address, /A1:D3/);
        assert.deepEqual([rule.type, rule.rule.list?.source], ['List', '1,2,3']);
        assert.match(name.address, /F1$/);
        assert.deepEqual(sheet.notes.items.map((n) => n.content), ['请核对']);
        assert.match(frozen.address, /A1$/);
        assert.deepEqual([width.format.columnWidth, hidden.columnHidden], [150, true]);
      });
    } finally {
      one.stop();
      two.stop();
    }
  });
});
