import assert from 'node:assert/strict';
import type { Headless } from '../../addin/workbench/headless.ts';
import { savedBook } from '../../addin/workbench/saving.ts';
import { headless } from '../support/headless.ts';

const codeOf = async (work: Promise<unknown>): Promise<string> => work.then(() => 'nothing was refused', (e: { code?: string }) => e.code ?? String(e));
type Run = <T>(work: (context: Excel.RequestContext, sheet: Excel.Worksheet) => Promise<T>) => Promise<T>;

/** Tables, names, rules, remarks, events, protection, and what a workbook keeps. */
describe('the host: objects of a workbook', function () {
  this.timeout(180_000);
  let host: Headless;
  let count = 0;
  before(async () => { host = await headless(); });
  after(() => host?.stop());
  const runOn = (h: Headless): Run => (work) => (h.Excel as unknown as typeof Excel).run(async (context) => {
    count += 1;
    const sheet = context.workbook.worksheets.add(`Book${count}`);
    await context.sync();
    return work(context, sheet);
  });
  const run: Run = (work) => runOn(host)(work);
  const values = async (context: Excel.RequestContext, range: Excel.Range): Promise<unknown[][]> => { range.load('values'); await context.sync(); return range.values; };
  /** Handlers run after the sync that told them; inside a run the host is not idle. */
  const told = async (): Promise<void> => { do await new Promise((resolve) => { setTimeout(resolve, 0); }); while (host.book.pending()); };
  const goods = [['SKU', 'Qty', 'Shop'], ['a', 3, 'x'], ['b', 1, 'y'], ['c', 2, 'x']];

  it('formulas are worked out before values are read, also when the thread was held after a change', () => run(async (context, sheet) => {
    sheet.getRange('A1:B1').formulas = [['=C1*2', '=A1+1']];
    await context.sync();
    for (const n of [3, 4, 5]) {
      sheet.getRange('C1').values = [[n]];
      const asked = values(context, sheet.getRange('A1:B1'));
      for (const after of [0, 1, 2, 5, 20]) setTimeout(() => { const until = performance.now() + 150; while (performance.now() < until); }, after);
      assert.deepEqual(await asked, [[n * 2, n * 2 + 1]]);
    }
  }));

  describe('tables', () => {
    it('are made over a range, renamed, referred to by their columns in any case', () => run(async (context, sheet) => {
      sheet.getRange('A1:C4').values = goods;
      const table = sheet.tables.add('A1:C4', true);
      table.name = 'Goods';
      sheet.getRange('E1').formulas = [['=SUM(Goods[Qty])']];
      const column = table.columns.getItem('qty').getDataBodyRange();
      column.load('values');
      const whole = sheet.getRange('Goods[#All]');
      whole.load('address');
      assert.deepEqual(await values(context, sheet.getRange('E1')), [[6]]);
      assert.deepEqual(column.values, [[3], [1], [2]]);
      assert.match(whole.address, /A1:C4/);
      for (const name of ['T1', 'a b', '1a', 'R1C1']) { table.name = name; assert.equal(await codeOf(context.sync()), 'InvalidArgument', name); }
      sheet.tables.add('B2:D9', true);
      assert.equal(await codeOf(context.sync()), 'InvalidArgument');
    }));
    it('rows are added, changed, deleted; the sum follows; other cells below move down', () => run(async (context, sheet) => {
      sheet.getRange('A1:C4').values = goods;
      sheet.getRange('A6').values = [['below']];
      const table = sheet.tables.add('A1:C4', true);
      table.name = 'Rows';
      sheet.getRange('E1').formulas = [['=SUM(Rows[Qty])']];
      await context.sync();
      table.rows.add(undefined, [['d', 10, 'z'], ['e', 20, 'z']]);
      table.rows.add(0, [['first', 100, 'z']]);
      table.rows.getItemAt(1).values = [['a', 4, 'x']];
      table.rows.load('count');
      await context.sync();
      assert.equal(table.rows.count, 6);
      assert.deepEqual(await values(context, sheet.getRange('E1')), [[137]]);
      assert.deepEqual(await values(context, sheet.getRange('A9')), [['below']]);
      table.rows.deleteRowsAt(4, 2);
      await context.sync();
      assert.deepEqual(await values(context, table.getDataBodyRange()), [['first', 100, 'z'], ['a', 4, 'x'], ['b', 1, 'y'], ['c', 2, 'x']]);
      assert.deepEqual(await values(context, sheet.getRange('E1')), [[107]]);
      assert.deepEqual(await values(context, sheet.getRange('A7')), [['below']]);
      table.rows.add(undefined, [['too', 'few']]);
      assert.equal(await codeOf(context.sync()), 'InvalidArgument');
    }));
    it('columns, totals, sort, filter with its visible view, resize, back to a range', () => run(async (context, sheet) => {
      sheet.getRange('A1:C4').values = goods;
      const table = sheet.tables.add('A1:C4', true);
      await context.sync();
      table.columns.add(undefined, [['Half'], ['=B2/2'], ['=B3/2'], ['=B4/2']] as never);
      table.sort.apply([{ key: 1, ascending: false }]);
      await context.sync();
      assert.deepEqual(await values(context, table.getRange()), [['SKU', 'Qty', 'Shop', 'Half'], ['a', 3, 'x', 1.5], ['c', 2, 'x', 1], ['b', 1, 'y', 0.5]]);
      table.columns.getItem('Shop').filter.applyValuesFilter(['x']);
      const view = table.getDataBodyRange().getVisibleView();
      view.load('values,rowCount');
      await context.sync();
      assert.deepEqual([view.rowCount, view.values.map((r) => r[0])], [2, ['a', 'c']]);
      table.clearFilters();
      table.columns.getItem('Qty').filter.applyCustomFilter('>1', '<3', 'And');
      const two = table.getDataBodyRange().getVisibleView();
      two.load('values');
      await context.sync();
      assert.deepEqual(two.values.map((r) => r[0]), ['c']);
      table.clearFilters();
      table.showTotals = true;
      await context.sync();
      assert.deepEqual(await values(context, table.getTotalRowRange()), [['Total', '', '', 3]]);
      table.showTotals = false;
      table.resize('A1:D6');
      const range = table.getRange();
      range.load('address');
      await context.sync();
      assert.match(range.address, /A1:D6/);
      table.convertToRange();
      sheet.tables.load('count');
      await context.sync();
      assert.equal(sheet.tables.count, 0);
    }));
  });

  describe('names, rules, looks by rule', () => {
    it('names of the workbook and of a sheet, constants, formulas that use them', () => run(async (context, sheet) => {
      sheet.getRange('A1:A2').values = [[2], [3]];
      context.workbook.names.add('Both', sheet.getRange('A1:A2'));
      sheet.names.add('Rate', 0.5 as never);
      sheet.getRange('B1').formulas = [['=SUM(Both)']];
      const item = context.workbook.names.getItem('BOTH');
      item.load('name,type,value,scope,visible');
      const place = item.getRange();
      place.load('address');
      await context.sync();
      assert.deepEqual([item.name, item.type, item.scope, item.visible], ['Both', 'Range', 'Workbook', true]);
      assert.match(place.address, /A1:A2/);
      assert.deepEqual(await values(context, sheet.getRange('B1')), [[5]]);
      context.workbook.names.add('Both', sheet.getRange('A1'));
      assert.equal(await codeOf(context.sync()), 'ItemAlreadyExists');
      item.delete();
      const none = context.workbook.names.getItemOrNullObject('Both');
      await context.sync();
      assert.equal(none.isNullObject, true);
    }));
    it('validation: lists, numbers, alerts; invalid cells are found; clearing a part leaves the rest', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1:A4');
      range.dataValidation.rule = { list: { inCellDropDown: true, source: '是,否' } };
      range.dataValidation.errorAlert = { message: '选 是 或 否', title: '审单', style: 'Stop', showAlert: true };
      sheet.getRange('B1:B2').dataValidation.rule = { wholeNumber: { formula1: 1, formula2: 10, operator: 'Between' } };
      range.values = [['是'], ['也许'], [''], ['否']];
      sheet.getRange('B1:B2').values = [[5], [50]];
      range.dataValidation.load('type,rule,errorAlert,valid');
      const wrong = sheet.getRange('A1:B4').dataValidation.getInvalidCells();
      wrong.load('address');
      await context.sync();
      assert.deepEqual([range.dataValidation.type, range.dataValidation.rule, range.dataValidation.valid, range.dataValidation.errorAlert.message], ['List', { list: { source: '是,否', inCellDropDown: true } }, false, '选 是 或 否']);
      assert.deepEqual(wrong.address.replaceAll(/Book\d+!/g, ''), 'A2,B2');
      sheet.getRange('A2:A3').dataValidation.clear();
      const left = { top: sheet.getRange('A1').dataValidation, cleared: sheet.getRange('A2').dataValidation, bottom: sheet.getRange('A4').dataValidation };
      for (const v of Object.values(left)) v.load('type');
      await context.sync();
      assert.deepEqual([left.top.type, left.cleared.type, left.bottom.type], ['List', 'None', 'List']);
    }));
    it('conditional formats: made, read, changed, deleted', () => run(async (context, sheet) => {
      const range = sheet.getRange('A1:A10');
      const low = range.conditionalFormats.add('CellValue' as never);
      low.cellValue.format.fill.color = '#FBD5D0';
      low.cellValue.rule = { formula1: '10', operator: 'LessThan' };
      const own = range.conditionalFormats.add('Custom' as never);
      own.custom.rule.formula = '=A1>100';
      own.custom.format.font.color = '#8E1F12';
      range.conditionalFormats.load('items/type,items/id');
      low.cellValue.load('rule,format/fill/color');
      await context.sync();
      assert.deepEqual(range.conditionalFormats.items.map((f) => f.type), ['CellValue', 'Custom']);
      assert.deepEqual([low.cellValue.rule, low.cellValue.format.fill.color], [{ formula1: '10', operator: 'LessThan' }, '#FBD5D0']);
      own.delete();
      const left = range.conditionalFormats.getCount();
      await context.sync();
      assert.equal(left.value, 1);
    }));
  });

  describe('events', () => {
    it('a change tells where, by whom, and the values of a single cell; several cells have no details; handlers end', () => run(async (context, sheet) => {
      const seen: Excel.WorksheetChangedEventArgs[] = [];
      const handler = sheet.onChanged.add(async (e) => { seen.push(e); });
      await context.sync();
      sheet.getRange('A1').values = [[1]];
      await context.sync();
      sheet.getRange('A1:B2').values = [[2, 3], [4, 5]];
      await context.sync();
      await told();
      assert.deepEqual(seen.map((e) => [e.address, e.changeType, e.source, e.triggerSource, e.details?.valueBefore, e.details?.valueAfter]), [['A1', 'RangeEdited', 'Local', 'ThisLocalAddin', '', 1], ['A1:B2', 'RangeEdited', 'Local', 'ThisLocalAddin', undefined, undefined]]);
      context.runtime.enableEvents = false;
      sheet.getRange('A1').values = [[9]];
      context.runtime.enableEvents = true;
      sheet.getRange('5:6').insert('Down');
      await context.sync();
      await told();
      assert.deepEqual(seen.slice(2).map((e) => e.changeType), ['RowInserted']);
      handler.remove();
      await handler.context.sync();
      sheet.getRange('A1').values = [[10]];
      await context.sync();
      await told();
      assert.equal(seen.length, 3);
    }));
    it('sheets are added, renamed, activated, deleted; rows are sorted; selection is told', () => run(async (context, sheet) => {
      const seen: string[] = [];
      const { worksheets } = context.workbook;
      worksheets.onAdded.add(async (e) => { seen.push(e.type); });
      worksheets.onNameChanged.add(async (e) => { seen.push(`${e.nameBefore}→${e.nameAfter}`); });
      worksheets.onActivated.add(async (e) => { seen.push(e.type); });
      worksheets.onDeleted.add(async (e) => { seen.push(e.type); });
      sheet.onRowSorted.add(async (e) => { seen.push(`${e.type} ${e.address}`); });
      sheet.onSelectionChanged.add(async (e) => { seen.push(`${e.type} ${e.address}`); });
      await context.sync();
      const other = worksheets.add(`Other${count}`);
      other.name = `Named${count}`;
      other.activate();
      await context.sync();
      sheet.getRange('A1:A2').values = [[2], [1]];
      sheet.getRange('A1:A2').sort.apply([{ key: 0, ascending: true }]);
      sheet.activate();
      sheet.getRange('B2:C3').select();
      other.delete();
      await context.sync();
      await told();
      assert.deepEqual(seen, ['WorksheetAdded', `Other${count}→Named${count}`, 'WorksheetActivated', 'WorksheetRowSorted A1:A2', 'WorksheetActivated', 'WorksheetSelectionChanged B2:C3', 'WorksheetDeleted']);
    }));
  });

  describe('remarks, protection, panes', () => {
    it('notes and comments with replies', () => run(async (context, sheet) => {
      sheet.notes.add('B2', '12 箱不是数字');
      const comment = context.workbook.comments.add(sheet.getRange('C3'), '为什么？');
      comment.replies.add('因为缺货');
      sheet.notes.load('items/content');
      comment.load('content,resolved,replies/items/content');
      await context.sync();
      assert.deepEqual(sheet.notes.items.map((n) => n.content), ['12 箱不是数字']);
      assert.deepEqual([comment.content, comment.replies.items.map((r) => r.content)], ['为什么？', ['因为缺货']]);
      sheet.notes.getItem('B2').delete();
      const left = sheet.notes.getCount();
      await context.sync();
      assert.equal(left.value, 0);
    }));
    it('a picture has the size of its file, a place in points, words for those who do not see it', () => run(async (context, sheet) => {
      const png = Buffer.alloc(40);
      Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(png);
      png.writeUInt32BE(400, 16);
      png.writeUInt32BE(200, 20);
      const shape = sheet.shapes.addImage(png.toString('base64'));
      shape.set({ left: 12, top: 30, altTextDescription: '利润走势' });
      shape.load('left,top,width,height,altTextDescription,type');
      await context.sync();
      assert.deepEqual([shape.left, shape.top, shape.width, shape.height, shape.altTextDescription, shape.type], [12, 30, 300, 150, '利润走势', 'Image']);
      assert.equal(host.book.extras.pictures.length, 1);
      shape.delete();
      const left = sheet.shapes.getCount();
      await context.sync();
      assert.equal(left.value, 0);
    }));
    it('a protected sheet takes writes only where it is unlocked', () => run(async (context, sheet) => {
      sheet.getRange('B2:B4').format.protection.locked = false;
      sheet.protection.protect({ allowSort: true }, 'secret');
      await context.sync();
      sheet.getRange('B3').values = [[1]];
      await context.sync();
      sheet.getRange('A1').values = [[1]];
      assert.equal(await codeOf(context.sync()), 'AccessDenied');
      sheet.protection.unprotect('wrong');
      assert.equal(await codeOf(context.sync()), 'AccessDenied');
      sheet.protection.unprotect('secret');
      sheet.getRange('A1').values = [[1]];
      await context.sync();
      assert.deepEqual(await values(context, sheet.getRange('A1')), [[1]]);
    }));
    it('freezes, hides, copies a sheet with its place', () => run(async (context, sheet) => {
      sheet.getRange('A1:B2').values = [[1, 2], [3, 4]];
      sheet.freezePanes.freezeAt(sheet.getRange('A1:B1'));
      const frozen = sheet.freezePanes.getLocation();
      frozen.load('address');
      sheet.getRange('2:2').rowHidden = true;
      const range = sheet.getRange('A1:A2');
      range.load('rowHidden');
      const copy = sheet.copy('After', sheet);
      copy.load('name,position');
      sheet.load('position');
      await context.sync();
      assert.match(frozen.address, /A1:B1/);
      assert.equal(range.rowHidden, null);
      assert.deepEqual([copy.name, copy.position], [`Book${count} (2)`, sheet.position + 1]);
      assert.deepEqual(await values(context, copy.getRange('A1:B2')), [[1, 2], [3, 4]]);
    }));
  });

  it('what a workbook keeps survives saving and opening: cells, tables, filters, names, rules, settings, XML parts', async () => {
    const first = await headless();
    let saved: { book: unknown; extras: unknown };
    try {
      await runOn(first)(async (context, sheet) => {
        sheet.name = 'Kept';
        sheet.getRange('A1:C4').values = goods;
        sheet.getRange('A1:C4').format.font.bold = true;
        sheet.tables.add('A1:C4', true).name = 'KeptTable';
        sheet.getRange('E1').formulas = [['=SUM(KeptTable[Qty])']];
        context.workbook.names.add('KeptName', sheet.getRange('B2'));
        sheet.getRange('A2:A4').dataValidation.rule = { list: { inCellDropDown: true, source: 'a,b,c' } };
        sheet.getRange('B2:B4').conditionalFormats.add('CellValue' as never).cellValue.rule = { formula1: '2', operator: 'GreaterThan' };
        context.workbook.settings.add('drafts', { a: [1, '草稿'] });
        context.workbook.customXmlParts.add('<drafts xmlns="urn:suanpan:drafts"><d id="1"/></drafts>');
        sheet.customProperties.add('role', 'orders');
        sheet.notes.add('C2', 'note');
        await context.sync();
      });
      const whole = JSON.parse(JSON.stringify({ book: first.grid.snapshot(), extras: first.book.extras })) as typeof saved;
      // As the page saves it: in pieces; what changes between two of them spoils it.
      const blob = await savedBook(first.grid, { revision: 0, extras: first.book.extras }, true);
      saved = (JSON.parse(await blob!.text()) as { snapshot: typeof saved }).snapshot;
      assert.deepEqual(saved, whole);
      const changing = { changes: 0, *snapshotPieces() { for (;;) { changing.changes += 1; yield ' '; } } };
      assert.equal(await savedBook(changing, { revision: 0, extras: {} }, true), undefined);
      const before = first.grid.changes;
      await (first.Excel as unknown as typeof Excel).run(async (context) => { context.workbook.worksheets.getItem('kept').getRange('H1').values = [['late']]; await context.sync(); });
      assert.ok(first.grid.changes > before);
    } finally {
      first.stop();
    }
    const second = await headless({ snapshot: saved.book, extras: saved.extras as never });
    try {
      await (second.Excel as unknown as typeof Excel).run(async (context) => {
        const sheet = context.workbook.worksheets.getItem('kept');
        const table = sheet.tables.getItem('KeptTable');
        table.columns.load('items/name');
        const name = context.workbook.names.getItem('KeptName').getRange();
        name.load('values');
        const rule = sheet.getRange('A3').dataValidation;
        rule.load('type');
        const looks = sheet.getRange('B3').conditionalFormats;
        looks.load('items/type');
        const setting = context.workbook.settings.getItem('drafts');
        setting.load('value');
        const xml = context.workbook.customXmlParts.getByNamespace('urn:suanpan:drafts').getOnlyItem().getXml();
        const role = sheet.customProperties.getItem('ROLE');
        role.load('value');
        const bold = sheet.getRange('A1:C4').format.font;
        bold.load('bold');
        sheet.notes.load('items/content');
        sheet.getRange('B2').values = [[30]];
        await context.sync();
        assert.deepEqual([table.columns.items.map((c) => c.name), name.values, rule.type, looks.items.map((l) => l.type), setting.value, role.value, bold.bold, sheet.notes.items.map((n) => n.content)], [['SKU', 'Qty', 'Shop'], [[3]], 'List', ['CellValue'], { a: [1, '草稿'] }, 'orders', true, ['note']]);
        assert.match(xml.value, /<d id="1"\/>/);
        assert.deepEqual(await values(context, sheet.getRange('E1')), [[33]]);
      });
    } finally {
      second.stop();
    }
  });
  it('ten thousand single writes of one sync are one change of the grid', () => run(async (context, sheet) => {
    const sizes: number[] = [];
    const { write } = host.grid;
    host.grid.write = (...args) => { sizes.push(args[1].size); write.call(host.grid, ...args); };
    try {
      for (let r = 0; r < 2_000; r += 1) for (let c = 0; c < 5; c += 1) sheet.getCell(r, c).values = [[r * c]];
      await context.sync();
    } finally {
      host.grid.write = write;
    }
    assert.deepEqual(sizes, [2_000]);
    assert.deepEqual(await values(context, sheet.getRange('E2000')), [[7_996]]);
  }));
});
