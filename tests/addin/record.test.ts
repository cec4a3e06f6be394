import assert from 'node:assert/strict';
import type { Line } from '../../addin/workbench/headless.ts';
import { headless, headlessModule } from '../support/headless.ts';

type Host = typeof Excel;
/** A session with all that a recording must carry: sheets and tables made by us, a person between, a refusal, a handler. */
async function session(): Promise<Line[]> {
  const { recorder } = await headlessModule();
  const lines: Line[] = [];
  const { begin, record } = recorder((line) => lines.push(JSON.parse(JSON.stringify(line)) as Line));
  const host = await headless({ detailed: true, record });
  begin(host.grid, 'zh', host.book.extras, () => host.book.syncing > 0);
  const excel = host.Excel as unknown as Host;
  try {
    await excel.run(async (context) => {
      const sheet = context.workbook.worksheets.add('Orders');
      sheet.load('id,name');
      await context.sync();
      sheet.customProperties.add('role', `orders|${sheet.id}`);
      sheet.getRange('A1:C3').values = [['no', 'pieces', 'paid'], ['001', 2, '=B2*3'], ['$5', 4, true]];
      sheet.tables.add('A1:C3', true).name = 'Orders_list';
      sheet.onChanged.add(() => Promise.resolve());
      sheet.activate();
      await context.sync();
    });
    const id = host.grid.sheets().find((s) => s.name === 'Orders')!.id;
    await host.grid.typed(id, 1, 1, '7');
    // As the grid's own menu does it.
    await (host.grid as unknown as { commands: { executeCommand(id: string, params: object): Promise<unknown> } }).commands.executeCommand('sheet.command.insert-row-by-range', { unitId: 'suanpan-workbook', subUnitId: id, range: { startRow: 0, endRow: 0, startColumn: 0, endColumn: 19 }, direction: 0 });
    host.grid.select(id, { row: 2, column: 0, rows: 1, columns: 3 });
    await host.idle();
    await excel.run(async (context) => {
      const [all, chosen] = [context.workbook.worksheets.getItem('Orders').getUsedRange(true), context.workbook.getSelectedRange()];
      all.load('values,formulas,address');
      chosen.load('address');
      const { tables } = context.workbook;
      tables.load('items/id,items/name');
      const property = context.workbook.worksheets.getItem('Orders').customProperties.getItem('role');
      property.load('value');
      const missing = context.workbook.worksheets.getItemOrNullObject('Nothing');
      missing.load('name');
      const count = tables.getCount();
      await context.sync();
      assert.equal(all.values[1]![2], 21, 'the person typed 7');
      assert.equal(count.value, 1);
      tables.items[0]!.rows.load('items/index');
      await context.sync();
    });
    await assert.rejects(excel.run(async (context) => { context.workbook.worksheets.getItem('Nothing').getRange('A1').values = [[1]]; await context.sync(); }));
  } finally {
    host.stop();
  }
  return lines;
}

describe('a recorded session', function () {
  this.timeout(120_000);
  let lines: Line[];
  before(async () => { lines = await session(); });

  it('holds size, operations and duration of each sync, and what a person did between', () => {
    const syncs = lines.filter((l) => 'sync' in l);
    assert.ok(syncs.length >= 5);
    assert.ok(syncs.some((s) => s.bytes > 200 && s.ops > 5 && s.steps.length > 3));
    assert.ok(syncs.every((s) => s.ms >= 0));
    assert.equal(syncs.filter((s) => s.error !== undefined).length, 1);
    assert.deepEqual(lines.flatMap((l) => ('did' in l ? [l.did] : [])).filter((d) => d === 'moved'), ['moved']);
  });
  it('runs again without a page and answers the same, ids given anew', async () => {
    const { replay, linesOf } = await headlessModule();
    const done = await replay(linesOf(lines.map((l) => JSON.stringify(l)).join('\n')));
    assert.deepEqual(done.differences, []);
    assert.equal(done.syncs, lines.filter((l) => 'sync' in l).length);
  });
  it('holds what was typed', () => assert.ok(lines.some((l) => 'did' in l && l.did === 'edit' && l.cells.some(([r, c, v]) => r === 1 && c === 1 && String(v) === '7'))));
  it('says where it differs: another figure, a person’s edit left out, a refusal that is gone', async () => {
    const { replay } = await headlessModule();
    const tampered = lines.filter((l) => !('did' in l && l.did === 'edit')).map((l) => ('sync' in l && l.error !== undefined ? { ...l, error: 'something else' } : l));
    const { differences } = await replay(tampered);
    assert.ok(differences.some((d) => d.what.startsWith('load values') && d.was.includes('21') && d.is.includes('6')), JSON.stringify(differences));
    assert.ok(differences.some((d) => d.what === 'refusal' && d.was === '"something else"'));
  });
  it('refuses what is no recording', async () => {
    const { replay } = await headlessModule();
    await assert.rejects(replay([]), /not a recording/);
  });
});
