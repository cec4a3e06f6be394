import assert from 'node:assert/strict';
import { ExcelPort } from '../../addin/excel/excel-port.ts';
import { headless } from '../support/headless.ts';

/** One workbook: a sheet 订单 with two rows and two columns from B2, B3:C3 chosen, one setting, one XML part. */
const NAME = '订单';
const VALUES = [['单号', '件数'], ['001', 2]];
const PART = '<drafts xmlns="urn:test"><row id="1"/></drafts>';
/** Named at run time: its own types are loose. */
const { OfficeMockObject } = (await import('office-addin-mock' as string)) as { readonly OfficeMockObject: new (book: object) => object };
type Written = { readonly at: readonly number[]; readonly values: unknown };
type Side = { readonly Excel: object; readonly written: () => Promise<readonly Written[]>; readonly stop: () => void };

/**
 * The same workbook for Microsoft's mock: it knows nothing of sheets, but is strict about what is read: a property that was
 * not loaded, or not synced, reads as an error's text. Whether an object is null is known after a sync alone, so it stands there.
 */
function mocked(): Side {
  const written: Written[] = [];
  const block = (address: string) => ({ values: VALUES, formulas: VALUES, address, rowIndex: 1, columnIndex: 1, rowCount: 2, columnCount: 2, select: () => undefined });
  const context = new OfficeMockObject({
    workbook: {
      sheet: { id: 's1', name: NAME, used: block(`${NAME}!B2:C3`), block: block(`${NAME}!B2:C3`), activate: () => undefined },
      chosen: block(`${NAME}!B3:C3`), none: { name: '', id: '' }, kept: { value: 'third' }, nothing: { value: '' }, part: { id: '{1}', xml: { value: PART } },
      worksheets: { add: () => undefined }, settings: {}, customXmlParts: {},
    },
  });
  type Mock = { [name: string]: Mock } & { load(names: string): void };
  const book = (context as unknown as Mock)['workbook']!;
  for (const [name, isNull] of [['sheet', false], ['none', true], ['kept', false], ['nothing', true], ['part', false]] as const) Object.assign(book[name]!, { isNullObject: isNull });
  Object.assign(book['sheet']!['used']!, { isNullObject: false });
  Object.assign(book['sheet']!, {
    getUsedRangeOrNullObject: () => book['sheet']!['used'],
    getRangeByIndexes: (...at: number[]) => new Proxy(book['sheet']!['block']!, { set: (mock, key, values) => { if (key === 'values' && Array.isArray(values)) written.push({ at, values }); else Object.assign(mock, { [key]: values }); return true; } }),
  });
  const named = (name: string): Mock => (name === NAME ? book['sheet']! : book['none']!);
  Object.assign(book['worksheets']!, { getItem: named, getItemOrNullObject: named, getActiveWorksheet: () => book['sheet'] });
  Object.assign(book['settings']!, { getItemOrNullObject: (key: string) => (key === 'page' ? book['kept'] : book['nothing']) });
  Object.assign(book['customXmlParts']!, { getByNamespace: () => ({ getOnlyItemOrNullObject: () => book['part'] }) });
  Object.assign(book['part']!, { getXml: () => { book['part']!['xml']!.load('value'); return book['part']!['xml']; } });
  Object.assign(book, { getSelectedRange: () => book['chosen'] });
  return { Excel: { run: (...given: unknown[]) => (given.at(-1) as (c: unknown) => unknown)(context) }, written: () => Promise.resolve(written), stop: () => undefined };
}
async function hosted(): Promise<Side> {
  const host = await headless();
  const excel = host.Excel as unknown as typeof Excel;
  await excel.run(async (context) => {
    const sheet = context.workbook.worksheets.add(NAME);
    const range = sheet.getRange('B2:C3');
    sheet.getRange('B1:B20').numberFormat = '@' as never;
    range.values = VALUES;
    sheet.activate();
    sheet.getRange('B3:C3').select();
    context.workbook.settings.add('page', 'third');
    context.workbook.customXmlParts.add(PART);
    await context.sync();
  });
  return {
    Excel: host.Excel, stop: () => host.stop(),
    written: () => excel.run(async (context) => {
      const ranges = [[4, 1, 1, 2], [6, 2, 1, 1]].map((at) => ({ at, range: context.workbook.worksheets.getItem(NAME).getRangeByIndexes(at[0]!, at[1]!, at[2]!, at[3]!) }));
      for (const { range } of ranges) range.load('values');
      await context.sync();
      return ranges.map(({ at, range }) => ({ at, values: range.values as unknown }));
    }),
  };
}

for (const [name, make] of [['Microsoft’s mock', () => Promise.resolve(mocked())], ['the workbench’s host', hosted]] as const) {
  describe(`the Excel port on ${name}`, function () {
    this.timeout(60_000);
    let side: Side;
    let port: ExcelPort;
    before(async () => {
      side = await make();
      Object.assign(globalThis, { Excel: side.Excel });
      port = new ExcelPort('zh');
    });
    after(() => side?.stop());

    it('tells which sheets there are, and which is seen', async () => {
      assert.deepEqual([await port.hasSheet(NAME), await port.hasSheet('无'), await port.ensureSheet(NAME), await port.activeSheet()], [true, false, false, NAME]);
    });
    it('tells where something is, and what', async () => {
      assert.deepEqual(await port.extent(NAME), { sheet: NAME, row: 1, column: 1, rows: 2, columns: 2 });
      assert.deepEqual(await port.read(NAME), { row: 1, column: 1, values: VALUES });
      assert.deepEqual(await port.readAt({ sheet: NAME, row: 1, column: 1, rows: 2, columns: 2 }), VALUES);
      assert.deepEqual(await port.formulasAt({ sheet: NAME, row: 1, column: 1, rows: 2, columns: 2 }), VALUES);
      assert.deepEqual([...(await port.readRows(NAME, [1, 2], 1, 2))], [[1, VALUES[0]], [2, VALUES[1]]]);
    });
    it('tells what is chosen', async () => {
      assert.deepEqual(await port.selection(), { sheet: NAME, row: 2, column: 1, rows: 1, columns: 2 });
    });
    it('keeps settings and XML parts', async () => {
      assert.deepEqual([await port.setting('page'), await port.setting('none')], ['third', undefined]);
      assert.equal(await port.part('urn:test'), PART);
    });
    it('writes blocks where they belong', async () => {
      await port.write(NAME, [{ row: 4, column: 1, values: [['002', 5]] }, { row: 6, column: 2, values: [[7]] }, { row: 8, column: 1, values: [] }]);
      assert.deepEqual(await side.written(), [{ at: [4, 1, 1, 2], values: [['002', 5]] }, { at: [6, 2, 1, 1], values: [[7]] }]);
    });
  });
}
