import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Client } from '../../addin/client.ts';
import { ExcelPort } from '../../addin/excel/excel-port.ts';
import { cellOf, sameCell } from '../../addin/sheets/cells.ts';
import { Desk } from '../../addin/sheets/desk.ts';
import { draftsOf, draftsXml, type Draft } from '../../addin/sheets/drafts.ts';
import type { Headless } from '../../addin/workbench/headless.ts';
import { sheetByName } from '../../api/contract/sheets/index.ts';
import { headless } from '../support/headless.ts';

type Row = { id: string; revision: number; skuCode: string; name: string; warehouseCode: string; onHand: number; safetyStock: number; unitCostFen: number; gone?: boolean };
/** A service of one list: rows with revisions, changes since a cursor, publishing by revision. */
class Service {
  readonly rows = new Map<string, Row>();
  log: string[] = [];
  put(row: Omit<Row, 'revision'>): void { this.rows.set(row.id, { ...row, revision: (this.rows.get(row.id)?.revision ?? 0) + 1 }); this.log.push(row.id); }
  drop(id: string): void { this.rows.delete(id); }
  client(): Client {
    return {
      waiting: () => 0, file: () => Promise.reject(new Error('no files')), upload: () => Promise.reject(new Error('no files')),
      list: async (_noun: string, since: string | undefined) => {
        const ids = since === undefined ? [...this.rows.keys()] : [...new Set(this.log.slice(Number(since)))];
        return { rows: ids.flatMap((id) => (this.rows.has(id) ? [{ ...this.rows.get(id)! }] : [])), cursor: String(this.log.length), more: false };
      },
      call: async (name: string, input: { body: { batchId: string; rows: { id: string; cells: Record<string, unknown> }[] }; query?: { dryRun?: string } }) => {
        if (name === 'listOwnFields') return { fields: [], columns: {} };
        assert.equal(name, 'publishSheet');
        const rows = input.body.rows.map(({ id, cells }) => {
          const row = this.rows.get(id)!;
          const changes = Object.entries(cells).map(([column, after]) => ({ column, before: row.safetyStock, after }));
          if (input.query?.dryRun !== 'true') this.put({ ...row, safetyStock: Number(cells['safetyStock']) });
          return { id, revision: this.rows.get(id)!.revision, changes };
        });
        return { dryRun: false, batchId: input.body.batchId, rows, effects: [] };
      },
    } as unknown as Client;
  }
}
const item = (n: number, over: Partial<Row> = {}): Omit<Row, 'revision'> => ({ id: `HZ:S${n}`, skuCode: `S${n}`, name: `货品 ${n}`, warehouseCode: 'HZ', onHand: n * 3, safetyStock: n, unitCostFen: 100 * n + 1, ...over });
const STOCK = sheetByName('stock')!;
const OWN = '我的备注';
const FORMULA = '我的公式';

describe('a live sheet under the hands of a user', function () {
  this.timeout(300_000);
  let host: Headless;
  let service: Service;
  let desk: Desk;
  /** People rename it: the test knows it by its id. */
  let stockId: string;
  beforeEach(async () => {
    host = await headless();
    Object.assign(globalThis, { Excel: host.Excel, Office: host.Office, CustomFunctions: host.CustomFunctions });
    service = new Service();
    for (let n = 1; n <= 8; n += 1) service.put(item(n));
    desk = new Desk(new ExcelPort('zh'), service.client());
    await desk.start();
    await desk.open('stock');
    stockId = host.grid.sheets().find((s) => s.name === '库存')!.id;
  });
  afterEach(() => {
    host.stop();
    for (const name of ['Excel', 'Office', 'CustomFunctions']) delete (globalThis as Record<string, unknown>)[name];
  });
  const run = <T>(work: (context: Excel.RequestContext, sheet: Excel.Worksheet) => Promise<T>): Promise<T> => (host.Excel as unknown as typeof Excel).run(async (context) => work(context, context.workbook.worksheets.getItem(stockId)));
  const settle = async (): Promise<void> => { do await host.idle(); while (desk.state.busy !== ''); };
  type Seen = { header: number; titles: unknown[]; rows: Map<string, unknown[]>; at: (id: string, title: string) => unknown; address: (id: string, title: string) => [number, number] };
  const see = (): Promise<Seen> => run(async (context, sheet) => {
    const used = sheet.getUsedRange(true);
    used.load('values,rowIndex,columnIndex');
    await context.sync();
    const header = used.values.findIndex((l) => l.includes('货品编码') && l.includes('安全库存'));
    const titles = used.values[header]!;
    const idAt = titles.indexOf('id');
    const lines = used.values.slice(header + 1).map((l, i) => [i, l] as const).filter(([, l]) => l[idAt] !== '');
    const rows = new Map(lines.map(([, l]) => [String(l[idAt]), l]));
    return { header: used.rowIndex + header, titles, rows, at: (id, title) => rows.get(id)?.[titles.indexOf(title)], address: (id, title) => [used.rowIndex + header + 1 + lines.find(([, l]) => l[idAt] === id)![0], used.columnIndex + titles.indexOf(title)] };
  });
  /** A person types: the grid reports it as theirs. */
  const type = async (id: string, title: string, value: string | number): Promise<void> => {
    const [row, column] = (await see()).address(id, title);
    await host.grid.typed(stockId, row, column, value);
    await settle();
  };
  const own = async (): Promise<void> => {
    const { titles, header } = await see();
    const at = titles.length;
    await run(async (context, sheet) => {
      sheet.getCell(header, at).values = [[OWN]];
      sheet.getCell(header, at + 1).values = [[FORMULA]];
      for (let r = 0; r < 8; r += 1) {
        sheet.getCell(header + 1 + r, at).values = [[`note ${r}`]];
        sheet.getCell(header + 1 + r, at + 1).formulasR1C1 = [[`=RC[-${at + 1 - titles.indexOf('在库')}]*2`]];
      }
      await context.sync();
    });
  };
  const check = async (notes: ReadonlyMap<string, unknown>): Promise<void> => {
    const seen = await see();
    for (const [id, row] of service.rows) for (const column of STOCK.columns) {
      const got = seen.at(id, column.title.zh);
      assert.ok(sameCell(got as string, cellOf(column, row as never, 'zh')), `${id} ${column.key}: ${String(got)}`);
    }
    for (const [id, note] of notes) if (service.rows.has(id)) assert.equal(seen.at(id, OWN), note, `the note of ${id}`);
    for (const [id, row] of service.rows) assert.equal(seen.at(id, FORMULA), row.onHand * 2, `the formula of ${id}`);
  };

  /** All that is the person's own, by row and title, so that it can be told again wherever it is: looks, hidden columns and rows, order, filter, comments, conditional formats. */
  const mine = async (): Promise<{ readonly ids: string[]; readonly of: (ids: ReadonlySet<string>) => unknown }> => {
    const seen = await see();
    const ids = [...seen.rows.keys()];
    const titles = seen.titles.map(String).filter(Boolean);
    const name = (address: string): [string[], string] => {
      const [, from = 'A', top = '1', to = from, bottom = top] = /([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$/.exec(address)!;
      const column = [...from].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;
      return [ids.filter((id) => { const [row] = seen.address(id, '在库'); return row >= Number(top) - 1 && row <= Number(bottom) - 1; }), `${String(seen.titles[column])}${to === from ? '' : `…${to}`}`];
    };
    return run(async (context, sheet) => {
      const cells = ids.flatMap((id) => [OWN, '在库'].map((title) => ({ id, title, cell: sheet.getCell(...seen.address(id, title)) })));
      for (const { cell } of cells) cell.load('format/fill/color,format/font/bold,numberFormat,rowHidden');
      const columns = titles.map((title) => ({ title, cell: sheet.getCell(0, seen.address(ids[0]!, title)[1]) }));
      for (const { cell } of columns) cell.load('columnHidden');
      sheet.comments.load('items/content');
      const formats = sheet.getUsedRange(true).conditionalFormats;
      formats.load('items/type');
      sheet.autoFilter.load('isDataFiltered,criteria');
      await context.sync();
      const comments = sheet.comments.items.map((c) => ({ words: c.content, at: c.getLocation() }));
      const rules = formats.items.map((f) => ({ type: f.type, at: f.getRange() }));
      for (const { at } of [...comments, ...rules]) at.load('address');
      await context.sync();
      return {
        ids,
        of: (kept) => ({
          order: ids.filter((id) => kept.has(id)), looks: cells.filter(({ id }) => kept.has(id)).map(({ id, title, cell }) => [id, title, cell.format.fill.color, cell.format.font.bold, cell.numberFormat[0]![0], cell.rowHidden]),
          hidden: columns.filter(({ cell }) => cell.columnHidden).map(({ title }) => title), filtered: sheet.autoFilter.isDataFiltered, criteria: JSON.stringify(sheet.autoFilter.criteria),
          comments: comments.map(({ words, at }) => { const [rows, title] = name(at.address); return [words, rows.filter((id) => kept.has(id)), title]; }).filter(([, rows]) => rows!.length > 0), rules: rules.map(({ type, at }) => { const [rows, title] = name(at.address); return [type, rows.filter((id) => kept.has(id)), title]; }),
        }),
      };
    });
  };
  it('whatever a person does between refreshes, our cells are right and theirs are untouched', async function () {
    await own();
    const first = await see();
    const notes = new Map([...first.rows.keys()].map((id) => [id, first.at(id, OWN)]));
    let next = 9;
    const work: Readonly<Record<string, (pick: number) => Promise<void>>> = {
      sort: (pick) => run(async (context, sheet) => {
        const { titles, header, rows } = await see();
        sheet.getRangeByIndexes(header + 1, 0, rows.size, titles.length).sort.apply([{ key: titles.indexOf(['货品编码', '在库', OWN][pick % 3]!), ascending: pick % 2 === 0 }]);
        await context.sync();
      }),
      insertAbove: () => run(async (context, sheet) => { sheet.getRange('1:1').insert('Down'); await context.sync(); }),
      insertColumn: (pick) => run(async (context, sheet) => { sheet.getRangeByIndexes(0, 3 + (pick % 5), 1, 1).getEntireColumn().insert('Right'); await context.sync(); }),
      rename: (pick) => run(async (context, sheet) => { sheet.name = `我的库存${pick}`; await context.sync(); }),
      copy: () => run(async (context, sheet) => { sheet.copy('Beginning'); await context.sync(); }),
      hide: (pick) => run(async (context, sheet) => { sheet.getRangeByIndexes(0, 4 + (pick % 4), 1, 1).getEntireColumn().columnHidden = true; await context.sync(); }),
      paint: async (pick) => { const { rows, address } = await see(); const [row, column] = address([...rows.keys()][pick % rows.size]!, pick % 2 ? OWN : '在库'); await run(async (context, sheet) => { const { format } = sheet.getCell(row, column); format.fill.color = '#ABCDEF'; format.font.bold = true; await context.sync(); }); },
      comment: async (pick) => { const { rows, address } = await see(); const at = address([...rows.keys()][pick % rows.size]!, pick % 2 ? OWN : '在库'); await run(async (context, sheet) => { const cell = sheet.getCell(...at); cell.load('address'); sheet.comments.load('items/content'); await context.sync(); const said = sheet.comments.items.map((c) => c.getLocation()); for (const s of said) s.load('address'); await context.sync(); if (!said.some((s) => s.address === cell.address)) sheet.comments.add(cell.address, `问 ${pick}`); await context.sync(); }); },
      rule: (pick) => run(async (context, sheet) => { const { titles, header, rows } = await see(); const made = sheet.getRangeByIndexes(header + 1, titles.indexOf('在库'), rows.size, 1).conditionalFormats.add('CellValue'); made.cellValue.format.fill.color = '#FF0000'; made.cellValue.rule = { formula1: String(pick), operator: 'LessThan' }; await context.sync(); }),
      filter: (pick) => run(async (context, sheet) => { const { titles, header, rows } = await see(); const ids = [...rows.keys()]; sheet.autoFilter.apply(sheet.getRangeByIndexes(header, 0, rows.size + 1, titles.length), titles.indexOf('货品编码'), { filterOn: 'Values', values: ids.filter((_, i) => i !== pick % ids.length).map((id) => id.slice(3)) }); await context.sync(); }),
      changed: async (pick) => { const id = [...service.rows.keys()][pick % service.rows.size]!; service.put({ ...service.rows.get(id)!, onHand: pick * 7, name: `改名 ${pick}` }); },
      added: async () => { service.put(item(next)); next += 1; },
    };
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...Object.keys(work)), fc.nat(20)), { minLength: 1, maxLength: 5 }), async (steps) => {
      for (const [name, pick] of steps) await work[name]!(pick);
      const before = await mine();
      await desk.refresh('stock');
      await settle();
      await check(notes);
      const after = await mine();
      const kept = new Set(before.ids.filter((id) => after.ids.includes(id)));
      assert.deepEqual(after.of(kept), before.of(kept), 'theirs is as it was');
    }), { numRuns: Number(process.env['RUNS'] ?? 8), endOnFailure: true });
    assert.ok((await run(async (context) => { context.workbook.worksheets.load('items'); await context.sync(); return context.workbook.worksheets.items.length; })) >= 2);
  });
  it('a refresh writes only the cells that changed', async () => {
    const written: number[] = [];
    const { write } = host.grid;
    service.put({ ...service.rows.get('HZ:S3')!, onHand: 99 });
    host.grid.write = (...args) => { for (const line of args[1].values()) for (const cell of line.values()) if (cell.value !== undefined || cell.formula !== undefined) written.push(1); write.call(host.grid, ...args); };
    await desk.refresh('stock');
    host.grid.write = write;
    assert.equal(written.length, 2, 'the figure, and the line above the table');
    assert.equal((await see()).at('HZ:S3', '在库'), 99);
  });
  it('a row that the service no longer has is marked, then goes at the next refresh, with nothing else moved', async () => {
    await own();
    const before = await see();
    const notes = new Map([...before.rows.keys()].map((id) => [id, before.at(id, OWN)]));
    service.drop('HZ:S2');
    // Another session: it reads the whole again.
    const again = new Desk(new ExcelPort('zh'), service.client());
    await again.refresh('stock');
    assert.ok((await see()).rows.has('HZ:S2'));
    await again.refresh('stock');
    assert.ok(!(await see()).rows.has('HZ:S2'));
    await check(notes);
  });
  it('a cell that cannot be read has a note with the reason, which goes when the cell is right', async () => {
    const [row, column] = (await see()).address('HZ:S3', '安全库存');
    const note = (): Promise<string | undefined> => run(async (context, sheet) => {
      const found = sheet.notes.getItemOrNullObject(`${String.fromCharCode(65 + column)}${row + 1}`);
      found.load('content');
      await context.sync();
      return found.isNullObject ? undefined : found.content;
    });
    await type('HZ:S3', '安全库存', '十二箱');
    assert.equal(await note(), desk.state.drafts[0]!.problem!.words);
    await type('HZ:S3', '安全库存', 'many');
    assert.match((await note())!, /many/);
    await type('HZ:S3', '安全库存', 12);
    assert.equal(await note(), undefined);
    assert.deepEqual(desk.state.drafts.map((d) => [d.value, d.problem]), [[12, undefined]]);
  });
  it('a long refresh tells how far it is, is stopped, and goes on at the next one; what is typed meanwhile is a draft', async () => {
    for (let n = 9; n <= 2_600; n += 1) service.put(item(n));
    const counts: number[] = [];
    let typed: Promise<void> | undefined;
    const unlisten = desk.listen(() => {
      if (desk.state.total === 0 || desk.state.busy === '') return;
      counts.push(desk.state.progress);
      typed ??= see().then(async (seen) => { const [row, column] = seen.address('HZ:S2', '安全库存'); await host.grid.typed(stockId, row, column, 77); });
      if (desk.state.progress >= 1_500) desk.cancel();
    });
    await desk.refresh('stock');
    unlisten();
    await typed;
    await settle();
    assert.equal((await see()).rows.size, 8 + counts.at(-1)!);
    assert.ok(counts.length >= 3 && counts.at(-1)! < 2_600, counts.join());
    assert.deepEqual(desk.state.drafts.map((d) => [d.id, d.value]), [['HZ:S2', 77]]);
    await desk.refresh('stock');
    const seen = await see();
    assert.equal(seen.rows.size, 2_600);
    assert.equal(seen.at('HZ:S2', '安全库存'), 77);
    for (const id of ['HZ:S9', 'HZ:S1499', 'HZ:S1501', 'HZ:S2600']) assert.equal(seen.at(id, '在库'), service.rows.get(id)!.onHand);
    await desk.discard();
  });
  it('a sheet that is renamed at any moment while an edit is read keeps the edit', async () => {
    const [row, column] = (await see()).address('HZ:S2', '安全库存');
    for (let turns = 0; turns < 24; turns += 1) {
      await host.grid.typed(stockId, row, column, 100 + turns);
      for (let i = 0; i < turns; i += 1) await turn();
      host.grid.renameSheet(stockId, `库存 ${turns}`);
      await settle();
      assert.deepEqual(desk.state.drafts.map((d) => [d.id, d.value]), [['HZ:S2', 100 + turns]], `renamed after ${turns} turns`);
    }
  });
  it('drafts are kept in the workbook by row and revision, go on in another session, and a refresh leaves them', async () => {
    await type('HZ:S2', '安全库存', 20);
    await type('HZ:S3', '安全库存', '12箱');
    assert.deepEqual(desk.state.drafts.map((d) => [d.id, d.column, d.revision, d.value, d.before, d.problem?.code]), [['HZ:S2', 'safetyStock', 1, 20, 2, undefined], ['HZ:S3', 'safetyStock', 1, '12箱', 3, 'not_a_number']]);
    const again = new Desk(new ExcelPort('zh'), service.client());
    await again.start();
    assert.deepEqual(again.state.drafts, desk.state.drafts);
    service.put({ ...service.rows.get('HZ:S2')!, safetyStock: 7 });
    await again.refresh('stock');
    assert.equal((await see()).at('HZ:S2', '安全库存'), 20);
  });
  it('a publish can be taken back: what was there stands as drafts, and publishing them restores it', async () => {
    await type('HZ:S2', '安全库存', 20);
    const preview = await desk.preview('stock');
    assert.ok(preview && (await desk.publish(preview)));
    assert.equal(service.rows.get('HZ:S2')!.safetyStock, 20);
    await desk.undoPublish();
    assert.deepEqual(desk.state.drafts.map((d) => [d.id, d.value, d.before, d.revision]), [['HZ:S2', 2, 20, 2]]);
    assert.equal((await see()).at('HZ:S2', '安全库存'), 2);
    const back = await desk.preview('stock');
    assert.ok(back && (await desk.publish(back)));
    assert.equal(service.rows.get('HZ:S2')!.safetyStock, 2);
    assert.deepEqual(desk.state.drafts, []);
  });
  it('any drafts come back from their XML as they were', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map((s) => s.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/g, ''));
    fc.assert(fc.property(fc.array(fc.record({ sheet: fc.constantFrom('orders', 'stock'), id: text, column: fc.constantFrom('memo', 'review'), revision: fc.nat(), value: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), before: fc.oneof(text, fc.constant(null)) }, { noNullPrototype: true })), (drafts) => assert.deepEqual(draftsOf(draftsXml(drafts as Draft[])), drafts)));
  });
});
